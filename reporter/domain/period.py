"""Calendar periods in UTC. Moments are text as jobs have it, `2026-01-01T00:00:00Z`, so that they sort as they are."""

from __future__ import annotations

import re
from math import floor

S_PER_DAY = 86_400
FIRST_YEAR, LAST_YEAR = 1970, 9998
_MOMENT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_THURSDAY = 3
"""The weekday of 1 January 1970, counted from Monday."""


def seconds_of(moment: str | None) -> float | None:
    """A moment in seconds since 1970; None for every other text, and for a day that no calendar has."""
    matched = _MOMENT.fullmatch(moment or "")
    if matched is None:
        return None
    year, month, day, hour, minute, second = map(int, matched.groups())
    sound = FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= len(_MONTH_DAYS)
    if not sound or not 1 <= day <= _days_in(year, month) or hour > 23 or minute > 59 or second > 60:  # noqa: PLR2004
        return None
    return float(_day(year, month, day) * S_PER_DAY + hour * 3600 + minute * 60 + second)


def moment_of(seconds: float) -> str:
    """Seconds since 1970 as a moment, without their fraction."""
    whole = floor(seconds)
    year, month, day = _date(whole // S_PER_DAY)
    rest = whole % S_PER_DAY
    return f"{year:04}-{month:02}-{day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"


def period_of(per: str, moment: str) -> tuple[str, str] | None:
    """From when (inclusive) to when (exclusive) the day, week, month or year of a moment lasts; None without a moment.

    Weeks begin on Monday (ISO 8601).
    """
    seconds = seconds_of(moment)
    if seconds is None:
        return None
    today = floor(seconds) // S_PER_DAY
    year, month, _ = _date(today)
    if per == "day":
        first, end = today, today + 1
    elif per == "week":
        first = today - (today + _THURSDAY) % 7
        end = first + 7
    elif per == "month":
        first = _day(year, month, 1)
        end = first + _days_in(year, month)
    else:
        first, end = _day(year, 1, 1), _day(year + 1, 1, 1)
    return moment_of(first * S_PER_DAY), moment_of(end * S_PER_DAY)


def _day(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar."""
    months = sum(_days_in(year, each) for each in range(1, month))
    return 365 * (year - 1970) + _leap_days(year) - _leap_days(1970) + months + day - 1


def _date(days: int) -> tuple[int, int, int]:
    year = 1970 + days // 366
    while _day(year + 1, 1, 1) <= days:
        year += 1
    rest, month = days - _day(year, 1, 1), 1
    while rest >= _days_in(year, month):
        rest -= _days_in(year, month)
        month += 1
    return year, month, rest + 1


def _leap_days(year: int) -> int:
    """Before the beginning of a year."""
    before = year - 1
    return before // 4 - before // 100 + before // 400


def _days_in(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap and month == 2 else _MONTH_DAYS[month - 1]  # noqa: PLR2004
