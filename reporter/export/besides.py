"""The figures beside the headline, and what was declared for them, as JSON and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reporter.domain.besides import FIGURES, LIFETIME_S, Accounting, Market, Price
from reporter.domain.carbon import Besides, Cost, Equivalent, Sci
from reporter.export.document import Document, required
from reporter.export.plain import fields

if TYPE_CHECKING:
    from reporter.domain.die import Die

SHORTEST_LIFETIME_S = 1.0
LEAST_YIELD_RATIO = 1e-3


def encode_besides(besides: Besides) -> dict[str, Any]:
    """The object under `besides`."""
    nested = {name: getattr(besides, name) for name in ("sci", "cost", "equivalent")}
    return {
        **fields(besides),
        **{name: None if value is None else fields(value) for name, value in nested.items()},
        "sources": dict(besides.sources),
        "reasons": dict(besides.reasons),
    }


def encode_accounting(accounting: Accounting) -> dict[str, Any]:
    """What was declared, as the object under `accounting`."""
    market, price = accounting.market, accounting.price
    return {
        **fields(accounting),
        "market": None if market is None else fields(market),
        "price": None if price is None else fields(price),
    }


def decode_besides(row: Document) -> Besides:
    """The figures of a footprint; an older one has none. Raises FootprintError with the path of what is wrong."""
    return Besides(
        market_based_gco2e=row.number("market_based_gco2e"),
        marginal_gco2e=row.number("marginal_gco2e"),
        embodied_gco2e=row.number("embodied_gco2e"),
        embodied_low_gco2e=row.number("embodied_low_gco2e"),
        embodied_high_gco2e=row.number("embodied_high_gco2e"),
        sci=_sci(row.child("sci")) if row.has("sci") else None,
        water_l=row.number("water_l"),
        cost=_cost(row.child("cost")) if row.has("cost") else None,
        equivalent=_equivalent(row.child("equivalent")) if row.has("equivalent") else None,
        sources=_told(row.child("sources")),
        reasons=_told(row.child("reasons")),
    )


def decode_accounting(row: Document) -> Accounting:
    """What was declared. Raises FootprintError with the path of what is wrong."""
    return Accounting(
        market=_market(row.child("market")) if row.has("market") else None,
        embodied=_switch(row, "embodied"),
        lifetime_s=row.number("lifetime_s", least=SHORTEST_LIFETIME_S) or LIFETIME_S,
        accelerator_gco2e=row.number("accelerator_gco2e"),
        accelerator_die=_die(row.child("accelerator_die")) if row.has("accelerator_die") else None,
        machine_gco2e=row.number("machine_gco2e"),
        machine_die=_die(row.child("machine_die")) if row.has("machine_die") else None,
        share_ratio=_ratio(row, "share_ratio"),
        water=_switch(row, "water"),
        wue_l_per_kwh=row.number("wue_l_per_kwh"),
        price=_price(row.child("price")) if row.has("price") else None,
        unit=row.text("unit"),
        equivalent=row.text("equivalent"),
        origin=row.text("origin"),
    )


def _sci(row: Document) -> Sci:
    return Sci(gco2e_per_unit=_number(row, "gco2e_per_unit"), unit=_text(row, "unit"))


def _cost(row: Document) -> Cost:
    return Cost(amount=_number(row, "amount"), currency=_text(row, "currency"))


def _equivalent(row: Document) -> Equivalent:
    return Equivalent(amount=_number(row, "amount"), label=_text(row, "label"))


def _market(row: Document) -> Market:
    return Market(
        matched_ratio=required(row, "matched_ratio", _ratio(row, "matched_ratio")),
        contract_gco2e_per_kwh=_number(row, "contract_gco2e_per_kwh"),
        residual_gco2e_per_kwh=_number(row, "residual_gco2e_per_kwh"),
    )


def _die(row: Document) -> Die:
    from reporter.domain import die  # noqa: PLC0415  (hardly any job declares one)

    abated = row.number("abated_ratio", least=die.LEAST_ABATED_RATIO)
    if abated is not None and abated > die.MOST_ABATED_RATIO:
        raise row.wrong("abated_ratio", f"a share, at most {die.MOST_ABATED_RATIO:g}")
    good = _ratio(row, "yield_ratio")
    if good is not None and good < LEAST_YIELD_RATIO:
        raise row.wrong("yield_ratio", f"a share of at least {LEAST_YIELD_RATIO:g}")
    return die.Die(
        node=_text(row, "node"),
        area_cm2=_number(row, "area_cm2"),
        fab_gco2e_per_kwh=_number(row, "fab_gco2e_per_kwh"),
        yield_ratio=die.YIELD_RATIO if good is None else good,
        abated_ratio=die.LEAST_ABATED_RATIO if abated is None else abated,
    )


def _price(row: Document) -> Price:
    return Price(amount=_number(row, "amount"), currency=_text(row, "currency"), per=row.choice("per", ("kWh", "h")))


def _told(row: Document) -> tuple[tuple[str, str], ...]:
    return tuple((figure, words) for figure in FIGURES if (words := row.text(figure)))


def _switch(row: Document, key: str) -> bool | None:
    return row.flag(key, default=False) if row.has(key) else None


def _ratio(row: Document, key: str) -> float | None:
    value = row.number(key)
    if value is not None and value > 1:
        raise row.wrong(key, "a share, at most 1")
    return value


def _number(row: Document, key: str) -> float:
    return required(row, key, row.number(key))


def _text(row: Document, key: str) -> str:
    return required(row, key, row.text(key))
