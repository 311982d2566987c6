"""A path as a manifest declares it, and the one way in which this room complains about it.

This module must not know what can be wrong with a file.
"""

from __future__ import annotations

from typing import NamedTuple

from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import InputError


def shown(path: str) -> str:
    """The path in quotes; control characters, bidi marks and undecodable bytes as escapes.

    A diagnostic goes to terminals and CI logs, and a file's name is written by whoever opens a pull request.
    """
    return repr(path)


class Declared(NamedTuple):
    """A path as a manifest declares it (or a pattern of it matched), and where it says so."""

    path: str
    location: Location

    def refused(self, code: str, what: str, suggestion: str | None = None) -> InputError:
        """The error for this one path; `what` follows the quoted path in the sentence."""
        return InputError([Diagnostic(self.location, code, f"{shown(self.path)} {what}", suggestion)])
