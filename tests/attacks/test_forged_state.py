"""A state that somebody wrote who is not pmsync: it gets nothing deleted, and nothing sent to a stranger.

Each forgery starts from a true state of a tenant where a stranger's dataset stands beside ours; it is tried in both
formats, with a plain apply, with `--safe-only`, and with the probe that clears up after itself.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attacks.runner import TENANT, Runner

State = dict[str, Any]

BOTH = """\
apiVersion: pmsync/v1
datasets:
  orders:
    datatables:
      events: {sources: [data/a.csv]}
  keep:
    protect: true
    datatables:
      events: {sources: [data/a.csv]}
"""
APPLY = ("apply", "-e", "dev", "--auto-approve")
AT = "2026-01-01T00:00:00+00:00"


class Scene:
    """Ours, applied; and a stranger's dataset with rows in it."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        runner.write("manifests/m.yaml", BOTH)
        first = runner.run(*APPLY, "--new-state")
        assert first.code == 0, first.text
        tenant = runner.emulator.tenant(TENANT)
        self.theirs = tenant.create_node("payroll").id
        self.their_table = tenant.create_datatable(self.theirs, "salaries").id
        runner.emulator.by_hand(TENANT).add_rows(self.their_table, 50)
        (self.file,) = (runner.here / "memory" / "state").rglob("state.json")
        self.true: State = json.loads(self.file.read_text())
        self.since = runner.emulator.history.last

    def forge(self, forged: State) -> None:
        self.file.write_text(json.dumps(forged))

    def harm(self) -> list[str]:
        """DELETEs, and whatever went to the stranger's."""
        sent = self.runner.emulator.history.since(self.since)
        theirs = {self.theirs, self.their_table}
        return [
            f"{one.method} {one.path}"
            for one in sent
            if one.method == "DELETE" or (one.method != "GET" and any(it in one.path for it in theirs))
        ]


def _record(scene: Scene, **more: Any) -> State:
    return (
        copy.deepcopy(scene.true["datasets"]["orders"])
        | {"id": scene.theirs, "displayName": "payroll"}
        | more
    )


def _claimed_and_removed(scene: Scene, state: State) -> None:
    state["datasets"]["payroll"] = _record(scene, protect=False, onRemoval="delete", origin="created")


def _claimed_under_our_name(scene: Scene, state: State) -> None:
    """Said to have been renamed from what was removed."""
    state["datasets"]["returns"] = _record(scene, displayName="returns", onRemoval="delete", origin="created")


def _half(scene: Scene, id_: str) -> State:
    return {
        "address": "orders",
        "datatables": {},
        "displayName": "payroll",
        "folder": [],
        "id": id_,
        "origin": "created",
        "retain": False,
        "reverted": False,
        "uploads": {},
    }


def _old_half(scene: Scene, state: State) -> None:
    state["datasets"]["orders"]["superseded"] = _half(scene, scene.theirs)


def _protected_as_old_half(scene: Scene, state: State) -> None:
    state["datasets"]["orders"]["superseded"] = _half(scene, state["datasets"]["keep"]["id"])


def _other_thing_as_old_half(scene: Scene, state: State) -> None:
    """What another record holds, its protection taken away."""
    state["datasets"]["keep"]["protect"] = False
    _protected_as_old_half(scene, state)


def _reverted_half(scene: Scene, state: State) -> None:
    """Their dataset as the unfinished new half of a REPLACE that is turned back."""
    ours = state["datasets"]["orders"]
    old = _half(scene, ours["id"]) | {"displayName": "orders", "reverted": True}
    state["datasets"]["orders"] = ours | {"id": scene.theirs, "superseded": old}
    state["datatables"]["orders.events"]["id"] = scene.their_table


def _ours_is_theirs(scene: Scene, state: State) -> None:
    state["datasets"]["orders"]["id"] = scene.theirs
    state["datatables"]["orders.events"]["id"] = scene.their_table
    state["uploads"] = {key: one for key, one in state["uploads"].items() if not key.startswith("orders.")}


def _our_table_is_theirs(scene: Scene, state: State) -> None:
    state["datatables"]["orders.events"]["id"] = scene.their_table
    state["uploads"] = {key: one for key, one in state["uploads"].items() if not key.startswith("orders.")}


def _intent(kind: str, address: str, target: str) -> State:
    return {
        "address": address,
        "at": AT,
        "displayName": "orders",
        "idsBefore": [],
        "kind": kind,
        "parentId": None,
        "rows": 0,
        "rowsBefore": 0,
        "sha256": "",
        "size": 0,
        "targetId": target,
    }


def _open_delete(scene: Scene, state: State) -> None:
    _claimed_and_removed(scene, state)
    state["intents"] = [_intent("delete", "payroll", scene.theirs)]


def _open_create_of_a_replace(scene: Scene, state: State) -> None:
    _old_half(scene, state)
    state["intents"] = [_intent("create-dataset", "orders", scene.theirs)]


