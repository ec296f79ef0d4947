"""The meters that are compared: how each is started around a command, and what it then says of the GPUs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.installation import ROOT, peer, reporter_python

J_PER_KWH = 3.6e6
CARBONTRACKER_POWER = re.compile(r"Average power usage \(W\) for gpu: \[?([\d.]+)")
CARBONTRACKER_TIME = re.compile(r"Duration: (\d+):(\d+):([\d.]+)")


class Meter(NamedTuple):
    """One of them: `command` goes before the metered one; `gpu_j` reads its answer from the folder it ran in."""

    name: str
    version: str
    command: tuple[str, ...]
    gpu_j: Callable[[Path], float | None]
    has_command_line: bool = True


def ours(folder: Path) -> Meter:
    """This reporter, as the action starts it."""
    command = (reporter_python(folder), "-I", "-m", "reporter", "run", "--region", "FR", "--budget", "50 g", "--")
    return Meter("emissions", "", command, _ours_j)


def peers(folder: Path) -> tuple[list[Meter], list[str]]:
    """The others in their newest versions, each as its own documentation says; and those that could not be had."""
    found, absent = [], []
    for name, make in (("codecarbon", _codecarbon), ("zeus", _zeus), ("carbontracker", _carbontracker)):
        installed = peer(folder, name)
        if installed is None:
            absent.append(name)
        else:
            found.append(make(*installed))
    return found, absent


def _codecarbon(programs: Path, version: str) -> Meter:
    options = ("--offline", "--country-iso-code", "FRA", "--no-api")
    return Meter("CodeCarbon", version, (str(programs / "codecarbon"), "monitor", *options, "--"), _codecarbon_j)


def _zeus(programs: Path, version: str) -> Meter:
    command = (str(programs / "python"), str(ROOT / "benchmarks" / "zeus_window.py"), "zeus.json")
    return Meter("Zeus", version, command, _zeus_j, has_command_line=False)


def _carbontracker(programs: Path, version: str) -> Meter:
    return Meter("CarbonTracker", version, (str(programs / "carbontracker"),), _carbontracker_j)


def _ours_j(folder: Path) -> float | None:
    document = json.loads((folder / "emissions-report" / "footprint.json").read_text())
    gpus = [row for row in document["meters"] if row["component"] == "gpu" and row["included"]]
    return None if any(row["energy_j"] is None for row in gpus) else sum(row["energy_j"] for row in gpus)


def _codecarbon_j(folder: Path) -> float | None:
    path = folder / "emissions.csv"
    if not path.exists():
        return None
    with path.open() as file:
        return float([*csv.DictReader(file)][-1]["gpu_energy"]) * J_PER_KWH


def _zeus_j(folder: Path) -> float | None:
    path = folder / "zeus.json"
    return float(json.loads(path.read_text())["gpu_j"]) if path.exists() else None


def _carbontracker_j(folder: Path) -> float | None:
    """Its log gives the average power and the duration; the energy that it prints adds a PUE and the processor."""
    for log in sorted(folder.glob("logs/*.log")):
        text = log.read_text()
        power, time = CARBONTRACKER_POWER.search(text), CARBONTRACKER_TIME.search(text)
        if power and time:
            hours, minutes, seconds = time.groups()
            return float(power[1]) * (3600 * int(hours) + 60 * int(minutes) + float(seconds))
    return None
