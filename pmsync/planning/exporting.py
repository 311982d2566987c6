"""The live tenant as manifests: what `export` writes, so that a plan right after it only adopts.

What is managed keeps its key; everything else gets one from its name. What manifests cannot say (two
things of one name in one place, names with control characters, names outside the environment's prefix)
is left out and named.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from pmsync.diagnostics import Location
from pmsync.model.address import Address, FolderPath
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest
from pmsync.model.snapshot import RemoteDataset, RemoteDatatable
from pmsync.planning.inputs import World

_NOWHERE = Location("export")


@dataclass(frozen=True, slots=True)
class Exported:
    """The manifests, and a sentence on each live thing that they cannot hold."""

    manifest: Manifest
    left_out: tuple[str, ...]


def exported(world: World) -> Exported:
    """Every live dataset that a manifest of this environment can declare, without sources."""
    prefix = world.inputs.environment.name_prefix
    known = {record.id: address for address, record in world.state.datasets.items()}
    places = Counter((live.display_name, world.folder_of(live)) for live in world.snapshot.datasets.values())
    left_out: list[str] = []
    keys = set(known.values())
    specs: dict[Address, DatasetSpec] = {}
    for live in sorted(world.snapshot.datasets.values(), key=lambda one: (one.display_name, one.id)):
        reason = _unsayable(live.display_name, prefix)
        if places[live.display_name, world.folder_of(live)] > 1:
            reason = "another dataset of this name is in the same place"
        if reason:
            left_out.append(f"dataset '{live.display_name}' ({live.id}): {reason}")
            continue
        name = live.display_name[len(prefix) :]
        address = known.get(live.id) or Address.dataset(_free_key(name, keys))
        keys.add(address)
        tables, skipped = _datatables(world, live, address)
        left_out += skipped
        specs[address] = DatasetSpec(
            address=address,
            display_name=name,
            folder=_folder(world, live),
            datatables=tables,
            location=_NOWHERE,
        )
    return Exported(Manifest(datasets=specs), tuple(left_out))


def _folder(world: World, live: RemoteDataset) -> FolderPath:
    return world.folder_of(live) or ()


def _datatables(
    world: World, dataset: RemoteDataset, address: Address
) -> tuple[dict[Address, DatatableSpec], list[str]]:
    known = {record.id: one for one, record in world.state.datatables.items()}
    inside = world.datatables_in.get(dataset.id, ())
    names = Counter(live.display_name for live in inside)
    keys = {known[live.id].key for live in inside if live.id in known}
    specs: dict[Address, DatatableSpec] = {}
    left_out: list[str] = []
    for live in sorted(inside, key=lambda one: (one.display_name, one.id)):
        reason = _unsayable(live.display_name, "")
        if names[live.display_name] > 1:
            reason = "another datatable of its dataset has this name"
        if reason:
            left_out.append(f"datatable '{live.display_name}' ({live.id}): {reason}")
            continue
        one = Address.datatable(address, _key_of(live, known, keys))
        keys.add(one.key)
        specs[one] = DatatableSpec(address=one, display_name=live.display_name, location=_NOWHERE)
    return specs, left_out


def _key_of(live: RemoteDatatable, known: dict[str, Address], taken: set[str]) -> str:
    return known[live.id].key if live.id in known else _free_key(live.display_name, taken)


def _unsayable(name: str, prefix: str) -> str:
    """Why a manifest of this environment cannot declare this name; empty: it can."""
    if not name.startswith(prefix) or name == prefix:
        return f"its name does not start with this environment's prefix '{prefix}'"
    if not name.strip() or any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in name):
        return "its name is empty or holds control characters"
    return ""


def _free_key(name: str, taken: set[str] | set[Address]) -> str:
    """A key made from a name: ASCII letters and digits, words joined by `-`, numbered if it is taken."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "unnamed"
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free
