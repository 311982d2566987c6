"""Tells what a text is that is no table, by how it begins.

Only what is certain: a column may be called anything. What is told by a few characters only (`bare`) is not
believed of a text that splits evenly into columns. This module must not know bytes, nor delimiters.
"""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple

from pmsync.sources import kinds
from pmsync.sources.kinds import Kind

_I: Final = re.IGNORECASE
_MARKUP: Final = 65536
"""Characters in which a markup's first elements are looked for."""

_PROLOG: Final = re.compile(
    r"(?:\s++|<!--.*?-->|<\?.*?\?>|<!DOCTYPE\s[^>\[]*+(?:\[[^\]]*+\])?\s*>)*+", re.DOTALL | _I
)
_DOCTYPE: Final = re.compile(r"<!doctype\s+html\b", _I)
_HTML: Final = re.compile(
    r"<(?:html|head|body|script|meta|title|style|table|thead|tbody|tr|td|div|iframe|center|form|h[1-6]|p|a|b|i|span"
    r"|link|base|br|pre|strong|ul|ol|li|img|input|label|main|nav|section|header|footer|article|frameset|noscript"
    r"|font)(?:\s[^<]*)?>",
    _I,
)
_TAG_AFTER: Final = re.compile(r"<[/!]?[A-Za-z]")
_ROOT: Final = re.compile(
    r"<(?:[\w.-]++:)?([A-Za-z_][\w.-]*+)((?:\s++[\w:.-]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+)\s*+(/?)>"
)
_TRACE: Final = re.compile(r"<(?:[\w.-]+:)?(?:trace|extension)\b")
_STORE_ERROR: Final = re.compile(r"<Code>\s*([A-Za-z]{2,60})\s*</Code>")


class Told(NamedTuple):
    """What a text is. `bare`: told by so little that a table's header could read like it."""

    kind: Kind
    bare: bool = False


