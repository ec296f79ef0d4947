"""Footprints for tests: one made in full, and what to change of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reporter.domain.baseline import Baseline, baseline_of
from reporter.domain.budget import Budget, Metric
from reporter.domain.carbon import (
    Emissions,
    Energy,
    Intensity,
    Level,
    MeterEnergy,
    PerUnit,
    PowerPoint,
    Pue,
    Site,
    Tool,
)
from reporter.domain.footprint import Footprint, at_site, judged
from reporter.domain.readings import Component, Gpu, Hardware, Job, Method, Phase, Unavailable
from reporter.domain.run_record import record_of

FRANCE = Intensity(
    gco2e_per_kwh=41.44, region="FR", label="France", kind="average", origin="table", scope="lifecycle",
    source="Ember", year=2025, resolved="annual", uncertainty_ratio=0.3,
)  # fmt: skip
POLAND = replace(FRANCE, gco2e_per_kwh=588.6, region="PL", label="Poland")
PUE = Pue(ratio=1.12, source="published", year=2024, level=Level.REGION, uncertainty_ratio=0.03)
IN_FRANCE = Site(intensity=FRANCE, pue=PUE)


def meter(meter_id: str = "nvml:GPU-1", energy_j: float | None = 1000.0, **changes: Any) -> MeterEnergy:
    """A metered GPU with ±5 % gain and ±0.5 % repeatability."""
    known = energy_j is not None
    return replace(
        MeterEnergy(
            meter_id=meter_id, label="NVIDIA H200", component=Component.GPU, method=Method.COUNTER,
            energy_j=energy_j, coverage_ratio=1.0 if known else 0.0, included=True, excluded_because=None,
            uncertainty_ratio=0.05 if known else None,
            low_j=energy_j * 0.95 if known else None, high_j=energy_j * 1.05 if known else None,
            repeat_low_j=energy_j * 0.995 if known else None, repeat_high_j=energy_j * 1.005 if known else None,
        ),
        **changes,
    )  # fmt: skip


def footprint(
    it_j: float | None = 3_600_000.0, *, site: Site = IN_FRANCE, budgets: tuple[Budget, ...] = (), **job: Any
) -> Footprint:
    """A measured job of 1 kWh in France with PUE 1.12: 46.4 g."""
    known = it_j is not None
    bare = Footprint(
        tool=Tool(name="emissions-reporter", version="0.1.0", factors_version="2026.11.1", factors_sha256="ab" * 32),
        method="measured" if known else "modelled",
        quality="B",
        job=replace(
            Job(
                name="train", command=("python", "train.py"), exit_status=0, started_at="2026-01-01T00:00:00Z",
                duration_s=12.3, repository="o/r", sha="c0ffee", run_id=1, run_attempt=1, pull_request=7,
            ),
            **job,
        ),
        hardware=Hardware(gpus=(Gpu(uuid="GPU-1", name="NVIDIA H200"),), cpu="EPYC", cpu_count=4, memory_gb=16.0),
        meters=(meter(energy_j=it_j),),
        unavailable=(Unavailable(source="rapl", reason="no powercap", remedy=None, expected=True),),
        energy=Energy(
            it_j=it_j, facility_j=None, measured_ratio=1.0 if known else None,
            low_j=it_j * 0.95 if known else None, high_j=it_j * 1.05 if known else None,
            repeat_low_j=it_j * 0.995 if known else None, repeat_high_j=it_j * 1.005 if known else None,
        ),
        pue=site.pue,
        intensity=site.intensity,
        emissions=Emissions(gco2e=None, low_gco2e=None, high_gco2e=None),
        phases=(Phase(label="train", start_s=0.0, end_s=10.0, energy_j=900.0),),
        per_unit=(PerUnit(unit="sample", count=50_000.0, energy_j=None, gco2e=None),),
        timeline=(PowerPoint(start_s=0.0, end_s=1.0, power_w=300.0),),
        self_cpu_s=0.1,
    )  # fmt: skip
    return judged(at_site(bare, site), budgets)


def grams(limit: float, **changes: Any) -> Budget:
    """A budget in grams."""
    return replace(Budget(rule=f"{limit:g} g", metric=Metric.EMISSIONS, unit="g", limit=limit), **changes)


def held_against(runs: Sequence[Footprint], head: Footprint, *, label: str) -> Baseline:
    """The base of a job from the footprints of its runs, oldest first."""
    return baseline_of([record_of(run) for run in runs], record_of(head), label=label)
