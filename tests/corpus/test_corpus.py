"""pmsync, the emulator and whoever made a file agree on what is in it: its rows and its columns' names.

The two have readers of their own (docs/emulator.md), so that no misreading is common to both.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from corpus.books import books
from corpus.case import Case
from corpus.fuzz import fuzzed
from corpus.odd import differing, odd
from corpus.texts import texts

from pmsync.diagnostics import Location
from pmsync.emulator.cells import UnreadableError
from pmsync.emulator.ingest import read_table
from pmsync.errors import InputError
from pmsync.sources.declared import Declared
from pmsync.sources.fingerprint import Fingerprint, fingerprint
from pmsync.sources.folders import Folders
from pmsync.sources.opening import open_source
from pmsync.sources.workbook import WorkbookReader

CASES = list(itertools.chain(texts(), books(), odd(), fuzzed()))
PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
READ = [case for case in CASES if not case.refused]

Read = Callable[[Case], Fingerprint]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corpus")


@pytest.fixture(scope="module")
def workbooks() -> Iterator[WorkbookReader]:
    with WorkbookReader() as opened:
        yield opened


@pytest.fixture
def by_pmsync(folder: Path, workbooks: WorkbookReader) -> Read:
    def read(case: Case) -> Fingerprint:
        (folder / case.name).write_bytes(case.data)
        declared = Declared(case.name, Location("m.yaml", 1, 1), case.encoding)
        with open_source(declared, Folders.of(str(folder))) as opened:
            return fingerprint(opened, declared, workbooks)

    return read


def test_there_are_enough_files_to_speak_of_a_corpus():
    assert len(READ) >= 400
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", [case for case in CASES if case.refused], ids=lambda case: case.name)
def test_what_is_refused_is_refused_for_its_reason(by_pmsync, case):
    with pytest.raises(InputError) as refusal:
        by_pmsync(case)
    assert [problem.code for problem in refusal.value.diagnostics] == [case.refused]


@pytest.mark.parametrize("case", READ, ids=lambda case: case.name)
def test_all_who_read_a_file_see_one_table(by_pmsync, folder, case):
    content = by_pmsync(case)
    seen = read_table(folder / case.name, case.name)
    assert (content.rows, named(content.columns)) == (case.rows, named(case.columns))
    assert (seen.row_count, [column.name for column in seen.columns]) == (case.rows, named(case.columns))


@pytest.mark.parametrize("case", list(differing()), ids=lambda case: case.name)
def test_where_readers_differ_a_page_says_why(by_pmsync, folder, case):
    content = by_pmsync(case)
    assert (content.rows, list(content.columns)) == (case.rows, case.columns)
    assert _by_emulator(folder / case.name) != (case.rows, case.columns)
    assert f"\n| {case.differs} |" in PAGE.read_text(encoding="utf-8")


def _by_emulator(path: Path) -> tuple[int, list[str]] | None:
    try:
        seen = read_table(path, path.name)
    except UnreadableError:
        return None
    return seen.row_count, [column.name for column in seen.columns]


def named(columns) -> list[str]:
    """Columns without a name have one for the emulator: which column they are."""
    return [name or f"column_{at}" for at, name in enumerate(columns, 1)]
