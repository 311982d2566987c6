"""pmsync.yaml: found, read, and one of its environments chosen."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pmsync import __version__
from pmsync.errors import InputError, UsageProblem
from pmsync.loading.project import find_config, is_project_of
from pmsync.loading.repository import Wish, load, load_environment
from pmsync.model.project import (
    CloudTenant,
    EmulatedTenant,
    Limits,
    OtherName,
    SameName,
    UploadBehaviour,
    Verify,
)

THREE = (
    "environments:\n  local: {tenant: emulator, default: true}\n  dev: {tenantId: d}\n  prod: {tenantId: p}\n"
)


def test_the_nearest_config_is_found_from_below(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b" / "c"
    inner.mkdir(parents=True)
    (tmp_path / "pmsync.yaml").touch()
    (tmp_path / "a" / "pmsync.yaml").touch()
    (inner / "pmsync.yaml").mkdir()
    assert find_config(str(inner)) == str(tmp_path / "a" / "pmsync.yaml")


@pytest.mark.parametrize(
    ("path", "name", "is_one"),
    [
        ("hr/pmsync.yaml", "mine", True),
        ("hr/pmsync.yaml", "other", False),
        ("hr/pmsync.yaml", ": broken", False),
        ("hr/gone.yaml", "mine", False),
        ("sales/pmsync.yaml", "mine", False),  # itself
        ("../work/hr/pmsync.yaml", "mine", False),
        ("/hr/pmsync.yaml", "mine", False),
    ],
)
def test_another_project_of_the_name_is_looked_for_in_the_work_tree_alone(
    tmp_path: Path, path: str, name: str, is_one: bool
) -> None:
    for folder, project in (("sales", "mine"), ("hr", name)):
        (tmp_path / "work" / folder / "manifests").mkdir(parents=True)
        text = f"apiVersion: pmsync/v1\nproject: {project}\nenvironments: {{a: {{tenant: emulator}}}}\n"
        (tmp_path / "work" / folder / "pmsync.yaml").write_text(text)
    (tmp_path / "work" / ".git").mkdir()
    project, _ = load_environment(str(tmp_path / "work/sales/pmsync.yaml"), Wish())
    assert is_project_of(project, path) is is_one


@pytest.mark.parametrize("git", ["folder", "file"])
def test_the_search_ends_at_the_root_of_the_git_work_tree(tmp_path: Path, git: str) -> None:
    inner = tmp_path / "clone" / "below"
    inner.mkdir(parents=True)
    (tmp_path / "pmsync.yaml").touch()
    root = tmp_path / "clone" / ".git"
    root.mkdir() if git == "folder" else root.touch()
    with pytest.raises(InputError) as caught:
        find_config(str(inner))
    assert [one.code for one in caught.value.diagnostics] == ["PM101"]
    (tmp_path / "clone" / "pmsync.yaml").touch()
    assert find_config(str(inner)) == str(tmp_path / "clone" / "pmsync.yaml")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_one_above_that_belongs_to_somebody_else_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "pmsync.yaml").touch()
    os.chown(tmp_path / "pmsync.yaml", 4321, 4321)
    with pytest.raises(InputError) as caught:
        find_config(str(tmp_path / "mine"))
    assert [one.code for one in caught.value.diagnostics] == ["PM116"]
    assert "--config" in str(caught.value.diagnostics[0])
    assert find_config(str(tmp_path)) == str(tmp_path / "pmsync.yaml")
    os.chown(tmp_path / "mine", 4321, 4321)
    assert find_config(str(tmp_path / "mine")) == str(tmp_path / "pmsync.yaml")


@pytest.mark.parametrize("target", ["../outside.yaml", ".git/config", "nowhere.yaml"])
def test_a_config_that_is_a_link_out_of_the_project_is_not_read(tmp_path: Path, target: str) -> None:
    (tmp_path / "outside.yaml").write_text("secret: hunter2\n")
    (tmp_path / "project" / ".git").mkdir(parents=True)
    (tmp_path / "project" / ".git" / "config").write_text("secret: hunter2\n")
    (tmp_path / "project" / "pmsync.yaml").symlink_to(target)
    with pytest.raises(InputError) as caught:
        load(find_config(str(tmp_path / "project")), Wish())
    (one,) = caught.value.diagnostics
    assert one.code == {"../outside.yaml": "PM021", ".git/config": "PM035"}.get(target, "PM001")
    assert "hunter2" not in str(one)


def test_no_config_up_to_the_root_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        find_config(str(tmp_path))
    assert [one.code for one in caught.value.diagnostics] == ["PM101"]


def test_a_working_folder_that_was_removed_has_no_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(InputError) as caught:
        find_config(".")
    assert [one.code for one in caught.value.diagnostics] == ["PM101"]


def test_a_config_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    for read in (load, load_environment):
        with pytest.raises(InputError) as caught:
            read(str(tmp_path / "other.yaml"), Wish())
        assert [f"{one.location} {one.code}" for one in caught.value.diagnostics] == ["other.yaml PM001"]


def test_a_config_may_have_another_name(repository: Callable[..., Any]) -> None:
    made = repository()
    (made.root / "pmsync.yaml").rename(made.root / "ci.yaml")
    project, _ = load_environment(str(made.root / "ci.yaml"), Wish())
    assert (project.root, str(project.location)) == (str(made.root), "ci.yaml:1:1")


def test_everything_an_environment_can_say(repository: Callable[..., Any]) -> None:
    project = """\
