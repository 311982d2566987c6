"""Looks at all declared sources at once: which files there are, what they hold, what is wrong with them.

A file that is unchanged since it was last read costs one stat and no byte. That its path may meanwhile
lead elsewhere is harmless: the stamp says that it still is the very file that was read below an allowed
folder, so all a plan can learn from it is what was read there; and before a byte is sent the file is
opened and judged anew (opening.opener).
This module must not know what is planned from what it finds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import InputError
from pmsync.model.address import Address
from pmsync.model.manifest import DatatableSpec, Manifest, SourceMode, SourceSpec
from pmsync.model.source import FileStamp, SourceFile, Sources, in_order
from pmsync.sources.cache import DigestCache, Known, is_racy, stamp_text
from pmsync.sources.columns import Compared, compared
from pmsync.sources.declared import Declared, shown
from pmsync.sources.discover import Discovery, Found, name_of, require_sense
from pmsync.sources.fingerprint import Fingerprint, fingerprint
from pmsync.sources.folders import Folders
from pmsync.sources.opening import open_source, stamp_of
from pmsync.sources.workbook import WorkbookReader

_ABSENT = frozenset({"PM201", "PM209", "PM219"})
"""What `optional: true` takes for no file at all."""
_ADVISED = 20
"""Missing files for which a neighbour is looked up; the rest are likely missing for the same reason."""


def look(
    manifest: Manifest,
    *,
    root: str,
    source_roots: Sequence[str] = (),
    cache_path: str | None = None,
    now_ns: Callable[[], int],
) -> Sources:
    """The source files of each datatable that has a `sources` list, in address order, and what is wrong.

    `now_ns` is the clock (nanoseconds since 1970), `cache_path` where digests are remembered (None: not at
    all). Raises one InputError with every problem of every source where the manifest alone says that a path
    cannot be.
    """
    with WorkbookReader() as workbooks:
        sight = _Sight(Folders.of(root, source_roots), DigestCache(cache_path), workbooks, now_ns=now_ns)
        tables = (table for dataset in manifest.datasets.values() for table in dataset.datatables.values())
        files = {table.address: sight.table(table) for table in tables if table.sources}
    sight.cache.save()
    found = Sources(
        files=files,
        problems={address: tuple(told) for address, told in sight.problems.items()},
        warnings=tuple(sight.warnings),
    )
    if sight.misdeclared:
        raise InputError(in_order((*sight.misdeclared, *found.diagnostics)))
    return found


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
        self.misdeclared: list[Diagnostic] = []
        self.problems: dict[Address, list[Diagnostic]] = {}
        self.warnings: list[tuple[Address, Diagnostic]] = []
        self._folders = folders
        self._discovery = Discovery(folders)
        self._workbooks = workbooks
        self._now_ns = now_ns
        self._advised = 0

    def table(self, table: DatatableSpec) -> tuple[SourceFile, ...]:
        """The files of one datatable by address; its problems go to the others."""
        by_address: dict[Address, SourceFile] = {}
        for spec in table.sources:
            for found in self._found(table.address, spec):
                file = self._file(table.address, spec, found)
                if file is None:
                    continue
                first = by_address.setdefault(file.address, file)
                if first is not file:
                    self._add(file.address, _same_name(first, file))
        self._compare(by_address)
        return tuple(by_address[one] for one in sorted(by_address.keys() - self.problems.keys()))

    def content(self, declared: Declared) -> tuple[FileStamp, Fingerprint]:
        """What a file holds, as it is remembered or by reading it; InputError if it cannot be a source."""
        path = self._folders.locate(declared)
        try:
            stamp = stamp_of(os.stat(path))
        except OSError:
            return self._read(path, declared)  # and be told there what is wrong
        # A file read below a source root is not known to a run that was not given that root.
        known_as = _known_as(stamp, declared)
        content = self.cache.get(path, known_as, self._folders.roots.real)
        return self._read(path, declared) if content is None else (stamp, content)

    def _read(self, path: str, declared: Declared) -> tuple[FileStamp, Fingerprint]:
        began = self._now_ns()
        with open_source(declared, self._folders) as opened:
            content = fingerprint(opened, declared, self._workbooks)
            known = Known(_known_as(opened.stamp, declared), opened.home, content)
            self.cache.put(path, known, lasting=not is_racy(opened.stamp, began))
            return opened.stamp, content

    def _found(self, table: Address, spec: SourceSpec) -> Sequence[Found]:
        """The files of an entry; what the entry alone says of them is wrong of the manifest."""
        try:
            require_sense(spec, self._folders)
        except InputError as problem:
            self.misdeclared.extend(problem.diagnostics)
            return ()
        try:
            return self._discovery.find(spec)
        except InputError as problem:
            self._add(Address.source(table, name_of(spec)), *problem.diagnostics)
            return ()

    def _file(self, table: Address, spec: SourceSpec, found: Found) -> SourceFile | None:
        address = Address.source(table, found.name)
        try:
            stamp, content = self.content(found.declared)
        except InputError as problem:
            (diagnostic,) = problem.diagnostics
            if diagnostic.code not in _ABSENT or not spec.optional:
                self._add(address, self._advised_on(diagnostic, found.declared))
            return None
        warned = (found.declared.warned(one) for one in (*found.findings, *content.findings))
        self.warnings.extend((address, one) for one in warned)
        return SourceFile(
            address=address,
            name=found.name,
            path=found.declared.path,
            sha256=content.sha256,
            rows=content.rows,
            columns=content.columns,
            stamp=stamp,
            append=spec.mode is SourceMode.APPEND,
            location=spec.location,
        )

    def _compare(self, files: Mapping[Address, SourceFile]) -> None:
        """Files of one datatable must be of one kind."""
        if len(files) < 2:
            return
        by_name = {file.name: file for file in files.values()}
        for found in compared([Compared(one.name, one.columns, one.append) for one in by_name.values()]):
            file = by_name[found.name]
            declared = Declared(file.path, file.location)
            if found.refused:
                self._add(file.address, declared.told(found.finding))
            else:
                self.warnings.append((file.address, declared.warned(found.finding)))

    def _add(self, address: Address, *problems: Diagnostic) -> None:
        self.problems.setdefault(address, []).extend(problems)

    def _advised_on(self, problem: Diagnostic, declared: Declared) -> Diagnostic:
        """The problem, with what was probably meant if the file is missing."""
        if problem.code != "PM201" or self._advised >= _ADVISED:
            return problem
        self._advised += 1
        meant = self._discovery.neighbour(declared)
        hint = f"did you mean {shown(meant)}?" if meant else "or set optional: true"
        return replace(problem, suggestion=hint)


def _known_as(stamp: FileStamp, declared: Declared) -> str:
    """What the cache compares: a file that is read as other text is another one."""
    return f"{stamp_text(stamp)}:{declared.encoding}"


def _same_name(first: SourceFile, second: SourceFile) -> Diagnostic:
    what = (
        f"{shown(second.path)} would go up as {shown(second.name)}, and so does {shown(first.path)} "
        f"({first.location})"
    )
    hint = "a datatable tells its files apart by name: give one of them a name:"
    return Diagnostic(second.location, "PM204", what, hint)
