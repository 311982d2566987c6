"""What an id may look like: it becomes part of a request's path, of a file's name and of messages.

The tenant's own ids look like UUIDs, but the API reference does not promise it for each kind of thing; so
what is asked of them is that they are safe. What pmsync draws itself (a state's lineage) is a UUID.
"""

from __future__ import annotations

import re
from typing import Final

SAFE_ID: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
"""An id of the tenant, as a regular expression: no separator, no blank, and never `.` or `..`."""
UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

_SAFE: Final = re.compile(SAFE_ID)


def is_safe_id(text: str) -> bool:
    """Whether an id may go into a path as it is."""
    return _SAFE.fullmatch(text) is not None
