"""Faults of the processors' counters, through the command: the metered job itself moves the counters that are read."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Emissions, Ran
from tests.fixtures_metering import PROC, RANGE_UJ, SERVER, powercap, zone

STATUS = 7
Tree = Callable[[Mapping[str, str]], Path]
Step = dict[str, object]
ONE = PROC | powercap({"intel-rapl:0": zone("package-0", 1_000_000)})


def run(emissions: Emissions, root: Path, *steps: Step, sources: str = "rapl,cpu_model,dram_model") -> Ran:
    """Meter a job that sets counters (µJ, or any text) at 0.2 s, 0.4 s …; None takes the zone away."""
    lines = []
    for step in steps:
        lines.append("sleep 0.2")
        for name, value in step.items():
            file = shlex.quote(str(root / "sys/class/powercap" / name / "energy_uj"))
            lines.append(f"printf '%s\\n' {shlex.quote(str(value))} 1<>{file}")
    script = "\n".join([*lines, "sleep 0.2", f"exit {STATUS}"])
    variables = {"EMISSIONS_SYSFS_ROOT": str(root), "EMISSIONS_SOURCES": sources}
    ran = emissions.quick("run", "--region", "FR", "--budget", "1 kg", "--", "sh", "-c", script, **variables)
    assert ran.status == STATUS, ran.err
    assert ran.is_clean, ran.err
    assert all(meter["energy_j"] != 0 for meter in ran.footprint["meters"])
    return ran


def meters(ran: Ran) -> dict[str, dict[str, Any]]:
    return {meter["id"]: meter for meter in ran.footprint["meters"]}


def codes(ran: Ran) -> set[str]:
    return {flag.partition(":")[0] for flag in ran.footprint["flags"]}


def counted(ran: Ran) -> dict[str, float]:
    rows = meters(ran).items()
    return {key: meter["energy_j"] for key, meter in rows if meter["included"] and meter["energy_j"] is not None}


@pytest.fixture
def root(tree: Tree) -> Path:
    """One processor with RAPL, and a second one, of 16 GB."""
    return tree(ONE)


def test_a_counter_that_wraps_goes_on(emissions: Emissions, tree: Tree) -> None:
    root = tree(ONE | powercap({"intel-rapl:0": zone("package-0", RANGE_UJ - 4_000_000)}))

    ran = run(emissions, root, {"intel-rapl:0": RANGE_UJ - 1_000_000}, {"intel-rapl:0": "0000006000000"})

    # 4 J up to the range, one step of 1 µJ over it, and 6 J more.
    (energy_j,) = [meter["energy_j"] for meter in meters(ran).values() if meter["method"] == "counter"]
    assert energy_j == pytest.approx(10.000001)
    assert codes(ran) & {"counter-reset", "counter-jump", "low-coverage"} == set()


def test_a_decrease_of_an_unknown_range_is_a_gap_and_never_negative(emissions: Emissions, tree: Tree) -> None:
    root = tree(PROC | powercap({"intel-rapl:0": zone("package-0", 9_000_000, None)}))

    ran = run(emissions, root, {"intel-rapl:0": "12000000"}, {"intel-rapl:0": "00001000"}, {"intel-rapl:0": "02001000"})

    (meter,) = [meter for meter in meters(ran).values() if meter["method"] == "counter"]
    assert meter["energy_j"] == pytest.approx(5.0)  # 3 J before the reset, 2 J after it
    assert meter["high_j"] > 5.0
    assert "counter-reset" in codes(ran)


def test_a_reading_that_fails_midway_loses_nothing(emissions: Emissions, root: Path) -> None:
    ran = run(emissions, root, {"intel-rapl:0": "garbage"}, {"intel-rapl:0": "9000000"})

    (meter,) = [meter for meter in meters(ran).values() if meter["method"] == "counter"]
    assert (meter["energy_j"], meter["coverage_ratio"]) == (pytest.approx(8.0), 1)
    assert '"kind":"missed"' in (ran.folder / "recording.jsonl").read_text()


def test_readings_that_fail_to_the_end_give_way_to_the_model_and_are_told(emissions: Emissions, root: Path) -> None:
    ran = run(emissions, root, {"intel-rapl:0": "garbage"})

    assert set(counted(ran)) == {"model:cpu", "model:dram"}
    assert codes(ran) & {"counter-not-read", "short-window"}
    why = "reading-failed:rapl:package-0: the counter cannot be read: it is not a number"
    assert why in ran.footprint["flags"]


def test_what_lies_inside_or_around_a_package_is_not_counted_again(emissions: Emissions, tree: Tree) -> None:
    root = tree(SERVER)
    moved: Step = {
        "intel-rapl:0": 11_000_000, "intel-rapl:0:0": 5_400_000, "intel-rapl:0:1": 2_300_000,
        "intel-rapl:1": 22_000_000, "intel-rapl:1:0": 3_500_000, "intel-rapl:10": 99_000_000,
        "intel-rapl-mmio:0": 11_000_000,
    }  # fmt: skip

    ran = run(emissions, root, moved)

    assert ran.footprint["energy"]["it_j"] == pytest.approx(10 + 20 + 2 + 3)
    assert sum(counted(ran).values()) == pytest.approx(35)


def test_text_that_is_no_number_is_unavailable_and_the_model_stands_in(emissions: Emissions, tree: Tree) -> None:
    root = tree(PROC | powercap({"intel-rapl:0": zone("package-0", "<unknown>")}))

    ran = run(emissions, root)

    assert set(counted(ran)) == {"model:cpu", "model:dram"}
    (row,) = [row for row in ran.footprint["unavailable"] if row["source"].startswith("rapl")]
    assert row["reason"]


def test_without_rapl_or_a_model_nothing_is_known_and_nothing_is_zero(emissions: Emissions, tree: Tree) -> None:
    ran = run(emissions, tree(PROC), sources="rapl")

    assert ran.footprint["energy"]["it_j"] is None
    assert ran.footprint["emissions"]["gco2e"] is None
    assert ran.footprint["verdict"]["outcome"] == "unknown"


def test_a_jump_beyond_what_a_package_can_draw_is_left_out(emissions: Emissions, root: Path) -> None:
    ran = run(emissions, root, {"intel-rapl:0": 3_000_000}, {"intel-rapl:0": 90_000_000_000})

    (meter,) = [meter for meter in meters(ran).values() if meter["method"] == "counter"]
    assert meter["energy_j"] == pytest.approx(2.0)
    assert "counter-jump" in codes(ran)


def test_a_model_that_loses_procfs_midway_says_so(emissions: Emissions, tree: Tree) -> None:
    root = tree(PROC)
    (root / "sys/class/powercap").mkdir(parents=True)
    script = f"sleep 0.5; : > {shlex.quote(str(root / 'proc/stat'))}; sleep 2.5; exit {STATUS}"

    ran = emissions.quick("run", "--region", "FR", "--", "sh", "-c", script, EMISSIONS_SYSFS_ROOT=str(root))

    assert ran.status == STATUS
    assert ran.is_clean
    assert "reading-failed:model:cpu: busy time cannot be read: not /proc/stat" in ran.footprint["flags"]
    assert "low-coverage:model:cpu" in ran.footprint["flags"]
    assert all(meter["energy_j"] != 0 for meter in ran.footprint["meters"])
