"""Listings of the live tenant and of the state: aligned text, exact JSON."""

import json
import re
from typing import Any

import pytest
from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.listing import LiveThing, Standing
from pmsync.model.manifest import OnRemoval
from pmsync.model.state import (
    Binding,
    DatasetRecord,
    DatatableRecord,
    Evidence,
    FolderRecord,
    Origin,
    State,
    Superseded,
    UploadRecord,
)
from pmsync.views.escape import terminal
from pmsync.views.lines import Look
from pmsync.views.listings import live_json, live_text, record_json, record_text, state_json, state_text

THINGS = (
    LiveThing(
        standing=Standing.MANAGED,
        address=Address("o2c"),
        id="ds-1",
        display_name="Order to Cash",
        folder=("Finance",),
    ),
    LiveThing(
        standing=Standing.DRIFTED,
        address=Address("o2c.events"),
        id="dt-1",
        display_name="Events",
        dataset_id="ds-1",
        rows=12_431,
        remark="12,000 rows were loaded",
    ),
    LiveThing(standing=Standing.UNMANAGED, address=None, id="ds-2", display_name="Theirs"),
    LiveThing(standing=Standing.GONE, address=Address("hr.people"), id="dt-9", display_name="People"),
)
OLD = Superseded(
    id="ds-0",
    address=Address("o2c"),
    display_name="Old",
    folder=(),
    origin=Origin.CREATED,
    retain=False,
    datatables={Address("o2c.x"): DatatableRecord(id="dt-0", display_name="x", origin=Origin.CREATED)},
)
DATASET = DatasetRecord(
    id="ds-1",
    display_name="Order to Cash",
    folder=("Finance",),
    origin=Origin.CREATED,
    protect=True,
    on_removal=OnRemoval.DELETE,
    superseded=OLD,
)
WHERE = "/s/dev"
WHOLE = Look(100, whole=True)
STATE = State(
    lineage="l-1",
    serial=3,
    binding=Binding(tenant_id="t-1", host="h"),
    runs=2,
    folders={Address("folder:Finance"): FolderRecord(id="f-1", origin=Origin.ADOPTED)},
    datasets={Address("o2c"): DATASET},
    datatables={
        Address("o2c.events"): DatatableRecord(id="dt-1", display_name="Events", origin=Origin.ADOPTED)
    },
    uploads={
        Address("o2c.events/a.csv"): UploadRecord(
            name="a.csv",
            path="data/a.csv",
            sha256="ab" * 32,
            size=2_048,
            rows=12,
            evidence=Evidence.ROWS,
            append=False,
            run=1,
            uploaded_at="2026-11-02T08:14:00Z",
        )
    },
)


LONG = replace(THINGS[0], display_name="A very long name " * 12, id="ds-3", address=None)


def test_in_a_pipe_each_thing_is_a_line_and_nothing_is_shortened() -> None:
    text = live_text("environment prod", (*THINGS, LONG), WHOLE)
    first, empty, *things, _, last = text.splitlines()
    assert (first, empty) == ("environment prod", "")
    assert last == "2 managed, 1 drifted, 1 unmanaged, 1 gone."
    assert things[1].split("  ", 1)[1].split() == [
        "Events", "o2c.events", "12,431", "rows", "dt-1", "drifted:", "12,000", "rows", "were", "loaded"
    ]  # fmt: skip
    assert terminal(LONG.display_name) in things[-1]


def test_the_columns_stay_where_they_are_whatever_the_longest_name() -> None:
    alone, beside = (live_text("", found, WHOLE).splitlines() for found in (THINGS, (*THINGS, LONG)))
    assert alone[:-2] == beside[: len(alone) - 2]
    alone, beside = (live_text("", found, Look(60)).splitlines() for found in (THINGS, (*THINGS, LONG)))
    assert alone[:-2] == beside[: len(alone) - 2]


@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("colour", [False, True])
def test_a_listing_looks_as_it_did(golden: Any, width: int, colour: bool) -> None:
    name = f"ls-{width}{'-colour' if colour else ''}.txt"
    golden(name, live_text("environment prod · tenant 7b1d…", (*THINGS, LONG), Look(width, colour)))


