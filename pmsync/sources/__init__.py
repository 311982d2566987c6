"""Declared paths become source files: found, judged, hashed and counted.

This room must not know the tenant, the state or the plan: it says what is on disk, never what to do
about it. Nothing outside the project folder (and the source roots given outside the repository) is ever
read, whatever a manifest, a symlink or a race says.
"""

from pmsync.sources.looking import contents_at, look
from pmsync.sources.opening import OpenedSource, opener

__all__ = ["OpenedSource", "contents_at", "look", "opener"]
