"""Whether the meter's memory stays flat, and what faults cost: simulated days with the real sampler and writer."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Event

from benchmarks.board import Board, Counter, Sensor, Simulated, Trace, square_load
from benchmarks.figure import Figure
from benchmarks.installation import ROOT
from benchmarks.timing import clean_environment
from reporter.metering.recording import RecordingWriter
from reporter.metering.sampler import Sampler
from reporter.metering.sources import Source
from tests.faults.soak import WATTS, soak

GPUS = 8
EARLY_S, END_S = 3600, 86_400
GOAL_MB = 1.0
"""A day may add so much to an hour."""


def measure(folder: Path) -> Iterator[Figure]:
    """Resident memory, and what Python has allocated, after one hour and after a day."""
    found = {traced: _simulated(folder, traced=traced) for traced in (False, True)}
    resident, allocated = found[False], found[True]
    added_mb = resident["late"]["resident_mb"] - resident["early"]["resident_mb"]
    yield Figure(
        what=f"memory over {END_S // 3600} simulated hours, {GPUS} GPUs: {resident['lines']:,} lines written",
        value=f"resident {resident['early']['resident_mb']:.1f} MB after 1 h, "
        f"**{resident['late']['resident_mb']:.1f} MB** after {END_S // 3600} h; "
        f"allocated {allocated['early']['allocated_mb']:.2f} and {allocated['late']['allocated_mb']:.2f} MB",
        goal=f"≤ {GOAL_MB:g} MB more",
        reached=added_mb <= GOAL_MB,
    )
    day = soak(END_S)
    off = max(abs(day.energies_j[name] / (watts * END_S) - 1) for name, watts in WATTS.items())
    yield Figure(
        what=f"{END_S // 3600} simulated hours in which a reading of every source fails each minute",
        value=f"{day.failed:,} of {day.readings:,} readings failed, **{day.lost:,} lost**; "
        f"energies off by {off:.1e} at most",
        goal="no more lost than failed",
        reached=day.lost <= day.failed,
    )


def _simulated(folder: Path, *, traced: bool) -> dict:
    script = f"from benchmarks.endurance import simulate; simulate({str(folder)!r}, traced={traced})"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(), check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


class Watched(Simulated):
    """A clock that takes the process's memory after the first hour."""

    early: dict[str, float]

    def wait(self, event: Event, seconds: float) -> bool:
        """Go on, past the first hour with a look at the memory."""
        before_s = self.job_s()
        ended = super().wait(event, seconds)
        if before_s < EARLY_S <= self.job_s():
            self.early = memory()
        return ended


def simulate(folder: str, *, traced: bool) -> None:
    """The simulated day, in a process of its own; prints what was found as JSON."""
    if traced:
        tracemalloc.start()
    clock = Watched(END_S)
    random = Random(0)
    load = square_load(60, period_s=1.0)
    load = Trace((*load.times_s, END_S), (*load.watts, load.watts[-1]))
    boards = [Board(load, (Counter(0.1, random.random()), Sensor(0.1, 0.025)), clock) for _ in range(GPUS)]
    sources = tuple(Source(name="nvml", probe=board, description=board.describe()) for board in boards)
    path = Path(folder) / f"day-{traced}.jsonl"
    writer = RecordingWriter(path, warn=sys.exit)
    sampler = Sampler(sources, writer, clock=clock)
    sampler.start()
    clock.ended.wait()
    late = memory()
    sampler.stop(clock.end_ns, limit_s=60)
    writer.close()
    lines = path.read_bytes().count(b"\n")
    print(json.dumps({"early": clock.early, "late": late, "lines": lines}))


def memory() -> dict[str, float]:
    """Resident memory, and what Python has allocated if that is traced; MB."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    resident_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return {"resident_mb": resident_kb * 1024 / 1e6, "allocated_mb": tracemalloc.get_traced_memory()[0] / 1e6}
