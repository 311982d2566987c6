"""The live tenant as manifests: what `export` writes, so that a plan right after it only adopts.

What is managed keeps its key; everything else gets one from its name. What manifests cannot say (two
things of one name in one place, names that no manifest may have, names outside the environment's prefix)
is left out and named. Which names a manifest may have, its readers know: they are handed in.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from pmsync.diagnostics import Location
from pmsync.model.address import Address, FolderPath, parse_folder
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest, OnRemoval
from pmsync.model.snapshot import RemoteDataset, RemoteDatatable
from pmsync.model.state import DatasetRecord, DatatableRecord, Origin
from pmsync.planning.inputs import World
from pmsync.planning.naming import canonical, is_scratch_name

_NOWHERE = Location("export")


class Exported(Struct, frozen=True):
    """The manifests, and a sentence on each live thing that they cannot hold."""

    manifest: Manifest
    left_out: tuple[str, ...]


class Rules(Struct, frozen=True, kw_only=True):
    """What is wrong with a display name, and with a folder as it is written; None: a manifest may have it."""

    display_name: Callable[[str], str | None]
    folder: Callable[[str], str | None]


class _Ground(Struct, frozen=True, kw_only=True):
    """What every name is judged by. `known`, `known_tables`: the addresses of what is managed by ids."""

    world: World
    rules: Rules
    known: Mapping[str, Address]
    known_tables: Mapping[str, Address]
    ambiguous: frozenset[FolderPath]
    """Paths that several folders have, and the state knows none of them."""


def _ground(world: World, rules: Rules) -> _Ground:
    counts = Counter(world.folder_paths.values())
    ambiguous = (path for path, number in counts.items() if number > 1)
    return _Ground(
        world=world,
        rules=rules,
        known={record.id: address for address, record in world.state.datasets.items()},
        known_tables={record.id: address for address, record in world.state.datatables.items()},
        ambiguous=frozenset(one for one in ambiguous if Address.folder(one) not in world.state.folders),
    )


def exported(world: World, rules: Rules) -> Exported:
    """Every live dataset that a manifest of this environment can declare, without sources."""
    ground = _ground(world, rules)
    keys = set(ground.known.values())
    left_out: list[str] = []
    specs: dict[Address, DatasetSpec] = {}
    for live in sorted(world.snapshot.datasets.values(), key=lambda one: (one.display_name, one.id)):
        address = ground.known.get(live.id)
        record = world.state.datasets[address] if address else None
        name, reason = _dataset_name(ground, live, record=record)
        reason = reason or _why_not(ground, live)
        if reason:
            left_out.append(f"dataset '{live.display_name}' ({live.id}): {reason}")
            continue
        address = address or Address.dataset(_free_key(name, keys))
        keys.add(address)
        tables, skipped = _datatables(ground, live, address=address)
        left_out += skipped
        specs[address] = DatasetSpec(
            address=address,
            display_name=name,
            folder=world.believed_folder(live) or (),
            protect=record is not None and record.protect and not world.inputs.environment.protect,
            on_removal=_on_removal(record),
            datatables=tables,
            location=_NOWHERE,
        )
    return Exported(Manifest(datasets=specs), tuple(left_out))


def _on_removal(record: DatasetRecord | None) -> OnRemoval | None:
    """What must be written so that the record's word stays; None: it is the default."""
    if record is None:
        return None
    default = OnRemoval.DELETE if record.origin is Origin.CREATED else OnRemoval.RETAIN
    return None if record.on_removal is default else record.on_removal


def _dataset_name(ground: _Ground, live: RemoteDataset, *, record: DatasetRecord | None) -> tuple[str, str]:
    """The name without the environment's prefix, or why there can be none.

    Of a managed dataset that was renamed to what no manifest may have, the name on record.
    """
    prefix, judge = ground.world.inputs.environment.name_prefix, ground.rules.display_name
    reasons = []
    for whole in [live.display_name, *([record.display_name] if record else [])]:
        name = whole[len(prefix) :]
        if not whole.startswith(prefix) or name == "":
            reasons.append(f"its name does not start with this environment's prefix '{prefix}'")
            continue
        reason = judge(name) or judge(whole)
        if reason is None:
            return name, ""
        reasons.append(reason)
    return "", reasons[0]


