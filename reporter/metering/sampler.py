"""The thread that reads the sources while a command runs, and writes what it read to the recording.

It alone touches the probes between start and stop, so that a driver that hangs blocks nobody else.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Protocol

from reporter.domain.readings import Component, Method, Quantity
from reporter.metering.clock import NS_PER_S, Clock
from reporter.metering.inspection import Inspection, Own
from reporter.metering.schedule import Schedule
from reporter.metering.sources import Source
from reporter.metering.thinning import Thinning

FIRST_READ_LIMIT_S = 5.0
STOP_LIMIT_S = 1.0
"""Within the 2.5 s that a CI runner leaves after its last signal."""

ALIGN_BELOW_NS = 60 * NS_PER_S
ALIGN_STEP_S = 0.005
ALIGN_LIMIT_NS = NS_PER_S * 12 // 100
"""A GPU's counter ticks at least every 100 ms: when it ticks, its reading is not late. Longer jobs can do without."""

CLOCKS_EVERY_NS = 60 * NS_PER_S
CLOCKS_APART_NS = NS_PER_S
MAX_MISSED = 1000
"""Lines on a meter that comes and goes."""


class Sink(Protocol):
    """What the sampler writes to."""

    def sample(self, source: int, t_ns: int, values: tuple[int | None, ...]) -> None:
        """One reading of one source."""
        ...

    def missed(self, meter_id: str, t_ns: int, reason: str) -> None:
        """A meter gives no readings from now on."""
        ...

    def flag(self, flag: str, t_ns: int) -> None:
        """Something about the whole job."""
        ...


class Sampler:
    """Reads each source on its own schedule, and once more at the end.

    `own` gives the process ids of the command that run now: with it, sources are asked now and then who else uses them.
    `near` gives new flags on who else uses the machine.
    """

    def __init__(  # noqa: PLR0913 - the last three by name, with defaults
        self,
        sources: tuple[Source, ...],
        sink: Sink,
        *,
        clock: Clock,
        interval_s: float | None = None,
        own: Own | None = None,
        near: Callable[[], list[str]] = list,
    ) -> None:
        self._clock = clock
        self._near = near
        self._sink = sink
        # A source without columns has nothing to read: its model needs time alone.
        self._tracks = tuple(
            Track(index, source, Schedule(source.description, interval_s))
            for index, source in enumerate(sources)
            if source.description.columns
        )
        self._stop = Event()
        self._first_read = Event()
        self._started_ns = clock.now_ns()
        self._ended_ns: int | None = None
        self._reading: str | None = None
        self._missed = 0
        self._offsets = Offsets(clock)
        self._inspection = Inspection(sources, own)
        self._thread = Thread(target=self._run, name="emissions-sampler", daemon=True)

    def start(self, limit_s: float = FIRST_READ_LIMIT_S) -> bool:
        """Take the first readings; whether they came within the limit. The command may start in either case.

        Raises RuntimeError where no thread can be made.
        """
        try:
            self._thread.start()
        except RuntimeError as error:
            self._sink.flag(f"sampler-failed:{type(error).__name__}", self._clock.now_ns())
            raise
        return self._first_read.wait(limit_s)

    def stop(self, ended_ns: int, limit_s: float = STOP_LIMIT_S) -> str | None:
        """Take the last readings of a command that ended then. The name of a source that hangs, else None."""
        self._ended_ns = ended_ns
        self._stop.set()
        if self._thread.ident is None:
            return None
        self._thread.join(limit_s)
        stuck = self._reading or self._inspection.asking or "sampler"
        return stuck if self._thread.is_alive() else None

    def _run(self) -> None:
        try:
            self._read_all()
            self._first_read.set()
            self._loop()
            self._read_all()
            self._align()
            self._look_around()
            self._note(self._inspection.at_end())
        except Exception as error:  # noqa: BLE001 - the command goes on
            with suppress(Exception):
                self._sink.flag(f"sampler-failed:{type(error).__name__}", self._clock.now_ns())
        finally:
            self._first_read.set()

    def _loop(self) -> None:
        start_ns = self._started_ns = self._clock.now_ns()
        if not self._tracks:
            self._stop.wait()
            return
        for track in self._tracks:
            track.schedule.begin(start_ns)
        clocks_due_ns = start_ns + CLOCKS_EVERY_NS
        self._await_tick(self._stop, ALIGN_LIMIT_NS)
        self._look_around()
        while not self._stop.is_set():
            track = min(self._tracks, key=lambda track: track.schedule.due_ns)
            pause_ns = track.schedule.due_ns - self._clock.now_ns()
            if self._clock.wait(self._stop, max(0, pause_ns) / NS_PER_S):
                return
            cost_ns = self._read(track)
            now_ns = self._clock.now_ns()
            track.schedule.advance(now_ns, elapsed_ns=now_ns - start_ns, cost_ns=cost_ns, failing=track.failing)
            if now_ns >= clocks_due_ns:
                clocks_due_ns = now_ns + CLOCKS_EVERY_NS
                self._look_around()
            if self._inspection.is_due(now_ns - start_ns):
                self._note(self._inspection.midway(now_ns - start_ns))

    def _read_all(self) -> None:
        for track in self._tracks:
            self._read(track)

    def _read(self, track: Track) -> int:
        """Read and record one source; what the reading cost, ns. Its time is the middle of the call."""
        self._reading = track.source.name
        before_ns = self._clock.now_ns()
        values, reasons = track.read()
        after_ns = self._clock.now_ns()
        self._reading = None
        cost_ns = after_ns - before_ns
        t_ns = before_ns + cost_ns // 2
        limit_ns = max(NS_PER_S, track.schedule.interval_ns)
        if cost_ns > limit_ns:
            # Nobody knows at which moment of so long a call the values were true.
            values = (None,) * len(values)
            reasons = dict.fromkeys(track.meter_ids, f"a reading took {cost_ns / NS_PER_S:.1f} s")
        for reading in track.thinning.keep(t_ns, values, ending=self._stop.is_set()):
            self._sink.sample(track.index, reading.t_ns, reading.values)
        track.values = values
        for meter_id, reason in reasons.items():
            if track.reasons.get(meter_id) != reason and self._missed < MAX_MISSED:
                self._missed += 1
                self._sink.missed(meter_id, t_ns, reason)
        track.reasons = reasons
        return cost_ns

    def _align(self) -> None:
        """After a short job read on: the first tick tells when it ended, the next what is drawn after it.

        The next is not waited for any longer than the job took.
        """
        took_ns = ALIGN_BELOW_NS if self._ended_ns is None else self._ended_ns - self._started_ns
        if took_ns < ALIGN_BELOW_NS and self._await_tick(never := Event(), ALIGN_LIMIT_NS):
            self._await_tick(never, min(took_ns, ALIGN_LIMIT_NS))

    def _await_tick(self, event: Event, limit_ns: int) -> bool:
        """Read GPU counters often, at most so long, until each has ticked or the event comes; whether all ticked."""
        begun_ns = self._clock.now_ns()
        waiting = [track for track in self._tracks if track.has_gpu_counter]
        first = {track.index: track.values for track in waiting}
        while waiting and self._clock.now_ns() - begun_ns < limit_ns:
            if self._clock.wait(event, ALIGN_STEP_S):
                break
            for track in waiting:
                self._read(track)
            waiting = [track for track in waiting if not track.ticked_since(first[track.index])]
        return not waiting

    def _look_around(self) -> None:
        self._note(self._offsets.moved())
        with suppress(Exception):
            self._note(self._near())

    def _note(self, flags: list[str]) -> None:
        for flag in flags:
            self._sink.flag(flag, self._clock.now_ns())


