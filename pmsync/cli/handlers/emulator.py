"""`pmsync emulator start`: the stand-in tenant for any client of the API, until it is stopped."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pmsync.cli import output
from pmsync.emulator.errors import EmulatorError
from pmsync.emulator.server import RunningEmulator, serve_until_stopped
from pmsync.emulator.settings import Settings
from pmsync.errors import UsageProblem


def start(*, data: str, seed: str | None, **options: Any) -> None:
    """Answer until stopped. Raises UsageProblem where the emulator cannot be what was asked for."""
    try:
        settings = Settings(
            data=None if data == ":memory:" else Path(data),
            seed=Path(seed) if seed else None,
            extra_key=os.environ.get("PMSYNC_API_KEY"),
            **options,
        )
        serve_until_stopped(settings, lambda running: output.emit(_told(running)))
    except EmulatorError as error:
        raise UsageProblem(str(error)) from error


def _told(running: RunningEmulator) -> str:
    return (
        f"emulator, nothing real is touched\n"
        f"API:    {running.api_url}\n"
        f"bucket: {running.bucket_url}\n\n"
        f"Try:\n  curl -H 'x-api-key: pmsync-local' {running.api_url}/tenant/any/datasets\n\n"
        "Stop it with Ctrl-C.\n"
    )
