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


_ODD = [
    ("a,b\r\n1,2\r\n", 1, ("a", "b")),
    ("a,b\r1,2\r3,4\r", 2, ("a", "b")),
    ("a,b\n1,2\r\n3,4\r5,6", 3, ("a", "b")),
    ("\ufeffa,b\n1,2\n", 1, ("a", "b")),
    ('\ufeff"a","b"\n1,2\n', 1, ("a", "b")),
    ("a,b", 0, ("a", "b")),
    ("a,b\n", 0, ("a", "b")),
    ("a,b\n\n\n1,2\n\n", 1, ("a", "b")),
    ("a,b\n,\n , \n1,2\n", 1, ("a", "b")),
    ('a,b\n"",""\n1,\n', 1, ("a", "b")),
    ("a,b\n\u00a0,\n", 1, ("a", "b")),
    ("a,b\n#N/A,\n", 1, ("a", "b")),
    ("a,b\n1,2,3\n4\n5,6\n", 3, ("a", "b")),
    ('a,b\n1,"x\ny"\n2,z\n', 2, ("a", "b")),
    ('a,b\r\n1,"x\r\n\r\ny"\r\n2,z\r\n', 2, ("a", "b")),
    ('a,b\n1,"say ""hi"""\n', 1, ("a", "b")),
    ('a,b\n1,"x"y\n', 1, ("a", "b")),
    ('a,b\n1,"x" \n2,"z"\n', 2, ("a", "b")),
    ('a,b\n1,"x\ny" \n2,"z"\n', 2, ("a", "b")),
    ('a,b\n1,5" pipe\n2,6" pipe\n3,"7"" pipe"\n', 3, ("a", "b")),
    ('a,b\n1, "x\n2, y"\n', 2, ("a", "b")),
    ('a,b\n"""",1\n', 1, ("a", "b")),
    ('"a\nb",c\n1,2\n', 1, ("a\nb", "c")),
    ('id;"Name, first, title";note\n1;A;"x\ny"\n2;B;z\n', 2, ("id", "Name, first, title", "note")),
    ("id;Name, first, title;note\n1;A;x\n2;B;y\n", 2, ("id", "Name, first, title", "note")),
    ("id;amount\n1;2,50\n2;3,75\n3;1.000,00\n", 3, ("id", "amount")),
    ("id;amount\n1,5;2,50\n2,5;3,75\n", 2, ("id", "amount")),
    ("id\tname\n1\tA, B; C\n", 1, ("id", "name")),
    ("id,time\n1,12:30\n2,12:31\n", 2, ("id", "time")),
    ("region,2023,2024\nNorth,1,2\n", 1, ("region", "2023", "2024")),
    ("#id,name\n1,a\n", 1, ("#id", "name")),
    ("# of items,name\n1,a\n2,b\n", 2, ("# of items", "name")),
    ("--,//\n1,2\n", 1, ("--", "//")),
    ("sep=,x\n1,2\n", 1, ("sep=", "x")),
    ("id,=======\n1,2\n=======,\n", 2, ("id", "=======")),
    ("id,v\n=======,1\n<<<<<<< x,2\n", 2, ("id", "v")),
    ("id,v\n1,<<<<<<< HEAD\n2,=======\n3,>>>>>>> x\n", 3, ("id", "v")),
    ('id,v\n1,"<<<<<<< HEAD\n=======\n>>>>>>> x"\n', 1, ("id", "v")),
    ("id,path\n1,a|b|c\n2,d|e|f\n", 2, ("id", "path")),
    ("a|b,c\n1|2,3\n", 1, ("a|b", "c")),
    ("Größe,名前,😀\nß,é,ü\n", 1, ("Größe", "名前", "😀")),
    ("id,ID,Id\n1,2,3\n", 1, ("id", "ID", "Id")),
    ("a,b,,\n1,2,,\n3,4,,\n", 2, ("a", "b")),
    ("a,b\n1,\x1b[0m\n", 1, ("a", "b")),
    ("a,b\n\x0b,\x0c\n\x0bx,1\n", 1, ("a", "b")),
    (f'a,b\n1,"{"x" * 300_000}"\n2,y\n', 2, ("a", "b")),
    (f"a,b\n1,{'x' * 300_000}\n2,y\n", 2, ("a", "b")),
    (f"a,b\n1,{'x,' * 200_000}\n2,y\n", 2, ("a", "b")),
    (",".join(f"c{number}" for number in range(16_000)) + "\n1,2\n", 1, None),
    (f"a,{'ö' * 1024}\n1,2\n", 1, ("a", "ö" * 1024)),
    ("a;b;c\n" + "1;2;3\n" * 99_999, 99_999, ("a", "b", "c")),
    ("query,note\nSELECT 1; SELECT 2,x\n-- a,y\n", 2, ("query", "note")),
    ("key,value\napiVersion: v1,x\n", 1, ("key", "value")),
    ("url,code\nhttps://x/y?a=1;b=2,200\nhttps://x/z?a=1;b=2,404\n", 2, ("url", "code")),
]


@pytest.mark.parametrize(("text", "rows", "columns"), _ODD, ids=range(len(_ODD)))
def test_a_file_that_is_odd_and_yet_right_is_taken_without_a_word(of, text, rows, columns):
    found = of(text)
    assert found.rows == rows
    assert columns in (found.columns, None)
    assert found.findings == ()


@pytest.mark.parametrize("name", ["a.tsv", "A.TAB"])
def test_a_file_named_for_tabs_may_hold_anything_else_in_its_cells(of, name):
    found = of("id\tName, first; title|x\n1,5\t2\n", name)
    assert (found.rows, found.columns, found.findings) == (1, ("id", "Name, first; title|x"), ())


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.txt", "a", "a.dat", "a.csv.bak"])
def test_a_name_says_nothing_of_a_text(of, name):
    assert of("id;v\n1;2\n", name).columns == ("id", "v")


@pytest.mark.parametrize(
    "text",
    [
        "case\nc1\nc2\n",
        '"case"\n"c1"\n"c2"\n',
        "case\nc1, two\nc2\n",
        "case\nSmith, J\nDoe, A\n",
        "case\n1,50\n2,75\n",
        "case\n1\n2,75\n",
        "case\nhttp://x\nhttp://y\n",
    ],
)
def test_a_single_column_is_taken_with_one_warning(of, text):
    found = of(text)
    assert (found.rows, found.columns, [one.code for one in found.findings]) == (2, ("case",), ["PM227"])
