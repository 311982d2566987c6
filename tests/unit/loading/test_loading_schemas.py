"""The JSON Schemas say what the loader says, as far as JSON Schema can."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pmsync.errors import InputError
from pmsync.loading.approvals import read_approvals
from pmsync.loading.problems import Problems
from pmsync.loading.project import read_config
from pmsync.loading.repository import Wish, load
from pmsync.loading.schemas import json_schemas

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "data" / "malformed"
FILES = {
    "manifest.schema.json": "manifests/m.yaml",
    "project.schema.json": "pmsync.yaml",
    "approvals.schema.json": "approvals.yaml",
}
SCHEMAS = {name: json.loads(text) for name, text in json_schemas().items()}


class Editor(yaml.CSafeLoader):
    """YAML 1.2's core schema, as editors read it; keys are text, as they are in JSON."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the library's own way

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}


for tag, pattern in (
    ("null", r"~|null|Null|NULL|"),
    ("bool", r"true|True|TRUE|false|False|FALSE"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
):
    Editor.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), None)
Editor.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value.lstrip("+0ox") or "0", 16))
Editor.add_constructor("tag:yaml.org,2002:float", lambda _, _node: 0.5)
Editor.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node))


def editor_accepts(name: str, text: str) -> bool:
    validator = jsonschema.Draft7Validator(SCHEMAS[name])
    return validator.is_valid(yaml.load(text, Loader=Editor))


def loader_accepts(name: str, text: str, root: Path) -> bool:
    problems = Problems()
    (root / "manifests").mkdir(exist_ok=True)
    (root / "pmsync.yaml").write_text(PRODUCT["project.schema.json"], encoding="utf-8")
    (root / FILES[name]).write_text(text, encoding="utf-8")
    if name == "project.schema.json":
        read_config(str(root / "pmsync.yaml"), problems)
    elif name == "approvals.schema.json":
        read_approvals(str(root), (), problems)
    else:
        try:
            load(str(root / "pmsync.yaml"), Wish())
        except InputError:
            return False
    return not problems


def objects(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from objects(value, f"{path}/{key}")


@pytest.mark.parametrize("name", FILES)
def test_the_committed_schemas_are_those_of_the_shapes(name: str) -> None:
    committed = (ROOT / "schema" / name).read_text(encoding="utf-8")
    assert committed == json_schemas()[name], "write them again: pmsync schema"


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_one_of_draft_7_with_a_name_of_its_own(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert SCHEMAS[name]["$id"] == f"urn:pmsync:schema:v1:{name.removesuffix('.schema.json')}"


@pytest.mark.parametrize("name", FILES)
def test_every_mapping_is_closed_and_every_key_explained_by_examples_that_hold(name: str) -> None:
    whole = SCHEMAS[name]
    for path, node in objects(whole):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False, path
            for key, one in node.get("properties", {}).items():
                assert one["description"], (path, key)
                assert one["examples"], (path, key)
                for example in one["examples"]:
                    jsonschema.validate(example, {**one, "definitions": whole["definitions"]})


PRODUCT = {
    "project.schema.json": """\
apiVersion: pmsync/v1
project: order-to-cash
manifests: [manifests]
variables:
  data: {default: data, description: folder of the extracts}
environments:
  local: {tenant: emulator, default: true}
  dev:
    tenantId: 0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10
    namePrefix: "[dev] "
    variables: {data: data/sample}
  prod:
    tenantId: 7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11
    apiUrl: https://api.processmind.com
    state: file
    protect: true
    limits: {maxDeletes: 1, maxUploadBytes: 50 GiB}
    uploads: {sameName: replaces, otherName: adds}
    verify: {rows: true, timeout: 10m}
""",
    "manifest.schema.json": """\
apiVersion: pmsync/v1
datasets:
  order-to-cash:
    displayName: Order to Cash
    folder: Finance/Receivables
    protect: true
    onRemoval: delete
    datatables:
      events:
        displayName: Order events
        sources:
          - ${data}/events-2023.csv
          - path: ${data}/events-2024-*.csv
            mode: append
          - path: ${data}/late.xlsx
            name: late-arrivals.xlsx
      lookup: {displayName: Region lookup}
""",
    "approvals.schema.json": """\
apiVersion: pmsync/v1
approvals:
  - {environment: prod, address: order-to-cash, consent: delete, id: 8a1f}
""",
}


@pytest.mark.parametrize("name", FILES)
def test_what_the_manual_shows_is_right_for_both(name: str, tmp_path: Path) -> None:
    assert loader_accepts(name, PRODUCT[name], tmp_path)
    assert editor_accepts(name, PRODUCT[name])


# What is text here and something else to an editor, and what an editor cannot see.
ONLY_THE_LOADER = {"flag-upper-case", "contracts-are-later"}


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda case: case.stem)
def test_the_schemas_refuse_the_wrong_shapes_that_the_loader_refuses(case: Path) -> None:
    head, _, body = case.read_bytes().partition(b"\n")
    codes = set(re.findall(rb"PM\d+", head))
    seen_in_an_editor = {b"PM012", b"PM016", b"PM017", b"PM018", b"PM019", b"PM020", b"PM029", b"PM031"}
    seen_in_an_editor |= {b"PM102", b"PM104", b"PM105", b"PM108", b"PM302", b"PM303"}
    if (
        case.stem in ONLY_THE_LOADER
        or not codes <= seen_in_an_editor
        or case.stem == "all-problems-in-one-run"
    ):
        return
    if not body.startswith(b"=== "):
        body = b"=== manifests/m.yaml\n" + body
    _, file, text = re.split(rb"(?m)^=== (.+)\n", body)
    schema = {b"pmsync.yaml": "project", b"approvals.yaml": "approvals"}.get(file, "manifest")
    if b"huge-port" not in case.stem.encode():
        assert not editor_accepts(f"{schema}.schema.json", text.decode())


WORDS = [
    *(
        "",
        "~",
        "a",
        "A b",
        "true",
        "false",
        "True",
        "no",
        "2024",
        "012",
        "-1",
        "1.5",
        "1e3",
        "0x1F",
        ".inf",
        "12:30",
    ),
    *(
        "2024-01-01",
        "a/b",
        "/",
        "//",
        "..",
        "x.csv",
        "emulator",
        "file",
        "git",
        "append",
        "latest",
        "delete",
        "adds",
    ),
    *(
        "replaces",
        "unknown",
        "10m",
        "50 GiB",
        "pmsync/v1",
        "https://x",
        "http://x/y",
        "folder:x",
        "a.b/c",
        "loss",
    ),
    *(
        '"true"',
        "'1'",
        '""',
        "'  '",
        '"~"',
        "'x y'",
        "'10m'",
        "'null'",
        "'a\\b'",
        "'${data}'",
        "'${x}/y'",
        '"\\u0007"',
    ),
]
KEYS = [
    *(
        "apiVersion",
        "datasets",
        "displayName",
        "folder",
        "protect",
        "onRemoval",
        "datatables",
        "sources",
        "path",
    ),
    *(
        "mode",
        "name",
        "optional",
        "project",
        "manifests",
        "variables",
        "environments",
        "default",
        "description",
    ),
    *(
        "tenant",
        "tenantId",
        "apiUrl",
        "namePrefix",
        "state",
        "limits",
        "maxDeletes",
        "maxUploadBytes",
        "uploads",
    ),
    *(
        "sameName",
        "otherName",
        "verify",
        "rows",
        "timeout",
        "approvals",
        "environment",
        "address",
        "consent",
        "id",
    ),
    *("content", "a", "b-1", "2024", "Bad", "x.y", "columns"),
]
VALUES = st.recursive(
    st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]" if "" not in items else "[]")
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"
        )
    ),
    max_leaves=6,
)


