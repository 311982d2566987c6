"""An older run does not win."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from pmsync.engine.older import NO_CHECKOUT, Checkout, began, must_not_be_older
from pmsync.errors import StalePlan
from pmsync.model.commit import Commit
from pmsync.model.state import AppliedRun, Binding, State

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
LAST, HERE = "a" * 40, "b" * 40


def state(at: datetime | str = NOON, commit: str | None = LAST, **more) -> State:
    text = at if isinstance(at, str) else at.isoformat()
    last = AppliedRun(at=NOON.isoformat(), commit=commit, committed_at=text)
    return State(lineage="l", serial=1, binding=Binding(tenant_id="t", host="h"), last_apply=last, **more)


def checkout(at: datetime, id_: str = HERE, **more) -> Checkout:
    return Checkout(commit=Commit(id_, at), **more)


OLDER = checkout(NOON - timedelta(seconds=1))


def test_an_older_commit_sends_nothing_and_names_both():
    with pytest.raises(StalePlan, match=f"{LAST[:12]} was applied after this one .{HERE[:12]}.") as caught:
        must_not_be_older(state(), OLDER)
    assert caught.value.exit_code == 6
    assert "--older" in caught.value.hint


@pytest.mark.parametrize(
    ("known", "here"),
    [
        (None, OLDER),
        (replace(state(), last_apply=None), OLDER),
        (state(commit=None), OLDER),
        (state(), NO_CHECKOUT),
        (state(), checkout(NOON)),
        (state(), checkout(NOON + timedelta(days=1))),
        (state(), checkout(NOON - timedelta(days=1), LAST)),
        (state(), replace(OLDER, may_be_older=True)),
        (state(), replace(OLDER, came_before=lambda earlier, later: (earlier, later) == (LAST, HERE))),
        (state(ephemeral=True), OLDER),
        (state("yesterday"), OLDER),
        (state("2026-01-02T12:00:00"), OLDER),
    ],
    ids=[
        "no state",
        "no apply yet",
        "applied without git",
        "no git here",
        "of the same second",
        "newer",
        "the same commit",
        "somebody says so",
        "known to descend from it",
        "an environment that is thrown away",
        "no time",
        "a time without its zone",
    ],
)
def test_everything_else_may_run(known, here):
    must_not_be_older(known, here)


def test_the_commit_and_its_time_are_kept():
    run = began(state(), checkout(NOON - timedelta(hours=1)), NOON)
    assert run == AppliedRun(
        at="2026-01-02T12:00:00+00:00", commit=HERE, committed_at="2026-01-02T11:00:00+00:00"
    )


def test_a_time_of_the_future_counts_as_the_time_of_the_apply():
    run = began(state(), checkout(NOON + timedelta(days=9999)), NOON)
    assert run.committed_at == "2026-01-02T12:00:00+00:00"


def test_an_apply_without_git_leaves_the_last_known_commit():
    assert began(state(), NO_CHECKOUT, NOON).commit == LAST
    assert began(replace(state(), last_apply=None), NO_CHECKOUT, NOON).commit is None
