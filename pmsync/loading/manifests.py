"""Turns one checked manifest file into specs for one environment.

Variables, defaults, the name prefix and protection are filled in here, and texts judged by what they have
become. This module must not know other files, where values of variables come from, nor any source file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from pmsync.diagnostics import Diagnostic
from pmsync.loading.names import (
    fault_of_display_name,
    fault_of_file_name,
    fault_of_folder,
    fault_of_length,
    fault_of_path,
)
from pmsync.loading.problems import Problems
from pmsync.loading.shape import DatasetShape, DatatableShape, ManifestShape, SourceShape
from pmsync.loading.tree import Document, Mark, Node
from pmsync.loading.variables import Fault, Values, substituted
from pmsync.model.address import Address, FolderPath, parse_folder
from pmsync.model.manifest import DatasetSpec, DatatableSpec, OnRemoval, SourceMode, SourceSpec
from pmsync.model.project import Environment, OtherName

NOTHING: Final = ""
"""Stands for a text that cannot be. No sound text is empty, and what would follow from it is not reported."""

_REPLACES: Final = OtherName.REPLACES  # to look up a member takes as long as a small call
_SINGLE: Final = SourceMode.SINGLE
_MODE_AND_NAME: Final = {
    SourceMode.LATEST: "mode: latest needs a name: each new extract replaces the last one under it",
    SourceMode.APPEND: "mode: append and a name contradict each other: several files cannot have one name",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One manifest file on its way to specs for one environment."""

    document: Document
    environment: Environment
    values: Values
    problems: Problems

    def datasets(self, shape: ManifestShape) -> Iterator[DatasetSpec]:
        """The specs of the file. What is wrong with them goes to `problems`."""
        raw = self.document.root["datasets"]
        marks = self.document.marks_of(raw)
        for key, body in shape["datasets"].items():
            yield self._dataset(Address.dataset(key), body or {}, marks[key][0], raw[key])

    def _dataset(self, address: Address, body: DatasetShape, mark: Mark, raw: Node) -> DatasetSpec:
        marks = self.document.marks_of(raw)
        text, named = body.get("displayName", address.key), mark
        if "displayName" in body:
            named = marks["displayName"][1]
        name = self._prefixed(text, named)
        folder: FolderPath = ()
        if "folder" in body:
            folder = parse_folder(self._judged(body["folder"], marks["folder"][1], fault_of_folder, "PM027"))
            name = name if folder else NOTHING
        return DatasetSpec(
            address=address,
            display_name=name,
            folder=folder,
            protect=body.get("protect", False) or self.environment.protect,
            on_removal=OnRemoval(body["onRemoval"]) if "onRemoval" in body else None,
            datatables=self._datatables(address, body, raw),
            location=self.document.place(mark),
        )

    def _prefixed(self, text: str, mark: Mark) -> str:
        name = self._judged(text, mark, fault_of_display_name, "PM026")
        prefix = self.environment.name_prefix
        if not name or not prefix:
            return name
        fault = fault_of_length(prefix + name)
        return self._refused(fault, mark, "PM026") if fault else prefix + name

    def _datatables(self, dataset: Address, body: DatasetShape, raw: Node) -> Mapping[Address, DatatableSpec]:
        if "datatables" not in body or not isinstance(raw, dict):
            return {}
        tables = raw["datatables"]
        marks = self.document.marks_of(tables)
        specs: dict[Address, DatatableSpec] = {}
        for key, table in body["datatables"].items():
            address = Address.datatable(dataset, key)
            specs[address] = self._datatable(address, table or {}, marks[key][0], tables[key])
        return specs

    def _datatable(self, address: Address, body: DatatableShape, mark: Mark, raw: Node) -> DatatableSpec:
        if "displayName" in body:
            text, named = body["displayName"], self.document.marks_of(raw)["displayName"][1]
        else:
            text, named = address.key, mark
        return DatatableSpec(
            address=address,
            display_name=self._judged(text, named, fault_of_display_name, "PM026"),
            sources=self._sources(body, raw),
            location=self.document.place(mark),
        )

    def _sources(self, body: DatatableShape, raw: Node) -> tuple[SourceSpec, ...]:
        if "sources" not in body or not isinstance(raw, dict):
            return ()
        items = raw["sources"]
        made = tuple(map(self._source, body["sources"], items, self.document.item_marks_of(items)))
        if self.environment.uploads.other_name is _REPLACES:
            self._judge_replacing(made)
        return made

    def _source(self, entry: SourceShape, raw: Node, mark: Mark) -> SourceSpec:
        if not isinstance(raw, dict):  # a path alone
            path = self._judged(entry["path"], mark, fault_of_path, "PM032")
            return SourceSpec(path=path, location=self.document.place(mark))
        marks = self.document.marks_of(raw)
        name = entry.get("name")
        if name is not None:
            name = self._judged(name, marks["name"][1], fault_of_file_name, "PM028")
        mode = _SINGLE
        if "mode" in entry:
            mode = SourceMode(entry["mode"])
            if (mode is SourceMode.LATEST) is (name is None):  # the one needs a name, the other can have none
                self._refused(_MODE_AND_NAME[mode], marks["mode"][1], "PM029")
        return SourceSpec(
            path=self._judged(entry["path"], marks["path"][1], fault_of_path, "PM032"),
            mode=mode,
            name=name,
            optional=entry.get("optional", False),
            location=self.document.place(mark),
        )

    def _judge_replacing(self, sources: tuple[SourceSpec, ...]) -> None:
        """Where an upload replaces all rows there are, only one source can be there afterwards."""
        adding = [one for one in sources if one.mode is SourceMode.APPEND]
        for one in (*sources[1:2], *adding):
            message = f"environment {self.environment.name} keeps only the file that was uploaded last"
            hint = "one source for each datatable, and no mode: append (uploads.otherName: replaces)"
            self.problems.add(Diagnostic(one.location, "PM030", message, hint))

    def _judged(self, text: str, mark: Mark, judge: Callable[[str], str | None], code: str) -> str:
        """The text with its variables; NOTHING, and a problem, if it cannot be what it is to be."""
        if "${" in text:
            found = substituted(text, self.values, partial(self._misused, mark))
            if found is None:
                return NOTHING
            text = found
        fault = judge(text)
        return self._refused(fault, mark, code) if fault else text

    def _misused(self, mark: Mark, fault: Fault) -> None:
        place = self.document.inside(mark, fault.nth, fault.text)
        self.problems.add(Diagnostic(place, fault.code, fault.message, fault.suggestion))

    def _refused(self, message: str, mark: Mark, code: str) -> str:
        self.problems.add(Diagnostic(self.document.place(mark), code, message))
        return NOTHING
