"""Where a pmsync.yaml stands: its place in the Git work tree, and which ones the folders below one hold.

A state belongs to that place, so that it is the same in every clone and another one in a copied project.
Only names are looked at, of folders below so many at most; git is not asked, and nothing is opened.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import suppress
from typing import Final


def path_in_work_tree(config: str) -> str:
    """The path of this file from the root of its Git work tree, with `/`; its name where there is none."""
    folder, name = os.path.split(config)
    here = os.path.realpath(folder)
    below = name
    while not os.path.lexists(os.path.join(here, ".git")):
        parent, last = os.path.split(here)
        if parent == here:
            return name
        here, below = parent, f"{last}/{below}"
    return below


_LEVELS: Final = 2
_MOST_ENTRIES: Final = 5_000
_MOST_SHOWN: Final = 3


def projects_below(folder: str, config: str) -> str:
    """What to say of the folders below that hold a file `config`; empty: none does."""
    budget = iter(range(_MOST_ENTRIES))
    found = sorted(
        os.path.relpath(one, folder)
        for one in _folders(folder, _LEVELS, budget=budget)
        if os.path.isfile(os.path.join(one, config))
    )
    if not found:
        return ""
    names = ", ".join(shlex.quote(one) for one in found[:_MOST_SHOWN])
    more = " and more" if len(found) > _MOST_SHOWN else ""
    return f"there is one below, in {names}{more}: pmsync -C {shlex.quote(found[0])} …"


def _folders(folder: str, levels: int, *, budget: Iterator[int]) -> Iterator[str]:
    inside: list[str] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if next(budget, None) is None:
                break
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                inside.append(entry.path)
    for one in sorted(inside):
        yield one
        if levels > 1:
            yield from _folders(one, levels - 1, budget=budget)
