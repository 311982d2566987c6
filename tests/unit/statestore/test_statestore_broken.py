"""Broken states: each is refused with its own reason, none is taken as empty, and nothing is written."""

import json
import os
import shutil
import stat

import pytest
from msgspec.structs import replace
from statestore_samples import BINDING, FULL, LINEAGE, VERSION, Killed, Watched, numbers, store_in, table

from pmsync.disk.private import Files
from pmsync.errors import PmsyncError, StateRefused
from pmsync.model.state import Binding, State
from pmsync.statestore.codec import Header, encode, encode_header, encode_outcome
from pmsync.statestore.journal import sealed
from pmsync.statestore.local import fresh

GOOD = encode(FULL, pmsync_version=VERSION)
FOLDER = b'{"id": "f-9", "origin": "created"}'
OTHER_LINEAGE = "00000000-0a7e-4f43-9b0e-4a1f1f3f7d10"


def journal_text(*, lineage=LINEAGE, serial=FULL.serial, tables=(0, 1, 2)):
    header = encode_header(Header(lineage=lineage, serial=serial), pmsync_version=VERSION)
    text, checksum = sealed(header, 0)
    for number in tables:
        line, checksum = sealed(b"[" + encode_outcome([table(number)]) + b"]", checksum)
        text += line
    return text


def resealed(*bodies):
    text, checksum = b"", 0
    for body in bodies:
        line, checksum = sealed(body, checksum)
        text += line
    return text


def edited(change):
    """The good state after `change` has been at its parsed content."""

    def content():
        raw = json.loads(GOOD)
        change(raw)
        return json.dumps(raw).encode()

    return content


def put(*path_and_value):
    *path, last, value = path_and_value

    def change(raw):
        for part in path:
            raw = raw[part]
        raw[last] = value

    return edited(change)


def without(*path):
    *inner, last = path

    def change(raw):
        for part in inner:
            raw = raw[part]
        del raw[last]

    return edited(change)


T, U, D = ("datatables", "o2c.events"), ("uploads", "o2c.events/events.csv"), ("datasets", "o2c")
HEADER = encode_header(Header(lineage=LINEAGE, serial=FULL.serial), pmsync_version=VERSION)

