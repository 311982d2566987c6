"""Reads one YAML file into a tree that knows where everything in it stands.

libyaml's events go straight into plain containers: every scalar is text, `~` and nothing are null, and what
a text means is for its field to say. What makes YAML surprising or dangerous is refused: a key twice, tags,
anchors, aliases, merge keys, several documents, depth, size. This module must not know what the files say.
"""

from __future__ import annotations

import os
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from pmsync.diagnostics import Diagnostic, Location
from pmsync.disk.reading import Roots, read_regular
from pmsync.disk.refusals import Hidden, LeadsOutside, TooLarge, Untrusted
from pmsync.errors import PmsyncError
from pmsync.loading.plaintext import Fault, not_yaml, text_of
from pmsync.loading.problems import Problems, shown
from pmsync.loading.tree import Document, Mark, Node, Quoted

LARGEST: Final = 8 * 1024 * 1024
"""Bytes of one file."""

DEEPEST: Final = 50
"""Levels of one file, its top mapping being the first."""

MOST_VALUES: Final = 500_000
"""Keys and items of one file: each takes a kilobyte by the time it has become a noun, or a problem."""

MOST_REFUSED: Final = 100_000
"""Values of one file that may be refused; then it is read no further: each takes time and is counted only."""

_NULLS: Final = frozenset({"", "~"})


def read_document(path: str, file: str, problems: Problems, *, root: str) -> Document | None:
    """The file at the path, shown as `file`; None if it is not a mapping at all. Faults go to `problems`.

    It must be below the folder `root`, links resolved.
    """
    try:
        data = _bytes(path, root)
    except Fault as fault:
        problems.add(Diagnostic(Location(file), fault.code, fault.message, fault.hint))
        return None
    return parse(data, file, problems)


