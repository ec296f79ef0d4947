"""Other meters beside ours, in one run on one machine: what each costs, and what each says where the truth is known.

All see the same GPUs: a stand-in for the driver's library, whose watts are known. That is no GPU; it shows what a meter
makes of the driver's answers, not how good these are.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from benchmarks import standin
from benchmarks.figure import Figure
from benchmarks.meters import Meter, ours, peers
from benchmarks.peak import peak_mb
from benchmarks.timing import clean_environment, show_s, without_network

RUNS = 7
STARTUP_TIMES, MEMORY_TIMES = 15, 2
WATTS = (100, 200)
"""The stand-in's two GPUs."""
SECOND = standin.UUID.format(1)
SLICE = "MIG-11111111-2222-3333-4444-555555555555"
AT = "at"


class Cost(NamedTuple):
    """Of one meter: medians until the command started, added in all to `true` and `sleep 1`; its peak in the last."""

    startup_s: float
    true_s: float
    sleep_s: float
    peak_mb: float


class Case(NamedTuple):
    """One job whose GPU energy is known: `watts` over its seconds; with `mig` the second GPU is cut in slices."""

    what: str
    visible: str | None
    seconds: float
    watts: float
    mig: bool = False


CASES = (
    Case("two GPUs, `CUDA_VISIBLE_DEVICES` unset", None, 1.5, sum(WATTS)),
    Case("`CUDA_VISIBLE_DEVICES` holds the second one's UUID", SECOND, 1.5, WATTS[1]),
    Case("`CUDA_VISIBLE_DEVICES` is empty: none", "", 1.5, 0),
    Case("`CUDA_VISIBLE_DEVICES` holds the UUID of a MIG slice of the second one", SLICE, 1.5, WATTS[1], mig=True),
    Case("a job of 0.3 s on both", None, 0.3, sum(WATTS)),
)


def measure(folder: Path) -> Iterator[Figure]:
    """How many times more each of the others takes to start, and how much more memory."""
    found = costs(folder)
    if found is None:
        yield Figure(what="other meters", value="not measured: there is no C compiler for the GPUs' stand-in")
        return
    own = found[ours(folder)]
    yield Figure(
        what="until `emissions run` starts the command, one GPU",
        value=f"**{show_s(own.startup_s)}**; added in all to `true` {show_s(own.true_s)}, to `sleep 1` "
        f"{show_s(own.sleep_s)}; peak memory {own.peak_mb:.1f} MB",
    )
    for meter, cost in found.items():
        if cost is own:
            continue
        times, memory_times = cost.startup_s / own.startup_s, cost.peak_mb / own.peak_mb
        yield Figure(
            what=f"until {meter.name} {meter.version} starts the command",
            value=f"{show_s(cost.startup_s)}: **{times:.1f} ×** ours; added in all to `true` {show_s(cost.true_s)}",
            goal=f"≥ {STARTUP_TIMES} ×",
            reached=times >= STARTUP_TIMES,
        )
        yield Figure(
            what=f"peak memory of {meter.name} {meter.version}",
            value=f"{cost.peak_mb:.1f} MB: **{memory_times:.1f} ×** ours",
            goal=f"≥ {MEMORY_TIMES} ×",
            reached=memory_times >= MEMORY_TIMES,
        )
    for name in peers(folder)[1]:
        yield Figure(what=name, value="not measured: it could not be installed")


def side_by_side(folder: Path) -> str:
    """The table of costs and answers, a column for each meter."""
    found = costs(folder)
    if found is None:
        return "Not measured: there is no C compiler for the GPUs' stand-in."
    rows = [
        ["", "truth", *(f"{meter.name} {meter.version}".strip() for meter in found)],
        [":--"] * (len(found) + 2),
        ["until the command starts", "", *(show_s(cost.startup_s) for cost in found.values())],
        ["added to `true`", "", *(show_s(cost.true_s) for cost in found.values())],
        ["added to `sleep 1`", "", *(show_s(cost.sleep_s) for cost in found.values())],
        ["peak memory", "", *(f"{cost.peak_mb:.0f} MB" for cost in found.values())],
    ]
    for number, case in enumerate(CASES):
        true_j = case.watts * case.seconds
        answers = [_answer(folder / f"case-{number}-{meter.name}", meter, case) for meter in found]
        rows.append([f"GPU energy: {case.what}", f"{true_j:.0f} J", *answers])
    statuses = [_status(folder / f"status-{meter.name}", meter) for meter in found]
    rows.append(["exit status of a command that ends with 3", "3", *statuses])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


