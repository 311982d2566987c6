"""Returns: goods that come back, from the request to the credit note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from simulation.course import Course, Event, log_of
from simulation.dice import Dice
from simulation.names import BILLING, CARRIER, RETURNS, WAREHOUSE

SHARE: Final = 0.28

_REMARKS: Final = (
    "Verpackung beschädigt;\nFotos liegen bei",
    'Kunde schreibt: "falsche Größe geliefert"',
    "produit défectueux,\nà échanger sous garantie",
    "Ware unbenutzt zurück",
    "towar niezgodny z zamówieniem",
)


def returns_log(orders: Sequence[str], delivered: Sequence[Course], until: datetime) -> list[Event]:
    """One case for each of some orders that were delivered."""
    dice = Dice(20220105)
    courses = []
    for order, course in zip(orders, delivered, strict=True):
        arrived = [event.time for event in course.events if event.activity == "Confirm delivery"]
        if arrived and dice.chance(SHARE):
            courses.append(_course(order.replace("SO-", "RET-"), arrived[0], dice))
    return log_of(courses, until)


def _course(case: str, arrived: datetime, dice: Dice) -> Course:
    course = Course(case, arrived, dice, _REMARKS)
    course.wait(0, 20)
    course.do("Rücksendung anmelden", RETURNS, 0, 8)
    if dice.chance(0.12):
        course.do("Anmeldung ablehnen", RETURNS, 1, 12)
        return course
    course.at_night("Etikett versenden")
    course.do("Sendung abholen", CARRIER, 8, 50)
    course.do("Ware prüfen", WAREHOUSE, 1, 30)
    while dice.chance(0.25):
        course.do("Rückfrage an Kunden", RETURNS, 0.5, 16)
        course.do("Ware prüfen", WAREHOUSE, 1, 12)
    if dice.chance(0.3):
        course.at_once(("Ersatz versenden", WAREHOUSE, 2, 20), ("Ware einlagern", RETURNS, 1, 30))
    else:
        course.do("Gutschrift erstellen", BILLING, 0.5, 20)
        course.at_night("Gutschrift auszahlen")
    return course
