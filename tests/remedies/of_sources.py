"""Scenarios of source files: changed, renamed, doubled, lost, swapped, or no table at all."""

from __future__ import annotations

from typing import Final

from remedies.scenario import APPENDS, HIDDEN, LATE, LATE_APPENDS, OTHERS_REPLACE, Book
from remedies.world import World, content_of

scenario: Final = Book()
RENT: Final = {"events": {"jan.csv": "jan:10"}}
JAN: Final = "data/o/events/jan.csv"


def settled(world: World, **files: str) -> None:
    """`o.events` holds `jan.csv`, or these files, as declared."""
    world.events(**(files or {"jan": "jan:10"}))
    world.apply()


# day by day


@scenario("a corrected file of the same name")
def _(world: World) -> None:
    settled(world)
    world.events(jan="nab:10")


@scenario("a file is renamed")
def _(world: World) -> None:
    settled(world)
    world.events(january="jan:10")


@scenario("a file is renamed and changed at once", "leftover-rows decision")
def _(world: World) -> None:
    settled(world)
    world.events(january="jan2:12")


@scenario("a file is renamed and changed at once where other names are unknown", "leftover-rows decision")
def _(world: World) -> None:
    settled(world)
    world.behaves("replaces", "unknown")
    world.events(january="jan2:12")


@scenario(
    "a file is renamed and changed at once on a tenant that appends", "leftover-rows decision", manner=APPENDS
)
def _(world: World) -> None:
    settled(world)
    world.events(january="jan2:12")


@scenario("a file is renamed and changed at once where nobody knows anything", "leftover-rows decision")
def _(world: World) -> None:
    settled(world)
    world.behaves("unknown", "unknown")
    world.events(january="jan2:12")


@scenario("two files are renamed and changed at once", "leftover-rows decision")
def _(world: World) -> None:
    settled(world, jan="jan:10", feb="feb:9")
    world.events(january="jan2:12", february="feb2:11")


@scenario("one of two files is renamed and changed, the other changed", "leftover-rows decision")
def _(world: World) -> None:
    settled(world, jan="jan:10", feb="feb:9")
    world.events(january="jan2:12", feb="feb2:11")


@scenario("a source moves to another datatable that holds leftover rows", "leftover-rows decision")
def _(world: World) -> None:
    world.declare("o", {"a": {"x.csv": "x:5", "y.csv": "y:6"}, "b": {"z.csv": "z:7"}})
    world.apply()
    world.declare("o", {"a": {"x.csv": "x:5"}, "b": {"y.csv": "y:6"}})


@scenario("an appended extract is gone from the disk, a new one is there")
def _(world: World) -> None:
    world.events(append=True, d1="d1:5", d2="d2:6")
    world.apply()
    world.events(append=True, d2="d2:6", d3="d3:7")


@scenario("two files swap their contents", "rotation decision")
def _(world: World) -> None:
    settled(world, a="a:1", b="b:2")
    world.events(a="b:2", b="a:1")


@scenario("two files swap their contents on a tenant that appends", "rotation decision", manner=APPENDS)
def _(world: World) -> None:
    settled(world, a="a:1", b="b:2")
    world.events(a="b:2", b="a:1")


@scenario("two files swap their contents, and the last is read before the first", "rotation decision")
def _(world: World) -> None:
    settled(world, a="a:1", z="z:2")
    world.events(a="z:2", z="a:1")


@scenario("a log rotates under the same name", "rotation decision")
def _(world: World) -> None:
    settled(world, log="m:5")
    world.events(log="t:6", log1="m:5")


@scenario("a log rotates over three names", "rotation decision")
def _(world: World) -> None:
    settled(world, log="c:5", log1="b:6", log2="a:7")
    world.events(log="d:4", log1="c:5", log2="b:6")


def _rename_log(world: World) -> None:
    (world.root / "data/o/events/log.csv").rename(world.root / "data/o/events/log-of-today.csv")


@scenario("a log rotates in a pattern", "rotation decision", mend=_rename_log)
def _(world: World) -> None:
    world.events(append=True, log="m:5")
    world.apply()
    world.events(append=True, log="t:6", log1="m:5")


