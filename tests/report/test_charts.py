"""Power over time, as text, Mermaid and a still picture."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.carbon import PowerPoint
from reporter.domain.readings import Phase
from reporter.report import charts
from reporter.report.breakdown import power_over_time
from reporter.report.format import NARROW
from tests.factories_footprint import footprint


def points(*watts: float | None, step_s: float = 10.0) -> tuple[PowerPoint, ...]:
    """One point for each value, a gap for each None."""
    return tuple(
        PowerPoint(start_s=index * step_s, end_s=(index + 1) * step_s, power_w=value)
        for index, value in enumerate(watts)
        if value is not None
    )


def test_bins_hold_the_mean_over_their_time() -> None:
    assert charts.sampled(points(100, 200, 300, 400), 2) == pytest.approx((150, 350))


def test_the_mean_is_over_all_the_time_and_not_the_last_reading() -> None:
    course = (
        PowerPoint(start_s=0, end_s=30, power_w=100),
        PowerPoint(start_s=30, end_s=40, power_w=500),
        PowerPoint(start_s=40, end_s=50, power_w=50),
    )

    shown = power_over_time(replace(footprint(), method="measured", timeline=course))

    assert shown is not None
    assert (shown.mean.replace(NARROW, " "), shown.peak.replace(NARROW, " ")) == ("170 W", "500 W")


def test_a_gap_stays_a_gap() -> None:
    assert charts.sampled(points(100, None, 300), 3) == (100, None, 300)
    assert charts.sparkline(points(100, None, 300)) == "▃·█"


def test_a_bin_that_was_hardly_covered_is_a_gap() -> None:
    short = PowerPoint(start_s=0, end_s=2, power_w=100)
    later = PowerPoint(start_s=10, end_s=20, power_w=300)

    assert charts.sampled((short, later), 2) == (None, 300)


@given(st.lists(st.floats(min_value=0, max_value=1e6), min_size=1, max_size=100), st.integers(1, 60))
def test_sampling_keeps_the_energy(watts: list[float], bins: int) -> None:
    means = charts.sampled(points(*watts), bins)

    assert sum(mean or 0 for mean in means) / bins == pytest.approx(sum(watts) / len(watts), rel=1e-6, abs=1e-6)


def test_no_power_has_no_chart() -> None:
    assert charts.sparkline(()) == ""
    assert charts.mermaid(()) == ""
    assert charts.svg((), (), "x") == ""
    assert charts.sparkline(points(0, 0)) == ""


def test_mermaid_quotes_its_labels_and_writes_plain_numbers() -> None:
    chart = charts.mermaid(points(*[1000.0 * index for index in range(60)]))

    assert 'x-axis "Time (min)" 0 --> 10' in chart
    assert 'y-axis "Power (kW)" 0 --> 60' in chart
    numbers = chart.rpartition("line [")[2].rstrip("]").split(",")
    assert len(numbers) == charts.MOST_POINTS
    assert all(re.fullmatch(r"\d+(\.\d+)?", number) for number in numbers)


@given(st.lists(st.floats(min_value=1e-6, max_value=1e7), min_size=4, max_size=100), st.floats(0.01, 1e5))
def test_mermaid_never_writes_an_exponent_or_an_empty_series(watts: list[float], step_s: float) -> None:
    chart = charts.mermaid(points(*watts, step_s=step_s))

    body = chart.partition("xychart-beta")[2]
    assert not re.search(r"\de[+-]?\d|nan|inf|\[\]", body)
    assert re.search(r"0 --> \d+(\.\d+)?\n    line", body)


@pytest.mark.parametrize("watts", [(1, 2, 3), (1, None, 3, 4, 5)])
def test_mermaid_is_left_out_where_it_would_have_to_invent_values(watts: tuple[float | None, ...]) -> None:
    assert charts.mermaid(points(*watts)) == ""


def test_the_picture_is_well_formed_and_breaks_its_line_at_a_gap() -> None:
    picture = ET.fromstring(charts.svg(points(100, 200, None, 300), (), "Power & time"))

    assert picture.get("aria-label") == "Power & time"
    assert len(picture.findall("path[@class='line']")) == 2


def test_phases_are_marked_and_their_names_escaped() -> None:
    phases = (Phase(label="<b>load</b>", start_s=0, end_s=20), Phase(label="train", start_s=20, end_s=40))

    picture = charts.svg(points(1, 2, 3, 4), phases, "x")

    assert "<b>" not in picture
    assert [text.text for text in ET.fromstring(picture).findall("text[@class='phase']")] == ["<b>load</b>", "train"]


def test_phases_that_would_be_stripes_are_not_marked() -> None:
    many = tuple(Phase(label=str(at), start_s=at, end_s=at + 1) for at in range(charts.MOST_BANDS + 1))
    summed = (Phase(label="train", start_s=0, end_s=40, count=300, duration_s=30),)

    assert "band" not in charts.svg(points(1, 2, 3, 4), many, "x")
    assert "band" not in charts.svg(points(1, 2, 3, 4), summed, "x")


def used(*ratios: float | None) -> tuple[PowerPoint, ...]:
    return tuple(
        PowerPoint(start_s=index, end_s=index + 1, power_w=100, utilisation_ratio=ratio)
        for index, ratio in enumerate(ratios)
    )


def test_utilisation_is_drawn_up_to_all_of_it_and_nothing_used_is_a_line_at_the_floor() -> None:
    assert charts.sparkline(used(0, 0.5, 1, None), charts.UTILISATION) == "▁▅█·"
    assert charts.sparkline(used(0, 0), charts.UTILISATION) == "▁▁"
    assert charts.sparkline(used(None, None), charts.UTILISATION) == ""

    chart = charts.mermaid(used(0, 0, 0, 0.25), charts.UTILISATION)

    assert 'y-axis "Utilisation (%)" 0 --> 100\n    line [0,0,0,25]' in chart
    assert charts.mermaid(used(0, None, 0, 0.25), charts.UTILISATION) == ""


def test_a_gap_at_the_start_keeps_its_place() -> None:
    assert charts.sampled(used(None, None, 1, 1), 2, charts.UTILISATION) == (None, 1)


def test_the_picture_of_utilisation_ends_at_a_hundred_percent() -> None:
    picture = ET.fromstring(charts.svg(used(0, 0.5, 0.5, 0.25), (), "Utilisation", charts.UTILISATION))

    assert picture.get("class") == "power use"
    labels = [text.text for text in picture.findall("text") if text.get("x") == "50"]
    assert labels == ["0", "50\u202f%", "100\u202f%"]


@given(st.lists(st.floats(min_value=1e-3, max_value=1e6), min_size=1, max_size=100), st.floats(0.001, 1e5))
def test_the_picture_keeps_inside_its_frame(watts: list[float], step_s: float) -> None:
    picture = charts.svg(points(*watts, step_s=step_s), (), "x")

    heights = [float(height) for height in re.findall(r"V(-?[\d.]+)", picture)]
    assert all(0 <= height <= 220 for height in heights)
    assert len(re.findall(r"text-anchor=\"(?:start|middle)\"", picture)) <= 10
    assert len(re.findall(r"y=\"196.0\" text-anchor=\"end\"", picture)) <= 1
