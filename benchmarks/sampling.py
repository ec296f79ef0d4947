"""What metering costs while the command runs: the processor time of the meter's threads, as the kernel counts it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks import standin
from benchmarks.figure import Figure
from benchmarks.installation import reporter_python
from benchmarks.timing import clean_environment

SETTLED_S, LOOK_S = 8, 20
"""In the first 5 s readings are taken ten times as often: the look begins later."""
GPUS, SOCKETS, ZONES = 8, 14, ("package", "core", "uncore", "dram")
RANGE_UJ = 262_143_328_850
FEW_GOAL_RATIO, MANY_GOAL_RATIO = 0.001, 0.003


def measure(folder: Path) -> Iterator[Figure]:
    """Processor time at the usual rate: neither the start nor the report is in it."""
    python = reporter_python(folder)
    usual = clean_environment()
    yield _figure(folder, python, usual, "this machine's own meters", FEW_GOAL_RATIO)
    built = standin.library(folder)
    if built is None:
        yield Figure(what="processor time with GPUs", value="not measured: there is no C compiler")
        return
    gpus = standin.environment(folder / "gpus", built, usual["PATH"], gpus=GPUS, limit_w=700)
    yield _figure(folder, python, usual | gpus, f"{GPUS} GPUs", FEW_GOAL_RATIO)
    zones = {"EMISSIONS_SYSFS_ROOT": str(_rapl(folder / "root"))}
    what = f"{GPUS + SOCKETS * len(ZONES)} meters: {GPUS} GPUs and {SOCKETS * len(ZONES)} RAPL counters"
    yield _figure(folder, python, usual | gpus | zones, what, MANY_GOAL_RATIO)


def _figure(folder: Path, python: str, env: Mapping[str, str], what: str, goal_ratio: float) -> Figure:
    early_s, late_s = _cpu_s(folder, python, env)
    share_ratio = (late_s - early_s) / LOOK_S
    return Figure(
        what=f"processor time of the meter at the usual rate, {what}",
        value=f"**{share_ratio:.3%}** of one core; {early_s * 1e3:.0f} ms for the start and the first {SETTLED_S} s",
        goal=f"≤ {goal_ratio:.1%}",
        reached=share_ratio <= goal_ratio,
    )


def _cpu_s(folder: Path, python: str, env: Mapping[str, str]) -> tuple[float, float]:
    """What the meter has taken some seconds after its start, and what a while later."""
    options = ["--quiet", "--region", "FR", "--out", str(folder / "sampling")]
    command = [python, "-I", "-m", "reporter", "run", *options, "--", "sleep", str(SETTLED_S + LOOK_S + 1)]
    with subprocess.Popen(command, env=dict(env), cwd=folder, stdin=subprocess.DEVNULL) as meter:
        time.sleep(SETTLED_S)
        early_s = _threads_s(meter.pid)
        time.sleep(LOOK_S)
        late_s = _threads_s(meter.pid)
    if meter.returncode:
        raise SystemExit(f"`{' '.join(command)}` ended with {meter.returncode}")
    return early_s, late_s


def _threads_s(pid: int) -> float:
    """Time on a processor of all threads that live; the first number of schedstat is in nanoseconds."""
    return sum(int(file.read_text().split()[0]) for file in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def _rapl(root: Path) -> Path:
    """A machine of many sockets: the folder that holds its sys/ and proc/."""
    for socket in range(SOCKETS):
        for child, name in enumerate(ZONES, start=-1):
            number = f"intel-rapl:{socket}" if child < 0 else f"intel-rapl:{socket}:{child}"
            zone = root / "sys/class/powercap" / number
            zone.mkdir(parents=True)
            files = {
                "name": f"{name}-{socket}" if child < 0 else name,
                "energy_uj": 10**9,
                "max_energy_range_uj": RANGE_UJ,
            }
            for file, text in files.items():
                (zone / file).write_text(f"{text}\n")
    (root / "proc").mkdir()
    for name in ("stat", "meminfo", "cpuinfo"):
        (root / "proc" / name).write_text(Path("/proc", name).read_text())
    return root
