"""The names by which faults and the history speak of the two hosts, their requests and the parts of one.

Pure; must not know what a request does.
"""

import re
from typing import Final, Literal

HostRole = Literal["api", "bucket"]

Phase = Literal["receive", "before-commit", "after-commit", "mid-response"]
"""How far a request has come.

`receive`: its head is in and nothing was looked at. `before-commit`: it is read and allowed in, and nothing
has changed yet. `after-commit`: the tenant has changed, and nothing was answered. `mid-response`: part of the
answer is out.
"""

EndpointName = Literal[
    "tenant.get",
    "datasets.list",
    "datasets.create",
    "dataset.get",
    "dataset.delete",
    "datatables.list",
    "datatables.create",
    "datatable.get",
    "upload.url",
    "upload.put",
]

_ENDPOINTS: Final[tuple[tuple[str, str, EndpointName], ...]] = (
    ("GET", "", "tenant.get"),
    ("GET", "/datasets", "datasets.list"),
    ("POST", "/datasets", "datasets.create"),
    ("GET", "/datasets/[^/]+", "dataset.get"),
    ("DELETE", "/datasets/[^/]+", "dataset.delete"),
    ("GET", "/datatables", "datatables.list"),
    ("POST", "/datasets/[^/]+/datatables", "datatables.create"),
    ("GET", "/datatable/[^/]+", "datatable.get"),
    ("GET", "/datatable/[^/]+/uploads/presignedurl", "upload.url"),
)


def endpoint_name(host: HostRole, method: str, path: str) -> EndpointName | None:
    """What a request asks for; None where it is none of the reference's endpoints."""
    if host == "bucket":
        return "upload.put" if method == "PUT" else None
    return next(
        (
            name
            for verb, pattern, name in _ENDPOINTS
            if verb == method and re.fullmatch("/tenant/[^/]+" + pattern, path)
        ),
        None,
    )
