"""Numbers for people: few digits, scaled units, ranges, shares, durations."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporter.report import format as fmt

ANY = st.floats(-1e300, 1e300) | st.sampled_from((math.nan, math.inf, -math.inf))
POSITIVE = st.floats(min_value=1e-9, max_value=1e15)


def plain(text: str) -> str:
    """Narrow spaces as ordinary ones, so that expectations can be read."""
    return text.replace(fmt.NARROW, " ")


def test_what_no_job_takes_is_no_line_of_zeros() -> None:
    tiny = fmt.energy_scale([5e-324])

    assert plain(fmt.amount(4.94e-200, tiny)) == "4.9e-197 mJ"
    assert plain(fmt.interval(0.0, 1e-200, tiny)) == "0–1e-197 mJ"
    assert plain(fmt.amount(1.25e-12, tiny)) == "0.00000000125 mJ"


@pytest.mark.parametrize(
    ("joules", "shown"),
    [
        (0.0123, "12.3 mJ"),
        (12.34, "12.3 J"),
        (359, "359 J"),
        (360, "0.100 Wh"),
        (13_629, "3.79 Wh"),
        (6.588e6, "1.83 kWh"),
        (9.36e6, "2.60 kWh"),
        (3.5996e9, "1,000 kWh"),
        (4.68e12, "1.30 GWh"),
    ],
)
def test_energy_is_scaled_and_kept_to_three_digits(joules: float, shown: str) -> None:
    assert plain(fmt.amount(joules, fmt.energy_scale([joules]))) == shown


@pytest.mark.parametrize(
    ("grams", "shown"),
    [
        (3.3e-7, "0.330 µg"),
        (0.0167, "16.7 mg"),
        (0.448, "0.448 g"),
        (448.4, "448 g"),
        (999.9, "1,000 g"),
        (62_345, "62.3 kg"),
    ],
)
def test_emissions_are_scaled_and_kept_to_three_digits(grams: float, shown: str) -> None:
    assert plain(fmt.amount(grams, fmt.emission_scale([grams]))) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (632.4, 641.9, "632–642 g"),
        (338.4, 571.2, "340–570 g"),
        (2.6, 6.0, "2.6–6.0 g"),
        (0.062, 5.6, "0.1–5.6 g"),
        (0.062, 27.0, "0.06–27 g"),
        (1295.0, 1305.0, "1,295–1,305 g"),
        (128.6, 128.9, "129 g"),
        (500.0, 500.0, "500 g"),
        (0.0, 0.0, "0 g"),
    ],
)
def test_a_range_has_the_digits_that_its_width_supports(low: float, high: float, shown: str) -> None:
    assert plain(fmt.interval(low, high, fmt.unit_scale("g"))) == shown


def test_a_value_near_the_limit_never_reads_like_the_limit() -> None:
    limit, observed = 600.0, 600.4

    shown = fmt.amount(observed, fmt.unit_scale("g"), apart_from=limit)

    assert plain(shown) == "600.4 g"


def test_a_range_that_starts_just_above_the_limit_never_reads_like_the_limit() -> None:
    shown = fmt.interval(600.3, 612.0, fmt.unit_scale("g"), apart_from=600.0)

    assert plain(shown) == "600.3–612.0 g"


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (0.0, "0 %"), (0.0000001, "<0.1 %"), (0.004, "0.4 %"), (0.0617, "6 %"), (0.75, "75 %"), (0.997, "99.7 %"),
        (0.9999, "99.99 %"), (1.0, "100 %"), (1.0002, "100.02 %"), (1.0617, "106 %"), (None, "–"), (math.nan, "–"),
    ],
)  # fmt: skip
def test_shares_never_round_to_the_limit(ratio: float | None, shown: str) -> None:
    assert plain(fmt.percent(ratio)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"), (0.04, "0.04 s"), (0.96, "1.0 s"), (9.4, "9.4 s"), (9.96, "10 s"),
        (59.6, "1 min"), (1650, "27 min 30 s"), (3600, "1 h"),
        (7505, "2 h 5 min"), (200_000, "2 d 7 h"), (None, "–"),
    ],
)  # fmt: skip
def test_durations_use_their_two_largest_units(seconds: float | None, shown: str) -> None:
    assert plain(fmt.duration(seconds)) == shown


def test_a_column_has_one_unit_and_one_number_of_places() -> None:
    values = [1.44 * 3.6e6, 0.1113 * 3.6e6, 0.0398 * 3.6e6]
    column = fmt.column(values, fmt.energy_scale(values))

    shown = [plain(fmt.in_column(value, column)) for value in values]

    assert shown == ["1.44 kWh", "0.11 kWh", "0.04 kWh"]


def test_a_small_value_in_a_column_is_not_rounded_to_nothing() -> None:
    values = [1.44 * 3.6e6, 0.0003 * 3.6e6]

    shown = fmt.in_column(values[1], fmt.column(values, fmt.unit_scale("kWh")))

    assert plain(shown) == "0.0003 kWh"


def test_modelled_values_say_so_and_have_two_digits() -> None:
    assert plain(fmt.amount(13_629, fmt.unit_scale("Wh"), 2, about=True)) == "≈3.8 Wh"


def test_a_negative_number_has_a_true_minus() -> None:
    assert plain(fmt.amount(-0.08 * 3.6e6, fmt.unit_scale("kWh"), 2)) == "−0.080 kWh"


@pytest.mark.parametrize(
    ("value", "low", "high", "digits"),
    [(100, 99, 101, 3), (100, 70, 160, 2), (None, 1, 2, 3), (100, None, None, 3), (0, 0, 1, 3)],
)
def test_digits_follow_the_interval(value: float | None, low: float | None, high: float | None, digits: int) -> None:
    assert fmt.supported_digits(value, low, high) == digits


@pytest.mark.parametrize(
    ("limit", "shown"), [(600.0, "600"), (0.2, "0.2"), (2.5, "2.5"), (20_000.0, "20,000"), (1e-12, "1e-12")]
)
def test_a_limit_is_shown_as_it_was_written(limit: float, shown: str) -> None:
    assert fmt.exact(limit) == shown


@given(ANY, ANY, ANY)
@example(0.0, 2.2250738585e-313, 3.6e14)
def test_no_input_reads_as_not_a_number(value: float, low: float, high: float) -> None:
    scale = fmt.energy_scale([value, low, high])

    texts = (
        fmt.amount(value, scale), fmt.interval(low, high, scale), fmt.percent(value), fmt.duration(value),
        fmt.power(value), fmt.in_column(value, fmt.column([value, low], scale)),
        fmt.amount(value, scale, fmt.supported_digits(value, low, high), apart_from=1.0),
    )  # fmt: skip

    assert not [text for text in texts if "nan" in text or "inf" in text]


@given(POSITIVE)
def test_a_shown_number_is_within_its_last_digit(value: float) -> None:
    scale = fmt.emission_scale([value])

    shown = fmt.amount(value, scale).partition(fmt.NARROW)[0]

    assert float(shown.replace(",", "")) * scale.base == pytest.approx(value, rel=0.006)


@given(POSITIVE, POSITIVE)
def test_a_range_is_in_order_and_holds_what_it_says(first: float, second: float) -> None:
    low, high = sorted((first, second))

    shown = fmt.interval(low, high, fmt.Scale("g", 1.0), unit=False).replace(",", "")
    ends = [float(end) for end in shown.split("–")]

    assert ends == sorted(ends)
    assert ends[-1] == pytest.approx(high, rel=0.06)
