"""The section `accounting` of the config file: every form that it takes, and what is said to every wrong one."""

from __future__ import annotations

import pytest

from reporter.commands.settings import region_problem
from reporter.config import resolve
from reporter.config.accounting import EQUIVALENTS
from reporter.config.die import NODES
from reporter.config.file import file_layer
from reporter.domain.besides import LIFETIME_S, Accounting, Market, Price
from reporter.domain.die import Die
from reporter.errors import ConfigError
from reporter.factors import equivalent, fab_of, read_table

FILE = """\
version: 1
accounting:
  market: {contract: 0 g/kWh, matched: 70%, residual: 500 g/kWh}
  embodied: {lifetime-years: 6, in-use: 85%, accelerator-kg: 150, machine-kg: 1200, share: 4/64}
  water: 0.3 L/kWh
  electricity-price: 0.21 EUR/kWh
  functional-unit: sample
  equivalents: car-km-eu
"""


def read(text: str) -> Accounting | None:
    return resolve((file_layer(text, name="emissions.yml"),), check_region=region_problem, sources=()).accounting


def declared(section: str) -> Accounting:
    found = read(f"accounting: {section}\n")
    assert found is not None
    return found


def problems_of(section: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(f"accounting: {section}\n")
    return [str(problem) for problem in caught.value.problems]


def test_every_key_is_read() -> None:
    assert read(FILE) == Accounting(
        market=Market(matched_ratio=0.7, contract_gco2e_per_kwh=0, residual_gco2e_per_kwh=500),
        embodied=True,
        lifetime_s=pytest.approx(44_676 * 3600),
        accelerator_gco2e=150e3,
        machine_gco2e=1200e3,
        share_ratio=4 / 64,
        water=True,
        wue_l_per_kwh=0.3,
        price=Price(amount=0.21, currency="EUR", per="kWh"),
        unit="sample",
        equivalent="car-km-eu",
        origin="emissions.yml, line 3",
    )


@pytest.mark.parametrize("text", ["", "version: 1\n", "accounting:\n"])
def test_without_the_section_nothing_is_declared(text: str) -> None:
    assert read(text) is None


def test_an_empty_section_declares_the_defaults() -> None:
    assert declared("{}") == Accounting(origin="emissions.yml, line 1")


@pytest.mark.parametrize(
    ("text", "market"),
    [
        ("30 g/kWh", Market(matched_ratio=1, contract_gco2e_per_kwh=30, residual_gco2e_per_kwh=0)),
        ("{contract: 30 g/kWh}", Market(matched_ratio=1, contract_gco2e_per_kwh=30, residual_gco2e_per_kwh=0)),
        ("{residual: 500 g/kWh}", Market(matched_ratio=0, contract_gco2e_per_kwh=0, residual_gco2e_per_kwh=500)),
        ("{contract: 0.03 kg/kWh, matched: 0%, residual: 1 lb/MWh}",
         Market(matched_ratio=0, contract_gco2e_per_kwh=30, residual_gco2e_per_kwh=0.45359237)),
    ],
)  # fmt: skip
def test_a_market_is_one_factor_or_a_matched_part(text: str, market: Market) -> None:
    assert declared(f"{{market: {text}}}").market == market


@pytest.mark.parametrize(
    ("text", "embodied", "water"), [("false", False, False), ("off", False, False), ("true", True, True)]
)
def test_embodied_and_water_can_be_switched(text: str, embodied: bool, water: bool) -> None:
    found = declared(f"{{embodied: {text}, water: {text}}}")

    assert (found.embodied, found.water, found.wue_l_per_kwh) == (embodied, water, None)


@pytest.mark.parametrize(("text", "ratio"), [("25%", 0.25), ("0.25", 0.25), ("1/4", 0.25), ("64/64", 1.0)])
def test_a_share_is_a_percentage_a_number_or_a_fraction(text: str, ratio: float) -> None:
    assert declared(f"{{embodied: {{share: {text}}}}}").share_ratio == ratio


def test_a_lifetime_is_in_years_of_which_it_is_in_use_for_a_part() -> None:
    assert declared("{embodied: {lifetime-years: 4}}").lifetime_s == LIFETIME_S
    assert declared("{embodied: {in-use: 50%}}").lifetime_s == LIFETIME_S / 2


A_DIE = "node: 7 nm, area: 8.26 cm2, fab-intensity: 600 g/kWh"


@pytest.mark.parametrize(
    ("text", "die"),
    [
        (A_DIE, Die(node="7 nm", area_cm2=8.26, fab_gco2e_per_kwh=600, yield_ratio=0.875, abated_ratio=0.95)),
        (f"{A_DIE}, yield: 80%, abatement: 0.97",
         Die(node="7 nm", area_cm2=8.26, fab_gco2e_per_kwh=600, yield_ratio=0.8, abated_ratio=0.97)),
        ("node: 10NM, area: 814 mm², fab-intensity: 1 lb/kWh",
         Die(node="10 nm", area_cm2=pytest.approx(8.14), fab_gco2e_per_kwh=453.59237)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("thing", ["accelerator", "machine"])
def test_a_die_has_a_node_an_area_and_the_electricity_of_its_fab(thing: str, text: str, die: Die) -> None:
    found = declared(f"{{embodied: {{{thing}-die: {{{text}}}}}}}")

    assert (found.accelerator_die, found.machine_die) == ((die, None) if thing == "accelerator" else (None, die))
    assert found.embodied is True


def test_the_nodes_that_can_be_written_are_those_of_the_table() -> None:
    assert sorted(NODES) == sorted(str(row["key"]) for row in read_table("fabs"))
    assert fab_of("7NM") == fab_of("7 nm")


def test_a_machine_may_have_a_price_by_the_hour_and_no_equivalent() -> None:
    found = declared("{machine-price: 3.50 USD / h, equivalents: off}")

    assert found.price == Price(amount=3.5, currency="USD", per="h")
    assert found.equivalent is None


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("50 g", "`accounting` is not a mapping"),
        ("{marked: 30 g/kWh}", "Did you mean `market`?"),
        ("{market: {residua: 30 g/kWh}}", "Did you mean `residual`?"),
        ("{market: 30}", "`market`: Intensity `30` has no unit"),
        ("{market: [30]}", "not a single value"),
        ("{market: {contract: 30 g/kWh, matched: 70%}}", "says nothing of the 30%"),
        ("{market: {matched: 70%}}", "`market` has no factor"),
        ("{market: {matched: 70%, residual: 500 g/kWh}}", "without a contract"),
        ("{market: {contract: 0 g/kWh, matched: 170%}}", "no share of the electricity"),
        ("{embodied: sometimes}", "neither true nor false"),
        ("{embodied: {machine-kg: heavy}}", "not a finite number"),
        ("{embodied: {lifetime-years: 0}}", "below 0.1"),
        ("{embodied: {share: 5/4}}", "no share"),
        ("{embodied: {share: 4/0}}", "below"),
        ("{embodied: {share: 0}}", "no share"),
        ("{embodied: {die: 7 nm}}", "Known keys: "),
        ("{embodied: {accelerator-di: 7 nm}}", "Did you mean `accelerator-die`?"),
        ("{embodied: {accelerator-die: 7 nm}}", "`7 nm` is no die"),
        ("{embodied: {accelerator-die: {yield: 80%}}}", "no `node` and no `area` and no `fab-intensity`"),
        ("{embodied: {accelerator-die: {area: 8 cm2, fab-intensity: 600 g/kWh}}}", "has no `node`"),
        ("{embodied: {machine-die: {node: 7 nm}}}", "`embodied.machine-die` has no `area` and no `fab-intensity`"),
        (f"{{embodied: {{accelerator-die: {{{A_DIE}, areas: 8 cm2}}}}}}", "Did you mean `area`?"),
        (f"{{embodied: {{accelerator-die: {{{A_DIE}, node: 6 nm}}}}}}", "stands twice"),
        ("{embodied: {accelerator-die: {node: 7, area: 8 cm2, fab-intensity: 600 g/kWh}}}", "Write `7 nm`."),
        ("{embodied: {accelerator-die: {node: 4 nm, area: 8 cm2, fab-intensity: 600 g/kWh}}}", "no node of the table"),
        ("{embodied: {accelerator-die: {node: 7 nm, area: 826, fab-intensity: 600 g/kWh}}}", "Write `826 mm2`"),
        ("{embodied: {accelerator-die: {node: 7 nm, area: 8 cm, fab-intensity: 600 g/kWh}}}", "`8 cm` is no area"),
        ("{embodied: {accelerator-die: {node: 7 nm, area: 0 cm2, fab-intensity: 600 g/kWh}}}", "no area of a die"),
        ("{embodied: {accelerator-die: {node: 7 nm, area: 8 cm2, fab-intensity: 600}}}", "has no unit"),
        (f"{{embodied: {{accelerator-die: {{{A_DIE}, yield: 0}}}}}}", "no yield"),
        (f"{{embodied: {{accelerator-die: {{{A_DIE}, yield: 120%}}}}}}", "no yield"),
        (f"{{embodied: {{accelerator-die: {{{A_DIE}, abatement: 90%}}}}}}", "`95%` to `99%`"),
        (f"{{embodied: {{accelerator-kg: 150, accelerator-die: {{{A_DIE}}}}}}}", "both say what making one emits"),
        (f"{{embodied: {{machine-kg: 150, machine-die: {{{A_DIE}}}}}}}", "both say what making it emits"),
        ("{water: 0.3}", "no water per energy"),
        ("{water: 0.3 L/MWh}", "no water per energy"),
        ("{water: -1 L/kWh}", "below 0"),
        ("{electricity-price: 0.21}", "no price"),
        ("{electricity-price: 0.21 euro/kWh}", "such as `0.21 EUR/kWh`"),
        ("{electricity-price: 0.21 EUR/h}", "no price"),
        ("{machine-price: -1 USD/h}", "no price"),
        ("{electricity-price: 0.2 EUR/kWh, machine-price: 3 EUR/h}", "contains its electricity"),
        ("{functional-unit: 5 samples}", "no unit of work"),
        ("{equivalents: car}", "Did you mean `car-km-"),
        ("{equivalents: trees}", "Did you mean `tree-10-years`?"),
    ],
)
def test_a_wrong_value_gets_one_clear_message_with_its_line(section: str, says: str) -> None:
    (told,) = problems_of(section)

    assert says in told
    assert "emissions.yml, line 1" in told


def test_all_wrong_values_are_told_at_once_each_with_its_line() -> None:
    told = problems_of("\n  market: 30\n  water: much\n  equivalents: moon")

    assert [line in problem for line, problem in zip(("line 2", "line 3", "line 4"), told, strict=True)] == [True] * 3


@pytest.mark.parametrize("key", EQUIVALENTS)
def test_every_equivalent_that_can_be_chosen_is_in_the_tables(key: str) -> None:
    assert equivalent(key).gco2e > 0