@scenario("the copy that was sent changes and the other stays", "rotation decision")
def _(world: World) -> None:
    settled(world, a="same:5", b="same:5")
    world.events(a="other:6", b="same:5")


@scenario("two files of one content")
def _(world: World) -> None:
    world.events(a="same:5", b="same:5")


@scenario("an extract that came out empty", "no-rows consent")
def _(world: World) -> None:
    settled(world)
    world.events(jan="empty:0")


@scenario("two extracts that came out empty", "no-rows consent")
def _(world: World) -> None:
    settled(world, jan="jan:10", feb="feb:9")
    world.events(jan="empty:0", feb="void:0:case,activity")


@scenario("an extract that lost most of its rows", "changed consent")
def _(world: World) -> None:
    settled(world, jan="jan:400")
    world.events(jan="jan:40")


@scenario("an extract that lost more than its datatable allows", "changed consent")
def _(world: World) -> None:
    settled(world, jan="jan:1000")
    world.says(limits={"maxRowDrop": "20%"})
    world.events(jan="jan:700")


@scenario("an empty extract beside a renamed one", "no-rows consent", "leftover-rows decision")
def _(world: World) -> None:
    settled(world, jan="jan:10", feb="feb:9")
    world.events(jan="empty:0", february="feb2:8")


# a tenant that appends, or of which nobody knows


@scenario("a changed file on a tenant that appends", "would-double decision", manner=APPENDS)
def _(world: World) -> None:
    settled(world)
    world.events(jan="jan2:12")


@scenario("two changed files on a tenant that appends", "would-double decision", manner=APPENDS)
def _(world: World) -> None:
    settled(world, jan="jan:10", feb="feb:9")
    world.events(jan="jan2:12", feb="feb2:8")


@scenario("an empty extract on a tenant that appends", "would-double decision", manner=APPENDS)
def _(world: World) -> None:
    settled(world)
    world.events(jan="empty:0")


@scenario(
    "a changed file and a colleague's rows on a tenant that appends", "would-double decision", manner=APPENDS
)
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.add_rows(world.live.table("o", "events"), 3)
    world.events(jan="jan2:12")


@scenario(
    "a changed file of a protected dataset on a tenant that appends", "would-double decision", manner=APPENDS
)
def _(world: World) -> None:
    world.declare("o", RENT, protect=True)
    world.apply()
    world.declare("o", {"events": {"jan.csv": "jan2:12"}}, protect=True)


@scenario(
    "a changed file of an adopted dataset on a tenant that appends", "would-double decision", manner=APPENDS
)
def _(world: World) -> None:
    world.live.create("o", "events")
    world.declare("o", RENT)
    world.apply("adopt:o")
    world.events(jan="jan2:12")


@scenario("a changed file where nobody knows what the same name does", "same-name-unknown decision")
def _(world: World) -> None:
    settled(world)
    world.behaves("unknown")
    world.events(jan="jan2:12")


@scenario(
    "a changed file where nobody knows what the same name does, and it appends",
    "same-name-unknown decision",
    manner=APPENDS,
)
def _(world: World) -> None:
    settled(world)
    world.behaves("unknown")
    world.events(jan="jan2:12")


@scenario("two changed files where nobody knows anything", "same-name-unknown decision")
def _(world: World) -> None:
    settled(world, jan="jan:10", feb="feb:9")
    world.behaves("unknown", "unknown")
    world.events(jan="jan2:12", feb="feb2:8")


@scenario("where other names replace the one source changes its name and content", manner=OTHERS_REPLACE)
def _(world: World) -> None:
    settled(world)
    world.events(feb="feb:9")


@scenario("where other names replace, rows of a colleague would go", "new consent", manner=OTHERS_REPLACE)
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.add_rows(world.live.table("o", "events"), 7)
    world.events(feb="feb:9")


# rows of others


@scenario("a colleague's rows beside a new file", "foreign-rows decision")
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.add_rows(world.live.table("o", "events"), 3)
    world.events(jan="jan:10", feb="feb:9")


@scenario("a colleague's many rows beside a new file", "foreign-rows decision")
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.add_rows(world.live.table("o", "events"), 30)
    world.events(jan="jan:10", feb="feb:9")


