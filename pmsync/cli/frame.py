"""The frame around every command: its options, its folder, its log, and how long it took.

It is put around a command's function by `lazy`, so that no command has to think of it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import click

from pmsync.cli import output
from pmsync.cli.settings import GlobalOptions, chosen
from pmsync.errors import PmsyncError, UsageProblem
from pmsync.views.escape import line, to_json

_LOG: Final = logging.getLogger("pmsync")
_LEVELS: Final = {0: logging.WARNING, 1: logging.INFO}


@contextlib.contextmanager
def frame(values: dict[str, Any]) -> Iterator[None]:
    """Around a command that gets these values; it finds its GlobalOptions as `obj`."""
    ctx = click.get_current_context()
    options = ctx.obj = chosen(ctx)
    with _folder(options.chdir), _log(options), _timed(options, ctx.command_path):
        try:
            yield
        except PmsyncError as error:
            _answer(error, values)
            raise


def _answer(error: PmsyncError, values: dict[str, Any]) -> None:
    """Whoever asked for JSON or a report gets it, whatever the exit code. Results come last: none is out."""
    if not values.get("reports") and values.get("format_") != "json":
        return
    from pmsync.views.errors_text import error_json, error_text  # noqa: PLC0415 - model.plan

    if values.get("format_") == "json":
        output.emit(error_json(error))
    reports = values.get("reports", ())
    if error.where in {path for _, path in reports}:
        return  # it is a report that cannot be written: those before it say what was done
    for form, path in reports:
        # The error itself is told whether or not its report can be written.
        with contextlib.suppress(PmsyncError):
            output.save(path, error_json(error) if form == "json" else error_text(error))


@contextlib.contextmanager
def _folder(path: str | None) -> Iterator[None]:
    """The working folder that `--chdir` names."""
    if path is None:
        yield
        return
    try:
        before = _here()
        os.chdir(path)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "no such path").lower()
        raise UsageProblem(f"cannot work in this folder: {reason}", where=path, hint="see --chdir") from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # it may be gone by now
            os.chdir(before)


def _here() -> str:
    """The working folder; the root where it was removed, as there is no way back to it."""
    try:
        return os.getcwd()
    except OSError:
        return os.sep


@contextlib.contextmanager
def _log(options: GlobalOptions) -> Iterator[None]:
    """What pmsync logs, on stderr. Loggers of libraries are not listened to: they know URLs and headers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Safe(options.log_format))
    _LOG.addHandler(handler)
    _LOG.setLevel(_LEVELS.get(options.verbose, logging.DEBUG))
    try:
        yield
    finally:
        _LOG.removeHandler(handler)


@contextlib.contextmanager
def _timed(options: GlobalOptions, command: str) -> Iterator[None]:
    began, cpu_began = time.monotonic(), time.process_time()
    try:
        yield
    finally:
        took, cpu = time.monotonic() - began, time.process_time() - cpu_began
        level = logging.WARNING if options.timings else logging.DEBUG
        _LOG.log(level, "timings: %s took %.2f s, %.2f s of them on the CPU", command, took, cpu)


class _Safe(logging.Formatter):
    """One harmless line for each message, without secrets."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        from pmsync.cli.failure import redacted  # noqa: PLC0415 - only where something is logged

        message = redacted(record.getMessage())
        if self._form == "json":
            fields = {"event": "log", "level": record.levelname.lower(), "message": message}
            return to_json(fields, indent=None)
        return line(message)
