"""The API key: from the environment or from a file that the environment names, and from nowhere else.

Never from YAML (a pull request edits it) and never from the command line (every user of the machine can
read that). No message shows any part of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pmsync.disk.named import read_named
from pmsync.disk.refusals import Untrusted, why
from pmsync.errors import AuthenticationFailed, Refused, Secret
from pmsync.model.project import KEY_FILE_VARIABLE, PUBLIC_KEY, key_variable

_LARGEST: Final = 64 * 1024
_PRINTABLE: Final = re.compile(r"[!-~]+")


def api_key(environment: str, environ: Mapping[str, str]) -> Secret:
    """The key for this environment, blanks at its ends taken off, with where it came from.

    Raises AuthenticationFailed where there is none, or where what is there can be no key.
    """
    own, common = key_variable(environment), "PMSYNC_API_KEY"
    if environ.get(own, "").strip():
        return _checked(environ[own], f"the variable {own}", origin=own)
    if environ.get(common, "").strip():
        return _checked(environ[common], f"the variable {common}", origin=f"{common} ({own} is not set)")
    path = environ.get(KEY_FILE_VARIABLE, "")
    if path:
        where = f"the file that {KEY_FILE_VARIABLE} names"
        return _checked(_read(path), where, origin=f"{where} (neither {own} nor {common} is set)")
    raise AuthenticationFailed(
        f"there is no API key for the environment {environment}",
        hint=f"set {own} or PMSYNC_API_KEY, or name a file that holds it in PMSYNC_API_KEY_FILE",
    )


def must_not_be_swapped(environment: str, environ: Mapping[str, str]) -> None:
    """Raises Refused where an embedded tenant has a key of its own: somebody put it in a real one's place.

    A run would be green, and the tenant that the key is for would have got nothing.
    """
    own = key_variable(environment)
    if environ.get(own, "").strip() not in {"", PUBLIC_KEY}:
        raise Refused(
            f"the environment {environment} is the embedded tenant, and {own} holds a key for a real one: "
            "was `tenantId` replaced by `tenant: emulator`? Nothing was sent",
            where="pmsync.yaml",
            hint=f"put tenantId back, or unset {own}",
        )


def _read(path: str) -> str:
    try:
        return read_named(path, _LARGEST).decode("latin-1")
    except (OSError, Untrusted, ValueError) as error:
        reason = "no such path" if isinstance(error, ValueError) else why(error)
        raise AuthenticationFailed(
            f"the file that PMSYNC_API_KEY_FILE names cannot be read: {reason}",
            hint="name a file that holds nothing but the key",
        ) from None


def _checked(text: str, where: str, *, origin: str) -> Secret:
    key = text.strip()
    if not _PRINTABLE.fullmatch(key):
        fault = "has blanks or odd characters" if key else "is empty"
        raise AuthenticationFailed(
            f"what {where} holds can be no API key: it {fault}",
            hint="copy the key once more, without quotes or line breaks",
        )
    return Secret(key, origin=origin)
