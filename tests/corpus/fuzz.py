"""Tables that nobody would write, from seeds."""

from __future__ import annotations

import random
from collections.abc import Iterator

from corpus.books import CELLS, WRITERS, book
from corpus.case import Case, by_csv, filled, names
from corpus.texts import DELIMITERS, Style, case_of

TEXTS = 200
BOOKS = 20

_PIECES = ["a", "b1", "", " ", "\t", "\v", '""', "é", "#N/A", "\N{NO-BREAK SPACE}", "x" * 50, "-", "'"]


def fuzzed() -> Iterator[Case]:
    for seed in range(TEXTS):
        yield _text(seed)
        yield _mixed(seed)
    for seed in range(BOOKS):
        for suffix in WRITERS:
            yield _sheet(seed, suffix)


def _text(seed: int) -> Case:
    """A good header, and below it cells in quotes or not, well or oddly put, between any line ends."""
    rng = random.Random(seed)
    delimiter = rng.choice(list(DELIMITERS.values()))
    pieces = [piece for piece in _PIECES if piece != delimiter]
    lines = [delimiter.join(["id", "name", "note"])]
    lines += [
        delimiter.join(_cell(rng, pieces, delimiter) for _ in range(rng.choice([1, 2, 3, 3, 3, 4])))
        for _ in range(30)
    ]
    end = rng.choice(["\n", "\r\n", "\r"])
    ends = [end if rng.random() < 0.9 else rng.choice(["\n", "\r\n", "\r", "\n\n"]) for _ in lines]
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    seen = by_csv(text, delimiter)
    name = f"fuzz-{seed}.{'tsv' if delimiter == chr(9) else 'csv'}"
    return Case(name, text.encode(), rows=filled(seen[1:]), columns=names(seen[0]))


def _mixed(seed: int) -> Case:
    """A regular table whose cells hold the other delimiters too, and quotes, all written as they should be."""
    rng = random.Random(seed)
    style = Style(rng.choice(list(DELIMITERS)), rng.choice(["lf", "crlf"]), rng.choice(["needed", "all"]))
    width = rng.randrange(2, 6)
    letters = ["a", "b", "1", ",", ";", "\t", " ", "x", '"', style.delimiter]
    rows = [["".join(rng.choices(letters, k=rng.randrange(6))) for _ in range(width)] for _ in range(12)]
    suffix = "tsv" if style.delimiter == "\t" else "csv"
    return case_of(f"mixed-{seed}.{suffix}", [[f"n{at}" for at in range(width)], *rows], style)


def _cell(rng: random.Random, pieces: list[str], delimiter: str) -> str:
    text = "".join(rng.choice(pieces) for _ in range(rng.randrange(4)))
    if rng.random() < 0.4:
        inner = text + rng.choice(["", delimiter, "\n", "\r\n", '""', "\r"])
        return f'"{inner}"'
    return text.replace('"', "")


def _sheet(seed: int, suffix: str) -> Case:
    rng = random.Random(seed)
    width = rng.randrange(1, 12)
    rows: list[list[object]] = [[f"column {at}" for at in range(width)]]
    cells = [None, None, *CELLS.values()]
    rows += [[rng.choice(cells) for _ in range(rng.randrange(width + 1))] for _ in range(rng.randrange(60))]
    return book(suffix, f"fuzz-{seed}", rows)
