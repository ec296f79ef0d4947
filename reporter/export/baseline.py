"""A job's baseline, and how it compares, as JSON."""

from __future__ import annotations

from typing import Any

from reporter.domain.baseline import Baseline
from reporter.domain.comparison import Comparison
from reporter.domain.run_record import RecordedPhase
from reporter.export.document import Document, required
from reporter.export.plain import fields


def encode_baseline(baseline: Baseline) -> dict[str, Any]:
    """The object under `baseline`: what the job is held against."""
    return {**fields(baseline), "units": dict(baseline.units)}


def encode_comparison(comparison: Comparison) -> dict[str, Any]:
    """Differences at the job's own factors, their causes, and what other factors did to the emissions."""
    return {
        "difference": {
            "it_j": comparison.it_j,
            "facility_j": comparison.facility_j,
            "gco2e": comparison.gco2e,
            "ratio": comparison.ratio,
            "noise_j": comparison.noise_j,
            "clear": comparison.clear,
        },
        "causes": [fields(cause) for cause in comparison.causes],
        "factors": {"pue_gco2e": comparison.pue_gco2e, "intensity_gco2e": comparison.grid_gco2e},
        "phases": [fields(change) for change in comparison.phases],
    }


def decode_baseline(row: Document) -> Baseline:
    """Raises FootprintError with the path of what is wrong."""
    return Baseline(
        label=required(row, "label", row.text("label")),
        runs=row.integer("runs") or 0,
        why_not=row.text("why_not"),
        sha=row.text("sha"),
        it_j=row.number("it_j"),
        spread_ratio=row.number("spread_ratio"),
        repeat_ratio=row.number("repeat_ratio"),
        duration_s=row.number("duration_s"),
        idle_j=row.number("idle_j"),
        pue_ratio=row.number("pue_ratio", least=1.0),
        gco2e_per_kwh=row.number("gco2e_per_kwh"),
        units=row.numbers_by_name("units"),
        phases=tuple(
            RecordedPhase(
                label=required(phase, "label", phase.text("label")),
                energy_j=phase.number("energy_j"),
                duration_s=phase.number("duration_s"),
            )
            for phase in row.items("phases")
        ),
        is_paired=row.flag("is_paired", default=False),
        is_given=row.flag("is_given", default=False),
        recent_it_j=row.numbers("recent_it_j"),
    )
