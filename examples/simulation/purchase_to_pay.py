"""Purchase to pay: a backfill and daily extracts of events, and full extracts of the orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from simulation import office
from simulation.course import Course, Event, log_of
from simulation.dice import Dice
from simulation.names import BUYERS, MANAGERS, PAYABLES, RECEIVING, REQUESTERS, Partner, partners
from simulation.payables import payables_log
from simulation.tables import GERMAN, GERMAN_LOG, Cell, Table, csv_file, log_table
from simulation.workbook import workbook_file

FIRST: Final = date(2022, 7, 4)
LAST: Final = date(2024, 6, 27)
DAILY_FROM: Final = date(2024, 6, 17)
UNTIL: Final = office.midnight(2024, 6, 30)
EXTRACTED: Final = (date(2024, 6, 21), date(2024, 6, 28))
ORDERS: Final = 345
SAMPLE_FROM: Final = office.midnight(2024, 3, 1)
SAMPLE_EVERY: Final = 2

_DAY: Final = timedelta(days=1)
_REMARKS: Final = (
    "Angebot 2 war günstiger,\nLieferzeit aber zu lang",
    "Prix révisé après négociation",
    'Kostenstelle fehlt, bitte "4711" verwenden',
    "Teillieferung, Rest folgt nächste Woche",
    "dostawa częściowa;\nreszta w przyszłym tygodniu",
    "Rahmenvertrag läuft aus, mit Einkauf klären",
)

Keep = Callable[[str], bool]
"""Which cases an extract has."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One item of a purchase order. `progress`: how far in the simulated years it is, from 0 to 1."""

    number: str
    supplier: Partner
    created: datetime
    value: Decimal
    progress: float


def files() -> dict[str, bytes]:
    """The data of the example, by path: all of it, and a sample with some of the last months' cases."""
    dice = Dice(20220704)
    suppliers = partners(dice, 38, 7_000_120)
    purchases = _purchases(dice, suppliers)
    events = log_of([_course(purchase, dice) for purchase in purchases], UNTIL)
    invoices = payables_log([purchase.number for purchase in purchases], events, UNTIL)
    recent = [purchase.number for purchase in purchases if purchase.created >= SAMPLE_FROM]
    sample = frozenset(recent[::SAMPLE_EVERY])
    found: dict[str, bytes] = {}
    for folder, keep, years, days in (
        ("data/full", lambda _: True, (2022, 2023, 2024), 14),
        ("data/sample", sample.__contains__, (2024,), 5),
    ):
        chosen = [event for event in events if keep(event.case)]
        found |= {f"{folder}/events/{name}": data for name, data in _event_files(chosen, years, days)}
        some = [one for one in purchases if keep(one.number)]
        found |= {f"{folder}/orders/{name}": data for name, data in _order_files(some, chosen)}
        found |= {f"{folder}/invoices/{name}": data for name, data in _invoice_files(invoices, keep)}
        found |= {f"{folder}/suppliers/{name}": data for name, data in _supplier_files(suppliers, some)}
    return found


def _purchases(dice: Dice, suppliers: list[Partner]) -> list[Purchase]:
    starts = office.beginnings(dice, FIRST, LAST, ORDERS)
    days = (LAST - FIRST).days
    return [
        Purchase(
            number=f"{4_500_017_382 + at // 2 * 3}-{10 + 10 * (at % 2):05}",
            supplier=dice.pick(suppliers),
            created=start,
            value=dice.amount(40, 30_000),
            progress=(start.date() - FIRST).days / days,
        )
        for at, start in enumerate(starts)
    ]


def _course(purchase: Purchase, dice: Dice) -> Course:
    course = Course(purchase.number, purchase.created, dice, _REMARKS)
    # Fewer and fewer buy first and ask later.
    if not dice.chance(0.16 - 0.10 * purchase.progress) and not _requested(course, purchase):
        return course
    _order(course)
    _receive(course, purchase)
    return course


