"""The nouns the checker judges: what was wanted, what was run, what the tenant was asked, what it holds.

Plain values, made by the rig or by hand; must not know of pmsync nor of the emulator's classes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from faults.memory import Memory

BY_HAND: Final = "by-hand"
"""The command of what is none: somebody changed the tenant or the files beside pmsync, and left them so."""

Request = Mapping[str, Any]
"""One exchange, as `GET /_pmsync/history` tells it."""


def exchange(sequence: int, method: str, endpoint: str | None, path: str, **more: Any) -> dict[str, Any]:
    """A request that was sent and of which nothing has come yet, with whatever `more` is known of it."""
    return {
        "sequence": sequence,
        "method": method,
        "endpoint": endpoint,
        "path": path,
        "status": None,
        "keyAtBucket": False,
        "fileName": None,
        "sha256": None,
        "name": None,
        "bodySha256": None,
        "faults": [],
        "committed": False,
        "commit": None,
        "made": [],
        "deleted": [],
        **more,
    }


@dataclass(frozen=True, slots=True)
class Content:
    """A declared file: the name the tenant sees, what is in it, its data rows."""

    name: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class WantedDataset:
    """A declared dataset: its display name, its folder, and the files of each datatable by display name."""

    name: str
    folder: tuple[str, ...]
    tables: Mapping[str, tuple[Content, ...]]


Wish = Mapping[str, WantedDataset]
"""What is declared, by address."""


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A datatable as it is: its rows, and the files it holds rows of as (name, sha256)."""

    id: str
    name: str
    rows: int
    contents: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LiveDataset:
    """A dataset as it is."""

    id: str
    name: str
    folder: tuple[str, ...]
    tables: tuple[LiveTable, ...]


