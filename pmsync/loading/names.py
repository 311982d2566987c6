"""What a name, a folder, a file name and a path may be.

The vendor's API reference sets no rules; these keep names visible, on one line and in one piece on every
way they take. Each function says what is wrong, or None. This module must not know where the texts stand.
"""

from __future__ import annotations

import re
from typing import Final

from pmsync.loading.problems import shown
from pmsync.model.address import parse_folder

LONGEST_NAME: Final = 255
"""Characters of a display name, bytes of a file name: what common file systems and databases take."""

DEEPEST_FOLDER: Final = 50
"""Levels of folders."""

# Also line breaks that only some programs see, and halves of characters, which no UTF-8 can carry.
_CONTROL: Final = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def control_in(text: str) -> str | None:
    """That the text has a control character."""
    if text.isascii() and text.isprintable():  # nearly always, and quick to see
        return None
    found = _CONTROL.search(text)
    return f"{shown(text)} has a control character: {shown(found[0])}" if found else None


def fault_of_display_name(name: str) -> str | None:
    """The name of a dataset, a datatable or a folder."""
    if not name.strip():
        return f"a display name of {shown(name)} would show nothing"
    return control_in(name) or fault_of_length(name)


def fault_of_length(name: str) -> str | None:
    """A display name, as it goes to the tenant."""
    if len(name) <= LONGEST_NAME:
        return None
    return f"the display name {shown(name)} has {len(name):,} characters, more than {LONGEST_NAME}"


def fault_of_folder(folder: str) -> str | None:
    """`folder` as written, with `//` for a slash in a name."""
    control = control_in(folder)  # first: parsing takes NUL for its own mark
    if control:
        return control
    names = parse_folder(folder)
    if not folder or not all(name.strip() for name in names):
        return f"the folder {shown(folder)} has a name that would show nothing"
    if len(names) > DEEPEST_FOLDER:
        return f"the folder {shown(folder)} is one of {len(names):,} levels, more than {DEEPEST_FOLDER}"
    return next((fault for fault in map(fault_of_display_name, names) if fault), None)


def fault_of_file_name(name: str) -> str | None:
    """A plain file name, which stands for a file and for no place."""
    if name in {"", ".", ".."} or not name.strip():
        return f"{shown(name)} is no file name"
    if "/" in name or "\\" in name:
        return f"the file name {shown(name)} has a slash"
    control = control_in(name)  # before the bytes are counted: halves of characters have none
    if not control and len(name.encode()) > LONGEST_NAME:
        return f"the file name {shown(name)} has {len(name.encode()):,} bytes, more than {LONGEST_NAME}"
    return control


def fault_of_path(path: str) -> str | None:
    """A path or pattern, as far as it can be judged without looking for it."""
    return control_in(path) if path.strip() else f"{shown(path)} is no path"
