"""The emulator against schema/tenant-api.openapi.yaml, with requests that schemathesis thinks up."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from pmsync.emulator.server import running
from pmsync.emulator.settings import Settings

PATH = Path(__file__).parents[2] / "schema" / "tenant-api.openapi.yaml"
KEY = {"x-api-key": "pmsync-local"}

BOUNDED = settings(max_examples=15, derandomize=True, database=None, deadline=None)


def schema_with(mode):
    return schemathesis.openapi.from_path(
        PATH, config=SchemathesisConfig.from_dict({"generation": {"mode": mode}})
    )


well_formed = schema_with("positive")
malformed = schema_with("negative")


@pytest.fixture(scope="module", params=[False, True], ids=["tree hidden", "tree shown"])
def emulator(request):
    with running(Settings(show_tree=request.param)) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def tenant(emulator):
    return emulator.tenant("T")


def aim_at_what_exists(case, tenant):
    """Put the ids of fresh things where the case has made-up ones, so that it gets past 'not found'."""
    dataset = tenant.create_node("Sales")
    table = tenant.create_datatable(dataset.id, "Orders")
    live = {"tenantId": tenant.id, "datasetId": dataset.id, "datatableId": table.id}
    case.path_parameters = {name: live[name] for name in case.path_parameters}
    if "datasetid" in (case.query or {}):
        case.query["datasetid"] = dataset.id
    if isinstance(case.body, dict) and case.body.get("treeParentId") is not None:
        case.body["treeParentId"] = tenant.create_node("Finance", kind="TreeGroup").id


@well_formed.parametrize()
@BOUNDED
def test_a_well_formed_request_for_what_exists_is_answered_as_the_schema_says(case, emulator, tenant):
    aim_at_what_exists(case, tenant)
    response = case.call_and_validate(base_url=emulator.api_url, headers=KEY)
    assert response.status_code in (200, 201)


@well_formed.parametrize()
@BOUNDED
def test_a_well_formed_request_for_anything_is_answered_as_the_schema_says(case, emulator):
    case.call_and_validate(base_url=emulator.api_url, headers=KEY, excluded_checks=[positive_data_acceptance])


@malformed.parametrize()
@BOUNDED
def test_a_malformed_request_is_refused_as_the_schema_says(case, emulator):
    case.call_and_validate(base_url=emulator.api_url, headers=KEY)


def test_the_schema_itself_is_valid():
    well_formed.validate()