def parse(data: bytes, file: str, problems: Problems) -> Document | None:
    """The tree of a file's bytes; None if they are not a mapping at all. Faults go to `problems`."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        document = Document(file, text_of(data), {}, {})
    except Fault as fault:
        problems.add(Diagnostic(Location(file, *fault.at), fault.code, fault.message, fault.hint))
        return None
    try:
        _Builder(data, document, problems).build()
    except Fault as fault:
        problems.add(Diagnostic(Location(file, *fault.at), fault.code, fault.message, fault.hint))
    except yaml.YAMLError as fault:
        problems.add(not_yaml(fault, document))
    else:
        return document
    return None


def _bytes(path: str, root: str) -> bytes:
    try:
        return read_regular(path, Roots.of(root), LARGEST)
    except TooLarge as fault:
        raise Fault("PM002", f"the file {fault}", "split it: several manifests make one") from None
    except LeadsOutside as fault:
        raise Fault("PM021", f"the file {fault}", "put the file itself there") from None
    except Hidden as fault:
        raise Fault("PM035", f"the file {fault}", "put the file itself there") from None
    except Untrusted as fault:
        raise Fault("PM001", f"the file {fault}") from None
    except OSError as fault:
        reason = os.strerror(fault.errno or 0).lower()
        raise Fault("PM001", f"the file cannot be read: {reason}") from fault


class _Builder:
    """Builds the tree of one document from libyaml's events."""

    def __init__(self, data: bytes, document: Document, problems: Problems) -> None:
        if not yaml.__with_libyaml__:
            hint = "install PyYAML from a wheel, or with libyaml's headers at hand"
            raise PmsyncError("this PyYAML was built without libyaml", hint=hint)
        self._next: Any = yaml.CSafeLoader(data).get_event
        self._document = document
        self._places = document.places
        self._problems = problems
        self._refused = 0
        self._room = MOST_VALUES

    def build(self) -> None:
        """Fill the document's root; Fault or YAMLError where the file cannot be read on."""
        self._next()  # the stream's start
        hint = "it begins with apiVersion: pmsync/v1"
        if self._next().__class__ is not DocumentStartEvent:
            raise Fault("PM015", "the file is empty", hint, at=(1, 1))
        event = self._next()
        if event.__class__ is not MappingStartEvent:
            raise self._fatal(event.start_mark, "PM015", "the file is not a mapping", hint)
        self._require_plain(event)
        self._mapping(self._document.root, 1)
        self._next()  # the document's end
        event = self._next()
        if event.__class__ is DocumentStartEvent:
            hint = "put each in a file of its own"
            raise self._fatal(event.start_mark, "PM011", "a second document in one file", hint)

    def _mapping(self, node: dict[str, Any], depth: int) -> Node:
        """Fill a mapping. Plain scalars, which are nearly all there is, are taken without a further call."""
        places: dict[str, tuple[Mark, Mark]] = {}
        self._places[id(node)] = places
        take = self._next
        while True:
            key = take()
            if key.__class__ is MappingEndEvent:
                self._count(len(node), key.start_mark)
                return node
            if key.__class__ is not ScalarEvent or key.anchor is not None or key.tag is not None:
                self._refuse_key(key, places, depth)
                continue
            name = key.value
            if name in places or name == "<<":
                self._refuse_key(key, places, depth)
                continue
            value = take()
            places[name] = key.start_mark, value.start_mark
            if value.__class__ is ScalarEvent and value.anchor is None and value.tag is None:
                text = value.value
                node[name] = Quoted(text) if value.style else None if text in _NULLS else text
            else:
                node[name] = self._value(value, depth)

    def _list(self, node: list[Any], depth: int) -> Node:
        places: list[Mark] = []
        self._places[id(node)] = places
        take = self._next
        while True:
            value = take()
            if value.__class__ is SequenceEndEvent:
                self._count(len(node), value.start_mark)
                return node
            places.append(value.start_mark)
            if value.__class__ is ScalarEvent and value.anchor is None and value.tag is None:
                text = value.value
                node.append(Quoted(text) if value.style else None if text in _NULLS else text)
            else:
                node.append(self._value(value, depth))

    def _count(self, values: int, end: Mark) -> None:
        """Counted where a mapping or list ends: looking at each value would cost all files for the one."""
        self._room -= values + 1
        if self._room < 0:
            hint = "split it: several manifests make one"
            raise self._fatal(end, "PM036", f"more than {MOST_VALUES:,} keys and items up to here", hint)

    def _value(self, event: Any, depth: int) -> Node:
        """The mapping or list that begins with this event; a scalar or alias that is refused is null."""
        kind = event.__class__
        if kind is ScalarEvent or kind is AliasEvent:
            self._refuse(event)
            return None
        if event.anchor is not None or event.tag is not None:
            self._require_plain(event)
        if depth == DEEPEST:
            raise self._fatal(event.start_mark, "PM013", f"more than {DEEPEST} levels")
        return self._mapping({}, depth + 1) if kind is MappingStartEvent else self._list([], depth + 1)

    def _refuse_key(self, key: Any, places: dict[str, tuple[Mark, Mark]], depth: int) -> None:
        """Report a key that cannot be one, and read past it and its value."""
        if key.__class__ is AliasEvent or getattr(key, "anchor", None) or getattr(key, "tag", None):
            self._refuse(key)
        elif key.__class__ is not ScalarEvent:
            hint = "is a text in quotes meant?"
            self._report(key.start_mark, "PM014", "a key that is not text", hint)
        elif key.value in places:
            first = self._document.place(places[key.value][0])
            message = f"the key {shown(key.value)} is here twice; first at {first}"
            self._report(key.start_mark, "PM006", message, "keep one of the two")
        else:
            self._report(key.start_mark, "PM008", "a merge key '<<'", "write out what it stands for")
        self._skip(key, depth)
        self._skip(self._next(), depth)

    def _skip(self, event: Any, depth: int) -> None:
        """Read past what begins with this event; what is wrong inside is reported too."""
        if event.__class__ is not ScalarEvent and event.__class__ is not AliasEvent:
            self._value(event, depth)

    def _refuse(self, event: Any) -> None:
        """Report an alias, or a scalar with an anchor or a tag."""
        if event.__class__ is AliasEvent:
            hint = "write out what it stands for; a text that begins with '*' goes in quotes"
            self._report(event.start_mark, "PM010", f"an alias: *{event.anchor}", hint)
        else:
            self._require_plain(event)

    def _require_plain(self, event: Any) -> None:
        """Report the anchor or the tag of a value."""
        if event.anchor is not None:
            hint = "aliases are not supported; a text that begins with '&' goes in quotes"
            self._report(event.start_mark, "PM009", f"an anchor: &{event.anchor}", hint)
        if event.tag is not None:
            hint = "the field says what a value is; a text that begins with '!' goes in quotes"
            tag = event.tag.replace("tag:yaml.org,2002:", "!!", 1)
            self._report(event.start_mark, "PM007", f"a tag: {shown(tag)}", hint)

    def _report(self, mark: Mark, code: str, message: str, hint: str) -> None:
        self._refused += 1
        if self._refused > MOST_REFUSED:
            raise self._fatal(mark, "PM033", f"the file is read no further: {MOST_REFUSED:,} problems before")
        self._problems.add_broken(Diagnostic(self._document.place(mark), code, message, hint))

    @staticmethod
    def _fatal(mark: Mark, code: str, message: str, hint: str | None = None) -> Fault:
        return Fault(code, message, hint, at=(mark.line + 1, mark.column + 1))
