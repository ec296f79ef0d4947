"""Figures beside the headline: market-based, embodied, SCI, water, cost. Each stands by itself, none is ever added.

What was declared for them, and what the tables say of the job's hardware and place, come from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from reporter.domain.carbon import Besides, Cost, Emissions, Energy, Equivalent, Intensity, PerUnit, Sci
from reporter.domain.units import J_PER_KWH

if TYPE_CHECKING:
    from reporter.domain.die import Die

S_PER_HOUR = 3600.0
HOURS_PER_YEAR = 8760.0
LIFETIME_S = 4 * HOURS_PER_YEAR * S_PER_HOUR
"""Over which the making of hardware is spread: 4 years (SCI's own example; 6 at 85 % use in the study of BLOOM)."""
SPREAD_RATIO = 3.0
"""Published values for one accelerator differ so much: 164 or 575 kg for an H100."""
G_PER_KG = 1000.0
RUN = "run"
"""The functional unit that needs no count: the job itself."""
FIGURES = ("market_based_gco2e", "marginal_gco2e", "embodied_gco2e", "sci", "water_l", "cost", "equivalent")
"""In the order in which they are told."""

T = TypeVar("T")
Told = tuple[T | None, str] | None
"""A figure with its source, or None with the reason; None altogether: not asked for."""
_MARGINAL = "marginal_gco2e"
_NO_ENERGY = "the energy is not known"
_NO_TIME = "the duration is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Contracts for electricity: `matched_ratio` of it at the contract's factor, the rest at the residual mix's.

    GHG Protocol, Scope 2 guidance. Offsets are no contract for electricity, so they never count.
    """

    matched_ratio: float
    contract_gco2e_per_kwh: float
    residual_gco2e_per_kwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a `per` costs: a kWh of the facility's electricity, or an h of the machine."""

    amount: float
    currency: str
    per: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """What was declared for the figures beside the headline. None is not declared: the tables' value, or no figure."""

    market: Market | None = None
    embodied: bool | None = None
    """None: where the tables have the accelerators. False: never."""
    lifetime_s: float = LIFETIME_S
    """Time in use, from first to last."""
    accelerator_gco2e: float | None = None
    """Of making one accelerator."""
    accelerator_die: Die | None = None
    """Of one accelerator, where its die alone is to count."""
    machine_gco2e: float | None = None
    """Of making the machine without its accelerators."""
    machine_die: Die | None = None
    """Of the machine's processors, where their dies alone are to count."""
    share_ratio: float | None = None
    """The part of the machine that the job has; None: of its processors."""
    water: bool | None = None
    """None: where a value is published for the region. False: never."""
    wue_l_per_kwh: float | None = None
    price: Price | None = None
    unit: str | None = None
    """SCI's functional unit; None: the first that the job counted."""
    equivalent: str | None = None
    """A key of the table of equivalents."""
    origin: str | None = None
    """Where it was declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What making things emitted that the job used: `count` of them, `gco2e` each, and the job's part of each."""

    label: str
    count: int
    gco2e: float
    low_gco2e: float
    high_gco2e: float
    source: str
    share_ratio: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the tables say of the job's hardware and place."""

    making: tuple[Making, ...] = ()
    unknown: tuple[str, ...] = ()
    """Accelerators and nodes of dies that the tables lack."""
    given_by: str = "accelerator-kg"
    """The key of `accounting.embodied` that stands in for what is unknown."""
    wue_l_per_kwh: float | None = None
    wue_source: str | None = None
    equivalent_gco2e: float | None = None
    equivalent_label: str | None = None
    equivalent_source: str | None = None


def market_based_gco2e(facility_j: float, market: Market) -> float:
    """Matched electricity at the contract's factor, the rest at the residual mix's."""
    mean = market.matched_ratio * market.contract_gco2e_per_kwh
    mean += (1 - market.matched_ratio) * market.residual_gco2e_per_kwh
    return facility_j / J_PER_KWH * mean


def embodied_gco2e(total_gco2e: float, *, reserved_s: float, lifetime_s: float, share_ratio: float = 1.0) -> float:
    """SCI's M = TE × (TiR ÷ EL) × (RR ÷ ToR): the time share and the resource share of what making it emitted.

    ISO/IEC 21031:2024. PUE has no part in it.
    """
    return total_gco2e * (reserved_s / lifetime_s) * share_ratio


def sci(operational_gco2e: float, embodied: float, count: float) -> float:
    """(E × I + M) ÷ R, gCO2e per functional unit (ISO/IEC 21031:2024); E × I is the headline. `count` is above 0."""
    return (operational_gco2e + embodied) / count


def water_l(it_j: float, wue_l_per_kwh: float) -> float:
    """Litres used on site: WUE is per IT energy (ISO/IEC 30134-9), so PUE has no part in it."""
    return it_j / J_PER_KWH * wue_l_per_kwh


def besides_of(  # noqa: PLR0913  (all by name: what a footprint has)
    accounting: Accounting,
    found: Found,
    *,
    energy: Energy,
    emissions: Emissions,
    duration_s: float | None,
    per_unit: Sequence[PerUnit],
) -> Besides:
    """Every figure that can be had, with its source; the marginal one comes from a provider, not from here."""
    market = _market_based(accounting, energy)
    made = _embodied(accounting, found, duration_s)
    value, low, high = _value(made) or (None, None, None)
    rate = _sci(accounting, emissions.gco2e, value, per_unit)
    water = _water(accounting, found, energy)
    cost = _cost(accounting, energy, duration_s)
    equivalent = _equivalent(found, emissions.gco2e)
    told = dict(zip(FIGURES, (market, None, made, rate, water, cost, equivalent), strict=True))
    return Besides(
        market_based_gco2e=_value(market),
        embodied_gco2e=value,
        embodied_low_gco2e=low,
        embodied_high_gco2e=high,
        sci=_value(rate),
        water_l=_value(water),
        cost=_value(cost),
        equivalent=_value(equivalent),
        sources=tuple((name, item[1]) for name, item in told.items() if item and item[0] is not None),
        reasons=tuple((name, item[1]) for name, item in told.items() if item and item[0] is None),
    )


def with_marginal(besides: Besides, facility_j: float | None, marginal: Intensity | None) -> Besides:
    """The figures with the marginal one: facility energy × what one more kWh emits; None where that is not known."""
    told = tuple(pair for pair in besides.sources if pair[0] != _MARGINAL)
    if marginal is None or facility_j is None:
        return replace(besides, marginal_gco2e=None, sources=told)
    words = f"{marginal.gco2e_per_kwh:.4g} g/kWh, weighted by energy ({marginal.source}, {marginal.resolved})"
    gco2e = facility_j / J_PER_KWH * marginal.gco2e_per_kwh
    return replace(besides, marginal_gco2e=gco2e, sources=(*told, (_MARGINAL, words)))


def _value(told: Told[T]) -> T | None:
    return told[0] if told else None


def _market_based(accounting: Accounting, energy: Energy) -> Told[float]:
    market = accounting.market
    if market is None:
        return None
    if energy.facility_j is None:
        return None, _NO_ENERGY
    matched, rest = market.matched_ratio, 1 - market.matched_ratio
    parts = (
        (matched, f"{market.contract_gco2e_per_kwh:g} g/kWh by contract"),
        (rest, f"{market.residual_gco2e_per_kwh:g} g/kWh of the residual mix"),
    )
    words = " + ".join(text if ratio == 1 else f"{_percent(ratio)} at {text}" for ratio, text in parts if ratio)
    return market_based_gco2e(energy.facility_j, market), f"{words} {_given(accounting)}"


def _embodied(accounting: Accounting, found: Found, duration_s: float | None) -> Told[tuple[float, float, float]]:
    """Value, low and high; bounds add, for one method errs in one direction for all parts."""
    if accounting.embodied is False:
        return None
    if found.unknown:
        lacking = " and ".join(f"`{name}`" for name in found.unknown)
        return None, f"the tables lack {lacking}; `{found.given_by}` gives it"
    if not found.making:
        nothing = "no accelerator is known here; `machine-kg` gives the rest of the machine"
        return (None, nothing) if accounting.embodied else None
    if duration_s is None:
        return None, _NO_TIME
    lifetime_s = accounting.lifetime_s
    bounds = zip(*((made.gco2e, made.low_gco2e, made.high_gco2e) for made in found.making), strict=True)
    value, low, high = (
        sum(
            embodied_gco2e(
                made.count * each, reserved_s=duration_s, lifetime_s=lifetime_s, share_ratio=made.share_ratio
            )
            for made, each in zip(found.making, bound, strict=True)
        )
        for bound in bounds
    )
    parts = " + ".join(map(_made, found.making))
    time = f"{duration_s / S_PER_HOUR:.4g} h of {lifetime_s / S_PER_HOUR:,.0f} h in use"
    hosted = accounting.machine_gco2e is not None or accounting.machine_die is not None
    host = "" if hosted else "; accelerators alone"
    return (value, low, high), f"{parts}, for {time}{host}"


def _made(made: Making) -> str:
    share = "" if made.share_ratio == 1 else f"{_percent(made.share_ratio)} of "
    many = "" if made.count == 1 else f"{made.count} × "
    return f"{many}{share}{made.label} at {made.gco2e / G_PER_KG:,.7g} kg ({made.source})"


def _sci(accounting: Accounting, gco2e: float | None, embodied: float | None, per_unit: Sequence[PerUnit]) -> Told[Sci]:
    """A reason is told only where a functional unit was asked for."""
    counts = {row.unit: row.count for row in per_unit}
    unit = accounting.unit or next(iter(counts), None)
    if unit is None:
        return None
    count = counts.get(unit, 1.0 if unit == RUN else 0.0)
    if gco2e is not None and embodied is not None and count > 0:
        words = f"({gco2e:.4g} g of operation + {embodied:.4g} g of making) ÷ {count:,.10g}, ISO/IEC 21031"
        return Sci(gco2e_per_unit=sci(gco2e, embodied, count), unit=unit), words
    if accounting.unit is None:
        return None
    if count <= 0:
        return None, f"no `{unit}` was counted"
    return None, _NO_ENERGY if gco2e is None else "the embodied emissions (M) are not known, or switched off"


def _water(accounting: Accounting, found: Found, energy: Energy) -> Told[float]:
    if accounting.water is False:
        return None
    given = accounting.wue_l_per_kwh
    wue = found.wue_l_per_kwh if given is None else given
    if wue is None:
        nothing = "no value is published for this place; `water: 0.3 L/kWh` gives one"
        return (None, nothing) if accounting.water else None
    if energy.it_j is None:
        return None, _NO_ENERGY
    source = f"({found.wue_source})" if given is None else _given(accounting)
    return water_l(energy.it_j, wue), f"{wue:g} L/kWh of the machine's energy, before PUE {source}"


def _cost(accounting: Accounting, energy: Energy, duration_s: float | None) -> Told[Cost]:
    price = accounting.price
    if price is None:
        return None
    electric = price.per == "kWh"
    quantity, scale = (energy.facility_j, J_PER_KWH) if electric else (duration_s, S_PER_HOUR)
    if quantity is None:
        return None, _NO_ENERGY if electric else _NO_TIME
    cost = Cost(amount=quantity / scale * price.amount, currency=price.currency)
    what = "kWh of electricity, PUE included," if electric else "h of the machine"
    rate = f"{price.amount:g} {price.currency}/{price.per}"
    return cost, f"{quantity / scale:.4g} {what} at {rate} {_given(accounting)}"


def _equivalent(found: Found, gco2e: float | None) -> Told[Equivalent]:
    each, label = found.equivalent_gco2e, found.equivalent_label
    if not each or label is None:
        return None
    if gco2e is None:
        return None, _NO_ENERGY
    return Equivalent(amount=gco2e / each, label=label), f"{each:g} g each ({found.equivalent_source})"


def _given(accounting: Accounting) -> str:
    return f"({accounting.origin or 'as given'})"


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.4g} %"
