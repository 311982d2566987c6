"""What a workbook holds, and that none can end this process, take its memory or learn anything of it."""

from __future__ import annotations

import io
import os
import resource
import select
import struct
import subprocess
import sys
import threading
import zipfile
from datetime import date

import pytest
import python_calamine
from legacy import xlsb_of
from workbooks import (
    many,
    sheet_of,
    strings_of,
    with_declared_size,
    workbook_of,
    xlsb_record,
    xlsx_of,
    zip_of,
)

from pmsync.errors import InputError
from pmsync.sources.workbook import WorkbookReader, process
from pmsync.sources.workbook import reader as reading
from pmsync.sources.workbook.child import extent, limits, table
from pmsync.sources.workbook.child.extent import Errors
from pmsync.sources.workbook.child.main import answer_to
from pmsync.sources.workbook.process import Ended, ReaderProcess

BOOK = workbook_of(["case", "activity"], ["c1", "Pay"])


@pytest.fixture
def reader():
    with WorkbookReader() as workbooks:
        yield workbooks


@pytest.fixture
def read(reader, declared):
    """Read one workbook by its bytes."""

    def run(data, name="a.xlsx"):
        return reader.read(declared(name), size=len(data), blocks=[data])

    return run


# what is read


def test_the_first_sheet_is_counted(read):
    rows = [["c1", date(2024, 1, 1), 0], [None, "", "  "], [None, None, False], []]
    assert read(workbook_of(["case", "when", 2024.0, None], *rows)) == (2, ("case", "when", "2024"), ())


@pytest.mark.parametrize("rows", [[], [[1, 2.5, date(2024, 1, 1)], ["a", "b", "c"]]])
def test_a_workbook_without_a_header_is_refused(read, refusal, rows):
    assert refusal(read, workbook_of(*rows)).code == "PM210"


def test_a_header_of_endless_names_is_refused(read, refusal):
    assert refusal(read, workbook_of(["x" * 32_000] * 10)).code == "PM210"


@pytest.mark.parametrize(
    "data",
    [
        b"case,activity\n",
        b"PK\x03\x04junk",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000,
        BOOK[:-40],
        BOOK[:2000],
        b"",
    ],
)
def test_what_is_no_workbook_is_refused(read, refusal, data):
    assert refusal(read, data).code == "PM212"


def test_a_file_in_many_blocks_is_put_together(reader, declared):
    blocks = [BOOK[at : at + 7] for at in range(0, len(BOOK), 7)]
    assert reader.read(declared("a.xlsx"), size=len(BOOK), blocks=blocks).rows == 1


def test_one_process_reads_many_small_workbooks(read, reader):
    read(BOOK)
    first = reader._process
    read(BOOK)
    assert reader._process is first


def test_a_file_that_shrank_is_read_no_further_than_it_goes(reader, declared):
    with pytest.raises(InputError):
        reader.read(declared("a.xlsx"), size=len(BOOK) + 9, blocks=[BOOK[:100]])
    assert reader.read(declared("a.xlsx"), size=len(BOOK), blocks=[BOOK]).rows == 1


def test_what_a_file_grew_by_is_not_read(reader, declared):
    assert reader.read(declared("a.xlsx"), size=len(BOOK), blocks=[BOOK, b"more"]).rows == 1
    assert reader.read(declared("a.xlsx"), size=len(BOOK), blocks=[BOOK]).rows == 1


# what is too much


def test_a_file_too_large_is_refused_unread(reader, declared, refusal):
    diagnostic = refusal(
        lambda: reader.read(declared("a.xlsx"), size=limits.MAX_FILE + 1, blocks=iter([b"never"]))
    )
    assert diagnostic.code == "PM213"
    assert reader._process is None


@pytest.mark.parametrize("cell", ["XFD1048576", "ZZ99999", "AH1000000"])
def test_a_stray_cell_far_away_is_told_in_rows_and_columns(read, refusal, cell):
    diagnostic = refusal(read, workbook_of(["case"], more=[(cell, "stray")]))
    assert diagnostic.code == "PM213"
    assert "rows and" in diagnostic.message
    assert "far below" in diagnostic.suggestion