@scenario("a colleague's rows beside two new files", "foreign-rows decision")
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.add_rows(world.live.table("o", "events"), 3)
    world.events(jan="jan:10", feb="feb:9", mar="mar:8")


@scenario(
    "a colleague's rows beside a new file on a tenant that appends", "foreign-rows decision", manner=APPENDS
)
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.add_rows(world.live.table("o", "events"), 30)
    world.events(jan="jan:10", feb="feb:9")


@scenario("a colleague's rows beside a new file where nobody knows anything", "foreign-rows decision")
def _(world: World) -> None:
    settled(world)
    world.behaves("unknown", "unknown")
    world.live.by_hand.add_rows(world.live.table("o", "events"), 30)
    world.events(jan="jan:10", feb="feb:9")


@scenario("a colleague's rows, and nothing new")
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.add_rows(world.live.table("o", "events"), 3)


@scenario("a colleague loaded the very file that is declared next", "lost-state decision")
def _(world: World) -> None:
    settled(world)
    world.events(jan="jan:10", feb="feb:9")
    table = world.live.table("o", "events")
    world.live.by_hand.add_file(table, world.root / "data/o/events/feb.csv")


@scenario("a script replaced the file that is declared, with more rows")
def _(world: World) -> None:
    settled(world)
    world.live.by_hand.add_file(
        world.live.table("o", "events"), world.write("theirs/jan.csv", content_of("y:15"))
    )


# rows that are gone


@scenario("rows vanished and another file is new", "rows-missing decision")
def _(world: World) -> None:
    settled(world, a="a:5", b="b:6")
    world.live.lose_rows("o", "events", 6)
    world.events(a="a:5", b="b:6", c="c:7")


@scenario(
    "rows vanished and another file is new, on a tenant that appends", "rows-missing decision", manner=APPENDS
)
def _(world: World) -> None:
    settled(world, a="a:5", b="b:6")
    world.live.lose_rows("o", "events", 6)
    world.events(a="a:5", b="b:6", c="c:7")


@scenario("rows vanished and another file is new, where nobody knows anything", "rows-missing decision")
def _(world: World) -> None:
    settled(world, a="a:5", b="b:6")
    world.behaves("unknown", "unknown")
    world.live.lose_rows("o", "events", 6)
    world.events(a="a:5", b="b:6", c="c:7")


@scenario("rows vanished and two others are new", "rows-missing decision")
def _(world: World) -> None:
    settled(world, a="a:5", b="b:6")
    world.live.lose_rows("o", "events", 6)
    world.events(a="a:5", b="b:6", c="c:7", d="d:8")


@scenario("rows vanished, and nothing new")
def _(world: World) -> None:
    settled(world)
    world.live.lose_rows("o", "events", 6)


@scenario("rows vanished from a file that is changed")
def _(world: World) -> None:
    settled(world)
    world.live.lose_rows("o", "events", 6)
    world.events(jan="jan2:12")


# a lost state


def lost(world: World) -> None:
    settled(world, a="a:5", b="b:6")
    world.lose_state()


@scenario("the state is lost", "live-unclaimed consent", "lost-state decision")
def _(world: World) -> None:
    lost(world)


@scenario(
    "the state is lost, on a tenant that appends",
    "live-unclaimed consent",
    "lost-state decision",
    manner=APPENDS,
)
def _(world: World) -> None:
    lost(world)


@scenario("the state is lost, where nobody knows anything", "live-unclaimed consent", "lost-state decision")
def _(world: World) -> None:
    lost(world)
    world.behaves("unknown", "unknown")


@scenario(
    "the state is lost, where other names replace",
    "live-unclaimed consent",
    "new consent",
    manner=OTHERS_REPLACE,
)
def _(world: World) -> None:
    settled(world)
    world.lose_state()


@scenario(
    "the state is lost with hidden folders", "live-unclaimed consent", "lost-state decision", manner=HIDDEN
)
def _(world: World) -> None:
    world.declare("o", RENT, folder="Finance")
    world.apply()
    world.lose_state()


@scenario("the state is lost and a file was changed since", "live-unclaimed consent", "foreign-rows decision")
def _(world: World) -> None:
    settled(world)
    world.lose_state()
    world.events(jan="jan2:12")


