"""The reference scenario: what a user's repository says from phase to phase.

Four datasets in three places, three datatables each, two files each; created, filled, changed, one replaced,
one deleted. Pure: it makes the files' text and what is wanted; must not know of processes or emulators.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from faults.story import Content, WantedDataset, Wish

SameName = Literal["replaces", "appends"]
PhaseName = Literal["create", "upload", "change", "replace", "delete", "whole", "resume"]

PROJECT: Final = "faults"
FOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "o2c": ("Finance", "Receivables"),
    "p2p": ("Finance", "Payables"),
    "hire": ("People",),
    "care": (),
}
TABLES: Final = ("events", "cases", "notes")


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of the scenario: what comes before it, how the files are by then, and what is agreed to."""

    name: PhaseName
    after: PhaseName | None
    consents: tuple[str, ...] = ()


PHASES: Final[Mapping[PhaseName, Phase]] = {
    one.name: one
    for one in (
        Phase("create", None),
        Phase("upload", "create"),
        Phase("change", "upload"),
        Phase("replace", "change", ("replace:o2c", "loss:o2c")),
        Phase("delete", "replace", ("delete:care",)),
        Phase("whole", None),
        Phase("resume", None),
    )
}


@dataclass(frozen=True, slots=True)
class Repository:
    """A user's files at one moment: their text by path, and what they declare."""

    files: Mapping[str, str]
    wish: Wish

    def said(self, ingests_within: str, timeout: str) -> Repository:
        """The same with what is said of when rows show, and how long to wait for them."""
        config = self.files["pmsync.yaml"].replace("timeout: 20s", f"timeout: {timeout}")
        if ingests_within:
            config = config.replace("otherName: adds", f"otherName: adds, ingestsWithin: {ingests_within}")
        return Repository({**self.files, "pmsync.yaml": config}, self.wish)

    def write(self, root: Path) -> None:
        for path, text in self.files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or target.read_text(encoding="utf-8") != text:
                target.write_text(text, encoding="utf-8")


@dataclass(slots=True)
class _Draft:
    files: dict[str, str] = field(default_factory=dict)
    wish: dict[str, WantedDataset] = field(default_factory=dict)


def repository(phase: PhaseName, *, same_name: SameName, tenant: str, api_url: str) -> Repository:
    """The repository as it is when the apply of that phase begins."""
    draft = _Draft()
    declared = ["apiVersion: pmsync/v1", "datasets:"]
    for dataset, folder in FOLDERS.items():
        if phase == "delete" and dataset == "care":
            continue
        name = "Order to Cash" if dataset == "o2c" and phase in {"replace", "delete"} else dataset
        declared += [f"  {dataset}:", f"    displayName: {name}"]
        if folder:
            declared.append(f"    folder: {'/'.join(folder)}")
        declared.append("    datatables:")
        tables: dict[str, tuple[Content, ...]] = {}
        for table in TABLES:
            contents = _contents(draft, phase, same_name, f"{dataset}/{table}")
            tables[table] = contents
            sources = ", ".join(f"data/{dataset}/{one.name}" for one in contents)
            declared.append(f"      {table}: {{sources: [{sources}]}}" if sources else f"      {table}: {{}}")
        draft.wish[dataset] = WantedDataset(name, folder, tables)
    draft.files["manifests/m.yaml"] = "\n".join(declared) + "\n"
    draft.files["pmsync.yaml"] = project(same_name, tenant=tenant, api_url=api_url)
    return Repository(draft.files, draft.wish)


def project(same_name: SameName, *, tenant: str, api_url: str) -> str:
    """A pmsync.yaml with the one environment `dev`."""
    return (
        f"apiVersion: pmsync/v1\nproject: {PROJECT}\nenvironments:\n  dev:\n"
        f"    tenantId: {tenant}\n    apiUrl: {api_url}\n    state: file\n"
        f"    uploads: {{sameName: {same_name}, otherName: adds}}\n    verify: {{timeout: 20s}}\n"
    )


def csv(label: str, rows: int) -> str:
    """A table of so many rows that no other label has."""
    return "case,activity\n" + "".join(f"{label}-{i},go\n" for i in range(rows))


def content_of(name: str, text: str) -> Content:
    return Content(name, hashlib.sha256(text.encode()).hexdigest(), text.count("\n") - 1)


def _contents(draft: _Draft, phase: PhaseName, same_name: SameName, table: str) -> tuple[Content, ...]:
    """The files of one datatable at a phase; their text goes into the draft.

    Where the same name replaces, a change is another content; one table keeps its row count, so that rows
    cannot show it. Where it appends, a change is one more file.
    """
    if phase == "create":
        return ()
    changed = phase in {"change", "replace", "delete"}
    versions = {"a": 1, "b": 1}
    if changed and same_name == "appends":
        versions["c"] = 1
    elif changed:
        versions["a"] = 2
    if phase in {"replace", "delete"} and same_name == "appends" and table.startswith("o2c"):
        versions["a"] = 3
    contents = []
    dataset, _, short = table.partition("/")
    for letter, version in versions.items():
        name = f"{short}-{letter}.csv"
        rows = 3 + "abc".index(letter) + (0 if short == "cases" else 4 * version)
        text = csv(f"{table}-{letter}{version}", rows)
        draft.files[f"data/{dataset}/{name}"] = text
        contents.append(content_of(name, text))
    return tuple(contents)
