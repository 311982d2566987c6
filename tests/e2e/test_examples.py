"""Each example repository, as its README has it: from nothing to converged, through everyday edits, to nothing."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from whereabouts import folders_in

from pmsync.statestore.home import Home

HOME = Path(__file__).parents[2] / "examples" / "manifests"


@dataclass(frozen=True)
class Example:
    """An example, and the edits that a user would make in it.

    `file` becomes `other`, of the same content; where no pattern matches both, `entry` is the manifest that
    names it. `title` is the text that names `dataset` in its manifest, as it is and renamed. `removed` goes.
    """

    name: str
    datasets: int
    file: str
    other: str
    dataset: str
    manifest: str
    title: tuple[str, str]
    removed: str
    without: Callable[[Path], None]
    entry: str | None = None


def _unlink(path: str) -> Callable[[Path], None]:
    return lambda root: (root / path).unlink()


def _another_dataset(root: Path) -> None:
    """An empty manifest is an error, so the one dataset makes way for another."""
    (root / "manifests" / "helpdesk.yaml").write_text("apiVersion: pmsync/v1\ndatasets: {archive: {}}\n")


EXAMPLES = [
    Example(
        name="minimal",
        datasets=1,
        file="data/tickets.csv",
        other="data/helpdesk.csv",
        entry="manifests/helpdesk.yaml",
        dataset="helpdesk",
        manifest="manifests/helpdesk.yaml",
        title=("    datatables:", "    displayName: Help desk\n    datatables:"),
        removed="helpdesk",
        without=_another_dataset,
    ),
    Example(
        name="order-to-cash",
        datasets=3,
        file="data/orders/events-2022.csv",
        other="data/orders/events-2022-archived.csv",
        dataset="order-to-cash",
        manifest="manifests/order-to-cash.yaml",
        title=("Order to Cash ${region}", "Orders ${region}"),
        removed="returns",
        without=_unlink("manifests/returns.yaml"),
    ),
    Example(
        name="purchase-to-pay",
        datasets=3,
        file="data/sample/events/day-2024-06-26.csv",
        other="data/sample/events/day-2024-06-26-complete.csv",
        dataset="purchase-to-pay",
        manifest="manifests/purchasing.yaml",
        title=("Purchase to Pay, ${company}", "Procurement, ${company}"),
        removed="master-data",
        without=_unlink("manifests/master-data.yaml"),
    ),
]


@dataclass
class Copy:
    """A copy of an example, and its commands."""

    example: Example
    root: Path
    call: Callable[..., Any]

    @property
    def memory(self) -> Path:
        return self.root.with_name(f"{self.root.name}-memory")

    @property
    def tenant(self) -> Path:
        """Where its embedded tenant is, with its state."""
        home = Home(state=str(self.memory / "state"), cache=str(self.memory / "cache"))
        return Path(home.of_embedded(str(self.root), "local"))

    def pmsync(self, *arguments: str) -> Any:
        return self.call(self.root, "-e", "local", *arguments, environ=folders_in(self.memory))

    def json(self, *arguments: str) -> Any:
        ended = self.pmsync(*arguments, "--format", "json")
        assert ended.code == 0, ended.err
        return json.loads(ended.out)

    def steps(self) -> list[str]:
        """What a plan would do, as `action address`."""
        return [f"{one['action']} {one['address']}" for one in self.json("plan")["changes"]]

    def applied(self, *arguments: str) -> list[str]:
        """What an apply did, as `action address`; it converges."""
        report = self.json("apply", "--auto-approve", *arguments)
        assert report["convergence"] == "converged"
        return [f"{one['change']['action']} {one['change']['address']}" for one in report["results"]]

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.root / path
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda one: one.name)
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, in_process: Any
) -> Copy:
    """A copy of an example that `first_run` applies to its embedded tenant. No test changes it."""
    root = tmp_path_factory.mktemp("template") / request.param.name
    shutil.copytree(HOME / request.param.name, root)
    return Copy(request.param, root, in_process)


@pytest.fixture(scope="module")
def first_run(template: Copy) -> dict[str, Any]:
    """What the commands of a first run said, by name."""
    return {
        "validate": template.pmsync("validate"),
        "plan": template.json("plan"),
        "apply": template.pmsync("apply", "--auto-approve"),
        "second plan": template.pmsync("plan", "--detailed-exitcode"),
    }


@pytest.fixture
def converged(template: Copy, first_run: dict[str, Any], tmp_path: Path) -> Copy:
    """A converged copy to work in, its embedded tenant too."""
    assert first_run["apply"].code == 0
    root = tmp_path / template.example.name
    shutil.copytree(template.root, root)
    copy = Copy(template.example, root, template.call)
    shutil.copytree(template.tenant, copy.tenant)
    for level in (copy.tenant, *copy.tenant.parents[:3]):
        level.chmod(0o700)
    return copy


def test_every_example_is_here():
    assert sorted(one.name for one in EXAMPLES) == sorted(os.listdir(HOME))


def test_it_is_valid(template, first_run):
    ended = first_run["validate"]
    assert ended.code == 0, ended.err
    noun = "dataset" if template.example.datasets == 1 else "datasets"
    assert f"{template.example.datasets} {noun}" in ended.out


def test_the_first_plan_creates_and_uploads_everything(template, first_run):
    changes = first_run["plan"]["changes"]
    assert {one["action"] for one in changes} == {"create", "upload"}
    assert not any(one.get("block") for one in changes)
    datasets = [one for one in changes if one["action"] == "create" and "." not in one["address"]]
    assert len([one for one in datasets if not one["address"].startswith("folder:")]) == (
        template.example.datasets
    )


def test_apply_converges_and_a_second_plan_is_empty(first_run):
    assert first_run["apply"].code == 0, first_run["apply"].err
    assert first_run["apply"].out.splitlines()[-1] == "converged"
    assert first_run["second plan"].code == 0
    assert "No changes." in first_run["second plan"].out


def test_a_touched_file_is_nothing(converged):
    (converged.root / converged.example.file).touch()
    assert converged.steps() == []


def test_a_renamed_file_is_not_uploaded(converged):
    example = converged.example
    (converged.root / example.file).rename(converged.root / example.other)
    if example.entry:
        converged.edit(example.entry, example.file, example.other)
    (moved,) = converged.applied()
    assert moved.startswith("move ")
    assert moved.endswith(f"/{Path(example.other).name}")
    assert converged.steps() == []


def test_a_changed_file_is_one_upload(converged):
    file = converged.root / converged.example.file
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines, lines[-1]]))
    (uploaded,) = converged.applied()
    assert uploaded.startswith("upload ")
    assert uploaded.endswith(f"/{file.name}")
    assert converged.steps() == []


def test_a_renamed_dataset_is_blocked_with_its_ways_out(converged):
    example = converged.example
    converged.edit(example.manifest, *example.title)
    ended = converged.pmsync("apply", "--auto-approve")
    assert ended.code == 3
    assert "in ProcessMind (no data moves), then plan again" in " ".join(ended.out.split())
    assert f"pmsync apply -e local --allow replace:{example.dataset}" in ended.out
    (change,) = converged.json("plan")["changes"]
    assert (change["address"], change["reason"]) == (example.dataset, "renamed-in-manifest")
    assert converged.applied("--allow", f"replace:{example.dataset}")
    assert converged.steps() == []


def test_a_removed_dataset_is_blocked_and_goes_with_consent(converged):
    converged.example.without(converged.root)
    removed = converged.example.removed
    before = converged.json("ls")
    ended = converged.pmsync("apply", "--auto-approve")
    assert ended.code == 3
    assert f"pmsync apply -e local --allow delete:{removed}" in ended.out
    assert converged.json("ls") == before
    assert f"delete {removed}" in converged.applied("--allow", f"delete:{removed}")
    assert converged.steps() == []


def test_destroy_leaves_no_dataset(converged):
    assert converged.pmsync("destroy").code == 3
    ended = converged.pmsync("destroy", "--confirm", "local")
    assert ended.code == 0, ended.err
    assert [one for one in converged.json("ls")["things"] if one["kind"] != "folder"] == []


@pytest.mark.parametrize(
    ("name", "environment", "prefix"),
    [("order-to-cash", "dev", "[dev] "), ("purchase-to-pay", "prod", "")],
)
def test_the_other_environment_converges_on_a_tenant_of_its_own(
    make_repo, start_emulator, name, environment, prefix
):
    repo = make_repo(name, start_emulator())
    shutil.copytree(HOME / name, repo.root, dirs_exist_ok=True)
    there = ("-e", environment, "--api-url", repo.emulator.api_url)
    assert repo.pmsync("apply", "--new-state", "--auto-approve", *there).code == 0
    requests = repo.requests_of(lambda: repo.pmsync("plan", "--detailed-exitcode", *there))
    assert requests == ["GET", "GET"]
    tenant = json.loads(repo.pmsync("plan", "--format", "json", *there).stdout)["tenantId"]
    datasets = [one.name for one in repo.emulator.tenant(tenant).nodes() if one.kind == "Dataset"]
    assert datasets
    assert all(one.startswith(prefix) for one in datasets)


def test_a_newer_full_extract_is_one_upload_in_place_of_the_old(tmp_path, in_process):
    root = tmp_path / "purchase-to-pay"
    shutil.copytree(HOME / "purchase-to-pay", root)
    copy = Copy(EXAMPLES[2], root, in_process)
    copy.applied()
    orders = root / "data" / "sample" / "orders"
    lines = (orders / "orders-2024-06-28.csv").read_bytes().splitlines(keepends=True)
    (orders / "orders-2024-07-05.csv").write_bytes(b"".join([*lines, lines[-1]]))
    assert copy.applied() == ["upload purchase-to-pay.orders/orders.csv"]
    assert copy.steps() == []
