"""The energy account of a job: each meter's joules with their bounds, and what they come to without overlap.

No PUE and no carbon here.
"""

from __future__ import annotations

from math import fsum, hypot
from typing import TYPE_CHECKING

from reporter.domain.carbon import EnergyAccount, MeterEnergy
from reporter.domain.counter import ABSURD_RATIO
from reporter.domain.integral import power_w
from reporter.domain.metered import Metered, Window, measure
from reporter.domain.model import is_constant, resolution_j
from reporter.domain.overlap import left_out
from reporter.domain.readings import Component, Meter, Method, Quantity, Recording
from reporter.domain.timeline import draw, resolution_s
from reporter.domain.uncertainty import sum_independent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reporter.domain.track import Track

ENOUGH_RATIO = 0.9
"""Below this share of the job's time a meter's energy is flagged."""

_Deviation = tuple[float, float]
_Line = tuple[Meter, MeterEnergy]


def account(recording: Recording) -> EnergyAccount:
    """The IT energy of a recorded job, joules, with its whole and its repeatability interval.

    A meter without usable readings has None, never 0; a sum of nothing is None.
    Flags (the meter follows a colon): counter-reset, counter-jump, counter-frozen, counter-not-read, short-window,
    gpu-not-read, low-coverage. Sources: METERING 2.7, 3.2, 3.3 and 6; ACCOUNTING 6.2.
    """
    window = Window.of(recording)
    metered = {meter.meter_id: measure(meter, window) for meter in recording.meters}
    why = left_out(
        recording.meters, {meter_id: had.method for meter_id, had in metered.items() if had.track is not None}
    )
    lines = [
        (meter, _meter_energy(meter, metered[meter.meter_id], window, why.get(meter.meter_id)))
        for meter in recording.meters
    ]
    counted = [(meter, line) for meter, line in lines if line.included and line.energy_j is not None]
    it_j, whole, repeat = _sums(counted)
    return EnergyAccount(
        meters=tuple(line for _, line in lines),
        duration_s=window.duration_s,
        it_j=it_j,
        low_j=None if it_j is None else max(0.0, it_j - whole[0]),
        high_j=None if it_j is None else it_j + whole[1],
        repeat_low_j=None if it_j is None else max(0.0, it_j - repeat[0]),
        repeat_high_j=None if it_j is None else it_j + repeat[1],
        measured_ratio=_measured_ratio(counted, it_j),
        timeline=_timeline(recording.meters, metered, why, window),
        flags=tuple(dict.fromkeys(_flags(lines, metered))),
    )


def _meter_energy(meter: Meter, had: Metered, window: Window, why: str | None) -> MeterEnergy:
    energy_j = None if had.track is None else had.track.energy_j(window.start_ns, window.end_ns)
    repeat = whole = (0.0, 0.0)
    coverage_ratio = None
    if energy_j is not None and had.track is not None:
        coverage_ratio = 1 - had.track.uncovered_ns(window.start_ns, window.end_ns) / window.duration_ns
        repeat = _repeat_deviation(meter, had, window, energy_j=energy_j, coverage_ratio=coverage_ratio)
        whole = (
            min(energy_j, hypot(energy_j * max(0.0, 1 - meter.gain_low_ratio), repeat[0])),
            hypot(energy_j * max(0.0, meter.gain_high_ratio - 1), repeat[1]),
        )
    return MeterEnergy(
        meter_id=meter.meter_id,
        label=meter.label,
        component=meter.component,
        method=had.method,
        energy_j=energy_j,
        coverage_ratio=coverage_ratio,
        included=why is None,
        excluded_because=why,
        uncertainty_ratio=max(whole) / energy_j if energy_j else None,
        low_j=None if energy_j is None else energy_j - whole[0],
        high_j=None if energy_j is None else energy_j + whole[1],
        repeat_low_j=None if energy_j is None else energy_j - repeat[0],
        repeat_high_j=None if energy_j is None else energy_j + repeat[1],
    )


def _repeat_deviation(
    meter: Meter, had: Metered, window: Window, *, energy_j: float, coverage_ratio: float
) -> _Deviation:
    """How far a repeat may lie below and above: late end readings, times without readings, coarse busy time.

    A reading that is late by T misses T × power at the end and has T × power from before the start too much:
    the two have opposite signs, so they are not added (METERING 6.2).
    """
    missing_ratio = 1 - coverage_ratio
    if had.method is Method.MODELLED:
        coarse_j = resolution_j(meter.model) if meter.model is not None else 0.0
        below_j = above_j = coarse_j + energy_j * missing_ratio
        return min(energy_j, below_j), above_j
    mean_w = energy_j / window.duration_s
    powers = window.series.get((meter.meter_id, Quantity.POWER_MW))
    before_w = power_w(powers, at_ns=window.start_ns) if powers else None
    end_w = power_w(powers, at_ns=window.end_ns) if powers else None
    below_j = had.start_lag_s * (mean_w if before_w is None else before_w)
    above_j = had.end_lag_s * (mean_w if end_w is None else end_w)
    if had.method is Method.INTEGRATED:
        below_j += energy_j * missing_ratio
        above_j += energy_j * missing_ratio
    else:
        # A counter's gaps are left out of the energy: what they held, at the mean power of the rest, can only add.
        above_j += energy_j * missing_ratio / coverage_ratio
    if meter.peak_power_w is not None:
        above_j = min(above_j, max(0.0, ABSURD_RATIO * meter.peak_power_w * window.duration_s - energy_j))
    return min(energy_j, below_j), above_j


def _sums(counted: Sequence[_Line]) -> tuple[float | None, _Deviation, _Deviation]:
    """Energy, and its whole and its repeatability deviation.

    Meters of one kind share their systematic error, so that adds linearly; kinds are independent (ACCOUNTING 6.2).
    """
    if not counted:
        return None, (0.0, 0.0), (0.0, 0.0)
    kinds: dict[tuple[str, Component], list[_Deviation]] = {}
    repeats: list[_Deviation] = []
    for meter, line in counted:
        kinds.setdefault((meter.source, meter.component), []).append(_deviation(line.low_j, line.energy_j, line.high_j))
        repeats.append(_deviation(line.repeat_low_j, line.energy_j, line.repeat_high_j))
    repeat = sum_independent(repeats)
    whole = sum_independent(
        (fsum(below_j for below_j, _ in parts), fsum(above_j for _, above_j in parts)) for parts in kinds.values()
    )
    it_j = fsum(line.energy_j or 0.0 for _, line in counted)
    return it_j, (max(whole[0], repeat[0]), max(whole[1], repeat[1])), repeat


def _deviation(low_j: float | None, energy_j: float | None, high_j: float | None) -> _Deviation:
    return (energy_j or 0.0) - (low_j or 0.0), (high_j or 0.0) - (energy_j or 0.0)


def _measured_ratio(counted: Sequence[_Line], it_j: float | None) -> float | None:
    if not it_j:
        return None
    return fsum(line.energy_j or 0.0 for _, line in counted if line.method is not Method.MODELLED) / it_j


def _timeline
