"""Scenarios of runs: killed half-way, answers lost, REPLACEs under way, hidden folders, cut listings."""

from __future__ import annotations

from typing import Any, Final

from pmsync.emulator.faultactions import ShortListing
from pmsync.emulator.faults import Fault
from remedies.scenario import APPENDS, HIDDEN, LATE, LATE_APPENDS, Book
from remedies.tenant import Manner
from remedies.world import World

scenario: Final = Book()
RENT: Final = {"events": {"jan.csv": "jan:10"}}
TWO: Final = {"a": {"x.csv": "x:5", "y.csv": "y:6"}, "b": {"z.csv": "z:7"}}
FIRST: Final = "pmsync apply -e dev --auto-approve --new-state"
AGAIN: Final = "pmsync apply -e dev --auto-approve"


def settled(world: World) -> None:
    world.declare("o", RENT)
    world.apply()


# killed


@scenario("killed before a dataset is made")
def _(world: World) -> None:
    world.declare("o", RENT)
    world.killed(FIRST, "datasets.create")


@scenario("killed when a dataset was made")
def _(world: World) -> None:
    world.declare("o", RENT)
    world.killed(FIRST, "datasets.create", "after-commit")


@scenario("killed when a dataset was made, and a colleague made two more", "ambiguous unsettled")
def _(world: World) -> None:
    world.declare("o", RENT)
    world.killed(FIRST, "datasets.create", "after-commit")
    world.live.create("o")
    world.live.create("o")


@scenario("killed when a datatable was made, and a colleague made another", "ambiguous unsettled")
def _(world: World) -> None:
    world.declare("o", RENT)
    world.killed(FIRST, "datatables.create", "after-commit")
    world.live.tenant.create_datatable(world.live.dataset("o"), "events")


@scenario("killed when a folder was made, and a colleague made another", "ambiguous unsettled")
def _(world: World) -> None:
    world.declare("o", RENT, folder="Finance")
    world.killed(FIRST, "datasets.create", "after-commit")
    world.live.tenant.create_node("Finance", kind="TreeGroup")


@scenario("killed when a folder was made that nobody can see", "answer-lost unsettled", manner=HIDDEN)
def _(world: World) -> None:
    world.declare("o", RENT, folder="Finance")
    world.killed(FIRST, "datasets.create", "after-commit")


@scenario("killed before a folder was made that nobody can see", "answer-lost unsettled", manner=HIDDEN)
def _(world: World) -> None:
    world.declare("o", RENT, folder="Finance")
    world.killed(FIRST, "datasets.create", "before-commit")


@scenario("killed when a file was stored, where the same name replaces")
def _(world: World) -> None:
    world.declare("o", RENT)
    world.killed(FIRST, "upload.put", "after-commit")


@scenario("killed when a file was stored, on a tenant that appends", manner=APPENDS)
def _(world: World) -> None:
    world.declare("o", RENT)
    world.killed(FIRST, "upload.put", "after-commit")


@scenario(
    "killed with a file half-way, on a tenant that appends",
    "answer-lost unconfirmed",
    manner=APPENDS,
    nothing_comes=True,
)
def _(world: World) -> None:
    world.declare("o", RENT)
    world.killed(FIRST, "upload.put")


@scenario(
    "killed with a file half-way, where nobody knows anything", "answer-lost unconfirmed", nothing_comes=True
)
def _(world: World) -> None:
    world.behaves("unknown", "unknown")
    world.declare("o", RENT)
    world.killed(FIRST, "upload.put")


@scenario(
    "killed with one file of two half-way, on a tenant that appends",
    "answer-lost unconfirmed",
    "waits waits",
    manner=APPENDS,
    nothing_comes=True,
)
def _(world: World) -> None:
    world.declare("o", {"events": {"a.csv": "a:5", "b.csv": "b:6"}})
    world.killed(FIRST, "upload.put")


@scenario(
    "killed when a file was stored whose rows are late, on a tenant that appends",
    "answer-lost unconfirmed",
    manner=LATE_APPENDS,
)
def _(world: World) -> None:
    world.declare("o", RENT)
    world.live.flows = False
    world.killed(FIRST, "upload.put", "after-commit")


@scenario("killed when a file was stored that is declared no more", "answer-lost unconfirmed", manner=LATE)
def _(world: World) -> None:
    world.declare("o", {"events": {"a.csv": "a:5"}})
    world.apply()
    world.declare("o", {"events": {"a.csv": "a:5", "b.csv": "b:6"}})
    world.live.flows = False
    world.killed(AGAIN, "upload.put", "after-commit")
    world.declare("o", {"events": {"a.csv": "a:5"}})


