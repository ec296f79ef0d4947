"""How widely legs spread: by hand, from what GitHub takes."""

from __future__ import annotations

import pytest

from reporter.publish.pace import Pace, legs_of, pace_for


@pytest.mark.parametrize("legs", [None, 0, 1, 2, 20, 257, 10**9])
def test_a_usual_matrix_waits_no_longer_than_a_leg_that_does_not_know_its_size(legs: int | None) -> None:
    pace = pace_for(legs)

    assert pace._replace(legs=1) == Pace()
    assert pace.settle_within_s(0, 0) == (5.0, 8.0)
    assert pace.settle_within_s(2, 0) == (5.0, 16.0)


def test_a_large_one_spreads_as_wide_as_eighty_writes_a_minute_need() -> None:
    pace = pace_for(200)

    assert pace.start_s == 2.0 + 180 * 60 / 80
    assert pace.settle_within_s(0, there=0) == (5.0, 8.0 + 180 * 60 / 80)
    assert pace.settle_within_s(0, there=100) == (5.0, 8.0 + 80 * 60 / 80)
    assert pace.deadline_s == 150.0 + 180 * 1.5


def test_the_last_of_a_large_one_do_not_wait_for_those_who_are_done() -> None:
    pace = pace_for(200)

    assert pace.settle_within_s(0, there=180) == (5.0, 8.0)
    assert pace.settle_within_s(0, there=999) == (5.0, 8.0)
    assert pace.settle_within_s(1, there=180) == (5.0, 8.0 + 20 * 60 / 80), "they keep overwriting each other"


@pytest.mark.parametrize(
    ("said", "legs"),
    [("8", 8), ("256", 256), ("", None), (None, None), ("0", None), ("-1", None), ("9" * 5000, None), ("٨", None)],
)
def test_the_size_is_what_the_runner_says_or_unknown(said: str | None, legs: int | None) -> None:
    assert legs_of(said) == legs
