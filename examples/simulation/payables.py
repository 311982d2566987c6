"""Accounts payable: what happens to one invoice between the post room and the payment run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from simulation.course import Course, Event, log_of
from simulation.dice import Dice
from simulation.names import MANAGERS, PAYABLES, REQUESTERS

_REMARKS: Final = (
    "Bestellnummer fehlt auf der Rechnung",
    "Skontofrist läuft ab;\nbitte heute noch prüfen",
    'Vermerk: "sachlich richtig"',
    "facture en double ?\nvérifier avec le fournisseur",
    "Umsatzsteuer falsch ausgewiesen",
)


def payables_log(orders: Sequence[str], purchases: Sequence[Event], until: datetime) -> list[Event]:
    """One case for each invoice that came in; its number ends in that of the order."""
    dice = Dice(20220706)
    came = {event.case: event.time for event in purchases if event.activity == "Record invoice receipt"}
    courses = [
        _course(f"RE{51_056_000 + 7 * at}/{order}", came[order], dice)
        for at, order in enumerate(orders)
        if order in came
    ]
    return log_of(courses, until)


def _course(case: str, came: datetime, dice: Dice) -> Course:
    course = Course(case, came, dice, _REMARKS)
    course.at_night("Rechnung einlesen")
    if dice.chance(0.35):
        course.do("Belegdaten nachtragen", PAYABLES, 0.2, 12)
    course.at_once(
        ("Rechnerisch prüfen", PAYABLES, 0.5, 20),
        ("Sachlich prüfen", REQUESTERS, 0.5, 50),
    )
    while dice.chance(0.2):
        course.do("Rückfrage stellen", PAYABLES, 0.5, 10)
        course.do("Sachlich prüfen", REQUESTERS, 1, 30)
    course.do("Rechnung freigeben", MANAGERS, 0.5, 40)
    course.do("Rechnung buchen", PAYABLES, 0.2, 10)
    course.wait(1, 25)
    course.at_night("Zahllauf")
    return course
