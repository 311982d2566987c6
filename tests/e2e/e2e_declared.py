"""What the manifests of these tests declare, by a reader of the tests' own: it knows what they use, and no more."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from faults.story import Content, WantedDataset, Wish


def declared_in(root: Path) -> Wish:
    """Everything that the manifests of a repository declare; a file that is not there is none."""
    wish: dict[str, WantedDataset] = {}
    for manifest in sorted(root.glob("manifests/**/*.yaml")):
        for key, block in (_parsed(manifest).get("datasets") or {}).items():
            wish[key] = _dataset(root, key, block or {})
    return wish


def written_in(root: Path) -> tuple[str, ...]:
    """The consents of approvals.yaml, as KIND:ADDRESS."""
    approvals = root / "approvals.yaml"
    given = _parsed(approvals)["approvals"] if approvals.exists() else ()
    return tuple(f"{one['consent']}:{one['address']}" for one in given)


def _parsed(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _dataset(root: Path, key: str, block: Any) -> WantedDataset:
    folder = block.get("folder") or ""
    tables = {
        (table or {}).get("displayName", name): tuple(_contents(root, (table or {}).get("sources") or ()))
        for name, table in (block.get("datatables") or {}).items()
    }
    return WantedDataset(block.get("displayName", key), tuple(folder.split("/")) if folder else (), tables)


def _contents(root: Path, sources: Any) -> Iterator[Content]:
    for source in sources:
        path = source if isinstance(source, str) else source["path"]
        for file in sorted(root.glob(path)):
            data = file.read_bytes()
            yield Content(file.name, hashlib.sha256(data).hexdigest(), max(0, data.count(b"\n") - 1))
