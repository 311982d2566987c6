"""Whatever stands around the process, it ends in a sentence and an exit code: never a bug, a traceback or a hang."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from canary import must_not_tell

PMSYNC = [sys.executable, "-m", "pmsync"]
FULL = pytest.mark.skipif(
    not os.path.exists("/dev/full"), reason="only Linux has a device that is always full"
)
FOREIGN = [
    {"LANG": "C"},
    {"LC_ALL": "ja_JP.SJIS"},
    {"LC_ALL": "xx"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "ascii:strict"},
    {"PYTHONIOENCODING": "utf-16"},
]


class Ended:
    """How a process ended: its exit code, and what it said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err
        must_not_tell(out + err)
        assert code >= 0, f"ended by signal {-code}"
        assert "this is a bug" not in err
        assert "Traceback" not in out + err
        assert "Exception ignored" not in err

    @property
    def sentence(self) -> str:
        """The one error that was said."""
        (found,) = re.findall(r"^error: .*$", self.err, re.MULTILINE)
        return str(found)


@pytest.fixture
def start(tmp_path: Path, environ: dict[str, str]) -> Callable[..., Ended]:
    """Starts pmsync as a process, with what is around it as the test says."""

    def begin(
        *arguments: str | bytes, env: Mapping[Any, Any] | None = None, cwd: Any = None, **more: Any
    ) -> Ended:
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        done = subprocess.run(
            [*PMSYNC, *arguments],
            cwd=cwd or tmp_path,
            env={**environ, **(env or {})},
            timeout=120,
            check=False,
            **more,
        )
        out, err = (text.decode("utf-8") if text else "" for text in (done.stdout, done.stderr))
        return Ended(done.returncode, out, err)

    return begin


@pytest.fixture
def gone(tmp_path: Path) -> Callable[[], None]:
    """What a child does to stand in a folder that is no more."""

    def leave() -> None:
        folder = tmp_path / f"gone-{os.getpid()}"
        folder.mkdir()
        os.chdir(folder)
        folder.rmdir()

    return leave


@FULL
@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ["plan"],
            ["plan", "--format", "json"],
            ["apply", "--auto-approve"],
            ["export"],
            ["ls"],
            ["validate"],
        ),
        *(
            ["version"],
            ["--version"],
            ["--help"],
            ["plan", "--help"],
            [],
            ["schema", "plan"],
            ["completion", "bash"],
        ),
    ],
    ids=" ".join,
)
def test_results_that_find_a_full_disk_are_told_in_a_sentence(project, start, arguments):
    with open("/dev/full", "wb") as full:
        ended = start(*arguments, stdout=full)
    assert ended.code == 1
    assert ended.sentence == "error: standard output: it cannot be written: no space left on device"


@FULL
@pytest.mark.parametrize(
    ("arguments", "code"), [(["plan"], 0), (["nonsense"], 64), (["--config", "x", "plan"], 7)]
)
def test_a_full_disk_below_stderr_changes_no_exit_code(project, start, arguments, code):
    with open("/dev/full", "wb") as full:
        assert start(*arguments, stderr=full).code == code


@FULL
@pytest.mark.parametrize(
    "arguments",
    [["plan", "--out"], ["plan", "--report"], ["export", "--out"], ["schema", "--out"]],
    ids=" ".join,
)
def test_a_full_disk_below_what_an_option_writes_is_told(project, start, arguments):
    target = "json=/dev/full" if arguments[-1] == "--report" else "/dev/full"
    ended = start(*arguments, target)
    assert ended.code == 1
    assert "/dev/full" in ended.sentence


@pytest.mark.parametrize(
    "arguments", [["plan"], ["apply", "--auto-approve"], ["init", "new"], ["demo"]], ids=" ".join
)
def test_a_disk_that_takes_no_byte_is_told(project, start, arguments):
    def no_byte() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    ended = start(*arguments, preexec_fn=no_byte)
    assert ended.code == 1
    assert re.search(r"file too large|disk i/o|cannot be (written|used)|went wrong|usable", ended.err)


@pytest.mark.parametrize(
    "arguments",
    [["plan"], ["apply", "--auto-approve"], ["-C", ".", "plan"], ["--config", "pmsync.yaml", "validate"]],
)
def test_a_working_folder_that_was_removed_is_told(start, gone, arguments):
    ended = start(*arguments, preexec_fn=gone)
    assert ended.code in {7, 64}
    assert "folder" in ended.err


def test_a_working_folder_that_was_removed_does_not_matter_to_who_names_another(project, start, gone):
    assert start("-C", str(project), "validate", preexec_fn=gone).code == 0
    assert start("--config", str(project / "pmsync.yaml"), "validate", preexec_fn=gone).code == 0
    assert start("version", preexec_fn=gone).code == 0


@pytest.mark.parametrize("foreign", FOREIGN, ids=str)
def test_a_foreign_locale_changes_nothing(project, start, foreign):
    (project / "data" / "発注é.csv").write_bytes((project / "data" / "orders-2024.csv").read_bytes())
    manifest = 'apiVersion: pmsync/v1\ndatasets: {a: {displayName: "発注é", datatables: {t: {sources: ["data/発注é.csv"]}}}}\n'
    for old in (project / "manifests").iterdir():
        old.unlink()
    (project / "manifests" / "m.yaml").write_text(manifest, encoding="utf-8")
    ended = start("plan", env=foreign)
    assert ended.code == 0, ended.err
    assert "発注é" in ended.out


@pytest.mark.parametrize("home", [{"HOME": ""}, {"HOME": "/nonexistent"}, {"HOME": "relative"}], ids=str)
def test_without_a_home_a_command_runs_or_says_what_to_set(project, start, home):
    ended = start("plan", env=home)
    assert ended.code == 0 or ended.sentence


