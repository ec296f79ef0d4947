"""Earlier runs for the terminal: by job a sentence, a line of bars, and a table of the newest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reporter.domain.run_record import RunRecord, unlike
from reporter.report.charts import bars
from reporter.report.console import seen, visible
from reporter.report.format import (
    MINUS,
    amount,
    column,
    counted,
    duration,
    emission_scale,
    energy_scale,
    in_column,
    percent,
)

MOST_BARS = 40
STEP = 5
"""The medians of so many runs are held against one another for a trend."""
_HEAD = ("date (UTC)", "commit", "branch", "energy", "emissions", "duration", "")


def trend(jobs: Mapping[str, Sequence[RunRecord]], *, label: str, held: int, most: int) -> str:
    """Every job with its newest `most` runs, newest last; `held` is how many runs the history has in all."""
    count = sum(map(len, jobs.values()))
    of = f" of {held:,}" if held != count else ""
    title = f"{visible(label)}: {counted(count, 'run')}{of}" + (f" of {counted(len(jobs), 'job')}" if jobs else "")
    newest_first = sorted(jobs.values(), key=lambda runs: runs[-1].started_at or "", reverse=True)
    blocks = [_job(runs, most) for runs in newest_first]
    return "\n\n".join((title, *blocks)) + "\n"


def _job(runs: Sequence[RunRecord], most: int) -> str:
    newest = runs[-1]
    energies = [run.facility_j for run in runs if unlike(run, newest) is None and run.facility_j is not None]
    scale = energy_scale(energies)
    words = [f"{visible(newest.job)}: {counted(len(runs), 'run')}"]
    if energies:
        comparable = "" if len(energies) == len(runs) else f" of {len(energies):,} comparable ones"
        words.append(f"median{comparable} {amount(_median(energies), scale)}")
    if (change := _change(energies)) is not None:
        words.append(change)
    lines = [", ".join(words)]
    if len(energies) > 1:
        lines.append(f"  {bars(energies[-MOST_BARS:], max(energies) or 1.0)}")
    return "\n".join((*lines, *_table([*runs[-most:]])))


def _change(energies: Sequence[float]) -> str | None:
    """What the newest runs take more or less than those before; None with too few of them."""
    if len(energies) < 2 * STEP:
        return None
    before, now = _median(energies[-2 * STEP : -STEP]), _median(energies[-STEP:])
    if not before:
        return None
    ratio = now / before - 1
    sign = "+" if ratio > 0 else MINUS if ratio < 0 else ""
    return f"the last {STEP} {sign}{percent(abs(ratio))} against the {STEP} before"


def _table(runs: Sequence[RunRecord]) -> list[str]:
    energies, emissions = [run.facility_j for run in runs], [run.gco2e for run in runs]
    energy, emission = column(energies, energy_scale(energies)), column(emissions, emission_scale(emissions))
    body = [
        (
            (run.started_at or "unknown").replace("T", " ")[:16],
            visible(run.sha or "-")[:7],
            visible(run.branch or "-"),
            in_column(run.facility_j, energy),
            in_column(run.gco2e, emission),
            duration(run.duration_s),
            visible(run.ended or ""),
        )
        for run in runs
    ]
    widths = [max(seen(line[place]) for line in (_HEAD, *body)) for place in range(len(_HEAD))]
    return [
        "  " + "  ".join(cell + " " * (width - seen(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (_HEAD, *body)
    ]


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
