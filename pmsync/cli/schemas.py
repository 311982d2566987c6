"""Every JSON Schema that pmsync publishes, by name."""

from __future__ import annotations

from collections.abc import Mapping

NAMES = ("manifest", "project", "approvals", "plan")


def schemas() -> Mapping[str, str]:
    """Name -> text, in the order of NAMES."""
    from pmsync.loading.planfile import plan_json_schema  # noqa: PLC0415 - pydantic
    from pmsync.loading.schemas import json_schemas  # noqa: PLC0415 - pydantic

    made = {**json_schemas(), file_name("plan"): plan_json_schema()}
    return {name: made[file_name(name)] for name in NAMES}


def file_name(name: str) -> str:
    """`manifest.schema.json`."""
    return f"{name}.schema.json"
