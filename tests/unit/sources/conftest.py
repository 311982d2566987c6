"""What the tests of this room share: a project folder, and short ways to declare and look."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmsync.diagnostics import Location
from pmsync.errors import InputError
from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest, SourceMode, SourceSpec
from pmsync.sources import look
from pmsync.sources.declared import Declared
from pmsync.sources.folders import Folders
from pmsync.sources.workbook import WorkbookReader

LATE = 2**62
"""A clock so late that no file is racy."""


@pytest.fixture
def project(tmp_path):
    """A project folder with a neighbour that it must never see."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.csv").write_text("key,value\nroot,hunter2\n")
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@pytest.fixture
def folders(project):
    return Folders.of(str(project))


@pytest.fixture
def write(project):
    """Write a file below the project folder; its relative path."""

    def write_file(path: str, text: str | bytes = "case,activity\nc1,Pay\n") -> str:
        target = project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_file


@pytest.fixture
def declared():
    return lambda path: Declared(path, Location("m.yaml", 7, 11))


@pytest.fixture
def spec():
    """A source entry; its line says which one it is."""

    def make(path: str, mode: str = "single", *, line: int = 7, **rest) -> SourceSpec:
        return SourceSpec(path=path, mode=SourceMode(mode), location=Location("m.yaml", line, 11), **rest)

    return make


@pytest.fixture
def manifest():
    """A manifest of one dataset `o2c`; each argument is a datatable with its source entries."""

    def make(**tables: list[SourceSpec]) -> Manifest:
        dataset = Address.dataset("o2c")
        where = Location("m.yaml", 1, 1)
        specs = {
            Address.datatable(dataset, key): DatatableSpec(
                address=Address.datatable(dataset, key),
                display_name=key,
                sources=tuple(sources),
                location=where,
            )
            for key, sources in tables.items()
        }
        return Manifest(
            datasets={
                dataset: DatasetSpec(address=dataset, display_name="O2C", datatables=specs, location=where)
            }
        )

    return make


@pytest.fixture
def sources_of(project, manifest):
    """Look at one datatable `events` with these entries: all that was found."""

    def run(*specs: SourceSpec, **options):
        return look(manifest(events=list(specs)), root=str(project), now_ns=lambda: LATE, **options)

    return run


@pytest.fixture
def files_of(sources_of):
    """The files of such a look, which must find no problem."""

    def run(*specs: SourceSpec, **options):
        found = sources_of(*specs, **options)
        assert found.diagnostics == ()
        return found.files[Address("o2c.events")]

    return run


@pytest.fixture
def problems_of(sources_of):
    """The diagnostics of a look that must find some, whether in the entries or in what they mean."""

    def run(*specs: SourceSpec, **options):
        try:
            problems = sources_of(*specs, **options).diagnostics
        except InputError as caught:
            problems = caught.diagnostics
        assert problems
        return problems

    return run


@pytest.fixture
def refusal():
    """The one diagnostic that a call must end in."""

    def run(call, *args):
        with pytest.raises(InputError) as caught:
            call(*args)
        (diagnostic,) = caught.value.diagnostics
        return diagnostic

    return run


@pytest.fixture
def outside(project) -> Path:
    return project.parent / "outside"


@pytest.fixture(scope="module")
def reader():
    with WorkbookReader() as workbooks:
        yield workbooks


@pytest.fixture
def read(reader, declared):
    """Read one workbook by its bytes."""

    def run(data, name="a.xlsx"):
        return reader.read(declared(name), size=len(data), blocks=[data])

    return run
