"""A tenant's client in memory, with mishaps that are said ahead: requests that are lost, or kill their process.

It is TenantWriter's methods over the model tenant; each call is one request. It must not know what a plan is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from planning_run import sha
from planning_tenant import Load, Tenant

from faults.modelhistory import Requests
from faults.modelhost import Clock, Life
from pmsync.errors import AnswerLost, PmsyncError, Rejected, Unreachable
from pmsync.tenant.client import Deletion
from pmsync.tenant.wire import DatatableListing, Listing, RemoteDatasetDetail

T = TypeVar("T")

How = Literal[
    "killed before", "killed after", "killed, arrives late",
    "lost before", "lost after", "lost, arrives late", "refused", "unreachable", "short",
]  # fmt: skip
FATAL: frozenset[How] = frozenset({"killed before", "killed after", "killed, arrives late"})
REQUEST_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Mishap:
    """What goes wrong at the n-th request of a run, counted from 1; `late`: seconds until it arrives."""

    request: int
    how: How
    late: float = 5.0


@dataclass(slots=True)
class Watch:
    """What the client saw itself do: ids it made (whether or not the answer came), looked at, deleted."""

    made: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    mutations: int = 0
    requests: Requests = field(default_factory=Requests)


class ModelWriter:
    """TenantWriter over the model tenant: every call is one request, with the mishap said for it."""

    def __init__(
        self, tenant: Tenant, clock: Clock, watch: Watch, *, life: Life, mishaps: tuple[Mishap, ...] = ()
    ) -> None:
        self.tenant, self._clock, self.watch, self._life = tenant, clock, watch, life
        self._mishaps = {one.request: one for one in mishaps}
        self._sent = 0
        self.before_delete: Callable[[str], None] = lambda _id: None
        self.before_upload: Callable[[str], None] = lambda _id: None

    # what looks

    def datasets(self) -> Listing:
        def look() -> Listing:
            shot = self.tenant.snapshot()
            return Listing(dict(shot.folders), dict(shot.datasets))

        request = self._asks("GET", "datasets.list", "/datasets")
        return self._looked(request, look, lambda it: Listing(it.folders, _short(it.datasets)))

    def datatables(self) -> dict[str, Any]:
        request = self._asks("GET", "datatables.list", "/datatables")
        return self._looked(request, lambda: dict(self.tenant.snapshot().datatables), _short)

    def datatable_listing(self) -> DatatableListing:
        return DatatableListing(self.datatables())

    def dataset(self, dataset_id: str) -> RemoteDatasetDetail | None:
        def look() -> RemoteDatasetDetail | None:
            shot = self.tenant.snapshot()
            entry = shot.datasets.get(dataset_id)
            inside = tuple(one for one in shot.datatables.values() if one.dataset_id == dataset_id)
            return RemoteDatasetDetail(entry, inside) if entry else None

        self.watch.seen.add(dataset_id)
        request = self._asks("GET", "dataset.get", f"/datasets/{dataset_id}", datasetId=dataset_id)
        return self._looked(request, look, lambda it: it)

    def datatable(self, datatable_id: str) -> Any:
        path = f"/datatables/{datatable_id}"
        request = self._asks("GET", "datatable.get", path, datatableId=datatable_id)
        return self._looked(
            request, lambda: self.tenant.snapshot().datatables.get(datatable_id), lambda it: it
        )

    # what changes something

    def create_folder(self, name: str, parent_id: str | None) -> Any:
        request = self._posts("folders.create", "/folders", name, parent_id)
        return self._made(request, lambda: self.tenant.create_folder(name, parent_id))

    def create_dataset(self, name: str, parent_id: str | None) -> Any:
        request = self._posts("datasets.create", "/datasets", name, parent_id)
        return self._made(request, lambda: self.tenant.create_dataset(name, parent_id))

    def create_datatable(self, dataset_id: str, name: str) -> Any:
        request = self._posts("datatables.create", f"/datasets/{dataset_id}/datatables", name, None)
        return self._made(request, lambda: self.tenant.create_table(dataset_id, name))

    def delete_dataset(self, dataset_id: str) -> Deletion:
        self.before_delete(dataset_id)
        request = self._asks("DELETE", "dataset.delete", f"/datasets/{dataset_id}", datasetId=dataset_id)

        def delete() -> None:
            inside = [one.id for one in self.tenant.tables.values() if one.dataset_id == dataset_id]
            self.tenant.delete_dataset(dataset_id)
            request["deleted"] = [dataset_id, *inside]

        self._done(request, delete)
        return Deletion.DELETED

    def upload(self, table_id: str, load: Load) -> None:
        """The PUT of a file: it replaces nothing of the client but is one request like others."""
        self.before_upload(table_id)
        request = self._asks(
            "PUT",
            "upload.put",
            f"/{table_id}/{load.name}",
            datatableId=table_id,
            fileName=load.name,
            sha256=sha(load.content),
        )
        self._done(request, lambda: self.tenant.upload(table_id, load.name, load.content, load.rows))

    def _asks(self, method: str, endpoint: str, path: str, **about: Any) -> dict[str, Any]:
        self._life.must_live()
        return self.watch.requests.begin(method, endpoint, path, **about)

    def _posts(self, endpoint: str, path: str, name: str, parent_id: str | None) -> dict[str, Any]:
        return self._asks("POST", endpoint, path, name=name, bodySha256=sha(f"{name}/{parent_id}"))

    def _made(self, request: dict[str, Any], create: Callable[[], str]) -> _Made:
        def make() -> str:
            live_id = create()
            self.watch.made.add(live_id)
            request["made"] = [live_id]
            return live_id

        return _Made(self._done(request, make))

    def _next(self, request: dict[str, Any]) -> Mishap | None:
        self._life.must_live()
        self._sent += 1
        mishap = self._mishaps.get(self._sent)
        request["faults"] = [mishap.how] if mishap else []
        return mishap

    def _looked(self, request: dict[str, Any], look: Callable[[], T], short: Callable[[T], T]) -> T:
        one = self._next(request)
        match one.how if one else None:
            case None | "short":
                seen = look()
                request["status"] = 200 if seen is not None else 404
                return short(seen) if one else seen
            case how if how in FATAL:
                self._life.end()
        raise Unreachable("no answer")

    def _done(self, request: dict[str, Any], do: Callable[[], T]) -> T:
        def act() -> T:
            return self.watch.requests.carry_out(request, do)

        one = self._next(request)
        self.watch.mutations += 1
        how = one.how if one else None
        if how in {"killed after", "lost after"} or how is None or how == "short":
            result = self._carried_out(act)
            if how is None or how == "short":
                request["status"] = 200
                return result
        elif one is not None and how in {"killed, arrives late", "lost, arrives late"}:
            self._clock.later(one.late, lambda: _at_last(act))
        if how in FATAL:
            self._life.end()
        if how == "refused":
            request["status"] = 400
        if how == "unreachable":
            self.watch.requests.withdraw(request)
        raise _ERRORS[how]

    @staticmethod
    def _carried_out(act: Callable[[], T]) -> T:
        try:
            return act()
        except (KeyError, AssertionError):  # what it is about is gone
            raise Rejected("not found", status=404) from None


_ERRORS: dict[How | None, PmsyncError] = {
    "lost before": AnswerLost("no answer came"),
    "lost after": AnswerLost("no answer came"),
    "lost, arrives late": AnswerLost("no answer came"),
    "refused": Rejected("no", status=400),
    "unreachable": Unreachable("no connection"),
}


@dataclass(frozen=True, slots=True)
class _Made:
    id: str


def _at_last(act: Callable[[], object]) -> None:
    try:
        act()
    except (KeyError, AssertionError):  # its place is gone by now
        return


def _short(listing: dict[str, T]) -> dict[str, T]:
    """A listing that lacks what came last."""
    return dict(list(listing.items())[:-1])
