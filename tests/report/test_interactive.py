"""The page's scripts and its charts' data: whole, small, and unable to leave their place; without the library still."""

from __future__ import annotations

import array
import base64
import json
import math
import re
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporter.domain.carbon import PowerPoint
from reporter.domain.footprint import Footprint
from reporter.domain.readings import Component, Phase
from reporter.domain.traces import Trace
from reporter.report import library
from reporter.report.interactive import (
    MOST_POINTS_IN_ALL,
    SUM,
    encoded,
    timeline_of,
    with_timelines,
)
from reporter.report.render import Face, render, template_root
from reporter.report.scripts import scripts_of
from reporter.report.timeline import Band, Course, Timeline
from reporter.report.view import ReportContext, report_view
from tests.factories_footprint import footprint

LARGEST_PAGE = 6_000_000
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


def trace(*power_w: float | None, label: str = "GPU", counted: bool = True, step_s: float = 1.0) -> Trace:
    return Trace(
        label=label, component=Component.GPU, counted=counted, modelled=False, step_s=step_s, power_w=power_w
    )  # fmt: skip


def nothing(job: Footprint, most: int) -> tuple[Trace, ...]:
    return ()


def page_of(job: Footprint, *drawn: Trace) -> str:
    view = with_timelines(report_view((job,), ReportContext()), (job,), lambda *_: drawn)
    return render(view, Face.HTML)


def powers(told: str) -> list[float]:
    values = array.array("f", base64.b64decode(told))
    if sys.byteorder == "big":
        values.byteswap()
    return list(values)


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> str:
    """A library that stands in for the real one."""
    text = "window.Bokeh = {};\n\n\n\n/* kept as it is */"
    monkeypatch.setattr(library, "source", lambda: text)
    return text


def test_only_the_scripts_of_the_page_may_run_and_nothing_may_be_fetched(drawing: str) -> None:
    page = page_of(footprint(), trace(1.0, 2.0))

    (policy,) = [text.replace("&#39;", "'") for text in POLICY.findall(page)]
    scripts = SCRIPT.findall(page)
    assert scripts[1] == drawing
    digests = [f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'" for text in scripts]
    assert policy.split("; ") == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        f"script-src {' '.join(digests)}",
        "base-uri 'none'",
        "form-action 'none'",
    ]


@pytest.mark.parametrize("text", ["", "a</script>b", "a<!--b", "a</SCRIPT >b"])
def test_a_library_that_cannot_stand_in_a_page_leaves_the_still_chart(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / library.NAME / library.FILE
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(library, "_file", lambda: file)

    assert library.source() == ""
    assert len(SCRIPT.findall(page_of(footprint(), trace(1.0)))) == 1


def test_the_library_is_found_and_none_of_its_python_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / library.NAME / library.FILE
    file.parent.mkdir(parents=True)
    file.write_text("drawing", encoding="utf-8")
    (tmp_path / library.NAME / "__init__.py").write_text("raise SystemExit", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    assert library.installed()
    assert library.source() == "drawing"
    assert library.NAME not in sys.modules


@pytest.mark.parametrize("name", ["no_such_library_is_installed", "sys"])
def test_without_the_library_the_page_says_nothing_of_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "NAME", name)

    page = render(report_view((footprint(),), ReportContext()), Face.HTML)

    assert not library.installed()
    assert len(SCRIPT.findall(page)) == 1
    assert "<svg" in page
    assert 'class="chart"' not in page
    assert "bokeh" not in page.casefold()


def test_a_library_without_a_place_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library.NAME, ModuleType(library.NAME))

    assert not library.installed()


def test_meters_of_one_name_are_told_apart_and_those_not_counted_come_last() -> None:
    whole = replace(trace(3.0), label="", component=None)
    drawn = (whole, trace(9.0, label="node", counted=False), trace(1.0), trace(2.0))

    timeline = timeline_of(footprint(), lambda *_: drawn)

    assert timeline is not None
    assert [(course.label, course.counted, course.power_w) for course in timeline.courses] == [
        (SUM, True, (3.0,)),
        ("GPU (1 of 2)", True, (1.0,)),
        ("GPU (2 of 2)", True, (2.0,)),
        ("node", False, (9.0,)),
    ]


