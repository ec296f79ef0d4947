"""Energy × intensity interval by interval: the sum is of products, not a product of means."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import fsum, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.carbon import Intensity, IntensityPoint, PowerPoint, Site
from reporter.domain.energy import account
from reporter.domain.footprint import assess, at_site, site_of
from reporter.domain.series import energies_j, gco2e_per_kwh, mean, settled, spans, spread, weighed
from reporter.domain.track import Track
from tests.factories import recording_of
from tests.factories_footprint import FRANCE, IN_FRANCE, PUE, footprint

KWH = 3_600_000.0
HOUR_S = 3600.0
TOOL = footprint().tool
THREE_HOURS = [["t", "gpu/J"], [0, 0], [3600, 1 * 3_600_000], [7200, 3 * 3_600_000], [10800, 4 * 3_600_000]]
"""1, 2 and 1 kWh in three hours."""

JOULES = st.floats(0, 1e9)
GRAMS = st.floats(0, 1999)


def series_of(
    *values: float, width_s: float = HOUR_S, it_j: tuple[float | None, ...] = ()
) -> tuple[IntensityPoint, ...]:
    energies = it_j or (None,) * len(values)
    return tuple(
        IntensityPoint(start_s=place * width_s, end_s=(place + 1) * width_s, gco2e_per_kwh=value, it_j=used_j)
        for place, (value, used_j) in enumerate(zip(values, energies, strict=True))
    )


def live(*values: float, width_s: float = HOUR_S) -> Intensity:
    points = series_of(*values, width_s=width_s)
    return replace(FRANCE, origin="api", resolved="hourly", series=points, gco2e_per_kwh=mean(points))


def site_with(*values: float, pue: float = 1.0, width_s: float = HOUR_S) -> Site:
    return Site(intensity=live(*values, width_s=width_s), pue=replace(PUE, ratio=pue))


def test_one_two_one_kwh_at_100_300_200_g_are_900_g_not_800() -> None:
    recording = recording_of(THREE_HOURS)
    site = site_with(100, 300, 200)

    job = assess(recording, account(recording, spans(site)), site, (), TOOL)

    assert job.emissions.gco2e == 900
    assert job.intensity.gco2e_per_kwh == 225
    assert [point.it_j for point in job.intensity.series] == [KWH, 2 * KWH, KWH]


def test_the_pue_is_applied_once() -> None:
    recording = recording_of(THREE_HOURS)
    site = site_with(100, 300, 200, pue=1.5)

    job = assess(recording, account(recording, spans(site)), site, (), TOOL)

    assert job.emissions.gco2e == 1350
    assert job.intensity.gco2e_per_kwh == 225


def test_a_third_party_gets_the_headline_from_the_series_to_the_last_digit() -> None:
    recording = recording_of([["t", "gpu/J"], *[[t, t * t % 977 + 137 * t] for t in range(0, 10_000, 7)]])
    site = site_with(*(100 + 37 * place % 311 for place in range(34)), pue=1.137, width_s=300.0)

    job = assess(recording, account(recording, spans(site)), site, (), TOOL)

    points = job.intensity.series
    grams = fsum((point.it_j or 0.0) * point.gco2e_per_kwh for point in points)
    weighted = grams / fsum(point.it_j or 0.0 for point in points)
    assert job.energy.it_j is not None
    assert job.intensity.gco2e_per_kwh == weighted
    assert job.emissions.gco2e == job.energy.it_j * job.pue.ratio / 3_600_000 * weighted


def test_energies_of_intervals_need_no_reading_at_their_bounds() -> None:
    track = Track((0, 4_000_000_000), (0.0, 400.0), 1.0)

    assert energies_j((track, track), ((0.5, 1.0), (1.0, 3.5)), start_ns=0) == pytest.approx((100, 500))
    assert energies_j((track,), (), start_ns=5) == ()


def test_a_job_without_a_meter_has_no_energy_to_weigh_by() -> None:
    recording = recording_of([["t", "gpu/J"], [0, "."], [7200, "."]])
    site = site_with(100, 300)

    energy = account(recording, spans(site))
    job = assess(recording, energy, site, (), TOOL)

    assert energy.parts_j == ()
    assert job.emissions.gco2e is None
    assert job.intensity.gco2e_per_kwh == 200
    assert [point.it_j for point in job.intensity.series] == [None, None]


def test_a_footprint_alone_is_weighed_by_the_course_of_its_power() -> None:
    course = (
        PowerPoint(start_s=0, end_s=1800, power_w=100.0),
        PowerPoint(start_s=1800, end_s=3600, power_w=300.0),
        PowerPoint(start_s=3600, end_s=7200, power_w=600.0),
    )
    job = replace(footprint(4 * KWH), timeline=course)

    found = at_site(job, site_with(100, 300))

    assert [point.it_j for point in found.intensity.series] == pytest.approx([KWH, 3 * KWH])
    assert found.emissions.gco2e == pytest.approx(1000)


def test_a_footprint_without_a_course_is_weighed_by_time() -> None:
    job = replace(footprint(4 * KWH), timeline=())

    assert at_site(job, site_with(100, 300)).emissions.gco2e == pytest.approx(800)


def test_steps_that_were_left_out_have_no_power_and_idle_ones_none_either() -> None:
    points = series_of(100, 300)
    gap = (PowerPoint(start_s=5400, end_s=7200, power_w=50.0),)
    idle = (PowerPoint(start_s=0, end_s=7200, power_w=0.0),)

    assert spread(KWH, gap, points) == (0.0, KWH)
    assert spread(KWH, idle, points) == (KWH / 2, KWH / 2)
    assert spread(0.0, idle, points) == (0.0, 0.0)


def test_overlapping_steps_of_a_foreign_footprint_are_no_reason_to_fail() -> None:
    odd = (PowerPoint(start_s=0, end_s=7200, power_w=1.0), PowerPoint(start_s=0, end_s=60, power_w=9e9))

    assert fsum(spread(KWH, odd, series_of(100, 300))) == pytest.approx(KWH)


def test_what_is_known_already_is_not_weighed_again() -> None:
    recording = recording_of(THREE_HOURS)
    site = site_with(100, 300, 200)
    job = assess(recording, account(recording, spans(site)), site, (), TOOL)

    again = at_site(job, replace(site_of(job), pue=replace(PUE, ratio=2.0)))

    assert again.intensity == job.intensity
    assert again.emissions.gco2e == 1800


def test_a_marginal_series_stands_beside_the_headline() -> None:
    recording = recording_of(THREE_HOURS)
    marginal = replace(live(500, 700, 600), kind="marginal", source="WattTime (zone PJM_DC)", resolved="5min")
    site = replace(IN_FRANCE, pue=replace(PUE, ratio=1.5), marginal=marginal)

    job = assess(recording, account(recording, spans(site)), site, (), TOOL)

    assert job.emissions.gco2e == pytest.approx(4 * 1.5 * 41.44)
    assert job.besides.marginal_gco2e == 1.5 * (500 + 1400 + 600)
    assert dict(job.besides.sources)["marginal_gco2e"] == "625 g/kWh, weighted by energy (WattTime (zone PJM_DC), 5min)"
    assert at_site(job, IN_FRANCE).besides.marginal_gco2e is None
    assert at_site(job, site_of(job)).besides == job.besides


def test_no_energy_leaves_the_marginal_figure_unknown() -> None:
    job = at_site(footprint(None), replace(IN_FRANCE, marginal=live(500)))

    assert job.besides.marginal_gco2e is None


def test_a_series_stands_for_its_mean_as_soon_as_it_knows_its_energies() -> None:
    points = tuple(
        IntensityPoint(start_s=float(hour), end_s=hour + 1.0, gco2e_per_kwh=100.0 * hour, it_j=None)
        for hour in range(1, 4)
    )
    unknown = replace(FRANCE, gco2e_per_kwh=7.0, series=points)
    known = replace(unknown, series=tuple(replace(point, it_j=point.start_s) for point in points))

    assert gco2e_per_kwh(FRANCE) == FRANCE.gco2e_per_kwh
    assert gco2e_per_kwh(unknown) == 7.0
    assert gco2e_per_kwh(known) == pytest.approx((1 * 100 + 2 * 200 + 3 * 300) / 6)


def test_one_value_for_all_of_it_needs_no_parts() -> None:
    assert spans(IN_FRANCE) == ()
    assert spans(None) == ()
    assert weighed(IN_FRANCE, ()) is IN_FRANCE
    assert settled(IN_FRANCE, KWH, ()) is IN_FRANCE


def test_flags_of_the_grid_go_with_it() -> None:
    flagged = replace(
        IN_FRANCE, flags=("intensity-estimated:x 1 of 2 values", "factor-stale:UA 2022", "region-unlisted:y")
    )
    job = at_site(replace(footprint(), flags=("suspended",)), flagged)

    assert set(flagged.flags) < set(job.flags)
    assert site_of(job).flags == flagged.flags
    assert at_site(job, IN_FRANCE).flags == ("suspended",)


@given(rows=st.lists(st.tuples(JOULES, GRAMS), min_size=1, max_size=50))
def test_the_mean_lies_between_the_least_and_the_greatest(rows: list[tuple[float, float]]) -> None:
    points = series_of(*(grams for _, grams in rows), it_j=tuple(used_j for used_j, _ in rows))

    lowest, highest = min(grams for _, grams in rows), max(grams for _, grams in rows)
    assert lowest - 1e-9 <= mean(points) <= highest + 1e-9


@given(rows=st.lists(st.tuples(st.floats(1, 1e6), GRAMS), min_size=1, max_size=50), factor=st.floats(0.01, 100))
def test_the_mean_does_not_depend_on_how_much_energy_there_is(rows: list[tuple[float, float]], factor: float) -> None:
    grams = [value for _, value in rows]
    one = mean(series_of(*grams, it_j=tuple(used_j for used_j, _ in rows)))

    assert mean(series_of(*grams, it_j=tuple(used_j * factor for used_j, _ in rows))) == pytest.approx(one)


@given(
    steps=st.lists(st.tuples(st.integers(1, 100), st.floats(0, 1e4)), min_size=1, max_size=30),
    cuts=st.lists(st.floats(0, 1), max_size=10),
)
def test_parts_add_up_to_the_whole(steps: list[tuple[int, float]], cuts: list[float]) -> None:
    times_ns, levels = [0], [0.0]
    for width_s, used_j in steps:
        times_ns.append(times_ns[-1] + width_s * 1_000_000_000)
        levels.append(levels[-1] + used_j)
    track, end_s = Track(tuple(times_ns), tuple(levels), 1.0), times_ns[-1] / 1e9
    bounds = [0.0, *sorted(cut * end_s for cut in cuts), end_s]

    parts_j = energies_j((track,), list(pairwise(bounds)), start_ns=0)

    assert all(0 <= part_j < inf for part_j in parts_j)
    assert fsum(parts_j) == pytest.approx(levels[-1])


@given(it_j=st.floats(0, 1e9), powers=st.lists(st.floats(0, 1e4), max_size=20), hours=st.integers(1, 12))
def test_spreading_loses_no_energy(it_j: float, powers: list[float], hours: int) -> None:
    width_s = hours * HOUR_S / max(1, len(powers))
    course = [
        PowerPoint(start_s=place * width_s, end_s=(place + 1) * width_s, power_w=power_w)
        for place, power_w in enumerate(powers)
    ]

    parts_j = spread(it_j, course, series_of(*range(hours)))

    assert fsum(parts_j) == pytest.approx(it_j)
