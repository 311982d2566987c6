"""The checker catches what it is there for: for each invariant a history, made by hand, that breaks it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faults.checker import CHECKS, violations
from faults.memory import Memory, memory_in
from faults.story import Content, LiveDataset, LiveTable, Ran, Story, WantedDataset, exchange

JAN = Content("jan.csv", "a" * 64, 10)
WISH = {"o2c": WantedDataset("Orders", ("Finance",), {"events": (JAN,)})}
TABLE = LiveTable("T1", "events", 10, (("jan.csv", JAN.sha256),))
LIVE = (LiveDataset("D1", "Orders", ("Finance",), (TABLE,)),)
ADDRESSES = {"F1": "folder:Finance", "D1": "o2c", "T1": "o2c.events"}
UPLOADS = {"o2c.events/jan.csv": {"name": "jan.csv", "sha256": JAN.sha256}}
MEMORY = Memory(
    lineage="l", serial=3, runs=1, addresses=ADDRESSES, created=frozenset(ADDRESSES), uploads=UPLOADS
)
ENDPOINTS = {"POST": "datasets.create", "DELETE": "dataset.delete", "PUT": "upload.put"}


def request(sequence: int, method: str, path: str, **more: Any) -> dict[str, Any]:
    """One exchange that went well, as the emulator's history tells it."""
    changes = method in {"POST", "PUT", "DELETE"}
    outcome = {"status": 200, "committed": changes, "commit": sequence if changes else None}
    return exchange(sequence, method, path=path, **{"endpoint": ENDPOINTS.get(method), **outcome, **more})


def made(sequence: int, id_: str, name: str = "Orders", body: str = "b") -> dict[str, Any]:
    return request(sequence, "POST", "/datasets", made=[id_], name=name, bodySha256=body, datasetId=id_)


def put(sequence: int, table: str = "T1", sha256: str = JAN.sha256) -> dict[str, Any]:
    return request(
        sequence, "PUT", f"/u/t/{table}/x/jan.csv", datatableId=table, fileName="jan.csv", sha256=sha256
    )


def looked(sequence: int, id_: str) -> dict[str, Any]:
    return request(sequence, "GET", f"/datasets/{id_}", endpoint="dataset.get", datasetId=id_)


def deleted(sequence: int, id_: str, *tables: str) -> dict[str, Any]:
    return request(sequence, "DELETE", f"/datasets/{id_}", datasetId=id_, deleted=[id_, *tables])


def apply(*requests: dict[str, Any], **more: Any) -> Ran:
    return Ran(
        **{
            "arguments": ("apply",),
            "code": 0,
            "requests": requests,
            "memory": MEMORY,
            "live": LIVE,
            "wish": WISH,
            **more,
        }
    )


def told(*runs: Ran, **more: Any) -> Story:
    return Story(runs=runs, **more)


TWO_FILES = {"o2c": WantedDataset("Orders", ("Finance",), {"events": (JAN, Content("feb.csv", "b" * 64, 5))})}
REPLACE = ("apply", "--allow", "replace:o2c")
DELETE = ("apply", "--allow", "delete:o2c")
HALF = replace(MEMORY, addresses={**ADDRESSES, "D2": "o2c", "T2": "o2c.events"})
ANNOUNCED = {"kind": "create-dataset", "address": "o2c", "displayName": "Orders"}
BUSY = (put(1), put(3))

BROKEN: dict[str, Callable[[], Story]] = {
    "deletes_only_what_is_ours": lambda: told(apply(looked(1, "X"), deleted(2, "X"), arguments=DELETE)),
    "deletes_only_what_was_agreed": lambda: told(apply(looked(1, "D1"), deleted(2, "D1")), before=MEMORY),
    "deletes_only_after_a_look": lambda: told(apply(deleted(2, "D1"), arguments=DELETE), before=MEMORY),
    "replaces_only_by_something_full": lambda: told(
        apply(looked(1, "D1"), deleted(2, "D1", "T1"), put(3, "T2"), arguments=REPLACE, memory=HALF),
        before=MEMORY,
    ),
    "strangers_are_left_alone": lambda: told(apply(put(1, "X9")), strangers=frozenset({"X9"})),
    "creates_nothing_twice": lambda: told(apply(made(1, "D1"), code=-9), apply(made(2, "D2"))),
    "memory_is_never_torn": lambda: told(apply(code=-9, memory=Memory(problems=("state.json is torn",)))),
    "memory_goes_on": lambda: told(apply(), apply(memory=replace(MEMORY, serial=2))),
    "nothing_is_sent_unannounced": lambda: told(apply(made(1, "D7", name="Other"), code=-9)),
    "records_tell_the_truth": lambda: told(
        apply(memory=replace(MEMORY, uploads={"o2c.events/jan.csv": {"name": "jan.csv", "sha256": "f" * 64}}))
    ),
    "stores_only_what_is_declared": lambda: told(apply(put(1, sha256="f" * 64))),
    "rows_are_never_doubled": lambda: told(apply(live=_holding(TABLE.contents * 2, 20), code=4)),
    "success_means_converged": lambda: told(apply(live=_holding((), 0))),
    "converges_soon": lambda: told(apply(code=-9), apply(code=1), apply(code=1)),
    "converged_is_quiet": lambda: told(apply(), apply(put(1))),
    "plans_only_read": lambda: told(Ran(arguments=("plan",), code=0, requests=(put(1),))),
    "runs_do_not_interleave": lambda: told(apply(*BUSY), apply(put(2))),
    "no_secret_is_told": lambda: told(apply(output="key: s3cret"), secrets=("s3cret",)),
    "the_key_stays_at_the_api": lambda: told(apply({**put(1), "keyAtBucket": True})),
    "runs_are_bounded": lambda: told(apply(seconds=61.0)),
    "failures_speak": lambda: told(apply(code=1)),
}


