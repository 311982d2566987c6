"""Files that are no tables are refused by what they are, whatever their names, with what to do."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import sqlite3
import struct
import tarfile
import zipfile

import pytest
from compounds import compound_of
from workbooks import workbook_of, zip_of

from pmsync.sources.fingerprint import fingerprint
from pmsync.sources.opening import open_source
from pmsync.sources.workbook import WorkbookReader


@pytest.fixture
def refused(write, folders, declared, refusal):
    """The diagnostic that a file of this name and these bytes ends in."""

    def run(data, name="a.csv"):
        path = write(name, data)
        with open_source(declared(path), folders) as opened, WorkbookReader() as workbooks:
            return refusal(fingerprint, opened, declared(path), workbooks)

    return run


def _tar() -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        info = tarfile.TarInfo("data/events.csv")
        info.size = 8
        archive.addfile(info, io.BytesIO(b"a,b\n1,2\n"))
    return data.getvalue()


def _sqlite() -> bytes:
    database = sqlite3.connect(":memory:")
    database.execute("create table t (a, b)")
    return database.serialize()


def _odf(kind: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", zipfile.ZIP_STORED)
        archive.writestr("content.xml", "<office:document-content/>")
    return data.getvalue()


def _office(part: str) -> bytes:
    return zip_of({"[Content_Types].xml": "<Types/>", "_rels/.rels": "<Relationships/>", part: "<x/>"})


_OID = "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
_LFS = f"version https://git-lfs.github.com/spec/v1\n{_OID}\nsize 2018388\n"
_PAGE = "<html><head><title>Sign in</title></head>\n<body>Session expired</body></html>"
_XES = '<log xes.version="1.0">\n<trace>\n<event><string key="concept:name" value="A"/></event>\n</trace>\n</log>'
_DENIED = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
_BYTES = bytes(range(256)) * 4
_NOISE = struct.pack("<12I", *range(12)) + _BYTES
_SHEET_XML = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>'
_MAIL = "Return-Path: <a@example.com>\nReceived: from x by y;\n\tMon, 1 Jan 2024\nSubject: data, weekly\n\nhi"
_PEM = "-----BEGIN {}-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END {}-----\n"

_TEXTS = [
    (_LFS, "Git LFS pointer", "git lfs pull; in CI: lfs: true"),
    (_LFS.replace("\n", "\r\n"), "Git LFS pointer", "git lfs pull"),
    ("\ufeff" + _LFS, "Git LFS pointer", "git lfs pull"),
    (f"version https://hawser.github.com/spec/v1\n{_OID}\nsize 12", "Git LFS pointer", "git lfs pull"),
    (
        f"version https://git-lfs.github.com/spec/v2\next-0-x sha256:00\n{_OID}\nsize 1\n",
        "Git LFS",
        "git lfs",
    ),
    ("/annex/objects/SHA256E-s123--e3b0c442.csv\n", "git-annex pointer", "git annex get"),
    ("../.git/annex/objects/X1/2Y/SHA256E-s1--a.csv/SHA256E-s1--a.csv", "git-annex", "git annex get"),
    ("outs:\n- md5: e3b0c44298fc1c149afbf4c8996fb924\n  size: 12\n  path: a.csv\n", "DVC", "dvc pull"),
    ("../shared/data/events.csv", "path of a link", "core.symlinks"),
    ("<!DOCTYPE html>\n" + _PAGE, "a web page, perhaps a login page", "get the file itself"),
    ("\ufeff\n\n  <!-- saved from x, y -->\n<!doctype HTML>\n" + _PAGE, "a web page", "get the file"),
    ("\r\n" + _PAGE.replace("\n", "\r\n"), "a web page", "get the file"),
    (_PAGE.replace("<html>", '<HTML lang="de">'), "a web page", "get the file"),
    ("<head><script>a,b;c</script></head>", "a web page", "get the file"),
    ('<script>window.location="https://x/login"</script>', "a web page", "get the file"),
    ('<meta http-equiv="refresh" content="0; url=x"><p>a</p>', "a web page", "get the file"),
    ("<br />\n<b>Fatal error</b>:  Uncaught Error in x, y on line 3", "a web page", "get the file"),
    ("<table><tr><td>a</td><td>b</td></tr></table>", "a web page", "get the file"),
    ('<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0" "x"><html/>', "a web page", ""),
    ('<?xml version="1.0" encoding="UTF-8"?>\n' + _XES, "an XES event log", "export it as CSV"),
    ("<!-- made by hand -->\n" + _XES, "an XES event log", "export it as CSV"),
    ('<?xml version="1.0"?>\n' + _DENIED, "storage service (AccessDenied)", "get the file"),
    ("\ufeff<?xml version='1.0'?>" + _DENIED.replace("AccessDenied", "BlobNotFound"), "(BlobNotFound)", ""),
    ('<ListBucketResult xmlns="x"><Name>b</Name></ListBucketResult>', "a listing of a storage", ""),
    (_SHEET_XML, "an Excel 2003 XML spreadsheet", "save it as .xlsx"),
    ('<?xml version="1.0"?><definitions xmlns="x"><process/></definitions>', "XML", "CSV in UTF-8"),
    ('<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>', "XML", "CSV in UTF-8"),
    ('<svg xmlns="http://www.w3.org/2000/svg" width="1"><path d="M0,0"/></svg>', "an SVG image", ""),
    ('[{"a":1,"b":2},{"a":3,"b":4}]', "JSON", "export the table as CSV"),
    (json.dumps({"rows": [{"a": 1}, {"a": 2}]}, indent=2), "JSON", "export"),
    ('{"a":1,"b":2}\n{"a":3,"b":4}\n', "JSON lines", "export"),
    ('{"a":1,"b":2}\r\n{"a":3,"b":4}\r\n', "JSON lines", "export"),
    ("[" * 100_000, "JSON", "export"),
    ('{"rows": [' + '{"a": 1, "b": "x"},\n' * 20_000, "JSON", "export"),
    ('{"type": "service_account", "private_key": "x"}', "a private key", "never load it"),
    ("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<< >>\nendobj", "a PDF document", "CSV"),
    ("%!PS-Adobe-3.0\n%%Pages: 1\n", "PostScript", "CSV"),
    ("{\\rtf1\\ansi\\deff0 {\\fonttbl x}\nhello}", "an RTF document", "CSV"),
    (_PEM.format("PRIVATE KEY", "PRIVATE KEY"), "a private key", "never load it"),
    (_PEM.format("RSA PRIVATE KEY", "RSA PRIVATE KEY"), "a private key", "take it out of the repository"),
    (_PEM.format("OPENSSH PRIVATE KEY", "OPENSSH PRIVATE KEY"), "a private key", "never load it"),
    (_PEM.format("CERTIFICATE", "CERTIFICATE"), "a certificate", ""),
    ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx root@x\n", "a public key", ""),
    ("$ANSIBLE_VAULT;1.1;AES256\n6162\n", "an encrypted file", "decrypt"),
    ("diff --git a/x.csv b/x.csv\nindex 1..2\n--- a/x.csv\n+++ b/x.csv\n", "a patch", ""),
    ("--- x.csv\n+++ y.csv\n@@ -1,2 +1,2 @@\n-a,b\n+a,c\n", "a patch", ""),
    ("From alice@example.com Mon Jan  1 12:00:00 2024\nSubject: x\n", "a mailbox", "attachment"),
    (_MAIL, "an e-mail", "attachment"),
    ("HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\nno", "a web server", "get the file"),
    ("404: Not Found", "a web server", "get the file"),
    ("apiVersion: v1\nkind: ConfigMap\ndata: {}\n", "YAML", "CSV"),
    ("-- MySQL dump 10.13  Distrib 8.0, for Linux\n--\nDROP TABLE x;", "an SQL dump", "CSV"),
    ("--\n-- PostgreSQL database dump\n--\n\nSET x = 0;\nCREATE TABLE t (a, b);", "an SQL dump", "CSV"),
    ("INSERT INTO t (a, b) VALUES (1, 2);\nINSERT INTO t VALUES (1);\n", "an SQL dump", "CSV"),
    ("#!/bin/sh\necho a,b\n", "a script", ""),
    ("[InternetShortcut]\r\nURL=https://x/y\r\n", "an internet shortcut", "get the file it leads to"),
    ("ID;PWXL;N;E\nP;PGeneral\nF;P0;DG0G8;M255\nE\n", "a SYLK spreadsheet", "CSV"),
    ('TABLE\n0,1\n"EXCEL"\nVECTORS\n0,2\n', "a DIF spreadsheet", "CSV"),
    ("@relation iris\n\n@attribute a numeric\n@data\n1,2\n", "an ARFF file", "CSV"),
    ("BEGIN:VCARD\r\nVERSION:3.0\r\nN:Doe;Jane;;;\r\nEND:VCARD\r\n", "a contact", "CSV"),
    ("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", "a calendar", "CSV"),
]

_BINARIES = [
    (gzip.compress(b"a,b\n1,2\n"), "compressed with gzip", "unpack it"),
    (bz2.compress(b"a,b\n1,2\n"), "compressed with bzip2", "unpack it"),
    (lzma.compress(b"a,b\n1,2\n"), "compressed with xz", "unpack it"),
    (b"\x28\xb5\x2f\xfd\x20\x08\x41\x00\x00a,b\n1,2\n", "compressed with zstd", "unpack it"),
    (b"7z\xbc\xaf\x27\x1c\x00\x04" + _NOISE, "a 7z archive", "unpack it"),
    (b"Rar!\x1a\x07\x01\x00" + _NOISE, "a RAR archive", "unpack it"),
    (_tar(), "a tar archive", "unpack it"),
    (zip_of({"f.csv": "a,b\n1,2\n"}), "a ZIP archive", "unpack it"),
    (zip_of({}), "a ZIP archive", "unpack it"),
    (_odf("spreadsheet"), "an OpenDocument spreadsheet", "save it as .xlsx or as CSV UTF-8"),
    (_odf("text"), "an OpenDocument file", "CSV"),
    (_office("word/document.xml"), "a Word document", "CSV"),
    (_office("ppt/presentation.xml"), "a PowerPoint presentation", "CSV"),
    (workbook_of(["a", "b"], [1, 2]), "an Excel workbook", "its name should end in .xlsx"),
    (_office("xl/workbook.bin"), "a binary Excel workbook", "its name should end in .xlsb"),
    (compound_of({"Workbook": _NOISE}), "an Excel workbook of the old format", "should end in .xls"),
    (compound_of({"EncryptedPackage": _NOISE}), "encrypted with a password", "save it without one"),
    (compound_of({"WordDocument": _NOISE}), "a Word or PowerPoint document of the old format", "CSV"),
    (b"PAR1\x15\x04" + _NOISE + b"PAR1", "a Parquet file", "CSV"),
    (b"ORC\x11\x00\x00\x0a\x06" + _NOISE, "an ORC file", "CSV"),
    (b"Obj\x01\x04\x16avro.schema" + _NOISE, "an Avro file", "CSV"),
    (b"FEA1\x00\x00\x00\x00" + _NOISE, "a Feather file", "CSV"),
    (b"ARROW1\x00\x00" + _NOISE, "an Arrow file", "CSV"),
    (_sqlite(), "an SQLite database", "CSV"),
    (b"\x89HDF\r\n\x1a\n" + _NOISE, "an HDF5 file", "CSV"),
    (b"\0" * 12 + b"\xc2\xea\x81\x60" + _NOISE, "a SAS data set", "CSV"),
    (b"$FL2@(#) SPSS DATA FILE MS Windows Release 12.0" + b" " * 17 + _NOISE, "an SPSS file", "CSV"),
    (b"<stata_dta><header><release>118</release><byteorder>LSF" + _NOISE, "a Stata file", "CSV"),
    (pickle.dumps({"a": [1, 2]}, 4), "a Python pickle", "CSV"),
    (b"\x93NUMPY\x01\x00v\x00{'descr': '<i8'}" + _NOISE, "a NumPy array", "CSV"),
    (b"PGDMP\x01\x0e\x00\x04\x08" + _NOISE, "a PostgreSQL dump", "CSV"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + _NOISE, "a PNG image", ""),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + _NOISE, "a JPEG image", ""),
    (b"GIF89a\x01\x00\x01\x00\x80" + _NOISE, "a GIF image", ""),
    (b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36" + _NOISE, "a BMP image", ""),
    (b"II*\x00\x08\x00\x00\x00" + _NOISE, "a TIFF image", ""),
    (b"RIFF\x24\x00\x00\x00WEBPVP8 " + _NOISE, "a WebP image", ""),
    (b"\x00\x00\x01\x00\x01\x00\x10\x10" + _NOISE, "an icon", ""),
    (b"ID3\x03\x00\x00" + _NOISE, "an MP3 recording", ""),
    (b"RIFF\x24\x00\x00\x00WAVEfmt " + _NOISE, "a WAVE recording", ""),
    (b"\x00\x00\x00\x20ftypisom" + _NOISE, "a video", ""),
    (b"\x7fELF\x02\x01\x01" + _NOISE, "a program (ELF)", ""),
    (b"MZ\x90\x00\x03\x00\x00\x00" + _NOISE, "a Windows program", ""),
    (b"\xcf\xfa\xed\xfe\x07\x00\x00\x01" + _NOISE, "a program (Mach-O)", ""),
    (b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + _NOISE, "a program (Java class or Mach-O)", ""),
    (b"\x00GITCRYPT\x00" + _NOISE, "git-crypt", "git-crypt unlock"),
    (b"\0" * 5000, "nothing but NUL bytes", "get it anew"),
    (b"L\0\0\0\x01\x14\x02\0" + _NOISE, "a Windows shortcut", ""),
    (zip_of({"Index/Document.iwa": "x"}), "a Numbers or iWork document", "export it as .xlsx"),
    (b"\x01\x02\x03\x04" * 100, "binary data", "CSV in UTF-8"),
]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "export"])
@pytest.mark.parametrize(("text", "what", "hint"), _TEXTS, ids=range(len(_TEXTS)))
def test_a_text_that_is_no_table_is_refused_by_what_it_is(refused, text, what, hint, name):
    diagnostic = refused(text, name)
    assert (diagnostic.code, diagnostic.message.startswith(f"'{name}' is ")) == ("PM220", True)
    assert what in diagnostic.message
    assert hint in diagnostic.suggestion


@pytest.mark.parametrize(("data", "what", "hint"), _BINARIES, ids=[row[1] for row in _BINARIES])
def test_a_file_of_bytes_that_are_no_text_is_refused_by_what_it_is(refused, data, what, hint):
    diagnostic = refused(data)
    assert diagnostic.code == "PM220"
    assert what in diagnostic.message
    assert hint in diagnostic.suggestion


def test_a_workbook_with_macros_under_the_name_of_a_text_says_so(refused):
    assert refused(_office("xl/vbaProject.bin")).code == "PM230"


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLS", "a.xlsb"])
@pytest.mark.parametrize(
    ("data", "what", "hint"),
    [
        (_LFS.encode(), "is a Git LFS pointer, not the file itself, and no workbook", "git lfs pull"),
        (f"<meta charset=utf-8>{_PAGE}".encode(), "is a web page", "open it in Excel and save it as .xlsx"),
        (_SHEET_XML.encode(), "is an Excel 2003 XML spreadsheet", "save it as .xlsx"),
        (b"a;b\n1;2\n", "is text, not a workbook", "its name should end in .csv"),
        ("a\tb\n1\t2\n".encode("utf-16"), "is text, not a workbook", "its name should end in .csv"),
        (_odf("spreadsheet"), "is an OpenDocument spreadsheet", "save it as .xlsx"),
        (_office("word/document.xml"), "is a Word document", "CSV"),
        (gzip.compress(b"x" * 99), "is compressed with gzip", "unpack it"),
        (b"PAR1\x15\x04" + _NOISE, "is a Parquet file", "CSV"),
        (b"\x00\x01" * 99, "is binary data, not text, and no workbook", "CSV"),
        (b"\x09\x08\x10\x00" + b"x" * 200, "is not an Excel workbook", "save it as .xlsx"),
    ],
    ids=lambda value: (
        value if isinstance(value, str) else ""
    ),  # archives hold times, which differ from run to run
)
def test_what_is_named_like_a_workbook_and_is_none_is_refused_by_what_it_is(refused, name, data, what, hint):
    diagnostic = refused(data, name)
    assert diagnostic.code == "PM220"
    assert what in diagnostic.message
    assert hint in diagnostic.suggestion


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["case;activity\n1;Zahlung geprüft\n", "a,b"])
def test_text_of_wide_characters_is_named_and_told_how_to_be_saved(refused, codec, text):
    diagnostic = refused(text.encode(codec))
    assert diagnostic.code == "PM211"
    assert codec[:6].upper() in diagnostic.message
    assert "CSV UTF-8" in diagnostic.suggestion


def test_a_page_in_wide_characters_is_a_page(refused):
    assert "a web page" in refused(_PAGE.encode("utf-16")).message
