"""A job's energy split over the times for which the grid's intensity is known: Σ Eᵢ × Iᵢ, never mean by mean.

The intensity of a series is its mean weighted by energy, so energy × intensity is that sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from math import fsum

from reporter.domain.carbon import Intensity, IntensityPoint, PowerPoint, Site
from reporter.domain.track import NS_PER_S, Track

LEAST_J = 1e-300
"""Less is none: too near to the least number that there is to weigh anything by."""


def energies_j(tracks: Sequence[Track], parts: Sequence[tuple[float, float]], *, start_ns: int) -> tuple[float, ...]:
    """What the tracks used together in each part of a job, joules; parts are seconds since `start_ns`.

    From one bound to the next: the energies of adjoining parts add up to that of the whole.
    """
    bounds_ns = [(start_ns + round(begin_s * NS_PER_S), start_ns + round(end_s * NS_PER_S)) for begin_s, end_s in parts]
    origin_ns = bounds_ns[0][0] if bounds_ns else start_ns
    times_ns = sorted({at_ns for bounds in bounds_ns for at_ns in bounds})
    used_j = {at_ns: fsum(track.energy_j(origin_ns, at_ns) for track in tracks) for at_ns in times_ns}
    return tuple(max(0.0, used_j[end_ns] - used_j[begin_ns]) for begin_ns, end_ns in bounds_ns)


def spans(site: Site | None) -> tuple[tuple[float, float], ...]:
    """The parts that a job's energy is wanted for: a site has at most one series; without one there are none."""
    series = () if site is None else _series(site)
    return tuple((point.start_s, point.end_s) for point in series)


def weighed(site: Site, parts_j: Sequence[float]) -> Site:
    """The site with the energy of each part of its series, and so with their weighted mean; without any, as it is."""
    if not parts_j:
        return site
    if site.intensity.series:
        return replace(site, intensity=_weighed(site.intensity, parts_j))
    return replace(site, marginal=site.marginal and _weighed(site.marginal, parts_j))


def settled(site: Site, it_j: float | None, timeline: Sequence[PowerPoint]) -> Site:
    """A site whose series knows its energies; where it does not yet, from the course of the job's power.

    Nothing is changed where there is no series, the energies are known, or there is no energy to be known.
    """
    series = _series(site)
    if it_j is None or all(point.it_j is not None for point in series):
        return site
    return weighed(site, spread(it_j, timeline, series))


def spread(it_j: float, timeline: Sequence[PowerPoint], series: Sequence[IntensityPoint]) -> tuple[float, ...]:
    """A job's energy over the parts of a series in proportion to its power; evenly where its course is not known."""
    course = timeline or [PowerPoint(start_s=series[0].start_s, end_s=series[-1].end_s, power_w=1.0)]
    parts = [(point.start_s, point.end_s) for point in series]
    drawn_j = energies_j((_track(course),), parts, start_ns=0)
    whole_j = fsum(drawn_j)
    if whole_j > 0:
        return tuple(it_j * (part_j / whole_j) for part_j in drawn_j)
    return spread(it_j, (), series) if timeline else tuple(0.0 for _ in series)


def gco2e_per_kwh(intensity: Intensity) -> float:
    """What an intensity comes to: the mean of its series where that knows its energies, whatever stands beside it."""
    is_known = intensity.series and all(point.it_j is not None for point in intensity.series)
    return mean(intensity.series) if is_known else intensity.gco2e_per_kwh


def mean(points: Sequence[IntensityPoint]) -> float:
    """The mean of a series, gCO2e/kWh, weighted by the energy of its parts; by their time where there is none."""
    weights = [point.it_j or 0.0 for point in points]
    if fsum(weights) < LEAST_J:
        weights = [point.end_s - point.start_s for point in points]
    grams = fsum(weight * point.gco2e_per_kwh for weight, point in zip(weights, points, strict=True))
    return grams / fsum(weights)


def _series(site: Site) -> tuple[IntensityPoint, ...]:
    return site.intensity.series or (site.marginal.series if site.marginal else ())


def _weighed(intensity: Intensity, parts_j: Sequence[float]) -> Intensity:
    points = tuple(replace(point, it_j=it_j) for point, it_j in zip(intensity.series, parts_j, strict=True))
    return replace(intensity, series=points, gco2e_per_kwh=mean(points))


def _track(course: Sequence[PowerPoint]) -> Track:
    """The course of a job's power as cumulative energy; flat where a step was left out."""
    steps = [(0, 0.0)]
    for point in course:
        begin_ns, end_ns = round(point.start_s * NS_PER_S), round(point.end_s * NS_PER_S)
        if begin_ns > steps[-1][0]:
            steps.append((begin_ns, 0.0))
        if end_ns > steps[-1][0]:
            steps.append((end_ns, point.power_w * (end_ns - steps[-1][0]) / NS_PER_S))
    return Track(tuple(at_ns for at_ns, _ in steps), tuple(accumulate(used_j for _, used_j in steps)), 1.0)
