"""What `doctor` found, as text and JSON: checks a line each, or what a probe says about a tenant.

It must not know how anything was looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from pmsync.model.checkup import Check, Verdict
from pmsync.model.findings import Findings, HeaderOnly, Paste, SameBytes
from pmsync.model.project import OtherName, SameName
from pmsync.views.escape import terminal, to_json
from pmsync.views.lines import (
    MARGIN,
    Line,
    Look,
    Piece,
    Style,
    line,
    padded,
    paragraph,
    render,
    sentence,
    size_of,
)
from pmsync.views.quantities import count, seconds

DOCTOR_FORMAT: Final = "1.0"

_STYLES: Final = {
    Verdict.OK: Style.GOOD,
    Verdict.PROBLEM: Style.ALARM,
    Verdict.SKIPPED: Style.FAINT,
}
_SAFETY: Final = 20
"""How many times the lag that was measured a wait may take: other days are busier than this one."""
_NARROW: Final = 30
"""Cells that sentences need at least."""

_UNKNOWN: Final = "unknown: the rows could not tell"


def checks_text(checks: Sequence[Check], look: Look) -> str:
    """A line for each check: what it is about, how it stands, what was seen and what to do."""
    names = max(size_of(check.name) for check in checks)
    verdicts = max(size_of(verdict) for verdict in Verdict)
    body = [one for check in checks for one in _check(check, look, names=names, verdicts=verdicts)]
    problems = sum(check.verdict is Verdict.PROBLEM for check in checks)
    last = count(problems, "problem") if problems else "No problem found"
    return render([*body, Line(), line(f"{last}.")], look)


def _check(check: Check, look: Look, *, names: int, verdicts: int) -> list[Line]:
    """What was seen beside the verdict, wrapped there; below it where the terminal is too narrow for both."""
    name = padded(check.name, names + MARGIN)
    verdict = Piece(padded(check.verdict, verdicts + MARGIN), _STYLES[check.verdict])
    says, remedy = terminal(check.says), Piece(terminal(check.remedy), Style.COMMAND)
    column = names + verdicts + 2 * MARGIN
    whole = f"{says} → {remedy.text}" if check.remedy else says
    if look.whole or column + size_of(whole) <= look.width:
        return [line(name, verdict, f"{says} → ", remedy) if check.remedy else line(name, verdict, says)]
    narrow = look.width - column < _NARROW
    indent = 2 * MARGIN if narrow else column
    lines = paragraph(says, width=look.width, indent=indent)
    if check.remedy:
        lines += _remedy(remedy, look.width, indent)
    if narrow:
        return [line(name, verdict), *lines]
    return [line(name, verdict, *lines[0].pieces), *lines[1:]]


def _remedy(remedy: Piece, width: int, indent: int) -> list[Line]:
    """A command stays whole, to be pasted; a sentence is wrapped."""
    if remedy.text.startswith("pmsync "):
        return [line("→ ", remedy, indent=indent)]
    return paragraph(f"→ {remedy.text}", width=width, indent=indent, style=remedy.style, hang=MARGIN)


def checks_json(checks: Sequence[Check], *, exit_code: int) -> str:
    """The checks for programs."""
    whole = {
        "formatVersion": DOCTOR_FORMAT,
        "exitCode": exit_code,
        "checks": [
            {
                "name": check.name,
                "verdict": check.verdict.value,
                "says": check.says,
                "remedy": check.remedy,
                "exitCode": check.exit_code,
            }
            for check in checks
        ],
    }
    return to_json(whole) + "\n"


def proposed(findings: Findings) -> dict[str, dict[str, str]]:
    """The settings of an environment; a wait is proposed only where a lag was measured."""
    found = {"uploads": {"sameName": findings.same_name.value, "otherName": findings.other_name.value}}
    if findings.lag is not None:
        wait = f"{max(1, math.ceil(findings.lag * _SAFETY / 60))}m"
        found["verify"] = {"timeout": wait}
        if findings.same_name is not SameName.REPLACES:  # there an upload may be sent again at any time
            found["uploads"]["ingestsWithin"] = wait
    return found


def snippet(environment: str, findings: Findings) -> str:
    """The settings as a file of their own would have them."""
    lines = ["environments:", f"  {environment}:"]
    for name, settings in proposed(findings).items():
        pairs = ", ".join(f"{key}: {value}" for key, value in settings.items())
        lines.append(f"    {name}: {{{pairs}}}")
    return "\n".join(lines) + "\n"


def findings_text(
    environment: str, findings: Findings, left: Sequence[str], look: Look, *, paste: Paste | None = None
) -> str:
    """What a probe found, the lines to paste as they must stand in the file, and what it could not remove."""
    pairs = _answers(findings)
    width = max(size_of(question) for question, _ in pairs)
    body = [line(padded(question, width + 2), Piece(answer, _style(answer))) for question, answer in pairs]
    to = paste or Paste("pmsync.yaml", snippet(environment, findings))
    lines = [line(Piece(terminal(one), Style.COMMAND)) for one in to.text.splitlines()]
    where = sentence(f"For {terminal(to.where)}:", look)
    return render([*body, Line(), *where, *lines, *_left(environment, left)], look)


def findings_json(
    environment: str,
    findings: Findings,
    left: Sequence[str],
    *,
    exit_code: int,
    paste: Paste | None = None,
) -> str:
    """The same for programs; null and `unknown` are what the rows could not tell."""
    whole: dict[str, Any] = {
        "formatVersion": DOCTOR_FORMAT,
        "environment": environment,
        "exitCode": exit_code,
        "findings": {
            "sameName": findings.same_name.value,
            "otherName": findings.other_name.value,
            "headerOnly": findings.header_only.value,
            "sameBytes": findings.same_bytes.value,
            "lagSeconds": None if findings.lag is None else round(findings.lag, 1),
            "showsTree": findings.shows_tree,
            "uniqueDatasets": findings.unique_datasets,
            "uniqueDatatables": findings.unique_datatables,
        },
        "snippet": snippet(environment, findings),
        "paste": None if paste is None else {"where": paste.where, "text": paste.text},
        "left": list(left),
    }
    return to_json(whole) + "\n"


def _left(environment: str, left: Sequence[str]) -> list[Line]:
    if not left:
        return []
    words = f"Not removed: {', '.join(map(terminal, left))}. The next probe or apply removes it:"
    command = f"pmsync doctor --probe -e {terminal(environment)}"
    return [Line(), line(Piece(words, Style.BAD)), line(Piece(command, Style.COMMAND), indent=2)]


def _style(answer: str) -> Style:
    return Style.FAINT if answer.startswith("unknown") else Style.STRONG


def _answers(findings: Findings) -> list[tuple[str, str]]:
    lag = findings.lag
    return [
        ("a second upload of the same file name", _SAME_NAME[findings.same_name]),
        ("an upload of another file name", _OTHER_NAME[findings.other_name]),
        ("a file with a header and no rows", _HEADER_ONLY[findings.header_only]),
        ("the same bytes sent twice", _SAME_BYTES[findings.same_bytes]),
        ("rows show after", _UNKNOWN if lag is None else f"{seconds(lag)} at most, this time"),
        ("listings show where a dataset is", _YES[findings.shows_tree]),
        ("dataset names must be unique", _YES[findings.unique_datasets]),
        ("datatable names must be unique", _YES[findings.unique_datatables]),
    ]


_SAME_NAME: Final = {
    SameName.REPLACES: "replaces the rows",
    SameName.APPENDS: "adds to the rows",
    SameName.UNKNOWN: _UNKNOWN,
}
_OTHER_NAME: Final = {
    OtherName.ADDS: "adds to the rows",
    OtherName.REPLACES: "replaces the rows",
    OtherName.UNKNOWN: _UNKNOWN,
}
_HEADER_ONLY: Final = {
    HeaderOnly.EMPTIES: "empties the datatable",
    HeaderOnly.KEEPS: "leaves the rows as they are",
    HeaderOnly.UNKNOWN: _UNKNOWN,
}
_SAME_BYTES: Final = {
    SameBytes.ONCE: "count once",
    SameBytes.TWICE: "count twice",
    SameBytes.UNKNOWN: _UNKNOWN,
}
_YES: Final = {None: "unknown", True: "yes", False: "no"}
