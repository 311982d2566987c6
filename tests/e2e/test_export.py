"""`export` of a tenant whose names hold anything: what it prints is valid, and a plan after it only adopts."""

import pytest

HOSTILE = [
    "Sales ${x}",
    "$${x}",
    "$$${x}",
    "${",
    "${${a}}",
    "$",
    "a$",
    "{{ x }}",
    "Größe: 012",
    "012",
    "NO",
    "yes",
    "null",
    "~",
    "1e3",
    "0x1F",
    "12:30:45",
    "2024-01-01",
    "=",
    "<<",
    "- a",
    "? b",
    ": c",
    "# d",
    "a # b",
    "a: b",
    "a:",
    "[x]",
    "{y: 1}",
    "&anchor",
    "*alias",
    "!tag",
    "!!python/object:os.system",
    "|",
    ">-",
    "%TAG",
    "@at",
    "`tick`",
    "'single'",
    '"double"',
    "back\\slash",
    "\\n no line break",
    " leading",
    "trailing ",
    "two  blanks",
    "---",
    "...",
    "a/b",
    "//",
    "日本語",
    "🧪 emoji",
    "e\u0301 composed",
    "\u202e reversed",
    "zero\u200bwidth",
    "\ufeffmark",
    "##[error] x",
    "::error:: y",
    "##teamcity[z]",
    "o2c",
    "O2C",
    "x" * 255,
]
UNSAYABLE = ["x" * 256, "line\nbreak", "tab\t", "\x1b[31m", "   ", "\u2028", "\x85", "nul\0"]


@pytest.mark.parametrize("shown", [True, False], ids=["tree shown", "tree hidden"])
def test_whatever_the_names_hold_a_plan_after_export_only_adopts(make_repo, start_emulator, shown):
    repo = make_repo(emulator=start_emulator(show_tree=shown))
    repo.project()
    folder = repo.live.create_node("Fin/ance ${x}", kind="TreeGroup")
    inner = repo.live.create_node("# a: b ", kind="TreeGroup", parent_id=folder.id)
    places = [None, folder.id, inner.id]
    for number, name in enumerate([*HOSTILE, *UNSAYABLE]):
        node = repo.live.create_node(name, parent_id=places[number % 3])
        repo.live.create_datatable(node.id, name)
    for _ in range(2):
        repo.live.create_node("twin")
    if shown:
        odd = [repo.live.create_node(name, kind="TreeGroup") for name in ("two", "two", "a", "c\nd")]
        slash = repo.live.create_node("/x", kind="TreeGroup", parent_id=odd[2].id)
        for number, one in enumerate((odd[0], slash, odd[3])):
            repo.live.create_node(f"inside {number}", parent_id=one.id)
    (repo.root / "manifests").mkdir()
    ran = repo.pmsync("-qq", "export", "--out", "manifests/exported.yaml")
    assert (ran.code, ran.text) == (0, "")
    text = (repo.root / "manifests/exported.yaml").read_text(encoding="utf-8")
    assert text.count("# left out: dataset") == len(UNSAYABLE) + (5 if shown else 2)
    assert repo.pmsync("validate").code == 0
    changes = repo.plan()["changes"]
    things = [change for change in changes if not change["address"].startswith("folder:")]
    assert {change["action"] for change in things} == {"adopt"}
    assert {change["action"] for change in changes} <= {"adopt", "record"}, "a folder is used as it is"
    kinds = ["." in change["address"] for change in things]
    assert (kinds.count(False), kinds.count(True)) == (len(HOSTILE), len(HOSTILE))
    assert repo.apply("--new-state", "--allow", "adopt:*").code == 0
    assert repo.steps() == []


def test_export_overwrites_a_file_only_by_force(repo):
    repo.live.create_node("Mine")
    mine = repo.write("mine.yaml", "mine\n")
    ran = repo.pmsync("export", "--out", "mine.yaml")
    assert (ran.code, mine.read_text()) == (64, "mine\n")
    assert "--force" in ran.stderr
    (repo.root / "link.yaml").symlink_to("mine.yaml")
    assert repo.pmsync("export", "--out", "link.yaml").code == 64
    assert repo.pmsync("export", "--out", "+mine.yaml").code == 64
    assert repo.pmsync("export", "--force", "--out", "mine.yaml").code == 0
    assert "Mine" in mine.read_text()
    assert repo.pmsync("export", "--out", "/dev/stdout").stdout == mine.read_text()


def test_a_team_without_manifests_is_led_to_its_first_one(repo):
    repo.live.create_node("Mine")
    fresh = repo.pmsync("plan")
    assert fresh.code == 7
    assert "pmsync export writes a first one" in " ".join(fresh.text.split())
    ran = repo.pmsync("export", "--out", "my manifests/m.yaml")
    assert ran.code == 1
    assert "mkdir -p 'my manifests'" in ran.stderr
    assert repo.pmsync("export", "--out", "/dev/full/m.yaml").stderr.count("mkdir") == 0


def test_export_of_a_managed_tenant_changes_nothing(repo, csv):
    repo.declare("  a: {displayName: A a, protect: true, datatables: {t: {}}}\n  b: {onRemoval: retain}\n")
    assert repo.apply("--new-state").code == 0
    repo.live.create_node("b")
    assert repo.pmsync("export", "--force", "--out", "manifests/m.yaml").code == 0
    assert repo.steps() == []