variables:
  data: {default: data, description: folder of the extracts}
  bare:
environments:
  prod:
    tenantId: 7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11
    apiUrl: http://127.0.0.1:8000/api
    namePrefix: "[p] "
    protect: true
    default: true
    state: file
    limits: {maxDeletes: 01, maxUploadBytes: 50 GiB}
    uploads: {sameName: appends, otherName: replaces}
    verify: {rows: false, timeout: 2h}
    variables: {data: data/prod}
"""
    loaded = repository(project=project).load()
    said = loaded.environment
    assert said.tenant == CloudTenant(
        tenant_id="7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11", api_url="http://127.0.0.1:8000/api"
    )
    assert (said.name, said.name_prefix, said.protect, said.default) == ("prod", "[p] ", True, True)
    assert said.limits == Limits(max_deletes=1, max_upload_bytes=50 * 2**30)
    assert said.uploads == UploadBehaviour(same_name=SameName.APPENDS, other_name=OtherName.REPLACES)
    assert said.verify == Verify(rows=False, timeout=7200.0)
    assert said.variables == {"data": "data/prod"}
    assert str(said.location) == "pmsync.yaml:7:3"
    variable = loaded.project.variables["data"]
    assert (variable.default, variable.description) == ("data", "folder of the extracts")
    assert loaded.project.variables["bare"].default is None
    assert loaded.manifest.datasets["fine"].display_name == "[p] fine"


def test_what_is_not_said_has_its_default(repository: Callable[..., Any]) -> None:
    made = repository(project="environments: {a: {tenantId: x}, b: {tenant: emulator}}\n")
    project, a = load_environment(str(made.root / "pmsync.yaml"), Wish(environment="a"))
    b = project.environments["b"]
    assert project.manifests == ("manifests",)
    assert (a.limits, a.uploads, a.verify) == (Limits(), UploadBehaviour(), Verify())
    assert b.tenant == EmulatedTenant()
    assert b.uploads == UploadBehaviour(same_name=SameName.REPLACES, other_name=OtherName.ADDS)


def test_the_embedded_tenant_does_what_is_stated(repository: Callable[..., Any]) -> None:
    made = repository(project="environments: {b: {tenant: emulator, uploads: {sameName: unknown}}}\n")
    uploads = made.load().environment.uploads
    assert uploads == UploadBehaviour(same_name=SameName.UNKNOWN, other_name=OtherName.ADDS)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1024", 1024),
        ('"7"', 7),
        ("5 B", 5),
        ("500 MB", 500 * 10**6),
        ("1kB", 1000),
        ("2 TiB", 2**41),
    ],
)
def test_sizes(repository: Callable[..., Any], text: str, size: int) -> None:
    made = repository(
        project=f"environments: {{a: {{tenant: emulator, limits: {{maxUploadBytes: {text}}}}}}}\n"
    )
    assert made.load().environment.limits.max_upload_bytes == size


@pytest.mark.parametrize(
    ("text", "share"),
    [("50%", 0.5), ("0%", 0.0), ("100 %", 1.0), ("12.5%", 0.125), ("off", math.inf), ('"20%"', 0.2)],
)
def test_shares(repository: Callable[..., Any], text: str, share: float) -> None:
    made = repository(
        project=f"environments: {{a: {{tenant: emulator, limits: {{maxRowDrop: {text}}}}}}}\n",
        manifest=f"datasets:\n  d: {{datatables: {{t: {{checks: {{maxRowDrop: {text}}}}}, u: {{}}}}}}\n",
    ).load()
    assert made.environment.limits.max_row_drop == share
    tables = made.manifest.datasets["d"].datatables
    assert [table.max_row_drop for table in tables.values()] == [share, None]


def test_half_of_the_rows_may_go_where_nothing_is_said(repository: Callable[..., Any]) -> None:
    assert repository(project=THREE).load(Wish(environment="dev")).environment.limits.max_row_drop == 0.5


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90.0), ("10m", 600.0), ('"2h"', 7200.0), ("7d", 604800.0)]
)
def test_durations(repository: Callable[..., Any], text: str, seconds: float) -> None:
    made = repository(project=f"environments: {{a: {{tenant: emulator, verify: {{timeout: {text}}}}}}}\n")
    assert made.load().environment.verify.timeout == seconds


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("limits: {maxDeletes: '1'}", "PM017"),
        ("limits: {maxDeletes: 1e3}", "PM017"),
        ("limits: {maxDeletes: 99999999999999999999}", "PM017"),
        ("limits: {maxDeletes: ٣}", "PM017"),
        ("limits: {maxDeletes: [1]}", "PM017"),
        ("limits: {maxUploadBytes: [1]}", "PM017"),
        ("limits: {maxRowDrop: 50}", "PM017"),
        ("limits: {maxRowDrop: 101%}", "PM017"),
        ("limits: {maxRowDrop: -5%}", "PM017"),
        ("limits: {maxRowDrop: 'off'}", "PM017"),
        ("limits: {maxRowDrop: [off]}", "PM017"),
        ("verify: {timeout: 0s}", "PM017"),
        ("verify: {timeout: {s: 1}}", "PM017"),
        ("verify: {rows: [true]}", "PM017"),
        ("verify: ", "PM017"),
        ("state: [file]", "PM017"),
        ("tenantId: [a]", "PM017"),
        ("tenantId: a b", "PM103"),
        ("tenantId: ..", "PM103"),
        ("tenantId: a?b", "PM103"),
        ("tenantId: 'a#b'", "PM103"),
        ("apiUrl: [a]", "PM104"),
        ("apiUrl: 'https://'", "PM104"),
        ("apiUrl: 'https://a b'", "PM104"),
        ("apiUrl: 'https://api.processmind.com#x'", "PM104"),
        ("state: az://x", "PM105"),
        ("state: gs://x", "PM105"),
        ("state: ''", "PM105"),
        ("variables: {data: [x]}", "PM017"),
    ],
)
def test_a_field_that_cannot_be(repository: Callable[..., Any], field: str, code: str) -> None:
    tenant = "" if field.startswith("tenantId") else "tenantId: x, "
    made = repository(project=f"variables: {{data: }}\nenvironments: {{a: {{{tenant}{field}}}}}\n")
    assert [found for _, found in made.codes()] == [code]


@pytest.mark.parametrize(
    ("field", "code"),
    [("project: ' '", "PM112"), ('project: "a\\nb"', "PM112"), ('manifests: [" "]', "PM032")],
)
def test_texts_of_the_project_that_cannot_be(repository: Callable[..., Any], field: str, code: str) -> None:
    rest = "" if field.startswith("project") else "project: x\n"
    text = f"apiVersion: pmsync/v1\n{field}\n{rest}environments: {{a: {{tenant: emulator}}}}\n"
    assert [found for _, found in repository({"pmsync.yaml": text}).codes()] == [code]


def test_an_environment_is_named(repository: Callable[..., Any]) -> None:
    made = repository(project=THREE)
    assert made.load(Wish(environment="prod", may_default=False)).environment.name == "prod"
    with pytest.raises(UsageProblem, match="did you mean 'prod'"):
        made.load(Wish(environment="prd"))
    with pytest.raises(UsageProblem, match="local, dev, prod"):
        made.load(Wish(environment="xyz"))


def test_the_default_is_meant_only_where_somebody_looks(repository: Callable[..., Any]) -> None:
    made = repository(project=THREE)
    assert made.load(Wish()).environment.name == "local"
    with pytest.raises(UsageProblem, match="local, dev, prod"):
        made.load(Wish(may_default=False))


def test_the_only_environment_is_meant(repository: Callable[..., Any]) -> None:
    made = repository(project="environments: {only: {tenantId: x}}\n")
    assert made.load(Wish(may_default=False)).environment.name == "only"


def test_several_without_a_default_have_to_be_named(repository: Callable[..., Any]) -> None:
    made = repository(project="environments: {a: {tenantId: x}, b: {tenantId: y}}\n")
    with pytest.raises(UsageProblem, match="no environment selected"):
        made.load(Wish())


def test_no_environment_can_be_missing_where_pmsync_yaml_is_the_problem(
    repository: Callable[..., Any],
) -> None:
    project = "environments: {a: {tenantId: [x]}, b: {tenantId: y}}\nvariables: {v: {default: [x]}, w: [y]}\n"
    manifest = "datasets: {a: {displayName: '${v}${w}${x}', folder: '${v}'}}\n"
    made = repository(project=project, manifest=manifest)
    for wish in (Wish(), Wish(environment="a"), Wish(environment="b"), Wish(variables={"z": "1"})):
        assert made.codes(wish) == [
            ("manifests/m.yaml:2:38", "PM109"),
            ("pmsync.yaml:3:30", "PM017"),
            ("pmsync.yaml:4:26", "PM017"),
            ("pmsync.yaml:4:35", "PM017"),
        ]


def test_the_project_alone_needs_no_manifest(repository: Callable[..., Any]) -> None:
    made = repository({"manifests/m.yaml": "]"})
    project, environment = load_environment(str(made.root / "pmsync.yaml"), Wish())
    assert (project.name, environment.name) == ("fine", "local")
    made.write("pmsync.yaml", "apiVersion: pmsync/v1\nproject: x\nenvironments: {a: {tenant: b}}\n")
    with pytest.raises(InputError):
        load_environment(str(made.root / "pmsync.yaml"), Wish())


@pytest.mark.parametrize("environments", ["[a]", "{a: [b]}", "{a: }", "x", "{a: x, b: {tenant: emulator}}"])
def test_environments_of_the_wrong_kind(repository: Callable[..., Any], environments: str) -> None:
    codes = repository(project=f"environments: {environments}\n").codes()
    assert [code for _, code in codes] == ["PM017"]


@pytest.mark.parametrize("read", [load, load_environment])
@pytest.mark.parametrize("wanted", [">=99", "<0.2", ">=0.2,<0.2.0", "==0.1.*"])
def test_another_pmsync_than_the_project_needs_stops_and_says_so_alone(
    repository: Callable[..., Any], read: Callable[..., Any], wanted: str
) -> None:
    made = repository(project=f'environments: {{a: {{tenant: cloud}}}}\nfuture: true\nrequires: "{wanted}"\n')
    with pytest.raises(InputError) as caught:
        read(str(made.root / "pmsync.yaml"), Wish())
    (problem,) = caught.value.diagnostics
    assert str(problem) == (
        f"pmsync.yaml:5:11: error[PM114]: this project needs pmsync {wanted}, and this is pmsync {__version__} "
        "(install a pmsync that fits, or change requires)"
    )


@pytest.mark.parametrize("wanted", [">=0.2", ">=0.2, <1", "~=0.2", "!=0.1.7", "==0.2.*"])
def test_a_pmsync_that_the_project_needs_reads_it(repository: Callable[..., Any], wanted: str) -> None:
    made = repository(project=f'environments: {{a: {{tenant: emulator}}}}\nrequires: "{wanted}"\n')
    assert made.load().project.name == "x"


@pytest.mark.parametrize(
    "wanted", ["0.2", '""', '">= "', '"=> 1"', '">=0.2,"', "[1]", "~", '">=1..2"', f'">={"1" * 99}"']
)
def test_what_is_no_requirement_is_told_at_its_place(repository: Callable[..., Any], wanted: str) -> None:
    made = repository(project=f"environments: {{a: {{tenant: emulator}}}}\nrequires: {wanted}\n")
    assert made.codes() == [("pmsync.yaml:4:11", "PM017")]


def test_a_requirement_without_quotes_is_told_to_go_in_quotes(repository: Callable[..., Any]) -> None:
    (problem,) = repository(project="requires: >=0.2\n").refused()
    assert (problem.code, problem.suggestion) == ("PM005", "put a text that begins with '>' or '|' in quotes")
