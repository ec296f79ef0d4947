"""Mean power over a job, in at most a hundred equal steps, none shorter than the readings can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, pairwise
from math import fsum
from operator import mul, sub

from reporter.domain.carbon import PowerPoint
from reporter.domain.track import NS_PER_S, Track
from reporter.domain.usage import Utilisation

MAX_POINTS = 100
SHORTEST_S = 0.5
"""Shorter jobs have no course worth drawing."""
TICKS = 2


def draw(
    tracks: Sequence[Track], used: Sequence[Utilisation] = (), *, start_ns: int, end_ns: int, resolution_s: float
) -> tuple[PowerPoint, ...]:
    """Mean summed power by step, watts; a step in which a counter was lost is left out, not drawn as a dip.

    `used` are all the GPUs; their mean utilisation is None in a step in which one of them was not read.
    """
    if not tracks or end_ns - start_ns < SHORTEST_S * NS_PER_S:
        return ()
    bounds_ns = equal_steps(start_ns=start_ns, end_ns=end_ns, resolution_s=resolution_s)
    blind = blind_steps(tracks, bounds_ns)
    points = []
    for step, (from_ns, to_ns) in enumerate(pairwise(bounds_ns)):
        if step not in blind:
            energy_j = fsum(track.energy_j(from_ns, to_ns) for track in tracks)
            points.append(
                PowerPoint(
                    start_s=(from_ns - start_ns) / NS_PER_S,
                    end_s=(to_ns - start_ns) / NS_PER_S,
                    power_w=energy_j * NS_PER_S / (to_ns - from_ns),
                    utilisation_ratio=_mean([each.ratio(from_ns, to_ns) for each in used]),
                )
            )
    return tuple(points)


def equal_steps(*, start_ns: int, end_ns: int, resolution_s: float, most: int = MAX_POINTS) -> list[int]:
    """The bounds of at most so many equal steps, none shorter than the resolution; the job is not empty."""
    duration_ns = end_ns - start_ns
    finest_s = max(resolution_s, 1 / NS_PER_S)
    steps = max(1, min(most, int(duration_ns / NS_PER_S / finest_s)))
    return [start_ns + duration_ns * step // steps for step in range(steps + 1)]


def blind_steps(tracks: Sequence[Track], bounds_ns: Sequence[int]) -> set[int]:
    """The steps in which a counter was lost."""
    steps, start_ns, duration_ns = len(bounds_ns) - 1, bounds_ns[0], bounds_ns[-1] - bounds_ns[0]
    return {
        step
        for track in tracks
        if not track.filled
        for gap_start_ns, gap_end_ns in track.gaps
        for step in range(
            max(0, (gap_start_ns - start_ns) * steps // duration_ns),
            min(steps, -((start_ns - gap_end_ns) * steps // duration_ns)),
        )
    }


def _mean(ratios: Sequence[float | None]) -> float | None:
    known = [ratio for ratio in ratios if ratio is not None]
    return fsum(known) / len(known) if known and len(known) == len(ratios) else None


def resolution_s(track: Track, tick_s: float) -> float:
    """The shortest time over which a meter's power means something: its usual interval, and a few ticks."""
    if len(track.t_ns) > MAX_POINTS * MAX_POINTS:
        interval_ns = (track.t_ns[-1] - track.t_ns[0]) / len(track.t_ns)
    else:
        steps_ns = tuple(map(sub, islice(track.t_ns, 1, None), track.t_ns))
        # Weighted by time: a second of fast sampling at the start does not refine an hour of slow sampling.
        interval_ns = sum(map(mul, steps_ns, steps_ns)) / sum(steps_ns)
    return max(interval_ns / NS_PER_S, TICKS * tick_s)
