"""A Manifest as a manifest file: what `export` prints.

The opposite of manifests.py for what it can say; sources are left out, as the tenant lists none.
"""

from __future__ import annotations

from typing import Any

from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest


def manifest_text(manifest: Manifest) -> str:
    """The YAML text of one manifest file, without the `yaml-language-server` line.

    Every text that another reader could take for a number, a date or a boolean is quoted.
    """
    import yaml  # noqa: PLC0415 - only `export` writes YAML

    datasets = {str(address): _dataset(spec) for address, spec in manifest.datasets.items()}
    whole = {"apiVersion": "pmsync/v1", "datasets": datasets}
    text: str = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=10_000)
    return text


def _dataset(spec: DatasetSpec) -> dict[str, Any]:
    body: dict[str, Any] = {"displayName": spec.display_name}
    if spec.folder:
        body["folder"] = Address.folder(spec.folder).key
    if spec.datatables:
        body["datatables"] = {one.key: _datatable(table) for one, table in spec.datatables.items()}
    return body


def _datatable(spec: DatatableSpec) -> dict[str, Any]:
    return {"displayName": spec.display_name}
