"""What an option names is read and written where it says, and never through a link of a checkout."""

from __future__ import annotations

import os
import stat
import threading

import pytest

from pmsync.disk.named import append_named, create_named, make_folders, read_named, write_named
from pmsync.disk.refusals import Hidden, Irregular, LeadsOutside, TooLarge

SECRET = b"not yours"
NEW = b"a plan"


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret").write_bytes(SECRET)
    return folder


@pytest.fixture(params=[".git", "pmsync.yaml", "the working folder"])
def checkout(request, tmp_path, monkeypatch):
    """A folder that came from others, known by what is in it or because the user works in it."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    if request.param == "the working folder":
        monkeypatch.chdir(folder)
    else:
        (folder / request.param).mkdir()
        monkeypatch.chdir(tmp_path)
    return folder


def everything(folder):
    """What is below a folder: each name with what it holds."""
    return {
        str(one.relative_to(folder)): one.read_bytes() if one.is_file() else None
        for one in sorted(folder.rglob("*"))
    }


def test_a_link_is_replaced_and_not_followed(checkout, outside):
    before = everything(outside)
    (checkout / "plan.json").symlink_to(outside / "secret")
    write_named(str(checkout / "plan.json"), NEW)
    assert not (checkout / "plan.json").is_symlink()
    assert (checkout / "plan.json").read_bytes() == NEW
    assert everything(outside) == before


def test_a_link_to_what_is_not_there_makes_nothing_there(checkout, outside):
    (checkout / "plan.json").symlink_to(outside / "new")
    write_named(str(checkout / "plan.json"), NEW)
    assert not (outside / "new").exists()


@pytest.mark.parametrize("act", [write_named, append_named, create_named], ids=lambda act: act.__name__)
@pytest.mark.parametrize("depth", ["reports", "a/reports", "reports/a"])
def test_a_folder_that_is_a_link_out_is_refused(checkout, outside, act, depth):
    before = everything(outside)
    (outside / "a").mkdir()
    link = checkout / ("a/reports" if depth == "a/reports" else "reports")
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside)
    with pytest.raises(LeadsOutside):
        act(str(checkout / depth / "new"), NEW)
    assert everything(outside) == {**before, "a": None}


def test_a_folder_that_leads_into_another_checkout_is_refused(checkout, outside):
    (outside / ".git").mkdir()
    (outside / "pmsync.yaml").touch()
    (checkout / "reports").symlink_to(outside)
    with pytest.raises(LeadsOutside):
        write_named(str(checkout / "reports" / "new"), NEW)


@pytest.mark.parametrize("hidden", [".git", ".git/hooks", ".github/workflows", ".GIT", ".ssh"])
def test_a_folder_that_leads_to_a_hidden_one_is_refused(checkout, hidden):
    (checkout / hidden).mkdir(parents=True, exist_ok=True)
    (checkout / "reports").symlink_to(checkout / hidden)
    with pytest.raises(Hidden):
        write_named(str(checkout / "reports" / "post-checkout"), NEW)
    assert list((checkout / hidden).rglob("post-checkout")) == []


def test_a_hidden_folder_that_the_user_writes_is_meant(checkout):
    (checkout / ".cache").mkdir()
    write_named(str(checkout / ".cache" / "plan.json"), NEW)
    assert (checkout / ".cache" / "plan.json").read_bytes() == NEW


def test_a_link_that_stays_inside_is_fine(checkout):
    (checkout / "real").mkdir()
    (checkout / "reports").symlink_to("real")
    write_named(str(checkout / "reports" / "plan.json"), NEW)
    assert (checkout / "real" / "plan.json").read_bytes() == NEW


def test_dots_are_taken_as_they_are_written(checkout, outside):
    (checkout / "reports").symlink_to(outside)
    write_named(f"{checkout}/reports/../plan.json", NEW)
    assert (checkout / "plan.json").read_bytes() == NEW


@pytest.mark.parametrize("act", [write_named, append_named], ids=lambda act: act.__name__)
@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file_in_a_checkout_is_refused_and_not_waited_for(checkout, act, kind):
    path = checkout / "plan.json"
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    with pytest.raises(Irregular):
        act(str(path), NEW)


def test_what_is_added_to_is_never_a_link(checkout, outside):
    (checkout / "summary").symlink_to(outside / "secret")
    with pytest.raises(OSError, match="symbolic links"):
        append_named(str(checkout / "summary"), NEW)
    assert (outside / "secret").read_bytes() == SECRET


def test_what_is_added_comes_last(tmp_path):
    append_named(str(tmp_path / "summary"), b"one\n")
    append_named(str(tmp_path / "summary"), b"two\n")
    assert (tmp_path / "summary").read_bytes() == b"one\ntwo\n"


def test_a_new_file_gets_what_the_umask_leaves_and_an_old_one_keeps_its_mode(tmp_path):
    path, before = tmp_path / "plan.json", os.umask(0o027)
    try:
        write_named(str(path), NEW)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        write_named(str(path), NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_nothing_is_left_beside_it(tmp_path):
    write_named(str(tmp_path / "plan.json"), NEW)
    with pytest.raises(TypeError):
        write_named(str(tmp_path / "other.json"), None)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["plan.json"]


def test_a_pipe_outside_a_checkout_is_written_as_it_is(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write_named(str(tmp_path / "pipe"), NEW)
    reader.join(30)
    assert read == [NEW]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_device_is_written_as_it_is():
    write_named("/dev/null", NEW)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("act", [write_named, append_named], ids=lambda act: act.__name__)
def test_a_descriptor_of_this_process_is_written_where_it_was(tmp_path, act):
    with (tmp_path / "log").open("wb", buffering=0) as file:
        file.write(b"before\n")
        act(f"/dev/fd/{file.fileno()}", NEW)
        file.write(b"\nafter")
    assert (tmp_path / "log").read_bytes() == b"before\na plan\nafter"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_in_a_folder_that_takes_no_names_is_written_in_place(tmp_path):
    (tmp_path / "plan.json").write_bytes(b"something longer than it")
    tmp_path.chmod(0o500)
    try:
        write_named(str(tmp_path / "plan.json"), NEW)
    finally:
        tmp_path.chmod(0o700)
    assert (tmp_path / "plan.json").read_bytes() == NEW


@pytest.mark.parametrize("name", ["", "/", "folder/", "folder"])
def test_a_name_that_can_be_no_file_is_refused(tmp_path, monkeypatch, name):
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises((OSError, Irregular)):
        write_named(name, NEW)
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_new_file_takes_the_place_of_nothing(checkout, outside):
    (checkout / "link").symlink_to(outside / "new")
    assert create_named(str(checkout / "a" / "b" / "new"), NEW)
    assert not create_named(str(checkout / "a" / "b" / "new"), b"other")
    assert not create_named(str(checkout / "link"), NEW)
    assert (checkout / "a" / "b" / "new").read_bytes() == NEW
    assert not (outside / "new").exists()


def test_folders_are_made_and_never_behind_a_link_out(checkout, outside):
    make_folders(str(checkout / "a" / "b"))
    make_folders(str(checkout / "a" / "b"))
    assert (checkout / "a" / "b").is_dir()
    (checkout / "schema").symlink_to(outside)
    with pytest.raises(LeadsOutside):
        make_folders(str(checkout / "schema" / "new"))
    assert not (outside / "new").exists()


# reading


def test_what_is_named_is_read(tmp_path):
    (tmp_path / "plan.json").write_bytes(NEW)
    assert read_named(str(tmp_path / "plan.json"), 6) == NEW
    with pytest.raises(TooLarge, match="larger than"):
        read_named(str(tmp_path / "plan.json"), 5)


def test_a_link_out_of_a_checkout_is_not_read(checkout, outside):
    (checkout / "plan.json").symlink_to(outside / "secret")
    with pytest.raises(LeadsOutside):
        read_named(str(checkout / "plan.json"), 100)


def test_a_link_out_of_no_checkout_is_the_users_own(tmp_path, outside, monkeypatch):
    monkeypatch.chdir("/")
    (tmp_path / "key").symlink_to(outside / "secret")
    assert read_named(str(tmp_path / "key"), 100) == SECRET


def test_a_pipe_in_a_checkout_is_not_waited_for(checkout):
    os.mkfifo(checkout / "plan.json")
    with pytest.raises(Irregular, match="named pipe"):
        read_named(str(checkout / "plan.json"), 100)


def test_a_descriptor_is_read(tmp_path):
    (tmp_path / "key").write_bytes(SECRET)
    with (tmp_path / "key").open("rb") as file:
        assert read_named(f"/dev/fd/{file.fileno()}", 100) == SECRET
