"""Where a problem in a file is, which kind it is, and what would mend it.

The registry below is the list of all kinds. A code is for ever: texts may change, numbers may not.
PM0xx: YAML and manifests. PM1xx: pmsync.yaml and variables. PM2xx: sources. PM3xx: approvals and plan files. PM4xx: planning.
This module must not know how a diagnostic is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file: path as the user would type it, line and column from 1 (0: the whole file)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: where, which kind, what is wrong, and (if known) what was probably meant."""

    location: Location
    code: str
    message: str
    suggestion: str | None = None

    def __str__(self) -> str:
        tail = f" ({self.suggestion})" if self.suggestion else ""
        return f"{self.location}: error[{self.code}]: {self.message}{tail}"


# Each room adds its own kinds here: code -> what it is, one line, without user data.
CODES: Final[dict[str, str]] = {
    "PM401": "several sources where the tenant keeps only the last one sent",
    "PM402": "several sources, rows not verified, and no word on what another name does",
}
