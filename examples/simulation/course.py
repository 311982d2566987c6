"""One case under way, and the log that all cases of a process make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from simulation import office
from simulation.dice import Dice
from simulation.names import NIGHT_JOBS, Team

_OVERTIME: Final = 0.02
_NIGHT_COST: Final = Decimal("0.05")

Step = tuple[str, Team, float, float]
"""An activity, who does it, and the fewest and most working hours until it is done."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an event log. `cost`: euros of handling."""

    case: str
    activity: str
    time: datetime
    person: str
    team: str
    cost: Decimal
    comment: str


class Course:
    """A case on its way: what happened so far, and when it goes on."""

    def __init__(self, case: str, start: datetime, dice: Dice, remarks: Sequence[str]) -> None:
        self.case = case
        self.now = start
        self.dice = dice
        self.events: list[Event] = []
        self._remarks = remarks

    def do(self, activity: str, team: Team, low: float, high: float) -> None:
        """Somebody of the team does it, working hours later."""
        self.now = office.after(self.now, self.dice.skewed(low, high))
        if self.dice.chance(_OVERTIME):
            evening = datetime.combine(self.now.date(), time(18))
            self.now = evening + timedelta(seconds=self.dice.whole(0, 7_000))
        self._note(activity, team, self.dice.amount(2, 60))

    def at_night(self, activity: str) -> None:
        """A night job does it."""
        self.now = office.night_run(self.now) + timedelta(seconds=self.dice.whole(0, 2_400))
        self._note(activity, NIGHT_JOBS, _NIGHT_COST)

    def wait(self, low: float, high: float) -> None:
        """Days pass, weekends too."""
        self.now += timedelta(seconds=int(self.dice.skewed(low, high) * 86_400))

    def at_once(self, *steps: Step) -> None:
        """All of them begin now, each takes its own time, and the case goes on after the last one."""
        start, ends = self.now, []
        for step in steps:
            self.now = start
            self.do(*step)
            ends.append(self.now)
        self.now = max(ends)

    def _note(self, activity: str, team: Team, cost: Decimal) -> None:
        remark = ""
        if team is not NIGHT_JOBS and self.dice.chance(0.06):
            remark = self.dice.pick(self._remarks)
        person = self.dice.pick(team.people)
        self.events.append(Event(self.case, activity, self.now, person, team.name, cost, remark))


def log_of(courses: Iterable[Course], until: datetime) -> list[Event]:
    """What had happened by then, in the order in which it happened; some cases are still under way."""
    events = (event for course in courses for event in course.events if event.time < until)
    return sorted(events, key=lambda event: (event.time, event.case))
