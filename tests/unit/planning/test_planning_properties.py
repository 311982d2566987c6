"""Whatever a repository, colleagues and crashes do in whatever order: what always holds of a plan."""

from dataclasses import replace
from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st
from planning_bench import Bench, says
from planning_run import line

from pmsync.errors import UsageProblem
from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.manifest import OnRemoval
from pmsync.model.plan import Delete, Plan, Replace, Retire
from pmsync.planning.diff import plan as planned

CONTENTS = ["a:5", "b:6", "c:7", "d:5", "empty:0"]
FILES = st.dictionaries(st.sampled_from(["x.csv", "y.csv", "z.csv"]), st.sampled_from(CONTENTS), max_size=3)
TABLES = st.dictionaries(st.sampled_from(["t", "u"]), st.none() | FILES, max_size=2)
KEYS = st.sampled_from(["a", "b", "c"])
CONSENTS = [
    "adopt:*",
    "delete:*",
    "recreate:*",
    "replace:a",
    "replace:b",
    "replace:c",
    "loss:*",
    "add-rows:*",
]
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
HARMLESS = ["adopt:*", "delete:*", "recreate:*", "replace:a", "replace:b", "replace:c"]


def declare(bench: Bench, draw: Any) -> None:
    key, folder = draw(KEYS), draw(st.sampled_from(["", "", "F", "F/G"]))
    name = draw(st.sampled_from([key, key, "a", "b", "Name"]))
    taken = {(one.display_name, one.folder) for one in bench.specs.values() if one.address != key}
    if (name, tuple(folder.split("/")) if folder else ()) in taken:
        return
    bench.declare(
        key,
        draw(TABLES),
        name=name,
        folder=folder,
        append=draw(st.booleans()),
        protect=draw(st.integers(0, 9)) == 0,
        on_removal=draw(st.sampled_from([None, OnRemoval.DELETE, OnRemoval.RETAIN])),
    )


def edit_files(bench: Bench, draw: Any) -> None:
    """The same block with other files: what happens most."""
    if bench.specs:
        spec = bench.specs[draw(st.sampled_from(sorted(bench.specs)))]
        tables = {one.key: draw(FILES) for one in spec.datatables}
        bench.declare(spec.address, tables, name=spec.display_name, folder="/".join(spec.folder))


def undeclare(bench: Bench, draw: Any) -> None:
    bench.undeclare(draw(KEYS), missing_ok=True)


def rekey(bench: Bench, draw: Any) -> None:
    """A key changes and nothing else, or the name with it."""
    if bench.specs:
        spec = bench.specs[draw(st.sampled_from(sorted(bench.specs)))]
        tables = {
            one.key: {file.name: bench.contents[file.sha256] for file in bench.sources.get(one, ())}
            for one in spec.datatables
        }
        bench.undeclare(spec.address)
        new = draw(KEYS)
        if new not in bench.specs:
            name = draw(st.sampled_from([spec.display_name, f"was {spec.display_name}"]))
            bench.declare(new, tables, name=name, folder="/".join(spec.folder))


def colleague(bench: Bench, draw: Any) -> None:
    tenant = bench.tenant
    what = draw(st.sampled_from(["twin", "rename", "rows", "table", "move", "folder"]))
    if what == "folder":
        tenant.create_folder(draw(st.sampled_from(["F", "G"])))
    elif what == "twin":
        id_ = tenant.create_dataset(draw(st.sampled_from(["a", "b", "Name"])))
        tenant.upload(tenant.create_table(id_, "t"), "", "by hand", 4)
    elif tenant.datasets:
        one = tenant.datasets[draw(st.sampled_from(sorted(tenant.datasets)))]
        inside = [table for table in tenant.tables.values() if table.dataset_id == one.id]
        if what == "rename":
            one.name = draw(st.sampled_from(["a", "b", "Theirs"]))
        elif what == "table":
            tenant.create_table(one.id, draw(st.sampled_from(["t", "u"])))
        elif what == "move":
            one.parent = draw(st.sampled_from([None, *sorted(tenant.folders)]))
        elif inside:
            inside[0].loads.append(type(inside[0].loads[0])("", "by hand", 4)) if inside[0].loads else None


def vandal(bench: Bench, draw: Any) -> None:
    """A colleague takes something away."""
    tenant = bench.tenant
    if draw(st.booleans()) and tenant.tables:
        del tenant.tables[draw(st.sampled_from(sorted(tenant.tables)))]
    elif tenant.datasets:
        tenant.delete_dataset(draw(st.sampled_from(sorted(tenant.datasets))))


def tenant_mood(bench: Bench, draw: Any) -> None:
    bench.tenant.shows_tree = draw(st.booleans())
    bench.tenant.lags = draw(st.integers(0, 3)) == 0
    if not bench.tenant.lags:
        bench.tenant.arrive()


def lose(bench: Bench, draw: Any) -> None:
    """A record is lost. Its rows must then not be accepted as somebody else's: that is a word of the user's."""
    if bench.state is not None:
        records = sorted((*bench.state.uploads, *bench.state.folders))
        if records:
            bench.lose_state(draw(st.sampled_from(records)))


def accept(bench: Bench, draw: Any) -> None:
    if bench.state is not None:
        live = bench.tenant.snapshot()
        tables = [
            one
            for one, record in bench.state.datatables.items()
            if record.id in live.datatables and set(bench.tenant.tables[record.id].contents) <= {"by hand"}
        ]
        datasets = [one for one, record in bench.state.datasets.items() if record.id in live.datasets]
        if tables or datasets:
            bench.accept(draw(st.sampled_from(sorted((*tables, *datasets)))))


ACTS = [
    declare,
    edit_files,
    edit_files,
    undeclare,
    rekey,
    colleague,
    colleague,
    vandal,
    tenant_mood,
    lose,
    accept,
]


def checked(bench: Bench, consents: list[str], **options: Any) -> Plan:
    """The plan, with everything that holds of any plan."""
    inputs = bench.inputs(*consents, **options)
    plan = planned(inputs)
    assert (plan.digest, plan.structure_digest) == _shuffled_digests(inputs)
    for change in plan.changes:
        superseded = bench.state.datasets.get(change.address) if bench.state else None
        match change:
            case Delete():
                assert Consent.DELETE in change.needs
            case Replace():
                assert Consent.REPLACE in change.needs
            case Retire(retain=False, needs=()):
                agreed = superseded and superseded.superseded and superseded.superseded.consents
                begun = any(
                    isinstance(one, Replace) and one.address == change.address for one in plan.changes
                )
                moved = any(one.address == change.address for one in plan.steps if one is not change)
                assert agreed or begun or moved
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
        except UsageProblem:
            continue
        note(str(says(plan)))
        options = plan.options
        if run(bench, plan, draw) and not (options.select or options.exclude or options.refresh_only):
            assert destructive(checked(bench, [])) <= destructive(plan)
