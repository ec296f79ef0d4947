"""Energy-Charts of Fraunhofer ISE: European countries by quarter hours, from their production, no key.

Its pages do not say whether upstream emissions are included, so neither do we.
Source: the API description at api.energy-charts.info.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import pairwise
from urllib.parse import urlencode

from reporter.errors import IntensityError
from reporter.intensity import Answer, Connect, Place, Question, Value
from reporter.intensity.body import DAY_S, fetch, intensity, number, stamp, stretches

BASE_URL = "https://api.energy-charts.info"
STEP_S = 900.0
HOUR_S = 3600.0
MOST_S = 31 * DAY_S
COUNTRIES = frozenset({
    "AT", "BE", "BG", "CH", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
    "LV", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
REFUSALS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "it does not know this country or time",
    HTTPStatus.NOT_FOUND: "no data for this country and time",
}
_COUNTRY = re.compile(r"[a-z]{2,3}")


def zone_of(place: Place) -> str | None:
    """The code of a country: `de`."""
    return place.country.lower() if place.country in COUNTRIES else None


def is_zone(zone: str) -> bool:
    """A code of two or three small letters."""
    return bool(_COUNTRY.fullmatch(zone))


def lookup(question: Question, connect: Connect) -> Answer:
    """The quarter hours of a job; hours where the country has no more than that."""
    client = connect(BASE_URL)
    values: list[Value] = []
    for start_s, end_s in stretches(question.start_s, question.end_s, step_s=HOUR_S, most_s=MOST_S):
        query = {"country": question.zone, "start": stamp(start_s), "end": stamp(end_s)}
        values += _values(fetch(client, f"/co2eq?{urlencode(query, safe=':')}", refusals=REFUSALS))
    return Answer(tuple(values), zone=question.zone, scope="unknown")


def _values(body: Mapping[str, object]) -> Iterator[Value]:
    """What was observed, else the forecast; a time with neither is left out, and so missed later."""
    times, observed, forecast = (_column(body, key) for key in ("unix_seconds", "co2eq", "co2eq_forecast"))
    forecast = forecast or [None] * len(times)
    if not len(times) == len(observed) == len(forecast):
        raise IntensityError("its columns are not of one length")
    starts_s = [_time(time) for time in times]
    widths_s = {after_s - before_s for before_s, after_s in pairwise(sorted(set(starts_s)))}
    width_s = min(widths_s, default=STEP_S)
    if width_s not in (STEP_S, HOUR_S):
        raise IntensityError("the values are neither of quarter hours nor of hours")
    stand_in = "estimated" if body.get("substitute") else None
    for start_s, value, foreseen in zip(starts_s, observed, forecast, strict=True):
        if value is not None:
            yield Value(start_s, start_s + width_s, intensity(value), stand_in)
        elif foreseen is not None:
            yield Value(start_s, start_s + width_s, intensity(foreseen), "forecast")


def _column(body: Mapping[str, object], key: str) -> list[object]:
    column = body.get(key)
    if column is None and key == "co2eq_forecast":
        return []
    if not isinstance(column, list):
        raise IntensityError(f"`{key}` is no list")
    return column


def _time(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int):
        raise IntensityError("a time is no whole number")
    return number(value, "a time")
