"""The section `accounting` of the config file: what is declared for the figures beside the headline."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from reporter.config import die as dies
from reporter.config.layer import Setting
from reporter.domain.besides import G_PER_KG, HOURS_PER_YEAR, LIFETIME_S, S_PER_HOUR, Accounting, Market, Price
from reporter.domain.units import UnitError, parse_intensity, parse_number, parse_share, split_quantity
from reporter.errors import Problem, did_you_mean

KEYS = {
    "accounting": (
        "market", "embodied", "water", "electricity-price", "machine-price", "functional-unit", "equivalents"
    ),
    "accounting.market": ("contract", "matched", "residual"),
    "accounting.embodied": (
        "lifetime-years", "in-use", "accelerator-kg", "accelerator-die", "machine-kg", "machine-die", "share"
    ),
    "accounting.embodied.accelerator-die": dies.KEYS,
    "accounting.embodied.machine-die": dies.KEYS,
}  # fmt: skip
"""The keys of the section, and of the mappings in it; `market` and `embodied` may be a single value as well."""
EQUIVALENTS = ("car-km-eu", "car-km-us", "car-mile-us", "phone-charge", "petrol-gallon-us", "tree-10-years")
SWITCH = {"true": True, "false": False, "off": False}
MOST_MONEY = 1e9
MOST_KG = 1e6
MOST_L_PER_KWH = 100.0
MOST_YEARS = 100.0


def accounting_of(entry: Mapping[str, Setting], *, origin: str) -> tuple[Accounting, tuple[Problem, ...]]:
    """The section by the dotted names of its keys (`market`, `market.contract`); its keys are checked by the caller."""
    problems = []
    values: dict[str, Any] = {}
    for key, setting in entry.items():
        try:
            values[key] = _PARSERS[key](setting.text)
        except UnitError as error:
            problems.append(Problem(f"`{key}`: {error.message}", origin=setting.origin, suggestion=error.suggestion))
    if problems:
        return Accounting(), tuple(problems)
    whole: dict[str, Any] = {}
    for name, build in _WHOLES.items():
        try:
            whole[name] = build(values)
        except UnitError as error:
            at = next(setting.origin for key, setting in entry.items() if key.startswith(name))
            problems.append(Problem(error.message, origin=at, suggestion=error.suggestion))
    for first, second, why in _RIVALS:
        rival = next((key for key in entry if key.startswith(second)), None)
        if first in entry and rival is not None:
            message = f"Both `{first}` and `{second}` are set"
            problems.append(Problem(message, origin=entry[rival].origin, suggestion=f"Keep one of them: {why}."))
    if problems:
        return Accounting(), tuple(problems)
    years, used = values.get("embodied.lifetime-years"), values.get("embodied.in-use", 1.0)
    accounting = Accounting(
        market=whole["market"],
        embodied=True if any(key.startswith("embodied.") for key in entry) else values.get("embodied"),
        lifetime_s=(LIFETIME_S if years is None else years * HOURS_PER_YEAR * S_PER_HOUR) * used,
        accelerator_gco2e=values.get("embodied.accelerator-kg"),
        accelerator_die=whole["embodied.accelerator-die"],
        machine_gco2e=values.get("embodied.machine-kg"),
        machine_die=whole["embodied.machine-die"],
        share_ratio=values.get("embodied.share"),
        water=_water(values.get("water")),
        wue_l_per_kwh=values["water"] if type(values.get("water")) is float else None,
        price=values.get("electricity-price") or values.get("machine-price"),
        unit=values.get("functional-unit"),
        equivalent=values.get("equivalents"),
        origin=origin,
    )
    return accounting, ()


def _market(values: Mapping[str, Any]) -> Market | None:
    """All of the electricity by contract, or a matched part with the residual mix for the rest. Raises UnitError."""
    contract, residual = values.get("market", values.get("market.contract")), values.get("market.residual")
    matched = values.get("market.matched", 1.0 if contract is not None else 0.0)
    if contract is None and residual is None:
        if "market.matched" in values:
            raise UnitError("`market` has no factor", "Write for example `market: 30 g/kWh`.")
        return None
    if matched < 1 and residual is None:
        message = f"`market` says nothing of the {100 * (1 - matched):g}% that no contract matches"
        raise UnitError(message, "Write the factor of the residual mix, such as `residual: 500 g/kWh`.")
    if matched > 0 and contract is None:
        raise UnitError("`market` matches electricity without a contract", "Write for example `contract: 0 g/kWh`.")
    return Market(
        matched_ratio=matched,
        contract_gco2e_per_kwh=0.0 if contract is None else contract,
        residual_gco2e_per_kwh=0.0 if residual is None else residual,
    )


def _water(value: object) -> bool | None:
    return None if value is None else value is not False


def _wue(text: str) -> object:
    if text in SWITCH:
        return SWITCH[text]
    value, unit = split_quantity(text)
    if unit.replace(" ", "").lower() != "l/kwh":
        raise UnitError(f"`{text}` is no water per energy", "Write `0.3 L/kWh`, or `false` for no such line.")
    return parse_number(str(value), "Water", least=0.0, most=MOST_L_PER_KWH)


def _switch(text: str) -> bool:
    if text not in SWITCH:
        raise UnitError(f"`{text}` is neither true nor false", "Write `embodied: {machine-kg: 1200}`, or `false`.")
    return SWITCH[text]


def _price(per: str) -> Callable[[str], Price]:
    def parse(text: str) -> Price:
        value, unit = split_quantity(text)
        matched = re.fullmatch(rf"([A-Z]{{3}}) ?/ ?{per}", unit)
        if matched is None or not 0 <= value <= MOST_MONEY:
            advice = f"Write an amount, a currency of three capitals and `/{per}`, such as `0.21 EUR/{per}`."
            raise UnitError(f"`{text}` is no price", advice)
        return Price(amount=value, currency=matched[1], per=per)

    return parse


def _ratio(text: str) -> float:
    """A part as `25%`, `0.25` or `4/64`; above 0, at most all."""
    part, slash, whole = (piece.strip() for piece in text.partition("/"))
    if slash:
        least = 1e-6
        ratio = parse_number(part, "Share", least=0) / parse_number(whole, "Share", least=least)
    else:
        ratio = parse_share(text) if "%" in text else parse_number(text, "Share", least=0)
    if not 0 < ratio <= 1:
        raise UnitError(f"`{text}` is no share", "Write for example `25%` or `4/64`.")
    return ratio


def _matched(text: str) -> float:
    ratio = parse_share(text)
    if not 0 <= ratio <= 1:
        raise UnitError(f"`{text}` is no share of the electricity", "Write 0% to 100%.")
    return ratio


def _kg(text: str) -> float:
    return parse_number(text, "Kilograms", least=0.0, most=MOST_KG) * G_PER_KG


def _years(text: str) -> float:
    return parse_number(text, "Lifetime", least=0.1, most=MOST_YEARS)


def _unit(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][\w-]*", text):
        raise UnitError(f"`{text}` is no unit of work", "Write its name in the metrics file, such as `sample`.")
    return text


def _equivalent(text: str) -> str | None:
    if text in ("off", "false"):
        return None
    if text not in EQUIVALENTS:
        every = ", ".join(f"`{word}`" for word in EQUIVALENTS)
        advice = did_you_mean(text.lower(), EQUIVALENTS, otherwise=f"Write one of {every}.", cutoff=0.4)
        raise UnitError(f"`{text}` is not in the table", advice)
    return text


_PARSERS: dict[str, Callable[[str], object]] = {
    "market": parse_intensity,
    "market.contract": parse_intensity,
    "market.matched": _matched,
    "market.residual": parse_intensity,
    "embodied": _switch,
    "embodied.lifetime-years": _years,
    "embodied.in-use": _ratio,
    "embodied.accelerator-kg": _kg,
    "embodied.machine-kg": _kg,
    "embodied.share": _ratio,
    **{
        f"embodied.{name}-die{key}": parse for name in ("accelerator", "machine") for key, parse in dies.PARSERS.items()
    },
    "water": _wue,
    "electricity-price": _price("kWh"),
    "machine-price": _price("h"),
    "functional-unit": _unit,
    "equivalents": _equivalent,
}
_WHOLES: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "market": _market,
    **{name: partial(dies.die_of, name=name) for name in ("embodied.accelerator-die", "embodied.machine-die")},
}
"""What several keys make together; each raises UnitError."""
_RIVALS = (
    ("electricity-price", "machine-price", "the machine's price contains its electricity"),
    ("embodied.accelerator-kg", "embodied.accelerator-die", "both say what making one emits"),
    ("embodied.machine-kg", "embodied.machine-die", "both say what making it emits"),
)
