"""WattTime: marginal rates in pounds, never percentiles, one model, refusals alike in any form."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest

from reporter.errors import IntensityError
from reporter.intensity import Place, Question
from reporter.intensity.course import ask
from reporter.intensity.watttime import is_zone, lookup, zone_of
from tests.intensity.conftest import question
from tests.intensity.fake import Answer, Asked, FakeProvider, Reply, recorded

LOGIN, HISTORICAL, PLACE = "/login", "/v3/historical", "/v3/region-from-loc"
USER, PASSWORD = "ada", "wt-s3cret-password"
DATA = recorded("watttime_v3_historical_200").body
Start = Callable[[dict[str, Answer | list[Answer]]], FakeProvider]


def asked(zone: str = "CAISO_NORTH", start: str = "2026-04-01 00:02", end: str = "2026-04-01 00:08") -> Question:
    return question(zone, start, end, secrets=(USER, PASSWORD))


@pytest.fixture
def watttime(provider: Start) -> Start:
    """A provider that lets one in."""
    return lambda answers: provider({LOGIN: recorded("watttime_login_200"), **answers})


def meta(**changes: Any) -> dict[str, Any]:
    return {"data": DATA["data"], "meta": {**DATA["meta"], **changes}}


def test_pounds_per_megawatt_hour_become_grams_per_kilowatt_hour(watttime: Start) -> None:
    fake = watttime({HISTORICAL: recorded("watttime_v3_historical_200")})

    intensity, flags = ask("watttime", asked(), fake.connect)

    assert [point.gco2e_per_kwh for point in intensity.series] == pytest.approx([187.107, 394.625], abs=1e-3)
    assert [(point.start_s, point.end_s) for point in intensity.series] == [(0.0, 180.0), (180.0, 360.0)]
    assert (intensity.kind, intensity.resolved, flags) == ("marginal", "5min", ())
    assert intensity.source == "WattTime (zone CAISO_NORTH)"


def test_it_logs_in_and_asks_for_the_rate_of_one_region_alone(watttime: Start) -> None:
    fake = watttime({HISTORICAL: recorded("watttime_v3_historical_200")})

    lookup(asked(), fake.connect)

    login, historical = fake.asked
    assert b64decode(login.headers["authorization"].removeprefix("Basic ")).decode() == f"{USER}:{PASSWORD}"
    assert historical.headers["authorization"] == "Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.example"
    assert historical.query == {
        "region": "CAISO_NORTH",
        "start": "2026-04-01T00:00Z",
        "end": "2026-04-01T00:10Z",
        "signal_type": "co2_moer",
    }


def test_a_percentile_is_never_taken_for_a_rate(watttime: Start) -> None:
    fake = watttime({HISTORICAL: recorded("watttime_v3_signal_index_200")})

    with pytest.raises(IntensityError, match="its units is percentile, not lbs_co2_per_mwh"):
        lookup(asked(), fake.connect)
    assert not [row for row in fake.asked if "signal-index" in row.path]


def test_coordinates_find_their_region(watttime: Start) -> None:
    fake = watttime({
        PLACE: recorded("watttime_v3_region_from_loc_200"),
        HISTORICAL: recorded("watttime_v3_historical_200"),
    })  # fmt: skip

    assert lookup(asked("37.7749,-122.4194"), fake.connect).zone == "CAISO_NORTH"
    assert fake.asked[1].query == {"latitude": "37.7749", "longitude": "-122.4194", "signal_type": "co2_moer"}


def test_long_jobs_are_asked_for_month_by_month_and_mixed_models_are_refused(watttime: Start) -> None:
    dates = iter(("2026-03-01", "2026-05-01"))

    def month(query: Asked) -> Reply:
        points = [{"point_time": query.query["start"].replace("Z", ":00+00:00"), "value": 900.0}]
        return Reply(200, {**meta(model={"date": next(dates)}), "data": points})

    fake = watttime({HISTORICAL: month})

    with pytest.raises(IntensityError, match=r"several models \(2026-03-01, 2026-05-01\)"):
        lookup(asked(end="2026-05-10 00:00"), fake.connect)
    assert [row.query["start"] for row in fake.asked[1:]] == ["2026-04-01T00:00Z", "2026-05-02T00:00Z"]


def test_the_newest_value_stands_in_for_a_quarter_of_an_hour(watttime: Start) -> None:
    fake = watttime({HISTORICAL: recorded("watttime_v3_historical_200")})

    intensity, flags = ask("watttime", asked(end="2026-04-01 00:24"), fake.connect)

    assert [round(point.gco2e_per_kwh, 3) for point in intensity.series] == [187.107, 394.625, 394.625]
    assert intensity.series[-1].end_s == 22 * 60
    assert flags == ("intensity-estimated:watttime 1 of 3 values",)


def test_it_does_not_stand_in_for_longer(watttime: Start) -> None:
    fake = watttime({HISTORICAL: recorded("watttime_v3_historical_200")})

    with pytest.raises(IntensityError, match="no value for 2026-04-01 00:25 UTC"):
        ask("watttime", asked(end="2026-04-01 00:26"), fake.connect)


def test_a_warning_is_passed_on(watttime: Start) -> None:
    fake = watttime({HISTORICAL: Reply(200, meta(warnings=["data is late"]))})

    _, flags = ask("watttime", asked(), fake.connect)

    assert flags == ("intensity-warned:watttime data is late",)


@pytest.mark.parametrize(
    "reply",
    [recorded("watttime_401"), recorded("watttime_login_403"), Reply(403, {"error": "no"}), Reply(401, "Unauthorized")],
)
@pytest.mark.parametrize("path", [LOGIN, HISTORICAL])
def test_401_and_403_are_one_refusal_whatever_the_body(provider: Start, path: str, reply: Reply) -> None:
    fake = provider({LOGIN: recorded("watttime_login_200"), path: reply})

    with pytest.raises(IntensityError, match=r"status 40[13]: the user or password was refused") as caught:
        lookup(asked(), fake.connect)
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({LOGIN: Reply(200, {"token": ""})}, "the login gave no token"),
        ({LOGIN: Reply(200, {"token": 5})}, "the login gave no token"),
        ({HISTORICAL: Reply(200, meta(region="PJM_DC"))}, "its region is PJM_DC, not CAISO_NORTH"),
        ({HISTORICAL: Reply(200, meta(signal_type="health_damage"))}, "its signal_type is health_damage"),
        ({HISTORICAL: Reply(200, meta(data_point_period_seconds=3600))}, "not of five minutes"),
        ({HISTORICAL: Reply(200, meta(model=None))}, "`meta.model` is no object"),
        ({HISTORICAL: Reply(200, {"data": DATA["data"]})}, "`meta` is no object"),
        ({HISTORICAL: Reply(200, {"meta": DATA["meta"]})}, "`data` is no list"),
        ({HISTORICAL: Reply(200, {**meta(), "data": []})}, "no value for 2026-04-01 00:02 UTC"),
        ({HISTORICAL: Reply(200, {**meta(), "data": [{"point_time": "2026-04-01T00:00:00Z", "value": None}]})},
         "a value is no number"),
    ],
)  # fmt: skip
def test_whatever_is_not_just_what_was_asked_for_is_refused(
    watttime: Start, answers: dict[str, Answer | list[Answer]], message: str
) -> None:
    fake = watttime(answers)

    with pytest.raises(IntensityError, match=message):
        ask("watttime", asked(), fake.connect)


def test_coordinates_without_a_region_are_refused(watttime: Start) -> None:
    fake = watttime({PLACE: Reply(200, {"region": None})})

    with pytest.raises(IntensityError, match="no region at these coordinates"):
        lookup(asked("0,-30"), fake.connect)


def test_a_region_has_to_be_named() -> None:
    assert zone_of(Place("US-VA", "US")) is None
    assert all(map(is_zone, ("PJM_DC", "CAISO_NORTH", "38.9,-77.5", "-33,151.2")))
    assert not any(map(is_zone, ("", "virginia", "PJM_DC&x=1", "38.9", "38.9,-77.5,1")))
