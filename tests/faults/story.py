"""The nouns the checker judges: what was wanted, what was run, what the tenant was asked, what it holds.

Plain values, made by the rig or by hand; must not know of pmsync nor of the emulator's classes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from faults.memory import Memory

Request = Mapping[str, Any]
"""One exchange, as `GET /_pmsync/history` tells it."""


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
    """A datatable as it is: its rows, and the files it holds as (name, sha256)."""

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

    @property
    def command(self) -> str:
        return self.arguments[0]

    @property
    def was_killed(self) -> bool:
        return self.code < 0

    @property
    def mutations(self) -> tuple[Request, ...]:
        return tuple(one for one in self.requests if one["method"] not in {"GET", "HEAD"})

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
        """What was agreed to on the command line, as KIND:ADDRESS."""
        for option, value in zip(self.arguments, self.arguments[1:], strict=False):
            if option == "--allow":
                yield value


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Commands of one environment, one after another, and what they are judged by."""

    wish: Wish
    runs: tuple[Ran, ...]
    before: Memory = field(default_factory=Memory)
    strangers: frozenset[str] = frozenset()
    """Ids that are none of ours."""

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
        return tuple(
            sorted((one for one in self.requests if one["committed"]), key=lambda one: one["commit"])
        )


def differences(live: Live, wish: Wish, strangers: frozenset[str] = frozenset()) -> list[str]:
    """In what the tenant is not as declared; foreign things do not count."""
    found = []
    ours = [one for one in live if one.id not in strangers]
    for address, wanted in wish.items():
        named = [one for one in ours if (one.name, one.folder) == (wanted.name, wanted.folder)]
        if len(named) != 1:
            found.append(f"{address}: {len(named)} live datasets of its name and folder, not 1")
            continue
        found += [f"{address}: {text}" for text in _table_differences(named[0], wanted)]
    places = {(one.name, one.folder) for one in wish.values()}
    found += [
        f"{one.name!r} ({one.id}) is live, and nobody declared it"
        for one in ours
        if (one.name, one.folder) not in places
    ]
    return found


def _table_differences(live: LiveDataset, wanted: WantedDataset) -> Iterator[str]:
    for name, files in wanted.tables.items():
        named = [one for one in live.tables if one.name == name]
        if len(named) != 1:
            yield f"{len(named)} live datatables named {name!r}, not 1"
            continue
        held, declared = Counter(named[0].contents), Counter((one.name, one.sha256) for one in files)
        for (file, sha256), count in (held - declared).items():
            yield f"{name} holds {file} ({sha256[:8]}) {count} times more than declared"
        for (file, sha256), count in (declared - held).items():
            yield f"{name} lacks {file} ({sha256[:8]}) {count} times"
        rows = sum(one.rows for one in files)
        if named[0].rows != rows:
            yield f"{name} shows {named[0].rows} rows, not {rows}"
