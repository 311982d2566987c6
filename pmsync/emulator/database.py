"""The emulator's SQLite database: opening it, its tables, its lock and its transactions.

Which rows there are is the business of catalogue (tenants, nodes, datatables) and loads.
"""

import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pmsync.emulator.errors import EmulatorError

_FORMAT = 1

_SCHEMA = """
CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE tenants (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE nodes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    parent TEXT, created_at TEXT NOT NULL,
    UNIQUE (tenant, id)
);
CREATE INDEX nodes_of_tenant ON nodes (tenant);
CREATE INDEX nodes_of_name ON nodes (tenant, name);
CREATE INDEX nodes_of_parent ON nodes (tenant, parent);
CREATE TABLE datatables (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, created_at TEXT NOT NULL,
    node INTEGER NOT NULL REFERENCES nodes (seq) ON DELETE CASCADE,
    UNIQUE (tenant, id)
);
CREATE INDEX datatables_of_tenant ON datatables (tenant);
CREATE INDEX datatables_of_node ON datatables (node, name);
CREATE TABLE loads (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    datatable INTEGER NOT NULL REFERENCES datatables (seq) ON DELETE CASCADE,
    file_name TEXT, sha256 TEXT, waiting INTEGER NOT NULL,
    visible_at REAL NOT NULL, gone_at REAL,
    row_count INTEGER NOT NULL, columns TEXT NOT NULL
);
CREATE INDEX loads_of_datatable ON loads (datatable);
CREATE INDEX loads_of_content ON loads (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX loads_waiting ON loads (seq) WHERE waiting;
"""

Values = Sequence[object] | Mapping[str, object]


class Database:
    """One connection, shared by all threads of the emulator under one lock.

    Every method is one atomic step; `transaction` makes several into one. With a folder it may be shared with
    other processes too. Raises EmulatorError where the folder holds something else.
    """

    def __init__(self, folder: Path | None) -> None:
        self._lock = threading.RLock()
        path = folder / "emulator.sqlite" if folder else ":memory:"
        with ExitStack() as opened:
            try:
                # isolation_level=None: this class alone says where a transaction begins and ends.
                self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
                opened.callback(self._db.close)
                self._prepare()
            except (sqlite3.Error, EmulatorError) as error:
                raise EmulatorError(
                    f"cannot use the database {path}: {error}; choose another folder"
                ) from error
            opened.pop_all()

    def _prepare(self) -> None:
        # Kept data is to outlive the process, not a power failure: no fsync on the way of every request.
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON")
        with self.transaction():
            (found,) = self._db.execute("PRAGMA user_version").fetchone()
            if found not in (0, _FORMAT):
                raise EmulatorError(f"it has format {found}, this emulator reads format {_FORMAT}")
            if found == 0:
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version={_FORMAT}")

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; may be nested, and then belongs to the outermost."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, statement: str, values: Values = ()) -> list[Any]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()

    def change(self, statement: str, values: Values = ()) -> int:
        """Run one statement; the number of rows it touched."""
        with self._lock:
            return self._db.execute(statement, values).rowcount

    def change_many(self, statement: str, values: Iterable[Values]) -> None:
        """Run one statement for each of the values, all of them or none."""
        with self.transaction():
            self._db.executemany(statement, values)

    def secret(self, name: str) -> str:
        """The secret of that name, drawn when it is first asked for and kept as long as the data."""
        with self.transaction():
            self.change("INSERT OR IGNORE INTO secrets VALUES (?, ?)", [name, secrets.token_hex(20)])
            return str(self.rows("SELECT value FROM secrets WHERE name = ?", [name])[0][0])
