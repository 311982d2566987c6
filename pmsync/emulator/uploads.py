"""Upload URLs: what both hosts know of them. The API issues them, the bucket takes files at them.

An object's path says which datatable and file it is for; the signature vouches for it, so nothing has to be
remembered between the two.
"""

import uuid
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import quote, unquote

from pmsync.emulator.records import Clock
from pmsync.emulator.signing import AccessKey, Signed, presign, verify

ACCESS_KEY_ID: Final = "PMSYNCEMULATOR"

DEFAULT_VALIDITY: Final = 3600
"""Seconds a URL is valid where the client does not say; from the API reference."""

LONGEST_VALIDITY: Final = 31 * 24 * 3600
"""A month, which the vendor's own examples ask for; S3 itself would end at a week."""

_BUCKET: Final = "uploads"


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """Where an uploaded file is to go."""

    tenant_id: str
    datatable_id: str
    file_name: str

    def new_path(self) -> str:
        """A path of the bucket for one upload, percent-encoded; no two are the same."""
        parts = (_BUCKET, self.tenant_id, self.datatable_id, str(uuid.uuid4()), self.file_name)
        return "".join("/" + quote(part, safe="") for part in parts)

    @classmethod
    def of_path(cls, path: str) -> Self:
        """The target of a path that `new_path` made, which a checked signature guarantees."""
        _, _, tenant, datatable, _, file_name = path.split("/", 5)
        return cls(unquote(tenant), unquote(datatable), unquote(file_name))


@dataclass(frozen=True, slots=True)
class UploadUrls:
    """Issues upload URLs of one bucket (`host:port`) and checks the requests made with them."""

    host: str
    key: AccessKey
    clock: Clock

    def issue(self, target: UploadTarget, *, valid_for: int) -> str:
        """A URL that takes the target's file by PUT for so many seconds."""
        path = target.new_path()
        query = presign(
            self.key, Signed("PUT", path, {"host": self.host}), now=self.clock(), valid_for=valid_for
        )
        return f"http://{self.host}{path}?{query}"

    def check(self, request: Signed, query: str, *, late: bool = False) -> None:
        """Raises SignatureRefusedError unless the request was made with a URL of this bucket, in time.

        `late` lets it come when the time of every URL is over.
        """
        verify(
            self.key,
            request,
            query,
            clock=(lambda: self.clock() + LONGEST_VALIDITY + DEFAULT_VALIDITY) if late else self.clock,
        )
