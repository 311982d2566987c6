"""How an approved plan differs from today's, in words."""

from msgspec.structs import replace

from pmsync.model.document import PLAN_FORMAT, ChangeLine, OptionLines, PlanDocument
from pmsync.planning.attributes import differences

UPLOAD = ChangeLine(
    action="upload",
    address="o.events/jan.csv",
    reason="changed",
    sentence="changed: 10 rows become 11",
    size=90,
)
DELETE = ChangeLine(action="delete", address="o", reason="removed", sentence="it goes", live_id="D1")


def document(*changes: ChangeLine, **more: object) -> PlanDocument:
    base = PlanDocument(
        format_version=PLAN_FORMAT,
        pmsync_version="1",
        environment="dev",
        tenant_id="t-1",
        host="api.example",
        emulated=False,
        protected=False,
        lineage="l-1",
        options=OptionLines(),
        digest="sha256:1",
        structure_digest="sha256:2",
        changes=changes,
    )
    return replace(base, **more)


def test_another_tenant_lineage_or_option_is_said_first() -> None:
    words = differences(document(), document(UPLOAD, tenant_id="t-2", lineage="l-2"))
    assert words == (
        "the tenant differs: t-1 then, t-2 now",
        "the state's lineage differs: l-1 then, l-2 now",
        "upload o.events/jan.csv was not planned: changed: 10 rows become 11",
    )


def test_a_change_that_is_gone_is_said() -> None:
    assert differences(document(UPLOAD), document()) == (
        "upload o.events/jan.csv was planned and is not any more",
    )


def test_a_changed_field_is_said_with_both_values_in_the_order_of_the_plan() -> None:
    before = document(UPLOAD, DELETE)
    after = document(replace(UPLOAD, size=99, reason="new"), replace(DELETE, needs=("loss",)))
    assert differences(before, after) == (
        "upload o.events/jan.csv: reason was changed, is new; size was 90, is 99",
        "delete o: needs was not present, is loss",
    )


def test_of_a_hash_twelve_digits_are_said() -> None:
    before, after = replace(UPLOAD, content="ab" * 32), replace(UPLOAD, content="cd" * 32)
    assert differences(document(before), document(after)) == (
        "upload o.events/jan.csv: content was abababababab, is cdcdcdcdcdcd",
    )


def test_of_other_options_those_that_differ_are_said() -> None:
    options = OptionLines(no_data=True, allow=("loss:a", "adopt:b"), variables=(("x", "1"),))
    assert differences(document(), document(options=options)) == (
        "option --var differs: not given then, x=1 now",
        "option --allow differs: not given then, loss:a adopt:b now",
        "option --no-data differs: not given then, given now",
    )


def test_sentences_and_paths_are_not_compared() -> None:
    other = replace(UPLOAD, sentence="so", path="elsewhere", location="m.yaml:1:1")
    assert differences(document(UPLOAD), document(other)) == ("the order of the changes differs",)


def test_both_halves_of_a_replace_are_told_apart_by_their_ids() -> None:
    second = replace(DELETE, live_id="D2")
    assert differences(document(DELETE, second), document(DELETE)) == (
        "delete o (D2) was planned and is not any more",
    )
