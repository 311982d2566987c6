"""What may be opened is judged on the opened file: hostile paths, races, and the file as an upload body."""

from __future__ import annotations

import os
import stat
import threading

import pytest
from msgspec.structs import replace

from pmsync.errors import InputError, StalePlan
from pmsync.model.address import Address
from pmsync.model.source import SourceFile
from pmsync.sources import opener
from pmsync.sources.folders import Folders
from pmsync.sources.opening import open_source, stamp_of

INSIDE = b"case,activity\nc1,Pay\n"

HOSTILE_NAMES = {
    "parent": ("../outside/secret.csv", "PM205"),
    "grandparents": ("../../../../../../etc/passwd", "PM205"),
    "parent in the middle": ("data/../../outside/secret.csv", "PM205"),
    "parent that comes back": ("data/../a.csv", "PM205"),
    "parent at the end": ("data/..", "PM205"),
    "parent alone": ("..", "PM205"),
    "parent with a slash": ("../", "PM205"),
    "parent behind dots": ("./../outside/secret.csv", "PM205"),
    "parent behind empty parts": ("data//..//../outside/secret.csv", "PM205"),
    "absolute": ("/etc/passwd", "PM205"),
    "absolute with two slashes": ("//etc/passwd", "PM205"),
    "absolute root": ("/", "PM205"),
    "environment": ("/proc/self/environ", "PM205"),
    "own memory": ("/proc/self/mem", "PM205"),
    "own command line": ("/proc/self/cmdline", "PM205"),
    "process root": ("/proc/self/root/etc/passwd", "PM205"),
    "process folder": ("/proc/self/cwd/a.csv", "PM205"),
    "descriptor": ("/proc/self/fd/0", "PM205"),
    "descriptor device": ("/dev/fd/0", "PM205"),
    "standard input": ("/dev/stdin", "PM205"),
    "kernel": ("/sys/kernel/notes", "PM205"),
    "null device": ("/dev/null", "PM205"),
    "zero device": ("/dev/zero", "PM205"),
    "nul": ("a.csv\0.txt", "PM217"),
    "nul after a parent": ("../outside/secret.csv\0", "PM217"),
    "home": ("~/.ssh/id_rsa", "PM218"),
    "variable": ("$HOME/.ssh/id_rsa", "PM218"),
    "url": ("file:///etc/passwd", "PM201"),
    "backslashes": ("..\\outside\\secret.csv", "PM218"),
    "percent escapes": ("%2e%2e/outside/secret.csv", "PM201"),
    "fullwidth dots": ("\uff0e\uff0e/outside/secret.csv", "PM201"),
    "one dot leader": ("\u2024\u2024/outside/secret.csv", "PM201"),
    "division slash": ("..\u2215outside\u2215secret.csv", "PM218"),
    "three dots": (".../secret.csv", "PM218"),
    "dots and space": (".. /outside/secret.csv", "PM218"),
    "below a file": ("a.csv/b.csv", "PM201"),
    "a file as a folder": ("a.csv/", "PM201"),
    "newline": ("a.csv\n", "PM201"),
    "right to left": ("\u202evsc.a", "PM201"),
    "escape sequence": ("\x1b]0;x\x07a.csv", "PM201"),
    "no utf-8": ("a\udcff.csv", "PM201"),
    "dot": (".", "PM206"),
    "folder": ("data", "PM206"),
    "folder with a slash": ("data/", "PM206"),
    "long name": ("a" * 300, "PM207"),
    "long path": ("a/" * 3000 + "a.csv", "PM207"),
}


@pytest.fixture
def here(project, write):
    write("a.csv", INSIDE)
    write("data/b.csv", INSIDE)
    return project


