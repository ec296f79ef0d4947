"""Cloud Carbon Footprint: min + load × (max − min) for processors and accelerators, and memory by its size."""

from __future__ import annotations

import pytest

from reporter.domain.model import watts
from reporter.domain.readings import PowerCurve
from reporter.factors import accelerator_of, cpu_curve
from tests.literature.published import Paper, Vector


def test_the_host_of_a_t4_at_half_load(paper: Paper) -> None:
    """The machine of GitHub's GPU runners (Standard_NC4as_T4_v3); at PUE 1.14 and 384.4 g/kWh 24.0 g an hour."""
    vector = Vector("ccf_azure_nc4as_t4_50pct")
    card = accelerator_of("Tesla T4")
    assert (card.idle_w, card.max_w) == (vector["gpu_min"], vector["gpu_max"])

    host_w = (
        watts(cpu_curve("AMD EPYC 7V12 64-Core Processor", vector["vcpu"]), vector["u"])
        + watts(PowerCurve(points=((0.0, card.idle_w), (1.0, card.max_w)), cpus=1, source="", year=None), vector["u"])
        + watts(PowerCurve(points=((0.0, vector["mem_gb"] * vector["mem_w_per_gb"]),), cpus=1, source="", year=None), 1)
    )

    assert host_w == vector.says("watts")
    row = paper("--power", host_w, "--hours", 1, "--pue", "1.14", "--intensity", "384.4 g/kWh")
    assert row.g == pytest.approx(24.0, rel=0.002)
