"""A long job in which a reading fails every minute: what is lost besides the readings that failed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import NamedTuple

from reporter.domain.energy import account
from reporter.domain.readings import Method, Quantity, Recording
from tests.faults.simulated import S, SimulatedClock, SimulatedProbe, Values, gpu, package, simulate

EVERY_S = 60
WATTS = {"counter": 350, "gauge": 250, "package": 200}


class Faulty(SimulatedProbe):
    """Meters whose first reading of each minute goes wrong, each time in another way."""

    def __init__(self, *arguments: object, every_s: float | None = EVERY_S, **more: bool) -> None:
        super().__init__(*arguments, **more)  # type: ignore[arg-type]
        self.kinds = itertools.cycle([self._raises, self._is_missing, self._is_too_short])
        self.every_ns = None if every_s is None else round(every_s * S)
        self.due_ns = self._clock.ns + (self.every_ns or 0)
        self.readings = 0
        self.failed = 0

    def read(self) -> Values:
        self.readings += 1
        if self.every_ns is None or self._clock.ns < self.due_ns or self._clock.ns >= self._clock.end_ns:
            return super().read()
        self.due_ns += self.every_ns
        self.failed += 1
        return next(self.kinds)()

    def _raises(self) -> Values:
        raise OSError(5, "Input/output error")

    def _is_missing(self) -> Values:
        return (None,) * len(super().read())

    def _is_too_short(self) -> Values:
        return super().read()[1:]


class Soak(NamedTuple):
    """Readings that would have been taken, those that were made to fail, those that are not there; energies, J."""

    readings: int
    failed: int
    lost: int
    energies_j: dict[str, float]
    coverage_ratio: float
    """Of what has no counter."""
    flags: tuple[str, ...]


def soak(lasting_s: float) -> Soak:
    """A GPU with a counter, one with power alone, and a processor whose counter wraps; the same without faults."""
    clean, spoilt = (_play(lasting_s, every_s) for every_s in (None, EVERY_S))
    wanted, there = _taken(clean[0]), _taken(spoilt[0])
    energy = account(spoilt[0])
    meters = {meter.meter_id: meter for meter in energy.meters}
    gauge = meters["nvml:GPU-1"]
    return Soak(
        readings=wanted,
        failed=sum(probe.failed for probe in spoilt[1]),
        lost=wanted - there,
        energies_j={
            "counter": meters["nvml:GPU-0"].energy_j or 0.0,
            "gauge": gauge.energy_j or 0.0,
            "package": meters["rapl:package-0"].energy_j or 0.0,
        },
        coverage_ratio=gauge.coverage_ratio or 0.0,
        flags=energy.flags,
    )


def _play(lasting_s: float, every_s: float | None) -> tuple[Recording, list[Faulty]]:
    clock = SimulatedClock(lasting_s)
    alone = replace(gpu(1), method=Method.INTEGRATED)
    probes = [
        Faulty(clock, [gpu(0)], [WATTS["counter"]], gauges=True, every_s=every_s),
        Faulty(clock, [alone], [WATTS["gauge"]], gauges=True, every_s=every_s),
        Faulty(clock, [package()], [WATTS["package"]], gauges=False, every_s=every_s),
    ]
    recording, _ = simulate(clock, *probes)
    # What has no counter is judged by its power alone.
    kept = [each for each in recording.series if (each.meter_id, each.quantity) != ("nvml:GPU-1", Quantity.ENERGY_UJ)]
    return replace(recording, series=tuple(kept)), probes


def _taken(recording: Recording) -> int:
    """Readings that gave a value, one column of each source."""
    first = {each.meter_id: each for each in recording.series}
    return sum(value is not None for each in first.values() for value in each.values)
