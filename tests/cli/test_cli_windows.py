"""Native Windows, whose Python has no fcntl: one sentence, whatever the command."""

import subprocess
import sys

import pytest

PRELUDE = (
    "import sys\n"
    "for name in ('fcntl', 'pwd', 'resource', 'termios'): sys.modules[name] = None\n"
    "sys.platform = 'win32'\n"
)


@pytest.mark.parametrize(
    "start",
    ["from pmsync.cli import main; main()", "import runpy; runpy.run_module('pmsync', run_name='__main__')"],
)
@pytest.mark.parametrize(
    "arguments", [[], ["--version"], ["plan"], ["apply", "--auto-approve"], ["nonsense"]], ids=str
)
def test_every_command_ends_in_one_sentence_on_native_windows(environ, tmp_path, start, arguments):
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + start, *arguments],
        cwd=tmp_path,
        env={name: value for name, value in environ.items() if not name.startswith("COVERAGE")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "does not run on native Windows" in done.stderr
    assert "WSL" in done.stderr


def test_the_sentence_is_all_that_is_done(capsys):
    from pmsync.cli import windows  # noqa: PLC0415

    with pytest.raises(SystemExit) as ended:
        windows.main()
    assert "WSL" in str(ended.value)