BOMBS = {
    "100 million cells in one row": lambda: xlsx_of(
        sheet_of(["<row>", *many("<c/>", 100_000_000), "</row>"])
    ),
    "16 thousand by 6 thousand cells": lambda: xlsx_of(
        sheet_of(many(f"<row>{'<c/>' * 16_000}</row>", 6_000))
    ),
    "one cell, 21 million times": lambda: xlsx_of(
        sheet_of(['<row r="2">', *many('<c r="A2"><v>1</v></c>', 21_000_000), "</row>"])
    ),
    "40 million shared strings": lambda: xlsx_of(sheet_of([]), strings_of(many("<si/>", 40_000_000))),
    "a million cells of one long string": lambda: xlsx_of(
        sheet_of(many('<row><c t="s"><v>0</v></c></row>', 1_000_000)),
        strings_of([f"<si><t>{'x' * 32_000}</t></si>"]),
    ),
    "a wide row of cells that do not say where they are": lambda: xlsx_of(
        sheet_of(
            [
                "<row>",
                *many("<c><v>1</v></c>", 15_000_000),
                '</row><row r="9000"><c r="A9000"><v>1</v></c></row>',
            ]
        )
    ),
    "a cell that is not where its row says": lambda: xlsx_of(
        sheet_of(["<row r='2'><c s='1' r='XFD1048576'><v>1</v></c></row>"])
    ),
    "2 GB of white space": lambda: xlsx_of(sheet_of(many(" " * 1000, 2_000_000))),
}


@pytest.mark.parametrize("build", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_ends_in_a_sentence(read, refusal, build):
    assert refusal(read, build()).code == "PM213"
    assert read(BOOK).rows == 1, "the next workbook is read"
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2 * 1024**2  # in KiB


@pytest.mark.parametrize(
    "sheet",
    [
        sheet_of(['<row r="2"><c r="ZZZZZZZ99999999999999"><v>1</v></c></row>']),
        sheet_of(['<row r="2"><c r="A2" t="s"><v>99999999999</v></c></row>']),
        ["<worksheet"],
        [""],
    ],
)
def test_a_sheet_of_nonsense_ends_in_a_sentence(read, refusal, sheet):
    assert refusal(read, xlsx_of(sheet)).code in {"PM210", "PM212"}


def test_deep_nesting_ends_in_a_count(read):
    nested = many("<r>", 5_000_000)
    data = xlsx_of(sheet_of(['<row r="2"><c r="A2" t="inlineStr"><is>', *nested, "</is></c></row>"]))
    assert read(data)[:2] == (0, ("case",))


def test_entities_are_never_expanded(read, refusal):
    entities = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    sheet = [entities, *sheet_of(['<row r="2"><c r="A2" t="inlineStr"><is><t>&a;&b;</t></is></c></row>'])]
    assert refusal(read, xlsx_of(sheet)).code == "PM212"


# archives that say one thing and are another


def test_an_archive_that_says_it_unpacks_to_too_much_is_refused(read, refusal):
    assert refusal(read, with_declared_size(zip_of({"a": "x"}), 0xFFFF_FFF0)).code == "PM213"


def test_an_archive_that_unpacks_to_more_than_it_says_is_refused(read, refusal):
    data = with_declared_size(zip_of({"a.xml": "x" * 10_000}), 100)
    assert refusal(read, data).code == "PM212"


def test_an_encrypted_archive_is_refused(read, refusal):
    data = bytearray(zip_of({"a": "x"}))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    data[data.index(b"PK\x03\x04") + 6] |= 1
    assert "encrypted" in refusal(read, bytes(data)).message


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_archive_packed_in_another_way_is_refused(read, refusal, method):
    assert "packed in a way" in refusal(read, zip_of({"xl/workbook.xml": "x"}, method)).message


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("twin", ["xl/workbook.xml", "XL/WORKBOOK.XML", "xl\\workbook.xml"])
def test_two_parts_of_one_name_are_refused(read, refusal, twin):
    data = io.BytesIO(BOOK)
    with zipfile.ZipFile(data, "a") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = twin
        archive.writestr(info, "<workbook/>")
    assert "two parts of one name" in refusal(read, data.getvalue()).message


def test_an_archive_of_too_many_parts_is_refused(read, refusal):
    parts = {f"{n}.xml": "" for n in range(limits.MAX_PARTS + 1)}
    assert refusal(read, zip_of(parts)).code == "PM213"


def test_a_directory_that_lies_about_where_it_is_ends_in_a_sentence(read, refusal):
    at = BOOK.rindex(b"PK\x05\x06") + 16
    assert refusal(read, BOOK[:at] + struct.pack("<I", 0xFFFF_FFF0) + BOOK[at + 4 :]).code == "PM212"


# binary sheets


def number(value):
    return value.to_bytes(4, "little")


END = xlsb_record(146, b"x" * 16)


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([xlsb_record(0, number(1_048_575)), xlsb_record(2, number(16_383)), END], "PM213"),
        (
            [
                xlsb_record(148, b"x" * 200),
                xlsb_record(0, number(1_048_575)),
                xlsb_record(7, number(16_383) + b"abcd"),
                END,
            ],
            "PM213",
        ),
        ([xlsb_record(0, number(3)), xlsb_record(2, number(3))], "PM212"),
        ([b"\x80\xff\xff\xff\xff\xff"], "PM212"),
        ([b"\0\0\x80"], "PM212"),
        ([], "PM212"),
    ],
)
def test_a_binary_sheet_is_measured_before_it_is_read(read, refusal, records, code):
    """PM212: it was modest, went to the library, and is no whole workbook."""
    data = xlsb_of({"S": []}, **{"xl/worksheets/sheet1.bin": b"".join(records)})
    assert refusal(read, data, "a.xlsb").code == code


