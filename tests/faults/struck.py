"""The real command in a process whose disk is struck: run as `python -m faults.struck STRIKE ARGUMENTS…`.

STRIKE is `-` (somebody else strikes: strace), `CALL:N:HOW` (the N-th such call of pmsync's `Files` kills this
process or fails), or `size:BYTES` (no file may grow beyond that). In any case what the engine would do in
threads is done in one, because strace counts the calls of each thread by themselves and "the N-th" would mean
nothing. It must not know what is asked of the command.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, Self

METHODS: Final = {
    "openat": ("create", "read"),
    "write": ("write",),
    "fsync": ("sync", "sync_folder"),
    "rename": ("rename",),
    "unlink": ("discard",),
    "linkat": ("link",),
    "mkdir": ("make_folder",),
}
"""The system calls under the state, and the methods of `Files` that make them."""

STRUCK: Final = "PMSYNC_STRUCK"
"""Where the N-th call is noted: a file that is there once it was struck."""


class _OneThread:
    """A pool that does what it is given at once."""

    def __init__(self, max_workers: int) -> None:
        del max_workers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is left to wait for."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*arguments))
        except Exception as error:  # noqa: BLE001 - as a pool does
            done.set_exception(error)
        return done


def _strike(call: str, number: int, how: str) -> None:
    """Make the N-th call of the methods behind a system call kill this process or fail; `+`: all later too."""
    from pmsync.disk.private import Files  # noqa: PLC0415 - only where it is struck

    code = how.rstrip("+")
    counted = 0

    def struck(method: Callable[..., Any]) -> Callable[..., Any]:
        def call_it(self: Any, *arguments: Any) -> Any:
            nonlocal counted
            counted += 1
            if counted == number or (how.endswith("+") and counted > number):
                with open(os.environ[STRUCK], "w", encoding="ascii"):
                    pass
                if code == "SIGKILL":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(getattr(errno, code), os.strerror(getattr(errno, code)))
            return method(self, *arguments)

        return call_it

    for name in METHODS[call]:
        setattr(Files, name, struck(getattr(Files, name)))


def main(strike: str, arguments: list[str]) -> None:
    from pmsync.cli.main import main as command  # noqa: PLC0415
    from pmsync.engine import tools  # noqa: PLC0415

    tools.ThreadPoolExecutor = _OneThread  # type: ignore[assignment,misc]  # what the engine uses of one
    match strike.split(":"):
        case [call, number, how]:
            _strike(call, int(number), how)
        case ["size", size]:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), resource.RLIM_INFINITY))
    sys.argv = ["pmsync", *arguments]
    command()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
