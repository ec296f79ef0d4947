"""The grammar of budgets, for flags and files alike: "50 g", "130 J/sample", "+10%", "20 kg/month", "quality B"."""

from __future__ import annotations

from dataclasses import replace

from reporter.config.layer import Setting
from reporter.domain.budget import (
    GRADE,
    GRADES,
    PER_CENT,
    PULL_REQUEST,
    SUMS,
    TOTAL,
    Budget,
    Metric,
)
from reporter.domain.units import UnitError, parse_amount, parse_share, split_quantity
from reporter.errors import Problem

EXAMPLES = "Write for example `50 g`, `0.2 kWh`, `130 J/sample`, `+10%`, `20 kg/month`, `quality B` or `measured 90%`."
_QUALITY, _MEASURED = Metric.QUALITY.value, Metric.MEASURED.value


def budget_of(text: str, origin: str) -> Budget | Problem:
    """One budget as a flag or an input writes it."""
    text = " ".join(text.split())
    try:
        return replace(_parsed(text), rule=text, origin=origin)
    except UnitError as error:
        return Problem(f"Budget {error.message}", origin=origin, suggestion=error.suggestion)


def budgets_of(setting: Setting) -> tuple[tuple[Budget, ...], tuple[Problem, ...]]:
    """The budgets of one setting, one a line."""
    parsed = [budget_of(line, origin=setting.origin) for line in setting.text.splitlines() if line.strip()]
    return (
        tuple(item for item in parsed if isinstance(item, Budget)),
        tuple(item for item in parsed if isinstance(item, Problem)),
    )


def limit_of(text: str) -> Budget:
    """`50 g`, `130 J/sample`, `20 kg/month`; `0 g` is what every job exceeds. Raises UnitError."""
    metric, limit, unit, work = parse_amount(text)
    per = work if work in SUMS else None
    return Budget(
        rule=text,
        metric=Metric(metric),
        unit=unit,
        limit=limit,
        per=per,
        scope=TOTAL if per else "job",
        per_unit=None if per else work,
    )


def increase_of(text: str) -> Budget:
    """`+10%` or `10%` over the baseline. Raises UnitError."""
    share_ratio = parse_share(text)
    if share_ratio < 0:
        raise UnitError(f"`{text}` is negative", "Write `+0%` for no increase at all.")
    limit = split_quantity(text)[0]
    return Budget(rule=f"+{limit:g}%", metric=Metric.ENERGY, unit=PER_CENT, limit=limit)


def quality_of(text: str) -> Budget:
    """The worst letter that passes. Raises UnitError."""
    letter = text.upper()
    if letter not in GRADES:
        raise UnitError(f"`{text}` is no quality", f"Write one of {', '.join(GRADES)}, such as `quality B`.")
    return Budget(rule=f"{_QUALITY} {letter}", metric=Metric.QUALITY, unit=GRADE, limit=GRADES.index(letter) + 1.0)


def measured_of(text: str) -> Budget:
    """The least part that must be metered: `90%` or `0.9`. Raises UnitError."""
    value, unit = split_quantity(text)
    if unit not in ("", PER_CENT):
        raise UnitError(f"`{text}` is no part of the energy", "Write for example `90%`.")
    percent = value if unit else 100 * value
    if not 0 < percent <= 100:  # noqa: PLR2004
        advice = f"Write `{value:g}%`." if 1 < value <= 100 else "Write for example `90%`."  # noqa: PLR2004
        raise UnitError(f"`{text}` is not between 0 % and 100 %", advice)
    return Budget(rule=f"{_MEASURED} {percent:g}%", metric=Metric.MEASURED, unit=PER_CENT, limit=percent)


def _parsed(text: str) -> Budget:
    word, _, rest = text.partition(" ")
    if word == _QUALITY:
        return quality_of(rest)
    if word == _MEASURED:
        return measured_of(rest)
    if text.endswith(PER_CENT):
        if text.startswith(("+", "-")):
            return increase_of(text)
        value = split_quantity(text)[0]
        advice = f"Write `+{value:g}%` for an increase over the baseline, or `measured {value:g}%`."
        raise UnitError(f"`{text}` does not say of what", advice)
    if word[:1].isalpha():
        raise UnitError(f"`{text}` is not a number with a unit", EXAMPLES)
    if text.endswith(("/pr", "/PR")):
        raise UnitError(f"`{text}` names no period and no unit", f"Write `{text[:-2]}{PULL_REQUEST}`.")
    return limit_of(text)
