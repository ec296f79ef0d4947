"""Bodies of answers read value by value: whatever is not as it should be raises IntensityError, told in a few words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone

from reporter.errors import IntensityError
from reporter.intensity import Client

HIGHEST_GCO2E_PER_KWH = 2000.0
"""No grid emits as much: above, it is another unit or a mistake."""
DAY_S = 86_400.0
_OK = 200


class Refused(IntensityError):
    """Another status than 200."""

    def __init__(self, status: int, why: str | None) -> None:
        super().__init__(f"status {status}{f': {why}' if why else ''}")
        self.status = status


def fetch(client: Client, path: str, *, refusals: Mapping[int, str]) -> Mapping[str, object]:
    """The JSON object at a path. Raises Refused for any status but 200; `refusals` says what some of them mean."""
    reply = client.send("GET", path)
    if reply.status != _OK:
        raise Refused(reply.status, refusals.get(reply.status))
    return mapping(reply.json(), "the answer")


def mapping(value: object, what: str) -> Mapping[str, object]:
    """An object."""
    if not isinstance(value, dict):
        raise IntensityError(f"{what} is no object")
    return value


def rows(value: object, what: str) -> Iterator[Mapping[str, object]]:
    """The objects of a list."""
    if not isinstance(value, list):
        raise IntensityError(f"{what} is no list")
    for item in value:
        yield mapping(item, f"an entry of {what}")


def moment(value: object, what: str) -> float:
    """An ISO 8601 time with its zone, as seconds since 1970."""
    try:
        time = datetime.fromisoformat(value.replace("Z", "+00:00") if isinstance(value, str) else "")
    except ValueError:
        raise IntensityError(f"{what} is no time") from None
    if time.tzinfo is None:
        raise IntensityError(f"{what} has no time zone")
    return time.timestamp()


def number(value: object, what: str) -> float:
    """A finite number. JSON's whole numbers may have more digits than any."""
    try:
        found = math.nan if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise IntensityError(f"{what} is no number")
    return found


def intensity(value: object, scale: float = 1.0) -> float:
    """A possible intensity, gCO2e/kWh, from a number in units of `scale`."""
    gco2e_per_kwh = number(value, "a value") * scale
    if not 0 <= gco2e_per_kwh < HIGHEST_GCO2E_PER_KWH:
        raise IntensityError(f"a value of {gco2e_per_kwh:.6g} g/kWh is impossible")
    return gco2e_per_kwh


def stamp(time_s: float, pattern: str = "%Y-%m-%dT%H:%MZ") -> str:
    """A time as providers take it, UTC. Raises IntensityError beyond the year 9999."""
    try:
        return datetime.fromtimestamp(time_s, tz=timezone.utc).strftime(pattern)
    except (ValueError, OverflowError, OSError):
        raise IntensityError("a time is beyond every calendar") from None


def stretches(start_s: float, end_s: float, *, step_s: float, most_s: float) -> Iterator[tuple[float, float]]:
    """The time from start to end, widened to whole steps, in stretches of at most `most_s`."""
    begin_s, last_s = math.floor(start_s / step_s) * step_s, math.ceil(end_s / step_s) * step_s
    while begin_s < last_s:
        until_s = min(begin_s + most_s, last_s)
        yield begin_s, until_s
        begin_s = until_s
