"""A path as a manifest declares it, and the one way in which this room complains about it.

This module must not know what can be wrong with a file.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from pmsync.diagnostics import Diagnostic, Location, Severity
from pmsync.errors import InputError


def shown(path: str) -> str:
    """The path in quotes; control characters, bidi marks and undecodable bytes as escapes.

    A diagnostic goes to terminals and CI logs, and a file's name is written by whoever opens a pull request.
    """
    return repr(path)


class Finding(NamedTuple):
    """What a look into a file found that does not stop anything; plain data, as it is remembered.

    `line` and `column` count from 1; 0: the whole file. `what` follows the quoted path in the sentence.
    """

    code: str
    what: str
    suggestion: str = ""
    line: int = 0
    column: int = 0


class Declared(NamedTuple):
    """A path as a manifest declares it (or a pattern of it matched), and where it says so.

    `encoding`: what the manifest says its text is in, by Python's name.
    """

    path: str
    location: Location
    encoding: str = "utf-8"

    def refused(
        self, code: str, what: str, suggestion: str | None = None, *, line: int = 0, column: int = 0
    ) -> InputError:
        """The error for this one path; `what` follows the quoted path in the sentence.

        With a line it is a place in the file itself.
        """
        return InputError([self.told(Finding(code, what, suggestion or "", line, column))])

    def warned(self, finding: Finding) -> Diagnostic:
        """The warning for something that was found in it."""
        return replace(self.told(finding), severity=Severity.WARNING)

    def told(self, finding: Finding) -> Diagnostic:
        """The error for something that was found in it."""
        message = f"{shown(self.path)} {finding.what}"
        if not finding.line:
            return Diagnostic(self.location, finding.code, message, finding.suggestion or None)
        place = Location(self.path, finding.line, finding.column)
        return Diagnostic(place, finding.code, message, finding.suggestion or None, declared=self.location)
