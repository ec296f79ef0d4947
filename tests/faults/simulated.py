"""A job on a clock of its own: the real sampler, writer, reader and account, without waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from reporter.domain.readings import Column, Component, Description, Hardware, Job, Meter, Method, Quantity, Recording
from reporter.metering.parsing import parse_recording
from reporter.metering.recording import RecordingWriter
from reporter.metering.sampler import Sampler
from reporter.metering.sources import Source, Sources

S = 1_000_000_000
START_NS = 1_000 * S
Values = tuple[int | None, ...]


class SimulatedClock:
    """Time passes by waiting alone; `at` holds what happens when."""

    def __init__(self, lasting_s: float, at: Sequence[tuple[float, Callable[[SimulatedClock], None]]] = ()) -> None:
        self.ns = START_NS
        self.end_ns = START_NS + round(lasting_s * S)
        self.wall_ahead_ns = 0
        self.suspended_ns = 0
        self._at = sorted(((START_NS + round(t_s * S), action) for t_s, action in at), key=lambda entry: entry[0])
        self.finish: Callable[[], None] = lambda: None
        self._over = False

    def now_ns(self) -> int:
        return self.ns

    def wall_ns(self) -> int:
        return self.ns + self.wall_ahead_ns + self.suspended_ns

    def boot_ns(self) -> int:
        return self.ns + self.suspended_ns

    def wait(self, event: threading.Event, seconds: float) -> bool:
        target = self.ns + round(seconds * S)
        while self._at and self._at[0][0] <= min(target, self.end_ns):
            moment, action = self._at.pop(0)
            self.ns = max(self.ns, moment)
            action(self)
        if target >= self.end_ns and not self._over:
            self._over = True
            self.ns = max(self.ns, self.end_ns)
            self.finish()
        else:
            self.ns = max(self.ns, target)
        return event.is_set()


class SimulatedProbe:
    """Meters of constant power: counters that wrap where they have a range, gauges, or both."""

    def __init__(self, clock: SimulatedClock, meters: Sequence[Meter], watts: Sequence[int], *, gauges: bool) -> None:
        self._clock = clock
        self.meters = meters
        self.watts = watts
        self._gauges = gauges

    def describe(self) -> Description:
        quantities = (Quantity.ENERGY_UJ, Quantity.POWER_MW) if self._gauges else (Quantity.ENERGY_UJ,)
        columns = [Column(meter_id=meter.meter_id, quantity=kind) for meter in self.meters for kind in quantities]
        return Description(meters=tuple(self.meters), columns=tuple(columns))

    def read(self) -> Values:
        values: list[int | None] = []
        for meter, watts in zip(self.meters, self.watts, strict=True):
            energy_uj = 1_000_000 + watts * self._clock.ns // 1000
            values.append(energy_uj if meter.wraps_at_uj is None else energy_uj % (meter.wraps_at_uj + 1))
            if self._gauges:
                values.append(watts * 1000)
        return tuple(values)

    def reasons(self) -> tuple[tuple[str, str], ...]:
        return ()

    def close(self) -> None:
        pass


def gpu(index: int = 0) -> Meter:
    """A GPU with a counter, of at most 700 W."""
    return Meter(
        meter_id=f"nvml:GPU-{index}", label="GPU", component=Component.GPU, method=Method.COUNTER, source="nvml",
        tick_s=0.1, peak_power_w=700.0,
    )  # fmt: skip


def package(index: int = 0) -> Meter:
    """A processor whose counter wraps after 65.5 kJ: at 200 W every five and a half minutes."""
    return Meter(
        meter_id=f"rapl:package-{index}", label="CPU", component=Component.CPU, method=Method.COUNTER, source="rapl",
        wraps_at_uj=65_532_610_987, peak_power_w=400.0,
    )  # fmt: skip


def simulate(clock: SimulatedClock, *probes: SimulatedProbe) -> tuple[Recording, int]:
    """Meter a job that lasts as long as the clock says; the recording, and its size in bytes."""
    data = record(clock, *probes)
    return parse_recording(data, name="recording.jsonl")[0], len(data)


def record(clock: SimulatedClock, *probes: SimulatedProbe, path: Path | None = None) -> bytes:
    """The same, unread."""
    warnings: list[str] = []
    writer = RecordingWriter(path, warn=warnings.append)
    sources = tuple(
        Source(name=f"s{index}", probe=probe, description=probe.describe()) for index, probe in enumerate(probes)
    )
    writer.start(
        t_ns=clock.ns, job=Job(name="job"), hardware=Hardware(), sources=Sources(sources=sources), extra={}
    )  # fmt: skip
    sampler = Sampler(sources, writer, clock=clock)
    over = threading.Event()

    def finish() -> None:
        sampler._ended_ns = clock.end_ns
        sampler._stop.set()
        over.set()

    clock.finish = finish
    writer.command(START_NS)
    sampler.start(10)
    assert over.wait(60)
    assert sampler.stop(clock.end_ns, 20) is None
    writer.end(t_ns=clock.end_ns, exit_status=7, signal=None, self_cpu_s=None)
    data = writer.contents()
    writer.close()
    assert warnings == []
    return data
