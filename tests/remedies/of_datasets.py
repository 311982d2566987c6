"""Scenarios of datasets, datatables and folders: made, adopted, renamed, gone, removed."""

from __future__ import annotations

from typing import Final

from remedies.scenario import Book
from remedies.world import World

scenario: Final = Book()
RENT: Final = {"events": {"jan.csv": "jan:10"}}


def settled(world: World) -> None:
    """`o.events` holds `jan.csv`, as declared."""
    world.declare("o", RENT)
    world.apply()


# new


@scenario("nothing is there yet")
def _(world: World) -> None:
    world.declare("o", RENT, folder="Finance")


@scenario("a first run did everything")
def _(world: World) -> None:
    settled(world)


@scenario("a dataset of its name is there and nobody manages it", "live-unclaimed consent")
def _(world: World) -> None:
    world.live.create("o", "events")
    world.declare("o", RENT)


@scenario("three datasets of their names are there and nobody manages them", "live-unclaimed consent")
def _(world: World) -> None:
    for key in "abc":
        world.live.create(key, "events")
        world.declare(key, RENT)


@scenario("two datasets of its name are there", "ambiguous decision")
def _(world: World) -> None:
    world.live.create("o", "events")
    world.live.create("o")
    world.declare("o", RENT)


@scenario("the only dataset of its name belongs to another address", "claimed decision")
def _(world: World) -> None:
    settled(world)
    world.declare("o", RENT, name="sales")
    world.live.rename(world.live.dataset("o"), "sales")
    world.apply()
    world.live.rename(world.live.dataset("sales"), "o")
    world.declare("orders", {"events": {"x.csv": "x:3"}}, name="o")


@scenario("a datatable of its name is there and nobody manages it", "live-unclaimed consent")
def _(world: World) -> None:
    world.declare("o")
    world.apply()
    world.live.tenant.create_datatable(world.live.dataset("o"), "events")
    world.declare("o", RENT)


@scenario("two datatables of its name are there", "ambiguous decision")
def _(world: World) -> None:
    world.declare("o")
    world.apply()
    for _ in range(2):
        world.live.tenant.create_datatable(world.live.dataset("o"), "events")
    world.declare("o", RENT)


# names and keys


@scenario("a dataset is renamed in the manifest", "renamed-in-manifest decision")
def _(world: World) -> None:
    settled(world)
    world.declare("o", RENT, name="Orders")


@scenario("a dataset is renamed in the manifest and differently by hand", "all-differ decision")
def _(world: World) -> None:
    settled(world)
    world.live.rename(world.live.dataset("o"), "Sales")
    world.declare("o", RENT, name="Orders")


@scenario("a datatable is renamed in the manifest", "renamed-in-manifest decision")
def _(world: World) -> None:
    settled(world)
    world.declare("o", RENT, named={"events": "Log"})


@scenario("a datatable is renamed in the manifest and differently by hand", "all-differ decision")
def _(world: World) -> None:
    settled(world)
    world.live.rename(world.live.table("o", "events"), "Theirs")
    world.declare("o", RENT, named={"events": "Log"})


@scenario("a key is renamed and its name followed", "key-and-name-changed decision")
def _(world: World) -> None:
    settled(world)
    world.undeclare("o")
    world.declare("orders", RENT)


@scenario("a datatable's key is renamed and its name followed", "key-and-name-changed decision")
def _(world: World) -> None:
    settled(world)
    world.declare("o", {"log": {"jan.csv": "jan:10"}})


# gone


@scenario("a dataset is gone", "gone consent")
def _(world: World) -> None:
    settled(world)
    world.live.delete("o")


@scenario("a dataset is gone and so are its files", "gone-sources-missing consent")
def _(world: World) -> None:
    settled(world)
    world.live.delete("o")
    world.events(feb="feb:9")


@scenario("a dataset is gone and was made again by hand", "gone-remade decision")
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.recreate_dataset(world.live.dataset("o"))


@scenario("a datatable is gone", "gone consent")
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.delete_datatable(world.live.table("o", "events"))


