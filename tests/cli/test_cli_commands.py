"""The commands, on the embedded tenant: results, streams and exit codes."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
LATE = "SO25-1001,Close case,2025-04-30T16:12:00,System,0.00\n"


@pytest.fixture
def applied(project: Path, pmsync: Call) -> Path:
    """The sample project, converged."""
    assert pmsync("apply", "--auto-approve").code == 0
    return project


def change_a_file(project: Path) -> None:
    with (project / "data" / "orders-2025.csv").open("a", encoding="utf-8") as file:
        file.write(LATE)


def remove_a_dataset(project: Path) -> None:
    (project / "manifests" / "returns.yaml").unlink()


# init, validate, schema


def test_init_writes_a_project_that_plans_at_once(tmp_path: Path, pmsync: Call) -> None:
    ended = pmsync("init", "new")
    assert ended.code == 0
    assert "pmsync plan" in ended.out
    assert "Plan: 5 to create, 3 to upload" in pmsync("plan", "-C", "new").out
    for path in ("pmsync.yaml", "manifests/returns.yaml"):
        lines = (tmp_path / "new" / path).read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("# yaml-language-server: $schema=")
        assert lines[1].startswith("# $schema: ")
        schema = lines[1].removeprefix("# $schema: ")
        assert (tmp_path / "new" / path).parent.joinpath(schema).is_file()


def test_init_says_where_to_go_on(pmsync: Call) -> None:
    assert "Next:\n  cd 'new one'\n  pmsync plan " in pmsync("init", "new one").out
    assert "Next:\n  pmsync plan " in pmsync("init").out


def test_init_overwrites_nothing(project: Path, pmsync: Call) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert pmsync("init").code == 3
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_init_keeps_files_that_are_there(tmp_path: Path, pmsync: Call) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "returns.csv").write_text("mine\n")
    assert "kept     data/returns.csv" in pmsync("init").out
    assert (tmp_path / "data" / "returns.csv").read_text() == "mine\n"


def test_init_where_nothing_can_be_written_is_told(tmp_path: Path, pmsync: Call) -> None:
    (tmp_path / "file").write_text("x")
    ended = pmsync("init", "file/below")
    assert ended.code == 1
    assert "cannot be written" in ended.err


def test_validate_counts_what_is_declared(project: Path, pmsync: Call) -> None:
    ended = pmsync("validate")
    assert ended.code == 0
    assert ended.out.startswith("environment local is valid: 2 datasets, 2 datatables, 3 sources (")
    assert "source" not in pmsync("validate", "--no-data").out
    read = json.loads(pmsync("validate", "--format", "json").out)
    assert (read["valid"], read["datasets"], read["sources"]) == (True, 2, 3)


def test_validate_tells_every_problem_and_exits_7(project: Path, pmsync: Call) -> None:
    (project / "manifests" / "returns.yaml").write_text(
        "apiVersion: pmsync/v1\ndatasets: {A: {}, b: {x: 1}}\n"
    )
    ended = pmsync("validate", "--format", "json")
    assert ended.code == 7
    assert ended.err.count("manifests/returns.yaml:2:") == 2
    assert len(json.loads(ended.out)["diagnostics"]) == 2


def test_validate_tells_bad_keys_and_bad_sources_in_one_run(project: Path, pmsync: Call) -> None:
    (project / "data" / "returns.csv").unlink()
    with (project / "manifests" / "order-to-cash.yaml").open("a") as file:
        file.write("  B: {}\n")
    ended = pmsync("validate")
    assert ended.code == 7
    assert "manifests/order-to-cash.yaml:" in ended.err
    assert "data/returns.csv" in ended.err
    assert "error: 2 problems in manifests, config or sources" in ended.err
    assert "data/returns.csv" not in pmsync("validate", "--no-data").err


def test_validate_looks_at_no_source_whose_path_cannot_be(project: Path, pmsync: Call) -> None:
    (project / "manifests" / "returns.yaml").write_text(
        "apiVersion: pmsync/v1\ndatasets:\n  returns:\n    datatables:\n      a:\n        sources:\n"
        "          - ${unknown}/x.csv\n          - {path: data/*.csv, mode: latest}\n"
        "          - {path: data/missing.csv, name: '${unknown}'}\n          - data/gone.csv\n"
    )
    ended = pmsync("validate")
    assert ended.code == 7
    assert "error: 4 problems in manifests, config or sources" in ended.err
    assert "data/gone.csv" in ended.err


def test_validate_where_pmsync_yaml_is_none_says_that_alone(project: Path, pmsync: Call) -> None:
    (project / "pmsync.yaml").write_text("[")
    assert "error: 1 problem in" in pmsync("validate").err


def test_validate_looks_at_the_sources(project: Path, pmsync: Call) -> None:
    (project / "data" / "returns.csv").unlink()
    assert pmsync("validate").code == 7
    assert pmsync("validate", "--no-data").code == 0


def test_without_a_project_it_says_so(pmsync: Call) -> None:
    ended = pmsync("plan")
    assert ended.code in {7, 64}
    assert "pmsync.yaml" in ended.err


def test_projects_below_are_named_where_none_is_above(tmp_path: Path, pmsync: Call) -> None:
    for folder in ("a project", "two/levels", "a/b/three", ".hidden", "file"):
        (tmp_path / folder).mkdir(parents=True)
        if folder != "file":
            (tmp_path / folder / "pmsync.yaml").write_text("")
    (tmp_path / "file" / "pmsync.yaml").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a project")
    ended = pmsync("plan")
    assert ended.code == 7
    assert "(there is one below, in 'a project', two/levels: pmsync -C 'a project' …)" in ended.err


def test_of_many_projects_below_the_first_are_named(tmp_path: Path, pmsync: Call) -> None:
    for number in range(9):
        (tmp_path / f"p{number}").mkdir()
        (tmp_path / f"p{number}" / "pmsync.yaml").write_text("")
    assert "in p0, p1, p2 and more: pmsync -C p0 …" in pmsync("plan").err


def test_schemas_are_printed_written_and_compared(tmp_path: Path, pmsync: Call) -> None:
    assert pmsync("schema").out.split() == ["manifest", "project", "approvals", "plan"]
    assert "draft-07" in json.loads(pmsync("schema", "plan").out)["$schema"]
    assert pmsync("schema", "--out", "made").code == 0
    assert len(list((tmp_path / "made").iterdir())) == 4
    assert pmsync("schema", "--out", "made", "--check").code == 0
    (tmp_path / "made" / "plan.schema.json").write_text("{}")
    ended = pmsync("schema", "--out", "made", "--check")
    assert ended.code == 1
    assert "plan.schema.json" in ended.err
    assert pmsync("schema", "manifest", "--out", "made", "--check").code == 0
    (tmp_path / "made" / "plan.schema.json").unlink()
    assert pmsync("schema", "--out", "made", "--check").code == 1
    assert pmsync("schema", "--out", "made/manifest.schema.json").code == 1


# plan, show


def test_a_plan_says_where_first_and_what_next_last(project: Path, pmsync: Call) -> None:
    ended = pmsync("plan")
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert lines[0] == "environment local · emulator, nothing real is touched"
    assert lines[-1].strip() == "pmsync apply -e local"
    assert "\x1b" not in ended.out + ended.err


def test_progress_goes_to_stderr_and_can_be_silenced(project: Path, pmsync: Call) -> None:
    assert "reading the tenant" in pmsync("plan").err
    assert pmsync("-q", "plan").err == ""


@pytest.mark.parametrize(
    ("env", "arguments", "coloured"),
    [
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({}, [], False),
    ],
)
def test_colour(
    project: Path, pmsync: Call, env: dict[str, str], arguments: list[str], coloured: bool
) -> None:
    assert ("\x1b[" in pmsync("plan", *arguments, env=env).out) is coloured


def test_forced_colour_draws_no_bars(project: Path, pmsync: Call) -> None:
    ended = pmsync("apply", "--auto-approve", env={"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"})
    assert "\x1b[?25l" not in ended.err
    assert "\r" not in ended.err


def test_a_plan_as_json_stands_alone_on_stdout(project: Path, pmsync: Call) -> None:
    read = json.loads(pmsync("plan", "--format", "json").out)
    assert read["formatVersion"] == "1.0"
    assert len(read["changes"]) == 8


def test_log_lines_are_json_where_that_is_wanted(project: Path, pmsync: Call) -> None:
    ended = pmsync("apply", "--auto-approve", "--log-format", "json", "--format", "json")
    kinds = {json.loads(line)["event"] for line in ended.err.splitlines()}
    assert {"reading", "run-began", "change-ended"} <= kinds
    assert json.loads(ended.out)["convergence"] == "converged"


def test_reports_are_written_beside_the_result(project: Path, pmsync: Call) -> None:
    ended = pmsync("plan", "--report", "json=plan.json", "--report", "text=plan.txt")
    assert json.loads((project / "plan.json").read_text())["environment"] == "local"
    assert (project / "plan.txt").read_text(encoding="utf-8").splitlines()[0] == ended.out.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["apply", "--auto-approve"], 3), (["plan", "-e", "nope"], 64), (["destroy"], 3)],
    ids=lambda one: " ".join(one) if isinstance(one, list) else str(one),
)
def test_reports_are_written_whatever_the_exit_code(
    applied: Path, pmsync: Call, arguments: list[str], code: int
) -> None:
    remove_a_dataset(applied)
    ended = pmsync(
        *arguments, "--report", "json=r.json", "--report", "text=r.txt", "--report", "json=no/r.json"
    )
    assert ended.code == code
    read = json.loads((applied / "r.json").read_text())
    assert read["error"]["exitCode"] == code
    assert (applied / "r.txt").read_text("utf-8") in ended.err


def test_a_report_that_cannot_be_written_leaves_the_others(project: Path, pmsync: Call) -> None:
    ended = pmsync("apply", "--auto-approve", "--report", "json=r.json", "--report", "json=no/r.json")
    assert ended.code == 1
    assert "no/r.json: it cannot be written" in ended.err
    assert json.loads((project / "r.json").read_text())["convergence"] == "converged"


def test_detailed_exit_codes_of_a_plan(project: Path, pmsync: Call) -> None:
    assert pmsync("plan").code == 0
    assert pmsync("plan", "--detailed-exitcode").code == 2
    assert pmsync("apply", "--auto-approve").code == 0
    assert pmsync("plan", "--detailed-exitcode").code == 0
    remove_a_dataset(project)
    assert pmsync("plan").code == 0
    assert pmsync("plan", "--detailed-exitcode").code == 3


def test_a_saved_plan_is_shown_as_it_was(project: Path, pmsync: Call) -> None:
    fresh = pmsync("plan", "--out", "p.json")
    shown = pmsync("show", "p.json")
    assert shown.code == 0
    assert shown.out == fresh.out
    assert "pmsync apply p.json" in shown.out
    assert pmsync("show", "p.json", "--format", "json").out == (project / "p.json").read_text()


@pytest.mark.parametrize("content", ["", "{}", '{"formatVersion": "9.0"}', "\x00"])
def test_what_is_no_plan_is_exit_7(tmp_path: Path, pmsync: Call, content: str) -> None:
    (tmp_path / "p.json").write_text(content)
    ended = pmsync("show", "p.json")
    assert ended.code == 7
    assert "Traceback" not in ended.err


# apply


def test_apply_converges_and_then_has_nothing_to_do(project: Path, pmsync: Call) -> None:
    first = pmsync("apply", "--auto-approve")
    assert first.code == 0
    assert first.out.splitlines()[-1] == "converged"
    second = pmsync("apply", "--auto-approve")
    assert second.code == 0
    assert "No changes." in second.out


def test_without_a_terminal_nothing_is_asked_and_nothing_sent(project: Path, pmsync: Call) -> None:
    ended = pmsync("apply", stdin="yes\n" * 10)
    assert ended.code == 3
    assert "--auto-approve" in ended.err
    assert "Plan: 5 to create" in pmsync("plan").out


def test_safe_only_needs_somebody_s_yes_too(applied: Path, pmsync: Call) -> None:
    change_a_file(applied)
    remove_a_dataset(applied)
    ended = pmsync("apply", "--safe-only", stdin="yes\n" * 10)
    assert ended.code == 3
    assert "--auto-approve" in ended.err
    assert "1 to upload" in pmsync("plan").out


def test_safe_only_runs_the_rest_and_lists_what_is_pending(applied: Path, pmsync: Call) -> None:
    change_a_file(applied)
    remove_a_dataset(applied)
    ended = pmsync("apply", "--safe-only", "--auto-approve")
    assert ended.code == 0
    assert "1 done, 1 pending" in ended.out
    assert pmsync("apply", "--safe-only").code == 0, "nothing is ready, so nobody need be asked"


def test_what_is_blocked_stops_everything_and_json_is_complete(applied: Path, pmsync: Call) -> None:
    change_a_file(applied)
    remove_a_dataset(applied)
    ended = pmsync("apply", "--auto-approve", "--format", "json")
    assert ended.code == 3
    assert json.loads(ended.out)["error"]["exitCode"] == 3
    assert pmsync("apply", "--auto-approve", "--allow", "delete:returns").code == 0


def test_a_blocked_apply_names_every_obstacle_and_its_ways_out_in_json(applied: Path, pmsync: Call) -> None:
    remove_a_dataset(applied)
    ended = pmsync("apply", "--auto-approve", "--format", "json")
    (obstacle,) = json.loads(ended.out)["blocked"]
    assert obstacle["address"] == "returns"
    assert obstacle["code"] == "consent"
    assert obstacle["waysOut"][0]["command"] == "pmsync apply -e local --allow delete:returns"


def test_a_pasted_approval_lets_the_change_run(applied: Path, pmsync: Call) -> None:
    remove_a_dataset(applied)
    shown = pmsync("plan").out.splitlines()
    first = shown.index("  apiVersion: pmsync/v1")
    block = [line.removeprefix("  ") for line in shown[first : shown.index("", first)]]
    (applied / "approvals.yaml").write_text("\n".join(block) + "\n", encoding="utf-8")
    ended = pmsync("apply", "--auto-approve")
    assert (ended.code, "deleted returns" in ended.out + ended.err) == (0, True)


def test_dry_run_is_plan(project: Path, pmsync: Call) -> None:
    assert pmsync("apply", "--dry-run").out == pmsync("plan").out


def test_a_saved_plan_is_applied_without_a_question(project: Path, pmsync: Call) -> None:
    pmsync("plan", "--out", "p.json")
    assert pmsync("apply", "p.json").code == 0
    again = pmsync("apply", "p.json")
    assert again.code == 0, "what remains of it is nothing"


def test_a_stale_plan_is_exit_6_with_the_difference(applied: Path, pmsync: Call) -> None:
    change_a_file(applied)
    pmsync("plan", "--out", "p.json")
    change_a_file(applied)
    ended = pmsync("apply", "p.json")
    assert ended.code == 6
    assert "orders-2025.csv" in ended.err
    assert pmsync("apply", "--expect", "sha256:0").code == 6


def test_an_expected_digest_is_an_approval(project: Path, pmsync: Call) -> None:
    digest = json.loads(pmsync("plan", "--format", "json").out)["digest"]
    assert pmsync("apply", "--expect", digest).code == 0


def test_two_bounds_are_exit_64(project: Path, pmsync: Call) -> None:
    pmsync("plan", "--out", "p.json")
    assert pmsync("apply", "p.json", "--expect", "sha256:0").code == 64
    assert pmsync("apply", "p.json", "--no-data").code == 64


def test_a_report_as_json_carries_the_ids_and_the_digest(project: Path, pmsync: Call) -> None:
    planned = json.loads(pmsync("plan", "--format", "json").out)
    read = json.loads(pmsync("apply", "--auto-approve", "--format", "json").out)
    assert read["exitCode"] == 0
    assert read["digest"] == planned["digest"]
    assert all(one["liveId"] for one in read["results"] if one["change"]["action"] == "create")


# a real tenant's rules, without one


CLOUD = """
apiVersion: pmsync/v1
project: p
environments:
  dev: {tenantId: 0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10}
  prod: {tenantId: 7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11, apiUrl: "https://evil.example"}
