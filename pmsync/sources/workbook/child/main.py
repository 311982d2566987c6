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

from .kinds import kind_of
from .limits import allow_seconds, confine, seconds_for
from .refused import Refused
from .table import Table, read_table

_STDIN: Final = 0

_NAMED: Final = 5
"""Sheets that are named; the rest is counted."""


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
    """Load what is otherwise loaded where it is met first: dates, and the codecs of names."""
    importlib.import_module("datetime")
    for codec in ("cp437", "utf-16-le"):
        "".encode(codec)


def _answer(out: BinaryIO, data: bytes) -> None:
    _end_with_the_parent(on=True)
    answer = answer_to(data)
    _end_with_the_parent(on=False)
    out.write(json.dumps(answer).encode() + b"\n")
    out.flush()


def answer_to(data: bytes) -> dict[str, object]:
    """What is said of a workbook: its kind, and its table or its fault."""
    answer: dict[str, object] = {}
    try:
        answer["kind"] = kind = kind_of(data)
        answer |= _said(read_table(data, kind))
    except Refused as refused:
        answer |= {"fault": refused.fault, "sheets": refused.sheets, **refused.numbers}
    except MemoryError:
        answer["fault"] = "memory"
    except BaseException:  # noqa: BLE001 - the library's Rust code panics with what is no Exception
        answer["fault"] = "unreadable"
    return answer


def _said(table: Table) -> dict[str, object]:
    answer: dict[str, object] = {"rows": table.rows, "header": table.header}
    if table.beyond:
        answer["beyond"] = table.beyond
    if table.errors.count:
        row, column = table.errors.first
        answer["errors"] = [table.errors.count, row + 1, column + 1]
    if table.others:
        answer["others"] = [len(table.others), *table.others[:_NAMED]]
    return answer


def _end_with_the_parent(*, on: bool) -> None:
    """Let the kernel end this process when the other end of the pipe is closed, while nobody reads from it.

    SIGIO, for whose default action no line of Python must run; macOS ignores it, and there an orphan ends
    when it has answered, or used up its time.
    """
    flags = fcntl.fcntl(_STDIN, fcntl.F_GETFL) & ~os.O_ASYNC
    fcntl.fcntl(_STDIN, fcntl.F_SETFL, flags | (os.O_ASYNC if on else 0))
    if on and select.select([_STDIN], [], [], 0)[0]:  # nothing more is sent before the answer: it was closed
        sys.exit()
