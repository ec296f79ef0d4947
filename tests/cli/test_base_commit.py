"""`--against-commit REF`: a repository with two commits, whose command turns the machine's counter, run in turns."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.command import METER, Emissions, Ran
from tests.fixtures_metering import PROC, powercap, zone

WORK = """
import os, pathlib, sys, time
counter, log = map(pathlib.Path, sys.argv[1:])
joules, status = pathlib.Path(__file__).with_name("takes").read_text().split()
with log.open("a") as lines:
    print(joules, pathlib.Path.cwd(), file=lines)
print("the output of", joules)
drift = len(log.read_text().splitlines()) * DRIFT
file, began_uj = os.open(counter, os.O_WRONLY), int(counter.read_text())
for step in range(1, 21):
    time.sleep(0.02)
    os.pwrite(file, b"%d" % (began_uj + round((float(joules) + drift) * 1e6 * step / 20)), 0)
sys.exit(int(status))
"""


IN_TURNS = ["100 here", "80 elsewhere", "80 elsewhere", "100 here", "100 here", "80 elsewhere"]
"""So that a machine that warms up favours neither."""


class Repository:
    """Two commits of one program: what it takes is in a file beside it, and grows with every run by the drift."""

    def __init__(self, emissions: Emissions, *, drift: float = 0.0) -> None:
        self._emissions, self._root, self.log = emissions, emissions.cwd / "root", emissions.cwd / "log"
        self.folder = emissions.cwd / "checkout"
        self.folder.mkdir()
        for name, text in (PROC | powercap({"intel-rapl:0": zone("package-0", 1_000_000_000)})).items():
            (self._root / name).parent.mkdir(parents=True, exist_ok=True)
            (self._root / name).write_text(text)
        (self.folder / "work.py").write_text(WORK.replace("DRIFT", str(drift)))
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.example")
        done = subprocess.run(["git", *who, *words], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, takes: float, status: int = 0) -> str:
        (self.folder / "takes").write_text(f"{takes} {status}")
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", f"takes {takes}")
        return self.git("rev-parse", "HEAD")

    @property
    def command(self) -> tuple[str, ...]:
        return sys.executable, "work.py", str(self._root / "sys/class/powercap/intel-rapl:0/energy_uj"), str(self.log)

    @property
    def options(self) -> tuple[str, ...]:
        return "--sources", "rapl", "--name", "train", "--region", "FR", "--pue", "1"

    @property
    def environ(self) -> dict[str, str]:
        return {**self._emissions.environ, "EMISSIONS_SYSFS_ROOT": str(self._root)}

    def run(self, *options: str) -> Ran:
        inside = Emissions(cwd=self.folder, environ=self.environ)
        return inside("run", *self.options, *options, "--", *self.command)

    def order(self) -> list[str]:
        """Of each run what it took, and whether it ran in the checkout."""
        rows = [line.split(" ", 1) for line in self.log.read_text().splitlines()]
        return [f"{joules} {'here' if Path(place) == self.folder else 'elsewhere'}" for joules, place in rows]

    def is_untouched(self) -> bool:
        """No work tree is left, and nothing is changed but the output folder."""
        trees = self.git("worktree", "list", "--porcelain").count("worktree ")
        return trees == 1 and self.git("status", "--porcelain") in ("", "?? emissions-report/")


def test_both_commits_run_in_turns_and_the_job_is_held_against_the_other(emissions: Emissions) -> None:
    made = Repository(emissions)
    then = made.commit(80)
    made.commit(100)

    ran = made.run("--against-commit", "main~1", "--budget", "+10%")

    assert ran.status == 0, ran.err
    assert made.order() == IN_TURNS
    base, (finding,) = ran.footprint["baseline"], ran.footprint["verdict"]["findings"]
    assert (base["label"], base["sha"], base["runs"], base["why_not"]) == (f"main~1@{then[:7]}", then, 3, None)
    assert (finding["outcome"], finding["runs"]) == ("fail", 3)
    assert finding["observed"] == pytest.approx(25.0, abs=3)
    assert ran.text.splitlines() == ["the output of 100"] * 3
    assert made.is_untouched()


def test_a_machine_that_warms_up_is_no_regression(emissions: Emissions) -> None:
    """Every run takes 4 J more than the one before, whichever commit it is of."""
    made = Repository(emissions, drift=4.0)
    made.commit(80)
    made.git("commit", "--quiet", "--allow-empty", "--message", "changes nothing")

    ran = made.run("--against-commit", "main~1", "--budget", "+1%")

    assert ran.footprint["verdict"]["findings"][0]["outcome"] == "pass"


def test_the_users_changes_are_measured_and_left_alone(emissions: Emissions) -> None:
    made = Repository(emissions)
    made.commit(80)
    (made.folder / "takes").write_text("100 0")
    (made.folder / "staged").write_text("x")
    made.git("add", "staged")
    before = made.git("status", "--porcelain")

    made.run("--against-commit", "main", "--out", str(emissions.cwd / "out"))

    assert made.order() == IN_TURNS
    assert made.git("status", "--porcelain") == before


def test_a_base_that_fails_is_not_judged_and_costs_nothing(emissions: Emissions) -> None:
    made = Repository(emissions)
    made.commit(80, status=3)
    made.commit(100)

    ran = made.run("--against-commit", "main~1", "--budget", "+10%", "--gate")

    assert ran.status == 0
    (finding,) = ran.footprint["verdict"]["findings"]
    assert finding["outcome"] == "not-judged"
    assert "ended with status 3" in finding["why"]
    assert made.order() == ["100 here", "80 elsewhere"]
    assert made.is_untouched()


@pytest.mark.parametrize("commit", ["nowhere", "--all"])
def test_a_commit_that_is_not_here_is_a_reason_and_nothing_more(emissions: Emissions, commit: str) -> None:
    made = Repository(emissions)
    made.commit(100)

    ran = made.run(f"--against-commit={commit}", "--budget", "+10%")

    assert (ran.status, ran.is_clean) == (0, True)
    assert "The base commit cannot be had" in ran.footprint["verdict"]["findings"][0]["why"]
    assert "fetch-depth: 0" in ran.err
    assert made.is_untouched()


def test_a_status_of_the_jobs_own_later_runs_counts(emissions: Emissions) -> None:
    made = Repository(emissions)
    made.commit(80)
    made.commit(100, status=4)

    ran = made.run("--against-commit", "main~1")

    assert (ran.status, made.order()) == (4, ["100 here"])


def test_the_work_tree_goes_when_the_runner_cancels(emissions: Emissions) -> None:
    made = Repository(emissions)
    made.commit(80)
    made.commit(100)
    words = [*METER, "run", *made.options, "--against-commit", "main~1", "--rounds", "20", "--", *made.command]
    with subprocess.Popen(words, cwd=made.folder, env=made.environ, stderr=subprocess.PIPE) as process:
        deadline_s = time.monotonic() + 30
        while (not made.log.exists() or "elsewhere" not in str(made.order())) and time.monotonic() < deadline_s:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert len(made.order()) < 10
    assert made.is_untouched()


def test_fewer_than_three_rounds_are_a_mistake(emissions: Emissions) -> None:
    made = Repository(emissions)
    made.commit(100)

    ran = made.run("--against-commit", "main", "--rounds", "2")

    assert (ran.status, made.log.exists()) == (2, False)


def test_the_config_file_may_ask_for_the_base_commit_without_any_history(emissions: Emissions) -> None:
    made = Repository(emissions)
    made.commit(80)
    made.git("update-ref", "refs/remotes/origin/main", "HEAD")
    made.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    (made.folder / "emissions.yml").write_text(
        "version: 1\nhistory: off\nbaseline: base-commit\nrounds: 3\nbudgets: [{max-increase: 10%}]\n"
    )
    made.commit(100)

    ran = made.run()

    assert (ran.status, made.order()) == (0, IN_TURNS), ran.err
    assert ran.footprint["verdict"]["findings"][0]["outcome"] == "fail"


def test_the_command_runs_in_the_same_folder_of_the_base(emissions: Emissions) -> None:
    made = Repository(emissions)
    (made.folder / "part").mkdir()
    (made.folder / "part" / "file").write_text("x")
    made.commit(80)
    made.commit(100)
    inside = Emissions(cwd=made.folder / "part", environ=made.environ)

    ran = inside(
        "run", *made.options, "--against-commit", "main~1", "--", made.command[0], "../work.py", *made.command[2:]
    )

    assert ran.footprint["baseline"]["runs"] == 3, ran.err
    assert [line.split("/")[-1] for line in made.log.read_text().splitlines()] == ["part"] * 6
