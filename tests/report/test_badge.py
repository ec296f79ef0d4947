"""The badge: the report's own figures in the verdict's colour, as shields.io reads it and as a picture."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from reporter.report.badge import COLOURS, OTHERWISE, _text_width, badge, endpoint, svg
from reporter.report.view import ReportContext, report_view
from tests.report.conftest import carbon, energy

SVG = "{http://www.w3.org/2000/svg}"


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("situation", "message", "colour"),
    [
        ("within_budget", "1.83 kWh · 448 g CO₂e", COLOURS["pass"]),
        ("over_budget", "2.60 kWh · 637 g CO₂e", COLOURS["fail"]),
        ("too_close_to_call", "2.45 kWh · 600 g CO₂e", COLOURS["warn"]),
        ("gpu_not_read", "≥ 1.83 kWh · 448 g CO₂e", OTHERWISE),
        ("modelled_without_budget", "≈3.8 Wh · ≈1.5 g CO₂e", OTHERWISE),
    ],
)
def test_it_says_what_the_report_says_in_the_colour_of_the_verdict(
    samples: Any, situation: str, message: str, colour: str
) -> None:
    view = report_view(*getattr(samples, situation)())

    shown = badge(view)

    assert (shown.message, shown.colour) == (message, colour)
    assert message.removeprefix("≥ ") in str(view.headline).replace("\u202f", " ")


def test_nothing_measured_is_grey_and_never_zero(make_job: Any) -> None:
    view = report_view([], ReportContext())

    assert badge(view) == ("not measured", OTHERWISE, "")


def test_shields_io_gets_what_its_schema_asks_for(samples: Any) -> None:
    document = json.loads(endpoint(report_view(*samples.over_budget())))

    assert document == {
        "schemaVersion": 1,
        "label": "emissions",
        "message": "2.60 kWh · 637 g CO₂e",
        "color": "cf222e",
        "isError": True,
    }
    assert json.loads(endpoint(report_view(*samples.within_budget())))["isError"] is False


def test_the_picture_has_a_name_for_who_cannot_see_it(samples: Any) -> None:
    picture = ET.fromstring(svg(report_view(*samples.over_budget())))

    title = picture.find(f"{SVG}title")
    assert title is not None
    assert picture.get("role") == "img"
    assert picture.get("aria-label") == title.text == "emissions: 2.60 kWh · 637 g CO₂e, over budget"


@pytest.mark.parametrize("situation", ["within_budget", "over_budget", "modelled_without_budget"])
def test_no_text_of_the_picture_leaves_its_field(samples: Any, situation: str) -> None:
    picture = ET.fromstring(svg(report_view(*getattr(samples, situation)())))

    whole = float(picture.get("width", 0))
    seam = float(picture.findall(f".//{SVG}g/{SVG}rect")[0].get("width", 0))
    label, message = picture.findall(f".//{SVG}text")
    for text, left, right in ((label, 0.0, seam), (message, seam, whole)):
        start, width = float(text.get("x", 0)), float(text.get("textLength", 0))
        assert left + 5 <= start
        assert start + width <= right - 5


def test_text_widths_are_those_of_the_font() -> None:
    # DejaVu Sans at 11 px: advance widths 0.612, 0.974, 0.278, 0.521, 0.278, 0.612, 0.634, 0.521 em, by its hmtx table.
    assert _text_width("emission") == pytest.approx(11 * 4.43, abs=2)
    assert _text_width("448") == 21


@pytest.mark.parametrize("colour", [*COLOURS.values(), OTHERWISE, "#444c56"])
def test_white_text_can_be_read_on_every_colour(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


@pytest.mark.parametrize("colour", [*COLOURS.values(), OTHERWISE])
@pytest.mark.parametrize("paper", ["#ffffff", "#0d1117"])
def test_the_message_stands_out_from_light_and_dark_paper(colour: str, paper: str) -> None:
    light, dark = sorted((luminance(colour), luminance(paper)), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 2.9


def test_budgets_in_energy_colour_it_too(make_job: Any) -> None:
    assert badge(report_view([make_job(budgets=(energy(1),))], ReportContext())).colour == COLOURS["fail"]
    assert badge(report_view([make_job(budgets=(carbon(500),))], ReportContext())).colour != COLOURS["fail"]
