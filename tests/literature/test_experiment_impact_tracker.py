"""Henderson et al. 2020 (experiment-impact-tracker): PUE 1.58 × Σ shares of what processors, memory and GPUs take."""

from __future__ import annotations

import pytest

from reporter.domain.carbon import Site
from reporter.domain.energy import account
from reporter.domain.footprint import assess
from reporter.domain.readings import Component, Hardware
from reporter.factors import world_pue
from tests.factories import model_of, recording_of
from tests.factories_footprint import IN_FRANCE, footprint

DYNAMIC = model_of("model:cpu", (0, 0), (1, 10), cpus=4, component=Component.CPU)
"""A processor that takes nothing while idle: what it takes is then divided by busy time alone, as there."""


def test_shares_of_each_part_times_the_worlds_pue_of_2018() -> None:
    """Half of the processors' busy time, an eighth of the memory, all of the GPU: (500 + 25 + 300) J × 1.58."""
    rows = [
        ["t", "cpu/J", "dram/J", "gpu/J", "model:cpu/s", "model:cpu/S"],
        [0, 5000, 700, 90, 40, 7000],
        [10, 6000, 900, 390, 80, 7080],
    ]
    part = Hardware(cpu_count=4, host_cpu_count=16, cpu_share_ratio=0.25, memory_gb=8, host_memory_gb=64)
    recording = recording_of(rows, DYNAMIC, hardware=part)
    site = Site(intensity=IN_FRANCE.intensity, pue=world_pue(2018))

    found = assess(recording, account(recording), site, (), footprint().tool)

    assert world_pue(2018).ratio == 1.58
    assert found.energy.facility_j == pytest.approx(1.58 * (0.5 * 1000 + 0.125 * 200 + 300))
    assert found.emissions.gco2e == pytest.approx(1.58 * 825 / 3.6e6 * 41.44)
