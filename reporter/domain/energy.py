"""The energy account of a job: each meter's joules with their bounds, and what they come to without overlap.

No PUE and no carbon here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import fsum, hypot
from typing import NamedTuple

from reporter.domain.carbon import ENOUGH_RATIO, EnergyAccount, MeterEnergy, PowerPoint
from reporter.domain.counter import ABSURD_RATIO
from reporter.domain.idle_power import idle_power_w, idle_window
from reporter.domain.integral import power_w
from reporter.domain.meter import Metered, Window, measure, window_of
from reporter.domain.model import is_constant, resolution_j, watts
from reporter.domain.overlap import left_out
from reporter.domain.phase import phases
from reporter.domain.readings import Component, Meter, Method, Quantity, Recording
from reporter.domain.series import energies_j
from reporter.domain.share import Portion, portion_of, portions, share_flags
from reporter.domain.timeline import draw, resolution_s
from reporter.domain.track import Track
from reporter.domain.uncertainty import sum_independent
from reporter.domain.usage import Utilisation, utilise

_Deviation = tuple[float, float]
_GPUS = frozenset({Component.GPU, Component.MODULE})
MOST_REASON = 200
"""Characters of why a meter gave no readings; a probe's words may be long."""


class _Share(NamedTuple):
    """One meter's joules; how far a repeat, and how far the truth, may lie below and above."""

    meter: Meter
    method: Method
    track: Track
    energy_j: float
    coverage_ratio: float
    repeat: _Deviation
    whole: _Deviation
    used: Utilisation | None
    """Of a GPU; None where it was not read."""
    baseline_w: float | None
    portion: Portion | None = None
    """Where the job had only a part of the machine: everything above is that part's alone."""


def account(recording: Recording, parts: Sequence[tuple[float, float]] = ()) -> EnergyAccount:
    """The IT energy of a recorded job, joules, with its whole and its repeatability interval.

    `parts` are times since its start, seconds, of which the energy is wanted too.

    A model that a measurement makes superfluous is not listed.
    A meter without usable readings has None, never 0; a sum of nothing is None.
    Flags (the meter follows a colon): counter-reset, counter-jump, counter-frozen, counter-not-read, short-window,
    gpu-not-read, low-coverage, reading-failed (and why). Where only a part of the machine was given: cpu-share,
    memory-share (percent follow).
    """
    window = window_of(recording)
    idle = idle_window(recording, window)
    metered = {meter.meter_id: measure(meter, window) for meter in recording.meters}
    shares = {meter.meter_id: share for meter in recording.meters if (share := _share(meter, metered, window, idle))}
    given = portions(recording, window)
    shares = {meter_id: _apportioned(share, given) for meter_id, share in shares.items()}
    why = left_out(recording.meters, {meter_id: share.method for meter_id, share in shares.items()})
    counted = [share for meter_id, share in shares.items() if meter_id not in why]
    it_j, whole, repeat = _sums(counted)
    baseline_w = _known([share.baseline_w for share in counted])
    used = _used([shares.get(row.meter_id) for row in recording.meters if _is_gpu(row) and row.meter_id not in why])
    return EnergyAccount(
        meters=tuple(
            _meter_energy(meter, metered[meter.meter_id], shares.get(meter.meter_id), why.get(meter.meter_id), window)
            for meter in recording.meters
            if not (meter.method is Method.MODELLED and meter.meter_id in why)
        ),
        duration_s=window.duration_s,
        it_j=it_j,
        low_j=None if it_j is None else max(0.0, it_j - whole[0]),
        high_j=None if it_j is None else it_j + whole[1],
        repeat_low_j=None if it_j is None else max(0.0, it_j - repeat[0]),
        repeat_high_j=None if it_j is None else it_j + repeat[1],
        measured_ratio=fsum(share.energy_j for share in counted if share.method is not Method.MODELLED) / it_j
        if it_j
        else None,
        timeline=_timeline(counted, used, window),
        phases=phases(
            recording.marks,
            [share.track for share in counted],
            [each.idle for each in used or ()],
            start_ns=window.start_ns,
            end_ns=window.end_ns,
        ),
        idle_j=fsum(each.idle.energy_j(window.start_ns, window.end_ns) for each in used) if used else None,
        baseline_w=baseline_w,
        net_j=None if it_j is None or baseline_w is None else max(0.0, it_j - baseline_w * window.duration_s),
        self_j=_self_j(recording),
        parts_j=energies_j([share.track for share in counted], parts, start_ns=window.start_ns) if counted else (),
        flags=(
            *_flags(recording, metered, shares, why),
            *share_flags({share.meter.component: share.portion for share in counted if share.portion}),
        ),
    )


