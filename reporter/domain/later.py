"""What if the same job had started later, or paused: its course of power laid over a series of intensities.

Both take knowing the series to its end, and pausing as free: bounds of what could be had (Dodge et al. 2022).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from math import fsum

from reporter.domain.carbon import IntensityPoint, PowerPoint
from reporter.domain.units import J_PER_KWH

SAME_S = 1e-6
"""Bounds this near to one another are one."""
MOST_TRIES = 1_000_000
"""Starts × steps of power: about a second. Beyond, power is taken in fewer steps, which even power does not notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One way of running a job: from when to when, what it would emit, and with how many pauses (`count`)."""

    start_s: float
    end_s: float
    gco2e: float
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A job as it ran, at its best start within `within_s`, and paused at will but done as late as that at most."""

    within_s: float
    as_it_ran: Shift
    flexible: Shift
    pausing: Shift


def course_of(timeline: Sequence[PowerPoint], *, duration_s: float, facility_j: float) -> tuple[PowerPoint, ...]:
    """A job's power at the building over its time, W, adding up to its energy; even where its course is not known."""
    drawn_j = fsum(point.power_w * (point.end_s - point.start_s) for point in timeline)
    if drawn_j <= 0 or timeline[-1].end_s > duration_s + 1:
        return (PowerPoint(start_s=0.0, end_s=duration_s, power_w=facility_j / duration_s),)
    return tuple(
        PowerPoint(start_s=point.start_s, end_s=point.end_s, power_w=point.power_w * (facility_j / drawn_j))
        for point in timeline
    )