def _holding(contents: tuple[tuple[str, str], ...], rows: int) -> tuple[LiveDataset, ...]:
    return (replace(LIVE[0], tables=(replace(TABLE, rows=rows, contents=contents),)),)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_each_invariant_catches_a_history_that_breaks_it(check):
    assert list(check(BROKEN[check.__name__]())) != []


ALSO_BROKEN: dict[str, tuple[str, Callable[[], Story]]] = {
    "a standing consent rebuilds what is in sync": (
        "converged_is_quiet",
        lambda: told(apply(arguments=REPLACE), apply(made(1, "D2"), arguments=REPLACE, memory=HALF)),
    ),
    "a replace of one dataset pays for the delete of another": (
        "deletes_only_what_was_agreed",
        lambda: told(
            apply(made(1, "D2"), looked(2, "E1"), deleted(3, "E1"), arguments=REPLACE, memory=HALF),
            apply(looked(4, "E2"), deleted(5, "E2"), arguments=REPLACE, memory=HALF),
            before=replace(MEMORY, addresses={**ADDRESSES, "E1": "east", "E2": "west"}),
        ),
    ),
    "a file is stored under the name of another": (
        "stores_only_what_is_declared",
        lambda: told(apply(put(1, sha256="b" * 64), wish=TWO_FILES)),
    ),
    "a dataset is made that is on record": (
        "creates_nothing_twice",
        lambda: told(apply(made(1, "D1")), apply(made(2, "D2"), memory=HALF), before=MEMORY),
    ),
    "a declared content is there twice beside rows that are no longer declared": (
        "success_means_converged",
        lambda: told(apply(live=_holding(TABLE.contents * 2, 20), output="converged-except")),
    ),
}


@pytest.mark.parametrize("name", ALSO_BROKEN)
def test_an_invariant_catches_what_hides_behind_an_exception(name):
    check, story = ALSO_BROKEN[name]
    assert [text for text in violations(story()) if text.startswith(check)]


# what looks alike and is right


def test_a_first_run_and_a_quiet_second_one_break_nothing():
    story = told(
        apply(made(1, "F1", "Finance", "f"), made(2, "D1"), put(3)),
        apply(),
        Ran(arguments=("plan", "--detailed-exitcode"), code=0, memory=MEMORY, live=LIVE, wish=WISH),
        secrets=("s3cret",),
    )
    assert violations(story) == []


def test_a_delete_that_was_agreed_to_and_looked_at_breaks_nothing():
    gone = replace(MEMORY, addresses={"F1": "folder:Finance"}, created=frozenset({"F1"}), uploads={})
    story = told(
        apply(looked(1, "D1"), deleted(2, "D1", "T1"), arguments=DELETE, memory=gone, live=(), wish={}),
        before=MEMORY,
    )
    assert violations(story) == []


def test_a_replace_in_the_right_order_breaks_nothing():
    new = replace(MEMORY, addresses={"D2": "o2c", "T2": "o2c.events"}, created=frozenset({"D2", "T2"}))
    live = (replace(LIVE[0], id="D2", tables=(replace(TABLE, id="T2"),)),)
    steps = (made(1, "D2"), put(2, "T2"), looked(3, "D1"), deleted(4, "D1", "T1"))
    assert violations(told(apply(*steps, arguments=REPLACE, memory=new, live=live), before=MEMORY)) == []


def test_a_second_one_made_by_a_replace_of_what_was_on_record_is_no_duplicate():
    story = told(apply(made(1, "D1")), apply(made(2, "D2"), arguments=REPLACE, memory=HALF, code=-9))
    assert not [text for text in violations(story) if text.startswith("creates_nothing_twice")]


