"""What a scenario is: how a world comes to a plan, and which rows of the tables are blocked in it then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from remedies.tenant import Manner
from remedies.world import World

Build = Callable[[World], None]
PLAIN: Final = Manner()
APPENDS: Final = Manner(same_name="appends")
LATE: Final = Manner(late=True)
LATE_APPENDS: Final = Manner(same_name="appends", late=True)
HIDDEN: Final = Manner(shows_tree=False)
OTHERS_REPLACE: Final = Manner(other_name="replaces")


@dataclass(frozen=True)
class Scenario:
    """One story that ends with a plan. `rows`: what is blocked in it, as `reason block-code`.

    `options` are those of the plan. `nothing_comes`: waiting is of no use. `mend`: what whoever knows the repository
    does where a remedy is in words alone.
    """

    name: str
    build: Build
    rows: frozenset[str]
    manner: Manner = PLAIN
    options: tuple[str, ...] = ()
    nothing_comes: bool = False
    mend: Build | None = None


@dataclass
class Book:
    """The scenarios of one kind."""

    scenarios: list[Scenario] = field(default_factory=list)

    def __call__(self, name: str, *rows: str, **more: Any) -> Callable[[Build], Build]:
        """Write a story into the book, under a sentence, with the rows that it leaves blocked."""

        def write(build: Build) -> Build:
            assert all(one.name != name for one in self.scenarios), name
            self.scenarios.append(Scenario(name, build, frozenset(rows), **more))
            return build

        return write

    @property
    def parameters(self) -> list[Any]:
        """For parametrize: the id is the sentence."""
        return [pytest.param(one, id=one.name) for one in self.scenarios]
