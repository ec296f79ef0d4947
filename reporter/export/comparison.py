"""What `emissions compare` says of every job, as JSON and as CSV; missing is null, and an empty cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from reporter.domain.baseline import NO_RUN, Baseline
from reporter.domain.comparison import Comparison, Kind, comparison
from reporter.domain.footprint import Footprint
from reporter.domain.units import J_PER_KWH
from reporter.export.baseline import encode_baseline, encode_comparison
from reporter.export.csv import inert
from reporter.export.json import SCHEMA

_SIDES = (
    "runs", "sha", "duration_s", "it_j", "facility_j", "facility_kwh", "pue_ratio", "gco2e_per_kwh", "gco2e",
)  # fmt: skip
COLUMNS = (
    "job", "comparable", "why_not",
    *(f"{side}_{column}" for side in ("base", "head") for column in _SIDES),
    "difference_it_j", "difference_facility_kwh", "difference_gco2e", "difference_ratio", "noise_it_j", "clear",
    *(f"{kind.value}_it_j" for kind in Kind),
    "pue_gco2e", "intensity_gco2e",
)  # fmt: skip
"""Differences are at the head's factors; the causes in `…_it_j` add up to `difference_it_j`."""
ONLY_IN_BASE = "only in the base"


def document(footprints: Sequence[Footprint], only_in_base: Sequence[str]) -> dict[str, Any]:
    """`{"schema": 1, "comparisons": […], "only_in_base": […], "only_in_head": […]}`."""
    return {
        "schema": SCHEMA,
        "comparisons": [_comparison(footprint) for footprint in footprints if not _is_alone(footprint)],
        "only_in_base": list(only_in_base),
        "only_in_head": list(dict.fromkeys(row.job.name for row in footprints if _is_alone(row))),
    }


def table(footprints: Sequence[Footprint], only_in_base: Sequence[str]) -> str:
    """A row per job, with its header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    absent = [{"job": name, "comparable": False, "why_not": ONLY_IN_BASE} for name in only_in_base]
    for row in (*(_row(footprint) for footprint in footprints), *absent):
        writer.writerow([inert(row.get(column)) for column in COLUMNS])
    return out.getvalue()


def _comparison(footprint: Footprint) -> dict[str, Any]:
    base, found = footprint.baseline, comparison(footprint)
    return {
        "job": footprint.job.name,
        "comparable": found is not None,
        "why_not": None if base is None else base.why_not,
        "base": {} if base is None else _base(base),
        "head": _head(footprint),
        "baseline": None if base is None else encode_baseline(base),
        **({} if found is None else encode_comparison(found)),
    }


def _row(footprint: Footprint) -> dict[str, object]:
    base, found = footprint.baseline, comparison(footprint)
    before = {} if base is None else _base(base)
    return {
        "job": footprint.job.name,
        "comparable": found is not None,
        "why_not": None if base is None else base.why_not,
        **{f"base_{name}": value for name, value in before.items()},
        **{f"head_{name}": value for name, value in _head(footprint).items()},
        **({} if found is None else _difference(found)),
    }


def _difference(found: Comparison) -> dict[str, object]:
    return {
        "difference_it_j": found.it_j,
        "difference_facility_kwh": found.facility_j / J_PER_KWH,
        "difference_gco2e": found.gco2e,
        "difference_ratio": found.ratio,
        "noise_it_j": found.noise_j,
        "clear": found.clear,
        **{f"{cause.kind.value}_it_j": cause.it_j for cause in found.causes},
        "pue_gco2e": found.pue_gco2e,
        "intensity_gco2e": found.grid_gco2e,
    }


def _base(base: Baseline) -> dict[str, Any]:
    return _side(base.runs, base.sha, base.duration_s, base.it_j, base.facility_j, base.pue_ratio,
                 base.gco2e_per_kwh, base.gco2e)  # fmt: skip


def _head(footprint: Footprint) -> dict[str, Any]:
    energy, job = footprint.energy, footprint.job
    return _side(1, job.sha, job.duration_s, energy.it_j, energy.facility_j, footprint.pue.ratio,
                 footprint.intensity.gco2e_per_kwh, footprint.emissions.gco2e)  # fmt: skip


def _side(  # noqa: PLR0913, PLR0917  (the columns in their order)
    runs: int, sha: str | None, duration_s: float | None, it_j: float | None, facility_j: float | None,
    pue_ratio: float | None, gco2e_per_kwh: float | None, gco2e: float | None,
) -> dict[str, Any]:  # fmt: skip
    facility_kwh = None if facility_j is None else facility_j / J_PER_KWH
    values = (runs, sha, duration_s, it_j, facility_j, facility_kwh, pue_ratio, gco2e_per_kwh, gco2e)
    return dict(zip(_SIDES, values, strict=True))


def _is_alone(footprint: Footprint) -> bool:
    return footprint.baseline is None or footprint.baseline.why_not == NO_RUN
