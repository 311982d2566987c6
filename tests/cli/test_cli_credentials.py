"""The API key: where it is looked for, and that nothing of it is ever told."""

from pathlib import Path

import pytest

from pmsync.cli.credentials import api_key, must_not_be_swapped
from pmsync.errors import AuthenticationFailed, Refused
from pmsync.model.project import key_variable


def test_the_environment_s_own_variable_comes_first(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file")
    environ = {
        "PMSYNC_API_KEY_PR_12": "own",
        "PMSYNC_API_KEY": "common",
        "PMSYNC_API_KEY_FILE": str(tmp_path / "key"),
    }
    assert api_key("pr-12", environ).reveal() == "own"
    del environ["PMSYNC_API_KEY_PR_12"]
    assert api_key("pr-12", environ).reveal() == "common"
    del environ["PMSYNC_API_KEY"]
    assert api_key("pr-12", environ).reveal() == "from-file"


def test_the_variable_is_named_after_the_environment() -> None:
    assert key_variable("pr-12") == "PMSYNC_API_KEY_PR_12"


def test_blanks_and_line_breaks_at_the_ends_are_taken_off(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b" key \r\n")
    assert api_key("dev", {"PMSYNC_API_KEY_FILE": str(tmp_path / "key")}).reveal() == "key"
    assert api_key("dev", {"PMSYNC_API_KEY": "\tkey\n"}).reveal() == "key"


def test_an_empty_variable_is_none() -> None:
    assert api_key("dev", {"PMSYNC_API_KEY_DEV": " ", "PMSYNC_API_KEY": "common"}).reveal() == "common"


def test_without_a_key_it_says_what_to_set() -> None:
    with pytest.raises(AuthenticationFailed) as failed:
        api_key("dev", {})
    assert failed.value.exit_code == 8
    assert "PMSYNC_API_KEY_DEV" in str(failed.value.hint)


@pytest.mark.parametrize("odd", ["se cret", "se\ncret", "se\x00cret", "secrét", "se\u202ecret", "\ud800"])
def test_what_can_be_no_key_is_refused_without_echoing_it(odd: str) -> None:
    with pytest.raises(AuthenticationFailed) as failed:
        api_key("dev", {"PMSYNC_API_KEY": odd})
    assert odd not in str(failed.value)
    assert "PMSYNC_API_KEY" in failed.value.what


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"two\nlines"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(AuthenticationFailed, match="can be no API key"):
        api_key("dev", {"PMSYNC_API_KEY_FILE": str(tmp_path / "key")})


@pytest.mark.parametrize("path", ["missing", "nul\0"])
def test_a_file_that_cannot_be_read_is_an_authentication_failure(tmp_path: Path, path: str) -> None:
    with pytest.raises(AuthenticationFailed, match="cannot be read"):
        api_key("dev", {"PMSYNC_API_KEY_FILE": f"{tmp_path}/{path}"})


def test_a_key_of_its_own_says_that_an_embedded_tenant_stands_in_a_real_one_s_place() -> None:
    with pytest.raises(Refused, match="PMSYNC_API_KEY_PROD") as refused:
        must_not_be_swapped("prod", {"PMSYNC_API_KEY_PROD": "real-key"})
    assert "real-key" not in str(refused.value)


@pytest.mark.parametrize(
    "environ",
    [{}, {"PMSYNC_API_KEY": "real"}, {"PMSYNC_API_KEY_PROD": " "}, {"PMSYNC_API_KEY_PROD": "pmsync-local"}],
)
def test_a_key_for_all_environments_says_nothing_about_an_embedded_one(environ: dict[str, str]) -> None:
    must_not_be_swapped("prod", environ)
