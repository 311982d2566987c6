"""Where on this machine the memory of each environment is: never in a checkout, and the same for each clone.

    <state>/<host>/<tenant>/<project>/<environment>     a tenant in the cloud: all clones share state and
    lock <state>/emulator/<folder>~<hash>/<environment>      an embedded tenant with its data, by the
    project's real path <cache>/digests/<folder>~<hash>                     what the source files held, by
    the same path

This module must not know where <state> and <cache> are, nor what is kept there.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from typing import Final

from msgspec import Struct

from pmsync.disk.private import fault_of_folder
from pmsync.errors import Refused

_AS_IT_IS: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
"""One folder's name on every file system, also where case does not count or a final dot is dropped."""

_UNREADABLE: Final = re.compile(r"[^a-z0-9]+")
_READABLE: Final = 40
_EMULATED: Final = "emulator"


class Home(Struct, frozen=True, kw_only=True):
    """The folders that pmsync's memory begins with, absolute: what must be kept, and what may be lost."""

    state: str
    cache: str

    def of_tenant(self, host: str, tenant_id: str, *, project: str, environment: str) -> str:
        """The folder of one environment's state. Raises Refused: somebody else could have written there."""
        names = (host, tenant_id, project, environment)
        return self._own(os.path.join(self.state, *map(folder_name, names)))

    def of_embedded(self, root: str, environment: str) -> str:
        """The folder of one embedded tenant with its state. Raises Refused as `of_tenant`."""
        return self._own(os.path.join(self.state, _EMULATED, _place_name(root), folder_name(environment)))

    def of_digests(self, root: str) -> str | None:
        """The file of a project's digests; None where somebody else could have written there."""
        path = os.path.join(self.cache, "digests", _place_name(root))
        return None if fault_of_folder(os.path.dirname(path), self.cache) else path

    def _own(self, folder: str) -> str:
        fault = fault_of_folder(folder, self.state)
        if fault:
            what = f"the state is kept where this user alone may write, and {fault}"
            raise Refused(what, where=folder, hint="mend that, or set PMSYNC_STATE_DIR to another folder")
        return folder


def folder_name(text: str) -> str:
    """The name of a folder for any text: itself where that is safe, else the readable part of it and a hash.

    Two texts have two names also where case does not count.
    """
    if _AS_IT_IS.fullmatch(text):
        return text
    return _hashed(text, text)


def _place_name(root: str) -> str:
    real = os.path.realpath(root)
    return _hashed(os.path.basename(real), real)


def _hashed(readable: str, text: str) -> str:
    plain = _UNREADABLE.sub("-", readable.lower())[:_READABLE].strip("-") or "x"
    whole = unicodedata.normalize("NFC", text).encode("utf-8", "surrogateescape")
    return f"{plain}~{hashlib.sha256(whole).hexdigest()[:20]}"
