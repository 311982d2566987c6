"""The lock: one run at a time, free when its process is gone, and never broken under one that lives."""

import errno
import json
import os
import subprocess
import sys
from contextlib import ExitStack

import pytest
from watched import Watched

from pmsync.disk.private import Files
from pmsync.errors import Locked, PmsyncError, Refused
from pmsync.statestore.folder import StateFolder
from pmsync.statestore.interface import Holder, Waiting
from pmsync.statestore.lock import LockFile

CHILD = """
import sys
from pmsync.disk.private import Files
from pmsync.statestore.folder import StateFolder
from pmsync.statestore.interface import Holder, Waiting
from pmsync.statestore.lock import LockFile
import os
holder = Holder(id="child", who="ci", host=os.uname().nodename, pid=os.getpid(), since="now", command="apply")
waiting = Waiting(timeout=0, monotonic=lambda: 0.0, sleep=lambda s: None)
with LockFile(StateFolder(sys.argv[1], Files())).held(holder, waiting):
    print("held", flush=True)
    sys.stdin.read()
"""


class Clock:
    """Time that passes only when somebody sleeps; `on_sleep` is what happens meanwhile."""

    def __init__(self, on_sleep=lambda: None):
        self.now = 0.0
        self.on_sleep = on_sleep

    def sleep(self, seconds):
        self.now += seconds
        self.on_sleep()

    def waiting(self, timeout=0.0):
        return Waiting(timeout=timeout, monotonic=lambda: self.now, sleep=self.sleep)


def me(lock_id="me", **more):
    fields = {"host": os.uname().nodename, "pid": os.getpid()} | more
    return Holder(id=lock_id, who="dev", since="2026-01-02T00:00:00+00:00", command="pmsync apply", **fields)


@pytest.fixture
def folder(tmp_path):
    return StateFolder(str(tmp_path / "state"), Files())


