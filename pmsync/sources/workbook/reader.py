"""Reads workbooks one after another, by one child process that is started anew after every fault.

A tenant may go by a file's name, so the name has to say what the child finds.
This module must not know how a workbook is laid out, nor what the child does to read it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from pmsync.errors import InputError
from pmsync.sources.columns import columns_of
from pmsync.sources.declared import Declared, Finding
from pmsync.sources.workbook.child.limits import MAX_FILE, seconds_for
from pmsync.sources.workbook.faults import refused, sheet_findings

if TYPE_CHECKING:
    from pmsync.sources.workbook.process import ReaderProcess

_KEPT: Final = 4 * 1024**2
"""Bytes of a workbook after which the child goes on to the next; beyond, starting one costs nothing beside
reading, and gives all the memory back."""

_PATIENCE: Final = 4
"""Seconds by the clock for each second of processor time: a busy machine must not look like a bad file."""


class Sheet(NamedTuple):
    """What the first sheet holds. `rows`: rows with a filled cell below the header."""

    rows: int
    columns: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


class WorkbookReader:
    """Reads workbooks while it is open; without one to read, nothing is started."""

    def __init__(self) -> None:
        self._process: ReaderProcess | None = None

    def read(self, declared: Declared, *, size: int, blocks: Iterable[bytes]) -> Sheet:
        """The first sheet of a workbook of `size` bytes; InputError if it cannot be read, or has no header.

        Should the blocks hold fewer bytes than that, the file shrank, and the answer is about what was there.
        """
        if problem := macros_by_name(declared):
            raise problem
        if size > MAX_FILE:
            raise refused(declared, {"fault": "file", "size": size})
        answer = self._asked(size, blocks)
        if problem := misnamed(declared, answer):
            raise problem
        match answer:
            case {"rows": int(rows), "header": list(cells)}:
                columns = columns_of([str(cell) for cell in cells], declared)
                return Sheet(rows, columns, sheet_findings(answer, columns))
            case _:
                self._stop()
                raise refused(declared, answer)

    def _asked(self, size: int, blocks: Iterable[bytes]) -> dict[str, object]:
        from pmsync.sources.workbook.process import (  # noqa: PLC0415 - only where there are any workbooks
            Ended,
            ReaderProcess,
        )

        try:
            self._process = self._process or ReaderProcess()
            line = self._process.ask(size, blocks, seconds=seconds_for(size) * _PATIENCE)
            if size > _KEPT:
                self._stop()
            return _answer(line)
        except Ended as end:
            return {"fault": end.fault, "signal": end.signal}
        except BaseException:  # the child now waits for bytes that never come
            self._stop()
            raise

    def _stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()


def _answer(line: bytes) -> dict[str, object]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        return {"fault": "garbage"}
    return answer if isinstance(answer, dict) else {"fault": "garbage"}


_KINDS: Final = (".xlsx", ".xls", ".xlsb")
_MACROS: Final = (".xlsm", ".xltm", ".xlam")
_ALL: Final = (*_KINDS, *_MACROS)


def is_workbook(path: str) -> bool:
    """Whether a name is that of an Excel workbook, one that can be loaded or not."""
    return path.lower().endswith(_ALL) and _suffix(path) in _ALL  # nearly none ends so: that is quick to see


def macros_by_name(declared: Declared) -> InputError | None:
    """The error for a name that stands for macros."""
    suffix = _suffix(declared.path)
    if suffix not in _MACROS:
        return None
    return declared.refused("PM230", f"is a workbook with macros ({suffix})", "save it as .xlsx")


def misnamed(declared: Declared, answer: Mapping[str, object]) -> InputError | None:
    """The error for a workbook of another kind than its name says."""
    kind, suffix = f".{answer.get('kind')}", _suffix(declared.path)
    if kind not in _KINDS or kind == suffix:
        return None
    return declared.refused(
        "PM235", f"is an {kind} workbook by its content", f"name it so, or save it as {suffix}"
    )


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()
