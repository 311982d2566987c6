"""The state as text and back."""

import json
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from statestore_samples import EVENTS, FULL, VERSION, entries, states

from pmsync.errors import PmsyncError, StateRefused
from pmsync.model.address import Address
from pmsync.model.consent import Approval, Consent
from pmsync.model.ids import fault_of
from pmsync.model.outcome import Drop, Put, fold
from pmsync.model.state import (
    AppliedRun,
    DatatableRecord,
    Evidence,
    Intent,
    IntentKind,
    Origin,
    Owner,
    Sent,
    StoredFile,
)
from pmsync.statestore.codec import (
    LARGEST,
    Place,
    decode,
    decode_outcomes,
    encode,
    encode_header,
    encode_outcome,
)
from pmsync.statestore.journal import replay, sealed

FIXTURES = Path(__file__).parent / "fixtures"
PLACE = Place(where="state.json", remedy="put it back")


@settings(deadline=None)
@given(states)
def test_any_state_comes_back_as_it_was_written(state):
    assert decode(encode(state, pmsync_version=VERSION), PLACE) == state


@settings(deadline=None)
@given(states)
def test_the_text_is_canonical(state):
    text = encode(state, pmsync_version=VERSION).decode()
    by_hand = json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, indent=1)
    assert text == by_hand + "\n"


@settings(deadline=None)
@given(states)
def test_order_of_insertion_does_not_show(state):
    turned = replace(state, uploads=dict(reversed(state.uploads.items())))
    assert encode(turned, pmsync_version=VERSION) == encode(state, pmsync_version=VERSION)


@settings(deadline=None)
@given(entries)
def test_any_entry_comes_back_as_it_was_written(entry):
    assert decode_outcomes(b"[" + encode_outcome([entry]) + b"]", PLACE) == [[entry]]


def test_format_version_1_is_read_as_it_was_released():
    assert decode((FIXTURES / "state-v1.json").read_bytes(), PLACE) == FULL


def test_one_changed_record_changes_one_line():
    changed = replace(
        FULL, datatables={"o2c.events": replace(FULL.datatables[Address("o2c.events")], baseline=13)}
    )
    before = encode(FULL, pmsync_version=VERSION).splitlines()
    after = encode(changed, pmsync_version=VERSION).splitlines()
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [
        (b'   "baseline": 12,', b'   "baseline": 13,')
    ]


def test_nouns_come_back_as_nouns():
    state = decode(encode(FULL, pmsync_version=VERSION), PLACE)
    (address, upload), *_ = state.uploads.items()
    assert type(address) is Address
    assert upload.evidence is Evidence.ROWS
    old = state.datasets[Address("o2c")].superseded
    assert type(old.address) is Address
    assert not old.reverted
    assert old.origin is Origin.ADOPTED


def test_a_state_of_a_later_pmsync_says_to_upgrade():
    with pytest.raises(StateRefused) as refusal:
        decode((FIXTURES / "state-v3-future.json").read_bytes(), PLACE)
    assert refusal.value.what == (
        "it was written by a newer pmsync (7.2.0, format 3; this one reads formats 1 to 2)"
    )
    assert refusal.value.hint == "upgrade pmsync and run the same command again"


TABLE = DatatableRecord(id="t", display_name="T", origin=Origin.CREATED)
UNREADABLE = {
    "a datatable at a dataset's address": Put(Address("o2c"), TABLE),
    "an id that is empty": Put(Address("o2c.events"), replace(TABLE, id="")),
    "a name that is not Unicode": Drop(Address("o2c.events/caf\udce9.csv")),
}


