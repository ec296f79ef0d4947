"""Energy-Charts: parallel columns with nulls, forecasts flagged, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reporter.errors import IntensityError
from reporter.intensity import Place
from reporter.intensity.course import ask
from reporter.intensity.energy_charts import is_zone, lookup, zone_of
from tests.intensity.conftest import at, question
from tests.intensity.fake import Answer, FakeProvider, Reply, recorded

PATH = "/co2eq"
JOB = ("2021-07-16 10:40", "2021-07-16 11:20")
Start = Callable[[dict[str, Answer | list[Answer]]], FakeProvider]


def columns(**changes: Any) -> Reply:
    return recorded("energy_charts_co2eq_200", **changes)


def test_quarter_hours_are_read_and_forecasts_flagged(provider: Start) -> None:
    fake = provider({PATH: columns()})

    intensity, flags = ask("energy-charts", question("de", *JOB), fake.connect)

    assert [point.gco2e_per_kwh for point in intensity.series] == [300.5, 290.2, 287.0]
    assert [(point.start_s, point.end_s) for point in intensity.series] == [(0, 900), (900, 1800), (1800, 2400)]
    assert (intensity.resolved, intensity.scope) == ("15min", "unknown")
    assert flags == ("intensity-forecast:energy-charts 1 of 3 values",)
    assert fake.asked[0].query == {"country": "de", "start": "2021-07-16T10:00Z", "end": "2021-07-16T12:00Z"}


def test_hours_are_told_as_hours(provider: Start) -> None:
    start_s = int(at("2021-07-16 10:00"))
    body = {"unix_seconds": [start_s, start_s + 3600], "co2eq": [100, 200]}
    fake = provider({PATH: Reply(200, body)})

    intensity, _ = ask("energy-charts", question("fr", *JOB), fake.connect)

    assert [(point.end_s, point.gco2e_per_kwh) for point in intensity.series] == [(1200, 100), (2400, 200)]
    assert intensity.resolved == "hourly"


def test_substituted_values_are_estimates(provider: Start) -> None:
    fake = provider({PATH: columns(substitute=True, co2eq=[1, 2, 3])})

    _, flags = ask("energy-charts", question("de", *JOB), fake.connect)

    assert flags == ("intensity-estimated:energy-charts 3 of 3 values",)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (recorded("energy_charts_400"), "status 400: it does not know this country or time"),
        (Reply(404, "no data"), "status 404: no data"),
        (columns(co2eq=[1, 2]), "columns are not of one length"),
        (columns(co2eq_forecast=[1]), "columns are not of one length"),
        (columns(co2eq=None), "`co2eq` is no list"),
        (columns(unix_seconds=["a", "b", "c"]), "a time is no whole number"),
        (columns(unix_seconds=[True, 5, 6]), "a time is no whole number"),
        (columns(unix_seconds=[1, 2, 3]), "neither of quarter hours nor of hours"),
        (columns(co2eq=["x", 1, 1]), "a value is no number"),
        (columns(co2eq_forecast=[None, None, None]), "no value for 2021-07-16 11:10 UTC"),
        (columns(co2eq=[None, None, None]), "no value for 2021-07-16 10:40 UTC"),
        (columns(unix_seconds=[], co2eq=[], co2eq_forecast=[]), "no value for"),
    ],
)
def test_whatever_is_not_just_what_was_asked_for_is_refused(provider: Start, reply: Reply, message: str) -> None:
    fake = provider({PATH: reply})

    with pytest.raises(IntensityError, match=message):
        ask("energy-charts", question("de", *JOB), fake.connect)


def test_long_jobs_are_asked_for_month_by_month(provider: Start) -> None:
    fake = provider({PATH: columns()})

    lookup(question("de", "2021-07-01 00:30", "2021-08-10 00:30"), fake.connect)

    assert [row.query["start"] for row in fake.asked] == ["2021-07-01T00:00Z", "2021-08-01T00:00Z"]


def test_europe_s_countries_are_mapped() -> None:
    assert zone_of(Place("gcp:europe-west3", "DE")) == "de"
    assert zone_of(Place("US-VA", "US")) is None
    assert zone_of(Place("WORLD", None)) is None
    assert is_zone("de")
    assert not any(map(is_zone, ("", "DE", "germany", "d&x")))
