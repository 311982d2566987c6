"""A Manifest as a manifest file: what `export` prints.

The opposite of manifests.py for what it can say; sources are left out, as the tenant lists none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import yaml

from pmsync.loading.variables import literal
from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest


def manifest_text(
    manifest: Manifest, *, quoted: Callable[[str], str | None], comments: Sequence[str] = ()
) -> str:
    """The YAML text of one manifest file, without the `yaml-language-server` line.

    Every text that another reader could take for a number, a date or a boolean is quoted. `quoted` gives a
    text that must not stand in the file as it is as a scalar in double quotes, and None for any other.
    `comments` are lines of their own at the top, harmless already.
    """

    class Dumper(yaml.SafeDumper):
        """Writes what must be quoted as `quoted` says."""

        def analyze_scalar(self, scalar: str) -> Any:
            found = super().analyze_scalar(scalar)
            if quoted(scalar) is not None:
                found.allow_flow_plain = found.allow_block_plain = False
                found.allow_single_quoted = found.allow_block = False
            return found

        def write_double_quoted(self, text: str, *split: bool) -> None:
            whole = quoted(text)
            if whole is None:
                super().write_double_quoted(text, *split)
            else:
                self.write_indicator(whole, need_whitespace=True)

    head = "".join(f"# {comment}\n" for comment in comments)
    datasets = {str(address): _dataset(spec) for address, spec in manifest.datasets.items()}
    whole = {"apiVersion": "pmsync/v1", "datasets": datasets}
    text: str = yaml.dump(whole, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return head + text


def _dataset(spec: DatasetSpec) -> dict[str, Any]:
    body: dict[str, Any] = {"displayName": literal(spec.display_name)}
    if spec.folder:
        body["folder"] = literal(Address.folder(spec.folder).key)
    if spec.protect:
        body["protect"] = True
    if spec.on_removal is not None:
        body["onRemoval"] = spec.on_removal.value
    if spec.datatables:
        body["datatables"] = {one.key: _datatable(table) for one, table in spec.datatables.items()}
    return body


def _datatable(spec: DatatableSpec) -> dict[str, Any]:
    return {"displayName": literal(spec.display_name)}
