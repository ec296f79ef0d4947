"""An entry of the file's `budgets`: a rule with its levels and scopes, every problem of it at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reporter.config.layer import Setting
from reporter.config.rule import increase_of, limit_of, measured_of, quality_of
from reporter.domain.budget import EVERY, LAST, PER_CENT, SUMS, TOTAL, Budget, Kind, Metric
from reporter.domain.units import UnitError, parse_amount, parse_share, scale_of, split_quantity
from reporter.errors import Problem, did_you_mean

LIMITS: dict[str, Callable[[str], Budget]] = {
    "max": limit_of,
    "max-increase": increase_of,
    "min-quality": quality_of,
    "min-measured-ratio": measured_of,
}
"""The keys that say what is limited, of which each entry has one."""
PATTERNS = ("jobs", "branches", "runners")
"""The keys that take one pattern, or a list of them."""
CHOICES = {
    "metric": (Metric.EMISSIONS.value, Metric.ENERGY.value),
    "scope": ("job", TOTAL),
    "per": SUMS,
    "level": ("fail", "warn"),
    "attempts": (EVERY, LAST),
}
RULE_KEYS = (*LIMITS, "unit", "warn-at", "min-runs", *CHOICES, *PATTERNS)
_ONLY_FOR = {
    "unit": ((Kind.LIMIT, Kind.SUM), "`max`"),
    "per": ((Kind.LIMIT, Kind.SUM), "`max`"),
    "attempts": ((Kind.SUM,), "sums: `per: month`, `per: pull-request`"),
    "min-runs": ((Kind.INCREASE,), "`max-increase`"),
    "warn-at": (
        (Kind.LIMIT, Kind.SUM, Kind.INCREASE),
        "`max` and `max-increase`; else write a second rule, `level: warn`",
    ),
    "metric": ((Kind.LIMIT, Kind.SUM, Kind.INCREASE), "`max` and `max-increase`"),
}
"""Which kinds of rules a key is for, and how that reads."""
_NAME = re.compile(r"[A-Za-z][\w-]*")


def budget_of_entry(entry: Mapping[str, Setting], *, origin: str) -> tuple[Budget | None, tuple[Problem, ...]]:
    """One rule, or all that is wrong with it; that the keys are known is checked by the caller."""
    reader = _Reader({key: setting for key, setting in entry.items() if setting.text}, origin)
    budget = reader.budget()
    return (None if reader.problems else budget), tuple(reader.problems)


class _Reader:
    def __init__(self, entry: Mapping[str, Setting], origin: str) -> None:
        self._entry = entry
        self._origin = origin
        self.problems: list[Problem] = []

    def budget(self) -> Budget | None:
        found: dict[str, Any] = {
            key: self._choice(key, allowed) for key, allowed in CHOICES.items() if key in self._entry
        }
        found |= {key: self._entry[key].text.split("\n") for key in PATTERNS if key in self._entry}
        found["min_runs"] = self._min_runs()
        budget = self._limit()
        if budget is None:
            self._warn_at(None)
            return None
        budget = self._of_whom(budget)
        self._check_use(budget)
        ratio = self._warn_at(budget)
        metric = found.pop("metric", None)
        if metric is not None and metric != budget.metric.value and budget.kind in _ONLY_FOR["metric"][0]:
            self._mismatch(budget)
        if budget.kind is Kind.SUM and found.pop("scope", TOTAL) == "job":
            self._say("scope", "`scope: job` and a sum over all runs", "Leave `scope` out, or name the `jobs`.")
        known: dict[str, Any] = {
            key: tuple(value) if key in PATTERNS else value for key, value in found.items() if value is not None
        }
        return replace(budget, **{**known, "warn_at_ratio": ratio, "origin": self._origin_of(budget)})

    def _limit(self) -> Budget | None:
        named = [key for key in LIMITS if key in self._entry]
        if not named:
            advice = "Write for example `max: 50 g`, `max-increase: 10%` or `min-quality: B`."
            self.problems.append(Problem("A budget has no `max`", origin=self._origin, suggestion=advice))
            return None
        if len(named) > 1:
            both = " and ".join(f"`{key}`" for key in named)
            self._say(named[1], f"{both} in one budget", "Write each as an entry of its own.")
        parsed = [budget for key in named if (budget := self._parsed(key)) is not None]
        return parsed[0] if len(named) == len(parsed) == 1 else None

    def _parsed(self, key: str) -> Budget | None:
        text = self._entry[key].text
        try:
            return LIMITS[key](" ".join(text.split()))
        except UnitError as error:
            advice = error.suggestion
            if key == "max" and text.endswith(PER_CENT):
                advice = f"Write `max-increase: {text.lstrip('+')}`."
            self._say(key, f"Budget {error.message}", advice)
            return None

    def _of_whom(self, budget: Budget) -> Budget:
        """The rule with its `unit` or its `per`, unless `max` says them."""
        unit, per = self._entry.get("unit"), self._entry.get("per")
        for key, setting in (("unit", unit), ("per", per)):
            if setting is not None and "/" in budget.rule:
                self._say(key, f"`{budget.rule}` and `{key}: {setting.text}` in one budget", "Say it once.")
                return budget
        if budget.kind is not Kind.LIMIT:
            return budget
        if unit is not None and per is not None:
            self._say("unit", "`unit` and `per` in one budget", "Write each as an entry of its own.")
        elif unit is not None:
            if unit.text in SUMS:
                self._say("unit", f"`{unit.text}` is no unit of work", f"Write `per: {unit.text}`.")
            elif not _NAME.fullmatch(unit.text):
                self._say("unit", f"`{unit.text}` is no unit of work", "Write its name in the metrics file: `sample`.")
            return replace(budget, rule=f"{budget.rule}/{unit.text}", per_unit=unit.text)
        elif per is not None:
            return replace(budget, rule=f"{budget.rule}/{per.text}", per=per.text, scope=TOTAL)
        return budget

    def _check_use(self, budget: Budget) -> None:
        for key, (kinds, what) in _ONLY_FOR.items():
            if key in self._entry and budget.kind not in kinds:
                self._say(key, f"`{key}` does not go with `{budget.rule}`", f"It is for {what}.")

    def _mismatch(self, budget: Budget) -> None:
        if budget.kind is Kind.INCREASE:
            advice = "Write `metric: energy`: at equal factors emissions grow as energy does."
            self._say("metric", "An increase is judged on energy", advice)
            return
        limit = self._entry["max"].text
        advice = f"Write `metric: {budget.metric.value}`, or another unit."
        self._say("metric", f"`max: {limit}` limits {budget.metric.value}", advice)

    def _warn_at(self, budget: Budget | None) -> float | None:
        """As a share of the limit, whether a share is written or an amount."""
        if "warn-at" not in self._entry:
            return None
        text = self._entry["warn-at"].text
        try:
            ratio = _share_of_limit(text, budget)
        except UnitError as error:
            self._say("warn-at", f"`warn-at`: {error.message}", error.suggestion)
            return None
        if ratio is not None and not 0 < ratio <= 1:
            self._say("warn-at", f"`warn-at`: `{text}` is not a share of the limit", "Write for example `80%`.")
        return ratio

    def _min_runs(self) -> int | None:
        if "min-runs" not in self._entry:
            return None
        text = self._entry["min-runs"].text
        if not text.isdecimal() or not text.isascii() or not 1 <= int(text[:9]) <= 1000:  # noqa: PLR2004
            self._say("min-runs", f"`min-runs` cannot be `{text}`", "Write a whole number from 1 to 1000.")
            return None
        return int(text)

    def _choice(self, key: str, allowed: tuple[str, ...]) -> str | None:
        text = self._entry[key].text
        if text in allowed:
            return text
        every = ", ".join(f"`{word}`" for word in allowed)
        advice = did_you_mean(text, allowed, otherwise=f"Write one of {every}.")
        self._say(key, f"{key.capitalize()} `{text}` is not known", advice)
        return None

    def _origin_of(self, budget: Budget) -> str:
        key = next((key for key in LIMITS if key in self._entry), None)
        return self._entry[key].origin if key else budget.origin or self._origin

    def _say(self, key: str, message: str, advice: str) -> None:
        self.problems.append(Problem(message, origin=self._entry[key].origin, suggestion=advice))


def _share_of_limit(text: str, budget: Budget | None) -> float | None:
    """`80%` is a share; `40 g` and `+5%` are what the limit is held against. None where the limit is not known."""
    is_amount = text.startswith("+") or not text.endswith(PER_CENT)
    if not is_amount:
        return parse_share(text)
    if not split_quantity(text)[1]:
        raise UnitError(f"`{text}` is not a percentage", f"Write `{100 * split_quantity(text)[0]:g}%`, or an amount.")
    if budget is None:
        return None
    if budget.kind is Kind.INCREASE:
        return increase_of(text).limit / budget.limit if budget.limit else None
    metric, amount, unit, work = parse_amount(text)
    if metric != budget.metric.value or work is not None:
        raise UnitError(f"`{text}` is not an amount of {budget.metric.value}", "Write for example `80%`.")
    return amount * scale_of(unit) / (budget.limit * scale_of(budget.unit)) if budget.limit else None
