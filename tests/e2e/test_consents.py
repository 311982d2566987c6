"""Every row of the consent column: refused without the consent (exit 3, GETs only), and runs with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

ONE = "  o2c:\n    datatables:\n      events: {sources: [a.csv]}\n"
KEEP = "  keep: {}\n"


@dataclass(frozen=True)
class Row:
    """A row of the table: how a converged repository comes to it, what must be said, what stays of it.

    `flag_chooses`: the row has several ways out, and the flag says which is meant; so no block to paste.
    """

    name: str
    comes_about: Callable[[Any, Any], None]
    consents: tuple[str, ...]
    events: int | None = None
    flag_chooses: bool = False
    uploads: str = "{sameName: replaces, otherName: adds}"
    same_name: str = "replaces"


def _dataset_id(repo: Any, name: str) -> str:
    (found,) = [one.id for one in repo.live.nodes() if one.name == name]
    return str(found)


def _events_id(repo: Any) -> str:
    (found,) = [one.id for one in repo.live.datatables() if one.name == "events"]
    return str(found)


def _theirs(repo: Any, csv: Any) -> None:
    node = repo.live.create_node("theirs")
    repo.live.create_datatable(node.id, "t")
    repo.declare(ONE + KEEP + "  theirs:\n    datatables: {t: {}}\n")


def _their_datatable(repo: Any, csv: Any) -> None:
    repo.live.create_datatable(_dataset_id(repo, "keep"), "t")
    repo.declare(ONE + "  keep: {datatables: {t: {}}}\n")


def _key_and_name(repo: Any, csv: Any) -> None:
    repo.declare(ONE.replace("o2c", "order-to-cash") + KEEP)


def _renamed(repo: Any, csv: Any) -> None:
    repo.declare(ONE.replace("  o2c:\n", "  o2c:\n    displayName: Order to Cash\n") + KEEP)


def _renamed_datatable(repo: Any, csv: Any) -> None:
    repo.declare(ONE.replace("events: {", "events: {displayName: Log, ") + KEEP)


def _remade(repo: Any, csv: Any) -> None:
    repo.live.delete_node(_dataset_id(repo, "o2c"))
    repo.live.create_node("o2c")


def _gone(repo: Any, csv: Any) -> None:
    repo.live.delete_node(_dataset_id(repo, "o2c"))


def _gone_with_its_source(repo: Any, csv: Any) -> None:
    _gone(repo, csv)
    repo.write("a.csv", csv(2, 50))


def _datatable_gone(repo: Any, csv: Any) -> None:
    repo.by_hand.delete_datatable(_events_id(repo))


def _removed(repo: Any, csv: Any) -> None:
    repo.declare(KEEP)


def _removed_with_its_source(repo: Any, csv: Any) -> None:
    repo.declare(KEEP)
    (repo.root / "a.csv").unlink()


def _header_only(repo: Any, csv: Any) -> None:
    repo.write("a.csv", csv(0))


def _changed(repo: Any, csv: Any) -> None:
    repo.write("a.csv", csv(4))


def _beside_theirs(repo: Any, csv: Any) -> None:
    repo.by_hand.add_rows(_events_id(repo), 100)
    repo.write("b.csv", csv(2, 10))
    repo.declare(ONE.replace("[a.csv]", "[a.csv, b.csv]") + KEEP)


def _became_another(repo: Any, csv: Any) -> None:
    repo.write("feb.csv", csv(2, 10))
    repo.declare(ONE.replace("a.csv", "feb.csv") + KEEP)


ROWS = [
    Row("a colleague's dataset of our name", _theirs, ("adopt:theirs",)),
    Row("a colleague's datatable of our name", _their_datatable, ("adopt:keep.t",)),
    Row(
        "a key that changed and took the name along",
        _key_and_name,
        ("replace:order-to-cash",),
        flag_chooses=True,
    ),
    Row("a dataset renamed in the manifest", _renamed, ("replace:o2c",), 3, flag_chooses=True),
    Row("a datatable renamed in the manifest", _renamed_datatable, ("replace:o2c",), flag_chooses=True),
    Row("a dataset made again by hand", _remade, ("recreate:o2c",), flag_chooses=True),
    Row("a dataset that is gone", _gone, ("recreate:o2c",), 3),
    Row("a dataset that is gone, its source changed", _gone_with_its_source, ("recreate:o2c", "loss:o2c"), 2),
    Row("a datatable that is gone", _datatable_gone, ("recreate:o2c.events",), 3),
    Row("a dataset no longer declared", _removed, ("delete:o2c",)),
    Row("… whose source is gone too", _removed_with_its_source, ("delete:o2c", "loss:o2c")),
    Row("content without rows", _header_only, ("loss:o2c.events/a.csv",), 0),
    Row(
        "a changed file where the tenant appends",
        _changed,
        ("replace:o2c", "loss:o2c"),
        4,
        uploads="{sameName: appends, otherName: adds}",
        same_name="appends",
        flag_chooses=True,
    ),
    Row("rows beside a colleague's", _beside_theirs, ("add-rows:o2c.events/b.csv",), 105, flag_chooses=True),
    Row(
        "a source that became another",
        _became_another,
        ("add-rows:o2c.events/feb.csv",),
        5,
        flag_chooses=True,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nothing_is_sent_without_the_consent_and_it_runs_with_it(row, make_repo, start_emulator, csv):
    repo = make_repo(emulator=start_emulator(same_name=row.same_name))
    repo.project(row.uploads)
    repo.write("a.csv", csv(3))
    repo.declare(ONE + KEEP)
    assert repo.apply("--new-state").code == 0
    row.comes_about(repo, csv)

    def refused() -> None:
        ran = repo.apply()
        assert ran.code == 3
        assert f"--allow {row.consents[0]}" in ran.text, "the way out is there to paste"

    assert set(repo.requests_of(refused)) == {"GET"}
    for missing in row.consents if len(row.consents) > 1 else ():
        others = [flag for one in row.consents if one != missing for flag in ("--allow", one)]
        assert set(repo.requests_of(lambda flags=others: repo.apply(*flags))) == {"GET"}

    ran = repo.apply(*[flag for one in row.consents for flag in ("--allow", one)])

    assert ran.code == 0, ran.text
    assert repo.pmsync("plan", "--detailed-exitcode").code == 0
    if row.events is not None:
        assert repo.rows_of("events") == row.events


@pytest.mark.parametrize("row", [row for row in ROWS if not row.flag_chooses], ids=lambda row: row.name)
def test_approvals_yaml_gives_the_same_consents_once(row, make_repo, start_emulator, csv):
    """The block that the plan prints, pasted, is enough where the row is ready but for its consent."""
    repo = make_repo(emulator=start_emulator(same_name=row.same_name))
    repo.project(row.uploads)
    repo.write("a.csv", csv(3))
    repo.declare(ONE + KEEP)
    repo.apply("--new-state")
    row.comes_about(repo, csv)
    plan = repo.plan()
    blocked = [change for change in plan["changes"] if change.get("block")]
    assert {change["block"]["code"] for change in blocked} == {"consent"}
    lines = [
        f"  - {{environment: dev, address: {change['address']}, consent: {kind}, id: {change['liveId']}"
        + (f", content: {change['content']}" if change.get("content") else "")
        + "}\n"
        for change in blocked
        for kind in change["needs"]
    ]
    repo.write("approvals.yaml", "apiVersion: pmsync/v1\napprovals:\n" + "".join(lines))

    ran = repo.apply()

    assert ran.code == 0, ran.text
