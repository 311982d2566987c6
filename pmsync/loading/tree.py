"""The tree of one YAML file: plain containers of text, and a table of where everything in them stands.

This module must not know YAML's syntax, nor what the files say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pmsync.diagnostics import Location

Mark = Any
"""libyaml's mark: `line` and `column` from 0, `index` in characters."""

Node = dict[str, Any] | list[Any] | str | None
"""A mapping, a list, a text, or nothing. Exactly dict and list: pydantic reads their subclasses slowly."""

Steps = Sequence[str | int]
"""The way to a node from the root: keys of mappings, indexes of lists."""

KeyMarks = dict[str, tuple[Mark, Mark]]
"""Where each key of a mapping and its value begin."""

ItemMarks = list[Mark]
"""Where each item of a list begins."""

LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")


class Quoted(str):
    """A scalar in quotes, or a block scalar: text, whatever its field would make of it without quotes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One file as a tree. `file` is its path as it is shown, `text` what it says.

    `places` holds the marks of each mapping and list by `id()`, which is sound while the tree lives.
    """

    file: str
    text: str
    root: dict[str, Any]
    places: dict[int, KeyMarks | ItemMarks]

    def marks_of(self, node: Node) -> KeyMarks:
        """Where the keys and values of a mapping begin; nothing for what is no mapping."""
        if not isinstance(node, dict):
            return {}
        marks = self.places[id(node)]
        assert isinstance(marks, dict)
        return marks

    def item_marks_of(self, items: list[Any]) -> ItemMarks:
        """Where the items of a list begin."""
        marks = self.places[id(items)]
        assert isinstance(marks, list)
        return marks

    def place(self, mark: Mark) -> Location:
        return Location(self.file, mark.line + 1, mark.column + 1)

    def at(self, steps: Steps) -> Location:
        """Where the value at the end of the way begins; a way beyond the tree ends where the tree does."""
        return self._find(steps, 1)

    def at_key(self, steps: Steps) -> Location:
        """Where the key at the end of the way begins (of a list: the item; of the root: its first key)."""
        return self._find(steps, 0)

    def _find(self, steps: Steps, which: int) -> Location:
        node: Node = self.root
        first = next(iter(self.marks_of(self.root).values()), None)
        place = self.place(first[0]) if first else Location(self.file, 1, 1)
        for step in steps:
            if isinstance(node, dict) and step in node:
                place, node = self.place(self.marks_of(node)[str(step)][which]), node[str(step)]
            elif isinstance(node, list):
                place, node = self.place(self.item_marks_of(node)[int(step)]), node[int(step)]
            else:
                break
        return place

    def drop(self, steps: Steps) -> None:
        """Leave out what is at the end of the way, so that the rest can be read."""
        holder = self._holder(steps)
        marks: Any = self.places[id(holder)]
        del holder[steps[-1]], marks[steps[-1]]

    def empty(self, steps: Steps) -> None:
        """Put null where the way ends."""
        self._holder(steps)[steps[-1]] = None

    def _holder(self, steps: Steps) -> Any:
        holder: Any = self.root
        for step in steps[:-1]:
            holder = holder[step]
        return holder

    def inside(self, mark: Mark, nth: int, wanted: str) -> Location:
        """Where the nth `${` (from 0) of the scalar at the mark is; its beginning if escapes hide it."""
        at = mark.index - 1
        for _ in range(nth + 1):
            at = self.text.find("${", at + 1)
        if at < 0 or not self.text.startswith(wanted, at):
            return self.place(mark)
        lines = LINE_BREAK.split(self.text[mark.index : at])
        column = len(lines[-1]) + (mark.column if len(lines) == 1 else 0)
        return Location(self.file, mark.line + len(lines), column + 1)
