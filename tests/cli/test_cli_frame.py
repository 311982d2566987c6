"""What holds for every command: what is imported, where output goes, what an exit code says."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from pmsync.cli.choices import Given, global_options
from pmsync.cli.failure import told
from pmsync.cli.lazy import COMMANDS, prepared
from pmsync.cli.main import cli, main, run
from pmsync.cli.settings import GlobalOptions
from pmsync.cli.settings import options_of as settled
from pmsync.errors import PmsyncError, Refused

HEAVY = ("pydantic", "requests", "rich", "yaml", "urllib3", "starlette", "uvicorn", "deepdiff", "openpyxl")


def heavy_after(code: str, environ: dict[str, str]) -> set[str]:
    """The heavy libraries that are loaded once the code has run."""
    check = f"{code}\nimport sys\nprint(*{{one.split('.')[0] for one in sys.modules}}, file=sys.stderr)"
    # A process that measures coverage has libraries of its own.
    bare = {name: value for name, value in environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", check], env=bare, capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stderr.split()) & {*HEAVY, "python_calamine", "sqlite3", "asyncio"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        [],
        ["version"],
        *([name, "--help"] for name in COMMANDS),
        ["completion", "bash"],
    ],
    ids=" ".join,
)
def test_help_and_version_import_nothing_heavy(arguments: list[str], environ: dict[str, str]) -> None:
    assert heavy_after(f"from pmsync.cli.main import run; run({arguments!r})", environ) == set()


@pytest.mark.parametrize("words", ["pmsync ", "pmsync pl", "pmsync plan --", "pmsync state "])
def test_completion_imports_nothing_heavy(words: str, environ: dict[str, str]) -> None:
    variables = {
        **environ,
        "_PMSYNC_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    code = (
        "from pmsync.cli.main import cli\n"
        "try: cli.main(prog_name='pmsync', complete_var='_PMSYNC_COMPLETE')\n"
        "except SystemExit: pass"
    )
    assert heavy_after(code, variables) == set()


def test_completion_knows_commands_subcommands_and_options(program: Any) -> None:
    def completed(*words: str) -> set[str]:
        env = {
            "_PMSYNC_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(words),
            "COMP_CWORD": str(len(words) - 1),
        }
        return {line.split(",")[-1] for line in program(env=env).out.splitlines()}

    assert completed("pmsync", "pl") == {"plan"}
    assert {"plan", "apply", "state"} <= completed("pmsync", "")
    assert {"list", "show", "accept"} <= completed("pmsync", "state", "")
    assert "--detailed-exitcode" in completed("pmsync", "plan", "--")


def test_the_short_helps_are_those_of_the_table() -> None:
    text = CliRunner().invoke(cli, ["--help"]).output
    for name, words in COMMANDS.items():
        assert name in text
        assert words.split()[0] in text


def test_every_command_of_the_table_is_there() -> None:
    ctx = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(ctx, name)
        assert command is not None
        assert command.help, name


def test_without_a_command_the_help_is_the_result(program: Any) -> None:
    ended = program()
    assert (ended.code, ended.err) == (0, "")
    assert "pmsync demo" in ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["plna"],
        ["plan", "--nonsense"],
        ["plan", "--format", "html"],
        ["plan", "--report", "html=x"],
        ["plan", "--report", "json="],
        ["plan", "--allow", "everything:*"],
        ["plan", "--allow", "delete:"],
        ["plan", "--var", "novalue"],
        ["plan", "--parallelism", "0"],
        ["plan", "--color", "pink"],
        ["show"],
        ["schema", "nothing"],
        ["schema", "--check"],
        ["state", "nothing"],
        ["-C", "missing-folder", "version"],
        ["emulator", "start", "--port", "99999"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_exit_64(pmsync: Any, arguments: list[str]) -> None:
    ended = pmsync(*arguments)
    assert ended.code == 64
    assert ended.out == ""
    assert "error" in ended.err
    assert "Traceback" not in ended.err


def test_a_mistyped_command_comes_with_what_was_meant(pmsync: Any) -> None:
    assert "did you mean 'plan'?" in pmsync("plna").err
    assert "did you mean" not in pmsync("qqqqqq").err


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("apply -y", "there is no option '-y': did you mean '--auto-approve'?"),
        ("apply --yes", "'--auto-approve'"),
        ("emulator reset -y", "'--auto-approve'"),
        ("destroy -y", "'--confirm'"),
        ("plan -y", "nothing is asked here: leave it out"),
        ("-y apply", "after the command: pmsync apply --auto-approve"),
        ("plan -o x", "'--out'"),
        ("export -o x", "'--out'"),
        ("apply -o x", "'--report'"),
        ("ls -o x", "write > FILE after the command"),
        ("plan --target x", "'--select'"),
        ("plan --json", "'--format json'"),
        ("plan --environment dev", "'--env'"),
        ("plan --selct x", "did you mean '--select'?"),
        ("plan --detailed-exit-code", "'--detailed-exitcode'"),
        ("rm x", "there is no command 'rm': take it out of the manifests and run pmsync apply; "),
        ("delete x", "pmsync state forget ADDRESS"),
        ("mv a b", "pmsync state move OLD NEW"),
        ("rename a b", "pmsync state move OLD NEW"),
        ("list", "there is no command 'list': pmsync ls"),
        ("diff", "pmsync plan"),
        ("status", "pmsync plan"),
        ("sync", "pmsync apply"),
        ("push", "pmsync apply"),
        ("forget x", "pmsync state forget"),
        ("state rm x", "there is no command 'state rm': pmsync state forget ADDRESS"),
        ("state mv a b", "pmsync state move OLD NEW"),
        ("state ls", "pmsync state list"),
        ("state forgt x", "did you mean 'forget'?"),
        ("emulator begin", "there is no command 'emulator begin'"),
    ],
)
def test_what_fingers_type_from_other_tools_is_told(pmsync: Any, line: str, meant: str) -> None:
    ended = pmsync(*line.split())
    assert (ended.code, ended.out) == (64, "")
    assert meant in ended.err


def test_an_option_like_none_is_told_without_a_guess(pmsync: Any) -> None:
    assert pmsync("plan", "--qqqq").err.endswith("error: there is no option '--qqqq'\n")


def test_control_characters_of_the_command_line_are_not_echoed(pmsync: Any) -> None:
    assert "\x1b" not in pmsync("\x1b[31m").err


def options_of(*arguments: str, environ: dict[str, str] | None = None) -> GlobalOptions:
    """The global options that a command would find."""

    @click.group()
    def group() -> None: ...

    @group.command()
    def go() -> None: ...

    given = Given()
    for command in (group, go):
        command.params.extend(global_options(hidden=False))
    group.main(list(arguments), standalone_mode=False, obj=given)
    return settled(given, environ or {})


def test_global_options_stand_before_or_after_the_command() -> None:
    assert options_of("-e", "dev", "go").env == "dev"
    assert options_of("go", "-e", "dev").env == "dev"


def test_what_stands_after_the_command_wins() -> None:
    assert options_of("-e", "dev", "go", "-e", "prod").env == "prod"


def test_repeatable_options_add_up() -> None:
    found = options_of("-v", "--var", "a=1", "go", "--var", "b=2=3", "-vv", "--var", "c=")
    assert found.variables == (("a", "1"), ("b", "2=3"), ("c", ""))
    assert found.verbose == 3


def test_variables_of_the_environment_come_last() -> None:
    environ = {
        "PMSYNC_ENV": "prod",
        "PMSYNC_API_URL": "https://api.example",
        "PMSYNC_UPLOAD_HOSTS": "a.example, b.example,",
        "PMSYNC_SOURCE_ROOTS": "/one\n/two\n",
    }
    found = options_of("go", environ=environ)
    assert found.env == "prod"
    assert found.api_url == "https://api.example"
    assert found.upload_hosts == ("a.example", "b.example")
    assert found.source_roots == ("/one", "/two")
    assert options_of("go", "-e", "dev", "--upload-host", "c.example", environ=environ).env == "dev"


def test_chdir_is_where_the_command_works(tmp_path: Path, pmsync: Any) -> None:
    (tmp_path / "sub").mkdir()
    assert pmsync("-C", "sub", "init").code == 0
    assert (tmp_path / "sub" / "pmsync.yaml").exists()
    assert pmsync("schema", "--out", "made", "-C", "sub").code == 0
    assert (tmp_path / "sub" / "made" / "plan.schema.json").exists()


def test_the_caller_s_folder_is_left_as_it_was(tmp_path: Path) -> None:
    before = os.getcwd()
    assert run(["-C", str(tmp_path), "version"]) == 0
    assert os.getcwd() == before


def test_logging_goes_to_stderr_as_text_or_json(pmsync: Any) -> None:
    assert pmsync("version", "--timings").err.startswith("timings: pmsync version took ")
    read = json.loads(pmsync("version", "-vv", "--log-format", "json").err)
    assert (read["event"], read["level"]) == ("log", "debug")
    assert pmsync("version").err == ""


def test_an_error_is_json_on_stderr_where_that_is_wanted(pmsync: Any) -> None:
    ended = pmsync("show", "missing.json", "--log-format", "json")
    assert ended.code == 7
    assert json.loads(ended.err)["diagnostics"][0]["code"] == "PM311"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes `pmsync version` fail with an exception."""

    def fail(error: BaseException) -> None:
        def callback(**_values: Any) -> None:
            raise error

        command = cli.get_command(click.Context(cli), "version")
        assert command is not None
        monkeypatch.setattr(
            command, "callback", prepared(click.Command("x", callback=callback), "x").callback
        )

    return fail


