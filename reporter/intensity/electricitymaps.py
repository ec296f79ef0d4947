"""Electricity Maps, v3 and where that has gone v4: hourly, life cycle, by consumption.

A cloud's region is asked for by its name, anything else by its zone. A look-up by the caller's address is switched
off, and the zone of the answer is checked all the same. The last 24 hours are in every plan; before that is paid for.
Source: the API reference of Electricity Maps, v3 and v4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from reporter.errors import IntensityError
from reporter.intensity import Answer, Client, Connect, Place, Question, Value
from reporter.intensity.body import DAY_S, Refused, fetch, intensity, moment, rows, stamp, stretches

BASE_URL = "https://api.electricitymaps.com"
SCOPE = "lifecycle"
HOUR_S = 3600.0
MOST_S = 10 * DAY_S
"""Hours are given for so many days at once."""
WIDTHS_S = {"hourly": HOUR_S, "15_minutes": 900.0, "5_minutes": 300.0}
COMMON = {"emissionFactorType": SCOPE, "temporalGranularity": "hourly", "disableCallerLookup": "true"}
REFUSALS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "the token was refused, or its plan does not include this",
    HTTPStatus.FORBIDDEN: "the token was refused, or its plan does not include this",
    HTTPStatus.NOT_FOUND: "no data for this zone and time",
}
GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
CLOUDS = ("aws", "azure", "gcp")
COUNTRIES = frozenset({
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "EE", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "LT", "LU",
    "LV", "NL", "PL", "PT", "RO", "RS", "SI", "SK", "TR", "UA", "AR", "CR", "IL", "KE", "KR", "NG", "NI", "PA",
    "PE", "SG", "TW", "UY", "ZA",
})  # fmt: skip
"""Countries that are, but for islands, one zone of the same name."""
PARTS = frozenset({
    "CA-AB", "CA-BC", "CA-MB", "CA-NB", "CA-NS", "CA-NT", "CA-NU", "CA-ON", "CA-PE", "CA-QC", "CA-SK", "CA-YT",
    "NO-NO1", "NO-NO2", "NO-NO3", "NO-NO4", "NO-NO5", "SE-SE1", "SE-SE2", "SE-SE3", "SE-SE4",
})  # fmt: skip
"""Provinces and bidding zones that are one zone of the same name. US states are not: grids cross their borders."""
_ZONE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{2,6}){0,3}")


def zone_of(place: Place) -> str | None:
    """A cloud's region stays as it is: the provider knows them."""
    if place.key.partition(":")[0] in CLOUDS or place.key in COUNTRIES | PARTS:
        return place.key
    return None


def is_zone(zone: str) -> bool:
    """`DE`, `US-MIDA-PJM`, or a cloud's region."""
    return bool(_ZONE.fullmatch(zone)) or zone.partition(":")[0] in CLOUDS


def lookup(question: Question, connect: Connect) -> Answer:
    """The hours of a job: from the last day's, else from the past's. The hour that still runs may be the latest."""
    client = connect(BASE_URL, secret_headers={"auth-token": question.secrets[0]})
    where, values, zones = _where(question.zone), dict[float, Value](), dict[str, None]()

    def ask(path: str, **times: str) -> None:
        for zone, value in _values(_ask(client, path, {**where, **times})):
            zones[zone] = None
            values.setdefault(value.start_s, value)

    if question.start_s >= question.now_s - DAY_S + HOUR_S:
        ask("history")
        if question.end_s > max((value.end_s for value in values.values()), default=0.0):
            ask("latest")
    else:
        for start_s, end_s in stretches(question.start_s, question.end_s, step_s=HOUR_S, most_s=MOST_S):
            ask("past-range", start=stamp(start_s), end=stamp(end_s))
    return Answer(tuple(values.values()), zone=_checked(question, tuple(zones)), scope=SCOPE)


def _where(zone: str) -> dict[str, str]:
    provider, colon, region = zone.partition(":")
    return {"dataCenterProvider": provider, "dataCenterRegion": region} if colon else {"zone": zone}


def _ask(client: Client, path: str, query: Mapping[str, str]) -> Mapping[str, object]:
    """From v3; from v4 where v3 has nothing at this path."""
    text = urlencode({**query, **COMMON}, safe=":")
    try:
        return fetch(client, f"/v3/carbon-intensity/{path}?{text}", refusals=REFUSALS)
    except Refused as refused:
        if refused.status not in GONE:
            raise
    return fetch(client, f"/v4/carbon-intensity/{path}?{text}&flowTraced=true", refusals=REFUSALS)


def _values(body: Mapping[str, object]) -> Iterator[tuple[str, Value]]:
    """Every hour with its zone. A value that says another method than was asked for is refused."""
    found = body.get("history", body.get("data"))
    for row in [body] if "carbonIntensity" in body else rows(found, "the list of hours"):
        said = {**body, **row}
        if said.get("emissionFactorType", SCOPE) != SCOPE:
            raise IntensityError(f"the values are {said['emissionFactorType']!s:.20}, not {SCOPE}")
        if said.get("flowTraced", True) is not True:
            raise IntensityError("the values are by production, not by consumption")
        width_s = WIDTHS_S.get(str(said.get("temporalGranularity", "hourly")))
        zone = said.get("zone")
        if width_s is None or not isinstance(zone, str):
            raise IntensityError("a value says no zone" if width_s else "the values are not hourly")
        start_s = moment(row.get("datetime"), "the time of a value")
        note = "estimated" if row.get("isEstimated") else None
        yield zone, Value(start_s, start_s + width_s, intensity(row.get("carbonIntensity")), note)


def _checked(question: Question, zones: tuple[str, ...]) -> str:
    """The one zone that was answered for. Raises IntensityError where it is not the one asked for.

    Which zone a cloud's region lies in is the provider's word, as long as it is in the right country.
    """
    if len(zones) != 1:
        raise IntensityError("no values" if not zones else "values of several zones")
    (zone,) = zones
    is_cloud = ":" in question.zone
    if zone != question.zone and not (is_cloud and zone.partition("-")[0] == question.country):
        wanted = f"one in {question.country}" if is_cloud else question.zone
        raise IntensityError(f"the answer is for zone {zone:.20}, not {wanted}")
    return zone
