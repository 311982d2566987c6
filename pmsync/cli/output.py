"""Streams: results go to stdout, everything else to stderr; colour, width and progress as they fit there.

Nothing live is drawn where `CI` is set, as CI keeps every control character. It must not know what is
shown.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from pmsync.errors import PmsyncError

if TYPE_CHECKING:
    from pmsync.cli.settings import GlobalOptions
    from pmsync.model.events import Observer
    from pmsync.views.lines import Look

_WITHOUT_TERMINAL = (100, 24)
_NARROWEST = 40
_OFF = {"", "0", "false", "no", "off"}


def look(options: GlobalOptions, stream: TextIO | None = None) -> Look:
    """How text is to look on a stream (stdout): as wide as the terminal, in colour if that is wanted.

    Where there is no terminal, nothing is shortened.
    """
    from pmsync.views.lines import Look  # noqa: PLC0415 - only what prints needs rich

    width = shutil.get_terminal_size(_WITHOUT_TERMINAL).columns
    there = stream or sys.stdout
    return Look(
        width=max(width, _NARROWEST), colour=_coloured(options.color, there), whole=not there.isatty()
    )


def look_of_file(options: GlobalOptions) -> Look:
    """How text is to look in a file: the same whatever terminal asked for it."""
    from pmsync.views.lines import Look  # noqa: PLC0415 - only what prints needs rich

    return Look(width=_WITHOUT_TERMINAL[0], colour=options.color == "always", whole=True)


def _coloured(choice: str, stream: TextIO) -> bool:
    """`--color` first, then NO_COLOR and FORCE_COLOR, then whether anybody looks."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if _set("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _set(name: str) -> bool:
    return os.environ.get(name, "").lower() not in _OFF


def may_ask() -> bool:
    """Whether a person sits at both ends: only then is anything asked."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not _set("CI")


def seen_together() -> bool:
    """Whether both streams end in one place (a terminal, or after 2>&1): nothing is said on both then."""
    return _place_of(sys.stdout) == _place_of(sys.stderr) is not None


def _place_of(stream: TextIO) -> tuple[int, int] | None:
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def told_as_it_goes(options: GlobalOptions) -> bool:
    """Whether what is done was told where the report goes, change by change."""
    return seen_together() and not options.quiet and options.log_format == "text"


def ask(question: str) -> str:
    """The answer of the person at the terminal, stripped; empty where there is none."""
    write_error(question)
    return sys.stdin.readline().strip()


@contextmanager
def progress(options: GlobalOptions) -> Iterator[Observer]:
    """The observer for a run: bars on a terminal, plain lines elsewhere, JSON lines, or warnings alone."""
    from pmsync.views.progress import JsonProgress, PlainProgress, warnings_alone  # noqa: PLC0415

    if options.quiet:
        yield warnings_alone(write_error)
    elif options.log_format == "json":
        yield JsonProgress(write_error, clock=time.monotonic)
    elif sys.stderr.isatty() and not _set("CI") and os.environ.get("TERM") != "dumb":
        from pmsync.views.progress_bars import BarProgress  # noqa: PLC0415 - rich's bars cost most

        colour = _coloured(options.color, sys.stderr)
        with BarProgress(sys.stderr, colour=colour, with_report=seen_together()) as bars:
            yield bars
    else:
        yield PlainProgress(write_error, clock=time.monotonic, with_report=seen_together())


def emit(text: str) -> None:
    """A result, on stdout."""
    sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")
    sys.stdout.flush()


def write_error(text: str) -> None:
    """Text for stderr as it is."""
    sys.stderr.write(text)
    sys.stderr.flush()


def warn(options: GlobalOptions, line: str) -> None:
    """A warning on stderr, unless it is to be very quiet."""
    from pmsync.views.errors_text import wrapped  # noqa: PLC0415 - only where there is one

    if options.quiet < 2:
        write_error("".join(f"{one}\n" for one in wrapped(line, error_width())))


def error_width() -> int:
    """Of the terminal that errors are shown on; 0: it is none, and lines stay whole."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns if sys.stderr.isatty() else 0
    except (OSError, ValueError):
        return 0


def save(path: str, text: str) -> None:
    """A result as a file, in place of one that is there; `+` before its name: at its end; `-`: stdout.

    Raises PmsyncError where it cannot be written.
    """
    from pmsync.disk.named import append_named, write_named  # noqa: PLC0415 - only where a file is asked for
    from pmsync.disk.refusals import Untrusted, why  # noqa: PLC0415 - as that

    if path == "-":
        emit(text)
        return
    name = path.removeprefix("+")
    write = write_named if name == path else append_named
    try:
        write(name, text.encode("utf-8", "backslashreplace"))
    except (OSError, Untrusted, ValueError) as caught:
        reason = "this is no path" if isinstance(caught, ValueError) else why(caught)
        what = f"it cannot be written: {reason}"
        folder = os.path.dirname(name) if isinstance(caught, FileNotFoundError) else ""
        hint = f"mkdir -p {shlex.quote(folder)}" if folder else "choose another file"
        raise PmsyncError(what, where=path, hint=hint) from None
