"""Remedies as they are typed: each command is all that it takes to get on from the plan that prints it."""

from planning_bench import Bench, of, typed, ways

from pmsync.model.remedy import Act, ByHand, Edit
from pmsync.views.remedies import CommandLines

EVENTS = {"events": {"jan.csv": "jan:10"}}


def test_several_adoptions_are_agreed_to_by_one_command(bench: Bench) -> None:
    for name in ("a", "b", "c"):
        bench.tenant.create_dataset(name)
        bench.declare(name, {})
    command = "pmsync apply -e dev --allow adopt:a --allow adopt:b --allow adopt:c --new-state"
    plan = bench.plan()
    assert [ways(plan, one) for one in ("a", "b", "c")] == [[command]] * 3
    assert not bench.plan("adopt:a", "adopt:b", "adopt:c").blocked


def test_what_was_agreed_to_already_is_said_again(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.tenant.create_table(settled.id_of("o"), "notes")
    plan = settled.plan("replace:o")
    assert typed(plan, plan.steps[0])[0] == "pmsync apply -e dev --allow replace:o --allow loss:o"


def test_where_something_else_stays_blocked_the_command_runs_the_rest(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.tenant.create_dataset("p")
    settled.declare("p", {})
    plan = settled.plan()
    assert ways(plan, "p") == ["pmsync apply -e dev --allow adopt:p --safe-only"]
    assert ways(plan, "o")[1] == "pmsync apply -e dev --allow replace:o --safe-only"


def test_one_answer_to_several_questions_leaves_nothing_for_later(settled: Bench) -> None:
    settled.behaves("appends")
    settled.declare("o", {"events": {"jan.csv": "jan2:12", "feb.csv": "feb:9"}})
    settled.apply(safe_only=True)
    settled.declare("o", {"events": {"jan.csv": "jan3:12", "feb.csv": "feb2:9"}})
    plan = settled.plan()
    assert ways(plan, "o.events/jan.csv") == ["pmsync apply -e dev --allow replace:o"]
    assert ways(plan, "o.events/feb.csv") == ["pmsync apply -e dev --allow replace:o"]


def test_a_glob_that_is_to_be_agreed_to_takes_the_place_of_what_it_covers(settled: Bench) -> None:
    for name in ("a", "b", "c"):
        settled.declare(name, {})
    settled.apply()
    for name in ("a", "b", "c"):
        settled.undeclare(name)
    plan = settled.plan("delete:a", "delete:b")
    assert ways(plan, "a")[1] == "pmsync apply -e dev --allow 'delete:*'"


def test_an_answer_that_was_none_is_not_said_again_but_that_of_other_sources_is(settled: Bench) -> None:
    settled.behaves("appends")
    settled.declare("o", {"events": {"mar.csv": "mar:8", "feb.csv": "feb:9"}})
    plan = settled.plan(reupload=["o.events/*"])
    assert ways(plan, "o.events/feb.csv")[0] == (
        "pmsync apply -e dev --allow add-rows:o.events/feb.csv --reupload o.events/mar.csv --safe-only"
    )


def test_a_reupload_that_doubles_says_the_flag_again_with_its_consent(settled: Bench) -> None:
    settled.behaves("appends")
    settled.tenant.add_rows("o", "events", 3)
    settled.declare("o", {"events": {"jan.csv": "jan:10", "feb.csv": "feb:9"}})
    plan = settled.plan(reupload=["o.events/feb.csv"])
    assert ways(plan, "o.events/feb.csv") == [
        "pmsync apply -e dev --allow add-rows:o.events/feb.csv --reupload o.events/feb.csv"
    ]


def test_the_other_of_two_flags_takes_the_place_of_the_first(bench: Bench) -> None:
    bench.declare("o", {"events": {}})
    bench.apply()
    bench.tenant.add_rows("o", "events", 150)
    bench.declare("o", {"events": {"jan.csv": "jan:180", "feb.csv": "feb:100"}})
    plan = bench.plan(assume=["o.events/*"])
    assert ways(plan, "o.events/jan.csv")[0] == (
        "pmsync apply -e dev --assume-uploaded o.events/feb.csv --reupload o.events/jan.csv"
    )


def test_a_first_run_says_that_it_is_one(bench: Bench) -> None:
    bench.tenant.create_dataset("o")
    bench.declare("o", {})
    assert ways(bench.plan(), "o") == ["pmsync apply -e dev --allow adopt:o --new-state"]
    bench.tenant.create_dataset("o")
    assert ways(bench.plan(), "o")[0].endswith(" -e dev --new-state")


def test_what_destroy_takes_away_is_agreed_to_by_destroy(settled: Bench) -> None:
    settled.tenant.create_table(settled.id_of("o"), "notes")
    plan = settled.plan("delete:*", destroy=True)
    assert ways(plan, "o") == ["pmsync destroy -e dev --allow loss:o"]


def test_a_line_to_write_says_in_which_file_and_where(settled: Bench) -> None:
    settled.behaves("unknown")
    settled.declare("o", {"events": {"jan.csv": "jan2:12"}})
    change = of(settled.plan(), "o.events/jan.csv")
    assert change.block is not None
    first = change.block.remedies[0]
    assert isinstance(first, Edit)
    shown = CommandLines.of(settled.plan()).line(first, change)
    assert (shown.kind, shown.file, shown.line) == ("edit", "manifests/m.yaml", 1)


def test_a_rename_by_hand_says_what_becomes_what(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    change = of(settled.plan(), "o")
    assert change.block is not None
    first = change.block.remedies[0]
    assert isinstance(first, ByHand)
    assert (first.act, first.live_id, first.display_name) == (Act.RENAME, settled.id_of("o"), "Sales")
    shown = CommandLines.of(settled.plan()).line(first, change)
    assert (shown.kind, shown.text) == ("by-hand", "pmsync plan -e dev")


def test_a_rebuild_that_was_not_judged_is_asked_for_again_with_the_data(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    plan = settled.plan("replace:o", no_data=True, select=("o",))
    assert typed(plan, plan.steps[0]) == ["pmsync apply -e dev --select o --allow replace:o"]
