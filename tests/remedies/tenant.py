"""One emulator for many scenarios: emptied between them, kept and put back where a scenario is followed twice."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

from pmsync.emulator.byhand import ByHand
from pmsync.emulator.server import RunningEmulator, running
from pmsync.emulator.settings import OtherName, SameName, Settings
from pmsync.emulator.tenant import Tenant
from remedies.clock import Clock

TENANT: Final = "t-remedies"
KEY: Final = "canary-5f2c9d7e41b8a360"
LAG: Final = 3600.0
_TABLES: Final = ("loads", "datatables", "nodes", "tenants")


@dataclass(frozen=True)
class Manner:
    """How a tenant behaves. `late`: rows come when somebody lets them."""

    same_name: SameName = "replaces"
    other_name: OtherName = "adds"
    shows_tree: bool = True
    unique_names: bool = False
    late: bool = False


@dataclass(frozen=True)
class Kept:
    """All that a tenant held at one moment."""

    rows: dict[str, list[Any]]
    files: dict[str, bytes]
    ahead: float
    flows: bool


class Live:
    """The tenant of a scenario: what people do in it by hand, and what it holds."""

    def __init__(self, emulator: RunningEmulator, clock: Clock) -> None:
        self.emulator = emulator
        self.clock = clock
        self.flows = True
        """Whether rows come while somebody waits."""

    @property
    def api_url(self) -> str:
        return self.emulator.api_url

    @property
    def by_hand(self) -> ByHand:
        return self.emulator.by_hand(TENANT)

    @property
    def tenant(self) -> Tenant:
        return self.emulator.tenant(TENANT)

    def slept(self, _seconds: float) -> None:
        if self.flows:
            self.arrive()

    def arrive(self) -> None:
        """Whatever was stored becomes rows."""
        self.clock.ahead += self.emulator.world.ground.settings.ingestion_lag

    def drop_what_is_on_its_way(self) -> None:
        """The tenant takes what was stored and never makes rows of it."""
        now = self.clock.time()
        self._change("DELETE FROM loads WHERE visible_at > ?", [now])
        self._change("UPDATE loads SET gone_at = NULL WHERE gone_at > ?", [now])

    # what is there

    def dataset(self, name: str) -> str:
        """The id of the one dataset (or folder) of this name or id."""
        (found,) = [one for one in self._nodes() if name in {one[0], one[1]}]
        return str(found[0])

    def datasets(self, name: str) -> list[str]:
        """The ids of all datasets of this name, oldest first."""
        return [one[0] for one in self._nodes() if one[1] == name]

    def table(self, dataset: str, name: str) -> str:
        """The id of the one datatable of this name in the dataset of this name or id."""
        home = self.dataset(dataset)
        (found,) = [one.id for one in self.tenant.datatables() if (one.dataset_id, one.name) == (home, name)]
        return found

    def contents(self) -> dict[str, list[str]]:
        """By datatable id, the sha256 of each file whose rows count now (or soon), oldest first."""
        found: dict[str, list[str]] = {}
        for table, sha256 in self.emulator.world.ground.database.rows(
            "SELECT datatables.id, sha256 FROM loads JOIN datatables ON datatables.seq = loads.datatable"
            " WHERE sha256 IS NOT NULL AND (gone_at IS NULL OR gone_at > ?) ORDER BY loads.seq",
            [self.clock.time()],
        ):
            found.setdefault(table, []).append(sha256)
        return found

    @property
    def is_loading(self) -> bool:
        """Whether rows of what was stored are still to come."""
        later = [self.clock.time()]
        return bool(
            self.emulator.world.ground.database.rows("SELECT 1 FROM loads WHERE visible_at > ?", later)
        )

    def file_names(self) -> set[str]:
        """The names of all files that were uploaded."""
        rows = self.emulator.world.ground.database.rows("SELECT DISTINCT file_name FROM loads")
        return {name for (name,) in rows if name}

    def _nodes(self) -> list[Any]:
        return self.emulator.world.ground.database.rows(
            "SELECT id, name FROM nodes WHERE tenant = ? ORDER BY seq", [TENANT]
        )

    # what people do

    def folder(self, *names: str) -> str:
        found = self.by_hand.folder(names)
        assert found is not None
        return found

    def create(self, name: str, *tables: str, folder: str = "") -> str:
        """A dataset with empty datatables; its id."""
        parent = self.folder(*folder.split("/")) if folder else None
        made = self.tenant.create_node(name, parent_id=parent).id
        for one in tables:
            self.tenant.create_datatable(made, one)
        return made

    def rename(self, id_: str, name: str) -> None:
        """Rename a dataset, a folder or a datatable, by its id."""
        if any(one.id == id_ for one in self.tenant.datatables()):
            self.by_hand.rename_datatable(id_, name)
        else:
            self.by_hand.rename_dataset(id_, name)

    def move(self, dataset: str, folder: tuple[str, ...] = ()) -> None:
        """Put a dataset (of this name or id) into the folder of this path."""
        self.by_hand.move_dataset(self.dataset(dataset), self.by_hand.folder(folder))

    def delete(self, dataset: str) -> None:
        self.tenant.delete_node(self.dataset(dataset))

    def lose_rows(self, dataset: str, table: str, rows: int) -> None:
        """Rows of the last upload vanish."""
        self._change(
            "UPDATE loads SET row_count = row_count - ? WHERE seq = (SELECT MAX(loads.seq) FROM loads"
            " JOIN datatables ON datatables.seq = loads.datatable WHERE datatables.id = ?)",
            [rows, self.table(dataset, table)],
        )

    def _change(self, statement: str, values: list[Any]) -> None:
        self.tenant.datatables()  # whatever is due is counted first
        self.emulator.world.ground.database.change(statement, values)

    # keeping and putting back

    def keep(self) -> Kept:
        ground = self.emulator.world.ground
        rows = {one: ground.database.rows(f"SELECT * FROM {one}") for one in _TABLES}
        files = {one.name: one.read_bytes() for one in ground.files.kept.iterdir()}
        return Kept(rows, files, self.clock.ahead, self.flows)

    def put_back(self, kept: Kept) -> None:
        self.emulator.faults.clear()
        self.clock.ahead, self.flows = kept.ahead, kept.flows
        ground = self.emulator.world.ground
        with ground.database.transaction():
            for one in _TABLES:
                ground.database.change(f"DELETE FROM {one}")
            for one in reversed(_TABLES):
                for row in kept.rows[one]:
                    marks = ", ".join("?" * len(row))
                    ground.database.change(f"INSERT INTO {one} VALUES ({marks})", row)
        for name, content in kept.files.items():
            if not (ground.files.kept / name).exists():
                (ground.files.kept / name).write_bytes(content)


class Emulators:
    """One emulator for each manner, started when it is first asked for."""

    def __init__(self, stack: ExitStack, clock: Clock) -> None:
        self._stack = stack
        self._clock = clock
        self._started: dict[Manner, RunningEmulator] = {}

    def empty(self, manner: Manner) -> Live:
        """An emulator of this manner that holds nothing."""
        if manner not in self._started:
            settings = Settings(
                same_name=manner.same_name,
                other_name=manner.other_name,
                show_tree=manner.shows_tree,
                unique_names=manner.unique_names,
                ingestion_lag=LAG if manner.late else 0.0,
                extra_key=KEY,
            )
            self._started[manner] = self._stack.enter_context(running(settings, clock=self._clock.time))
        emulator = self._started[manner]
        emulator.faults.clear()
        emulator.world.forget()
        emulator.history.clear()
        live = Live(emulator, self._clock)
        self._clock.ahead = 0.0
        self._clock.slept = live.slept
        return live


@contextlib.contextmanager
def emulators(clock: Clock) -> Iterator[Emulators]:
    with ExitStack() as stack:
        yield Emulators(stack, clock)
