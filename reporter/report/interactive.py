"""The data of the page's interactive charts: power over time, meter by meter."""

from __future__ import annotations

import json
import math
import sys
from array import array
from base64 import b64encode
from collections.abc import Callable, Sequence

from reporter.domain.footprint import Footprint
from reporter.domain.readings import Phase
from reporter.domain.traces import MOST_POINTS, Trace
from reporter.report.breakdown import MODELLED, numbered
from reporter.report.page import ReportView
from reporter.report.prose import Verbatim, name
from reporter.report.timeline import Band, Course, Timeline
from reporter.report.view import in_order

SUM = "All that is counted"
MOST_POINTS_IN_ALL = 200_000
"""Of all jobs together: a page is to open at once."""
LARGEST_W = 1e30
"""More is no power, and does not fit into four bytes."""

Traced = Callable[[Footprint, int], Sequence[Trace]]
"""The traces of a footprint, in at most so many points each; none where its recording is not at hand."""


def with_timelines(view: ReportView, footprints: Sequence[Footprint], traced: Traced) -> ReportView:
    """The same report with what an interactive chart draws, for each job that has a course of power."""
    most = min(MOST_POINTS, MOST_POINTS_IN_ALL // max(1, sum(len(row.meters) + 1 for row in footprints)))
    if len(footprints) == 1:
        return view._replace(whole=view.whole._replace(timeline=timeline_of(footprints[0], traced, most)))
    details = tuple(
        detail._replace(timeline=timeline_of(footprint, traced, most))
        for detail, footprint in zip(view.details, in_order(footprints), strict=True)
    )
    return view._replace(details=details)


def timeline_of(footprint: Footprint, traced: Traced, most: int = MOST_POINTS) -> Timeline | None:
    """A job's power meter by meter, else in sum as its footprint has it; None without a course."""
    if not footprint.timeline:
        return None
    found = sorted(traced(footprint, most), key=lambda trace: not trace.counted)
    whole, meters = [row for row in found if row.component is None], [row for row in found if row.component is not None]
    labels = [SUM] * len(whole) + numbered([row.label for row in meters])
    courses = tuple(
        Course(label=label, counted=row.counted, about=row.modelled, step_s=row.step_s, power_w=row.power_w)
        for label, row in zip(labels, (*whole, *meters), strict=True)
    )
    courses = courses or (_in_sum(footprint),)
    return Timeline(
        duration_s=max(course.step_s * len(course.power_w) for course in courses),
        courses=courses,
        phases=_bands(footprint.phases),
    )


def encoded(timeline: Timeline) -> Verbatim:
    """A timeline as JSON that cannot leave its element: powers are little-endian 32-bit floats in Base64, NaN a gap."""
    told = {
        "duration": timeline.duration_s,
        "courses": [
            {
                "label": course.label, "counted": course.counted, "about": course.about, "step": course.step_s,
                "power": _packed(course.power_w),
            }
            for course in timeline.courses
        ],
        "phases": timeline.phases,
    }  # fmt: skip
    text = json.dumps(told, allow_nan=False, separators=(",", ":"))
    return Verbatim(text.replace("<", "\\u003c").replace("##[", "\\u0023#["))  # nor starts a command in a log


def _in_sum(footprint: Footprint) -> Course:
    points = footprint.timeline
    end_s = max(point.end_s for point in points)
    widths_s = [point.end_s - point.start_s for point in points if point.end_s > point.start_s]
    steps = max(1, min(MOST_POINTS, round(end_s / min(widths_s, default=end_s))))
    powers: list[float | None] = [None] * steps
    for point in points:
        first = round(point.start_s / end_s * steps)
        last = max(first + 1, round(point.end_s / end_s * steps))
        powers[first:last] = [point.power_w] * len(powers[first:last])
    about = footprint.method in MODELLED
    return Course(label=SUM, counted=True, about=about, step_s=end_s / steps, power_w=tuple(powers))


def _bands(phases: Sequence[Phase]) -> tuple[Band, ...]:
    """None where the phases are summed by name, so that nobody knows which came when."""
    if any(phase.duration_s is not None for phase in phases):
        return ()
    return tuple(Band(label=name(phase.label), start_s=phase.start_s, end_s=phase.end_s) for phase in phases)


def _packed(power_w: Sequence[float | None]) -> str:
    values = array("f", (math.nan if power is None or not abs(power) < LARGEST_W else power for power in power_w))
    if sys.byteorder == "big":
        values.byteswap()
    return b64encode(values.tobytes()).decode("ascii")
