"""Reads delimited text record by record, with rules of its own.

A cell that begins with a quote ends at the next single one; two of them are one quote. Elsewhere a quote is a
character like any other. A record ends at a line feed, a carriage return or both, outside of quotes.
Records stay raw until somebody asks for their cells: most are only counted. Knows nothing of columns.
"""

import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, TextIO

from pmsync.emulator.cells import BLANK, MOST_COLUMNS, UnreadableError

# Where two delimiters split equally evenly, the rarer character is the likelier one: text and amounts hold
# commas more often than semicolons, and semicolons more often than tabs.
_DELIMITERS: Final = "\t;,"

_SNIFFED_RECORDS: Final = 20
_LOOKED_AT: Final = 1000  # blank ones included, of which a file may have millions

# A quote that is never closed takes in the rest of its file. No table has a record as long as this.
_LONGEST_RECORD: Final = 32 << 20

# Possessive, because what is a pair of quotes must never be tried as an end and a character.
_QUOTED: Final = r'[^"]*+(?:""[^"]*+)*+'


class Dialect:
    """One delimiter, and how records and cells are told apart with it."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        self._ignorable = BLANK + delimiter + '"'
        space = "".join(set(BLANK) - set(delimiter + "\r\n"))
        blank = rf'(?:"[{BLANK}]*(?:"|\Z))?[{space}]*'
        self._is_blank = re.compile(rf"{blank}(?:{delimiter}{blank})*[\r\n]*").fullmatch
        plain = rf"[^{delimiter}\r\n]*+"
        cell = rf'(?:"{_QUOTED}"|(?!")){plain}'
        further = rf"(?:{delimiter}{cell})*[\r\n]*"
        # Whether a line ends outside of quotes, where it began outside of them and where it began inside.
        self._ends_from_outside = re.compile(cell + further).fullmatch
        self._ends_from_inside = re.compile(rf'{_QUOTED}"{plain}{further}').fullmatch
        # The last quote of a file may stay open.
        self._cell = re.compile(rf'(?:"({_QUOTED})(?:"|\Z))?({plain})({delimiter}|[\r\n]*\Z)')

    def records(self, text: TextIO) -> Iterator[str]:
        """Each record as it stands in the file, its line end included."""
        lines = iter(partial(text.readline, _LONGEST_RECORD), "")
        for line in lines:
            if len(line) == _LONGEST_RECORD:
                raise UnreadableError("a record that does not end")
            # Most lines have no quote, and there are millions of them: nothing else may be done for each.
            yield line if '"' not in line or self._ends(line) else self._continued(line, lines)

    def _continued(self, first: str, lines: Iterator[str]) -> str:
        """The record that begins with this line; what ends inside of quotes goes on."""
        record = io.StringIO()
        length = record.write(first)
        for line in lines:
            length += record.write(line)
            if length >= _LONGEST_RECORD:
                raise UnreadableError("a record that does not end")
            if '"' in line and self._ends(line, quoted=True):
                break
        return record.getvalue()

    def _ends(self, line: str, *, quoted: bool = False) -> bool:
        if line.count(self.delimiter) >= MOST_COLUMNS:
            raise UnreadableError("too many columns")
        return bool(self._ends_from_inside(line) if quoted else self._ends_from_outside(line))

    def is_filled(self, record: str) -> bool:
        """Whether a cell of the record holds something."""
        # The first says so at once of nearly every record; what it strips may stand in a quoted cell.
        return bool(record.strip(self._ignorable)) or not self._is_blank(record)

    def cells(self, record: str) -> list[str]:
        """The cells of the record."""
        return list(itertools.islice(self._split(record), MOST_COLUMNS))

    def _split(self, record: str) -> Iterable[str]:
        if '"' not in record:
            return record.rstrip("\r\n").split(self.delimiter, MOST_COLUMNS)
        return map(_text, self._found(record))

    def _found(self, record: str) -> Iterator[re.Match[str]]:
        for match in self._cell.finditer(record):
            yield match
            if match[3] != self.delimiter:
                return  # else one more, empty, would be found behind the line end

    def shape(self, record: str) -> tuple[int, bool]:
        """Into how many cells the record splits, and whether its quotes stand where they belong."""
        if '"' not in record:
            return record.count(self.delimiter) + 1, True
        width, is_clean = 0, True
        for match in self._found(record):
            width += 1
            is_clean = is_clean and (not match[2] if match[1] is not None else '"' not in match[2])
        return width, is_clean


def likeliest_dialect(reopen: Callable[[], TextIO]) -> Dialect:
    """The one that splits most of the first records as it splits the header."""
    evenness = {dialect: _evenness(dialect, reopen) for dialect in map(Dialect, _DELIMITERS)}
    best = max(evenness, key=evenness.__getitem__)
    return best if any(evenness[best]) else Dialect(",")


def _evenness(dialect: Dialect, reopen: Callable[[], TextIO]) -> tuple[int, int]:
    """How many records are as wide as the header, and how wide it is, where it is alone in that.

    Nothing speaks for a delimiter that makes one column of the header. A record with a quote inside a cell
    does not count: the wrong delimiter cuts quoted text.
    """
    with reopen() as text:
        filled = filter(dialect.is_filled, itertools.islice(dialect.records(text), _LOOKED_AT))
        try:
            shapes = list(map(dialect.shape, itertools.islice(filled, _SNIFFED_RECORDS)))
        except UnreadableError:
            return 0, 0
    width = shapes[0][0] if shapes else 0
    if width < 2:
        return 0, 0
    even = shapes.count((width, True))
    return even, width if even <= 1 else 0


def _text(match: re.Match[str]) -> str:
    quoted, plain = match[1], match[2]
    return str(plain) if quoted is None else quoted.replace('""', '"') + plain
