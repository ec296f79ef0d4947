"""Strubell et al. 2019, arXiv 1906.02243, table 3: mean watts, hours, PUE 1.58, 0.954 lb/kWh."""

from __future__ import annotations

import pytest

from reporter.domain.units import parse_intensity
from tests.literature.published import Paper, Vector

US_2018 = ("--pue", "1.58", "--intensity", "0.954 lb/kWh")


@pytest.mark.parametrize("name", ["strubell_transformer_base", "strubell_transformer_big", "strubell_nas_p100x8"])
def test_a_model_of_table_3(paper: Paper, name: str) -> None:
    vector = Vector(name)

    row = paper("--power", vector["watts_total"], "--hours", vector["hours"], *US_2018)

    assert row.kwh == vector.says("kwh_pue")
    assert row.lb == vector.says("co2e_lb")


@pytest.mark.parametrize(
    ("watts", "hours", "kwh", "lb"), [(517.66, 336, 275, 262), (12041.51, 79, 1507, 1438)], ids=["ELMo", "BERT base"]
)
def test_the_other_models_of_table_3(paper: Paper, watts: float, hours: float, kwh: float, lb: float) -> None:
    """Their hours are rounded: half a per cent."""
    row = paper("--power", watts, "--hours", hours, *US_2018)

    assert row.kwh == pytest.approx(kwh, rel=0.005)
    assert row.lb == pytest.approx(lb, rel=0.005)


def test_processors_memory_and_gpus_apart(paper: Paper) -> None:
    vector = Vector("strubell_decompose")

    row = paper(
        "--cpu-watts", vector["p_c"], "--dram-watts", vector["p_r"], "--gpu", "P100", "--tdp", vector["p_g"],
        "--count", vector["g"], "--hours", vector["t"], *US_2018,
    )  # fmt: skip

    assert row.kwh == vector.says("kwh_pue")


def test_pounds_are_exact() -> None:
    vector = Vector("lb_to_kg_factor")

    assert parse_intensity(f"{vector['lb_per_kwh']} lb/kWh") / 1000 == vector.says("kg_per_kwh")


def test_the_search_was_estimated_88_times_too_high(paper: Paper) -> None:
    """Against what Patterson et al. 2021 measured for the same search (table 4: 3.2 t)."""
    vector = Vector("strubell_vs_patterson_nas")

    search = paper("--power", "1515.43", "--hours", "274120", *US_2018)

    assert search.t == vector.says("strubell_t")
    assert search.t / 3.2 == vector.says("ratio")