_SURE: Final[tuple[tuple[str, Kind], ...]] = (
    (r"version\s+https?://\S+\s+(?:ext-\d+-\S+\s+\S+\s+)*oid\s+\w+:[0-9a-f]{32,}\b", kinds.LFS),
    (r"(?:\.\./)*(?:\.git/annex/objects/|/annex/objects/)\S+\s*\Z", kinds.ANNEX),
    (r"/annex/objects/\S+\s", kinds.ANNEX),
    (r"(?:md5: [0-9a-f]{32}\n)?(?:frozen: \w+\n)?outs:\s*\n-\s+(?:md5|etag|hash|size): ", kinds.DVC),
    (r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\s", kinds.PRIVATE_KEY),
    (r"PuTTY-User-Key-File-\d+: ", kinds.PRIVATE_KEY),
    (r"AGE-SECRET-KEY-1[0-9A-Z]{20}", kinds.PRIVATE_KEY),
    (r"<{7} [^\n]*\n(?:.*\n)?={7}\n", kinds.CONFLICT),
    (r"-----BEGIN PGP MESSAGE-----\s", kinds.ENCRYPTED),
    (r"age-encryption\.org/v\d+\n-> ", kinds.ENCRYPTED),
    (r"\$ANSIBLE_VAULT;\d+\.\d+;AES256", kinds.ENCRYPTED),
    (r"-----BEGIN (?:[A-Z0-9]+ )*(?:CERTIFICATE(?: REQUEST)?|X509 CRL|PKCS7)-----\s", kinds.CERTIFICATE),
    (r"-----BEGIN (?:[A-Z0-9]+ )*PUBLIC KEY(?: BLOCK)?-----\s", kinds.other("a public key")),
    (r"(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\w+) AAAA[\w+/=]{20,}", kinds.other("a public key")),
    (r"HTTP/\d(?:\.\d)? \d{3}\b[^\n]*\n[\w-]+: ", kinds.HTTP),
    (r"404: Not Found\s*\Z", kinds.HTTP),
    (r"diff --git a/", kinds.PATCH),
    (r"--- \S[^\n]*\n\+\+\+ \S[^\n]*\n@@ -\d", kinds.PATCH),
    (r"Index: \S[^\n]*\n=====", kinds.PATCH),
    (r"From [0-9a-f]{40} Mon Sep 17 00:00:00 2001\n", kinds.PATCH),
    (r"From \S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ", kinds.MAILBOX),
    (r"(?:HEADER RECORD\*{7}LIB[A-Z ]{5}HEADER RECORD!{7})", kinds.data("a SAS transport file")),
    (r"\$FL[23]@\(#\) ", kinds.data("an SPSS file")),
    (r"<stata_dta><header><release>\d+</release>", kinds.data("a Stata file")),
    (r"MATLAB 5\.0 MAT-file, ", kinds.data("a MATLAB file")),
    (r"07070[127][0-9A-Fa-f]{104}", kinds.archive("cpio")),
    (r"!<arch>\n.{58}`\n", kinds.archive("ar")),
)
_BARE: Final[tuple[tuple[str, Kind], ...]] = (
    (r"%PDF-\d\.\d\s", kinds.PDF),
    (r"%!PS(?:-Adobe-\d|\s)", kinds.POSTSCRIPT),
    (r"\{\\rtf\d", kinds.RTF),
    (r"#!\s*/\S", kinds.SCRIPT),
    (r"@echo off\s", kinds.SCRIPT),
    (r"<\?php\s", kinds.SCRIPT),
    (r"BEGIN:VCARD\s+(?:VERSION|N|FN|PRODID|REV|UID)\b", kinds.CONTACTS),
    (r"BEGIN:VCALENDAR\s+(?:VERSION|PRODID|METHOD|CALSCALE|X-|BEGIN)", kinds.CALENDAR),
    (r"(?:---\s*\n)?apiVersion: \S+\s*\n\s*\w[\w-]*:", kinds.YAML),
    (r"%YAML \d\.\d\s*\n", kinds.YAML),
    (r"(?:\.{1,2}/)++[^\s,;|\"]++(?<![/.])\Z", kinds.LINK),
    (r"\[InternetShortcut\]\s+URL=", kinds.SHORTCUT),
    (r"ID;P[^\n]*\n(?:[A-Z]{1,2};[^\n]*\n){2}", kinds.data("a SYLK spreadsheet")),
    (r"TABLE\n0,1\n\"", kinds.data("a DIF spreadsheet")),
    (r"@relation\s[^\n]*\n\s*+@attribute\s", kinds.data("an ARFF file")),
)
_MAIL_LINE: Final = (
    r"(?:Return-Path|Received|Delivered-To|MIME-Version|Message-I[Dd]|Content-Type|From|To|Cc|Subject|Date|Reply-To"
    r"|DKIM-Signature|X-[\w-]+):[^\n]*\n(?:[ \t][^\n]*\n)*"
)
_MAIL: Final = re.compile(rf"(?:{_MAIL_LINE}){{3}}")
_SQL_START: Final = re.compile(
    r"(?:--|/\*|SET |CREATE |INSERT |DROP |BEGIN\b|PRAGMA |USE |LOCK TABLES|COPY |START TRANSACTION)", _I
)
_SQL: Final = re.compile(
    r"^[ \t]*(?:CREATE (?:TEMPORARY |UNLOGGED )?TABLE |INSERT INTO |DROP TABLE |LOCK TABLES "
    r"|COPY [\w.\"]+ \([^)]*\) FROM stdin;)",
    _I | re.MULTILINE,
)
_INSERTS: Final = re.compile(r"(?:INSERT INTO [^\n]*\b(?:VALUES|SELECT)\b[^\n]*(?:\n\s*|\Z)){2}", _I)
_DUMP: Final = re.compile(
    r"-- (?:MySQL|MariaDB|PostgreSQL database|SQLite|phpMyAdmin SQL|Dump of|Host:)\b[^\n]*dump", _I
)

_TABLE: Final = [(re.compile(shape, re.DOTALL), Told(kind)) for shape, kind in _SURE] + [
    (re.compile(shape, re.DOTALL), Told(kind, bare=True)) for shape, kind in _BARE
]


def told_of(text: str, *, whole: bool) -> Told | None:
    """What a text is that begins like this (`whole`: that is all of it); None if it may be a table."""
    text = text.replace("\r\n", "\n").lstrip("\ufeff \t\n\r\v\f")
    for shape, told in _TABLE:
        if shape.match(text) and (whole or not shape.pattern.endswith(r"\Z")):
            return told
    if text.startswith("<"):
        return _markup(text[:_MARKUP])
    if text.startswith(("{", "[")):
        kind = _json_kind(text)
        return Told(kind) if kind else None
    if _INSERTS.match(text):
        return Told(kinds.SQL)
    if _DUMP.match(text) or (_SQL_START.match(text) and _SQL.search(text)):
        return Told(kinds.SQL, bare=True)
    return Told(kinds.MAIL, bare=True) if _MAIL.match(text) else None


def _markup(text: str) -> Told | None:
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    page = _HTML.match(text, start)
    if _DOCTYPE.search(text, 0, start) or (page and _TAG_AFTER.search(text, page.end())):
        return Told(kinds.HTML, bare=True)
    root = _ROOT.match(text, start)
    if root:
        return _by_root(root, text)
    return Told(kinds.XML, bare=True) if re.match(r"<\?xml\s+version\s*=", text) else None


def _by_root(root: re.Match[str], text: str) -> Told | None:
    name, attributes, closed = root.groups()
    if not (text.startswith("<?xml") or closed or "xmlns" in attributes or "</" in text or "/>" in text):
        return None
    if name == "Error" and (code := _STORE_ERROR.search(text)):
        return Told(kinds.STORE._replace(what=f"{kinds.STORE.what} ({code[1]})"), bare=True)
    kind, hint = _ROOTS.get(name, (kinds.XML, ""))
    sure = hint in attributes or (kind is kinds.XES and _TRACE.search(text))
    return Told(kind if sure else kinds.XML, bare=True)


_ROOTS: Final = {
    "log": (kinds.XES, "xes"),
    "ListBucketResult": (kinds.LISTING, ""),
    "EnumerationResults": (kinds.LISTING, ""),
    "Workbook": (kinds.SHEET_XML, "schemas-microsoft-com:office:spreadsheet"),
    "document": (kinds.ODF, "opendocument"),
    "svg": (kinds.SVG, ""),
}
"""Kinds of XML by their root element, and what must be in it."""

_DECODER: Final = json.JSONDecoder(parse_int=len, parse_float=len, parse_constant=len)
_CUT: Final = 8
"""Characters before the end of what was read within which an error may only mean that it goes on there."""

_MEMBER: Final = re.compile(r'"\s*:|,\s*[\[{\d"]')
_KEY_IN_JSON: Final = re.compile(r'"private_key"\s*:')


def _json_kind(text: str) -> Kind | None:
    """JSON or JSON lines, judged by reading it; a text that only begins like it is none."""
    kind = _json_read(text)
    return kinds.PRIVATE_KEY if kind and _KEY_IN_JSON.search(text) else kind


def _json_read(text: str) -> Kind | None:
    try:
        end = _DECODER.raw_decode(text)[1]
    except RecursionError:
        return kinds.JSON
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) - _CUT or error.msg.startswith("Unterminated string")
        return kinds.JSON if cut and _MEMBER.search(text, 0, error.pos) else None
    rest = text[end:]
    if not rest.strip():
        return kinds.JSON
    return kinds.JSON_LINES if re.match(r"[ \t]*\n\s*[\[{]", rest) else None
