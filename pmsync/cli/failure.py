"""The one boundary at which errors become text and an exit code.

Whatever happens, the user sees what happened, where, and what to do. A traceback is shown only with -vv,
without the values of variables, and with everything that could be a secret taken out.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from typing import Final

import click

from pmsync.cli.interrupts import Interrupted
from pmsync.cli.network import proxy_secrets
from pmsync.cli.output import error_width
from pmsync.cli.settings import GlobalOptions
from pmsync.cli.usage import in_words
from pmsync.errors import PmsyncError
from pmsync.exit_codes import ExitCode
from pmsync.views.errors_text import error_line, error_text, wrapped
from pmsync.views.escape import line

_QUERY: Final = re.compile(r"\?[^\s'\"<>]*x-amz-[^\s'\"<>]*", re.IGNORECASE)


def told(error: BaseException, options: GlobalOptions) -> int:
    """Say what happened on stderr; the exit code that it means."""
    error = _system_says_no(error) or error
    match error:
        case PmsyncError():
            _say_error(error, options)
            return error.exit_code
        case click.UsageError():
            _say_usage(error)
            return ExitCode.USAGE
        case click.ClickException():
            _say(_line(f"error: {error.format_message()}"))
            return ExitCode.FAILED
        case Interrupted():
            _say("interrupted\n")
            return error.exit_code
        case KeyboardInterrupt() | click.Abort():
            _say("interrupted\n")
            return ExitCode.INTERRUPTED
        case _:
            _say(_bug(error, with_trace=options.verbose >= 2))
            return ExitCode.FAILED


def redacted(text: str) -> str:
    """The text without any upload URL's query, and without keys and proxies' passwords of the environment."""
    for name, value in os.environ.items():
        if name.startswith("PMSYNC_API_KEY") and len(value.strip()) > 3:
            text = text.replace(value.strip(), "***")
    for secret in proxy_secrets(os.environ):
        if len(secret) > 3:
            text = text.replace(secret, "***")
    return _QUERY.sub("?***", text)


def _system_says_no(error: BaseException) -> PmsyncError | None:
    """What no room foresaw and yet is no bug: a disk that is full, a folder that is gone, no memory left.

    The error's own words may hold anything; the system's word for it, and the file, do not.
    """
    hint = "what was done up to here is in the state: mend that, and run the same command again"
    if isinstance(error, MemoryError):
        return PmsyncError("there is not enough memory for this", hint=hint)
    if not isinstance(error, OSError) or error.errno is None:
        return None
    named = isinstance(error.filename, str | bytes)
    where = redacted(os.fsdecode(error.filename)) if named else None
    reason = redacted(error.strerror or os.strerror(error.errno))
    return PmsyncError(f"the system says no: {reason[:1].lower()}{reason[1:]}", where=where, hint=hint)


def _say_error(error: PmsyncError, options: GlobalOptions) -> None:
    if options.log_format == "json":
        _say(error_line(error))
        return
    _say(error_text(error, width=error_width()))


def _say_usage(error: click.UsageError) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        _say(f"{error.format_message()}\n")
        return
    if error.ctx is not None:
        _say(f"{error.ctx.get_usage()}\n")
        _say(f"Try '{error.ctx.command_path} --help' for help.\n\n")
    for one in wrapped(_line(f"error: {in_words(error)}").rstrip("\n"), error_width()):
        _say(f"{one}\n")


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _line(text: str) -> str:
    return f"{line(text)}\n"


def _bug(error: BaseException, *, with_trace: bool) -> str:
    where = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(where[-1].filename)}:{where[-1].lineno}" if where else ""
    words = (
        f"error: this is a bug in pmsync, not in your files: {type(error).__name__}{place}. "
        "What was done up to here is in the state, so the same command can be run again. "
    )
    if with_trace:
        return f"{words}Please report it with the lines below.\n{redacted(_trace(error))}"
    return f"{words}Please report it with what -vv prints.\n"


def _trace(error: BaseException) -> str:
    """The frames, without locals, and every message in one harmless line."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=False)
    return "".join(f"{line(one)}\n" for text in shown.format() for one in text.splitlines())
