"""Electricity Maps: which path for which time, zone and method asserted, caller look-up off, estimates flagged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reporter.errors import IntensityError
from reporter.intensity import Answer as Said
from reporter.intensity import Place, Question
from reporter.intensity.course import ask
from reporter.intensity.electricitymaps import is_zone, lookup, zone_of
from tests.intensity.conftest import question
from tests.intensity.fake import Answer, Asked, FakeProvider, Reply, recorded

HISTORY, LATEST, PAST = (f"/v3/carbon-intensity/{name}" for name in ("history", "latest", "past-range"))
TOKEN = "em-s3cret-token"
Start = Callable[[dict[str, Answer | list[Answer]]], FakeProvider]


def asked(zone: str = "DE", start: str = "2025-01-01 00:20", end: str = "2025-01-01 01:40", **more: Any) -> Question:
    return question(zone, start, end, secrets=(TOKEN,), **more)


def hour(when: str, value: object = 300, **more: object) -> dict[str, object]:
    return {"zone": "DE", "carbonIntensity": value, "datetime": when, "isEstimated": False, **more}


def said(fake: FakeProvider, of: Question) -> Said:
    return lookup(of, fake.connect)


def test_a_run_that_just_ended_takes_the_last_days_hours(provider: Start) -> None:
    fake = provider({HISTORY: recorded("electricitymaps_v3_history_200")})

    intensity, flags = ask("electricitymaps", asked(), fake.connect)

    assert [(point.start_s, point.end_s, point.gco2e_per_kwh) for point in intensity.series] == [
        (0.0, 2400.0, 302.0),
        (2400.0, 4800.0, 298.0),
    ]
    assert (intensity.kind, intensity.scope, intensity.resolved, intensity.year) == (
        "average",
        "lifecycle",
        "hourly",
        2025,
    )
    assert intensity.source == "Electricity Maps (zone DE)"
    assert (intensity.hosts, flags) == (("api.electricitymaps.com",), ())
    assert len(fake.asked) == 1


def test_the_caller_is_never_looked_up_and_the_method_is_named(provider: Start) -> None:
    fake = provider({HISTORY: recorded("electricitymaps_v3_history_200")})

    said(fake, asked())

    assert fake.asked[0].query == {
        "zone": "DE",
        "emissionFactorType": "lifecycle",
        "temporalGranularity": "hourly",
        "disableCallerLookup": "true",
    }
    assert fake.asked[0].headers["auth-token"] == TOKEN


def test_the_hour_that_still_runs_is_the_latest(provider: Start) -> None:
    fake = provider({
        HISTORY: recorded("electricitymaps_v3_history_200"),
        LATEST: Reply(200, hour("2025-01-01T02:00:00.000Z", 250, isEstimated=True)),
    })  # fmt: skip

    intensity, flags = ask("electricitymaps", asked(end="2025-01-01 02:10"), fake.connect)

    assert [point.gco2e_per_kwh for point in intensity.series] == [302, 298, 250]
    assert flags == ("intensity-estimated:electricitymaps 1 of 3 values",)


def test_what_is_older_than_a_day_is_asked_of_the_past_in_stretches_of_ten_days(provider: Start) -> None:
    def range_of(query: Asked) -> Reply:
        day = query.query["start"]
        return Reply(200, {"zone": "DE", "data": [hour(day.replace("Z", ":00Z"))]})

    fake = provider({PAST: range_of})
    answer = said(fake, asked(end="2025-01-21 12:30", now="2025-03-01 00:00"))

    assert [(row.query["start"], row.query["end"]) for row in fake.asked] == [
        ("2025-01-01T00:00Z", "2025-01-11T00:00Z"),
        ("2025-01-11T00:00Z", "2025-01-21T00:00Z"),
        ("2025-01-21T00:00Z", "2025-01-21T13:00Z"),
    ]
    assert len(answer.values) == 3


def test_a_past_range_is_read(provider: Start) -> None:
    fake = provider({PAST: recorded("electricitymaps_v3_past_range_200")})

    answer = said(fake, asked(end="2025-01-01 00:50", now="2025-03-01 00:00"))

    assert [value.gco2e_per_kwh for value in answer.values] == [302]


def test_where_v3_has_gone_v4_is_asked(provider: Start) -> None:
    latest = recorded("electricitymaps_v4_latest_200").body
    fake = provider({
        HISTORY: Reply(410, {"message": "gone"}),
        "/v4/carbon-intensity/history": Reply(200, {"zone": "DK-DK2", "data": [latest]}),
    })  # fmt: skip

    of = asked("DK-DK2", "2026-08-22 17:05", "2026-08-22 17:15")
    intensity, flags = ask("electricitymaps", of, fake.connect)

    assert (intensity.gco2e_per_kwh, intensity.scope) == (75, "lifecycle")
    assert fake.asked[1].query["flowTraced"] == "true"
    assert flags == ("intensity-estimated:electricitymaps 1 of 1 values",)


def test_a_cloud_s_region_is_asked_for_by_its_name(provider: Start) -> None:
    latest = recorded("electricitymaps_v3_latest_datacenter_200").body
    fake = provider({HISTORY: Reply(200, {"history": [latest]})})

    answer = said(fake, asked("azure:eastus2", "2026-08-22 17:05", "2026-08-22 17:15", country="US"))

    assert (answer.zone, answer.values[0].gco2e_per_kwh) == ("US-MIDA-PJM", 399)
    assert fake.asked[0].query["dataCenterProvider"] == "azure"
    assert fake.asked[0].query["dataCenterRegion"] == "eastus2"
    assert "zone" not in fake.asked[0].query


@pytest.mark.parametrize(
    ("of", "body", "message"),
    [
        (asked("FR"), {"zone": "DE", "history": [hour("2025-01-01T00:00:00Z")]}, "the answer is for zone DE, not FR"),
        (
            asked("azure:eastus2", country="US"),
            {"history": [hour("2025-01-01T00:00:00Z")]},
            "the answer is for zone DE, not one in US",
        ),
        (
            asked(),
            {"history": [hour("2025-01-01T00:00:00Z"), hour("2025-01-01T01:00:00Z", zone="FR")]},
            "values of several zones",
        ),
        (asked(), {"zone": "DE", "history": [{**hour("2025-01-01T00:00:00Z"), "zone": None}]}, "says no zone"),
        (asked(), {"history": [hour("2025-01-01T00:00:00Z", emissionFactorType="direct")]}, "are direct"),
        (asked(), {"history": [hour("2025-01-01T00:00:00Z", flowTraced=False)]}, "by production, not by consumption"),
        (asked(), {"history": [hour("2025-01-01T00:00:00Z", temporalGranularity="daily")]}, "not hourly"),
        (asked(), {"zone": "DE", "history": []}, "no values"),
        (asked(), {"zone": "DE"}, "the list of hours is no list"),
        (asked(), {"zone": "DE", "history": ["x"]}, "is no object"),
        (asked(), {"history": [hour("2025-01-01T00:00:00Z", None)]}, "a value is no number"),
        (asked(), {"history": [hour("2025-01-01T00:00:00Z", True)]}, "a value is no number"),
        (asked(), {"history": [hour("2025-01-01T00:00:00Z", "302")]}, "a value is no number"),
        (asked(), {"history": [hour("2025-01-01T00:00:00Z", 302_000)]}, "302000 g/kWh is impossible"),
        (asked(), {"history": [hour("2025-01-01T00:00:00Z", -5)]}, "-5 g/kWh is impossible"),
        (asked(), {"history": [hour("yesterday")]}, "the time of a value is no time"),
        (asked(), {"history": [hour("2025-01-01T00:00:00")]}, "the time of a value has no time zone"),
        (asked(), {"history": [hour(None)]}, "the time of a value is no time"),  # type: ignore[arg-type]
        (asked(), [1, 2], "the answer is no object"),
        (
            asked(),
            '{"history": [{"zone": "DE", "datetime": "2025-01-01T00:00:00Z", "carbonIntensity": NaN}]}',
            "not with readable JSON",
        ),
    ],
)  # fmt: skip
def test_whatever_is_not_just_what_was_asked_for_is_refused(
    provider: Start, of: Question, body: object, message: str
) -> None:
    fake = provider({HISTORY: Reply(200, body), LATEST: Reply(200, body)})

    with pytest.raises(IntensityError, match=message):
        said(fake, of)


@pytest.mark.parametrize(
    ("path", "reply", "message"),
    [
        (HISTORY, recorded("electricitymaps_401"), "status 401: the token was refused, or its plan"),
        (HISTORY, Reply(403, "Forbidden"), "status 403: the token was refused, or its plan"),
        (HISTORY, recorded("electricitymaps_400"), "status 400"),
        (PAST, recorded("electricitymaps_401"), "status 401: the token was refused, or its plan"),
        (HISTORY, recorded("electricitymaps_404_nodata"), "status 404: no data for this zone and time"),
    ],
)
def test_a_refusal_says_what_it_means_and_never_the_token(
    provider: Start, path: str, reply: Reply, message: str
) -> None:
    fake = provider({path: reply, path.replace("v3", "v4"): reply})

    with pytest.raises(IntensityError, match=message) as caught:
        said(fake, asked(now=None if path == HISTORY else "2025-06-01 00:00"))
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "country", "zone"),
    [
        ("DE", "DE", "DE"), ("CA-QC", "CA", "CA-QC"), ("SE-SE3", "SE", "SE-SE3"),
        ("azure:eastus2", "US", "azure:eastus2"), ("gcp:europe-west4", "NL", "gcp:europe-west4"),
        ("US", "US", None), ("US-VA", "US", None), ("IT", "IT", None), ("DK", "DK", None), ("CN-GD", "CN", None),
    ],
)  # fmt: skip
def test_only_what_is_certain_is_mapped_to_a_zone(key: str, country: str, zone: str | None) -> None:
    assert zone_of(Place(key, country)) == zone


def test_a_zone_may_be_named() -> None:
    assert all(map(is_zone, ("DE", "US-MIDA-PJM", "CA-NL-NF", "AU-NSW", "aws:us-east-1")))
    assert not any(map(is_zone, ("", "de", "Virginia", "US MIDA", "US-MIDA-PJM&lat=1", "../x")))
