"""The two intervals: what they are said to be of, from what they come, and in how many digits."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from reporter.domain.carbon import Level
from reporter.domain.footprint import Footprint
from reporter.report.sureness import sureness

NARROW = "\u202f"


def told(*footprints: Footprint) -> list[str]:
    return [str(line).replace(NARROW, " ") for line in sureness(footprints)]


def estimated(job: Footprint) -> Footprint:
    return dataclasses.replace(job, method="estimate")


def given(job: Footprint, *factors: str) -> Footprint:
    """With these of its factors set by hand."""
    intensity = dataclasses.replace(job.intensity, origin="given", resolved=None, known=True)
    pue = dataclasses.replace(job.pue, level=Level.GIVEN)
    found = {"intensity": intensity, "pue": pue}
    return dataclasses.replace(job, **{factor: found[factor] for factor in factors})


@pytest.fixture
def job(make_job: Any) -> Footprint:
    made: Footprint = make_job()
    return made


@pytest.fixture
def modelled(make_hosted_job: Any) -> Footprint:
    made: Footprint = make_hosted_job()
    return made


def test_a_repeat_is_of_what_can_be_repeated(job: Footprint, modelled: Footprint) -> None:
    estimate = estimated(job)

    def repeat(*rows: Footprint) -> str:
        return told(*rows)[0].partition(": what ")[2]

    assert repeat(job) == "repeating the measurement would change. Budgets are judged on this."
    assert repeat(job, modelled).startswith("repeating the measurement")
    assert repeat(modelled).startswith("another reading would")
    assert repeat(job, estimate).startswith("repeating all but the estimate would")
    assert repeat(modelled, estimate, estimate).startswith("repeating all but the 2 estimates would")
    assert told(estimate, estimate)[0].startswith("If estimated again: the same.")


@pytest.mark.parametrize(
    ("factors", "causes"),
    [
        ((), "meters, models, grid factor, PUE"),
        (("pue",), "meters, models, grid factor"),
        (("intensity",), "meters, models, PUE"),
        (("intensity", "pue"), "meters, models"),
    ],
)
def test_a_factor_given_by_hand_is_no_cause_of_doubt(job: Footprint, factors: tuple[str, ...], causes: str) -> None:
    assert told(given(job, *factors))[1].endswith(f"CO₂e (about 95 %: {causes}).")


def test_energy_is_doubted_for_what_it_is_known_by(job: Footprint, modelled: Footprint) -> None:
    measured = dataclasses.replace(job, method="measured")

    def causes(*rows: Footprint) -> str:
        return next(line for line in told(*rows) if line.startswith("The absolute number")).partition("%: ")[2]

    assert causes(measured) == "meters, grid factor, PUE)."
    assert causes(modelled) == "the unknown location, models, PUE)."
    assert causes(estimated(given(job, "intensity", "pue"))) == "declared power)."
    assert causes(job, modelled, estimated(job)) == (
        "the unknown location, meters, models, declared power, grid factor, PUE)."
    )


def test_a_modelled_range_has_no_more_digits_than_the_figure(modelled: Footprint) -> None:
    """13.6 to 13.7 J and 1.24 to 1.26 mg of a figure that is told as about 14 J."""
    small = dataclasses.replace(
        modelled,
        energy=dataclasses.replace(modelled.energy, it_j=9.0, repeat_low_j=13.6 / 1.54, repeat_high_j=13.7 / 1.54),
    )
    metered = dataclasses.replace(small, method="measured", energy=dataclasses.replace(small.energy, measured_ratio=1))

    assert told(small)[0].startswith("If modelled again: ≈14 J, ≈1.5 mg CO₂e: ")
    assert told(modelled)[0].startswith("If modelled again: ≈3.7–3.9 Wh, ≈1.4–1.5 g CO₂e: ")
    assert told(metered)[0].startswith("If measured again: 13.6–13.7 J, ")


def test_without_bounds_nothing_is_said(job: Footprint) -> None:
    energy = dataclasses.replace(job.energy, low_j=None, high_j=None, repeat_low_j=None, repeat_high_j=None)
    emissions = dataclasses.replace(job.emissions, low_gco2e=None, high_gco2e=None)

    assert told(dataclasses.replace(job, energy=energy, emissions=emissions, method="measured")) == []