@scenario(
    "the state is lost and a file was changed since, on a tenant that appends",
    "live-unclaimed consent",
    "foreign-rows decision",
    manner=APPENDS,
)
def _(world: World) -> None:
    settled(world)
    world.lose_state()
    world.events(jan="jan2:8")


@scenario("the state of two datasets is lost", "live-unclaimed consent", "lost-state decision")
def _(world: World) -> None:
    world.declare("o", RENT)
    world.declare("p", {"log": {"x.csv": "x:3"}})
    world.apply()
    world.lose_state()


@scenario("the state of one file is lost", "lost-state decision")
def _(world: World) -> None:
    settled(world, a="a:5", b="b:6")
    world.call("state", "forget", "o.events/b.csv", "-e", "dev")


@scenario("the state of one file is lost, on a tenant that appends", "lost-state decision", manner=APPENDS)
def _(world: World) -> None:
    settled(world, a="a:5", b="b:6")
    world.call("state", "forget", "o.events/b.csv", "-e", "dev")


@scenario("the state of one file is lost and another is new", "lost-state decision")
def _(world: World) -> None:
    settled(world, a="a:5", b="b:6")
    world.call("state", "forget", "o.events/b.csv", "-e", "dev")
    world.events(a="a:5", b="b:6", c="c:7")


# rows that come late


def late(world: World, **files: str) -> None:
    world.events(**(files or {"jan": "jan:10"}))
    world.live.flows = False
    world.apply(exits=4)


@scenario("rows are not there yet", "unconfirmed unconfirmed", manner=LATE)
def _(world: World) -> None:
    late(world)


@scenario("rows of two files are not there yet", "unconfirmed unconfirmed", manner=LATE)
def _(world: World) -> None:
    late(world, jan="jan:10", feb="feb:9")


@scenario("rows are not there yet, on a tenant that appends", "unconfirmed unconfirmed", manner=LATE_APPENDS)
def _(world: World) -> None:
    late(world)


@scenario("rows are not there yet, where nobody knows anything", "unconfirmed unconfirmed", manner=LATE)
def _(world: World) -> None:
    world.behaves("unknown", "unknown")
    late(world)


@scenario(
    "a second file waits for the first where other names are unknown",
    "unconfirmed unconfirmed",
    "waits waits",
    manner=LATE,
)
def _(world: World) -> None:
    world.behaves("replaces", "unknown")
    late(world, a="a:5", b="b:6")


@scenario(
    "a new file waits for one whose rows are not there yet",
    "unconfirmed unconfirmed",
    "waits waits",
    manner=LATE,
)
def _(world: World) -> None:
    late(world)
    world.events(jan="jan:10", feb="feb:9")


@scenario("a file whose rows are not there yet is changed", manner=LATE)
def _(world: World) -> None:
    late(world)
    world.events(jan="jan2:12")


@scenario("rows never come", "unconfirmed unconfirmed", manner=LATE, nothing_comes=True)
def _(world: World) -> None:
    late(world)
    world.live.drop_what_is_on_its_way()


@scenario(
    "rows never come, on a tenant that appends",
    "unconfirmed unconfirmed",
    manner=LATE_APPENDS,
    nothing_comes=True,
)
def _(world: World) -> None:
    late(world)
    world.live.drop_what_is_on_its_way()


@scenario(
    "rows never come, where nobody knows anything", "unconfirmed unconfirmed", manner=LATE, nothing_comes=True
)
def _(world: World) -> None:
    world.behaves("unknown", "unknown")
    late(world)
    world.live.drop_what_is_on_its_way()


@scenario("rows of one file of two never come", "unconfirmed unconfirmed", manner=LATE, nothing_comes=True)
def _(world: World) -> None:
    settled(world)
    late(world, jan="jan:10", feb="feb:9")
    world.live.drop_what_is_on_its_way()


# no tables


def bad(world: World, name: str, content: bytes) -> None:
    settled(world)
    world.events(jan="jan:10")
    world.write(f"data/o/events/{name}", content)
    world.datasets["o"]["datatables"]["events"]["sources"] = [JAN, f"data/o/events/{name}"]
    world.write_manifest()


