"""Says what a file is before it is read: refuses what is no table, whatever its name, from its first bytes.

A signature that is printable could be a column's name: it counts only where bytes that no text has come soon
after. This module must not know what is in a table.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from pmsync.sources import kinds
from pmsync.sources.declared import Declared
from pmsync.sources.delimiter import best_of
from pmsync.sources.kinds import Kind
from pmsync.sources.textkinds import told_of

_SOON: Final = 32
_LATER: Final = 512
"""Bytes from the start within which a binary file shows what no text has."""

_LOOKED_AT: Final = 4096
_NO_TEXT: Final = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1b") + b"\x7f"
_MUCH: Final = 0.05
_SEVERAL: Final = 8
"""Control characters, as a part and as a number, from which something is binary data, whatever they mean."""

_NAMED: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"\x1f\x8b", kinds.compressed("gzip")),
    (b"\x1f\x9d", kinds.compressed("compress")),
    (b"\xfd7zXZ\0", kinds.compressed("xz")),
    (b"\x04\x22\x4d\x18", kinds.compressed("lz4")),
    (b"LZIP\x01", kinds.compressed("lzip")),
    (b"\xff\x06\0\0sNaPpY", kinds.compressed("snappy")),
    (b"7z\xbc\xaf\x27\x1c", kinds.archive("7z")),
    (b"Rar!\x1a\x07", kinds.archive("RAR")),
    (b"MSCF\0\0\0\0", kinds.archive("CAB")),
    (b"PAR1", kinds.data("a Parquet file")),
    (b"PARE", kinds.data("an encrypted Parquet file")),
    (b"ORC", kinds.data("an ORC file")),
    (b"Obj\x01", kinds.data("an Avro file")),
    (b"FEA1", kinds.data("a Feather file")),
    (b"ARROW1\0\0", kinds.data("an Arrow file")),
    (b"\xff\xff\xff\xff", kinds.data("an Arrow stream")),
    (b"SQLite format 3\0", kinds.data("an SQLite database")),
    (b"\0\1\0\0Standard ", kinds.data("an Access database")),
    (b"\x89HDF\r\n\x1a\n", kinds.data("an HDF5 file")),
    (b"CDF\x01", kinds.data("a NetCDF file")),
    (b"CDF\x02", kinds.data("a NetCDF file")),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", kinds.data("a SAS data set")),
    (b"\x93NUMPY", kinds.data("a NumPy array")),
    (b"RDX2\n", kinds.data("an R data file")),
    (b"RDX3\n", kinds.data("an R data file")),
    (b"PGDMP", kinds.data("a PostgreSQL dump")),
    (b"\x89PNG\r\n\x1a\n", kinds.other("a PNG image")),
    (b"GIF87a", kinds.other("a GIF image")),
    (b"GIF89a", kinds.other("a GIF image")),
    (b"BM", kinds.other("a BMP image")),
    (b"II*\0", kinds.other("a TIFF image")),
    (b"MM\0*", kinds.other("a TIFF image")),
    (b"\0\0\1\0", kinds.other("an icon")),
    (b"8BPS", kinds.other("a Photoshop image")),
    (b"ID3", kinds.other("an MP3 recording")),
    (b"OggS", kinds.other("an Ogg recording")),
    (b"fLaC", kinds.other("a FLAC recording")),
    (b"MThd\0", kinds.other("a MIDI file")),
    (b"FLV\x01", kinds.other("a video (Flash)")),
    (b"\x4c\0\0\0\x01\x14\x02\0", kinds.other("a Windows shortcut")),
    (b"\x1a\x45\xdf\xa3", kinds.other("a video (Matroska)")),
    (b"\x7fELF", kinds.other("a program (ELF)")),
    (b"MZ", kinds.other("a Windows program")),
    (b"\xca\xfe\xba\xbe", kinds.other("a program (Java class or Mach-O)")),
    (b"\xfe\xed\xfa\xce", kinds.other("a program (Mach-O)")),
    (b"\xfe\xed\xfa\xcf", kinds.other("a program (Mach-O)")),
    (b"\xce\xfa\xed\xfe", kinds.other("a program (Mach-O)")),
    (b"\xcf\xfa\xed\xfe", kinds.other("a program (Mach-O)")),
    (b"\0asm", kinds.other("a program (WebAssembly)")),
    (b"\0GITCRYPT\0", kinds.LOCKED),
)

_BY_BYTE: Final = {
    byte: tuple(entry for entry in _NAMED if entry[0][0] == byte)
    for byte in {magic[0] for magic, _ in _NAMED}
}

_SHAPED: Final[tuple[tuple[re.Pattern[bytes], Kind], ...]] = (
    (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), kinds.compressed("bzip2")),
    (re.compile(rb"\x28\xb5\x2f\xfd"), kinds.compressed("zstd")),
    (re.compile(rb"\xff\xd8\xff"), kinds.other("a JPEG image")),
    (re.compile(rb"\x80[\x02-\x05](?:\x95|[\]}(c])", re.DOTALL), kinds.data("a Python pickle")),
    (re.compile(rb"[\x69-\x73][\x01\x02]\x01\0", re.DOTALL), kinds.data("a Stata file")),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), kinds.other("a WebP image")),
    (re.compile(rb"RIFF.{4}WAVE", re.DOTALL), kinds.other("a WAVE recording")),
    (re.compile(rb"RIFF.{4}AVI ", re.DOTALL), kinds.other("a video (AVI)")),
    (re.compile(rb"\0.{3}ftyp(?:hei|mif|avif)", re.DOTALL), kinds.other("a HEIF image")),
    (re.compile(rb"\0.{3}ftyp", re.DOTALL), kinds.other("a video or recording (MP4)")),
    (re.compile(rb"\xff[\xfb\xf3\xf2\xfa].{2}", re.DOTALL), kinds.other("an MP3 recording")),
    (re.compile(rb".{8}DUCK", re.DOTALL), kinds.data("a DuckDB database")),
    (re.compile(rb".{257}ustar[\0 ]", re.DOTALL), kinds.archive("tar")),
)

_OLE2: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPPED: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_MIMETYPE: Final = re.compile(rb"PK\x03\x04.{26}mimetype([ -~]+?)PK", re.DOTALL)
_BY_MIMETYPE: Final = {
    b"application/vnd.oasis.opendocument.spreadsheet": kinds.ODS,
    b"application/epub+zip": kinds.EPUB,
}
_BY_PART: Final = (
    (b"xl/vbaProject.bin", kinds.MACROS),
    (b"xl/workbook.bin", kinds.XLSB),
    (b"xl/", kinds.XLSX),
    (b"Index/Document.iwa", kinds.NUMBERS),
    (b"word/", kinds.WORD),
    (b"ppt/", kinds.SLIDES),
    (b"META-INF/MANIFEST.MF", kinds.JAR),
)
_MAYBE_BOOKS: Final = frozenset({kinds.MACROS, kinds.XLSB, kinds.XLSX, kinds.OFFICE, kinds.ZIP})
_BY_STREAM: Final = (
    ("EncryptedPackage", kinds.LOCKED_BOOK),
    ("WordDocument", kinds.OLD_WORD),
    ("PowerPoint Document", kinds.OLD_WORD),
    ("Workbook", kinds.XLS),
    ("Book", kinds.XLS),
)


def binary_kind(first: bytes) -> Kind | None:
    """What a file that begins with these bytes is; None if they may be text."""
    if first.startswith(_OLE2):
        return _ole2_kind(first)
    if first.startswith(_ZIPPED):
        return _zip_kind(first)
    for magic, kind in _BY_BYTE.get(first[0], ()) if first else ():
        if first.startswith(magic) and (has_no_text(magic) or has_no_text(first[:_SOON])):
            return kind
    if not has_no_text(first[:_LATER]):
        return None
    return next((kind for shape, kind in _SHAPED if shape.match(first)), None)


def is_workbook(first: bytes) -> bool:
    """Whether these bytes begin a container that workbooks come in, and no other document in it."""
    if first.startswith(_OLE2):
        return _ole2_kind(first) is not kinds.OLD_WORD
    return first.startswith(_ZIPPED) and _zip_kind(first) in _MAYBE_BOOKS


def is_binary(first: bytes) -> bool:
    """Whether it holds so many control characters that it is no text at all."""
    looked_at = first[:_LOOKED_AT]
    controls = len(looked_at) - len(looked_at.translate(None, _NO_TEXT))
    return controls > max(_SEVERAL, _MUCH * len(looked_at))


def has_no_text(data: bytes) -> bool:
    """Whether there is a control character in it that text has no use for."""
    return len(data.translate(None, _NO_TEXT)) < len(data)


def _zip_kind(first: bytes) -> Kind:
    """By the names of its first parts: the list of all stands at the end of the file."""
    declared = _MIMETYPE.match(first)
    if declared:
        return _BY_MIMETYPE.get(declared[1], kinds.ODF if b"opendocument" in declared[1] else kinds.ZIP)
    for name, kind in _BY_PART:
        if name in first:
            return kind
    return kinds.OFFICE if b"[Content_Types].xml" in first[:_LOOKED_AT] else kinds.ZIP


def _ole2_kind(first: bytes) -> Kind:
    """By the names of its streams, which stand in UTF-16 somewhere."""
    for name, kind in _BY_STREAM:
        if name.encode("utf-16-le") in first:
            return kind
    return kinds.OLD_OFFICE


_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16-be"),
)
_WIDE: Final = (
    ("UTF-32", "utf-32-le", re.compile(rb"(?:[^\0][^\0]?\0\0|[^\0]\0\0\0)+", re.DOTALL)),
    ("UTF-32", "utf-32-be", re.compile(rb"(?:\0\0[^\0]?[^\0]|\0\0\0[^\0])+", re.DOTALL)),
)
_MOST: Final = 0.7
_FEW: Final = 0.02
"""Parts of a text's every second byte that are NUL: among the high bytes at least, the low ones at most."""