def test_one_more_of_a_name_is_no_duplicate_of_what_a_lost_create_made_for_another_address():
    lost = replace(
        MEMORY, addresses={"F1": "folder:Finance"}, created=frozenset({"F1"}), intents=(ANNOUNCED,)
    )
    for address, is_second in (("sales", False), ("o2c", True)):
        again = apply(made(2, "D2"), wish={address: WISH["o2c"]})
        found = violations(told(apply(made(1, "D1"), code=-9, memory=lost), again))
        assert bool([text for text in found if text.startswith("creates_nothing_twice")]) == is_second


def test_what_a_lost_create_was_to_replace_goes_with_it_when_that_is_declared_no_more():
    moving = {**ANNOUNCED, "address": "sales", "targetId": "D1"}
    emptied = {"o2c": replace(WISH["o2c"], tables={"events": (replace(JAN, sha256="c" * 64),)})}
    for intents, is_lacking in ((moving,), False), ((), True):
        ends = apply(looked(1, "D1"), deleted(2, "D1", "T1"), arguments=DELETE, wish=emptied)
        found = violations(told(ends, before=replace(MEMORY, intents=intents)))
        assert bool([text for text in found if text.startswith("replaces_only")]) == is_lacking


def test_a_record_says_nothing_of_what_an_open_upload_may_have_replaced():
    other = {"o2c.events/jan.csv": {"name": "jan.csv", "sha256": "f" * 64}}
    sent = {"kind": "upload", "address": "o2c.events/jan.csv", "displayName": "jan.csv"}
    for intents, is_false in ((sent,), False), ((), True):
        found = violations(told(apply(memory=replace(MEMORY, uploads=other, intents=intents))))
        assert bool([text for text in found if text.startswith("records_tell")]) == is_false


def test_a_question_is_no_failure_to_converge():
    asks = apply(code=3, output="--reupload o2c.events/jan.csv")
    assert not [text for text in violations(told(apply(code=-9), asks, apply())) if "converges" in text]


def test_an_announced_create_may_have_been_sent():
    announced = Memory(lineage="l", announced=(ANNOUNCED,))
    story = told(apply(made(1, "D1"), code=-9, memory=announced))
    assert not [text for text in violations(story) if "unannounced" in text]


def test_a_renamed_file_is_stored_under_the_name_that_the_tenant_knows():
    as_jan = {"o2c.events/feb.csv": {"name": "jan.csv", "sha256": "b" * 64}}
    sent = apply(put(1, sha256="b" * 64), wish=TWO_FILES, memory=replace(MEMORY, uploads=as_jan))
    known, unknown = told(sent, before=MEMORY), told(sent, before=replace(MEMORY, uploads={}))
    assert not [text for text in violations(known) if text.startswith("stores_only")]
    assert [text for text in violations(unknown) if text.startswith("stores_only")]


# what somebody did by hand

BY_HAND = Ran(arguments=("by-hand",), code=0, memory=MEMORY, live=())
LOST = replace(BY_HAND, memory=Memory())


def test_what_somebody_removed_by_hand_may_be_made_again():
    first, again = apply(made(1, "D1")), apply(made(2, "D3"))
    assert [text for text in violations(told(first, again)) if "creates_nothing_twice" in text]
    assert not [text for text in violations(told(first, BY_HAND, again)) if "creates_nothing_twice" in text]


def test_a_state_that_somebody_lost_may_begin_anew():
    other = replace(MEMORY, lineage="other", serial=1)
    assert [text for text in violations(told(apply(), apply(memory=other))) if "lineage" in text]
    assert not [text for text in violations(told(apply(), LOST, apply(memory=other))) if "lineage" in text]


def test_rows_that_somebody_added_do_not_count_against_a_run():
    story = told(apply(), replace(BY_HAND, live=_holding(TABLE.contents, 15)), apply(live=_holding((), 15)))
    assert not [text for text in violations(story) if "success" in text]


def test_only_what_an_orderly_run_wrote_is_sure_to_outlive_the_power():
    killed = apply(code=-9, memory=replace(MEMORY, serial=5, runs=2))
    dark = apply(code=-9, lost_power=True)
    assert not [text for text in violations(told(apply(), killed, dark)) if "went back" in text]
    orderly = apply(memory=replace(MEMORY, serial=5, runs=2))
    assert [text for text in violations(told(apply(), orderly, dark)) if "went back" in text]


def test_what_is_to_stay_is_not_deleted_whatever_was_agreed_to():
    before = replace(MEMORY, retained=frozenset({"D1"}))
    story = told(apply(looked(1, "D1"), deleted(2, "D1"), arguments=DELETE, wish={}), before=before)
    assert [text for text in violations(story) if "to stay" in text]