def _requested(course: Course, purchase: Purchase) -> bool:
    """Asked for and approved; False: given up."""
    course.do("Create purchase requisition", REQUESTERS, 0, 1)
    if purchase.value < 150:
        course.at_night("Release requisition automatically")
        return True
    while course.dice.chance(0.24 - 0.12 * purchase.progress):
        course.do("Reject requisition", MANAGERS, 1, 30)
        if course.dice.chance(0.1):
            return False
        course.do("Change purchase requisition", REQUESTERS, 1, 30)
    course.do("Approve requisition", MANAGERS, 0.5, 40)
    if purchase.value > 10_000:
        course.do("Approve budget", MANAGERS, 2, 50)
    return True


def _order(course: Course) -> None:
    course.do("Create purchase order", BUYERS, 0.5, 30)
    course.at_night("Send purchase order")
    course.do("Receive order confirmation", BUYERS, 3, 60)
    while course.dice.chance(0.14):
        course.do(course.dice.pick(("Change price", "Change quantity")), BUYERS, 1, 20)
        course.at_night("Send purchase order")


def _receive(course: Course, purchase: Purchase) -> None:
    course.wait(2, 30)
    if course.dice.chance(0.2):
        course.do("Record goods receipt", RECEIVING, 0.2, 10)
        course.wait(1, 10)
    course.at_once(
        ("Record goods receipt", RECEIVING, 0.2, 40), ("Record invoice receipt", PAYABLES, 0.2, 50)
    )
    course.at_night("Match invoice")
    while course.dice.chance(0.22 - 0.10 * purchase.progress):
        course.do("Set payment block", PAYABLES, 0.2, 8)
        course.do("Clarify with supplier", BUYERS, 2, 60)
        course.do("Remove payment block", PAYABLES, 0.2, 10)
        course.at_night("Match invoice")
    course.wait(3, 30)
    course.at_night("Clear invoice")


def _event_files(events: list[Event], years: Iterable[int], days: int) -> Iterable[tuple[str, bytes]]:
    """A backfill file for each year, then one for each day on which anything happened."""
    before = [event for event in events if event.time.date() < DAILY_FROM]
    for year in years:
        part = [event for event in before if event.time.year == year]
        yield f"history-{year}.csv", csv_file(log_table(part))
    for day in (UNTIL.date() - _DAY * back for back in range(days, 0, -1)):
        part = [event for event in events if event.time.date() == day >= DAILY_FROM]
        if part:
            yield f"day-{day}.csv", csv_file(log_table(part))


def _order_files(purchases: list[Purchase], events: list[Event]) -> Iterable[tuple[str, bytes]]:
    """All orders as they stood on some days."""
    columns = ("order_item", "supplier", "created_on", "value", "currency", "last_activity")
    for day in EXTRACTED:
        last = {event.case: event.activity for event in events if event.time.date() < day}
        rows: list[tuple[Cell, ...]] = [
            (one.number, one.supplier.number, one.created.date(), one.value, "EUR", last[one.number])
            for one in purchases
            if one.number in last
        ]
        yield f"orders-{day}.csv", csv_file(Table(columns, tuple(rows)))


def _invoice_files(events: list[Event], keep: Keep) -> Iterable[tuple[str, bytes]]:
    """A file for each month, as the German bookkeeping program writes it."""
    for month in (4, 5, 6):
        part = [
            e
            for e in events
            if keep(e.case.partition("/")[2]) and (e.time.year, e.time.month) == (2024, month)
        ]
        yield f"rechnungen-2024-{month:02}.csv", csv_file(log_table(part, GERMAN_LOG), GERMAN)


def _supplier_files(suppliers: list[Partner], purchases: list[Purchase]) -> Iterable[tuple[str, bytes]]:
    """The suppliers whom anything was bought from, with what was bought, as workbooks."""
    columns = ("Lieferant", "Name", "Ort", "Land", "Bestellungen", "Bestellwert")
    for day in EXTRACTED:
        rows: list[tuple[Cell, ...]] = []
        for supplier in suppliers:
            values = [p.value for p in purchases if p.supplier == supplier and p.created.date() < day]
            if values:
                place = (supplier.number, supplier.name, supplier.city, supplier.country)
                rows.append((*place, len(values), sum(values, Decimal())))
        yield f"lieferanten-{day}.xlsx", workbook_file(Table(columns, tuple(rows)), "Lieferanten")
