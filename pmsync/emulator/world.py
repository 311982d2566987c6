"""All tenants of one emulator, and the seeds they are planted with when they are first met."""

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
from pmsync.emulator.seed import EVERY_TENANT, SeedTenant, read_seeds
from pmsync.emulator.settings import Settings
from pmsync.emulator.tenant import Ground, Tenant


class World:
    """The tenants of one emulator. Any id is one: a tenant begins when it is first asked for.

    Raises EmulatorError where the data folder or the seed file cannot be used.
    """

    def __init__(self, settings: Settings, *, clock: Clock = time.time, new_id: NewId | None = None) -> None:
        self._seeds = read_seeds(settings.seed) if settings.seed else {}
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