# name: (content of state.json, what the refusal says)
CONTENTS = {
    "no bytes": (b"", r"it is empty \(0 bytes\)"),
    "only blanks": (b" \n\n\t ", r"it is empty \(5 bytes\)"),
    "only NULs": (b"\0" * 4096, "it is not text: it holds NUL bytes"),
    "a NUL inside": (GOOD.replace(b"p2p", b"p\0p", 1), "it is not text: it holds NUL bytes"),
    "a gzip file": (b"\x1f\x8b\x08" + bytes(range(1, 200)), "it is not text: byte 1 is not UTF-8"),
    "Latin-1": (GOOD.decode().encode("latin-1", "replace"), "it is not text: byte .* is not UTF-8"),
    "UTF-16": (GOOD.decode().encode("utf-16"), "it is not text"),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, "it is not JSON: invalid character .line 1, column 1."),
    "cut after one byte": (GOOD[:1], "it is cut off: it ends in the middle of line 1"),
    "cut in the middle": (GOOD[: len(GOOD) // 2], "it is cut off"),
    "cut before the last brace": (GOOD.rstrip()[:-1], "it is cut off"),
    "cut inside a text": (GOOD[: GOOD.index(b"Order to") + 3], "it is cut off"),
    "cut after a colon": (GOOD[: GOOD.index(b'"digest":') + 9], "it is cut off"),
    "twice in one file": (GOOD + GOOD, "it is not JSON: trailing characters"),
    "a merge conflict": (b"<<<<<<< HEAD\n" + GOOD + b"=======\n>>>>>>> theirs\n", "it is not JSON"),
    "YAML": (b"formatVersion: 1\nlineage: x\n", "it is not JSON"),
    "single quotes": (GOOD.replace(b'"', b"'"), "it is not JSON"),
    "a comma too many": (
        GOOD.replace(b'"rows": 17,', b'"rows": 17,,', 1),
        r"it is not JSON: .*\(line \d+, column",
    ),
    "a key twice": (GOOD.replace(b'"runs": 4', b'"runs": 4, "runs": 5'), "key 'runs' stands twice"),
    "an address twice": (
        GOOD.replace(
            b'"folders": {', b'"folders": {"folder:a": ' + FOLDER + b', "folder:a": ' + FOLDER + b",", 1
        ),
        "key 'folder:a' stands twice",
    ),
    "a number of 5,000 digits": (
        GOOD.replace(b'"runs": 4', b'"runs": ' + b"9" * 5000),
        "damaged at runs: Integer value out of range",
    ),
    "nested too deeply": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    "null": (b"null", "its top level is not an object"),
    "a list": (b"[]", "its top level is not an object"),
    "a text": (b'"state"', "its top level is not an object"),
    "an empty object": (b"{}", "no pmsync writes formatVersion null"),
    "another tool's state": (
        b'{"version": 4, "serial": 1, "lineage": "x"}',
        "no pmsync writes formatVersion null",
    ),
    "format 0": (put("formatVersion", 0), "no pmsync writes formatVersion 0"),
    "format -1": (put("formatVersion", -1), "no pmsync writes formatVersion -1"),
    "format true": (put("formatVersion", True), "no pmsync writes formatVersion true"),
    "format '1'": (put("formatVersion", "1"), 'no pmsync writes formatVersion "1"'),
    "format 1.0": (put("formatVersion", 1.0), r"no pmsync writes formatVersion 1\.0"),
    "format 3": (
        put("formatVersion", 3),
        r"newer pmsync \(0\.1\.0, format 3; this one reads formats 1 to 2\)",
    ),
    "format 3, a text as its serial": (b'{"formatVersion": 3, "serial": "x", "y": [{}]}', "newer pmsync"),
    "a format of 5,000 digits": (b'{"formatVersion": 1' + b"0" * 5000 + b"}", "newer pmsync"),
    "format 999, nothing else": (b'{"formatVersion": 999}', r"newer pmsync \(of unknown version, format 999"),
    "an unknown key": (put("owner", "me"), "damaged at its top level: Object contains unknown field `owner`"),
    "an unknown key of a record": (
        put(*T, "colour", "red"),
        r"at datatables → o2c.events: Object contains unknown field `colour`",
    ),
    "no lineage": (without("lineage"), "damaged at its top level: Object missing required field `lineage`"),
    "no serial": (without("serial"), "damaged at its top level: Object missing required field `serial`"),
    "no datasets": (
        without("datasets"),
        "damaged at its top level: Object missing required field `datasets`",
    ),
    "no binding": (without("binding"), "damaged at its top level: Object missing required field `binding`"),
    "no host": (without("binding", "host"), "damaged at binding: Object missing required field `host`"),
    "no intents": (without("intents"), "damaged at its top level: Object missing required field `intents`"),
    "a record without its id": (
        without(*D, "id"),
        r"at datasets → o2c: Object missing required field `id`",
    ),
    "a record that stands twice, and once is wrong": (
        GOOD.replace(b'"folders": {', b'"folders": {"folder:a": 1, "folder:a": ' + FOLDER + b",", 1),
        r"damaged at folders\[\.\.\.\]: Expected `object`",
    ),
    "an id that leads elsewhere": (put(*T, "id", "../d-9"), "a text that pmsync never writes there"),
    "an id of dots": (put(*D, "id", ".."), "a text that pmsync never writes there"),
    "an id with a line break": (put(*D, "id", "d-1\n"), "a text that pmsync never writes there"),
    "a hash that is a path": (put(*U, "sha256", "../../etc/passwd"), "a text that pmsync never writes"),
    "a lineage that is no UUID": (put("lineage", "x"), "damaged at lineage: a text that pmsync never writes"),
    "a count that no file has": (put(*U, "rows", 2**63), "rows: "),
    "an empty lineage": (put("lineage", ""), "damaged at lineage: "),
    "a lineage that is a number": (put("lineage", 5), "damaged at lineage: "),
    "a serial that is a text": (put("serial", "7"), "damaged at serial: "),
    "a serial below zero": (put("serial", -1), "damaged at serial: "),
    "a serial with a fraction": (put("serial", 7.5), "damaged at serial: "),
    "runs that are NaN": (put("runs", float("nan")), "it is not JSON: invalid character"),
    "datasets that are null": (put("datasets", None), "damaged at datasets: "),
    "datasets that are a list": (put("datasets", []), "damaged at datasets: "),
    "a record that is null": (put(*D, None), r"damaged at datasets → o2c: "),
    "an unknown origin": (put(*T, "origin", "found"), r"at datatables → o2c.events → origin: "),
    "an unknown evidence": (put(*U, "evidence", "hope"), "evidence: "),
    "an unknown onRemoval": (put(*D, "onRemoval", "keep"), "onRemoval: "),
    "a consent": (
        put(*D, "superseded", "consents", ["replace"]),
        "superseded: Object contains unknown field `consents`",
    ),
    "an unknown intent": (put("intents", 0, "kind", "rename"), r"damaged at intents\[0\]\.kind: "),
    "a protect that is 1": (put(*D, "protect", 1), r"at datasets → o2c → protect: "),
    "a size below zero": (put(*U, "size", -1), "size: "),
    "a dataset among the datatables": (
        put("datatables", "o2c", {}),
        "at key in datatables: a text that pmsync never writes there",
    ),
    "a datatable among the datasets": (put("datasets", "o2c.events", {}), "at key in datasets: "),
    "a folder without its prefix": (put("folders", "Finance", {}), "at key in folders: "),
    "a source without a datatable": (put("uploads", "o2c/events.csv", {}), "at key in uploads: "),
    "folder names that are one text": (put(*D, "folder", "Finance"), r"at datasets → o2c → folder: "),
    "an empty address of a spent approval": (
        put("spent", 0, "address", ""),
        r"damaged at spent\[0\]\.address: ",
    ),
    "another tenant": (
        put("binding", "tenantId", "7b1d"),
        "of another tenant: 7b1d at api.processmind.com, and this",
    ),
    "another host": (
        put("binding", "host", "evil.example"),
        "of another tenant: .* at evil.example, and this",
    ),
}


def test_the_corpus_is_large():
    assert len(CONTENTS) + len(FOLDERS) + len(JOURNALS) >= 80


@pytest.mark.parametrize(("content", "reason"), CONTENTS.values(), ids=CONTENTS.keys())
def test_a_broken_state_is_refused_with_its_reason(tmp_path, content, reason):
    (tmp_path / "state.json").write_bytes(content() if callable(content) else content)
    refused(tmp_path, reason, where="state.json")


@pytest.mark.parametrize("size", range(0, len(GOOD) - 1, 23))
def test_a_state_cut_anywhere_is_refused(tmp_path, size):
    (tmp_path / "state.json").write_bytes(GOOD[:size])
    refused(tmp_path, r"it is (cut off|empty|not text)", where="state.json")


# --- what may stand in the folder ---------------------------------------------------------------------------


def fifo(folder):
    os.mkfifo(folder / "state.json")


def directory(folder):
    (folder / "state.json").mkdir()


def link_to_good(folder):
    (folder / "elsewhere.json").write_bytes(GOOD)
    (folder / "state.json").symlink_to(folder / "elsewhere.json")


def dangling_link(folder):
    (folder / "state.json").symlink_to(folder / "nowhere.json")


def link_to_null(folder):
    (folder / "state.json").symlink_to(os.devnull)


def too_large(folder):
    with (folder / "state.json").open("wb") as file:
        file.truncate((64 << 20) + 1)


def only_previous(folder):
    (folder / "state.previous.json").write_bytes(GOOD)


def only_broken_previous(folder):
    (folder / "state.previous.json").write_bytes(b"")


def only_journal(folder):
    (folder / "journal.jsonl").write_bytes(journal_text())


def only_empty_journal(folder):
    (folder / "journal.jsonl").write_bytes(b"")


def journal_link(folder):
    (folder / "state.json").write_bytes(GOOD)
    (folder / "elsewhere").write_bytes(journal_text())
    (folder / "journal.jsonl").symlink_to(folder / "elsewhere")


def journal_folder(folder):
    (folder / "state.json").write_bytes(GOOD)
    (folder / "journal.jsonl").mkdir()


# name: (how to make it, what the refusal says, which file it names)
FOLDERS = {
    "a pipe": (fifo, "it is not a regular file", "state.json"),
    "a folder": (directory, "it is not a regular file", "state.json"),
    "a link to a good state": (link_to_good, "it is a symbolic link", "state.json"),
    "a dangling link": (dangling_link, "it is a symbolic link", "state.json"),
    "a link to nothing at all": (link_to_null, "it is a symbolic link", "state.json"),
    "too large": (too_large, "it cannot be read: File too large", "state.json"),
    "only the previous copy": (only_previous, "missing, though the version before it is there", "state.json"),
    "only a broken copy": (
        only_broken_previous,
        "missing, though the version before it is there",
        "state.json",
    ),
    "only the journal": (only_journal, "missing, though its journal is there", "state.json"),
    "only an empty journal": (only_empty_journal, "missing, though its journal is there", "state.json"),
    "a journal that is a link": (journal_link, "it is a symbolic link", "journal.jsonl"),
    "a journal that is a folder": (journal_folder, "it is not a regular file", "journal.jsonl"),
}


@pytest.mark.parametrize(("make", "reason", "file"), FOLDERS.values(), ids=FOLDERS.keys())
def test_what_is_no_plain_file_or_lost_is_refused(tmp_path, make, reason, file):
    make(tmp_path)
    refused(tmp_path, reason, where=file)


def test_a_folder_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "state.json").write_bytes(GOOD)
    (tmp_path / "prod").symlink_to(tmp_path / "real")
    with pytest.raises(StateRefused, match="the folder of the state is a symbolic link"):
        store_in(tmp_path / "prod").read()


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "prod").write_text("x")
    with pytest.raises(StateRefused, match="it cannot be read: Not a directory"):
        store_in(tmp_path / "prod").read()


