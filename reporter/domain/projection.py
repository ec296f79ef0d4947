"""What a job that is going on will have taken at its end, at the pace that it has kept so far.

Everything before the first report of progress is taken as it is: a start takes energy and makes no progress.
From there on energy is taken to grow with progress. The pace of some windows of equal progress gives the pace
of the rest, and their spread how certain it is: the interval of the mean of the windows still to come
(a prediction interval by Student's t, about 95 %).
A job whose last part is of another kind than what it has reported so far cannot be foreseen.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, isfinite, sqrt

FEWEST_WINDOWS, MOST_WINDOWS = 3, 5
"""A spread of two says nothing; short ones find what comes and goes, and it does not go on as independent noise."""
LEAST_SPREAD_RATIO = 0.02
"""No pace is known better: readings are late, and so is the report of progress."""
WARM_UP_RATIO = 0.5
"""So much smaller must the error of the mean get before windows at the start are taken for a warm-up."""
STEP_RATIO = 0.01
"""Reports that are nearer, for what is done, are one: a job of any length is kept in little room."""
BACKWARDS_RATIO = 0.02
"""A report that is lower by less is of another thread or rounded; by more, it starts again."""
LEAST_PROGRESS_RATIO = 0.1
"""Nothing is foretold from the first tenth, unless it has some epochs."""
FEWEST_EPOCHS = 3
_T_975 = {3: 4.303, 4: 3.182, 5: 2.776}
"""Student's t for so many windows, one degree of freedom less, two-sided 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A report of progress, 0–1: when it came, seconds since the start, and the energy up to then, joules."""

    at_s: float
    progress_ratio: float
    energy_j: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """The whole job's energy, joules, with its interval, and the time that it still takes."""

    progress_ratio: float
    energy_j: float
    low_j: float
    high_j: float
    left_s: float


class Pace:
    """Collects the reports of one job. What cannot be progress is left out, and never believed later."""

    def __init__(self) -> None:
        self._points: list[Point] = []
        self.is_void = False
        """Whether progress has gone back, so that nobody knows any more what 1 will mean."""

    def add(self, at_s: float, progress_ratio: float, energy_j: float) -> bool:
        """One report; whether it is news: progress that stands still is none."""
        if self.is_void or not (isfinite(progress_ratio) and 0 <= progress_ratio <= 1 and isfinite(energy_j)):
            return False
        last = self._points[-1] if self._points else None
        if last is not None and progress_ratio < last.progress_ratio - BACKWARDS_RATIO:
            self.is_void = True
        if last is not None and (progress_ratio <= last.progress_ratio or energy_j < last.energy_j):
            return False
        near = self._points[-2:]
        if len(near) > 1 and near[1].progress_ratio - near[0].progress_ratio < STEP_RATIO * progress_ratio:
            del self._points[-1]
        self._points.append(Point(at_s=at_s, progress_ratio=progress_ratio, energy_j=energy_j))
        return True

    def projection(self) -> Projection | None:
        """As of the last report; None before there is enough to go by."""
        if self.is_void:
            return None
        bounds = _windows(self._points)
        if len(bounds) <= FEWEST_WINDOWS:
            return None
        bounds = _without_warm_up(bounds)
        first, last, count = bounds[0], bounds[-1], len(bounds) - 1
        done_ratio, rest_ratio = last.progress_ratio - first.progress_ratio, 1 - last.progress_ratio
        pace_j = _pace_j(bounds)
        spread_j = max(_spread_j(bounds), LEAST_SPREAD_RATIO * pace_j)
        # The more windows of this size are still to come, the less their mean is off.
        to_come = max(1.0, rest_ratio / done_ratio * count)
        half_j = rest_ratio * _T_975[count] * spread_j * sqrt(1 / count + 1 / to_come)
        energy_j = last.energy_j + rest_ratio * pace_j
        return Projection(
            progress_ratio=last.progress_ratio,
            energy_j=energy_j,
            low_j=max(last.energy_j, energy_j - half_j),
            high_j=energy_j + half_j,
            left_s=rest_ratio * (last.at_s - first.at_s) / done_ratio,
        )


def is_early(progress_ratio: float, epochs: float | None = None) -> bool:
    """Whether it is too early to say anything; `epochs` are those done, where they are counted."""
    if epochs is not None and epochs >= FEWEST_EPOCHS:
        return False
    return progress_ratio < LEAST_PROGRESS_RATIO


def _windows(points: Sequence[Point]) -> list[Point]:
    """The bounds of windows of about equal progress; each ends with a report."""
    if len(points) < 2:  # noqa: PLR2004
        return []
    ratios = [point.progress_ratio for point in points]
    count = min(MOST_WINDOWS, len(points) - 1)
    step_ratio = (ratios[-1] - ratios[0]) / count
    places = {bisect_left(ratios, ratios[0] + step_ratio * place, hi=len(ratios) - 1) for place in range(count)}
    return [points[place] for place in sorted(places | {len(points) - 1})]


def _without_warm_up(bounds: list[Point]) -> list[Point]:
    """From where the pace is steady on, by the marginal standard error rule (White 1997, Simulation 69:6).

    At most half of the windows go, and only where what is left is far surer than all of them.
    """
    count = len(bounds) - 1
    most = min(count // 2, count - FEWEST_WINDOWS)
    errors = [_spread_j(bounds[start:]) / sqrt(count - start) for start in range(most + 1)]
    best = min(range(most + 1), key=errors.__getitem__)
    return bounds[best:] if errors[best] < WARM_UP_RATIO * errors[0] else bounds


def _pace_j(bounds: Sequence[Point]) -> float:
    """Joules for all of the progress, from 0 to 1."""
    return (bounds[-1].energy_j - bounds[0].energy_j) / (bounds[-1].progress_ratio - bounds[0].progress_ratio)


def _spread_j(bounds: Sequence[Point]) -> float:
    """Standard deviation of the windows' pace, each with the weight of its progress."""
    count, pace_j = len(bounds) - 1, _pace_j(bounds)
    whole_ratio = bounds[-1].progress_ratio - bounds[0].progress_ratio
    squares = fsum(
        (after.progress_ratio - before.progress_ratio) / whole_ratio * (_pace_j((before, after)) - pace_j) ** 2
        for before, after in pairwise(bounds)
    )
    return sqrt(squares * count / (count - 1))
