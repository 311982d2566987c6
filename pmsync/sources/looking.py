"""Looks at all declared sources at once: which files there are, what they hold, what is wrong with them.

A file that is unchanged since it was last read costs one stat and no byte. That its path may meanwhile
lead elsewhere is harmless: the stamp says that it still is the very file that was read below an allowed
folder, so all a plan can learn from it is what was read there; and before a byte is sent the file is
opened and judged anew (opening.opener).
This module must not know what is planned from what it finds.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter

from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import InputError
from pmsync.model.address import Address
from pmsync.model.manifest import DatatableSpec, Manifest, SourceMode, SourceSpec
from pmsync.model.source import FileStamp, SourceFile, SourceFiles
from pmsync.sources.cache import DigestCache, Known, is_racy, stamp_text
from pmsync.sources.declared import Declared, shown
from pmsync.sources.discover import Discovery, Found
from pmsync.sources.fingerprint import Fingerprint, fingerprint
from pmsync.sources.folders import Folders
from pmsync.sources.opening import open_source, stamp_of
from pmsync.sources.workbook import WorkbookReader

_MISSING = frozenset({"PM201", "PM219"})
_ADVISED = 20
"""Missing files for which a neighbour is looked up; the rest are likely missing for the same reason."""


def look(
    manifest: Manifest,
    *,
    root: str,
    source_roots: Sequence[str] = (),
    cache_path: str | None = None,
    now_ns: Callable[[], int],
) -> SourceFiles:
    """The source files of each datatable that has a `sources` list, in address order.

    `now_ns` is the clock (nanoseconds since 1970), `cache_path` where digests are remembered (None: not at
    all). Raises one InputError with every problem of every source.
    """
    with WorkbookReader() as workbooks:
        sight = _Sight(Folders.of(root, source_roots), DigestCache(cache_path), workbooks, now_ns=now_ns)
        tables = (table for dataset in manifest.datasets.values() for table in dataset.datatables.values())
        files = {table.address: sight.table(table) for table in tables if table.sources}
    sight.cache.save()
    if sight.problems:
        raise InputError(sight.problems)
    return files


def contents_at(
    paths: Iterable[str],
    *,
    root: str,
    source_roots: Sequence[str] = (),
    cache_path: str | None = None,
    now_ns: Callable[[], int],
) -> Mapping[str, str]:
    """The sha256 of what is at each path now (as SourceFile.path writes it).

    For judging whether earlier uploads could be loaded again: a path at which nothing can be read, or
    nothing that could be loaded, is left out.
    """
    found = {}
    with WorkbookReader() as workbooks:
        sight = _Sight(Folders.of(root, source_roots), DigestCache(cache_path), workbooks, now_ns=now_ns)
        for path in paths:
            try:
                found[path] = sight.content(Declared(path, Location(path)))[1].sha256
            except InputError:
                continue
    sight.cache.save()
    return found


class _Sight:
    """One look at the files: what it needs, and the problems met so far."""

    def __init__(
        self, folders: Folders, cache: DigestCache, workbooks: WorkbookReader, *, now_ns: Callable[[], int]
    ) -> None:
        self.cache = cache
        self.problems: list[Diagnostic] = []
        self._folders = folders
        self._discovery = Discovery(folders)
        self._workbooks = workbooks
        self._now_ns = now_ns
        self._advised = 0

    def table(self, table: DatatableSpec) -> tuple[SourceFile, ...]:
        """The files of one datatable by address; its problems go to the others."""
        by_name: dict[str, SourceFile] = {}
        for spec in table.sources:
            for found in self._found(spec):
                file = self._file(table.address, spec, found)
                if file is None:
                    continue
                first = by_name.setdefault(unicodedata.normalize("NFC", found.name), file)
                if first is not file:
                    self.problems.append(_same_name(first, file))
        return tuple(sorted(by_name.values(), key=_address))

    def content(self, declared: Declared) -> tuple[FileStamp, Fingerprint]:
        """What a file holds, as it is remembered or by reading it; InputError if it cannot be a source."""
        path = self._folders.locate(declared)
        try:
            stamp = stamp_of(os.stat(path))
        except OSError:
            return self._read(path, declared)  # and be told there what is wrong
        # A file read below a source root is not known to a run that was not given that root.
        content = self.cache.get(path, stamp_text(stamp), self._folders.roots.real)
        return self._read(path, declared) if content is None else (stamp, content)

    def _read(self, path: str, declared: Declared) -> tuple[FileStamp, Fingerprint]:
        began = self._now_ns()
        with open_source(declared, self._folders) as opened:
            content = fingerprint(opened, declared, self._workbooks)
            known = Known(stamp_text(opened.stamp), opened.home, content)
            self.cache.put(path, known, lasting=not is_racy(opened.stamp, began))
            return opened.stamp, content

    def _found(self, spec: SourceSpec) -> Sequence[Found]:
        try:
            return self._discovery.find(spec)
        except InputError as problem:
            self.problems.extend(problem.diagnostics)
            return ()

    def _file(self, table: Address, spec: SourceSpec, found: Found) -> SourceFile | None:
        try:
            stamp, content = self.content(found.declared)
        except InputError as problem:
            (diagnostic,) = problem.diagnostics
            if diagnostic.code not in _MISSING or not spec.optional:
                self.problems.append(self._advised_on(diagnostic, found.declared))
            return None
        return SourceFile(
            address=Address.source(table, found.name),
            name=found.name,
            path=found.declared.path,
            sha256=content.sha256,
            rows=content.rows,
            columns=content.columns,
            stamp=stamp,
            append=spec.mode is SourceMode.APPEND,
            location=spec.location,
        )

    def _advised_on(self, problem: Diagnostic, declared: Declared) -> Diagnostic:
        """The problem, with what was probably meant if the file is missing."""
        if problem.code != "PM201" or self._advised >= _ADVISED:
            return problem
        self._advised += 1
        meant = self._discovery.neighbour(declared)
        hint = f"did you mean {shown(meant)}?" if meant else "or say optional: true"
        return Diagnostic(problem.location, problem.code, problem.message, hint)


_address = attrgetter("address")


def _same_name(first: SourceFile, second: SourceFile) -> Diagnostic:
    what = (
        f"{shown(second.path)} would go up as {shown(second.name)}, and so does {shown(first.path)} "
        f"({first.location})"
    )
    hint = "a datatable tells its files apart by name: give one of them a name:"
    return Diagnostic(second.location, "PM204", what, hint)
