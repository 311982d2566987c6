"""The child's loop: a line with a size, that many bytes, and one line of JSON back; until the pipe ends.

This module must not know what is in a workbook.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import select
import sys
from typing import BinaryIO, Final

from .limits import allow_seconds, confine, seconds_for
from .refused import Refused
from .table import read_table

_STDIN: Final = 0


def main() -> None:
    """Serve until the parent closes the pipe, or is gone."""
    _load_all()
    confine()
    fcntl.fcntl(_STDIN, fcntl.F_SETOWN, os.getpid())
    while line := sys.stdin.buffer.readline(32):
        size = int(line)
        allow_seconds(seconds_for(size))
        data = sys.stdin.buffer.read(size)
        if len(data) < size:
            return
        _answer(sys.stdout.buffer, data)


def _load_all() -> None:
    """Load what is otherwise loaded where it is met first: dates, and archives' names in no UTF-8."""
    importlib.import_module("datetime")
    "".encode("cp437")


def _answer(out: BinaryIO, data: bytes) -> None:
    _end_with_the_parent(on=True)
    answer = answer_to(data)
    _end_with_the_parent(on=False)
    out.write(json.dumps(answer).encode() + b"\n")
    out.flush()


def answer_to(data: bytes) -> dict[str, object]:
    """What is said of a workbook: its rows and first row, or its fault."""
    try:
        rows, header = read_table(data)
    except Refused as refused:
        return {"fault": refused.fault, **refused.numbers}
    except MemoryError:
        return {"fault": "memory"}
    except BaseException:  # noqa: BLE001 - the library's Rust code panics with what is no Exception
        return {"fault": "unreadable"}
    return {"rows": rows, "header": header}


def _end_with_the_parent(*, on: bool) -> None:
    """Let the kernel end this process when the other end of the pipe is closed, while nobody reads from it.

    SIGIO, for whose default action no line of Python must run; macOS ignores it, and there an orphan ends
    when it has answered, or used up its time.
    """
    flags = fcntl.fcntl(_STDIN, fcntl.F_GETFL) & ~os.O_ASYNC
    fcntl.fcntl(_STDIN, fcntl.F_SETFL, flags | (os.O_ASYNC if on else 0))
    if on and select.select([_STDIN], [], [], 0)[0]:  # nothing more is sent before the answer: it was closed
        sys.exit()
