"""Saved plans: read back whole, refused with a reason, and described by a schema that cannot drift."""

import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pmsync.errors import InputError
from pmsync.loading import planfile
from pmsync.loading.planfile import options_of, plan_json_schema, read_plan_file
from pmsync.model.consent import Allow, Consent
from pmsync.model.options import PlanningOptions
from pmsync.views.document import to_json

SCHEMA = Path(__file__).parents[3] / "schema" / "plan.schema.json"

PLAN: dict[str, Any] = {
    "formatVersion": "1.0",
    "pmsyncVersion": "0.1.0",
    "environment": "prod",
    "tenantId": "t-1",
    "host": "api.processmind.com",
    "emulated": False,
    "protected": True,
    "lineage": "l-1",
    "options": {"variables": [["data", "x"]], "allow": ["adopt:*"], "noData": True},
    "digest": "sha256:1",
    "structureDigest": "sha256:2",
    "changes": [
        {
            "action": "upload",
            "address": "a.b/c.csv",
            "reason": "new",
            "sentence": "new: 1 row",
            "size": 3,
            "rowsBefore": None,
            "block": {"code": "decision", "sentence": "no", "waysOut": [{"meaning": "m", "command": "c"}]},
        }
    ],
    "unmanaged": 2,
}


@pytest.fixture
def saved(tmp_path: Path) -> Any:
    def save(content: bytes | dict[str, Any]) -> str:
        path = tmp_path / "plan.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return str(path)

    return save


def codes(fault: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [one.code for one in fault.value.diagnostics]


def test_a_saved_plan_is_read_whole(saved: Any) -> None:
    plan = read_plan_file(saved(PLAN))
    assert plan.options.variables == (("data", "x"),)
    assert plan.options.no_data
    assert plan.structure_digest == "sha256:2"
    assert plan.changes[0].block is not None
    assert plan.changes[0].block.ways_out[0].command == "c"


def test_fields_of_a_newer_minor_version_are_ignored(saved: Any) -> None:
    newer = PLAN | {"formatVersion": "1.7", "mood": "good", "changes": [PLAN["changes"][0] | {"colour": 1}]}
    assert read_plan_file(saved(newer)).unmanaged == 2


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "PM313", "no JSON"),
        (b"{", "PM313", "line 1, column 2"),
        (b"\xff\xfe{}", "PM313", "not text in UTF-8"),
        (b'{"a":' * 100_000, "PM313", "too deep"),
        (b"[" * 100_000, "PM313", "no formatVersion"),
        (b"[]", "PM313", "no formatVersion"),
        (b"{}", "PM313", "no formatVersion"),
        (b'{"formatVersion": 1}', "PM313", "no formatVersion"),
        (b'{"formatVersion": "x.y"}', "PM313", "no formatVersion"),
        (b'{"formatVersion": "1"}', "PM313", "no formatVersion"),
        (b'{"formatVersion": "99999999999999999999.0"}', "PM313", "no formatVersion"),
        (b'{"formatVersion": "2.0"}', "PM314", "format 2.0"),
        (b'{"formatVersion": "0.9"}', "PM314", "format 0.9"),
        (b'{"formatVersion": "1.0"}', "PM313", "pmsyncVersion: Field required"),
        (PLAN | {"changes": 7}, "PM313", "changes"),
        (PLAN | {"emulated": "yes"}, "PM313", "emulated"),
        (PLAN | {"unmanaged": "2"}, "PM313", "unmanaged"),
        (PLAN | {"changes": [{"action": "delete"}]}, "PM313", "changes.0.address"),
        (PLAN | {"options": {"variables": [["a"]]}}, "PM313", "variables"),
        (PLAN | {"environment": "\ud800"}, "PM313", ""),
    ],
)
def test_what_is_no_saved_plan_is_refused_with_the_reason(
    saved: Any, content: Any, code: str, words: str
) -> None:
    path = saved(content)
    with pytest.raises(InputError) as fault:
        read_plan_file(path)
    assert set(codes(fault)) == {code}
    assert any(words in one.message for one in fault.value.diagnostics)
    assert all(one.location.file == path for one in fault.value.diagnostics)


def test_the_first_fault_is_told(saved: Any) -> None:
    with pytest.raises(InputError) as fault:
        read_plan_file(saved(PLAN | {"changes": [{}] * 100}))
    assert [one.message for one in fault.value.diagnostics] == [
        "this is no saved plan: changes.0.action: Field required"
    ]


BOMBS = {
    "empty objects": b'{"formatVersion":"1.0","changes":[' + b"{}," * 3_000_000 + b"{}]}",
    "nothing that is asked for": b'{"formatVersion":"1.0","x":[' + b"{}," * 3_000_000 + b"{}]}",
    "cut": b'{"formatVersion":"1.0","x":[' + b"{}," * 3_000_000,
    "a version": b'{"formatVersion":[' + b"{}," * 3_000_000 + b"{}]}",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_takes_no_more_than_it_is_worth(saved: Any, bomb: bytes) -> None:
    path = saved(bomb)
    tracemalloc.start()
    try:
        with pytest.raises(InputError):
            read_plan_file(path)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20  # what reads a file takes 64 MiB of it
    finally:
        tracemalloc.stop()


def test_a_plan_that_is_too_large_is_not_parsed(saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planfile, "LARGEST", 10)
    with pytest.raises(InputError) as fault:
        read_plan_file(saved(PLAN))
    assert codes(fault) == ["PM312"]


@pytest.mark.parametrize("path", ["missing.json", "nul\0.json", "."])
def test_a_plan_that_cannot_be_read_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError) as fault:
        read_plan_file(os.path.join(tmp_path, path))
    assert codes(fault) == ["PM311"]


def test_the_committed_schema_is_the_generated_one() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == plan_json_schema()


def test_the_schema_takes_a_plan_and_refuses_another_shape() -> None:
    schema = json.loads(plan_json_schema())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(PLAN, schema, cls=jsonschema.Draft7Validator)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(PLAN | {"changes": 7}, schema, cls=jsonschema.Draft7Validator)


def test_a_saved_plan_is_planned_again_with_its_own_options(saved: Any) -> None:
    assert options_of(read_plan_file(saved(PLAN))) == PlanningOptions(
        variables=(("data", "x"),), allow=(Allow(consent=Consent.ADOPT, glob="*"),), no_data=True
    )


def test_a_consent_that_there_is_not_is_refused(saved: Any) -> None:
    plan = read_plan_file(saved(PLAN | {"options": {"allow": ["everything:*"]}}))
    with pytest.raises(InputError, match="problem") as fault:
        options_of(plan)
    assert codes(fault) == ["PM313"]


OLDER = sorted((Path(__file__).parent / "fixtures").glob("plan-*.json"))


@pytest.mark.parametrize("path", OLDER, ids=lambda path: path.stem)
def test_an_older_plan_is_read_whole(path: Path) -> None:
    """What it says is said again, beside what has been added since."""
    said, read = json.loads(path.read_bytes()), json.loads(to_json(read_plan_file(str(path))))
    assert {**read, **said} == read
    options_of(read_plan_file(str(path)))


def test_there_are_older_plans() -> None:
    assert [path.stem for path in OLDER] == ["plan-first", "plan-with-remedies"]
