"""What `ls`, `export`, `import` and `state accept` need: the live tenant beside manifests and state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmsync.model.options import PlanningOptions

if TYPE_CHECKING:
    from pmsync.cli.runtime import Workplace
    from pmsync.model.manifest import Manifest
    from pmsync.model.state import State
    from pmsync.planning.inputs import World


def world_of(work: Workplace, manifest: Manifest, state: State | None) -> World:
    """The tenant as it is, without looking at the sources. Sends GETs only."""
    from pmsync.engine.reading import known_ids, read_tenant  # noqa: PLC0415
    from pmsync.planning.inputs import Inputs, look_at  # noqa: PLC0415

    inputs = Inputs(
        environment=work.loaded.environment,
        binding=work.binding,
        emulated=work.site.emulated,
        manifest=manifest,
        sources=None,
        still_here=frozenset(),
        state=state,
        snapshot=read_tenant(work.writer, known_ids(state), work.observer),
        options=PlanningOptions(),
        approvals=work.loaded.approvals,
    )
    return look_at(inputs)