@scenario("a datatable is gone and was made again by hand", "gone-remade decision")
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.delete_datatable(world.live.table("o", "events"))
    world.live.tenant.create_datatable(world.live.dataset("o"), "events")


# removed


@scenario("a dataset is declared no more", "removed consent")
def _(world: World) -> None:
    settled(world)
    world.declare("p")
    world.undeclare("o")


@scenario("a dataset is declared no more and its files are gone", "removed consent")
def _(world: World) -> None:
    settled(world)
    world.declare("p")
    world.undeclare("o", files=False)


@scenario("a dataset that was filled by hand is there and nobody manages it", "live-unclaimed consent")
def _(world: World) -> None:
    made = world.live.create("o", "events", "theirs")
    world.live.by_hand.add_rows(world.live.table(made, "theirs"), 7)
    world.declare("o", {"events": None})


@scenario(
    "a dataset of its name holds rows that nobody accounts for",
    "live-unclaimed consent",
    "foreign-rows decision",
)
def _(world: World) -> None:
    made = world.live.create("o", "events")
    world.live.by_hand.add_rows(world.live.table(made, "events"), 7)
    world.declare("o", RENT)


@scenario("two datasets of one name are there, one of them in the folder")
def _(world: World) -> None:
    world.live.create("o")
    world.declare("o", RENT, folder="Finance")


@scenario("its name is taken by the old half of a REPLACE", "claimed decision", "replaced pending")
def _(world: World) -> None:
    rename_half_done(world)
    world.declare("p", {"log": {"x.csv": "x:3"}}, name="o")


@scenario("two keys are gone, two are new, with the same contents", "removed consent")
def _(world: World) -> None:
    for key in "abcde":
        world.declare(key, RENT)
    world.apply()
    world.undeclare("a", "b")
    world.declare("f", RENT)
    world.declare("g", RENT)


@scenario("a dataset moves to another folder in the manifest", "renamed-in-manifest decision")
def _(world: World) -> None:
    world.declare("o", RENT, folder="Sales")
    world.apply()
    world.declare("o", RENT, folder="Finance/AR")


@scenario("a dataset moves to another folder in the manifest and another by hand", "all-differ decision")
def _(world: World) -> None:
    world.declare("o", RENT, folder="Sales")
    world.apply()
    world.live.move("o", ("Elsewhere",))
    world.declare("o", RENT, folder="Finance")


@scenario("the prefix of the environment is changed", "renamed-in-manifest decision")
def _(world: World) -> None:
    settled(world)
    world.says(namePrefix="[dev] ")


@scenario("a dataset is renamed by hand")
def _(world: World) -> None:
    settled(world)
    world.live.rename(world.live.dataset("o"), "O!")


@scenario("a dataset is renamed by hand and so in the manifest")
def _(world: World) -> None:
    settled(world)
    world.live.rename(world.live.dataset("o"), "Orders")
    world.declare("o", RENT, name="Orders")


@scenario("a renamed dataset has a changed file", "renamed-in-manifest decision")
def _(world: World) -> None:
    settled(world)
    world.declare("o", {"events": {"jan.csv": "jan2:12"}}, name="Orders")


@scenario("a dataset is renamed to a name that is there", "renamed-in-manifest decision")
def _(world: World) -> None:
    settled(world)
    world.live.create("Orders")
    world.declare("o", RENT, name="Orders")


@scenario("a protected dataset is renamed in the manifest", "renamed-in-manifest decision")
def _(world: World) -> None:
    world.declare("o", RENT, protect=True)
    world.apply()
    world.declare("o", RENT, name="Orders", protect=True)


@scenario("dataset and datatable are both renamed in the manifest", "renamed-in-manifest decision")
def _(world: World) -> None:
    settled(world)
    world.declare("o", RENT, name="Orders", named={"events": "Log"})


@scenario("two datasets are renamed in the manifest", "renamed-in-manifest decision")
def _(world: World) -> None:
    world.declare("a", RENT)
    world.declare("b", RENT)
    world.apply()
    world.declare("a", RENT, name="A")
    world.declare("b", RENT, name="B")


