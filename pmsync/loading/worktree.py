"""Where pmsync.yaml stands in its Git work tree, found without asking git: only names are looked at.

A state belongs to that place, so that it is the same in every clone and another one in a copied project.
"""

from __future__ import annotations

import os


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
