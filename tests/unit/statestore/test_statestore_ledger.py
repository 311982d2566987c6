"""A run under way: what is remembered, what is on the disk, and in which order it got there."""

import errno
import os
import stat
from contextlib import suppress
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statestore_samples import (
    BINDING,
    FULL,
    LINEAGE,
    UPLOAD,
    Attempt,
    Clock,
    Failing,
    Killed,
    Volatile,
    Watched,
    entries,
    numbers,
    store_in,
    table,
)

from pmsync.errors import PmsyncError, StalePlan
from pmsync.model.address import Address
from pmsync.model.outcome import Drop, Put, fold
from pmsync.statestore.codec import encode
from pmsync.statestore.ledger import CHECKPOINT_SECONDS
from pmsync.statestore.local import LocalStateStore, fresh


def begun(folder, **kwargs):
    store = store_in(folder, **kwargs)
    return store.begin(store.read() or fresh(BINDING, LINEAGE))


# --- first run ----------------------------------------------------------------------------------------------


def test_nothing_at_all_is_no_state(tmp_path):
    assert store_in(tmp_path / "not" / "there").read() is None
    assert store_in(tmp_path).read() is None


def test_a_store_needs_no_more_than_folder_binding_and_version(tmp_path):
    LocalStateStore(str(tmp_path), BINDING, pmsync_version="1").begin(fresh(BINDING, LINEAGE)).close()
    assert LocalStateStore(str(tmp_path), BINDING, pmsync_version="1").read().serial == 1


def test_the_first_begin_makes_folder_and_state(tmp_path):
    begun(tmp_path / "a" / "b")
    state = store_in(tmp_path / "a" / "b").read()
    assert (state.lineage, state.serial, state.binding) == (LINEAGE, 1, BINDING)


def test_only_the_owner_may_look(tmp_path):
    folder = tmp_path / "a" / "b"
    begun(folder).record([table(0)])
    begun(folder)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {
        "b": 0o700,
        "state.json": 0o600,
        "state.previous.json": 0o600,
        "journal.jsonl": 0o600,
    }


def test_a_folder_that_another_run_makes_first_is_no_problem(tmp_path):
    class Raced(Watched):
        def before(self, method, *arguments):
            if method == "make_folder":
                os.mkdir(*arguments)

    begun(tmp_path / "prod", files=Raced()).close()
    assert store_in(tmp_path / "prod").read().serial == 1


# --- remembering --------------------------------------------------------------------------------------------


def test_a_recorded_outcome_is_read_before_the_run_ends(tmp_path):
    ledger = begun(tmp_path)
    ledger.record([table(0)])
    assert numbers(store_in(tmp_path).read()) == [0]
    assert store_in(tmp_path).read() == ledger.state


def test_recording_nothing_is_remembered_as_nothing(tmp_path):
    ledger = begun(tmp_path)
    ledger.record([])
    ledger.record([table(0)])
    assert numbers(store_in(tmp_path).read()) == [0]


def test_closing_puts_everything_into_the_state_and_takes_the_journal_away(tmp_path):
    ledger = begun(tmp_path)
    ledger.record([table(0)])
    ledger.close()
    ledger.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state.json", "state.previous.json"]
    assert numbers(store_in(tmp_path).read()) == [0]


def test_closing_without_anything_new_writes_no_new_version(tmp_path):
    begun(tmp_path).close()
    assert store_in(tmp_path).read().serial == 1


def test_every_version_has_a_serial_of_its_own(tmp_path):
    ledger = begun(tmp_path)
    ledger.record([table(0)])
    ledger.close()
    assert ledger.state.serial == store_in(tmp_path).read().serial == 2
    assert begun(tmp_path).state.serial == 3


def test_the_previous_version_is_kept(tmp_path):
    ledger = begun(tmp_path)
    first = (tmp_path / "state.json").read_bytes()
    ledger.record([table(0)])
    ledger.close()
    assert (tmp_path / "state.previous.json").read_bytes() == first


def test_a_closed_ledger_takes_nothing(tmp_path):
    ledger = begun(tmp_path)
    ledger.close()
    with pytest.raises(ValueError, match="closed"):
        ledger.record([table(0)])


def test_an_outcome_that_cannot_be_written_is_not_remembered_either(tmp_path):
    ledger = begun(tmp_path)
    with pytest.raises(PmsyncError, match="cannot be recorded"):
        ledger.record([Put(Address("o2c"), table(0).record)])
    ledger.record([table(1)])
    assert numbers(ledger.state) == numbers(store_in(tmp_path).read()) == [1]