def later(
    course: Sequence[PowerPoint],
    series: Sequence[IntensityPoint],
    *,
    start_s: float,
    duration_s: float,
    within_s: float,
) -> Later | None:
    """The job as it ran, shifted and paused; None where it took no time, or the series does not cover its own.

    `series` is in the order of time, with times as those of `start_s`; where it has gaps nothing can run.
    Starts are tried where a value begins, and so that the job ends where one ends: exact for an even power.
    """
    if duration_s <= SAME_S:
        return None
    # Times since the job's start: a sum of seconds since 1970 would lose the digits of a short job.
    since = tuple(
        IntensityPoint(start_s=point.start_s - start_s, end_s=point.end_s - start_s, gco2e_per_kwh=point.gco2e_per_kwh)
        for point in series
    )
    grid = _Grid(since)
    starts = {within_s, *(point.start_s for point in since), *(point.end_s - duration_s for point in since)}
    tried = sorted(begin_s for begin_s in starts if 0 < begin_s <= within_s)
    course = _coarse(course, most=max(1, MOST_TRIES // (len(tried) + 1)))
    ran_gco2e = grid.emissions_gco2e(course, 0.0, duration_s)
    if ran_gco2e is None:
        return None
    ran = Shift(start_s=0.0, end_s=duration_s, gco2e=ran_gco2e)
    flexible = ran
    for begin_s in tried:
        gco2e = grid.emissions_gco2e(course, begin_s, duration_s)
        if gco2e is not None and _is_less(gco2e, flexible.gco2e):
            flexible = Shift(start_s=begin_s, end_s=begin_s + duration_s, gco2e=gco2e)
    paused = _paused(course, since, duration_s=duration_s, end_s=within_s + duration_s)
    # Times are chosen by intensity alone; a job of uneven power can do better unpaused.
    best = paused if _is_less(paused.gco2e, flexible.gco2e) else flexible
    return Later(
        within_s=within_s,
        as_it_ran=_moved(ran, start_s),
        flexible=_moved(flexible, start_s),
        pausing=_moved(best, start_s),
    )


def _coarse(course: Sequence[PowerPoint], *, most: int) -> Sequence[PowerPoint]:
    """The course in at most so many steps, each with the mean power of those that it stands for."""
    many = -(-len(course) // most)
    if many == 1:
        return course
    return tuple(
        PowerPoint(
            start_s=points[0].start_s,
            end_s=points[-1].end_s,
            power_w=_energy_j(points, points[0].start_s, points[-1].end_s) / (points[-1].end_s - points[0].start_s),
        )
        for points in (course[first : first + many] for first in range(0, len(course), many))
    )


def _is_less(gco2e: float, than_gco2e: float) -> bool:
    """Less by more than rounding: a job is not moved for nothing."""
    return gco2e < than_gco2e * (1 - 1e-9)


def _moved(shift: Shift, by_s: float) -> Shift:
    return replace(shift, start_s=shift.start_s + by_s, end_s=shift.end_s + by_s)


def _paused(
    course: Sequence[PowerPoint], series: Sequence[IntensityPoint], *, duration_s: float, end_s: float
) -> Shift:
    """The job in the cleanest times of the window, in its own order; of a value too long the beginning is taken."""
    inside = [
        IntensityPoint(
            start_s=max(point.start_s, 0.0), end_s=min(point.end_s, end_s), gco2e_per_kwh=point.gco2e_per_kwh
        )
        for point in series
        if point.end_s > 0 and point.start_s < end_s
    ]
    left_s = duration_s
    chosen: list[IntensityPoint] = []
    for point in sorted(inside, key=lambda point: (point.gco2e_per_kwh, point.start_s)):
        if left_s <= SAME_S:
            break
        taken_s = min(left_s, point.end_s - point.start_s)
        chosen.append(
            IntensityPoint(start_s=point.start_s, end_s=point.start_s + taken_s, gco2e_per_kwh=point.gco2e_per_kwh)
        )
        left_s -= taken_s
    chosen.sort(key=lambda point: point.start_s)
    ends_s = [0.0, *accumulate(point.end_s - point.start_s for point in chosen)]
    ends_s[-1] = max(duration_s, ends_s[-1])
    parts_j = [_energy_j(course, *bounds_s) for bounds_s in pairwise(ends_s)]
    return Shift(
        start_s=chosen[0].start_s,
        end_s=chosen[-1].end_s,
        gco2e=fsum(it_j * point.gco2e_per_kwh for it_j, point in zip(parts_j, chosen, strict=True)) / J_PER_KWH,
        count=sum(after.start_s - before.end_s > SAME_S for before, after in pairwise(chosen)),
    )


def _energy_j(course: Sequence[PowerPoint], begin_s: float, end_s: float) -> float:
    return fsum(point.power_w * max(0.0, min(point.end_s, end_s) - max(point.start_s, begin_s)) for point in course)


class _Grid:
    """The running integral of a series over time, so that the mean of any span is one subtraction."""

    def __init__(self, series: Sequence[IntensityPoint]) -> None:
        self._series = series
        self._starts_s = [point.start_s for point in series]
        areas = (point.gco2e_per_kwh * (point.end_s - point.start_s) for point in series)
        self._areas = [0.0, *accumulate(areas)]
        torn = (after.start_s - before.end_s > SAME_S for before, after in pairwise(series))
        self._runs = [0, *accumulate(torn)]

    def emissions_gco2e(self, course: Sequence[PowerPoint], start_s: float, duration_s: float) -> float | None:
        """What the course emits from `start_s` on; None where the series does not cover all of it."""
        first, last = self._at(start_s), self._at(start_s + duration_s - SAME_S)
        if first < 0 or self._runs[first] != self._runs[last]:
            return None
        if start_s + duration_s > self._series[last].end_s + SAME_S or start_s > self._series[first].end_s:
            return None
        return (
            fsum(
                point.power_w * (self._area(start_s + point.end_s) - self._area(start_s + point.start_s))
                for point in course
            )
            / J_PER_KWH
        )

    def _at(self, at_s: float) -> int:
        return bisect_right(self._starts_s, at_s) - 1

    def _area(self, at_s: float) -> float:
        index = self._at(at_s)
        point = self._series[index]
        return self._areas[index] + point.gco2e_per_kwh * (at_s - point.start_s)
