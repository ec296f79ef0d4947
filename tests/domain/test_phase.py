"""Phases lie end to end, and what they used adds up to what the job used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.energy import account
from reporter.domain.phase import MOST_PHASES, OTHERS, by_name, length_s, phases, stretches
from reporter.domain.readings import Mark, Phase
from reporter.domain.track import Track
from tests.factories import marks_of, recording_of

S = 1_000_000_000
LABELS = st.sampled_from(["load", "train", "eval", "train "])
MARKS = st.lists(st.tuples(LABELS, st.floats(-5, 25)), max_size=40)


def labels(*marks: tuple[str, float], end_s: float = 10) -> list[tuple[str, float, float]]:
    found = stretches(marks_of(*marks), start_ns=0, end_ns=round(end_s * S))
    return [(part.label, part.start_ns / S, part.end_ns / S) for part in found]


def test_a_phase_lasts_from_its_mark_to_the_next() -> None:
    assert labels(("load", 0), ("train", 2)) == [("load", 0, 2), ("train", 2, 10)]


def test_the_time_before_the_first_mark_is_a_phase_too() -> None:
    assert labels(("train", 2)) == [("start", 0, 2), ("train", 2, 10)]


def test_a_job_without_marks_has_no_phases() -> None:
    assert labels() == []


@pytest.mark.parametrize("at_s", [10, 11, 9.9999])
def test_a_mark_at_or_after_the_end_is_no_phase(at_s: float) -> None:
    assert labels(("late", at_s)) == []
    assert labels(("train", 0), ("late", at_s)) == [("train", 0, 10)]


def test_the_last_mark_from_before_the_job_names_its_beginning() -> None:
    assert labels(("before", -2), ("load", -1), ("train", 4)) == [("load", 0, 4), ("train", 4, 10)]


def test_a_phase_without_a_length_is_left_out() -> None:
    assert labels(("load", 0), ("blink", 3), ("train", 3.0001)) == [("load", 0, 3), ("train", 3, 10)]


def test_a_job_of_a_moment_has_no_phases() -> None:
    assert labels(("train", 0), end_s=0.0005) == []


def test_each_phase_has_the_energy_of_all_counted_meters() -> None:
    recording = recording_of(
        """
        t    gpu/J   cpu/J
        0    0       0
        4    400     40
        10   2200    100
        """,
        marks=marks_of(("load", 0), ("train", 4)),
    )

    found = account(recording).phases

    assert [(phase.label, phase.start_s, phase.end_s) for phase in found] == [("load", 0, 4), ("train", 4, 10)]
    assert [phase.energy_j for phase in found] == pytest.approx([440, 1860])


def test_times_count_from_the_jobs_start_whatever_the_clock_says() -> None:
    rows = [["t", "gpu/J"], [100, 0], [104, 400], [110, 1000]]

    found = account(recording_of(rows, start_s=100, marks=marks_of(("load", 99), ("train", 104)))).phases

    assert [(phase.start_s, phase.end_s) for phase in found] == [(0, 4), (4, 10)]


def test_phases_of_a_job_without_meters_have_times_alone() -> None:
    found = account(recording_of([["t", "cpu/J"], [0, "."], [5, "."]], marks=marks_of(("train", 1)))).phases

    assert [(phase.label, phase.energy_j) for phase in found] == [("start", None), ("train", None)]


def test_a_phase_in_which_a_counter_was_lost_is_unknown_not_zero() -> None:
    lost = Track(t_ns=(0, 2 * S, 6 * S, 8 * S), levels=(0, 200, 200, 400), level_j=1.0, gaps=((2 * S, 6 * S),))

    found = phases(marks_of(("a", 0), ("b", 3), ("c", 5)), [lost], [], start_ns=0, end_ns=8 * S)

    assert [phase.energy_j for phase in found] == [200, None, 200]


def test_a_counter_that_did_not_move_used_nothing() -> None:
    still = Track(t_ns=(0, 4 * S, 8 * S), levels=(0, 0, 400), level_j=1.0)

    found = phases(marks_of(("a", 0), ("b", 4)), [still], [], start_ns=0, end_ns=8 * S)

    assert [phase.energy_j for phase in found] == [0, 400]


@given(MARKS, st.lists(st.integers(0, 250), min_size=1, max_size=20))
def test_phases_add_up_to_the_job(marks: list[tuple[str, float]], watts: list[int]) -> None:
    levels = [sum(watts[:second]) for second in range(len(watts) + 1)]
    rows = [["t", "cpu/J", "gpu/W"], *([second, level + 5, 80] for second, level in enumerate(levels))]
    job = recording_of(rows, marks=marks_of(*marks))

    result = account(job)

    assert result.it_j is not None
    for earlier, later in zip(result.phases, result.phases[1:], strict=False):
        assert earlier.end_s == later.start_s
    if result.phases:
        assert (result.phases[0].start_s, result.phases[-1].end_s) == (0, len(watts))
        assert sum(phase.energy_j or 0 for phase in result.phases) == pytest.approx(result.it_j)
        assert all((phase.energy_j or 0) >= 0 for phase in result.phases)


@given(st.floats(0.01, 9.99), st.lists(st.integers(1, 250), min_size=10, max_size=10))
def test_splitting_a_job_at_any_time_changes_no_sum(at_s: float, watts: list[int]) -> None:
    levels = [sum(watts[:second]) for second in range(11)]
    rows = [["t", "dram/J", "cpu/J"], *([second, level + 9, 2 * level] for second, level in enumerate(levels))]

    whole = account(recording_of(rows))
    halves = account(recording_of(rows, marks=marks_of(("first", 0), ("second", at_s))))

    assert sum(phase.energy_j or 0 for phase in halves.phases) == pytest.approx(whole.it_j)
    assert (halves.it_j, halves.low_j, halves.high_j) == (whole.it_j, whole.low_j, whole.high_j)


def test_very_many_phases_are_summed_by_name() -> None:
    marks = marks_of(*(("train" if index % 2 else "eval", index * 0.01) for index in range(1000)))
    track = Track(t_ns=(0, 10 * S), levels=(0, 1000), level_j=1.0)

    found = phases(marks, [track], [track], start_ns=0, end_ns=10 * S)

    assert [(phase.label, phase.count) for phase in found] == [("eval", 500), ("train", 500)]
    assert [phase.energy_j for phase in found] == pytest.approx([500, 500])
    assert [phase.duration_s for phase in found] == pytest.approx([5, 5])
    assert [phase.idle_j for phase in found] == pytest.approx([500, 500])


def test_very_many_names_keep_the_longest() -> None:
    marks = marks_of(*((f"step {index}", index * 0.01) for index in range(999)))
    track = Track(t_ns=(0, 10 * S), levels=(0, 1000), level_j=1.0)

    found = phases(marks, [track], [], start_ns=0, end_ns=10 * S)

    assert len(found) == MOST_PHASES
    assert (found[-1].label, found[-1].count) == (OTHERS, 999 - MOST_PHASES + 1)
    assert sum(phase.energy_j or 0 for phase in found) == pytest.approx(1000)
    assert sum(map(length_s, found)) == pytest.approx(10)


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    parts = [Phase(label="a", start_s=0, end_s=1, energy_j=5), Phase(label="a", start_s=2, end_s=4, energy_j=None)]

    (only,) = by_name(parts)

    assert (only.energy_j, only.count, length_s(only), only.start_s, only.end_s) == (None, 2, 3, 0, 4)


def test_marks_are_plain_values() -> None:
    assert marks_of(("a", 1.5)) == (Mark(label="a", t_ns=1_500_000_000),)
