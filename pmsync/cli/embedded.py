"""The embedded tenant of an environment: its folder, its id, and the emulator running in this process."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pmsync.disk.private import Files
from pmsync.errors import PmsyncError
from pmsync.statestore.folder import StateFolder

EMULATOR_HOST = "emulator"
"""What the state of an embedded tenant is bound to: its port is another one at each start."""

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LARGEST_ID: Final = 64
_RESET: Final = "pmsync emulator reset begins with a new tenant"


def own_tenant(folder: str) -> str:
    """The id of the embedded tenant, drawn when its folder is made.

    Raises PmsyncError: it cannot be made or read, or is no id that was drawn.
    """
    files, path = Files(), os.path.join(folder, "tenant-id")
    try:
        if not files.exists(path):
            _draw(files, path)
        text = files.read(path, _LARGEST_ID).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as caught:
        reason = caught.strerror if isinstance(caught, OSError) else "it is no id"
        hint = "set PMSYNC_STATE_DIR to a folder that the user running pmsync may write to"
        raise PmsyncError(f"the embedded tenant cannot be used: {reason}", where=path, hint=hint) from None
    if not _UUID.fullmatch(text):
        raise PmsyncError("this is no id of an embedded tenant", where=path, hint=_RESET)
    return text


def _draw(files: Files, path: str) -> None:
    """Of two runs that draw at once the first one's id stays."""
    drawn = f"{path}.{uuid.uuid4().hex}"
    StateFolder(os.path.dirname(path), files).make()
    descriptor = files.create(drawn)
    try:
        files.write(descriptor, f"{uuid.uuid4()}\n".encode("ascii"))
        _name_it(files, drawn, path)
    finally:
        files.close(descriptor)
        files.discard(drawn)


def _name_it(files: Files, drawn: str, path: str) -> None:
    try:
        files.link(drawn, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        files.rename(drawn, path)


@contextmanager
def embedded(folder: str) -> Iterator[str]:
    """The embedded tenant, running in this process; its URL."""
    from pmsync.emulator import errors, server, settings  # noqa: PLC0415 - starlette and uvicorn

    data = Path(folder, "tenant")
    try:
        with server.running(settings.Settings(data=data, show_tree=True)) as emulator:
            yield emulator.api_url
    except errors.EmulatorError as caught:
        raise PmsyncError(str(caught), where=folder, hint=_RESET) from None