@scenario(
    "killed with a file half-way that was changed since, on a tenant that appends",
    "answer-lost unconfirmed",
    manner=APPENDS,
    nothing_comes=True,
)
def _(world: World) -> None:
    world.declare("o", RENT)
    world.killed(FIRST, "upload.put")
    world.declare("o", {"events": {"jan.csv": "jan2:12"}})


@scenario("killed with a rotated file half-way", "answer-lost decision", "waits waits")
def _(world: World) -> None:
    world.declare("o", {"events": {"log.csv": "m:5"}})
    world.apply()
    world.declare("o", {"events": {"log.csv": "t:6"}})
    world.killed(AGAIN, "upload.put")
    world.declare("o", {"events": {"log.csv": "w:7", "log1.csv": "m:5"}})


@scenario(
    "killed with a file half-way, on a tenant that appends and is known to load within an hour",
    "answer-lost unconfirmed",
    manner=APPENDS,
)
def _(world: World) -> None:
    world.says(uploads={"sameName": "appends", "otherName": "adds", "ingestsWithin": "1h"})
    world.declare("o", RENT)
    world.killed(FIRST, "upload.put")


@scenario("killed when a rotated file was stored", "answer-lost decision", "waits waits")
def _(world: World) -> None:
    world.declare("o", {"events": {"log.csv": "m:5"}})
    world.apply()
    world.declare("o", {"events": {"log.csv": "t:6"}})
    world.killed(AGAIN, "upload.put", "after-commit")
    world.declare("o", {"events": {"log.csv": "w:7", "log1.csv": "m:5"}})


@scenario("killed with a file half-way that swapped its content since", "answer-lost decision", "waits waits")
def _(world: World) -> None:
    world.declare("o", {"events": {"a.csv": "a:5"}})
    world.apply()
    world.declare("o", {"events": {"a.csv": "a:5", "z.csv": "z:6"}})
    world.killed(AGAIN, "upload.put")
    world.declare("o", {"events": {"a.csv": "z:6", "z.csv": "a:5"}})


@scenario("killed before a dataset is deleted", "removed consent")
def _(world: World) -> None:
    settled(world)
    world.declare("p")
    world.undeclare("o")
    world.killed(f"{AGAIN} --allow delete:o", "dataset.delete")


@scenario("killed when a dataset was deleted")
def _(world: World) -> None:
    settled(world)
    world.declare("p")
    world.undeclare("o")
    world.killed(f"{AGAIN} --allow delete:o", "dataset.delete", "after-commit")


# REPLACE


def renamed(world: World, tables: dict[str, dict[str, str]] | None = None, **more: object) -> None:
    world.declare("o", tables or TWO)
    world.apply()
    world.declare("o", tables or TWO, name="Orders", **more)


@scenario("a REPLACE is killed before its new half is made", "renamed-in-manifest decision")
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "datasets.create")


@scenario("a REPLACE is killed when its new half was made", "replaced pending")
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "datasets.create", "after-commit")


@scenario("a REPLACE is killed before its last file", "replaced pending")
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "upload.put", occurrence=3)


@scenario(
    "a REPLACE is killed with a file half-way, on a tenant that appends",
    "answer-lost unconfirmed",
    "replaced pending",
    manner=APPENDS,
    nothing_comes=True,
)
def _(world: World) -> None:
    renamed(world, RENT)
    world.killed(f"{AGAIN} --allow replace:o", "upload.put")


@scenario("the old half of a REPLACE waits for its consent", "replaced pending")
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "dataset.delete")


@scenario("the old half of a REPLACE holds what does not come back", "replaced pending")
def _(world: World) -> None:
    renamed(world)
    made = world.live.tenant.create_datatable(world.live.dataset("o"), "theirs")
    world.live.by_hand.add_rows(made.id, 5)
    world.killed(f"{AGAIN} --allow replace:o --allow loss:o", "dataset.delete")


@scenario("the old half of a REPLACE is gone already")
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "dataset.delete", "after-commit")


@scenario("a REPLACE is turned back", "replace-reverted consent")
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "dataset.delete")
    world.declare("o", TWO)


@scenario("a REPLACE of a changed file is turned back", "replace-reverted consent")
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "upload.put")
    world.declare("o", TWO)


@scenario("a REPLACE under way is given a third name", "renamed-in-manifest decision", "replaced pending")
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "dataset.delete")
    world.declare("o", TWO, name="Third")


