"""Files that are no tables, or lost most of their rows: the real command against a tenant that would take them."""

from __future__ import annotations

import os

import pytest

TWO = "  d:\n    datatables:\n      bad: {sources: [bad.csv]}\n      good: {sources: [good.csv]}\n"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 120000\n"
LOGIN = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body>Please sign in</body></html>\n"
CONFLICT = "case,activity\n<<<<<<< HEAD\nc1,a\n=======\nc1,b\n>>>>>>> topic\n"


@pytest.fixture
def loaded(repo, csv):
    """Two datatables of 500 rows each, converged."""
    repo.write("bad.csv", csv(500))
    repo.write("good.csv", csv(500))
    repo.declare(TWO)
    assert repo.apply("--new-state").code == 0
    return repo


@pytest.mark.parametrize("content", [POINTER, LOGIN, CONFLICT, "", 'case,activity\nc1,"open\n'])
def test_what_is_no_table_never_takes_the_place_of_rows(loaded, csv, content):
    loaded.write("bad.csv", content)
    loaded.write("good.csv", csv(501))
    for command in (["validate"], ["plan"], ["apply", "--auto-approve"]):
        ran = loaded.pmsync(*command)
        assert (ran.code, "error[PM2" in ran.stderr) == (7, True), ran.text
    assert (loaded.rows_of("bad"), loaded.rows_of("good")) == (500, 500)


def test_the_rest_goes_on_where_it_is_asked_for(loaded, csv):
    loaded.write("bad.csv", POINTER)
    loaded.write("good.csv", csv(501))
    ran = loaded.apply("--safe-only")
    assert ran.code == 7
    assert "git lfs pull" in loaded.pmsync("plan").text
    assert (loaded.rows_of("bad"), loaded.rows_of("good")) == (500, 501)


def test_a_plan_says_what_is_wrong_where_and_what_to_do(loaded):
    loaded.write("bad.csv", 'case,activity\nc1,go\nc2,"never closed\n')
    ran = loaded.pmsync("plan", "--format", "json")
    (change,) = ran.json["changes"]
    (problem,) = change["problems"]
    assert (change["block"]["code"], problem["code"], problem["file"]) == ("data", "PM221", "bad.csv")
    assert (problem["line"], problem["column"]) == (3, 4)
    assert problem["declared"].startswith("manifests/m.yaml:5:")
    assert f"bad.csv:3:4: error[PM221]: {problem['message']}" in ran.stderr


def test_a_missing_file_blocks_its_datatable_only(loaded, csv):
    os.unlink(loaded.root / "bad.csv")
    loaded.write("good.csv", csv(501))
    assert loaded.apply().code == 7
    assert loaded.rows_of("good") == 500
    assert loaded.apply("--safe-only").code == 7
    assert loaded.rows_of("good") == 501


def test_a_path_that_the_manifest_alone_says_cannot_be_stops_everything(loaded, csv):
    loaded.declare(TWO.replace("bad.csv", "../bad.csv"))
    loaded.write("good.csv", csv(501))
    assert loaded.apply("--safe-only").code == 7
    assert loaded.rows_of("good") == 500


def test_an_empty_file_among_daily_ones_may_be_optional(repo, csv):
    for day in (1, 2, 3):
        repo.write(f"day-{day}.csv", csv(day, first=10 * day) if day != 2 else "")
    repo.declare(
        "  d:\n    datatables:\n      t: {sources: [{path: day-*.csv, mode: append, optional: true}]}\n"
    )
    assert repo.apply("--new-state").code == 0
    assert repo.rows_of("t") == 4


def test_a_file_that_lost_most_of_its_rows_needs_a_consent_for_just_that_content(loaded, csv):
    loaded.write("bad.csv", csv(200))
    ran = loaded.apply()
    assert (ran.code, loaded.rows_of("bad")) == (3, 500)
    assert "500 rows become 200" in ran.text
    loaded.write("approvals.yaml", _approvals(loaded))
    loaded.write("bad.csv", csv(199))
    assert (loaded.apply().code, loaded.rows_of("bad")) == (3, 500)
    loaded.write("bad.csv", csv(200))
    ran = loaded.apply()
    assert (ran.code, loaded.rows_of("bad")) == (0, 200), ran.text


def test_a_drop_that_the_datatable_allows_needs_none(loaded, csv):
    loaded.declare(TWO.replace("[bad.csv]", "[bad.csv], checks: {maxRowDrop: 70%}"))
    loaded.write("bad.csv", csv(200))
    assert loaded.apply().code == 0
    assert loaded.rows_of("bad") == 200


def test_a_file_that_is_touched_between_plan_and_apply_goes_up(loaded, csv):
    loaded.write("bad.csv", csv(501))
    assert loaded.pmsync("plan", "--out", "p.json").code == 0
    os.utime(loaded.root / "bad.csv", (1, 1))
    assert loaded.pmsync("apply", "p.json").code == 0
    assert loaded.rows_of("bad") == 501


def _approvals(repo) -> str:
    """The block that the plan prints, as it is to be pasted."""
    (change,) = [one for one in repo.plan()["changes"] if one["needs"]]
    line = (
        f"address: {change['address']}, consent: loss, id: {change['liveId']}, content: {change['content']}"
    )
    assert change["needs"] == ["loss"]
    return f"apiVersion: pmsync/v1\napprovals:\n  - {{environment: dev, {line}}}\n"
