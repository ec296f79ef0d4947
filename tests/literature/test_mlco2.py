"""Lacoste et al. 2019, arXiv 1910.09700 (ML CO2 Impact): rated power × hours × grid, without PUE."""

from __future__ import annotations

import pytest

from tests.literature.published import Paper


def test_a_v100_for_100_hours_on_the_average_grid_of_the_oecd(paper: Paper) -> None:
    """Its formula, worked by hand: 300 W for 100 h at 0.432 kg/kWh are 12.96 kg."""
    row = paper("--gpu", "Tesla V100-SXM2-16GB", "--hours", 100, "--pue", 1, "--intensity", "0.432 kg/kWh")

    assert row.kg == pytest.approx(12.96)


def test_offsets_do_not_touch_the_headline(paper: Paper) -> None:
    """What is bought stands beside it: all of it from wind at 11 g/kWh, by contract."""
    row = paper(
        "--gpu", "V100", "--hours", 100, "--pue", 1, "--intensity", "0.432 kg/kWh",
        config="accounting: {market: 11 g/kWh}\n",
    )  # fmt: skip

    assert row.kg == pytest.approx(12.96)
    assert row.besides["market_based_gco2e"] == pytest.approx(330)
