"""pmsync's own memory: whose folder it is, and how its files are replaced and removed."""

from __future__ import annotations

import os
import stat

import pytest

from pmsync.disk.private import (
    Files,
    IrregularFileError,
    fault_of_folder,
    read_private,
    remove_private_folder,
    replace_private,
)


@pytest.fixture
def base(tmp_path):
    (tmp_path / "state").mkdir(mode=0o700)
    return tmp_path / "state"


def fault(base, inner="a/b"):
    return fault_of_folder(str(base / inner), str(base))


def test_what_is_not_there_yet_has_no_fault(base):
    assert fault(base) is None
    assert fault_of_folder(str(base / "no" / "a"), str(base / "no")) is None


def test_folders_of_this_user_alone_have_none(base):
    (base / "a" / "b").mkdir(mode=0o700, parents=True)
    assert fault(base) is None


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o722])
def test_a_folder_that_others_may_change_has_one(base, mode):
    (base / "a").mkdir()
    (base / "a").chmod(mode)
    assert "other users" in fault(base)


def test_a_link_or_a_file_in_place_of_a_folder_is_a_fault(base, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (base / "a").symlink_to(tmp_path / "elsewhere")
    assert "a link" in fault(base)
    (base / "a").unlink()
    (base / "a").touch()
    assert "not a folder" in fault(base)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_a_fault_below_the_first_one(base):
    os.chown(base, 12345, 12345)
    (base / "a").mkdir()
    assert fault(base) is None
    os.chown(base / "a", 12345, 12345)
    assert "another user" in fault(base)


def test_the_first_folder_may_be_a_link_and_sticky_but_nobody_may_take_away_what_is_in_it(base, tmp_path):
    (tmp_path / "link").symlink_to(base)
    assert fault_of_folder(str(tmp_path / "link" / "a"), str(tmp_path / "link")) is None
    base.chmod(0o1777)
    assert fault(base) is None
    base.chmod(0o777)
    assert "every user" in fault(base)


def test_a_file_is_replaced_whole_for_this_user_alone(base):
    path = str(base / "below" / "cache")
    replace_private(path, b"one")
    replace_private(path, b"two")
    assert read_private(path, 10) == b"two"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.listdir(base / "below") == ["cache"]


def test_a_link_in_place_of_a_file_is_replaced_and_not_read(base, tmp_path):
    (tmp_path / "secret").write_bytes(b"precious")
    (base / "cache").symlink_to(tmp_path / "secret")
    with pytest.raises(IrregularFileError):
        read_private(str(base / "cache"), 10)
    replace_private(str(base / "cache"), b"new")
    assert (tmp_path / "secret").read_bytes() == b"precious"


def test_a_write_that_fails_leaves_nothing(base):
    (base / "cache").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_private(str(base / "cache"), b"new")
    assert os.listdir(base) == ["cache"]


def test_more_than_is_allowed_is_not_read(base):
    (base / "cache").write_bytes(b"123456")
    with pytest.raises(OSError, match="large"):
        read_private(str(base / "cache"), 5)


def test_a_pipe_is_no_lock(base):
    os.mkfifo(base / "lock")
    with pytest.raises(IrregularFileError):
        Files().open_lock(str(base / "lock"))


def test_a_folder_goes_with_all_that_is_in_it_and_nothing_it_leads_to(base, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    (base / "local" / "tenant").mkdir(parents=True)
    (base / "local" / "tenant" / "link").symlink_to(tmp_path / "precious")
    (base / ".removed-0123").mkdir()
    (base / "other").mkdir()
    remove_private_folder(str(base / "local"))
    assert os.listdir(base) == ["other"]
    assert (tmp_path / "precious" / "file").exists()
