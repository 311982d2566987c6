"""Names: manifest, record and live compared, for datasets and datatables alike.

The API can rename and move nothing (vendor's API reference: no such endpoint), so every difference is
either ours to write down, theirs to keep, or for the user to mend in ProcessMind.
"""

from __future__ import annotations

from dataclasses import dataclass

from pmsync.model.address import FolderPath
from pmsync.model.plan import Reason, ReasonCode
from pmsync.planning.wording import place


@dataclass(frozen=True, slots=True)
class Name:
    """A display name and the folder it is in. A folder of None is not shown: it equals every folder."""

    display_name: str
    folder: FolderPath | None = None

    def same(self, other: Name) -> bool:
        folders = {self.folder, other.folder}
        return self.display_name == other.display_name and (None in folders or len(folders) == 1)

    def __str__(self) -> str:
        return place(self.display_name, self.folder)


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
        return Reason(ReasonCode.RENAMED_LIVE, f"it is {live} in ProcessMind now")
    sentence = f"declared is {manifest}, on record {record}, and in ProcessMind it is {live}"
    return Reason(ReasonCode.ALL_DIFFER, sentence)
