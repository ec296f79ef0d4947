"""What the machine drew while it did nothing, measured just before the job (`--idle-baseline`)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from reporter.domain.carbon import ENOUGH_RATIO
from reporter.domain.integral import NOT_A_POWER, W_PER_MW
from reporter.domain.meter import Metered, Window
from reporter.domain.readings import Meter, Method, Quantity, Recording
from reporter.domain.track import NS_PER_S


def idle_window(recording: Recording, window: Window) -> Window | None:
    """The time before the job in which the machine was idle, with the job's readings; None where there is none."""
    if recording.idle_ns is None:
        return None
    start_ns, end_ns = recording.idle_ns
    end_ns = min(end_ns, window.start_ns)
    return window._replace(start_ns=start_ns, end_ns=end_ns) if start_ns < end_ns else None


def idle_power_w(meter: Meter, had: Metered, idle: Window) -> float | None:
    """A meter's power over the idle time, watts: the counter's difference, the median power, or the model's.

    None where it was not read for most of that time.
    """
    if had.track is None:
        return None
    if had.method is Method.INTEGRATED:
        return _median_w(meter, idle)
    covered_ns = idle.duration_ns - (0 if had.track.filled else had.track.uncovered_ns(idle.start_ns, idle.end_ns))
    if covered_ns < ENOUGH_RATIO * idle.duration_ns:
        return None
    return had.track.energy_j(idle.start_ns, idle.end_ns) * NS_PER_S / covered_ns


def _median_w(meter: Meter, idle: Window) -> float | None:
    """One reading while another program woke the machine does not count."""
    series = idle.series[meter.meter_id, Quantity.POWER_MW]
    values = series.values[bisect_left(series.t_ns, idle.start_ns) : bisect_right(series.t_ns, idle.end_ns)]
    known = sorted(value for value in values if value is not None and value not in NOT_A_POWER)
    # By hand: the library's statistics cost each run 6 ms of imports.
    return (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2 * W_PER_MW if known else None
