"""Listings: the live tenant (`ls`) and what is remembered (`state list`, `state show`), as text and JSON.

The rows come judged: a view puts them in columns. Nothing here compares anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, Final, assert_never

from msgspec import Struct
from msgspec.structs import fields

from pmsync.model.address import Address, Kind
from pmsync.model.listing import LiveThing, Standing
from pmsync.model.state import DatasetRecord, DatatableRecord, FolderRecord, Record, State, UploadRecord
from pmsync.views.escape import terminal, to_json
from pmsync.views.lines import (
    BLANK,
    MARGIN,
    Line,
    Look,
    Piece,
    Style,
    line,
    padded,
    paragraph,
    render,
    sentence,
    size_of,
)
from pmsync.views.quantities import count, size

LISTING_FORMAT: Final = "1.0"

_LIVE_WIDTHS: Final = (40, 40, 16, 36)
"""Of name, address, rows and id, where there is no terminal: the same whatever a tenant holds."""

_STATE_WIDTHS: Final = (9, 48, 36)

_SIGNS: Final = {
    Standing.MANAGED: (" ", Style.PLAIN),
    Standing.DRIFTED: ("~", Style.CHANGE),
    Standing.LEFTOVER: ("-", Style.CHANGE),
    Standing.UNMANAGED: ("?", Style.FAINT),
    Standing.GONE: ("!", Style.ALARM),
}


def live_text(where: str, things: Sequence[LiveThing], look: Look) -> str:
    """The live tree for people; `where` is the line that says which tenant it is."""
    body: list[Line] = []
    entries = _entries([_live_cells(thing) for thing in things], look, widths=_LIVE_WIDTHS, head=1)
    for thing, (first, *more) in zip(things, entries, strict=True):
        sign, style = _SIGNS[thing.standing]
        body += [line(Piece(sign, style), " ", first), *(line(text, indent=MARGIN) for text in more)]
    counts = Counter(thing.standing for thing in things)
    parts = [f"{counts[standing]:,} {standing.value}" for standing in Standing if counts[standing]]
    last = f"{', '.join(parts)}." if parts else "The tenant is empty."
    head = sentence(where, look, style=Style.STRONG)
    return render([*head, BLANK, *body, *([BLANK] if body else []), *sentence(last, look)], look)


def live_json(environment: str, tenant_id: str, things: Sequence[LiveThing]) -> str:
    """The live tree for programs: a flat list, each dataset before its datatables."""
    whole = {
        "formatVersion": LISTING_FORMAT,
        "environment": environment,
        "tenantId": tenant_id,
        "things": [_live_fields(thing) for thing in things],
    }
    return to_json(whole) + "\n"


def _live_fields(thing: LiveThing) -> dict[str, Any]:
    return {
        "kind": "datatable" if _is_datatable(thing) else "dataset",
        "standing": thing.standing.value,
        "address": thing.address or "",
        "id": thing.id,
        "displayName": thing.display_name,
        "folder": None if thing.folder is None else Address.folder(thing.folder).key,
        "datasetId": thing.dataset_id,
        "rows": thing.rows,
        "remark": thing.remark,
    }


def state_text(state: State, where: str, look: Look) -> str:
    """Every record in address order: kind, address, id, what there is to say; and `where` they are kept."""
    cells = [
        [record_kind(record), terminal(address), *map(terminal, _record_words(record))]
        for address, record in records(state)
    ]
    entries = _entries(cells, look, widths=_STATE_WIDTHS, head=2)
    body = [line(text) for entry in entries for text in entry]
    tail = f"lineage {state.lineage}, serial {state.serial}, {count(state.runs, 'run')}"
    said = [
        *sentence(tail, look, style=Style.FAINT),
        *sentence(f"in {terminal(where)}", look, style=Style.FAINT),
    ]
    return render([*body, *said], look)


def state_json(state: State, where: str) -> str:
    """All records by address, and the folder that they are kept in."""
    whole = {
        "formatVersion": LISTING_FORMAT,
        "lineage": state.lineage,
        "serial": state.serial,
        "tenantId": state.binding.tenant_id,
        "folder": where,
        "records": [_record_fields(address, record) for address, record in records(state)],
    }
    return to_json(whole) + "\n"


def record_text(address: str, record: Record, look: Look) -> str:
    """One record, a field a line."""
    pairs = [(key, _words(value)) for key, value in _record_fields(address, record).items()]
    width = max(size_of(key) for key, _ in pairs)
    return render([line(padded(key, width + MARGIN), terminal(value)) for key, value in pairs], look)


def record_json(address: str, record: Record) -> str:
    """One record for programs."""
    return to_json({"formatVersion": LISTING_FORMAT, **_record_fields(address, record)}) + "\n"


def records(state: State) -> Iterable[tuple[str, Record]]:
    """Folders, then everything else in address order."""
    yield from sorted(state.folders.items())
    shelves: tuple[dict[Any, Any], ...] = (
        dict(state.datasets),
        dict(state.datatables),
        dict(state.uploads),
    )
    yield from sorted((item for shelf in shelves for item in shelf.items()), key=lambda item: str(item[0]))


def record_kind(record: Record) -> str:
    """What a record is about, in a word."""
    match record:
        case FolderRecord():
            return "folder"
        case DatasetRecord():
            return "dataset"
        case DatatableRecord():
            return "datatable"
        case UploadRecord():
            return "source"
        case _:
            assert_never(record)


def _record_words(record: Record) -> list[str]:
    match record:
        case FolderRecord():
            return [record.id, record.origin.value]
        case DatasetRecord():
            origin = f"{record.origin.value}{', protected' if record.protect else ''}"
            return [record.id, f"{origin} '{record.display_name}'"]
        case DatatableRecord():
            return [record.id, f"{record.origin.value} '{record.display_name}'"]
        case UploadRecord():
            words = f"{count(record.rows, 'row')}, {size(record.size)}, {record.evidence.value}"
            return [record.sha256[:12], f"{words}, {record.uploaded_at}"]
        case _:
            assert_never(record)


def _entries(
    rows: Sequence[Sequence[str]], look: Look, *, widths: Sequence[int], head: int
) -> list[list[str]]:
    """The rows in one shape, whatever is in them.

    Whole: a line for each, in columns of these widths; what is longer moves only what comes after it. At a
    terminal: its first cells on a line, the others below it, wrapped.
    """
    if look.whole:
        return [[_in_columns(row, widths)] for row in rows]
    kinds = [max((size_of(row[index]) for row in rows), default=0) for index in range(head - 1)]
    return [
        _shown(
            [*map(padded, row, kinds), row[head - 1]],
            [cell for cell in row[head:] if cell],
            look.width - MARGIN,
        )
        for row in rows
    ]


def _in_columns(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [padded(cell, width) for cell, width in zip(row, widths, strict=False)]
    return (" " * MARGIN).join([*cells, *row[len(widths) :]]).rstrip()


def _shown(head: Sequence[str], cells: Sequence[str], width: int) -> list[str]:
    """The first cells, wrapped, and the others below them, further in."""
    text = (" " * MARGIN).join(head)
    start = size_of(text) - size_of(text.lstrip())
    lines = paragraph(text.lstrip(), width=width, indent=start, hang=MARGIN)
    if cells:
        lines += paragraph(cells, width=width, indent=start + 2 * MARGIN)
    return [" " * one.indent + "".join(piece.text for piece in one.pieces) for one in lines]


def _is_datatable(thing: LiveThing) -> bool:
    return bool(thing.dataset_id) or (thing.address is not None and thing.address.kind is Kind.DATATABLE)


def _live_cells(thing: LiveThing) -> list[str]:
    folder = f" in {terminal(Address.folder(thing.folder).key)}" if thing.folder else ""
    name = " " * (MARGIN * _is_datatable(thing)) + terminal(thing.display_name) + folder
    rows = "" if thing.rows is None else count(thing.rows, "row")
    standing = "" if thing.standing is Standing.MANAGED else thing.standing.value
    told = ": ".join(word for word in (standing, terminal(thing.remark)) if word)
    return [name, terminal(thing.address or "-"), rows, terminal(thing.id), told]


def _record_fields(address: str, record: Record) -> dict[str, Any]:
    return {"address": str(address), "kind": record_kind(record), **_fields(record)}


def _fields(thing: Any) -> dict[str, Any]:
    """A record's fields in camelCase, enums as their words, what is inside it likewise."""
    found = {}
    for field in fields(thing):
        head, *tail = field.name.split("_")
        found[head + "".join(word.capitalize() for word in tail)] = _value(getattr(thing, field.name))
    return found


def _value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Struct):
        return _fields(value)
    if isinstance(value, dict):
        return {str(key): _value(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    return value


def _words(value: Any) -> str:
    if value is None or value == []:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return to_json(value, indent=None)
    return str(value)
