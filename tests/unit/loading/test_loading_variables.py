"""Variables: where their values come from, and what `${` does to a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pmsync.errors import UsageProblem
from pmsync.loading.repository import Wish
from pmsync.loading.variables import LONGEST, Fault, Values, substituted

MANIFEST = "datasets: {a: {displayName: '<${v}>'}}\n"


def name_with(text: str, **of: str | None) -> str | None:
    return substituted(text, Values(environment="dev", of=of), lambda _: None)


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("${v}", "value"),
        ("a${v}b${v}", "avaluebvalue"),
        ("$${v}", "${v}"),
        ("$$${v}", "$${v}"),
        ("$${v}${v}", "${v}value"),
        ("$v {v} $", "$v {v} $"),
        ("${w}", "${v}"),
        ("${empty}x", "x"),
    ],
)
def test_a_text_gets_its_values_once(text: str, becomes: str) -> None:
    assert name_with(text, v="value", w="${v}", empty="") == becomes


@pytest.mark.parametrize(
    "text", ["${x}", "${none}", "${", "${v", "${}", "${ v }", "${a.b}", "${v:-x}", "${${v}}"]
)
def test_a_text_with_a_use_that_cannot_be_is_no_text(text: str) -> None:
    faults: list[Fault] = []
    values = Values(environment="dev", of={"v": "value", "none": None})
    assert substituted(text, values, faults.append) is None
    assert faults


def test_every_fault_of_a_text_is_told_with_its_place_in_it() -> None:
    faults: list[Fault] = []
    substituted("${a} $${b} ${v} ${c}", Values(environment="dev", of={"v": ""}), faults.append)
    assert [(fault.nth, fault.text) for fault in faults] == [(0, "${a}"), (3, "${c}")]


def test_a_text_full_of_faults_is_not_read_to_its_end() -> None:
    faults: list[Fault] = []
    assert substituted("${a}" * 100_000, Values(environment="dev", of={}), faults.append) is None
    assert len(faults) < 1000


def test_a_long_value_used_often_does_not_fill_the_memory() -> None:
    faults: list[Fault] = []
    values = Values(environment="dev", of={"v": "x" * LONGEST})
    assert substituted("${v}", values, faults.append) == "x" * LONGEST
    assert substituted("${v}" * 1_000_000, values, faults.append) is None
    assert [fault.code for fault in faults] == ["PM113"]


@pytest.mark.parametrize(
    ("given", "environ", "environment", "default", "name"),
    [
        ({"v": "1"}, {"PMSYNC_VAR_v": "2"}, "3", "4", "<1>"),
        ({}, {"PMSYNC_VAR_v": "2"}, "3", "4", "<2>"),
        ({}, {}, "3", "4", "<3>"),
        ({}, {}, None, "4", "<4>"),
        ({"v": ""}, {}, "3", "4", "<>"),
        ({}, {"v": "2", "PMSYNC_VAR_V": "2"}, None, "4", "<4>"),
    ],
)
def test_the_nearest_value_counts(
    repository: Callable[..., Any],
    given: dict[str, str],
    environ: dict[str, str],
    environment: str | None,
    default: str,
    name: str,
) -> None:
    variables = f", variables: {{v: {environment}}}" if environment else ""
    project = (
        f"variables: {{v: {{default: {default}}}}}\nenvironments: {{dev: {{tenant: emulator{variables}}}}}\n"
    )
    loaded = repository(project=project, manifest=MANIFEST).load(Wish(variables=given, environ=environ))
    assert loaded.manifest.datasets["a"].display_name == name


def test_no_other_environment_variable_can_be_reached(repository: Callable[..., Any]) -> None:
    wish = Wish(environ={"HOME": "/home/me", "PMSYNC_API_KEY": "pk-secret"})
    for name in ("HOME", "PMSYNC_API_KEY"):
        said = repository(manifest=f"datasets: {{a: {{displayName: '${{{name}}}'}}}}\n").refused(wish)
        assert [one.code for one in said] == ["PM109"]
        assert "pk-secret" not in str(said)


def test_a_value_from_outside_is_judged_like_any_text(repository: Callable[..., Any]) -> None:
    manifest = "datasets: {a: {displayName: '${data}', folder: 'F/${data}'}}\n"
    for value in ("a\nb", "\udc80", "\0"):
        said = repository(manifest=manifest).codes(Wish(variables={"data": value}))
        assert said == [("manifests/m.yaml:2:29", "PM026"), ("manifests/m.yaml:2:48", "PM027")]


def test_a_variable_that_nobody_uses_needs_no_value(repository: Callable[..., Any]) -> None:
    assert repository().load().project.variables["unset"].default is None


def test_a_var_that_names_nothing_is_a_slip_of_the_command_line(repository: Callable[..., Any]) -> None:
    with pytest.raises(UsageProblem, match="did you mean 'data'"):
        repository().load(Wish(variables={"dta": "x"}))
    with pytest.raises(UsageProblem, match=r"declared in pmsync.yaml: data, unset"):
        repository().load(Wish(variables={"something": "x"}))
    alone = repository(project="environments: {local: {tenant: emulator}}\n")
    with pytest.raises(UsageProblem, match="none"):
        alone.load(Wish(variables={"x": "y"}))


def test_keys_are_never_substituted(repository: Callable[..., Any]) -> None:
    assert repository(manifest="datasets: {'${data}': {}}\n").codes() == [("manifests/m.yaml:2:12", "PM019")]


def test_the_place_of_a_variable_in_a_long_text(repository: Callable[..., Any]) -> None:
    manifest = "datasets:\n  a:\n    folder: >-\n      one\n      two ${x}\n    displayName: ' ''  ${y}'\n"
    assert repository(manifest=manifest).codes() == [
        ("manifests/m.yaml:6:11", "PM109"),
        ("manifests/m.yaml:7:24", "PM109"),
    ]
