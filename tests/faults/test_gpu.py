"""Faults of GPUs and their driver, through the real command: the status is the command's, nothing lost is 0."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cli.command import Emissions
from tests.fixtures_metering import standin_environment

STATUS = 7
WATTS = 200.0
UUID = "GPU-00000000-0000-0000-0000-00000000000"
COUNTER, POWER = "nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetPowerUsage"
NO_COUNTER = [(COUNTER, 0, 3), ("field:83", 0, 3), ("field:191", 0, 3)]
NO_POWER = [(POWER, 0, 3), ("field:185", 0, 3), ("field:186", 0, 3)]
FOREVER = 1e9
MIDWAY_S = 0.9
"""Since the library was opened; the command starts well before, also on a busy machine, and lasts longer."""
LATE_S = 40.0
"""How long a run may take on a busy machine."""
ENDLESS_MS = 600_000
SOON_S = 9.0
"""From the command's end to the status, on a busy machine, where a driver holds a call for ten minutes."""


class Seen(NamedTuple):
    """What became of one run."""

    status: int
    footprint: dict[str, Any]
    warnings: str
    late_s: float = 0.0
    """From the command's end to the meter's."""

    def gpu(self, index: int = 0) -> dict[str, Any] | None:
        """The meter of one GPU; None where it has none."""
        found = [meter for meter in self.footprint["meters"] if meter["id"] == f"nvml:{UUID}{index}"]
        return found[0] if found else None

    @property
    def flags(self) -> set[str]:
        """The codes of the flags."""
        return {flag.partition(":")[0] for flag in self.footprint["flags"]}

    @property
    def duration_s(self) -> float:
        """How long the command took."""
        return float(self.footprint["job"]["duration_s"])

    @property
    def why(self) -> str:
        """What is said of the GPUs that are not there."""
        rows = [row for row in self.footprint["unavailable"] if row["source"].startswith("nvml")]
        return " ".join(row["reason"] for row in rows)


def is_right(seen: Seen, index: int = 0, watts: float = WATTS, method: str = "counter", doubt_s: float = 0.0) -> None:
    """The energy is watts × time within its own printed bounds, and these are no excuse.

    The bounds do not hold how long a call took: nobody knows at which moment of it the value was true (`doubt_s`).
    """
    gpu = seen.gpu(index)
    assert gpu is not None
    expected_j = watts * seen.duration_s
    assert gpu["method"] == method
    doubt_j = watts * doubt_s
    assert gpu["low_j"] - doubt_j <= expected_j <= gpu["high_j"] + doubt_j, (gpu, expected_j)
    assert gpu["energy_j"] == pytest.approx(expected_j, abs=watts * 0.25 + 0.05 * expected_j)


def is_at_least_part(seen: Seen, flag: str | None, index: int = 0) -> None:
    """Some energy was lost: what is there is not 0, what may be missing is in the bounds, and a flag says so."""
    gpu = seen.gpu(index)
    assert gpu is not None
    assert 0 < gpu["energy_j"] <= 1.1 * WATTS * seen.duration_s + WATTS * 0.1
    assert gpu["high_j"] >= WATTS * (seen.duration_s - 0.1)
    assert flag is None or flag in seen.flags, seen.footprint["flags"]


def is_unavailable(seen: Seen, words: str, *, unknown: bool = True) -> None:
    """No meter and no joules, a reason, and no verdict that could pass."""
    assert [meter for meter in seen.footprint["meters"] if meter["component"] in ("gpu", "module")] == []
    assert words in seen.why
    assert (seen.footprint["verdict"]["outcome"] == "unknown") is unknown


def is_lost(seen: Seen) -> None:
    is_at_least_part(seen, "low-coverage")
    assert f"reading-failed:nvml:{UUID}0: the GPU is lost (NVML 15)" in seen.footprint["flags"]
    assert seen.footprint["verdict"]["outcome"] == "unknown"
    is_right(seen, 1)


def is_not_read(seen: Seen) -> None:
    gpu = seen.gpu()
    assert gpu is None or gpu["energy_j"] is None
    assert gpu is not None or seen.why
    assert seen.footprint["verdict"]["outcome"] == "unknown"
    is_right(seen, 1)


def is_stuck(seen: Seen) -> None:
    is_at_least_part(seen, "source-stuck")
    assert "hangs" in seen.warnings
    assert seen.late_s < SOON_S


