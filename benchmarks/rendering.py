"""One comment from the footprints of a large matrix: read, summed, judged, rendered, shortened until it fits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.figure import Figure
from benchmarks.installation import ROOT, reporter_python
from benchmarks.timing import clean_environment, interleaved, show_s
from reporter.domain.footprint import Footprint
from reporter.export import json
from reporter.publish.sticky import MAX_COMMENT_BYTES
from reporter.report.render import comment_bodies, preload
from reporter.report.view import ReportContext, report_view

LEGS = 300
GOAL_S = 1.0
RUNS = 9


def measure(folder: Path) -> Iterator[Figure]:
    """Rendering alone, then the whole command on as many files."""
    legs = _legs()
    preload()
    spent_s = []
    for _ in range(RUNS):
        began_s = time.perf_counter()
        bodies = comment_bodies(report_view(legs, ReportContext()))
        body = next(body for body in bodies if len(body.encode()) <= MAX_COMMENT_BYTES)
        spent_s.append(time.perf_counter() - began_s)
    found_s = median(spent_s)
    yield Figure(
        what=f"comment on {LEGS} matrix legs rendered: {len(body.encode()):,} bytes",
        value=f"**{show_s(found_s)}** ({show_s(min(spent_s))}–{show_s(max(spent_s))})",
        goal=f"< {GOAL_S:.0f} s",
        reached=found_s < GOAL_S,
    )
    for place, leg in enumerate(legs):
        file = folder / "legs" / str(place) / "footprint.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(json.encode(leg)), encoding="utf-8")
    command = [reporter_python(folder), "-I", "-m", "reporter", "publish", "--dry-run", "legs"]
    found = interleaved({"publish": command}, env=clean_environment(), cwd=folder, runs=5, warm_up=1)["publish"]
    yield Figure(what=f"`emissions publish --dry-run` on {LEGS} footprints, from start to end", value=str(found))


def _legs() -> list[Footprint]:
    """The example's job, once for each leg."""
    text = (ROOT / "examples" / "footprints" / "train.json").read_text(encoding="utf-8")
    (job,) = json.loads(text, origin="the example")
    return [replace(job, job=replace(job.job, name=f"train (a100, {leg}, 3.12)")) for leg in range(LEGS)]