@scenario("a dataset with a datatable that nobody declared is renamed", "renamed-in-manifest decision")
def _(world: World) -> None:
    settled(world)
    made = world.live.tenant.create_datatable(world.live.dataset("o"), "theirs")
    world.live.by_hand.add_rows(made.id, 5)
    world.declare("o", RENT, name="Orders")


@scenario("a key is renamed, its name followed, and its displayName is long", "key-and-name-changed decision")
def _(world: World) -> None:
    world.declare("o", RENT, name="Orders: all of them, ${0} 'quoted'".replace("${0}", "100 %"))
    world.apply()
    world.undeclare("o")
    world.declare("orders", RENT)


@scenario("a retained dataset is renamed in the manifest", "renamed-in-manifest decision")
def _(world: World) -> None:
    world.declare("o", RENT, on_removal="retain")
    world.apply()
    world.declare("o", RENT, name="Orders", on_removal="retain")


@scenario("both live names differ from what is declared and recorded")
def _(world: World) -> None:
    settled(world)
    table = world.live.table("o", "events")
    world.live.rename(world.live.dataset("o"), "Theirs")
    world.live.rename(table, "Their log")


@scenario("both live names differ and a file changed", "changed decision")
def _(world: World) -> None:
    settled(world)
    table = world.live.table("o", "events")
    world.live.rename(world.live.dataset("o"), "Theirs")
    world.live.rename(table, "Their log")
    world.events(jan="jan2:12")


@scenario("a dataset is gone and two of its name were made by hand", "gone-remade decision")
def _(world: World) -> None:
    settled(world)
    world.live.delete("o")
    world.live.create("o", "events")
    world.live.create("o", "events")


@scenario("one dataset of two is gone and a third is renamed", "gone consent", "renamed-in-manifest decision")
def _(world: World) -> None:
    for key in "abc":
        world.declare(key, RENT)
    world.apply()
    world.live.delete("a")
    world.declare("b", RENT, name="B")


@scenario("a dataset was deleted and made again with the rows of a colleague", "gone-remade decision")
def _(world: World) -> None:
    settled(world)
    world.live.delete("o")
    made = world.live.create("o", "events")
    world.live.by_hand.add_rows(world.live.table(made, "events"), 8)


@scenario("half of the known datasets and more are gone", "gone decision", nothing_comes=True)
def _(world: World) -> None:
    three(world)
    world.live.delete("a")
    world.live.delete("b")


@scenario("all known datasets are gone", "gone decision", nothing_comes=True)
def _(world: World) -> None:
    three(world)
    for key in "abc":
        world.live.delete(key)


@scenario(
    "all known datasets are gone with a source of each", "gone-sources-missing decision", nothing_comes=True
)
def _(world: World) -> None:
    three(world)
    for key in "abc":
        world.live.delete(key)
        world.declare(key, {"events": {"feb.csv": f"{key}-feb:3"}})


@scenario("more than half of the known datasets were made again by hand", "gone-remade decision")
def _(world: World) -> None:
    three(world)
    for key in "ab":
        world.live.by_hand.recreate_dataset(world.live.dataset(key))


def declared_again(world: World) -> None:
    for key in "abc":
        world.declare(key, {"events": {"x.csv": f"{key}:5"}})


@scenario("half of the known datasets and more are declared no more", "removed decision", mend=declared_again)
def _(world: World) -> None:
    three(world)
    world.undeclare("a", "b")


def retained_again(world: World) -> None:
    for key in "abc":
        world.declare(key, RENT, on_removal="retain")


@scenario(
    "half of the known datasets and more are retained and declared no more",
    "removed-retained decision",
    mend=retained_again,
)
def _(world: World) -> None:
    for key in "abc":
        world.declare(key, RENT, on_removal="retain")
    world.apply()
    world.undeclare("a", "b")


@scenario("a limit of deletions is reached", "removed limit")
def _(world: World) -> None:
    five(world)
    world.says(limits={"maxDeletes": "1"})
    world.undeclare("a", "b")


