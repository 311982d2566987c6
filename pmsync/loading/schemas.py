"""The JSON Schemas of a repository's files, for editors; made from the shapes.

An editor reads YAML 1.2, where a scalar without quotes may be a number or a boolean, and pmsync takes it as
text: so wherever a text is expected, the schemas allow these too. Only the word null is text here and
nothing there: an editor that flags a value left out is worth its quotes. This module must not know any file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pmsync.loading import shape, shape_project

_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_ID: Final = "urn:pmsync:schema:v1:"
_FORMS: Final[Mapping[str, tuple[str, type]]] = {
    "approvals": ("approvals.yaml of pmsync", shape_project.ApprovalsShape),
    "manifest": ("A manifest of pmsync", shape.ManifestShape),
    "project": ("pmsync.yaml", shape_project.ProjectShape),
}


def json_schemas() -> Mapping[str, str]:
    """File name -> text of the JSON Schemas (draft-07), as they are committed in schema/."""
    return {f"{name}.schema.json": _schema(name, *form) for name, form in _FORMS.items()}


def _schema(name: str, title: str, form: type) -> str:
    made = shape.adapter(form).json_schema(schema_generator=_Draft07, ref_template="#/definitions/{model}")
    definitions = {key.removesuffix("Shape"): value for key, value in made.pop("$defs", {}).items()}
    head = {"$schema": _DRAFT, "$id": _ID + name, "title": title}
    whole = {**head, **{key: made[key] for key in made if key not in head}, "definitions": definitions}
    return json.dumps(whole, indent=2, ensure_ascii=False).replace('Shape"', '"') + "\n"


class _Draft07(GenerateJsonSchema):
    """What draft-07 and YAML need otherwise than pydantic writes it."""

    schema_dialect = _DRAFT

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        """What an editor takes for a number or a boolean is text here."""
        return {**super().str_schema(schema), "type": ["string", "number", "boolean"]}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """All keys have a rule here: one that breaks it is refused, not left unchecked."""
        return {**super().dict_schema(schema), "additionalProperties": False}

    def field_title_should_be_set(self, _schema: Any) -> bool:
        """No titles made up from the names of keys."""
        return False