@settings(deadline=None)
@given(st.lists(st.lists(entries, max_size=3), max_size=5), st.data())
def test_a_run_remembers_what_fold_says(tmp_path_factory, outcomes, data):
    folder = tmp_path_factory.mktemp("state")
    clock = Clock()
    ledger = begun(folder, clock=clock)
    expected = ledger.state
    for outcome in outcomes:
        ledger.record(outcome)
        expected = fold(expected, outcome)
        if data.draw(st.booleans()):
            assert same(ledger.state, expected)
        if data.draw(st.booleans()):
            clock.now += CHECKPOINT_SECONDS
            ledger.checkpoint()
        assert same(store_in(folder).read(), expected)
    if data.draw(st.booleans()):
        ledger.close()
    assert same(ledger.state, expected)
    assert same(store_in(folder).read(), expected)


def same(state, expected):
    names = ("lineage", "binding", "runs", "folders", "datasets", "datatables", "uploads", "spent", "applied")
    return all(getattr(state, name) == getattr(expected, name) for name in names)


def test_everything_of_a_state_survives_a_run(tmp_path):
    store = store_in(tmp_path)
    store.begin(fresh(BINDING, LINEAGE)).close()
    (tmp_path / "state.json").unlink()
    (tmp_path / "state.previous.json").unlink(missing_ok=True)
    (tmp_path / "state.json").write_bytes(encode(FULL, pmsync_version="0.1.0"))
    ledger = begun(tmp_path)
    ledger.record([Drop(Address("p2p"))])
    ledger.close()
    after = store.read()
    assert (after.runs, after.intents, after.spent, after.applied) == (
        FULL.runs,
        FULL.intents,
        FULL.spent,
        FULL.applied,
    )
    assert list(after.datasets) == ["o2c"]


# --- checkpoints --------------------------------------------------------------------------------------------


def test_a_checkpoint_waits_for_its_time(tmp_path):
    clock = Clock()
    ledger = begun(tmp_path, clock=clock)
    ledger.record([table(0)])
    clock.now = CHECKPOINT_SECONDS - 0.1
    ledger.checkpoint()
    assert ledger.state.serial == 1
    clock.now = CHECKPOINT_SECONDS
    ledger.checkpoint()
    assert ledger.state.serial == 2
    clock.now += 1
    ledger.record([table(1)])
    ledger.checkpoint()
    assert ledger.state.serial == 2


def test_a_checkpoint_without_anything_new_writes_nothing(tmp_path):
    clock = Clock()
    files = Watched()
    ledger = begun(tmp_path, clock=clock, files=files)
    clock.now = 100
    before = list(files.calls)
    ledger.checkpoint()
    assert files.calls == before


def test_a_checkpoint_starts_the_journal_anew(tmp_path):
    clock = Clock()
    ledger = begun(tmp_path, clock=clock)
    ledger.record([table(0)])
    clock.now = 100
    ledger.checkpoint()
    assert (tmp_path / "journal.jsonl").read_bytes().count(b"\n") == 1
    ledger.record([table(1)])
    assert numbers(store_in(tmp_path).read()) == [0, 1]


def test_what_is_recorded_while_a_version_is_written_goes_into_the_new_journal(tmp_path):
    class Busy(Watched):
        def before(self, method, *arguments):
            if method == "create" and armed:
                armed.pop().start()
                while len(ledger.state.datatables) < 2:
                    pass

    armed = []
    clock = Clock()
    ledger = begun(tmp_path, clock=clock, files=Busy())
    ledger.record([table(0)])
    clock.now = 100
    thread = Thread(target=ledger.record, args=([table(1)],))
    armed.append(thread)
    ledger.checkpoint()
    thread.join()
    assert numbers(store_in(tmp_path).read()) == [0, 1]


# --- the order on the disk ----------------------------------------------------------------------------------

STATE_WRITTEN = [
    ("discard", "state.json.tmp"),
    ("create", "state.json.tmp"),
    ("write", "state.json.tmp"),
    ("sync", "state.json.tmp"),
    ("close", "state.json.tmp"),
]
JOURNAL_STARTED = [
    ("discard", "journal.jsonl.tmp"),
    ("create", "journal.jsonl.tmp"),
    ("write", "journal.jsonl.tmp"),
    ("sync", "journal.jsonl.tmp"),
    ("rename", "journal.jsonl.tmp", "journal.jsonl"),
    ("sync_folder", "prod"),
]
STATE_SWAPPED = [
    ("discard", "state.previous.json.tmp"),
    ("link", "state.json", "state.previous.json.tmp"),
    ("rename", "state.previous.json.tmp", "state.previous.json"),
    ("discard", "state.previous.json.tmp"),
    ("rename", "state.json.tmp", "state.json"),
    ("sync_folder", "prod"),
]


