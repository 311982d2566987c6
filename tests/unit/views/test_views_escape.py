"""No name acts on a terminal, forges a line, or orders a CI runner about, in whatever output it stands."""

import io
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import InputError, Refused
from pmsync.model.address import Address
from pmsync.model.events import ChangeEnded, Reading, StillWaiting, WaitingForRows
from pmsync.model.listing import LiveThing, Standing
from pmsync.model.notes import Leftover, Note
from pmsync.model.plan import Plan
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import Command, Edit
from pmsync.model.report import Convergence, Fate, Report, Result
from pmsync.model.state import Binding, FolderRecord, Origin, State
from pmsync.views.document import document, to_json
from pmsync.views.errors_text import error_json, error_text
from pmsync.views.escape import LONGEST_LINE, line, terminal, yaml_quoted
from pmsync.views.escape import to_json as to_json_text
from pmsync.views.lines import Look
from pmsync.views.listings import live_json, live_text, record_text, state_json, state_text
from pmsync.views.plan_text import plan_text, warnings
from pmsync.views.progress import JsonProgress, PlainProgress
from pmsync.views.progress_bars import BarProgress
from pmsync.views.report_json import report_json
from pmsync.views.report_text import report_text

STILL = Look(80)


def acts(text: str) -> list[str]:
    """The characters of an output that are no part of a harmless text (its own newlines are)."""
    return [
        char
        for char in text
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and char != "\n"
    ]


def orders(text: str) -> list[str]:
    """The lines that a CI runner would take as an order."""
    return [one for one in text.split("\n") if re.search(r"^\s*::|##[\w.-]*\[", one, re.IGNORECASE)]


def stacks(text: str) -> list[str]:
    """The letters with more marks on them than any script stacks, or marks on no letter."""
    marks = "".join("m" if unicodedata.category(char) in {"Mn", "Me"} else "x" for char in text)
    return re.findall(r"^m|mmmmm", marks)


def assert_harmless(text: str) -> None:
    assert acts(text) == []
    assert stacks(text) == []
    assert orders(text) == []


def test_the_corpus_is_large_enough(hostile: list[str]) -> None:
    assert len(set(hostile)) >= 200


def test_a_name_becomes_one_harmless_line(hostile: list[str]) -> None:
    for name in hostile:
        shown = terminal(name)
        assert_harmless(shown)
        assert "\n" not in shown
        assert_harmless(line(name))


