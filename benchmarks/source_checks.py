"""B8: what it costs to say what a text is, to check, count and hash it; none may cost twice that.

The floor is sha256 alone over the same reads. A hostile text is measured against a good one whose records are
as long and have quoted line ends too, in time and in memory; where it has many quoted cells in each record,
against a good one with all cells quoted, as many programs write them. What is refused is so by its end.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.measuring import here, in_turn
from benchmarks.table import Row, Told
from pmsync.diagnostics import Location
from pmsync.errors import InputError
from pmsync.sources.declared import Declared
from pmsync.sources.fingerprint import fingerprint
from pmsync.sources.folders import Folders
from pmsync.sources.opening import open_source
from pmsync.sources.workbook import WorkbookReader

BLOCK = 1024 * 1024
WALL = 2.9
CPU = 3.2
HOSTILE = 2.0
HEADER = b"case,activity,time,user,note\n"
GOOD = b'case-000123,Register invoice,2024-01-01T12:00:00Z,alice,"two\nlines, and more"\n'
PLAIN = b"case-000123,Register invoice,2024-01-01T12:00:00Z,alice,one line and no more..\n"


def _of_length(cell: bytes) -> bytes:
    """A record as long as a good one that is made of one cell again and again."""
    return (cell * len(GOOD))[: len(GOOD) // len(cell) * len(cell)].rstrip(b",") + b"\n"


def _quoted(record: bytes) -> bytes:
    """The record with quotes around each cell."""
    cells = record.removesuffix(b"\n").split(b",", 4)
    return b",".join(cell if cell.startswith(b'"') else b'"' + cell + b'"' for cell in cells) + b"\n"


@dataclass(frozen=True)
class Text:
    """A text to be measured: its records again and again between a header and an end."""

    name: str
    record: bytes
    header: bytes = HEADER
    end: bytes = b""
    many: bool = False
    """Whether it has many quoted cells in each record."""

    def write(self, path: Path, size: int) -> None:
        block = self.record * max(1, BLOCK // len(self.record))
        with path.open("wb") as file:
            file.write(self.header)
            for _ in range(max(1, size // len(block))):
                file.write(block)
            file.write(self.end)


LOG = Text("an event log, a note of two lines in each tenth record", 9 * PLAIN + GOOD)
GOOD_TEXT = Text("a good text", GOOD)
QUOTED_TEXT = Text("a good text, all quoted", _quoted(GOOD), many=True)
TEXTS = (
    Text("a quote in the middle of cells", PLAIN.replace(b"alice", b'5" p.').replace(b"one", b'o"e')),
    Text("the same, and quoted line ends", GOOD.replace(b"alice", b'5" p.')),
    Text("stray quotes behind quoted cells", PLAIN.replace(b"alice", b'"a"b"')),
    Text("a quote that opens at the start and never closes", PLAIN, header=HEADER + b'"'),
    Text("a quote that opens at the end and never closes", GOOD, end=b'1,"2\n'),
    Text("line ends of \\r", GOOD.replace(b"\n", b"\r")),
    Text("line ends of \\r\\n", GOOD.replace(b"\n", b"\r\n")),
    Text("blank lines", GOOD + b"\n"),
    Text("lines of delimiters and empty quotes", GOOD + b',,"",," "\n', many=True),
    Text("one giant line", PLAIN.rstrip(b"\n") + b","),
    Text("one giant line of quoted cells", b'"case-000123","Register invoice",', many=True),
    Text("one giant cell of lines", PLAIN, header=HEADER + b'1,"', end=b'"\n'),
    Text("invalid UTF-8 at the very end", GOOD, end=b"\xff"),
    Text("NUL at the very end", GOOD, end=b"\0"),
    Text("empty quotes everywhere", _of_length(b'"",'), many=True),
    Text("quoted letters everywhere", _of_length(b'"a","b",'), many=True),
    Text("doubled quotes everywhere", _of_length(b'"{""a"":""b""}",'), many=True),
    Text("all cells quoted, and quoted line ends", _quoted(GOOD)),
    Text("other letters everywhere", "顧客-0001,請求書の登録,2024-01-01,佐藤,二行ノート\n".encode()),
    Text("merge conflict markers in cells", GOOD.replace(b"two\nlines, and", b"two\n<<<<<<< x")),
)


def b8(told: Told) -> Iterator[Row]:
    """Wall, CPU and memory."""
    log, hostile = (64, 16) if told.quick else (1024, 128)
    yield from _against_the_floor(told.folder, log * BLOCK, told.rounds)
    yield from _hostile(told.folder, hostile * BLOCK, told.rounds)


def _against_the_floor(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    path = folder / "log.csv"
    LOG.write(path, size)
    hashing, looking = in_turn(here(lambda: _hashed(path)), here(lambda: _looked_at(path)), rounds=rounds)
    work = f"fingerprint of a {size // BLOCK:,} MiB event log"
    yield Row("B8", work, "hashlib.sha256 alone, wall", looking.wall / hashing.wall, WALL)
    yield Row("B8", work, "hashlib.sha256 alone, CPU", looking.cpu / hashing.cpu, CPU)
    path.unlink()


def _hostile(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    bad = folder / "bad.csv"
    goods = {text.many: (text, folder / f"good-{text.many}.csv") for text in (GOOD_TEXT, QUOTED_TEXT)}
    for text, path in goods.values():
        text.write(path, size)
    memory = {many: _memory(path) for many, (_, path) in goods.items()}
    for text in TEXTS:
        text.write(bad, size)
        measure, good = goods[text.many]
        least, most = in_turn(here(partial(_looked_at, good)), here(partial(_looked_at, bad)), rounds=rounds)
        per_byte = good.stat().st_size / bad.stat().st_size
        ratio = most.wall / least.wall * per_byte
        yield Row("B8", text.name, f"{measure.name}, wall for each byte", ratio, HOSTILE)
        yield Row("B8", text.name, f"{measure.name}, memory", _memory(bad) / memory[text.many], HOSTILE)


def _hashed(path: Path) -> None:
    digest, buffer = hashlib.sha256(), bytearray(BLOCK)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer):
            digest.update(memoryview(buffer)[:size])


def _looked_at(path: Path) -> None:
    declared = Declared(path.name, Location("m.yaml", 1, 1))
    folders = Folders.of(str(path.parent))
    with (
        open_source(declared, folders) as opened,
        WorkbookReader() as workbooks,
        suppress(InputError),
    ):
        fingerprint(opened, declared, workbooks)


def _memory(path: Path) -> int:
    """The most memory that looking at a text takes, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.source_checks", str(path)]
    return int(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


if __name__ == "__main__":
    _looked_at(Path(sys.argv[1]))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