class Forbidden(Files):
    def read(self, path):
        raise PermissionError(13, "Permission denied", path)


def test_a_state_that_may_not_be_read_is_refused(tmp_path):
    (tmp_path / "state.json").write_bytes(GOOD)
    with pytest.raises(StateRefused, match="it cannot be read: Permission denied") as refusal:
        store_in(tmp_path, files=Forbidden()).read()
    assert "may read and write" in refusal.value.hint


# --- journals -----------------------------------------------------------------------------------------------


def flipped(line):
    lines = journal_text().splitlines(keepends=True)
    lines[line] = lines[line].replace(b"id", b"iD", 1) if line else lines[line].replace(b"1", b"2", 1)
    return b"".join(lines)


def lines_of(*which):
    lines = journal_text().splitlines(keepends=True)
    return b"".join(lines[number] for number in which)


HEADER_OF_3 = HEADER.replace(b'"formatVersion":2', b'"formatVersion":3')
# name: (content of journal.jsonl, what the refusal says, where in the file)
JOURNALS = {
    "no bytes": (b"", "its first line is not whole", ""),
    "half a first line": (journal_text()[:20], "its first line is not whole", ""),
    "NULs": (b"\0" * 512, "its first line is not whole", ""),
    "another kind of file": (b"hello\nworld\n", "its first line is not whole", ""),
    "a changed first line": (flipped(0), "its first line is not whole", ""),
    "no first line": (lines_of(1, 2, 3), "its first line is not whole", ""),
    "a changed second line": (flipped(1), "the checksum of this line is wrong", ":2"),
    "a changed third line": (flipped(2), "the checksum of this line is wrong", ":3"),
    "a lost line": (lines_of(0, 2, 3), "the checksum of this line is wrong", ":2"),
    "two lines exchanged": (lines_of(0, 2, 1, 3), "the checksum of this line is wrong", ":2"),
    "a line twice": (lines_of(0, 1, 1, 2, 3), "the checksum of this line is wrong", ":3"),
    "an empty line": (lines_of(0, 1) + b"\n" + lines_of(2, 3), "the checksum of this line is wrong", ":3"),
    "another lineage": (journal_text(lineage=OTHER_LINEAGE), "goes on from another state .lineage 0", ""),
    "an older state beside it": (
        journal_text(serial=8),
        "goes on from version 8 of the state, and the state beside it is the older version 7",
        "",
    ),
    "a newer format": (resealed(HEADER_OF_3), "written by a newer pmsync", ":1"),
    "a first line of another shape": (resealed(b'{"formatVersion":1}'), "the journal is damaged at ", ":1"),
    "a first line that is a list": (resealed(b"[]"), "its top level is not an object", ":1"),
    "an unknown entry": (
        resealed(HEADER, b'[[{"entry":"rename"}]]'),
        r"the journal is damaged at \[0\]\[0\]\.entry: ",
        ":2",
    ),
    "an outcome that is no list": (resealed(HEADER, b"[5]"), r"the journal is damaged at \[0\]: ", ":2"),
    "outcomes that are no JSON": (resealed(HEADER, b"[[}"), "it is not JSON", ":2"),
}