@scenario("a REPLACE under way is protected", "replaced protected")
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "dataset.delete")
    world.declare("o", TWO, name="Orders", protect=True)


@scenario("a REPLACE under way lost rows of its new half", "replaced waits", nothing_comes=True)
def _(world: World) -> None:
    renamed(world, RENT)
    world.killed(f"{AGAIN} --allow replace:o", "dataset.delete")
    world.live.lose_rows("Orders", "events", 4)


@scenario("a REPLACE under way is declared no more", "removed consent")
def _(world: World) -> None:
    world.declare("p")
    world.declare("q")
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "dataset.delete")
    world.undeclare("o")


@scenario("a REPLACE with rows that are late", "unconfirmed unconfirmed", "replaced waits", manner=LATE)
def _(world: World) -> None:
    renamed(world, RENT)
    world.live.flows = False
    world.apply("replace:o", exits=None)


@scenario("the new half of a REPLACE is gone", "renamed-in-manifest decision")
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "dataset.delete")
    world.live.delete("Orders")


@scenario("both halves of a REPLACE are gone", "gone consent")
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "dataset.delete")
    world.live.delete("Orders")
    world.live.delete("o")


@scenario(
    "a REPLACE where names are unique", "renamed-in-manifest decision", manner=Manner(unique_names=True)
)
def _(world: World) -> None:
    renamed(world)


# folders


@scenario("two folders of its path are there", "ambiguous decision")
def _(world: World) -> None:
    for _ in range(2):
        world.live.tenant.create_node("Finance", kind="TreeGroup")
    world.declare("o", RENT, folder="Finance")


@scenario("a recorded folder is gone with its dataset moved by hand")
def _(world: World) -> None:
    world.declare("o", RENT, folder="Finance")
    world.apply()
    world.live.move("o")
    world.live.tenant.delete_node(world.live.dataset("Finance"))


@scenario(
    "folders are hidden and a dataset is moved in the manifest", "renamed-in-manifest decision", manner=HIDDEN
)
def _(world: World) -> None:
    settled(world)
    world.declare("o", RENT, folder="Finance")


@scenario("folders are hidden and a dataset of its name is there", "live-unclaimed consent", manner=HIDDEN)
def _(world: World) -> None:
    world.live.create("o", "events", folder="Elsewhere")
    world.declare("o", RENT, folder="Finance")


@scenario("folders are hidden and one dataset could be two", "ambiguous decision", manner=HIDDEN)
def _(world: World) -> None:
    world.live.create("o", "events")
    world.declare("a", RENT, name="o", folder="A")
    world.declare("b", RENT, name="o", folder="B")


@scenario(
    "folders are hidden, names are unique and a folder is there unseen",
    manner=Manner(shows_tree=False, unique_names=True),
)
def _(world: World) -> None:
    world.live.folder("Finance")
    world.declare("o", RENT, folder="Finance")


@scenario("folders are hidden and a dataset is gone", "gone consent", manner=HIDDEN)
def _(world: World) -> None:
    world.declare("o", RENT, folder="Finance")
    world.apply()
    world.live.delete("o")


# listings that lack something


@scenario("a listing lacks more than half of the datasets, and each is asked for by its id")
def _(world: World) -> None:
    for key in "abc":
        world.declare(key, {"events": {"x.csv": f"{key}:5"}})
    world.apply()
    world.live.emulator.faults.add(
        Fault(ShortListing(keep=1), endpoint="datasets.list", occurrence="every"),
        Fault(ShortListing(keep=1), endpoint="datatables.list", occurrence="every"),
    )


# imports and moves


@scenario("a dataset was imported that holds other rows", "foreign-rows decision")
def _(world: World) -> None:
    world.declare("p")
    world.apply()
    made = world.live.create("theirs", "events")
    world.live.by_hand.add_rows(world.live.table(made, "events"), 4)
    world.declare("o", RENT, name="theirs")
    world.call("import", "o", made, "-e", "dev")


@scenario("a forgotten dataset is there", "live-unclaimed consent", "lost-state decision")
def _(world: World) -> None:
    settled(world)
    world.call("state", "forget", "o", "-e", "dev")


@scenario("a dataset was moved in the state to another address")
def _(world: World) -> None:
    settled(world)
    world.undeclare("o")
    world.declare("p", {"events": {"x.csv": "jan:10"}}, name="o")
    world.call("state", "move", "o", "p", "-e", "dev")


# destroy


