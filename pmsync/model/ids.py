"""Which ids are believed, wherever they come from: from a tenant, or out of a state.

A tenant chooses its ids, and each becomes a segment of a URL: what a proxy or a server on the way could read
as another address (`..`, `a/b`, `%2e`, `?`) is no id, however it is encoded. What pmsync draws itself (a
state's lineage) is a UUID. Pure; must not know whose it is.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 200
"""Characters; ids seen so far are UUIDs of 36."""
UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

_ALLOWED: Final = r"A-Za-z0-9._~!$'()*+,;=:@-"
SAFE_ID: Final = rf"(?!\.+\Z)[{_ALLOWED}]{{1,{LONGEST}}}"
"""What `fault_of` finds no fault with, as a regular expression for the end of a text."""
_SAFE: Final = re.compile(SAFE_ID)
_FOREIGN: Final = re.compile(rf"[^{_ALLOWED}]", re.ASCII)


def fault_of(id_: str) -> str | None:
    """Why it cannot stand in a path, as in "its id …"; None where it can. What it quotes is one character."""
    if _SAFE.fullmatch(id_):
        return None
    if not id_:
        return "is empty"
    if len(id_) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if not id_.strip("."):
        return f"is {id_[:3]!r}, which would name another address"
    found = _FOREIGN.search(id_)
    return f"holds {found[0]!r}, which cannot stand in an address" if found else None
