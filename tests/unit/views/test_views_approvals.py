"""The block for approvals.yaml: what is pasted gives the consents that the plan lacks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pmsync.loading.approvals import read_approvals
from pmsync.loading.problems import Problems
from pmsync.model.document import BlockLine, ChangeLine, OptionLines, PlanDocument
from pmsync.model.reason import BlockCode
from pmsync.views.approvals_text import approvals_block
from pmsync.views.lines import Look, render

PLAN = PlanDocument(
    format_version="1.0",
    pmsync_version="1",
    environment="e",
    tenant_id="t",
    host="h",
    emulated=False,
    protected=False,
    lineage="l",
    options=OptionLines(),
    digest="d",
    structure_digest="s",
    changes=(),
)
"""A plan without changes."""

SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(name=NAMES, live_id=NAMES, content=st.just("") | st.just(SHA))
def test_a_block_that_is_pasted_gives_the_same_approvals(
    tmp_path_factory: pytest.TempPathFactory, name: str, live_id: str, content: str
) -> None:
    change = ChangeLine(
        action="upload",
        address=f"a.b/{name}",
        reason="",
        sentence="",
        live_id=live_id,
        needs=("loss",),
        content=content,
        block=BlockLine(code=BlockCode.CONSENT, sentence=""),
    )
    _, _, *pasted = approvals_block(replace(PLAN, changes=(change,)), Look(width=100_000))
    root = tmp_path_factory.mktemp("approvals")
    (root / "approvals.yaml").write_text(render(pasted, Look()), encoding="utf-8")
    problems = Problems()
    read = read_approvals(str(root), ["e"], problems)
    problems.settle()
    assert [(one.address, one.live_id, one.content or "") for one in read] == [
        (f"a.b/{name}", live_id, content)
    ]
