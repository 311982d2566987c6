"""Sources that left: whether an entry was taken out of the manifest, or a file left the window of a pattern.

The one is somebody's decision, whose rows are to be said until they are accepted; the other happens every
day. It must not know what is live.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from posixpath import normpath

from pmsync.model.address import Address
from pmsync.model.manifest import DatatableSpec
from pmsync.model.state import UploadRecord


def removed_entries(spec: DatatableSpec, held: Mapping[Address, UploadRecord]) -> frozenset[str]:
    """The keys of uploads in the state that no entry of the manifest names or matches any more."""
    patterns = [normpath(source.path).split("/") for source in spec.sources]
    return frozenset(
        one.key
        for one, record in held.items()
        if not any(_names(pattern, normpath(record.path).split("/")) for pattern in patterns)
    )


def _names(pattern: list[str], path: list[str]) -> bool:
    """Whether an entry stands for a path: as it is written, or segment by segment as a pattern."""
    if pattern == path:
        return True
    return len(pattern) == len(path) and all(map(fnmatchcase, path, pattern))
