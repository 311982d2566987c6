"""What the doctor says: a line for each check, findings with the lines to paste, exact JSON."""

import json
from collections.abc import Callable

import pytest

from pmsync.model.checkup import Check, Verdict
from pmsync.model.findings import Findings, HeaderOnly, Paste, SameBytes
from pmsync.model.project import OtherName, SameName
from pmsync.views.doctor_text import checks_json, checks_text, findings_json, findings_text, snippet
from pmsync.views.lines import Look

CHECKS = (
    Check(name="key", verdict=Verdict.OK, says="from PMSYNC_API_KEY"),
    Check(name="connection", verdict=Verdict.PROBLEM, says="no \x1b[31m", remedy="look", exit_code=1),
    Check(name="clock", verdict=Verdict.SKIPPED, says="the tenant could not be read"),
)
FOUND = Findings(
    same_name=SameName.APPENDS,
    other_name=OtherName.ADDS,
    header_only=HeaderOnly.KEEPS,
    same_bytes=SameBytes.TWICE,
    lag=31.04,
    shows_tree=False,
    unique_datasets=True,
)


def test_a_check_is_a_line_and_nothing_foreign_is_drawn() -> None:
    assert checks_text(CHECKS, Look()).splitlines() == [
        "key         ok       from PMSYNC_API_KEY",
        "connection  problem  no \\x1b[31m → look",
        "clock       skipped  the tenant could not be read",
        "",
        "1 problem.",
    ]
    assert checks_text(CHECKS[:1], Look()).endswith("\nNo problem found.\n")


@pytest.mark.parametrize("width", [0, 40, 80, 160])
def test_checks_look_as_they_did(golden: Callable[[str, str], None], width: int) -> None:
    """0: no terminal, where each check stays one line."""
    long = Check(
        name="state",
        verdict=Verdict.PROBLEM,
        says="in /home/someone/.local/state/pmsync/api.processmind.com/t-1, and a run was cut off there",
        remedy="pmsync apply -e prod --safe-only",
        exit_code=3,
    )
    other = Check(
        name="key",
        verdict=Verdict.PROBLEM,
        says="there is none",
        remedy="set PMSYNC_API_KEY_PROD, or PMSYNC_API_KEY for all environments",
    )
    look = Look(width or 100, whole=not width)
    golden(f"doctor-{width or 'file'}.txt", checks_text((*CHECKS, long, other), look))


def test_checks_are_json_for_programs() -> None:
    whole = json.loads(checks_json(CHECKS, exit_code=1))
    assert (whole["formatVersion"], whole["exitCode"]) == ("1.0", 1)
    assert whole["checks"][1] == {
        "name": "connection",
        "verdict": "problem",
        "says": "no \x1b[31m",
        "remedy": "look",
        "exitCode": 1,
    }


def test_findings_are_sentences_and_lines_to_paste() -> None:
    assert findings_text("dev", FOUND, (), Look()).splitlines() == [
        "a second upload of the same file name  adds to the rows",
        "an upload of another file name         adds to the rows",
        "a file with a header and no rows       leaves the rows as they are",
        "the same bytes sent twice              count twice",
        "rows show after                        31 s at most, this time",
        "listings show where a dataset is       no",
        "dataset names must be unique           yes",
        "datatable names must be unique         unknown",
        "",
        "For pmsync.yaml:",
        "environments:",
        "  dev:",
        "    uploads: {sameName: appends, otherName: adds, ingestsWithin: 11m}",
        "    verify: {timeout: 11m}",
    ]


def test_the_lines_to_paste_stand_as_they_must_in_the_file() -> None:
    paste = Paste("pmsync.yaml, below dev: (line 5)", "      uploads: {sameName: appends}\n")
    assert findings_text("dev", FOUND, (), Look(), paste=paste).splitlines()[-2:] == [
        "For pmsync.yaml, below dev: (line 5):",
        "      uploads: {sameName: appends}",
    ]
    whole = json.loads(findings_json("dev", FOUND, (), exit_code=0, paste=paste))
    assert whole["paste"] == {"where": paste.where, "text": paste.text}


def test_what_the_rows_could_not_tell_is_said() -> None:
    text = findings_text("dev", Findings(), (), Look())
    assert text.count("unknown: the rows could not tell") == 5
    assert "uploads: {sameName: unknown, otherName: unknown}" in text
    assert "verify" not in text


def test_what_is_left_is_named_with_the_next_command() -> None:
    lines = findings_text("dev", FOUND, ("_probe",), Look()).splitlines()
    assert lines[-2:] == [
        "Not removed: _probe. The next probe or apply removes it:",
        "  pmsync doctor --probe -e dev",
    ]


@pytest.mark.parametrize(("lag", "timeout"), [(0.0, "1m"), (3.0, "1m"), (3.1, "2m"), (60.0, "20m")])
def test_the_proposed_wait_is_twenty_times_the_lag_in_whole_minutes(lag: float, timeout: str) -> None:
    assert f"verify: {{timeout: {timeout}}}" in snippet("dev", Findings(lag=lag))


def test_findings_are_json_for_programs() -> None:
    whole = json.loads(findings_json("dev", FOUND, ("_probe",), exit_code=1))
    assert whole["findings"] == {
        "sameName": "appends",
        "otherName": "adds",
        "headerOnly": "keeps",
        "sameBytes": "twice",
        "lagSeconds": 31.0,
        "showsTree": False,
        "uniqueDatasets": True,
        "uniqueDatatables": None,
    }
    assert (whole["environment"], whole["exitCode"], whole["left"]) == ("dev", 1, ["_probe"])
    assert json.loads(findings_json("dev", Findings(), (), exit_code=0))["findings"]["lagSeconds"] is None


def test_how_long_rows_take_is_proposed_only_where_an_upload_may_not_simply_be_sent_again() -> None:
    assert "ingestsWithin: 1m" in snippet("dev", Findings(lag=2.0, same_name=SameName.APPENDS))
    assert "ingestsWithin" not in snippet("dev", Findings(lag=2.0, same_name=SameName.REPLACES))
    assert "ingestsWithin" not in snippet("dev", Findings(same_name=SameName.APPENDS))