def is_right_and_soon(seen: Seen) -> None:
    is_right(seen)
    assert seen.late_s < SOON_S


def is_integrated(seen: Seen, flag: str) -> None:
    """The counter was not believed, power stands in, and a flag says so."""
    is_right(seen, method="integrated")
    assert flag in seen.flags


def is_module(seen: Seen) -> None:
    (meter,) = [meter for meter in seen.footprint["meters"] if meter["component"] == "module"]
    assert meter["low_j"] <= WATTS * seen.duration_s <= meter["high_j"]
    assert [meter["id"] for meter in seen.footprint["meters"] if meter["included"]] == [meter["id"]]


def all_are_right(count: int) -> Callable[[Seen], None]:
    def check(seen: Seen) -> None:
        for index in range(count):
            gpu = [meter for meter in seen.footprint["meters"] if meter["id"].endswith(f"{index:012d}")]
            assert gpu[0]["low_j"] <= WATTS * seen.duration_s <= gpu[0]["high_j"]
        total_j = sum(meter["energy_j"] for meter in seen.footprint["meters"] if meter["included"])
        assert seen.footprint["energy"]["it_j"] == pytest.approx(total_j)

    return check


class Fault(NamedTuple):
    """One scenario: what the stand-in does, and what the footprint must then say."""

    shown: Mapping[str, Any]
    check: Callable[[Seen], None]
    lasting_s: float = 1.5
    library: str | None = None


FAULTS = {
    "library absent": Fault({}, lambda seen: is_unavailable(seen, "cannot be loaded"), library="absent.so"),
    "a text file as library": Fault({}, lambda seen: is_unavailable(seen, "cannot be loaded"), library="text.so"),
    "init: no permission": Fault({"faults": [("nvmlInit", -1, 4)]}, lambda seen: is_unavailable(seen, "permission")),
    "init: no driver": Fault(
        {"faults": [("nvmlInit", -1, 9)]}, lambda seen: is_unavailable(seen, "driver", unknown=False)
    ),
    "init: driver mismatch": Fault({"faults": [("nvmlInit", -1, 18)]}, lambda seen: is_unavailable(seen, "version")),
    "init takes 5 s": Fault({"faults": [("nvmlInit", -1, 0, 0, FOREVER, 5000)]}, is_right),
    "no GPU": Fault({"gpus": 0}, lambda seen: is_unavailable(seen, "GPU", unknown=False)),
    "no counter": Fault({"faults": NO_COUNTER}, lambda seen: is_right(seen, method="integrated")),
    "neither counter nor power": Fault({"faults": [*NO_COUNTER, *NO_POWER]}, is_not_read),
    "a passing error": Fault({"faults": [(COUNTER, 0, 3, 0.3, 0.5, 0)]}, is_right),
    "every second reading missed": Fault(
        {"faults": [(COUNTER, 0, 999, t, t + 0.1, 0) for t in (0.2, 0.4, 0.6)]}, is_right
    ),
    "lost midway": Fault(
        {"faults": [(COUNTER, 0, 15, MIDWAY_S, FOREVER, 0), (POWER, 0, 15, MIDWAY_S, FOREVER, 0)]}, is_lost
    ),
    "lost and back": Fault(
        {"faults": [(COUNTER, 0, 15, MIDWAY_S, MIDWAY_S + 0.2, 0), (POWER, 0, 15, MIDWAY_S, MIDWAY_S + 0.2, 0)]},
        is_lost,
    ),
    "counter reset": Fault({"resets": [(MIDWAY_S, 0)]}, lambda seen: is_at_least_part(seen, "counter-reset")),
    "counter frozen": Fault(
        {"faults": [(COUNTER, 0, 0, 0.3, FOREVER, 0, 1_060_000)]},
        lambda seen: is_integrated(seen, "counter-frozen"),
        lasting_s=2.2,
    ),
    "counter jumps": Fault(
        {"faults": [(COUNTER, 0, 0, MIDWAY_S, FOREVER, 0, "+1000000000000")]},
        lambda seen: is_at_least_part(seen, "counter-jump"),
    ),
    "power of 0": Fault({"faults": [*NO_COUNTER, (POWER, 0, 0, 0, FOREVER, 0, 0), *NO_POWER[1:]]}, is_not_read),
    "power of 4 GW": Fault(
        {"faults": [*NO_COUNTER, (POWER, 0, 0, 0, FOREVER, 0, 4_294_967_295), *NO_POWER[1:]]}, is_not_read
    ),
    "power of the module alone": Fault({"gpus": 1, "module": 1, "faults": NO_COUNTER}, is_module),
    "calls of 200 ms": Fault(
        {"faults": [(COUNTER, 0, 0, 0.2, FOREVER, 200)]}, partial(is_right, doubt_s=0.2), lasting_s=1.5
    ),
    "a call without end": Fault({"faults": [(COUNTER, 0, 0, MIDWAY_S, FOREVER, ENDLESS_MS)]}, is_stuck),
    "closing without end": Fault({"faults": [("nvmlShutdown", -1, 0, 0, FOREVER, ENDLESS_MS)]}, is_right_and_soon),
    "init without end": Fault(
        {"faults": [("nvmlInit", -1, 0, 0, FOREVER, ENDLESS_MS)]},
        lambda seen: is_unavailable(seen, "did not answer within 10 s"),
    ),
    "16 GPUs": Fault({"gpus": 16, "trace": [(0, gpu, WATTS) for gpu in range(16)]}, all_are_right(16)),
    "a name in odd bytes": Fault({"names": ["H\udcff200", "x"]}, is_right),
}
"""Name → scenario; GPU 0 has the fault, GPU 1 has none."""