@cache
def costs(folder: Path) -> dict[Meter, Cost] | None:
    """Each meter's cost around `true` and `sleep 1`, one GPU, run in turns; None without a stand-in."""
    meters = [ours(folder), *peers(folder)[0]]
    env = _environment(folder / "one-gpu", gpus=1)
    if env is None:
        return None
    stamp = ["sh", "-c", f"date +%s%N > {AT}"]
    workloads: dict[str, list[str]] = {"stamp": stamp, "true": ["true"], "sleep": ["sleep", "1"]}
    bare = {
        name: [_run(without_network(word), env, folder).total_s for _ in range(RUNS)]
        for name, word in workloads.items()
    }
    runs: dict[tuple[Meter, str], list[_Run]] = {}
    for turn in range(RUNS + 1):
        for meter in meters:
            home = folder / f"cost-{meter.name}"
            home.mkdir(exist_ok=True)
            for name, workload in workloads.items():
                run = _run(without_network([*meter.command, *workload]), env, home)
                if turn:
                    runs.setdefault((meter, name), []).append(run)
    return {
        meter: _cost(
            {name: runs[meter, name] for name in workloads},
            bare,
            peak_mb(without_network([*meter.command, "sleep", "1"]), env=env, cwd=folder / f"cost-{meter.name}"),
        )
        for meter in meters
    }


class _Run(NamedTuple):
    startup_s: float | None
    total_s: float
    status: int


def _cost(runs: Mapping[str, Sequence[_Run]], bare: Mapping[str, Sequence[float]], most_mb: float) -> Cost:
    added_s = {
        name: statistics.median(run.total_s for run in found) - statistics.median(bare[name])
        for name, found in runs.items()
    }
    return Cost(
        startup_s=statistics.median(run.startup_s for run in runs["stamp"] if run.startup_s is not None),
        true_s=added_s["true"],
        sleep_s=added_s["sleep"],
        peak_mb=most_mb,
    )


def _run(command: Sequence[str], env: Mapping[str, str], folder: Path) -> _Run:
    stamp = folder / AT
    stamp.unlink(missing_ok=True)
    begun_ns = time.time_ns()
    process = subprocess.Popen(
        command, env=dict(env), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    process.wait()
    total_s = (time.time_ns() - begun_ns) / 1e9
    startup_s = (int(stamp.read_text()) - begun_ns) / 1e9 if stamp.exists() else None
    return _Run(startup_s, total_s, process.returncode)


def _answer(folder: Path, meter: Meter, case: Case) -> str:
    """The joules that a meter gives, or how it failed."""
    slices = [(1, SLICE)] if case.mig else []
    trace = [(0, gpu, watts) for gpu, watts in enumerate(WATTS)]
    env = _environment(folder, gpus=len(WATTS), trace=trace, slices=slices) or {}
    if case.visible is not None:
        env["CUDA_VISIBLE_DEVICES"] = case.visible
    run = _run(without_network([*meter.command, "sleep", f"{case.seconds:g}"]), env, folder)
    if run.status:
        return f"fails with status {run.status}"
    found_j = meter.gpu_j(folder)
    if found_j is None:
        return "nothing"
    return (
        f"**{found_j:.0f} J**"
        if abs(found_j - case.watts * case.seconds) > 0.1 * sum(WATTS) * case.seconds
        else f"{found_j:.0f} J"
    )


def _status(folder: Path, meter: Meter) -> str:
    if not meter.has_command_line:
        return "meters code, not commands"
    env = _environment(folder, gpus=1) or {}
    status = _run(without_network([*meter.command, "sh", "-c", "exit 3"]), env, folder).status
    return str(status) if status == 3 else f"**{status}**"


def _environment(folder: Path, **scenario: object) -> dict[str, str] | None:
    folder.mkdir(parents=True, exist_ok=True)
    usual = clean_environment()
    usual.pop("CUDA_VISIBLE_DEVICES", None)
    built = standin.library(folder.parent)
    return None if built is None else usual | standin.environment(folder, built, usual["PATH"], **scenario)