def made_good(world: World) -> None:
    """Every source is there, and a table."""
    declared = (world.root / "manifests/m.yaml").read_text()
    for name in ("feb.csv", "jan.csv"):
        file = world.root / "data/o/events" / name
        if f"/{name}" in declared and (
            not file.exists() or file.is_symlink() or b"case,activity\njan" not in file.read_bytes()
        ):
            file.unlink(missing_ok=True)
            file.write_text(content_of(f"{file.stem}-again:4"))


_NO_TABLES: Final = {
    "a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:"
    + b"0" * 64
    + b"\nsize 12345\n",
    "an HTML page": b"<!DOCTYPE html><html><body>login</body></html>\n",
    "an XML document": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>\n',
    "JSON": b'{"a": 1}\n',
    "a PDF": b"%PDF-1.7\n1 0 obj\n",
    "a ZIP archive": b"PK\x03\x04" + b"\0" * 40,
    "a gzip file": b"\x1f\x8b\x08\x00" + b"\0" * 20,
    "an image": b"\x89PNG\r\n\x1a\n" + b"\0" * 20,
    "a Parquet file": b"PAR1" + b"\0" * 20 + b"PAR1",
    "a file with merge conflict markers": b"case,activity\n<<<<<<< HEAD\na,b\n=======\na,c\n>>>>>>> x\n",
    "a file with NUL bytes": b"case,activity\na\0,b\n",
    "a file with a quote that never closes": b'case,activity\n"a,b\nc,d\n',
    "a file that is empty": b"",
    "a file split by bars": b"case|activity\na|b\n",
    "a file of another encoding": "case,activit\xe9\na,b\n".encode("latin-1"),
    "a file that begins with sep=": b"sep=;\ncase;activity\na;b\n",
}


def _no_table(name: str, content: bytes) -> None:
    @scenario(f"a second source is {name}", "no-table data", mend=made_good)
    def _(world: World) -> None:
        bad(world, "feb.csv", content)


for _name, _content in _NO_TABLES.items():
    _no_table(_name, _content)


@scenario("a source is missing", "no-table data", mend=made_good)
def _(world: World) -> None:
    settled(world)
    (world.root / JAN).unlink()


@scenario(
    "a pattern matches nothing", "no-table data", mend=lambda world: world.events(append=True, jan="jan:10")
)
def _(world: World) -> None:
    world.events(append=True, jan="jan:10")
    world.apply()
    (world.root / JAN).unlink()


@scenario("a source is a link that leads outside", "no-table data", mend=made_good)
def _(world: World) -> None:
    settled(world)
    (world.root / JAN).unlink()
    (world.root / JAN).symlink_to("/etc/hostname")


@scenario(
    "a source of a dataset that is not there yet is no table", "new waits", "no-table data", mend=made_good
)
def _(world: World) -> None:
    world.events(jan="jan:10")
    world.write(JAN, b"%PDF-1.7\n")


@scenario("a bad source beside a changed one", "changed waits", "no-table data", mend=made_good)
def _(world: World) -> None:
    settled(world, jan="jan:10", feb="feb:9")
    world.events(jan="jan2:12", feb="feb:9")
    world.write("data/o/events/feb.csv", b"%PDF-1.7\n")


@scenario(
    "a bad source in a dataset that was renamed",
    "no-table data",
    "renamed-in-manifest decision",
    mend=made_good,
)
def _(world: World) -> None:
    settled(world)
    world.declare("o", RENT, name="Orders")
    world.write(JAN, b"%PDF-1.7\n")


def columns_alike(world: World) -> None:
    world.events(append=True, jan="jan:10", feb="feb:3")


@scenario("two files of one append share no column", "new waits", "no-table data", mend=columns_alike)
def _(world: World) -> None:
    world.events(append=True, jan="jan:10")
    world.apply()
    world.events(append=True, jan="jan:10", feb="feb:3:x,y")


@scenario(
    "a rebuild without looking at sources",
    "replace-asked no-data",
    "replaced waits",
    options=("--allow", "replace:o", "--no-data"),
)
def _(world: World) -> None:
    settled(world)
    world.declare("o", RENT, name="Orders")


