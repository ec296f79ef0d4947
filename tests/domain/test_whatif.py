"""Counterfactuals by hand: the same energy elsewhere, the same course of power at other times."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.carbon import Emissions, Intensity, IntensityPoint, PowerPoint, Site
from reporter.domain.elsewhere import elsewhere
from reporter.domain.later import Later, course_of, later
from reporter.domain.recomputed import changes, was
from tests.factories_footprint import FRANCE, IN_FRANCE, POLAND, PUE, footprint

KWH = 3_600_000.0
HOUR = 3600.0


def at(intensity: Intensity, pue_ratio: float = 1.12) -> Site:
    return Site(intensity=intensity, pue=replace(PUE, ratio=pue_ratio))


def hourly(*values: float | None, start_h: float = 0.0) -> tuple[IntensityPoint, ...]:
    """A value an hour; None is a gap."""
    return tuple(
        IntensityPoint(start_s=(start_h + i) * HOUR, end_s=(start_h + i + 1) * HOUR, gco2e_per_kwh=value)
        for i, value in enumerate(values)
        if value is not None
    )


def even(hours: float, kw: float = 1.0) -> tuple[PowerPoint, ...]:
    return (PowerPoint(start_s=0.0, end_s=hours * HOUR, power_w=1000 * kw),)


def shifted(
    *values: float | None, hours: float = 1.0, within_h: float = 24.0, start_h: float = 0.0, kw: float = 1.0
) -> Later:
    found = later(
        even(hours, kw), hourly(*values), start_s=start_h * HOUR, duration_s=hours * HOUR, within_s=within_h * HOUR
    )
    assert found is not None
    return found


# Elsewhere


def test_elsewhere_is_the_machines_energy_times_the_pue_and_the_intensity_there() -> None:
    found = elsewhere([footprint(2 * KWH)], [at(POLAND, 1.5)])

    assert found is not None
    assert found.alike[0].gco2e == pytest.approx(2 * 1.5 * 588.6, rel=1e-12)
    assert found.gco2e == pytest.approx(2 * 1.12 * 41.44, rel=1e-12)


def test_places_come_best_first_by_what_they_emit_not_by_their_intensity() -> None:
    clean = replace(FRANCE, region="SE", gco2e_per_kwh=100.0)
    cool = replace(FRANCE, region="NO", gco2e_per_kwh=110.0)

    found = elsewhere([footprint()], [at(POLAND), at(clean, 1.6), at(cool, 1.1)])

    assert found is not None
    assert [place.intensity.region for place in found.alike] == ["NO", "SE", "PL"]


def test_places_that_emit_as_much_come_by_their_names() -> None:
    places = [at(replace(FRANCE, region=key)) for key in ("SE", "NO", "PL")]

    found = elsewhere([footprint()], places)

    assert found is not None
    assert [place.intensity.region for place in found.alike] == ["NO", "PL", "SE"]


def test_places_whose_factor_counts_otherwise_are_apart() -> None:
    direct = replace(POLAND, region="US-WA", scope="direct")
    co2_only = replace(POLAND, region="CN-GD", scope="lifecycle", label="Guangdong, China (CO2 only)")

    found = elsewhere([footprint()], [at(direct), at(POLAND), at(co2_only)])

    assert found is not None
    assert found.kind == "lifecycle"
    assert [place.intensity.region for place in found.alike] == ["PL"]
    assert {place.kind for place in found.apart} == {"direct", "lifecycle, CO2 only"}


@pytest.mark.parametrize(
    "own",
    [
        replace(FRANCE, origin="given", scope="unknown"),
        replace(FRANCE, origin="api"),
        replace(FRANCE, kind="marginal"),
        replace(FRANCE, region=None, known=False),
    ],
    ids=["given", "live", "marginal", "unknown region"],
)
def test_a_factor_that_is_no_yearly_average_is_held_against_nothing(own: Intensity) -> None:
    found = elsewhere([footprint(site=at(own))], [at(POLAND)])

    assert found is not None
    assert (found.kind, found.alike, len(found.apart)) == (None, (), 1)


def test_several_jobs_are_summed_and_mixed_scopes_are_not_compared() -> None:
    jobs = [footprint(KWH), footprint(3 * KWH, site=at(replace(POLAND, scope="direct")))]

    found = elsewhere(jobs, [at(FRANCE, 1.0)])

    assert found is not None
    assert (found.it_j, found.kind) == (4 * KWH, None)
    assert found.apart[0].gco2e == pytest.approx(4 * 41.44)


def test_the_jobs_own_place_is_no_alternative_and_what_was_not_measured_has_none() -> None:
    found = elsewhere([footprint()], [IN_FRANCE])

    assert found is not None
    assert found.alike == found.apart == ()
    assert elsewhere([footprint(), footprint(None)], [at(POLAND)]) is None
    unstated = replace(footprint(), emissions=Emissions(gco2e=None, low_gco2e=None, high_gco2e=None))
    assert elsewhere([unstated], [at(POLAND)]) is None


# Later


def test_the_start_is_moved_to_the_cleanest_hour() -> None:
    found = shifted(300, 400, 100, 200, kw=2.0)

    assert found.as_it_ran.gco2e == pytest.approx(2 * 300)
    assert (found.flexible.start_s, found.flexible.gco2e) == (2 * HOUR, pytest.approx(2 * 100))


def test_a_series_of_too_many_values_takes_power_in_fewer_steps_and_keeps_its_energy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three steps as one mean step: 6 kWh over three hours of 100, 200 and 300 g are 1200 g, not 600."""
    course = tuple(
        PowerPoint(start_s=hour * HOUR, end_s=(hour + 1) * HOUR, power_w=kw * 1000) for hour, kw in enumerate((6, 0, 0))
    )
    series = hourly(100, 200, 300, 50, 50, 50)

    def ran() -> Later | None:
        return later(course, series, start_s=0.0, duration_s=3 * HOUR, within_s=3 * HOUR)

    fine = ran()
    monkeypatch.setattr("reporter.domain.later.MOST_TRIES", 1)
    coarse = ran()

    assert fine is not None
    assert coarse is not None
    assert (fine.as_it_ran.gco2e, coarse.as_it_ran.gco2e) == (pytest.approx(600), pytest.approx(1200))
    assert fine.flexible.gco2e == coarse.flexible.gco2e == pytest.approx(300)


