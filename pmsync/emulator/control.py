"""The control endpoints below /_pmsync/: for those who run an emulator, not for clients of the API.

They need no key and leave no trace in the history.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pmsync.emulator.history import History
from pmsync.emulator.surface import CONTROL, VERSION
from pmsync.emulator.world import World


def control_routes(world: World, history: History) -> list[Route]:
    """All of them, for the API host."""

    async def health(_: Request) -> Response:
        return JSONResponse({"ready": True, "version": VERSION, "settings": world.ground.settings.public()})

    async def past(request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not since.isdecimal():
            return message(400, "since must be a sequence number")
        return JSONResponse(history.as_json(int(since)))

    return [Route(CONTROL + "health", health), Route(CONTROL + "history", past)]


def message(status: int, text: str) -> JSONResponse:
    """An answer that says one thing."""
    return JSONResponse({"message": text}, status)
