"""Whatever a repository, colleagues and crashes do in whatever order: what always holds of a plan."""

from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from planning_acts import ACTS, CONSENTS, HARMLESS
from planning_bench import Bench, says
from planning_run import line

from pmsync.errors import InputError, UsageProblem
from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.plan import Delete, Plan, Replace, Retire
from pmsync.planning.diff import plan as planned

FLAGS = st.fixed_dictionaries(
    {},
    optional={
        "assume": st.just(["a.*"]),
        "reupload": st.just(["b.*"]),
        "no_data": st.just(True),
        "refresh_only": st.just(True),
        "destroy": st.just(True),
        "select": st.sampled_from([("a",), ("b.t",), ("*/x.csv",)]),
        "exclude": st.sampled_from([("a",), ("b.t",), ("folder:*",)]),
    },
)


def checked(bench: Bench, consents: list[str], **options: Any) -> Plan:
    """The plan, with everything that holds of any plan."""
    inputs = bench.inputs(*consents, **options)
    plan = planned(inputs)
    assert (plan.digest, plan.structure_digest) == _shuffled_digests(inputs)
    for change in plan.changes:
        match change:
            case Delete():
                assert Consent.DELETE in change.needs
            case Replace():
                assert Consent.REPLACE in change.needs
            case Retire(retain=False):
                assert {Consent.REPLACE, Consent.DELETE} & set(change.needs)
            case _:
                pass
        if change.block is None:
            given = {Consent(one.split(":")[0]) for one in consents}
            assert set(change.needs) <= given
    return plan


def _shuffled_digests(inputs: Any) -> tuple[str, str]:
    def turned(things: Any) -> Any:
        return dict(reversed(things.items()))

    snapshot = inputs.snapshot
    state = inputs.state and replace(
        inputs.state,
        folders=turned(inputs.state.folders),
        datasets=turned(inputs.state.datasets),
        datatables=turned(inputs.state.datatables),
        uploads=turned(inputs.state.uploads),
    )
    other = replace(
        inputs,
        manifest=replace(inputs.manifest, datasets=turned(inputs.manifest.datasets)),
        sources=inputs.sources and turned(inputs.sources),
        state=state,
        snapshot=replace(
            snapshot,
            folders=turned(snapshot.folders),
            datasets=turned(snapshot.datasets),
            datatables=turned(snapshot.datatables),
        ),
    )
    plan = planned(other)
    return plan.digest, plan.structure_digest


def destructive(plan: Plan) -> set[str]:
    """The ids of what would be deleted or replaced."""
    return {
        change.live_id
        for change in plan.changes
        if isinstance(change, Delete | Replace) or (isinstance(change, Retire) and not change.retain)
    }


def ready(plan: Plan) -> list[str]:
    """The lines of what may run, in order."""
    waiting: set[Address] = set()
    lines = []
    for change in plan.steps:
        if change.block is not None or waiting.intersection(change.requires):
            waiting.add(change.address)
        else:
            lines.append(line(change))
    return lines


def run(bench: Bench, plan: Plan, draw: Any) -> bool:
    """Run what is ready, perhaps only up to some step; whether it ran to its end."""
    lines = ready(plan)
    if not lines:
        return True
    end = draw(st.sampled_from(["", "", "", *lines]))
    how = "killed_before"
    if end.startswith(("create", "replace", "upload")) and draw(st.booleans()):
        how = "lost"
    note(f"{how} {end}")
    bench.run(plan, must_end=False, **{how: end})
    return not end


def hand_made(bench: Bench) -> int:
    return sum(
        load.rows
        for table in bench.tenant.tables.values()
        for load in table.loads
        if load.content == "by hand"
    )


def doubled(bench: Bench) -> list[str]:
    """Contents that some datatable holds twice, though the records knew of them all the time."""
    return [
        content
        for table in bench.tenant.tables.values()
        for content in set(table.contents) - {"by hand"} - bench.forgotten
        if table.contents.count(content) > 1
    ]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_no_history_leads_to_a_plan_that_harms(data: Any) -> None:
    """Without a consent to lose or to add rows: no colleague's row goes, and nothing is there twice."""
    draw = data.draw
    bench = Bench()
    bench.behaves(
        draw(st.sampled_from(["replaces", "replaces", "appends", "unknown"])),
        draw(st.sampled_from(["adds", "adds", "unknown"])),
    )
    bench.declare("a", {"t": {"x.csv": "a:5", "y.csv": "b:6"}})
    bench.declare("b", {"t": {"x.csv": "c:7"}, "u": None}, folder="F")
    bench.apply()
    for _ in range(draw(st.integers(1, 8))):
        for act in draw(st.lists(st.sampled_from(ACTS), min_size=1, max_size=3)):
            note(act.__name__)
            act(bench, draw)
        consents = draw(st.sampled_from([[], HARMLESS]) | st.lists(st.sampled_from(HARMLESS), unique=True))
        plan = checked(bench, consents)
        note(f"{consents} {says(plan)}")
        theirs = hand_made(bench)
        whole = run(bench, plan, draw)
        assert hand_made(bench) == theirs
        assert not doubled(bench)
        after = checked(bench, [])
        note(f"then {says(after)}")
        if whole:
            assert destructive(after) <= destructive(plan)
            if not plan.blocked and not bench.tenant.lags:
                assert not [change for change in after.steps if change.block is None]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_whatever_was_agreed_to_the_next_plan_finds_nothing_new_to_delete(data: Any) -> None:
    draw = data.draw
    bench = Bench()
    bench.declare("a", {"t": {"x.csv": "a:5", "y.csv": "b:6"}})
    bench.declare("b", {"t": {"x.csv": "c:7"}, "u": None}, folder="F")
    bench.apply()
    for _ in range(draw(st.integers(1, 6))):
        for act in draw(st.lists(st.sampled_from(ACTS), min_size=1, max_size=3)):
            note(act.__name__)
            act(bench, draw)
        try:
            plan = checked(bench, draw(st.lists(st.sampled_from(CONSENTS), unique=True)), **draw(FLAGS))
        except (UsageProblem, InputError):
            continue
        note(str(says(plan)))
        options = plan.options
        narrowed = options.select or options.exclude or options.refresh_only or not bench.specs
        if run(bench, plan, draw) and not narrowed:
            assert destructive(checked(bench, [])) <= destructive(plan)