@scenario("no deletion is allowed at all", "removed limit")
def _(world: World) -> None:
    five(world)
    world.says(limits={"maxDeletes": "0"})
    world.undeclare("a")


@scenario("a limit of bytes is reached", "new limit")
def _(world: World) -> None:
    world.says(limits={"maxUploadBytes": "100"})
    world.declare("o", RENT)
    world.declare("p", RENT)


@scenario("a protected dataset is declared no more", "removed protected")
def _(world: World) -> None:
    world.declare("p")
    world.declare("o", RENT, protect=True)
    world.apply()
    world.undeclare("o")


@scenario("a dataset of a protecting environment is declared no more", "removed protected")
def _(world: World) -> None:
    settled(world)
    world.declare("p")
    world.apply()
    world.says(protect=True)
    world.undeclare("o")


@scenario("a dataset protected by all is declared no more", "removed protected")
def _(world: World) -> None:
    world.says(protect=True)
    world.declare("p")
    world.declare("o", RENT, protect=True)
    world.apply()
    world.undeclare("o")


@scenario("a dataset of a protecting environment is renamed", "renamed-in-manifest decision")
def _(world: World) -> None:
    settled(world)
    world.says(protect=True)
    world.declare("o", RENT, name="Orders")


@scenario(
    "a rebuild of a protected dataset is asked for",
    "replace-asked protected",
    "replaced waits",
    options=("--allow", "replace:o"),
)
def _(world: World) -> None:
    world.declare("o", RENT, protect=True)
    world.apply()
    world.declare("o", RENT, name="Orders", protect=True)


@scenario("a protected block is removed and two others", "removed protected", "removed consent")
def _(world: World) -> None:
    five(world)
    world.declare("a", {"events": {"x.csv": "a:5"}}, protect=True)
    world.apply()
    world.undeclare("a", "b")


@scenario("a retained block is removed and comes back", "live-unclaimed consent", "lost-state decision")
def _(world: World) -> None:
    world.declare("p")
    world.declare("o", RENT, on_removal="retain")
    world.apply()
    world.undeclare("o")
    world.apply()
    world.declare("o", RENT)


@scenario("an adopted dataset is declared no more")
def _(world: World) -> None:
    world.live.create("theirs", "events")
    world.declare("p")
    world.declare("theirs", {"events": None})
    world.apply("adopt:*")
    world.undeclare("theirs")


@scenario("a datatable is declared no more")
def _(world: World) -> None:
    world.declare("o", {"a": {"a.csv": "a:1"}, "b": {"b.csv": "b:2"}})
    world.apply()
    world.declare("o", {"a": {"a.csv": "a:1"}})


@scenario("a dataset with a stranger's datatable is declared no more", "removed consent")
def _(world: World) -> None:
    settled(world)
    made = world.live.tenant.create_datatable(world.live.dataset("o"), "theirs")
    world.live.by_hand.add_rows(made.id, 5)
    world.declare("p")
    world.undeclare("o")


@scenario("a twin of our dataset is there and ours is declared no more", "removed consent")
def _(world: World) -> None:
    settled(world)
    world.live.create("o")
    world.declare("p")
    world.undeclare("o")


@scenario(
    "a nightly job finds all sorts of things",
    "live-unclaimed consent",
    "renamed-in-manifest decision",
    "removed consent",
)
def _(world: World) -> None:
    world.declare("a", RENT)
    world.declare("b", RENT)
    world.apply()
    world.live.create("c")
    world.declare("a", {"events": {"jan.csv": "jan2:12"}}, name="A")
    world.undeclare("b")
    world.declare("c", {"events": {"jan.csv": "c:10"}})


def three(world: World) -> None:
    for key in "abc":
        world.declare(key, {"events": {"x.csv": f"{key}:5"}})
    world.apply()


def five(world: World) -> None:
    for key in "abcde":
        world.declare(key, {"events": {"x.csv": f"{key}:5"}})
    world.apply()


def rename_half_done(world: World) -> None:
    """A REPLACE whose new half is done, and whose old half stays for now."""
    settled(world)
    world.declare("o", RENT, name="Orders")
    world.killed("pmsync apply -e dev --auto-approve --allow replace:o", "dataset.delete")


