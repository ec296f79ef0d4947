"""Software carbon intensity, ISO/IEC 21031:2024, and the scope 2 example of the GHG Protocol."""

from __future__ import annotations

import pytest

from reporter.domain.besides import embodied_gco2e
from tests.literature.published import Paper, Vector


def test_operation_and_making_by_functional_unit(paper: Paper) -> None:
    """M is 200 g of the machine's making: 7008 kg, of which one hour of 35,040 counts."""
    vector = Vector("sci_basic")
    making_kg = vector["M_g"] * 35_040 / 1000

    row = paper(
        "--power", 1000 * vector["E_kwh"], "--hours", 1, "--queries", vector["R"], "--pue", 1,
        "--intensity", f"{vector['I']} g/kWh",
        config=f"accounting: {{embodied: {{machine-kg: {making_kg:g}}}, functional-unit: query}}\n",
    )  # fmt: skip

    assert row.besides["embodied_gco2e"] == pytest.approx(vector["M_g"])
    assert row.besides["sci"]["gco2e_per_unit"] == vector.says("g_per_R")
    assert row.besides["sci"]["unit"] == "query"
    assert row.g == pytest.approx(2000)


def test_making_is_shared_by_time_and_by_resources() -> None:
    vector = Vector("sci_M")

    made = embodied_gco2e(
        1000 * vector["TE_kg"],
        reserved_s=3600 * vector["TiR_h"],
        lifetime_s=3600 * vector["EL_h"],
        share_ratio=vector["RR"] / vector["ToR"],
    )

    assert made == vector.says("g")


def test_location_and_market_are_two_lines(paper: Paper) -> None:
    """100 kWh at 400 g are 40 kg by location; 70 matched at 0 and 30 at a residual 500 are 15 kg by market."""
    row = paper(
        "--power", "100 kW", "--hours", 1, "--pue", 1, "--intensity", "400 g/kWh",
        config="accounting: {market: {contract: 0 g/kWh, matched: 70%, residual: 500 g/kWh}}\n",
    )  # fmt: skip

    assert row.kg == pytest.approx(40)
    assert row.besides["market_based_gco2e"] == pytest.approx(15_000)
