"""A simulated GPU board: the power that it truly draws, and what its energy counter and its power sensor show of it.

A sensor takes a reading every `update_s`, the mean over the `window_s` before it, and shows it until the next:
what lies between windows is never seen. WINDOWS_S are those that boards were found to have (arXiv 2312.02741).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import floor
from operator import mul
from random import Random
from threading import Event
from typing import Protocol

from reporter.domain.readings import (
    Column,
    Component,
    Description,
    Hardware,
    Job,
    Meter,
    Method,
    Quantity,
    Recording,
    Series,
)
from reporter.metering.clock import NS_PER_S
from reporter.metering.sampler import Sampler
from reporter.metering.sources import Source
from reporter.probes.nvml_gpu import AVERAGE_WINDOW_S, COUNTER_TICK_S, UNDONE_S, UPDATE_S

IDLE_W, LOADED_W, LIMIT_W = 60.0, 400.0, 500.0
WINDOWS_S = {"100/25": (0.1, 0.025), "100/100": (0.1, 0.1), "100/1000": (0.1, 1.0), "20/10": (0.02, 0.01)}
"""Update and averaging window of a power sensor, by their milliseconds: A100; Turing; Ada and Hopper; Volta."""
METER_ID = "nvml:GPU-0"
READ_NS = 200_000
SPAWN_NS = 3_000_000
"""Between the first reading and the command's start."""
ORIGIN_NS = 1_000 * NS_PER_S
STOPPED_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Trace:
    """Power in steps: `watts[i]` from `times_s[i]` on; the first also before, the last for ever."""

    times_s: tuple[float, ...]
    watts: tuple[float, ...]
    sums_j: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        steps_s = (end_s - start_s for start_s, end_s in pairwise(self.times_s))
        steps_j = map(mul, self.watts, steps_s)
        object.__setattr__(self, "sums_j", tuple(accumulate(steps_j, initial=0.0)))

    def power_w(self, at_s: float) -> float:
        """The true power."""
        return self.watts[max(0, bisect_right(self.times_s, at_s) - 1)]

    def energy_j(self, start_s: float, end_s: float) -> float:
        """The true energy between two times: what every meter is held against."""
        return self._sum_j(end_s) - self._sum_j(start_s)

    def _sum_j(self, at_s: float) -> float:
        step = max(0, bisect_right(self.times_s, at_s) - 1)
        return self.sums_j[step] + self.watts[step] * (at_s - self.times_s[step])


def random_load(random: Random, duration_s: float, *, around_w: float | None = IDLE_W) -> Trace:
    """Steps of 20 ms to 2 s between idle and loaded; before and after the job `around_w`, None: the steps go on."""
    begin_s, end_s = (0.0, duration_s) if around_w is not None else (-3.0, duration_s + 3.0)
    times_s, watts = [begin_s], [random.uniform(IDLE_W, LOADED_W)]
    while (at_s := times_s[-1] + 0.02 * 100 ** random.random()) < end_s:
        times_s.append(at_s)
        watts.append(random.uniform(IDLE_W, LOADED_W))
    if around_w is not None:
        times_s, watts = [begin_s - 3.0, *times_s, end_s], [around_w, *watts, around_w]
    return Trace(tuple(times_s), tuple(watts))


def square_load(duration_s: float, *, period_s: float, duty_ratio: float = 0.5, phase_ratio: float = 0.0) -> Trace:
    """Loaded for a share of each period, else idle; idle before and after. The phase shifts the first step."""
    times_s, watts = [-3.0, 0.0], [IDLE_W, IDLE_W]
    rise_s = -phase_ratio * period_s
    while rise_s < duration_s:
        for at_s, power_w in ((rise_s, LOADED_W), (rise_s + duty_ratio * period_s, IDLE_W)):
            if at_s < duration_s:
                times_s.append(max(0.0, at_s))
                watts.append(power_w)
        rise_s += period_s
    return Trace((*times_s, duration_s), (*watts, IDLE_W))


class Instrument(Protocol):
    """What a board shows at a time."""

    quantity: Quantity

    def show(self, trace: Trace, at_s: float) -> int:
        """The reading, in the unit of its quantity."""
        ...


@dataclass(frozen=True, slots=True)
class Counter:
    """An energy counter that moves every tick."""

    tick_s: float
    phase_s: float = 0.0
    quantity: Quantity = Quantity.ENERGY_UJ

    def show(self, trace: Trace, at_s: float) -> int:
        """Microjoules as of the last tick, to the millijoule that NVML gives."""
        ticked_s = floor((at_s - self.phase_s) / self.tick_s) * self.tick_s + self.phase_s
        return round(1e6 + 1e3 * trace.energy_j(trace.times_s[0], ticked_s)) * 1000


@dataclass(frozen=True, slots=True)
class Sensor:
    """A power sensor."""

    update_s: float
    window_s: float
    phase_s: float = 0.0
    quantity: Quantity = Quantity.POWER_MW

    def show(self, trace: Trace, at_s: float) -> int:
        """Milliwatts, the mean over the window before the last update."""
        updated_s = floor((at_s - self.phase_s) / self.update_s) * self.update_s + self.phase_s
        return round(1e3 * trace.energy_j(updated_s - self.window_s, updated_s) / self.window_s)


