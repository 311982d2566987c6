"""Taking away what a probe made: its scratch datasets, whoever killed it and wherever.

Must not know what they were made for.
"""

from __future__ import annotations

from typing import Final, Protocol

from msgspec import Struct

from pmsync.engine.course import Course
from pmsync.engine.execute import execute
from pmsync.engine.reading import known_ids, read_tenant
from pmsync.engine.run import Run
from pmsync.engine.settle import let_settle
from pmsync.engine.tools import Tools
from pmsync.model.manifest import Manifest
from pmsync.model.outcome import Settle
from pmsync.model.project import Environment
from pmsync.model.state import Binding
from pmsync.planning.inputs import Inputs
from pmsync.planning.scratch import Scratch, scratch, scratch_left
from pmsync.statestore.interface import Ledger
from pmsync.tenant.body import UploadTask

_ROUNDS: Final = 4
"""How often scratch is looked for: of creates that arrived twice each look takes one away."""


class PutBytes(Protocol):
    """Puts bytes that are on no disk where the task says; raises as `Send` does."""

    def __call__(self, task: UploadTask, content: bytes) -> object: ...


class Ground(Struct, frozen=True, kw_only=True):
    """Where a probe works. `put` sends its files; `name` is its scratch datasets' own, never used before."""

    environment: Environment
    binding: Binding
    emulated: bool
    tools: Tools
    ledger: Ledger
    put: PutBytes
    name: str


def sweep(ground: Ground) -> tuple[str, ...]:
    """Take away every scratch dataset that is on record or announced; what is left all the same."""
    tools = ground.tools
    for _ in range(_ROUNDS):
        if not scratch_left(ground.ledger.state):
            break
        let_settle(ground.ledger.state, tools.request_patience, tools.now())
        if tools.stopped():
            break
        found = _scratch(ground)
        if not found.changes and not found.void:
            break
        execute(run_of(ground), found.changes, _still_void(ground, found))
    return scratch_left(ground.ledger.state)


def _still_void(ground: Ground, found: Scratch) -> tuple[Settle, ...]:
    """What a second look finds nothing of either: one listing may be cut."""
    again = _scratch(ground).void if found.void else ()
    return tuple(entry for entry in found.void if entry in again)


def _scratch(ground: Ground) -> Scratch:
    state = ground.ledger.state
    inputs = Inputs(
        environment=ground.environment,
        binding=ground.binding,
        emulated=ground.emulated,
        manifest=Manifest(datasets={}),
        sources=None,
        still_here=frozenset(),
        state=state,
        snapshot=read_tenant(ground.tools.writer, known_ids(state), ground.tools.observer),
    )
    return scratch(inputs)


def run_of(ground: Ground) -> Run:
    """A run from what is on record now."""
    state = ground.ledger.state
    return Run(
        tools=ground.tools,
        ledger=ground.ledger,
        course=Course(state, ground.tools.observer, fail_fast=False, stopped=ground.tools.stopped),
        environment=ground.environment.name,
        approvals=frozenset(),
        verify=ground.environment.verify,
        uploads=ground.environment.uploads,
    )