@pytest.mark.parametrize(("content", "reason", "line"), JOURNALS.values(), ids=JOURNALS.keys())
def test_a_damaged_journal_is_refused_with_its_line(tmp_path, content, reason, line):
    (tmp_path / "state.json").write_bytes(GOOD)
    (tmp_path / "journal.jsonl").write_bytes(content)
    refused(tmp_path, reason, where=f"journal.jsonl{line}")


def test_a_journal_cut_after_its_first_line_gives_a_prefix_of_its_outcomes(tmp_path):
    text = journal_text(tables=range(5))
    ends = [end for end, byte in enumerate(text) if byte == ord("\n")]
    (tmp_path / "state.json").write_bytes(encode(replace(FULL, datatables={}), pmsync_version=VERSION))
    for size in range(len(text) + 1):
        (tmp_path / "journal.jsonl").write_bytes(text[:size])
        whole = sum(end < size for end in ends)
        if whole:
            assert numbers(store_in(tmp_path).read()) == list(range(whole - 1))
        else:
            refused(tmp_path, "its first line is not whole", where="journal.jsonl")


def test_no_changed_byte_of_a_journal_gives_another_outcome(tmp_path):
    text = journal_text(tables=range(3))
    last = text.rindex(b"\n", 0, -1)  # without this newline the last two lines are one, and torn
    (tmp_path / "state.json").write_bytes(encode(replace(FULL, datatables={}), pmsync_version=VERSION))
    for at in range(len(text)):
        (tmp_path / "journal.jsonl").write_bytes(text[:at] + bytes([text[at] ^ 0x01]) + text[at + 1 :])
        if at < last:
            line = text.count(b"\n", 0, at) + 1
            refused(
                tmp_path, "the journal is damaged", where="journal.jsonl" + (f":{line}" if line > 1 else "")
            )
        else:
            assert numbers(store_in(tmp_path).read()) == ([0] if at == last else [0, 1])


