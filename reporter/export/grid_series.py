"""A series of grid intensities from a CSV or JSON file: a time and a value with its unit in each row."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import mode

from reporter import bounded
from reporter.domain.carbon import IntensityPoint
from reporter.domain.units import HIGHEST_INTENSITY_GCO2E_PER_KWH, INTENSITY_UNITS
from reporter.errors import ConfigError, Problem

TIMES = ("timestamp", "datetime", "time", "point_time", "start", "from")
"""Names of the column that says from when on a value holds."""
MOST_PROBLEMS = 10
FEWEST_ROWS = 2
_UNIT = re.compile(r"(?i)\b(kg|g|t|lb)\s*(?:CO[2₂](?:[- ]?eq|e)?)?\s*/\s*(kWh|MWh)")
_OWN = "gco2e_per_kwh"
_SPELT = {unit.lower(): unit for unit in INTENSITY_UNITS}
_USAGE = "Write a column `timestamp` with a zone (2026-01-01T00:00:00Z) and a column `g/kWh`."


def loads(text: str, *, origin: str) -> tuple[IntensityPoint, ...]:
    """The series in the order of time, with times in seconds since 1970 and values in gCO2e/kWh.

    A value holds until the next row, but no longer than most do; an empty one is a gap.
    Raises ConfigError with what is wrong.
    """
    rows = _rows(text, origin)
    time, column, scale = _columns(rows[0], origin)
    problems: list[str] = []
    starts_s: list[float] = []
    values: list[float | None] = []
    for place, row in enumerate(rows, 1):
        try:
            at_s = _moment(row.get(time), after_s=starts_s[-1] if starts_s else -1.0)
            value = _value(row.get(column), scale)
        except ValueError as error:
            problems.append(f"row {place}: {error}")
            continue
        starts_s.append(at_s)
        values.append(value)
    if problems:
        shown = "; ".join(problems[:MOST_PROBLEMS])
        rest = len(problems) - MOST_PROBLEMS
        raise _wrong(f"{shown}{f'; and {rest} more' if rest > 0 else ''}", origin)
    return _points(starts_s, values)


def _points(starts_s: Sequence[float], values: Sequence[float | None]) -> tuple[IntensityPoint, ...]:
    usual_s = mode(round(after - before, 3) for before, after in pairwise(starts_s))
    ends_s = [*starts_s[1:], starts_s[-1] + usual_s]
    return tuple(
        IntensityPoint(start_s=start_s, end_s=min(end_s, start_s + usual_s), gco2e_per_kwh=value)
        for start_s, end_s, value in zip(starts_s, ends_s, values, strict=True)
        if value is not None
    )


def _rows(text: str, origin: str) -> Sequence[Mapping[str, object]]:
    body = text.lstrip("\ufeff \t\r\n")
    rows: Sequence[Mapping[str, object]]
    try:
        rows = bounded.parse(body) if body[:1] in ("[", "{") else list(csv.DictReader(io.StringIO(body)))
    except (ValueError, csv.Error) as error:
        raise _wrong(f"it is neither JSON nor CSV: {error}", origin) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _wrong("it is not a list of rows", origin)
    if len(rows) < FEWEST_ROWS:
        raise _wrong("it has fewer than two rows", origin)
    return rows


def _columns(first: Mapping[str, object], origin: str) -> tuple[str, str, float]:
    """The columns of the time and of the value, and gCO2e/kWh per unit of the value: a unit is never guessed."""
    names = [name for name in first if isinstance(name, str)]
    time = next((name for known in TIMES for name in names if name.strip().lower() == known), None)
    found: dict[str, float] = {}
    for name in names:
        unit = _UNIT.search(name)
        if name.strip().lower() == _OWN:
            found[name] = 1.0
        elif unit is not None and f"{unit[1]}/{unit[2]}".lower() in _SPELT:
            found[name] = INTENSITY_UNITS[_SPELT[f"{unit[1]}/{unit[2]}".lower()]]
    if time is None:
        raise _wrong("no column is a time", origin)
    if not found:
        raise _wrong("no column names a unit of intensity", origin)
    if len(found) > 1:
        raise _wrong(f"which of {', '.join(f'`{name}`' for name in found)} is meant?", origin)
    ((column, scale),) = found.items()
    return time, column, scale


def _moment(cell: object, *, after_s: float) -> float:
    text = "" if cell is None or isinstance(cell, bool) else str(cell).strip()
    if re.fullmatch(r"\d{1,10}(\.\d+)?", text):
        seconds = float(text)
    else:
        try:
            moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
        except ValueError:
            raise ValueError(f"`{text}` is not a time") from None
        if moment.tzinfo is None:
            raise ValueError(f"`{text}` has no time zone")
        seconds = moment.timestamp()
    if not 0 <= seconds < 1e10:  # noqa: PLR2004  (1970 to 2286)
        raise ValueError(f"`{text}` is not a time")
    if seconds <= after_s:
        raise ValueError(f"`{text}` is not after the row before")
    return seconds


def _value(cell: object, scale: float) -> float | None:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    try:
        value = float(cell) * scale if isinstance(cell, str | int | float) and not isinstance(cell, bool) else math.nan
    except (ValueError, OverflowError):
        value = math.nan
    if not 0 <= value <= HIGHEST_INTENSITY_GCO2E_PER_KWH:
        raise ValueError(f"`{cell}` is no intensity")
    return value


def _wrong(what: str, origin: str) -> ConfigError:
    return ConfigError(Problem(f"Series `{origin}` cannot be used: {what}", origin="`--series`", suggestion=_USAGE))
