"""A report from long recordings, made with the real writer at the times that the real schedule gives."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.installation import reporter_python
from benchmarks.timing import clean_environment, interleaved
from reporter.domain.readings import Column, Component, Description, Hardware, Job, Meter, Method, Quantity
from reporter.metering.recording import RecordingWriter
from reporter.metering.schedule import Schedule
from reporter.metering.sources import Source, Sources
from reporter.probes import Probe

DAYS = 3
NS_PER_S = 1_000_000_000
GPUS = 8
SOCKETS = 2
WRAP_UJ = 262_143_328_850
GOAL_S = 0.5
RUNS = 7


@dataclass(slots=True)
class Written:
    """A recording on disk."""

    path: Path
    lines: int = 0

    @property
    def size_mb(self) -> float:
        """Its size."""
        return self.path.stat().st_size / 1e6


def measure(folder: Path) -> Iterator[Figure]:
    """`emissions report` on three days of eight GPUs and two sockets, as scheduled, and at a fixed second."""
    python = reporter_python(folder)
    for name, interval_s in (("as scheduled", None), ("with `--interval 10`", 10.0), ("with `--interval 1`", 1.0)):
        made = write(folder / f"long-{interval_s}" / "recording.jsonl", interval_s=interval_s)
        command = [python, "-I", "-m", "reporter", "report", str(made.path), "--region", "FR"]
        runs = RUNS if interval_s is None else 3
        found = interleaved({"report": command}, env=clean_environment(), cwd=folder, runs=runs, warm_up=1)["report"]
        yield Figure(
            what=f"report from {DAYS} days, {GPUS} GPUs and {SOCKETS} sockets, {name}: "
            f"{made.lines:,} lines, {made.size_mb:.1f} MB",
            value=f"**{found}**" if interval_s is None else str(found),
            goal=f"< {GOAL_S} s",
            reached=found.median_s < GOAL_S,
        )


def write(path: Path, *, interval_s: float | None) -> Written:
    """Three days of readings: each source at the times that its schedule gives."""
    path.parent.mkdir(parents=True)
    sources = _sources()
    writer = RecordingWriter(path, warn=print)
    end_ns = round(DAYS * 86_400 * NS_PER_S)
    job = Job(name="train", command=("python", "train.py"), started_at="2026-01-01T00:00:00Z")
    writer.start(t_ns=0, job=job, hardware=Hardware(cpu="synthetic", cpu_count=64), sources=sources, extra={})
    writer.command(0)
    made = Written(path=path)
    for index, source in enumerate(sources.sources):
        schedule = Schedule(source.description, interval_s)
        schedule.begin(0)
        t_ns = 0
        while t_ns < end_ns:
            writer.sample(index, t_ns, _values(source, t_ns))
            made.lines += 1
            t_ns = schedule.due_ns
            schedule.advance(t_ns, elapsed_ns=t_ns, cost_ns=0, failing=False)
        writer.sample(index, end_ns, _values(source, end_ns))
    for hour in range(DAYS * 24):
        writer.mark("eval" if hour % 2 else "train", hour * 3600 * NS_PER_S)
    writer.end(t_ns=end_ns, exit_status=0, signal=None, self_cpu_s=100.0)
    writer.close()
    return made


def _sources() -> Sources:
    gpus = [
        Meter(
            meter_id=f"nvml:GPU-{number}", label="GPU", component=Component.GPU, method=Method.COUNTER, source="nvml",
            tick_s=0.1, peak_power_w=700.0,
        )
        for number in range(GPUS)
    ]  # fmt: skip
    sockets = [
        Meter(
            meter_id=f"rapl:package-{number}{part}", label=f"package-{number}{part}", component=component,
            method=Method.COUNTER, source="rapl", tick_s=0.001, wraps_at_uj=WRAP_UJ,
        )
        for number in range(SOCKETS)
        for part, component in (("", Component.CPU), ("/dram", Component.DRAM))
    ]  # fmt: skip
    all_of_it = (Quantity.ENERGY_UJ, Quantity.POWER_MW, Quantity.UTILISATION_PERCENT)
    return Sources(
        sources=(
            _source("nvml", gpus, [Column(meter_id=gpu.meter_id, quantity=what) for gpu in gpus for what in all_of_it]),
            _source("rapl", sockets, [Column(meter_id=zone.meter_id, quantity=Quantity.ENERGY_UJ) for zone in sockets]),
        )
    )


class _Silent:
    """A probe that nobody asks."""

    def describe(self) -> Description:
        return Description()

    def read(self) -> tuple[int | None, ...]:
        return ()

    def reasons(self) -> tuple[tuple[str, str], ...]:
        return ()

    def close(self) -> None:
        pass


def _source(name: str, meters: list[Meter], columns: list[Column]) -> Source:
    probe: Probe = _Silent()
    return Source(name=name, probe=probe, description=Description(meters=tuple(meters), columns=tuple(columns)))


def _values(source: Source, t_ns: int) -> tuple[int, ...]:
    """400 W on average with an hourly swing, per GPU, idle for half of it; 150 W per socket's counter, wrapping."""
    t_s = t_ns / NS_PER_S
    if source.name == "rapl":
        return tuple(int(150e6 * t_s) % WRAP_UJ for _ in source.description.columns)
    swing_s = 3600 / math.tau
    energy_uj = int(1e6 * (400 * t_s + 200 * swing_s * (1 - math.cos(t_s / swing_s))))
    power_mw = int(1e3 * (400 + 200 * math.sin(t_s / swing_s)))
    percent = max(0, round(100 * math.sin(t_s / swing_s)))
    return (energy_uj // 1000 * 1000, power_mw, percent) * (len(source.description.columns) // 3)