def test_the_advice_for_a_damaged_line_keeps_what_stands_before_it(tmp_path):
    (tmp_path / "state.json").write_bytes(encode(replace(FULL, datatables={}), pmsync_version=VERSION))
    (tmp_path / "journal.jsonl").write_bytes(flipped(2))
    with pytest.raises(StateRefused) as refusal:
        store_in(tmp_path).read()
    assert os.system(refusal.value.hint.split("): ")[1]) == 0
    assert numbers(store_in(tmp_path).read()) == [0]


def test_the_advice_for_a_journal_moves_it_aside(tmp_path):
    (tmp_path / "state.json").write_bytes(GOOD)
    (tmp_path / "journal.jsonl").write_bytes(b"")
    with pytest.raises(StateRefused) as refusal:
        store_in(tmp_path).read()
    assert os.system(refusal.value.hint.split("written: ")[1]) == 0
    assert store_in(tmp_path).read() == FULL


def test_the_advice_for_a_state_is_its_previous_copy(tmp_path):
    (tmp_path / "state.json").write_bytes(b"")
    (tmp_path / "state.previous.json").write_bytes(GOOD)
    with pytest.raises(StateRefused) as refusal:
        store_in(tmp_path).read()
    assert os.system(refusal.value.hint.split("look at it, then ")[1]) == 0
    assert store_in(tmp_path).read() == FULL


def test_without_a_previous_copy_the_advice_is_a_backup(tmp_path):
    (tmp_path / "state.json").write_bytes(b"")
    with pytest.raises(StateRefused) as refusal:
        store_in(tmp_path).read()
    assert "backup" in refusal.value.hint
    assert "--new-state" in refusal.value.hint


def refused(folder, reason, *, where):
    """Neither read nor begun, said well, and nothing in the folder has changed."""
    before = listing(folder)
    with pytest.raises(StateRefused, match=reason) as refusal:
        store_in(folder).read()
    assert refusal.value.where == str(folder / where)
    assert refusal.value.hint
    for state in (fresh(BINDING, LINEAGE), FULL):
        with pytest.raises(StateRefused, match=reason):
            store_in(folder).begin(state)
    assert listing(folder) == before


def listing(folder):
    found = {}
    for path in folder.iterdir():
        status = path.lstat()
        plain = stat.S_ISREG(status.st_mode) and status.st_size < 1 << 20
        found[path.name] = (status.st_mode, status.st_mtime_ns, path.read_bytes() if plain else None)
    return found


# --- links where something is about to be written -----------------------------------------------------------


