"""Reading uploaded workbooks: every format, every kind of cell, and those that are broken or mean harm."""

import struct
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from emulator_books import DATE, Error, Formula, Styled, biff, biff12, xls, xlsb, xlsb_row, xlsx, zipped

from pmsync.emulator.ingest import UnreadableError, read_table

DATA = Path(__file__).parents[2] / "data" / "workbooks"
WRITERS = {"xlsx": xlsx, "xls": xls, "xlsb": xlsb}
MOMENT = datetime(2024, 1, 25, 10)


@pytest.fixture
def read(tmp_path):
    def read(content: bytes, name):
        path = tmp_path / "stored-under-its-digest"
        path.write_bytes(content)
        return read_table(path, name)

    return read


@pytest.fixture(params=WRITERS)
def book(request, read):
    """Reads a workbook of these sheets, in each format."""

    def book(*sheets):
        return read(WRITERS[request.param](*sheets), f"Book.{request.param.upper()}")

    return book


def types(content):
    return {column.name: column.type for column in content.columns}


def names(content):
    return [column.name for column in content.columns]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("text", "string"),
        ("007", "string"),
        ("2024-01-25T10:00:00Z", "datetime"),
        (12, "integer"),
        (-3, "integer"),
        (1.5, "number"),
        (True, "boolean"),
        (MOMENT, "datetime"),
        (Styled(45_000), "datetime"),
        (Styled(0.5, DATE), "string"),
        (Error("#N/A"), "string"),
        (Formula(2.5), "number"),
        (Formula("text"), "string"),
        (Formula(False), "boolean"),
        (Formula(MOMENT), "datetime"),
        (Formula(Error("#REF!")), "string"),
    ],
)
def test_a_cell_of_any_kind_makes_a_row_and_has_its_type(book, cell, found):
    content = book([["id", "cell"], [None, cell]])
    assert (content.row_count, types(content)["cell"]) == (1, found)


@pytest.mark.parametrize("blank", [None, "", "  ", "\t", "\n"])
def test_a_row_of_blank_cells_is_no_row(book, blank):
    assert book([["a", "b"], [1, 2], [blank, blank], [3, 4]]).row_count == 2


@pytest.mark.parametrize("filled", ["\N{NO-BREAK SPACE}", Error("#N/A"), "#N/A", 0, False])
def test_a_row_of_one_cell_that_shows_nothing_much_is_a_row(book, filled):
    assert book([["a", "b"], [None, filled]]).row_count == 1


def test_the_first_sheet_counts_whatever_the_others_hold(book):
    content = book([["a"], [1]], [["x", "y"], [1, 2], [3, 4]])
    assert (content.row_count, names(content)) == (1, ["a"])


def test_rows_may_be_ragged_and_begin_late(book):
    content = book([[], ["a", "b"], [1], [], [None, None, 3]])
    assert (content.row_count, names(content)) == (2, ["a", "b"])


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("  id ", "id"),
        ("Größe €", "Größe €"),
        (2024, "2024"),
        (1.5, "1.5"),
        (True, "TRUE"),
        (Error("#N/A"), "#N/A"),
        (MOMENT, "2024-01-25 10:00:00"),
    ],
)
def test_a_header_cell_of_any_kind_is_a_name(book, cell, name):
    assert names(book([[cell, "", "last", " "], [1]])) == [name, "column_2", "last"]


def test_an_empty_sheet_has_no_header(book):
    with pytest.raises(UnreadableError, match="no header"):
        book([], [["a"], [1]])


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"<html>", zipped({"a": b""}), b"\xd0\xcf\x11\xe0" + bytes(600)]
)
def test_what_is_no_workbook_is_unreadable_and_says_so(read, content, suffix):
    with pytest.raises(UnreadableError, match="workbook"):
        read(content, f"book.{suffix}")


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_workbook_cut_anywhere_is_read_or_unreadable_and_nothing_worse(read, suffix):
    whole = WRITERS[suffix]([["a", "b"], [1, "x"], [2.5, Error("#N/A")], [MOMENT, Formula("y")]])
    for end in range(0, len(whole), 37):
        try:
            assert read(whole[:end], f"book.{suffix}").row_count <= 3
        except UnreadableError:
            continue


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_workbook_with_a_wrong_byte_is_read_or_unreadable_and_nothing_worse(read, suffix):
    whole = WRITERS[suffix]([["a", "b"], [1, "x"], [MOMENT, Formula("y")]])
    for place in range(0, len(whole), 37):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        try:
            read(bytes(broken), f"book.{suffix}")
        except UnreadableError:
            continue