@scenario("a recreate without looking at sources", "gone-sources-missing no-data", options=("--no-data",))
def _(world: World) -> None:
    settled(world)
    world.live.delete("o")


@scenario(
    "a changed file on a tenant that appends, in a dataset renamed to a name that is taken",
    "renamed-in-manifest decision",
    "would-double waits",
    manner=APPENDS,
)
def _(world: World) -> None:
    settled(world)
    world.live.create("Orders")
    world.declare("o", {"events": {"jan.csv": "jan2:12"}}, name="Orders")


# names that a shell or YAML would read otherwise

_ODD: Final = 'jan 2024\'s $(x) #1: "é".csv'


@scenario("a file of an odd name comes from an earlier upload", "lost-state decision")
def _(world: World) -> None:
    world.declare("o", {"events": {"a.csv": "a:5", _ODD: "b:6"}})
    world.apply()
    world.call("state", "forget", f"o.events/{_ODD}", "-e", "dev")


@scenario("a file of an odd name is renamed and changed", "leftover-rows decision")
def _(world: World) -> None:
    world.declare("o", {"events": {_ODD: "b:6"}})
    world.apply()
    world.declare("o", {"events": {"plain.csv": "c:7"}})


@scenario("a file is renamed to an odd name and changed", "leftover-rows decision")
def _(world: World) -> None:
    settled(world)
    world.declare("o", {"events": {_ODD: "b:6"}})


@scenario("files of odd names swap their contents", "rotation decision")
def _(world: World) -> None:
    world.declare("o", {"events": {_ODD: "a:1", "b b.csv": "b:2"}})
    world.apply()
    world.declare("o", {"events": {_ODD: "b:2", "b b.csv": "a:1"}})


@scenario("an odd file came out empty", "no-rows consent")
def _(world: World) -> None:
    world.declare("o", {"events": {_ODD: "b:6"}})
    world.apply()
    world.declare("o", {"events": {_ODD: "b:0"}})


# more of tenants that nobody knows


@scenario(
    "other names replace, and nobody knew",
    "unconfirmed unconfirmed",
    "waits waits",
    manner=OTHERS_REPLACE,
    nothing_comes=True,
    mend=lambda world: world.events(b="b:6"),
)
def _(world: World) -> None:
    world.behaves("replaces", "unknown")
    world.events(a="a:5", b="b:6", c="c:7")
    world.apply(exits=4)


@scenario(
    "the same name appends, and pmsync.yaml says that it replaces", "unconfirmed unconfirmed", manner=APPENDS
)
def _(world: World) -> None:
    settled(world)
    world.behaves("replaces")
    world.events(jan="jan2:12")
    world.apply(exits=4)


@scenario("rows are not looked at")
def _(world: World) -> None:
    world.says(verify={"rows": False})
    settled(world)


@scenario(
    "an adopted datatable holds rows, and a file is declared for it",
    "live-unclaimed consent",
    "foreign-rows decision",
)
def _(world: World) -> None:
    world.declare("o")
    world.apply()
    world.live.tenant.create_datatable(world.live.dataset("o"), "events")
    world.live.by_hand.add_rows(world.live.table("o", "events"), 4)
    world.declare("o", RENT)


@scenario("a colleague loads rows of other columns, as many as are declared next", "foreign-rows decision")
def _(world: World) -> None:
    settled(world)
    theirs = world.write("theirs/x.csv", content_of("x:9:a,b"))
    world.live.by_hand.add_file(world.live.table("o", "events"), theirs)
    world.events(jan="jan:10", feb="feb:9")


@scenario("rows of a file that is declared no more vanished", "rows-missing decision")
def _(world: World) -> None:
    settled(world, a="a:5", b="b:6")
    world.live.lose_rows("o", "events", 6)
    world.events(a="a:5", c="c:7")


@scenario(
    "an upload was taken as done, and its rows never came",
    "rows-missing decision",
    manner=LATE,
    nothing_comes=True,
)
def _(world: World) -> None:
    late(world)
    world.live.drop_what_is_on_its_way()
    world.apply(assume=["o.events/jan.csv"])
    world.events(jan="jan:10", feb="feb:9")
