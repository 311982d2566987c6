"""The plan as the outside sees it: the JSON of `plan --format json` and of a saved plan file.

A public shape with a version of its own, apart from the internal types: minor versions only add fields,
major ones break. It holds no secret, no local path outside the project, and no content. Text, JSON and
`show` all start from it, so a saved plan reads exactly like a fresh one.
"""

from __future__ import annotations

from msgspec import Struct

PLAN_FORMAT = "1.0"


class Part(Struct, frozen=True, rename="camel"):
    """A part of the document, read by its types. Unknown keys are ignored: a minor version may add some."""


class WayOutLine(Part, frozen=True, kw_only=True, omit_defaults=True):
    """A remedy as documents before 0.2 had it; `command` is a line to paste, or empty."""

    meaning: str
    command: str = ""


class RemedyLine(Part, frozen=True, kw_only=True, omit_defaults=True):
    """One thing the user can do about a block.

    `kind`: `command` (`text` is to be typed), `edit` (`text` is a line for `file`, at or below `line`),
    `by-hand` (`act` says what: `rename` gives `live_id` the `name` and `folder`) or `wait`. Of the last two,
    `text` is the command to go on with. `then`: what is to be done after it, in this order.
    """

    kind: str
    meaning: str
    text: str = ""
    file: str = ""
    line: int = 0
    act: str = ""
    address: str = ""
    live_id: str = ""
    name: str = ""
    folder: tuple[str, ...] | None = None
    then: tuple[RemedyLine, ...] = ()


class BlockLine(Part, frozen=True, kw_only=True, omit_defaults=True):
    """What stands in the way of a change, and what to do about it, the recommended remedy first.

    `ways_out` says the same as `remedies` in fewer fields, until 1.0.
    """

    code: str
    sentence: str
    ways_out: tuple[WayOutLine, ...] = ()
    remedies: tuple[RemedyLine, ...] = ()


class LossLine(Part, frozen=True, kw_only=True, omit_defaults=True):
    """Something that does not come back. `rows` None: not known."""

    what: str
    rows: int | None
    why: str


class StakeLine(Part, frozen=True, kw_only=True, omit_defaults=True):
    """What a DELETE or REPLACE takes away."""

    datatables: int
    rows: int
    last_upload: str = ""
    lost: tuple[LossLine, ...] = ()


class ProblemLine(Part, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong with a source file, and where: in the file, or (line 0) in the manifest that names it."""

    file: str
    line: int
    column: int
    code: str
    message: str
    suggestion: str = ""
    declared: str = ""


class ChangeLine(Part, frozen=True, kw_only=True, omit_defaults=True):
    """One change. Fields that do not concern its action are empty (or None for numbers).

    `content` is the sha256 of the file to upload, `size` in bytes, `rows` its records; `rows_before` and
    `rows_after` the datatable's count before and after. `location` is `file:line:column` in the manifest.
    `problems`: what keeps a source file from being sent.
    """

    action: str
    address: str
    reason: str
    sentence: str
    name: str = ""
    folder: str = ""
    live_id: str = ""
    origin: str = ""
    needs: tuple[str, ...] = ()
    block: BlockLine | None = None
    requires: tuple[str, ...] = ()
    content: str = ""
    path: str = ""
    size: int | None = None
    rows: int | None = None
    rows_before: int | None = None
    rows_after: int | None = None
    stake: StakeLine | None = None
    facts: tuple[str, ...] = ()
    drift: str = ""
    location: str = ""
    problems: tuple[ProblemLine, ...] = ()


class OptionLines(Part, frozen=True, kw_only=True):
    """The planning options of a saved plan."""

    variables: tuple[tuple[str, str], ...] = ()
    allow: tuple[str, ...] = ()
    assume_uploaded: tuple[str, ...] = ()
    reupload: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    no_data: bool = False
    refresh_only: bool = False
    new_state: bool = False
    destroy: bool = False


class NoteLine(Part, frozen=True, kw_only=True, omit_defaults=True):
    """Something worth knowing that is no change. `code`: of a diagnostic about a source file."""

    address: str
    sentence: str
    code: str = ""


class LeftoverLine(Part, frozen=True, kw_only=True, omit_defaults=True):
    """Something that is no longer declared and that the API cannot remove. `rows` None: not counted."""

    address: str
    rows: int | None
    recent: bool


class DuplicateLine(Part, frozen=True, kw_only=True, omit_defaults=True):
    """A managed thing (`live_id`) beside which others of its name are live in the same place.

    `certain` is False where the tenant does not show the folder of one.
    """

    address: str
    live_id: str
    others: tuple[str, ...]
    certain: bool


class PlanDocument(Part, frozen=True, kw_only=True):
    """A whole plan. `changes` leaves out what is in sync; `drift` are in-sync things that moved.

    `first_run`: there is no state yet, and apply goes on only if `--new-state` says that there never was one.
    """

    format_version: str
    pmsync_version: str
    environment: str
    tenant_id: str
    host: str
    emulated: bool
    protected: bool
    lineage: str
    options: OptionLines
    digest: str
    structure_digest: str
    changes: tuple[ChangeLine, ...]
    drift: tuple[ChangeLine, ...] = ()
    notes: tuple[NoteLine, ...] = ()
    leftovers: tuple[LeftoverLine, ...] = ()
    duplicates: tuple[DuplicateLine, ...] = ()
    unmanaged: int = 0
    unchanged: int = 0
    first_run: bool = False