def test_content_is_synced_before_a_name_and_the_name_after(tmp_path):
    files = Watched()
    ledger = begun(tmp_path / "prod", files=files)
    begin = [("make_folder", "prod"), ("sync_folder", tmp_path.name)]
    swap = [("rename", "state.json.tmp", "state.json"), ("sync_folder", "prod")]
    assert files.calls == begin + STATE_WRITTEN + swap + JOURNAL_STARTED
    files.calls.clear()
    ledger.record([table(0)])
    assert files.calls == [("write", "journal.jsonl.tmp"), ("sync", "journal.jsonl.tmp")]
    files.calls.clear()
    ledger.close()
    journal_closed = [("close", "journal.jsonl.tmp")]
    journal_gone = [("discard", "journal.jsonl"), ("sync_folder", "prod")]
    assert files.calls == STATE_WRITTEN + journal_closed + STATE_SWAPPED + journal_gone


def test_threads_that_wait_for_the_disk_share_one_line(tmp_path):
    entered, released = Event(), Event()

    class Slow(Watched):
        def before(self, method, *arguments):
            if method == "sync" and waiting:
                entered.set()
                released.wait()

    files = Slow()
    waiting = []
    ledger = begun(tmp_path, files=files)
    files.calls.clear()
    waiting.append(True)
    threads = [Thread(target=ledger.record, args=([table(number)],)) for number in range(9)]
    threads[0].start()
    entered.wait()
    for thread in threads[1:]:
        thread.start()
    while len(ledger.state.datatables) < len(threads):
        pass
    released.set()
    for thread in threads:
        thread.join()
    assert [name for name, *_ in files.calls].count("sync") == 2
    assert (tmp_path / "journal.jsonl").read_bytes().count(b"\n") == 3
    assert numbers(store_in(tmp_path).read()) == list(range(9))


