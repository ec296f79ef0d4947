"""Base and job side by side, figure by figure, and the trend that led there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reporter.domain.baseline import Baseline
from reporter.domain.comparison import Comparison, comparison
from reporter.domain.footprint import Footprint
from reporter.domain.units import J_PER_KWH
from reporter.report.charts import bars
from reporter.report.format import (
    MISSING,
    Column,
    Scale,
    amount,
    column,
    duration,
    emission_scale,
    energy_scale,
    in_column,
    interval,
    number,
    power,
)
from reporter.report.page import ComparedRow, Trend
from reporter.report.prose import line, name
from reporter.report.versus import signed, signed_energy, signed_percent

MOST_PHASES = 12
FEWEST_IN_A_TREND = 3


def compared_rows(footprint: Footprint) -> tuple[ComparedRow, ...]:
    """Energy first, then what it is made of, then emissions; empty where the job does not compare."""
    found = comparison(footprint)
    return () if found is None else tuple(_rows(footprint, found))


def compared_phases(footprint: Footprint) -> tuple[ComparedRow, ...]:
    """Phases of both, the largest change first."""
    found = comparison(footprint)
    if found is None or not found.phases:
        return ()
    energies = [part.energy_j for row in found.phases for part in (row.before, row.after) if part]
    beside = column(energies, energy_scale(energies))
    return tuple(
        ComparedRow(
            label=name(row.label),
            base=MISSING if row.before is None else _phase(row.before.energy_j, row.before.duration_s, beside),
            head=MISSING if row.after is None else _phase(row.after.energy_j, row.after.duration_s, beside),
            difference=signed_energy(row.it_j, beside),
        )
        for row in found.phases[:MOST_PHASES]
    )


def trend(footprint: Footprint) -> Trend | None:
    """The base's runs and this one after them, with the building's share as it is now."""
    base, it_j = footprint.baseline, footprint.energy.it_j
    if base is None or not it_j or len(base.recent_it_j) < FEWEST_IN_A_TREND:
        return None
    ratio = footprint.pue.ratio
    then = [energy_j * ratio for energy_j in base.recent_it_j]
    now_j = it_j * ratio
    scale = energy_scale([*then, now_j])
    label = name(base.label, 30)
    words = f"the last {len(then)} runs ({label}) took {interval(min(then), max(then), scale)}, this one "
    return Trend(sparkline=bars([*then, now_j], max(*then, now_j)), summary=line(words, f"{amount(now_j, scale)}."))


def _rows(footprint: Footprint, found: Comparison) -> Iterator[ComparedRow]:
    base, energy = found.baseline, footprint.energy
    both = [base.facility_j, energy.facility_j]
    beside = column(both, energy_scale(both))
    yield _energy("Energy", base.facility_j, energy.facility_j, beside)
    yield _energy("At the machine", base.it_j, energy.it_j, beside)
    yield _figure("Duration", base.duration_s, footprint.job.duration_s, duration)
    yield _figure("Mean power", _mean_w(base.it_j, base.duration_s), _mean_w(energy.it_j, footprint.job.duration_s),
                  power)  # fmt: skip
    if energy.idle_j is not None or base.idle_j is not None:
        yield _energy("Idle GPUs", base.idle_j, energy.idle_j, beside)
    done = {row.unit: row.count for row in footprint.per_unit}
    for unit, count in base.units:
        if count and done.get(unit) and base.it_j is not None and energy.it_j is not None:
            each = [base.it_j / count, energy.it_j / done[unit]]
            yield _energy(f"Per {name(unit, 30)}, at the machine", each[0], each[1], column(each, energy_scale(each)))
    yield _figure("PUE", base.pue_ratio, footprint.pue.ratio, number)
    yield _figure("Grid factor, g/kWh", base.gco2e_per_kwh, footprint.intensity.gco2e_per_kwh, number)
    grams = emission_scale([base.gco2e, footprint.emissions.gco2e])
    yield _emissions("CO₂e", base.gco2e, footprint.emissions.gco2e, grams)
    yield _emissions("CO₂e at equal factors", _at_equal_factors(base, footprint), footprint.emissions.gco2e, grams)


def _figure(label: str, base: float | None, head: float | None, show: Callable[[float | None], str]) -> ComparedRow:
    return ComparedRow(label=label, base=show(base), head=show(head), difference=_ratio(base, head))


def _energy(label: str, base_j: float | None, head_j: float | None, beside: Column) -> ComparedRow:
    known = base_j is not None and head_j is not None
    much = signed_energy(head_j - base_j, beside) if base_j is not None and head_j is not None else MISSING
    return ComparedRow(
        label=label,
        base=in_column(base_j, beside),
        head=in_column(head_j, beside),
        difference=f"{much} ({_ratio(base_j, head_j)})" if known and base_j else much,
    )


def _emissions(label: str, base: float | None, head: float | None, scale: Scale) -> ComparedRow:
    much = signed(head - base, scale) if base is not None and head is not None else MISSING
    return ComparedRow(label=label, base=amount(base, scale), head=amount(head, scale), difference=much)


def _ratio(base: float | None, head: float | None) -> str:
    if base is None or head is None:
        return MISSING
    return signed_percent(head / base - 1) if base else ("±0" if head == base else MISSING)


def _mean_w(energy_j: float | None, time_s: float | None) -> float | None:
    return energy_j / time_s if energy_j is not None and time_s else None


def _at_equal_factors(base: Baseline, footprint: Footprint) -> float | None:
    if base.it_j is None:
        return None
    return base.it_j * footprint.pue.ratio / J_PER_KWH * footprint.intensity.gco2e_per_kwh


def _phase(energy_j: float | None, time_s: float | None, beside: Column) -> str:
    return f"{in_column(energy_j, beside)} in {duration(time_s)}"
