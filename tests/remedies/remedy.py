"""What a plan says can be done about a blocked change, as somebody reads it: one remedy, step by step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from remedies.world import MANIFEST, PROJECT

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Command:
    """A line to type."""

    line: str


@dataclass(frozen=True)
class Edit:
    """A line to write into the mapping at this path of a file; no line: the last key of the path is taken out."""

    file: str
    path: Path
    line: str = ""


@dataclass(frozen=True)
class ByHand:
    """Something to do in ProcessMind."""

    act: str
    id: str
    name: str


@dataclass(frozen=True)
class Wait:
    """Let ProcessMind finish what it is at."""


@dataclass(frozen=True)
class InWords:
    """Something that only whoever knows the repository can do: get a file right, declare again what was lost."""

    words: str


Step = Command | Edit | ByHand | Wait | InWords


@dataclass(frozen=True)
class Remedy:
    """One way out: its words, and what to do, in order."""

    meaning: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return f"{self.meaning}: {', '.join(map(str, self.steps))}"


def remedies_of(change: Any, plan: Any) -> list[Remedy]:
    """The remedies of a blocked change, the recommended one first."""
    found = [_legacy(change, way, plan) for way in change["block"].get("waysOut", [])]
    return [one for one in found if one is not None]


_RENAME: Final = re.compile(r"rename it to '([^']*)'(?: in (.*?))? in ProcessMind")


def _legacy(change: Any, way: Any, plan: Any) -> Remedy | None:
    meaning, command = way["meaning"], way.get("command", "")
    address = change["address"]
    if command.startswith("pmsync plan"):
        if found := _RENAME.search(meaning):
            return Remedy(meaning, (ByHand("rename", change["liveId"], found[1]),))
        if "declare them again" in meaning:
            return Remedy(meaning, (InWords(meaning),))
        if "wait" in meaning or "look again" in meaning:
            return Remedy(meaning, (Wait(),))
        return Remedy(meaning, (Command(command),))
    if command.startswith("pmsync "):
        return Remedy(meaning, (Command(command),))
    if command.startswith("uploads: "):
        key, value = command.removeprefix("uploads: {").rstrip("}").split(": ")
        return Remedy(
            meaning, (Edit(PROJECT, ("environments", plan["environment"]), f"uploads: {{{key}: {value}}}"),)
        )
    if command.startswith(("maxDeletes", "maxUploadBytes")):
        return Remedy(meaning, (Edit(PROJECT, ("environments", plan["environment"], "limits"), command),))
    if not command:
        return Remedy(meaning, (InWords(meaning),))
    if "…" in command:
        return None
    dataset, _, below = address.partition(".")
    table, _, source = below.partition("/")
    path: Path = ("datasets", dataset)
    if table:
        path = (*path, "datatables", table)
    if source:
        path = (*path, "sources", source)
    return Remedy(meaning, (Edit(MANIFEST, path, command),))
