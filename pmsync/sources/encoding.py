"""Holds the bytes of a text to its encoding as they go by, and finds NUL among them.

This module must not know lines, records or messages.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from pmsync.sources.flaws import BadByte, Nul

NAMES: Final = {"utf-8": "UTF-8", "cp1252": "windows-1252", "iso-8859-1": "iso-8859-1"}
"""Encodings by Python's name, as a manifest calls them."""

UNDEFINED: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
"""Bytes that mean nothing in windows-1252."""

_SLICE: Final = 128 * 1024
_SHOWN: Final = 64 * 1024


def reads_as_utf8(text: bytes) -> bool:
    """Whether a text that may be cut at its end holds characters of UTF-8 beside ASCII, and nothing else."""
    if text.isascii():
        return False
    try:
        codecs.utf_8_decode(text, "strict")
    except UnicodeDecodeError:
        return False
    return True


class EncodingCheck:
    """Whether blocks of bytes, one after another, are text in an encoding (by Python's name)."""

    __slots__ = ("_at", "_cut", "_encoding")

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._at = 0
        self._cut = b""

    def feed(self, block: bytes | bytearray) -> None:
        """Look at the next bytes; BadByte or Nul at the first that cannot be."""
        nul = block.find(b"\0")
        if self._cut or not block.isascii():
            self._decode(block[:nul] if nul >= 0 else block)
        if nul >= 0:
            raise Nul(self._at + nul)
        self._at += len(block)

    def finish(self) -> None:
        """BadByte if the text ends within a character."""
        if self._cut:
            raise BadByte(self._at - len(self._cut), self._cut[0], self._cut)

    def _decode(self, block: bytes | bytearray) -> None:
        match self._encoding:
            case "utf-8":
                self._decode_utf8(block)
            case "cp1252":
                found = UNDEFINED.search(block)
                if found:
                    raise self._bad(block, found.start())
            case _:  # every byte of Latin-1 is a character
                pass

    def _decode_utf8(self, block: bytes | bytearray) -> None:
        cut = len(self._cut)
        text = self._cut + block if cut else block
        view = memoryview(text)
        at = 0
        used = 1
        while used:
            try:
                used = codecs.utf_8_decode(view[at : at + _SLICE], "strict")[1]
            except UnicodeDecodeError as error:
                self._at -= cut
                raise self._bad(text, at + error.start) from None
            at += used
        self._cut = bytes(text[at:])

    def _bad(self, block: bytes | bytearray, index: int) -> BadByte:
        before = block[max(index - 1, 0) : index]
        start = index - len(before) if before.isascii() else index
        return BadByte(self._at + index, block[index], bytes(block[start : index + _SHOWN]))
