"""What is remembered of files, when it is believed, and that losing it is never a failure."""

from __future__ import annotations

import os
import zlib

import msgspec
import pytest

from pmsync.model.source import FileStamp
from pmsync.sources.cache import LARGEST, RACY_NS, DigestCache, Known, is_racy, stamp_text
from pmsync.sources.fingerprint import Fingerprint

STAMP = FileStamp(device=2**64 - 1, inode=2**63, size=5, mtime_ns=100, ctime_ns=200)
CONTENT = Fingerprint("ab" * 32, 3, ("case", "tab\there", "ü"))
HOMES = ("/p",)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "below" / "cache.db")


def known(stamp=STAMP, home="/p", content=CONTENT):
    return Known(stamp_text(stamp), home, content)


def filled(path, *names, **options):
    """A cache file that holds these paths."""
    cache = DigestCache(path)
    for name in names:
        cache.put(name, known(**options), lasting=True)
    cache.save()


def told(path, name="/p/a.csv", stamp=STAMP, homes=HOMES):
    return DigestCache(path).get(name, stamp_text(stamp), homes)


def whole(path):
    """What the cache file says, as plain data: homes, columns, and rows by path."""
    with open(path, "rb") as file:
        return msgspec.msgpack.decode(file.read().partition(b"\n")[2])


def rows(path):
    return sorted(whole(path)[2])


def forged(path, data, *, head=None):
    """Another content behind a right checksum."""
    body = data if isinstance(data, bytes) else msgspec.msgpack.encode(data)
    if head is None:
        with open(path, "rb") as file:
            head = file.read().partition(b"\n")[0].rpartition(b" ")[0]
    with open(path, "wb") as file:
        file.write(b"%s %08x\n" % (head, zlib.crc32(body)) + body)


def test_what_was_saved_is_known_to_the_next_run(path):
    filled(path, "/p/a.csv", "/p/b\nc.csv")
    assert told(path) == told(path, "/p/b\nc.csv") == CONTENT
    assert told(path, "/p/other.csv") is None


@pytest.mark.parametrize("field", ["device", "inode", "size", "mtime_ns", "ctime_ns"])
def test_any_other_stamp_is_not_believed(path, field):
    filled(path, "/p/a.csv")
    fields = {name: getattr(STAMP, name) for name in STAMP.__slots__} | {field: 7}
    assert told(path, stamp=FileStamp(**fields)) is None


def test_a_file_of_a_folder_that_is_no_longer_allowed_is_not_known(path):
    filled(path, "/p/a.csv", home="/extra")
    assert told(path) is None
    assert told(path, homes=("/p", "/extra")) == CONTENT


def test_within_a_run_everything_is_remembered_and_without_a_path_nothing_longer():
    cache = DigestCache(None)
    cache.put("/p/a.csv", known(), lasting=False)
    assert cache.get("/p/a.csv", stamp_text(STAMP), HOMES) == CONTENT
    assert cache.get("/p/a.csv", "other", HOMES) is None
    cache.save()


def test_what_is_not_lasting_is_not_saved(path):
    cache = DigestCache(path)
    cache.put("/p/a.csv", known(), lasting=False)
    cache.save()
    assert not os.path.exists(path)


@pytest.mark.parametrize(
    ("mtime", "ctime", "racy"),
    [(0, 0, False), (RACY_NS, 0, True), (0, RACY_NS, True), (0, 1, True), (1, 0, True), (-5, 0, False)],
)
def test_a_file_is_racy_unless_it_is_two_seconds_older_than_its_reading(mtime, ctime, racy):
    stamp = FileStamp(device=1, inode=1, size=1, mtime_ns=mtime, ctime_ns=ctime)
    assert is_racy(stamp, RACY_NS) is racy


def test_saving_drops_files_that_are_gone_and_keeps_those_that_are_only_not_declared(path, tmp_path):
    there, gone = str(tmp_path / "there.csv"), str(tmp_path / "gone.csv")
    (tmp_path / "there.csv").touch()
    filled(path, there, gone)
    cache = DigestCache(path)
    cache.put("/p/new.csv", known(), lasting=True)
    cache.save()
    assert rows(path) == sorted(["/p/new.csv", there])


def test_a_run_that_learnt_nothing_writes_nothing(path):
    filled(path, "/p/a.csv")
    before = os.stat(path).st_mtime_ns
    cache = DigestCache(path)
    cache.get("/p/a.csv", stamp_text(STAMP), HOMES)
    cache.save()
    assert os.stat(path).st_mtime_ns == before


