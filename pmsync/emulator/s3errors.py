"""How S3 says no: its XML. Must not know why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that is no success: HTTP status, S3's code, its message and what it adds to them."""

    status: int
    code: str
    message: str
    details: Mapping[str, str] = field(default_factory=dict)


def error_answer(refused: Refused, sequence: int) -> Response:
    """The refusal of the request of that sequence number."""
    fields = {
        "Code": refused.code,
        "Message": refused.message,
        **refused.details,
        "RequestId": request_id(sequence),
    }
    elements = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{elements}</Error>',
        refused.status,
        {"x-amz-request-id": request_id(sequence)},
        media_type="application/xml",
    )


def request_id(sequence: int) -> str:
    """Like S3's, but it leads to the entry in the history."""
    return f"{sequence:016X}"