_SAVE: Final = "save it as CSV UTF-8"
_SAVE_PAGE: Final = (
    "if it shows the table, open it in Excel and save it as .xlsx; if not, get the file itself"
)


def refuse_other(first: bytes, declared: Declared, *, whole: bool) -> None:
    """InputError if a file that begins with these bytes is no text, or a text that is no table."""
    wide = _wide_text(first)
    kind = _kind_of(first, wide, whole=whole)
    if kind is kinds.MACROS:
        raise declared.refused("PM230", f"is {kind.what}", kind.hint)
    if kind:
        raise declared.refused("PM220", f"is {kind.what}", kind.hint)
    if wide:
        raise declared.refused(
            "PM211", f"is text in {wide[0]}, and only UTF-8 can be counted and loaded", _SAVE
        )


def refuse_no_workbook(first: bytes, declared: Declared, *, whole: bool) -> None:
    """InputError if a file that is named like a workbook begins with the bytes of something else."""
    if is_workbook(first):
        return
    wide = _wide_text(first)
    kind = _kind_of(first, wide, whole=whole)
    if kind is None:
        kind = kinds.UNKNOWN_BOOK if has_no_text(first[:_LOOKED_AT]) and not wide else kinds.TEXT
    if kind in {kinds.TEXT, kinds.UNKNOWN_BOOK}:
        raise declared.refused("PM220", f"is {kind.what}", kind.hint)
    hint = _SAVE_PAGE if kind is kinds.HTML else kind.hint
    raise declared.refused("PM220", f"is {kind.what}, and no workbook", hint)


