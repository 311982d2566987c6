"""What a client may send: reading and checking bodies and query strings of the API.

Every problem is an errors.Invalid whose text names the field. Must not know of tenants or storage.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, get_args

from pmsync.emulator.errors import Invalid
from pmsync.emulator.records import NodeKind
from pmsync.emulator.uploads import DEFAULT_VALIDITY, LONGEST_VALIDITY

LARGEST_BODY: Final = 1 << 20
"""Bytes of a JSON body; the largest sensible one has a few hundred."""

_DIGITS: Final = re.compile(r"[0-9]{1,18}")
# JavaScript clients send the fraction of a millisecond that their clock shows; files can be older than 1970.
_MILLISECONDS: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class NewNode:
    """The body that creates a dataset or folder."""

    name: str
    kind: NodeKind
    parent_id: str | None

    @classmethod
    def of_body(cls, body: bytes) -> Self:
        fields = _json_object(body)
        kind = fields.get("treeNodeType", "Dataset")
        if kind not in get_args(NodeKind):
            raise Invalid(f"treeNodeType must be one of {', '.join(get_args(NodeKind))}")
        parent_id = fields.get("treeParentId")
        if parent_id is not None and not isinstance(parent_id, str):
            raise Invalid("treeParentId must be the id of a TreeGroup, or null")
        return cls(_display_name(fields), kind, parent_id)


@dataclass(frozen=True, slots=True)
class NewDatatable:
    """The body that creates a datatable."""

    name: str

    @classmethod
    def of_body(cls, body: bytes) -> Self:
        return cls(_display_name(_json_object(body)))


@dataclass(frozen=True, slots=True)
class UploadQuery:
    """The query that asks for an upload URL. All values come as text.

    `filesize` and `filelastmodified` are required and checked, but nothing follows from them: as on S3, the
    file that is sent decides.
    """

    dataset_id: str
    file_name: str
    valid_for: int

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Self:
        missing = [n for n in ("datasetid", "filename", "filesize", "filelastmodified") if not query.get(n)]
        if missing:
            raise Invalid(f"Missing query parameters: {', '.join(missing)}")
        if not _DIGITS.fullmatch(query["filesize"]):
            raise Invalid("filesize must be a number of bytes")
        if not _MILLISECONDS.fullmatch(query["filelastmodified"]):
            raise Invalid("filelastmodified must be a number of milliseconds since 1970")
        if query["filename"] in {".", ".."}:
            raise Invalid("filename must be the name of a file")
        return cls(query["datasetid"], query["filename"], _validity(query.get("validforseconds")))


def _validity(text: str | None) -> int:
    if not text:
        return DEFAULT_VALIDITY
    if not _DIGITS.fullmatch(text) or not 1 <= int(text) <= LONGEST_VALIDITY:
        raise Invalid(f"validforseconds must be a whole number from 1 to {LONGEST_VALIDITY}")
    return int(text)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):  # RecursionError: brackets nested too deep
        raise Invalid("The request body is not valid JSON") from None
    if not isinstance(value, dict):
        raise Invalid("The request body must be a JSON object")
    return value


def _display_name(fields: dict[str, Any]) -> str:
    name = fields.get("displayName")
    if not isinstance(name, str) or not name.strip():
        raise Invalid("displayName is required and must be a text that is not empty")
    try:
        name.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can spell and no text can hold
        raise Invalid("displayName is not valid Unicode") from None
    return name
