"""Settings as they must stand in a given pmsync.yaml."""

from pathlib import Path

import pytest

from pmsync.loading.pasting import to_paste

HEAD = "apiVersion: pmsync/v1\nproject: p\nenvironments:\n"
GIVEN = {"uploads": {"sameName": "appends", "otherName": "unknown"}, "verify": {"timeout": "2m"}}


@pytest.fixture
def pasted(tmp_path: Path):
    """What is to be pasted into a file with these environments."""

    def paste(body: str, environment: str = "dev"):
        (tmp_path / "pmsync.yaml").write_text(HEAD + body)
        return to_paste(str(tmp_path / "pmsync.yaml"), environment, settings=GIVEN)

    return paste


def test_lines_have_the_indentation_of_their_neighbours(pasted):
    found = pasted("  dev:\n      tenant: emulator\n")
    assert found.where == "pmsync.yaml, below dev: (line 4)"
    assert found.text == (
        "      uploads: {sameName: appends, otherName: unknown}\n      verify: {timeout: 2m}\n"
    )


def test_what_is_there_stays_beside_it_and_what_is_unknown_replaces_nothing(pasted):
    found = pasted("  dev:\n    verify: {rows: false}\n    uploads:\n      otherName: adds\n")
    assert (
        found.where == "pmsync.yaml, below dev: (line 4), in place of uploads: (line 6) and verify: (line 5)"
    )
    assert found.text == (
        "    uploads: {otherName: adds, sameName: appends}\n    verify: {rows: false, timeout: 2m}\n"
    )


def test_an_environment_in_braces_is_written_anew(pasted):
    found = pasted("  dev: {tenantId: t-1, namePrefix: '[d] ', limits: {maxDeletes: 1, x: [a, ~]}}\n")
    assert found.where == "pmsync.yaml, in place of dev: (line 4)"
    assert found.text == (
        "  dev:\n"
        "    tenantId: t-1\n"
        '    namePrefix: "[d] "\n'
        "    limits: {maxDeletes: 1, x: [a, ~]}\n"
        "    uploads: {sameName: appends, otherName: unknown}\n"
        "    verify: {timeout: 2m}\n"
    )


@pytest.mark.parametrize(
    "body", ["", "  dev: x\n", "  dev: {}\n", "  other: {tenant: emulator}\n", "  dev: [\n"]
)
def test_a_file_that_changed_meanwhile_is_no_place(pasted, body):
    assert pasted(body) is None


def test_a_file_that_is_gone_is_no_place(tmp_path):
    assert to_paste(str(tmp_path / "pmsync.yaml"), "dev", settings=GIVEN) is None
