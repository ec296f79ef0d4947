"""The energy of a job so far, from its readings as they come: an estimate until the end.

The cost of a look does not grow with the job. What is older than a few seconds is settled: accounted once, then added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum
from typing import NamedTuple

from reporter.domain.carbon import EnergyAccount
from reporter.domain.energy import account
from reporter.domain.readings import Column, Hardware, Job, Meter, Recording, Series
from reporter.domain.track import NS_PER_S

SETTLED_NS = 10 * NS_PER_S
"""Windows of account are at least so long: a counter's tick is then short beside them."""
POWER_NS = 5 * NS_PER_S
"""Power "now" is the mean over the last of these."""
KEPT_NS = 2 * NS_PER_S
"""Readings before a window that its ends are put right with."""

_Sample = tuple[int, tuple[int | None, ...]]


class MeterSoFar(NamedTuple):
    """One counted meter: joules since the start, and watts now; None is not known."""

    label: str
    energy_j: float | None
    power_w: float | None


class SoFar(NamedTuple):
    """IT energy since the start, joules, and power now, watts; None is not known (yet)."""

    it_j: float | None
    power_w: float | None
    meters: tuple[MeterSoFar, ...]
    low_j: float | None = None
    """The least that a repeat would give of `it_j`: the deviations of all windows, added as they are."""


class Running:
    """A job that is going on. `columns` are those of each source, in the order of their numbers."""

    def __init__(
        self, *, start_ns: int, meters: Sequence[Meter], columns: Sequence[tuple[Column, ...]], hardware: Hardware
    ) -> None:
        self._start_ns = self._settled_ns = start_ns
        self._meters = tuple(meters)
        self._columns = tuple(columns)
        self._hardware = hardware
        self._samples: list[list[_Sample]] = [[] for _ in columns]
        self._energies_j: dict[str, float] = {}
        self._it_j: float | None = None
        self._doubt_j = 0.0

    def add(self, source: int, t_ns: int, values: tuple[int | None, ...]) -> None:
        """One reading of one source, in the order in which they were taken."""
        self._samples[source].append((t_ns, values))

    def so_far(self, now_ns: int) -> SoFar:
        """The energy up to the last moment that every source has told of."""
        until_ns = self._until_ns(now_ns)
        power = self._account(max(self._start_ns, until_ns - POWER_NS), until_ns)
        rest = self._account(self._settled_ns, until_ns)
        energies_j, it_j = self._with(rest)
        doubt_j = self._doubt_j + ((rest.it_j or 0.0) - (rest.repeat_low_j or 0.0))
        if until_ns - self._settled_ns >= SETTLED_NS:
            self._energies_j, self._it_j, self._settled_ns = energies_j, it_j, until_ns
            self._doubt_j = doubt_j
        self._forget(min(self._settled_ns, until_ns - POWER_NS) - KEPT_NS)
        return SoFar(
            it_j=it_j,
            power_w=_per(power.it_j, power.duration_s),
            meters=tuple(
                MeterSoFar(
                    label=meter.label,
                    energy_j=energies_j.get(meter.meter_id),
                    power_w=_per(meter.energy_j, power.duration_s),
                )
                for meter in power.meters
                if meter.included
            ),
            low_j=None if it_j is None else max(0.0, it_j - doubt_j),
        )

    def _until_ns(self, now_ns: int) -> int:
        read = [columns for columns in self._columns if columns]
        if not read:
            return max(self._settled_ns, now_ns)
        lasts_ns = [
            samples[-1][0] if samples else self._settled_ns
            for columns, samples in zip(self._columns, self._samples, strict=True)
            if columns
        ]
        return max(self._settled_ns, min(lasts_ns))

    def _with(self, rest: EnergyAccount) -> tuple[dict[str, float], float | None]:
        """What is settled and what came since: each meter's joules, and their sum."""
        energies_j = dict(self._energies_j)
        for meter in rest.meters:
            if meter.included and meter.energy_j is not None:
                energies_j[meter.meter_id] = energies_j.get(meter.meter_id, 0.0) + meter.energy_j
        parts_j = [part for part in (self._it_j, rest.it_j) if part is not None]
        return energies_j, fsum(parts_j) if parts_j else None

    def _account(self, from_ns: int, to_ns: int) -> EnergyAccount:
        return account(
            Recording(
                job=Job(name=""),
                hardware=self._hardware,
                start_ns=from_ns,
                end_ns=to_ns,
                complete=True,
                meters=self._meters,
                series=tuple(self._series()),
            )
        )

    def _series(self) -> Iterator[Series]:
        for columns, samples in zip(self._columns, self._samples, strict=True):
            t_ns = tuple(t for t, _ in samples)
            for position, column in enumerate(columns):
                values = tuple(values[position] for _, values in samples)
                yield Series(meter_id=column.meter_id, quantity=column.quantity, t_ns=t_ns, values=values)

    def _forget(self, before_ns: int) -> None:
        """Leave the last reading before this time and all later ones."""
        for samples in self._samples:
            old = sum(1 for t, _ in samples if t <= before_ns)
            del samples[: max(0, old - 1)]


def _per(energy_j: float | None, duration_s: float) -> float | None:
    return None if energy_j is None or not duration_s else energy_j / duration_s
