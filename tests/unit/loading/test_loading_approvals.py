"""approvals.yaml: read, and written to be pasted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmsync.loading.approvals import approval_block, read_approvals
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


def test_every_kind_of_consent_can_be_written_down(repository: Callable[..., Any]) -> None:
    given = frozenset(
        Approval(environment="local", address=Address("a"), consent=one, live_id="1") for one in Consent
    )
    assert repository({"approvals.yaml": approval_block(given)}).load().approvals == given


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


def test_the_block_is_sorted_and_reads_well() -> None:
    given = [
        Approval(environment="prod", address=Address("b"), consent=Consent.DELETE, live_id="7b1d"),
        Approval(
            environment="prod",
            address=Address('a.t/b "x": ä\n\U0001f600.csv'),
            consent=Consent.LOSS,
            live_id="true",
            content=SHA,
        ),
    ]
    assert approval_block(given) == (
        "apiVersion: pmsync/v1\n"
        "approvals:\n"
        '  - {environment: prod, address: "a.t/b \\"x\\": ä\\U0000000a\U0001f600.csv", consent: loss, '
        f'id: "true", content: {SHA}}}\n'
        '  - {environment: prod, address: b, consent: delete, id: "7b1d"}\n'
    )


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(name=NAMES, live_id=NAMES, content=st.none() | st.just(SHA))
def test_a_block_that_is_pasted_gives_the_same_approvals(
    tmp_path_factory: pytest.TempPathFactory, name: str, live_id: str, content: str | None
) -> None:
    given = frozenset(
        Approval(
            environment="e", address=Address(address), consent=Consent.LOSS, live_id=live_id, content=content
        )
        for address in (f"a.b/{name}", f"folder:{name}")
    )
    root = tmp_path_factory.mktemp("approvals")
    (root / "approvals.yaml").write_text(approval_block(given), encoding="utf-8")
    problems = Problems()
    read = read_approvals(str(root), ["e"], problems)
    problems.settle()
    assert read == given
