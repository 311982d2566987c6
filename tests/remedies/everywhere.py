"""The same stories on every kind of tenant, and with all that may be said of it: whatever is blocked leads on."""

from __future__ import annotations

from collections.abc import Callable

from remedies.following import every_remedy
from remedies.tenant import Manner
from remedies.world import World

STORIES: dict[str, Callable[[World], None]] = {}


def story(build: Callable[[World], None]) -> Callable[[World], None]:
    STORIES[build.__name__.strip("_")] = build
    return build


@story
def changed(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.events(jan="jan2:12")


@story
def renamed_and_changed(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.events(feb="feb:9")


@story
def emptied(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.events(jan="empty:0")


@story
def shrunk(world: World) -> None:
    world.events(jan="jan:400")
    world.apply(exits=None)
    world.events(jan="jan2:40")


@story
def foreign_rows(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.live.by_hand.add_rows(world.live.table("o", "events"), 30)
    world.events(feb="feb:9")


@story
def foreign_rows_beside_a_change(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.live.by_hand.add_rows(world.live.table("o", "events"), 3)
    world.events(jan="jan2:12")


@story
def missing_rows(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.live.lose_rows("o", "events", 4)
    world.events(feb="feb:9")


@story
def missing_rows_of_a_change(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.live.lose_rows("o", "events", 4)
    world.events(jan="jan2:12")


@story
def lost_state(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.lose_state()


@story
def lost_state_and_a_change(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.lose_state()
    world.events(jan="jan2:12")


@story
def lost_state_and_another_name(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.lose_state()
    world.events(feb="feb:9")


@story
def renamed_dataset_and_a_change(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.declare("o", {"events": {"jan.csv": "jan2:12"}}, name="Orders")


@story
def gone_and_changed(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.live.delete("o")
    world.events(jan="jan2:12")


@story
def late_rows(world: World) -> None:
    world.events(jan="jan:10")
    world.live.flows = False
    world.apply(exits=None)


@story
def late_rows_of_a_change(world: World) -> None:
    world.events(jan="jan:10")
    world.apply(exits=None)
    world.events(jan="jan2:12")
    world.live.flows = False
    world.apply(exits=None)


KINDS = [
    ("replaces", "adds", "replaces", "adds"),
    ("replaces", "adds", "replaces", "unknown"),
    ("replaces", "adds", "unknown", "adds"),
    ("replaces", "adds", "unknown", "unknown"),
    ("appends", "adds", "appends", "adds"),
    ("appends", "adds", "unknown", "adds"),
    ("replaces", "replaces", "replaces", "replaces"),
    ("replaces", "replaces", "unknown", "replaces"),
]
"""What a tenant does with the same name and with others, and what pmsync.yaml says of that."""

EVERY = [(name, kind) for name in STORIES for kind in KINDS]


def manner_of(name: str, kind: tuple[str, ...]) -> Manner:
    """The tenant of a story."""
    same, other, *_ = kind
    return Manner(same_name=same, other_name=other, late="late" in name)  # type: ignore[arg-type]


def stuck(name: str, kind: tuple[str, ...], world: World) -> list[str]:
    """Tell a story, follow whatever the plan offers then; what does not lead on, in words."""
    world.behaves(*kind[2:])
    STORIES[name](world)
    return list(every_remedy(world))
