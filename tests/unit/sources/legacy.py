"""Workbooks in the two binary formats, .xls (BIFF8) and .xlsb (BIFF12), written record by record.

A cell is what Python has for it: text, number, truth, date, time; `Fault` and `Formula` for what it has not.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from compounds import compound_of
from workbooks import relationships, xlsb_record, zip_of

FAULTS = {
    "#NULL!": 0x00,
    "#DIV/0!": 0x07,
    "#VALUE!": 0x0F,
    "#REF!": 0x17,
    "#NAME?": 0x1D,
    "#NUM!": 0x24,
    "#N/A": 0x2A,
}
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
_FORMATS = {"": 0, "date": 14, "time": 21, "moment": 22, "hours": 46}
"""Formats that Excel has by itself: a date, a time, both, hours beyond a day."""

Sheets = Mapping[str, Sequence[Sequence[object]]]


@dataclass(frozen=True)
class Fault:
    """A cell that holds an error."""

    text: str


@dataclass(frozen=True)
class Formula:
    """A cell with a formula, and the value that it had when it was saved."""

    value: object


@dataclass(frozen=True)
class Styled:
    """A cell that has a format and holds nothing."""


def serial(value: object, *, since_1904: bool = False) -> float:
    """A date or time as Excel counts it: days."""
    match value:
        case time():
            return (value.hour * 3600 + value.minute * 60 + value.second) / 86_400
        case timedelta():
            return value / timedelta(days=1)
        case datetime():
            return (value - _EPOCHS[since_1904]) / timedelta(days=1)
        case date():
            return serial(datetime(value.year, value.month, value.day), since_1904=since_1904)
    raise TypeError(value)


def _format_of(value: object) -> int:
    kinds = {time: "time", timedelta: "hours", datetime: "moment", date: "date"}
    return list(_FORMATS).index(kinds.get(type(value), ""))


# .xls


def xls_of(
    sheets: Sheets,
    *,
    states: Mapping[str, int] | None = None,
    kinds: Mapping[str, int] | None = None,
    since_1904: bool = False,
    encrypted: bool = False,
    extent: tuple[int, int] | None = None,
) -> bytes:
    """A workbook of BIFF8; `states` (1 hidden, 2 very hidden) and `kinds` (1 macros, 2 chart) by sheet.

    `extent`: rows and columns that each sheet says it has.
    """
    strings: dict[str, int] = {}
    bodies = [_xls_sheet(rows, strings, since_1904=since_1904, extent=extent) for rows in sheets.values()]
    head = [_biff(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6))]
    head += [_biff(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48))] if encrypted else []
    head += [_biff(0x0042, struct.pack("<H", 1200)), _biff(0x0022, struct.pack("<H", since_1904))]
    head += [_biff(0x00E0, struct.pack("<HHH", 0, at, 0) + bytes(14)) for at in _FORMATS.values()]
    tail = _xls_strings(strings) + _biff(0x000A, b"")
    names = [_biff(0x0085, bytes(4) + _xls_name(name, states or {}, kinds or {})) for name in sheets]
    place = sum(map(len, [*head, *names, tail]))
    listed = b""
    for name, body in zip(names, bodies, strict=True):
        listed += name[:4] + struct.pack("<I", place) + name[8:]
        place += len(body)
    return compound_of({"Workbook": b"".join([*head, listed, tail, *bodies])})


def _biff(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _xls_name(name: str, states: Mapping[str, int], kinds: Mapping[str, int]) -> bytes:
    return struct.pack("<BBBB", states.get(name, 0), kinds.get(name, 0), len(name), 1) + name.encode(
        "utf-16-le"
    )


def _xls_text(text: str) -> bytes:
    return struct.pack("<HB", len(text.encode("utf-16-le")) // 2, 1) + text.encode("utf-16-le")


def _xls_strings(strings: Mapping[str, int]) -> bytes:
    """The table of strings; a string is never cut by the end of a record here."""
    total = len(strings)
    chunks = [struct.pack("<II", total, total)]
    for text in strings:
        if len(chunks[-1]) + len(_xls_text(text)) > 8000:
            chunks.append(b"")
        chunks[-1] += _xls_text(text)
    return b"".join(_biff(0x003C if at else 0x00FC, chunk) for at, chunk in enumerate(chunks))


def _xls_sheet(
    rows: Sequence[Sequence[object]],
    strings: dict[str, int],
    *,
    since_1904: bool,
    extent: tuple[int, int] | None,
) -> bytes:
    height, width = extent or (len(rows), max(map(len, rows), default=0))
    records = [_biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))]
    records.append(_biff(0x0200, struct.pack("<IIHHH", 0, height, 0, width, 0)))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            place = struct.pack("<HH", row, column)
            records += _xls_cell(place, cell, strings, since_1904=since_1904)
    return b"".join([*records, _biff(0x000A, b"")])


def _xls_cell(place: bytes, cell: object, strings: dict[str, int], *, since_1904: bool) -> Iterable[bytes]:
    at = place + struct.pack("<H", _format_of(cell))
    match cell:
        case None:
            return
        case Styled():
            yield _biff(0x0201, at)
        case bool():
            yield _biff(0x0205, at + bytes([cell, 0]))
        case Fault(text):
            yield _biff(0x0205, at + bytes([FAULTS[text], 1]))
        case str():
            yield _biff(0x00FD, at + struct.pack("<I", strings.setdefault(cell, len(strings))))
        case int() if -(2**29) <= cell < 2**29:
            yield _biff(0x027E, at + struct.pack("<i", cell << 2 | 2))
        case int() | float():
            yield _biff(0x0203, at + struct.pack("<d", cell))
        case Formula(value):
            yield from _xls_formula(at, value)
        case _:
            yield _biff(0x0203, at + struct.pack("<d", serial(cell, since_1904=since_1904)))


def _xls_formula(at: bytes, value: object) -> Iterable[bytes]:
    result, text = b"\3\0\0\0\0\0\xff\xff", None
    match value:
        case bool():
            result = bytes([1, 0, value, 0, 0, 0, 0xFF, 0xFF])
        case Fault(fault):
            result = bytes([2, 0, FAULTS[fault], 0, 0, 0, 0xFF, 0xFF])
        case str() if value:
            result, text = b"\0\0\0\0\0\0\xff\xff", value
        case int() | float():
            result = struct.pack("<d", value)
    yield _biff(0x0006, at + result + struct.pack("<HIH", 0, 0, 3) + b"\x1e\1\0")
    if text is not None:
        yield _biff(0x0207, _xls_text(text))


# .xlsb


def xlsb_of(
    sheets: Sheets,
    *,
    states: Mapping[str, int] | None = None,
    since_1904: bool = False,
    extent: tuple[int, int] | None = None,
    **more: bytes,
) -> bytes:
    """A workbook of BIFF12; `states` (1 hidden, 2 very hidden) by sheet; `more` parts by name."""
    strings: dict[str, int] = {}
    places = {f"r{at}": f"worksheets/sheet{len(sheets) - at}.bin" for at in range(len(sheets))}
    links = {key: ("worksheet", place) for key, place in places.items()}
    links |= {"s": ("styles", "styles.bin"), "t": ("sharedStrings", "sharedStrings.bin")}
    parts: dict[str, str | bytes] = {
        "_rels/.rels": relationships({"r1": ("officeDocument", "xl/workbook.bin")}),
        "xl/_rels/workbook.bin.rels": relationships(links),
        "xl/workbook.bin": _xlsb_workbook(sheets, states or {}, since_1904=since_1904),
        "xl/styles.bin": _xlsb_styles(),
    }
    for place, rows in zip(places.values(), sheets.values(), strict=True):
        parts[f"xl/{place}"] = _xlsb_sheet(rows, strings, since_1904=since_1904, extent=extent)
    items = b"".join(xlsb_record(19, b"\0" + _wide(text)) for text in strings)
    count = struct.pack("<II", len(strings), len(strings))
    parts["xl/sharedStrings.bin"] = xlsb_record(159, count) + items + xlsb_record(160, b"")
    return zip_of({**parts, **more})


def _wide(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return struct.pack("<I", len(data) // 2) + data


def _xlsb_workbook(sheets: Sheets, states: Mapping[str, int], *, since_1904: bool) -> bytes:
    listed = [
        xlsb_record(156, struct.pack("<II", states.get(name, 0), at + 1) + _wide(f"r{at}") + _wide(name))
        for at, name in enumerate(sheets)
    ]
    properties = xlsb_record(153, struct.pack("<III", since_1904, 0, 0))
    begin, end = xlsb_record(131, b"") + properties + xlsb_record(143, b""), xlsb_record(144, b"")
    return begin + b"".join(listed) + end + xlsb_record(132, b"")


def _xlsb_styles() -> bytes:
    formats = [xlsb_record(47, struct.pack("<HH", 0, at) + bytes(12)) for at in _FORMATS.values()]
    begin = xlsb_record(278, b"") + xlsb_record(617, struct.pack("<I", len(formats)))
    return begin + b"".join(formats) + xlsb_record(618, b"") + xlsb_record(279, b"")


def _xlsb_sheet(
    rows: Sequence[Sequence[object]],
    strings: dict[str, int],
    *,
    since_1904: bool,
    extent: tuple[int, int] | None,
) -> bytes:
    height, width = extent or (len(rows), max(map(len, rows), default=0))
    records = [
        xlsb_record(129, b""),
        xlsb_record(148, struct.pack("<IIII", 0, max(0, height - 1), 0, max(0, width - 1))),
    ]
    records.append(xlsb_record(145, b""))
    for row, cells in enumerate(rows):
        records.append(xlsb_record(0, struct.pack("<II", row, 0) + bytes(9)))
        for column, cell in enumerate(cells):
            records += _xlsb_cell(column, cell, strings, since_1904=since_1904)
    return b"".join([*records, xlsb_record(146, b""), xlsb_record(130, b"")])


def _xlsb_cell(column: int, cell: object, strings: dict[str, int], *, since_1904: bool) -> Iterable[bytes]:
    at = struct.pack("<II", column, _format_of(cell))
    match cell:
        case None:
            return
        case Styled():
            yield xlsb_record(1, at)
        case bool():
            yield xlsb_record(4, at + bytes([cell]))
        case Fault(text):
            yield xlsb_record(3, at + bytes([FAULTS[text]]))
        case str():
            yield xlsb_record(7, at + struct.pack("<I", strings.setdefault(cell, len(strings))))
        case int() if -(2**29) <= cell < 2**29:
            yield xlsb_record(2, at + struct.pack("<i", cell << 2 | 2))
        case int() | float():
            yield xlsb_record(5, at + struct.pack("<d", cell))
        case Formula(value):
            yield _xlsb_formula(at, value)
        case _:
            yield xlsb_record(5, at + struct.pack("<d", serial(cell, since_1904=since_1904)))


def _xlsb_formula(at: bytes, value: object) -> bytes:
    formula = struct.pack("<HI", 0, 3) + b"\x1e\1\0" + struct.pack("<I", 0)
    match value:
        case bool():
            return xlsb_record(10, at + bytes([value]) + formula)
        case Fault(fault):
            return xlsb_record(11, at + bytes([FAULTS[fault]]) + formula)
        case int() | float():
            return xlsb_record(9, at + struct.pack("<d", value) + formula)
    return xlsb_record(8, at + _wide(str(value)) + formula)