def _why_not(ground: _Ground, live: RemoteDataset) -> str:
    """Why the dataset has no place in manifests, whatever its name; empty: it has."""
    if is_scratch_name(live.display_name):
        return "it is a scratch dataset of doctor --probe"
    fault = _why_not_there(ground, ground.world.believed_folder(live) or ())
    if fault or live.id in ground.known:
        return fault
    return "another dataset of this name is in the same place" if _is_twin(ground.world, live) else ""


def _why_not_there(ground: _Ground, folder: FolderPath) -> str:
    """Why no manifest can name the folder; empty: one can (or it is the root)."""
    if not folder:
        return ""
    written = Address.folder(folder).key
    if parse_folder(written) != folder:
        return f"the folder '{written}' has a name that begins with a slash"
    for depth in range(1, len(folder) + 1):
        if folder[:depth] in ground.ambiguous:
            return f"several folders are '{Address.folder(folder[:depth]).key}'"
    return ground.rules.folder(written) or ""


def _is_twin(world: World, live: RemoteDataset) -> bool:
    """Whether another dataset could be taken for this one. A folder that is not shown equals every folder."""
    here = world.believed_folder(live)
    others = world.datasets_named.get(canonical(live.display_name), ())
    return any(
        other.id != live.id and (here is None or world.believed_folder(other) in {None, here})
        for other in others
    )


def _datatables(
    ground: _Ground, dataset: RemoteDataset, *, address: Address
) -> tuple[dict[Address, DatatableSpec], list[str]]:
    world = ground.world
    known = ground.known_tables
    inside = world.datatables_in.get(dataset.id, ())
    names = _by_name(inside)
    keys = {known[live.id].key for live in inside if live.id in known}
    specs: dict[Address, DatatableSpec] = {}
    left_out: list[str] = []
    for live in sorted(inside, key=lambda one: (one.display_name, one.id)):
        record = world.state.datatables[known[live.id]] if live.id in known else None
        name, reason = _datatable_name(live, record, rules=ground.rules)
        if record is None and len(names[canonical(live.display_name)]) > 1:
            reason = "another datatable of its dataset has this name"
        if reason:
            left_out.append(f"datatable '{live.display_name}' ({live.id}): {reason}")
            continue
        one = Address.datatable(address, _key_of(live, known, taken=keys))
        keys.add(one.key)
        specs[one] = DatatableSpec(address=one, display_name=name, location=_NOWHERE)
    return specs, left_out


def _datatable_name(
    live: RemoteDatatable, record: DatatableRecord | None, *, rules: Rules
) -> tuple[str, str]:
    """The name, or why a manifest may not have it; of a managed one then the name on record."""
    reason = rules.display_name(live.display_name)
    if reason is None:
        return live.display_name, ""
    if record is not None and rules.display_name(record.display_name) is None:
        return record.display_name, ""
    return "", reason


def _by_name(tables: Iterable[RemoteDatatable]) -> Mapping[str, list[RemoteDatatable]]:
    found: dict[str, list[RemoteDatatable]] = defaultdict(list)
    for live in tables:
        found[canonical(live.display_name)].append(live)
    return found


def _key_of(live: RemoteDatatable, known: Mapping[str, Address], *, taken: set[str]) -> str:
    return known[live.id].key if live.id in known else _free_key(live.display_name, taken)


def _free_key(name: str, taken: set[str] | set[Address]) -> str:
    """A key made from a name: ASCII letters and digits, words joined by `-`, numbered if it is taken."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "unnamed"
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free
