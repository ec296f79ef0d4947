"""The numbers that the options of `emissions estimate` give: read in their units, held to what is possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reporter.domain.units import ENERGY_UNITS, UnitError, scale_of, split_quantity
from reporter.errors import Problem

S_PER_HOUR = 3600.0
MOST_EACH_J = 1e12
"""Of one query or epoch."""

_WATTS = {"": 1.0, "W": 1.0, "kW": 1e3, "MW": 1e6}
_HOURS = {"": 1.0, "h": 1.0, "min": 1 / 60, "s": 1 / S_PER_HOUR, "d": 24.0}
_GIGABYTES = {"": 1.0, "GB": 1.0, "MB": 1e-3, "TB": 1e3}
_RATIO = {"": 1.0, "%": 0.01}
_COUNT = {"": 1.0}


class _Kind(NamedTuple):
    """How an option's number is written: its units, its greatest value, whether it may be 0."""

    units: Mapping[str, float]
    most: float
    zero: bool = False


_NUMBERS = {
    "power": _Kind(_WATTS, 1e9),
    "count": _Kind(_COUNT, 1e6),
    "utilisation": _Kind(_RATIO, 1.0, zero=True),
    "tdp": _Kind(_WATTS, 5e4),
    "cores": _Kind(_COUNT, 1e8),
    "cpu-utilisation": _Kind(_RATIO, 1.0, zero=True),
    "cpu-watts": _Kind(_WATTS, 1e8, zero=True),
    "dram-watts": _Kind(_WATTS, 1e8, zero=True),
    "memory-gb": _Kind(_GIGABYTES, 1e9, zero=True),
    "hours": _Kind(_HOURS, 1e9),
    "repeats": _Kind(_COUNT, 1e5),
    "queries": _Kind(_COUNT, 1e15),
    "epochs": _Kind(_COUNT, 1e9),
}
"""The greatest values are beyond any machine's; their products stay what a footprint can hold."""


class Figures:
    """The options' texts as numbers; what is impossible is not among them but among the problems."""

    def __init__(self, options: Mapping[str, str | None]) -> None:
        self.problems: list[Problem] = []
        self.texts = {name: text.strip() for name, text in options.items() if text is not None and text.strip()}
        numbers = {name: self._number(name) for name in _NUMBERS if name in self.texts}
        self.numbers = {name: value for name, value in numbers.items() if value is not None}

    def get(self, option: str, otherwise: float) -> float:
        """The option's number, or what stands for one that was not given."""
        return self.numbers.get(option, otherwise)

    def complain(self, option: str, message: str, advice: str) -> None:
        """One more problem with an option."""
        self.problems.append(Problem(message, origin=f"`--{option}`", suggestion=advice))

    def energies(self, option: str) -> tuple[tuple[float, str], ...]:
        """Energies as written, value and unit, several with commas between them."""
        texts = [text.strip() for text in self.texts.get(option, "").split(",") if text.strip()]
        found = [self._energy(option, text) for text in texts]
        return tuple(pair for pair in found if pair is not None)

    def _energy(self, option: str, text: str) -> tuple[float, str] | None:
        advice = "Write an energy with its unit, such as `0.3 Wh`."
        pieces = option.rpartition("-")[2]
        try:
            value, unit = split_quantity(text)
        except UnitError as error:
            self.complain(option, error.message, advice)
            return None
        unit = unit.removesuffix(f"/{pieces}").strip()
        if unit not in ENERGY_UNITS:
            self.complain(option, f"`{text}` is not an energy with its unit", advice)
        elif not 0 < value * scale_of(unit) <= MOST_EACH_J:
            self.complain(option, f"`{text}` is not between 0 and 1 TJ", advice)
        else:
            return value, unit
        return None

    def _number(self, option: str) -> float | None:
        text, kind = self.texts[option], _NUMBERS[option]
        try:
            value, unit = split_quantity(text)
        except UnitError:
            self.complain(
                option, f"`{text}` is not a finite number", f"Write a number such as `{min(kind.most, 8):g}`."
            )
            return None
        if unit not in kind.units:
            known = ", ".join(f"`{known}`" for known in kind.units if known)
            advice = f"Write the number alone{f', or with {known}' if known else ''}."
            self.complain(option, f"`{text}` has the unknown unit `{unit}`", advice)
            return None
        value *= kind.units[unit]
        wrong = _out_of_range(value, kind)
        if wrong:
            self.complain(option, f"`{text}` is {wrong[0]}", wrong[1])
            return None
        return value


def _out_of_range(value: float, kind: _Kind) -> tuple[str, str] | None:
    """What is wrong with a number, and what to write instead."""
    if kind.most <= 1 < value <= 100:  # noqa: PLR2004
        return "above 1", f"Write `{value / 100:g}`, or `{value:g}%`."
    if value > kind.most:
        return f"above {kind.most:,.0f}", f"Write at most {kind.most:,.0f}."
    if value < 0 or (value == 0 and not kind.zero):
        return ("below 0", "Write at least 0.") if kind.zero else ("not above 0", "Write a number above 0.")
    return None
