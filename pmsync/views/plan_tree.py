"""The tree of a plan: folders, then dataset → datatable → source, each with what changes there.

A dataset or datatable that does not change itself stands in the tree only to say where its parts are.
Pure grouping: it must not know how anything is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from pmsync.model.address import Address, Kind
from pmsync.model.document import ChangeLine


class Node(Struct):
    """A place in the tree: its changes (two where a rebuild has two halves) and what is below it."""

    address: Address
    depth: int
    changes: list[ChangeLine] = field(default_factory=list)
    below: dict[Address, Node] = field(default_factory=dict)


def tree(changes: Iterable[ChangeLine]) -> list[Node]:
    """The roots, folders first; otherwise everything in the order in which the plan has it."""
    folders: dict[Address, Node] = {}
    datasets: dict[Address, Node] = {}
    for change in changes:
        address = Address(change.address)
        if address.kind is Kind.FOLDER:
            _at(folders, address, 0).changes.append(change)
            continue
        node = _at(datasets, address.dataset_address, 0)
        if address.kind is not Kind.DATASET:
            node = _at(node.below, address.datatable_address, 1)
        if address.kind is Kind.SOURCE:
            node = _at(node.below, address, 2)
        node.changes.append(change)
    return [*folders.values(), *datasets.values()]


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Every node, parents before what is below them."""
    for node in nodes:
        yield node
        yield from walk(node.below.values())


def label(address: Address, depth: int) -> str:
    """What a node is called beside its parents: the last part of its address."""
    return str(address) if depth == 0 else address.key


def _at(shelf: dict[Address, Node], address: Address, depth: int) -> Node:
    if address not in shelf:
        shelf[address] = Node(address, depth)
    return shelf[address]
