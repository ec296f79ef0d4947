"""`python -m benchmarks.gpu_validation [--quick] [--write] [--out FOLDER]`: what a real NVIDIA GPU's sensors do.

Ten points, a few minutes. `--write` puts the results into docs/gpu-validation.md and a recording beside the tests;
`--out` puts both into a folder. `--quick` shortens everything, to try the script itself.
The work is done in processes of its own, so that the meter finds the GPU unused.
EMISSIONS_NVML_LIBRARY names another library, such as the tests' stand-in.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pynvml

from benchmarks import machine
from benchmarks.installation import ROOT
from reporter.probes.gpu_selection import Device, visible_gpus
from reporter.probes.nvml_call import NvmlFailure, call, field_value, text_of

PAGE = ROOT / "docs" / "gpu-validation.md"
FIXTURES = ROOT / "tests" / "data" / "gpu"
BETWEEN = re.compile(r"(<!-- results -->\n).*(<!-- /results -->)", re.DOTALL)
ENERGY, AVERAGE, INSTANT, SCOPED_ENERGY = 83, 185, 186, 191
SCOPES = {0: "GPU", 1: "module", 2: "memory"}
POLL_S = 0.001
LONGEST_TICK_S = 0.1
LOAD = (sys.executable, "-m", "benchmarks.gpu_load")
SQUARES_S = (0.100, 0.137)
IDLE_ENVIRONMENT = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")


class Row(NamedTuple):
    """One line of the results."""

    point: int
    what: str
    found: str


class Effort(NamedTuple):
    """How long to look: seconds, and how often."""

    watch_s: float
    load_s: float
    calls: int
    runs: int


FULL = Effort(watch_s=10, load_s=10, calls=2000, runs=5)
QUICK = Effort(watch_s=0.6, load_s=0.5, calls=20, runs=2)


class Bench:
    """The first GPU that NVML shows, and the work for it; `why_not` where there is none."""

    def __init__(self, effort: Effort) -> None:
        self.effort = effort
        pynvml.nvmlLib = ctypes.CDLL(os.environ.get("EMISSIONS_NVML_LIBRARY") or "libnvidia-ml.so.1")
        start_s = time.perf_counter()
        call(pynvml, pynvml.nvmlInit)
        self.first_init_s = time.perf_counter() - start_s
        count = call(pynvml, pynvml.nvmlDeviceGetCount)
        handles = [call(pynvml, pynvml.nvmlDeviceGetHandleByIndex, index) for index in range(count)]
        self.devices = tuple(
            Device(
                uuid=text_of(pynvml, pynvml.nvmlDeviceGetUUID, one), name=text_of(pynvml, pynvml.nvmlDeviceGetName, one)
            )
            for one in handles
        )
        if not handles:
            raise SystemExit("NVML shows no GPU.")
        self.handle = handles[0]
        os.environ |= {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": self.devices[0].uuid}
        done = subprocess.run([*LOAD, "name"], cwd=ROOT, check=False, capture_output=True, text=True)
        self.load = done.stdout.strip()
        self.why_not = f"not run: {done.stderr.strip().splitlines()[-1]}" if done.returncode else ""

    def joules(self) -> float:
        """The counter."""
        millijoules: int = call(pynvml, pynvml.nvmlDeviceGetTotalEnergyConsumption, self.handle)
        return millijoules / 1000

    def watts(self) -> float:
        """The power of the moment."""
        return field_value(pynvml, self.handle, INSTANT, 0).uiVal / 1000

    def tick(self) -> tuple[float, float]:
        """The time and the counter right after it has moved, or after 0.2 s."""
        before_j, start_s = self.joules(), time.perf_counter()
        while (now_j := self.joules()) == before_j and time.perf_counter() - start_s < 2 * LONGEST_TICK_S:
            time.sleep(POLL_S)
        return time.perf_counter(), now_j


def ticks(bench: Bench) -> Iterator[Row]:
    """1: how often the counter moves, polled at 1 kHz."""
    times, values = _polled(bench.joules, bench.effort.watch_s, POLL_S)
    moves = [index for index in range(1, len(values)) if values[index] != values[index - 1]]
    gaps_ms = [1000 * (times[after] - times[before]) for before, after in pairwise(moves)]
    polled = f"{len(times)} readings in {times[-1] - times[0]:.1f} s"
    if not gaps_ms:
        yield Row(1, "counter ticks at 1 kHz polling", f"none seen; {polled}")
        return
    histogram = Counter(round(gap_ms / 5) * 5 for gap_ms in gaps_ms)
    bins = ", ".join(f"{width} ms × {times}" for width, times in sorted(histogram.items()))
    yield Row(
        1, "counter ticks at 1 kHz polling, to 5 ms", f"{bins}; median {statistics.median(gaps_ms):.1f} ms; {polled}"
    )


def latencies(bench: Bench) -> Iterator[Row]:
    """2: what a call costs, idle and loaded."""
    calls: dict[str, Callable[[], object]] = {
        "energy call": bench.joules,
        f"field {ENERGY}": lambda: field_value(pynvml, bench.handle, ENERGY, 0),
        f"field {INSTANT}": bench.watts,
        "power call": lambda: call(pynvml, pynvml.nvmlDeviceGetPowerUsage, bench.handle),
        "utilisation": lambda: call(pynvml, pynvml.nvmlDeviceGetUtilizationRates, bench.handle),
        "process list": lambda: call(pynvml, pynvml.nvmlDeviceGetComputeRunningProcesses, bench.handle),
    }
    for name, ask in calls.items():
        yield Row(2, f"{name}, p50 / p99, idle", _latency(ask, bench.effort.calls))
    if bench.why_not:
        yield Row(2, "the same under load", bench.why_not)
        return
    with _worker(20 * bench.effort.load_s):
        time.sleep(min(3.0, bench.effort.load_s))
        for name, ask in calls.items():
            yield Row(2, f"{name}, p50 / p99, loaded", _latency(ask, bench.effort.calls))


def squares(bench: Bench) -> Iterator[Row]:
    """3: the counter against the integral of the instant power under square loads."""
    for period_s in SQUARES_S:
        what = f"counter ÷ integral of field {INSTANT}, square load of {period_s * 1000:.0f} ms"
        if bench.why_not:
            yield Row(3, what, bench.why_not)
            continue
        with _square(period_s, bench.effort.load_s + 2):
            time.sleep(1)
            before_j = bench.joules()
            times, powers = _polled(bench.watts, bench.effort.load_s, POLL_S)
            counted_j = bench.joules() - before_j
        area_j = sum(
            (powers[index] + powers[index - 1]) / 2 * (times[index] - times[index - 1])
            for index in range(1, len(times))
        )
        yield Row(
            3,
            what,
            f"{counted_j:.1f} J ÷ {area_j:.1f} J = {counted_j / area_j:.3f}; {min(powers):.0f}–{max(powers):.0f} W",
        )


def ending(bench: Bench) -> Iterator[Row]:
    """4: by how much the counter is late when work ends."""
    what = "counter 200 ms after the end of work, less at the end"
    if bench.why_not:
        yield Row(4, what, bench.why_not)
        return
    late = []
    for _ in range(bench.effort.runs):
        with subprocess.Popen([*LOAD, "work", "2"], cwd=ROOT, stdout=subprocess.PIPE) as worker:
            # It says so at once when it has finished.
            worker.stdout.readline() if worker.stdout else None
            at_end_j = bench.joules()
        time.sleep(0.2)
        late.append(bench.joules() - at_end_j)
        time.sleep(1)
    yield Row(4, what, ", ".join(f"{late_j:.1f}" for late_j in late) + " J")


def starting(bench: Bench) -> Iterator[Row]:
    """5: what a connection costs."""
    again = []
    for _ in range(bench.effort.runs):
        call(pynvml, pynvml.nvmlShutdown)
        start_s = time.perf_counter()
        call(pynvml, pynvml.nvmlInit)
        again.append(time.perf_counter() - start_s)
    bench.handle = call(pynvml, pynvml.nvmlDeviceGetHandleByIndex, 0)
    shown = f"first {1000 * bench.first_init_s:.2f} ms, then median {1000 * statistics.median(again):.2f} ms"
    yield Row(5, f"init, persistence {_persistence(bench)}", shown)
    _, powers = _polled(bench.watts, bench.effort.watch_s, 0.1)
    yield Row(5, "idle power with the connection held", f"{statistics.median(powers):.1f} W")
    yield Row(5, "the other persistence mode", "not run: it takes root; `nvidia-smi -pm 0` or `1`, then run this again")


def scopes(bench: Bench) -> Iterator[Row]:
    """6: which scopes of power and energy answer."""
    for field, name in ((AVERAGE, "average power"), (INSTANT, "instant power"), (SCOPED_ENERGY, "energy")):
        found = []
        for scope, covers in SCOPES.items():
            try:
                value = field_value(pynvml, bench.handle, field, scope)
            except NvmlFailure as failure:
                found.append(f"{covers}: {failure.reason}")
            else:
                found.append(
                    f"{covers}: {value.ullVal} mJ" if field == SCOPED_ENERGY else f"{covers}: {value.uiVal} mW"
                )
        yield Row(6, f"field {field}, {name}", "; ".join(found))


def repeated(bench: Bench, folder: Path) -> Iterator[Row]:
    """7 and 9: `emissions` against a bare difference of the counter, and the time of the work with and without it."""
    work = _work_command(bench)
    bare_j, metered_j, bare_s, metered_s = [], [], [], []
    out = folder / "run"
    options = ["--quiet", "--region", "FR", "--gpus", "0", "--out", str(out)]
    for _ in range(bench.effort.runs):
        joules, seconds = _counted(bench, work)
        bare_j.append(joules)
        bare_s.append(seconds)
        metered_s.append(_time_of([sys.executable, "-m", "reporter", "run", *options, "--", *work])[1])
        footprint = json.loads((out / "footprint.json").read_text())
        rows = [row for row in footprint["meters"] if row["id"] == f"nvml:{bench.devices[0].uuid}"]
        metered_j.append(rows[0]["energy_j"] or 0.0)
    kind = "`sleep`, since there is no work" if bench.why_not else "fixed work"
    yield Row(7, f"the counter's difference over the bare command ({kind})", _spread(bare_j, "J"))
    yield Row(7, "`emissions run`, the GPU's joules", _spread(metered_j, "J"))
    if bench.why_not:
        yield Row(9, "time of the work with and without metering", bench.why_not)
        return
    ratio = statistics.median(metered_s) / statistics.median(bare_s) - 1
    shown = f"{_spread(metered_s, 's')} with, {_spread(bare_s, 's')} without: {ratio:+.2%}"
    yield Row(9, "time of the work with and without metering", shown)


def selections(bench: Bench) -> Iterator[Row]:
    """8: what CUDA shows for a value of CUDA_VISIBLE_DEVICES, and what we take it to show."""
    what = "CUDA_VISIBLE_DEVICES as CUDA reads it and as we do"
    shown = _cuda_devices(None)
    if not shown:
        yield Row(8, what, bench.why_not or "not run: CUDA lists no device")
        return
    wrong, values = [], _values(bench.devices)
    for value in values:
        ours = [
            bench.devices[index].uuid
            for index in visible_gpus(bench.devices, visible=value, order="PCI_BUS_ID").indices
        ]
        theirs = _cuda_devices(value)
        if [uuid.removeprefix("GPU-") for uuid in ours] != theirs:
            wrong.append(f"`{value}`: CUDA {len(theirs)}, we {len(ours)}")
    yield Row(
        8, what, f"{len(values) - len(wrong)} of {len(values)} values agree" + "".join(f"; {row}" for row in wrong)
    )


def facts(bench: Bench) -> Iterator[Row]:
    """10: the board."""
    asked: dict[str, Callable[[], object]] = {
        "driver": lambda: call(pynvml, pynvml.nvmlSystemGetDriverVersion),
        "architecture": lambda: call(pynvml, pynvml.nvmlDeviceGetArchitecture, bench.handle),
        "power limit": lambda: f"{call(pynvml, pynvml.nvmlDeviceGetPowerManagementLimit, bench.handle) / 1000:.0f} W",
        "MIG": lambda: "on" if call(pynvml, pynvml.nvmlDeviceGetMigMode, bench.handle)[0] else "off",
    }
    words = [f"{len(bench.devices)} × {bench.devices[0].name}"]
    words += [f"{name} {_or_reason(ask)}" for name, ask in asked.items()]
    yield Row(10, "board", ", ".join((*words, f"persistence {_persistence(bench)}")))
    yield Row(10, "work", bench.load or bench.why_not)


def kept_recording(folder: Path) -> str:
    """The last run's recording without what tells whose machine it was: paths, and the GPU's identity."""
    text = (folder / "run" / "recording.jsonl").read_text()
    first, *rest = text.splitlines(keepends=True)
    start = json.loads(first)
    start["job"] |= {"command": None, "name": "validation", "repository": None, "sha": None}
    start["extra"] = {}
    lines = json.dumps(start) + "\n" + "".join(line for line in rest if '"kind":"extra"' not in line)
    for number, uuid in enumerate(dict.fromkeys(row["uuid"] for row in start["hardware"]["gpus"])):
        lines = lines.replace(uuid, f"GPU-00000000-0000-0000-0000-{number:012d}")
    return lines


def validate(effort: Effort, folder: Path) -> list[Row]:
    """All points, in their order."""
    bench = Bench(effort)
    rows: list[Row] = []
    points: list[Callable[[Bench], Iterator[Row]]] = [
        facts, scopes, ticks, latencies, squares, ending, starting, selections, lambda bench: repeated(bench, folder),
    ]  # fmt: skip
    for point in points:
        try:
            for row in point(bench):
                rows.append(row)
                print(f"{row.point:2}  {row.what}: {row.found}", flush=True)
        except (NvmlFailure, OSError, ValueError, subprocess.SubprocessError, IndexError) as failure:
            name = (point.__doc__ or "a point").split(":")[0]
            rows.append(
                Row(int(name) if name.isdigit() else 7, "not finished", getattr(failure, "reason", str(failure)))
            )
    return sorted(rows, key=lambda row: row.point)


def table(rows: Sequence[Row]) -> str:
    """The results as Markdown."""
    lines = [f"| {row.point} | {row.what} | {row.found} |" for row in rows]
    return "\n".join(("| point | what | found |", "| --: | :-- | :-- |", *lines))


def _polled(ask: Callable[[], float], seconds: float, step_s: float) -> tuple[list[float], list[float]]:
    times, values = [], []
    start_s = time.perf_counter()
    due_s = start_s
    while due_s - start_s < seconds:
        before_s = time.perf_counter()
        values.append(ask())
        times.append((before_s + time.perf_counter()) / 2)
        due_s = max(due_s + step_s, time.perf_counter())
        time.sleep(max(0.0, due_s - time.perf_counter()))
    return times, values


def _latency(ask: Callable[[], object], calls: int) -> str:
    took_us = []
    try:
        for _ in range(calls):
            start_ns = time.perf_counter_ns()
            ask()
            took_us.append((time.perf_counter_ns() - start_ns) / 1000)
            time.sleep(POLL_S)
    except NvmlFailure as failure:
        return failure.reason
    took_us.sort()
    return f"{took_us[len(took_us) // 2]:.0f} / {took_us[min(len(took_us) - 1, len(took_us) * 99 // 100)]:.0f} µs"


class _Process:
    """A process that works until the block ends."""

    def __init__(self, code: str) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)

    def __enter__(self) -> None:
        # It says a word once its work begins.
        if self._process.stdout is not None and not self._process.stdout.readline():
            raise OSError("the work ended before it began")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def _worker(seconds: float) -> _Process:
    return _Process(f"from benchmarks.gpu_load import open_load as o; l = o(); print(1, flush=True); l.work({seconds})")


def _square(period_s: float, seconds: float) -> _Process:
    """Half of each period work, half nothing, on an absolute schedule."""
    code = (
        "import time; from benchmarks.gpu_load import open_load as o; l = o(); print(1, flush=True)\n"
        f"start = time.perf_counter(); n = 0\nwhile n * {period_s} < {seconds}:\n"
        f"    l.work(max(0.0, start + (n + 0.5) * {period_s} - time.perf_counter())); n += 1\n"
        f"    time.sleep(max(0.0, start + n * {period_s} - time.perf_counter()))"
    )
    return _Process(code)


def _work_command(bench: Bench) -> list[str]:
    if bench.why_not:
        return ["sleep", str(bench.effort.load_s)]
    batch_s = _time_of([*LOAD, "fixed", "200"])[1] / 200
    return [*LOAD, "fixed", str(max(1, round(bench.effort.load_s / batch_s)))]


def _counted(bench: Bench, command: Sequence[str]) -> tuple[float, float]:
    """The counter's difference over a command, from tick to tick less what lies outside it; and the work's seconds."""
    before_s, before_j = bench.tick()
    idle_w = bench.watts()
    took_s, work_s = _time_of(command)
    after_s, after_j = bench.tick()
    return after_j - before_j - idle_w * (after_s - before_s - took_s), work_s


def _time_of(command: Sequence[str]) -> tuple[float, float]:
    """The seconds of a command, and of its work as it says itself."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    start_s = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, text=True)
    took_s = time.perf_counter() - start_s
    return took_s, float(done.stdout.split()[-1]) if done.stdout.strip() else took_s


