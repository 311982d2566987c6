"""What is wrong with a text that is no state, in words. Must not know what a state says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from pmsync.model.written import where_malformed

ECHOED: Final = 200
"""Characters of a damaged text that a message repeats."""


def malformed(data: bytes, problem: str) -> str:
    """Why it is not JSON; `problem` is what the library says."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return f"it is not text: byte {error.start} is not UTF-8"
    reason, line, column = where_malformed(data, problem)
    if not reason:
        return f"it is cut off: it ends in the middle of line {line}"
    return f"it is not JSON: {reason} (line {line}, column {column})"


def of_keys(data: bytes, written: bytes, may_lack: frozenset[str]) -> str:
    """Whether a key stands twice, or one is lost that pmsync always writes; empty where all is well.

    That is what merging by hand leaves behind, and no value may be chosen. `written`: how pmsync says it.
    """
    try:
        said = json.loads(data, object_pairs_hook=_unique)
    except ValueError as error:
        return f"it is damaged: {error}"
    for way, key in _missing(said, json.loads(written), may_lack):
        where = " → ".join(way)[:ECHOED] or "its top level"
        return f"the state is damaged at {where}: Object missing required field `{key}`"
    return ""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        key = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"key {key[:ECHOED]!r} stands twice")
    return found


def _missing(
    said: Any, written: Any, may_lack: frozenset[str], way: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The way to each object that lacks a key which is always written, and that key."""
    if isinstance(written, dict):
        yield from ((way, key) for key in written if key not in said and key not in may_lack)
        for key in written.keys() & said.keys():
            yield from _missing(said[key], written[key], may_lack, (*way, key))
    elif isinstance(written, list):
        for number, (ours, theirs) in enumerate(zip(said, written, strict=False)):
            yield from _missing(ours, theirs, may_lack, (*way, str(number)))
