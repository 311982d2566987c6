"""Small cases that users brought: each folder of tests/data/field, and what the real command says of it now."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parents[1] / "data" / "field"
ONE = "apiVersion: pmsync/v1\ndatasets:\n  d: {{datatables: {{t: {{sources: [{}]}}}}}}\n"


@pytest.fixture
def case(tmp_path: Path) -> Callable[[str], Path]:
    """Lays a case out in the test's folder."""

    def lay_out(name: str) -> Path:
        shutil.copytree(CASES / name, tmp_path, dirs_exist_ok=True)
        return tmp_path

    return lay_out


def rows(pmsync: Any) -> int:
    """The rows that the tenant has in the one datatable."""
    things = json.loads(pmsync("ls", "--format", "json").out)["things"]
    (table,) = [one for one in things if one["kind"] == "datatable"]
    return int(table["rows"])


def declare(folder: Path, source: str) -> None:
    (folder / "manifests/m.yaml").write_text(ONE.format(source))


def test_a_git_lfs_pointer_replaces_no_rows(case, pmsync):
    folder = case("01-git-lfs-pointer")
    assert pmsync("apply", "--auto-approve").code == 0
    shutil.copy(folder / "data/pointer.txt", folder / "data/a.csv")
    for command in (["plan"], ["apply", "--auto-approve"]):
        ran = pmsync(*command)
        assert (ran.code, "is a Git LFS pointer" in ran.err, "git lfs pull" in ran.err) == (
            7,
            True,
            True,
        )
    assert rows(pmsync) == 500


def test_a_file_with_brackets_in_its_name_is_the_one_that_is_meant(case, pmsync):
    case("02-brackets-other-file")
    (upload,) = [
        one
        for one in json.loads(pmsync("plan", "--format", "json").out)["changes"]
        if one["action"] == "upload"
    ]
    assert (upload["path"], upload["rows"]) == ("data/[dev] x.csv", 1)


@pytest.mark.parametrize(
    ("name", "source", "what"),
    [
        ("03-binary-as-csv", "data/f.ods", "is an OpenDocument spreadsheet"),
        ("03-binary-as-csv", "data/f.zip", "is a ZIP archive"),
        ("03-binary-as-csv", "data/f.csv", "is a PNG image"),
        ("06-nul-byte", "data/f.csv", "data/f.csv:2:4: error[PM222]: 'data/f.csv' has a NUL byte"),
        ("08-not-a-table", "data/log.xes", "is an XES event log (export it as CSV)"),
        ("08-not-a-table", "data/f.json", "is JSON"),
        ("08-not-a-table", "data/login.csv", "is a web page, perhaps a login page"),
        ("08-not-a-table", "data/conflict.csv", "is a file with merge conflict markers"),
        ("08-not-a-table", "data/doc.pdf", "is a PDF document"),
        ("16-password", "data/p.xlsx", "is encrypted with a password"),
        ("17-sep-line", "data/f.csv", "begins with a hint for Excel (sep=)"),
        ("20-xls-on-the-emulator", "data/f.xlsm", "is a workbook with macros (.xlsm) (save it as .xlsx)"),
    ],
)
def test_what_is_no_table_is_refused_by_what_it_is(case, pmsync, name, source, what):
    declare(case(name), source)
    for command in (["validate"], ["apply", "--auto-approve"]):
        ran = pmsync(*command)
        assert (ran.code, what in ran.err) == (7, True), ran.err


@pytest.mark.parametrize(
    ("name", "source", "count"),
    [("04-semicolon-file-commas-in-header", "data/f.csv", 2), ("20-xls-on-the-emulator", "data/f.xls", 5)],
)
def test_what_is_a_table_is_loaded_with_the_rows_it_has(case, pmsync, name, source, count):
    declare(case(name), source)
    assert pmsync("apply", "--auto-approve").code == 0
    assert rows(pmsync) == count


def test_commas_in_a_header_of_semicolons_belong_to_a_name(case, pmsync):
    case("04-semicolon-file-commas-in-header")
    assert "PM227" not in pmsync("validate").err


def test_files_that_share_no_column_do_not_add_up(case, pmsync):
    case("10-append-different-headers")
    ran = pmsync("plan")
    assert ran.code == 7
    assert "data/c.csv:1:1: error[PM228]: 'data/c.csv' shares no column name with 'a.csv'" in ran.err
    assert "PM229: 'data/b.csv' differs in its columns from 'a.csv'" in ran.err


