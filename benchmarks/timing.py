"""Wall times of commands: warmed up, interleaved, as medians with their spread."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Wall times of one command, seconds."""

    times_s: tuple[float, ...]

    @property
    def median_s(self) -> float:
        """The middle one."""
        return statistics.median(self.times_s)

    @property
    def least_s(self) -> float:
        """The one that other work on the machine disturbed least."""
        return min(self.times_s)

    def __str__(self) -> str:
        """Such as `128 ms (best 121, n 21)`."""
        return f"{show_s(self.median_s)} (best {show_s(self.least_s)}, n {len(self.times_s)})"


def interleaved(
    commands: Mapping[str, Sequence[str]], *, env: Mapping[str, str], cwd: Path, runs: int, warm_up: int = 2
) -> dict[str, Timing]:
    """Time the commands in turns, so that a slow moment of the machine meets them all."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(warm_up + runs):
        for name, command in commands.items():
            took_s = once(command, env=env, cwd=cwd)
            if turn >= warm_up:
                times[name].append(took_s)
    return {name: Timing(times_s=tuple(found)) for name, found in times.items()}


def once(command: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> float:
    """The wall time of one run, seconds. Raises CalledProcessError with its output where the command fails."""
    start_s = time.perf_counter()
    subprocess.run(command, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return time.perf_counter() - start_s


def clean_environment(**more: str) -> dict[str, str]:
    """What a job starts with: no settings of ours or of Python's that would change what is timed."""
    dropped = ("PYTHON", "EMISSIONS_", "GITHUB_", "RUNNER_", "VIRTUAL_ENV", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(dropped)} | more


def without_network(command: Sequence[str]) -> list[str]:
    """The command with loopback alone, where the kernel allows that: nobody's network waits are then counted."""
    return [*_isolation(), *command]


@cache
def _isolation() -> tuple[str, ...]:
    words = ("unshare", "-rn")
    if shutil.which(words[0]) is None:
        return ()
    return words if subprocess.run([*words, "true"], check=False, capture_output=True).returncode == 0 else ()


def show_s(value_s: float) -> str:
    """A time for people: `8.3 ms`, `1.24 s`."""
    return f"{value_s:.2f} s" if value_s >= 1 else f"{value_s * 1e3:.3g} ms"