@pytest.mark.parametrize(("path", "code"), HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
def test_a_hostile_name_is_refused(here, folders, refusal, declared, path, code):
    diagnostic = refusal(open_source, declared(path), folders)
    assert diagnostic.code == code
    assert str(diagnostic.location) == "m.yaml:7:11"


LINKS = {
    "a file outside": "../outside/secret.csv",
    "a file outside, absolute": "{outside}/secret.csv",
    "the environment": "/proc/self/environ",
    "a descriptor": "/proc/self/fd/0",
    "a file through the process folder": "/proc/self/root{outside}/secret.csv",
    "passwords": "/etc/passwd",
    "a device": "/dev/zero",
    "a terminal": "/dev/tty",
    "a folder outside": "../outside",
    "the root": "/",
    "nothing outside": "../outside/no-such.csv",
}


@pytest.mark.parametrize("target", LINKS.values(), ids=LINKS)
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_symlink_that_leads_out_is_refused_and_does_not_tell_what_is_there(
    here, outside, folders, refusal, declared, target, steps
):
    (here / "link0").symlink_to(target.format(outside=outside))
    for step in range(1, steps):
        (here / f"link{step}").symlink_to(f"link{step - 1}")
    diagnostic = refusal(open_source, declared(f"link{steps - 1}"), folders)
    assert diagnostic.code == "PM205"
    assert "secret" not in diagnostic.message


def test_a_folder_that_is_a_symlink_out_is_refused(here, outside, folders, refusal, declared):
    (here / "in").symlink_to(outside)
    assert refusal(open_source, declared("in/secret.csv"), folders).code == "PM205"


def test_a_symlink_out_and_back_in_leads_to_where_it_ends(here, folders, declared):
    (here / "link").symlink_to("../project/a.csv")
    with open_source(declared("link"), folders) as opened:
        assert opened.read() == INSIDE


def test_a_symlink_inside_is_followed(here, folders, declared):
    (here / "link.csv").symlink_to("data/b.csv")
    (here / "folder").symlink_to("data")
    for path in ("link.csv", "folder/b.csv"):
        with open_source(declared(path), folders) as opened:
            assert opened.read() == INSIDE


def test_a_project_folder_behind_a_symlink_is_the_folder_it_leads_to(here, tmp_path, declared):
    (tmp_path / "alias").symlink_to(here)
    with open_source(declared("a.csv"), Folders.of(str(tmp_path / "alias"))) as opened:
        assert opened.home == os.path.realpath(here)


def test_a_symlink_that_leads_round_in_circles_is_refused(here, folders, refusal, declared):
    (here / "one").symlink_to("two")
    (here / "two").symlink_to("one")
    assert refusal(open_source, declared("one"), folders).code == "PM207"


def test_a_pipe_is_refused_without_waiting_for_a_writer(here, folders, refusal, declared):
    os.mkfifo(here / "pipe.csv")
    diagnostic = refusal(open_source, declared("pipe.csv"), folders)
    assert (diagnostic.code, "named pipe" in diagnostic.message) == ("PM206", True)


def test_a_symlink_to_a_pipe_is_refused(here, folders, refusal, declared):
    os.mkfifo(here / "pipe")
    (here / "link.csv").symlink_to("pipe")
    assert refusal(open_source, declared("link.csv"), folders).code == "PM206"


def test_a_socket_is_refused(here, folders, refusal, declared):
    os.mknod(here / "s.csv", stat.S_IFSOCK | 0o600)
    diagnostic = refusal(open_source, declared("s.csv"), folders)
    assert (diagnostic.code, "a socket" in diagnostic.message) == ("PM206", True)


@pytest.mark.parametrize(
    "name", ["new\nline.csv", "ümläut.csv", "\u202ertl.csv", " .csv", "🙂.csv", "'\".csv"]
)
def test_an_odd_name_inside_is_opened_all_the_same(here, folders, declared, write, name):
    with open_source(declared(write(name, INSIDE)), folders) as opened:
        assert opened.read() == INSIDE


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\nb", "\u202egnp", "\x9b", "a\udcff"])
def test_a_message_shows_a_name_without_its_control_characters(here, folders, refusal, declared, name):
    message = refusal(open_source, declared(name), folders).message
    assert name not in message
    assert message.isprintable()


# what was opened is what is judged


def test_a_symlink_swapped_all_the_time_never_lets_a_byte_from_outside_through(
    here, outside, folders, declared
):
    stop = threading.Event()
    codes, contents = set(), set()

    def swap():
        while not stop.is_set():
            for target in ("a.csv", outside / "secret.csv"):
                (here / "next").symlink_to(target)
                (here / "next").rename(here / "link.csv")

    (here / "link.csv").symlink_to("a.csv")
    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        for _ in range(2_000):
            try:
                with open_source(declared("link.csv"), folders) as opened:
                    contents.add(opened.read())
            except InputError as problem:
                codes.add(problem.diagnostics[0].code)
    finally:
        stop.set()
        swapper.join()
    assert contents <= {INSIDE}
    assert codes <= {"PM205", "PM216"}


# source roots


def test_a_source_root_given_outside_the_repository_allows_its_files(here, outside, declared):
    folders = Folders.of(str(here), (str(outside),))
    with open_source(declared(f"{outside}/secret.csv"), folders) as opened:
        assert opened.home == os.path.realpath(outside)


def test_a_symlink_into_a_source_root_is_allowed(here, outside, declared):
    (here / "link.csv").symlink_to(outside / "secret.csv")
    with open_source(declared("link.csv"), Folders.of(str(here), (str(outside),))) as opened:
        assert opened.read().startswith(b"key")


def test_a_source_root_does_not_allow_its_neighbours(here, outside, tmp_path, refusal, declared):
    (tmp_path / "outside-too").mkdir()
    (tmp_path / "outside-too" / "x.csv").write_bytes(INSIDE)
    folders = Folders.of(str(here), (str(outside),))
    for path in (f"{tmp_path}/outside-too/x.csv", f"{outside}/../outside-too/x.csv"):
        assert refusal(open_source, declared(path), folders).code == "PM205"


def test_an_absolute_path_inside_the_project_is_to_be_written_relative(here, folders, refusal, declared):
    diagnostic = refusal(open_source, declared(f"{here}/data/b.csv"), folders)
    assert (diagnostic.code, diagnostic.suggestion) == ("PM205", "write it as 'data/b.csv'")


# as an upload body


@pytest.fixture
def planned(here):
    return SourceFile(
        address=Address("o2c.events/a.csv"),
        name="a.csv",
        path="a.csv",
        sha256="0" * 64,
        rows=1,
        columns=("case", "activity"),
        stamp=stamp_of(os.stat(here / "a.csv")),
        append=False,
        location=None,
    )


def test_a_planned_file_is_read_in_pieces_and_again(here, planned):
    with opener(str(here))(planned) as body:
        assert body.size == len(INSIDE)
        buffer = bytearray(4)
        assert body.readinto(buffer) == 4
        assert (bytes(buffer), body.read(5), body.read(), body.read(5)) == (
            b"case",
            b",acti",
            INSIDE[9:],
            b"",
        )
        assert body.readinto(buffer) == 0
        body.rewind()
        assert body.read() == INSIDE


def test_a_planned_file_that_was_only_touched_or_written_anew_is_opened(here, planned):
    (here / "a.csv").rename(here / "old")
    (here / "a.csv").write_bytes(INSIDE)
    with opener(str(here))(replace(planned, stamp=replace(planned.stamp, mtime_ns=1))) as body:
        assert body.read() == INSIDE


def test_a_file_of_another_size_than_planned_is_not_opened(here, planned):
    other = replace(planned, stamp=replace(planned.stamp, size=1))
    with pytest.raises(StalePlan, match=r"'a\.csv' changed after it was planned") as caught:
        opener(str(here))(other)
    assert (caught.value.where, caught.value.exit_code) == ("o2c.events/a.csv", 6)


def _pipe(path):
    path.unlink()
    os.mkfifo(path)


def _folder(path):
    path.unlink()
    path.mkdir()


def _link_out(path):
    path.unlink()
    path.symlink_to("../outside/secret.csv")


def _grown(path):
    path.write_bytes(INSIDE + b"c2,Pay\n")


@pytest.mark.parametrize("change", [os.unlink, _pipe, _folder, _link_out, _grown])
def test_a_planned_file_that_became_something_else_is_a_stale_plan(here, planned, change):
    change(here / "a.csv")
    with pytest.raises(StalePlan):
        opener(str(here))(planned)
