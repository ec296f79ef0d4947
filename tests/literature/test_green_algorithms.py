"""Lannelongue et al. 2021, doi 10.1002/advs.202100707: cores, accelerators and memory × time × PUE × repeats."""

from __future__ import annotations

import pytest

from reporter.factors import constant, world_pue
from tests.literature.published import Paper, Vector


def test_version_3_with_its_default_pue(paper: Paper) -> None:
    vector = Vector("ga_v3_default_pue")

    row = paper(
        "--cpu", "Xeon E5-2683 v4", "--cores", vector["n_c"], "--cpu-utilisation", vector["u_c"],
        "--memory-gb", vector["n_m"], "--hours", vector["t"], "--repeats", vector["PSF"],
        "--pue", vector["PUE"], "--intensity", f"{vector['CI']} g/kWh",
    )  # fmt: skip

    assert row.kwh == vector.says("kwh")
    assert row.g == vector.says("g")


def test_its_defaults_are_in_the_tables() -> None:
    assert constant("memory-power").value == 0.3725
    assert constant("pue-green-algorithms-v1").value == world_pue(2019).ratio == 1.67
    assert constant("pue-green-algorithms-v3").value == world_pue(2024).ratio == 1.56


def test_every_term_of_the_form_by_hand(paper: Paper) -> None:
    """10 h × (16 × 12 × 0.5 + 2 × 300 × 0.8 + 128 × 0.3725) W × 1.67 × 5 repeats."""
    row = paper(
        "--hours", 10, "--cores", 16, "--cpu-utilisation", 0.5, "--gpu", "V100", "--count", 2, "--utilisation", 0.8,
        "--memory-gb", 128, "--pue", 1.67, "--repeats", 5, "--intensity", "253 g/kWh",
    )  # fmt: skip

    assert row.kwh == pytest.approx(10 * (96 + 480 + 47.68) * 1.67 * 5 / 1000)
    assert row.g == pytest.approx(row.kwh * 253)
