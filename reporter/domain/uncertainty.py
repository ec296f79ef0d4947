"""Intervals combined in closed form, without random numbers.

Small ones add in quadrature (JCGM 100, 5.1), large ones likewise by their logarithms.
A factor is a pair of multipliers around 1: (0.95, 1.05) is ±5 %, about two standard deviations.
A deviation is a pair of joules: how far the true value may lie below and above the estimate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import exp, hypot, isclose, log, prod

from reporter.domain.carbon import Intensity, Pue
from reporter.domain.units import J_PER_KWH

SMALL_RATIO = 0.30
"""Up to here deviations are added in quadrature; beyond, their logarithms are."""
METHOD_RATIO = 0.15
"""Of the choice of a method for a grid's factor (arXiv 2311.01103). All that is left in doubt of an hour's own mean."""
SHORT_RATIO = 0.30
"""Of a year's mean that stands for a part of a day: its bias reaches 35 % (Miller et al. 2022)."""
LONG_RATIO = 0.10
"""Of a year's mean that stands for whole days: mornings and evenings even out, seasons do not."""
LONG_JOB_S = 86_400.0


def factor(uncertainty_ratio: float) -> tuple[float, float]:
    """The multipliers of a symmetric relative uncertainty; a large one divides and multiplies, so never reaches 0."""
    if uncertainty_ratio <= SMALL_RATIO:
        return 1 - uncertainty_ratio, 1 + uncertainty_ratio
    return 1 / (1 + uncertainty_ratio), 1 + uncertainty_ratio


def combine(*factors: tuple[float, float]) -> tuple[float, float]:
    """The multipliers of a product of independent factors, each side by itself.

    Where one of them divides and multiplies by more than 30 %, so does the product: by exp √Σ ln² of them all.
    """
    log_normal = any(high > 1 + SMALL_RATIO and isclose(low * high, 1) for low, high in factors)
    if log_normal:
        factors = tuple((1 / high if isclose(1 - low, high - 1) else low, high) for low, high in factors)
    lows = [min(1.0, low) for low, _ in factors]
    highs = [max(1.0, high) for _, high in factors]
    return _low(lows, log_normal=log_normal), _high(highs, log_normal=log_normal)


def over(intensity: Intensity, duration_s: float | None) -> Intensity:
    """A year's mean as sure as it is for a job of this length, seconds (None is short); any other as it is."""
    if intensity.time_uncertainty_ratio is None:
        return intensity
    time_ratio = LONG_RATIO if duration_s is not None and duration_s >= LONG_JOB_S else SHORT_RATIO
    method_ratio = intensity.method_uncertainty_ratio or 0.0
    return replace(intensity, time_uncertainty_ratio=time_ratio, uncertainty_ratio=hypot(time_ratio, method_ratio))


def emissions_interval(  # noqa: PLR0913  (all by name; three are one interval)
    *, gco2e: float, it_j: float, low_j: float, high_j: float, pue: Pue, intensity: Intensity
) -> tuple[float, float]:
    """The bounds of emissions, gCO2e, from those of the energy (J), the PUE and the intensity.

    An unknown region is not noise: between the least and the greatest intensity of the candidate regions
    anything is possible, so the bounds are those of energy and PUE at either.
    The time and the method of an intensity are independent terms, each by itself small enough for quadrature.
    """
    raised = factor(pue.uncertainty_ratio)
    facility = (max(1.0, pue.ratio * raised[0]) / pue.ratio, raised[1])
    least, greatest = intensity.low_gco2e_per_kwh, intensity.high_gco2e_per_kwh
    grid = _terms(intensity) if least is None or greatest is None else ()
    if it_j <= 0:
        per_j = (greatest or intensity.gco2e_per_kwh) * pue.ratio / J_PER_KWH
        return 0.0, high_j * per_j * prod(high for _, high in (facility, *grid))
    low, high = combine((low_j / it_j, high_j / it_j), facility, *grid)
    if least is None or greatest is None:
        return gco2e * low, gco2e * high
    facility_kwh = it_j * pue.ratio / J_PER_KWH
    return min(gco2e, facility_kwh * least * low), max(gco2e, facility_kwh * greatest * high)


def sum_independent(deviations: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """The deviation of a sum of independent parts: in quadrature, below and above apart."""
    pairs = tuple(deviations)
    # Sorted: a sum of floats must not depend on the order of the meters.
    return hypot(*sorted(below for below, _ in pairs)), hypot(*sorted(above for _, above in pairs))


def _terms(intensity: Intensity) -> tuple[tuple[float, float], ...]:
    """The factors of an intensity's parts; of all of it where its parts are not known."""
    parts = (intensity.time_uncertainty_ratio, intensity.method_uncertainty_ratio)
    known = tuple(ratio for ratio in parts if ratio is not None)
    return tuple(factor(ratio) for ratio in known or (intensity.uncertainty_ratio,))


def _low(lows: list[float], *, log_normal: bool) -> float:
    if not log_normal and min(lows, default=1.0) >= 1 - SMALL_RATIO:
        return max(0.0, 1 - hypot(*(1 - low for low in lows)))
    if min(lows) <= 0:
        return 0.0
    return exp(-hypot(*(log(low) for low in lows)))


def _high(highs: list[float], *, log_normal: bool) -> float:
    if not log_normal and max(highs, default=1.0) <= 1 + SMALL_RATIO:
        return 1 + hypot(*(high - 1 for high in highs))
    return exp(hypot(*(log(high) for high in highs)))
