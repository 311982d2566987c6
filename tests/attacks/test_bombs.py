"""Small inputs that ask for more time or memory than there is: each ends with its exit code and a sentence.

Every case is the real command in a process of its own; its time is that of the processor, its memory the largest
of the process and of what it started. A small process stands between, as a fork begins with the memory of whoever
forks.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from attacks.runner import MANIFEST, PROJECT, TENANT
from canary import KEY

from pmsync.statestore.home import Home

SECONDS = 20
MEMORY = 2 * 1024**3
ROOT = Path(__file__).parents[2]
WATCH = """
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=sys.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Cost:
    """How a command ended, and what it took: processor seconds, and bytes at the most."""

    code: int
    text: str
    seconds: float
    memory: int


def _measured(folder: Path, *arguments: str, api_url: str = "http://127.0.0.1:9") -> Cost:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "PYTHONPATH": str(ROOT),
        "PMSYNC_API_KEY": KEY,
        "PMSYNC_API_URL": api_url,
        "PMSYNC_STATE_DIR": str(folder / "state"),
        "PMSYNC_CACHE_DIR": str(folder / "cache"),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }
    with tempfile.TemporaryFile() as said:
        watched = subprocess.run(
            [sys.executable, "-S", "-c", WATCH, sys.executable, "-m", "pmsync", *arguments],
            cwd=folder / "checkout",
            env=env,
            stdout=subprocess.PIPE,
            stderr=said,
            check=True,
        )
        code, seconds, memory = json.loads(watched.stdout)
        said.seek(0)
        text = said.read().decode(errors="replace")
    return Cost(code, text, seconds, memory * _UNIT)


def _must_be_cheap(cost: Cost, *codes: int) -> None:
    assert cost.code in codes, cost.text[-2000:]
    assert cost.seconds < SECONDS, f"{cost.seconds:.1f} s"
    assert cost.memory < MEMORY, f"{cost.memory / 1024**2:,.0f} MiB"
    assert 0 < len(cost.text) < 100_000
    assert "Traceback" not in cost.text
    assert "is a bug" not in cost.text


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    made = tmp_path / "checkout"
    (made / "manifests").mkdir(parents=True)
    (made / "data").mkdir()
    (made / "pmsync.yaml").write_text(PROJECT.format(tenant=TENANT))
    (made / "manifests" / "m.yaml").write_text(MANIFEST)
    (made / "data" / "a.csv").write_text("case\nc1\n")
    return made


_MIB = 1024**2
YAML = {
    "brackets in brackets": "datasets: " + "[" * (4 * _MIB),
    "braces in braces": "datasets: " + "{a: " * _MIB,
    "dashes behind dashes": "- " * (4 * _MIB),
    "steps that go ever deeper": "".join(f"{' ' * depth}a:\n" for depth in range(2_500)),
    "a million keys": "datasets:\n" + "".join(f"  k{i}:\n" for i in range(500_000)),
    "a million wrong keys": "".join(f"k{i}: 1\n" for i in range(500_000)),
    "one long text": "datasets: '" + "x" * (7 * _MIB) + "'",
    "a laugh of aliases": "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(1_000)),
    "documents behind documents": "---\n" * (2 * _MIB),
    "anchors": "".join(f"- &a{i} x\n" for i in range(400_000)),
    "questions": "? " * (3 * _MIB),
    "tags": "- !<tag:x> y\n" * 400_000,
    "tabs": "\t" * (7 * _MIB),
    "comments": "#\n" * (3 * _MIB),
    "folded lines": "datasets: >\n" + " x\n" * (2 * _MIB),
    "quotes that never close": 'datasets: "' + "\n" * (7 * _MIB),
    "characters that are none": "datasets: \ud7ff" + "\ufffe" * _MIB,
    "more bytes than are read": "# " + "x" * (9 * _MIB),
}


@pytest.mark.parametrize("place", ["manifests/m.yaml", "pmsync.yaml", "approvals.yaml"])
@pytest.mark.parametrize("text", YAML.values(), ids=YAML)
def test_a_yaml_bomb_ends_in_a_sentence(checkout, tmp_path, text, place):
    (checkout / place).write_text(text, encoding="utf-8")
    _must_be_cheap(_measured(tmp_path, "validate", "-e", "dev"), 7)


class _Host(BaseHTTPRequestHandler):
    """Answers every request with the same body, gzipped or not."""

    body: bytes
    encoding: str

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        if self.encoding:
            self.send_header("content-encoding", self.encoding)
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_words: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def host() -> Iterator[Callable[[bytes, str], str]]:
    servers: list[ThreadingHTTPServer] = []

    def start(body: bytes, encoding: str) -> str:
        handler = type("Host", (_Host,), {"body": body, "encoding": encoding})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


ANSWERS = {
    "empty objects": lambda: b"[" + b"{}," * 3_000_000 + b"{}]",
    "empty lists": lambda: b"[" + b"[]," * 3_000_000 + b"[]]",
    "nulls": lambda: b"[" + b"null," * 3_000_000 + b"null]",
    "brackets in brackets": lambda: b"[" * 5_000_000,
    "objects in objects": lambda: b'{"a":' * 2_000_000,
    "a long number": lambda: (
        b'[{"id":"a","displayName":"x","createdAt":"","datatableCount":' + b"9" * 5_000_000 + b"}]"
    ),
    "a long text": lambda: b'[{"id":"' + b"x" * 50_000_000 + b'"}]',
    "zeros": lambda: b"\0" * 500_000_000,
    "blanks": lambda: b" " * 500_000_000,
    "one key again and again": lambda: b"[{" + b'"id":"a",' * 2_000_000 + b'"id":"b"}]',
}


