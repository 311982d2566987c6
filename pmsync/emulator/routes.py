"""The API host: paths, methods, status codes and JSON around the behaviour in tenant.

Each endpoint is one function from a Call to a Reply; the paths, singular and plural, are the reference's.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pmsync.emulator.asked import NewDatatable, NewNode, UploadQuery
from pmsync.emulator.commits import Commits
from pmsync.emulator.control import body_of, control_routes, message
from pmsync.emulator.errors import Conflict, Invalid, NotFound, Refusal
from pmsync.emulator.gate import before_commit
from pmsync.emulator.history import Exchange, History
from pmsync.emulator.messages import Silence
from pmsync.emulator.observing import Observed, exchange_of
from pmsync.emulator.script import Script
from pmsync.emulator.shapes import (
    dataset_details_json,
    dataset_json,
    datatable_details_json,
    datatable_json,
    tenant_json,
)
from pmsync.emulator.surface import CONTROL
from pmsync.emulator.tenant import Tenant
from pmsync.emulator.uploads import UploadTarget, UploadUrls
from pmsync.emulator.world import World

_STATUS: dict[type[Refusal], int] = {NotFound: 404, Invalid: 400, Conflict: 409}


@dataclass(frozen=True, slots=True)
class Call:
    """One request of an endpoint, read but not judged. `exchange` is what the history will say of it."""

    tenant: Tenant
    tree: bool
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    exchange: Exchange


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
    call.exchange.name = wanted.name
    node = call.tenant.create_node(wanted.name, kind=wanted.kind, parent_id=wanted.parent_id)
    call.exchange.ids["datasetId"] = node.id
    call.exchange.made = [node.id]
    return Reply(dataset_json(node, tree=call.tree), 201)


def _dataset(call: Call) -> Reply:
    node = call.tenant.node(call.path["datasetId"])
    return Reply(dataset_details_json(node, call.tenant.datatables_of(node.id), tree=call.tree))


def _delete_dataset(call: Call) -> Reply:
    call.exchange.deleted = call.tenant.delete_node(call.path["datasetId"])
    return Reply({"success": True})


def _datatables(call: Call) -> Reply:
    return Reply([datatable_json(table) for table in call.tenant.datatables()])


def _create_datatable(call: Call) -> Reply:
    wanted = NewDatatable.of_body(call.body)
    call.exchange.name = wanted.name
    table = call.tenant.create_datatable(call.path["datasetId"], wanted.name)
    call.exchange.ids["datatableId"] = table.id
    call.exchange.made = [table.id]
    return Reply(datatable_json(table), 201)


def _datatable(call: Call) -> Reply:
    table = call.tenant.datatable(call.path["datatableId"])
    return Reply(datatable_details_json(table, call.tenant.columns(table.id)))


def _upload_url(urls: UploadUrls) -> Endpoint:
    def answer(call: Call) -> Reply:
        wanted = UploadQuery.of_query(call.query)
        table = call.tenant.known_datatable(call.path["datatableId"])
        call.exchange.ids["datasetId"] = table.dataset_id
        if table.dataset_id != wanted.dataset_id:
            raise NotFound(f"Dataset {wanted.dataset_id} has no datatable {table.id}")
        target = UploadTarget(call.tenant.id, table.id, wanted.file_name)
        return Reply({"PreSignedUploadUrl": urls.issue(target, valid_for=wanted.valid_for)})

    return answer


def api_application(world: World, urls: UploadUrls, *, history: History, script: Script) -> ASGIApp:
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
    commits = Commits(world, history, script)
    application = Starlette(
        routes=[
            *control_routes(world, history, script),
            *(
                Route(path, _answering(world, commits, methods), methods=list(methods))
                for path, methods in by_path.items()
            ),
        ],
        exception_handlers={HTTPException: _no_such_route, Exception: _failed},
    )
    application.router.redirect_slashes = False  # a path the reference does not have is a 404
    return Observed(_Locked(application, world), "api", history=history, script=script)


def _answering(
    world: World, commits: Commits, methods: Mapping[str, Endpoint]
) -> Callable[[Request], Awaitable[Response]]:
    """All endpoints of one path as a Starlette handler; the one place where refusals become answers."""

    async def answer(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        exchange.ids.update(request.path_params)
        try:
            body = await body_of(request)
            if request.method == "POST":
                exchange.body_sha256 = hashlib.sha256(body).hexdigest()
            if ended := await before_commit(request.scope, exchange):
                return ended
            call = Call(
                tenant=world.tenant(request.path_params["tenantId"]),
                tree=world.ground.settings.show_tree,
                path=request.path_params,
                query=request.query_params,
                body=body,
                exchange=exchange,
            )
            endpoint = methods["GET" if request.method == "HEAD" else request.method]
            step = partial(_reply, commits, endpoint, call)
            # Counting the rows of waiting uploads may take long: nobody else shall wait for that.
            reply = await run_in_threadpool(step) if world.ground.intake.is_waiting else step()
        except Refusal as refusal:
            return message(_STATUS[type(refusal)], str(refusal))
        except ClientDisconnect:
            return Silence()
        return JSONResponse(reply.content, reply.status)

    return answer


def _reply(commits: Commits, endpoint: Endpoint, call: Call) -> Reply:
    if call.exchange.method in {"POST", "DELETE"}:
        return commits.make(call.exchange, call.tenant.id, lambda: endpoint(call))
    return endpoint(call)


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
            await message(401, "Missing or unknown API key")(scope, receive, send)


async def _no_such_route(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"message": error.detail}, error.status_code, dict(error.headers or {}))


async def _failed(_request: Request, _error: Exception) -> Response:
    """The emulator itself is at fault; Starlette raises the error again for the server to print."""
    return message(500, "The emulator failed; its output says why")