class Track:
    """One source while it is being read."""

    def __init__(self, index: int, source: Source, schedule: Schedule) -> None:
        self.index = index
        self.source = source
        self.schedule = schedule
        self.values: tuple[int | None, ...] = ()
        self.reasons: dict[str, str] = {}
        columns = source.description.columns
        energies = [position for position, column in enumerate(columns) if column.quantity is Quantity.ENERGY_UJ]
        self.thinning = Thinning(energies, schedule.pace_ns)
        self.meter_ids = tuple(dict.fromkeys(column.meter_id for column in columns))
        counted = {meter.meter_id: meter for meter in source.description.meters if meter.method is Method.COUNTER}
        gpus = {
            meter_id
            for meter_id, meter in counted.items()
            if meter.selected and meter.component in (Component.GPU, Component.MODULE)
        }
        self._counters = tuple(
            position
            for position, column in enumerate(columns)
            if column.quantity is Quantity.ENERGY_UJ and column.meter_id in gpus
        )

    @property
    def has_gpu_counter(self) -> bool:
        """Whether a GPU that the command can use has a counter here."""
        return bool(self._counters)

    @property
    def failing(self) -> bool:
        """Whether the last reading gave nothing at all."""
        return bool(self.values) and all(value is None for value in self.values)

    def ticked_since(self, values: tuple[int | None, ...]) -> bool:
        """Whether every GPU counter has moved from these values, or cannot be read."""
        return all(self.values[at] is None or self.values[at] != values[at] for at in self._counters)

    def read(self) -> tuple[tuple[int | None, ...], dict[str, str]]:
        """The probe's values and the reasons for missing ones; whatever it does, there is a value per column."""
        width = len(self.source.description.columns)
        try:
            values = self.source.probe.read()
            reasons = dict(self.source.probe.reasons())
        except Exception as error:  # noqa: BLE001 - a probe is somebody else's code
            return (None,) * width, dict.fromkeys(self.meter_ids, f"reading failed: {type(error).__name__}: {error}")
        if len(values) != width:
            return (None,) * width, dict.fromkeys(self.meter_ids, f"{len(values)} values came for {width} columns")
        return values, reasons


class Offsets:
    """How far the other clocks are from the monotonic one: a step and a suspend show as a change."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall_ns, self._boot_ns = self._now()

    def moved(self) -> list[str]:
        """What has happened since the last time this was asked."""
        wall_ns, boot_ns = self._now()
        suspended_ns = boot_ns - self._boot_ns
        stepped_ns = wall_ns - self._wall_ns - suspended_ns
        self._wall_ns, self._boot_ns = wall_ns, boot_ns
        flags: list[str] = []
        if abs(stepped_ns) > CLOCKS_APART_NS:
            flags.append(f"clock-step:{stepped_ns / NS_PER_S:+.0f} s")
        if suspended_ns > CLOCKS_APART_NS:
            flags.append(f"suspended:{suspended_ns / NS_PER_S:.0f} s")
        return flags

    def _now(self) -> tuple[int, int]:
        now_ns = self._clock.now_ns()
        boot_ns = self._clock.boot_ns()
        return self._clock.wall_ns() - now_ns, 0 if boot_ns is None else boot_ns - now_ns
