"""Estimates by hand: sums, bounds, repeats, pieces of work; and laws that hold for all of them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.budget import Budget, Metric, Outcome
from reporter.domain.carbon import Intensity, Level, Pue, Site, Tool
from reporter.domain.estimate import CORES, GIVEN, HOST_NOT_COUNTED, MEMORY, RATED, Part, Tally, Work, estimate
from reporter.domain.footprint import Footprint
from reporter.domain.readings import Component, Job

TOOL = Tool(name="emissions-reporter", version="0", factors_version=None, factors_sha256=None)
FACTORS = Site(
    pue=Pue(ratio=1.5, source="given", year=None, level=Level.GIVEN, uncertainty_ratio=0.0),
    intensity=Intensity(
        gco2e_per_kwh=200.0, region=None, label=None, kind="average", origin="given", scope="unknown",
        source="given", year=None, resolved=None, uncertainty_ratio=0.0,
    ),
)  # fmt: skip
GPUS = Part(component=Component.GPU, label="4 × X", each_w=250.0, bounds=RATED, source="maker", year=2020, count=4.0)
CPU = Part(component=Component.CPU, label="CPU", each_w=100.0, bounds=CORES, source="maker")
DRAM = Part(component=Component.DRAM, label="memory", each_w=50.0, bounds=MEMORY, source="maker")
MACHINE = Part(component=Component.NODE, label="machine", each_w=1000.0, bounds=GIVEN, source="given")
HOUR = 3600.0


def estimated(work: Work, *budgets: Budget, site: Site = FACTORS) -> Footprint:
    return estimate(work, Job(name="estimate"), site, budgets, TOOL)


def limit(value: float, unit: str = "g", **changes) -> Budget:
    metric = Metric.EMISSIONS if unit == "g" else Metric.ENERGY
    return replace(Budget(rule=f"{value} {unit}", metric=metric, unit=unit, limit=value), **changes)


def test_a_kilowatt_for_an_hour_is_a_kilowatt_hour_times_pue_times_intensity() -> None:
    found = estimated(Work(parts=(MACHINE,), time_s=HOUR))

    assert found.energy.it_j == 3.6e6
    assert found.energy.facility_j == 5.4e6
    assert found.emissions.gco2e == 300.0
    assert (found.method, found.quality) == ("estimate", "C")
    assert found.energy.measured_ratio == 0.0
    assert found.job.duration_s == HOUR


def test_parts_add_up_and_each_is_a_meter_with_its_source() -> None:
    found = estimated(Work(parts=(GPUS, CPU, DRAM), time_s=HOUR))

    assert [meter.energy_j for meter in found.meters] == [3.6e6, 3.6e5, 1.8e5]
    assert found.energy.it_j == 4.14e6
    first = found.meters[0]
    assert (first.label, first.source, first.year) == ("4 × X", "maker", 2020)
    assert len({meter.meter_id for meter in found.meters}) == 3


@pytest.mark.parametrize(
    ("part", "low", "high"), [(GPUS, 0.5, 1.3), (CPU, 0.7, 1.6), (DRAM, 0.5, 1.5), (MACHINE, 0.89, 1.11)]
)
def test_each_kind_of_part_is_as_sure_as_its_source_says(part: Part, low: float, high: float) -> None:
    """Rated power −50/+30 %, processors −30/+60 %, memory ±50 %, given watts ±11 %."""
    found = estimated(Work(parts=(part,), time_s=HOUR))

    energy = found.energy
    assert energy.it_j is not None
    assert found.meters[0].uncertainty_ratio == pytest.approx(max(1 - low, high - 1))
    assert not found.meters[0].excluded_because
    assert found.meters[0].included
    assert (energy.low_j, energy.high_j) == (pytest.approx(low * energy.it_j), pytest.approx(high * energy.it_j))


def test_half_used_is_half_the_energy() -> None:
    found = estimated(Work(parts=(replace(GPUS, utilisation_ratio=0.5),), time_s=HOUR))

    assert found.energy.it_j == 1.8e6


def test_repeats_take_the_time_of_all_and_are_counted() -> None:
    found = estimated(Work(parts=(MACHINE,), time_s=HOUR, repeats=3.0))

    assert found.energy.it_j == 3 * 3.6e6
    assert found.job.duration_s == 3 * HOUR
    assert [(row.unit, row.count, row.energy_j, row.gco2e) for row in found.per_unit] == [("run", 3.0, 3.6e6, 300.0)]


def test_each_side_of_independent_parts_adds_in_quadrature() -> None:
    found = estimated(Work(parts=(GPUS, CPU, DRAM), time_s=HOUR))

    below = math.sqrt((0.5 * 3.6e6) ** 2 + (0.3 * 3.6e5) ** 2 + (0.5 * 1.8e5) ** 2)
    above = math.sqrt((0.3 * 3.6e6) ** 2 + (0.6 * 3.6e5) ** 2 + (0.5 * 1.8e5) ** 2)
    assert found.energy.low_j == pytest.approx(4.14e6 - below)
    assert found.energy.high_j == pytest.approx(4.14e6 + above)


def test_beyond_thirty_per_cent_emissions_are_bounded_by_logarithms() -> None:
    site = replace(FACTORS, intensity=replace(FACTORS.intensity, uncertainty_ratio=0.3))
    found = estimated(Work(parts=(GPUS,), time_s=HOUR), site=site)

    assert found.emissions.gco2e == 300.0
    low = 300 * math.exp(-math.hypot(math.log(0.5), math.log(0.7)))
    assert found.emissions.low_gco2e == pytest.approx(low)
    assert found.emissions.high_gco2e == pytest.approx(300 * (1 + math.hypot(0.3, 0.3)))


def test_what_is_declared_does_not_widen_repeatability_so_no_budget_is_too_close_to_call() -> None:
    work = Work(parts=(MACHINE,), time_s=HOUR)

    at, under, over = (estimated(work, limit(value)).verdict.findings[0] for value in (300, 300.1, 299.9))

    assert (at.low, at.observed, at.high) == (300.0, 300.0, 300.0)
    assert [finding.outcome for finding in (at, under, over)] == [Outcome.PASS, Outcome.PASS, Outcome.FAIL]


def test_pieces_of_work_take_the_mean_of_those_that_were_metered() -> None:
    tally = Tally(unit="epoch", count=100.0, each_j=(36_000.0, 43_200.0), label="100 epochs", source="given")
    found = estimated(Work(tallies=(tally,)), limit(0.02, "kWh", per_unit="epoch"))

    assert found.energy.it_j == pytest.approx(1.1 * 3.6e6)
    assert found.meters[0].component is Component.NODE
    assert found.per_unit[0].energy_j == pytest.approx(39_600.0)
    assert found.job.duration_s is None
    assert found.verdict.findings[0].observed == pytest.approx(0.0165)


def test_pieces_without_energy_share_that_of_the_parts() -> None:
    found = estimated(Work(parts=(MACHINE,), time_s=HOUR, tallies=(Tally(unit="query", count=1000.0),)))

    assert len(found.meters) == 1
    assert [(row.unit, row.energy_j) for row in found.per_unit] == [("query", 3600.0)]


def test_training_and_queries_are_one_sum() -> None:
    tally = Tally(unit="query", count=10.0, each_j=(3600.0,), label="10 queries", source="given")
    found = estimated(Work(parts=(MACHINE,), time_s=HOUR, tallies=(tally,)))

    assert found.energy.it_j == 3.6e6 + 36_000
    assert found.per_unit[0].energy_j == pytest.approx((3.6e6 + 36_000) / 10)


@pytest.mark.parametrize(
    ("parts", "left_out"),
    [
        ((MACHINE,), set()),
        ((GPUS,), {"processors", "memory", "fans and power supplies"}),
        ((GPUS, CPU), {"memory", "fans and power supplies"}),
        ((CPU, DRAM), {"fans and power supplies"}),
    ],
)
def test_what_the_declared_parts_leave_out_is_named(parts, left_out) -> None:
    found = estimated(Work(parts=parts, time_s=HOUR))

    assert set(found.not_counted) == {"network and storage", "manufacturing", *left_out}
    assert (HOST_NOT_COUNTED in found.flags) == (parts == (GPUS,))


def test_queries_alone_say_nothing_of_processors() -> None:
    found = estimated(Work(tallies=(Tally(unit="query", count=1.0, each_j=(1.0,)),)))

    assert found.not_counted == ("network and storage", "manufacturing")


def test_no_use_is_no_energy_and_breaks_nothing() -> None:
    found = estimated(Work(parts=(replace(GPUS, utilisation_ratio=0.0),), time_s=HOUR), limit(1))

    assert found.energy.it_j == 0
    assert found.emissions.gco2e == 0
    assert found.verdict.outcome is Outcome.PASS


WATTS = st.floats(0.1, 1e6)
HOURS = st.floats(0.01, 1e5)


@given(power_w=WATTS, hours=HOURS, pue=st.floats(1, 3), intensity=st.floats(0.1, 2000))
def test_pue_and_intensity_are_applied_once(power_w: float, hours: float, pue: float, intensity: float) -> None:
    site = Site(pue=replace(FACTORS.pue, ratio=pue), intensity=replace(FACTORS.intensity, gco2e_per_kwh=intensity))
    found = estimated(Work(parts=(replace(MACHINE, each_w=power_w),), time_s=hours * HOUR), site=site)

    assert found.energy.it_j == pytest.approx(power_w * hours * 3600)
    assert found.energy.facility_j == pytest.approx(power_w * hours * 3600 * pue)
    assert found.emissions.gco2e == pytest.approx(power_w * hours / 1000 * pue * intensity)


@given(power_w=WATTS, hours=HOURS, factor=st.floats(1, 1e3))
def test_an_estimate_is_linear_in_time_count_and_repeats(power_w: float, hours: float, factor: float) -> None:
    part = replace(GPUS, each_w=power_w)
    once = estimated(Work(parts=(part, CPU), time_s=hours * HOUR))
    longer = estimated(Work(parts=(part, CPU), time_s=hours * HOUR * factor))
    often = estimated(Work(parts=(part, CPU), time_s=hours * HOUR, repeats=factor))
    more = estimated(Work(parts=(replace(part, count=4 * factor), replace(CPU, count=factor)), time_s=hours * HOUR))

    for scaled in (longer, often, more):
        assert scaled.emissions.gco2e == pytest.approx(factor * (once.emissions.gco2e or 0))
        assert scaled.energy.high_j == pytest.approx(factor * (once.energy.high_j or 0))


@given(watts=st.tuples(WATTS, WATTS, WATTS), used=st.floats(0, 1), hours=HOURS)
def test_bounds_hold_the_value_and_never_reach_below_zero(
    watts: tuple[float, float, float], used: float, hours: float
) -> None:
    parts = tuple(
        replace(part, each_w=each_w, utilisation_ratio=used)
        for part, each_w in zip((GPUS, CPU, DRAM), watts, strict=True)
    )
    found = estimated(Work(parts=parts, time_s=hours * HOUR))
    energy, emissions = found.energy, found.emissions

    assert 0 <= energy.low_j <= energy.it_j <= energy.high_j  # type: ignore[operator]
    assert 0 <= emissions.low_gco2e <= emissions.gco2e <= emissions.high_gco2e  # type: ignore[operator]
    assert energy.repeat_low_j == energy.it_j == energy.repeat_high_j
    assert energy.it_j == pytest.approx(math.fsum(meter.energy_j for meter in found.meters))  # type: ignore[misc]
