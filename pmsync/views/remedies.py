"""Remedies as text: the one place that knows how a command line is typed.

A command is all that it takes to get on from this very plan: what was said to get it is said again, a first
run says that it is one, and where other things would stay blocked it runs what is ready.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from pmsync.model.address import Address, Kind, matches
from pmsync.model.consent import Allow, Consent
from pmsync.model.document import OptionLines, PlanDocument, RemedyLine
from pmsync.model.options import PlanningOptions
from pmsync.model.plan import AnyChange, Plan, Retire
from pmsync.model.reason import Block, BlockCode
from pmsync.model.remedy import Again, AnyRemedy, ApplyWith, ByHand, Command, Edit

_Flags = tuple[object, object, object]
"""What an apply is told beside what the plan was told."""


class CommandLines(Struct, frozen=True):
    """How the remedies of one plan are typed. `lifts`: how many blocked changes each apply would free.

    `asked`: the consents that changes lack which others wait for, by address.
    """

    plan: Plan
    lifts: Counter[_Flags]
    blocked: int
    asked: Mapping[Address, tuple[Allow, ...]]

    @classmethod
    def of(cls, plan: Plan) -> CommandLines:
        blocks = [one.block for one in plan.blocked if one.block is not None and not _follows(one)]
        lifts = Counter(flags for block in blocks for flags in {*map(_flags, _applies(block))})
        return cls(plan, lifts, len(blocks), _asked(plan))

    def line(self, remedy: AnyRemedy, change: AnyChange) -> RemedyLine:
        """What the outside sees of a remedy of a change: what is to be typed, written or done."""
        then = tuple(self.line(one, change) for one in remedy.then)
        return replace(self._step(remedy, change), then=then)

    def _step(self, remedy: AnyRemedy, change: AnyChange) -> RemedyLine:
        match remedy:
            case ApplyWith():
                return RemedyLine(kind="command", meaning=remedy.meaning, text=self._apply(remedy, change))
            case Command():
                return RemedyLine(kind="command", meaning=remedy.meaning, text=self._command(remedy))
            case Edit():
                place = remedy.location
                return RemedyLine(
                    kind="edit", meaning=remedy.meaning, text=remedy.line, file=place.file, line=place.line
                )
            case ByHand():
                return self._by_hand(remedy)
            case Again():
                return RemedyLine(kind="wait", meaning=remedy.meaning, text=self._plan())
            case _:
                assert_never(remedy)

    def _by_hand(self, remedy: ByHand) -> RemedyLine:
        place = remedy.location
        return RemedyLine(
            kind="by-hand",
            meaning=remedy.meaning,
            text=self._plan() if place is None else "",
            act=remedy.act.value,
            address=remedy.address,
            live_id=remedy.live_id,
            name=remedy.display_name,
            folder=remedy.folder,
            file=place.file if place else "",
            line=place.line if place else 0,
        )

    def _command(self, remedy: Command) -> str:
        first = self.plan.first_run and remedy.words[0] in {"import", "apply"}
        words = (*map(shlex.quote, remedy.words), "-e", shlex.quote(self.plan.environment))
        return " ".join(["pmsync", *words, *(["--new-state"] if first else [])])

    def _apply(self, remedy: ApplyWith, change: AnyChange) -> str:
        flags = _flags(remedy)
        said = self.plan.options
        if change.block is not None and change.block.code in _CHOOSE:
            said = self._of_others(said, change)
        remedy = replace(remedy, allow=(*self._of_parents(change), *remedy.allow))
        options = replace(_with(remedy, said), no_data=said.no_data and not remedy.with_data)
        if options.destroy:  # whose own name stands for every `delete`
            given = tuple(one for one in options.allow if one.consent is not Consent.DELETE)
            return self._typed("destroy", *option_words(replace(options, allow=given)))
        if self.plan.first_run:
            options = replace(options, new_state=True)
        words = option_words(options)
        if remedy.first or self.lifts[flags] < self.blocked:
            words.append("--safe-only")
        return self._typed("apply", *words)

    def _of_parents(self, change: AnyChange) -> tuple[Allow, ...]:
        """What the things lack that must be there before it: no answer to it helps while they wait."""
        return tuple(allow for one in change.requires for allow in self.asked.get(one, ()))

    def _of_others(self, said: PlanningOptions, change: AnyChange) -> PlanningOptions:
        """What was said of other things: of this one it was no answer, and would contradict the next."""
        about = change.address

        def others(globs: tuple[str, ...]) -> tuple[str, ...]:
            found: list[str] = []
            for glob in globs:
                if not matches(about, glob):
                    found.append(glob)
                    continue
                files = (one.address for one in self.plan.changes if one.address.kind is Kind.SOURCE)
                found += (str(one) for one in files if one != about and matches(one, glob))
            return tuple(dict.fromkeys(found))

        answers = ((Consent.ADD_ROWS, about), (Consent.REPLACE, about.dataset_address))
        return replace(
            said,
            allow=tuple(one for one in said.allow if not any(one.covers(*answer) for answer in answers)),
            reupload=others(said.reupload),
            assume_uploaded=others(said.assume_uploaded),
        )

    def _plan(self) -> str:
        options = replace(self.plan.options, allow=(), no_data=False, new_state=False)
        return self._typed("plan", *option_words(options), *(["--destroy"] if options.destroy else []))

    def _typed(self, name: str, *words: str) -> str:
        return typed(self.plan.environment, name, words)


def typed(environment: str, name: str, words: Iterable[str] = ()) -> str:
    """A command as it is typed; `words` are quoted already."""
    return " ".join(["pmsync", name, "-e", shlex.quote(environment), *words])


def apply_command(document: PlanDocument) -> str:
    """The command that applies this very plan."""
    options = document.options
    if options.destroy:
        return typed(document.environment, "destroy", option_words(options))
    if document.first_run:
        options = replace(options, new_state=True)
    return typed(document.environment, "apply", option_words(options))


def option_words(options: PlanningOptions | OptionLines) -> list[str]:
    """The planning options as they are typed, quoted for a shell."""
    words = [f"--var {shlex.quote(f'{name}={value}')}" for name, value in options.variables]
    for flag, values in (
        ("--select", options.select),
        ("--exclude", options.exclude),
        ("--allow", options.allow),
        ("--assume-uploaded", options.assume_uploaded),
        ("--reupload", options.reupload),
    ):
        words += [f"{flag} {shlex.quote(str(value))}" for value in values]
    words += [f for f, on in (("--no-data", options.no_data), ("--new-state", options.new_state)) if on]
    return words


def _with(remedy: ApplyWith, options: PlanningOptions) -> PlanningOptions:
    """The options with what the remedy says, and without what would contradict it."""
    said = (one for one in options.allow if not any(_covers(now, one) for now in remedy.allow))
    return replace(
        options,
        allow=(*said, *remedy.allow),
        reupload=_beside(options.reupload, remedy.reupload, remedy.assume_uploaded),
        assume_uploaded=_beside(options.assume_uploaded, remedy.assume_uploaded, remedy.reupload),
    )


def _covers(now: Allow, said: Allow) -> bool:
    return now.covers(said.consent, Address(said.glob))


def _beside(said: tuple[str, ...], now: tuple[str, ...], contradicting: tuple[str, ...]) -> tuple[str, ...]:
    kept = (glob for glob in said if not any(matches(one, glob) for one in contradicting))
    return tuple(dict.fromkeys((*kept, *now)))


def _flags(remedy: ApplyWith) -> _Flags:
    return remedy.allow, remedy.reupload, remedy.assume_uploaded


def _applies(block: Block) -> list[ApplyWith]:
    last = ((one, *one.then)[-1] for one in block.remedies)
    return [one for one in last if isinstance(one, ApplyWith) and not one.first]


def _follows(change: AnyChange) -> bool:
    """Whether it is the end of a REPLACE that is free as soon as its beginning is."""
    return isinstance(change, Retire) and change.block is not None and not change.block.remedies


def _asked(plan: Plan) -> dict[Address, tuple[Allow, ...]]:
    """The consents that each change lacks, with those of what it waits for itself, by its address."""
    lacking = {
        change.address: change.block.remedies
        for change in plan.blocked
        if change.block is not None and change.block.code is BlockCode.CONSENT
    }
    found: dict[Address, tuple[Allow, ...]] = {}
    for change in plan.changes if lacking else ():
        above = tuple(allow for one in change.requires for allow in found.get(one, ()))
        agreeing = (one for one in lacking.get(change.address, ()) if isinstance(one, ApplyWith))
        own = (allow for one in agreeing for allow in one.allow if allow.glob == change.address)
        found.setdefault(change.address, tuple(dict.fromkeys((*above, *own))))
    return found


_CHOOSE = {BlockCode.DECISION, BlockCode.UNCONFIRMED}
"""Blocks that the user lifts by saying which action it is."""
