"""The pytest plugin, in use here and as a stranger's test suite would use it."""

import json
import subprocess
import sys
import urllib.request
from urllib.error import HTTPError

import pytest

from pmsync.emulator.faultactions import Answer
from pmsync.emulator.faults import Fault

pytest_plugins = ["pmsync.pytest_plugin", "pytester"]


def datasets(tenant):
    request = urllib.request.Request(f"{tenant.url}/datasets", headers={"x-api-key": tenant.key})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return [entry["displayName"] for entry in json.load(answer)]


def test_a_tenant_can_be_asked_and_changed_by_hand(pm_tenant):
    assert datasets(pm_tenant) == []
    pm_tenant.by_hand.folder(["Finance"])
    pm_tenant.emulator.tenant(pm_tenant.id).create_node("Sales")
    assert datasets(pm_tenant) == ["Sales"]


def test_faults_strike_the_same_emulator(pm_tenant, pm_faults, pm_emulator):
    pm_faults.add(Fault(Answer(503), endpoint="datasets.list"))
    with pytest.raises(HTTPError, match="503"):
        datasets(pm_tenant)
    assert datasets(pm_tenant) == []
    assert [exchange.faults for exchange in pm_emulator.history.since()] == [["answer"], []]


SUITE = """
    import pytest

    SEEN = []

    @pytest.mark.pm_emulator(same_name="appends", show_tree=True)
    def test_a_marker_sets_the_emulator(pm_emulator, pm_tenant):
        SEEN.append(pm_tenant.id)
        assert pm_emulator.world.ground.settings.same_name == "appends"
        assert pm_emulator.world.ground.settings.show_tree

    def test_without_one_it_is_as_by_default(pm_emulator, pm_tenant):
        assert pm_emulator.world.ground.settings.same_name == "replaces"
        assert pm_tenant.id not in SEEN
"""


def test_a_marker_chooses_the_settings(pytester):
    pytester.makepyfile(SUITE)
    done = pytester.runpytest_subprocess(
        "-p", "pmsync.pytest_plugin", "--strict-markers", "-p", "no:cacheprovider"
    )
    done.assert_outcomes(passed=2)


def test_it_costs_nothing_until_it_is_used():
    code = "import sys, pytest; before = set(sys.modules); import pmsync.pytest_plugin; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [
        name for name in done.stdout.split() if name.partition(".")[0] not in sys.stdlib_module_names
    ] == [
        "pmsync",
        "pmsync.pytest_plugin",
    ]
