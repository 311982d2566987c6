"""The emulator's SQLite database: opening it, its tables, its lock and its transactions.

Which rows there are is the business of catalogue (tenants, nodes, datatables) and loads.
"""

import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from pmsync.emulator.errors import EmulatorError

_FORMAT = 1
_APPLICATION = 0x504D454D  # "PMEM": which program's file this is
_LARGEST = 4 * 1024**3
_HEADER = 100
_BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite opens, and would follow if it were a link."""

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


def _require_ours(path: Path) -> None:
    """Whether a file may be opened as a database: judged by its first bytes, before SQLite touches it.

    Raises EmulatorError: it is a link, another program's, or too large. Raises OSError.
    """
    for end in _BESIDE:
        beside = path.with_name(path.name + end)
        if beside.is_symlink() or (beside.exists() and not beside.is_file()):
            raise EmulatorError(f"{beside.name} is no regular file")
    if not path.exists() or not path.stat().st_size:
        return
    if path.stat().st_size > _LARGEST:
        raise EmulatorError(f"it is larger than {_LARGEST // 1024**3} GiB")
    with path.open("rb") as file:
        header = file.read(_HEADER)
    version, application = (int.from_bytes(header[at : at + 4], "big") for at in (60, 68))
    # Earlier ones were written without an application id; their tables say whose they are.
    if not header.startswith(b"SQLite format 3\0") or application not in (_APPLICATION, 0):
        raise EmulatorError("it is no database of an emulator")
    _require_known(version)


def _require_known(version: int) -> None:
    if version not in (0, _FORMAT):
        raise EmulatorError(f"it has format {version}, this emulator reads format {_FORMAT}")


def _tables(database: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """What a database is made of; more than there can be is not read."""
    rows = database.execute("SELECT type, name, sql FROM sqlite_master LIMIT 100").fetchall()
    return {(str(kind), str(name), " ".join(str(sql).split())) for kind, name, sql in rows}


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
                if folder:
                    _require_ours(folder / "emulator.sqlite")
                # isolation_level=None: this class alone says where a transaction begins and ends.
                self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
                opened.callback(self._db.close)
                self._prepare()
            except (sqlite3.Error, OSError, EmulatorError) as error:
                raise EmulatorError(
                    f"cannot use the database {path}: {error}; choose another folder"
                ) from error
            opened.pop_all()

    def _prepare(self) -> None:
        self._require_own_tables()
        # Kept data is to outlive the process, not a power failure: no fsync on the way of every request.
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON")
        with self.transaction():
            (found,) = self._db.execute("PRAGMA user_version").fetchone()
            _require_known(found)
            if found == 0:
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version={_FORMAT}")
            self._db.execute(f"PRAGMA application_id={_APPLICATION}")

    def _require_own_tables(self) -> None:
        """Asked before anything else: a view or trigger of somebody's could answer for ever."""
        self._db.execute("PRAGMA trusted_schema=OFF")
        found = _tables(self._db)
        with closing(sqlite3.connect(":memory:")) as own:
            own.executescript(_SCHEMA)
            if found and found != _tables(own):
                raise EmulatorError("its tables are not those of an emulator")

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
