"""A job's site with its provider's answer, or with the tables' value and the reason; strict: an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reporter.ci import CiContext
from reporter.commands.account.live import LIMIT_S, Live, open_client, provider_problems
from reporter.commands.account.site import resolve_site
from reporter.commands.settings import Settings
from reporter.config import Config
from reporter.domain.carbon import Site
from reporter.domain.footprint import at_site
from reporter.domain.readings import Job
from reporter.errors import IntensityError, ProviderUnreachable
from reporter.http import Client
from tests.factories import recording_of
from tests.factories_footprint import footprint
from tests.intensity.conftest import at
from tests.intensity.fake import Answer, FakeProvider, Reply, recorded

HISTORY = "/v3/carbon-intensity/history"
SECRETS = {
    "EMISSIONS_ELECTRICITYMAPS_TOKEN": "em-s3cret-token",
    "EMISSIONS_WATTTIME_USER": "ada",
    "EMISSIONS_WATTTIME_PASSWORD": "wt-s3cret-password",
}
JOB = Job(name="train", started_at="2025-01-01T00:20:00Z")
HOUR_AND_MORE_S = 4800.0
Start = Callable[[dict[str, Answer | list[Answer]]], FakeProvider]


def settings(provider: str = "electricitymaps", region: str | None = "DE", **more: Any) -> Settings:
    environ = more.pop("environ", SECRETS)
    config = Config(provider=provider, region=region, origins={"intensity": "`--intensity`"}, **more)
    return Settings(config=config, ci=CiContext(), config_file=None, environ=environ)


def resolved(of: Settings) -> Site:
    return resolve_site(of.config, of.ci, ask_metadata=lambda: None)


def asked(fake: FakeProvider | None, of: Settings, job: Job = JOB, duration_s: float | None = HOUR_AND_MORE_S) -> Site:
    def nobody(*_: object, **__: object) -> Client:
        raise AssertionError("nobody was to be asked")

    live = Live(of, connect=fake.connect if fake else nobody, clock=lambda: at("2025-01-01 02:00"))
    return live.at(resolved(of), job, duration_s=duration_s)


def test_the_provider_s_series_takes_the_place_of_the_year_s_mean(provider: Start) -> None:
    fake = provider({HISTORY: recorded("electricitymaps_v3_history_200")})

    site = asked(fake, settings())

    assert (site.intensity.region, site.intensity.label) == ("DE", "Germany")
    assert (site.intensity.origin, site.intensity.resolved, site.intensity.known) == ("api", "hourly", True)
    assert site.intensity.gco2e_per_kwh == 300
    assert site.intensity.uncertainty_ratio == 0.15
    assert site.flags == ()
    assert site.origins == (("intensity", "`--intensity`"),)


def test_an_hourly_factor_and_measured_energy_and_the_region_s_pue_are_of_quality_a(provider: Start) -> None:
    latest = {**recorded("electricitymaps_v3_latest_datacenter_200").body, "datetime": "2025-01-01T00:00:00Z"}
    fake = provider({HISTORY: Reply(200, {"history": [latest, {**latest, "datetime": "2025-01-01T01:00:00Z"}]})})

    site = asked(fake, settings(region="azure:eastus2"))

    assert site.pue.level.value == "region"
    assert at_site(footprint(), site).quality == "A"


def test_the_job_began_once_its_idle_power_had_been_measured(provider: Start) -> None:
    fake = provider({HISTORY: recorded("electricitymaps_v3_history_200")})
    recording = recording_of([["t", "gpu/J"], [0, 0], [600, 100]], job=JOB, idle_ns=(-1800_000_000_000, 0))
    of = settings()

    live = Live(of, connect=fake.connect, clock=lambda: at("2025-01-01 02:00"))
    site = live.over(resolved(of), recording)

    assert [(point.start_s, point.end_s) for point in site.intensity.series] == [(0.0, 600.0)]
    assert site.intensity.gco2e_per_kwh == 302
    assert live.over(site, recording) is site


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (recorded("electricitymaps_401"), "status 401: the token was refused, or its plan does not include this"),
        (recorded("electricitymaps_404_nodata"), "status 404: no data for this zone and time"),
        (Reply(200, "<html>"), "127.0.0.1"),
        (Reply(200, {"zone": "FR", "history": []}), "no values"),
        (Reply(500, "oops"), "No usable answer to GET 127.0.0.1"),
    ],
)
def test_whatever_goes_wrong_the_table_s_value_stands_in_and_says_why(
    provider: Start, reply: Reply, reason: str
) -> None:
    fake = provider({HISTORY: reply, HISTORY.replace("v3", "v4"): reply, HISTORY.replace("history", "latest"): reply})

    site = asked(fake, settings())

    assert (site.intensity.gco2e_per_kwh, site.intensity.origin) == (329.65, "table")
    assert site.intensity.time_uncertainty_ratio == 0.30
    (flag,) = site.flags
    assert flag.startswith("intensity-fallback:electricitymaps ")
    assert reason in flag
    assert "s3cret" not in flag
    assert site.intensity.hosts == ("api.electricitymaps.com",)


@pytest.mark.parametrize(
    ("of", "job", "duration_s", "reason"),
    [
        (settings(), Job(name="train"), 5.0, "the job has no date"),
        (settings(), replace(JOB, started_at="noon"), 5.0, "the job has no date"),
        (settings(), JOB, None, "the job's duration is not known"),
        (settings(), JOB, 1e9, "the job took longer than a year"),
        (settings(environ={}), JOB, 5.0, "EMISSIONS_ELECTRICITYMAPS_TOKEN not set"),
        (settings(region=None), JOB, 5.0, "the region is not known; write it, such as electricitymaps:US-MIDA-PJM"),
        (settings(region="US-VA"), JOB, 5.0, "its zone for `US-VA` is not certain"),
        (settings("watttime"), JOB, 5.0, "its zone for `DE` is not certain"),
        (settings("uk-grid"), JOB, 5.0, "its zone for `DE` is not certain"),
    ],
)
def test_what_cannot_be_asked_is_not_and_says_why(
    of: Settings, job: Job, duration_s: float | None, reason: str
) -> None:
    site = asked(None, of, job, duration_s)

    assert site.intensity.hosts == ()
    assert reason in site.flags[-1]
    with pytest.raises(IntensityError, match="gave no intensity for this job, and one is demanded") as caught:
        asked(None, of._replace(config=of.config._replace(strict_intensity=True)), job, duration_s)
    assert caught.value.exit_code == 3
    assert reason in caught.value.message


def test_a_named_zone_needs_no_region(provider: Start) -> None:
    fake = provider({HISTORY: recorded("electricitymaps_v3_history_200")})

    site = asked(fake, settings(region=None, zone="DE"))

    assert (site.intensity.region, site.intensity.label, site.intensity.known) == (None, None, True)
    assert site.intensity.source == "Electricity Maps (zone DE)"


def test_what_more_energy_would_emit_never_becomes_the_headline(provider: Start) -> None:
    points = [
        {"point_time": f"2025-01-01T{minute // 60:02}:{minute % 60:02}:00Z", "value": 1000}
        for minute in range(0, 120, 5)
    ]
    body = recorded("watttime_v3_historical_200").body
    fake = provider({"/login": recorded("watttime_login_200"), "/v3/historical": Reply(200, {**body, "data": points})})

    site = asked(fake, settings("watttime", region="US-CA", zone="CAISO_NORTH"))
    job = at_site(footprint(), site)

    assert (site.intensity.origin, site.intensity.kind, site.intensity.resolved) == ("table", "average", "annual")
    assert site.intensity.hosts == ("api.watttime.org",)
    assert site.marginal is not None
    assert site.marginal.kind == "marginal"
    assert site.flags == ()
    assert job.emissions.gco2e == pytest.approx((job.energy.facility_j or 0) / 3.6e6 * site.intensity.gco2e_per_kwh)
    assert job.besides.marginal_gco2e == pytest.approx((job.energy.facility_j or 0) / 3.6e6 * 453.59237)
    assert job.quality == "B"


def test_after_a_provider_was_unreachable_it_is_not_asked_for_other_jobs(provider: Start) -> None:
    fake = provider({HISTORY: Reply(500, "oops")})
    of = settings()
    live = Live(of, connect=fake.connect, clock=lambda: at("2025-01-01 02:00"))

    for _ in range(3):
        site = live.at(resolved(of), JOB, duration_s=5.0)

    assert len(fake.asked) == 2
    assert site.flags == ("intensity-fallback:electricitymaps it was unreachable for another job",)


def test_a_recording_says_who_is_to_be_asked_where_the_settings_do_not(provider: Start) -> None:
    fake = provider({HISTORY: recorded("electricitymaps_v3_history_200")})
    site = resolved(settings(region=None))
    now = settings()._replace(config=Config())

    live = Live(
        now, named="electricitymaps:DE", strict=True, connect=fake.connect, clock=lambda: at("2025-01-01 02:00")
    )

    assert live.at(site, JOB, duration_s=60.0).intensity.gco2e_per_kwh == 302
    assert Live(now, named="bogus", connect=fake.connect).at(site, JOB, duration_s=60.0) is site


@pytest.mark.parametrize(
    ("name", "zone", "region", "environ", "said"),
    [
        ("electricitymaps", None, "DE", SECRETS, []),
        ("electricitymaps", None, "auto", SECRETS, []),
        ("electricitymaps", "US-MIDA-PJM", "US-VA", SECRETS, []),
        ("uk-grid", None, "azure:uksouth", {}, []),
        ("energy-charts", None, "gcp:europe-west9", {}, []),
        ("electricitymaps", None, "atlantis", SECRETS, []),  # the region has its own message
        ("electricitymaps", None, "DE", {"EMISSIONS_ELECTRICITYMAPS_TOKEN": " "},
         ["Electricity Maps needs EMISSIONS_ELECTRICITYMAPS_TOKEN"]),
        ("watttime", "PJM_DC", None, {"EMISSIONS_WATTTIME_USER": "ada"},
         ["WattTime needs EMISSIONS_WATTTIME_PASSWORD"]),
        ("watttime", "PJM_DC", None, {}, ["EMISSIONS_WATTTIME_USER and EMISSIONS_WATTTIME_PASSWORD"]),
        ("electricitymaps", None, None, {}, ["EMISSIONS_ELECTRICITYMAPS_TOKEN", "needs to know where the job runs"]),
        ("watttime", None, "US-VA", SECRETS, ["not certain which zone of WattTime `US-VA` is"]),
        ("uk-grid", None, "IE", {}, ["not certain which zone of UK Carbon Intensity `IE` is"]),
        ("uk-grid", "18", "GB", {}, ["UK Carbon Intensity has no zone `18`"]),
    ],
)  # fmt: skip
def test_what_would_keep_a_provider_from_answering_is_told_before_the_job(
    name: str, zone: str | None, region: str | None, environ: dict[str, str], said: list[str]
) -> None:
    problems = [*provider_problems(name, zone, region, environ, has_time=True, has_region=True)]

    assert len(problems) == len(said)
    assert all(words in problem.message for words, problem in zip(said, problems, strict=True))
    assert all(problem.suggestion for problem in problems)


def test_an_estimate_has_no_time_to_ask_for() -> None:
    (problem,) = provider_problems("uk-grid", None, "GB", {}, has_time=False, has_region=False)

    assert problem.message == "UK Carbon Intensity knows times; what is estimated has none"


def test_a_region_that_comes_later_is_no_problem_yet() -> None:
    assert not [*provider_problems("uk-grid", None, None, {}, has_time=True, has_region=False)]


def test_a_real_client_gives_up_soon_and_raises_the_provider_s_errors() -> None:
    client = open_client("https://127.0.0.1:9")

    with pytest.raises(ProviderUnreachable):
        client.send("GET", "/x")
    assert LIMIT_S <= 15