def _cuda_devices(value: str | None) -> list[str]:
    """What CUDA shows to a fresh process: UUIDs without their prefix."""
    environ = {name: text for name, text in os.environ.items() if name not in IDLE_ENVIRONMENT}
    environ |= {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"} | ({} if value is None else {"CUDA_VISIBLE_DEVICES": value})
    done = subprocess.run([*LOAD, "devices"], cwd=ROOT, env=environ, check=False, capture_output=True, text=True)
    return done.stdout.split()


def _values(devices: Sequence[Device]) -> list[str | None]:
    """The rows of the selection table that these devices can confirm."""
    first, last = devices[0].uuid, devices[-1].uuid
    number = len(devices)
    plain = ["", "0", " 0", "0x", "-1", "-1,0", "abc", "0,0", "0,-1", "0,,0", str(number), f"0,{number},0"]
    several = [f"{number - 1},0", f"{last},{first}"] if number > 1 else []
    named = [first, first[:12], "GPU-ffffffff", f"0,{last}", f"{first},0", f"{first},{first}"]
    return [None, *plain, *several, *named]


def _persistence(bench: Bench) -> str:
    return _or_reason(lambda: "on" if call(pynvml, pynvml.nvmlDeviceGetPersistenceMode, bench.handle) else "off")


def _or_reason(ask: Callable[[], object]) -> str:
    try:
        answer = ask()
    except NvmlFailure as failure:
        return failure.reason
    return answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)


