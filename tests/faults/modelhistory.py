"""What model clients asked of a model tenant, told as the emulator's history tells it; and what the tenant holds.

It must not know what goes wrong with a request: it is told what was answered and what was carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from planning_run import sha
from planning_tenant import LiveTable as ModelTable
from planning_tenant import Tenant

from faults.story import Live, LiveDataset, LiveTable, exchange
from pmsync.model.project import OtherName, SameName

T = TypeVar("T")


class Requests:
    """All requests of one history, in order."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.last = 0
        self._commits = 0

    def begin(self, method: str, endpoint: str, path: str, **about: Any) -> dict[str, Any]:
        """Note a request that has just been sent; `about` are the ids and the content that it names."""
        self.last += 1
        request = exchange(self.last, method, endpoint, path, **about)
        self.told.append(request)
        return request

    def withdraw(self, request: dict[str, Any]) -> None:
        """It was never sent: nobody could be reached."""
        self.told.remove(request)

    def carry_out(self, request: dict[str, Any], act: Callable[[], T]) -> T:
        """Do what was asked, at once or later; whatever it raises, nothing was done then."""
        result = act()
        self._commits += 1
        request["committed"], request["commit"] = True, self._commits
        return result


def live_of(tenant: Tenant) -> Live:
    """What a model tenant holds in truth, what is not counted yet included."""
    return tuple(
        LiveDataset(
            one.id,
            one.name,
            _path(tenant, one.parent),
            tuple(_table(tenant, table) for table in tenant.tables.values() if table.dataset_id == one.id),
        )
        for one in tenant.datasets.values()
    )


def _path(tenant: Tenant, folder_id: str | None) -> tuple[str, ...]:
    folder = tenant.folders.get(folder_id or "")
    return (*_path(tenant, folder.parent), folder.name) if folder else ()


def _table(tenant: Tenant, table: ModelTable) -> LiveTable:
    held = list(table.loads)
    for load in table.on_the_way:
        if tenant.other_name is OtherName.REPLACES:
            held = []
        if tenant.same_name is SameName.REPLACES:
            held = [one for one in held if one.name != load.name]
        held.append(load)
    contents = tuple((one.name, sha(one.content)) for one in held if one.rows and one.content != "by hand")
    return LiveTable(table.id, table.name, sum(one.rows for one in held), contents)