def test_an_empty_file_among_daily_ones_is_named_and_blocks_its_datatable(case, pmsync):
    folder = case("11-zero-byte-among-daily-files")
    ran = pmsync("validate")
    assert (ran.code, "'data/2024-01-02.csv' is empty" in ran.err) == (7, True)
    manifest = folder / "manifests/m.yaml"
    with_others = f"{manifest.read_text()}  other: {{}}\n"
    manifest.write_text(with_others)
    assert pmsync("apply", "--auto-approve", "--safe-only").code == 7
    assert "other" in pmsync("ls").out
    manifest.write_text(with_others.replace("mode: append", "mode: append, optional: true"))
    assert pmsync("apply", "--auto-approve").code == 0
    assert rows(pmsync) == 2


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount")
@pytest.mark.skipif(sys.platform != "linux", reason="unshare is Linux's")
def test_a_project_on_a_read_only_disk_is_planned(case, environ):
    folder = case("02-brackets-other-file")
    mount = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && cd {folder}"
    probe = subprocess.run(["unshare", "-m", "sh", "-c", mount], check=False, capture_output=True)
    if probe.returncode:
        pytest.skip("this machine does not let a test mount")
    command = f"{mount} && ! touch x && {sys.executable} -m pmsync plan"
    ran = subprocess.run(
        ["unshare", "-m", "sh", "-c", command], check=False, capture_output=True, text=True, env=environ
    )
    assert ran.returncode == 0, ran.stderr
    assert "1 to upload" in ran.stdout


@pytest.mark.parametrize("locale", ["C", "POSIX", "de_DE.ISO-8859-1"])
def test_names_are_found_whatever_the_locale(case, environ, locale):
    folder = case("15-locale-not-utf8")
    given = {**environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = subprocess.run(
        [sys.executable, "-m", "pmsync", "validate"], check=False, capture_output=True, cwd=folder, env=given
    )
    told = ran.stderr.decode(errors="replace")
    assert ran.returncode == 0 or (ran.returncode == 64 and "locale" in told), told


def test_a_cell_of_more_than_128_kib_is_one_cell(case, pmsync):
    folder = case("04-semicolon-file-commas-in-header")
    (folder / "data/f.csv").write_text("id,note\n1," + "x" * 140_000 + "\n2,y\n")
    assert pmsync("apply", "--auto-approve").code == 0
    assert rows(pmsync) == 2


def test_a_broken_symlink_is_told_with_what_it_leads_to(case, pmsync):
    folder = case("22-broken-symlink")
    (folder / "data").mkdir()
    (folder / "data/link.csv").symlink_to("gone.csv")
    ran = pmsync("validate")
    assert (ran.code, "'data/link.csv' is a symlink to 'gone.csv', which does not exist" in ran.err) == (
        7,
        True,
    )


def test_a_header_cell_of_140_000_characters_is_said_to_be_too_long(case, pmsync):
    folder = case("04-semicolon-file-commas-in-header")
    (folder / "data/f.csv").write_text("a," + "b" * 140_000 + "\n1,2\n")
    ran = pmsync("validate")
    assert (ran.code, "has a column name of more than 1,024 characters" in ran.err) == (7, True)
    assert "quote" not in ran.err


def test_a_merge_conflict_in_a_manifest_is_called_one(case, pmsync):
    case("24-merge-markers-in-manifest")
    ran = pmsync("validate")
    assert (ran.code, "manifests/m.yaml:3:1: error[PM005]: a merge conflict marker" in ran.err) == (
        7,
        True,
    )


def test_a_stale_plan_is_told_in_three_lines_with_short_hashes(case, pmsync):
    folder = case("13-stale-plan-message")
    assert pmsync("plan", "--out", "p.json").code == 0
    with (folder / "data/a.csv").open("a") as file:
        file.write("2\n")
    ran = pmsync("-qq", "apply", "p.json", "--auto-approve")
    assert ran.code == 6
    first, second, third = ran.err.splitlines()
    assert first == "error: what would run now is not what was approved:"
    assert re.fullmatch(
        r"  upload d\.t/a\.csv: content was \w{12}, is \w{12}; rows was 1, is 2; size was 4, is 6", second
    )
    assert third == "  → plan again, and have that approved"
