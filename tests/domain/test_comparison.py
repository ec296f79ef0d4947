"""A job against its base: by hand, and what holds for any two jobs."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random
from statistics import mean

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporter.domain.baseline import Baseline
from reporter.domain.carbon import PerUnit, Site
from reporter.domain.comparison import Cause, Comparison, Kind, comparison
from reporter.domain.footprint import Footprint
from reporter.domain.readings import Phase
from reporter.domain.run_record import RecordedPhase
from tests.factories_footprint import FRANCE, IN_FRANCE, POLAND, PUE, footprint
from tests.factories_footprint import held_against as baseline_of

KWH = 3_600_000.0
LN = math.log


def job(
    it_j: float = KWH,
    *,
    duration_s: float | None = 100.0,
    idle_j: float | None = None,
    done: float | None = None,
    half_j: float = 0.0,
    site: Site = IN_FRANCE,
) -> Footprint:
    """A job with so much energy, time, idle energy and work, that a repeat would give ± `half_j`."""
    made = footprint(it_j, duration_s=duration_s, site=site)
    energy = replace(made.energy, idle_j=idle_j, repeat_low_j=it_j - half_j, repeat_high_j=it_j + half_j)
    units = () if done is None else (PerUnit(unit="sample", count=done, energy_j=None, gco2e=None),)
    return replace(made, energy=energy, per_unit=units, phases=())


def held(head: Footprint, *runs: Footprint) -> Comparison:
    """The head against these runs."""
    found = comparison(replace(head, baseline=baseline_of(runs, head, label="main")))
    assert found is not None
    return found


def parts(found: Comparison) -> dict[Kind, float]:
    return {cause.kind: cause.it_j for cause in found.causes}


def test_twice_the_time_at_the_same_power_is_all_time() -> None:
    found = held(job(2 * KWH, duration_s=200.0), job(KWH, duration_s=100.0))

    assert (found.it_j, found.ratio) == (KWH, 1.0)
    assert parts(found) == {Kind.TIME: pytest.approx(KWH)}
    assert found.causes[0].before == 100.0
    assert found.causes[0].after == 200.0


def test_twice_the_power_for_the_same_time_is_all_power() -> None:
    (cause,) = held(job(2 * KWH), job(KWH)).causes

    assert cause == Cause(kind=Kind.POWER, it_j=pytest.approx(KWH), before=36_000.0, after=72_000.0)  # type: ignore[arg-type]


def test_shorter_and_at_lower_power_is_divided_by_the_logarithmic_mean() -> None:
    """28 s shorter and 2 % lower power: the difference is divided as ln(1272/1300) to ln(0.98)."""
    then_s, power_w = 1300.0, 1911 * 3600 / 1300.0
    now_s, now_w = then_s - 28, 0.98 * power_w
    now_j = now_s * now_w
    found = held(job(now_j, duration_s=now_s), job(1911 * 3600.0, duration_s=then_s))

    mean_j = (now_j - 1911 * 3600) / LN(now_j / (1911 * 3600))
    assert parts(found) == {
        Kind.TIME: pytest.approx(mean_j * LN(1272 / 1300)),
        Kind.POWER: pytest.approx(mean_j * LN(0.98)),
    }
    assert [round(part_j / 3600) for part_j in parts(found).values()] == [-41, -38]


def test_more_work_at_the_same_pace_and_power_is_all_work() -> None:
    found = held(job(3 * KWH, duration_s=300.0, done=150.0), job(KWH, duration_s=100.0, done=50.0))

    assert parts(found) == pytest.approx({Kind.WORK: 2 * KWH})
    assert (found.causes[0].before, found.causes[0].after, found.causes[0].unit) == (50.0, 150.0, "sample")


def test_the_same_work_at_a_slower_pace_is_all_pace() -> None:
    found = held(job(2 * KWH, duration_s=200.0, done=50.0), job(KWH, duration_s=100.0, done=50.0))

    assert parts(found) == pytest.approx({Kind.PACE: KWH})
    assert (found.causes[0].before, found.causes[0].after) == (2.0, 4.0)


def test_work_pace_and_power_at_once() -> None:
    """Work × 3, seconds each × 1/2, watts × 2: energy × 3, and the logarithmic mean of 1 and 3 is 2 ÷ ln 3."""
    found = held(job(3 * KWH, duration_s=150.0, done=150.0), job(KWH, duration_s=100.0, done=50.0))

    mean_j = 2 * KWH / LN(3)
    assert parts(found) == {
        Kind.WORK: pytest.approx(2 * KWH),
        Kind.PACE: pytest.approx(-mean_j * LN(2)),
        Kind.POWER: pytest.approx(mean_j * LN(2)),
    }


@pytest.mark.parametrize(("then", "now"), [(None, 50.0), (50.0, None), (0.0, 50.0), (50.0, 0.0)])
def test_work_that_only_one_side_counted_is_no_cause(then: float | None, now: float | None) -> None:
    found = held(job(2 * KWH, duration_s=200.0, done=now), job(KWH, done=then))

    assert parts(found) == {Kind.TIME: pytest.approx(KWH)}


def test_idle_energy_is_taken_out_before_the_rest_is_divided() -> None:
    """800 J and 600 J of work at 8 W and 6 W; idling 200 J, was 400 J."""
    found = held(job(1000.0, idle_j=200.0), job(1000.0, idle_j=400.0))

    assert found.it_j == 0
    assert parts(found) == {Kind.POWER: pytest.approx(200.0), Kind.IDLE: -200.0}
    idle = found.causes[-1]
    assert (idle.before, idle.after) == (400.0, 200.0)


def test_idle_energy_that_only_one_side_knows_stays_in_the_rest() -> None:
    assert parts(held(job(2000.0, idle_j=500.0), job(1000.0))) == {Kind.POWER: pytest.approx(1000.0)}
    assert parts(held(job(2000.0), job(1000.0, idle_j=500.0))) == {Kind.POWER: pytest.approx(1000.0)}


def test_no_idling_on_either_side_is_no_cause() -> None:
    assert parts(held(job(2000.0, idle_j=0.0), job(1000.0, idle_j=0.0))) == {Kind.POWER: pytest.approx(1000.0)}


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (job(1000.0, duration_s=None), job(3000.0)),
        (job(1000.0), job(3000.0, duration_s=None)),
        (job(1000.0, duration_s=0.0), job(3000.0)),
        (job(0.0), job(2000.0)),
        (job(2000.0), job(0.0)),
        (job(1000.0, duration_s=1e-300), job(3000.0, duration_s=1e300)),
    ],
)
def test_what_has_no_quotient_is_one_cause_without_figures(base: Footprint, head: Footprint) -> None:
    found = held(head, base)

    assert found.causes == (Cause(kind=Kind.OTHER, it_j=found.it_j),)


def test_a_job_that_did_nothing_but_idle_is_not_divided() -> None:
    found = held(job(1000.0, idle_j=1000.0), job(900.0, idle_j=400.0))

    assert parts(found) == {Kind.OTHER: -500.0, Kind.IDLE: 600.0}


def test_equal_jobs_give_no_causes_and_no_clear_change() -> None:
    found = held(job(), job())

    assert (found.it_j, found.facility_j, found.gco2e, found.ratio) == (0, 0, 0, 0)
    assert (found.causes, found.phases, found.clear) == ((), (), False)
    assert (found.pue_gco2e, found.grid_gco2e) == (0, 0)


def test_jobs_that_took_nothing_do_not_differ() -> None:
    found = held(job(0.0), job(0.0))

    assert (found.it_j, found.ratio, found.causes, found.clear) == (0, None, (), False)


def test_from_nothing_to_something_is_clear_and_has_no_ratio() -> None:
    found = held(job(100.0, half_j=1.0), job(0.0))

    assert (found.ratio, found.clear, found.noise_j) == (None, True, 1.0)


@pytest.mark.parametrize(
    "head",
    [
        job(),
        replace(job(), baseline=Baseline(label="main", why_not="no run of this job in the base")),
        replace(job(), baseline=Baseline(label="main", why_not="not comparable: …", it_j=100.0, pue_ratio=1.0)),
        replace(job(), baseline=Baseline(label="main")),
        replace(footprint(None), baseline=Baseline(label="main", it_j=1.0)),
    ],
)
def test_without_two_energies_that_compare_there_is_no_comparison(head: Footprint) -> None:
    assert comparison(head) is None


def test_other_factors_are_shown_apart_from_the_change() -> None:
    """2 kWh at 1.5 × 600 g against 1 kWh at 1.2 × 400 g: 1800 g, was 480 g."""
    then = Site(intensity=replace(FRANCE, gco2e_per_kwh=400.0), pue=replace(PUE, ratio=1.2))
    now = Site(intensity=replace(FRANCE, gco2e_per_kwh=600.0), pue=replace(PUE, ratio=1.5))
    found = held(job(2 * KWH, site=now), job(KWH, site=then))

    assert found.gco2e == pytest.approx(1.0 * 1.5 * 600)
    assert found.pue_gco2e == pytest.approx(1.0 * (1.5 - 1.2) * 600)
    assert found.grid_gco2e == pytest.approx(1.0 * 1.2 * (600 - 400))
    assert found.facility_j == pytest.approx(1.5 * KWH)


def test_a_windy_day_alone_is_no_change() -> None:
    found = held(job(site=IN_FRANCE), job(site=replace(IN_FRANCE, intensity=POLAND)))

    assert (found.gco2e, found.causes, found.clear) == (0, (), False)
    assert found.grid_gco2e == pytest.approx(1.12 * (FRANCE.gco2e_per_kwh - POLAND.gco2e_per_kwh))


@pytest.mark.parametrize("missing", ["pue_ratio", "gco2e_per_kwh"])
def test_a_base_whose_factors_are_not_known_says_nothing_of_theirs(missing: str) -> None:
    base = replace(baseline_of([job()], job(), label="main"), **{missing: None})
    found = comparison(replace(job(2 * KWH), baseline=base))

    assert found is not None
    assert (found.pue_gco2e, found.grid_gco2e) == (None, None)
    assert found.gco2e == pytest.approx(1.12 * 41.44)


def test_the_noise_of_two_runs_is_that_of_their_meters() -> None:
    found = held(job(1000.0, half_j=30.0), job(1000.0, half_j=40.0))

    assert found.noise_j == pytest.approx(50.0)
    assert not held(job(1049.0, half_j=30.0), job(1000.0, half_j=40.0)).clear
    assert held(job(1051.0, half_j=30.0), job(1000.0, half_j=40.0)).clear


def test_three_runs_tell_their_own_noise() -> None:
    """(990, 1000, 1010): s = 10, Student's t at 2 degrees of freedom 6.965, √(1 + 1/3)."""
    found = held(job(1000.0), job(990.0), job(1000.0), job(1010.0))

    assert found.noise_j == pytest.approx(6.965 * 10 * math.sqrt(4 / 3), rel=1e-4)