@pytest.mark.parametrize("size", [1, 5, 11, 64, 1000])
def test_a_binary_sheet_is_measured_alike_in_blocks_of_any_size(size):
    cells = b"".join(
        xlsb_record(2, number(at % 7) + b"x" * (at * 37 % 300)) for at in range(200)
    )  # short and long records
    sheet = xlsb_record(0, number(41)) + cells + END
    blocks = (sheet[at : at + size] for at in range(0, len(sheet), size))
    assert extent.binary_extent(blocks, Errors())[:3] == (42, 7, 200)


@pytest.mark.parametrize("size", [64, 100, 1000])
def test_a_sheet_in_xml_is_measured_alike_in_blocks_of_any_size(size):
    rows = "".join(f'<row r="{row}"><c r="B{row}"><v>1</v></c></row>' for row in range(1, 200)).encode()
    blocks = (rows[at : at + size] for at in range(0, len(rows), size))
    assert extent.xml_extent(blocks)[:2] == (199, 2)


def test_counting_a_binary_sheet_ends_at_the_limit(monkeypatch):
    monkeypatch.setattr(extent, "MAX_CELLS", 10)
    assert extent.binary_extent([xlsb_record(2, number(1)) * 50 + END], Errors()).cells == 11


# what the process is and is not given


@pytest.fixture
def started():
    """A child process, stopped at the end."""
    child = ReaderProcess()
    yield child
    child.stop()


def of_proc(child, name):
    with open(f"/proc/{child._child.pid}/{name}", "rb") as file:
        return file.read()


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@linux
def test_the_process_has_no_environment_and_no_descriptor_but_its_pipes(monkeypatch):
    monkeypatch.setenv("PMSYNC_API_KEY", "k-123")
    child = ReaderProcess()
    try:
        child.ask(len(BOOK), [BOOK], seconds=60)
        assert b"k-123" not in of_proc(child, "environ")
        assert sorted(os.listdir(f"/proc/{child._child.pid}/fd")) == ["0", "1", "2"]
        held = of_proc(child, "limits").decode()
        assert f"Max address space         {limits.MAX_MEMORY}" in held
        assert "Max open files            0 " in held
    finally:
        child.stop()


@pytest.mark.parametrize("name", ["python_calamine", "sitecustomize", "json", "zipfile", "child"])
def test_no_module_is_taken_from_the_working_folder(tmp_path, monkeypatch, read, name):
    (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'seen')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))  # as `python -m pmsync` does
    assert read(BOOK).rows == 1
    assert not (tmp_path / "seen").exists()


