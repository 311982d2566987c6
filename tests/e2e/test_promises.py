"""What users must be able to say: nothing doubled, nothing deleted, nothing taken over."""

import json
import shutil

import pytest

ONE = "  o2c:\n    folder: Fin/Rec\n    datatables:\n      events: {sources: [a.csv]}\n      lookup: {}\n"


@pytest.fixture
def converged(repo, csv):
    repo.write("a.csv", csv(3))
    repo.declare(ONE)
    ran = repo.apply("--new-state")
    assert ran.code == 0, ran.text
    assert "converged" in ran.stdout
    return repo


def test_plan_sends_gets_only(repo, csv):
    repo.write("a.csv", csv(3))
    repo.declare(ONE)
    for words in (("plan",), ("plan", "--out", "p.json"), ("apply", "--dry-run", "--new-state")):
        assert set(repo.requests_of(lambda words=words: repo.pmsync(*words))) == {"GET"}
    assert not [one.path for one in repo.emulator.history.since(0) if "presignedurl" in one.path]
    assert not repo.state_folder.exists(), "nor is there a state or a lock now"


def test_a_second_apply_sends_three_gets_at_most(converged):
    assert converged.requests_of(converged.apply) == ["GET", "GET"]


def test_a_plan_in_sync_sends_two_requests(converged):
    assert converged.requests_of(lambda: converged.pmsync("plan")) == ["GET", "GET"]


def test_dry_run_is_plan(repo, csv):
    repo.write("a.csv", csv(3))
    repo.declare(ONE)
    dry, plan = repo.pmsync("apply", "--dry-run"), repo.pmsync("plan")
    assert (dry.code, dry.stdout) == (plan.code, plan.stdout)


def test_everything_works_where_the_tree_is_shown(make_repo, start_emulator, csv):
    repo = make_repo(emulator=start_emulator(show_tree=True))
    repo.project()
    repo.write("a.csv", csv(3))
    repo.declare(ONE)
    assert repo.apply("--new-state").code == 0
    assert repo.steps() == []


def test_a_touched_file_is_nothing(converged):
    file = converged.root / "a.csv"
    file.touch()
    assert converged.steps() == []


def test_a_renamed_file_is_not_sent_again(converged, csv):
    (converged.root / "a.csv").rename(converged.root / "b.csv")
    converged.declare(ONE.replace("a.csv", "b.csv"))
    assert converged.reasons() == {"o2c.events/b.csv": "name-changed"}
    requests = converged.requests_of(converged.apply)
    assert "PUT" not in requests
    assert converged.rows_of("events") == 3


def test_a_same_size_corrected_file_is_sent_once(converged, csv):
    converged.write("a.csv", csv(3, 4))
    requests = converged.requests_of(converged.apply)
    assert requests.count("PUT") == 1
    assert converged.steps() == []
    assert converged.rows_of("events") == 3


@pytest.fixture
def shown(make_repo, start_emulator, csv):
    """Converged, on a tenant that shows its folders."""
    repo = make_repo(emulator=start_emulator(show_tree=True))
    repo.project()
    repo.write("a.csv", csv(3))
    repo.declare(ONE.replace("    folder: Fin/Rec\n", ""))
    assert repo.apply("--new-state").code == 0
    return repo


def test_a_duplicate_dataset_is_a_warning_and_stays(shown):
    shown.live.create_node("o2c")
    ran = shown.pmsync("plan", "--detailed-exitcode")
    assert ran.code == 0
    assert "duplicate dataset" in ran.text
    assert "No changes; 1 duplicate" in ran.stdout
    applied = shown.apply()
    assert applied.code == 0
    assert "converged, except o2c: duplicate dataset" in applied.text
    assert len([one for one in shown.live.nodes() if one.name == "o2c"]) == 2


def test_a_dataset_of_the_same_name_whose_folder_is_hidden_is_a_note(converged):
    converged.live.create_node("o2c")
    ran = converged.pmsync("plan", "--detailed-exitcode")
    assert "duplicate dataset" in ran.stderr
    assert "is in sync" in ran.stdout
    assert "converged, except" not in converged.apply().text


def test_two_twins_before_the_first_run_are_never_guessed_between(repo, csv):
    repo.write("a.csv", csv(3))
    repo.live.create_node("o2c")
    repo.live.create_node("o2c")
    repo.declare(ONE.replace("    folder: Fin/Rec\n", ""))
    assert repo.reasons()["o2c"] == "ambiguous"
    assert repo.apply("--new-state", "--allow", "adopt:*").code == 3


def test_a_colleagues_extra_rows_are_drift_and_stay(converged):
    (events,) = [one for one in converged.live.datatables() if one.name == "events"]
    converged.by_hand.add_rows(events.id, 7)
    plan = converged.plan()
    assert plan["changes"] == []
    assert [line["address"] for line in plan["drift"]] == ["o2c.events"]
    assert converged.apply().code == 0
    assert converged.rows_of("events") == 10
    assert converged.pmsync("state", "accept", "o2c.events").code == 0
    assert converged.plan()["drift"] == []


def test_two_repositories_on_one_tenant_leave_each_other_alone(converged, make_repo, csv):
    other = make_repo("other", converged.emulator)
    other.project()
    other.write("b.csv", csv(5))
    other.declare("  p2p:\n    datatables:\n      log: {sources: [b.csv]}\n")
    assert other.apply("--new-state").code == 0
    assert other.steps() == []
    assert converged.steps() == []
    other.declare("  p3p: {}\n")
    assert other.apply("--allow", "delete:*").code == 0
    assert converged.steps() == []
    assert converged.rows_of("events") == 3


