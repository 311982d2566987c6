"""Sources that cannot be sent: they hold up their datatable, and nothing else."""

import pytest
from planning_bench import Bench, of, says

from pmsync.model.address import Address
from pmsync.model.plan import Undecided
from pmsync.model.reason import BlockCode

JAN, FEB = "o.events/jan.csv", "o.events/feb.csv"


def events(bench: Bench, **files: str) -> None:
    bench.declare("o", {"events": {f"{name}.csv": content for name, content in files.items()}})


def test_a_source_that_is_no_table_is_blocked_with_what_is_wrong_and_where(settled: Bench) -> None:
    events(settled, jan="jan:10", feb="feb:9")
    settled.spoil(FEB)
    assert settled.says() == [f"blocked {FEB} no-table !data"]
    change = of(settled.plan(), FEB)
    assert isinstance(change, Undecided)
    assert change.reason.sentence == "PM221: 'data/feb.csv' is no table (line 3, column 9)"
    assert [one.code for one in change.problems] == ["PM221"]
    assert change.live_id == settled.state.datatables["o.events"].id


def test_the_other_sources_of_its_datatable_wait(settled: Bench) -> None:
    events(settled, jan="jan:12", feb="feb:9", mar="mar:1")
    settled.spoil(FEB)
    assert settled.says() == [
        f"blocked {FEB} no-table !data",
        f"upload {JAN} changed !waits",
        "upload o.events/mar.csv new !waits",
    ]


def test_other_datatables_go_on(bench: Bench) -> None:
    bench.declare("o", {"events": {"jan.csv": "jan:10"}, "cases": {"c.csv": "c:3"}})
    bench.spoil(JAN)
    assert bench.apply(safe_only=True) == [
        "create o new",
        "create o.cases new",
        "create o.events new !waits",
        "upload o.cases/c.csv new",
        f"blocked {JAN} no-table !data",
    ]


def test_its_datatable_is_not_made(bench: Bench) -> None:
    bench.declare("o", {"events": {"jan.csv": "jan:10", "feb.csv": "feb:1"}})
    bench.spoil(JAN)
    blocks = {change.address: change.block.code for change in bench.plan().changes if change.block}
    assert blocks["o.events"] is BlockCode.WAITS
    assert blocks[FEB] is BlockCode.WAITS


def test_what_changes_the_state_alone_goes_on(settled: Bench) -> None:
    events(settled, january="jan:10", feb="feb:9")
    settled.spoil(FEB)
    assert says(settled.plan())[0] == "move o.events/january.csv name-changed"


def test_a_source_that_went_bad_is_no_leftover_and_its_record_stays(settled: Bench) -> None:
    events(settled, jan="other:4", february="jan:10")
    settled.spoil(JAN)
    plan = settled.plan()
    assert plan.leftovers == ()
    assert [change.address for change in plan.changes if change.reason.code == "name-changed"] == []


def test_rows_of_a_pattern_that_matches_nothing_are_no_leftover(settled: Bench) -> None:
    settled.declare("o", {"events": {"x.csv": "x:1"}})
    settled.spoil("o.events/x.csv", "PM202")
    assert settled.plan().leftovers == ()


@pytest.mark.parametrize("reason", ["foreign-rows", "leftover-rows"])
def test_a_question_about_a_sum_waits_for_all_of_it(settled: Bench, reason: str) -> None:
    if reason == "foreign-rows":
        settled.tenant.add_rows("o", "events", 5)
        events(settled, jan="jan:10", feb="feb:9", mar="mar:2")
    else:
        events(settled, feb="feb:9", mar="mar:2")
    assert reason in of(settled.plan(), FEB).reason.code
    settled.spoil("o.events/mar.csv")
    waiting = of(settled.plan(), FEB)
    assert (waiting.reason.code, waiting.block.code, waiting.offers) == ("waits", "waits", ())


def test_a_rebuild_waits_until_its_files_are_in_order(settled: Bench) -> None:
    settled.declare("o", {"events": {"jan.csv": "jan:10"}}, name="Other")
    settled.spoil(JAN)
    plan = settled.plan("replace:o")
    assert of(plan, "o.events").block.code is BlockCode.WAITS
    replaced = [change for change in plan.changes if change.address == "o"]
    assert all(change.block is not None for change in replaced)


def test_a_gone_dataset_is_not_made_again_without_all_its_files(settled: Bench) -> None:
    settled.tenant.delete_dataset(settled.state.datasets[Address("o")].id)
    settled.spoil(JAN)
    plan = settled.plan("recreate:*", "loss:*")
    assert of(plan, "o").block.sentence == f"a rebuild waits for {JAN}, whose file cannot be sent"


def test_what_is_selected_beside_it_goes_up(bench: Bench) -> None:
    bench.declare("o", {"events": {"jan.csv": "jan:10"}, "cases": {"c.csv": "c:3"}})
    bench.apply()
    bench.declare("o", {"events": {"jan.csv": "jan:11"}, "cases": {"c.csv": "c:4"}})
    bench.spoil(JAN)
    assert bench.says(select=("o.cases",)) == ["upload o.cases/c.csv changed"]


def test_without_looking_at_data_nothing_is_known_of_it(settled: Bench) -> None:
    events(settled, jan="jan:10", feb="feb:9")
    settled.spoil(FEB)
    assert settled.says(no_data=True) == []


def test_once_mended_all_of_it_goes_up(settled: Bench) -> None:
    events(settled, jan="jan:10", feb="feb:9")
    settled.spoil(FEB)
    settled.apply(safe_only=True)
    settled.mend()
    events(settled, jan="jan:10", feb="feb:9")
    assert settled.apply() == [f"upload {FEB} new"]
    assert settled.is_in_sync()
