"""What is said of one code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from inspect import cleandoc
from typing import Final

from msgspec import Struct

_FILE: Final = re.compile(r"^=== (.+)\n", re.MULTILINE)


class Explanation(Struct, frozen=True):
    """What it means and why pmsync refuses (or warns of) it; the smallest input that gives it; what to do.

    The example is files, each after a line `=== PATH`, or what is to be seen in a terminal. The content of
    a path that ends in ` (escaped)` is bytes as Python writes them; ` (empty)` says so. What an example
    leaves out is the least that can be: a pmsync.yaml with an environment, a manifest with a dataset.
    """

    text: str
    example: str
    fix: str

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The files of the example, as (path, content); none where it is no files."""
        parts = _FILE.split(self.example)[1:]
        return tuple(zip(parts[::2], parts[1::2], strict=True))


def explained(text: str, example: str, fix: str) -> Explanation:
    """An explanation as it is written in source: indented, and wrapped at will."""
    return Explanation(" ".join(text.split()), cleandoc(example) + "\n", " ".join(fix.split()))


def project_example(*lines: str) -> str:
    """An example's pmsync.yaml that ends in these lines."""
    return "\n".join(("=== pmsync.yaml", "apiVersion: pmsync/v1", "project: example", *lines, ""))


def manifest_example(*lines: str) -> str:
    """An example's manifest with these lines below `datasets:`."""
    indented = (f"  {line}" for line in lines)
    return "\n".join(("=== manifests/orders.yaml", "apiVersion: pmsync/v1", "datasets:", *indented, ""))


def sources_example(*sources: str, files: str = "", logs: Sequence[str] = ()) -> str:
    """An example of one datatable with these sources; the files as given, and an event log at each path."""
    declared = f"    events: {{sources: [{', '.join(sources)}]}}"
    small = "".join(f"=== {path}\ncase_id,activity\n{case},create\n" for case, path in enumerate(logs, 1))
    return manifest_example("orders:", "  datatables:", declared) + cleandoc(files) + small