@pytest.mark.parametrize("entry", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_nothing_is_written_that_could_not_be_read_again(entry):
    with pytest.raises(PmsyncError, match="cannot be recorded"):
        encode_outcome([entry])


# --- format 1 -----------------------------------------------------------------------------------------------


def test_the_journal_of_format_1_is_read_as_it_was_released():
    found = replay((FIXTURES / "journal-v1.jsonl").read_bytes(), PLACE)
    assert (found.header.lineage, found.header.serial) == (FULL.lineage, FULL.serial)
    assert [type(entry).__name__ for entry in found.entries] == [
        "Begin", "Announce", "Settle", "Put", "Put", "Put", "Put", "Spend", "Drop",
    ]  # fmt: skip
    assert found.entries[3] == Put(Address("o2c"), FULL.datasets[Address("o2c")])


def test_the_consents_of_format_1_are_dropped():
    text = encode(decode((FIXTURES / "state-v1.json").read_bytes(), PLACE), pmsync_version=VERSION)
    assert b"consents" not in text
    assert json.loads(text)["formatVersion"] == 2


def test_a_replace_of_format_1_without_a_consent_had_been_turned_back():
    raw = json.loads((FIXTURES / "state-v1.json").read_bytes())
    raw["datasets"]["o2c"]["superseded"]["consents"] = []
    old = decode(json.dumps(raw).encode(), PLACE).datasets[Address("o2c")].superseded
    assert old.reverted


def test_a_state_of_format_1_belongs_to_its_tenant_and_to_no_place_yet():
    found = decode((FIXTURES / "state-v1.json").read_bytes(), PLACE)
    assert found.binding == replace(FULL.binding, owner=None)


# --- bombs --------------------------------------------------------------------------------------------------


BOMBS = {
    "empty objects": b'{"formatVersion":2,"parts":[' + b"{}," * 3_000_000 + b"{}]}",
    "an unknown key": b'{"formatVersion":2,"x":[' + b"{}," * 3_000_000 + b"{}]}",
    "one key a million times": b'{"formatVersion":2,' + b'"runs":1,' * 1_000_000 + b'"runs":1}',
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_at_its_first_error(bomb):
    tracemalloc.start()
    try:
        with pytest.raises(StateRefused, match="the state is damaged at"):
            decode(bomb, PLACE)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_state_that_could_not_be_read_again_is_not_written():
    with pytest.raises(PmsyncError, match="this state cannot be recorded"):
        encode(replace(FULL, lineage="mine"), pmsync_version=VERSION)


def test_a_state_too_large_to_be_read_again_is_not_written():
    huge = replace(
        FULL,
        spent=frozenset(
            {Approval(environment="e" * LARGEST, address=Address("a"), consent=Consent.DELETE, live_id="x")}
        ),
    )
    with pytest.raises(PmsyncError, match="larger than 64 MiB"):
        encode(huge, pmsync_version=VERSION)


@pytest.mark.parametrize(
    "text",
    ["d-1", "0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10", "a~b", "..", ".", "a/b", "", "a b", "a\n", "x" * 201],
)
def test_a_state_believes_the_ids_that_a_tenant_is_believed(text):
    record = Put(Address("o2c.events"), replace(TABLE, id=text))
    if fault_of(text) is None:
        encode_outcome([record])
    else:
        with pytest.raises(PmsyncError, match="cannot be recorded"):
            encode_outcome([record])


# --- format 2, as released and as of later ------------------------------------------------------------------

OF_2 = replace(
    FULL,
    binding=replace(FULL.binding, owner=Owner(project="shop", environment="prod", path="pmsync.yaml")),
    last_apply=AppliedRun(
        at="2025-03-02T08:00:00+00:00", commit="ab" * 20, committed_at="2025-03-01T07:00:00+00:00"
    ),
    ephemeral=True,
    snapshot=StoredFile(sha256="12" * 32, size=9),
)
ACCEPTED = replace(FULL.datatables[EVENTS], accepted_duplicates=("t-8",), accepted_leftovers=("gone.csv",))
LATER = replace(
    OF_2,
    datatables={EVENTS: ACCEPTED},
    intents=(
        *FULL.intents,
        Intent(kind=IntentKind.UPLOAD, address=Address("o2c.events/c.csv"), sent=Sent.WHOLE),
    ),
)
WRITTEN = {"v2-first": OF_2, "v2": LATER}


@pytest.mark.parametrize(("name", "state"), WRITTEN.items(), ids=WRITTEN.keys())
def test_a_state_of_format_2_is_read_and_written_as_it_was_released(name, state):
    text = (FIXTURES / f"state-{name}.json").read_bytes()
    assert decode(text, PLACE) == state
    assert encode(state, pmsync_version=VERSION) == text


@pytest.mark.parametrize(("name", "state"), WRITTEN.items(), ids=WRITTEN.keys())
def test_a_journal_of_format_2_is_read_and_written_as_it_was_released(name, state):
    text = (FIXTURES / f"journal-{name}.jsonl").read_bytes()
    found = replay(text, PLACE)
    empty = replace(state, folders={}, datasets={}, datatables={}, uploads={}, intents=(), spent=frozenset())
    kept = replace(state, intents=state.intents[1:], runs=5)
    assert fold(empty, found.entries) == kept
    line, checksum = sealed(encode_header(found.header, pmsync_version=VERSION), 0)
    again = line
    for entry in found.entries:
        line, checksum = sealed(b"[" + encode_outcome([entry]) + b"]", checksum)
        again += line
    assert again == text


def _keys(value, *way):
    """The way to every key that is always written."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        if isinstance(value, dict) and not re.search(r"[./:]|^(o2c|p2p)$|^accepted|^sent$", key):
            yield (*way, key)
        yield from _keys(one, *way, key)


ALWAYS = list(_keys(json.loads((FIXTURES / "state-v2.json").read_bytes())))
FREE = {"ephemeral", "lastApply", "lease", "parts", "snapshot"}


@pytest.mark.parametrize("way", ALWAYS, ids=lambda way: ".".join(map(str, way)))
def test_no_key_that_is_always_written_may_be_lost(way):
    """A default in its place would be a value that nobody wrote."""
    raw = inner = json.loads((FIXTURES / "state-v2.json").read_bytes())
    for part in way[:-1]:
        inner = inner[part]
    del inner[way[-1]]
    data = json.dumps(raw).encode()
    if way[0] in FREE and len(way) == 1:
        assert decode(data, PLACE).lineage == FULL.lineage
    else:
        with pytest.raises(StateRefused, match=f"missing required field `{way[-1]}`|formatVersion null"):
            decode(data, PLACE)


def test_an_address_is_never_more_than_a_text():
    bomb = b'{"formatVersion":2,"intents":[{"kind":"delete","address":[' + b"{}," * 3_000_000 + b"{}]}]}"
    tracemalloc.start()
    try:
        with pytest.raises(
            StateRefused, match=r"the state is damaged at intents\[0\].address: Expected `str`"
        ):
            decode(bomb, PLACE)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
