"""The text of a plan: golden files at three widths with and without colour, and what each line must hold."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.consent import Allow, Consent
from pmsync.model.notes import Leftover, Note
from pmsync.model.options import PlanningOptions
from pmsync.model.plan import NoOp, Plan, Retire
from pmsync.model.reason import AtStake, Block, BlockCode, Loss, Reason, ReasonCode
from pmsync.model.remedy import ApplyWith
from pmsync.views.document import document
from pmsync.views.lines import Look, size_of
from pmsync.views.plan_text import plan_text, warnings
from pmsync.views.plan_words import following, place, summary, where

MakePlan = Callable[..., Plan]
NO_OP = NoOp(address=Address("a"), reason=Reason(ReasonCode.IN_SYNC, "in sync"))


@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("colour", [False, True])
def test_everything_looks_as_it_did(
    everything: Plan, golden: Callable[[str, str], None], width: int, colour: bool
) -> None:
    name = f"plan-{width}{'-colour' if colour else ''}.txt"
    golden(name, plan_text(document(everything), Look(width, colour)))


def test_in_a_file_it_looks_as_it_did(everything: Plan, golden: Callable[[str, str], None]) -> None:
    golden("plan-file.txt", plan_text(document(everything), Look(100, whole=True)))


@pytest.mark.parametrize("width", [40, 80, 160])
def test_nothing_that_has_a_blank_is_wider_than_the_terminal(everything: Plan, width: int) -> None:
    """Commands and YAML are pasted: they stay whole."""
    wide = [one for one in plan_text(document(everything), Look(width)).split("\n") if size_of(one) > width]
    words = [one.split() for one in wide if not one.strip().startswith(("pmsync ", "id:"))]
    assert [one for one in words if len(one) > 1] == []


def test_in_a_file_names_are_whole(make_plan: MakePlan, upload: Callable[..., Any]) -> None:
    name = "begin" + "x" * 500 + "end.csv"
    assert name in plan_text(document(make_plan(upload(f"a.b/{name}", rows=1, size=1))), Look(80, whole=True))


def test_colour_changes_nothing_but_colour(everything: Plan) -> None:
    coloured = plan_text(document(everything), Look(80, colour=True))
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [one.rstrip() for one in bare.split("\n")] == plan_text(document(everything), Look(80)).split("\n")


def test_the_first_line_says_where(everything: Plan, make_plan: MakePlan) -> None:
    assert where(document(everything)) == "environment prod · tenant 7b1d… · protected"
    assert where(document(make_plan(NO_OP))) == "environment local · emulator, nothing real is touched"


def test_a_host_that_is_not_the_vendor_s_is_said() -> None:
    said = place("dev", "t-1", host="localhost:8080", protected=False)
    assert said == "environment dev · tenant t-1 · at localhost:8080"


def test_commands_are_never_wrapped_or_cut(make_plan: MakePlan, upload: Callable[..., Any]) -> None:
    name = "x" * 300
    agree = ApplyWith(meaning="add them", allow=(Allow(consent=Consent.ADD_ROWS, glob=name),))
    block = Block(BlockCode.DECISION, "rows are there", (agree,))
    command = f"pmsync apply -e local --allow add-rows:{name}"
    text = plan_text(document(make_plan(upload("a.b/c.csv", rows=1, size=1, block=block))), Look(40))
    assert command in [one.strip() for one in text.split("\n")]


def test_a_long_name_is_shortened_in_its_middle(make_plan: MakePlan, upload: Callable[..., Any]) -> None:
    name = "begin" + "x" * 500 + "end.csv"
    text = plan_text(document(make_plan(upload(f"a.b/{name}", rows=1, size=1))), Look(80))
    shown = next(one for one in text.split("\n") if "begin" in one)
    assert size_of(shown) <= 80
    assert "…" in shown
    assert shown.endswith("end.csv")


def test_a_long_name_in_wide_characters_is_measured_in_cells(
    make_plan: MakePlan, upload: Callable[..., Any]
) -> None:
    text = plan_text(document(make_plan(upload(f"a.b/{'全' * 200}.csv", rows=1, size=1))), Look(80))
    assert max(size_of(one) for one in text.split("\n")) <= 80


def test_no_changes_is_one_sentence(make_plan: MakePlan) -> None:
    assert summary(document(make_plan(NO_OP))) == "No changes. local is in sync."


def test_drift_is_not_called_in_sync(make_plan: MakePlan) -> None:
    drifted = replace(NO_OP, drift="it is called otherwise")
    assert summary(document(make_plan(drifted, NO_OP))) == "No changes; 1 thing drifted, 2 unchanged."


def test_a_selection_in_sync_is_not_the_whole_in_sync(make_plan: MakePlan) -> None:
    plan = make_plan(NO_OP, options=PlanningOptions(select=("a",)))
    assert summary(document(plan)) == "No changes. What was selected of local is in sync."


def test_the_summary_counts_each_change_once(everything: Plan) -> None:
    assert summary(document(everything)) == (
        "Plan: 4 to create, 1 to move, 1 to update in the state, 1 to forget, 4 to upload (1.9 MiB, 20,552 rows), "
        "1 to replace, 1 to delete (7 rows), 3 blocked; 2 unchanged."
    )


def test_the_next_command_repeats_the_planning_options(
    make_plan: MakePlan, upload: Callable[..., Any]
) -> None:
    options = PlanningOptions(
        variables=(("data", "a b"),),
        allow=(Allow(consent=Consent.ADOPT, glob="x*"),),
        assume_uploaded=("u",),
        reupload=("r",),
        select=("s",),
        exclude=("e",),
        no_data=True,
        new_state=True,
    )
    plan = make_plan(upload("a.b/c.csv", rows=1, size=1), options=options)
    assert following(document(plan))[1] == (
        "pmsync apply -e local --var 'data=a b' --select s --exclude e --allow 'adopt:x*' "
        "--assume-uploaded u --reupload r --no-data --new-state"
    )


@pytest.mark.parametrize(
    ("options", "saved_as", "command"),
    [
        ({}, "", "pmsync apply -e local"),
        ({}, "my plan.json", "pmsync apply 'my plan.json'"),
        ({"destroy": True}, "", "pmsync destroy -e local"),
        ({"refresh_only": True}, "", ""),
    ],
)
def test_what_to_type_next(
    make_plan: MakePlan, upload: Callable[..., Any], options: dict[str, bool], saved_as: str, command: str
) -> None:
    plan = make_plan(upload("a.b/c.csv", rows=1, size=1), options=PlanningOptions(**options))
    assert following(document(plan), saved_as=saved_as)[1] == command


def test_nothing_follows_a_plan_without_changes(make_plan: MakePlan) -> None:
    assert following(document(make_plan(NO_OP))) == ("", "")


def test_if_everything_is_blocked_no_command_is_offered(
    make_plan: MakePlan, upload: Callable[..., Any]
) -> None:
    blocked = upload("a.b/c.csv", rows=1, size=1, block=Block(BlockCode.DECISION, "no"))
    words, command = following(document(make_plan(blocked)))
    assert "nothing is applied until then" in words
    assert command == ""


def test_what_is_retained_is_forgotten_not_deleted(make_plan: MakePlan) -> None:
    retired = Retire(
        address=Address("hr"),
        reason=Reason(ReasonCode.REPLACED, "the old one stays as it is"),
        live_id="x",
        display_name="HR",
        retain=True,
        stake=AtStake(datatables=1, rows=7),
        datatables=(),
    )
    text = plan_text(document(make_plan(retired)), Look(80))
    assert "forget: the old one stays as it is" in text
    assert "1 to forget" in text


def test_a_long_list_of_losses_is_cut_and_counted(make_plan: MakePlan) -> None:
    lost = tuple(Loss(f"d.t/{at}.csv", at, "gone") for at in range(25))
    retired = Retire(
        address=Address("hr"),
        reason=Reason(ReasonCode.REPLACED, "goes"),
        display_name="HR",
        retain=False,
        stake=AtStake(datatables=1, rows=7, lost=lost),
        datatables=(),
    )
    assert "… and 5 more" in plan_text(document(make_plan(retired)), Look(80))


def test_what_destroy_leaves_is_listed(make_plan: MakePlan) -> None:
    leftovers = (Leftover(Address("folder:Finance"), None), Leftover(Address("folder:Finance/AR"), None))
    options = PlanningOptions(destroy=True)
    text = plan_text(document(make_plan(NO_OP, leftovers=leftovers, options=options)), Look(160))
    assert "What stays, as the API cannot remove it: folder:Finance, folder:Finance/AR.\n" in text


def test_each_leftover_is_a_line_of_its_own_with_its_rows(make_plan: MakePlan) -> None:
    leftovers = (Leftover(Address("a.b/c"), 1_000), Leftover(Address("a.c"), None))
    text = plan_text(document(make_plan(NO_OP, leftovers=leftovers, unmanaged=1)), Look(160))
    assert "Left over: a.b/c (1,000 rows)\nLeft over: a.c\nWhat is left over is no longer declared" in text
    assert "No changes; 2 leftovers, 1 unchanged." in text
    assert "1 dataset in the tenant not managed here" in text


def test_of_many_leftovers_the_first_are_named(make_plan: MakePlan) -> None:
    leftovers = tuple(Leftover(Address(f"a.b/{i:02}"), 2) for i in range(23))
    text = plan_text(document(make_plan(NO_OP, leftovers=leftovers)), Look(160))
    assert "Left over: a.b/19 (2 rows)\nLeft over: 3 more (6 rows)\n" in text


def test_of_many_warnings_about_files_the_first_are_shown_and_the_others_counted(everything: Plan) -> None:
    notes = tuple(Note(f"o.t/{n:02}.csv", "PM227: it has one column", "PM227") for n in range(30))
    told = warnings(document(replace(everything, notes=(*notes, Note("o", "a duplicate")))))
    assert told[0] == "warning: o: a duplicate"
    assert told[1:3] == (
        "warning: o.t/00.csv: PM227: it has one column",
        "warning: o.t/01.csv: PM227: it has one column",
    )
    assert told[-1] == "warning: and 10 more about data files (pmsync validate lists them)"
    assert len(told) == 22


def test_warnings_are_lines_of_their_own(everything: Plan) -> None:
    assert warnings(document(everything)) == (
        "warning: stock: a second live dataset has its name",
        "warning: something of the whole plan",
    )


def test_an_unknown_action_of_a_newer_plan_is_shown_as_blocked(everything: Plan) -> None:
    whole = document(everything)
    newer = replace(whole, changes=(replace(whole.changes[2], action="transmogrify"),))
    assert "! order-to-cash" in plan_text(newer, Look(80))
    assert summary(newer).startswith("Plan: ")
