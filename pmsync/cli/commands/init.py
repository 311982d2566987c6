"""`pmsync init`: a first project that plans at once, on the embedded tenant. Overwrites nothing."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import click

from pmsync.cli import output
from pmsync.cli.schemas import file_name, schemas
from pmsync.errors import PmsyncError, Refused
from pmsync.views.escape import terminal

_IGNORED: Final = ".pmsync/"
_NEXT: Final = """
Next:
  pmsync plan     shows what would be made, on the embedded tenant
  pmsync apply    makes it
"""


@click.command()
@click.argument("folder", required=False, default=".")
def command(folder: str) -> None:
    """Write pmsync.yaml, manifests, sample data and JSON Schemas into FOLDER (here, if not given)."""
    if os.path.lexists(os.path.join(folder, "pmsync.yaml")):
        raise Refused(
            "there is a pmsync.yaml already, and init overwrites nothing",
            where=folder,
            hint="name another folder: pmsync init FOLDER",
        )
    wanted = dict(_sample())
    for name in ("project", "manifest"):
        wanted[f"schema/{file_name(name)}"] = schemas()[name].encode()
    for path, content in wanted.items():
        kept = not _written(os.path.join(folder, path), content)
        output.emit(f"{'kept   ' if kept else 'written'}  {terminal(path)}")
    output.emit(f"{_ignore(os.path.join(folder, '.gitignore'))}  .gitignore\n{_next(folder)}")


def _next(folder: str) -> str:
    """What to do now, from where the caller is."""
    if os.path.realpath(folder) == os.path.realpath("."):
        return _NEXT
    return _NEXT.replace("Next:\n", f"Next:\n  cd {terminal(shlex.quote(folder))}\n")


def _sample() -> Iterator[tuple[str, bytes]]:
    """Path and content of each sample file, pmsync.yaml first."""
    sample = files("pmsync.cli.sample")
    yield from sorted(_below(sample, ""), key=lambda item: (item[0].count("/"), item[0]))


def _below(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.name.startswith("__"):
            yield from _below(entry, f"{path}{entry.name}/")
        elif entry.name.endswith((".yaml", ".csv")):
            yield f"{path}{entry.name}", entry.read_bytes()


def _written(path: str, content: bytes) -> bool:
    """Write a new file; False (and nothing is touched) where there is one."""
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise PmsyncError(f"it cannot be written: {reason}", where=path) from None
    return True


def _ignore(path: str) -> str:
    """Keep the state and the embedded tenant out of Git; the one file that is added to."""
    if _written(path, f"{_IGNORED}\n".encode()):
        return "written"
    try:
        with open(path, "r+", encoding="utf-8", errors="surrogateescape", newline="") as file:
            text = file.read()
            if any(line.strip().strip("/") == ".pmsync" for line in text.splitlines()):
                return "kept   "
            gap = "\n" if text and not text.endswith("\n") else ""
            file.write(f"{gap}{_IGNORED}\n")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise PmsyncError(f"{_IGNORED} cannot be added: {reason}", where=path) from None
    return "added to"
