"""Raw numbers over time, for the chart of the HTML report alone: no part of the templates' interface."""

from __future__ import annotations

from typing import NamedTuple


class Course(NamedTuple):
    """One meter's power in equal steps since the job's start, watts; None is a gap. `about`: modelled."""

    label: str
    counted: bool
    about: bool
    step_s: float
    power_w: tuple[float | None, ...]


class Band(NamedTuple):
    """A phase in a chart, seconds since the job's start."""

    label: str
    start_s: float
    end_s: float


class Timeline(NamedTuple):
    """What an interactive chart draws: the only raw numbers of the view, since a chart scales them as it is zoomed."""

    duration_s: float
    courses: tuple[Course, ...]
    """The sum of what is counted first, where there are several meters."""
    phases: tuple[Band, ...] = ()
