"""Notes what is run against one tenant, command after command, and what somebody did by hand in between.

Whoever runs something gives a look at what there is to see; the story that comes of it is the checker's. It must
not know how a command is run, nor judge one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from faults.memory import Memory
from faults.story import BY_HAND, Live, Ran, Request, Story, Wish


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is to see between two commands. `last`: the number of the last request, from 1."""

    memory: Memory
    live: Live
    wish: Wish
    last: int


@dataclass(slots=True)
class Recorder:
    """One environment's story as it happens."""

    look: Callable[[], Sight]
    _runs: list[tuple[Ran, int, int]] = field(default_factory=list)
    _seen: Sight | None = None

    def begin(self) -> None:
        """A command is about to begin: whatever is not as the one before it left it was done by hand."""
        seen = self.look()
        before, self._seen = self._seen, seen
        if before is None or (before.memory, before.live) != (seen.memory, seen.live):
            by_hand = Ran(arguments=(BY_HAND,), code=0, memory=seen.memory, live=seen.live, wish=seen.wish)
            self._runs.append((by_hand, seen.last, seen.last))

    def end(self, arguments: tuple[str, ...], code: int, output: str, **more: Any) -> None:
        """It has ended. `more` is the run's: what else there is to say of it."""
        assert self._seen is not None
        began, self._seen = self._seen, self.look()
        ran = Ran(
            arguments=arguments,
            code=code,
            output=output,
            memory=self._seen.memory,
            live=self._seen.live,
            wish=began.wish,
            **more,
        )
        if ran.command == "destroy":
            ran = replace(ran, wish={})
        self._runs.append((ran, began.last, self._seen.last))

    def story(self, requests: Iterable[Request], **more: Any) -> Story:
        """All of it. `requests`: everything that anybody sent, in order; `more` is the story's."""
        everything = list(requests)
        runs = tuple(
            replace(ran, requests=tuple(one for one in everything if first < one["sequence"] <= last))
            for ran, first, last in self._runs
        )
        return Story(runs=runs, strangers=_strangers(runs), **more)


def _strangers(runs: tuple[Ran, ...]) -> frozenset[str]:
    """The ids of what was there and neither made here nor ever on record."""
    live = (dataset for ran in runs for dataset in ran.live)
    seen = {id_ for dataset in live for id_ in (dataset.id, *(table.id for table in dataset.tables))}
    made = {id_ for ran in runs for one in ran.requests for id_ in one["made"]}
    known = {id_ for ran in runs for id_ in ran.memory.addresses}
    return frozenset(seen - made - known)