def test_names_that_differ_look_different(hostile: list[str]) -> None:
    # A backslash is shown as it is, so the text `\u202e` and the character look alike: JSON tells them apart.
    names = {name for name in hostile if "\\" not in name}
    assert len({terminal(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Bestellung für Köln", "Bestellung für Köln"),
        ("a\nb", r"a\nb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\u202eb", r"a\u202eb"),
        ("\U000e0001", r"\U000e0001"),
        ("\ud800", r"\ud800"),
        ("::error::x", r"\x3a:error::x"),
        ("a::b", "a::b"),
        ("##[error]", r"##\x5berror]"),
        ("##teamcity[x]", r"##teamcity\x5bx]"),
        ("\u0301x", r"\u0301x"),
        ("\u0e01" + "\u0e47" * 5, "\u0e01" + "\u0e47" * 4 + r"\u0e47"),
        ("全角\u3000文字", "全角\u3000文字"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_a_name_is_shown_as(name: str, shown: str) -> None:
    assert terminal(name) == shown


def test_json_gives_no_orders_and_yaml_reads_back_the_same(hostile: list[str]) -> None:
    for name in hostile:
        assert orders(to_json_text({"name": name, name: [name]})) == []
        assert json.loads(to_json_text(name)) == name
        quoted = yaml_quoted(name)
        assert_harmless(quoted or name)
        if quoted and not any(unicodedata.category(char) == "Cs" for char in name):
            assert yaml.load(quoted, Loader=yaml.CSafeLoader) == name


def test_a_log_line_has_a_bounded_length() -> None:
    assert len(line("x" * 100_000)) == LONGEST_LINE
    assert line("x" * 100_000).endswith("…")
    assert line("short") == "short"


def named(plan: Plan, name: str) -> Plan:
    """The plan in which everything that can have a name has this one."""
    ways = (
        Command(meaning=name, words=("import", name)),
        Edit(meaning=name, line=name, location=Location(name, 1)),
    )
    changes = []
    for change in plan.changes:
        block = Block(BlockCode.DECISION, f"about {name}", ways)
        fields: dict[str, Any] = {"reason": Reason(ReasonCode.NEW, name), "block": block, "live_id": name}
        if hasattr(change, "display_name"):
            fields["display_name"] = name
        if hasattr(change, "drift") and change.drift:
            fields["drift"] = name
        if change.address.kind.value == "source":
            fields["address"] = Address(f"{change.address.datatable_address}/{name}")
        changes.append(replace(change, **fields))
    return replace(
        plan, changes=tuple(changes), notes=(Note(name, name),), leftovers=(Leftover(Address(name), 1),)
    )


def test_a_plan_is_harmless_whatever_its_names_are(everything: Plan, hostile: list[str]) -> None:
    for name in hostile:
        shown = document(named(everything, name))
        assert_harmless(plan_text(shown, STILL, saved_as=name))
        assert_harmless("\n".join(warnings(shown)))


def test_the_json_of_a_plan_is_exact(everything: Plan, hostile: list[str]) -> None:
    for name in hostile:
        text = to_json(document(named(everything, name)))
        assert text.isascii()
        assert acts(text) == []
        read = json.loads(text)
        assert read["changes"][0].get("sentence", "") == name
        assert read["notes"][0]["address"] == name


def test_a_report_is_harmless_whatever_its_names_are(everything: Plan, hostile: list[str]) -> None:
    for name in hostile:
        fates = list(Fate)
        results = tuple(
            Result(
                change=change, fate=fates[at % len(fates)], live_id=name, problem=name, hint=name, exit_code=1
            )
            for at, change in enumerate(named(everything, name).changes)
        )
        report = Report(results=results, convergence=Convergence.NOT, remaining=(name,))
        assert_harmless(report_text(report, STILL, environment=name))
        read = json.loads(report_json(report, plan=named(everything, name), exit_code=1))
        assert read["results"][0]["problem"] == name


def test_an_error_is_harmless_whatever_its_names_are(hostile: list[str]) -> None:
    for name in hostile:
        refused = Refused(name, where=name, hint=name)
        invalid = InputError([Diagnostic(Location(name, 1, 2), "PM001", name, name)])
        assert_harmless(error_text(refused))
        assert_harmless(error_text(invalid))
        assert json.loads(error_json(refused))["error"]["message"] == name
        assert json.loads(error_json(invalid))["diagnostics"][0]["message"] == name


def test_a_listing_is_harmless_whatever_its_names_are(hostile: list[str]) -> None:
    for name in hostile:
        things = (
            LiveThing(
                standing=Standing.DRIFTED, address=Address(name), id=name, display_name=name, remark=name
            ),
            LiveThing(standing=Standing.UNMANAGED, address=None, id=name, display_name=name, folder=(name,)),
        )
        record = FolderRecord(id=name, origin=Origin.CREATED)
        state = State(
            lineage="l", serial=1, binding=Binding(tenant_id="t", host="h"), folders={Address(name): record}
        )
        assert_harmless(live_text("environment x", things, STILL))
        assert_harmless(state_text(state, name, STILL))
        assert_harmless(record_text(name, record, STILL))
        assert json.loads(live_json("e", "t", things))["things"][0]["displayName"] == name
        assert json.loads(state_json(state, name))["records"][0]["address"] == name


def test_progress_is_harmless_whatever_its_names_are(upload: Callable[..., Any], hostile: list[str]) -> None:
    for name in hostile:
        change = upload(f"a.b/{name}", rows=1, size=1)
        said: list[str] = []
        plain = PlainProgress(said.append, clock=iter(range(0, 10_000, 60)).__next__)
        logged: list[str] = []
        log = JsonProgress(logged.append, clock=lambda: 0.0)
        for event in (
            Reading(name),
            StillWaiting(name, seconds=6.0, left=2.0),
            WaitingForRows(Address(name), 1, 2),
            ChangeEnded(Result(change=change, fate=Fate.FAILED, problem=name)),
        ):
            plain(event)
            log(event)
        assert len(said) == 3
        assert all(one.count("\n") == 1 for one in (*said, *logged))
        assert_harmless("".join(said))
        assert json.loads(logged[0])["what"] == name


def test_bars_hold_no_control_characters_of_a_name(upload: Callable[..., Any], hostile: list[str]) -> None:
    for name in hostile[::7]:
        stream = io.StringIO()
        with BarProgress(stream, colour=False) as bars:
            bars(Reading(name))
            bars(ChangeEnded(Result(change=upload(f"a.b/{name}", rows=1, size=1), fate=Fate.DONE)))
        own = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", stream.getvalue())
        assert acts(own) == []
