"""Great Britain: half hours, actual before forecast, direct emissions, a region as object or list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reporter.errors import IntensityError
from reporter.intensity import Answer as Said
from reporter.intensity import Place, Value
from reporter.intensity.course import ask, course
from reporter.intensity.uk_grid import is_zone, lookup, zone_of
from tests.intensity.conftest import question
from tests.intensity.fake import Answer, Asked, FakeProvider, Reply, recorded

TIMES = "2018-01-20T12:00Z/2018-01-20T12:30Z"
NATIONAL, REGIONAL = f"/intensity/{TIMES}", f"/regional/intensity/{TIMES}/regionid/13"
JOB = ("2018-01-20 12:05", "2018-01-20 12:25")
REGION = recorded("uk_ci_regional_regionid_200").body["data"][0]
Start = Callable[[dict[str, Answer | list[Answer]]], FakeProvider]


def half_hour(said: object, start: str = "2018-01-20T12:00Z", end: str = "2018-01-20T12:30Z") -> dict[str, Any]:
    return {"data": [{"from": start, "to": end, "intensity": said}]}


def test_the_actual_value_counts_and_is_direct(provider: Start) -> None:
    fake = provider({NATIONAL: recorded("uk_ci_intensity_200")})

    intensity, flags = ask("uk-grid", question("GB", *JOB), fake.connect)

    assert (intensity.gco2e_per_kwh, intensity.scope, intensity.resolved) == (263, "direct", "30min")
    assert flags == ()
    assert "authorization" not in fake.asked[0].headers


def test_where_there_is_no_actual_value_the_forecast_stands_in_and_is_flagged(provider: Start) -> None:
    times = "2026-08-19T14:00Z/2026-08-19T14:30Z"
    fake = provider({f"/intensity/{times}": recorded("uk_ci_intensity_forecast_only_200")})

    intensity, flags = ask("uk-grid", question("GB", "2026-08-19 14:01", "2026-08-19 14:02"), fake.connect)

    assert intensity.gco2e_per_kwh == 125
    assert flags == ("intensity-forecast:uk-grid 1 of 1 values",)


@pytest.mark.parametrize("data", [[REGION], REGION], ids=["list", "object"])
def test_a_region_comes_as_a_list_or_an_object_with_forecasts_alone(provider: Start, data: object) -> None:
    fake = provider({REGIONAL: Reply(200, {"data": data})})

    intensity, flags = ask("uk-grid", question("13", *JOB), fake.connect)

    assert (intensity.gco2e_per_kwh, intensity.source) == (266, "UK Carbon Intensity (zone 13)")
    assert flags == ("intensity-forecast:uk-grid 1 of 1 values",)


def test_a_region_may_be_the_first_part_of_a_postcode(provider: Start) -> None:
    path = REGIONAL.replace("regionid/13", "postcode/SW1")
    fake = provider({path: Reply(200, {"data": {**REGION, "postcode": "SW1"}})})

    assert lookup(question("SW1", *JOB), fake.connect).values[0].gco2e_per_kwh == 266


def test_another_region_is_refused(provider: Start) -> None:
    fake = provider({REGIONAL: Reply(200, {"data": {**REGION, "regionid": 2}})})

    with pytest.raises(IntensityError, match="the answer is for regionid 2, not 13"):
        lookup(question("13", *JOB), fake.connect)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (recorded("uk_ci_400"), "status 400: it does not know this region or time"),
        (Reply(200, half_hour({"forecast": None, "actual": None})), "a value is no number"),
        (Reply(200, half_hour(None)), "`intensity` is no object"),
        (Reply(200, half_hour({"forecast": 5}, start="noon")), "`from` is no time"),
        (Reply(200, {"data": []}), "no value for 2018-01-20 12:05 UTC"),
        (Reply(200, {"data": None}), "`data` is no list"),
        (Reply(200, half_hour({"actual": 5}, end="2018-01-20T12:10Z")), "no value for 2018-01-20 12:10 UTC"),
        (Reply(200, half_hour({"actual": 5}, start="2018-01-20T12:10Z")), "no value for 2018-01-20 12:05 UTC"),
    ],
)
def test_whatever_is_not_just_what_was_asked_for_is_refused(provider: Start, reply: Reply, message: str) -> None:
    fake = provider({NATIONAL: reply})

    with pytest.raises(IntensityError, match=message):
        ask("uk-grid", question("GB", *JOB), fake.connect)


def test_odd_lengths_are_not_told_as_half_hours(provider: Start) -> None:
    fake = provider({NATIONAL: Reply(200, half_hour({"actual": 5}, end="2018-01-20T14:00Z"))})

    with pytest.raises(IntensityError, match="values of 7200 s"):
        ask("uk-grid", question("GB", *JOB), fake.connect)


def test_long_jobs_are_asked_for_a_fortnight_at_a_time(provider: Start) -> None:
    def fortnight(query: Asked) -> Reply:
        start, end = query.path.removeprefix("/intensity/").split("/")
        return Reply(200, half_hour({"actual": 100}, start, end))

    paths = ("2018-01-01T00:00Z/2018-01-15T00:00Z", "2018-01-15T00:00Z/2018-01-20T00:00Z")
    fake = provider({f"/intensity/{path}": fortnight for path in paths})

    assert len(lookup(question("GB", "2018-01-01 00:00", "2018-01-20 00:00"), fake.connect).values) == 2


def test_great_britain_alone_is_mapped() -> None:
    assert zone_of(Place("azure:uksouth", "GB")) == "GB"
    assert zone_of(Place("IE", "IE")) is None
    assert zone_of(Place("WORLD", None)) is None
    assert all(map(is_zone, ("GB", "1", "17", "SW1", "BS7", "WC2N")))
    assert not any(map(is_zone, ("", "0", "18", "FR", "London", "SW1A 1AA", "²")))


def test_a_job_of_too_many_intervals_is_refused() -> None:
    begin_s = question("GB", *JOB).start_s
    values = tuple(Value(begin_s + 1800 * place, begin_s + 1800 * (place + 1), 5.0) for place in range(10_001))
    of = question("GB", *JOB)._replace(duration_s=1800.0 * 10_001 - 60)

    with pytest.raises(IntensityError, match="10001 values are more than the 10000 that a footprint holds"):
        course("uk-grid", Said(values, zone="GB", scope="direct"), of)
