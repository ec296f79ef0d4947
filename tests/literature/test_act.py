"""Gupta et al., ISCA 2022 (ACT): a die by its area, CPA = (CI × EPA + GPA + MPA) ÷ Y, used for a part of its life."""

from __future__ import annotations

import pytest

from tests.literature.published import Paper

LIFETIME = ("--gpu", "A100", "--tdp", 100, "--hours", 35_040, "--pue", 1, "--intensity", "600 g/kWh")
"""All of the four years over which making is spread: what is beside the headline is then all of the making."""


def made_kg(paper: Paper, die: str, *, words: tuple[object, ...] = LIFETIME) -> float:
    row = paper(*words, config=f"accounting: {{embodied: {{accelerator-die: {{{die}}}}}}}\n")
    return float(row.besides["embodied_gco2e"]) / 1e3


def test_a_die_of_7_nm_comes_to_its_published_kilograms(paper: Paper) -> None:
    """(600 × 2.15 + 350 + 500) ÷ 0.875 = 2445.7 g/cm²; × 8.26 cm² = 20.2 kg, the die alone."""
    kg = made_kg(paper, "node: 7 nm, area: 8.26 cm2, fab-intensity: 600 g/kWh, yield: 0.875")

    assert kg == pytest.approx(20.2, abs=0.05)
    assert kg * 1e3 / 8.26 == pytest.approx(2445.7, abs=0.05)


@pytest.mark.parametrize(
    ("die", "kg"),
    [
        # (30 × 0.9 + 175 + 500) ÷ 0.875 × 1 cm²: a fab that runs on sun and wind
        ("node: 28 nm, area: 100 mm2, fab-intensity: 30 g/kWh", 0.802_285_714),
        # (500 × 2.75 + 225 + 500) ÷ 0.8 × 8.14 cm²: 99 % of the gases destroyed
        ("node: 5nm, area: 814 mm², fab-intensity: 0.5 kg/kWh, yield: 80%, abatement: 99%", 21.367_5),
        # (583 × 1.2 + (200 + 125) ÷ 2 + 500) ÷ 0.875 × 4.6 cm²: 97 % is the mean of both
        ("node: 14 nm, area: 4.6 cm2, fab-intensity: 583 g/kWh, abatement: 97%", 7.160_754_286),
        # (0 + 470 + 500) ÷ 1 × 2 cm²: no electricity, no loss
        ("node: 3 nm, area: 2 cm2, fab-intensity: 0 g/kWh, yield: 100%", 1.94),
    ],
)
def test_other_dies_by_hand(paper: Paper, die: str, kg: float) -> None:
    assert made_kg(paper, die) == pytest.approx(kg, rel=1e-9)


def test_operation_and_the_part_of_the_lifetime_are_two_lines(paper: Paper) -> None:
    """OP + (T ÷ LT) × ECF: one year of four at 100 W, on two of them."""
    year = ("--gpu", "A100", "--tdp", 100, "--count", 2, "--hours", 8760, "--pue", 1, "--intensity", "600 g/kWh")
    die = "node: 7 nm, area: 8.26 cm2, fab-intensity: 600 g/kWh"

    row = paper(*year, config=f"accounting: {{embodied: {{accelerator-die: {{{die}}}}}}}\n")

    assert row.kg == pytest.approx(2 * 525.6)
    assert row.besides["embodied_gco2e"] / 1e3 == pytest.approx(2 * 20.2016 / 4)
    assert row.besides["embodied_low_gco2e"] * 9 == pytest.approx(row.besides["embodied_high_gco2e"])
    assert row.besides["sources"]["embodied_gco2e"].startswith(
        "2 × NVIDIA A100 SXM4 80GB at 20.2016 kg "
        "(ACT 2022: 8.26 cm² × (600 g/kWh × 2.15 kWh/cm² + 350 + 500 g/cm²) ÷ 0.875, the die alone), for 8760 h"
    )


def test_the_processors_of_a_machine_have_dies_too(paper: Paper) -> None:
    """Four of its 64 processors: 4 ÷ 64 of (400 × 1.52 + 240 + 500) ÷ 0.875 × 7 cm² = 0.674 kg."""
    die = "{node: 8 nm, area: 7 cm2, fab-intensity: 400 g/kWh}"

    row = paper(
        "--power", 100, "--hours", 35_040, "--pue", 1, "--intensity", "600 g/kWh",
        config=f"accounting: {{embodied: {{machine-die: {die}, share: 4/64}}}}\n",
    )  # fmt: skip

    assert row.besides["embodied_gco2e"] == pytest.approx((400 * 1.52 + 240 + 500) / 0.875 * 7 * 4 / 64)
    assert "6.25 % of the processors at 10.784 kg" in row.besides["sources"]["embodied_gco2e"]
    assert "accelerators alone" not in row.besides["sources"]["embodied_gco2e"]
