"""`pmsync explain`: every code has a text, and every example of one gives just that code."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pmsync.diagnostics import CODES
from pmsync.explanations.catalogue import EXPLANATIONS
from pmsync.explanations.explanation import sources_example
from pmsync.views.codes import codes_markdown

Call = Callable[..., Any]

ROOT = Path(__file__).parents[2]
LEAST = """\
=== pmsync.yaml
apiVersion: pmsync/v1
project: example
environments: {local: {tenant: emulator}}
=== manifests/orders.yaml
apiVersion: pmsync/v1
datasets: {orders: {}}
"""
COMMANDS = {
    "PM311": ("show", "plan.jsno"),
    "PM312": ("show", "data/events.csv"),
    "PM313": ("show", "plan.json"),
    "PM314": ("show", "plan.json"),
}
"""What shows the code; `validate` where nothing is said."""

NOT_HERE = {
    "PM001": "root, who runs many a test, may read everything",
    "PM033": "200,000 problems take too long here; tests/unit/loading has them",
    "PM034": "200,001 datasets take too long here; tests/unit/loading has them",
    "PM036": "half a million keys take too long here; tests/unit/loading has them",
    "PM116": "it takes a second user of the machine",
    "PM117": "it takes a state: tests/e2e/test_older_runs.py",
    "PM207": "root, who runs many a test, may read everything",
    "PM213": "tests/attacks has such workbooks",
    "PM214": "manifests are refused with PM029 first; it is for programs",
    "PM216": "a file that changes at the right moment; tests/unit/sources has one",
    "PM217": "manifests are refused with PM032 first; it is for programs",
    "PM401": "manifests are refused with PM030 first; it is for programs",
    "PM402": "of an embedded tenant it is known what it does; tests/unit/planning has another",
}
"""Codes that no small repository gives, and why."""


def lay(root: Path, *examples: str) -> None:
    """Write the files of the examples; of two with one path the last counts."""
    for example in examples:
        for part in example.split("=== ")[1:]:
            head, _, content = part.partition("\n")
            path, _, form = head.partition(" (")
            data = content.encode()
            if form == "escaped)":
                data = content.encode("latin-1").decode("unicode_escape").encode("latin-1")
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)


def sheets(root: Path, name: str, *tables: list[list[object]]) -> None:
    """A workbook of these sheets as the only source."""
    lay(root, sources_example(f"data/{name}"))
    book = openpyxl.Workbook()
    book.remove(book.active)
    for table in tables:
        sheet = book.create_sheet()
        for row in table:
            sheet.append(row)
    (root / "data").mkdir()
    book.save(root / "data" / name)


def large(root: Path, path: str, size: int) -> None:
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).touch()
    os.truncate(root / path, size)


TABLE: list[list[object]] = [["case_id", "activity"], [1, "create"]]


def with_a_control_character(root: Path) -> None:
    lay(root, sources_example('{path: "data/*.csv", mode: append}'), "=== data/ev\x01ents.csv\na,b\n1,2\n")


def with_a_link_to_nothing(root: Path) -> None:
    lay(root, sources_example("data/events.csv"))
    (root / "data").mkdir()
    (root / "data" / "events.csv").symlink_to(root / "gone.csv")


MADE: dict[str, Callable[[Path], None]] = {
    "PM002": lambda root: large(root, "manifests/orders.yaml", 9_000_000),
    "PM101": lambda root: (root / "pmsync.yaml").unlink(),
    "PM113": lambda root: lay(
        root,
        "=== pmsync.yaml\napiVersion: pmsync/v1\nproject: x\nenvironments: {local: {tenant: emulator}}\n"
        f"variables: {{long: {{default: {'x' * 70_000}}}}}\n",
        '=== manifests/orders.yaml\napiVersion: pmsync/v1\ndatasets: {orders: {displayName: "${long}"}}\n',
    ),
    "PM208": lambda root: (
        lay(root, sources_example("data/events.csv")),
        large(root, "data/events.csv", 6 << 30),
    )[0],
    "PM215": with_a_control_character,
    "PM219": with_a_link_to_nothing,
    "PM223": lambda root: lay(
        root, sources_example("data/events.csv", files=f"=== data/events.csv\ncase_id,{'x' * 2000}\n1,2\n")
    ),
    "PM231": lambda root: sheets(root, "events.xlsx", [], TABLE),
    "PM232": lambda root: sheets(root, "events.xlsx", TABLE, TABLE),
    "PM233": lambda root: sheets(
        root, "events.xlsx", [[], [None, "case_id", "activity"], [None, 1, "create"]]
    ),
    "PM234": lambda root: sheets(root, "events.xlsx", [["case_id", "activity"], [1, "#N/A"]]),
    "PM235": lambda root: sheets(root, "events.xlsb", TABLE),
    "PM311": lambda _root: None,
    "PM312": lambda root: large(root, "data/events.csv", 1 << 30),
}
"""What an example says in a terminal's or a drawing's words, made."""


def test_every_code_has_an_explanation_and_every_explanation_a_code() -> None:
    assert list(EXPLANATIONS) == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_an_explanation_says_what_it_means_and_what_to_do(code: str) -> None:
    said = EXPLANATIONS[code]
    assert said.text.endswith(".")
    assert said.fix.endswith(".")
    assert said.example.strip()


def test_every_example_of_files_is_tried() -> None:
    by_files = {code for code, said in EXPLANATIONS.items() if said.files} - {"PM402"}
    assert by_files | set(MADE) | set(NOT_HERE) == set(CODES)
    assert not set(NOT_HERE) & (by_files | set(MADE))


@pytest.mark.parametrize("code", sorted(set(CODES) - set(NOT_HERE)))
def test_an_example_gives_its_code(code: str, tmp_path: Path, pmsync: Call) -> None:
    lay(tmp_path, LEAST)
    MADE.get(code, lambda root: lay(root, EXPLANATIONS[code].example))(tmp_path)
    ended = pmsync(*COMMANDS.get(code, ("validate",)))
    for path in tmp_path.glob("data/*"):
        path.unlink()  # gigabytes of nothing need not be searched for secrets
    assert f"[{code}]" in ended.err
    assert ended.code == (7 if f"error[{code}]" in ended.err else 0)


def test_the_page_of_codes_is_what_this_pmsync_would_write() -> None:
    assert (ROOT / "docs" / "codes.md").read_text(encoding="utf-8") == codes_markdown(), "run make schema"


@pytest.mark.parametrize("spelt", ["PM221", "pm221", " Pm221 "])
def test_a_code_is_explained_in_any_case(pmsync: Call, spelt: str) -> None:
    ended = pmsync("explain", spelt)
    assert ended.code == 0
    assert ended.out.startswith(f"PM221: {CODES['PM221']}\n")
    assert "Example" in ended.out
    assert "What to do" in ended.out


def test_without_a_code_all_are_listed(pmsync: Call) -> None:
    ended = pmsync("explain")
    assert all(f"  {code}  {what}\n" in ended.out for code, what in CODES.items())


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("PM237", "PM23"),
        ("22", "PM220 or PM221 or PM222"),
        ("PM0122", "PM012"),
        ("quote", "lists all codes"),
    ],
)
def test_a_code_that_is_none_is_exit_64_with_the_nearest(pmsync: Call, asked: str, hint: str) -> None:
    ended = pmsync("explain", asked)
    assert (ended.code, ended.out) == (64, "")
    assert hint in ended.err


def test_a_code_as_json_has_all_its_texts(pmsync: Call) -> None:
    said = EXPLANATIONS["PM012"]
    assert json.loads(pmsync("explain", "pm012", "--format", "json").out) == {
        "formatVersion": "1.0",
        "code": "PM012",
        "title": CODES["PM012"],
        "text": said.text,
        "example": said.example,
        "fix": said.fix,
    }


def test_all_codes_as_json_are_in_order(pmsync: Call) -> None:
    read = json.loads(pmsync("explain", "--format", "json").out)
    assert [one["code"] for one in read["codes"]] == list(CODES)


def test_a_code_as_markdown_is_a_part_of_the_page(pmsync: Call) -> None:
    section = pmsync("explain", "PM203", "--format", "markdown").out
    assert section.startswith("### PM203: ")
    assert section in pmsync("explain", "--format", "markdown").out


def test_an_error_points_to_the_first_code(tmp_path: Path, pmsync: Call) -> None:
    lay(tmp_path, LEAST, EXPLANATIONS["PM012"].example)
    assert pmsync("validate").err.endswith("  → pmsync explain PM012 says more\n")
