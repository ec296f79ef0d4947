"""Each meter's power over time as finely as it was read: what a chart draws, and no figure follows from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import NamedTuple

from reporter.domain.meter import Window, measure, window_of
from reporter.domain.model import is_constant
from reporter.domain.overlap import left_out
from reporter.domain.readings import Component, Meter, Method, Recording
from reporter.domain.share import portion_of, portions
from reporter.domain.timeline import SHORTEST_S, TICKS, blind_steps, equal_steps
from reporter.domain.track import NS_PER_S, Track

MOST_POINTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Mean power in equal steps since the job's start, watts; None where nothing was read, or a counter was lost.

    The steps that are known hold the energy that was used in them: thinning takes means, never samples.
    """

    label: str
    component: Component | None
    """None: the sum of the meters that are counted."""
    counted: bool
    """False where another meter holds the same joules, or the job was not given the part."""
    modelled: bool
    """Of the sum: whether all of it is."""
    step_s: float
    power_w: tuple[float | None, ...]


class _Drawn(NamedTuple):
    meter: Meter
    track: Track
    counted: bool
    modelled: bool
    finest_s: float


def traces(recording: Recording, most: int = MOST_POINTS) -> tuple[Trace, ...]:
    """Every meter that gave readings, in the recording's order, in at most so many points each.

    Before them the sum of those that are counted, where there are several, in the coarsest of their steps.
    Of a machine that the job had a part of, it is that part. Jobs shorter than half a second have no course.
    """
    window = window_of(recording)
    if window.duration_s < SHORTEST_S:
        return ()
    drawn = _drawn(recording, window)
    found = [
        Trace(
            label=row.meter.label,
            component=row.meter.component,
            counted=row.counted,
            modelled=row.modelled,
            step_s=window.duration_s / (len(bounds_ns) - 1),
            power_w=_power_w([row.track], bounds_ns),
        )
        for row in drawn
        for bounds_ns in [_bounds_ns(window, row.finest_s, most)]
    ]
    counted = [row for row in drawn if row.counted]
    if len(counted) > 1:
        courses_s = [row.finest_s for row in counted if row.finest_s < window.duration_s]
        bounds_ns = _bounds_ns(window, max(courses_s, default=window.duration_s), most)
        power_w = _power_w([row.track for row in counted], bounds_ns)
        whole = Trace(
            label="",
            component=None,
            counted=True,
            modelled=all(row.modelled for row in counted),
            step_s=window.duration_s / (len(bounds_ns) - 1),
            power_w=power_w,
        )
        found.insert(0, whole)
    return tuple(found)


def _drawn(recording: Recording, window: Window) -> list[_Drawn]:
    metered = {meter.meter_id: measure(meter, window) for meter in recording.meters}
    methods = {meter_id: had.method for meter_id, had in metered.items() if had.track is not None}
    why, given = left_out(recording.meters, methods), portions(recording, window)
    drawn = []
    for meter in recording.meters:
        track, method = metered[meter.meter_id][:2]
        if track is None or (meter.method is Method.MODELLED and meter.meter_id in why):
            continue
        portion = portion_of(meter, given)
        if portion is not None:
            track = track._replace(level_j=track.level_j * portion.ratio)
        constant = meter.model is not None and is_constant(meter.model)
        finest_s = window.duration_s if constant else _finest_s(track, meter.tick_s, window)
        drawn.append(_Drawn(meter, track, meter.meter_id not in why, method is Method.MODELLED, finest_s))
    return drawn


def _finest_s(track: Track, tick_s: float, window: Window) -> float:
    """The usual interval between readings, weighted by time as for the timeline, but a gap coarsens nothing here."""
    lost = {begin_ns for begin_ns, _ in track.gaps}
    read_ns = [to_ns - from_ns for from_ns, to_ns in pairwise(track.t_ns) if from_ns not in lost]
    whole_ns = sum(read_ns)
    interval_s = sum(step_ns * step_ns for step_ns in read_ns) / whole_ns / NS_PER_S if whole_ns else window.duration_s
    return max(interval_s, TICKS * tick_s)


def _bounds_ns(window: Window, finest_s: float, most: int) -> list[int]:
    return equal_steps(start_ns=window.start_ns, end_ns=window.end_ns, resolution_s=finest_s, most=most)


def _power_w(tracks: Sequence[Track], bounds_ns: Sequence[int]) -> tuple[float | None, ...]:
    blind = blind_steps(tracks, bounds_ns) | _unread_steps(tracks, bounds_ns)
    start_ns = bounds_ns[0]
    used_j = [fsum(track.energy_j(start_ns, at_ns) for track in tracks) for at_ns in bounds_ns]
    return tuple(
        None if step in blind else (after_j - before_j) * NS_PER_S / (to_ns - from_ns)
        for step, ((before_j, after_j), (from_ns, to_ns)) in enumerate(
            zip(pairwise(used_j), pairwise(bounds_ns), strict=True)
        )
    )


def _unread_steps(tracks: Sequence[Track], bounds_ns: Sequence[int]) -> set[int]:
    """The steps that lie whole in a gap over which a gauge's energy is an estimate: no course was seen there."""
    steps, start_ns, duration_ns = len(bounds_ns) - 1, bounds_ns[0], bounds_ns[-1] - bounds_ns[0]
    return {
        step
        for track in tracks
        if track.filled
        for gap_start_ns, gap_end_ns in track.gaps
        for step in range(
            max(0, -((start_ns - gap_start_ns) * steps // duration_ns)),
            min(steps, (gap_end_ns - start_ns) * steps // duration_ns),
        )
    }
