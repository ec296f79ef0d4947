"""Anthony et al. 2020, arXiv 2007.03051 (carbontracker): epochs × the mean energy of those that were metered."""

from __future__ import annotations

from tests.literature.published import Paper, Vector


def test_a_training_is_predicted_from_its_first_epochs(paper: Paper) -> None:
    vector = Vector("carbontracker_pred")
    metered = ", ".join(f"{kwh} kWh" for kwh in vector["measured"])

    row = paper("--epochs", vector["epochs"], "--energy-per-epoch", metered, "--pue", 1, "--region", "DK")

    assert row.kwh == vector.says("kwh")
    assert row.footprint["per_unit"][0]["unit"] == "epoch"
