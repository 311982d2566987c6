"""The files that are installed with pmsync: nobody else's words. It must not know what they are for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable


def packaged_files(package: str, endings: tuple[str, ...]) -> list[tuple[str, bytes]]:
    """Path and content of each file of a package whose name ends so, those of its top folder first."""
    found = _below(files(package), "", endings)
    return sorted(found, key=lambda item: (item[0].count("/"), item[0]))


def _below(folder: Traversable, path: str, endings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.name.startswith("__"):
            yield from _below(entry, f"{path}{entry.name}/", endings)
        elif entry.name.endswith(endings):
            yield f"{path}{entry.name}", entry.read_bytes()
