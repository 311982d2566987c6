"""Selectors, consents and flags that fit nothing: each is named, with a guess at the typo."""

import pytest
from msgspec.structs import replace
from planning_bench import Bench

from pmsync.model.address import Address
from pmsync.model.consent import Approval, Consent
from pmsync.planning.fitting import _MOST_TOLD

EVENTS = {"events": {"jan.csv": "jan:10"}}


@pytest.fixture
def three() -> Bench:
    """`a`, `b` and `returns`, each with ten rows, in sync."""
    bench = Bench()
    for key in ("a", "b", "returns"):
        bench.declare(key, {"events": {"jan.csv": f"{key}:10"}}, name=f"The {key}")
    bench.apply()
    return bench


def unfit(bench: Bench, *allow: str, **options: object) -> list[str]:
    return [note.sentence for note in bench.plan(*allow, **options).unfit]


@pytest.mark.parametrize(
    ("glob", "guess"),
    [
        ("retuns", " (did you mean 'returns'?)"),
        ("returns.event", " (did you mean 'returns.events'?)"),
        ("returns.events/jun.csv", " (did you mean 'returns.events/jan.csv'?)"),
        ("the returns", " (did you mean 'returns'?)"),
        ("zzzzzz*", ""),
    ],
)
def test_a_selector_that_fits_nothing_is_named_with_a_guess(three: Bench, glob: str, guess: str) -> None:
    where = "fits nothing declared, in the state or in ProcessMind"
    assert three.plan(select=(glob,)).unmatched == (f"--select '{glob}' {where}{guess}",)
    assert three.plan(exclude=(glob,)).unmatched == (f"--exclude '{glob}' {where}{guess}",)


@pytest.mark.parametrize(
    "glob", ["a", "*", "a*", "?", "returns.events", "*/jan.csv", "returns.events/*", "b.events/jan.csv"]
)
def test_a_selector_that_fits_something_is_not(three: Bench, glob: str) -> None:
    assert three.plan(select=(glob,)).unmatched == ()
    assert three.plan(exclude=(glob,)).unmatched == ()


def test_what_only_the_state_or_the_tenant_knows_fits(three: Bench) -> None:
    three.undeclare("returns")
    three.tenant.create_folder("Finance", None)
    assert three.plan(select=("returns", "folder:Finance")).unmatched == ()


def test_a_file_that_cannot_be_sent_fits(three: Bench) -> None:
    three.declare("c", EVENTS)
    three.spoil("c.events/jan.csv")
    assert three.plan(select=("c.events/jan.csv",)).unmatched == ()


def test_without_sources_nobody_knows_which_files_there_are(three: Bench) -> None:
    three.declare("c", EVENTS)
    plan = three.plan(select=("c.events/feb.csv",), reupload=("c.events/feb.csv",), no_data=True)
    assert (plan.unmatched, plan.unfit) == ((), ())


def test_a_consent_that_fits_nothing_is_named_with_a_guess(three: Bench) -> None:
    assert unfit(three, "delete:retuns") == ["--allow 'delete:retuns' fits nothing (did you mean 'returns'?)"]


def test_a_consent_for_what_nothing_is_planned_for_is_named(three: Bench) -> None:
    assert unfit(three, "delete:returns") == [
        "--allow 'delete:returns' fits nothing: nothing is planned for 'returns'"
    ]


def test_a_glob_over_what_is_there_may_find_nothing_to_agree_to(three: Bench) -> None:
    assert unfit(three, "delete:*", "adopt:ret*") == []


def test_a_consent_that_is_needed_is_not_named(three: Bench) -> None:
    three.undeclare("returns")
    assert unfit(three, "delete:returns") == []


@pytest.mark.parametrize("flag", ["reupload", "assume"])
def test_a_flag_for_files_that_fits_none_is_named(three: Bench, flag: str) -> None:
    name = {"assume": "assume-uploaded"}.get(flag, flag)
    assert unfit(three, **{flag: ("returns.events/jun.csv",)}) == [
        f"--{name} 'returns.events/jun.csv' fits nothing (did you mean 'returns.events/jan.csv'?)"
    ]
    assert unfit(three, **{flag: ("returns.events",)}) == [
        f"--{name} 'returns.events' fits nothing: it takes source files, such as 'returns.events/*'"
    ]
    assert unfit(three, **{flag: ("returns.events/*",)}) == []


def approval(address: str, **more: object) -> Approval:
    base = Approval(environment="dev", address=Address(address), consent=Consent.DELETE, live_id="D3")
    return replace(base, **more)


def test_an_approval_that_fits_nothing_is_named(three: Bench) -> None:
    three.approvals = frozenset({approval("retuns"), approval("returns", live_id="D9")})
    assert unfit(three) == [
        "approvals.yaml: delete for 'retuns' fits nothing (did you mean 'returns'?)",
        "approvals.yaml: delete for 'returns' fits nothing: nothing of the id 'D9' is in ProcessMind",
    ]


def test_approvals_that_fit_are_spent_or_are_for_another_environment_are_not_named(three: Bench) -> None:
    three.undeclare("returns")
    live_id = next(one.live_id for one in three.plan().steps)
    mine = approval("returns", live_id=live_id)
    three.approvals = frozenset({mine, approval("retuns", environment="prod")})
    assert unfit(three) == []
    three.apply()
    assert mine in three.state.spent
    assert unfit(three) == []


def test_an_approval_for_something_that_is_there_and_needs_none_now_is_not_named(three: Bench) -> None:
    live_id = three.id_of("returns")
    three.approvals = frozenset({approval("returns", live_id=live_id)})
    assert unfit(three) == []


def test_of_many_approvals_that_fit_nothing_the_first_are_told(three: Bench) -> None:
    three.approvals = frozenset(approval(f"x{number}") for number in range(_MOST_TOLD + 5))
    told = unfit(three)
    assert len(told) == _MOST_TOLD + 1
    assert told[-1] == "and 5 more consents that fit nothing"


def test_what_destroy_leaves_is_no_matter_of_approvals(three: Bench) -> None:
    three.approvals = frozenset({approval("retuns")})
    assert unfit(three, destroy=True) == []


def test_a_flag_of_any_length_is_told_in_one_short_line(three: Bench) -> None:
    (told,) = unfit(three, "delete:" + "x" * 9_000)
    assert len(told) < 200
