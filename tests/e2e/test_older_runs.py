"""What an old job, a copied project or a forged state makes the real command send: nothing.

Real Git repositories, a real emulator as the tenant behind the API.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ONE = "  o2c:\n    datatables:\n      events: {sources: [a.csv]}\n"
MONDAY, TUESDAY, WEDNESDAY = (1_700_000_000 + day * 86_400 for day in range(3))


@pytest.fixture
def history(repo: Any, csv: Any) -> Any:
    """A repository in Git whose commit of Monday holds three rows and was applied."""
    _git(repo.root, "init", "-q", "-b", "main")
    repo.declare(ONE)
    repo.monday = _committed(repo, csv(3), MONDAY)
    assert repo.apply("--new-state").code == 0
    return repo


def _git(root: Path, *words: str, at: int = MONDAY) -> str:
    who = {
        f"GIT_{one}_{what}": "t@example.com" for one in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    when = {"GIT_AUTHOR_DATE": f"{at} +0000", "GIT_COMMITTER_DATE": f"{at} +0000"}
    env = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **who,
        **when,
    }
    done = subprocess.run(["git", "-C", root, *words], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _committed(repo: Any, content: str, at: int) -> str:
    repo.write("a.csv", content)
    _git(repo.root, "add", "pmsync.yaml", "manifests", "a.csv")
    _git(repo.root, "commit", "-q", "-m", "x", at=at)
    return _git(repo.root, "rev-parse", "HEAD")


def test_a_second_apply_of_last_weeks_commit_sends_nothing(history, csv):
    _committed(history, csv(5), TUESDAY)
    assert history.apply().code == 0
    _git(history.root, "checkout", "-q", history.monday)

    ran: list[Any] = []
    assert set(history.requests_of(lambda: ran.append(history.apply()))) == {"GET"}

    assert ran[0].code == 6
    assert "was applied after this one" in ran[0].text
    assert "--older" in ran[0].text
    assert history.rows_of("events") == 5
    assert history.apply("--older").code == 0
    assert history.rows_of("events") == 3


def test_a_plan_of_last_weeks_commit_says_that_apply_would_stop(history, csv):
    _committed(history, csv(5), TUESDAY)
    history.apply()
    _git(history.root, "checkout", "-q", history.monday)
    ran = history.pmsync("plan")
    assert (ran.code, "apply stops with exit 6" in ran.stderr) == (0, True)


def test_a_newer_commit_of_another_branch_wins(history, csv):
    _git(history.root, "checkout", "-q", "-b", "hotfix")
    _committed(history, csv(7), WEDNESDAY)
    assert history.apply().code == 0
    assert history.rows_of("events") == 7


def test_a_descendant_wins_whatever_its_clock_said(history, csv):
    _committed(history, csv(7), MONDAY - 500)
    assert history.apply().code == 0
    assert history.rows_of("events") == 7


def test_a_shallow_clone_knows_no_descent(history, csv):
    newest = _committed(history, csv(7), MONDAY - 500)
    _git(history.root, "checkout", "-q", newest)
    (history.root / ".git" / "shallow").write_text(f"{newest}\n", encoding="utf-8")
    assert history.apply().code == 6


def test_without_git_the_rule_is_off(history, csv):
    _committed(history, csv(5), TUESDAY)
    history.apply()
    (history.root / ".git").rename(history.root / "git")
    history.write("a.csv", csv(3))
    ran = history.apply()
    assert (ran.code, "age of this commit" in ran.text) == (0, False)


def test_a_machine_without_git_says_that_the_rule_is_off(history, csv, tmp_path):
    history.write("a.csv", csv(5))
    ran = history.pmsync("apply", "--auto-approve", env={"PATH": str(tmp_path)})
    assert ran.code == 0
    assert "git is not installed" in ran.stderr


def test_the_commit_is_kept_with_its_time(history):
    (found,) = [json.loads(path.read_text("utf-8")) for path in _states(history)]
    assert history.monday in json.dumps(found)


def _states(repo: Any) -> list[Path]:
    return [path for path in repo.root.parent.rglob("state.json") if path.is_file()]


# a copied project, with other datasets


def test_a_copied_project_with_other_datasets_sends_nothing(repo, csv):
    repo.write("a.csv", csv(3))
    repo.declare(ONE + "  p2p: {}\n  r2r: {}\n")
    assert repo.apply("--new-state").code == 0
    repo.declare("  mine: {datatables: {events: {sources: [a.csv]}}}\n")

    ran: list[Any] = []
    assert set(repo.requests_of(lambda: ran.append(repo.apply("--allow", "delete:o2c")))) == {"GET"}

    assert ran[0].code == 3
    assert "no longer declared" in ran[0].text
    assert "--allow 'delete:*'" in ran[0].text


def test_manifests_that_declare_nothing_name_destroy(repo, csv):
    repo.declare(ONE)
    repo.write("a.csv", csv(3))
    repo.apply("--new-state")
    repo.write("manifests/m.yaml", "apiVersion: pmsync/v1\ndatasets: {}\n")
    ran = repo.apply("--allow", "delete:*")
    assert (ran.code, "destroy" in ran.text) == (7, True)


def test_two_projects_of_one_name_in_one_work_tree_are_told_apart(repo, csv):
    _git(repo.root, "init", "-q", "-b", "main")
    repo.write("sales/pmsync.yaml", (repo.root / "pmsync.yaml").read_text())
    os.unlink(repo.root / "pmsync.yaml")
    repo.write("hr/pmsync.yaml", (repo.root / "sales/pmsync.yaml").read_text())
    for folder in ("sales", "hr"):
        repo.write(f"{folder}/manifests/m.yaml", f"apiVersion: pmsync/v1\ndatasets: {{{folder}: {{}}}}\n")
    assert repo.pmsync("-C", "sales", "-e", "dev", "apply", "--auto-approve", "--new-state").code == 0

    ran = repo.pmsync("-C", "hr", "-e", "dev", "plan")

    assert ran.code == 7
    assert "hr/pmsync.yaml: error[PM117]: sales/pmsync.yaml in this work tree" in ran.stderr
    assert "project: name of its own" in ran.stderr


def test_a_project_that_moved_is_no_second_one(repo, csv):
    _git(repo.root, "init", "-q", "-b", "main")
    repo.declare("  o2c: {}\n")
    assert repo.pmsync("-e", "dev", "apply", "--auto-approve", "--new-state").code == 0
    (repo.root / "sales").mkdir()
    for name in ("pmsync.yaml", "manifests"):
        (repo.root / name).rename(repo.root / "sales" / name)
    ran = repo.pmsync("-C", "sales", "-e", "dev", "plan")
    assert (ran.code, "pmsync state rebind" in ran.stderr) == (3, True)


# a forged state


def _forged(repo: Any, edit: Any) -> None:
    (path,) = _states(repo)
    state = json.loads(path.read_text("utf-8"))
    edit(state)
    path.write_text(json.dumps(state), encoding="utf-8")


def _theirs(repo: Any) -> tuple[str, str]:
    """Somebody's dataset with rows in it: its id, and its datatable's."""
    node = repo.live.create_node("Payroll")
    table = repo.live.create_datatable(node.id, "Salaries")
    repo.by_hand.add_rows(table.id, 40)
    return node.id, table.id


def test_a_state_that_calls_a_strangers_datatable_ours_gets_nothing_sent_into_it(repo, csv):
    repo.write("a.csv", csv(3))
    repo.declare(ONE)
    repo.apply("--new-state")
    dataset, table = _theirs(repo)
    names = [("datasets", "o2c", dataset, "Payroll"), ("datatables", "o2c.events", table, "Salaries")]

    def edit(state: Any) -> None:
        for shelf, address, live_id, name in names:
            state[shelf][address] |= {"id": live_id, "displayName": name}

    _forged(repo, edit)
    repo.write("a.csv", csv(5))

    def run() -> None:
        for flags in ((), ("--safe-only",), ("--safe-only", "--reupload", "o2c.events/a.csv")):
            repo.apply(*flags)

    assert set(repo.requests_of(run)) == {"GET"}
    assert "the state may point at somebody else's data" in repo.pmsync("plan").stdout.replace("\n", " ")


def test_a_state_that_calls_a_strangers_dataset_an_old_half_gets_nothing_deleted(repo, csv):
    repo.write("a.csv", csv(3))
    repo.declare(ONE)
    repo.apply("--new-state")
    dataset, _ = _theirs(repo)

    def edit(state: Any) -> None:
        half = {"id": dataset, "address": "o2c", "displayName": "Payroll", "folder": [], "origin": "created"}
        state["datasets"]["o2c"]["superseded"] = {
            **half,
            "retain": False,
            "reverted": False,
            "datatables": {},
            "uploads": {},
        }

    _forged(repo, edit)

    ran: list[Any] = []
    assert set(repo.requests_of(lambda: ran.append(repo.apply("--safe-only")))) == {"GET"}

    assert ran[0].code == 0, ran[0].text
    assert "converged, except" in ran[0].text
    assert "consent: replace" in repo.pmsync("plan").stdout
