"""What people do between two plans: edits of a repository, and what colleagues do in the tenant by hand.

Each act takes a bench and Hypothesis' draw; it does nothing where it makes no sense.
"""

from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from planning_bench import Bench

from pmsync.errors import Refused
from pmsync.model.address import Address
from pmsync.model.manifest import OnRemoval

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
HARMLESS = ["adopt:*", "delete:*", "recreate:*", "replace:a", "replace:b", "replace:c"]


def is_taken(bench: Bench, name: str, folder: tuple[str, ...], *, but_for: str = "") -> bool:
    """Whether another dataset has this name in this place: two of them are refused before anything is planned."""
    return any(
        (one.display_name, one.folder) == (name, folder) and one.address != but_for
        for one in bench.specs.values()
    )


def declare(bench: Bench, draw: Any) -> None:
    key, folder = draw(KEYS), draw(st.sampled_from(["", "", "F", "F/G"]))
    name = draw(st.sampled_from([key, key, "a", "b", "Name"]))
    if is_taken(bench, name, tuple(folder.split("/")) if folder else (), but_for=key):
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
    key = draw(KEYS)
    if bench.specs.keys() - {Address.dataset(key)}:  # manifests that hold nothing are no plan
        bench.undeclare(key, missing_ok=True)


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
            if is_taken(bench, name, spec.folder):
                name = spec.display_name
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
            with suppress(Refused):  # the new half of a REPLACE that has not been seen full
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
