"""Datatables with a source that cannot be sent: no table, missing, or not clear which.

A look at the files found the problems; here is said what they hold up. Nothing goes into such a datatable,
since what is to be there is not known whole, and nothing is made for it. What only the state is changed by
goes on. It must not know what can be wrong with a file.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from pmsync.diagnostics import Diagnostic
from pmsync.model.address import Address, Kind
from pmsync.model.notes import Leftover
from pmsync.model.plan import AnyChange, CreateDatatable, Undecided, Upload
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import Act, ByHand
from pmsync.planning.inputs import World
from pmsync.planning.uploads import Filled

_BY_THE_SUM = frozenset(
    {ReasonCode.FOREIGN_ROWS, ReasonCode.LEFTOVER_ROWS, ReasonCode.LOST_STATE, ReasonCode.ROTATION}
)
"""Questions that are asked because of what all files of a datatable come to: that is not known here."""


def with_problems(world: World, filled: Filled) -> Filled:
    """The changes with one for each source that cannot be sent; what it holds up waits."""
    problems = world.inputs.problems
    if not problems:
        return filled
    first = {table: sources[0] for table, sources in world.troubled.items()}
    changes = [_waiting(change, first) for change in filled.changes]
    changes += [_problem(world, address, told) for address, told in sorted(problems.items())]
    return Filled(tuple(changes), tuple(left for left in filled.leftovers if not _is_unsure(left, first)))


def _waiting(change: AnyChange, first: dict[Address, Address]) -> AnyChange:
    cause = first.get(change.address.datatable_address) if change.address.kind in _INSIDE else None
    if cause is None:
        return change
    sentence = f"waits for {cause}, whose file cannot be sent"
    block = Block(BlockCode.WAITS, sentence)
    match change:
        case Upload() | CreateDatatable():
            return change if change.block is not None else replace(change, block=block)
        case Undecided() if change.reason.code in _BY_THE_SUM:
            return replace(change, reason=Reason(ReasonCode.WAITS, sentence), block=block, offers=())
        case _:
            return change


_INSIDE = frozenset({Kind.DATATABLE, Kind.SOURCE})


def _problem(world: World, address: Address, problems: tuple[Diagnostic, ...]) -> Undecided:
    table = world.state.datatables.get(address.datatable_address)
    sentence = "; ".join(in_words(one) for one in problems)
    ways = tuple(_mend(address, one) for one in problems if one.suggestion)
    return Undecided(
        address=address,
        reason=Reason(ReasonCode.NO_TABLE, sentence),
        live_id=table.id if table else "",
        block=Block(BlockCode.DATA, sentence, ways),
        location=problems[0].declared or problems[0].location,
        problems=problems,
    )


def _mend(address: Address, problem: Diagnostic) -> ByHand:
    return ByHand(
        meaning=problem.suggestion or "",
        act=Act.MEND,
        address=address,
        location=problem.location,
    )


def in_words(problem: Diagnostic) -> str:
    """One sentence for what was found in a file, and where."""
    place = f" (line {problem.location.line}, column {problem.location.column})" if problem.declared else ""
    return f"{problem.code}: {problem.message}{place}"


def _is_unsure(left: Leftover, troubled: Iterable[Address]) -> bool:
    """Whether rows may be those of a source that is declared and could not be found."""
    return left.address.kind is Kind.SOURCE and left.address.datatable_address in troubled