def test_a_path_that_is_no_text_does_not_keep_others_from_being_saved(path):
    filled(path, "/p/\udcff.csv", "/p/a.csv")
    assert rows(path) == ["/p/a.csv"]


def test_two_runs_at_once_both_save(path):
    first, second = DigestCache(path), DigestCache(path)
    first.put("/p/a.csv", known(), lasting=True)
    second.put("/p/b.csv", known(), lasting=True)
    first.save()
    second.save()
    assert rows(path) == ["/p/a.csv", "/p/b.csv"]


RUBBISH = {
    "another program's": lambda path: write(
        path, b"not a cache at all, but long enough to look like one" * 20
    ),
    "empty": lambda path: write(path, b""),
    "torn": lambda path: write(path, read(path)[:-7]),
    "overwritten": lambda path: write(path, read(path)[:60] + b"\xff" * 8000),
    "newer": lambda path: forged(path, whole(path), head=b"pmsync-digests 99 sha256"),
    "of another shape": lambda path: forged(path, {"rows": []}),
    "no data": lambda path: forged(path, b"\xc1" * 100),
    "a bomb of lists": lambda path: forged(path, b"\x91" * 100_000),
    "a promise of four thousand million rows": lambda path: forged(path, b"\x93\xdd\xff\xff\xff\xff"),
    "too large": lambda path: os.truncate(path, LARGEST + 1),
}


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def read(path):
    with open(path, "rb") as file:
        return file.read()


@pytest.mark.parametrize("spoil", RUBBISH.values(), ids=RUBBISH)
def test_a_cache_file_that_is_rubbish_is_made_anew_without_a_word(path, spoil):
    filled(path, "/p/a.csv", "/p/z.csv")
    spoil(path)
    assert told(path) is None
    filled(path, "/p/b.csv")
    assert told(path) is None
    assert told(path, "/p/b.csv") == CONTENT


STAMPED, HOME, COLUMNS, SHA256, ROWS, NAMES = stamp_text(STAMP), 0, 0, "ab" * 32, 3, ()


@pytest.mark.parametrize(
    "row",
    [
        [STAMPED, HOME, COLUMNS, [SHA256, "many", NAMES]],
        [STAMPED, HOME, COLUMNS, [SHA256, -1, NAMES]],
        [STAMPED, HOME, COLUMNS, [SHA256, 3.5, NAMES]],
        [STAMPED, HOME, COLUMNS, ["short", ROWS, NAMES]],
        [STAMPED, HOME, COLUMNS, ["../" * 21 + "x", ROWS, NAMES]],
        [STAMPED, HOME, COLUMNS, [SHA256, ROWS, {}]],
        [STAMPED, HOME, COLUMNS, [SHA256, ROWS]],
        [STAMPED, HOME, 7, [SHA256, ROWS, NAMES]],
        [STAMPED, HOME, -1, [SHA256, ROWS, NAMES]],
        [STAMPED, 7, COLUMNS, [SHA256, ROWS, NAMES]],
        [STAMPED, -1, COLUMNS, [SHA256, ROWS, NAMES]],
        ["", HOME, COLUMNS, [SHA256, ROWS, NAMES]],
        [None, HOME, COLUMNS, [SHA256, ROWS, NAMES]],
    ],
    ids=str,
)
def test_a_row_that_makes_no_sense_is_not_believed(path, row):
    filled(path, "/p/a.csv")
    forged(path, [["/p"], [["case"]], {"/p/a.csv": row}])
    assert told(path) is None


def test_columns_that_are_no_texts_are_not_believed(path):
    filled(path, "/p/a.csv")
    forged(path, [["/p"], [[1]], whole(path)[2]])
    assert told(path) is None


def test_a_pipe_in_the_place_of_the_cache_is_not_waited_for(path):
    os.makedirs(os.path.dirname(path))
    os.mkfifo(path)
    assert told(path) is None


def test_a_folder_in_the_place_of_the_cache_is_gone_without(path):
    os.makedirs(path)
    filled(path, "/p/a.csv")
    assert told(path) is None
    assert os.path.isdir(path)


def test_a_place_that_cannot_be_made_is_gone_without(tmp_path):
    (tmp_path / "file").touch()
    filled(str(tmp_path / "file" / "cache.db"), "/p/a.csv")
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize("there", [True, False])
def test_a_symlink_in_the_place_of_the_cache_is_never_followed(tmp_path, there):
    target = tmp_path / "target"
    if there:
        target.write_bytes(b"precious")
    (tmp_path / "cache.db").symlink_to(target)
    filled(str(tmp_path / "cache.db"), "/p/a.csv")
    assert (target.read_bytes() if there else target.exists()) == (b"precious" if there else False)
