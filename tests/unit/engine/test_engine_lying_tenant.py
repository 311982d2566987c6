"""A tenant whose answers are not true: what it says was made, and ids that are none.

What the tenant really did is the emulator's; a writer between them changes what is said of it.
"""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from pmsync.engine.propose import propose
from pmsync.engine.reading import Known, read_tenant, with_columns
from pmsync.errors import UnexpectedAnswer
from pmsync.model.address import Address, Kind
from pmsync.model.consent import Allow, Consent
from pmsync.model.events import NotAddressable
from pmsync.model.report import Fate
from pmsync.model.snapshot import LeftOut
from pmsync.tenant.client import TenantWriter

O2C = Address("o2c")


class Lying(TenantWriter):
    """A writer in place of another: `made` changes what a create gives back, `more` is added to listings."""

    made: Callable[[Any, Callable[[], Any]], Any] = staticmethod(lambda _kind, create: create())
    more: tuple[LeftOut, ...] = ()

    def create_folder(self, name, parent_id):
        return self.made("folder", lambda: super(Lying, self).create_folder(name, parent_id))

    def create_dataset(self, name, parent_id):
        return self.made("dataset", lambda: super(Lying, self).create_dataset(name, parent_id))

    def create_datatable(self, dataset_id, name):
        return self.made("datatable", lambda: super(Lying, self).create_datatable(dataset_id, name))

    def dataset(self, dataset_id):
        detail = super().dataset(dataset_id)
        return replace(detail, left_out=tuple(one for one in self.more if one.dataset_id == dataset_id))

    def datasets(self):
        listing = super().datasets()
        return replace(listing, left_out=tuple(one for one in self.more if one.kind is not Kind.DATATABLE))

    def datatable_listing(self):
        listing = super().datatable_listing()
        return replace(listing, left_out=tuple(one for one in self.more if one.kind is Kind.DATATABLE))


def lie(bench, **how) -> Lying:
    """From now on the bench's tenant lies so."""
    writer = Lying.__new__(Lying)
    writer.__dict__.update(bench.writer.__dict__ | how)
    bench.writer = writer
    return writer


def allowed(flags: tuple[str, ...]) -> tuple[Allow, ...]:
    pairs = (flag.split(":", 1) for flag in flags)
    return tuple(Allow(consent=Consent(kind), glob=glob) for kind, glob in pairs)


def odd(kind: Kind, name: str, dataset_id: str = "") -> LeftOut:
    return LeftOut(kind=kind, id="..", display_name=name, fault="its id is '..'", dataset_id=dataset_id)


@pytest.mark.parametrize("kind", ["folder", "dataset", "datatable"])
def test_an_id_that_was_listed_before_is_not_what_a_create_made(make_bench, csv, kind):
    bench = make_bench(show_tree=True)
    folder = bench.writer.create_folder("Theirs", None).id
    dataset = bench.writer.create_dataset("theirs", folder).id
    known = {
        "folder": folder,
        "dataset": dataset,
        "datatable": bench.writer.create_datatable(dataset, "events").id,
    }
    bench.declare("o2c", {"ours": {"b.csv": csv(2)}}, folder="Ours")
    lie(bench, made=lambda what, create: replace(create(), id=known[kind]) if what == kind else create())

    report = bench.apply()

    assert {one.fate for one in report.results} == {Fate.DONE}
    state = bench.state()
    recorded = {
        one.id for group in (state.folders, state.datasets, state.datatables) for one in group.values()
    }
    assert recorded.isdisjoint(known.values())
    assert (bench.live("events"), bench.live("ours")) == (0, 2)


def test_a_create_that_only_repeats_a_listed_id_made_nothing_and_is_recorded_nowhere(bench, csv):
    made = bench.writer.create_dataset("theirs", None)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    lie(bench, made=lambda _kind, _create: made)

    report = bench.apply()

    assert {one.fate for one in report.results} == {Fate.UNCONFIRMED, Fate.SKIPPED}
    assert not bench.state().datasets
    assert bench.dataset_ids("theirs") == [made.id]


