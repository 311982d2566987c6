"""Names: manifest, record and live compared, for datasets and datatables alike.

The API can rename and move nothing (vendor's API reference: no such endpoint), so every difference is
either ours to write down, theirs to keep, or for the user to mend in ProcessMind.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from msgspec import Struct

from pmsync.model.address import FolderPath
from pmsync.model.reason import Reason, ReasonCode
from pmsync.planning.wording import place


def canonical(display_name: str) -> str:
    """What makes two names one: `é` is `é` however it is encoded, so that no second one is made."""
    return display_name if display_name.isascii() else unicodedata.normalize("NFC", display_name)


def canonical_path(folder: FolderPath) -> FolderPath:
    """A folder path, each name in its canonical form."""
    return tuple(canonical(name) for name in folder)


class Name(Struct, frozen=True):
    """A display name and the folder it is in. A folder of None is not shown: it equals every folder.

    `said`: whether the folder is named in sentences: not one that is only believed.
    """

    display_name: str
    folder: FolderPath | None = None
    said: bool = True

    def same(self, other: Name) -> bool:
        if self.display_name == other.display_name and self.folder == other.folder:
            return True
        folders = {None if one is None else canonical_path(one) for one in (self.folder, other.folder)}
        names = {canonical(self.display_name), canonical(other.display_name)}
        return len(names) == 1 and (None in folders or len(folders) == 1)

    def __str__(self) -> str:
        return place(self.display_name, self.folder if self.said else None)


def compare(manifest: Name, record: Name, live: Name) -> Reason:
    """Which of the three differ. The first that matches wins."""
    if manifest.same(record) and manifest.same(live):
        return Reason(ReasonCode.IN_SYNC, "in sync")
    if live.same(manifest):
        return Reason(ReasonCode.RENAMED_EVERYWHERE, f"renamed from {record} in ProcessMind and here")
    if live.same(record):
        sentence = (
            f"it is {live} in ProcessMind, which can rename nothing from outside; declared is {manifest}"
        )
        return Reason(ReasonCode.RENAMED_IN_MANIFEST, sentence)
    if manifest.same(record):
        sentence = f"it is {live} in ProcessMind now: write that here to keep it, or rename it back there"
        return Reason(ReasonCode.RENAMED_LIVE, sentence)
    sentence = f"the manifest says {manifest}, the state {record}, and ProcessMind {live}"
    return Reason(ReasonCode.ALL_DIFFER, sentence)


def scratch_name(id_: str) -> str:
    """What a scratch dataset of `doctor --probe` is called, so that whoever meets it knows."""
    return f"pmsync probe {id_} (safe to delete)"


def is_scratch_name(display_name: str) -> bool:
    """Whether a live name says that the dataset is nobody's."""
    return _SCRATCH.fullmatch(display_name) is not None


_SCRATCH: Final = re.compile(r"pmsync probe [0-9a-z]{1,32} \(safe to delete\)")