@scenario("a destroy with a protected dataset", "destroy protected", options=("--destroy",))
def _(world: World) -> None:
    world.declare("p")
    world.declare("o", RENT, protect=True)
    world.apply()


# what was said with the plan


@scenario(
    "uploads are taken as done beyond the rows that are there",
    "assumed decision",
    options=("--assume-uploaded", "o.events/*"),
)
def _(world: World) -> None:
    world.declare("o", {"events": {}})
    world.apply()
    world.live.by_hand.add_rows(world.live.table("o", "events"), 15)
    world.declare("o", {"events": {"jan.csv": "jan:18", "feb.csv": "feb:10"}})


@scenario(
    "a file is to be sent once more to a tenant that appends",
    "reupload-asked consent",
    manner=APPENDS,
    options=("--reupload", "o.events/jan.csv"),
)
def _(world: World) -> None:
    settled(world)


@scenario(
    "a rebuild that takes more than was agreed to",
    "replace-asked consent",
    "replaced pending",
    options=("--allow", "replace:o"),
)
def _(world: World) -> None:
    renamed(world)
    world.live.tenant.create_datatable(world.live.dataset("o"), "theirs")


@scenario(
    "a rebuild under a name that somebody took",
    "replace-asked decision",
    "replaced waits",
    options=("--allow", "replace:o"),
)
def _(world: World) -> None:
    renamed(world)
    world.live.create("Orders")


@scenario(
    "a rebuild in a folder where its name is taken",
    "replace-asked decision",
    "replaced waits",
    options=("--allow", "replace:o"),
)
def _(world: World) -> None:
    settled(world)
    world.live.create("o", folder="Finance")
    world.declare("o", RENT, folder="Finance")


@scenario(
    "a rebuild where nothing may be deleted",
    "replace-asked limit",
    "replaced limit",
    options=("--allow", "replace:o"),
)
def _(world: World) -> None:
    world.says(limits={"maxDeletes": "0"})
    renamed(world)


def _a_table_again(world: World) -> None:
    world.declare("o", RENT, name="Orders")


@scenario(
    "a rebuild of which a source is no table",
    "no-table data",
    "rebuilt waits",
    "replace-asked waits",
    "replaced waits",
    options=("--allow", "replace:o"),
    mend=_a_table_again,
)
def _(world: World) -> None:
    renamed(world, RENT)
    world.write("data/o/events/jan.csv", b"%PDF-1.7\n")


@scenario(
    "the old half of a REPLACE is not judged without the data", "replaced no-data", options=("--no-data",)
)
def _(world: World) -> None:
    renamed(world)
    world.killed(f"{AGAIN} --allow replace:o", "dataset.delete")


@scenario("a destroy", "destroy consent", options=("--destroy",))
def _(world: World) -> None:
    settled(world)
    world.live.tenant.create_datatable(world.live.dataset("o"), "theirs")


# states that are not to be believed


@scenario("a state holds one dataset twice, and the first is declared no more", "removed claimed")
def _(world: World) -> None:
    for key in "abc":
        world.declare(key, {"events": {"x.csv": f"{key}:5"}})
    world.apply()
    world.forge(lambda state: state["datasets"]["a"].update(id=state["datasets"]["b"]["id"]))
    world.undeclare("a")


@scenario(
    "a state holds one dataset twice, and a rebuild of the first is asked for",
    "replace-asked claimed",
    "replaced claimed",
    options=("--allow", "replace:a"),
)
def _(world: World) -> None:
    world.declare("a")
    world.declare("b", RENT)
    world.apply()
    world.forge(lambda state: state["datasets"]["a"].update(id=state["datasets"]["b"]["id"], displayName="b"))
    world.declare("a", name="A")


SCRATCH: Final = "pmsync probe 0a1b2c (safe to delete)"


def _scratch(world: World, **more: str) -> None:
    """What a killed `doctor --probe` leaves: a dataset of its own, on record where no manifest can put one."""
    settled(world)
    made = world.live.create(SCRATCH)

    def left(state: Any) -> None:
        record = {**state["datasets"]["o"], "id": made, "displayName": SCRATCH}
        state["datasets"] |= {"_probe": record, **{key: {**record, "displayName": more[key]} for key in more}}

    world.forge(left)


@scenario("a manifest takes the name of a scratch dataset", "claimed decision")
def _(world: World) -> None:
    _scratch(world)
    world.declare("mine", name=SCRATCH)


@scenario("a scratch dataset is on record as something else, too", "probe claimed")
def _(world: World) -> None:
    _scratch(world, b=SCRATCH)
    world.declare("b", name=SCRATCH)
