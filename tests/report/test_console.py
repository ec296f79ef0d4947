"""Text for a terminal: aligned, within its width, coloured only where asked for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.commands.delivery.faces import colour_wanted
from reporter.report.console import Page, seen
from reporter.report.prose import code, line, strong
from reporter.report.render import Face, render
from reporter.report.view import ReportContext, report_view

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


NAMES = (
    "train (h100, 3.12)",
    "表" * 60,
    "한국어 학습",
    "e\u0301" * 40,
    "นำ้ กำลัง " * 6,
    "⚠️ 👩🏽\u200d💻 ⌚ 🇪🇺 flags",
    "x" * 300,
    "(a100, " * 20,
)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("versus", ["", "vs main"])
def test_the_table_of_jobs_is_aligned_and_never_wider_than_the_page(make_job: Any, width: int, versus: str) -> None:
    view = report_view([make_job(name, exit_status=index % 2) for index, name in enumerate(NAMES)], ReportContext())
    rows = tuple(row._replace(icon="⚠️", versus="+1.83\u202fkWh") for row in view.jobs.rows)

    lines = Page(width=width).jobs(view.jobs._replace(rows=rows, versus_label=versus)).splitlines()

    assert max(map(seen, lines)) <= width
    figures = [row for row in lines if "kWh" in row]
    ends = {seen(row[: row.index("kWh") + 3]) for row in figures}
    assert len(figures) == len(NAMES) + 1
    assert len(ends) == 1, "energies end in one column"


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("situation", ["three_jobs_one_failed", "gpu_not_read", "gpus_that_wait", "figures_beside"])
def test_no_line_at_all_is_wider_than_the_page(samples: Any, situation: str, width: int) -> None:
    footprints, context = getattr(samples, situation)()

    text = render(report_view(footprints, context._replace(missing=NAMES)), Face.TEXT, width=width)

    assert [row for row in text.splitlines() if seen(row) > width] == []


def test_on_a_narrow_page_no_figure_is_cut_and_no_word_of_the_basis_is_lost(samples: Any) -> None:
    text = render(report_view(*samples.three_jobs_one_failed()), Face.TEXT, width=60)

    for words in ("train (h100, 3.13)", "0.14 kWh", "command failed with status 1; partly measured", "122 %"):
        assert words in text


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("表", 2),
        ("한", 2),
        ("\u1112\u1161\u11ab", 2),
        ("e\u0301", 1),
        ("x\u20dd", 1),
        ("ก\u0e31", 1),
        ("⌚", 2),
        ("✅", 2),
        ("⚠", 1),
        ("🇪🇺", 2),
        ("ＡＢ", 4),
        ("…", 1),
        ("≈ₓ–", 3),
    ],
)
def test_a_character_takes_as_many_columns_as_a_terminal_gives_it(text: str, columns: int) -> None:
    assert seen(text) == columns


def test_a_sign_that_terminals_disagree_on_is_shown_in_its_plain_form() -> None:
    text = Page().wrap("budget ⚠️ and 👍🏽", lead="ℹ️")

    assert text == "ℹ budget ⚠ and 👍"


def test_a_word_longer_than_the_line_goes_on_in_the_next() -> None:
    text = Page(width=60).wrap("see " + "表" * 50 + " there", 3)

    assert max(map(seen, text.splitlines())) <= 60
    assert "".join(text.split()) == "see" + "表" * 50 + "there"


@pytest.mark.parametrize(
    ("environ", "on_terminal", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "3", "TERM": "dumb"}, False, True),
        ({"FORCE_COLOR": ""}, False, False),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"CLICOLOR_FORCE": "0"}, False, False),
        ({"CLICOLOR": "0"}, True, False),
    ],
)
def test_colour_is_used_where_it_is_wanted(environ: dict[str, str], *, on_terminal: bool, wanted: bool) -> None:
    assert colour_wanted(environ, on_terminal=on_terminal) is wanted


@given(st.lists(st.text(alphabet="ab表 ́-.", max_size=30), max_size=5), st.integers(40, 120))
def test_wrapping_loses_no_word(parts: list[str], width: int) -> None:
    styled = [strong(part) if index % 2 else code(part) for index, part in enumerate(parts)]

    text = Page(width=width).wrap(line(*styled), 3)

    assert "".join(text.split()) == "".join("".join(parts).split())
    assert all(seen(row) <= width for row in text.splitlines())


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("CO₂e", 4), ("表", 2), ("e\u0301", 1), ("✅", 2), ("▁█", 2)]
)
def test_wide_and_combining_characters_are_counted_as_seen(text: str, columns: int) -> None:
    assert seen(text) == columns