def test_no_start_is_later_than_allowed() -> None:
    found = shifted(300, 250, 100, within_h=1.0)

    assert (found.flexible.start_s, found.flexible.gco2e) == (HOUR, pytest.approx(250))


def test_a_job_across_hours_is_weighed_interval_by_interval() -> None:
    """90 minutes at 1 kW from half past: 0.5 kWh × 300 + 1 kWh × 100, never 1.5 kWh × the mean."""
    found = shifted(300, 100, 400, 400, hours=1.5, start_h=0.5, within_h=0.0)

    assert found.as_it_ran.gco2e == pytest.approx(0.5 * 300 + 100)
    assert (found.as_it_ran.start_s, found.as_it_ran.end_s) == (0.5 * HOUR, 2 * HOUR)
    assert found.flexible == found.pausing == found.as_it_ran


def test_an_uneven_course_wants_its_peak_in_the_clean_hour() -> None:
    course = (
        PowerPoint(start_s=0.0, end_s=HOUR, power_w=100.0),
        PowerPoint(start_s=HOUR, end_s=2 * HOUR, power_w=900.0),
    )
    series = hourly(100, 300, 300, 50, 300)

    found = later(course, series, start_s=0.0, duration_s=2 * HOUR, within_s=3 * HOUR)

    assert found is not None
    assert found.as_it_ran.gco2e == pytest.approx(0.1 * 100 + 0.9 * 300)
    assert (found.flexible.start_s, found.flexible.gco2e) == (2 * HOUR, pytest.approx(0.1 * 300 + 0.9 * 50))


def test_the_job_may_also_end_where_a_clean_hour_ends() -> None:
    found = shifted(500, 400, 100, 600, hours=1.5)

    assert found.flexible.end_s == 3 * HOUR
    assert found.flexible.gco2e == pytest.approx(0.5 * 400 + 100)