"""


@pytest.fixture
def cloud(project: Path) -> Path:
    (project / "pmsync.yaml").write_text(CLOUD, encoding="utf-8")
    for path in (project / "manifests").iterdir():
        text = path.read_text(encoding="utf-8").replace("${data}", "data")
        path.write_text(text, encoding="utf-8")
    return project


def test_without_a_key_is_exit_8(cloud: Path, pmsync: Call) -> None:
    ended = pmsync("plan", "-e", "dev")
    assert ended.code == 8
    assert "PMSYNC_API_KEY_DEV" in ended.err


def test_a_host_that_only_the_repository_names_is_exit_3(cloud: Path, pmsync: Call) -> None:
    ended = pmsync("plan", "-e", "prod", env={"PMSYNC_API_KEY": "k3y-that-is-secret"})
    assert ended.code == 3
    assert "evil.example" in ended.err
    assert "k3y-that-is-secret" not in ended.out + ended.err


def test_an_environment_that_must_be_named_is_exit_64(cloud: Path, pmsync: Call) -> None:
    assert pmsync("plan").code == 64
    assert pmsync("plan", "-e", "nope").code == 64
    assert pmsync("plan", env={"PMSYNC_ENV": "dev"}).code == 8


@pytest.mark.parametrize("command", [["plan"], ["apply", "--auto-approve"], ["apply", "--dry-run"]])
@pytest.mark.parametrize("flag", ["--select", "--exclude"])
def test_a_selector_that_fits_nothing_is_exit_64(
    project: Path, pmsync: Call, command: list[str], flag: str
) -> None:
    ended = pmsync(*command, flag, "retuns")
    assert (ended.code, ended.out) == (64, "")
    assert f"{flag} 'retuns' fits nothing" in ended.err
    assert "did you mean 'returns'?" in ended.err


def test_a_consent_that_fits_nothing_is_a_warning(project: Path, pmsync: Call) -> None:
    ended = pmsync("plan", "--allow", "delete:retuns")
    assert ended.code == 0
    assert "warning: --allow 'delete:retuns' fits nothing (did you mean 'returns'?)" in ended.err


def test_a_saved_plan_may_be_repeated_when_what_it_selected_is_gone(applied: Path, pmsync: Call) -> None:
    remove_a_dataset(applied)
    saved = ["--select", "returns", "--allow", "delete:returns", "--out", "p.json"]
    assert pmsync("plan", *saved).code == 0
    assert pmsync("apply", "p.json", "--auto-approve").code == 0
    assert pmsync("apply", "p.json", "--auto-approve").code == 0
    assert pmsync("plan", "--select", "returns").code == 64


# the rest


def test_ls_shows_what_is_there(applied: Path, pmsync: Call) -> None:
    ended = pmsync("ls")
    assert ended.code == 0
    assert "Order to Cash" in ended.out
    assert "4 managed" in ended.out
    assert {one["standing"] for one in json.loads(pmsync("ls", "--format", "json").out)["things"]} == {
        "managed"
    }


@pytest.mark.parametrize("manifest", [None, "apiVersion: pmsync/v1\ndatasets: {A: {}}\n"])
def test_ls_needs_no_manifest(applied: Path, pmsync: Call, manifest: str | None) -> None:
    for path in (applied / "manifests").iterdir():
        path.unlink()
    if manifest:
        (applied / "manifests" / "m.yaml").write_text(manifest)
    ended = pmsync("ls")
    assert (ended.code, "4 managed." in ended.out) == (0, True)
    assert "in the manifests (pmsync validate)" in ended.err


def test_what_only_looks_takes_the_default_environment(cloud: Path, pmsync: Call) -> None:
    with (cloud / "pmsync.yaml").open("a") as file:
        file.write("  local: {tenant: emulator, default: true}\n")
    for command in (["ls"], ["export"]):
        assert pmsync(*command).code == 0
    assert pmsync("plan").code == 64


def test_export_prints_manifests(applied: Path, pmsync: Call) -> None:
    ended = pmsync("export")
    assert ended.code == 0
    assert ended.out.startswith("apiVersion: pmsync/v1\n")
    assert "Order events" in ended.out


def test_the_state_can_be_looked_at_and_changed(applied: Path, pmsync: Call) -> None:
    assert "order-to-cash.events/orders-2024.csv" in pmsync("state", "list").out
    assert json.loads(pmsync("state", "show", "returns", "--format", "json").out)["kind"] == "dataset"
    assert pmsync("state", "show", "nothing").code == 3
    live = json.loads(pmsync("state", "show", "returns", "--format", "json").out)["id"]
    assert pmsync("state", "forget", "returns").code == 0
    assert "! returns" in pmsync("plan").out, "nobody manages it now: it can be adopted"
    assert pmsync("import", "returns", live).code == 0
    assert pmsync("state", "accept", "returns.events").code == 0
    assert pmsync("state", "unprotect", "returns").code == 0
    assert pmsync("state", "move", "order-to-cash", "o2c").code == 0


def test_destroy_needs_the_environment_s_name(applied: Path, pmsync: Call) -> None:
    assert pmsync("destroy").code == 3
    assert pmsync("destroy", "--confirm", "prod").code == 3
    assert "delete" in pmsync("plan", "--destroy").out
    ended = pmsync("destroy", "--confirm", "local")
    assert ended.code == 0
    assert "deleted" in ended.out + ended.err
    assert json.loads(pmsync("ls", "--format", "json").out)["things"] == []


def test_the_demo_runs_the_main_job_and_leaves_nothing(tmp_path: Path, pmsync: Call) -> None:
    (tmp_path / "temporary").mkdir()
    ended = pmsync("demo", env={"TMPDIR": str(tmp_path / "temporary"), "PMSYNC_ENV": "prod"})
    assert ended.code == 0
    for words in (
        "8 done",
        "converged",
        "No changes.",
        "1 to upload",
        "needs your consent to delete",
        "deleted returns",
    ):
        assert words in ended.out + ended.err, words
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_demo_s_folder_can_be_kept(tmp_path: Path, pmsync: Call) -> None:
    ended = pmsync("demo", "--keep", env={"TMPDIR": str(tmp_path)})
    folder = ended.out.splitlines()[-1].removeprefix("This one is in ")
    assert os.path.isfile(os.path.join(folder, "pmsync.yaml"))


# as programs


def test_the_main_job_as_a_program(tmp_path: Path, program: Call) -> None:
    assert program("init").code == 0
    assert program("plan", "--detailed-exitcode").code == 2
    ended = program("apply", "--auto-approve")
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "converged")
    assert "uploaded" in ended.err
    remove_a_dataset(tmp_path)
    ended = program("apply", "--auto-approve", "--format", "json")
    assert ended.code == 3
    assert json.loads(ended.out)["error"]["kind"] == "Refused"
    assert "reading the tenant" in ended.err


def test_a_manifest_that_cannot_be_right_as_a_program(tmp_path: Path, program: Call) -> None:
    program("init")
    (tmp_path / "manifests" / "returns.yaml").write_bytes(b"\xff\x00")
    ended = program("plan")
    assert (ended.code, ended.out) == (7, "")
    assert "manifests/returns.yaml" in ended.err
    assert "Traceback" not in ended.err


def test_the_emulator_answers_until_it_is_stopped(tmp_path: Path, environ: dict[str, str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "pmsync", "emulator", "start"],
        cwd=tmp_path,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "emulator, nothing real is touched\n"
    url = process.stdout.readline().split()[-1]
    request = urllib.request.Request(f"{url}/tenant/any/datasets", headers={"x-api-key": "pmsync-local"})
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer) == []
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_a_completion_script(pmsync: Call, shell: str) -> None:
    ended = pmsync("completion", shell)
    assert (ended.code, ended.err) == (0, "")
    assert "_PMSYNC_COMPLETE" in ended.out
    assert "%(" not in ended.out


def test_the_emulator_takes_its_options_or_says_why_not(tmp_path: Path, pmsync: Call) -> None:
    (tmp_path / "seed.json").write_text("[]")
    ended = pmsync("emulator", "start", "--seed", "seed.json")
    assert ended.code == 64
    assert "seed.json" in ended.err
