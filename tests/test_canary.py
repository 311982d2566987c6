"""The search for secrets finds what is there, so that its silence says something."""

import sqlite3
from contextlib import closing

import pytest
from canary import KEY, SECRETS, must_not_hold, must_not_tell


@pytest.mark.parametrize("secret", SECRETS)
def test_a_printed_secret_is_found_however_it_is_spelled(secret):
    for text in (f"GET https://b/?{secret}=1", secret.upper()):
        with pytest.raises(AssertionError, match="printed"):
            must_not_tell(text)


def test_a_secret_in_a_file_is_found(tmp_path):
    file = tmp_path / ".pmsync" / "dev" / "state.json"
    file.parent.mkdir(parents=True)
    file.write_text(f'{{"url": "{KEY}"}}')
    with pytest.raises(AssertionError, match=r"state\.json"):
        must_not_hold(tmp_path)


def test_a_secret_in_a_database_is_found(tmp_path):
    with closing(sqlite3.connect(tmp_path / "digests.sqlite")) as cache:
        cache.execute("create table t (path text)")
        cache.execute("insert into t values (?)", (f"https://b/?X-Amz-Signature=1&key={KEY}",))
        cache.commit()
    with pytest.raises(AssertionError, match=r"digests\.sqlite"):
        must_not_hold(tmp_path)


def test_silence_is_let_through(tmp_path):
    (tmp_path / "plan.json").write_text("{}")
    must_not_hold(tmp_path)
    must_not_tell("converged")
