"""The public shape of a plan: complete, camelCase, and readable again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pmsync.loading.planfile import read_plan_file
from pmsync.model.plan import Action, Plan
from pmsync.views.document import document, to_json


def test_a_plan_read_back_from_json_is_the_same_document(everything: Plan, tmp_path: Path) -> None:
    whole = document(everything)
    (tmp_path / "plan.json").write_text(to_json(whole), encoding="utf-8")
    assert read_plan_file(str(tmp_path / "plan.json")) == whole


def test_what_is_in_sync_is_counted_and_left_out(everything: Plan) -> None:
    whole = document(everything)
    assert len(whole.changes) == 16
    assert whole.unchanged == 2
    assert [line.address for line in whole.drift] == ["stock.moves"]
    assert {line.action for line in whole.changes} >= {one.value for one in Action} - {"no-op"}


def test_keys_are_camel_case_and_empty_fields_of_a_change_are_left_out(everything: Plan) -> None:
    read = json.loads(to_json(document(everything)))
    assert read["formatVersion"] == "1.0"
    assert read["tenantId"] == "7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11"
    assert read["options"]["assumeUploaded"] == []
    assert read["options"]["variables"] == [["data", "data/sample"]]
    create = read["changes"][0]
    assert create == {
        "action": "create",
        "address": "folder:Finance",
        "reason": "new",
        "sentence": "no folder of this path is there",
        "name": "Finance",
    }


def test_an_upload_says_rows_before_and_after(
    make_plan: Callable[..., Plan], upload: Callable[..., Any]
) -> None:
    change = upload("a.b/c.csv", rows=8_000, size=7, rows_before=12_431, rows_leaving=31)
    line = document(make_plan(change)).changes[0]
    assert (line.rows, line.rows_before, line.rows_after) == (8_000, 12_431, 20_400)


def test_an_upload_to_a_new_datatable_does_not_claim_a_sum(
    make_plan: Callable[..., Plan], upload: Callable[..., Any]
) -> None:
    line = document(make_plan(upload("a.b/c.csv", rows=8_000, size=7))).changes[0]
    assert (line.rows_before, line.rows_after) == (None, None)
