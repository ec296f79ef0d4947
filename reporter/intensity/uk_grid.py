"""The Carbon Intensity API of Great Britain's system operator: half hours, direct emissions only, no key.

The nation has actual values, which may still be missing; its regions have forecasts alone.
Source: the API definitions of NESO (CC BY 4.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus

from reporter.errors import IntensityError
from reporter.intensity import Answer, Connect, Place, Question, Value
from reporter.intensity.body import DAY_S, fetch, intensity, mapping, moment, rows, stamp, stretches

BASE_URL = "https://api.carbonintensity.org.uk"
NATION = "GB"
STEP_S = 1800.0
MOST_S = 14 * DAY_S
REGIONS = range(1, 18)
REFUSALS: dict[int, str] = {HTTPStatus.BAD_REQUEST: "it does not know this region or time"}
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?")


def zone_of(place: Place) -> str | None:
    """The nation, for whatever lies in it."""
    return NATION if place.country == NATION else None


def is_zone(zone: str) -> bool:
    """`GB`, a region from 1 to 17, or the first part of a postcode."""
    return zone == NATION or _is_region(zone) or bool(_POSTCODE.fullmatch(zone))


def lookup(question: Question, connect: Connect) -> Answer:
    """The half hours of a job."""
    client = connect(BASE_URL)
    values: list[Value] = []
    for start_s, end_s in stretches(question.start_s, question.end_s, step_s=STEP_S, most_s=MOST_S):
        times = f"{stamp(start_s)}/{stamp(end_s)}"
        if question.zone == NATION:
            body = fetch(client, f"/intensity/{times}", refusals=REFUSALS)
            values += _values(body.get("data"))
        else:
            kind = "regionid" if _is_region(question.zone) else "postcode"
            path = f"/regional/intensity/{times}/{kind}/{question.zone}"
            values += _regional(fetch(client, path, refusals=REFUSALS).get("data"), kind, question.zone)
    return Answer(tuple(values), zone=question.zone, scope="direct")


def _regional(data: object, kind: str, zone: str) -> Iterator[Value]:
    """Of one region: an object, or a list of it."""
    regions = list(rows(data, "`data`")) if isinstance(data, list) else [mapping(data, "`data`")]
    for region in regions:
        if str(region.get(kind)) != zone:
            raise IntensityError(f"the answer is for {kind} {region.get(kind)!s:.20}, not {zone}")
        yield from _values(region.get("data"))


def _values(data: object) -> Iterator[Value]:
    for row in rows(data, "`data`"):
        yield _value(row, mapping(row.get("intensity"), "`intensity`"))


def _value(row: Mapping[str, object], said: Mapping[str, object]) -> Value:
    actual = said.get("actual")
    return Value(
        start_s=moment(row.get("from"), "`from`"),
        end_s=moment(row.get("to"), "`to`"),
        gco2e_per_kwh=intensity(said.get("forecast") if actual is None else actual),
        note="forecast" if actual is None else None,
    )


def _is_region(zone: str) -> bool:
    return zone.isdecimal() and len(zone) < 3 and int(zone) in REGIONS  # noqa: PLR2004