def _spread(values: Sequence[float], unit: str) -> str:
    middle = statistics.median(values)
    ratio = (max(values) - min(values)) / middle if middle else 0.0
    return f"{middle:.3f} {unit} (n {len(values)}, spread {ratio:.2%})"


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write where that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu_validation", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes")
    parser.add_argument("--write", action="store_true", help="into docs/gpu-validation.md and tests/data/gpu")
    parser.add_argument("--out", type=Path, help="into this folder: results.md and recording.jsonl")
    options = parser.parse_args(arguments)
    if options.write and os.environ.get("EMISSIONS_NVML_LIBRARY"):
        parser.error("--write is for real GPUs; use --out with EMISSIONS_NVML_LIBRARY")
    with tempfile.TemporaryDirectory(prefix="gpu-validation-") as name:
        rows = validate(QUICK if options.quick else FULL, Path(name))
        text = f"{machine.facts()}\n\n{table(rows)}\n"
        recording = kept_recording(Path(name))
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "results.md").write_text(text, "utf-8")
        (options.out / "recording.jsonl").write_text(recording, "utf-8")
    if options.write:
        PAGE.write_text(BETWEEN.sub(lambda page: page[1] + text + page[2], PAGE.read_text("utf-8")), "utf-8")
        FIXTURES.mkdir(parents=True, exist_ok=True)
        (FIXTURES / "recording.jsonl").write_text(recording, "utf-8")


if __name__ == "__main__":
    main()
