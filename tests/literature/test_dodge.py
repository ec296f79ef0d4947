"""Dodge et al. 2022, arXiv 2206.05229: energy of each interval times its own intensity; where and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporter.domain.carbon import IntensityPoint, PowerPoint
from reporter.domain.elsewhere import elsewhere
from reporter.domain.footprint import at_site
from reporter.domain.later import later
from reporter.domain.units import parse_intensity
from tests.factories_footprint import FRANCE, IN_FRANCE, POLAND, footprint
from tests.literature.published import Paper, Vector

FIVE_MINUTES_S = 300.0


def test_the_language_model_of_6_billion_extrapolates_from_8_days_to_60(paper: Paper) -> None:
    vector = Vector("dodge_6b_extrapolation")

    row = paper("--epochs", 60 / 8, "--energy-per-epoch", "13812.4 kWh", "--pue", "1", "--intensity", "1 g/kWh")

    assert row.kwh == vector.says("kwh")


def test_bert_in_the_best_region(paper: Paper) -> None:
    row = paper("--epochs", "1", "--energy-per-epoch", "37.3 kWh", "--pue", "1", "--intensity", "0.200 kg/kWh")

    assert row.kg == Vector("dodge_bert_low").says("kg")


def test_grams_are_the_sum_over_intervals_and_not_mean_by_mean() -> None:
    vector = Vector("timeseries_weighted")
    hours = [(3600.0 * hour, 3600.0 * (hour + 1)) for hour in range(3)]
    series = tuple(
        IntensityPoint(start_s=a, end_s=b, gco2e_per_kwh=g) for (a, b), g in zip(hours, vector["g"], strict=True)
    )
    course = tuple(
        PowerPoint(start_s=a, end_s=b, power_w=1000 * kwh) for (a, b), kwh in zip(hours, vector["kwh"], strict=True)
    )
    job = replace(footprint(sum(vector["kwh"]) * 3.6e6), timeline=course)
    site = replace(IN_FRANCE, intensity=replace(FRANCE, series=series), pue=replace(IN_FRANCE.pue, ratio=1.0))

    assert at_site(job, site).emissions.gco2e == vector.says("g")


def test_a_marginal_signal_of_five_minutes_stands_beside_the_headline() -> None:
    """Three kWh at 500, 1000 and 1500 lb/MWh, evenly: 3 lb; the headline is the average grid's all the same."""
    series = tuple(
        IntensityPoint(
            start_s=FIVE_MINUTES_S * step,
            end_s=FIVE_MINUTES_S * (step + 1),
            gco2e_per_kwh=parse_intensity(f"{moer} lb/MWh"),
        )
        for step, moer in enumerate((500, 1000, 1500))
    )
    marginal = replace(FRANCE, kind="marginal", series=series)
    site = replace(IN_FRANCE, marginal=marginal, pue=replace(IN_FRANCE.pue, ratio=1.0))

    found = at_site(replace(footprint(3 * 3.6e6), timeline=()), site)

    assert found.besides.marginal_gco2e == pytest.approx(3 * 453.59237)
    assert found.emissions.gco2e == pytest.approx(3 * 41.44)


def test_a_flexible_start_and_pauses_find_the_cleaner_hours() -> None:
    """Two hours at 1 kW in a day of 400, 100, 300 and 100 g/kWh: 500 g, 400 g if it may wait, 200 g if it may pause."""
    series = [
        IntensityPoint(start_s=3600.0 * hour, end_s=3600.0 * (hour + 1), gco2e_per_kwh=g)
        for hour, g in enumerate((400.0, 100.0, 300.0, 100.0))
    ]
    course = (PowerPoint(start_s=0.0, end_s=7200.0, power_w=1000.0),)

    found = later(course, series, start_s=0.0, duration_s=7200.0, within_s=7200.0)

    assert found is not None
    grams = (found.as_it_ran.gco2e, found.flexible.gco2e, found.pausing.gco2e)
    assert grams == (pytest.approx(500), pytest.approx(400), pytest.approx(200))
    assert found.pausing.count == 1


def test_the_same_energy_at_another_place_is_ordered_best_first() -> None:
    """One kWh of a job in Germany: the energy stays, the factors change."""
    job = footprint(3.6e6, site=replace(IN_FRANCE, intensity=replace(FRANCE, region="DE", gco2e_per_kwh=329.65)))
    sites = [replace(IN_FRANCE, intensity=POLAND), IN_FRANCE]

    found = elsewhere([job], sites)

    assert found is not None
    assert [(place.intensity.region, place.gco2e) for place in found.alike] == [
        ("FR", pytest.approx(1.12 * 41.44)),
        ("PL", pytest.approx(1.12 * 588.6)),
    ]
