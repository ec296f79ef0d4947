"""Runs for tests of history: one made in full, and what to change of it; many of them, all different."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from reporter.domain.run_record import RecordedPhase, RunRecord
from reporter.history.codec import text_of

FIRST_S = 1_767_225_600
"""2026-01-01T00:00:00Z."""
PHASES = ("start", "train", "eval")


def run_record(number: int = 0, **changes: Any) -> RunRecord:
    """The run of this number: a measured job of 1 kWh in France, one an hour."""
    return replace(
        RunRecord(
            job="train", started_at=text_of(FIRST_S + 3600 * number), it_j=3_600_000.0, pue_ratio=1.12,
            gco2e_per_kwh=41.44, duration_s=12.3, repeat_ratio=0.005, gpus="1 × NVIDIA H200", metering="GPU metered",
            repository="o/r", branch="main", sha=f"{number:040x}", run_id=number + 1, run_attempt=1,
            units=(("sample", 50_000.0),),
            phases=(RecordedPhase(label="train", energy_j=900.0, duration_s=10.0),),
        ),
        **changes,
    )  # fmt: skip


def many(count: int, *, jobs: int = 40, seed: int = 1) -> list[RunRecord]:
    """Runs with every figure in full, as a live provider, GPUs and phases give them."""
    chance = random.Random(seed)
    kinds = [
        run_record(
            job=f"train (a100, {kind})", metering="CPU modelled and GPU metered and memory modelled",
            processor="AMD EPYC 9354", processors="32 of 64 processors", memory_gb=64.0,
            repository="octo-org/octo-repo",
        )
        for kind in range(jobs)
    ]  # fmt: skip
    return [
        replace(
            kinds[number % jobs],
            started_at=text_of(FIRST_S + 300 * number + chance.randrange(300)),
            it_j=chance.lognormvariate(13, 0.5),
            duration_s=chance.uniform(60, 4000),
            gco2e_per_kwh=chance.uniform(30, 60),
            repeat_ratio=chance.uniform(0.001, 0.01),
            idle_j=chance.uniform(1, 1e5),
            sha=f"{chance.getrandbits(160):040x}",
            run_id=12_345_678_901 + number,
            phases=tuple(
                RecordedPhase(label=label, energy_j=chance.uniform(1, 1e6), duration_s=chance.uniform(1, 3000))
                for label in PHASES
            ),
        )
        for number in range(count)
    ]


def by_job(runs: Iterable[RunRecord]) -> dict[str, list[RunRecord]]:
    """The runs of each job, in their order."""
    found: dict[str, list[RunRecord]] = {}
    for run in runs:
        found.setdefault(run.job, []).append(run)
    return found
