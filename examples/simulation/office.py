"""When people work (weekdays, 8 to 18 h, no public holidays) and when the night jobs run."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from simulation.dice import Dice

OPENS: Final = time(8)
CLOSES: Final = time(18)
NIGHT: Final = time(2)

_HOLIDAYS: Final = frozenset({(1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)})
_DAY: Final = timedelta(days=1)

# August is quiet, November is not: share of a usual month's new cases.
_SEASON: Final = (0.9, 0.9, 1.0, 1.0, 0.95, 1.0, 0.85, 0.65, 1.0, 1.05, 1.2, 0.8)


def midnight(year: int, month: int, day: int) -> datetime:
    """The beginning of a day, in local time: the logs say nothing of time zones, as such logs do not."""
    return datetime.combine(date(year, month, day), time())


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS


def opening(moment: datetime) -> datetime:
    """The moment itself if somebody is at work then, or else the next time that the office opens."""
    if is_working_day(moment.date()) and moment.time() < CLOSES:
        return max(moment, datetime.combine(moment.date(), OPENS))
    day = moment.date() + _DAY
    while not is_working_day(day):
        day += _DAY
    return datetime.combine(day, OPENS)


def after(moment: datetime, hours: float) -> datetime:
    """So many working hours later."""
    left = timedelta(seconds=int(hours * 3600))
    now = opening(moment)
    while True:
        closing = datetime.combine(now.date(), CLOSES)
        if now + left < closing:
            return now + left
        left -= closing - now
        now = opening(closing)


def night_run(moment: datetime) -> datetime:
    """When the next night jobs start; they follow working days, so the last of a week is on Saturday."""
    day = moment.date() if moment.time() < NIGHT else moment.date() + _DAY
    while not is_working_day(day - _DAY):
        day += _DAY
    return datetime.combine(day, NIGHT)


def beginnings(dice: Dice, first: date, last: date, count: int) -> list[datetime]:
    """When cases begin: more each year, fewer in August, in office hours, in order."""
    days = (last - first).days
    found: list[datetime] = []
    while len(found) < count:
        part = dice.between(0, 1)
        day = first + timedelta(days=int(part * days))
        if dice.between(0, 2 * max(_SEASON)) < (1 + part) * _SEASON[day.month - 1]:
            seconds = dice.whole(0, 36_000 - 1)
            found.append(opening(datetime.combine(day, OPENS) + timedelta(seconds=seconds)))
    return sorted(found)