def test_pausing_takes_the_cleanest_hours_of_the_window() -> None:
    """Two hours within a window of six: those of 100 and 120, with a pause between, instead of 300 + 200."""
    found = shifted(300, 200, 100, 400, 120, 500, hours=2.0, within_h=4.0)

    assert found.pausing.gco2e == pytest.approx(100 + 120)
    assert (found.pausing.start_s, found.pausing.end_s, found.pausing.count) == (2 * HOUR, 5 * HOUR, 1)
    assert found.flexible.gco2e == pytest.approx(200 + 100)


def test_adjoining_hours_are_no_pause() -> None:
    found = shifted(300, 100, 110, 400, 120, hours=3.0, within_h=2.0)

    assert found.pausing.count == 1
    assert found.pausing.gco2e == pytest.approx(330)


def test_a_job_that_is_moved_whole_has_no_pause() -> None:
    found = shifted(300, 100, 110, 400, hours=2.0, within_h=2.0)

    assert found.pausing.count == 0
    assert found.pausing.gco2e == pytest.approx(210)


def test_a_job_lies_in_its_own_order_over_the_hours_chosen() -> None:
    course = (
        PowerPoint(start_s=0.0, end_s=HOUR, power_w=1000.0),
        PowerPoint(start_s=HOUR, end_s=2 * HOUR, power_w=100.0),
    )

    found = later(course, hourly(200, 500, 90, 500, 80), start_s=0.0, duration_s=2 * HOUR, within_s=3 * HOUR)

    assert found is not None
    assert found.pausing.gco2e == pytest.approx(1.0 * 90 + 0.1 * 80)


def test_a_job_whose_peak_comes_late_is_not_paused_where_that_is_worse() -> None:
    """The cleanest hours are those of 10 and 40, but in them the peak is at 40: 0.1 × 10 + 0.9 × 40."""
    course = (
        PowerPoint(start_s=0.0, end_s=HOUR, power_w=100.0),
        PowerPoint(start_s=HOUR, end_s=2 * HOUR, power_w=900.0),
    )

    found = later(course, hourly(90, 10, 40), start_s=0.0, duration_s=2 * HOUR, within_s=HOUR)

    assert found is not None
    assert found.pausing == found.as_it_ran
    assert found.pausing.gco2e == pytest.approx(0.1 * 90 + 0.9 * 10)


@pytest.mark.parametrize("gap", [None, 100], ids=["with a gap", "without"])
@pytest.mark.parametrize(("start_h", "hours"), [(-0.5, 1.0), (3.5, 1.0), (9.0, 1.0)])
def test_a_time_that_the_series_does_not_cover_is_no_time(start_h: float, hours: float, gap: float | None) -> None:
    series = hourly(100, 100, gap, 100)

    assert later(even(hours), series, start_s=start_h * HOUR, duration_s=hours * HOUR, within_s=0.0) is None


@pytest.mark.parametrize("hours", [1.0, 2.0])
def test_a_job_across_a_gap_is_not_covered(hours: float) -> None:
    series = hourly(100, 100, None, 100)

    assert later(even(hours), series, start_s=1.5 * HOUR, duration_s=hours * HOUR, within_s=0.0) is None


@pytest.mark.parametrize("duration_s", [1e-6, 5e-324])
def test_what_took_no_time_has_no_other_time(duration_s: float) -> None:
    course = (PowerPoint(start_s=0.0, end_s=duration_s, power_w=1.0),)

    assert later(course, hourly(300, 100), start_s=0.0, duration_s=duration_s, within_s=HOUR) is None


def test_nothing_runs_in_a_gap() -> None:
    found = shifted(300, 300, None, 100, 100, hours=1.5)

    assert found.flexible.start_s == 3 * HOUR
    assert found.pausing.gco2e == pytest.approx(150)


