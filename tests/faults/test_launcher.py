"""The launcher's processes are processes: they do what a plainly started pmsync does, and die like one."""

import os
import signal
import subprocess
import sys

import pytest

from faults.memory import memory_in
from pmsync.emulator.faultactions import Pause
from pmsync.emulator.faults import Fault


def requests_of(scene) -> list[tuple[str, str | None, str | None, int | None]]:
    """What was asked, without ids: those differ from run to run."""
    return [(one.method, one.endpoint, one.name, one.status) for one in scene.emulator.history.since()]


@pytest.mark.parametrize("phase", ["create", "upload"])
def test_a_plainly_started_pmsync_does_the_same(ground, phase):
    with ground("replaces").at(phase) as scene:
        arguments = scene.apply_arguments(parallelism=1)
        launched = scene.run(*arguments)
        asked, left = requests_of(scene), memory_in(scene.state_folder)
    with ground("replaces").at(phase) as scene:
        plain = subprocess.run(
            [sys.executable, "-m", "pmsync", *arguments],
            cwd=scene.root,
            env=dict(scene.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        assert plain.returncode == launched.code == 0
        assert requests_of(scene) == asked
        assert plain.stdout.splitlines()[-1] == launched.output.splitlines()[-1] == "converged"
        found = memory_in(scene.state_folder)
        assert sorted(found.addresses.values()) == sorted(left.addresses.values())
        assert (found.serial, found.runs) == (left.serial, left.runs)


def test_a_usage_error_has_the_same_exit_code(ground):
    with ground("replaces").at("create") as scene:
        assert scene.run("apply", "--no-such-option").code == 64


def test_a_process_can_be_killed_while_it_waits_for_an_answer(ground):
    with ground("replaces").at("create") as scene:
        scene.emulator.faults.add(Fault(Pause(), occurrence=3))
        process = scene.start(*scene.apply_arguments())
        paused = scene.emulator.faults.wait_paused()
        assert not process.has_ended
        process.kill()
        assert process.wait() == -signal.SIGKILL
        paused.drop()
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)


def test_a_terminated_process_ends_in_order(ground):
    with ground("replaces").at("create") as scene:
        scene.emulator.faults.add(Fault(Pause(), method="POST"))
        process = scene.start(*scene.apply_arguments())
        paused = scene.emulator.faults.wait_paused()
        process.kill(signal.SIGTERM)
        paused.release()
        assert process.wait() == 143
