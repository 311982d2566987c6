"""What a file is that is no table, and what to do about it: the words for every kind that is known.

This module must not know how a kind is told from a file.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Kind(NamedTuple):
    """`what` follows "is"; `hint` is what to do."""

    what: str
    hint: str


_EXPORT: Final = "export the table as CSV in UTF-8"
_UNPACK: Final = "unpack it, and declare the table in it"
_DOWNLOAD: Final = "get the file itself; perhaps a sign-in or a link has expired"
_OTHER: Final = "declare the file that holds the table"

LFS: Final = Kind(
    "a Git LFS pointer, not the file itself", "run git lfs pull; in CI: lfs: true on the checkout step"
)
ANNEX: Final = Kind("a git-annex pointer, not the file itself", "run git annex get")
DVC: Final = Kind("a DVC pointer, not the file itself", "run dvc pull")
LINK: Final = Kind(
    "the path of a link, not the file it leads to",
    "check it out with core.symlinks=true, or declare the file it leads to",
)
LOCKED: Final = Kind("a file that git-crypt has encrypted", "run git-crypt unlock")
ENCRYPTED: Final = Kind("an encrypted file", "decrypt it first")

HTML: Final = Kind("a web page, perhaps a login page", _DOWNLOAD)
STORE: Final = Kind("an error message of a storage service", _DOWNLOAD)
LISTING: Final = Kind("a listing of a storage service, not a file of it", _DOWNLOAD)
SHORTCUT: Final = Kind("an internet shortcut", "get the file it leads to")
HTTP: Final = Kind("an answer of a web server, headers and all", _DOWNLOAD)
XES: Final = Kind("an XES event log", "export it as CSV")
XML: Final = Kind("XML", _EXPORT)
SHEET_XML: Final = Kind("an Excel 2003 XML spreadsheet", "save it as .xlsx or as CSV UTF-8")
SVG: Final = Kind("an SVG image", _OTHER)
JSON: Final = Kind("JSON", _EXPORT)
JSON_LINES: Final = Kind("JSON lines", _EXPORT)
PDF: Final = Kind("a PDF document", _EXPORT)
POSTSCRIPT: Final = Kind("a PostScript document", _EXPORT)
RTF: Final = Kind("an RTF document", _EXPORT)

XLSX: Final = Kind("an Excel workbook", "its name should end in .xlsx")
XLSB: Final = Kind("a binary Excel workbook", "its name should end in .xlsb")
XLS: Final = Kind("an Excel workbook of the old format", "its name should end in .xls")
MACROS: Final = Kind("an Excel workbook with macros", "save it as .xlsx")
LOCKED_BOOK: Final = Kind(
    "an Office document that is encrypted with a password", "save it without one, as .xlsx"
)
OLD_OFFICE: Final = Kind(
    "an Office document of the old format (OLE2)", "save the table as .xlsx or as CSV UTF-8"
)
OLD_WORD: Final = Kind("a Word or PowerPoint document of the old format", _EXPORT)
WORD: Final = Kind("a Word document", _EXPORT)
SLIDES: Final = Kind("a PowerPoint presentation", _EXPORT)
OFFICE: Final = Kind("an Office document", "if it is a workbook, its name should end in .xlsx")
ODS: Final = Kind("an OpenDocument spreadsheet", "save it as .xlsx or as CSV UTF-8")
NUMBERS: Final = Kind("a Numbers or iWork document", "export it as .xlsx or as CSV UTF-8")
ODF: Final = Kind("an OpenDocument file", _EXPORT)
EPUB: Final = Kind("an e-book (EPUB)", _OTHER)
JAR: Final = Kind("a Java archive", _OTHER)
ZIP: Final = Kind("a ZIP archive", _UNPACK)


def compressed(name: str) -> Kind:
    """One file, made smaller by a program of that name."""
    return Kind(f"compressed with {name}", _UNPACK)


def archive(name: str) -> Kind:
    """Several files in one."""
    return Kind(f"a {name} archive", _UNPACK)


def data(name: str) -> Kind:
    """Data for a program, from which a table can be had."""
    return Kind(name, _EXPORT)


def other(name: str) -> Kind:
    """What no table is in."""
    return Kind(name, _OTHER)


def secret(name: str) -> Kind:
    """What nobody else may have."""
    return Kind(name, "never load it, and take it out of the repository")


ZEROS: Final = Kind("nothing but NUL bytes, as after a full disk or a crash", "get it anew")
BINARY: Final = Kind("binary data, not text", "CSV in UTF-8 and Excel workbooks can be loaded")
CERTIFICATE: Final = other("a certificate")
PRIVATE_KEY: Final = secret("a private key")
PATCH: Final = other("a patch (diff)")
MAIL: Final = Kind("an e-mail", "save its attachment, and declare that")
MAILBOX: Final = Kind("a mailbox", "save its attachment, and declare that")
YAML: Final = Kind("YAML", _EXPORT)
SQL: Final = Kind("an SQL dump", _EXPORT)
SCRIPT: Final = other("a script")
CONTACTS: Final = Kind("a contact (vCard)", _EXPORT)
CALENDAR: Final = Kind("a calendar (iCalendar)", _EXPORT)
CONFLICT: Final = Kind("a file with merge conflict markers", "resolve the conflict")
TEXT: Final = Kind("text, not a workbook", "if it is CSV, its name should end in .csv")
UNKNOWN_BOOK: Final = Kind("not an Excel workbook", "save it as .xlsx or as CSV UTF-8")
