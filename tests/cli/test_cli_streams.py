"""Streams: readers who leave, streams that were never open, odd locales."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pmsync.cli import streams
from pmsync.cli.streams import Patient


def shell(script: str, tmp_path: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = script.replace("pmsync", f"{sys.executable} -m pmsync")
    return subprocess.run(
        ["bash", "-c", words],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_reader_who_leaves_causes_no_noise_and_no_other_exit_code(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    script = "pmsync schema plan | head -c 1 >/dev/null; echo ${PIPESTATUS[0]}"
    done = shell(script, tmp_path, environ)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_was_never_open_is_no_error(
    tmp_path: Path, environ: dict[str, str], closed: str
) -> None:
    assert shell(f"pmsync version {closed}", tmp_path, environ).returncode == 0
    assert shell(f"pmsync plna {closed}", tmp_path, environ).returncode == 64


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_output_is_utf_8_whatever_the_locale_says(program: Any, locale: str) -> None:
    ended = program("show", "fehlt-\u2026.json", env={"LC_ALL": locale, "PYTHONUTF8": "0"})
    assert ended.code == 7
    assert "fehlt-" in ended.err
    assert "→" in program("schema", "--check", env={"LC_ALL": locale, "PYTHONIOENCODING": "cp1252"}).err


def test_a_home_that_cannot_be_written_and_a_dumb_terminal_are_no_error(program: Any) -> None:
    assert program("version", env={"HOME": "/nonexistent", "TERM": "dumb"}).code == 0


def test_what_can_no_longer_be_written_is_dropped() -> None:
    reading, writing = os.pipe()
    patient = Patient(io.BufferedWriter(io.FileIO(writing, "w")), encoding="utf-8")
    os.close(reading)
    assert patient.write("abc") == 3
    patient.flush()
    assert patient.write("x" * 100_000) == 100_000
    patient.close()


def test_the_standard_streams_are_made_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("ä".encode()), encoding="ascii"))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    monkeypatch.setattr(sys, "stderr", None)
    streams.prepare_streams()
    assert sys.stdin.readline() == "ä"
    sys.stdout.write("→ \ud800")
    sys.stdout.flush()
    assert raw.getvalue() == "→ \\ud800".encode()
    sys.stderr.write("nowhere")
    sys.stderr.close()


def test_streams_that_are_not_the_real_ones_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = io.StringIO()
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr(sys, "stdout", theirs)
    monkeypatch.setattr(sys, "stderr", theirs)
    streams.prepare_streams()
    assert sys.stdout is theirs
    assert sys.stdin.readline() == ""
    sys.stdin.close()