@pytest.mark.parametrize("make", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_of_the_tenant_that_is_a_bomb_ends_in_a_sentence(checkout, tmp_path, host, make):
    url = host(gzip.compress(make(), 1), "gzip")
    _must_be_cheap(_measured(tmp_path, "plan", "-e", "dev", "--new-state", api_url=url), 1)


def test_an_answer_packed_twice_ends_in_a_sentence(checkout, tmp_path, host):
    packed = gzip.compress(gzip.compress(b"\0" * 1_000_000_000, 1), 1)
    url = host(packed, "gzip, gzip")
    _must_be_cheap(_measured(tmp_path, "plan", "-e", "dev", "--new-state", api_url=url), 1)


_RELS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>
</Relationships>"""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_BOOK = f"""<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"""
_TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels"
 ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
</Types>"""


def _column(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _workbook(path: Path, sheet: Iterator[bytes], strings: Iterable[bytes] = ()) -> None:
    """A workbook of one sheet; what is between `<sheetData>` and its end comes from an iterator."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELS.format(kind="officeDocument", target="xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", _BOOK)
        archive.writestr(
            "xl/_rels/workbook.xml.rels", _RELS.format(kind="worksheet", target="worksheets/sheet1.xml")
        )
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for piece in sheet:
                part.write(piece)
            part.write(b"</sheetData></worksheet>")
        with archive.open("xl/sharedStrings.xml", "w") as part:
            part.write(f'<?xml version="1.0"?><sst xmlns="{_MAIN}">'.encode())
            for piece in strings:
                part.write(piece)
            part.write(b"</sst>")


_HEAD = b'<row r="1"><c r="A1" t="inlineStr"><is><t>case</t></is></c></row>'


def _cells_in_one_row() -> Iterator[bytes]:
    yield b'<row r="1">'
    for _ in range(400):
        yield b"<c><v>1</v></c>" * 250_000
    yield b"</row>"


def _wide_and_high() -> Iterator[bytes]:
    yield _HEAD
    for row in range(2, 6_002):
        yield f'<row r="{row}">'.encode() + b"<c><v>1</v></c>" * 16_000 + b"</row>"


def _far_away() -> Iterator[bytes]:
    yield _HEAD
    yield b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def _many_strings() -> Iterator[bytes]:
    for _ in range(400):
        yield b"<si/>" * 100_000


def _one_long_text() -> Iterator[bytes]:
    yield b'<row r="1"><c r="A1" t="inlineStr"><is><t>'
    for _ in range(300):
        yield b"x" * _MIB
    yield b"</t></is></c></row>"


WORKBOOKS: dict[str, Callable[[Path], None]] = {
    "a hundred million cells in one row": lambda path: _workbook(path, _cells_in_one_row()),
    "sixteen thousand columns, six thousand rows": lambda path: _workbook(path, _wide_and_high()),
    "one cell in the farthest corner": lambda path: _workbook(path, _far_away()),
    "forty million shared strings": lambda path: _workbook(path, iter([_HEAD]), _many_strings()),
    "a cell of 300 MB": lambda path: _workbook(path, _one_long_text()),
}


@pytest.mark.parametrize("make", WORKBOOKS.values(), ids=WORKBOOKS)
def test_a_workbook_that_is_a_bomb_ends_in_a_sentence(checkout, tmp_path, make):
    (checkout / "data" / "a.csv").unlink()
    make(checkout / "data" / "a.xlsx")
    (checkout / "manifests" / "m.yaml").write_text(MANIFEST.replace("a.csv", "a.xlsx"))
    _must_be_cheap(_measured(tmp_path, "validate", "-e", "dev"), 7)


def test_a_good_workbook_of_a_quarter_of_a_million_rows_passes(checkout, tmp_path):
    rows = (
        f'<row r="{row}">'.encode()
        + b"".join(f'<c r="{_column(column)}{row}"><v>{row}</v></c>'.encode() for column in range(1, 13))
        + b"</row>"
        for row in range(2, 250_001)
    )
    head = b"".join(
        f'<c r="{_column(column)}1" t="inlineStr"><is><t>n{column}</t></is></c>'.encode()
        for column in range(1, 13)
    )

    def sheet() -> Iterator[bytes]:
        yield b'<row r="1">' + head + b"</row>"
        yield from rows

    (checkout / "data" / "a.csv").unlink()
    _workbook(checkout / "data" / "a.xlsx", sheet())
    (checkout / "manifests" / "m.yaml").write_text(MANIFEST.replace("a.csv", "a.xlsx"))
    cost = _measured(tmp_path, "validate", "-e", "dev")
    assert cost.code == 0, cost.text
    assert cost.memory < MEMORY


def test_a_cache_of_rubbish_without_end_is_read_over(checkout, tmp_path):
    cache = Home(state=str(tmp_path / "state"), cache=str(tmp_path / "cache")).of_digests(str(checkout))
    assert cache is not None
    Path(cache).parent.mkdir(mode=0o700, parents=True)
    with open(cache, "wb") as file:
        file.truncate(20 * 1024**3)  # no room on the disk: a file of holes
    _must_be_cheap(_measured(tmp_path, "validate", "-e", "dev"), 0)
