"""The control endpoints below /_pmsync/: for those who run an emulator, not for clients of the API.

They need no key and leave no trace in the history. What changes something is refused to web pages.
"""

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pmsync.emulator.asked import LARGEST_BODY
from pmsync.emulator.errors import EmulatorError, Invalid
from pmsync.emulator.faultjson import fault_json, read_faults
from pmsync.emulator.history import History
from pmsync.emulator.messages import Silence
from pmsync.emulator.script import Script
from pmsync.emulator.seed import seeds_of
from pmsync.emulator.surface import CONTROL, VERSION
from pmsync.emulator.world import World

Handler = Callable[[Request], Awaitable[Response]]


def control_routes(world: World, history: History, script: Script) -> list[Route]:
    """All of them, for the API host."""
    control = _Control(world, history, script)
    return [
        Route(CONTROL + "health", control.health),
        Route(CONTROL + "history", control.past),
        Route(CONTROL + "faults", control.left),
        Route(CONTROL + "faults", _guarded(control.add), methods=["POST"]),
        Route(CONTROL + "release", _guarded(control.release), methods=["POST"]),
        Route(CONTROL + "reset", _guarded(control.reset), methods=["POST"]),
        Route(CONTROL + "seed", _guarded(control.seed), methods=["POST"]),
    ]


class _Control:
    """What the control endpoints do."""

    def __init__(self, world: World, history: History, script: Script) -> None:
        self._world = world
        self._history = history
        self._script = script

    async def health(self, _: Request) -> Response:
        settings = self._world.ground.settings.public()
        return JSONResponse({"ready": True, "version": VERSION, "settings": settings})

    async def past(self, request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not since.isdecimal():
            return message(400, "since must be a sequence number")
        return JSONResponse(self._history.as_json(int(since)))

    async def left(self, _: Request) -> Response:
        return JSONResponse([fault_json(fault, seen) for fault, seen in self._script.left()])

    async def add(self, request: Request) -> Response:
        faults = read_faults(await body_of(request))
        self._script.add(*faults)
        return JSONResponse({"added": len(faults)}, 201)

    async def release(self, _: Request) -> Response:
        return JSONResponse({"released": await run_in_threadpool(self._script.release)})

    async def reset(self, _: Request) -> Response:
        self._script.clear()
        await run_in_threadpool(self._world.forget)
        self._history.clear()
        return JSONResponse({"reset": True})

    async def seed(self, request: Request) -> Response:
        seeds = seeds_of(await body_of(request), None)
        await run_in_threadpool(self._world.seed, seeds)
        return JSONResponse({"seeded": list(seeds)}, 201)


def _guarded(handler: Handler) -> Handler:
    """Only for programs: a web page that a developer looks at must not reset the emulator beside it."""

    async def answer(request: Request) -> Response:
        if "origin" in request.headers:
            return message(403, "Control endpoints take no requests from web pages")
        try:
            return await handler(request)
        except (Invalid, EmulatorError) as error:
            return message(400, str(error))
        except ClientDisconnect:
            return Silence()

    return answer


async def body_of(request: Request) -> bytes:
    """The whole body. Raises Invalid where it is too large."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LARGEST_BODY:
            raise Invalid(f"The request body is larger than {LARGEST_BODY} bytes")
    return bytes(body)


def message(status: int, text: str) -> JSONResponse:
    """An answer that says one thing."""
    return JSONResponse({"message": text}, status)
