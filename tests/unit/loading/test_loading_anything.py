"""Whatever a repository holds, it is loaded or refused with a place: never a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pmsync.diagnostics import CODES
from pmsync.errors import InputError, UsageProblem
from pmsync.loading.repository import Wish, load

FILES = {
    "pmsync.yaml": b"apiVersion: pmsync/v1\nproject: x\nvariables: {data: {default: d}}\nenvironments:\n"
    b"  local: {tenant: emulator, uploads: {otherName: adds}}\n",
    "manifests/m.yaml": b"apiVersion: pmsync/v1\ndatasets:\n  a:\n    displayName: A ${data}\n    folder: F/G\n"
    b"    datatables:\n      t:\n        sources:\n          - x.csv\n          - {path: y.csv, name: z.csv}\n",
    "approvals.yaml": b"apiVersion: pmsync/v1\napprovals:\n  - {environment: local, address: a, consent: loss, id: x}\n",
}
TOKENS = [
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b": ",
        b"- ",
        b"? ",
        b"\n",
        b"\n  ",
        b" ",
        b"\t",
        b"'",
        b'"',
        b"|",
        b">",
        b"#",
    ),
    *(
        b"&a ",
        b"*a",
        b"!",
        b"!!str ",
        b"<<",
        b"~",
        b"%",
        b"@",
        b"---\n",
        b"...\n",
        b"\xff",
        b"\0",
        b"\x85",
        b"\xe2\x80\xa8",
    ),
    *(
        b"${",
        b"${data}",
        b"$${",
        b"}",
        b"${x}",
        b"true",
        b"columns: {}\n",
        b"\\",
        b"\xf0\x9f\x98\x80",
        b"\xef\xbb\xbf",
    ),
]


def judge(root: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)
    try:
        load(str(root / "pmsync.yaml"), Wish())
    except UsageProblem:
        return
    except InputError as refused:
        said = refused.diagnostics
    else:
        return
    assert said
    for one in said:
        assert one.code in CODES
        assert one.location.file in files
        assert str(one).isprintable()
        text = files[one.location.file]
        assert one.location.line <= text.count(b"\n") + text.count(b"\r") + 1


@pytest.mark.parametrize("name", FILES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_refused_or_loaded(tmp_path: Path, name: str, data: bytes) -> None:
    judge(tmp_path, {**FILES, name: data})


@pytest.mark.parametrize("name", FILES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 8), st.sampled_from(TOKENS)), min_size=1, max_size=4
    )
)
def test_any_edit_of_a_file_is_refused_or_loaded(
    tmp_path: Path, name: str, edits: list[tuple[int, int, bytes]]
) -> None:
    data = FILES[name]
    for at, length, token in edits:
        data = data[:at] + token + data[at + length :]
    judge(tmp_path, {**FILES, name: data})


@pytest.mark.parametrize("seed", range(10))
def test_any_lines_in_any_order_are_refused_or_loaded(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    lines = [line for data in FILES.values() for line in data.splitlines(keepends=True)]
    for _ in range(30):
        judge(tmp_path, {name: b"".join(dice.choices(lines, k=dice.randrange(12))) for name in FILES})