def test_without_a_recording_the_footprints_own_timeline_is_drawn_with_its_gaps() -> None:
    points = tuple(
        PowerPoint(start_s=start, end_s=start + 0.1, power_w=100.0 + start) for start in (0.1, 0.2, 0.5, 0.6)
    )

    timeline = timeline_of(replace(footprint(), timeline=points), nothing)

    assert timeline is not None
    (course,) = timeline.courses
    assert course.label == SUM
    assert course.power_w == (None, 100.1, 100.2, None, None, 100.5, 100.6)
    assert course.step_s == pytest.approx(0.1)
    assert timeline.duration_s == pytest.approx(0.7)


def test_phases_are_bands_unless_they_were_summed_by_name() -> None:
    apart = footprint()
    summed = replace(apart, phases=(Phase(label="eval", start_s=0.0, end_s=10.0, count=12, duration_s=3.0),))

    assert [timeline_of(job, nothing).phases for job in (apart, summed)] == [  # type: ignore[union-attr]
        (Band(label="train", start_s=0.0, end_s=10.0),),
        (),
    ]


def test_a_job_without_a_course_has_no_chart() -> None:
    assert timeline_of(replace(footprint(), timeline=()), lambda *_: (trace(1.0),)) is None


def test_each_job_gets_its_own_chart_and_all_together_stay_small(drawing: str) -> None:
    asked: list[int] = []

    def traced(job: Footprint, most: int) -> tuple[Trace, ...]:
        asked.append(most)
        return (trace(1.0, label=job.job.name),)

    jobs = tuple(footprint(3.6e6 * (1 + index), name=f"job {index}") for index in range(100))
    view = with_timelines(report_view(jobs, ReportContext()), jobs, traced)

    assert view.whole.timeline is None
    assert [detail.timeline.courses[0].label for detail in view.details if detail.timeline] == [
        detail.name for detail in view.details
    ]
    assert sum(asked) * 2 <= MOST_POINTS_IN_ALL


def test_gaps_and_absurd_powers_are_packed_as_no_number() -> None:
    course = Course(label="GPU", counted=True, about=False, step_s=1.0, power_w=(1.5, None, float("inf"), 1e39, 300.0))

    told = json.loads(encoded(Timeline(duration_s=5.0, courses=(course,))))

    assert [None if math.isnan(value) else value for value in powers(told["courses"][0]["power"])] == [
        1.5, None, None, None, 300.0,
    ]  # fmt: skip


@given(st.text(), st.text())
@example("</script>", "##[error]x")
def test_no_name_leaves_the_data_or_starts_a_command_in_a_log(label: str, phase: str) -> None:
    course = Course(label=label, counted=True, about=False, step_s=1.0, power_w=(1.0,))
    timeline = Timeline(duration_s=1.0, courses=(course,), phases=(Band(label=phase, start_s=0.0, end_s=1.0),))

    text = encoded(timeline)

    told: dict[str, Any] = json.loads(text)
    assert "<" not in text
    assert "##[" not in text
    assert text.isascii()
    assert (told["courses"][0]["label"], told["phases"][0][0]) == (label, phase)


@pytest.mark.skipif(not library.installed(), reason="the extra `html` is not installed")
def test_a_page_of_sixteen_meters_with_ten_thousand_points_each_stays_small() -> None:
    drawn = [trace(*(float(step % 700) for step in range(10_000)), label=f"GPU {index}") for index in range(16)]
    whole = replace(drawn[0], label="", component=None)

    page = page_of(footprint(), whole, *drawn)

    assert len(SCRIPT.findall(page)) == 3
    assert len(page.encode()) <= LARGEST_PAGE


def test_the_scripts_are_ours_and_lie_with_the_templates() -> None:
    scripts = scripts_of(report_view((footprint(),), ReportContext()), template_root())

    assert scripts.texts == {"report.js": (template_root() / "report.js").read_text(encoding="utf-8")}
