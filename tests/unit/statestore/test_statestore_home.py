"""Where the memory of an environment is: one folder for each, on every file system, and nobody else's."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmsync.errors import Refused
from pmsync.statestore.home import Home, folder_name

SAFE = re.compile(r"[a-z0-9](?:[a-z0-9._~-]*[a-z0-9])?")


@pytest.fixture
def home(tmp_path):
    return Home(state=str(tmp_path / "state"), cache=str(tmp_path / "cache"))


@pytest.mark.parametrize(
    "text", ["api.processmind.com", "0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10", "dev", "pr-12"]
)
def test_a_safe_name_is_itself(text):
    assert folder_name(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "/etc",
        ".git",
        "Prod",
        "a.",
        "CON:",
        "x" * 500,
        "Order to Cash",
        "\0",
        "ä",
        "~",
        "\udcff",
    ],
)
def test_any_other_name_is_made_one_folder(text):
    made = folder_name(text)
    assert SAFE.fullmatch(made)
    assert len(made) <= 64


@given(st.text(), st.text())
def test_two_names_are_two_folders_also_where_case_does_not_count(one, other):
    same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    assert (folder_name(one).lower() == folder_name(other).lower()) is same


def test_each_of_host_tenant_project_and_environment_has_a_state_of_its_own(home):
    folders = {
        home.of_tenant(host, tenant, project=project, environment=environment)
        for host in ("api.processmind.com", "127.0.0.1:8420")
        for tenant in ("a", "b")
        for project in ("o2c", "O2C")
        for environment in ("dev", "prod")
    }
    assert len(folders) == 16


def test_an_embedded_tenant_belongs_to_the_real_place_of_its_project(home, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "link").symlink_to("one")
    one, two, link = (home.of_embedded(str(tmp_path / name), "local") for name in ("one", "two", "link"))
    assert one == link != two


def test_a_folder_that_others_may_change_keeps_no_state(home, tmp_path):
    (tmp_path / "state" / "h").mkdir(parents=True)
    (tmp_path / "state" / "h").chmod(0o777)
    with pytest.raises(Refused, match="other users") as caught:
        home.of_tenant("h", "t", project="p", environment="e")
    assert "PMSYNC_STATE_DIR" in caught.value.hint


def test_a_cache_that_others_may_change_is_none(home, tmp_path):
    assert home.of_digests(str(tmp_path))
    (tmp_path / "cache" / "digests").mkdir(parents=True)
    (tmp_path / "cache" / "digests").chmod(0o777)
    assert home.of_digests(str(tmp_path)) is None