@pytest.mark.parametrize("name", ["state.json.tmp", "state.previous.json.tmp", "journal.jsonl.tmp"])
@pytest.mark.parametrize("kind", ["link", "folder"])
def test_what_is_no_plain_file_is_never_written_through(tmp_path, name, kind):
    folder = tmp_path / "prod"
    store_in(folder).begin(fresh(BINDING, LINEAGE)).close()
    (tmp_path / "victim").write_text("precious")
    if kind == "link":
        (folder / name).symlink_to(tmp_path / "victim")
    else:
        (folder / name).mkdir()
    before = store_in(folder).read()
    with pytest.raises(PmsyncError, match=r"could not be written: (a symbolic link|not a regular file)"):
        store_in(folder).begin(before)
    assert (tmp_path / "victim").read_text() == "precious"
    assert replace(store_in(folder).read(), serial=0) == replace(before, serial=0)


def test_what_a_killed_run_left_half_written_is_replaced(tmp_path):
    store_in(tmp_path).begin(fresh(BINDING, LINEAGE)).close()
    for name in ("state.json.tmp", "state.previous.json.tmp", "journal.jsonl.tmp"):
        (tmp_path / name).write_bytes(b"hal")
    ledger = store_in(tmp_path).begin(store_in(tmp_path).read())
    ledger.record([table(0)])
    ledger.close()
    assert numbers(store_in(tmp_path).read()) == [0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state.json", "state.previous.json"]


# --- states of somebody else, states that move --------------------------------------------------------------


def test_a_state_is_not_begun_for_another_tenant(tmp_path):
    with pytest.raises(StateRefused, match="of another tenant"):
        store_in(tmp_path / "prod").begin(fresh(Binding(tenant_id="other", host=BINDING.host), LINEAGE))
    assert not (tmp_path / "prod").exists()


class Shifting(Files):
    """Somebody replaces the state whenever its journal was read, so many times."""

    def __init__(self, times):
        self.times = times

    def read(self, path):
        try:
            return super().read(path)
        finally:
            if path.endswith("journal.jsonl") and self.times:
                self.times -= 1
                folder = os.path.dirname(path)
                store = store_in(folder)
                ledger = store.begin(store.read())
                ledger.record([table(self.times)])
                ledger.close()


def test_a_state_that_is_replaced_while_it_is_read_is_read_again(tmp_path):
    store_in(tmp_path).begin(fresh(BINDING, LINEAGE)).close()
    assert numbers(store_in(tmp_path, files=Shifting(3)).read()) == [0, 1, 2]


def test_a_state_that_never_stands_still_is_refused(tmp_path):
    store_in(tmp_path).begin(fresh(BINDING, LINEAGE)).close()
    with pytest.raises(StateRefused, match="it changes faster than it can be read"):
        store_in(tmp_path, files=Shifting(1000)).read()


def test_a_file_that_becomes_a_link_while_it_is_looked_at_is_not_followed(tmp_path, monkeypatch):
    def swapped(path):
        found = lstat(path)
        os.rename(path, f"{path}.real")
        os.symlink(f"{path}.real", path)
        return found

    lstat = os.lstat
    (tmp_path / "state.json").write_bytes(GOOD)
    monkeypatch.setattr("pmsync.disk.private.os.lstat", swapped)
    with pytest.raises(StateRefused, match="Too many levels of symbolic links"):
        store_in(tmp_path).read()


def test_a_journal_that_the_state_has_outgrown_is_not_replayed(tmp_path):
    (tmp_path / "state.json").write_bytes(GOOD)
    (tmp_path / "journal.jsonl").write_bytes(journal_text(serial=FULL.serial - 1))
    assert store_in(tmp_path).read() == FULL


def test_reading_writes_nothing(tmp_path):
    class ReadOnly(Watched):
        def before(self, method, *arguments):
            raise Killed

    (tmp_path / "state.json").write_bytes(GOOD)
    (tmp_path / "journal.jsonl").write_bytes(journal_text()[:-5])
    before = listing(tmp_path)
    assert numbers_after(store_in(tmp_path, files=ReadOnly()).read()) == [0, 1]
    assert listing(tmp_path) == before


def numbers_after(state: State):
    return [int(address.key[1:]) for address in state.datatables if address.key != "events"]


def test_a_copied_folder_is_the_same_state(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "state.json").write_bytes(GOOD)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert store_in(tmp_path / "b").read() == FULL
