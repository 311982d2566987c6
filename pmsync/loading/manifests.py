"""Turns one checked manifest file into specs for one environment.

Variables, defaults, the name prefix and protection are filled in here, and texts judged by what they have
become. This module must not know other files, where values of variables come from, nor any source file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from msgspec import Struct

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
from pmsync.loading.tree import Document, Mark
from pmsync.loading.variables import Fault, Values, substituted
from pmsync.model.address import Address, FolderPath, parse_folder
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Encoding, OnRemoval, SourceMode, SourceSpec
from pmsync.model.project import Environment, OtherName

NOTHING: Final = ""
"""Stands for a text that cannot be. No sound text is empty, and what would follow from it is not reported."""

_REPLACES: Final = OtherName.REPLACES  # to look up a member takes as long as a small call
_SINGLE: Final = SourceMode.SINGLE
_UTF_8: Final = Encoding.UTF_8
_MODE_AND_NAME: Final = {
    SourceMode.LATEST: "mode: latest needs a name: each new extract replaces the last one under it",
    SourceMode.APPEND: "mode: append and a name contradict each other: several files cannot have one name",
}


Rule = tuple[Callable[[str], str | None], str]
"""What judges a text, and the code of the problem where it cannot be."""

_NAME: Final[Rule] = (fault_of_display_name, "PM026")
_FOLDER: Final[Rule] = (fault_of_folder, "PM027")
_FILE_NAME: Final[Rule] = (fault_of_file_name, "PM028")
_PATH: Final[Rule] = (fault_of_path, "PM032")

Holder = Any
"""A mapping or list of the document's tree. Places are looked up only where something is wrong."""


class Reading(Struct, frozen=True):
    """One manifest file on its way to specs for one environment."""

    document: Document
    environment: Environment
    values: Values
    problems: Problems

    def datasets(self, shape: ManifestShape) -> Iterator[DatasetSpec]:
        """The specs of the file. What is wrong with them goes to `problems`."""
        raw = self.document.root["datasets"]
        for key, body in shape["datasets"].items():
            yield self._dataset(Address.dataset(key), body or {}, raw)

    def _dataset(self, address: Address, body: DatasetShape, datasets: Holder) -> DatasetSpec:
        key = address.key
        raw = datasets[key]
        name = self._prefixed(body, datasets, key)
        folder: FolderPath = ()
        if "folder" in body:
            folder = parse_folder(self._judged(body["folder"], _FOLDER, raw, "folder"))
            name = name if folder else NOTHING
        return DatasetSpec(
            address=address,
            display_name=name,
            folder=folder,
            protect=body.get("protect", False) or self.environment.protect,
            on_removal=OnRemoval(body["onRemoval"]) if "onRemoval" in body else None,
            datatables=self._datatables(address, body, raw),
            location=self.document.at_key_of(datasets, key),
        )

    def _prefixed(self, body: DatasetShape, datasets: Holder, key: str) -> str:
        holder, field = (datasets[key], "displayName") if "displayName" in body else (datasets, key)
        name = self._judged(body.get("displayName", key), _NAME, holder, field)
        prefix = self.environment.name_prefix
        if not name or not prefix:
            return name
        fault = fault_of_length(prefix + name)
        if fault is None:
            return prefix + name
        self._add(fault, "PM026", holder, field)
        return NOTHING

    def _datatables(
        self, dataset: Address, body: DatasetShape, raw: Holder
    ) -> Mapping[Address, DatatableSpec]:
        specs: dict[Address, DatatableSpec] = {}
        for key, table in body.get("datatables", {}).items():
            address = Address.datatable(dataset, key)
            specs[address] = self._datatable(address, key, table or {}, raw["datatables"])
        return specs

    def _datatable(self, address: Address, key: str, body: DatatableShape, tables: Holder) -> DatatableSpec:
        raw = tables[key]
        if "displayName" in body:
            name = self._judged(body["displayName"], _NAME, raw, "displayName")
        else:
            name = self._judged(key, _NAME, tables, key)
        return DatatableSpec(
            address=address,
            display_name=name,
            sources=self._sources(body["sources"], raw["sources"]) if "sources" in body else (),
            max_row_drop=body["checks"].get("maxRowDrop") if "checks" in body else None,
            location=self.document.at_key_of(tables, key),
        )

    def _sources(self, entries: list[SourceShape], items: Holder) -> tuple[SourceSpec, ...]:
        made = tuple([self._source(entry, items, index) for index, entry in enumerate(entries)])
        if self.environment.uploads.other_name is _REPLACES:
            self._judge_replacing(made)
        return made

    def _source(self, entry: SourceShape, items: Holder, index: int) -> SourceSpec:
        location = self.document.at_item(items, index)
        raw = items[index]
        whole = not isinstance(raw, dict)
        path = self._judged(entry["path"], _PATH, items if whole else raw, index if whole else "path")
        if len(entry) == 1:
            return SourceSpec(path=path, location=location)
        mode = SourceMode(entry["mode"]) if "mode" in entry else _SINGLE
        name = entry.get("name")
        if mode is not _SINGLE and (mode is SourceMode.LATEST) is (name is None):
            self._add(_MODE_AND_NAME[mode], "PM029", raw, "mode")
        if name is not None:
            name = self._judged(name, _FILE_NAME, raw, "name")
        return SourceSpec(
            path=path,
            mode=mode,
            name=name,
            optional=entry.get("optional", False),
            encoding=Encoding(entry["encoding"]) if "encoding" in entry else _UTF_8,
            location=location,
        )

    def _judge_replacing(self, sources: tuple[SourceSpec, ...]) -> None:
        """Where an upload replaces all rows there are, only one source can be there afterwards."""
        adding = [one for one in sources if one.mode is SourceMode.APPEND]
        for one in (*sources[1:2], *adding):
            message = f"environment {self.environment.name} keeps only the file that was uploaded last"
            hint = "one source for each datatable, and no mode: append (uploads.otherName: replaces)"
            self.problems.add(Diagnostic(one.location, "PM030", message, hint))

    def _judged(self, text: str, rule: Rule, holder: Holder, key: str | int) -> str:
        """The text at `holder[key]` with its variables; NOTHING, and a problem, if it cannot be."""
        if "${" in text:
            mark = self.document.value_mark(holder, key)
            found = substituted(text, self.values, partial(self._misused, mark))
            if found is None:
                return NOTHING
            text = found
        judge, code = rule
        fault = judge(text)
        if fault is None:
            return text
        self._add(fault, code, holder, key)
        return NOTHING

    def _misused(self, mark: Mark, fault: Fault) -> None:
        place = self.document.inside(mark, fault.nth, fault.text)
        self.problems.add(Diagnostic(place, fault.code, fault.message, fault.suggestion))

    def _add(self, message: str, code: str, holder: Holder, key: str | int) -> None:
        place = self.document.place(self.document.value_mark(holder, key))
        self.problems.add(Diagnostic(place, code, message))
