"""Calendar periods in UTC, held to the standard library's calendar."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.budget import PERIODS
from reporter.domain.period import moment_of, period_of, seconds_of

FORM = "%Y-%m-%dT%H:%M:%SZ"
FIRST, LAST = 4 * 86_400, 253_339_228_799
"""From the first Monday of 1970 to the end of 9997."""
MOMENTS = st.integers(FIRST, LAST).map(lambda s: datetime.fromtimestamp(s, timezone.utc).strftime(FORM))


def date(moment: str) -> datetime:
    return datetime.strptime(moment, FORM).replace(tzinfo=timezone.utc)


@given(MOMENTS)
def test_a_moment_is_what_the_standard_library_says(moment: str) -> None:
    seconds = date(moment).timestamp()

    assert seconds_of(moment) == seconds
    assert moment_of(seconds + 0.9) == moment


@given(MOMENTS, st.sampled_from(PERIODS))
def test_a_moment_is_in_its_own_period_and_the_next_begins_where_that_ends(moment: str, per: str) -> None:
    since, until = period_of(per, moment) or ("", "")

    assert since <= moment < until
    assert period_of(per, since) == (since, until)
    assert (period_of(per, until) or ("",))[0] == until


@pytest.mark.parametrize(
    ("per", "since", "until"),
    [
        ("day", "2028-02-29", "2028-03-01"),
        ("week", "2028-02-28", "2028-03-06"),
        ("month", "2028-02-01", "2028-03-01"),
        ("year", "2028-01-01", "2029-01-01"),
    ],
)
def test_the_periods_of_a_leap_day(per: str, since: str, until: str) -> None:
    assert period_of(per, "2028-02-29T23:59:59Z") == (f"{since}T00:00:00Z", f"{until}T00:00:00Z")


@given(MOMENTS)
def test_weeks_begin_on_monday_and_last_seven_days(moment: str) -> None:
    since, until = map(date, period_of("week", moment) or ())

    assert since.weekday() == 0
    assert until - since == timedelta(days=7)


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-11-19", "2026-11-19T12:00:00", "2026-11-19T12:00:00+01:00", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-19T24:00:00Z", "1969-12-31T00:00:00Z", "٢٠٢٦-11-19T12:00:00Z",
    ],
)  # fmt: skip
def test_other_texts_are_no_moment(text: str) -> None:
    assert seconds_of(text) is None
    assert period_of("month", text) is None
