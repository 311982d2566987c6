"""All tenants of one emulator, and the seeds they are planted with when they are first met."""

import sqlite3
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from pmsync.emulator.byhand import ByHand
from pmsync.emulator.catalogue import Catalogue
from pmsync.emulator.database import Database
from pmsync.emulator.errors import EmulatorError
from pmsync.emulator.files import FileStore
from pmsync.emulator.intake import Intake
from pmsync.emulator.loads import Loads
from pmsync.emulator.records import Clock, NewId, TenantRecord
from pmsync.emulator.seed import EVERY_TENANT, Seeds, SeedTenant, read_seeds
from pmsync.emulator.settings import Settings
from pmsync.emulator.tenant import Ground, Tenant


class World:
    """The tenants of one emulator. Any id is one: a tenant begins when it is first asked for.

    Raises EmulatorError where the data folder or the seed file cannot be used.
    """

    def __init__(self, settings: Settings, *, clock: Clock = time.time, new_id: NewId | None = None) -> None:
        self._first_seeds = read_seeds(settings.seed) if settings.seed else {}
        self._seeds = dict(self._first_seeds)
        self._met: set[str] = set()
        with ExitStack() as opened:
            files = _files(settings.data)
            opened.callback(files.close)
            database = Database(settings.data)
            opened.callback(database.close)
            self._opened = opened.pop_all()
        self.ground = Ground(
            database=database,
            files=files,
            catalogue=Catalogue(database),
            loads=Loads(database),
            intake=Intake(database, files, settings, clock=clock),
            settings=settings,
            clock=clock,
            new_id=new_id or _uuid,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def tenant(self, tenant_id: str) -> Tenant:
        """The tenant of that id, seeded if it is met for the first time."""
        tenant = Tenant(tenant_id, self.ground)
        if tenant_id not in self._met:
            with self.ground.database.transaction():
                if self.ground.catalogue.meet(TenantRecord(tenant_id, tenant_id)):
                    seed = self._seeds.get(tenant_id) or self._seeds.get(EVERY_TENANT) or SeedTenant()
                    ByHand(tenant, self.ground).plant(seed)
            self._met.add(tenant_id)
        return tenant

    def seed(self, seeds: Seeds) -> None:
        """Plant seeds in tenants now; the one for every tenant waits until others are met.

        A tenant that was never met gets its seed instead of the one it would have been met with. Raises
        EmulatorError for an id that is there already.
        """
        known = set(self.ground.catalogue.tenant_ids())
        for tenant_id, seed in seeds.items():
            try:
                if tenant_id in known:
                    self.by_hand(tenant_id).plant(seed)
                else:
                    self._seeds[tenant_id] = seed
                if tenant_id != EVERY_TENANT:
                    self.tenant(tenant_id)
            except sqlite3.IntegrityError as error:
                raise EmulatorError(f"tenant {tenant_id} has one of the seed's ids already") from error

    def forget(self) -> None:
        """Be as at the start with no data: every tenant will be met for the first time."""
        with self.ground.database.transaction():
            contents = self.ground.loads.contents()
            self.ground.catalogue.forget_all()
            self.ground.intake.release(contents)
            self._met.clear()
            self._seeds = dict(self._first_seeds)

    def by_hand(self, tenant_id: str) -> ByHand:
        """The same tenant, as people change it in ProcessMind itself."""
        return ByHand(self.tenant(tenant_id), self.ground)


def _uuid() -> str:
    return str(uuid.uuid4())


def _files(folder: Path | None) -> FileStore:
    try:
        return FileStore(folder)
    except OSError as error:
        raise EmulatorError(f"cannot use the data folder {error.filename}: {error.strerror}") from error
