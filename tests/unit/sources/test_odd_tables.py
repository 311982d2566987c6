"""Files that are odd and yet tables: each is accepted, with the right rows and columns, and without a word."""

from __future__ import annotations

import pytest

from pmsync.sources.fingerprint import fingerprint
from pmsync.sources.opening import open_source
from pmsync.sources.workbook import WorkbookReader


@pytest.fixture
def of(write, folders, declared):
    """What a file of this name and these bytes holds."""

    def run(data, name="a.csv"):
        path = write(name, data)
        with open_source(declared(path), folders) as opened, WorkbookReader() as workbooks:
            return fingerprint(opened, declared(path), workbooks)

    return run


_LOOKALIKES = [
    ("PGDMP,b\n1,2\n", 1, ("PGDMP", "b")),
    ("%PDF-1.4,b\n1,2\n", 1, ("%PDF-1.4", "b")),
    ("%PDF-1.4 ,b\n1,2\n", 1, ("%PDF-1.4", "b")),
    ("GIF87a,b\n1,2\n", 1, ("GIF87a", "b")),
    ("PAR1;ORC;BM;MZ\n1;2;3;4\n", 1, ("PAR1", "ORC", "BM", "MZ")),
    ("BM,MZ\n1,2\n", 1, ("BM", "MZ")),
    ("ID3,x\n1,2\n", 1, ("ID3", "x")),
    ("BEGIN:VCARD,x\n1,2\n", 1, ("BEGIN:VCARD", "x")),
    ("070701,x\n1,2\n", 1, ("070701", "x")),
    ("-- id,x\n1,2\n", 1, ("-- id", "x")),
    ("{id},{name}\n1,2\n", 1, ("{id}", "{name}")),
    ("[id],[name]\n1,2\n", 1, ("[id]", "[name]")),
    ("[1],b\n2,3\n", 1, ("[1]", "b")),
    ("<id>,<name>\n1,2\n", 1, ("<id>", "<name>")),
    ("<html>,<body>\n1,2\n", 1, ("<html>", "<body>")),
    ("<p>;</p>\n1;2\n", 1, ("<p>", "</p>")),
    ("#!/bin/sh,x\n1,2\n", 1, ("#!/bin/sh", "x")),
    ("From: a,To: b,Date: c\n1,2,3\n", 1, ("From: a", "To: b", "Date: c")),
    ("CREATE TABLE ,x\n1,2\n", 1, ("CREATE TABLE", "x")),
    ("version https://x,oid\n1,2\n", 1, ("version https://x", "oid")),
    ("../a,../b\n1,2\n", 1, ("../a", "../b")),
    ("id,page\n1,<html><body>x</body></html>\n", 1, ("id", "page")),
    ('id,body\n1,"{""a"":1}"\n', 1, ("id", "body")),
]


@pytest.mark.parametrize(("text", "rows", "columns"), _LOOKALIKES, ids=[row[0][:12] for row in _LOOKALIKES])
def test_a_table_that_begins_like_something_else_is_a_table(of, text, rows, columns):
    found = of(text)
    assert (found.rows, found.columns, found.findings) == (rows, columns, ())
