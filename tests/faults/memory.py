"""What pmsync remembers, read from its files by a reader of its own: the checker believes no code it checks.

Written from docs/state.md and the two file formats. It must not import anything of pmsync.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

_LINE: Final = re.compile(rb'\["([0-9a-f]{8})",(.*)\]\n', re.DOTALL)
FILES: Final = ("state.json", "state.previous.json", "journal.jsonl")
_SHELVES: Final = {
    "put-folder": "folders",
    "put-dataset": "datasets",
    "put-datatable": "datatables",
    "put-upload": "uploads",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The state with what its journal adds. `problems`: why somebody could not trust it."""

    problems: tuple[str, ...] = ()
    lineage: str = ""
    serial: int = 0
    runs: int = 0
    addresses: Mapping[str, str] = field(default_factory=dict)
    """The address of each id on record, old halves of unfinished REPLACEs included."""

    created: frozenset[str] = frozenset()
    """The ids on record that pmsync says it made."""

    adopted: frozenset[str] = frozenset()
    """The ids on record that somebody else made."""

    retained: frozenset[str] = frozenset()
    """The ids on record that are to stay when nobody declares them any more."""

    halves: Mapping[str, str] = field(default_factory=dict)
    """The address of the new half of each unfinished REPLACE, by the id of the old one."""

    uploads: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Records of uploads by address."""

    intents: tuple[Mapping[str, Any], ...] = ()
    """Announced and not settled."""

    announced: tuple[Mapping[str, Any], ...] = ()
    """Everything the journal announces, settled or not."""

    text: str = field(default="", compare=False, repr=False)
    """All that the files hold, to look for what must not be in them."""


def memory_in(folder: Path) -> Memory:
    """What is remembered in one environment's folder. Nothing there at all is an empty memory."""
    return memory_of({name: _bytes(folder / name) for name in FILES})


def memory_of(texts: Mapping[str, bytes | None]) -> Memory:
    """What these FILES say; None: it is not there."""
    problems: list[str] = []
    raw = _parsed(texts["state.json"], "state.json", problems)
    _parsed(texts["state.previous.json"], "state.previous.json", problems)
    lines = _lines(texts["journal.jsonl"], problems)
    text = b"".join(one or b"" for one in texts.values()).decode("utf-8", "replace")
    if raw is None:
        if any(texts.values()):
            problems.append("state.json is missing or torn, though other files are there")
        return Memory(problems=tuple(problems), text=text)
    entries = _going_on(raw, lines, problems)
    return replace(_overlaid(raw, entries, tuple(problems)), text=text)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _parsed(text: bytes | None, name: str, problems: list[str]) -> Any:
    if text is None:
        return None
    try:
        raw = json.loads(text)
    except ValueError as error:
        problems.append(f"{name} does not parse: {error}")
        return None
    for key in ("lineage", "serial", "datasets", "datatables", "folders", "uploads", "intents"):
        if key not in raw:
            problems.append(f"{name} lacks {key}")
            return None
    return raw


def _lines(text: bytes | None, problems: list[str]) -> list[Any]:
    """The bodies of a journal's lines. Only the last one may be torn."""
    checksum, bodies = 0, []
    lines = (text or b"").splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        checksum = zlib.crc32(match[2], checksum) if match else 0
        if not match or int(match[1], 16) != checksum:
            if number < len(lines) or number == 1:
                problems.append(f"journal.jsonl:{number} is damaged, and is not a torn last line")
            break
        bodies.append(json.loads(match[2]))
    return bodies


def _going_on(raw: Any, lines: list[Any], problems: list[str]) -> list[Any]:
    """The entries of the journal, if it goes on from this state; a journal already in the state adds none."""
    if not lines:
        return []
    header = lines[0]
    if header["lineage"] != raw["lineage"]:
        problems.append("the journal has another lineage than the state")
        return []
    if header["serial"] > raw["serial"]:
        problems.append("the journal goes on from a newer state than the one that is there")
    if header["serial"] != raw["serial"]:
        return []
    return [entry for outcomes in lines[1:] for outcome in outcomes for entry in outcome]


def _overlaid(raw: Any, entries: list[Any], problems: tuple[str, ...]) -> Memory:
    shelves = {name: dict(raw[name]) for name in _SHELVES.values()}
    intents = {(one["kind"], one["address"]): one for one in raw["intents"]}
    runs, announced = raw["runs"], list(raw["intents"])
    for entry in entries:
        match entry["entry"]:
            case "drop":
                for shelf in shelves.values():
                    shelf.pop(entry["address"], None)
            case "begin":
                runs = max(runs, entry["run"])
            case "announce":
                intents[entry["intent"]["kind"], entry["intent"]["address"]] = entry["intent"]
                announced.append(entry["intent"])
            case "settle":
                intents.pop((entry["kind"], entry["address"]), None)
            case "spend":
                pass
            case put:
                shelves[_SHELVES[put]][entry["address"]] = entry["record"]
    records = [
        (address, record)
        for name in ("folders", "datasets", "datatables")
        for address, record in shelves[name].items()
    ]
    halves = [(address, one["superseded"]) for address, one in records if one.get("superseded")]
    for _, half in halves:
        records += [(half["address"], half), *half["datatables"].items()]
    return Memory(
        problems=problems,
        lineage=raw["lineage"],
        serial=raw["serial"],
        runs=runs,
        addresses={record["id"]: address for address, record in records},
        created=frozenset(one["id"] for _, one in records if one["origin"] == "created"),
        adopted=frozenset(one["id"] for _, one in records if one["origin"] == "adopted"),
        retained=frozenset(
            one["id"] for _, one in records if one.get("onRemoval") == "retain" or one.get("retain")
        ),
        halves={half["id"]: address for address, half in halves},
        uploads=shelves["uploads"],
        intents=tuple(intents.values()),
        announced=tuple(announced),
    )