def test_what_somebody_made_under_the_name_of_a_lost_create_is_taken_for_ours_as_long_as_it_is_empty():
    waiting = replace(MEMORY, addresses={}, created=frozenset(), uploads={}, intents=(ANNOUNCED,))
    agreed = apply(looked(1, "D1"), deleted(2, "D1"), arguments=DELETE, wish={})
    for tables, is_theirs in ((), False), ((TABLE,), True):
        by_hand = replace(BY_HAND, memory=waiting, live=(replace(LIVE[0], tables=tables),))
        found = violations(told(by_hand, agreed, before=waiting))
        assert bool([text for text in found if "not ours" in text]) == is_theirs


@pytest.mark.parametrize(("tables", "is_second"), [((), True), ((TABLE,), False)])
def test_what_a_lost_create_made_is_somebodys_once_somebody_filled_it(tables, is_second):
    waiting = replace(MEMORY, addresses={}, created=frozenset(), uploads={}, intents=(ANNOUNCED,))
    first = apply(made(1, "D1"), code=-9, memory=waiting, live=(replace(LIVE[0], tables=()),))
    by_hand = replace(BY_HAND, memory=waiting, live=(replace(LIVE[0], tables=tables),))
    found = violations(told(first, by_hand, apply(made(2, "D2"))))
    assert bool([text for text in found if text.startswith("creates_nothing_twice")]) == is_second


def test_the_new_half_of_a_replace_that_is_turned_back_is_deleted_though_the_dataset_is_to_stay():
    halves = replace(HALF, retained=frozenset({"D1", "D2"}), halves={"D1": "o2c"})
    for id_, is_to_stay in ("D2", False), ("D1", True):
        story = told(apply(looked(1, id_), deleted(2, id_), arguments=DELETE), before=halves)
        assert bool([text for text in violations(story) if "to stay" in text]) == is_to_stay


@pytest.mark.parametrize(("to_stay", "is_wrong"), [({"D2"}, False), (set(), True)])
def test_what_a_lost_create_made_may_be_found_and_left_in_the_run_that_replaces_it(to_stay, is_wrong):
    waiting = replace(MEMORY, addresses={}, created=frozenset(), uploads={}, intents=(ANNOUNCED,))
    replaced = replace(HALF, addresses={"F1": "folder:Finance", "D2": "o2c"}, retained=frozenset(to_stay))
    left = LiveDataset("D1", "Orders", ("Elsewhere",), ())
    new = replace(LIVE[0], id="D2", tables=(replace(TABLE, id="T2"),))
    found = violations(told(apply(memory=replaced, live=(left, new), arguments=REPLACE), before=waiting))
    assert bool([text for text in found if text.startswith("success_means")]) == is_wrong


@pytest.mark.parametrize("hides_tree", [True, False])
def test_nobody_can_see_where_an_adopted_dataset_is_in_a_tenant_that_shows_no_folders(hides_tree):
    theirs = replace(MEMORY, created=frozenset(), adopted=frozenset({"D1"}))
    elsewhere = (replace(LIVE[0], folder=("Elsewhere",)),)
    found = violations(told(apply(memory=theirs, live=elsewhere, hides_tree=hides_tree), before=theirs))
    assert bool([text for text in found if text.startswith("success_means")]) != hides_tree


# the reader of the files


def test_a_torn_last_line_is_tolerated_and_a_torn_middle_is_not(tmp_path: Path):
    state = '{"lineage":"l","serial":1,"runs":0,"datasets":{},"datatables":{},"folders":{},"uploads":{},"intents":[]}'
    (tmp_path / "state.json").write_text(state)
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(b'["ffc96d8a",{"lineage":"l","serial":1}]\n["torn')
    assert [text for text in memory_in(tmp_path).problems if "journal" in text] == []
    journal.write_bytes(b'["ffc96d8a",{"lineage":"l","serial":1}]\n["00000000",[]]\n["torn')
    assert memory_in(tmp_path).problems == ("journal.jsonl:2 is damaged, and is not a torn last line",)


@pytest.mark.parametrize("text", ["", "{", '{"lineage":"l"}', "\x00\x00"])
def test_a_torn_state_is_a_problem(tmp_path: Path, text: str):
    (tmp_path / "state.json").write_text(text)
    assert memory_in(tmp_path).problems != ()


def test_a_missing_state_beside_its_copy_is_a_problem_and_nothing_at_all_is_none(tmp_path: Path):
    assert memory_in(tmp_path) == Memory()
    (tmp_path / "state.previous.json").write_text("{}")
    assert memory_in(tmp_path).problems != ()
