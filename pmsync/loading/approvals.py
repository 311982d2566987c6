"""approvals.yaml: consents that were written down beforehand.

The file is optional. Whether an approval still fits, or was spent, is not judged here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from pmsync.diagnostics import Diagnostic
from pmsync.loading.checked import checked
from pmsync.loading.documents import read_document
from pmsync.loading.problems import Problems, meant, shown
from pmsync.loading.shape import VERSION
from pmsync.loading.shape_project import ApprovalsShape
from pmsync.loading.tree import Document
from pmsync.model.address import Address
from pmsync.model.consent import Approval, Consent

APPROVALS: Final = "approvals.yaml"

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ESCAPED: Final = re.compile(
    r'["\\]|[^ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]'
)


def read_approvals(root: str, environments: Collection[str], problems: Problems) -> frozenset[Approval]:
    """The approvals beside pmsync.yaml; none if there is no such file.

    `environments` are those that can be meant; none: they are not known.
    """
    path = os.path.join(root, APPROVALS)
    if not os.path.lexists(path):
        return frozenset()
    document = read_document(path, APPROVALS, problems, root=root)
    shape = checked(document, ApprovalsShape, problems) if document else None
    if document is None or shape is None:
        return frozenset()
    if environments:
        _judge_environments(document, shape, environments, problems)
    return frozenset(
        Approval(
            environment=entry["environment"],
            address=Address(entry["address"]),
            consent=Consent(entry["consent"]),
            live_id=entry["id"],
            content=entry.get("content"),
        )
        for entry in shape["approvals"]
    )


def _judge_environments(
    document: Document, shape: ApprovalsShape, known: Collection[str], problems: Problems
) -> None:
    for index, entry in enumerate(shape["approvals"]):
        name = entry["environment"]
        if name not in known:
            place = document.at(("approvals", index, "environment"))
            hint = meant(name, known) or f"environments are: {', '.join(known)}"
            problems.add(Diagnostic(place, "PM301", f"there is no environment {shown(name)}", hint))


def approval_block(approvals: Iterable[Approval]) -> str:
    """An approvals.yaml with these approvals, sorted; its list lines can be pasted below others."""
    lines = [f"  - {{{', '.join(_pairs(one))}}}\n" for one in sorted(approvals, key=_order)]
    return "".join((f"apiVersion: {VERSION}\n", "approvals:\n", *lines))


def _order(one: Approval) -> tuple[str, ...]:
    return (one.environment, one.address, one.consent, one.live_id, one.content or "")


def _pairs(one: Approval) -> Iterator[str]:
    yield f"environment: {_scalar(one.environment)}"
    yield f"address: {_scalar(one.address)}"
    yield f"consent: {one.consent}"
    yield f"id: {_scalar(one.live_id)}"
    if one.content is not None:
        yield f"content: {_scalar(one.content)}"


def _scalar(text: str) -> str:
    """A word as it is, everything else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    return f"\\{found[0]}" if found[0] in '"\\' else f"\\U{ord(found[0]):08x}"
