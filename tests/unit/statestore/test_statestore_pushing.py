"""A state that is brought in from a file: read by the rules of every state, and never in place of a newer one."""

import os

import pytest
from msgspec.structs import replace
from statestore_samples import BINDING, LINEAGE, VERSION, store_in, table

from pmsync.disk.private import Files
from pmsync.errors import Refused, StateRefused
from pmsync.model.address import Address
from pmsync.model.state import Binding, Intent, IntentKind, Owner, Sent, State
from pmsync.statestore.codec import encode
from pmsync.statestore.folder import StateFolder
from pmsync.statestore.pushing import push, read_pushed

OLD = State(lineage=LINEAGE, serial=3, binding=BINDING, runs=1)


@pytest.fixture
def folder(tmp_path):
    return StateFolder(str(tmp_path / "here"), Files())


@pytest.fixture
def file(tmp_path):
    """A state in a checkout, as the first version left it."""
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "state.json").write_bytes(encode(OLD, pmsync_version=VERSION))
    return tmp_path / "old" / "state.json"


def read(path, binding=BINDING):
    return read_pushed(str(path), binding, pmsync_version=VERSION)


def pushed(folder, state):
    present = store_in(folder.path).read()
    return push(folder, state, present, pmsync_version=VERSION)


def test_it_is_the_state_where_there_was_none(folder, file):
    assert pushed(folder, read(file))
    assert store_in(folder.path).read() == OLD
    assert not pushed(folder, read(file))


def test_what_a_killed_run_did_since_comes_along(folder, tmp_path):
    store = store_in(tmp_path / "killed")
    ledger = store.begin(replace(OLD, serial=0))
    ledger.record([table(0)])
    found = read(tmp_path / "killed" / "state.json")
    assert found.datatables
    assert found == store.read()


def test_how_far_an_upload_came_is_not_known_of_a_state_that_is_brought_in(file):
    begun = Intent(kind=IntentKind.UPLOAD, address=Address("o.t/a.csv"), parent_id="t-1", sent=Sent.BEGUN)
    file.write_bytes(encode(replace(OLD, intents=(begun,)), pmsync_version=VERSION))
    assert [one.sent for one in read(file).intents] == [Sent.UNKNOWN]


def test_the_journal_beside_another_file_is_not_its_own(file):
    (file.parent / "journal.jsonl").write_bytes(b"rubbish")
    with pytest.raises(StateRefused):
        read(file)
    file.rename(file.with_name("kept.json"))
    assert read(file.with_name("kept.json")) == OLD


def test_an_older_version_of_itself_gives_way(folder):
    pushed(folder, OLD)
    newer = replace(OLD, serial=4)
    assert pushed(folder, newer)
    assert store_in(folder.path).read() == newer


@pytest.mark.parametrize(
    "present",
    [
        replace(OLD, serial=4),
        replace(OLD, runs=7),
        replace(OLD, lineage="11111111-2222-4333-8444-555555555555", serial=1),
    ],
    ids=["newer", "as new and other", "another"],
)
def test_nothing_that_is_there_is_lost(folder, file, present):
    pushed(folder, present)
    with pytest.raises(Refused):
        pushed(folder, read(file))
    assert store_in(folder.path).read() == present


def test_a_state_that_only_a_probe_used_is_none(folder, file):
    pushed(folder, State(lineage="11111111-2222-4333-8444-555555555555", serial=9, binding=BINDING))
    assert pushed(folder, read(file))


def test_what_became_of_a_killed_runs_requests_is_settled_first(folder, full_state):
    pushed(folder, full_state)
    with pytest.raises(Refused, match="cut off"):
        pushed(folder, replace(full_state, serial=full_state.serial + 1))


@pytest.fixture
def full_state():
    from statestore_samples import FULL  # noqa: PLC0415

    return FULL


def test_of_another_tenant_it_is_refused(file):
    with pytest.raises(StateRefused, match="another tenant"):
        read(file, Binding(tenant_id="other", host=BINDING.host))


@pytest.mark.parametrize("name", ["state.json", "other.json"])
def test_where_there_is_no_file_it_says_so(tmp_path, name):
    with pytest.raises(StateRefused, match="no such file") as caught:
        read(tmp_path / name)
    assert caught.value.where == str(tmp_path / name)


@pytest.mark.parametrize("name", ["state.json", "other.json"])
def test_a_damaged_one_is_told_by_its_name(tmp_path, name):
    (tmp_path / name).write_text("{")
    with pytest.raises(StateRefused) as caught:
        read(tmp_path / name)
    assert caught.value.where == str(tmp_path / name)


def test_a_link_out_of_the_checkout_is_not_read(tmp_path, file, monkeypatch):
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / "state.json").symlink_to(file)
    monkeypatch.chdir(tmp_path / "checkout")
    with pytest.raises(StateRefused, match="leads outside"):
        read("state.json")


def test_a_pipe_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "state.json")
    with pytest.raises(StateRefused):
        read("state.json")


def test_a_state_of_another_place_is_to_be_pushed_there_and_taken_along(tmp_path):
    former = Owner(project="o2c", environment="prod", path="pmsync.yaml")
    (tmp_path / "state.json").write_bytes(
        encode(replace(OLD, binding=replace(BINDING, owner=former)), pmsync_version=VERSION)
    )
    here = replace(BINDING, owner=replace(former, project="sales"))
    with pytest.raises(StateRefused, match="of another place") as refusal:
        read(tmp_path / "state.json", here)
    assert "push it from there" in refusal.value.hint
    assert "pmsync state rebind o2c/prod:pmsync.yaml" in refusal.value.hint
    assert read(tmp_path / "state.json", replace(BINDING, owner=former)).binding.owner == former
