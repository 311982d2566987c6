"""Where a problem in a file is, which kind it is, and what would mend it.

The registry below is the list of all kinds. A code is for ever: texts may change, numbers may not.
PM0xx: YAML and manifests. PM1xx: pmsync.yaml and variables. PM2xx: sources. PM3xx: approvals and plan
files. PM4xx: planning.
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
    # sources
    "PM201": "a source file does not exist",
    "PM202": "a pattern matches no file",
    "PM203": "a pattern matches several files and does not say how they relate",
    "PM204": "two sources of one datatable have one name",
    "PM205": "a source is outside the project folder and the source roots",
    "PM206": "a source is not a regular file",
    "PM207": "a source cannot be read",
    "PM208": "a source is larger than one upload can be",
    "PM209": "a source file is empty",
    "PM210": "a source file has no header",
    "PM211": "a source file is not text in UTF-8",
    "PM212": "an Excel workbook cannot be read",
    "PM213": "an Excel workbook is too large",
    "PM214": "mode and name of a source contradict each other",
    "PM215": "a source has no file name that the tenant could be told",
    "PM216": "a source file changed while it was being read",
    "PM217": "a source's path is no path",
    # plan files
    "PM311": "a plan file cannot be read",
    "PM312": "a plan file is too large",
    "PM313": "a file is no saved plan",
    "PM314": "a plan file is of another major version",
}
