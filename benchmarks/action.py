"""What the action costs: its set-up with pip and with uv, and all its steps around the command `true`."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.installation import STEPS, copy_of_action, path_of_tools, set_up, uv_command
from benchmarks.timing import Timing, clean_environment

RUNS = 5
GOALS_S = {"pip": 3.0, "uv": 1.0}


def measure(folder: Path) -> Iterator[Figure]:
    """Set-up and all steps; the caches of pip and uv are empty each time, as on a fresh runner."""
    for tool, goal_s in GOALS_S.items():
        if tool == "uv" and uv_command() is None:
            yield Figure(what="action with uv", value="not measured: there is no uv")
            continue
        rounds = [_round(folder / f"action-{tool}-{number}", tool) for number in range(RUNS)]
        steps = {name: Timing(times_s=tuple(found[name] for found in rounds)) for name in rounds[0]}
        total = Timing(times_s=tuple(sum(found.values()) for found in rounds))
        yield Figure(
            what=f"the action around `true`, with {tool}, nothing cached",
            value=f"**{total}**: " + ", ".join(f"{name} {timing.median_s:.2f}" for name, timing in steps.items()),
            goal=f"≤ {goal_s:g} s",
            reached=total.median_s <= goal_s,
        )


def _round(folder: Path, tool: str) -> dict[str, float]:
    """Seconds of each step."""
    folder.mkdir(parents=True)
    env = clean_environment(
        PATH=path_of_tools(folder, uv=tool == "uv"),
        PIP_CACHE_DIR=str(folder / "pip"),
        UV_CACHE_DIR=str(folder / "uv"),
    )
    action = copy_of_action(folder)
    took_s, python = set_up(folder / "temp", env, action)
    (state,) = (folder / "temp").rglob("use-*")
    step = env | {
        "EMISSIONS_PYTHON": python,
        "EMISSIONS_STATE": str(state),
        "EMISSIONS_METERED": "success",
        "EMISSIONS_REPORTED": "success",
        "EMISSIONS_MATRIX": "null",
        "EMISSIONS_INPUT_MODE": "run",
        "EMISSIONS_INPUT_RUN": "true",
        "EMISSIONS_INPUT_SHELL": "bash",
        "EMISSIONS_INPUT_REGION": "FR",
        "EMISSIONS_INPUT_BUDGET": "50 g",
        "EMISSIONS_INPUT_COMMENT": "off",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(action),
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GITHUB_OUTPUT": str(folder / "output"),
    }
    times_s = {"set up": took_s}
    for name in ("meter", "report", "gate"):
        start_s = time.perf_counter()
        command = ["sh", str(action / STEPS / "step.sh"), name]
        subprocess.run(command, env=step, cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        times_s[name] = time.perf_counter() - start_s
    if not (folder / "emissions-report" / "footprint.json").exists():
        raise SystemExit("The action's steps wrote no footprint.json")
    return times_s
