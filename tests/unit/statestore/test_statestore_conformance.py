"""What every store owes, whatever it is made of: each test runs on all of them."""

from contextlib import closing
from threading import Barrier, Thread

import pytest
from msgspec.structs import replace
from statestore_samples import BINDING, LINEAGE, numbers, store_in, table

from pmsync.errors import Locked, PmsyncError, Refused, StalePlan, StateRefused
from pmsync.model.address import Address
from pmsync.model.outcome import Put, Settle
from pmsync.model.state import Binding, Intent, IntentKind
from pmsync.statestore.interface import Holder, Waiting
from pmsync.statestore.local import fresh
from pmsync.statestore.memory import MemoryStateStore

INTENTS = [Intent(kind=IntentKind.CREATE_DATASET, address=Address(f"d{number}")) for number in range(3)]
AT_ONCE = Waiting(timeout=0, monotonic=lambda: 0.0, sleep=lambda _: None)
STORES = {
    "file": lambda folder, binding: store_in(folder, binding=binding),
    "memory": lambda _folder, binding: MemoryStateStore(binding),
}


def me(lock_id="first", host="elsewhere"):
    return Holder(id=lock_id, who="ann", host=host, pid=1, since="2026-01-01", command="pmsync apply")


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    return STORES[request.param](tmp_path / "state", BINDING)


def begun(store):
    return store.begin(store.read() or fresh(BINDING, LINEAGE))


def test_nothing_is_no_state(store):
    assert store.read() is None
    store.must_be_possible()
    assert store.read() is None


def test_what_was_begun_is_there_one_serial_higher(store):
    ledger = begun(store)
    assert store.read() == ledger.state
    assert (ledger.state.lineage, ledger.state.serial, ledger.state.binding) == (LINEAGE, 1, BINDING)


def test_what_was_recorded_is_there_before_the_run_ends(store):
    ledger = begun(store)
    ledger.record([table(0)])
    ledger.record([table(1)], hard=True)
    assert numbers(store.read()) == [0, 1]
    assert store.read() == ledger.state


def test_what_was_announced_is_there_before_anything_is_sent(store):
    ledger = begun(store)
    ledger.announce(INTENTS)
    assert store.read().intents == tuple(INTENTS)
    ledger.record([Settle(INTENTS[1].kind, INTENTS[1].address)])
    assert store.read().intents == (INTENTS[0], INTENTS[2])


def test_a_run_that_was_killed_is_gone_on_from(store):
    begun(store).announce(INTENTS)
    state = store.read()
    with closing(store.begin(state)) as ledger:
        assert ledger.state == replace(state, serial=ledger.state.serial)
        assert ledger.state.serial > state.serial


def test_a_closed_ledger_takes_nothing_and_closes_again(store):
    ledger = begun(store)
    ledger.record([table(0)])
    ledger.checkpoint()
    ledger.close()
    ledger.close()
    with pytest.raises(ValueError, match="closed"):
        ledger.record([table(1)])
    assert numbers(store.read()) == [0]


def test_a_state_that_was_changed_since_it_was_read_is_not_begun(store):
    begun(store).close()
    read = store.read()
    with closing(begun(store)) as ledger:
        ledger.record([table(0)])
    with pytest.raises(StalePlan, match="another run has changed it since"):
        store.begin(read)
    with pytest.raises(StalePlan):
        store.begin(fresh(BINDING, "another lineage"))


def test_a_state_of_another_tenant_is_refused(store):
    with pytest.raises(StateRefused, match="another tenant"):
        store.begin(fresh(Binding(tenant_id="other", host=BINDING.host), LINEAGE))
    assert store.read() is None


def test_what_could_not_be_read_again_is_not_remembered(store):
    ledger = begun(store)
    with pytest.raises(PmsyncError, match="cannot be recorded"):
        ledger.record([Put(Address("o2c"), table(0).record)])
    ledger.record([table(1)])
    assert numbers(store.read()) == [1]


def test_many_threads_lose_nothing(store):
    ledger, together = begun(store), Barrier(8)

    def work(first):
        together.wait()
        for number in range(first, first + 25):
            ledger.announce([INTENTS[0]])
            ledger.record([table(number)])
            ledger.checkpoint()

    threads = [Thread(target=work, args=(first,)) for first in range(0, 200, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(store.read()) == list(range(200))
    ledger.close()
    assert numbers(store.read()) == list(range(200))


def test_one_run_at_a_time_has_the_lock(store):
    assert store.holder() is None
    with store.held(me(), AT_ONCE) as lease:
        lease.must_be_held()
        assert store.holder() == me()
        with pytest.raises(Locked) as locked, store.held(me("second"), AT_ONCE):
            pass
        assert "pmsync state unlock first" in locked.value.hint
    with store.held(me("second"), AT_ONCE) as lease:
        lease.must_be_held()


def test_a_broken_lock_is_held_no_more(store):
    assert store.broken("any") is None
    with store.held(me(), AT_ONCE) as lease:
        with pytest.raises(Refused, match="the lock that is held is first"):
            store.broken("other")
        assert store.broken("first") == me()
        with pytest.raises(Refused, match="broken by hand"):
            lease.must_be_held()
        with store.held(me("second"), AT_ONCE) as following:
            following.must_be_held()


def test_whoever_lost_the_lock_does_not_take_it_from_the_next(store):
    with store.held(me("second"), AT_ONCE) if store.broken("none") else store.held(me(), AT_ONCE):
        store.broken("first")
        after = store.held(me("second"), AT_ONCE)
        lease = after.__enter__()
    lease.must_be_held()
    after.__exit__(None, None, None)
