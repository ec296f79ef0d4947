"""A recording played back in real time: reports and budgets can be tried where there is no meter.

Its command starts when ours does. Every column has the value that the recording had at that moment, as delivered.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from reporter.domain.readings import Column, Description, Meter, Quantity, Recording, Series, Unavailable
from reporter.probes import PROBES, ProbeContext, Replay

SOURCE = "replay"
NS_PER_S = 1_000_000_000
ENDED = "the recording has ended"
UNREAD = "it was not read then either"
NOT_NAMED = "no recording is named"
NAMED_REMEDY = "`--sources replay:recording.jsonl` plays one back."
STANDING = frozenset({Quantity.ENERGY_UJ, Quantity.BUSY_NS, Quantity.HOST_BUSY_NS})
"""What adds up: after the recording's end it stands still. The rest is then missing."""

Now = Callable[[], int]


class ReplayProbe:
    """Every meter of a recording that has readings, under ids of its own, so that real ones can stand beside it."""

    def __init__(self, replay: Replay | None, now_ns: Now = time.monotonic_ns) -> None:
        self._replay = replay
        self._now_ns = now_ns
        self._begun_ns: int | None = None
        self._series: tuple[Series, ...] = ()
        self._last_ns = 0
        self._ended = False
        self._reasons: dict[str, str] = {}

    def describe(self) -> Description:
        """The recording's meters, GPUs and gaps, with a flag that tells that nothing is measured here."""
        if self._replay is None:
            row = Unavailable(source=SOURCE, reason=NOT_NAMED, remedy=NAMED_REMEDY, expected=True)
            return Description(unavailable=(row,))
        recording = self._replay.recording
        self._series = tuple(series for series in recording.series if _is_read(series))
        self._last_ns = max((series.t_ns[-1] for series in self._series), default=recording.end_ns)
        read = {series.meter_id for series in self._series}
        silent = [meter for meter in recording.meters if meter.meter_id not in read and not _is_constant(meter)]
        return Description(
            meters=tuple(_played(meter, self._series) for meter in recording.meters if meter not in silent),
            columns=tuple(Column(meter_id=_id(row.meter_id), quantity=row.quantity) for row in self._series),
            unavailable=(*map(_carried, recording.unavailable), *map(_silent, silent)),
            gpus=recording.hardware.gpus,
            flags=(f"replayed:{self._replay.name}", *_about_devices(recording)),
        )

    def begin(self, start_ns: int) -> None:
        """Play from here on; until then the recording stands at the start of its command."""
        self._begun_ns = start_ns

    def read(self) -> tuple[int | None, ...]:
        """What was delivered last at this moment of the recording; a counter stands after its end."""
        if self._replay is None:
            return ()
        recording = self._replay.recording
        passed_ns = 0 if self._begun_ns is None else max(0, self._now_ns() - self._begun_ns)
        at_ns = recording.start_ns + passed_ns
        ended = self._ended = at_ns > self._last_ns
        values = tuple(_value(series, at_ns, ended=ended) for series in self._series)
        blank = {row.meter_id for row, value in zip(self._series, values, strict=True) if ended or value is None}
        self._reasons = {_id(meter_id): ENDED if ended else _reason(recording, meter_id, at_ns) for meter_id in blank}
        return values

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """Why the last reading was missed, or stands."""
        return tuple(self._reasons.items())

    def inspect(self, own: frozenset[int]) -> tuple[str, ...]:  # noqa: ARG002
        """Whether the job has outlasted the recording."""
        return (f"replay-ended:{self._replay.name}",) if self._ended and self._replay is not None else ()

    def close(self) -> None:
        """Nothing to let go of."""


def open_probe(context: ProbeContext) -> ReplayProbe:
    """The recording that the context holds, not yet looked at."""
    return ReplayProbe(context.replay)


def _id(meter_id: str) -> str:
    return f"{SOURCE}:{meter_id}"


def _is_read(series: Series) -> bool:
    return any(value is not None for value in series.values)


def _is_constant(meter: Meter) -> bool:
    return meter.model is not None and len(meter.model.points) == 1


def _played(meter: Meter, series: tuple[Series, ...]) -> Meter:
    """The meter, later by up to the time between two of its readings."""
    between_ns = [
        after - before for row in series if row.meter_id == meter.meter_id for before, after in pairwise(row.t_ns)
    ]
    return replace(
        meter,
        meter_id=_id(meter.meter_id),
        parent_id=None if meter.parent_id is None else _id(meter.parent_id),
        tick_s=max(meter.tick_s, max(between_ns, default=0) / NS_PER_S),
    )


def _carried(row: Unavailable) -> Unavailable:
    """What was not read then is not read now."""
    entry = PROBES.get(row.source.partition(":")[0])
    return row if row.component or entry is None else replace(row, component=entry.component)


def _silent(meter: Meter) -> Unavailable:
    return Unavailable(
        source=_id(meter.meter_id),
        reason=f"the recording has no reading of {meter.label}",
        expected=not meter.selected,
        component=meter.component,
    )


def _about_devices(recording: Recording) -> tuple[str, ...]:
    """Flags that tell how to read its meters (`mig:GPU-…`), not how that job went."""
    names = {gpu.uuid for gpu in recording.hardware.gpus} | {meter.meter_id for meter in recording.meters}
    return tuple(flag for flag in recording.flags if flag.partition(":")[2] in names)


def _value(series: Series, at_ns: int, *, ended: bool) -> int | None:
    place = bisect_right(series.t_ns, at_ns) - 1
    if place < 0 or (ended and series.quantity not in STANDING):
        return None
    return series.values[place]


def _reason(recording: Recording, meter_id: str, at_ns: int) -> str:
    reasons = [row.reason for row in recording.missed if row.meter_id == meter_id and row.t_ns <= at_ns]
    return reasons[-1] if reasons else UNREAD
