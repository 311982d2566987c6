"""approvals.yaml, read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pmsync.loading.approvals import read_approvals
from pmsync.loading.problems import Problems
from pmsync.model.address import Address
from pmsync.model.consent import Approval, Consent

SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_no_file_is_no_approval(repository: Callable[..., Any]) -> None:
    assert repository().load().approvals == frozenset()


def test_what_an_approval_says(repository: Callable[..., Any]) -> None:
    text = f"""\
apiVersion: pmsync/v1
approvals:
  - {{environment: local, address: order-to-cash, consent: delete, id: 12345}}
  - environment: local
    address: o2c.events/late arrivals.csv
    consent: add-rows
    id: "8a"
    content: {SHA}
"""
    assert repository({"approvals.yaml": text}).load().approvals == {
        Approval(
            environment="local", address=Address("order-to-cash"), consent=Consent.DELETE, live_id="12345"
        ),
        Approval(
            environment="local",
            address=Address("o2c.events/late arrivals.csv"),
            consent=Consent.ADD_ROWS,
            live_id="8a",
            content=SHA,
        ),
    }


@pytest.mark.parametrize("consent", Consent)
def test_every_kind_of_consent_can_be_written_down(repository: Callable[..., Any], consent: Consent) -> None:
    entry = f"{{environment: local, address: a, consent: {consent}, id: '1'}}"
    made = repository({"approvals.yaml": f"apiVersion: pmsync/v1\napprovals: [{entry}]\n"})
    (approval,) = made.load().approvals
    assert approval.consent is consent


@pytest.mark.parametrize("address", ["A", "a.b.c", "a/b", "folder:", "a.*", "", "a.b/", "[a]"])
def test_addresses_that_cannot_be(repository: Callable[..., Any], address: str) -> None:
    value = address if address == "[a]" else f"'{address}'"
    text = f"apiVersion: pmsync/v1\napprovals: [{{environment: local, address: {value}, consent: loss, id: x}}]\n"
    assert [code for _, code in repository({"approvals.yaml": text}).codes()] == ["PM302"]


def test_an_environment_is_not_judged_where_they_are_not_known(repository: Callable[..., Any]) -> None:
    text = "apiVersion: pmsync/v1\napprovals: [{environment: b, address: a, consent: loss, id: x}]\n"
    made = repository({"approvals.yaml": text}, project="environments: {b: {tenant: x}}\n")
    assert [code for _, code in made.codes()] == ["PM018"]


def test_a_slip_in_an_environment_is_mended(repository: Callable[..., Any]) -> None:
    text = "apiVersion: pmsync/v1\napprovals: [{environment: locl, address: a, consent: loss, id: x}]\n"
    (said,) = repository({"approvals.yaml": text}).refused()
    assert said.suggestion == "did you mean 'local'?"


def test_approvals_outside_the_project_folder_are_refused(repository: Callable[..., Any]) -> None:
    made = repository({"inner/x": ""})
    (made.root / "inner" / "approvals.yaml").symlink_to(made.root / "pmsync.yaml")
    problems = Problems()
    assert read_approvals(str(made.root / "inner"), ["local"], problems) == frozenset()
    assert problems
