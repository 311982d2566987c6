"""Errors as lines and as JSON: where, which kind, what, and what to do."""

import json
from collections.abc import Callable

import pytest

from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import InputError, Refused, StalePlan, Unreachable
from pmsync.views.errors_text import error_json, error_text

INVALID = InputError(
    [
        Diagnostic(
            Location("manifests/o2c.yaml", 14, 7), "PM012", "unknown key 'tpye'", "did you mean 'type'?"
        ),
        Diagnostic(Location("pmsync.yaml"), "PM101", "no environments"),
    ]
)


def test_each_problem_of_the_input_is_one_line() -> None:
    assert error_text(INVALID) == (
        "manifests/o2c.yaml:14:7: error[PM012]: unknown key 'tpye' (did you mean 'type'?)\n"
        "pmsync.yaml: error[PM101]: no environments\n"
        "error: 2 problems in manifests, config or sources\n"
        "  → pmsync explain PM012 says more\n"
    )


def test_an_error_says_where_what_and_what_to_do() -> None:
    error = Refused("it is protected", where="a.b", hint="pmsync state unprotect a")
    assert error_text(error) == "error: a.b: it is protected\n  → pmsync state unprotect a\n"
    assert error_text(Unreachable("no answer")) == "error: no answer\n"


@pytest.mark.parametrize("width", [0, 40, 80, 160])
def test_errors_look_as_they_did(golden: Callable[[str, str], None], width: int) -> None:
    """0: no terminal, where each stays one line."""
    stale = StalePlan(
        "what would run now is not what was approved:", hint="plan again, and have that approved"
    )
    stale.details = ("upload d.t/a.csv: content was 309b0e45a73d, is d4fa155a0784; rows was 1, is 2",)
    blocked = Refused(
        "environment prod needs its name to be destroyed",
        where="prod",
        hint="pmsync destroy -e prod --confirm prod --allow loss:order-to-cash",
    )
    texts = [error_text(one, width=width) for one in (INVALID, stale, blocked)]
    golden(f"errors-{width or 'file'}.txt", "\n".join(texts))


def test_an_error_as_json_has_its_kind_and_exit_code() -> None:
    read = json.loads(error_json(Refused("no", where="a", hint="b")))
    assert read["error"] == {"kind": "Refused", "message": "no", "where": "a", "hint": "b", "exitCode": 3}
    assert "diagnostics" not in read


def test_problems_of_the_input_are_listed_in_the_json() -> None:
    read = json.loads(error_json(INVALID))
    assert read["error"]["exitCode"] == 7
    assert read["diagnostics"][0] == {
        "file": "manifests/o2c.yaml",
        "line": 14,
        "column": 7,
        "code": "PM012",
        "message": "unknown key 'tpye'",
        "suggestion": "did you mean 'type'?",
    }