def _scratch(scene: Scene, state: State) -> None:
    """What stands at a reserved address is cleared up without a question."""
    state["datasets"]["_probe"] = _record(scene, protect=False, onRemoval="delete")
    state["datasets"]["_probe-twin"] = _record(
        scene, protect=False, onRemoval="delete", id=state["datasets"]["keep"]["id"]
    )


def _scratch_intent(scene: Scene, state: State) -> None:
    state["intents"] = [_intent("delete", "_probe", scene.theirs)]


def _folder(scene: Scene, state: State) -> None:
    state["folders"]["folder:Finance"] = {"id": scene.theirs, "origin": "created"}


def _last_apply(scene: Scene, state: State) -> None:
    _claimed_and_removed(scene, state)
    state["spent"] = []
    if state["applied"]:
        state["applied"] = state["applied"] | {"changes": []}


FORGERIES: dict[str, Callable[[Scene, State], None]] = {
    name.strip("_").replace("_", " "): forge
    for name, forge in list(globals().items())
    if name
    in {
        "_claimed_and_removed",
        "_claimed_under_our_name",
        "_old_half",
        "_protected_as_old_half",
        "_other_thing_as_old_half",
        "_reverted_half",
        "_ours_is_theirs",
        "_our_table_is_theirs",
        "_open_delete",
        "_open_create_of_a_replace",
        "_scratch",
        "_scratch_intent",
        "_folder",
        "_last_apply",
    }
}


def _as_format_1(state: State) -> State:
    """The same lies as the first version would have written them, each with the consents that it believed."""
    old = copy.deepcopy(state)
    for new in ("ephemeral", "lastApply", "lease", "parts", "snapshot"):
        old.pop(new, None)
    binding = old.pop("binding")
    old |= {"formatVersion": 1, "tenant": {"host": binding["host"], "id": binding["tenantId"]}}
    for dataset in old["datasets"].values():
        half = dataset["superseded"]
        if half:
            reverted = half.pop("reverted", False)
            half["consents"] = [] if reverted else ["replace", "loss", "delete"]
    for intent in old["intents"]:
        intent["consents"] = ["replace", "loss", "delete"]
    return old


@pytest.fixture
def scene(tmp_path: Path, launcher, start_emulator) -> Scene:
    runner = Runner(tmp_path, launcher, start_emulator(show_tree=True))
    runner.prepare()
    runner.freeze()
    return Scene(runner)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_state_gets_nothing_deleted_and_nothing_sent_to_a_stranger(scene, forge, version):
    forged = copy.deepcopy(scene.true)
    forge(scene, forged)
    scene.forge(forged if version == 2 else _as_format_1(forged))
    scene.runner.write("data/a.csv", "case,activity\nc1,go\nc2,go\nc3,go\n")
    scene.runner.run("plan", "-e", "dev")
    scene.runner.run(*APPLY)
    scene.runner.run(*APPLY, "--safe-only")
    assert scene.harm() == []
    assert scene.runner.harm() == []
    assert scene.runner.emulator.tenant(TENANT).node(scene.theirs).name == "payroll"


@pytest.mark.parametrize("version", [1, 2])
def test_a_probe_clears_up_nothing_that_a_forged_state_calls_scratch(scene, version):
    forged = copy.deepcopy(scene.true)
    _scratch(scene, forged)
    scene.forge(forged if version == 2 else _as_format_1(forged))
    scene.runner.run("doctor", "--probe", "-e", "dev")
    tenant = scene.runner.emulator.tenant(TENANT)
    assert tenant.node(scene.theirs).name == "payroll"
    assert tenant.node(scene.true["datasets"]["keep"]["id"]).name == "keep"


@pytest.mark.parametrize(
    "forge", [_protected_as_old_half, _other_thing_as_old_half], ids=["protected", "another thing"]
)
def test_what_another_record_holds_is_not_deleted_whatever_is_agreed_to(scene, forge):
    forged = copy.deepcopy(scene.true)
    forge(scene, forged)
    scene.forge(forged)
    agreed = (word for kind in ("replace:orders", "delete:*", "loss:*") for word in ("--allow", kind))
    scene.runner.run(*APPLY, *agreed)
    assert [one for one in scene.harm() if one.startswith("DELETE")] == []


OTHERS = {
    "another tenant": {"tenantId": "7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11"},
    "another host": {"host": "api.example.com"},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_state_of_elsewhere_is_refused(scene, other):
    scene.forge(scene.true | {"binding": scene.true["binding"] | other})
    said = scene.runner.run(*APPLY)
    assert said.code == 3, said.text
    assert [one for one in scene.runner.emulator.history.since(scene.since) if one.method != "GET"] == []


@pytest.mark.parametrize("key", ["project", "environment", "path"])
def test_a_state_of_another_place_is_refused_with_the_way_to_bring_it_here(scene, key):
    owner = scene.true["binding"]["owner"] | {key: "elsewhere"}
    scene.forge(scene.true | {"binding": scene.true["binding"] | {"owner": owner}})
    said = scene.runner.run(*APPLY)
    assert said.code == 3, said.text
    assert "pmsync state rebind" in said.text
    assert [one for one in scene.runner.emulator.history.since(scene.since) if one.method != "GET"] == []
