"""Recognises the secrets of a run in what a host says back, however they are written.

A host knows the key it was sent and the upload URLs it gave, and may quote them in an error, an id or a name.
Words that hold a piece of one are left out whole: half a mask would still show the other half. Pure.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import string
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote

from pmsync.errors import Secret

LEFT_OUT: Final = "(its words are left out, as they repeat a secret)"

_SHOWN: Final = 500
_LOOKED_AT: Final = 4 * _SHOWN
_REMEMBERED: Final = 200
"""Upload URLs; an error quotes the one it is about."""
_PIECE: Final = 10
"""Characters of a secret that may not be said in one piece."""
_SHORTEST: Final = 8
"""A key shorter than this is found in innocent names too, and keeps nobody out."""
_SHORTEST_OTHER: Final = 6
_ROUNDS: Final = 4
_KEPT: Final = (string.ascii_letters + string.digits).encode()
_DROPPED: Final = bytes(byte for byte in range(256) if byte not in _KEPT)
_LOWER: Final = bytes(range(256)).lower()
_JSON_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_ENCODED: Final = re.compile(rb"%|\\u|&#")


class Echoes:
    """The secrets of one run. `key` None: one that everybody may know.

    `others` are of less worth than the key and may be ordinary words (the password of a proxy): they are left
    out of what is shown, and a name that holds one by chance is no fault.
    """

    def __init__(self, key: Secret | None, others: Iterable[Secret] = ()) -> None:
        known = key is not None and len(key.reveal()) >= _SHORTEST
        self._key = key if known else None
        forms = _forms(key.reveal()) if key is not None and known else ()
        self._needles = frozenset(form for form in forms if len(form) >= _SHORTEST)
        self._pattern: re.Pattern[bytes] | None = None
        self._urls: deque[Secret] = deque(maxlen=_REMEMBERED)
        self._others = tuple(others)
        self._short = frozenset(
            form for one in self._others for form in _forms(one.reveal()) if len(form) >= _SHORTEST_OTHER
        )

    def add(self, url: Secret) -> None:
        """Remember the query of an upload URL: whoever has it may write there."""
        self._urls.append(url)

    def hold_key(self, body: bytes) -> bool:
        """Whether an answer repeats the whole key: plain, in base64 or hex, percent- or JSON-escaped."""
        if self._key is None:
            return False
        folded = _folded(body)
        if any(needle in folded for needle in self._needles):
            return True
        if not _ENCODED.search(body):
            return False
        self._pattern = self._pattern or _escaped(self._key.reveal())
        return self._pattern.search(body) is not None

    def held_in(self, words: str) -> bool:
        """Whether words repeat a piece of the key, or anything of a signed URL."""
        text = _folded(_plain(words).encode("utf-8", "replace"))
        if b"xamz" in text:
            return True
        said = {text[i : i + _PIECE] for i in range(len(text) - _PIECE + 1)}
        return any(needle in text for needle in self._needles | self._short) or any(
            piece in said for secret in self._secrets() for piece in _pieces(secret)
        )

    def cleaned(self, words: str) -> str:
        """A host's own words, not longer than a message; fixed ones instead where they hold a secret."""
        return LEFT_OUT if self.held_in(words[:_LOOKED_AT]) else words[:_SHOWN]

    def _secrets(self) -> Iterator[str]:
        if self._key is not None:
            yield self._key.reveal()
        yield from (one.reveal() for one in self._others)
        for url in self._urls:
            yield url.reveal().partition("?")[2]


def _pieces(secret: str) -> Iterator[bytes]:
    """Every run of characters of a secret that is long enough to give it away, in each of its spellings."""
    for form in {*_forms(secret), *_forms(unquote(secret))}:
        for i in range(len(form) - _PIECE + 1):
            yield form[i : i + _PIECE]


def _forms(secret: str) -> Iterable[bytes]:
    """A secret as it may be spelt, folded: plain, backwards, in hex, and in base64 wherever it begins."""
    raw = secret.encode("utf-8", "replace")
    yield _folded(raw)
    yield _folded(raw[::-1])
    yield binascii.hexlify(raw)
    for before in range(3):
        packed = base64.b64encode(b"\0" * before + raw)
        # The first characters mix the key with what stood before it, the last with what comes after.
        yield _folded(packed[(0, 2, 3)[before] : -4])


def _folded(text: bytes) -> bytes:
    """Letters and digits alone, in lower case: no separator, line break or change of case hides a secret."""
    return text.translate(_LOWER, _DROPPED)


def _plain(words: str) -> str:
    """The words with JSON, XML and percent escapes undone, as often as they were applied."""
    for _ in range(_ROUNDS):
        unescaped = _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)), words)
        again = html.unescape(unquote(unescaped))
        if again == words:
            break
        words = again
    return words


def _escaped(key: str) -> re.Pattern[bytes]:
    """Matches the key with any of its characters escaped. One pass, whatever the answer's size."""
    return re.compile(b"".join(_spellings(character) for character in key))


def _spellings(character: str) -> bytes:
    """One character of a key, which is ASCII, in either case: as it is, or as a URL, JSON or XML writes it.

    Every repetition is bounded: a host chooses what is searched.
    """
    cases = sorted({character.lower(), character.upper()})
    plain = "|".join(re.escape(one) for one in cases)
    digits = "|".join("".join(f"[{d}{d.upper()}]" for d in f"{ord(one):02x}") for one in cases)
    numbers = "|".join(str(ord(one)) for one in cases)
    escapes = rf"(?:%(?:25){{0,4}}|\\{{1,4}}u00|&#[xX]0{{0,6}})(?:{digits})|&#0{{0,6}}(?:{numbers});"
    return f"(?:{plain}|{escapes})".encode()