def _share(meter: Meter, metered: Mapping[str, Metered], window: Window, idle: Window | None) -> _Share | None:
    had = metered[meter.meter_id]
    if had.track is None:
        return None
    energy_j = had.track.energy_j(window.start_ns, window.end_ns)
    coverage_ratio = 1 - had.track.uncovered_ns(window.start_ns, window.end_ns) / window.duration_ns
    repeat = _repeat(meter, had, window, energy_j=energy_j, coverage_ratio=coverage_ratio)
    below_j = hypot(energy_j * max(0.0, 1 - meter.gain_low_ratio), repeat[0])
    above_j = hypot(energy_j * max(0.0, meter.gain_high_ratio - 1), repeat[1])
    use = window.series.get((meter.meter_id, Quantity.UTILISATION_PERCENT))
    return _Share(
        meter=meter,
        method=had.method,
        track=had.track,
        energy_j=energy_j,
        coverage_ratio=coverage_ratio,
        repeat=repeat,
        whole=(min(energy_j, below_j), above_j),
        used=utilise(use, had.track, start_ns=window.start_ns, end_ns=window.end_ns) if use else None,
        baseline_w=idle_power_w(meter, measure(meter, idle), idle) if idle else None,
    )


def _repeat(meter: Meter, had: Metered, window: Window, *, energy_j: float, coverage_ratio: float) -> _Deviation:
    """How far a repeat may lie below and above: late readings at the ends, times without readings, coarse busy time.

    A reading that is late by T misses T × power at the end and has T × power from before the start too much:
    the two have opposite signs, so they are not added.
    """
    missing_j = energy_j * (1 - coverage_ratio)
    if had.method is Method.MODELLED:
        coarse_j = resolution_j(meter.model, meter.tick_s) if meter.model else 0.0
        return min(energy_j, missing_j + coarse_j), missing_j + coarse_j
    powers = window.series.get((meter.meter_id, Quantity.POWER_MW))
    mean_w = energy_j / window.duration_s
    before_w = power_w(powers, at_ns=window.start_ns) if powers else None
    end_w = power_w(powers, at_ns=window.end_ns) if powers else None
    below_j = had.doubt_j + had.start_lag_s * (mean_w if before_w is None else before_w)
    above_j = had.doubt_j + had.end_lag_s * (mean_w if end_w is None else end_w)
    if had.method is Method.INTEGRATED:
        below_j, above_j = below_j + missing_j, above_j + missing_j
    else:
        # The gaps of a counter are left out of its energy, so at the mean power of the rest they only add.
        above_j += missing_j / coverage_ratio
    if meter.peak_power_w:
        above_j = min(above_j, max(0.0, ABSURD_RATIO * meter.peak_power_w * window.duration_s - energy_j))
    return min(energy_j, below_j), above_j


def _apportioned(share: _Share, parts: Mapping[Component, Portion]) -> _Share:
    """The job's part of a meter's energy: an estimate, so that the truth may lie further away, but not a repeat."""
    portion = portion_of(share.meter, parts)
    if portion is None:
        return share
    ratio, energy_j = portion.ratio, share.energy_j * portion.ratio
    below_j = hypot(share.whole[0] * ratio, share.energy_j * (ratio - portion.low_ratio))
    above_j = hypot(share.whole[1] * ratio, share.energy_j * (portion.high_ratio - ratio))
    return share._replace(
        portion=portion,
        track=share.track._replace(level_j=share.track.level_j * ratio),
        energy_j=energy_j,
        repeat=(share.repeat[0] * ratio, share.repeat[1] * ratio),
        whole=(min(energy_j, below_j), above_j),
        baseline_w=None if share.baseline_w is None else share.baseline_w * portion.idle_ratio,
    )


