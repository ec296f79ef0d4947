"""Figures beside the headline: the published values of each form, and that none of them ever moves the headline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.besides import (
    FIGURES,
    LIFETIME_S,
    SPREAD_RATIO,
    Accounting,
    Found,
    Making,
    Market,
    Price,
    besides_of,
    embodied_gco2e,
    market_based_gco2e,
    sci,
    water_l,
    with_marginal,
)
from reporter.domain.carbon import Besides, Cost, Equivalent, Sci
from reporter.domain.footprint import Footprint, at_site
from reporter.domain.total import besides_total, total
from reporter.factors import constant
from tests.factories_footprint import IN_FRANCE, PUE, footprint

HOUR_S = 3600.0
KWH_J = 3.6e6
H100 = Making(
    label="NVIDIA H100", count=8, gco2e=164e3, low_gco2e=164e3 / 3, high_gco2e=164e3 * 3, source="NVIDIA 2025"
)
HOST = replace(H100, label="the rest of the machine", count=1, gco2e=1200e3, share_ratio=4 / 64, source="as given")
FOUND = Found(
    making=(H100,), wue_l_per_kwh=0.3, wue_source="AWS 2024", equivalent_gco2e=100.0, equivalent_label="a kilometre",
    equivalent_source="EEA 2024",
)  # fmt: skip
DECLARED = Accounting(
    market=Market(matched_ratio=0.7, contract_gco2e_per_kwh=0.0, residual_gco2e_per_kwh=500.0),
    price=Price(amount=0.21, currency="EUR", per="kWh"),
    unit="sample",
    origin="emissions.yml, line 4",
)
AMOUNTS = st.floats(0, 1e12)


def figures(job: Footprint, accounting: Accounting = DECLARED, found: Found = FOUND) -> Besides:
    return besides_of(
        accounting, found, energy=job.energy, emissions=job.emissions, duration_s=job.job.duration_s,
        per_unit=job.per_unit,
    )  # fmt: skip


def test_sci_is_operation_and_making_by_the_functional_unit() -> None:
    assert sci(5 * 400, 200, 100) == pytest.approx(22, rel=1e-12)


def test_sci_s_m_is_the_time_share_and_the_resource_share_of_what_making_emitted() -> None:
    found = embodied_gco2e(1200e3, reserved_s=HOUR_S, lifetime_s=35_040 * HOUR_S, share_ratio=4 / 64)

    assert found == pytest.approx(2.14041096, rel=1e-6)


def test_bloom_s_gpus_come_to_their_published_tonnes() -> None:
    """Table 3 of JMLR 24 (253): 150 kg over 6 years at 85 % use; without that share of use it would be 3.09 t."""
    hours, lifetime_s = 1_082_990, 6 * 8760 * 0.85 * HOUR_S

    assert embodied_gco2e(150e3, reserved_s=hours * HOUR_S, lifetime_s=lifetime_s) / 1e6 == pytest.approx(
        3.64, rel=2e-3
    )
    assert embodied_gco2e(150e3, reserved_s=HOUR_S, lifetime_s=lifetime_s) == pytest.approx(3.36, rel=2e-3)


def test_the_protocol_s_example_of_matched_and_residual_electricity() -> None:
    market = Market(matched_ratio=0.7, contract_gco2e_per_kwh=0, residual_gco2e_per_kwh=500)

    assert market_based_gco2e(100 * KWH_J, market) / 1e3 == pytest.approx(15)


def test_water_is_counted_before_pue() -> None:
    assert water_l(10 * KWH_J, 0.3) == pytest.approx(3)


def test_the_defaults_are_those_of_the_tables() -> None:
    assert constant("lifetime").value * HOUR_S == LIFETIME_S
    assert constant("embodied-spread").value == SPREAD_RATIO


def test_every_figure_of_a_job_by_hand() -> None:
    """1 kWh at PUE 1.12 and 41.44 g/kWh, in 12.3 s on 8 accelerators, over 50,000 samples."""
    found = figures(footprint(KWH_J))
    made = 8 * 164e3 * 12.3 / (35_040 * HOUR_S)

    assert found.market_based_gco2e == pytest.approx(1.12 * 0.3 * 500)
    assert found.embodied_gco2e == pytest.approx(made)
    assert (found.embodied_low_gco2e, found.embodied_high_gco2e) == pytest.approx((made / 3, made * 3))
    assert found.sci == Sci(gco2e_per_unit=pytest.approx((1.12 * 41.44 + made) / 50_000), unit="sample")
    assert found.water_l == pytest.approx(0.3)
    assert found.cost == Cost(amount=pytest.approx(1.12 * 0.21), currency="EUR")
    assert found.equivalent == Equivalent(amount=pytest.approx(1.12 * 0.4144), label="a kilometre")
    assert found.marginal_gco2e is None


def test_every_figure_says_how_it_was_had() -> None:
    told = dict(figures(footprint(KWH_J)).sources)

    assert set(told) == set(FIGURES) - {"marginal_gco2e"}
    assert told["market_based_gco2e"] == (
        "70 % at 0 g/kWh by contract + 30 % at 500 g/kWh of the residual mix (emissions.yml, line 4)"
    )
    assert told["embodied_gco2e"] == (
        "8 × NVIDIA H100 at 164 kg (NVIDIA 2025), for 0.003417 h of 35,040 h in use; accelerators alone"
    )
    assert told["water_l"] == "0.3 L/kWh of the machine's energy, before PUE (AWS 2024)"
    assert told["cost"].startswith("1.12 kWh of electricity, PUE included, at 0.21 EUR/kWh (emis")


def test_the_rest_of_the_machine_counts_with_its_share() -> None:
    found = figures(footprint(KWH_J), replace(DECLARED, machine_gco2e=1200e3), replace(FOUND, making=(H100, HOST)))

    per_hour = (8 * 164e3 + 1200e3 * 4 / 64) / 35_040
    assert found.embodied_gco2e == pytest.approx(per_hour * 12.3 / HOUR_S)
    assert " + 6.25 % of the rest of the machine at 1,200 kg" in dict(found.sources)["embodied_gco2e"]
    assert "alone" not in dict(found.sources)["embodied_gco2e"]


def test_a_machine_by_the_hour_costs_its_time() -> None:
    by_hour = replace(DECLARED, price=Price(amount=3.5, currency="USD", per="h"))

    found = figures(footprint(KWH_J, duration_s=7200.0), by_hour)

    assert found.cost == Cost(amount=7.0, currency="USD")
    assert dict(found.sources)["cost"] == "2 h of the machine at 3.5 USD/h (emissions.yml, line 4)"


def test_an_electricity_that_is_all_by_contract_needs_no_residual_mix() -> None:
    green = Accounting(market=Market(matched_ratio=1.0, contract_gco2e_per_kwh=30, residual_gco2e_per_kwh=0))
    found = figures(footprint(KWH_J), green)

    assert found.market_based_gco2e == pytest.approx(1.12 * 30)
    assert dict(found.sources)["market_based_gco2e"] == "30 g/kWh by contract (as given)"


def test_what_is_not_asked_for_is_neither_known_nor_missed() -> None:
    assert figures(replace(footprint(KWH_J), per_unit=()), Accounting(), Found()) == Besides()


def test_the_first_count_is_the_functional_unit_where_none_is_named() -> None:
    found = figures(footprint(KWH_J), Accounting())

    assert found.sci is not None
    assert found.sci.unit == "sample"


def test_a_job_is_a_functional_unit_of_its_own() -> None:
    found = figures(footprint(KWH_J), Accounting(unit="run"))

    assert found.sci == Sci(gco2e_per_unit=(found.embodied_gco2e or 0.0) + 1.12 * 41.44, unit="run")


@pytest.mark.parametrize(
    ("changes", "found", "figure", "why"),
    [
        ({}, replace(FOUND, unknown=("Example GPU",)), "embodied_gco2e", "the tables lack `Example GPU`"),
        ({"embodied": True}, Found(), "embodied_gco2e", "no accelerator is known here"),
        ({}, Found(), "sci", "(M) are not known"),
        ({"embodied": False}, FOUND, "sci", "switched off"),
        ({"unit": "token"}, FOUND, "sci", "no `token` was counted"),
        ({"water": True}, Found(), "water_l", "no value is published"),
    ],
)
def test_what_was_asked_for_and_cannot_be_had_has_a_reason(
    changes: dict[str, Any], found: Found, figure: str, why: str
) -> None:
    told = figures(footprint(KWH_J), replace(DECLARED, **changes), found)

    assert getattr(told, figure) is None
    assert why in dict(told.reasons)[figure]
    assert figure not in dict(told.sources)


def test_without_energy_or_time_each_figure_says_so_and_none_is_zero() -> None:
    told = figures(footprint(None, duration_s=None))

    assert told == Besides(reasons=told.reasons)
    assert set(dict(told.reasons)) == set(FIGURES) - {"marginal_gco2e"}
    assert dict(told.reasons)["sci"] == "the energy is not known"
    by_hour = replace(DECLARED, price=Price(amount=1, currency="EUR", per="h"))
    assert dict(figures(footprint(None, duration_s=None), by_hour).reasons)["cost"] == "the duration is not known"


def test_another_marginal_value_takes_the_place_of_the_first_with_its_source() -> None:
    first = replace(IN_FRANCE.intensity, gco2e_per_kwh=500.0, kind="marginal", source="WattTime", resolved="5min")

    told = with_marginal(with_marginal(Besides(), KWH_J, first), 2 * KWH_J, replace(first, gco2e_per_kwh=300.0))

    assert told.marginal_gco2e == pytest.approx(600)
    assert told.sources == (("marginal_gco2e", "300 g/kWh, weighted by energy (WattTime, 5min)"),)
    assert with_marginal(told, None, first) == with_marginal(told, KWH_J, None) == Besides()


def test_what_is_switched_off_is_not_told() -> None:
    told = figures(footprint(KWH_J), Accounting(embodied=False, water=False))

    assert (told.embodied_gco2e, told.sci, told.water_l, told.reasons) == (None, None, None, ())


def test_a_given_value_replaces_the_table_s() -> None:
    told = figures(footprint(KWH_J), replace(DECLARED, wue_l_per_kwh=1.8))

    assert told.water_l == pytest.approx(1.8)
    assert "(emissions.yml, line 4)" in dict(told.sources)["water_l"]


def test_energy_that_is_nothing_costs_nothing_and_that_is_known() -> None:
    told = figures(footprint(0.0))

    assert (told.market_based_gco2e, told.water_l) == (0.0, 0.0)
    assert told.cost == Cost(amount=0.0, currency="EUR")


@given(st.floats(0.1, 1e3), st.floats(0, 1e9))
def test_figures_of_energy_grow_with_it_and_those_of_time_do_not(times: float, it_j: float) -> None:
    one, more = (figures(footprint(energy_j)) for energy_j in (it_j, it_j * times))

    for figure in ("market_based_gco2e", "water_l"):
        assert getattr(more, figure) == pytest.approx(getattr(one, figure) * times)
    assert one.cost is not None
    assert more.cost is not None
    assert more.cost.amount == pytest.approx(one.cost.amount * times)
    assert more.embodied_gco2e == one.embodied_gco2e


@given(st.floats(1, 3))
def test_pue_counts_once_for_bought_electricity_and_never_for_making_and_water(ratio: float) -> None:
    bare, built = (
        figures(footprint(KWH_J, site=replace(IN_FRANCE, pue=replace(PUE, ratio=pue)))) for pue in (1.0, ratio)
    )

    assert built.market_based_gco2e == pytest.approx((bare.market_based_gco2e or 0.0) * ratio)
    assert bare.cost is not None
    assert built.cost is not None
    assert built.cost.amount == pytest.approx(bare.cost.amount * ratio)
    assert (built.embodied_gco2e, built.water_l) == (bare.embodied_gco2e, bare.water_l)


@given(AMOUNTS, st.floats(1, 1e8), st.floats(0, 1))
def test_making_is_shared_in_proportion_to_time_and_part(total_gco2e: float, time_s: float, share: float) -> None:
    whole = embodied_gco2e(total_gco2e, reserved_s=LIFETIME_S, lifetime_s=LIFETIME_S)
    part = embodied_gco2e(total_gco2e, reserved_s=time_s, lifetime_s=LIFETIME_S, share_ratio=share)

    assert whole == pytest.approx(total_gco2e)
    assert part == pytest.approx(total_gco2e * time_s / LIFETIME_S * share)


def test_another_place_drops_the_figures_of_the_former_one() -> None:
    job = replace(footprint(KWH_J), besides=figures(footprint(KWH_J)), accounting=DECLARED)

    moved = at_site(job, IN_FRANCE)

    assert moved.besides == Besides()
    assert moved.accounting == DECLARED


def with_figures(*jobs: Footprint, **changes: Any) -> tuple[Footprint, ...]:
    return tuple(replace(job, besides=replace(figures(job), **changes)) for job in jobs)


def test_several_jobs_are_summed_line_by_line_and_a_rate_is_not() -> None:
    jobs = with_figures(footprint(KWH_J), footprint(2 * KWH_J))

    whole = total(jobs).besides

    assert whole.market_based_gco2e == pytest.approx(3 * 1.12 * 150)
    assert whole.embodied_high_gco2e == pytest.approx(2 * (jobs[0].besides.embodied_high_gco2e or 0.0))
    assert whole.water_l == pytest.approx(0.9)
    assert whole.cost == Cost(amount=pytest.approx(3 * 1.12 * 0.21), currency="EUR")
    assert whole.equivalent == Equivalent(amount=pytest.approx(3 * 1.12 * 0.4144), label="a kilometre")
    assert whole.sci is None
    told = dict(whole.sources)
    assert told["cost"] == "the sum of 2 jobs"
    assert told["market_based_gco2e"].startswith("70 % at 0 g/kWh"), "one factor for all of them"


def test_a_sum_lacks_what_one_job_lacks_and_says_so() -> None:
    one, other = with_figures(footprint(KWH_J), footprint(KWH_J))
    other = replace(other, besides=replace(other.besides, water_l=None))

    whole = besides_total((one, other))

    assert whole.water_l is None
    assert dict(whole.reasons)["water_l"] == "1 of 2 jobs lacks it"


def test_amounts_of_several_kinds_have_no_sum() -> None:
    one, other = with_figures(footprint(KWH_J), footprint(KWH_J))
    other = replace(other, besides=replace(other.besides, cost=Cost(amount=1, currency="USD")))

    whole = besides_total((one, other))

    assert whole.cost is None
    assert dict(whole.reasons)["cost"] == "the jobs' amounts are of several kinds"


def test_a_reason_that_all_jobs_have_is_the_sum_s_too() -> None:
    jobs = with_figures(
        footprint(KWH_J), footprint(KWH_J), embodied_gco2e=None, reasons=(("embodied_gco2e", "the tables lack it"),)
    )

    assert dict(besides_total(jobs).reasons) == {"embodied_gco2e": "the tables lack it"}


def test_one_job_s_sum_is_its_own_rate_included() -> None:
    (job,) = with_figures(footprint(KWH_J))

    assert total((job,)).besides == job.besides
