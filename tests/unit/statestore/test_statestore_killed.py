"""Processes that are killed: at every change they make, and for real."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest
from statestore_samples import Attempt, Dying, Killed, numbers, store_in


def test_wherever_a_run_is_killed_the_next_one_knows_what_it_was_promised(tmp_path):
    nth = 0
    while True:
        nth += 1
        attempt = Attempt(tmp_path / str(nth))
        files = Dying(nth)
        try:
            attempt.run(files)
        except Killed:
            attempt.check()
        else:
            attempt.check()
            break
    assert nth > 100


def test_a_chain_of_killed_runs_goes_on_from_what_is_there(tmp_path):
    for nth in range(1, 60):
        attempt = Attempt(tmp_path)
        state = store_in(tmp_path).read()
        attempt.tried = attempt.promised = len(state.datatables) if state else 0
        with pytest.raises(Killed):
            attempt.run(Dying(nth), tables=10)
        attempt.check()


RUN = textwrap.dedent("""
    import sys
    from statestore_samples import BINDING, LINEAGE, Clock, store_in, table
    from pmsync.statestore.local import fresh

    folder, tables, checkpoint_after = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    clock = Clock()
    ledger = store_in(folder, clock=clock).begin(fresh(BINDING, LINEAGE))
    for number in range(tables):
        ledger.record([table(number)])
        if number == checkpoint_after:
            clock.now = 100
            ledger.checkpoint()
    print("recorded", flush=True)
    sys.stdin.read()
""")


def started(folder, *arguments, code=RUN):
    here = os.path.dirname(os.path.abspath(__file__))
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([here, *filter(None, sys.path)])},
    )


@pytest.mark.parametrize("checkpoint_after", [-1, 3])
def test_a_process_killed_between_journal_and_state_has_recorded_everything(tmp_path, checkpoint_after):
    with started(tmp_path, 7, checkpoint_after) as process:
        assert process.stdout.readline() == "recorded\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert (tmp_path / "journal.jsonl").exists()
    assert numbers(store_in(tmp_path).read()) == list(range(7))
    store = store_in(tmp_path)
    store.begin(store.read()).close()
    assert numbers(store.read()) == list(range(7))
    assert not (tmp_path / "journal.jsonl").exists()


LIMITED = textwrap.dedent("""
    import resource, sys
    from statestore_samples import BINDING, LINEAGE, store_in, table
    from pmsync.errors import PmsyncError
    from pmsync.statestore.local import fresh

    ledger = store_in(sys.argv[1]).begin(fresh(BINDING, LINEAGE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    for number in range(1000):
        try:
            ledger.record([table(number)])
        except PmsyncError as error:
            print(number, error.what, flush=True)
            break
""")


@pytest.mark.parametrize("limit", [1000, 1777, 4096])
def test_a_file_that_may_not_grow_loses_nothing_that_was_promised(tmp_path, limit):
    with started(tmp_path, limit, code=LIMITED) as process:
        number, what = process.stdout.readline().split(" ", 1)
    assert what == "the state could not be written: File too large\n"
    assert (tmp_path / "journal.jsonl").stat().st_size == limit
    assert numbers(store_in(tmp_path).read()) == list(range(int(number)))