Live = tuple[LiveDataset, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One command from its start to its end. `code` is minus the signal where one ended it."""

    arguments: tuple[str, ...]
    code: int
    output: str = ""
    requests: tuple[Request, ...] = ()
    seconds: float = 0.0
    memory: Memory = field(default_factory=Memory)
    live: Live = ()
    wish: Wish = field(default_factory=dict)
    """What was declared when it began."""

    written: tuple[str, ...] = ()
    """The consents that a file of the repository gave, as KIND:ADDRESS-GLOB."""

    disk_failed: bool = False
    """Whether the disk may have refused something: what it kept of that nobody knows before the power is lost."""

    lost_power: bool = False

    hides_tree: bool = False
    """Whether the tenant's listings did not show in which folder anything is."""

    @property
    def command(self) -> str:
        return next(one for one in self.arguments if not one.startswith("-"))

    @property
    def is_apply(self) -> bool:
        return self.command == "apply" and "--dry-run" not in self.arguments

    @property
    def is_plan(self) -> bool:
        return self.command == "plan" or (self.command == "apply" and not self.is_apply)

    @property
    def leaves_a_rest(self) -> bool:
        """Whether it says that rows which nobody declares any more are still there."""
        return "stay (the API cannot remove them)" in self.output or "converged-except" in self.output

    @property
    def has_done_all(self) -> bool:
        """Whether it says by its exit code that it did whatever there was to do."""
        return self.is_apply and self.code == 0 and not {"--safe-only", "--no-data"} & {*self.arguments}

    @property
    def is_by_hand(self) -> bool:
        return self.command == BY_HAND

    @property
    def is_probe(self) -> bool:
        """Whether it tries the tenant out, on scratch datasets of its own."""
        return self.command == "doctor"

    @property
    def was_killed(self) -> bool:
        return self.code < 0

    @property
    def mutations(self) -> tuple[Request, ...]:
        return tuple(one for one in self.requests if one["method"] not in {"GET", "HEAD"})

    @property
    def commits(self) -> tuple[Request, ...]:
        """Those of its requests that changed the tenant, in the order in which they did."""
        return _in_order(one for one in self.requests if one["committed"])

    @property
    def struck(self) -> bool:
        """Whether anything was done to it: killed, or a fault in one of its requests."""
        return self.was_killed or any(one["faults"] for one in self.requests)

    @property
    def asks(self) -> bool:
        """Whether it ended with a question: refused or unconfirmed, with a way out in its words that needs no consent."""
        ways = ("--assume-uploaded", "--reupload", "pmsync import")
        return self.code in {3, 4} and any(way in self.output for way in ways)

    def consents(self) -> Iterator[str]:
        """What was agreed to, as KIND:ADDRESS-GLOB."""
        yield from self.written
        for option, value in zip(self.arguments, self.arguments[1:], strict=False):
            if option == "--allow":
                yield value
        if self.command == "destroy" and "--confirm" in self.arguments:
            yield "delete:*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Commands of one environment, one after another, what was done by hand between them, and what they are judged by."""

    runs: tuple[Ran, ...]
    before: Memory = field(default_factory=Memory)
    strangers: frozenset[str] = frozenset()
    """Ids that are none of ours."""

    rows_are_verified: bool = True
    """Whether the environment waits for rows to show."""

    secrets: tuple[str, ...] = ()
    most_requests: int = 2000
    most_seconds: float = 60.0

    @property
    def requests(self) -> tuple[Request, ...]:
        found = {one["sequence"]: one for ran in self.runs for one in ran.requests}
        return tuple(found[number] for number in sorted(found))

    @property
    def commits(self) -> tuple[Request, ...]:
        """What changed the tenant, in the order in which it did."""
        return _in_order(one for one in self.requests if one["committed"])


def _in_order(committed: Iterable[Request]) -> tuple[Request, ...]:
    return tuple(sorted(committed, key=lambda one: one["commit"]))


def agreed_to(address: str | None, consents: Iterable[str], *kinds: str) -> bool:
    """Whether one of these consents is of one of these kinds, and for this address."""
    pairs = (one.split(":", 1) for one in consents)
    return any(kind in kinds and fnmatchcase(address or "", glob) for kind, glob in pairs)


def differences(
    live: Live,
    wish: Wish,
    strangers: frozenset[str] = frozenset(),
    *,
    more: bool = False,
    fewer: bool = False,
    kept: frozenset[str] = frozenset(),
    adopted: frozenset[str] = frozenset(),
    hides_tree: bool = False,
) -> list[str]:
    """In what the tenant is not as declared; foreign things do not count.

    `more`: nor do rows besides, nor do they in `adopted` datatables; `kept`: nor those of these contents, which
    stay when nobody declares them any more; `fewer`: nor those that are held and not shown yet; `hides_tree`:
    nor does it count where something `adopted` is, as nobody could see it.
    """
    found = []
    anywhere = adopted if hides_tree else frozenset()
    ours = [one for one in live if one.id not in strangers]
    for address, wanted in wish.items():
        named = [
            one
            for one in ours
            if one.name == wanted.name and (one.folder == wanted.folder or one.id in anywhere)
        ]
        if len(named) != 1:
            found.append(f"{address}: {len(named)} live datasets of its name and folder, not 1")
            continue
        theirs = {one.id for one in named[0].tables} & adopted
        found += [
            f"{address}: {text}"
            for text in _table_differences(named[0], wanted, theirs=theirs, more=more, fewer=fewer, kept=kept)
        ]
    places = {(one.name, one.folder) for one in wish.values()}
    found += [
        f"{one.name!r} ({one.id}) is live, and nobody declared it"
        for one in ours
        if (one.name, one.folder) not in places and one.id not in anywhere
    ]
    return found


def _table_differences(
    live: LiveDataset,
    wanted: WantedDataset,
    *,
    theirs: set[str],
    more: bool,
    fewer: bool,
    kept: frozenset[str],
) -> Iterator[str]:
    for name, files in wanted.tables.items():
        named = [one for one in live.tables if one.name == name]
        if len(named) != 1:
            yield f"{len(named)} live datatables named {name!r}, not 1"
            continue
        # By content, once each: a file that only changed its name is not sent again, nor is its copy.
        held = Counter(sha256 for _, sha256 in named[0].contents)
        contents = {one.sha256: one.rows for one in files if one.rows}
        declared = Counter(contents.keys())
        for sha256, count in (held - declared).items():
            if sha256 in declared or not (more or named[0].id in theirs or sha256 in kept):
                yield f"{name} holds {sha256[:8]} {count} times more than declared"
        for sha256, count in (declared - held).items():
            yield f"{name} lacks {sha256[:8]} {count} times"
        rows = sum(contents.values())
        besides = more or named[0].id in theirs or not kept.isdisjoint(held.keys() - declared.keys())
        if (named[0].rows > rows and not besides) or (named[0].rows < rows and not fewer):
            yield f"{name} shows {named[0].rows} rows, not {rows}"


def holds_undeclared(live: Live, wish: Wish) -> bool:
    """Whether a declared dataset holds a datatable that is not declared."""
    declared = {(one.name, one.folder): one.tables for one in wish.values()}
    return any(
        table.name not in declared[one.name, one.folder]
        for one in live
        if (one.name, one.folder) in declared
        for table in one.tables
    )
