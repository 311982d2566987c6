"""What stands in a checkout is judged when it is open: where it is, and what it is."""

from __future__ import annotations

import os
from contextlib import contextmanager

import pytest

from pmsync.disk.reading import Roots, is_below, judged, open_regular, real_path_of
from pmsync.disk.refusals import Irregular, LeadsOutside, Vanished

INSIDE = b"case,activity\nc1,Pay\n"


@pytest.fixture
def outside(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.csv").write_bytes(b"key,value\n")
    return tmp_path / "outside"


@pytest.fixture
def here(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "a.csv").write_bytes(INSIDE)
    return tmp_path / "project"


@pytest.fixture
def roots(here):
    return Roots.of(str(here))


@contextmanager
def descriptor(path):
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    yield number
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)  # refused, and closed


def test_a_name_that_was_swapped_before_the_opening_does_not_help(here, outside, roots):
    """The name is fine when it is judged again; what was opened is not."""
    with descriptor(outside / "secret.csv") as opened, pytest.raises(LeadsOutside):
        judged(opened, str(here / "a.csv"), roots)


@pytest.mark.parametrize(("target", "kind"), [("/dev/null", "a device"), ("/", "a folder")])
def test_what_was_opened_must_be_a_regular_file(here, roots, target, kind):
    with descriptor(target) as opened, pytest.raises(Irregular, match=kind):
        judged(opened, str(here / "a.csv"), roots)


def test_a_pipe_that_took_the_place_of_a_file_is_refused(here, roots):
    os.mkfifo(here / "pipe")
    with descriptor(here / "pipe") as opened, pytest.raises(Irregular):
        judged(opened, str(here / "a.csv"), roots)


def test_a_kernel_file_is_refused_even_where_everything_is_allowed(here):
    everywhere = Roots.of("/")
    with pytest.raises(LeadsOutside):
        open_regular("/proc/self/environ", everywhere)
    with descriptor("/proc/self/environ") as opened, pytest.raises(LeadsOutside):
        judged(opened, "/proc/self/environ", everywhere)


def test_a_file_that_was_removed_since_is_not_believed_to_be_inside(here, roots):
    with descriptor(here / "a.csv") as opened:
        (here / "a.csv").unlink()
        with pytest.raises(Vanished):
            judged(opened, str(here / "a.csv"), roots)


def test_a_file_that_was_moved_out_since_is_outside(here, outside, roots):
    with descriptor(here / "a.csv") as opened:
        (here / "a.csv").rename(outside / "a.csv")
        with pytest.raises(LeadsOutside):
            judged(opened, str(here / "a.csv"), roots)


def test_without_proc_the_name_is_resolved_and_compared(here, outside):
    (here / "link").symlink_to("a.csv")
    number = os.open(here / "link", os.O_RDONLY)
    try:
        real = real_path_of(number, str(here / "link"), proc="/no/such/folder")
        with pytest.raises(Vanished):
            real_path_of(number, str(outside / "secret.csv"), proc="/no/such/folder")
    finally:
        os.close(number)
    assert real == os.path.realpath(here / "a.csv")


def test_everything_is_below_the_root():
    assert is_below("/a", "/")
    assert is_below("/a/b", "/a")
    assert not is_below("/ab", "/a")
