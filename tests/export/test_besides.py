"""Figures beside the headline in footprint.json: the contract's shape, there and back, and what is refused."""

from __future__ import annotations

import copy
import json as stdlib_json
from dataclasses import replace
from typing import Any

import pytest

from reporter.domain.besides import Accounting, Market, Price
from reporter.domain.carbon import Besides, Cost, Equivalent, Sci
from reporter.domain.die import Die
from reporter.domain.total import total
from reporter.errors import FootprintError
from reporter.export import json
from reporter.export.decoding import decode_policy
from reporter.export.policy import Policy, encode_policy
from tests.factories_footprint import IN_FRANCE, footprint, grams

CONTRACT = {"market_based_gco2e", "marginal_gco2e", "embodied_gco2e", "sci", "water_l", "cost"}
BESIDES = Besides(
    market_based_gco2e=15_000.0,
    marginal_gco2e=900.5,
    embodied_gco2e=2.14,
    embodied_low_gco2e=0.71,
    embodied_high_gco2e=6.42,
    sci=Sci(gco2e_per_unit=22.0, unit="request"),
    water_l=0.3,
    cost=Cost(amount=0.21, currency="EUR"),
    equivalent=Equivalent(amount=4.2, label="a kilometre in a new car, EU"),
    sources=(("market_based_gco2e", "30 g/kWh by contract"), ("water_l", "AWS 2024")),
    reasons=(("cost", "the energy is not known"),),
)
ACCOUNTING = Accounting(
    market=Market(matched_ratio=0.7, contract_gco2e_per_kwh=0.0, residual_gco2e_per_kwh=500.0),
    embodied=False,
    lifetime_s=1e8,
    accelerator_gco2e=1.0,
    accelerator_die=Die(node="7 nm", area_cm2=8.26, fab_gco2e_per_kwh=600.0, yield_ratio=0.8, abated_ratio=0.97),
    machine_gco2e=2.0,
    machine_die=Die(node="28 nm", area_cm2=1.0, fab_gco2e_per_kwh=0.0),
    share_ratio=0.25,
    water=True,
    wue_l_per_kwh=0.3,
    price=Price(amount=0.21, currency="EUR", per="kWh"),
    unit="request",
    equivalent="car-km-eu",
    origin="emissions.yml, line 3",
)
JOB = replace(footprint(), besides=BESIDES, accounting=ACCOUNTING)


def test_the_figures_and_what_was_declared_come_back_as_they_were() -> None:
    assert json.loads(json.dumps(json.encode(JOB)), origin="x") == (JOB,)


def test_the_contract_s_keys_have_the_contract_s_shape() -> None:
    full, empty = json.encode(JOB)["besides"], json.encode(footprint())["besides"]

    assert set(full) >= CONTRACT
    assert full["sci"] == {"gco2e_per_unit": 22.0, "unit": "request"}
    assert full["cost"] == {"amount": 0.21, "currency": "EUR"}
    assert full["sources"]["water_l"] == "AWS 2024"
    assert [empty[key] for key in sorted(CONTRACT)] == [None] * 6


def test_an_older_footprint_has_none_of_them() -> None:
    older = json.encode(JOB)
    older["besides"] = dict.fromkeys(CONTRACT)
    del older["accounting"]

    (read,) = json.loads(stdlib_json.dumps(older), origin="x")

    assert read == replace(JOB, besides=Besides(), accounting=None)


def test_the_sum_of_several_jobs_has_them_too() -> None:
    written = json.encode_total(total((JOB, JOB)))["besides"]

    assert (written["market_based_gco2e"], written["sci"]) == (30_000.0, None)


@pytest.mark.parametrize("accounting", [None, Accounting(), ACCOUNTING])
def test_a_recording_keeps_what_was_declared(accounting: Accounting | None) -> None:
    policy = Policy(site=IN_FRANCE, budgets=(grams(50),), accounting=accounting)

    kept = decode_policy(stdlib_json.loads(stdlib_json.dumps(encode_policy(policy))), origin="x")

    assert kept.accounting == accounting


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("besides.water_l", -1),
        ("besides.market_based_gco2e", "15 kg"),
        ("besides.sci", 22),
        ("besides.sci.unit", None),
        ("besides.sci.gco2e_per_unit", None),
        ("besides.cost.currency", 5),
        ("besides.cost.amount", None),
        ("besides.equivalent.label", None),
        ("besides.sources", ["a"]),
        ("besides.reasons.cost", 1),
        ("accounting.lifetime_s", 0),
        ("accounting.share_ratio", 1.5),
        ("accounting.embodied", "no"),
        ("accounting.accelerator_die", "7 nm"),
        ("accounting.accelerator_die.node", 7),
        ("accounting.accelerator_die.area_cm2", None),
        ("accounting.accelerator_die.yield_ratio", 0),
        ("accounting.accelerator_die.abated_ratio", 0.9),
        ("accounting.machine_die.abated_ratio", 1),
        ("accounting.machine_die.fab_gco2e_per_kwh", -1),
        ("accounting.market.matched_ratio", 2),
        ("accounting.market.matched_ratio", None),
        ("accounting.market.residual_gco2e_per_kwh", None),
        ("accounting.price.per", "day"),
        ("accounting.price.amount", -1),
    ],
)
def test_a_wrong_value_is_named_by_its_path(path: str, value: object) -> None:
    written: Any = copy.deepcopy(json.encode(JOB))
    *parents, last = path.split(".")
    target = written
    for key in parents:
        target = target[key]
    target[last] = value

    with pytest.raises(FootprintError) as caught:
        json.loads(stdlib_json.dumps(written), origin="x")

    assert f"`{path}`" in caught.value.message
