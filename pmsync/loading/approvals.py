"""approvals.yaml: consents that were written down beforehand.

The file is optional. Whether an approval still fits, or was spent, is not judged here.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Final

from pmsync.diagnostics import Diagnostic
from pmsync.loading.checked import checked
from pmsync.loading.documents import read_document
from pmsync.loading.problems import Problems, meant, shown
from pmsync.loading.shape_project import ApprovalsShape
from pmsync.loading.tree import Document
from pmsync.model.address import Address
from pmsync.model.consent import Approval, Consent

APPROVALS: Final = "approvals.yaml"


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
