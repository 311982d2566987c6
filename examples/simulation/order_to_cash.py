"""Order to cash: orders, their delivery, their invoices, and what happens when nobody pays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from simulation import office
from simulation.course import Course, Event, log_of
from simulation.dice import Dice
from simulation.names import (
    BILLING,
    CARRIER,
    CREDIT,
    SALES,
    WAREHOUSE,
    Partner,
    partners,
)
from simulation.returns import returns_log
from simulation.tables import ENGLISH_LOG, GERMAN, GERMAN_LOG, Table, csv_file, log_table
from simulation.workbook import workbook_file

FIRST: Final = date(2022, 1, 3)
LAST: Final = date(2024, 12, 20)
UNTIL: Final = office.midnight(2025, 1, 1)
ORDERS: Final = 330
PAYMENT_DAYS: Final = timedelta(days=30)

_REMARKS: Final = (
    'Kunde rief an:\nLieferung bitte erst ab 14 Uhr, "Tor 3"',
    "Menge geändert, siehe E-Mail vom Vertrieb",
    "client prévenu par téléphone",
    "Rückfrage beim Lager;\nAntwort: ab Mittwoch verfügbar",
    "zamówienie pilne, wysłać kurierem",
    "Sammelrechnung gewünscht",
)
_DISCOUNTS: Final = ("0,0 %", "2,0 %")
_CLERKS_REMARKS: Final = (
    "Rückruf am Montag vereinbart",
    "Versprochen:\n1. Rate bis Monatsende\n2. Rate danach",
    "Numéro inconnu, nouvel essai demain",
    "Buchhaltung im Urlaub, Vertretung angeschrieben",
)


@dataclass(frozen=True, slots=True)
class Order:
    """A sales order. `progress`: how far in the simulated years it is, from 0 to 1; things get better."""

    number: str
    customer: Partner
    created: datetime
    value: Decimal
    progress: float


def files() -> dict[str, bytes]:
    """The data of the example, by path."""
    dice = Dice(20220103)
    customers = partners(dice, 60, 1_000_010)
    orders = _orders(dice, customers)
    courses = [_course(order, dice) for order in orders]
    on_time, late = _apart(log_of(courses, UNTIL))
    found = {
        f"data/orders/events-{year}.csv": csv_file(log_table(e for e in on_time if e.time.year == year))
        for year in (2022, 2023, 2024)
    }
    found["data/orders/booked-late.xlsx"] = workbook_file(log_table(late), "Łódź")
    found["data/orders/orders.csv"] = csv_file(_order_table(orders), GERMAN)
    found["data/collections/collections.xlsx"] = workbook_file(_collections(courses), "Mahnwesen")
    found["data/collections/customers.csv"] = csv_file(_customer_table(customers, dice), GERMAN)
    returned = returns_log([order.number for order in orders], courses, UNTIL)
    found["data/returns/returns.csv"] = csv_file(log_table(returned, GERMAN_LOG), GERMAN)
    return found


def _orders(dice: Dice, customers: list[Partner]) -> list[Order]:
    starts = office.beginnings(dice, FIRST, LAST, ORDERS)
    days = (LAST - FIRST).days
    return [
        Order(
            number=f"SO-{start:%y}-{4_711 + 3 * at:06}",
            customer=dice.pick(customers),
            created=start,
            value=dice.amount(180, 60_000),
            progress=(start.date() - FIRST).days / days,
        )
        for at, start in enumerate(starts)
    ]


def _course(order: Order, dice: Dice) -> Course:
    course = Course(order.number, order.created, dice, _REMARKS)
    if _accepted(course, order):
        _deliver(course)
        _bill(course, order)
    return course


def _accepted(course: Course, order: Order) -> bool:
    """Taken in and checked; False: cancelled."""
    dice = course.dice
    if dice.chance(0.10 + 0.45 * order.progress):
        course.at_night("Import EDI order")
    else:
        course.do("Create sales order", SALES, 0, 1)
    course.at_once(("Check credit", CREDIT, 0.2, 14), ("Check availability", WAREHOUSE, 0.1, 9))
    if order.value > 25_000:
        course.do("Approve credit limit", CREDIT, 1, 20)
        if dice.chance(0.15):
            course.do("Cancel order", SALES, 0.5, 10)
            return False
    while dice.chance(0.30 - 0.18 * order.progress):
        course.do("Change sales order", SALES, 0.5, 20)
        course.do("Check availability", WAREHOUSE, 0.1, 6)
    course.do("Confirm order", SALES, 0.2, 8)
    return True


def _deliver(course: Course) -> None:
    course.wait(0, 12)
    course.at_night("Create delivery")
    course.do("Pick and pack", WAREHOUSE, 0.5, 12)
    while course.dice.chance(0.07):
        course.do("Find missing items", WAREHOUSE, 0.5, 6)
        course.do("Pick and pack", WAREHOUSE, 0.3, 4)
    course.do("Post goods issue", WAREHOUSE, 0.1, 3)


def _bill(course: Course, order: Order) -> None:
    """Invoice and delivery go on side by side: the invoice does not wait for the lorry."""
    left = course.now
    course.do("Confirm delivery", CARRIER, 6, 40)
    arrived, course.now = course.now, left
    course.at_night("Create invoice")
    course.do("Send invoice", BILLING, 0.1, 6)
    course.now = max(course.now, arrived)
    while course.dice.chance(0.12 - 0.05 * order.progress):
        course.do("Receive complaint", BILLING, 4, 60)
        course.do("Correct invoice", BILLING, 1, 25)
        course.do("Send invoice", BILLING, 0.1, 6)
    course.wait(6, 70)
    course.at_night("Receive payment")


def _apart(events: list[Event]) -> tuple[list[Event], list[Event]]:
    """What came with the extracts, and what one warehouse wrote on paper and typed in afterwards."""
    paper = office.midnight(2024, 3, 1), office.midnight(2024, 6, 1)
    late = [e for e in events if e.activity == "Find missing items" or _is_paper(e, *paper)]
    return [e for e in events if e not in late], late


def _is_paper(event: Event, begin: datetime, end: datetime) -> bool:
    return event.activity == "Post goods issue" and begin <= event.time < end


def _order_table(orders: list[Order]) -> Table:
    columns = ("Auftrag", "Kunde", "Name", "Land", "Angelegt am", "Auftragswert", "Währung")
    rows = (
        (o.number, o.customer.number, o.customer.name, o.customer.country, o.created.date(), o.value, "EUR")
        for o in orders
    )
    return Table(columns, tuple(rows))


def _customer_table(customers: list[Partner], dice: Dice) -> Table:
    columns = ("Kunde", "Name", "Ort", "Land", "Kreditlimit", "Skonto")
    rows = (
        (one.number, one.name, one.city, one.country, dice.amount(5_000, 90_000), dice.pick(_DISCOUNTS))
        for one in customers
    )
    return Table(columns, tuple(rows))


def _collections(courses: list[Course]) -> Table:
    """One case for each invoice that was not paid in time."""
    dice = Dice(20220104)
    found = []
    for course in courses:
        times = {event.activity: event.time for event in course.events}
        due = times.get("Send invoice", UNTIL) + PAYMENT_DAYS
        if due < times.get("Receive payment", UNTIL):
            found.append(_collect(course.case, due, times["Receive payment"], dice))
    return log_table(log_of(found, UNTIL), ENGLISH_LOG)


def _collect(order: str, due: datetime, paid: datetime, dice: Dice) -> Course:
    course = Course(order.replace("SO-", "INV-"), due, dice, _CLERKS_REMARKS)
    course.at_night("Invoice overdue")
    course.at_night("Send reminder")
    while course.now < paid:
        course.wait(7, 16)
        course.do("Call customer", CREDIT, 0.2, 10)
        if dice.chance(0.5):
            course.do("Promise to pay", CREDIT, 0.1, 1)
            course.wait(7, 21)
        else:
            course.at_night("Send reminder")
    course.now = max(course.now, paid)
    course.at_night("Close dunning case")
    return course
