"""Σ energy × intensity over a long job: every interval's energy from the meters' tracks, then the weighted mean."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.figure import Figure
from reporter.domain.carbon import IntensityPoint, Level, Pue, Site
from reporter.domain.series import energies_j, spans, weighed
from reporter.domain.track import NS_PER_S, Track
from reporter.factors import intensity_of

DAYS = 3
STEP_S = 300.0
METERS = 10
READINGS = 10_000
GOAL_MS = 50.0
RUNS = 15


def measure(_folder: Path) -> Iterator[Figure]:
    """Three days at five minutes, ten meters that were read ten thousand times each."""
    count = round(DAYS * 86_400 / STEP_S)
    points = tuple(
        IntensityPoint(start_s=place * STEP_S, end_s=(place + 1) * STEP_S, gco2e_per_kwh=100.0 + place % 300)
        for place in range(count)
    )
    pue = Pue(ratio=1.2, source="given", year=None, level=Level.GIVEN, uncertainty_ratio=0.0)
    site = Site(intensity=replace(intensity_of("FR"), series=points), pue=pue)
    step_ns = round(DAYS * 86_400 * NS_PER_S / READINGS)
    times_ns = tuple(step_ns * place for place in range(READINGS + 1))
    tracks = [
        Track(times_ns, tuple(float(place * meter) for place in range(READINGS + 1)), 1.0) for meter in range(METERS)
    ]
    spent_ms = []
    for _ in range(RUNS):
        began_s = time.perf_counter()
        weighed(site, energies_j(tracks, spans(site), start_ns=0))
        spent_ms.append(1000 * (time.perf_counter() - began_s))
    found_ms = median(spent_ms)
    yield Figure(
        what=f"Σ energy × intensity over {DAYS} days of five minutes ({count} intervals, {METERS} meters)",
        value=f"**{found_ms:.1f} ms** ({min(spent_ms):.1f}–{max(spent_ms):.1f})",
        goal=f"< {GOAL_MS:.0f} ms",
        reached=found_ms < GOAL_MS,
    )