def _kind_of(first: bytes, wide: tuple[str, str] | None, *, whole: bool) -> Kind | None:
    if wide is None and (kind := binary_kind(first)):
        return kind
    # What is told from is ASCII; every byte is some character of Latin-1.
    text = first.decode(wide[1] if wide else "latin-1", errors="replace").removeprefix("ï»¿")
    told = told_of(text, whole=whole)
    if told and not (told.bare and best_of(text, whole=whole).even):
        return told.kind
    if not first.strip(b"\0"):
        return kinds.ZEROS
    return kinds.BINARY if wide is None and is_binary(first) else None


def _wide_text(first: bytes) -> tuple[str, str] | None:
    """What text of two or four bytes for each character is called, and Python's name; None if it is none."""
    for bom, name, codec in _BOMS:
        if first.startswith(bom):
            return name, codec
    looked_at = first[: min(_LOOKED_AT, len(first) // 4 * 4 or len(first))]
    if b"\0" not in looked_at:
        return None
    for name, codec, shape in _WIDE:
        if shape.fullmatch(looked_at):
            return name, codec
    low, high = looked_at[::2], looked_at[1::2]
    for few, most, codec in ((low, high, "utf-16-le"), (high, low, "utf-16-be")):
        if _part_of_nul(few) <= _FEW and _part_of_nul(most) >= _MOST and _reads(looked_at, codec):
            return "UTF-16", codec
    return None


def _part_of_nul(data: bytes) -> float:
    return data.count(b"\0") / max(len(data), 1)


def _reads(data: bytes, codec: str) -> bool:
    """Whether it is text in that encoding: a character may be cut at its end, and none is a control."""
    text = codecs.getincrementaldecoder(codec)(errors="replace").decode(data)
    return "\ufffd" not in text and not has_no_text(text.encode("utf-8", errors="replace"))
