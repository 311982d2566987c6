"""A sample of what `python -m verify.disk` tries at every system call under the state, and with disks that are full.

A failure names its strike: `python -m verify.disk --only STRIKE` tells the whole story of it.
"""

import pytest

from faults.disks import Strike, full, may_mount, struck, way_here

STRIKES = (
    "replaces/delete/fsync:2:SIGKILL",
    "replaces/delete/fsync:5:EIO",
    "replaces/delete/write:3:ENOSPC+",
    "replaces/delete/rename:2:EIO",
    "replaces/delete/unlink:1:SIGKILL",
)


@pytest.mark.parametrize("text", STRIKES)
def test_a_struck_system_call_leaves_a_whole_state_and_is_gone_on_from(ground, text, tmp_path):
    strike = Strike.parse(text)
    outcome = struck(ground(strike.setup), strike, way=way_here(tmp_path))
    assert outcome.hit
    assert outcome.broken == (), outcome.told
    assert outcome.applies <= 2


def test_the_seam_under_the_state_store_strikes_where_strace_cannot(ground):
    outcome = struck(ground("replaces"), Strike.parse("replaces/delete/fsync:3:SIGKILL"), way="files")
    assert (outcome.hit, outcome.code) == (True, -9)
    assert outcome.broken == (), outcome.told


def test_a_full_disk_leaves_a_whole_state_and_is_gone_on_from(ground):
    outcome = full(ground("replaces"), "whole", 24 * 1024, mounting=may_mount())
    assert outcome.hit
    assert outcome.broken == (), outcome.told
    assert outcome.applies <= 2


def test_a_file_that_may_not_grow_leaves_a_whole_state_and_is_gone_on_from(ground):
    outcome = full(ground("replaces"), "whole", 3000, mounting=False)
    assert outcome.hit
    assert outcome.broken == (), outcome.told
