"""The tree of one YAML file: plain containers of text, and a table of where everything in them stands.

This module must not know YAML's syntax, nor what the files say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from pmsync.diagnostics import Location

Mark = Any
"""libyaml's mark: `line` and `column` from 0, `index` in characters."""

Node = dict[str, Any] | list[Any] | str | None
"""A mapping, a list, a text, or nothing. Exactly dict and list: pydantic reads their subclasses slowly."""

Steps = Sequence[str | int]
"""The way to a node from the root: keys of mappings, indexes of lists."""

Places = dict[int, Any]
"""By `id()` of each mapping and list, which is sound while the tree lives: where its keys and their values
begin (a dict of pairs of marks), or its items (a list of marks)."""

LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")


def place_after(text: str) -> tuple[int, int]:
    """Line and column, from 1, of what follows the text."""
    lines = LINE_BREAK.split(text)
    return len(lines), len(lines[-1]) + 1


class Quoted(str):
    """A scalar in quotes, or a block scalar: text, whatever its field would make of it without quotes."""

    __slots__ = ()


class Document(Struct, frozen=True):
    """One file as a tree. `file` is its path as it is shown, `text` what it says."""

    file: str
    text: str
    root: dict[str, Any]
    places: Places

    def at_key_of(self, mapping: dict[str, Any], key: str) -> Location:
        """Where a key of a mapping begins."""
        return self.place(self.places[id(mapping)][key][0])

    def at_item(self, items: list[Any], index: int) -> Location:
        """Where an item of a list begins."""
        return self.place(self.places[id(items)][index])

    def value_mark(self, holder: Any, key: Any) -> Mark:
        """Where the value at a key of a mapping, or at an index of a list, begins."""
        mark = self.places[id(holder)][key]
        return mark[1] if isinstance(holder, dict) else mark

    def place(self, mark: Mark) -> Location:
        """Where a mark is. libyaml puts what is missing at the end a line below it."""
        if mark.index >= len(self.text):
            return Location(self.file, *place_after(self.text))
        return Location(self.file, mark.line + 1, mark.column + 1)

    def at(self, steps: Steps) -> Location:
        """Where the value at the end of the way begins; a way beyond the tree ends where the tree does."""
        return self._find(steps, 1)

    def at_key(self, steps: Steps) -> Location:
        """Where the key at the end of the way begins (of a list: the item; of the root: its first key)."""
        return self._find(steps, 0)

    def _find(self, steps: Steps, which: int) -> Location:
        node: Node = self.root
        marks: Any = next(iter(self.places[id(node)].values()), None)
        place = self.place(marks[0]) if marks else Location(self.file, 1, 1)
        for step in steps:
            if isinstance(node, dict) and step in node:
                marks = self.places[id(node)][step]
                place, node = self.place(marks[which]), node[str(step)]
            elif isinstance(node, list) and isinstance(step, int):  # of a key, a last step `[key]` says so
                place, node = self.place(self.places[id(node)][step]), node[step]
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
