"""A sample of the same stories on every kind of tenant; `make verify` (PROOFS=remedies) follows all of them."""

from collections.abc import Callable

import pytest

from remedies.everywhere import EVERY, manner_of, stuck
from remedies.tenant import Manner
from remedies.world import World


@pytest.mark.parametrize(
    ("name", "kind"), EVERY[::15], ids=lambda part: part if isinstance(part, str) else "/".join(part)
)
def test_whatever_is_blocked_leads_on(
    name: str, kind: tuple[str, ...], world_of: Callable[[Manner], World]
) -> None:
    assert stuck(name, kind, world_of(manner_of(name, kind))) == []
