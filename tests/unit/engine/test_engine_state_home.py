"""Without a terminal an apply needs to know what keeps the state: a runner may be gone tomorrow."""

import pytest
from msgspec.structs import replace

from pmsync.diagnostics import Location
from pmsync.engine.approved import must_say_where_state_lives
from pmsync.errors import Refused
from pmsync.model.project import CloudTenant, EmulatedTenant, Environment, StateBackend

CLOUD = Environment(
    name="prod", tenant=CloudTenant(tenant_id="t-1"), location=Location("pmsync.yaml", line=4, column=3)
)


def test_without_a_terminal_a_tenant_whose_environment_does_not_say_is_refused():
    with pytest.raises(Refused, match="does not say what keeps its state") as refusal:
        must_say_where_state_lives(CLOUD, attended=False)
    assert refusal.value.where == "pmsync.yaml:4:3"
    assert "state: file" in refusal.value.hint


@pytest.mark.parametrize(
    ("environment", "attended"),
    [
        (CLOUD, True),
        (replace(CLOUD, state=StateBackend.FILE), False),
        (replace(CLOUD, tenant=EmulatedTenant()), False),
    ],
    ids=["somebody sits there", "it says so", "the embedded tenant"],
)
def test_it_is_not_asked_for(environment, attended):
    must_say_where_state_lives(environment, attended=attended)


def test_no_caller_of_the_engine_can_leave_it_out(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    question, plan = bench.question(), bench.plan()
    silent = replace(
        question, environment=replace(question.environment, tenant=CloudTenant(tenant_id="t-1"), state=None)
    )
    with pytest.raises(Refused, match="does not say what keeps its state"):
        bench.run(plan, silent)
    assert bench.dataset_ids("o2c") == []
