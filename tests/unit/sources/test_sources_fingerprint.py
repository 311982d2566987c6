"""What a file holds: digest, rows and columns, and which files are refused."""

from __future__ import annotations

import hashlib

import pytest

from pmsync.sources.fingerprint import MAX_SIZE, Fingerprint, fingerprint
from pmsync.sources.opening import open_source
from pmsync.sources.texts import SMALL
from pmsync.sources.workbook import WorkbookReader


@pytest.fixture
def of(folders, declared):
    """The fingerprint of the file at a path of the project."""

    def run(path):
        with open_source(declared(path), folders) as opened, WorkbookReader() as workbooks:
            return fingerprint(opened, declared(path), workbooks)

    return run


def test_digest_rows_and_columns_of_a_small_text(write, of):
    text = 'case,note\nc1,"two\nlines"\n\nc2,x'
    found = of(write("a.csv", text))
    assert found == Fingerprint(hashlib.sha256(text.encode()).hexdigest(), 2, ("case", "note"))


def test_a_text_of_many_blocks_is_hashed_and_counted_whole(write, of):
    text = "\ufeffcase;note\r\n" + 'c1;"two\r\nlines"\r\nc2;x\r\n' * 150_000
    assert len(text) > 3 * 1024 * 1024
    found = of(write("a.csv", text))
    assert found == Fingerprint(hashlib.sha256(text.encode()).hexdigest(), 300_000, ("case", "note"))


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
    with open_source(declared(path), folders) as opened, WorkbookReader() as workbooks:
        with (project / path).open("a") as file:
            file.write("c2,Pay\n")
        assert refusal(fingerprint, opened, declared(path), workbooks).code == "PM216"
