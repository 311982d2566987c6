"""The API's endpoints as methods: one each, giving the nouns of model/snapshot.

TenantReader can only look; that is the type planning's side is handed. TenantWriter makes and removes too.
Retries, timeouts and the key are session's and retry's. This module must not know what a plan is.

All methods raise AuthenticationFailed, Unreachable, Rejected or UnexpectedAnswer. Only what changes something
can raise AnswerLost: it may have been carried out. After any of the other errors it has not been.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any, Final, TypeVar
from urllib.parse import quote

from pmsync.errors import AnswerLost, Refused, Rejected, Secret, UnexpectedAnswer
from pmsync.model.ids import fault_of
from pmsync.model.snapshot import RemoteDataset, RemoteDatatable, RemoteFolder
from pmsync.tenant import wire
from pmsync.tenant.body import UploadTask
from pmsync.tenant.hosts import UploadUrl, upload_address
from pmsync.tenant.retry import Failure, Method, Mishap, Retrier
from pmsync.tenant.session import Answer, Request, Session
from pmsync.tenant.wire import DatatableListing, Listing, RemoteDatasetDetail

T = TypeVar("T")

_GONE: Final = 404


class Deletion(Enum):
    """How a delete ended well: by us, or it was gone before we came (drift, worth a word)."""

    DELETED = "deleted"
    GONE_ALREADY = "gone already"


class TenantReader:
    """Looks at one tenant. GET only, none of them for an upload URL."""

    def __init__(self, session: Session, tenant_id: str, *, retrier: Retrier) -> None:
        self._session = session
        self._retrier = retrier
        self._root = f"/tenant/{_segment(tenant_id)}"

    def tenant(self) -> bool:
        """Check connection and key; False where the tenant has no such endpoint (it is hardly documented)."""
        where, answer = self._find(self._root)
        if answer is not None:
            wire.anything(answer.body, where)
        return answer is not None

    def time(self) -> datetime | None:
        """The time at the tenant, by its answer to call 1; None where its answers tell none."""
        return self._run(Request(method=Method.GET, path=f"{self._root}/datasets")).said_at

    def datasets(self) -> Listing:
        """Call 1: all datasets and, where the tenant shows them, folders."""
        where, body = self._get(f"{self._root}/datasets")
        return wire.listing(body, where)

    def datatables(self) -> dict[str, RemoteDatatable]:
        """Call 5: all datatables of the tenant that can be asked for, by id, without their columns."""
        return self.datatable_listing().datatables

    def datatable_listing(self) -> DatatableListing:
        """Call 5: all datatables of the tenant."""
        where, body = self._get(f"{self._root}/datatables")
        return wire.datatables(body, where)

    def dataset(self, dataset_id: str) -> RemoteDatasetDetail | None:
        """Call 3: one dataset with its datatables; None where the tenant says that there is none."""
        where, answer = self._find(f"{self._root}/datasets/{_segment(dataset_id)}")
        return None if answer is None else wire.dataset(answer.body, where, asked=dataset_id)

    def datatable(self, datatable_id: str) -> RemoteDatatable | None:
        """Call 7: one datatable with its columns; None where the tenant says that there is none."""
        where, answer = self._find(f"{self._root}/datatable/{_segment(datatable_id)}")
        return None if answer is None else wire.datatable(answer.body, where, asked=datatable_id)

    def _get(self, path: str, query: dict[str, str] | None = None) -> tuple[str, bytes]:
        request = Request(method=Method.GET, path=path, query=query or {})
        return request.where, self._run(request).body

    def _find(self, path: str) -> tuple[str, Answer | None]:
        """A GET of something that may be gone."""
        request = Request(method=Method.GET, path=path)

        def attempt(_doubt: object) -> tuple[Answer | None] | Failure:
            result = self._session.send(request)
            if isinstance(result, Failure):
                return (None,) if result.status == _GONE else result
            return (result,)

        return request.where, self._repeat(request, attempt)[0]

    def _run(self, request: Request) -> Answer:
        return self._repeat(request, lambda _doubt: self._session.send(request))

    def _repeat(self, request: Request, attempt: Callable[[bool], T | Failure]) -> T:
        where = request.where
        with self._retrier.waits(where, self._retrier.policy.longest_attempt) as wait:
            return self._retrier.run(request.method, attempt, where=where, wait=wait)


class TenantWriter(TenantReader):
    """Looks at one tenant, and makes and removes things in it.

    `upload_hosts` are the hosts named outside the repository to which files may go, besides the vendor's.
    """

    def __init__(
        self, session: Session, tenant_id: str, *, retrier: Retrier, upload_hosts: tuple[str, ...] = ()
    ) -> None:
        super().__init__(session, tenant_id, retrier=retrier)
        self._upload_hosts = upload_hosts

    def create_folder(self, name: str, parent_id: str | None) -> RemoteFolder:
        """Call 2 with `TreeGroup`; `parent_id` None is the root."""
        where, body = self._create_node(name, parent_id, wire.FOLDER)
        return _made(lambda: wire.created_folder(body, where, name=name, parent_id=parent_id))

    def create_dataset(self, name: str, parent_id: str | None) -> RemoteDataset:
        """Call 2 with `Dataset`; `parent_id` None is the root."""
        where, body = self._create_node(name, parent_id, wire.DATASET)
        return _made(lambda: wire.created_dataset(body, where, name=name, parent_id=parent_id))

    def create_datatable(self, dataset_id: str, name: str) -> RemoteDatatable:
        """Call 6: a new datatable, without rows."""
        where, body = self._post(
            f"{self._root}/datasets/{_segment(dataset_id)}/datatables", {"displayName": name}
        )
        return _made(lambda: wire.created_datatable(body, where, name=name, dataset_id=dataset_id))

    def delete_dataset(self, dataset_id: str) -> Deletion:
        """Call 4: the dataset, its datatables and all their rows are gone, and do not come back."""
        request = Request(method=Method.DELETE, path=f"{self._root}/datasets/{_segment(dataset_id)}")

        def attempt(doubt: bool) -> Deletion | Failure:  # noqa: FBT001 - the shape Retrier calls
            result = self._session.send(request)
            if isinstance(result, Answer):
                return _removed(result, request.where)
            if result.status == _GONE:
                return Deletion.DELETED if doubt else Deletion.GONE_ALREADY
            return result

        return self._repeat(request, attempt)

    def upload_url(self, task: UploadTask) -> UploadUrl:
        """Call 8: where one file may be put, once. Raises Refused where that is no place for a file.

        All query values are text, `filelastmodified` whole milliseconds (vendor's client examples).
        """
        asked_at = self._retrier.timing.monotonic()
        where, body = self._get(
            f"{self._root}/datatable/{_segment(task.datatable_id)}/uploads/presignedurl",
            {
                "datasetid": task.dataset_id,
                "filename": _text(task.name),
                "filesize": str(task.size),
                "filelastmodified": str(task.mtime_ms),
            },
        )
        url = wire.presigned(body, where)
        self._session.echoes.add(Secret(url))
        address = upload_address(url, api=self._session.address, extra_hosts=self._upload_hosts)
        return UploadUrl(address, valid_until=asked_at + address.lifetime)

    def _create_node(self, name: str, parent_id: str | None, kind: str) -> tuple[str, bytes]:
        # The vendor's clients send both tree fields on every create, null for the root.
        body = {"displayName": name, "treeNodeType": kind, "treeParentId": parent_id}
        return self._post(f"{self._root}/datasets", body)

    def _post(self, path: str, body: dict[str, Any]) -> tuple[str, bytes]:
        request = Request(method=Method.POST, path=path, body=body)
        return request.where, self._run(request).body


def _made(read: Callable[[], T]) -> T:
    """What a create made; AnswerLost where its answer does not say so clearly: something may be there."""
    try:
        return read()
    except UnexpectedAnswer as caught:
        fault = caught
    raise AnswerLost(
        f"the tenant took a create, but its answer is unclear: {fault.what}",
        where=fault.where,
        hint="what the tenant shows now decides; plan again",
    )


def _removed(answer: Answer, where: str) -> Deletion | Failure:
    try:
        done = wire.removed(answer.body, where)
    except UnexpectedAnswer as caught:
        return Failure(caught, Mishap.GARBLED)
    if done:
        return Deletion.DELETED
    refusal = Rejected("the tenant did not delete it ('success' is false)", status=200, where=where)
    return Failure(refusal, Mishap.REFUSED)


def _segment(id_: str) -> str:
    """An id as one segment of a path; raises Refused where it can be none."""
    if fault := fault_of(id_):
        raise Refused(
            f"{id_[:100]!r} cannot be an id: it {fault}",
            hint="if the state holds it: pmsync state list, then pmsync state forget ADDRESS",
        )
    return quote(id_, safe="")


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        pass
    else:
        return value
    raise Refused(f"{value!r} cannot be sent: it is not Unicode text", hint="give the source a `name:`")
