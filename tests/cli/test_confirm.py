"""`--confirm K`: commands that are run again, through the real command line, on a machine whose counter they turn."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.cli.command import OUT, Emissions, Ran
from tests.fixtures_metering import PROC, powercap, zone

WORK = """
import os, pathlib, sys, time
queue, counter = map(pathlib.Path, sys.argv[1:])
joules, status, *rest = queue.read_text().split()
queue.write_text(" ".join(rest))
file, began_uj = os.open(counter, os.O_WRONLY), int(counter.read_text())
for step in range(1, 21):
    time.sleep(0.02)
    os.pwrite(file, b"%d" % (began_uj + round(float(joules) * 1e6 * step / 20)), 0)
sys.exit(int(status))
"""
"""Takes the next amount from a file, turns the counter by so many joules, and ends with the status beside it."""
BASE = (99, 100, 101)


class Machine:
    """A processor with a counter, and a command that takes what it is told to."""

    def __init__(self, emissions: Emissions) -> None:
        self._emissions, self._root = emissions, emissions.cwd / "root"
        files = PROC | powercap({"intel-rapl:0": zone("package-0", 1_000_000_000)})
        for name, text in files.items():
            (self._root / name).parent.mkdir(parents=True, exist_ok=True)
            (self._root / name).write_text(text)
        self._queue, self._work = emissions.cwd / "queue", emissions.cwd / "work.py"
        self._work.write_text(WORK)

    def run(self, *options: str, takes: tuple[float, ...], statuses: tuple[int, ...] = (), out: str = OUT) -> Ran:
        """Meter the command; each of its runs takes the next of these joules."""
        statuses = statuses or (0,) * len(takes)
        self._queue.write_text(" ".join(f"{each} {status}" for each, status in zip(takes, statuses, strict=True)))
        counter = self._root / "sys/class/powercap/intel-rapl:0/energy_uj"
        given = ("--sources", "rapl", "--name", "train", "--region", "FR", "--pue", "1", "--out", out, *options)
        return self._emissions(
            "run", *given, "--", sys.executable, str(self._work), str(self._queue), str(counter),
            EMISSIONS_SYSFS_ROOT=str(self._root),
        )  # fmt: skip

    @property
    def runs_left(self) -> int:
        """Of the amounts that it was told, those that no run took."""
        return len(self._queue.read_text().split()) // 2


@pytest.fixture
def machine(emissions: Emissions) -> Machine:
    """With three runs of the base in the folder `base`."""
    made = Machine(emissions)
    for number, joules in enumerate(BASE):
        assert made.run(takes=(joules,), out=f"base/{number}").status == 0
    return made


def finding(ran: Ran) -> dict[str, Any]:
    (found,) = ran.footprint["verdict"]["findings"]
    return found  # type: ignore[no-any-return]


def test_an_increase_within_the_noise_is_decided_on_all_runs(machine: Machine) -> None:
    """Three runs of the base between 99 and 101 J: one run at 104 J may be noise, four of them are none."""
    once = finding(machine.run("--against", "base", "--budget", "+2%", takes=(104,)))
    ran = machine.run("--against", "base", "--budget", "+2%", "--confirm", "3", takes=(104,) * 4)

    again = finding(ran)
    assert (once["outcome"], once["why"]) == (
        "warn",
        "over the limit, but too close to call: within the noise of 3 runs",
    )
    assert (again["outcome"], machine.runs_left) == ("fail", 0)
    assert again["noise"] < 2 < once["noise"]
    assert [row["it_j"] for row in ran.footprint["repeats"]] == [pytest.approx(104, rel=0.02)] * 3
    assert ran.footprint["energy"]["it_j"] == pytest.approx(104, rel=0.02)
    assert "4 runs:" in (ran.folder / "report.md").read_text()


def test_an_increase_that_fails_by_one_outlier_fails_nobody(machine: Machine) -> None:
    ran = machine.run("--against", "base", "--budget", "+5%", "--gate", "--confirm", "2", takes=(130, 99.5, 100.5))

    assert (ran.status, finding(ran)["outcome"], machine.runs_left) == (0, "warn", 0)
    assert finding(ran)["observed"] == pytest.approx(10.0, abs=1)


def test_what_is_clear_is_run_once(machine: Machine) -> None:
    ran = machine.run("--against", "base", "--budget", "+5%", "--confirm", "3", takes=(100.5,) * 4)

    assert (finding(ran)["outcome"], machine.runs_left) == ("pass", 3)
    assert "repeats" not in ran.footprint


def test_no_more_is_run_once_it_is_no_longer_in_question(machine: Machine) -> None:
    ran = machine.run("--against", "base", "--budget", "+5%", "--confirm", "3", takes=(106, 100, 1.0, 1.0))

    assert (finding(ran)["outcome"], machine.runs_left) == ("pass", 2)
    assert finding(ran)["observed"] == pytest.approx(3.0, abs=1)


def test_a_limit_inside_the_interval_is_decided_by_the_mean_of_the_runs(machine: Machine) -> None:
    wh = 100 / 3600
    ran = machine.run("--budget", f"{wh:.6f} Wh", "--confirm", "3", takes=(100, 90, 90.5, 89.5))

    assert finding(ran)["outcome"] in ("warn", "pass")
    assert finding(ran)["observed"] < wh
    assert machine.runs_left < 3


def test_without_being_asked_nothing_runs_twice(machine: Machine) -> None:
    machine.run("--against", "base", "--budget", "+2%", takes=(104,) * 2)

    assert machine.runs_left == 1


def test_the_first_status_that_is_not_zero_is_the_commands(machine: Machine) -> None:
    options = ("--against", "base", "--budget", "+2%", "--confirm", "3")
    ran = machine.run(*options, takes=(104,) * 4, statuses=(0, 0, 7, 0))

    assert (ran.status, machine.runs_left) == (7, 1)
    assert [row["exit_status"] for row in ran.footprint["repeats"]] == [0, 7]
    assert ran.footprint["job"]["exit_status"] == 0
    assert "ended with status 7" in (ran.folder / "report.md").read_text()


def test_a_command_that_fails_is_not_run_again(machine: Machine) -> None:
    ran = machine.run("--against", "base", "--budget", "+2%", "--confirm", "3", takes=(104,) * 2, statuses=(3, 0))

    assert (ran.status, machine.runs_left) == (3, 1)


def test_the_config_file_may_ask_for_it(machine: Machine, emissions: Emissions) -> None:
    (emissions.cwd / "emissions.yml").write_text("version: 1\nconfirm: 1\nbudgets: [{max-increase: 2%}]\n")
    machine.run("--against", "base", takes=(104,) * 3)

    assert machine.runs_left == 1


def test_more_repeats_than_anybody_wants_are_a_mistake(emissions: Emissions) -> None:
    ran = emissions("run", "--confirm", "many", "--", "touch", "started")

    assert (ran.status, (emissions.cwd / "started").exists()) == (2, False)
    assert "whole number from 0 to 20" in ran.err


def test_a_report_made_from_the_footprint_judges_by_all_runs(machine: Machine, emissions: Emissions) -> None:
    options = ("--against", "base", "--budget", "+2%", "--confirm", "3")
    ran = machine.run(*options, takes=(104,) * 4)
    gate = emissions("gate", f"{OUT}/footprint.json", "--budget", "+2%")

    assert (ran.status, gate.status) == (0, 1)
