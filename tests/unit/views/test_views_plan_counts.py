"""Plans and reports of more than a thousand changes: counts by kind, and one by one what must be looked at."""

from collections.abc import Callable
from typing import Any

import pytest

from pmsync.model.address import Address
from pmsync.model.consent import Allow, Consent
from pmsync.model.events import ChangeEnded, RunBegan
from pmsync.model.manifest import OnRemoval
from pmsync.model.plan import Adopt, CreateDataset, Plan
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import ApplyWith
from pmsync.model.report import Convergence, Fate, Report, Result
from pmsync.views.document import document
from pmsync.views.lines import Look, size_of
from pmsync.views.plan_counts import MOST_LISTED, SHOWN
from pmsync.views.plan_text import plan_text
from pmsync.views.progress import HEARTBEAT, PlainProgress
from pmsync.views.report_text import report_text

MakePlan = Callable[..., Plan]
AGREE = ApplyWith(meaning="agree to all 1,200 adoptions", allow=(Allow(consent=Consent.ADOPT, glob="*"),))
ASKS = Block(BlockCode.CONSENT, "needs your consent to adopt", (AGREE,))


def create(key: str) -> CreateDataset:
    return CreateDataset(
        address=Address(key),
        reason=Reason(ReasonCode.NEW, "nothing of this name and folder is there"),
        display_name=key,
        folder=(),
        protect=False,
        on_removal=OnRemoval.DELETE,
    )


def adopt(address: str, *, block: Block | None = ASKS) -> Adopt:
    return Adopt(
        address=Address(address),
        reason=Reason(ReasonCode.LIVE_UNCLAIMED, "id-1 is there and nobody manages it"),
        live_id="id-1",
        needs=(Consent.ADOPT,),
        display_name=address,
        entries=(),
        block=block,
    )


def lines_of(plan: Plan, width: int = 80) -> list[str]:
    return plan_text(document(plan), Look(width)).split("\n")


def test_a_thousand_changes_are_listed(make_plan: MakePlan) -> None:
    lines = lines_of(make_plan(*(create(f"d{i}") for i in range(MOST_LISTED))))
    assert len([one for one in lines if one.startswith("  + d")]) == MOST_LISTED


def test_more_are_counted_by_kind(make_plan: MakePlan) -> None:
    changes = (
        *(adopt(f"d{i}") for i in range(1_200)),
        *(adopt(f"d{i}.t") for i in range(600)),
        create("new"),
    )
    lines = lines_of(make_plan(*changes))
    assert len(lines) < 20
    assert "1,801 changes by their counts (all of them: --format json):" in lines
    assert "  datasets    1 to create, 1,200 to adopt with your consent" in lines
    assert "  datatables  600 to adopt with your consent" in lines
    assert "      pmsync apply -e local --allow 'adopt:*'" in lines


def test_of_few_datasets_each_has_its_counts(make_plan: MakePlan, upload: Callable[..., Any]) -> None:
    files = [upload(f"{key}.t/{i}.csv", rows=2, size=1024) for key in ("a", "b") for i in range(600)]
    lines = lines_of(make_plan(create("a"), *files))
    assert "  a  1 to create, 600 to upload (600.0 KiB, 1,200 rows)" in lines
    assert "  b  600 to upload (600.0 KiB, 1,200 rows)" in lines


def test_what_deletes_or_is_blocked_is_still_listed(
    make_plan: MakePlan, things: Any, upload: Callable[..., Any]
) -> None:
    stuck = upload("a.t/x.csv", rows=1, size=1, block=Block(BlockCode.DECISION, "rows are missing"))
    deletes = [one for group in things.values() for one in group() if getattr(one, "stake", None)]
    lines = lines_of(make_plan(*(create(f"d{i}") for i in range(1_200)), stuck, *deletes))
    assert "These delete data:" in lines
    assert any("x.csv" in one for one in lines)
    assert any("old-orders" in one for one in lines)


def test_of_those_too_the_rest_is_counted_and_it_says_where_all_are(
    make_plan: MakePlan, upload: Callable[..., Any]
) -> None:
    blocked = Block(BlockCode.DECISION, "rows are missing")
    stuck = [upload(f"a.t/{i}.csv", rows=1, size=1, block=blocked) for i in range(MOST_LISTED + 1)]
    lines = lines_of(make_plan(*stuck), 160)
    assert len([one for one in lines if one.lstrip().startswith("! ")]) == SHOWN
    left = MOST_LISTED + 1 - SHOWN
    assert (
        f"{left} changes by their counts, {left} of them delete data or are blocked (all of them: --format json):"
        in lines
    )


@pytest.mark.parametrize("width", [40, 80])
def test_counts_keep_to_the_width(make_plan: MakePlan, width: int) -> None:
    lines = lines_of(make_plan(*(adopt(f"d{i}") for i in range(1_200))), width)
    assert [one for one in lines if size_of(one) > width and not one.lstrip().startswith("pmsync")] == []


def test_very_many_approvals_are_counted(make_plan: MakePlan) -> None:
    text = plan_text(document(make_plan(*(adopt(f"d{i}") for i in range(300)))), Look(80))
    assert "Or approve them in approvals.yaml: 300 approvals" in text
    assert "apiVersion: pmsync/v1" not in text


def test_a_report_counts_what_was_done_and_lists_what_was_not() -> None:
    done = [Result(change=adopt(f"d{i}", block=None), fate=Fate.DONE) for i in range(1_200)]
    made = [Result(change=create("new"), fate=Fate.DONE)]
    failed = [Result(change=create(f"f{i}"), fate=Fate.FAILED, problem="no") for i in range(SHOWN + 5)]
    report = Report(results=(*done, *made, *failed), convergence=Convergence.NOT)
    for told in (False, True):
        lines = report_text(report, Look(80), environment="e", told=told).split("\n")
        assert "✓ 1,200 adopted" in lines
        assert "✓ 1 created" in lines
        assert "✗ failed: create f0" in lines
        assert "… and 5 more failed (all of them: --format json)" in lines


def test_progress_of_very_many_changes_is_told_in_sums() -> None:
    said: list[str] = []
    clock = iter([0.0, *[1.0] * 10, HEARTBEAT, HEARTBEAT]).__next__
    progress = PlainProgress(said.append, clock=clock)
    progress(RunBegan(1_200, 0))
    for _ in range(8):
        progress(ChangeEnded(Result(change=create("new"), fate=Fate.DONE)))
    progress(ChangeEnded(Result(change=create("bad"), fate=Fate.FAILED)))
    progress(ChangeEnded(Result(change=create("new"), fate=Fate.DONE)))
    assert said == ["✗ failed: create bad\n"]