def nearly(text: str) -> st.SearchStrategy[str]:
    """The sample with one of its values, keys or lines replaced by something else."""
    lines = text.splitlines()

    def changed(at: int, key: str, value: str, what: int) -> str:
        line = lines[at]
        indent = line[: len(line) - len(line.lstrip(" -"))]
        new = [
            f"{indent}{key}: {value}",
            re.sub(r": .*", lambda _: f": {value}", line),
            f"{line}\n{indent}{key}: {value}",
        ]
        return "\n".join([*lines[:at], new[what], *lines[at + 1 :]]) + "\n"

    indexes = st.integers(0, len(lines) - 1)
    return st.builds(changed, indexes, st.sampled_from(KEYS), VALUES, st.integers(0, 2))


@pytest.mark.parametrize("name", FILES)
def test_an_editor_accepts_what_the_loader_accepts(name: str, tmp_path: Path) -> None:
    @given(nearly(PRODUCT[name]))
    def holds(text: str) -> None:
        if loader_accepts(name, text, tmp_path):
            assert editor_accepts(name, text), text

    holds()


@pytest.mark.parametrize("word", [word for word in WORDS if word not in {"", "~"}])
def test_any_word_may_be_a_name_for_both(word: str, repository: Callable[..., Any]) -> None:
    text = f"apiVersion: pmsync/v1\ndatasets: {{a: {{displayName: {word}}}}}\n"
    try:
        repository({"manifests/m.yaml": text}).load()
    except InputError:
        assert "x" in word or not re.search(r"\w", word) or "\\u" in word
    else:
        assert editor_accepts("manifest.schema.json", text)


@pytest.mark.parametrize(
    "path",
    [
        *(ROOT / "examples" / "manifests").glob("*/*.yaml"),
        *(ROOT / "examples").glob("manifests/*/manifests/*"),
    ],
    ids=lambda path: str(path.relative_to(ROOT / "examples" / "manifests")),
)
def test_an_editor_finds_the_examples_right(path: Path) -> None:
    name = "project.schema.json" if path.name == "pmsync.yaml" else "manifest.schema.json"
    assert editor_accepts(name, path.read_text(encoding="utf-8"))
