"""WattTime v3: the marginal operating emissions rate (MOER), every five minutes: what one more kWh emits.

Never the headline's, which is an average. Its index of percentiles (`signal-index`) is no intensity and is not asked.
Source: the API reference of WattTime, v3.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from reporter.domain.units import G_PER_LB
from reporter.errors import IntensityError
from reporter.intensity import Answer, Client, Connect, Place, Question, Value
from reporter.intensity.body import DAY_S, fetch, intensity, mapping, moment, rows, stamp, stretches

BASE_URL = "https://api.watttime.org"
SIGNAL = "co2_moer"
UNITS = "lbs_co2_per_mwh"
GCO2E_PER_KWH = G_PER_LB / 1000
"""One pound per megawatt-hour."""
STEP_S = 300.0
MOST_S = 31 * DAY_S
HELD_STEPS = 3
"""The newest values come late: the last one stands in for so many steps more."""
REFUSALS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "the user or password was refused, or the plan does not include this region",
    HTTPStatus.FORBIDDEN: "the user or password was refused, or the plan does not include this region",
    HTTPStatus.NOT_FOUND: "no data for this region and time",
}
_REGION = re.compile(r"[A-Z][A-Z0-9_]{1,40}")
_COORDINATES = re.compile(r"(-?\d{1,2}(?:\.\d{1,8})?),(-?\d{1,3}(?:\.\d{1,8})?)")


def zone_of(place: Place) -> str | None:  # noqa: ARG001  (as every provider has it)
    """None: a balancing region follows from coordinates, not from a state or country."""
    return None


def is_zone(zone: str) -> bool:
    """`PJM_DC`, or coordinates."""
    return bool(_REGION.fullmatch(zone) or _COORDINATES.fullmatch(zone))


def lookup(question: Question, connect: Connect) -> Answer:
    """The five-minute values of a job; the last of them may be held for a quarter of an hour, as an estimate."""
    client = connect(BASE_URL, token=_token(question.secrets, connect))
    region = _region(question.zone, client)
    values: list[Value] = []
    models: dict[str, None] = {}
    warnings: dict[str, None] = {}
    for start_s, end_s in stretches(question.start_s, question.end_s, step_s=STEP_S, most_s=MOST_S):
        query = {"region": region, "start": stamp(start_s), "end": stamp(end_s), "signal_type": SIGNAL}
        body = fetch(client, f"/v3/historical?{urlencode(query, safe=':')}", refusals=REFUSALS)
        meta = mapping(body.get("meta"), "`meta`")
        models[_model(meta, region)] = None
        warnings.update(dict.fromkeys(client.redact(str(text)) for text in _list(meta.get("warnings"))))
        values += _values(body, meta)
    if len(models) > 1:
        raise IntensityError(f"values of several models ({', '.join(models)})")
    return Answer((*values, *_held(values, question)), zone=region, scope="direct", warnings=tuple(warnings))


def _token(secrets: tuple[str, ...], connect: Connect) -> str:
    """A token for half an hour, for the user and password."""
    login = b64encode(":".join(secrets).encode()).decode()
    client = connect(BASE_URL, secret_headers={"Authorization": f"Basic {login}"})
    token = fetch(client, "/login", refusals=REFUSALS).get("token")
    if not isinstance(token, str) or not token:
        raise IntensityError("the login gave no token")
    return token


def _region(zone: str, client: Client) -> str:
    """The region as it is named, or the one at these coordinates."""
    at = _COORDINATES.fullmatch(zone)
    if at is None:
        return zone
    query = urlencode({"latitude": at[1], "longitude": at[2], "signal_type": SIGNAL})
    region = fetch(client, f"/v3/region-from-loc?{query}", refusals=REFUSALS).get("region")
    if not isinstance(region, str) or not _REGION.fullmatch(region):
        raise IntensityError("no region at these coordinates")
    return region


def _model(meta: Mapping[str, object], region: str) -> str:
    """The date of the model. Raises IntensityError where region, signal or unit are not those asked for."""
    for key, wanted in (("region", region), ("signal_type", SIGNAL), ("units", UNITS)):
        if meta.get(key) != wanted:
            raise IntensityError(f"its {key} is {meta.get(key)!s:.40}, not {wanted}")
    return f"{mapping(meta.get('model'), '`meta.model`').get('date')!s:.20}"


def _values(body: Mapping[str, object], meta: Mapping[str, object]) -> Iterator[Value]:
    width_s = meta.get("data_point_period_seconds")
    if width_s != STEP_S:
        raise IntensityError("the values are not of five minutes")
    for row in rows(body.get("data"), "`data`"):
        start_s = moment(row.get("point_time"), "the time of a value")
        yield Value(start_s, start_s + STEP_S, intensity(row.get("value"), GCO2E_PER_KWH))


def _held(values: list[Value], question: Question) -> Iterator[Value]:
    last = max(values, key=lambda value: value.end_s, default=None)
    if last is not None and last.end_s < question.end_s:
        end_s = min(question.end_s, last.end_s + HELD_STEPS * STEP_S)
        yield Value(last.end_s, end_s, last.gco2e_per_kwh, "estimated")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
