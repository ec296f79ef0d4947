"""A rule's finding in words: its numbers in a unit that reads well, beside the limit that they are held against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reporter.domain.budget import GRADES, Finding, Kind, Metric, Outcome, within_noise
from reporter.domain.footprint import Footprint
from reporter.report.format import (
    FEWEST_DIGITS,
    MINUS,
    MISSING,
    NARROW,
    Scale,
    amount,
    at_most,
    column,
    emission_scale,
    energy_scale,
    exact,
    in_column,
    interval,
    number,
    percent,
    supported_digits,
    unit_scale,
)
from reporter.report.prose import name

AMOUNTS = (Kind.LIMIT, Kind.SUM)
"""Rules on so many joules or grams."""
_MANY_TIMES = 10


class Judged(NamedTuple):
    """A finding with the job it is about; None is the sum of all jobs."""

    finding: Finding
    footprint: Footprint | None


def decisive(judged: Sequence[Judged], outcome: Outcome) -> Judged | None:
    """The finding that the verdict rests on: of its outcome, the one that uses most of its limit."""
    candidates = [item for item in judged if item.finding.outcome is outcome]
    return max(candidates, key=lambda item: used_ratio(item.finding) or 0.0, default=None)


def used_ratio(finding: Finding) -> float | None:
    """The share of the limit that was used; None where it was not measured, the limit is 0, or it is no amount."""
    if finding.kind not in AMOUNTS:
        return None
    return finding.observed / finding.limit if finding.observed is not None and finding.limit > 0 else None


def own_ratio(finding: Finding) -> float | None:
    """The same where the limit is the job's own: a sum is spent by many, and says nothing of one."""
    return used_ratio(finding) if finding.kind is Kind.LIMIT else None


def finding_amount(finding: Finding, value: float | None, *, about: bool = False) -> str:
    """A value in the rule's unit where that reads well, else in one that does; never equal to a limit that differs."""
    if value is None:
        return MISSING
    if finding.kind not in AMOUNTS:
        return _letter_or_percent(finding, value)
    unit = finding.unit.partition("/")[0]
    scale = unit_scale(unit)
    digits = FEWEST_DIGITS if about else supported_digits(finding.observed, finding.low, finding.high)
    if value == finding.limit:
        return f"{exact(value)}{NARROW}{unit}"
    return amount(
        value * scale.base, _readable(finding, value), digits, about=about, apart_from=finding.limit * scale.base
    )


def finding_target(finding: Finding, value: float) -> str:
    """A value to come down to, never rounded up."""
    return at_most(value * unit_scale(finding.unit.partition("/")[0]).base, _readable(finding, value))


def headroom_amount(finding: Finding, difference: float) -> str:
    """A distance to the limit, no finer than the observed value itself is shown."""
    base = unit_scale(finding.unit.partition("/")[0]).base
    scale = _readable(finding, max(finding.observed or 0.0, finding.limit))
    return in_column(difference * base, column([max(finding.observed or 0.0, finding.limit) * base], scale))


def finding_range(finding: Finding) -> str:
    """What a repeat would give, in the rule's unit."""
    if finding.low is None or finding.high is None:
        return ""
    if finding.kind not in AMOUNTS:
        return f"{_letter_or_percent(finding, finding.low)} to {_letter_or_percent(finding, finding.high)}"
    base = unit_scale(finding.unit.partition("/")[0]).base
    scale = _readable(finding, finding.high)
    return interval(finding.low * base, finding.high * base, scale, apart_from=finding.limit * base)


def excess(finding: Finding) -> str:
    """How much over the limit: `12 % over`, `45 times`."""
    used = used_ratio(finding)
    if used is None:
        return "Over"
    return f"{number(used, FEWEST_DIGITS)} times" if used >= _MANY_TIMES else f"{percent(used - 1)} over"


def only_warns(finding: Finding) -> bool:
    """Whether it is over its limit, and does not fail for it: by its rule, or because somebody has accepted it."""
    over = (finding.level == "warn" or finding.override is not None) and not _within(finding)
    return over and finding.outcome is Outcome.WARN and not within_noise(finding)


def mildly(finding: Finding) -> str:
    """Why what is over its limit only warns, as the end of a sentence."""
    return ", which only warns" if finding.override is None else ", accepted"


def kept_ratio(finding: Finding) -> float | None:
    """The part of its energy with which the job would pass; None where it passes, or less energy would not do."""
    high = finding.observed if finding.high is None else finding.high
    if not high or finding.observed is None or high <= finding.limit:
        return None
    if finding.kind is Kind.LIMIT:
        return finding.limit / high
    return (100 + finding.limit) / (100 + high) if finding.kind is Kind.INCREASE else None


def per_work(finding: Finding) -> str:
    """` per sample` for a budget on work, else nothing."""
    work = finding.unit.partition("/")[2]
    return f" per {name(work, 30)}" if work else ""


def _within(finding: Finding) -> bool:
    low = finding.observed if finding.low is None else finding.low
    if low is None or finding.kind is Kind.MEASURED:
        return low is None or low >= finding.limit
    return low <= finding.limit


def _letter_or_percent(finding: Finding, value: float) -> str:
    """Of rules that limit no amount: `B`, `92 %`, `+36 %`."""
    if finding.kind is Kind.QUALITY:
        return GRADES[min(max(round(value), 1), len(GRADES)) - 1]
    if finding.kind is Kind.MEASURED:
        return percent(value / 100)
    sign = "+" if value > 0 else MINUS if value < 0 else "+" if value == finding.limit else "±"
    return f"{sign}{percent(abs(value) / 100)}"


def _readable(finding: Finding, value: float) -> Scale:
    scale = unit_scale(finding.unit.partition("/")[0])
    if not value or 0.01 <= abs(value) < 100_000:  # noqa: PLR2004
        return scale
    choose = emission_scale if finding.metric is Metric.EMISSIONS else energy_scale
    return choose([value * scale.base])
