"""A helpdesk: tickets that are answered, passed on, and opened again. One file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from simulation import office
from simulation.course import Course, log_of
from simulation.dice import Dice
from simulation.names import HELPDESK, SPECIALISTS
from simulation.tables import csv_file, log_table

FIRST: Final = date(2023, 1, 9)
LAST: Final = date(2024, 12, 19)
UNTIL: Final = office.midnight(2025, 1, 1)
TICKETS: Final = 380

_REMARKS: Final = (
    "Gerät neu gestartet, Fehler bleibt",
    'Anzeige: "Zugriff verweigert"\nScreenshot liegt bei',
    "Prière de rappeler après 16 h",
    "hasło zresetowane, użytkownik potwierdził",
)


def files() -> dict[str, bytes]:
    """The data of the example, by path."""
    dice = Dice(20230109)
    starts = office.beginnings(dice, FIRST, LAST, TICKETS)
    courses = [_course(f"T-{20_481 + 2 * at}", start, dice) for at, start in enumerate(starts)]
    return {"data/tickets.csv": csv_file(log_table(log_of(courses, UNTIL)))}


def _course(case: str, start: datetime, dice: Dice) -> Course:
    course = Course(case, start, dice, _REMARKS)
    course.do("Open ticket", HELPDESK, 0, 0.5)
    course.do("Assign ticket", HELPDESK, 0.1, 4)
    while dice.chance(0.15):
        course.do("Ask user", HELPDESK, 0.1, 6)
        course.wait(0.1, 5)
        course.do("Receive answer", HELPDESK, 0, 2)
    while True:
        if dice.chance(0.35):
            course.do("Pass on to specialist", HELPDESK, 0.2, 6)
            course.do("Analyse problem", SPECIALISTS, 1, 30)
        course.do("Propose solution", HELPDESK, 0.5, 16)
        if not dice.chance(0.18):
            break
        course.wait(0.1, 6)
        course.do("Open ticket again", HELPDESK, 0.1, 4)
    course.wait(3, 8)
    course.at_night("Close ticket")
    return course
