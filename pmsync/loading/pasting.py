"""Lines to paste into a pmsync.yaml as they are: settings of an environment, indented as it is there.

Nothing is written: a person looks at it first. This module must not know what the settings mean.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Final

from pmsync.errors import PmsyncError
from pmsync.loading.documents import read_document
from pmsync.loading.problems import Problems, shown_path
from pmsync.loading.tree import Document, Quoted
from pmsync.model.findings import Paste

Settings = Mapping[str, Mapping[str, str]]

_STEP: Final = 2
_UNKNOWN: Final = "unknown"


def to_paste(path: str, environment: str, *, settings: Settings) -> Paste | None:
    """The settings of an environment as they belong into the pmsync.yaml at this path.

    What stands there beside them stays; what is unknown does not replace what is known. None: the file is
    not to be read any more.
    """
    try:
        document = read_document(
            path, shown_path(os.path.basename(path)), Problems(), root=os.path.dirname(path)
        )
        body = document.root["environments"][environment] if document else None
    except (PmsyncError, KeyError, TypeError):
        return None
    if document is None or not isinstance(body, dict) or not body:
        return None
    merged = {name: _merged(body.get(name), given) for name, given in settings.items()}
    key = document.at_key(("environments", environment))
    if _is_flow(document, environment):
        indent = (key.column or 1) - 1
        lines = [f"{' ' * indent}{environment}:", *_block({**body, **merged}, indent + _STEP)]
        return Paste(f"{key.file}, in place of {environment}: (line {key.line})", "\n".join(lines) + "\n")
    first = document.at_key(("environments", environment, next(iter(body))))
    there = [
        f"{name}: (line {document.at_key(('environments', environment, name)).line})"
        for name in settings
        if name in body
    ]
    instead = f", in place of {' and '.join(there)}" if there else ""
    text = "\n".join(_block(merged, (first.column or 1) - 1)) + "\n"
    return Paste(f"{key.file}, below {environment}: (line {key.line}){instead}", text)


def _merged(there: Any, given: Mapping[str, str]) -> dict[str, Any]:
    known = dict(there) if isinstance(there, dict) else {}
    return {**known, **{key: value for key, value in given.items() if value != _UNKNOWN or key not in known}}


def _is_flow(document: Document, environment: str) -> bool:
    """Whether the environment stands in braces."""
    mark = document.value_mark(document.root["environments"], environment)
    return document.text[mark.index : mark.index + 1] == "{"


def _block(body: Mapping[str, Any], indent: int) -> list[str]:
    return [f"{' ' * indent}{_scalar(key)}: {_flow(value)}" for key, value in body.items()]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return "~" if value is None else _scalar(value)


def _scalar(text: str) -> str:
    """A plain word as it is; everything else, and what was quoted, in double quotes."""
    plain = text.replace("-", "").replace("_", "").replace(".", "").replace("%", "")
    if not isinstance(text, Quoted) and plain.isascii() and plain.isalnum() and text[:1].isalnum():
        return text
    return json.dumps(text)