def test_noise_is_counted_from_the_mean_though_the_difference_is_from_the_median() -> None:
    """(1000, 1000, 1030): mean 1010, s² = 300; an unchanged job is up to 139.3 J above the mean, 149.3 above 1000."""
    up_j = 6.965 * math.sqrt(300 * 4 / 3)
    base = [job(1000.0), job(1000.0), job(1030.0)]

    assert held(job(1200.0), *base).noise_j == pytest.approx(10 + 1010 * math.expm1(up_j / 1010), rel=1e-4)
    assert held(job(900.0), *base).noise_j == pytest.approx(up_j - 10, rel=1e-4)


def test_a_base_without_its_runs_energies_tells_by_their_spread() -> None:
    base = Baseline(label="main", runs=17, it_j=1000.0, spread_ratio=0.01, repeat_ratio=0.0)
    found = comparison(replace(job(1000.0), baseline=base))

    assert found is not None
    assert found.noise_j == pytest.approx(2.5835 * 10 * math.sqrt(1 + 1 / 17), rel=1e-4)


def test_meters_that_are_worse_than_the_spread_decide() -> None:
    found = held(job(100.0, half_j=30.0), *[job(100.0, half_j=40.0)] * 3)

    assert found.noise_j == pytest.approx(50.0)


def test_a_change_below_one_percent_is_not_called_one_however_fine_the_meters_are() -> None:
    assert not held(job(1009.0), job(1000.0)).clear
    assert held(job(1011.0), job(1000.0)).clear
    assert not held(job(991.0), job(1000.0)).clear
    assert held(job(989.0), job(1000.0)).clear