@pytest.fixture
def other_process(folder):
    """Another process that holds the lock until it is told (or killed) to end."""
    with ExitStack() as stack:

        def start():
            process = subprocess.Popen(
                [sys.executable, "-c", CHILD, folder.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            stack.callback(process.stdin.close)
            stack.callback(process.stdout.close)
            assert process.stdout.readline() == "held\n"
            return process

        yield start


def test_one_run_has_it_and_another_is_told_who(folder):
    first, second = LockFile(folder).held(me("first"), Clock().waiting()), LockFile(folder)
    with first, pytest.raises(Locked) as caught:
        second.held(me("second"), Clock().waiting()).__enter__()
    assert caught.value.exit_code == 5
    assert "dev at" in caught.value.what
    assert f"process {os.getpid()}" in caught.value.what
    assert "pmsync apply" in caught.value.what
    assert "pmsync state unlock first" in caught.value.hint


def test_once_released_it_is_free_and_nobody_holds_it(folder):
    lock = LockFile(folder)
    with lock.held(me(), Clock().waiting()):
        assert lock.holder() == me()
    assert lock.holder() is None
    with lock.held(me("next"), Clock().waiting()) as lease:
        lease.must_be_held()


def test_a_run_may_wait_for_the_other_to_end(folder):
    with ExitStack() as other:
        other.enter_context(LockFile(folder).held(me("first"), Clock().waiting()))
        clock = Clock(on_sleep=other.close)
        with LockFile(folder).held(me("second"), clock.waiting(60)):
            assert LockFile(folder).holder().id == "second"


def test_waiting_has_an_end(folder):
    clock = Clock()
    with LockFile(folder).held(me("first"), Clock().waiting()), pytest.raises(Locked):
        LockFile(folder).held(me("second"), clock.waiting(60)).__enter__()
    assert 60 <= clock.now < 61


def test_a_run_that_waits_says_whom_for_and_until_when(folder):
    watched = Watched()
    waiting = Waiting(timeout=60, monotonic=watched.monotonic, sleep=watched.sleep, waits=watched.waits)
    with LockFile(folder).held(me("first"), Clock().waiting()), pytest.raises(Locked):
        LockFile(folder).held(me("second"), waiting).__enter__()
    assert watched.first.what == f"the lock, held by {me('first')}"
    assert watched.first.left == pytest.approx(55.0, abs=1)


def test_the_lock_of_a_killed_process_is_free(folder, other_process):
    process = other_process()
    with pytest.raises(Locked, match=f"ci at .* process {process.pid}"):
        LockFile(folder).held(me(), Clock().waiting()).__enter__()
    process.kill()
    process.wait()
    assert LockFile(folder).holder() is None
    with LockFile(folder).held(me(), Clock().waiting()) as lease:
        lease.must_be_held()


def test_a_lock_that_lives_on_this_machine_is_not_broken(folder, other_process):
    process = other_process()
    with pytest.raises(Refused, match="is alive") as caught:
        LockFile(folder).broken("child")
    assert caught.value.hint.endswith(f"kill {process.pid}")


def test_a_lock_with_another_id_is_not_broken(folder):
    with LockFile(folder).held(me(host="elsewhere"), Clock().waiting()):
        with pytest.raises(Refused, match="not other") as caught:
            LockFile(folder).broken("other")
        assert caught.value.hint == "pmsync state unlock me"


def test_a_broken_lock_lets_others_in_and_stops_the_run_that_had_it(folder):
    lock = LockFile(folder)
    with lock.held(me(host="elsewhere"), Clock().waiting()) as lease:
        assert lock.holder().host == "elsewhere"
        assert lock.broken("me") == me(host="elsewhere")
        with lock.held(me("next"), Clock().waiting()) as following:
            following.must_be_held()
            with pytest.raises(Refused, match="broken by hand"):
                lease.must_be_held()


def test_without_a_lock_there_is_nothing_to_break(folder):
    assert LockFile(folder).broken("any") is None


def test_what_a_killed_run_left_is_broken_without_a_question(folder, other_process):
    process = other_process()
    process.kill()
    process.wait()
    assert LockFile(folder).broken("child").pid == process.pid
    assert LockFile(folder).holder() is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", json.dumps({"id": "x", "pid": "many"}), "\0" * 9000, '{"id": null}']
)
def test_a_lock_file_that_says_nothing_is_no_lock(folder, text):
    folder.make()
    with open(os.path.join(folder.path, "lock"), "w", encoding="utf-8") as file:
        file.write(text)
    assert LockFile(folder).holder() is None
    with LockFile(folder).held(me(), Clock().waiting()) as lease:
        lease.must_be_held()


def test_a_link_in_place_of_the_lock_is_not_followed(folder, tmp_path):
    folder.make()
    target = tmp_path / "precious"
    target.write_text("data")
    os.symlink(target, os.path.join(folder.path, "lock"))
    with pytest.raises(PmsyncError):
        LockFile(folder).held(me(), Clock().waiting()).__enter__()
    assert target.read_text() == "data"


def test_the_lock_file_is_its_owner_s_alone(folder):
    with LockFile(folder).held(me(), Clock().waiting()):
        assert os.stat(os.path.join(folder.path, "lock")).st_mode & 0o777 == 0o600


def test_a_holder_whose_process_belongs_to_somebody_else_may_live(folder):
    with LockFile(folder).held(me(pid=1), Clock().waiting()):
        assert LockFile(folder).holder().pid == 1


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOLCK, "takes no locks"), (errno.EIO, "no lock can be taken")]
)
def test_a_disk_that_gives_no_lock_stops_the_run_and_says_so(folder, monkeypatch, number, said):
    def refuses(_descriptor, _operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", refuses)
    with pytest.raises(PmsyncError, match=said) as caught:
        LockFile(folder).held(me(), Clock().waiting()).__enter__()
    assert caught.value.where.startswith(folder.path)


def test_a_disk_that_gives_no_lock_is_known_before_a_run(folder, monkeypatch):
    def refuses(_descriptor, _operation):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuses)
    with pytest.raises(PmsyncError, match="takes no locks"):
        LockFile(folder).must_be_possible()


def test_looking_whether_a_lock_is_possible_leaves_nothing_and_holds_nothing(folder):
    LockFile(folder).must_be_possible()
    assert not os.path.exists(folder.path)
    with LockFile(folder).held(me(), Clock().waiting()):
        LockFile(folder).must_be_possible()
        assert os.listdir(folder.path) == ["lock"]


def test_who_has_just_begun_has_not_said_its_name_yet(folder):
    with LockFile(folder).held(me("first"), Clock().waiting()):
        for file in os.scandir(folder.path):
            os.truncate(file.path, 0)
        with pytest.raises(Locked, match="it has just begun") as caught:
            LockFile(folder).held(me("second"), Clock().waiting()).__enter__()
    assert "unlock" not in caught.value.hint
