"""Footprints as CSV, a row per job: units in the column names, missing values empty."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from reporter.domain.footprint import Footprint
from reporter.domain.units import J_PER_KWH

COLUMNS = (
    "job", "started_at", "duration_s", "exit_status", "method", "quality",
    "it_energy_j", "facility_energy_kwh", "measured_ratio", "pue",
    "region", "intensity_gco2e_per_kwh", "emissions_gco2e", "emissions_low_gco2e", "emissions_high_gco2e",
    "verdict", "repository", "sha", "run_id", "run_attempt",
)  # fmt: skip


def dumps(footprints: Sequence[Footprint]) -> str:
    """The table with its header; text that a spreadsheet would take for a formula starts with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for footprint in footprints:
        writer.writerow([_inert(value) for value in _row(footprint)])
    return out.getvalue()


def _row(footprint: Footprint) -> tuple[object, ...]:
    job, energy, emissions = footprint.job, footprint.energy, footprint.emissions
    return (
        job.name, job.started_at, job.duration_s, job.exit_status, footprint.method, footprint.quality,
        energy.it_j, None if energy.facility_j is None else energy.facility_j / J_PER_KWH,
        energy.measured_ratio, footprint.pue.ratio,
        footprint.intensity.region, footprint.intensity.gco2e_per_kwh,
        emissions.gco2e, emissions.low_gco2e, emissions.high_gco2e,
        footprint.verdict.outcome.value, job.repository, job.sha, job.run_id, job.run_attempt,
    )  # fmt: skip


def _inert(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
