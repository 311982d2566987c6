"""The API host: paths, methods, status codes and JSON around the behaviour in tenant.

Each endpoint is one function from a Call to a Reply; the paths, singular and plural, are the reference's.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pmsync.emulator.asked import LARGEST_BODY, NewDatatable, NewNode, UploadQuery
from pmsync.emulator.errors import Conflict, Invalid, NotFound, Refusal
from pmsync.emulator.history import History
from pmsync.emulator.observing import CONTROL, VERSION, Observed, exchange_of
from pmsync.emulator.shapes import (
    dataset_details_json,
    dataset_json,
    datatable_details_json,
    datatable_json,
    tenant_json,
)
from pmsync.emulator.tenant import Tenant
from pmsync.emulator.uploads import UploadTarget, UploadUrls
from pmsync.emulator.world import World

_STATUS: dict[type[Refusal], int] = {NotFound: 404, Invalid: 400, Conflict: 409}


@dataclass(frozen=True, slots=True)
class Call:
    """One request of an endpoint, read but not judged. `ids` is what the history will say it was about."""

    tenant: Tenant
    tree: bool
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    ids: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answers."""

    content: Any
    status: int = 200


Endpoint = Callable[[Call], Reply]


def _tenant(call: Call) -> Reply:
    return Reply(tenant_json(call.tenant.details()))


def _datasets(call: Call) -> Reply:
    return Reply([dataset_json(node, tree=call.tree) for node in call.tenant.nodes()])


def _create_dataset(call: Call) -> Reply:
    wanted = NewNode.of_body(call.body)
    node = call.tenant.create_node(wanted.name, kind=wanted.kind, parent_id=wanted.parent_id)
    call.ids["datasetId"] = node.id
    return Reply(dataset_json(node, tree=call.tree), 201)


def _dataset(call: Call) -> Reply:
    node = call.tenant.node(call.path["datasetId"])
    return Reply(dataset_details_json(node, call.tenant.datatables_of(node.id), tree=call.tree))


def _delete_dataset(call: Call) -> Reply:
    call.tenant.delete_node(call.path["datasetId"])
    return Reply({"success": True})


def _datatables(call: Call) -> Reply:
    return Reply([datatable_json(table) for table in call.tenant.datatables()])


def _create_datatable(call: Call) -> Reply:
    wanted = NewDatatable.of_body(call.body)
    table = call.tenant.create_datatable(call.path["datasetId"], wanted.name)
    call.ids["datatableId"] = table.id
    return Reply(datatable_json(table), 201)


def _datatable(call: Call) -> Reply:
    table = call.tenant.datatable(call.path["datatableId"])
    return Reply(datatable_details_json(table, call.tenant.columns(table.id)))


def _upload_url(urls: UploadUrls) -> Endpoint:
    def answer(call: Call) -> Reply:
        wanted = UploadQuery.of_query(call.query)
        table = call.tenant.known_datatable(call.path["datatableId"])
        call.ids["datasetId"] = table.dataset_id
        if table.dataset_id != wanted.dataset_id:
            raise NotFound(f"Dataset {wanted.dataset_id} has no datatable {table.id}")
        target = UploadTarget(call.tenant.id, table.id, wanted.file_name)
        return Reply({"PreSignedUploadUrl": urls.issue(target, valid_for=wanted.valid_for)})

    return answer


def api_application(world: World, urls: UploadUrls, history: History) -> ASGIApp:
    """The API host as an ASGI application."""
    tenant, dataset, datatable = "/tenant/{tenantId}", "/datasets/{datasetId}", "/datatable/{datatableId}"
    endpoints: list[tuple[str, str, Endpoint]] = [
        ("GET", tenant, _tenant),
        ("GET", tenant + "/datasets", _datasets),
        ("POST", tenant + "/datasets", _create_dataset),
        ("GET", tenant + dataset, _dataset),
        ("DELETE", tenant + dataset, _delete_dataset),
        ("GET", tenant + "/datatables", _datatables),
        ("POST", tenant + dataset + "/datatables", _create_datatable),
        ("GET", tenant + datatable, _datatable),
        ("GET", tenant + datatable + "/uploads/presignedurl", _upload_url(urls)),
    ]
    by_path: dict[str, dict[str, Endpoint]] = {}
    for method, path, endpoint in endpoints:
        by_path.setdefault(path, {})[method] = endpoint
    application = Starlette(
        routes=[
            *_control_routes(world, history),
            *(
                Route(path, _answering(world, methods), methods=list(methods))
                for path, methods in by_path.items()
            ),
        ],
        exception_handlers={HTTPException: _no_such_route, Exception: _failed},
    )
    application.router.redirect_slashes = False  # a path the reference does not have is a 404
    return Observed(_Locked(application, world), "api", history)


def _answering(world: World, methods: Mapping[str, Endpoint]) -> Callable[[Request], Awaitable[Response]]:
    """All endpoints of one path as a Starlette handler; the one place where refusals become answers."""

    async def answer(request: Request) -> Response:
        ids = exchange_of(request.scope).ids
        ids.update(request.path_params)
        try:
            call = Call(
                tenant=world.tenant(request.path_params["tenantId"]),
                tree=world.ground.settings.show_tree,
                path=request.path_params,
                query=request.query_params,
                body=await _body(request),
                ids=ids,
            )
            endpoint = methods["GET" if request.method == "HEAD" else request.method]
            # Counting the rows of waiting uploads may take long: nobody else shall wait for that.
            behind = world.ground.intake.is_waiting
            reply = await run_in_threadpool(endpoint, call) if behind else endpoint(call)
        except Refusal as refusal:
            return _message(_STATUS[type(refusal)], str(refusal))
        return JSONResponse(reply.content, reply.status)

    return answer


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LARGEST_BODY:
            raise Invalid(f"The request body is larger than {LARGEST_BODY} bytes")
    return bytes(body)


class _Locked:
    """Lets nobody in without an API key, except to the control endpoints."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._settings = world.ground.settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = dict(scope["headers"]).get(b"x-api-key")
        if scope["path"].startswith(CONTROL) or self._settings.accepts(key and key.decode("latin-1")):
            await self._app(scope, receive, send)
        else:
            await _message(401, "Missing or unknown API key")(scope, receive, send)


def _control_routes(world: World, history: History) -> list[Route]:
    async def health(_: Request) -> Response:
        return JSONResponse({"ready": True, "version": VERSION, "settings": world.ground.settings.public()})

    async def past(request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not since.isdecimal():
            return _message(400, "since must be a sequence number")
        return JSONResponse(history.as_json(int(since)))

    return [Route(CONTROL + "health", health), Route(CONTROL + "history", past)]


async def _no_such_route(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"message": error.detail}, error.status_code, dict(error.headers or {}))


async def _failed(_request: Request, _error: Exception) -> Response:
    """The emulator itself is at fault; Starlette raises the error again for the server to print."""
    return _message(500, "The emulator failed; its output says why")


def _message(status: int, text: str) -> JSONResponse:
    return JSONResponse({"message": text}, status)
