"""What a manifest looks like: names, types, descriptions and examples.

The one source of both the check of what was read and the JSON Schemas that editors use. Texts are taken as
they stand; what depends on a variable's value or on another file is checked where it is known. The other
files of a repository are in shape_project.py. This module must not know how a file is read.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Final, Literal, Required

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, with_config
from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on

from pmsync.loading.scalars import Flag, Share, wrong

VERSION: Final = "pmsync/v1"

_SOURCE_RULES: Final[dict[str, Any]] = {
    "allOf": [
        {
            "if": {"properties": {"mode": {"const": "latest"}}, "required": ["mode"]},
            "then": {"required": ["name"]},
        },
        {
            "if": {"properties": {"mode": {"const": "append"}}, "required": ["mode"]},
            "then": {"not": {"required": ["name"]}},
        },
    ]
}
CLOSED: Final = ConfigDict(strict=True, extra="forbid")


def described(description: str, *, examples: list[Any], **schema: Any) -> Any:
    """What an editor shows of a field, and what its JSON Schema has beyond what is checked here."""
    return Field(description=description, examples=examples, json_schema_extra=schema or None)


Version = Annotated[Literal["pmsync/v1"], described("The format of this file.", examples=[VERSION])]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
NOT_BLANK: Final = r"\S"
_FILE_NAME: Final = r"^[^/\\\u0000-\u001f\u007f-\u009f]+$"


@with_config(ConfigDict(**CLOSED, json_schema_extra=_SOURCE_RULES))
class SourceShape(TypedDict, total=False):
    """One file, or the files that one pattern matches."""

    path: Required[
        Annotated[
            str,
            described(
                "A path or pattern, relative to the folder of pmsync.yaml. `*` and `?` match within a "
                "name, `**` folders at any depth.",
                examples=["data/events.csv", "${data}/events-2024-*.csv"],
                minLength=1,
            ),
        ]
    ]
    mode: Annotated[
        Literal["append", "latest"],
        described(
            "What several matching files are to each other: `append`: they add up; `latest`: each "
            "is a full extract, and only the last by name counts.",
            examples=["append"],
        ),
    ]
    name: Annotated[
        str,
        described(
            "The file name that the tenant sees. Default: the file's own; required with `mode: latest`.",
            examples=["events.csv"],
            pattern=_FILE_NAME,
        ),
    ]
    optional: Annotated[
        Flag,
        described("Whether it may be missing, match nothing, or be empty. Default: false.", examples=[True]),
    ]
    encoding: Annotated[
        Literal["utf-8", "windows-1252", "iso-8859-1"],
        described("What its text is in; it is sent as it is. Default: utf-8.", examples=["windows-1252"]),
    ]


def _source(value: object) -> object:
    """A path alone is a source too."""
    if isinstance(value, str):
        return {"path": value}
    if isinstance(value, dict):
        return value
    raise wrong(value, "a path, or a mapping with a path,")


SourceEntry = Annotated[SourceShape, BeforeValidator(_source, json_schema_input_type=str | SourceShape)]


@with_config(CLOSED)
class ChecksShape(TypedDict, total=False):
    """What is checked before an upload."""

    maxRowDrop: Annotated[
        Share,
        described(
            "The share of its rows that an upload may take away without a consent to loss. "
            "Default: limits.maxRowDrop of the environment.",
            examples=["20%", "off"],
        ),
    ]


@with_config(CLOSED)
class DatatableShape(TypedDict, total=False):
    """A datatable that is to exist."""

    displayName: Annotated[
        str,
        described("Its name in the tenant. Default: its key.", examples=["Order events"], pattern=NOT_BLANK),
    ]
    sources: Annotated[
        list[SourceEntry],
        described(
            "The files that fill it. Without any, its rows are nobody's business here.",
            examples=[["data/events.csv"], [{"path": "data/events-*.csv", "mode": "append"}]],
        ),
    ]
    checks: Annotated[
        ChecksShape, described("What an upload to it must fulfil.", examples=[{"maxRowDrop": "20%"}])
    ]


@with_config(CLOSED)
class DatasetShape(TypedDict, total=False):
    """A dataset that is to exist."""

    displayName: Annotated[
        str,
        described(
            "Its name in the tenant, without the environment's namePrefix. Default: its key.",
            examples=["Order to Cash"],
            pattern=NOT_BLANK,
        ),
    ]
    folder: Annotated[
        str,
        described(
            "The folder it is in, made as needed; `//` is a slash in a name. Default: the root.",
            examples=["Finance/Receivables"],
            pattern=NOT_BLANK,
        ),
    ]
    protect: Annotated[
        Flag, described("Never delete or replace it. Removing the block does not lift this.", examples=[True])
    ]
    onRemoval: Annotated[
        Literal["delete", "retain"],
        described(
            "What becomes of it when its block is removed. Default: delete what pmsync created, "
            "retain what it adopted.",
            examples=["retain"],
        ),
    ]
    datatables: Annotated[
        dict[Key, DatatableShape | None],
        described(
            "Its datatables by key: lower-case letters, digits, `-` and `_`.",
            examples=[{"events": {"sources": ["data/events.csv"]}}],
        ),
    ]


@with_config(CLOSED)
class ManifestShape(TypedDict):
    """Datasets, datatables and the files that fill them."""

    apiVersion: Version
    datasets: Annotated[
        dict[Key, DatasetShape | None],
        described(
            "The datasets by key, the stable name of a dataset: lower-case letters, digits, `-` and `_`.",
            examples=[{"order-to-cash": {"displayName": "Order to Cash", "datatables": {"events": None}}}],
        ),
    ]


@lru_cache(maxsize=8)
def adapter(shape: Any) -> TypeAdapter[Any]:
    """What holds a tree against one of the shapes of this module; made once, as that takes milliseconds."""
    return TypeAdapter(shape)