@pytest.mark.parametrize("suffix", ["xlsx", "xlsb"])
def test_a_workbook_that_unpacks_to_more_than_one_can_need_is_not_read(read, suffix, monkeypatch):
    monkeypatch.setattr("pmsync.emulator.workbooks._MOST_UNPACKED", 1_000_000)
    with pytest.raises(UnreadableError, match="too large"):
        read(WRITERS[suffix]([["a"], ["x" * 1_000_001]]), f"book.{suffix}")


class TestXlsx:
    def test_what_openpyxl_writes_has_these_types(self, tmp_path):
        book = openpyxl.Workbook()
        book.active.append(["cost", "at", "day", "time", "for"])
        book.active.append([1.5, MOMENT, date(2024, 1, 25), time(10), timedelta(1)])
        book.save(tmp_path / "book.xlsx")
        content = read_table(tmp_path / "book.xlsx", "book.xlsx")
        assert list(types(content).values()) == ["number", "datetime", "datetime", "string", "string"]

    def test_rows_beyond_the_last_are_not_filled_in(self, read):
        far = '<row r="1"><c><v>1</v></c></row><row r="99999999999"><c><v>2</v></c></row>'
        assert read(xlsx(raw=f"<sheetData>{far}</sheetData>"), "book.xlsx").row_count == 0

    def test_rows_that_only_reach_far_are_too_large_a_workbook(self, read, monkeypatch):
        monkeypatch.setattr("pmsync.emulator.xlsx._MOST_CELLS", 100_000)
        far = "".join(f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>' for row in range(1, 9))
        with pytest.raises(UnreadableError, match="too large"):
            read(xlsx(raw=f"<sheetData>{far}</sheetData>"), "book.xlsx")

    def test_characters_that_xml_cannot_hold_are_spelt_out(self, read):
        assert names(read(xlsx([["a_x000D_\nb"], [1]]), "book.xlsx")) == ["a\r\nb"]


class TestXls:
    def test_what_another_program_wrote_is_read_the_same(self):
        content = read_table(DATA / "every-cell.xls", "every-cell.xls")
        assert content.row_count == 3
        assert types(content) == {
            "text": "string",
            "integer": "integer",
            "number": "number",
            "boolean": "boolean",
            "moment": "datetime",
            "error": "string",
            "Größe €": "string",
        }

    def test_days_count_from_1904_where_the_workbook_says_so(self, read):
        assert names(read(xls([[Styled(1.0)], [1]], since_1904=True), "book.xls")) == ["1904-01-02"]

    def test_an_encrypted_workbook_is_unreadable(self, read):
        whole = xls([["a"], [1]])
        locked = whole[:20] + biff(0x2F, struct.pack("<HHH", 0, 1, 2)) + whole[20:]
        with pytest.raises(UnreadableError, match="not a workbook"):
            read(locked, "book.xls")

    def test_what_xlrd_has_to_say_is_not_printed(self, read, capfd):
        read((DATA / "every-cell.xls").read_bytes() + b"more than the container says", "book.xls")
        assert capfd.readouterr() == ("", "")


class TestXlsb:
    def test_days_count_from_1904_where_the_workbook_says_so(self, read):
        assert names(read(xlsb([[Styled(1.0)], [1]], since_1904=True), "book.xlsb")) == ["1904-01-02"]

    def test_shared_texts_are_found(self, read):
        parts = unzipped(xlsb(raw=xlsb_text_rows(2)))
        texts = (b"\0\1\0\0\0a\0", b"\0\1\0\0\0b\0")
        parts["xl/sharedStrings.bin"] = (
            biff12(159, bytes(8)) + b"".join(biff12(19, text) for text in texts) + biff12(160)
        )
        content = read(zipped(parts), "book.xlsb")
        assert (names(content), content.row_count) == (["a"], 1)

    def test_a_cell_beyond_the_last_column_is_no_cell(self, read):
        with pytest.raises(UnreadableError, match="too many columns"):
            read(xlsb(raw=xlsb_row(0, [(1 << 30, 1.5, 0, False)])), "book.xlsb")

    def test_a_workbook_of_a_chart_alone_has_no_sheet(self, read):
        parts = unzipped(xlsb([["a"]]))
        relations = "xl/_rels/workbook.bin.rels"
        parts[relations] = parts[relations].replace(b"/worksheet", b"/chartsheet")
        with pytest.raises(UnreadableError, match="without a sheet"):
            read(zipped(parts), "book.xlsb")


def xlsb_text_rows(count):
    return b"".join(xlsb_row(row, []) + biff12(7, struct.pack("<III", 0, 0, row)) for row in range(count))


def unzipped(book):
    with zipfile.ZipFile(BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
