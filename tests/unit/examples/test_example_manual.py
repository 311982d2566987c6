"""The reference page of the files, docs/manifest.md: it names every key, and what it shows is valid."""

import json
import re
from pathlib import Path

import pytest

from pmsync.errors import InputError
from pmsync.loading.repository import Wish, load
from pmsync.loading.schemas import json_schemas

PAGE = (Path(__file__).parents[3] / "docs" / "manifest.md").read_text("utf-8")
BLOCKS = {
    block.partition("\n")[0].removeprefix("# "): block
    for block in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
}


def keys_of(schema):
    """Every key of a file that its schema names, at any depth."""
    if isinstance(schema, list):
        return {key for part in schema for key in keys_of(part)}
    if not isinstance(schema, dict):
        return set()
    named = schema.get("properties", {})
    return set(named) | {key for name, part in schema.items() if name != "if" for key in keys_of(part)}


@pytest.fixture
def project(tmp_path):
    for name, block in BLOCKS.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(block, "utf-8")
    return tmp_path


@pytest.mark.parametrize("kind", ["project", "manifest"])
def test_every_key_of_the_schemas_is_on_the_page(kind):
    keys = keys_of(json.loads(json_schemas()[f"{kind}.schema.json"]))
    assert "apiVersion" in keys
    missing = {key for key in keys if not re.search(rf"`(\w+\.)*{key}(\.\w+)?`", PAGE)}
    assert not missing


@pytest.mark.parametrize("environment", ["local", "dev", "prod"])
def test_the_files_on_the_page_are_valid(project, environment):
    loaded = load(str(project / "pmsync.yaml"), Wish(environment=environment))
    assert list(loaded.manifest.datasets) == ["order-to-cash"]


@pytest.mark.parametrize("line", ["columns: {}", "eventLog: {}", "checks: {unique: [case]}"])
def test_what_the_page_calls_refused_is_refused(project, line):
    manifest = project / "manifests" / "order-to-cash.yaml"
    manifest.write_text(manifest.read_text("utf-8") + f"        {line}\n", "utf-8")
    text = manifest.read_text("utf-8").replace("regions: {displayName: Region lookup}", "regions:")
    manifest.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        load(str(project / "pmsync.yaml"), Wish(environment="local"))
    assert [one.code for one in caught.value.diagnostics] == ["PM031"]


@pytest.mark.parametrize("place", ["git", "s3://bucket/state"])
def test_a_state_elsewhere_is_refused(project, place):
    config = project / "pmsync.yaml"
    config.write_text(
        config.read_text("utf-8").replace("    state: file\n", f'    state: "{place}"\n', 1), "utf-8"
    )
    with pytest.raises(InputError) as caught:
        load(str(config), Wish(environment="local"))
    assert [one.code for one in caught.value.diagnostics] == ["PM105"]


def test_the_message_on_the_page_is_what_a_wrong_key_leads_to(project):
    shown = re.search(r"error\[PM012\]: (.*)\n", PAGE)[1]
    manifest = project / "manifests" / "order-to-cash.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("sources:", "souces:"), "utf-8")
    with pytest.raises(InputError) as caught:
        load(str(project / "pmsync.yaml"), Wish(environment="local"))
    assert [str(one).partition(": error[PM012]: ")[2] for one in caught.value.diagnostics] == [shown]