def test_times_since_1970_lose_no_digits() -> None:
    start_s = 1_800_000_000.0
    series = tuple(
        replace(point, start_s=point.start_s + start_s, end_s=point.end_s + start_s) for point in hourly(123.456, 1e3)
    )

    found = later(even(0.001), series, start_s=start_s + 0.25, duration_s=3.6, within_s=600.0)

    assert found is not None
    assert found.as_it_ran.gco2e == pytest.approx(0.001 * 123.456, rel=1e-12)
    assert found.pausing == found.flexible == found.as_it_ran


@given(st.lists(st.integers(0, 1000), min_size=30, max_size=60), st.integers(1, 6))
def test_no_freedom_makes_it_worse_and_pausing_is_the_oracles_bound(values: list[int], hours: int) -> None:
    found = shifted(*values, hours=hours, within_h=24)

    cleanest = sum(sorted(values[: hours + 24])[:hours])
    windows = [sum(values[begin : begin + hours]) for begin in range(25)]
    assert found.pausing.gco2e == pytest.approx(cleanest)
    assert found.flexible.gco2e == pytest.approx(min(windows))
    assert found.pausing.gco2e <= found.flexible.gco2e * (1 + 1e-9)
    assert found.flexible.gco2e <= found.as_it_ran.gco2e * (1 + 1e-9)


def test_three_days_of_five_minutes_are_quick() -> None:
    series = tuple(
        IntensityPoint(start_s=i * 300.0, end_s=(i + 1) * 300.0, gco2e_per_kwh=200.0 + i % 97) for i in range(864)
    )
    course = tuple(PowerPoint(start_s=i * 216.0, end_s=(i + 1) * 216.0, power_w=300.0 + i) for i in range(100))

    began = time.perf_counter()
    found = later(course, series, start_s=0.0, duration_s=21_600.0, within_s=86_400.0)

    assert found is not None
    assert time.perf_counter() - began < 2.0


def test_a_course_adds_up_to_the_energy_of_the_building() -> None:
    timeline = (
        PowerPoint(start_s=0.0, end_s=10.0, power_w=100.0),
        PowerPoint(start_s=20.0, end_s=30.0, power_w=300.0),
    )

    course = course_of(timeline, duration_s=30.0, facility_j=8000.0)

    assert [point.power_w for point in course] == [200.0, 600.0]


@pytest.mark.parametrize(("end_s", "points"), [(20.9, 2), (21.1, 1)])
def test_a_course_may_end_a_second_after_its_job_but_no_more(end_s: float, points: int) -> None:
    timeline = (
        PowerPoint(start_s=0.0, end_s=10.0, power_w=0.01),
        PowerPoint(start_s=10.0, end_s=end_s, power_w=0.03),
    )

    assert len(course_of(timeline, duration_s=20.0, facility_j=8000.0)) == points


@pytest.mark.parametrize(
    "timeline",
    [(), (PowerPoint(start_s=0.0, end_s=10.0, power_w=0.0),), (PowerPoint(start_s=0.0, end_s=99.0, power_w=1.0),)],
)
def test_a_course_that_is_not_known_is_even(timeline: tuple[PowerPoint, ...]) -> None:
    course = course_of(timeline, duration_s=20.0, facility_j=8000.0)

    assert course == (PowerPoint(start_s=0.0, end_s=20.0, power_w=400.0),)


# Recomputed


def test_each_change_starts_where_the_last_one_ended() -> None:
    before = footprint(KWH)
    now = replace(footprint(KWH, site=at(POLAND, 1.5)), recomputed=was(before))

    intensity, pue = changes(now)

    assert (intensity.factor, intensity.before_gco2e) == ("intensity", before.emissions.gco2e)
    assert intensity.after_gco2e == pytest.approx(1.12 * 588.6)
    assert (pue.factor, pue.before_gco2e, pue.after_gco2e) == ("pue", intensity.after_gco2e, now.emissions.gco2e)


def test_what_is_the_same_is_no_change() -> None:
    assert changes(footprint()) == ()
    assert changes(replace(footprint(), recomputed=was(footprint()))) == ()
    (change,) = changes(replace(footprint(None), recomputed=was(footprint(None, site=at(POLAND)))))
    assert (change.before_gco2e, change.after_gco2e) == (None, None)
