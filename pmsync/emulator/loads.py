"""What uploads gave the datatables, as rows of the database.

A *load* is what one file gave one datatable. It counts from `visible_at` until `gone_at`, so that a lag needs
neither thread nor timer: a row count is a question about a moment.
Holds facts only: which rows replace which is decided in intake.
"""

import json
from collections.abc import Iterable

from pmsync.emulator.database import Database
from pmsync.emulator.records import Column, Content, WaitingLoad


class Loads:
    """The loads of all datatables, and which uploaded contents they still need."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, tenant: str, datatable_id: str, *, file_name: str, sha256: str, visible_at: float) -> None:
        """Note an uploaded file whose rows are still to be counted."""
        self._db.change(
            "INSERT INTO loads (datatable, file_name, sha256, waiting, visible_at, row_count, columns)"
            " VALUES ((SELECT seq FROM datatables WHERE tenant = ? AND id = ?), ?, ?, 1, ?, 0, '[]')",
            [tenant, datatable_id, file_name, sha256, visible_at],
        )

    def add_rows(self, tenant: str, rows: Iterable[tuple[str, Content]], visible_at: float) -> None:
        """Add rows that came with no file, as pairs of a datatable's id and what it gets."""
        self._db.change_many(
            "INSERT INTO loads (datatable, waiting, visible_at, row_count, columns)"
            " VALUES ((SELECT seq FROM datatables WHERE tenant = ? AND id = ?), 0, ?, ?, ?)",
            [(tenant, datatable, visible_at, c.row_count, _columns_text(c)) for datatable, c in rows],
        )

    def columns(self, tenant: str, datatable_id: str, now: float) -> list[tuple[Column, ...]]:
        """The columns of each load of a datatable that counts at that moment, oldest first."""
        rows = self._db.rows(
            "SELECT columns FROM loads JOIN datatables ON datatables.seq = loads.datatable"
            " WHERE datatables.tenant = ? AND datatables.id = ?"
            " AND visible_at <= ? AND (gone_at IS NULL OR gone_at > ?) ORDER BY loads.seq",
            [tenant, datatable_id, now, now],
        )
        return [tuple(Column(*column) for column in json.loads(columns)) for (columns,) in rows]

    def is_waiting(self) -> bool:
        """Whether there is a load whose rows nobody has counted yet."""
        return bool(self._db.rows("SELECT 1 FROM loads WHERE waiting LIMIT 1"))

    def waiting(self) -> list[WaitingLoad]:
        """The loads whose rows nobody has counted yet, of all tenants, oldest first."""
        rows = self._db.rows(
            "SELECT seq, datatable, file_name, sha256, visible_at FROM loads WHERE waiting ORDER BY seq"
        )
        return [WaitingLoad(*row) for row in rows]

    def settle(self, load: WaitingLoad, content: Content) -> bool:
        """Note what a waiting load holds; False where it is gone, or another process was quicker."""
        values = [content.row_count, _columns_text(content), load.sequence]
        return bool(
            self._db.change(
                "UPDATE loads SET waiting = 0, row_count = ?, columns = ? WHERE seq = ? AND waiting", values
            )
        )

    def end_earlier(self, load: WaitingLoad, *, same_name: bool, other_names: bool) -> None:
        """Let earlier rows of the datatable go at the moment the rows of this load appear.

        Rows that came with no file have no name, so they count as another name's.
        """
        self._db.change(
            "UPDATE loads SET gone_at = :at WHERE datatable = :datatable AND seq < :sequence AND NOT waiting"
            " AND (gone_at IS NULL OR gone_at > :at)"
            " AND CASE WHEN file_name IS :name THEN :same_name ELSE :other_names END",
            {
                "at": load.visible_at,
                "datatable": load.datatable,
                "sequence": load.sequence,
                "name": load.file_name,
                "same_name": same_name,
                "other_names": other_names,
            },
        )

    def drop_gone(self, now: float) -> set[str]:
        """Forget the loads that count no more; the sha256 of each content they held."""
        gone = "FROM loads WHERE gone_at <= ?"
        held = self._db.rows("SELECT DISTINCT sha256 " + gone + " AND sha256 IS NOT NULL", [now])
        self._db.change("DELETE " + gone, [now])
        return {sha256 for (sha256,) in held}

    def contents(self) -> set[str]:
        """The sha256 of each uploaded content that any datatable holds."""
        rows = self._db.rows("SELECT DISTINCT sha256 FROM loads WHERE sha256 IS NOT NULL")
        return {sha256 for (sha256,) in rows}

    def contents_of_node(self, tenant: str, node_id: str) -> set[str]:
        """The sha256 of each uploaded content that a node's datatables hold."""
        rows = self._db.rows(
            "SELECT DISTINCT sha256 FROM loads JOIN datatables ON datatables.seq = loads.datatable"
            " JOIN nodes ON nodes.seq = datatables.node"
            " WHERE nodes.tenant = ? AND nodes.id = ? AND sha256 IS NOT NULL",
            [tenant, node_id],
        )
        return {sha256 for (sha256,) in rows}

    def contents_of_datatable(self, tenant: str, datatable_id: str) -> set[str]:
        """The sha256 of each uploaded content that a datatable holds."""
        rows = self._db.rows(
            "SELECT DISTINCT sha256 FROM loads JOIN datatables ON datatables.seq = loads.datatable"
            " WHERE datatables.tenant = ? AND datatables.id = ? AND sha256 IS NOT NULL",
            [tenant, datatable_id],
        )
        return {sha256 for (sha256,) in rows}

    def needs(self, sha256: str) -> bool:
        """Whether any load of any tenant still holds that content."""
        return bool(self._db.rows("SELECT 1 FROM loads WHERE sha256 = ? LIMIT 1", [sha256]))


def _columns_text(content: Content) -> str:
    return json.dumps([(column.name, column.type) for column in content.columns])
