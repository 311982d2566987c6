"""YAML as somebody edits it: written in lines, and changed by pasting or taking out one line.

Everything is spliced into the text, so that what is there stays as it was written. Must not know pmsync.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./$-][\w ./${}-]*(?<! )")


def written(value: Any, indent: int = 0) -> str:
    """A mapping as block YAML. Text is quoted where YAML would read something else."""
    lines: list[str] = []
    margin = "  " * indent
    for key, item in value.items():
        if isinstance(item, Mapping) and item:
            lines += [f"{margin}{key}:", written(item, indent + 1)]
        elif isinstance(item, list) and item:
            lines += [f"{margin}{key}:", *(f"{margin}  - {_flow(one)}" for one in item)]
        else:
            lines.append(f"{margin}{key}: {_flow(item)}")
    return "\n".join(lines)


def _flow(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() if _PLAIN.fullmatch(value):
            return value
        case Mapping():
            return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
        case _:
            return json.dumps(value, ensure_ascii=False)


def with_line(text: str, at: int, line: str) -> str:
    """The text with this line (`key: value`) at or below its line `at`, in place of one of that key.

    A source written as a plain path becomes a mapping.
    """
    key, value = (part.strip() for part in line.split(":", 1))
    node = _below(text, at)
    start = node.start_mark.index
    if isinstance(node, yaml.ScalarNode):
        path = text[start : node.end_mark.index]
        return _spliced(text, node, f"{{path: {path}, {key}: {value}}}" if path else f" {{{key}: {value}}}")
    assert isinstance(node, yaml.MappingNode), at
    for there, old in node.value:
        if there.value == key:
            return _spliced(text, old, value)
    if node.flow_style:
        comma = ", " if node.value else ""
        return f"{text[: start + 1]}{key}: {value}{comma}{text[start + 1 :]}"
    margin = " " * node.start_mark.column
    return f"{text[:start]}{key}: {value}\n{margin}{text[start:]}"


def without_key(text: str, at: int, key: str) -> str:
    """The text without the line of that key, at or below its line `at`."""
    node = _below(text, at)
    assert isinstance(node, yaml.MappingNode), at
    (there,) = [there for there, _ in node.value if there.value == key]
    lines = text.splitlines(keepends=True)
    del lines[there.start_mark.line]
    return "".join(lines)


def _spliced(text: str, node: yaml.Node, new: str) -> str:
    """The text with something else in a node's place; the line break after a block stays."""
    end = (
        len(text[: node.end_mark.index].rstrip())
        if node.end_mark.index > node.start_mark.index
        else node.end_mark.index
    )
    return text[: node.start_mark.index] + new + text[end:]


def _below(text: str, at: int) -> yaml.Node:
    """What begins at a line: the entry of a list, or what stands under a key."""
    found = [value for first, value in _entries(yaml.compose(text)) if first.start_mark.line == at - 1]
    assert found, f"nothing begins at line {at} of:\n{text}"
    return found[0]


def _entries(node: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    match node:
        case yaml.SequenceNode():
            for item in node.value:
                yield item, item
                yield from _entries(item)
        case yaml.MappingNode():
            for key, value in node.value:
                yield key, value
                yield from _entries(value)