@pytest.mark.parametrize("columns", ["0", "-1", "x", "999999999999999999999"])
def test_a_terminal_of_any_width_is_taken(project, start, columns):
    assert start("plan", env={"COLUMNS": columns, "LINES": columns}).code == 0


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("pmsync.yaml", ["validate"], 7),
        ("manifests/m.yaml", ["validate"], 7),
        ("approvals.yaml", ["validate"], 7),
        ("saved.json", ["apply", "saved.json"], 7),
        ("saved.json", ["show", "saved.json"], 7),
    ],
)
@pytest.mark.parametrize("kind", ["fifo", "device", "folder", "socket", "unreadable", "loop"])
def test_what_is_no_regular_file_is_refused_where_one_is_expected(
    project, start, name, arguments, code, kind
):
    path = project / name
    path.unlink(missing_ok=True)
    make_odd(path, kind)
    if (kind, name) == ("folder", "manifests/m.yaml"):
        return  # which is one with no manifest in it
    ended = start(*arguments, "--config", "pmsync.yaml") if name == "pmsync.yaml" else start(*arguments)
    if kind == "unreadable" and os.geteuid() == 0:
        return  # root reads everything
    assert ended.code == (64 if kind == "folder" and arguments[0] == "apply" else code)
    assert os.path.basename(name) in ended.err


def make_odd(path: Path, kind: str) -> None:
    """Put something at the path that is no file to read."""
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "socket":
            import socket  # noqa: PLC0415

            with socket.socket(socket.AF_UNIX) as made, pytest.MonkeyPatch.context() as patch:
                patch.chdir(path.parent)  # its name may be short only
                made.bind(path.name)
        case "loop":
            path.symlink_to(path)
        case _:
            path.write_text("apiVersion: pmsync/v1\n", encoding="utf-8")
            path.chmod(0)


ODD_WORDS = [b"a\xff\xc3\x1b[2J\xe2\x80\xae ##teamcity[x] ::error::x", b"::error::" + b"x" * 50_000]


@pytest.mark.parametrize("word", ODD_WORDS, ids=lambda word: repr(word[:12]))
@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ([b"%s"], {64}),
        ([b"plan", b"--%s"], {64}),
        ([b"plan", b"-e", b"%s"], {64}),
        ([b"-C", b"%s", b"plan"], {64}),
        ([b"--config", b"%s", b"plan"], {7}),
        ([b"plan", b"--var", b"%s=%s"], {64}),
        ([b"plan", b"--var", b"data=%s"], {0, 7, 64}),
        ([b"plan", b"--out", b"/nowhere/%s"], {1}),
        ([b"show", b"%s"], {7}),
        ([b"plan", b"--select", b"%s"], {0, 64}),
        ([b"plan", b"--color", b"%s"], {64}),
        ([b"plan", b"--allow", b"%s"], {64}),
        ([b"plan", b"--source-root", b"%s"], {0, 7, 64}),
    ],
    ids=lambda value: b" ".join(value).decode() if isinstance(value, list) else "",
)
def test_any_bytes_may_stand_on_the_command_line(project, start, arguments, codes, word):
    ended = start(*(argument.replace(b"%s", word) for argument in arguments))
    assert ended.code in codes
    assert all(one.isprintable() or one == "\n" for one in ended.out + ended.err)
    assert not re.search(r"^::|##teamcity\[", ended.out + ended.err, re.MULTILINE)


def test_any_bytes_may_stand_in_the_environment(project, start):
    odd = {
        b"PMSYNC_VAR_data": b"\xff",
        b"PMSYNC_ENV": b"\xfe",
        b"\xff": b"\xff",
        b"PMSYNC_SOURCE_ROOTS": b"\xff",
    }
    assert start("plan", env=odd).code == 64
    del odd[b"PMSYNC_ENV"]
    assert start("plan", env=odd).code in {0, 7}


def test_a_terminal_that_hangs_up_is_no_traceback(project, environ):
    """The far end closes while results are being written."""
    near, far = os.openpty()
    process = subprocess.Popen([*PMSYNC, "plan"], cwd=project, env=environ, stdin=far, stdout=far, stderr=far)
    os.close(far)
    os.read(near, 1)
    os.close(near)
    assert process.wait(timeout=60) in {0, 1, 143}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=str)
def test_a_command_without_a_lock_ends_at_once_and_takes_its_things_away(tmp_path, environ, number):
    process = subprocess.Popen(
        [*PMSYNC, "emulator", "start"],
        cwd=tmp_path,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode in {0, 143}
    assert b"Traceback" not in err


def test_who_started_it_with_nohup_means_it(tmp_path, environ):
    process = subprocess.Popen(
        [*PMSYNC, "emulator", "start"],
        cwd=tmp_path,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # noqa: PLW1509 - no threads here
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode in {0, 143}


def test_problems_beyond_a_hundred_are_counted_in_text_and_json(project, start):
    keys = "".join(f"k{number}: x\n" for number in range(99_999))
    (project / "manifests" / "m.yaml").write_text(
        f"apiVersion: pmsync/v1\ndatasets: {{}}\n{keys}", encoding="utf-8"
    )
    ended = start("plan")
    assert ended.code == 7
    assert len(ended.err) < 20_000
    assert "and 99,899 more\n" in ended.err
    assert ended.sentence == "error: 99,999 problems in manifests, config or sources"
    found = json.loads(start("plan", "--format", "json").out)
    assert (len(found["diagnostics"]), found["moreDiagnostics"]) == (100, 99_899)
