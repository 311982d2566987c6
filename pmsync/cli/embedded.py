"""The embedded tenant of an environment: its folder, its id, and the emulator running in this process."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pmsync.errors import PmsyncError

EMULATOR_HOST = "emulator"
"""What the state of an embedded tenant is bound to: its port is another one at each start."""


def own_tenant(folder: str) -> str:
    """The id of the embedded tenant, drawn when its folder is made."""
    path = Path(folder, "tenant-id")
    try:
        if not path.exists():
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_text(f"{uuid.uuid4()}\n", encoding="ascii")
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as caught:
        what = f"the embedded tenant's folder cannot be used: {type(caught).__name__}"
        raise PmsyncError(what, where=folder, hint="remove the folder to begin with a new tenant") from None


@contextmanager
def embedded(folder: str) -> Iterator[str]:
    """The embedded tenant, running in this process; its URL."""
    from pmsync.emulator.errors import EmulatorError  # noqa: PLC0415
    from pmsync.emulator.server import running  # noqa: PLC0415
    from pmsync.emulator.settings import Settings  # noqa: PLC0415

    try:
        with running(Settings(data=Path(folder, "tenant"), show_tree=True)) as emulator:
            yield emulator.api_url
    except EmulatorError as caught:
        hint = "remove the folder to begin with a new tenant"
        raise PmsyncError(str(caught), where=folder, hint=hint) from None