def test_an_error_of_ours_is_its_exit_code(failing: Any, capsys: pytest.CaptureFixture[str]) -> None:
    failing(Refused("no", where="a.b", hint="do this"))
    assert run(["version"]) == 3
    assert capsys.readouterr().err == "error: a.b: no\n  → do this\n"


def test_an_interruption_is_130(failing: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for error in (KeyboardInterrupt(), click.Abort()):
        failing(error)
        assert run(["version"]) == 130
        assert capsys.readouterr().err.strip() == "interrupted"


def test_an_error_of_click_s_own_is_told(failing: Any, capsys: pytest.CaptureFixture[str]) -> None:
    failing(click.FileError("x", "is odd"))
    assert run(["version"]) == 1
    assert "is odd" in capsys.readouterr().err


def test_a_bug_is_told_without_a_traceback(failing: Any, capsys: pytest.CaptureFixture[str]) -> None:
    failing(KeyError("secret-value"))
    assert run(["version"]) == 1
    said = capsys.readouterr().err
    assert "this is a bug in pmsync" in said
    assert "Traceback" not in said
    assert "secret-value" not in said


def test_with_vv_a_bug_shows_its_traceback_without_secrets(
    failing: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PMSYNC_API_KEY_PROD", "very-secret-key")
    failing(
        KeyError("GET https://b.s3.amazonaws.com/x?X-Amz-Signature=abc&y=1 with very-secret-key \x1b[31m")
    )
    assert run(["-vv", "version"]) == 1
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "callback" in said
    for secret in ("very-secret-key", "X-Amz-Signature", "abc&y", "\x1b"):
        assert secret not in said


def test_an_exception_without_frames_is_a_bug_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(RuntimeError("x"), GlobalOptions()) == 1
    assert "RuntimeError" in capsys.readouterr().err


def test_the_program_ends_with_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["pmsync", "plna"])
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.StringIO())
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 64


def test_every_error_class_has_an_exit_code_that_is_documented() -> None:
    documented = {1, 3, 4, 5, 6, 7, 8, 64}

    def classes(root: type[PmsyncError]) -> set[type[PmsyncError]]:
        return {root, *(one for below in root.__subclasses__() for one in classes(below))}

    assert {one.exit_code for one in classes(PmsyncError)} <= documented
