"""Luccioni et al., JMLR 24 (253), 2023, arXiv 2211.02001: dynamic, idle and embodied emissions, 50.5 t in all."""

from __future__ import annotations

import pytest

from tests.literature.published import Paper, Vector

IN_FRANCE = ("--pue", "1", "--intensity", "57 g/kWh")
SIX_YEARS = "lifetime-years: 6, in-use: 85%"
GPU_HOURS = 1_082_990


def test_dynamic_is_rated_power_times_hours_without_pue(paper: Paper) -> None:
    vector = Vector("bloom_dynamic")

    row = paper("--gpu", "A100 SXM4 80GB", "--hours", vector["gpu_hours"], *IN_FRANCE)

    assert row.footprint["meters"][0]["source"].startswith(f"rated {1000 * vector['tdp_kw']:.0f} W")
    assert row.kwh == vector.says("kwh")
    assert row.t == vector.says("t")


def test_idle_is_91_kilowatts_of_the_partition_all_the_time(paper: Paper) -> None:
    """91 kW of infrastructure and idle nodes, while 384 GPUs did 1,082,990 hours: 256,646 kWh, 14.6 t."""
    row = paper("--power", "91 kW", "--hours", GPU_HOURS / 384, *IN_FRANCE)

    assert row.kwh == pytest.approx(256_646, rel=1e-5)
    assert row.t == pytest.approx(14.6, rel=0.005)


def test_embodied_is_a_gpus_making_over_the_hours_that_it_is_used(paper: Paper) -> None:
    vector = Vector("bloom_embodied_gpu")

    row = paper(
        "--gpu",
        "A100",
        "--hours",
        vector["gpu_hours"],
        *IN_FRANCE,
        config=f"accounting: {{embodied: {{{SIX_YEARS}}}}}\n",
    )

    assert row.besides["embodied_gco2e"] / 1e6 == vector.says("t")
    assert row.besides["embodied_gco2e"] / 1e3 / vector["gpu_hours"] == vector.says("kg_per_gpu_hour")
    assert row.besides["embodied_low_gco2e"] < row.besides["embodied_gco2e"] < row.besides["embodied_high_gco2e"]


def test_servers_and_gpus_embody_11_tonnes_that_the_headline_leaves_out(paper: Paper) -> None:
    """A server of 2,500 kg for eight GPUs: 7.57 t besides 3.64 t."""
    eight = ("--gpu", "A100", "--count", "8", "--hours", GPU_HOURS / 8, *IN_FRANCE)

    row = paper(*eight, config=f"accounting: {{embodied: {{{SIX_YEARS}, machine-kg: 2500}}}}\n")

    assert row.besides["embodied_gco2e"] / 1e6 == pytest.approx(11.2, rel=0.005)
    assert row.t == pytest.approx(24.69, rel=2e-4)