class Board:
    """The board as a probe that reads at the clock's time; each reading takes a while, as a driver's does."""

    def __init__(self, trace: Trace, instruments: Sequence[Instrument], clock: Simulated) -> None:
        self._trace = trace
        self._instruments = tuple(instruments)
        self._clock = clock

    def describe(self) -> Description:
        """One GPU as the real probe describes it, but for the gain error: what is left is the error of sampling."""
        counters = [instrument for instrument in self._instruments if isinstance(instrument, Counter)]
        sensors = [instrument for instrument in self._instruments if isinstance(instrument, Sensor)]
        averages = bool(sensors) and sensors[0].window_s >= AVERAGE_WINDOW_S
        late_s = UNDONE_S if averages else UPDATE_S
        meter = Meter(
            meter_id=METER_ID,
            label="simulated",
            component=Component.GPU,
            method=Method.COUNTER if counters else Method.INTEGRATED,
            source="nvml",
            tick_s=COUNTER_TICK_S if counters else late_s,
            window_s=AVERAGE_WINDOW_S if averages else 0.0,
            peak_power_w=LIMIT_W,
        )
        columns = tuple(Column(meter_id=METER_ID, quantity=instrument.quantity) for instrument in self._instruments)
        return Description(meters=(meter,), columns=columns)

    def read(self) -> tuple[int | None, ...]:
        """What the instruments show in the middle of the call."""
        self._clock.pass_ns(READ_NS // 2)
        values = tuple(instrument.show(self._trace, self._clock.job_s()) for instrument in self._instruments)
        self._clock.pass_ns(READ_NS - READ_NS // 2)
        return values

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """None: it always answers."""
        return ()

    def close(self) -> None:
        """Nothing to let go of."""


class Simulated:
    """A clock on which time passes by waiting and by reading; the job starts a little after the first reading."""

    def __init__(self, duration_s: float) -> None:
        self.start_ns = ORIGIN_NS + SPAWN_NS
        self.end_ns = self.start_ns + round(duration_s * NS_PER_S)
        self.ended = Event()
        self._now_ns = ORIGIN_NS

    def job_s(self) -> float:
        """Seconds since the job's start."""
        return (self._now_ns - self.start_ns) / NS_PER_S

    def pass_ns(self, duration_ns: int) -> None:
        """Something took so long."""
        self._now_ns += duration_ns

    def now_ns(self) -> int:
        """Monotonic time."""
        return self._now_ns

    def wall_ns(self) -> int:
        """Time of day: it keeps step."""
        return self._now_ns

    def boot_ns(self) -> int:
        """Time since boot: it keeps step."""
        return self._now_ns

    def wait(self, event: Event, seconds: float) -> bool:
        """Go on to that time; at the job's end wait for the sampler to be stopped."""
        if event.is_set():
            return True
        until_ns = self._now_ns + round(seconds * NS_PER_S)
        if self.end_ns <= until_ns and not self.ended.is_set():
            self._now_ns = max(self._now_ns, self.end_ns)
            self.ended.set()
            return event.wait(STOPPED_WITHIN_S)
        self._now_ns = until_ns
        return False


class Readings:
    """What the sampler writes, kept in memory."""

    def __init__(self) -> None:
        self.t_ns: list[int] = []
        self.values: list[tuple[int | None, ...]] = []

    def sample(self, source: int, t_ns: int, values: tuple[int | None, ...]) -> None:
        """One reading."""
        del source
        self.t_ns.append(t_ns)
        self.values.append(values)

    def missed(self, meter_id: str, t_ns: int, reason: str) -> None:
        """A board that always answers misses none."""
        raise AssertionError(f"{meter_id} at {t_ns}: {reason}")

    def flag(self, flag: str, t_ns: int) -> None:
        """Nothing odd happens on this clock."""
        raise AssertionError(f"{flag} at {t_ns}")


def play(trace: Trace, instruments: Sequence[Instrument], duration_s: float) -> Recording:
    """The job from 0 to `duration_s` on this board, read by the real sampler at the times of the real schedule."""
    clock, readings = Simulated(duration_s), Readings()
    board = Board(trace, instruments, clock)
    source = Source(name="nvml", probe=board, description=board.describe())
    sampler = Sampler((source,), readings, clock=clock)
    sampler.start()
    clock.ended.wait()
    sampler.stop(clock.end_ns, limit_s=STOPPED_WITHIN_S)
    return Recording(
        job=Job(name="simulated"),
        hardware=Hardware(),
        start_ns=clock.start_ns,
        end_ns=clock.end_ns,
        complete=True,
        meters=source.description.meters,
        series=tuple(
            Series(meter_id=column.meter_id, quantity=column.quantity, t_ns=tuple(readings.t_ns), values=values)
            for column, values in zip(source.description.columns, zip(*readings.values, strict=True), strict=True)
        ),
    )
