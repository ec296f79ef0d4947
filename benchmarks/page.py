"""The report as a page in a real browser: its size, and how long after opening its chart can be used."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.installation import ROOT
from benchmarks.timing import Timing
from reporter.commands.account.assessment import tool
from reporter.domain.carbon import Level, Pue, Site
from reporter.domain.energy import account
from reporter.domain.footprint import assess
from reporter.domain.readings import Component, Hardware, Job, Mark, Meter, Method, Quantity, Recording, Series
from reporter.domain.traces import MOST_POINTS, traces
from reporter.factors import default_intensity
from reporter.report import library
from reporter.report.interactive import with_timelines
from reporter.report.render import Face, render
from reporter.report.view import ReportContext, report_view

METERS = 16
STEP_S = 0.36
NS_PER_S = 1_000_000_000
GOAL_MB, GOAL_S = 6, 1.0
RUNS = 7
SEEN = """
new MutationObserver(() => {
  if (window.drawnAt !== undefined || !document.querySelector(".drawn")) return;
  window.drawnAt = null;
  requestAnimationFrame(() => requestAnimationFrame(() => { window.drawnAt = performance.now(); }));
}).observe(document, {subtree: true, childList: true, attributes: true});
"""
"""Notes when the chart is on the screen and the browser has time for its reader again."""


def measure(folder: Path) -> Iterator[Figure]:
    """Bytes of a page with as much in it as there can be of one job, and milliseconds until it answers."""
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import devtools, picture  # noqa: PLC0415

    what = f"page with {METERS} meters and their sum, {MOST_POINTS:,} points each"
    if not library.installed():
        yield Figure(what=what, value="not measured: the extra `html` is not installed")
        return
    file = folder / "report.html"
    file.write_text(page(), encoding="utf-8")
    size_mb = file.stat().st_size / 1e6
    yield Figure(what=what, value=f"**{size_mb:.1f} MB**", goal=f"≤ {GOAL_MB} MB", reached=size_mb <= GOAL_MB)
    if picture.browser() is None:
        yield Figure(what=f"{what}: until it can be used", value="not measured: no chromium is installed")
        return
    times_s = []
    with devtools.tab() as tab:
        tab.call("Page.addScriptToEvaluateOnNewDocument", source=SEEN)
        for _ in range(1 + RUNS):
            tab.open(file)
            tab.wait("window.drawnAt > 0")
            times_s.append(tab.run("window.drawnAt") / 1e3)
    taken = Timing(times_s=tuple(times_s[1:]))
    yield Figure(
        what=f"{what}: from opening until it can be used",
        value=f"**{taken}**",
        goal=f"< {GOAL_S:.0f} s",
        reached=taken.median_s < GOAL_S,
    )


def page() -> str:
    """An hour of 16 GPUs, each with a swing of its own, read every 0.36 s."""
    recording = _recording()
    site = Site(
        intensity=default_intensity(github_hosted=False),
        pue=Pue(ratio=1.2, source="this benchmark", year=2026, level=Level.GIVEN, uncertainty_ratio=0.0),
    )
    footprint = assess(recording, account(recording), site, (), tool())
    view = with_timelines(
        report_view((footprint,), ReportContext()), (footprint,), lambda _, most: traces(recording, most)
    )
    return render(view, Face.HTML)


def _recording() -> Recording:
    t_ns = tuple(round(step * STEP_S * NS_PER_S) for step in range(MOST_POINTS + 1))
    meters = tuple(
        Meter(
            meter_id=f"nvml:GPU-{number}", label="GPU", component=Component.GPU, method=Method.COUNTER, source="nvml",
            tick_s=0.1, peak_power_w=700.0,
        )
        for number in range(METERS)
    )  # fmt: skip
    return Recording(
        job=Job(name="train", started_at="2026-01-01T00:00:00Z"),
        hardware=Hardware(cpu="synthetic", cpu_count=64),
        start_ns=0,
        end_ns=t_ns[-1],
        complete=True,
        meters=meters,
        series=tuple(
            Series(meter_id=meter.meter_id, quantity=Quantity.ENERGY_UJ, t_ns=t_ns, values=_energy_uj(t_ns, number))
            for number, meter in enumerate(meters)
        ),
        marks=tuple(Mark(label="eval" if part % 2 else "train", t_ns=t_ns[-1] * part // 8) for part in range(8)),
    )


def _energy_uj(t_ns: tuple[int, ...], number: int) -> tuple[int, ...]:
    """400 W on average with a swing of 200 W in a minute and a half or more."""
    swing_s = (90 + 7 * number) / math.tau
    return tuple(
        1 + int(1e6 * (400 * t / NS_PER_S + 200 * swing_s * (1 - math.cos(t / NS_PER_S / swing_s)))) for t in t_ns
    )