def test_two_creates_that_are_given_one_id_are_told_apart(bench):
    bench.declare("o2c", {})
    bench.declare("p2p", {})
    first: list[Any] = []

    def twice(_kind, create):
        first.append(create())
        return replace(first[-1], id=first[0].id)

    lie(bench, made=twice)

    bench.apply(parallelism=1)

    ids = {address: one.id for address, one in bench.state().datasets.items()}
    assert {key: bench.dataset_ids(key) for key in ("o2c", "p2p")} == {
        "o2c": [ids[O2C]],
        "p2p": [ids[Address("p2p")]],
    }


@pytest.mark.parametrize("kind", [Kind.FOLDER, Kind.DATASET])
@pytest.mark.parametrize("name", ["o2c", "Finance", "Inner"])
def test_a_thing_of_a_managed_name_without_a_usable_id_fails_the_plan(bench, kind, name):
    bench.declare("o2c", {}, folder="Finance/Inner")
    lie(bench, more=(odd(kind, name),))
    with pytest.raises(UnexpectedAnswer, match="cannot be asked for"):
        bench.plan()


def test_a_datatable_without_a_usable_id_in_a_managed_dataset_fails_the_plan(bench):
    bench.declare("o2c", {})
    bench.apply()
    lie(bench, more=(odd(Kind.DATATABLE, "anything", bench.dataset_ids("o2c")[0]),))
    with pytest.raises(UnexpectedAnswer, match="cannot be asked for"):
        bench.plan()


def test_a_datatable_without_a_usable_id_in_a_dataset_to_adopt_fails_the_plan(bench):
    there = bench.writer.create_dataset("o2c", None)
    bench.declare("o2c", {})
    lie(bench, more=(odd(Kind.DATATABLE, "anything", there.id),))
    with pytest.raises(UnexpectedAnswer, match="cannot be asked for"):
        bench.plan()


def test_other_things_without_a_usable_id_are_left_out_with_one_warning(bench, steps):
    bench.declare("o2c", {})
    lie(bench, more=(odd(Kind.DATASET, "theirs"), odd(Kind.DATATABLE, "events", "..")))
    seen: list[Any] = []
    plan = propose(bench.question(), bench.writer, seen.append)
    assert steps(plan) == ["create o2c"]
    assert [one.count for one in seen if isinstance(one, NotAddressable)] == [2]


def test_nothing_is_made_beside_a_thing_of_its_name_without_a_usable_id(bench):
    bench.declare("o2c", {})
    question = bench.question()
    plan = propose(question, bench.writer)
    lie(bench, more=(odd(Kind.DATASET, "o2c"),))

    report = bench.run(plan, question)

    assert {one.fate for one in report.results} == {Fate.UNCONFIRMED}
    assert bench.dataset_ids("o2c") == []


def test_a_datatable_that_says_to_be_elsewhere_than_it_is_listed_is_a_contradiction(bench, csv):
    there, elsewhere = bench.writer.create_dataset("o2c", None), bench.writer.create_dataset("p2p", None)
    table = bench.writer.create_datatable(there.id, "events")
    asked = bench.writer.datatable
    writer = lie(bench, datatable=lambda id_: replace(asked(id_), dataset_id=elsewhere.id))
    snapshot = read_tenant(writer, Known())
    with pytest.raises(UnexpectedAnswer, match="says that it is in another"):
        with_columns(writer, snapshot, frozenset({table.id}))


def test_a_dataset_that_holds_something_without_a_usable_id_is_not_deleted(bench):
    bench.declare("o2c", {})
    bench.declare("p2p", {})
    bench.apply()
    bench.remove("o2c")
    question = bench.question(allow=allowed(("delete:o2c",)))
    plan = propose(question, bench.writer)
    lie(bench, more=(odd(Kind.DATATABLE, "new", bench.dataset_ids("o2c")[0]),))

    report = bench.run(plan, question)

    assert [type(one.problem).__name__ for one in report.results if one.fate is not Fate.DONE]
    assert bench.dataset_ids("o2c")
