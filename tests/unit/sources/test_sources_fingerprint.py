"""What a file holds: digest, rows and columns of text and workbooks, and which files are refused."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from datetime import date

import openpyxl
import pytest
import python_calamine

from pmsync.sources import workbook
from pmsync.sources.fingerprint import MAX_SIZE, SMALL, fingerprint
from pmsync.sources.opening import open_source
from pmsync.sources.workbook import MAX_FILE, read_workbook, require_size


@pytest.fixture
def of(folders, declared):
    """The fingerprint of the file at a path of the project."""

    def run(path):
        with open_source(declared(path), folders) as opened:
            return fingerprint(opened, declared(path))

    return run


def test_digest_rows_and_columns_of_a_small_text(write, of):
    text = 'case,note\nc1,"two\nlines"\n\nc2,x'
    found = of(write("a.csv", text))
    assert found == (hashlib.sha256(text.encode()).hexdigest(), 2, ("case", "note"))


def test_a_text_of_many_blocks_is_hashed_and_counted_whole(write, of):
    text = "\ufeffcase;note\r\n" + 'c1;"two\r\nlines"\r\nc2;x\r\n' * 150_000
    assert len(text) > 3 * 1024 * 1024
    found = of(write("a.csv", text))
    assert found == (hashlib.sha256(text.encode()).hexdigest(), 300_000, ("case", "note"))


@pytest.mark.parametrize("size", [SMALL - 1, SMALL, SMALL + 1])
def test_a_text_around_the_small_size_is_read_whole(write, of, size):
    text = ("case\n" + "x\n" * size)[:size]
    assert of(write("a.csv", text))[:2] == (hashlib.sha256(text.encode()).hexdigest(), (size - 4) // 2)


def test_a_header_alone_has_no_rows(write, of):
    assert of(write("a.csv", "case,activity\n")).rows == 0


def test_a_sheet_in_text_is_read_whatever_its_name(write, of):
    assert of(write("export", "case\tx\n1\t2\n")).columns == ("case", "x")


def test_an_empty_file_is_refused(write, of, refusal):
    assert refusal(of, write("a.csv", "")).code == "PM209"


def test_a_file_that_no_upload_can_take_is_refused_unread(project, of, refusal):
    with (project / "huge.csv").open("wb") as file:
        file.truncate(MAX_SIZE + 1)
    diagnostic = refusal(of, "huge.csv")
    assert diagnostic.code == "PM208"
    assert "5,368,709,121 bytes" in diagnostic.message


def test_a_file_that_changes_while_it_is_read_is_refused(project, write, folders, declared, refusal):
    path = write("a.csv")
    with open_source(declared(path), folders) as opened:
        with (project / path).open("a") as file:
            file.write("c2,Pay\n")
        assert refusal(fingerprint, opened, declared(path)).code == "PM216"


# workbooks


def workbook_of(*rows, more=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, value in more:
        book.active[cell] = value
    book.create_sheet("second").append(["never", "looked", "at"])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_the_first_sheet_of_a_workbook_is_counted(write, of):
    data = workbook_of(
        ["case", "when", 2024.0, None], ["c1", date(2024, 1, 1), 0], [None, "", "  "], [None, None, False], []
    )
    found = of(write("a.XLSX", data))
    assert found == (hashlib.sha256(data).hexdigest(), 2, ("case", "when", "2024"))


def test_rows_above_the_header_are_no_header(write, of, refusal):
    data = workbook_of(more=[("B3", "case"), ("B4", "c1")])
    assert refusal(of, write("a.xlsx", data)).code == "PM210"


def test_columns_left_of_the_header_have_no_name(write, of):
    data = workbook_of(more=[("B1", "case"), ("B2", "c1")])
    found = of(write("a.xlsx", data))
    assert (found.rows, found.columns[-1]) == (1, "case")


@pytest.mark.parametrize("rows", [[], [[1, 2.5, date(2024, 1, 1)], ["a", "b", "c"]]])
def test_a_workbook_without_a_header_is_refused(write, of, refusal, rows):
    assert refusal(of, write("a.xlsx", workbook_of(*rows))).code == "PM210"


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.xlsb"])
@pytest.mark.parametrize(
    "data",
    [
        b"case,activity\n",
        b"PK\x03\x04junk",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000,
        workbook_of(["case"])[:-40],
        workbook_of(["case"])[:2000],
    ],
)
def test_what_is_no_workbook_is_refused(write, of, refusal, name, data):
    assert refusal(of, write(name, data)).code == "PM212"


def zip_of(**parts):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def with_declared_size(data, size):
    """The archive with another unpacked size in its directory."""
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]


def test_an_archive_that_unpacks_to_too_much_is_refused(declared, refusal):
    data = with_declared_size(zip_of(a="x"), 0xFFFF_FFF0)
    assert refusal(read_workbook, data, declared("a.xlsx")).code == "PM213"


def test_an_archive_that_unpacks_to_more_than_it_says_is_refused(declared, refusal):
    data = with_declared_size(zip_of(a="x" * 10_000), 100)
    assert refusal(read_workbook, data, declared("a.xlsx")).code == "PM212"


def test_an_encrypted_archive_is_refused(declared, refusal):
    data = bytearray(zip_of(a="x"))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    data[data.index(b"PK\x03\x04") + 6] |= 1
    assert refusal(read_workbook, bytes(data), declared("a.xlsx")).code == "PM212"


@pytest.mark.parametrize("cell", ["XFD1048576", "ZZ99999", "AH1000000"])
def test_a_stray_cell_far_away_is_refused_before_the_reader_lays_it_out(write, of, refusal, cell):
    diagnostic = refusal(of, write("a.xlsx", workbook_of(["case"], more=[(cell, "stray")])))
    assert diagnostic.code == "PM213"
    assert "far below" in diagnostic.suggestion


def test_cells_of_a_sheet_larger_than_a_chunk_are_all_seen(declared, refusal, monkeypatch):
    monkeypatch.setattr(workbook, "_CHUNK", 256)
    data = workbook_of(*([f"c{row}"] for row in range(50)), more=[("XFD1048576", "stray")])
    assert refusal(read_workbook, data, declared("a.xlsx")).code == "PM213"


def record(kind, content):
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(content)
    return head + (bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])) + content


def number(value):
    return value.to_bytes(4, "little")


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([record(0, number(1_048_575)), record(2, number(16_383))], "PM213"),
        (
            [record(148, b"x" * 200), record(0, number(1_048_575)), record(7, number(16_383) + b"abcd")],
            "PM213",
        ),
        ([record(0, number(3)), record(2, number(3))], "PM212"),
        ([b"\x80\xff\xff\xff\xff\xff"], "PM212"),
        ([b"\0\0\x80"], "PM212"),
        ([], "PM212"),
    ],
)
def test_a_binary_sheet_is_measured_before_it_is_read(declared, refusal, records, code):
    """PM212: it was modest, went to the reader, and is no whole workbook."""
    data = zip_of(**{"xl/worksheets/sheet1.bin": b"".join(records)})
    assert refusal(read_workbook, data, declared("a.xlsb")).code == code


def test_a_workbook_that_is_too_large_to_be_held_is_refused(declared, refusal):
    require_size(MAX_FILE, declared("a.xlsx"))
    assert refusal(require_size, MAX_FILE + 1, declared("a.xlsx")).code == "PM213"


class PanicException(BaseException):
    """As the reader's Rust code raises it on faults of its own."""


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (python_calamine.PasswordError("x"), "is protected by a password"),
        (PanicException(), "cannot be read"),
        (RuntimeError(), "cannot be read"),
    ],
)
def test_a_fault_of_the_reader_is_a_diagnostic(declared, refusal, monkeypatch, fault, says):
    def fail(_):
        raise fault

    monkeypatch.setattr(workbook, "_rows", fail)
    diagnostic = refusal(read_workbook, b"", declared("a.xlsx"))
    assert (diagnostic.code, says in diagnostic.message) == ("PM212", True)


def test_an_interruption_while_a_workbook_is_read_stays_one(declared, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(workbook, "_rows", interrupt)
    with pytest.raises(KeyboardInterrupt):
        read_workbook(b"", declared("a.xlsx"))