def test_many_threads_lose_nothing(tmp_path):
    clock = Clock()
    ledger = begun(tmp_path, clock=clock)

    def work(first):
        for number in range(first, first + 25):
            ledger.record([table(number)])
            clock.now += 1
            ledger.checkpoint()

    threads = [Thread(target=work, args=(first,)) for first in range(0, 200, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(store_in(tmp_path).read()) == list(range(200))
    ledger.close()
    assert numbers(store_in(tmp_path).read()) == list(range(200))


# --- two runs -----------------------------------------------------------------------------------------------


def test_a_state_that_another_run_changed_since_is_not_begun(tmp_path):
    begun(tmp_path).close()
    read = store_in(tmp_path).read()
    ledger = begun(tmp_path)
    ledger.record([table(0)])
    ledger.close()
    with pytest.raises(StalePlan, match="another run has changed it since") as stale:
        store_in(tmp_path).begin(read)
    assert stale.value.hint == "plan again"


def test_a_second_first_run_is_not_begun(tmp_path):
    begun(tmp_path).close()
    with pytest.raises(StalePlan):
        store_in(tmp_path).begin(fresh(BINDING, "another lineage"))


def test_a_state_that_vanished_since_is_not_begun(tmp_path):
    begun(tmp_path).close()
    read = store_in(tmp_path).read()
    (tmp_path / "state.json").unlink()
    with pytest.raises(StalePlan):
        store_in(tmp_path).begin(read)


def test_a_journal_that_grew_since_is_not_begun(tmp_path):
    ledger = begun(tmp_path)
    read = store_in(tmp_path).read()
    ledger.record([table(0)])
    with pytest.raises(StalePlan):
        store_in(tmp_path).begin(read)


# --- a disk that says no ------------------------------------------------------------------------------------

ERRORS = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EIO: "let the user running pmsync write there",
    errno.EROFS: "let the user running pmsync write there",
    errno.EACCES: "let the user running pmsync write there",
}


@pytest.mark.parametrize(("code", "advice"), ERRORS.items(), ids=[errno.errorcode[code] for code in ERRORS])
def test_a_disk_that_says_no_says_so_before_the_first_request(tmp_path, code, advice):
    with pytest.raises(PmsyncError) as error:
        begun(tmp_path / "prod", files=Failing(1, code=code))
    assert error.value.what == f"the state could not be written: {os.strerror(code)}"
    assert error.value.where == str(tmp_path / "prod")
    assert error.value.hint.startswith(advice)
    assert type(error.value) is PmsyncError
    assert error.value.exit_code == 1


def attempts(folder, failing):
    """Run until no change fails any more; after each the state must be what was promised."""
    nth = 0
    while True:
        nth += 1
        attempt = Attempt(folder / str(nth))
        files = failing(nth)
        try:
            attempt.run(files)
        except PmsyncError:
            attempt.check()
        else:
            attempt.check()
            assert attempt.promised == 10
            if len(files.calls) < nth:
                return nth


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("lasting", [False, True])
def test_whichever_change_fails_nothing_promised_is_lost(tmp_path, code, lasting):
    assert attempts(tmp_path, lambda nth: Failing(nth, code=code, lasting=lasting)) > 100


def record_many(ledger, which):
    for number in which:
        ledger.record([table(number)])


def test_a_run_goes_on_after_the_disk_had_no_room_for_a_moment(tmp_path):
    files = Failing(10**9)
    ledger = begun(tmp_path, files=files)
    ledger.record([table(0)])
    for step in range(1, 4):
        files.nth = len(files.calls) + step
        with pytest.raises(PmsyncError, match="No space left on device"):
            record_many(ledger, range(10 * step, 10 * step + 9))
        assert set(numbers(store_in(tmp_path).read())) <= set(numbers(ledger.state))
    ledger.record([table(99)])
    assert numbers(store_in(tmp_path).read()) == numbers(ledger.state)
    ledger.close()
    assert numbers(store_in(tmp_path).read()) == numbers(ledger.state)


def test_a_checkpoint_without_room_leaves_the_journal_going(tmp_path):
    clock = Clock()
    files = Failing(10**9)
    ledger = begun(tmp_path, files=files, clock=clock)
    ledger.record([table(0)])
    clock.now = 100
    files.nth = len(files.calls) + 3  # the write of the staged version
    with pytest.raises(PmsyncError, match="No space left on device"):
        ledger.checkpoint()
    files.calls.clear()
    files.nth = 10**9
    ledger.record([table(1)])
    assert [name for name, *_ in files.calls] == ["write", "sync"]
    assert numbers(store_in(tmp_path).read()) == [0, 1]


def test_a_disk_without_room_gets_back_what_was_begun(tmp_path):
    files = Failing(10**9)
    ledger = begun(tmp_path, files=files)
    ledger.record([table(0)])
    files.nth = len(files.calls) + 3
    with pytest.raises(PmsyncError, match="No space left on device"):
        ledger.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal.jsonl", "state.json"]
    ledger.close()
    assert numbers(store_in(tmp_path).read()) == [0]


def test_a_threads_outcome_that_shared_a_failed_line_is_written_with_the_next(tmp_path):
    entered, released = Event(), Event()

    class Breaking(Watched):
        def before(self, method, *arguments):
            if method == "sync" and armed:
                armed.clear()
                entered.set()
                released.wait()
                raise OSError(errno.EIO, os.strerror(errno.EIO))

    armed = []
    ledger = begun(tmp_path, files=Breaking())
    armed.append(True)
    failures = []

    def first():
        try:
            ledger.record([table(0)])
        except PmsyncError as error:
            failures.append(error)

    threads = [Thread(target=first), *(Thread(target=ledger.record, args=([table(n)],)) for n in range(1, 4))]
    threads[0].start()
    entered.wait()
    for thread in threads[1:]:
        thread.start()
    while len(ledger.state.datatables) < len(threads):
        pass
    released.set()
    for thread in threads:
        thread.join()
    assert len(failures) == 1
    assert numbers(store_in(tmp_path).read()) == [0, 1, 2, 3]


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP])
def test_where_the_disk_knows_no_links_the_previous_version_is_a_copy(tmp_path, code):
    class NoLinks(Watched):
        def before(self, method, *arguments):
            if method == "link":
                raise OSError(code, os.strerror(code))

    ledger = begun(tmp_path, files=NoLinks())
    first = (tmp_path / "state.json").read_bytes()
    ledger.record([table(0)])
    ledger.close()
    assert (tmp_path / "state.previous.json").read_bytes() == first
    assert numbers(store_in(tmp_path).read()) == [0]


# --- power that fails ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["nothing", "names", "content"])
def test_whenever_the_power_fails_everything_promised_is_there(mode):
    nth = 0
    while True:
        nth += 1
        files = Volatile(nth, mode)
        attempt = Attempt("/prod")
        with suppress(Killed):
            attempt.run(files)
        attempt.check(files.power_on())
        if files.count < nth:
            break
    assert nth > 100


def test_an_upload_is_remembered_with_its_evidence(tmp_path):
    ledger = begun(tmp_path)
    address = Address("o2c.events/events.csv")
    ledger.record([Put(address, UPLOAD)])
    assert store_in(tmp_path).read().uploads[address] == UPLOAD
