"""Energy × PUE × intensity, once each; what a job is judged on; how several are summed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.budget import Outcome
from reporter.domain.carbon import EnergyAccount, Level, Site
from reporter.domain.footprint import REGION_UNKNOWN, assess, at_site, judged, unread_gpus
from reporter.domain.observation import observation
from reporter.domain.readings import Component, Hardware, Job, Recording, Unavailable
from reporter.domain.total import total
from tests.factories_footprint import FRANCE, IN_FRANCE, POLAND, PUE, footprint, grams, meter


def test_emissions_are_it_energy_times_pue_times_intensity() -> None:
    job = footprint(3_600_000.0)

    assert job.energy.facility_j == pytest.approx(3_600_000 * 1.12)
    assert job.emissions.gco2e == pytest.approx(1.0 * 1.12 * 41.44)


def test_work_is_divided_into_it_energy_and_emissions() -> None:
    (row,) = footprint(3_600_000.0).per_unit

    assert row.energy_j == pytest.approx(3_600_000 / 50_000)
    assert row.gco2e == pytest.approx(1.12 * 41.44 / 50_000)


def test_nothing_measured_stays_missing_all_the_way() -> None:
    job = footprint(None, budgets=(grams(50),))

    assert job.energy.facility_j is None
    assert job.emissions.gco2e is None
    assert job.per_unit[0].energy_j is None
    assert job.verdict.outcome is Outcome.UNKNOWN


@given(st.floats(1, 3), st.floats(0, 1e9))
def test_pue_is_linear(ratio: float, it_j: float) -> None:
    base = footprint(it_j, site=replace(IN_FRANCE, pue=replace(PUE, ratio=1.0)))

    scaled = at_site(base, replace(IN_FRANCE, pue=replace(PUE, ratio=ratio)))

    assert scaled.emissions.gco2e == pytest.approx((base.emissions.gco2e or 0.0) * ratio)


def test_budgets_see_repeatability_at_the_declared_factors() -> None:
    finding = judged(footprint(3_600_000.0), (grams(46.3),)).verdict.findings[0]

    assert finding.low == pytest.approx(0.995 * 1.12 * 41.44)
    assert finding.high == pytest.approx(1.005 * 1.12 * 41.44)
    assert finding.outcome is Outcome.WARN


def test_without_repeatability_the_whole_interval_stands_in() -> None:
    job = footprint(3_600_000.0)
    job = replace(job, energy=replace(job.energy, repeat_low_j=None, repeat_high_j=None))

    seen = observation(job)

    assert seen.energy.low == pytest.approx(0.95 * 3_600_000 * 1.12)


def test_another_site_keeps_the_energy_and_changes_the_grams() -> None:
    here = footprint(3_600_000.0)

    there = at_site(here, Site(intensity=POLAND, pue=here.pue))

    assert there.energy.it_j == here.energy.it_j
    assert there.emissions.gco2e == pytest.approx(1.12 * 588.6)


def test_the_interval_follows_from_what_the_footprint_says_of_its_factors() -> None:
    """ACCOUNTING 6.2 with the footprint's own figures; a week's job is surer of the year's mean than an hour's."""
    yearly = replace(FRANCE, time_uncertainty_ratio=0.3, method_uncertainty_ratio=0.15)
    short, long = (footprint(site=Site(intensity=yearly, pue=PUE), duration_s=time_s) for time_s in (3600.0, 604_800.0))

    for job, u_time in ((short, 0.3), (long, 0.1)):
        unsure = (0.05**2 + job.pue.uncertainty_ratio**2 + job.intensity.uncertainty_ratio**2) ** 0.5
        assert job.intensity.time_uncertainty_ratio == u_time
        assert job.emissions.low_gco2e == pytest.approx(1.12 * 41.44 * (1 - unsure))
        assert job.emissions.high_gco2e == pytest.approx(1.12 * 41.44 * (1 + unsure))


@pytest.mark.parametrize(
    ("site", "method", "quality"),
    [
        (IN_FRANCE, "measured", "B"),
        (replace(IN_FRANCE, intensity=replace(FRANCE, origin="api", resolved="hourly")), "measured", "A"),
        (replace(IN_FRANCE, intensity=replace(FRANCE, origin="api", resolved="hourly")), "partly-measured", "B"),
        (
            Site(intensity=replace(FRANCE, resolved="hourly"), pue=replace(PUE, level=Level.AVERAGE)),
            "measured",
            "B",
        ),
        (IN_FRANCE, "modelled", "C"),
        (IN_FRANCE, "estimate", "C"),
        (replace(IN_FRANCE, intensity=replace(FRANCE, known=False)), "measured", "D"),
    ],
)
def test_quality_is_that_of_the_worst_input(site: Site, method: str, quality: str) -> None:
    assert at_site(replace(footprint(), method=method), site).quality == quality


def test_an_unknown_region_is_flagged_and_a_known_one_takes_the_flag_away() -> None:
    unknown = at_site(footprint(), replace(IN_FRANCE, intensity=replace(FRANCE, known=False)))

    assert REGION_UNKNOWN in unknown.flags
    assert REGION_UNKNOWN not in at_site(unknown, IN_FRANCE).flags


def test_a_gpu_that_could_not_be_read_is_named() -> None:
    failed = Unavailable(source="nvml:GPU-2", reason="not supported", component=Component.GPU)
    job = replace(footprint(), unavailable=(failed,), meters=(meter(), meter("nvml:GPU-3", None, label="GPU three")))

    assert unread_gpus(job) == ("nvml:GPU-2: not supported", "GPU three")
    assert judged(job, (grams(1e6),)).verdict.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("flag", ["meter-killed", "session-orphaned:6 h have passed"])
def test_a_job_that_was_not_metered_to_its_end_passes_no_budget_and_still_fails_one(flag: str) -> None:
    job = replace(footprint(), flags=(flag,))

    (within,) = judged(job, (grams(1e6),)).verdict.findings
    assert (within.outcome, within.why.startswith("not read: the time after")) == (Outcome.UNKNOWN, True)
    assert judged(job, (grams(1),)).verdict.outcome is Outcome.FAIL


def test_a_machine_without_a_driver_is_no_unread_gpu() -> None:
    absent = Unavailable(source="nvml", reason="no NVIDIA library", expected=True, component=Component.GPU)

    assert unread_gpus(replace(footprint(), unavailable=(absent,))) == ()


def test_a_total_adds_energy_and_bounds_and_takes_the_worst_of_the_rest() -> None:
    first = footprint(3_600_000.0, budgets=(grams(100),))
    second = footprint(7_200_000.0, budgets=(grams(50),), name="eval", exit_status=3)
    second = replace(second, quality="C")

    both = total((first, second))

    assert both.energy.it_j == pytest.approx(3 * 3_600_000)
    assert both.energy.low_j == pytest.approx(3 * 3_600_000 * 0.95)
    assert both.emissions.gco2e == pytest.approx(3 * 1.12 * 41.44)
    assert both.energy.measured_ratio == pytest.approx(1.0)
    assert (both.quality, both.verdict.outcome, both.exit_status) == ("C", Outcome.FAIL, 3)
    assert len(both.verdict.findings) == 2


def test_a_total_with_a_missing_part_is_missing_not_smaller() -> None:
    both = total((footprint(), footprint(None)))

    assert both.energy.it_j is None
    assert both.emissions.gco2e is None


def test_a_rule_for_the_total_is_judged_on_the_sum() -> None:
    both = total((footprint(), footprint(name="eval")), (grams(60, scope="total"),))

    assert both.verdict.outcome is Outcome.FAIL
    assert both.verdict.findings[-1].observed == pytest.approx(2 * 1.12 * 41.44)


def test_a_killed_meter_leaves_the_total_status_open() -> None:
    assert total((footprint(), footprint(exit_status=None))).exit_status is None
    assert total((footprint(exit_status=None), footprint(exit_status=9))).exit_status == 9


@pytest.mark.parametrize(
    ("measured_ratio", "method"),
    [(1.0, "measured"), (0.92, "partly-measured"), (0.0, "modelled"), (None, "modelled")],
)
def test_the_method_says_how_much_was_measured(measured_ratio: float | None, method: str) -> None:
    recording = Recording(
        job=Job(name="train"), hardware=Hardware(), start_ns=0, end_ns=1, complete=False, meters=(), series=()
    )
    account = EnergyAccount(
        meters=(), duration_s=1.0, it_j=100.0, low_j=90.0, high_j=110.0, repeat_low_j=99.0, repeat_high_j=101.0,
        measured_ratio=measured_ratio,
    )  # fmt: skip

    job = assess(recording, account, IN_FRANCE, (), footprint().tool)

    assert job.method == method
    assert job.flags == ("meter-killed",)
    assert job.energy.facility_j == pytest.approx(112.0)
