"""YAML as somebody edits it: written in lines, and changed by pasting or taking out one line.

Everything is spliced into the text, so that what is there stays as it was written. Must not know pmsync.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

Path = Sequence[str | int]
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


def with_line(text: str, path: Path, line: str) -> str:
    """The text with this line (`key: value`) in the mapping at the path; a key that is there is replaced.

    A source written as a plain path becomes a mapping.
    """
    key, value = line.split(":", 1)[0].strip(), line.split(":", 1)[1].strip()
    node = _at(text, path)
    if isinstance(node, yaml.ScalarNode):
        span = text[node.start_mark.index : node.end_mark.index]
        if not span:  # `key:` with nothing after it
            return _spliced(text, node.start_mark.index, node.start_mark.index, f" {{{key}: {value}}}")
        return _spliced(text, node.start_mark.index, node.end_mark.index, f"{{path: {span}, {key}: {value}}}")
    assert isinstance(node, yaml.MappingNode), path
    for there, old in node.value:
        if there.value == key:
            return _spliced(text, old.start_mark.index, _end_of(text, old), value)
    start = node.start_mark.index
    if node.flow_style:
        comma = ", " if node.value else ""
        return _spliced(text, start + 1, start + 1, f"{key}: {value}{comma}")
    margin = " " * node.start_mark.column
    return _spliced(text, start, start, f"{key}: {value}\n{margin}")


def without_key(text: str, path: Path) -> str:
    """The text without the key at the end of the path, and without all that stands below it."""
    node = _at(text, path[:-1])
    assert isinstance(node, yaml.MappingNode), path
    ((key, value),) = [pair for pair in node.value if pair[0].value == path[-1]]
    if node.flow_style:
        whole = text[key.start_mark.index : value.end_mark.index]
        rest = text[node.start_mark.index : node.end_mark.index].replace(whole, "", 1)
        rest = rest.replace("{, ", "{").replace(", }", "}").replace(", ,", ",")
        return _spliced(text, node.start_mark.index, node.end_mark.index, rest)
    lines = text.splitlines(keepends=True)
    first, last = key.start_mark.line, value.end_mark.line
    if value.end_mark.column:
        last += 1
    return "".join(lines[:first] + lines[max(last, first + 1) :])


def _end_of(text: str, node: yaml.Node) -> int:
    end = node.end_mark.index
    return end - (len(text[:end]) - len(text[:end].rstrip()))


def _spliced(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def _at(text: str, path: Path) -> yaml.Node:
    node = yaml.compose(text)
    for step in path:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(step)]
        else:
            assert isinstance(node, yaml.MappingNode), (path, step)
            (node,) = [value for key, value in node.value if key.value == step]
    return node
