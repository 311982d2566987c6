"""What the user can do about a block, as data: a command, a line to edit, an act by hand, or to wait.

`meaning` is one plain sentence. How a command is typed is for the views: nothing here knows flags' order,
shells or the environment's name.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from pmsync.diagnostics import Location
from pmsync.model.address import Address, FolderPath
from pmsync.model.consent import Allow


class Remedy(Struct, frozen=True, kw_only=True):
    """One way out of a block. `then`: what else is to be done, in this order, before less is blocked."""

    meaning: str
    then: tuple[AnyRemedy, ...] = ()


class ApplyWith(Remedy, frozen=True, kw_only=True):
    """Apply, with these consents and flags beside those that the plan was made with.

    `first`: it finishes something else, and the change itself stays blocked until the next plan.
    `with_data`: without `--no-data`.
    """

    allow: tuple[Allow, ...] = ()
    reupload: tuple[str, ...] = ()
    assume_uploaded: tuple[str, ...] = ()
    first: bool = False
    with_data: bool = False


class Command(Remedy, frozen=True, kw_only=True):
    """Another command of pmsync, in its words: `state`, `accept`, the address."""

    words: tuple[str, ...]


class Edit(Remedy, frozen=True, kw_only=True):
    """A line to write into a file of the repository, at or below `location`, in place of one of its key."""

    line: str
    location: Location


class Act(StrEnum):
    """What somebody does by hand."""

    RENAME = "rename"
    """Give a thing in ProcessMind another name, or another folder."""
    MEND = "mend"
    """Put a source file right."""
    DECLARE = "declare"
    """Write what is no longer declared into the manifests again."""
    UNPROTECT = "unprotect"
    """Take `protect: true` out of a manifest or of pmsync.yaml."""


class ByHand(Remedy, frozen=True, kw_only=True):
    """Something that no command does. `live_id`, `display_name`, `folder`: what is renamed, and how.

    `location`: the file that is to be edited, where it is one.
    """

    act: Act
    address: Address
    live_id: str = ""
    display_name: str = ""
    folder: FolderPath | None = None
    location: Location | None = None


class Again(Remedy, frozen=True, kw_only=True):
    """Wait, or look again."""


AnyRemedy = ApplyWith | Command | Edit | ByHand | Again