def test_a_listing_in_a_file_looks_as_it_did(golden: Any) -> None:
    golden("ls-file.txt", live_text("environment prod · tenant 7b1d…", (*THINGS, LONG), WHOLE))


def test_the_state_at_a_terminal_has_two_lines_for_each_record() -> None:
    assert state_text(STATE, WHERE, Look(50)) == (
        "folder     folder:Finance\n"
        "    f-1 · adopted\n"
        "dataset    o2c\n"
        "    ds-1 · created, protected 'Order to Cash'\n"
        "datatable  o2c.events\n"
        "    dt-1 · adopted 'Events'\n"
        "source     o2c.events/a.csv\n"
        "    abababababab · 12 rows, 2.0 KiB, rows,\n"
        "    2026-11-02T08:14:00Z\n"
        "lineage l-1, serial 3, 2 runs\n"
        "in /s/dev\n"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_a_listing_fits_its_width(width: int) -> None:
    for text in (live_text("here", THINGS, Look(width)), state_text(STATE, WHERE, Look(width))):
        assert max(map(len, text.splitlines())) <= max(width, 42)


def test_an_empty_tenant_is_said_to_be_empty() -> None:
    assert live_text("here", (), Look(80)) == "here\n\nThe tenant is empty.\n"


def test_the_live_tree_as_json() -> None:
    read = json.loads(live_json("prod", "t-1", THINGS))
    assert [(one["kind"], one["standing"]) for one in read["things"]] == [
        ("dataset", "managed"),
        ("datatable", "drifted"),
        ("dataset", "unmanaged"),
        ("datatable", "gone"),
    ]
    assert read["things"][0]["folder"] == "Finance"
    assert read["things"][2]["folder"] is None


def test_the_state_is_listed_by_address() -> None:
    lines = state_text(STATE, WHERE, WHOLE).splitlines()
    assert [re.split("  +", one) for one in lines] == [
        ["folder", "folder:Finance", "f-1", "adopted"],
        ["dataset", "o2c", "ds-1", "created, protected 'Order to Cash'"],
        ["datatable", "o2c.events", "dt-1", "adopted 'Events'"],
        ["source", "o2c.events/a.csv", "abababababab", "12 rows, 2.0 KiB, rows, 2026-11-02T08:14:00Z"],
        ["lineage l-1, serial 3, 2 runs"],
        ["in /s/dev"],
    ]


def test_the_state_as_json() -> None:
    read = json.loads(state_json(STATE, WHERE))
    assert [one["address"] for one in read["records"]] == [
        "folder:Finance",
        "o2c",
        "o2c.events",
        "o2c.events/a.csv",
    ]
    assert read["folder"] == WHERE
    assert read["records"][1]["superseded"]["datatables"]["o2c.x"]["id"] == "dt-0"


def test_one_record_is_shown_field_by_field() -> None:
    text = record_text("o2c", DATASET, Look(80))
    lines = dict(line.split(maxsplit=1) for line in text.splitlines())
    assert (lines["onRemoval"], lines["protect"], lines["folder"]) == ("delete", "true", '["Finance"]')
    upload = record_text("o2c.events/a.csv", STATE.uploads[Address("o2c.events/a.csv")], Look(80))
    assert "rows        12\n" in upload
    assert "append      false\n" in upload


def test_what_is_not_set_is_a_dash() -> None:
    plain = DatasetRecord(
        id="x",
        display_name="X",
        folder=(),
        origin=Origin.CREATED,
        protect=False,
        on_removal=OnRemoval.RETAIN,
    )
    text = record_text("x", plain, Look(80))
    assert "superseded          -\n" in text
    assert "acceptedDuplicates  -\n" in text


def test_one_record_as_json() -> None:
    read = json.loads(record_json("o2c", DATASET))
    assert read["kind"] == "dataset"
    assert read["displayName"] == "Order to Cash"