def _meter_energy(meter: Meter, had: Metered, share: _Share | None, why: str | None, window: Window) -> MeterEnergy:
    used = share.used if share else None
    return MeterEnergy(
        meter_id=meter.meter_id,
        label=meter.label,
        component=meter.component,
        method=had.method,
        energy_j=share.energy_j if share else None,
        coverage_ratio=share.coverage_ratio if share else None,
        included=why is None,
        excluded_because=why,
        uncertainty_ratio=max(share.whole) / share.energy_j if share and share.energy_j else None,
        share_ratio=share.portion.ratio if share and share.portion else None,
        low_j=share.energy_j - share.whole[0] if share else None,
        high_j=share.energy_j + share.whole[1] if share else None,
        repeat_low_j=share.energy_j - share.repeat[0] if share else None,
        repeat_high_j=share.energy_j + share.repeat[1] if share else None,
        idle_j=used.idle.energy_j(window.start_ns, window.end_ns) if used else None,
        utilisation_ratio=used.ratio(window.start_ns, window.end_ns) if used else None,
        idle_ratio=used.free_ratio(window.start_ns, window.end_ns) if used else None,
        baseline_w=share.baseline_w if share else None,
        model=meter.model if had.method is Method.MODELLED else None,
    )


def _sums(counted: Sequence[_Share]) -> tuple[float | None, _Deviation, _Deviation]:
    """Energy, and its whole and its repeatability deviation; None for nothing.

    Meters of one kind share their systematic error, so theirs add as they are; kinds are independent.
    """
    kinds: dict[tuple[str, Component], list[_Deviation]] = {}
    for share in counted:
        kinds.setdefault((share.meter.source, share.meter.component), []).append(share.whole)
    repeat = sum_independent(share.repeat for share in counted)
    whole = sum_independent((fsum(low for low, _ in kind), fsum(high for _, high in kind)) for kind in kinds.values())
    it_j = fsum(share.energy_j for share in counted) if counted else None
    return it_j, (max(whole[0], repeat[0]), max(whole[1], repeat[1])), repeat


def _used(gpus: Sequence[_Share | None]) -> list[Utilisation] | None:
    """How the counted GPUs were used; None where that is not known of all of them, or there is none."""
    known = [share.used for share in gpus if share is not None and share.used is not None]
    return known if known and len(known) == len(gpus) else None


def _known(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) if known and len(known) == len(values) else None


def _self_j(recording: Recording) -> float | None:
    """The meter's own processor time at what a busy processor takes above an idle one, by the model of this one."""
    curves = {meter.meter_id: meter.model for meter in recording.meters if meter.component is Component.CPU}
    curve = next((curve for _, curve in sorted(curves.items()) if curve is not None), None)
    if recording.self_cpu_s is None or curve is None:
        return None
    return recording.self_cpu_s * max(0.0, watts(curve, 1.0) - watts(curve, 0.0)) / curve.cpus


def _is_gpu(meter: Meter) -> bool:
    return meter.component in _GPUS


def _timeline(counted: Sequence[_Share], used: Sequence[Utilisation] | None, window: Window) -> tuple[PowerPoint, ...]:
    return draw(
        [share.track for share in counted],
        used or (),
        start_ns=window.start_ns,
        end_ns=window.end_ns,
        resolution_s=max(
            (
                resolution_s(share.track, share.meter.tick_s)
                for share in counted
                if not (share.meter.model and is_constant(share.meter.model))
            ),
            default=window.duration_s,
        ),
    )


def _flags(
    recording: Recording, metered: Mapping[str, Metered], shares: Mapping[str, _Share], why: Mapping[str, str]
) -> Iterator[str]:
    reasons = {row.meter_id: row.reason for row in recording.missed}
    for meter in recording.meters:
        for flag in metered[meter.meter_id].flags:
            yield f"{flag}:{meter.meter_id}"
        if meter.meter_id in why:
            continue
        share = shares.get(meter.meter_id)
        if share is None and _is_gpu(meter):
            yield f"gpu-not-read:{meter.meter_id}"
        if share is not None and share.coverage_ratio < ENOUGH_RATIO:
            yield f"low-coverage:{meter.meter_id}"
        if (share is None or share.coverage_ratio < 1) and meter.meter_id in reasons:
            yield f"reading-failed:{meter.meter_id}: {reasons[meter.meter_id][:MOST_REASON]}"
