"""What a job will have taken at its end: exact where it is steady, and no certainty where it is not."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.projection import Run, simulated
from reporter.domain.projection import Pace, Projection, is_early


def after(*reports: tuple[float, float, float]) -> Projection:
    """Reports of time, progress and energy."""
    pace = Pace()
    for report in reports:
        pace.add(*report)
    found = pace.projection()
    assert found is not None
    return found


def test_a_steady_job_takes_what_its_pace_says() -> None:
    found = after(*((10.0 * step, 0.01 * step, 500.0 * step) for step in range(11)))

    assert found.energy_j == pytest.approx(50_000)
    assert found.left_s == pytest.approx(900)
    assert found.low_j < 50_000 < found.high_j


def test_the_start_before_the_first_report_is_taken_once() -> None:
    """60 s of loading at 100 W, then 0.1 % a second at 300 W: 6 kJ + 300 kJ, not 10 × what the first tenth took."""
    found = after(*((60.0 + step, 0.001 * step, 6_000 + 300.0 * step) for step in range(0, 101, 5)))

    assert found.energy_j == pytest.approx(306_000)


def test_epochs_are_their_mean_times_all_of_them() -> None:
    """Of 100 epochs four have taken 98, 102, 99 and 101 J: 100 J each, as CarbonTracker has it."""
    energies = [0.0, 98.0, 200.0, 299.0, 400.0]

    found = after(*((float(epoch), epoch / 100, energy) for epoch, energy in enumerate(energies)))

    assert found.energy_j == pytest.approx(100 * 100)
    assert found.low_j < 10_000 < found.high_j


def test_slow_first_steps_are_a_warm_up() -> None:
    """Compiling: the first step takes ten times as much as any other."""
    energies = [0.0, 1000.0] + [1000.0 + 100.0 * step for step in range(1, 10)]

    found = after(*((float(step), step / 100, energy) for step, energy in enumerate(energies)))

    assert found.energy_j == pytest.approx(1900 + 90 * 100)


def test_three_windows_are_the_least() -> None:
    pace = Pace()
    for step in range(3):
        pace.add(step, step / 10, 100.0 * step)
        assert pace.projection() is None
    pace.add(3, 0.3, 300.0)

    assert pace.projection() is not None


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -0.1, 1.1, 42.0])
def test_what_cannot_be_progress_is_left_out(bad: float) -> None:
    pace = Pace()

    assert not pace.add(1.0, bad, 100.0)
    assert not pace.is_void


def test_progress_that_goes_back_is_never_believed_again() -> None:
    pace = Pace()
    for step in range(5):
        pace.add(step, step / 10, 100.0 * step)
    assert pace.projection() is not None

    assert not pace.add(5, 0.1, 500.0)
    assert not pace.add(6, 0.5, 600.0)
    assert pace.is_void
    assert pace.projection() is None


def test_a_report_that_is_a_little_lower_is_only_left_out() -> None:
    pace = Pace()
    pace.add(0, 0.5, 100.0)

    assert not pace.add(1, 0.495, 110.0)
    assert pace.add(2, 0.51, 120.0)


def test_a_jump_to_the_end_is_no_certainty() -> None:
    pace = Pace()
    for step in range(5):
        pace.add(step, step / 100, 100.0 * step)
    pace.add(5, 1.0, 500.0)

    found = pace.projection()

    assert found is None or found.energy_j == pytest.approx(500)


def test_standing_still_is_no_news() -> None:
    pace = Pace()
    assert pace.add(0, 0.2, 100.0)

    assert not pace.add(1, 0.2, 200.0)


@pytest.mark.parametrize(
    ("progress", "epochs", "early"),
    [(0.09, None, True), (0.1, None, False), (0.03, 2, True), (0.03, 3, False), (0.5, 1, False)],
)
def test_nothing_is_foretold_from_the_first_tenth_unless_it_has_some_epochs(
    progress: float, epochs: float | None, early: bool
) -> None:
    assert is_early(progress, epochs) is early


def test_very_many_reports_are_kept_in_little_room() -> None:
    pace = Pace()
    for step in range(20_000):
        pace.add(step, step / 40_000, 3.0 * step)

    found = pace.projection()

    assert found is not None
    assert found.energy_j == pytest.approx(120_000, rel=1e-6)
    assert len(pace._points) < 2000


@given(st.lists(st.tuples(st.floats(allow_nan=True), st.floats(0, 1e12)), max_size=40))
def test_whatever_is_reported_a_projection_holds_together(reports: list[tuple[float, float]]) -> None:
    pace = Pace()
    energies = sorted(energy for _, energy in reports)
    for at_s, ((progress, _), energy) in enumerate(zip(reports, energies, strict=True)):
        pace.add(float(at_s), progress, energy)
        found = pace.projection()
        if found is not None:
            assert energies[0] <= found.low_j <= found.energy_j * (1 + 1e-9)
            assert found.energy_j <= found.high_j * (1 + 1e-9)
            assert found.left_s >= 0


@given(st.floats(0.1, 1000), st.floats(0.1, 1000), st.integers(4, 60))
def test_the_units_of_time_and_energy_do_not_matter(seconds: float, joules: float, steps: int) -> None:
    chance = random.Random(steps)
    rows = [(0.0, 0.0, 0.0)]
    for step in range(1, steps):
        rows.append((float(step), step / 100, rows[-1][2] + chance.uniform(0.5, 1.5)))

    plain, scaled = after(*rows), after(*((t * seconds, p, e * joules) for t, p, e in rows))

    assert scaled.energy_j == pytest.approx(plain.energy_j * joules)
    assert scaled.low_j == pytest.approx(plain.low_j * joules)
    assert scaled.left_s == pytest.approx(plain.left_s * seconds)


@pytest.mark.parametrize("run", [Run(), Run(start_s=200.0), Run(slow_ratio=1.0), Run(report_s=30.0)], ids=str)
def test_a_steady_run_is_foretold_within_5_percent_after_a_tenth(run: Run) -> None:
    """Noise of 5 % in power that lasts some seconds, and in the pace. At most 1 in 100 runs may miss it."""
    found = [simulated(run, seed) for seed in range(200)]

    errors = sorted(abs(projection.energy_j / whole_j - 1) for projection, whole_j in found)
    inside = sum(projection.low_j <= whole_j <= projection.high_j for projection, whole_j in found)

    assert errors[197] <= 0.05
    assert inside >= 0.9 * len(found)


def test_the_end_is_foretold_ever_better() -> None:
    errors = []
    for at_ratio in (0.1, 0.3, 0.6, 0.9):
        found = [simulated(Run(), seed, at_ratio=at_ratio) for seed in range(60)]
        errors.append(sum(abs(projection.energy_j / whole_j - 1) for projection, whole_j in found))

    assert all(later < earlier for earlier, later in pairwise(errors))
