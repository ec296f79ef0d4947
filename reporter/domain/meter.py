"""How one meter's energy is had from its readings: from the counter if it works, else from power, or from a model."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from reporter.domain.carbon import ENOUGH_RATIO
from reporter.domain.counter import Counted, count, stands_still
from reporter.domain.integral import NOT_A_POWER, integrate, power_w
from reporter.domain.model import modelled
from reporter.domain.readings import Component, Meter, Method, Quantity, Recording, Series
from reporter.domain.track import NS_PER_S, Track

LOST_RATIO = 1 - ENOUGH_RATIO
"""A counter that is not known for more of the job than this gives way to a power gauge that is."""


class Window(NamedTuple):
    """The time of a job, and its readings by meter and quantity."""

    start_ns: int
    end_ns: int
    series: Mapping[tuple[str, Quantity], Series]

    @property
    def duration_ns(self) -> int:
        """How long it took, nanoseconds."""
        return self.end_ns - self.start_ns

    @property
    def duration_s(self) -> float:
        """How long it took, seconds."""
        return self.duration_ns / NS_PER_S


class Metered(NamedTuple):
    """One meter's track (None: not measured), how it was had, and by how much its ends may be late or else in doubt.

    `flags` are codes of what was odd: counter-reset, counter-jump, counter-frozen, counter-not-read, short-window.
    """

    track: Track | None
    method: Method
    start_lag_s: float = 0.0
    end_lag_s: float = 0.0
    doubt_j: float = 0.0
    flags: tuple[str, ...] = ()


def window_of(recording: Recording) -> Window:
    """The job's time; one that ends before it starts is empty."""
    return Window(
        start_ns=recording.start_ns,
        end_ns=max(recording.start_ns, recording.end_ns),
        series={(series.meter_id, series.quantity): series for series in recording.series},
    )


def measure(meter: Meter, window: Window) -> Metered:
    """One meter over the window; its track is None where its readings, or the window, are too few."""
    if window.duration_ns == 0:
        return Metered(track=None, method=meter.method)
    if meter.method is Method.COUNTER:
        return _from_counter(meter, window)
    if meter.method is Method.INTEGRATED:
        return _from_power(meter, window)
    busy = window.series.get((meter.meter_id, Quantity.BUSY_NS))
    track = modelled(meter.model, busy, start_ns=window.start_ns, end_ns=window.end_ns) if meter.model else None
    return Metered(track=track, method=Method.MODELLED)


def _from_counter(meter: Meter, window: Window) -> Metered:
    series = window.series.get((meter.meter_id, Quantity.ENERGY_UJ))
    powers = window.series.get((meter.meter_id, Quantity.POWER_MW))
    before_w = power_w(powers, at_ns=window.start_ns) if powers else None
    start_ns, end_ns = window.start_ns, window.end_ns
    counted = count(meter, series, start_ns=start_ns, end_ns=end_ns, before_w=before_w) if series else None
    if counted is None:
        return _from_power(meter, window, "counter-not-read")
    flags = tuple(
        flag for flag, raised in (("counter-reset", counted.reset), ("counter-jump", counted.jumped)) if raised
    )
    track = counted.track
    if track.uncovered_ns(window.start_ns, window.end_ns) == window.duration_ns:
        return _from_power(meter, window, *flags, "counter-not-read")
    if any(_has_power(meter, window, start_ns, end_ns) for start_ns, end_ns in counted.still):
        return _from_power(meter, window, *flags, "counter-frozen")
    if track.energy_j(window.start_ns, window.end_ns) == 0 and not _is_off(meter, window, counted):
        long = stands_still(counted.span_ns, meter.tick_s)
        return _from_power(meter, window, *flags, "counter-frozen" if long else "short-window")
    lost_ns = track.uncovered_ns(window.start_ns, window.end_ns)
    gone_on = any(_has_power(meter, window, begin_ns + 1, end_ns) for begin_ns, end_ns in track.gaps)
    if lost_ns > LOST_RATIO * window.duration_ns and gone_on:
        return _from_power(meter, window, *flags, "counter-not-read")
    return Metered(
        track=track,
        method=Method.COUNTER,
        start_lag_s=counted.start_lag_s,
        end_lag_s=counted.end_lag_s,
        doubt_j=counted.doubt_j,
        flags=flags,
    )


def _from_power(meter: Meter, window: Window, *flags: str) -> Metered:
    powers = window.series.get((meter.meter_id, Quantity.POWER_MW))
    start_ns, end_ns = window.start_ns, window.end_ns
    track = integrate(powers, start_ns=start_ns, end_ns=end_ns, window_s=meter.window_s) if powers else None
    if track is None:
        return Metered(track=None, method=meter.method, flags=flags)
    return Metered(track=track, method=Method.INTEGRATED, start_lag_s=meter.tick_s, end_lag_s=meter.tick_s, flags=flags)


def _has_power(meter: Meter, window: Window, start_ns: int, end_ns: int) -> bool:
    return not NOT_A_POWER.issuperset(_powers(meter, window, start_ns, end_ns))


def _is_off(meter: Meter, window: Window, counted: Counted) -> bool:
    """Whether a GPU that used nothing for long was switched off: its power gauge says 0 too.

    Processors and memory that run the job cannot be off: their counter is then broken (a virtual machine's, say).
    """
    powers = _powers(meter, window, window.start_ns, window.end_ns)
    return meter.component is Component.GPU and 0 in powers and stands_still(counted.span_ns, meter.tick_s)


def _powers(meter: Meter, window: Window, start_ns: int, end_ns: int) -> tuple[int | None, ...]:
    series = window.series.get((meter.meter_id, Quantity.POWER_MW))
    if series is None:
        return ()
    return series.values[bisect_left(series.t_ns, start_ns) : bisect_right(series.t_ns, end_ns)]
