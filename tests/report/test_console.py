"""Text for a terminal: aligned, within its width, coloured only where asked for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.report.console import Page, seen
from reporter.report.prose import code, line, strong
from reporter.report.render import Face, render
from reporter.report.view import report_view

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("situation", ["over_budget", "three_jobs_one_failed", "modelled_without_budget"])
def test_no_paragraph_is_wider_than_the_page(samples: Any, situation: str, width: int) -> None:
    footprints, context = getattr(samples, situation)()

    text = render(report_view(footprints, context), Face.TEXT, width=width)

    sentences = [row for row in text.splitlines() if "  " not in row.strip()]
    assert max(map(seen, sentences)) <= width


def test_columns_are_aligned_by_what_is_seen() -> None:
    rows = [["表表", "1 g"], ["abc", "12 g"], ["≈e\u0301", "123 g"]]

    text = Page().table(["Job", "CO₂e"], rows, (1,))

    assert len({seen(row) for row in text.splitlines()}) == 1


def test_colour_changes_nothing_but_colour(samples: Any) -> None:
    view = report_view(*samples.over_budget())

    plain, coloured = render(view, Face.TEXT), render(view, Face.TEXT, colour=True)

    assert "\x1b" not in plain
    assert COLOUR.sub("", coloured) == plain
    assert coloured != plain


def test_the_verdict_has_its_colour(samples: Any) -> None:
    text = render(report_view(*samples.over_budget()), Face.TEXT, colour=True)

    assert "\x1b[1;31m" in text.splitlines()[0]


def test_a_long_name_is_cut_before_the_numbers_are() -> None:
    text = Page(width=60).table(["Job", "Energy"], [["x" * 100, "1.83 kWh"]], (1,))

    assert max(map(seen, text.splitlines())) <= 60
    assert "1.83 kWh" in text
    assert "…" in text


@given(st.lists(st.text(alphabet="ab表 ́-.", max_size=30), max_size=5), st.integers(40, 120))
def test_wrapping_loses_no_word(parts: list[str], width: int) -> None:
    styled = [strong(part) if index % 2 else code(part) for index, part in enumerate(parts)]

    text = Page(width=width).wrap(line(*styled), 3)

    assert "".join(text.split()) == "".join("".join(parts).split())
    assert all(seen(row) <= width or " " not in row.strip() for row in text.splitlines())


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("CO₂e", 4), ("表", 2), ("e\u0301", 1), ("✅", 2), ("▁█", 2)]
)
def test_wide_and_combining_characters_are_counted_as_seen(text: str, columns: int) -> None:
    assert seen(text) == columns
