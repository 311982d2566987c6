"""What pmsync.yaml and approvals.yaml look like: names, types, descriptions and examples.

To manifests what shape.py is. This module must not know how a file is read.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Required

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on

from pmsync.loading.scalars import (
    AddressText,
    ApiUrl,
    Count,
    Duration,
    Flag,
    Requires,
    Sha256,
    Share,
    Size,
    StatePlace,
    TenantId,
)
from pmsync.loading.shape import CLOSED, NOT_BLANK, Key, Version, described

_TENANT_RULES: Final[dict[str, Any]] = {
    "oneOf": [
        {"required": ["tenant"], "not": {"required": ["apiUrl"]}},
        {"required": ["tenantId"]},
    ]
}
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
ConsentWord = Literal["adopt", "delete", "replace", "recreate", "add-rows", "loss"]


@with_config(CLOSED)
class VariableShape(TypedDict, total=False):
    """A variable that manifests may use as `${name}`."""

    default: Annotated[
        str,
        described(
            "Its value where neither --var, PMSYNC_VAR_name nor the environment gives one.",
            examples=["data"],
        ),
    ]
    description: Annotated[str, described("What it is for.", examples=["folder of the extracts"])]


@with_config(CLOSED)
class LimitsShape(TypedDict, total=False):
    """Caps on what one run may do."""

    maxDeletes: Annotated[Count, described("DELETE and REPLACE in one run. Default: no cap.", examples=[1])]
    maxUploadBytes: Annotated[
        Size, described("All uploads of one run together. Default: no cap.", examples=["50 GiB"])
    ]
    maxRowDrop: Annotated[
        Share,
        described(
            "The share of a datatable's rows that an upload may take away without a consent to loss "
            "(fewer than 100 rows never need one). Default: 50%.",
            examples=["50%", "off"],
        ),
    ]


@with_config(CLOSED)
class UploadsShape(TypedDict, total=False):
    """How this tenant treats uploads."""

    sameName: Annotated[
        Literal["replaces", "appends", "unknown"],
        described(
            "What an upload does to the rows of an earlier file of its name. Default: unknown "
            "(the emulator: replaces).",
            examples=["replaces"],
        ),
    ]
    otherName: Annotated[
        Literal["adds", "replaces", "unknown"],
        described(
            "What an upload does to the rows of files of other names. Default: unknown (the emulator: adds).",
            examples=["adds"],
        ),
    ]
    ingestsWithin: Annotated[
        Duration,
        described(
            "The longest that this tenant takes to show an upload's rows. With it, an upload whose answer "
            "was lost and whose rows are not there by then is sent again without a question.",
            examples=["10m"],
        ),
    ]


@with_config(CLOSED)
class VerifyShape(TypedDict, total=False):
    """Whether and for how long uploads are confirmed by the tenant's row counts."""

    rows: Annotated[Flag, described("Whether to wait for the rows. Default: true.", examples=[True])]
    timeout: Annotated[Duration, described("How long to wait. Default: 10m.", examples=["10m"])]


@with_config(ConfigDict(**CLOSED, json_schema_extra=_TENANT_RULES))
class EnvironmentShape(TypedDict, total=False):
    """A named tenant with its own variables, limits and state."""

    tenant: Annotated[
        Literal["emulator"],
        described(
            "`emulator`: a tenant inside pmsync, nothing real is touched. Otherwise: tenantId.",
            examples=["emulator"],
        ),
    ]
    tenantId: Annotated[
        TenantId, described("The id of the tenant.", examples=["0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10"])
    ]
    apiUrl: Annotated[
        ApiUrl,
        described(
            "Where the API is. The key is sent to another host than the default only if that host "
            "is named outside the repository too.",
            examples=["https://api.processmind.com"],
        ),
    ]
    default: Annotated[
        Flag, described("Whether it is meant on a terminal where none is named.", examples=[True])
    ]
    namePrefix: Annotated[str, described("Put before the names of datasets.", examples=["[dev] "])]
    protect: Annotated[Flag, described("As if set on every dataset.", examples=[True])]
    state: Annotated[
        StatePlace,
        described(
            "What keeps the state: file, a folder of this machine. Without a terminal apply asks for it.",
            examples=["file"],
        ),
    ]
    limits: Annotated[LimitsShape, described("What one run may do at most.", examples=[{"maxDeletes": 1}])]
    uploads: Annotated[
        UploadsShape,
        described(
            "What uploads do in this tenant.",
            examples=[{"sameName": "replaces", "otherName": "adds"}],
        ),
    ]
    verify: Annotated[
        VerifyShape,
        described(
            "Whether and for how long row counts are waited for.",
            examples=[{"rows": True, "timeout": "10m"}],
        ),
    ]
    variables: Annotated[
        dict[VariableName, str],
        described("Values of variables, which are declared at the top.", examples=[{"data": "data/sample"}]),
    ]


@with_config(CLOSED)
class ProjectShape(TypedDict, total=False):
    """A project, its variables and its environments. The API key is never here."""

    apiVersion: Required[Version]
    project: Required[
        Annotated[str, described("The project's name.", examples=["order-to-cash"], pattern=NOT_BLANK)]
    ]
    requires: Annotated[
        Requires,
        described(
            "Which versions of pmsync may read this project; any other stops. Default: every version.",
            examples=[">=0.2"],
        ),
    ]
    manifests: Annotated[
        list[Annotated[str, Field(json_schema_extra={"minLength": 1})]],
        Field(min_length=1),
        described(
            "Files, folders (with all in them) and patterns, relative to this file. Default: manifests.",
            examples=[["manifests"], ["manifests/*.yaml"]],
        ),
    ]
    variables: Annotated[
        dict[VariableName, VariableShape | None],
        described(
            "The variables that manifests may use as `${name}`.",
            examples=[{"data": {"default": "data", "description": "folder of the extracts"}}],
        ),
    ]
    environments: Required[
        Annotated[
            dict[Key, EnvironmentShape],
            Field(min_length=1),
            described(
                "The environments by name: lower-case letters, digits, `-` and `_`.",
                examples=[{"local": {"tenant": "emulator", "default": True}}],
            ),
        ]
    ]


@with_config(CLOSED)
class ApprovalShape(TypedDict, total=False):
    """A consent for one change, spent once it has run."""

    environment: Required[Annotated[str, described("The environment that it is for.", examples=["prod"])]]
    address: Required[Annotated[AddressText, described("What the change is to.", examples=["order-to-cash"])]]
    consent: Required[Annotated[ConsentWord, described("What is agreed to.", examples=["delete"])]]
    id: Required[
        Annotated[
            str,
            Field(min_length=1),
            described(
                "The tenant's id of what the change touches.",
                examples=["7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11"],
            ),
        ]
    ]
    content: Annotated[
        Sha256,
        described(
            "The sha256 of the new content, where the consent is about a source file.",
            examples=["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
        ),
    ]


@with_config(CLOSED)
class ApprovalsShape(TypedDict):
    """What was agreed to beforehand. A plan prints the lines to paste."""

    apiVersion: Version
    approvals: Annotated[
        list[ApprovalShape],
        described(
            "The approvals.",
            examples=[
                [{"environment": "prod", "address": "order-to-cash", "consent": "delete", "id": "8a1f0c2c"}]
            ],
        ),
    ]
