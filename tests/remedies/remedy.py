"""What a plan says can be done about a blocked change, as somebody reads it: one remedy, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Command:
    """A line to type."""

    line: str


@dataclass(frozen=True)
class Edit:
    """A line to write into a file, at or below a line of it, in place of one of its key."""

    file: str
    at: int
    line: str


@dataclass(frozen=True)
class Unprotect:
    """`protect: true` is to be taken out, at or below a line of a file."""

    file: str
    at: int


@dataclass(frozen=True)
class Rename:
    """A thing is to be given this name and folder in ProcessMind."""

    id: str
    name: str
    folder: tuple[str, ...] | None


@dataclass(frozen=True)
class Wait:
    """Let ProcessMind finish what it is at."""


@dataclass(frozen=True)
class Mend:
    """Something that only whoever knows the repository can do: put a file right, declare again what was lost."""

    act: str
    address: str


Step = Command | Edit | Unprotect | Rename | Wait | Mend


@dataclass(frozen=True)
class Remedy:
    """One way out: its words, and what to do, in order."""

    meaning: str
    steps: tuple[Step, ...]


def remedies_of(change: Any) -> list[Remedy]:
    """The remedies of a blocked change, the recommended one first."""
    return [
        Remedy(one["meaning"], tuple(step for part in (one, *one.get("then", [])) for step in _steps(part)))
        for one in change["block"].get("remedies", [])
    ]


def _steps(remedy: Any) -> list[Step]:
    text = remedy.get("text", "")
    then: list[Step] = [Command(text)] if text else []
    match remedy["kind"], remedy.get("act"):
        case "command", _:
            return then
        case "edit", _:
            return [Edit(remedy["file"], remedy["line"], text)]
        case "wait", _:
            return [Wait(), *then]
        case "by-hand", "rename":
            folder = remedy.get("folder")
            name = remedy["name"]
            return [Rename(remedy["liveId"], name, None if folder is None else tuple(folder)), *then]
        case "by-hand", "unprotect":
            return [Unprotect(remedy["file"], remedy["line"]), *then]
        case "by-hand", act:
            return [Mend(act, remedy["address"]), *then]
        case kind, _:
            raise AssertionError(f"nobody knows what {kind} is")