@scenario("the only datatable of its name belongs to another address", "claimed decision")
def _(world: World) -> None:
    world.declare("o", RENT, named={"events": "Sales"})
    world.apply()
    world.live.rename(world.live.table("o", "Sales"), "log")
    world.declare("o", {**RENT, "log": {"x.csv": "x:3"}}, named={"events": "Sales"})


@scenario("a datatable is gone and its file was changed", "gone-sources-missing consent")
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.delete_datatable(world.live.table("o", "events"))
    world.declare("o", {"events": {"jan.csv": "jan2:12"}})


@scenario(
    "a datatable is gone, and nobody looks at the sources",
    "gone-sources-missing no-data",
    options=("--no-data",),
)
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.delete_datatable(world.live.table("o", "events"))


def a_table_again(world: World) -> None:
    world.declare("o", RENT)


@scenario(
    "a dataset is gone and its file is no table any more",
    "gone-sources-missing waits",
    "no-table data",
    "rebuilt waits",
    mend=a_table_again,
)
def _(world: World) -> None:
    settled(world)
    world.live.delete("o")
    world.write("data/o/events/jan.csv", b"%PDF-1.7\n")


@scenario(
    "much is gone, and a key is renamed",
    "gone decision",
    "new decision",
    "removed-retained decision",
    nothing_comes=True,
)
def _(world: World) -> None:
    three(world)
    world.live.delete("a")
    world.live.delete("b")
    world.undeclare("a")
    world.declare("d", {"events": {"x.csv": "a:5"}}, name="a")


# names that a shell or YAML would read otherwise


@scenario("a dataset of an odd name is renamed in the manifest and by hand", "all-differ decision")
def _(world: World) -> None:
    settled(world)
    world.live.rename(world.live.dataset("o"), "Sales #1: 'all' of \"them\" – ${x} & 012")
    world.declare("o", RENT, name="Orders")


@scenario("a datatable of an odd name is renamed in the manifest and by hand", "all-differ decision")
def _(world: World) -> None:
    settled(world)
    world.live.rename(world.live.table("o", "events"), "null")
    world.declare("o", RENT, named={"events": "Log"})


@scenario("a key is renamed where names have a prefix", "key-and-name-changed decision")
def _(world: World) -> None:
    world.says(namePrefix="[dev] ")
    settled(world)
    world.undeclare("o")
    world.declare("orders", RENT)


@scenario("a dataset of an odd name moves into an odd folder", "renamed-in-manifest decision")
def _(world: World) -> None:
    world.declare("o", RENT, name="Orders 'n' more", folder="Fi//nance")
    world.apply()
    world.declare("o", RENT, name="Orders 'n' more", folder="Fi//nance/A & B")


@scenario(
    "two of three datasets are renamed, and one has lost its files",
    "leftover-rows decision",
    "renamed-in-manifest decision",
)
def _(world: World) -> None:
    three(world)
    world.declare("a", {"events": {"y.csv": "y:9"}}, name="A")
    world.declare("b", {"events": {"x.csv": "b:5"}}, name="B")


@scenario(
    "a dataset is renamed and another takes its old name", "renamed-in-manifest decision", "claimed decision"
)
def _(world: World) -> None:
    settled(world)
    world.declare("o", RENT, name="Orders")
    world.declare("p", {"log": {"x.csv": "x:3"}}, name="o")


@scenario("two datasets swap their names", "renamed-in-manifest decision")
def _(world: World) -> None:
    world.declare("a", RENT)
    world.declare("b", {"log": {"x.csv": "x:3"}})
    world.apply()
    world.declare("a", RENT, name="b")
    world.declare("b", {"log": {"x.csv": "x:3"}}, name="a")


@scenario("an adopted dataset is renamed in the manifest", "renamed-in-manifest decision")
def _(world: World) -> None:
    world.live.create("o", "events")
    world.declare("o", RENT)
    world.apply("adopt:o")
    world.declare("o", RENT, name="Orders")
