"""One plan with a bit of everything, and a plan of nothing, for every view to show."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from pmsync.diagnostics import Location
from pmsync.model.address import Address
from pmsync.model.consent import Allow, Consent
from pmsync.model.manifest import OnRemoval
from pmsync.model.notes import Leftover, Note
from pmsync.model.options import PlanningOptions
from pmsync.model.plan import (
    Adopt,
    CreateDataset,
    CreateDatatable,
    CreateFolder,
    Delete,
    Forget,
    Move,
    NoOp,
    Plan,
    RecordState,
    Replace,
    Retire,
    Undecided,
    Upload,
)
from pmsync.model.reason import AtStake, Block, BlockCode, Loss, Reason, ReasonCode
from pmsync.model.remedy import Act, ApplyWith, ByHand
from pmsync.model.source import FileStamp, SourceFile
from pmsync.model.state import Binding, Origin, Superseded

HERE = Location("manifests/o2c.yaml", 14, 7)


def agreed(*allow: str, meaning: str = "agree to it") -> ApplyWith:
    pairs = (one.split(":") for one in allow)
    return ApplyWith(
        meaning=meaning, allow=tuple(Allow(consent=Consent(kind), glob=to) for kind, to in pairs)
    )


LIVE = "0f9d3c1e-0000-4000-8000-00000000000"


def source(address: str, *, rows: int, size: int, sha: str = "ab" * 32) -> SourceFile:
    return SourceFile(
        address=Address(address),
        name=Address(address).key,
        path=f"data/{Address(address).key}",
        sha256=sha,
        rows=rows,
        columns=("case_id", "activity"),
        stamp=FileStamp(device=1, inode=2, size=size, mtime_ns=3, ctime_ns=4),
        append=False,
        location=HERE,
    )


def upload(address: str, *, rows: int, size: int, **more: Any) -> Upload:
    file = source(address, rows=rows, size=size)
    reason = more.pop("reason", Reason(ReasonCode.NEW, f"new: {rows:,} rows"))
    fields = {"rows_before": None, "name": file.name, "requires": (file.address.datatable_address,)} | more
    return Upload(address=file.address, reason=reason, file=file, **fields)


def new_things() -> tuple[Any, ...]:
    finance, receivables = Address.folder(("Finance",)), Address.folder(("Finance", "Receivables"))
    new = Reason(ReasonCode.NEW, "nothing of this name and folder is there")
    return (
        CreateFolder(
            address=finance,
            reason=Reason(ReasonCode.NEW, "no folder of this path is there"),
            display_name="Finance",
            parent=None,
        ),
        CreateFolder(
            address=receivables,
            reason=Reason(ReasonCode.NEW, "no folder of this path is there"),
            requires=(finance,),
            display_name="Receivables",
            parent=finance,
        ),
        CreateDataset(
            address=Address("order-to-cash"),
            reason=new,
            requires=(receivables,),
            location=HERE,
            display_name="Order to Cash",
            folder=("Finance", "Receivables"),
            protect=False,
            on_removal=OnRemoval.DELETE,
        ),
        CreateDatatable(
            address=Address("order-to-cash.events"),
            reason=Reason(ReasonCode.NEW, "in a new dataset"),
            requires=(Address("order-to-cash"),),
            display_name="Order events",
        ),
        upload("order-to-cash.events/events-2023.csv", rows=12_431, size=1_258_291),
        upload("order-to-cash.events/events-2024-with-a-name-that-does-not-end.csv", rows=1, size=812),
    )


def changed_things() -> tuple[Any, ...]:
    return (
        Adopt(
            address=Address("complaints"),
            reason=Reason(ReasonCode.LIVE_UNCLAIMED, f"{LIVE}1 is there and nobody manages it"),
            live_id=f"{LIVE}1",
            needs=(Consent.ADOPT,),
            block=Block(
                BlockCode.CONSENT,
                "needs your consent to adopt",
                (agreed("adopt:complaints"),),
            ),
            display_name="Complaints",
            entries=(),
            facts=(f"id {LIVE}1", "created 2026-11-02T08:00:00Z", "2 datatables", "88 rows"),
        ),
        Move(
            address=Address("invoices"),
            reason=Reason(ReasonCode.KEY_CHANGED, "the key changed and nothing else"),
            origin=Address("invoice"),
            entries=(),
        ),
        RecordState(
            address=Address("returns"),
            reason=Reason(ReasonCode.SETTINGS_CHANGED, "protect or onRemoval changed"),
            entries=(),
        ),
        Forget(
            address=Address("notes"),
            reason=Reason(
                ReasonCode.REMOVED_RETAINED, "no longer declared; it stays in ProcessMind as it is"
            ),
            entries=(),
        ),
        upload("returns.log/late.csv", rows=8_000, size=700_000, rows_before=12_431),
        upload(
            "returns.log/changed.csv",
            rows=120,
            size=4_096,
            rows_before=20_431,
            rows_leaving=100,
            name="older-name.csv",
            reason=Reason(ReasonCode.CHANGED, "changed: 100 rows become 120"),
        ),
        Undecided(
            address=Address("purchase-to-pay"),
            reason=Reason(
                ReasonCode.RENAMED_IN_MANIFEST, "it is 'P2P' in ProcessMind; declared is 'Purchase'"
            ),
            live_id=f"{LIVE}2",
            block=Block(
                BlockCode.DECISION,
                "it is 'P2P' in ProcessMind; declared is 'Purchase'",
                (
                    ByHand(
                        meaning="rename it to 'Purchase' in ProcessMind (no data moves), then plan again",
                        act=Act.RENAME,
                        address=Address("purchase-to-pay"),
                        display_name="Purchase",
                    ),
                    agreed(
                        "replace:purchase-to-pay",
                        meaning="build the dataset anew (it gets a new id; analyses built on the old one "
                        "must be re-pointed)",
                    ),
                ),
            ),
        ),
    )


def destructive_things() -> tuple[Any, ...]:
    stake = AtStake(
        datatables=3,
        rows=12_431,
        last_upload="2026-11-02T08:14:00Z",
        lost=(
            Loss("datatable 'Notes'", 120, "nobody declared it"),
            Loss("old-orders.events/x.csv", None, "the file is gone, changed or no longer declared"),
        ),
    )
    old = Superseded(
        id=f"{LIVE}4",
        address=Address("hr"),
        display_name="HR",
        folder=(),
        origin=Origin.CREATED,
        retain=False,
    )
    return (
        Replace(
            address=Address("hr"),
            reason=Reason(ReasonCode.REPLACE_ASKED, "a rebuild was asked for"),
            needs=(Consent.REPLACE,),
            display_name="HR",
            folder=(),
            protect=False,
            on_removal=OnRemoval.DELETE,
            superseded=old,
            stake=AtStake(datatables=1, rows=7),
        ),
        Delete(
            address=Address("old-orders"),
            reason=Reason(
                ReasonCode.REMOVED, "no longer declared: 3 datatables with 12,431 rows permanently deleted"
            ),
            live_id=f"{LIVE}3",
            needs=(Consent.DELETE, Consent.LOSS),
            block=Block(
                BlockCode.CONSENT,
                "needs your consent to delete and loss",
                (agreed("delete:old-orders", "loss:old-orders"),),
            ),
            display_name="Old orders",
            stake=stake,
            datatables=(("t1", 12_311), ("t2", 120)),
            entries=(),
        ),
        Retire(
            address=Address("hr"),
            reason=Reason(
                ReasonCode.REPLACED, "the old dataset is deleted after the new one is loaded and verified"
            ),
            live_id=f"{LIVE}4",
            display_name="HR",
            retain=False,
            stake=AtStake(datatables=1, rows=7),
            datatables=(("t9", 7),),
        ),
    )


def in_sync() -> tuple[NoOp, ...]:
    return (
        NoOp(address=Address("stock"), reason=Reason(ReasonCode.IN_SYNC, "in sync")),
        NoOp(
            address=Address("stock.moves"),
            reason=Reason(ReasonCode.RENAMED_LIVE, "it is 'Moves!' in ProcessMind now"),
            drift="it is 'Moves!' in ProcessMind now",
        ),
    )


EVERYTHING = Plan(
    environment="prod",
    binding=Binding(tenant_id="7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11", host="api.processmind.com"),
    emulated=False,
    protected=True,
    lineage="lineage-1",
    options=PlanningOptions(variables=(("data", "data/sample"),), select=("o*",)),
    changes=(*new_things(), *changed_things(), *destructive_things(), *in_sync()),
    notes=(Note("stock", "a second live dataset has its name"), Note("", "something of the whole plan")),
    leftovers=(Leftover(Address("stock.moves/old.csv"), 99, recent=True),),
    unmanaged=2,
    digest="sha256:" + "1" * 64,
    structure_digest="sha256:" + "2" * 64,
)


@pytest.fixture
def everything() -> Plan:
    """A plan with every kind of change in it."""
    return EVERYTHING


@pytest.fixture
def make_plan() -> Callable[..., Plan]:
    """Makes a plan of these changes and nothing else, on the emulator."""

    def make(*changes: Any, **more: Any) -> Plan:
        bare = replace(
            EVERYTHING,
            environment="local",
            emulated=True,
            protected=False,
            options=PlanningOptions(),
            notes=(),
            leftovers=(),
            unmanaged=0,
            changes=changes,
        )
        return replace(bare, **more)

    return make


@pytest.fixture
def things() -> dict[str, Callable[[], tuple[Any, ...]]]:
    """The parts of which the plan of everything is made."""
    return {"new": new_things, "changed": changed_things, "destructive": destructive_things}


@pytest.fixture(name="upload")
def make_upload() -> Callable[..., Upload]:
    """Makes an upload: address, rows=, size= and any field of it."""
    return upload


CONTROLS = [chr(code) for code in (*range(32), *range(0x7F, 0xA0))]
FORMATS = [
    chr(code)
    for code in (
        0xAD, 0x61C, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202B, 0x202C,
        0x202D, 0x202E, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF, 0xFFF9,
        0xFFFB, 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x34F, 0xE0001, 0xE0020, 0xE007F, 0xE0100, 0xFE00, 0xA0,
        0x2003, 0x202F, 0xE000, 0x10FFFF, 0xFFFF,
    )
]  # fmt: skip
SURROGATES = ["\ud800", "\udbff", "\udc00", "\udcff", "\udfff", "\ude00\ud83d"]
ORDERS = [
    "::set-output name=x::y", "::stop-commands::token", " ::error::forged", "a ::warning ::b", "##[error]x",
    "##vso[task.setvariable variable=x]y", "##VSO[x]", "::add-mask::x", "##[group]", "##teamcity[message text='x']", "a ##TeamCity[x]", "##x-y.z[a]",
]  # fmt: skip
TERMINAL = [
    "\x1b[31mred", "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]52;c;cm0gLXJm\x07", "\x1b]8;;http://x\x1b\\\\y",
    "\x9b31m", "\x1bP$q\x1b\\\\", "a\rb", "a\bb", "a\nPlan: 0 to delete", "a\r\n+ forged", "\x1b(0", "\x00",
]  # fmt: skip
LOOKS = [
    "[red]markup[/red]", "[/]", "[link=http://x]y[/link]", "{}", "{0}", "%s", "%(x)s", "$(rm -rf)", "`id`", "'; rm",
    "=cmd()", "|", "</details>", "@mention", "\\", "\\u202e", "-", "--", "-rf", "~", "!", "#", "//", "a//b", "..",
    "🙂", "👨\u200d👩\u200d👧", "e" + "\u0301" * 50, "\u0e01" + "\u0e47" * 50, "\u0628" + "\u0651" * 50, "\u0301" * 3, "\u20dd" * 9, "ﷺ" * 20, "全角文字の名前", "ـ" * 30, "a" * 65_536, "é", "e\u0301",
    " lead", "trail ", "two  blanks", "\u3000", "ＡＢ", "ß", "İ", "", " ", "\t",
]  # fmt: skip
MIXED = [
    f"{left}{middle}{right}" for left, right in (("a", "b"), ("", "x")) for middle in (*FORMATS, *SURROGATES)
]
HOSTILE = [*(f"a{char}b" for char in CONTROLS), *MIXED, *ORDERS, *TERMINAL, *LOOKS]


@pytest.fixture(scope="session")
def hostile() -> list[str]:
    """Names that a colleague, a tenant or a pull request could choose."""
    return HOSTILE