@pytest.fixture(scope="module")
def runs(nvml_standin: Path, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """All of them, a few side by side."""
    bare = {name: value for name, value in environ.items() if name != "EMISSIONS_SOURCES"}
    return {
        name: seen
        for names in _groups(list(FAULTS), 5)
        for name, seen in _together(names, nvml_standin, bare, tmp_path_factory).items()
    }


def _groups(names: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]


def _together(
    names: list[str], library: Path, environ: Mapping[str, str], folders: pytest.TempPathFactory
) -> dict[str, Seen]:
    started = {}
    for name in names:
        fault, folder = FAULTS[name], folders.mktemp("gpu")
        keywords = {"gpus": 2, "trace": [(0, 0, WATTS), (0, 1, WATTS)], **fault.shown}
        shown = standin_environment(library, folder, **keywords)
        if fault.library:
            (folder / "text.so").write_text("no library")
            shown = {"EMISSIONS_NVML_LIBRARY": str(folder / fault.library)}
        there = Emissions(cwd=folder, environ={**environ, **shown})
        words = (
            "run",
            "--region",
            "FR",
            "--budget",
            "1 kg",
            "--",
            "sh",
            "-c",
            f"sleep {fault.lasting_s}; : > ended; exit {STATUS}",
        )
        started[name] = there.start(*words), folder
    with ThreadPoolExecutor(len(started)) as pool:
        return dict(zip(started, pool.map(_awaited, started.values()), strict=True))


def _awaited(run: tuple[subprocess.Popen[bytes], Path]) -> Seen:
    process, folder = run
    try:
        _, err = process.communicate(timeout=LATE_S)
    finally:
        process.kill()
    late_s = time.time() - (folder / "ended").stat().st_mtime
    written = folder / "emissions-report" / "footprint.json"
    footprint = json.loads(written.read_text()) if written.exists() else {}
    return Seen(process.returncode, footprint, err.decode(errors="replace"), late_s)


@pytest.mark.parametrize("name", FAULTS)
def test_a_gpus_fault_is_told_and_costs_the_command_nothing(runs: dict[str, Seen], name: str) -> None:
    seen = runs[name]

    assert seen.footprint, seen.warnings
    assert seen.status == STATUS, seen.warnings
    assert "Traceback" not in seen.warnings
    assert "NaN" not in json.dumps(seen.footprint)
    assert all(meter["energy_j"] != 0 for meter in seen.footprint["meters"])
    FAULTS[name].check(seen)


def test_a_driver_that_hangs_while_it_is_let_go_holds_nothing_up(
    nvml_standin: Path, emissions: Emissions, tmp_path: Path
) -> None:
    slow = standin_environment(nvml_standin, tmp_path, faults=[("nvmlShutdown", -1, 0, 0, FOREVER, 8000)])

    began = time.monotonic()
    ran = emissions("run", "--region", "FR", "--", "sh", "-c", "exit 7", **slow, EMISSIONS_SOURCES="nvml")

    assert time.monotonic() - began < 6
    assert ran.status == STATUS
    assert "shutdown" in (tmp_path / "calls").read_text()
    assert ran.footprint["job"]["exit_status"] == STATUS
