"""Follows what a plan says can be done, to the end: each remedy from the same moment, as text that is typed.

A remedy leads on where after its last step the blocked datasets, datatables and sources, compared in this order,
are fewer. From there on what is recommended first is done, until nothing is blocked; then all is applied.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

from remedies.remedy import Command, Edit, Mend, Remedy, Rename, Step, Unprotect, Wait, remedies_of
from remedies.world import ENVIRONMENT, World
from remedies.yaml_lines import with_line, without_key

Measure = tuple[int, int, int, int]
_FOLDER_ID: Final = re.compile(r"import '?folder:([^' ]+)'? ID")
_USAGE: Final = 64
_ANSWERS: Final = ("--allow", "--reupload", "--assume-uploaded")
_WAYS: Final = ("--no-data", "--destroy")
_LONGEST: Final = 12
_LONG_ENOUGH: Final = 2 * 3600.0


class Stuck(AssertionError):
    """A remedy that does not lead on."""


def blocked(plan: Any, *, pending: bool = False) -> list[Any]:
    """The changes that may not run; those that merely wait for a consent too, if asked for."""
    return [
        one for one in plan["changes"] if "block" in one and (pending or one["block"]["code"] != "pending")
    ]


def rows_of(plan: Any) -> set[str]:
    """Which rows of the tables are blocked, and how: `ambiguous decision`."""
    return {f"{one['reason']} {one['block']['code']}" for one in blocked(plan, pending=True)}


def measure(plan: Any) -> Measure:
    """The blocked datasets (and folders), datatables and sources; last, what is pending."""
    count = Counter(_kind(one["address"]) for one in blocked(plan))
    waiting = len(blocked(plan, pending=True)) - len(blocked(plan))
    return count["dataset"], count["datatable"], count["source"], waiting


def _kind(address: str) -> str:
    if address.startswith("folder:"):
        return "dataset"
    return "source" if "/" in address else "datatable" if "." in address else "dataset"


@dataclass
class Follower:
    """Somebody who does what a plan says.

    `options` are those of the plan, `nothing_comes`: it is of no use to wait, `mend`: what is done where a remedy
    names no line and no thing.
    """

    world: World
    options: tuple[str, ...] = ()
    nothing_comes: bool = False
    mend: Callable[[World], None] | None = None
    doubling_agreed: bool = False
    story: list[str] = field(default_factory=list)
    live_ids: dict[str, set[str]] = field(default_factory=dict)

    def plan(self) -> Any:
        plan = self.world.plan(*self.options)
        if "changes" not in plan:
            raise Stuck(f"there is no plan any more: {plan}")
        self.live_ids = {}
        for change in plan["changes"]:
            table, slash, _ = change["address"].partition("/")
            if slash and "liveId" in change:
                self.live_ids.setdefault(table, set()).add(change["liveId"])
        return plan

    def remedies(self, change: Any) -> list[Remedy]:
        found = remedies_of(change)
        return [one for one in found if self._is_true(one)]

    def _is_true(self, remedy: Remedy) -> bool:
        """Nobody waits for what will not come, or writes down what the tenant does not do."""
        if self.nothing_comes and Wait() in remedy.steps:
            return False
        if any(isinstance(step, Command) and not self._known(step.line) for step in remedy.steps):
            return False
        if remedy.meaning.startswith("it is there") and not self._is_there(remedy):
            return False
        lines = [step.line for step in remedy.steps if isinstance(step, Command)]
        if any(self._doubles(line) or self._adds_what_replaces(line) for line in lines):
            return False
        said = [line for step in remedy.steps if isinstance(step, Edit) for line in (step.line,)]
        settings = self.world.live.emulator.world.ground.settings
        lies = {"replaces", "appends"} - {settings.same_name}
        return not any(f"sameName: {lie}" in line for line in said for lie in lies)

    def _doubles(self, line: str) -> bool:
        """Whether it sends a file once more that is there, or on its way, to a tenant that appends.

        Where the line agrees to that, it is no mistake.
        """
        live = self.world.live
        if live.emulator.world.ground.settings.same_name == "replaces" or "add-rows:" in line:
            return False
        return any(self._held(line, "--reupload"))

    def _adds_what_replaces(self, line: str) -> bool:
        """Whether it agrees to rows beside others that will go, or accepts what is still on its way."""
        live = self.world.live
        settings = live.emulator.world.ground.settings
        if settings.other_name == "replaces" and "add-rows:" in line:
            return True
        if line.startswith("pmsync state accept") and live.is_loading:
            return True
        if settings.same_name != "replaces":
            return False
        added = re.findall(r"--allow add-rows:\S+/(\S+)", line)
        return bool({*added} & live.file_names())

    def _is_there(self, remedy: Remedy) -> bool:
        """Whether the tenant holds what is to be taken as uploaded; of a folder or a dataset that is so."""
        lines = [step.line for step in remedy.steps if isinstance(step, Command)]
        return all(there for line in lines for there in self._held(line, "--assume-uploaded"))

    def _held(self, line: str, flag: str) -> list[bool]:
        """Of each file that the flag names, whether its datatable holds it, or has it on its way."""
        named = [after for word, after in itertools.pairwise(shlex.split(line)) if word == flag]
        return [there for one in named for there in self._holds(*one.split("/", 1))]

    def _holds(self, table: str, names: str) -> list[bool]:
        contents = self.world.live.contents()
        held = [sha256 for id_ in self.live_ids.get(table, ()) for sha256 in contents.get(id_, [])]
        files = self.world.root.glob(f"data/{table.replace('.', '/')}/{names}")
        return [hashlib.sha256(file.read_bytes()).hexdigest() in held for file in files]

    def take(self, remedy: Remedy) -> None:
        """Do what it says, as it says it. Meanwhile time goes on, and what was stored is loaded."""
        self.world.live.flows = True
        for step in remedy.steps:
            self.story.append(f"{step}   ({remedy.meaning})")
            self._step(step)

    def _step(self, step: Step) -> None:
        match step:
            case Command(line=line):
                self._typed(line)
            case Edit(file=file, at=at, line=line):
                self._edited(file, lambda text: with_line(text, at, line))
            case Unprotect(file=file, at=at):
                self._edited(file, lambda text: without_key(text, at, "protect"))
            case Rename(id=id_, name=name, folder=folder):
                self.world.live.rename(id_, name)
                if folder is not None:
                    self.world.live.move(id_, folder)
            case Wait():
                self.world.live.clock.ahead += _LONG_ENOUGH
                self.world.live.arrive()
                self.world.live.emulator.faults.clear()
            case Mend(act=act, address=address):
                if self.mend is None:
                    raise Stuck(f"nobody knows how to {act} {address}")
                self.mend(self.world)
            case _:
                assert_never(step)

    def _edited(self, file: str, edit: Callable[[str], str]) -> None:
        there = self.world.root / file
        there.write_text(edit(there.read_text()))

    def _known(self, line: str) -> str:
        """The line with the id that somebody who looks into ProcessMind writes for ID; empty: there is none."""
        if not (found := _FOLDER_ID.search(line)):
            return line
        ids = self.world.live.datasets(found[1].rsplit("/", 1)[-1])
        return line.replace(" ID", f" {ids[0]}") if ids else ""

    def _typed(self, line: str) -> None:
        ended = self.world.type(self._known(line))
        self.doubling_agreed |= "add-rows:" in line
        said = (ended.err or ended.out).strip().splitlines()
        self.story.append(f"    → exit {ended.code}: {said[-1] if said else ''}")
        if ended.code == _USAGE:
            raise Stuck(f"it is no command: {ended}")
        self.options = tuple(_still_said(self.options, line))

    def leads_on(self, remedy: Remedy, before: Any) -> Any:
        """Take the remedy; the plan after it, in which less is blocked."""
        self.take(remedy)
        after = self.plan()
        if measure(after) >= measure(before):
            raise Stuck(f"nothing is gained: {measure(before)} → {measure(after)}, {sorted(rows_of(after))}")
        return after

    def to_the_end(self, plan: Any) -> None:
        """From here on do what is recommended, until nothing is blocked; then apply."""
        seen: list[Any] = []
        while blocked(plan):
            now = [(one["address"], one["reason"], one["block"]) for one in blocked(plan)]
            if now in seen or len(seen) > _LONGEST:
                raise Stuck(f"a circle: {now}")
            seen.append(now)
            plan = self.leads_on(self.recommended(plan), plan)
        self._applied()

    def recommended(self, plan: Any) -> Remedy:
        """What is said first of the first change of which something is said."""
        for change in blocked(plan):
            for remedy in self.remedies(change):
                return remedy
        raise Stuck(f"nothing is said: {sorted(rows_of(plan))}")

    def _applied(self) -> None:
        """Once nothing is blocked, a plain apply does the rest, and nothing is there twice."""
        if self.options:
            return
        new = "" if self.world.has_state else " --new-state"
        self._typed(f"pmsync apply -e {ENVIRONMENT}{new}")
        left = [one for one in self.plan()["changes"] if one.get("block", {}).get("code") != "pending"]
        if left:
            raise Stuck(f"an apply does not end it: {[(one['address'], one['reason']) for one in left]}")
        if not self.doubling_agreed:
            self.nothing_is_doubled()

    def nothing_is_doubled(self) -> None:
        for table, contents in self.world.live.contents().items():
            twice = [one for one, times in Counter(contents).items() if times > 1]
            if twice:
                raise Stuck(f"{table} holds the same file twice, and nobody agreed to that")


def _still_said(options: tuple[str, ...], line: str) -> Iterator[str]:
    """What a plan is told after this line: what was an answer is spent by it, what it leaves out is over."""
    for option, after in itertools.zip_longest(options, options[1:], fillvalue=""):
        if option in _ANSWERS and line.startswith("pmsync plan"):
            yield from (option, after)
        if option in _WAYS and (option in line or not line.startswith(("pmsync plan", "pmsync apply"))):
            yield option


def every_remedy(world: World, **ways: Any) -> Iterator[str]:
    """Follow each remedy of each blocked change from this moment; what does not lead on, in words."""
    start = world.keep()
    first = Follower(world, **ways)
    plan = first.plan()
    for change in blocked(plan, pending=True):
        mine = first.remedies(change)
        if not mine and change["block"]["code"] != "waits":
            yield f"{change['address']} ({change['reason']}): nothing is said that could be done"
    done: set[tuple[Step, ...]] = set()
    stopped = {change["address"] for change in blocked(plan)}
    for change in blocked(plan, pending=True):
        if change not in blocked(plan) and stopped & {*change.get("requires", [])}:
            continue  # it waits for something that is blocked, and holds up nothing itself
        for remedy in first.remedies(change):
            if remedy.steps in done:
                continue
            done.add(remedy.steps)
            world.put_back(start)
            yield from _followed(Follower(world, **ways), remedy, plan, change)
    if len(blocked(plan)) > 1:
        world.put_back(start)
        yield from _all_recommended(Follower(world, **ways), plan)
    world.put_back(start)


def _followed(somebody: Follower, remedy: Remedy, plan: Any, change: Any) -> Iterator[str]:
    try:
        somebody.to_the_end(somebody.leads_on(remedy, plan))
    except Stuck as stuck:
        yield _told(f"{change['address']} ({change['reason']})", somebody, stuck)


def _all_recommended(somebody: Follower, plan: Any) -> Iterator[str]:
    """Whoever does all that is recommended, one after another, is not told the opposite half-way."""
    done: set[tuple[Step, ...]] = set()
    try:
        for change in blocked(plan):
            for remedy in somebody.remedies(change)[:1]:
                if remedy.steps not in done:
                    done.add(remedy.steps)
                    somebody.take(remedy)
        somebody.to_the_end(somebody.plan())
    except Stuck as stuck:
        yield _told("all that is recommended", somebody, stuck)


def _told(where: str, somebody: Follower, stuck: Stuck) -> str:
    return "\n    ".join((f"{where}: {stuck}", *somebody.story))
