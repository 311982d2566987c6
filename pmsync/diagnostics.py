"""Where a problem in a file is, which kind it is, and what would mend it.

The registry below is the list of all kinds. A code is for ever: texts may change, numbers may not.
PM0xx: YAML and manifests. PM1xx: pmsync.yaml and variables. PM2xx: sources. PM3xx: approvals and plan
files. PM4xx: planning.
This module must not know how a diagnostic is shown.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Location(Struct, frozen=True, order=True):
    """A place in a file: path as the user would type it, line and column from 1 (0: the whole file)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


class Severity(StrEnum):
    """Whether a diagnostic stops anything."""

    ERROR = "error"
    WARNING = "warning"


class Diagnostic(Struct, frozen=True):
    """One problem: where, which kind, what is wrong, and (if known) what was probably meant.

    `declared`: where a manifest names the data file that `location` is a place in.
    """

    location: Location
    code: str
    message: str
    suggestion: str | None = None
    severity: Severity = Severity.ERROR
    declared: Location | None = None

    def __str__(self) -> str:
        tail = f" ({self.suggestion})" if self.suggestion else ""
        origin = f", declared in {self.declared}" if self.declared else ""
        return f"{self.location}: {self.severity}[{self.code}]: {self.message}{origin}{tail}"


# Each room adds its own kinds here: code -> what it is, one line, without user data.
CODES: Final[dict[str, str]] = {
    # YAML and manifests
    "PM001": "a file cannot be read",
    "PM002": "a file is larger than 8 MiB",
    "PM003": "a file is not UTF-8",
    "PM004": "a file has a control character",
    "PM005": "a file is not YAML",
    "PM006": "a key is in one mapping twice",
    "PM007": "a tag",
    "PM008": "a merge key",
    "PM009": "an anchor",
    "PM010": "an alias",
    "PM011": "several documents in one file",
    "PM012": "an unknown key",
    "PM013": "more than 50 levels",
    "PM014": "a key that is not text",
    "PM015": "a file is not a mapping",
    "PM016": "a key is missing",
    "PM017": "a value of the wrong kind",
    "PM018": "a value that is none of the choices",
    "PM019": "a key that breaks the rule for keys",
    "PM020": "a file of another format version",
    "PM021": "a path leads outside the project folder",
    "PM022": "a path or pattern matches no manifest",
    "PM023": "the manifests declare nothing",
    "PM024": "a dataset is declared in two files",
    "PM025": "two things of one parent have one display name",
    "PM026": "a display name that cannot be",
    "PM027": "a folder that cannot be",
    "PM028": "a source's file name that cannot be",
    "PM029": "mode and name of a source contradict each other",
    "PM030": "several sources where the tenant keeps only the last one sent",
    "PM031": "a data contract, which this version does not check",
    "PM032": "a path that cannot be",
    "PM033": "more problems in one file than are shown",
    "PM034": "more is declared than one environment can hold",
    "PM035": "a path with a part that begins with a dot",
    "PM036": "a file has more than 500,000 keys and items",
    # pmsync.yaml and variables
    "PM101": "no pmsync.yaml",
    "PM102": "an environment has no tenant, or more than one",
    "PM103": "a tenant id that cannot be",
    "PM104": "an API URL that cannot be",
    "PM105": "a place for the state that this version does not know",
    "PM106": "several default environments",
    "PM107": "an environment gives a value to a variable that is not declared",
    "PM108": "no environment is declared",
    "PM109": "a variable that is not declared",
    "PM110": "a variable without a value",
    "PM111": "'${' that names no variable",
    "PM112": "a text in pmsync.yaml that cannot be",
    "PM113": "a text that its variables make too long",
    "PM114": "a project for another version of pmsync",
    "PM115": "an environment whose key would come from another one's variable",
    "PM116": "a pmsync.yaml above the working folder that belongs to somebody else",
    "PM117": "two pmsync.yaml of one work tree have one project name and one tenant",
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
    "PM218": "a source whose name, or the name it leads to, begins with a dot",
    "PM219": "a source is a link, and what it leads to does not exist",
    # sources: text
    "PM220": "a source is no table but something else",
    "PM221": "a quote in a source is never closed",
    "PM222": "a source has a NUL byte",
    "PM223": "a column name is longer than 1,024 characters",
    "PM224": "a source's first line is no header",
    "PM225": "column names are empty or there twice",
    "PM226": "a delimiter that ProcessMind does not know",
    "PM227": "a source has one column only",
    "PM228": "files of one datatable share no column name",
    "PM229": "files of one datatable differ in their columns",
    # sources: workbooks
    "PM230": "a workbook with macros",
    "PM231": "the first sheet of a workbook is empty, hidden or no sheet of cells",
    "PM232": "other sheets of a workbook hold rows that are not loaded",
    "PM233": "the header of a workbook is not in A1",
    "PM234": "a workbook has cells that hold an error",
    "PM235": "a workbook of another kind than its name says",
    # sources: names
    "PM240": "mode: latest, and two orders of the names choose different files",
    "PM241": "a pattern leaves out a file whose name differs in case only",
    "PM242": "a file would go up under a name of another kind of file",
    # approvals
    "PM301": "an approval for an unknown environment",
    "PM302": "an approval without a right address",
    "PM303": "an approval without a right id or content",
    # plan files
    "PM311": "a plan file cannot be read",
    "PM312": "a plan file is too large",
    "PM313": "a file is no saved plan",
    "PM314": "a plan file is of another major version",
    # planning
    "PM401": "several sources where the tenant keeps only the last one sent",
    "PM402": "several sources, rows not verified, and no word on what another name does",
}
