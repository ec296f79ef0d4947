"""What the tables say of a job's hardware and place; whatever is declared, the headline stays as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.commands.account.accounting import beside
from reporter.domain.besides import Accounting, Market, Price
from reporter.domain.footprint import Footprint
from reporter.domain.readings import Gpu, Hardware
from tests.factories_footprint import FRANCE, IN_FRANCE, footprint

HOUR_S = 3600.0


def job_on(*gpus: str, region: str | None = "aws:eu-west-3", **hardware: Any) -> Footprint:
    """An hour on these GPUs."""
    site = replace(IN_FRANCE, intensity=replace(FRANCE, region=region, known=region is not None))
    made = Hardware(gpus=tuple(Gpu(uuid=f"GPU-{place}", name=name) for place, name in enumerate(gpus)), **hardware)
    return replace(footprint(3.6e6, site=site, duration_s=HOUR_S), hardware=made)


def test_accelerators_are_found_by_the_driver_s_names() -> None:
    job = beside(job_on("NVIDIA H100 80GB HBM3", "NVIDIA H100 80GB HBM3"), Accounting())

    assert job.besides.embodied_gco2e == pytest.approx(2 * 164e3 / 35_040)
    assert job.besides.embodied_low_gco2e == pytest.approx(2 * 54.67e3 / 35_040)
    assert job.besides.embodied_high_gco2e == pytest.approx(2 * 492e3 / 35_040)
    assert "164 kg (NVIDIA, by secondary sources 2025)" in dict(job.besides.sources)["embodied_gco2e"]


def test_two_models_are_two_parts() -> None:
    job = beside(job_on("NVIDIA H100 80GB HBM3", "NVIDIA A100-SXM4-80GB"), Accounting())

    assert job.besides.embodied_gco2e == pytest.approx((164e3 + 150e3) / 35_040)


def test_the_value_for_any_model_is_told_as_such() -> None:
    job = beside(job_on("NVIDIA H200"), Accounting())

    assert "for any model" in dict(job.besides.sources)["embodied_gco2e"]


def test_one_unknown_accelerator_makes_the_sum_unknown() -> None:
    job = beside(job_on("NVIDIA H100 80GB HBM3", "Example GPU 80GB"), Accounting())

    assert job.besides.embodied_gco2e is None
    assert "`Example GPU 80GB`" in dict(job.besides.reasons)["embodied_gco2e"]


def test_a_given_value_needs_no_table_and_is_no_surer() -> None:
    job = beside(job_on("Example GPU 80GB"), Accounting(accelerator_gco2e=35_040e3))

    found = job.besides
    assert (found.embodied_gco2e, found.embodied_low_gco2e, found.embodied_high_gco2e) == pytest.approx(
        (1000, 1000 / 3, 3000)
    )


@pytest.mark.parametrize(
    ("share", "own", "expected"),
    [(4 / 64, None, 2.14041096), (None, 0.25, 1200e3 / 35_040 / 4), (None, None, 1200e3 / 35_040)],
)
def test_the_machine_counts_with_the_given_share_or_that_of_its_processors(
    share: float | None, own: float | None, expected: float
) -> None:
    job = beside(job_on(cpu_share_ratio=own), Accounting(machine_gco2e=1200e3, share_ratio=share))

    assert job.besides.embodied_gco2e == pytest.approx(expected)


def test_water_is_the_region_s_or_its_provider_s() -> None:
    known = beside(job_on(region="aws:us-east-1"), Accounting())
    fleet = beside(job_on(region="aws:eu-west-3"), Accounting())

    assert known.besides.water_l == pytest.approx(0.12)
    assert dict(known.besides.sources)["water_l"].endswith("(AWS 2024)")
    assert dict(fleet.besides.sources)["water_l"].endswith("the provider's average)")


@pytest.mark.parametrize("region", ["FR", None, "aws:atlantis-1", "gcp:europe-west4"])
def test_where_no_water_is_published_there_is_none(region: str | None) -> None:
    job = beside(job_on(region=region), Accounting(water=True))

    assert job.besides.water_l is None
    assert "water_l" in dict(job.besides.reasons)


def test_an_equivalent_has_its_vintage_and_an_unknown_one_is_left_out() -> None:
    car = beside(job_on(), Accounting(equivalent="car-km-eu")).besides

    assert car.equivalent is not None
    assert car.equivalent.amount == pytest.approx(1.12 * 41.44 / 106.8)
    assert dict(car.sources)["equivalent"] == "106.8 g each (EEA 2024)"
    assert beside(job_on(), Accounting(equivalent="moon-trip")).besides.equivalent is None


def test_a_job_that_was_never_asked_stays_as_it_is() -> None:
    job = footprint()

    assert beside(job, None) is job


def test_the_marginal_figure_stays_beside_the_others() -> None:
    marginal = replace(FRANCE, kind="marginal", gco2e_per_kwh=500.0, source="a provider", resolved="5min")

    job = beside(replace(job_on("NVIDIA H200"), marginal=marginal), Accounting())

    assert job.besides.marginal_gco2e == pytest.approx(1.12 * 500)
    assert job.besides.embodied_gco2e is not None
    assert "a provider" in dict(job.besides.sources)["marginal_gco2e"]


RATIOS = st.floats(0.01, 1)
DECLARED = st.builds(
    Accounting,
    market=st.none()
    | st.builds(
        Market,
        matched_ratio=RATIOS,
        contract_gco2e_per_kwh=st.floats(0, 2000),
        residual_gco2e_per_kwh=st.floats(0, 2000),
    ),
    embodied=st.sampled_from([None, True, False]),
    lifetime_s=st.floats(1e6, 1e9),
    accelerator_gco2e=st.none() | st.floats(0, 1e7),
    machine_gco2e=st.none() | st.floats(0, 1e8),
    share_ratio=st.none() | RATIOS,
    water=st.sampled_from([None, True, False]),
    wue_l_per_kwh=st.none() | st.floats(0, 10),
    price=st.none()
    | st.builds(Price, amount=st.floats(0, 100), currency=st.just("EUR"), per=st.sampled_from(["kWh", "h"])),
    unit=st.sampled_from([None, "sample", "run", "token"]),
    equivalent=st.sampled_from([None, "car-km-eu"]),
)


@given(DECLARED, st.booleans())
def test_nothing_that_is_declared_moves_the_headline_or_the_verdict(accounting: Accounting, known: bool) -> None:
    job = job_on("NVIDIA H100 80GB HBM3" if known else "Example GPU 80GB")

    told = beside(job, accounting)

    assert replace(told, besides=job.besides, accounting=job.accounting) == job