@linux
def test_the_process_ends_with_its_parent_even_in_the_middle_of_a_file(tmp_path):
    """The parent is killed while the child is at a sheet that takes it seconds."""
    (tmp_path / "a.xlsx").write_bytes(xlsx_of(sheet_of(many(" " * 1000, 1_400_000))))
    script = """
import sys
from pmsync.sources.workbook.process import ReaderProcess
data = open("a.xlsx", "rb").read()
child = ReaderProcess()._child
child.stdin.write(b"%d\\n" % len(data) + data)
child.stdin.flush()
print(child.pid, flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    ) as parent:
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    ended = select.select([child], [], [], 60)[0]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.close(child)
    assert ended
    assert used


# how it ends


@pytest.fixture
def child_runs(monkeypatch):
    """Let the child run a script of the test's instead of reading workbooks."""

    def run(script):
        monkeypatch.setattr(process, "_START", script)

    return run


@pytest.mark.parametrize(
    ("end", "fault", "name"),
    [
        ("os.kill(os.getpid(), signal.SIGABRT)", "memory", ""),
        ("os.kill(os.getpid(), signal.SIGKILL)", "memory", ""),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crash", "SIGSEGV"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "time", ""),
        ("sys.exit(0)", "garbage", ""),
        ("print('no line', end='')", "garbage", ""),
        ("sys.stdout.write('x' * 9_000_000)", "garbage", ""),
    ],
)
def test_how_the_process_ends_says_what_was_wrong(child_runs, end, fault, name):
    child_runs(f"import os, signal, sys; sys.stdin.buffer.read(3); {end}")
    with pytest.raises(Ended) as ended:
        ReaderProcess().ask(1, [b"x"], seconds=60)
    assert (ended.value.fault, ended.value.signal) == (fault, name)


def test_a_process_that_never_answers_is_killed(child_runs):
    child_runs("import signal; signal.pause()")
    child = ReaderProcess()
    with pytest.raises(Ended) as ended:
        child.ask(10_000_000, [bytes(10_000_000)], seconds=0.1)
    assert ended.value.fault == "time"


def test_no_timer_is_left_behind(read):
    read(BOOK)
    assert not any(isinstance(thread, threading.Timer) for thread in threading.enumerate())


@pytest.mark.parametrize("line", ["nonsense", "[]", "{}", '{"rows": "1", "header": []}', "[" * 10_000])
def test_an_answer_that_makes_no_sense_is_a_fault(child_runs, read, refusal, line):
    child_runs(f"import sys; sys.stdin.buffer.readline(); print({line!r}, flush=True); sys.stdin.read()")
    assert refusal(read, BOOK).code == "PM212"


def test_a_process_that_cannot_start_is_a_fault_of_that_file_only(read, refusal, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert "did not start" in refusal(read, BOOK).message


def test_a_fault_named_by_a_stranger_is_not_repeated(child_runs, read, refusal):
    answer = '{"fault": "crash", "signal": "\\u001b[2J"}'
    child_runs(f"import sys; sys.stdin.buffer.readline(); print({answer!r}, flush=True); sys.stdin.read()")
    assert "\x1b" not in refusal(read, BOOK).message


def test_an_interruption_stops_the_process_and_stays_one(reader, declared):
    def blocks():
        yield BOOK[:10]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reader.read(declared("a.xlsx"), size=len(BOOK), blocks=blocks())
    assert reader._process is None


def test_the_process_is_out_of_reach_of_ctrl_c(started):
    assert os.getpgid(started._child.pid) != os.getpgid(0)


def test_after_a_large_file_its_memory_is_given_back(read, reader, monkeypatch):
    monkeypatch.setattr(reading, "_KEPT", 1)
    read(BOOK)
    assert reader._process is None


# what the child answers, seen from inside


class PanicException(BaseException):
    """As the library's Rust code raises it on faults of its own."""


@pytest.mark.parametrize(
    ("raised", "fault"),
    [
        (python_calamine.PasswordError("x"), "password"),
        (PanicException(), "unreadable"),
        (RuntimeError(), "unreadable"),
        (MemoryError(), "memory"),
    ],
)
def test_a_fault_of_the_library_is_an_answer(monkeypatch, raised, fault):
    def fail(_):
        raise raised

    monkeypatch.setattr(table, "_opened", fail)
    assert answer_to(BOOK)["fault"] == fault


def test_an_answer_names_the_kind_the_rows_and_the_first_row():
    assert answer_to(BOOK) == {"kind": "xlsx", "rows": 1, "header": ["case", "activity"]}