def test_without_any_interval_the_noise_is_all_of_the_energy_until_the_runs_tell_it() -> None:
    def bare(it_j: float) -> Footprint:
        made = job(it_j)
        nothing = replace(made.energy, low_j=None, high_j=None, repeat_low_j=None, repeat_high_j=None)
        return replace(made, energy=nothing)

    assert held(bare(300.0), bare(400.0)).noise_j == pytest.approx(500.0)
    assert held(bare(300.0), *[bare(400.0)] * 3).noise_j == 0


@pytest.mark.parametrize("runs", [3, 4, 5, 10, 17, 40])
def test_unchanged_jobs_are_called_changed_once_in_fifty(runs: int) -> None:
    """One in a hundred up, and one down."""
    random, alarms, unchanged = Random(7), 0, job(1000.0)
    for _ in range(2_000):
        energies = [random.gauss(1000.0, 50.0) for _ in range(runs)]
        spread = math.sqrt(sum((each - mean(energies)) ** 2 for each in energies) / (runs - 1))
        middle = sorted(energies)[runs // 2] if runs % 2 else mean(sorted(energies)[runs // 2 - 1 : runs // 2 + 1])
        base = Baseline(label="main", runs=runs, it_j=middle, spread_ratio=spread / middle, repeat_ratio=0.0)
        energy = replace(unchanged.energy, it_j=random.gauss(1000.0, 50.0))
        found = comparison(replace(unchanged, baseline=base, energy=energy))
        alarms += found is not None and found.clear

    assert 0.01 < alarms / 2_000 < 0.03


def phase(label: str, energy_j: float | None, end_s: float = 1.0) -> Phase:
    return Phase(label=label, start_s=0.0, end_s=end_s, energy_j=energy_j)


def test_phases_are_told_by_name_largest_change_first() -> None:
    then = replace(job(), phases=(phase("load", 10.0), phase("train", 100.0), phase("gone", 30.0), phase("odd", None)))
    after = (phase("load", 15.0), phase("train", 40.0, 4.0), phase("eval", 70.0), phase("odd", 9.0))
    now = replace(job(), phases=after)

    changes = held(now, then).phases

    assert [(change.label, change.it_j) for change in changes] == [
        ("eval", 70.0), ("train", -60.0), ("gone", -30.0), ("load", 5.0),
    ]  # fmt: skip
    assert changes[0].before is None
    assert changes[1].before == RecordedPhase(label="train", energy_j=100.0, duration_s=1.0)
    assert changes[1].after == RecordedPhase(label="train", energy_j=40.0, duration_s=4.0)
    assert changes[2].after is None


def test_a_phase_without_its_energy_is_not_taken_for_zero() -> None:
    known, unknown = replace(job(), phases=(phase("a", 5.0),)), replace(job(), phases=(phase("a", None),))

    assert held(known, unknown).phases == ()
    assert held(unknown, known).phases == ()
    assert held(unknown, job()).phases == ()


def test_parts_of_one_phase_are_summed() -> None:
    then, now = (replace(job(), phases=tuple(phase("eval", each) for each in row)) for row in ((1.0, 2.0), (5.0, 7.0)))

    (change,) = held(now, then).phases

    assert (change.it_j, change.after) == (9.0, RecordedPhase(label="eval", energy_j=12.0, duration_s=2.0))


amounts = st.floats(min_value=1e-6, max_value=1e12)
jobs = st.builds(
    lambda it_j, time_s, idle, done: job(
        it_j, duration_s=time_s, idle_j=None if idle is None else it_j * idle, done=done
    ),
    amounts,
    st.none() | st.floats(1e-3, 1e7),
    st.none() | st.just(1.0) | st.floats(0.0, 0.999),  # nearer to all, what is left is a matter of rounding
    st.none() | st.floats(0.0, 1e9),
)
sites = st.builds(
    lambda ratio, grams: Site(intensity=replace(FRANCE, gco2e_per_kwh=grams), pue=replace(PUE, ratio=ratio)),
    st.floats(1.0, 3.0),
    st.floats(0.0, 2000.0),
)


def near(found: Comparison, expected: float) -> object:
    """As near as the energies' own digits allow, since differences of nearly equal ones lose theirs."""
    size = abs(found.it_j) + (found.baseline.it_j or 0.0)
    return pytest.approx(expected, rel=1e-9, abs=1e-9 * size)


@given(jobs, jobs)
@example(job(1.0, duration_s=1.0), job(1.0 + 1e-9, duration_s=1.0))
@example(job(1e12, duration_s=1e-3), job(1e-6, duration_s=1e7))
def test_the_causes_always_add_up_to_the_difference(base: Footprint, head: Footprint) -> None:
    found = held(head, base)

    assert math.fsum(cause.it_j for cause in found.causes) == near(found, found.it_j)
    assert all(math.isfinite(cause.it_j) for cause in found.causes)


@given(jobs, jobs)
def test_swapping_base_and_head_turns_every_sign(base: Footprint, head: Footprint) -> None:
    there, back = held(head, base), held(base, head)

    assert back.it_j == -there.it_j
    assert back.noise_j == pytest.approx(there.noise_j)
    for kind in {*parts(there), *parts(back)}:
        assert parts(back).get(kind, 0.0) == near(there, -parts(there).get(kind, 0.0))


@given(jobs, jobs, st.floats(0.01, 100.0))
def test_everything_scales_with_the_energies(base: Footprint, head: Footprint, factor: float) -> None:
    def scaled(row: Footprint) -> Footprint:
        idle_j = row.energy.idle_j
        done = row.per_unit[0].count if row.per_unit else None
        it_j = (row.energy.it_j or 0.0) * factor
        return job(it_j, duration_s=row.job.duration_s, idle_j=None if idle_j is None else idle_j * factor, done=done)

    once, more = held(head, base), held(scaled(head), scaled(base))

    assert more.it_j == near(more, once.it_j * factor)
    assert more.gco2e == pytest.approx(once.gco2e * factor, rel=1e-6, abs=1e-9 * abs(more.baseline.gco2e or 0.0))
    for kind in {*parts(once), *parts(more)}:
        assert parts(more).get(kind, 0.0) == near(more, parts(once).get(kind, 0.0) * factor)


@given(amounts, amounts, sites, sites)
def test_change_pue_and_grid_are_all_of_the_difference_in_emissions(
    base_j: float, head_j: float, then: Site, now: Site
) -> None:
    base, head = job(base_j, site=then), job(head_j, site=now)
    found = held(head, base)

    assert found.pue_gco2e is not None
    assert found.grid_gco2e is not None
    whole = (head.emissions.gco2e or 0.0) - (base.emissions.gco2e or 0.0)
    told = (found.gco2e, found.pue_gco2e, found.grid_gco2e)
    assert math.fsum(told) == pytest.approx(whole, abs=1e-9 * sum(map(abs, told)) + 1e-300)


wild = st.floats(min_value=0.0, max_value=1e30) | st.sampled_from([0.0, 5e-324, 1e-300, 1e30])
baselines = st.builds(
    Baseline,
    label=st.just("main"), runs=st.integers(0, 10**17), it_j=st.none() | wild, spread_ratio=st.none() | wild,
    repeat_ratio=st.none() | wild, duration_s=st.none() | wild, idle_j=st.none() | wild,
    pue_ratio=st.none() | wild, gco2e_per_kwh=st.none() | wild,
    units=st.lists(st.tuples(st.just("sample"), wild), max_size=1).map(tuple),
    phases=st.lists(
        st.builds(RecordedPhase, label=st.just("a"), energy_j=st.none() | wild, duration_s=st.none() | wild), max_size=2
    ).map(tuple),
)  # fmt: skip


@given(wild, st.none() | wild, st.none() | wild, st.none() | wild, baselines)
def test_whatever_a_file_says_what_comes_out_are_numbers(
    it_j: float, duration_s: float | None, idle_j: float | None, done: float | None, base: Baseline
) -> None:
    head = job(1.0, duration_s=duration_s, idle_j=idle_j, done=done)
    found = comparison(replace(head, energy=replace(head.energy, it_j=it_j), baseline=base))

    if found is None:
        assert base.it_j is None
        return
    numbers = (
        found.it_j, found.facility_j, found.gco2e, found.noise_j, found.ratio, found.pue_gco2e, found.grid_gco2e,
        *(value for cause in found.causes for value in (cause.it_j, cause.before, cause.after)),
        *(change.it_j for change in found.phases),
    )  # fmt: skip
    assert all(number is None or math.isfinite(number) for number in numbers)
    assert found.clear in (True, False)