def test_a_second_repository_with_the_same_manifest_takes_over_nothing(converged, make_repo):
    copy = make_repo("copy", converged.emulator)
    copy.api_url = converged.api_url
    for name in ("pmsync.yaml", "a.csv", "manifests"):
        source = converged.root / name
        target = copy.root / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    ran = copy.apply("--new-state")
    assert ran.code == 3
    assert copy.reasons()["o2c"] == "live-unclaimed"
    assert converged.steps() == []


def test_a_lost_state_is_not_a_first_run(converged):
    shutil.rmtree(converged.state_folder)
    ran = converged.apply()
    assert ran.code == 3
    assert "--new-state" in ran.stderr
    assert "state" in converged.pmsync("plan").text


def test_new_state_is_refused_where_there_is_one(converged):
    assert converged.apply("--new-state").code == 3


def test_a_saved_plan_is_applied_only_while_it_is_what_would_run(repo, csv):
    repo.write("a.csv", csv(3))
    repo.declare(ONE)
    assert repo.pmsync("plan", "--new-state", "--out", "plan.json").code == 0
    shown = repo.pmsync("show", "plan.json")
    assert "o2c" in shown.stdout
    assert repo.pmsync("apply", "--auto-approve", "plan.json").code == 0
    assert repo.pmsync("apply", "--auto-approve", "plan.json").code == 0
    repo.write("a.csv", csv(9))
    stale = repo.pmsync("apply", "--auto-approve", "plan.json")
    assert stale.code == 6
    assert "o2c.events/a.csv" in stale.stderr


def test_a_forged_plan_file_can_do_nothing(converged, csv):
    converged.write("a.csv", csv(9))
    assert converged.pmsync("plan", "--out", "plan.json").code == 0
    plan = json.loads((converged.root / "plan.json").read_text())
    plan["changes"][0]["content"] = "0" * 64
    plan["digest"] = "sha256:" + "0" * 64
    plan["structureDigest"] = plan["digest"]
    converged.write("plan.json", json.dumps(plan))
    requests = converged.requests_of(lambda: converged.apply("plan.json"))
    assert set(requests) == {"GET"}
    assert converged.rows_of("events") == 3


def test_an_expected_digest_bounds_an_apply(converged, csv):
    converged.write("a.csv", csv(9))
    digest = converged.plan()["digest"]
    assert converged.apply("--expect", "sha256:" + "1" * 64).code == 6
    assert converged.apply("--expect", digest).code == 0


def test_the_structure_digest_lets_tomorrows_extract_through(converged, csv):
    converged.write("a.csv", csv(9))
    structure = converged.plan()["structureDigest"]
    converged.write("a.csv", csv(11))
    assert converged.apply("--expect", structure).code == 0
    assert converged.rows_of("events") == 11


def test_safe_only_leaves_a_blocked_delete_pending(converged, csv):
    converged.write("b.csv", csv(2))
    converged.declare("  p2p:\n    datatables:\n      log: {sources: [b.csv]}\n")
    ran = converged.apply("--safe-only")
    assert ran.code == 0, ran.text
    assert converged.steps() == ["delete o2c"]


def test_protection_outlives_its_block(repo, csv):
    repo.declare("  o2c: {protect: true}\n  keep: {}\n")
    repo.apply("--new-state")
    repo.declare("  keep: {}\n")
    assert repo.apply("--allow", "delete:o2c").code == 3
    assert repo.pmsync("state", "unprotect", "o2c").code == 0
    assert repo.apply("--allow", "delete:o2c").code == 0


def test_destroy_asks_for_the_environments_name(converged):
    assert converged.pmsync("destroy").code == 3
    assert converged.pmsync("destroy", "--confirm", "prod").code == 3
    ran = converged.pmsync("destroy", "--confirm", "dev")
    assert ran.code == 0, ran.text
    assert [one for one in converged.live.nodes() if one.kind == "Dataset"] == []


def test_export_then_plan_only_adopts(repo, make_repo):
    node = repo.live.create_node("Größe: 012")
    repo.live.create_datatable(node.id, "NO")
    ran = repo.pmsync("export")
    assert ran.code == 0, ran.text
    repo.write("manifests/exported.yaml", ran.stdout)
    actions = {change["action"] for change in repo.plan()["changes"]}
    assert actions == {"adopt"}
    assert repo.apply("--new-state", "--allow", "adopt:*").code == 0
    assert repo.steps() == []


def test_import_takes_a_live_dataset_by_id(repo):
    repo.live.create_node("o2c")
    twin = repo.live.create_node("o2c")
    repo.declare("  o2c: {}\n")
    ran = repo.pmsync("import", "o2c", twin.id, "--new-state")
    assert ran.code == 0, ran.text
    assert repo.steps() == []


def test_ls_tells_managed_from_unmanaged(converged):
    converged.live.create_node("Theirs")
    ran = converged.pmsync("ls")
    assert ran.code == 0
    assert "Theirs" in ran.stdout
    assert "unmanaged" in ran.stdout


def test_a_wrong_key_is_exit_8(converged):
    converged.key = "wrong-key"
    ran = converged.pmsync("plan")
    assert ran.code == 8
    assert "wrong-key" not in ran.text


def test_an_api_url_in_the_repository_gets_no_key(repo):
    file = repo.root / "pmsync.yaml"
    file.write_text(file.read_text().replace(repo.emulator.api_url, "https://evil.example"))
    repo.declare("  o2c: {}\n")
    ran = repo.pmsync("plan")
    assert ran.code == 3
    assert "--api-url" in ran.stderr


def test_very_verbose_output_holds_no_secret(repo, csv):
    repo.write("a.csv", csv(3))
    repo.declare(ONE)
    ran = repo.pmsync("-vv", "apply", "--new-state", "--auto-approve")
    assert ran.code == 0, ran.text
    assert ran.stderr
