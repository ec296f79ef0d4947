"""Patterson et al. 2021, arXiv 2104.10350: chips × days × measured watts × PUE; gross by the grid, net by contracts."""

from __future__ import annotations

import pytest

from tests.literature.published import Paper, Row, Vector


def trained(paper: Paper, chips: float, days: float, watts: float, pue: float, gross: float, net: float) -> Row:
    """Watts are those of the system, by accelerator: the whole machine's."""
    return paper(
        "--power", chips * watts, "--hours", 24 * days, "--pue", pue, "--intensity", f"{gross} kg/kWh",
        config=f"accounting: {{market: '{net} kg/kWh'}}\n",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["patterson_t5", "patterson_gpt3"])
def test_a_model_of_table_4(paper: Paper, name: str) -> None:
    vector = Vector(name)

    row = trained(paper, *(vector[key] for key in ("chips", "days", "watts", "pue", "gross", "net")))

    assert row.mwh == vector.says("mwh")
    assert row.t == vector.says("t_gross")
    assert row.besides["market_based_gco2e"] / 1e6 == vector.says("t_net")


@pytest.mark.parametrize(
    ("inputs", "mwh", "gross_t", "net_t"),
    [
        ((1024, 30, 289, 1.09, 0.415, 0.415), 232, 96.4, 96.4),
        ((1024, 3.1, 288, 1.09, 0.201, 0.177), 24.1, 4.8, 4.3),
        ((1024, 27, 245, 1.10, 0.403, 0.330), 179, 72.2, 59.1),
        ((200, 6.8, 208, 1.10, 0.431, 0.431), 7.5, 3.2, 3.2),
    ],
    ids=["Meena", "GShard-600B", "Switch Transformer", "Evolved Transformer search"],
)
def test_the_other_models_of_table_4(
    paper: Paper, inputs: tuple[float, ...], mwh: float, gross_t: float, net_t: float
) -> None:
    """Days and results are rounded to two digits: two per cent."""
    row = trained(paper, *inputs)

    assert row.mwh == pytest.approx(mwh, rel=0.02)
    assert row.t == pytest.approx(gross_t, rel=0.02)
    assert row.besides["market_based_gco2e"] / 1e6 == pytest.approx(net_t, rel=0.02)


def test_the_transformer_of_table_1(paper: Paper) -> None:
    vector = Vector("patterson_t1_tbig_p100_us")

    row = paper(
        "--gpu", "P100", "--tdp", vector["watts"], "--count", vector["chips"], "--hours", 24 * vector["days"],
        "--pue", vector["pue"], "--intensity", f"{vector['gross']} kg/kWh",
    )  # fmt: skip

    assert row.kwh == vector.says("kwh")
    assert row.t == vector.says("t_gross")
