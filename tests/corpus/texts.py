"""Delimited text in every combination of what may be odd about it and still right."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

from corpus.case import Case, by_csv, filled, names

ENCODINGS = {"utf8": "utf-8", "bom": "utf-8-sig", "cp1252": "cp1252", "latin1": "iso-8859-1"}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
ENDS = {"lf": ["\n"], "crlf": ["\r\n"], "cr": ["\r"], "mixed": ["\n", "\r\n", "\n", "\r"], "open": ["\n"]}
"""Line ends, which take turns; `open`: the last record has none."""

QUOTING = ["none", "needed", "all", "doubled", "newlines"]
BLANKS = ["none", "empty", "spaces", "delimiters", "quoted", "last", "no-break", "errors"]
WIDTHS = [2, 30, 300, 3, 1]

_WORDS = ["Pay", "Größe", "café", "x", "0", "12.5", "2024-01-31", "#N/A", "naïve text", "-", "~", "O'Neil"]
_TABLES = {"comma": "csv", "semicolon": "csv", "tab": "tsv"}


def texts() -> Iterator[Case]:
    """The whole product of encodings, delimiters, line ends and quoting; what else there is takes turns."""
    turns = zip(
        itertools.product(ENCODINGS, DELIMITERS, ENDS, QUOTING),
        itertools.cycle(BLANKS),
        itertools.cycle(WIDTHS[:4]),
        itertools.cycle(["named", "quoted", "spaced", "twice", "gaps", "trailing", "long"]),
        itertools.cycle([12, 3, 40]),
        strict=False,
    )
    for at, ((encoding, delimiter, end, quoting), blanks, width, header, height) in enumerate(turns):
        style = Style(delimiter, end, quoting)
        rng = random.Random(at)
        records = [head(header, width), *body(rng, width, height, quoting=quoting, delimiter=style.delimiter)]
        with_blanks(records, blanks, width, encoding)
        name = "-".join([encoding, delimiter, end, quoting, blanks, str(width), header])
        yield case_of(f"{name}.{_TABLES[delimiter]}", records, style, encoding)
    yield from one_column()
    yield from ragged()
    yield from large()


class Style:
    """How records are written."""

    def __init__(self, delimiter: str, end: str = "lf", quoting: str = "needed") -> None:
        self.delimiter = DELIMITERS[delimiter]
        self.ends = ENDS[end]
        self.is_open = end == "open"
        self.quotes_all = quoting in {"all", "doubled"}

    def written(self, records: Sequence[Sequence[str]]) -> str:
        lines = [self.delimiter.join(map(self._cell, record)) for record in records]
        ends = list(itertools.islice(itertools.cycle(self.ends), len(lines)))
        if self.is_open:
            ends[-1] = ""
        return "".join(itertools.chain.from_iterable(zip(lines, ends, strict=True)))

    def _cell(self, cell: str) -> str:
        if isinstance(cell, Raw):
            return cell
        needs = any(mark in cell for mark in (self.delimiter, '"', "\n", "\r"))
        return '"' + cell.replace('"', '""') + '"' if needs or (self.quotes_all and cell) else cell


class Raw(str):
    """A cell that is written as it stands."""

    __slots__ = ()


def case_of(name: str, records: Sequence[Sequence[str]], style: Style, encoding: str = "utf8") -> Case:
    """The case, after a look at it by a reader that knows its delimiter."""
    codec = ENCODINGS[encoding]
    text = style.written(records)
    seen = by_csv(text, style.delimiter)
    return Case(
        name=name,
        data=text.encode(codec),
        encoding="utf-8" if codec.startswith("utf-8") else codec,
        rows=filled(seen[1:]),
        columns=names(seen[0]),
    )


def head(kind: str, width: int) -> list[str]:
    cells = [f"column {at}" for at in range(width)]
    match kind:
        case "quoted":
            cells = [f'the "{at}", said' for at in range(width)]
        case "spaced":
            cells = [f"  Größe {at} " for at in range(width)]
        case "twice":
            cells = [f"column {at // 2}" for at in range(width)]
        case "gaps":
            cells[1:-1] = ["" if at % 2 else cell for at, cell in enumerate(cells[1:-1])]
        case "trailing":
            cells += [" ", ""]
        case "long":
            cells[0] = "n" * 1000
    return cells


def body(rng: random.Random, width: int, height: int, *, quoting: str, delimiter: str) -> list[list[str]]:
    words = list(_WORDS)
    if quoting != "none":
        words += [f"a{delimiter} b", f"{delimiter}{delimiter}"]
    if quoting in {"all", "doubled"}:
        words += ['say "yes"', '"', '""', 'ends with "']
    if quoting == "newlines":
        words += ["two\nlines", "two\r\nlines", "\n", "a\rb", "\n\n\nx\n"]
    records = [[rng.choice(words) for _ in range(width)] for _ in range(height)]
    for record in records:
        record[0] = f"c{rng.randrange(1000)}"
    return records


def with_blanks(records: list[list[str]], kind: str, width: int, encoding: str) -> None:
    """Put records between the others: blank ones, and two kinds that only look so."""
    blank = {
        "empty": [Raw("")],
        "spaces": [Raw("  ")],
        "delimiters": [""] * width,
        "quoted": [Raw('""')] * width,
        "no-break": ["\N{NO-BREAK SPACE}", *[""] * (width - 1)],
        "errors": ["#N/A", *[""] * (width - 1)],
    }.get(kind)
    if blank is not None:
        records[2:2] = [blank, blank]
        records.append(blank)
    elif kind == "last":
        records += [[Raw("")], [Raw(" ")], [Raw("")]]


def one_column() -> Iterator[Case]:
    for end in ENDS:
        records = [["case"], ["c1"], ["c 2"], [Raw("")], ["#N/A"]]
        yield case_of(f"one-{end}.csv", records, Style("comma", end))
        yield case_of(f"one-{end}.tsv", records, Style("tab", end))
        yield case_of(f"one-{end}.txt", records, Style("comma", end))


def ragged() -> Iterator[Case]:
    for delimiter, width in itertools.product(DELIMITERS, [2, 30, 300]):
        header = head("named", width)
        full = [[f"c{at}", *["x"] * (width - 1)] for at in range(9)]
        short = [*full, ["c9"], ["", "", "y"][-width:], full[0]]
        yield case_of(f"short-{delimiter}-{width}.csv", [header, *short], Style(delimiter))
        long = [*full, [*full[0], "more", "and more"], [*full[0], ""], [*full[0], "", ""]]
        yield case_of(f"long-{delimiter}-{width}.csv", [header, *long], Style(delimiter))


def large() -> Iterator[Case]:
    """Files that are read in several blocks, with records across their borders."""
    for end in ENDS:
        rng = random.Random(end)
        records = [head("named", 5), *body(rng, 5, 8_000, quoting="newlines", delimiter=";")]
        yield case_of(f"large-{end}.csv", records, Style("semicolon", end))
    wide = [head("named", 20_000), ["x"] * 20_000]
    yield case_of("wide.csv", wide, Style("comma"))
    yield case_of("cell.csv", [["case", "note"], ["c1", "x" * 300_000], ["c2", "y"]], Style("comma"))
