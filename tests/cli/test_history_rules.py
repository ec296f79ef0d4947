"""Rules on history by real commands through real git: a bare repository on disk, runs of main, and pull requests.

The command turns a RAPL counter by as many joules as it is told: every figure is known by hand, PUE 1, 500 g/kWh.
A busy machine reads it some hundredths of a second late, so that a figure may be off by a few per cent.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cli.command import Emissions, Ran, config
from tests.fixtures_metering import PROC, powercap, zone

WORK = """
import json, os, pathlib, sys, time
counter, joules, samples, status = pathlib.Path(sys.argv[1]), *map(float, sys.argv[2:])
file, began_uj = os.open(counter, os.O_WRONLY), int(counter.read_text())
for step in range(1, 11):
    time.sleep(0.02)
    os.pwrite(file, b"%d" % (began_uj + round(joules * 1e6 * step / 10)), 0)
json.dump({"units": {"sample": samples}}, open("metrics.json", "w"))
sys.exit(int(status))
"""
COUNTER = "sys/class/powercap/intel-rapl:0/energy_uj"
SITE = "site: {region: FR, pue: 1}\nintensity: 500 g/kWh\n"
NUMBER = 7
USAGE = 2


class Done(NamedTuple):
    """How a run ended, and its footprint, which the next run replaces."""

    status: int
    err: str
    footprint: dict[str, Any]


class Forge:
    """A server with one bare repository, and a checkout whose jobs run as GitHub's do."""

    def __init__(self, emissions: Emissions, folder: Path) -> None:
        self.folder, self._runs = emissions.cwd, 100
        self.server, self.root = folder / "server", folder / "machine"
        self.origin = self.server / "octo" / "repo"
        for name, text in (PROC | powercap({"intel-rapl:0": zone("package-0", 1_000_000_000)})).items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)
        (self.folder / "work.py").write_text(WORK)
        self.origin.parent.mkdir(parents=True)
        subprocess.run(["git", "init", "--quiet", "--bare", str(self.origin)], check=True)
        self.emissions = Emissions(
            cwd=self.folder,
            environ={
                **emissions.environ,
                "EMISSIONS_SYSFS_ROOT": str(self.root),
                "EMISSIONS_SOURCES": "rapl",
                "GITHUB_ACTIONS": "true",
                "GITHUB_SERVER_URL": f"file://{self.server}",
                "GITHUB_REPOSITORY": "octo/repo",
                "GITHUB_API_URL": "http://127.0.0.1:9",
                "GITHUB_JOB": "train",
                "GITHUB_TOKEN": "ghs_of_the_job",
                "GITHUB_EVENT_PATH": str(folder / "event.json"),
            },
        )

    def rules(self, *rules: str, history: str = "branch", more: str = "") -> None:
        """The config file."""
        lines = "".join(f"  - {rule}\n" for rule in rules)
        config(self.folder, f"{SITE}history: {history}\n{more}budgets:\n{lines}")

    def push(self, joules: float, *words: str, **options: Any) -> Done:
        """A run of main."""
        environ = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch"}
        return self._run(joules, {"repository": {"default_branch": "main"}}, environ, *words, **options)

    def pull_request(
        self, joules: float, *words: str, head: str = "changes", number: int = NUMBER, **options: Any
    ) -> Done:
        """A run for a pull request to main."""
        pull = {"number": number, "head": {"sha": "a" * 40, "ref": head}, "base": {"sha": "b" * 40, "ref": "main"}}
        payload = {"repository": {"default_branch": "main"}, "number": number, "pull_request": pull}
        return self._run(joules, payload, {"GITHUB_EVENT_NAME": "pull_request"}, *words, **options)

    def _run(
        self,
        joules: float,
        payload: dict[str, Any],
        environ: dict[str, str],
        *words: str,
        status: int = 0,
        samples: int = 100,
        attempt: int = 1,
    ) -> Done:
        self._runs += attempt == 1
        environ = {**environ, "GITHUB_RUN_ID": str(self._runs), "GITHUB_RUN_ATTEMPT": str(attempt)}
        Path(self.emissions.environ["GITHUB_EVENT_PATH"]).write_text(json.dumps(payload))
        command = (sys.executable, "work.py", str(self.root / COUNTER), str(joules), str(samples), str(status))
        options = ("--name", "train", "--metrics", "metrics.json", *words)
        ran = self.emissions("run", *options, "--", *command, **environ)
        assert ran.is_clean, ran.err
        return Done(ran.status, ran.err, ran.footprint if ran.status != USAGE else {})

    def kept(self, store: str = "branch") -> list[dict[str, Any]]:
        """What the store holds."""
        runs: list[dict[str, Any]] = self.emissions("history", "show", "--json", "--history", store).json["runs"]
        return runs

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", "-C", self.origin, *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()


@pytest.fixture
def forge(emissions: Emissions, tmp_path: Path) -> Forge:
    return Forge(emissions, tmp_path)


def finding(ran: Done | Ran, index: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = ran.footprint["verdict"]["findings"][index]
    return found


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


@pytest.mark.parametrize(("joules", "outcome", "status"), [(18, "pass", 0), (30, "fail", 1)])
def test_a_pull_request_is_held_against_runs_of_main(forge: Forge, joules: float, outcome: str, status: int) -> None:
    forge.rules("+10%")
    for earlier_j in (20, 20.2, 19.8):
        forge.push(earlier_j)

    ran = forge.pull_request(joules, "--gate")

    assert ran.status == status, ran.err
    found = finding(ran)
    assert (found["outcome"], found["runs"]) == (outcome, 3)
    assert found["observed"] == pytest.approx(100 * (joules / 20 - 1), abs=10)
    assert ran.footprint["baseline"]["label"] == "main"
    assert ran.footprint["baseline"]["it_j"] == pytest.approx(20, rel=0.1)


def test_too_few_runs_of_main_are_an_answer(forge: Forge) -> None:
    forge.rules("+10%")
    for earlier_j in (20, 20.2):
        forge.push(earlier_j)

    ran = forge.pull_request(26, "--gate")

    assert ran.status == 0
    assert (finding(ran)["outcome"], finding(ran)["why"]) == ("not-judged", "not enough history (2 of 3)")


def test_another_machine_is_not_compared(forge: Forge) -> None:
    forge.rules("+10%")
    for _ in range(3):
        forge.push(20)
    cpuinfo = forge.root / "proc/cpuinfo"
    cpuinfo.write_text(cpuinfo.read_text().replace("7763", "9654"))

    ran = forge.pull_request(26, "--gate")

    assert ran.status == 0
    assert finding(ran)["outcome"] == "not-judged"
    assert finding(ran)["why"].startswith("not comparable: AMD EPYC 9654")


def test_a_month_is_spent_by_the_runs_of_main_and_this_one(forge: Forge) -> None:
    """By hand: 3 × 36 J = 0.00003 kWh = 15 mg, and 12 J = 1.67 mg of this one."""
    forge.rules("18 mg/month")
    for _ in range(3):
        forge.push(36)

    within, over = forge.pull_request(12, "--gate"), forge.pull_request(36, "--gate")

    assert (within.status, over.status) == (0, 1)
    assert (finding(within)["outcome"], finding(within)["runs"]) == ("pass", 4)
    assert finding(within)["observed"] == pytest.approx(15 + 12 / 3.6 * 0.5, rel=0.1)
    assert finding(over)["observed"] == pytest.approx(20, rel=0.1)
    assert len(forge.kept()) == 3, "runs of pull requests are not written to the branch"


def test_a_pull_request_is_billed_for_failed_cancelled_and_repeated_runs(forge: Forge) -> None:
    """By hand: 36 J are 5 mg; the fourth run makes it 20 mg."""
    forge.rules("18 mg/pull-request", history="file:../runs.jsonl")
    forge.push(36)
    forge.pull_request(36, number=8)

    first = forge.pull_request(36, "--gate")
    failed = forge.pull_request(36, "--gate", status=3)
    again = forge.pull_request(36, "--gate", attempt=2)
    cancelled = forge.pull_request(36, "--gate", status=130)

    assert [ran.status for ran in (first, failed, again, cancelled)] == [0, 3, 0, 130]
    assert finding(again)["observed"] == pytest.approx(15, rel=0.1)
    found = finding(cancelled)
    assert (found["outcome"], found["runs"], found["retries"], found["failed"]) == ("fail", 4, 1, 1)
    assert "4 runs for this pull request, 1 of them tried again, 1 of them did not end well" in found["why"]
    assert len(forge.kept("file:../runs.jsonl")) == 6


def test_a_run_that_is_added_twice_is_counted_once(forge: Forge) -> None:
    forge.rules("19 mg/pull-request", history="file:../runs.jsonl")
    forge.pull_request(36)
    forge.emissions("history", "add", "emissions-report", "--history", "file:../runs.jsonl", "--force")

    assert finding(forge.pull_request(36))["observed"] == pytest.approx(10, rel=0.1)


@pytest.mark.parametrize(("samples", "status"), [(100, 0), (50, 1)])
def test_a_unit_of_work_has_its_limit(forge: Forge, samples: int, status: int) -> None:
    forge.rules("130 mJ/sample")

    ran = forge.pull_request(10, "--gate", samples=samples)

    assert ran.status == status
    assert finding(ran)["observed"] == pytest.approx(1000 * 10 / samples, rel=0.1)


@pytest.mark.parametrize(
    ("rule", "status"),
    [("quality C", 0), ("quality A", 1), ("measured 90%", 0), ("2 mg", 0), ("1 mg", 1), ("2 mWh", 1)],
)
def test_rules_on_the_job_alone_need_no_history(forge: Forge, rule: str, status: int) -> None:
    """By hand: 10 J are 2.78 mWh, 1.39 mg; every joule is read from a counter."""
    forge.rules(rule, history="off")

    assert forge.pull_request(10, "--gate").status == status


def test_a_branch_called_main_is_no_base(forge: Forge) -> None:
    """A fork's branch may bear any name; its runs are never what others are held against, however many there are."""
    forge.rules("+10%", history="file:../runs.jsonl")
    for _ in range(3):
        forge.push(20)
    for _ in range(3):
        forge.pull_request(60, head="main")

    ran = forge.pull_request(26)

    assert finding(ran)["observed"] == pytest.approx(30, abs=10)
    assert finding(ran)["outcome"] == "fail"


def test_failed_runs_and_replaced_attempts_are_no_base(forge: Forge) -> None:
    forge.rules("+10%")
    for _ in range(3):
        forge.push(20)
    forge.push(50, status=1)
    forge.push(60)
    time.sleep(1)  # history knows when a run began to the second
    forge.push(20, attempt=2)

    ran = forge.pull_request(26)

    assert ran.footprint["baseline"]["recent_it_j"] == pytest.approx([20] * 4, rel=0.1)
    assert sorted(run["it_j"] for run in forge.kept()) == pytest.approx([20, 20, 20, 20, 50, 60], rel=0.1)


def test_a_later_attempt_of_a_run_is_not_held_against_its_first(forge: Forge) -> None:
    forge.rules("{max-increase: 10%, min-runs: 1}")
    forge.push(20)

    again = forge.push(130, attempt=2)

    assert finding(again)["why"] == "no baseline: no run of this job in the base"


NEWER = '{"emissions-history":2}\n'


def add_shard(forge: Forge, text: str) -> None:
    """Somebody else writes to the branch."""
    clone = forge.server.parent / "clone"
    steps = (
        ["git", "clone", "--quiet", "--branch", "emissions-history", str(forge.origin), str(clone)],
        ["git", "-C", str(clone), "add", "."],
        ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "--quiet", "-m", "x"],
        ["git", "-C", str(clone), "push", "--quiet"],
    )
    subprocess.run(steps[0], check=True, capture_output=True)
    shard = next(path for path in clone.rglob("*.jsonl"))
    (shard.parent / f"later-{shard.name}").write_text(text)
    for words in steps[1:]:
        subprocess.run(words, check=True, capture_output=True)


@pytest.mark.parametrize("rule", ["+10%", "20 kg/month"])
def test_a_history_of_a_newer_version_never_passes_and_is_left_alone(forge: Forge, rule: str) -> None:
    forge.rules(rule, more="on-unknown: fail\n")
    for _ in range(3):
        forge.push(20)
    add_shard(forge, NEWER)
    tip = forge.git("rev-parse", "emissions-history")

    ran, pushed = forge.pull_request(20, "--gate"), forge.push(20)

    assert ran.status == 1
    assert ran.footprint["verdict"]["outcome"] == "unknown"
    assert "the history could not be read: " in finding(ran)["why"]
    assert "has schema 2" in finding(ran)["why"]
    assert "Update emissions-reporter." in ran.err
    assert "The run is not part of the history." in pushed.err
    assert forge.git("rev-parse", "emissions-history") == tip


def test_of_a_damaged_history_a_sum_is_at_least_what_is_left(forge: Forge) -> None:
    forge.rules("20 kg/month", "+30%")
    for _ in range(3):
        forge.push(20)
    add_shard(forge, '{"emissions-history":1}\n["gone",1,2]\n')

    ran = forge.pull_request(20)

    assert [row["outcome"] for row in ran.footprint["verdict"]["findings"]] == ["unknown", "pass"]
    assert "no run that this version can read" in " ".join(ran.err.split())


def test_a_forge_that_is_not_there_costs_the_verdict_alone(forge: Forge) -> None:
    forge.rules("+10%")
    forge.origin.rename(forge.origin.with_name("moved"))

    ran = forge.pull_request(20, "--gate")

    assert ran.status == 0
    assert ran.footprint["verdict"]["outcome"] == "unknown"
    assert "cannot be fetched" in finding(ran)["why"]


def test_the_step_without_a_token_asks_nothing_and_says_who_does(forge: Forge) -> None:
    forge.rules("+10%")
    forge.push(20)

    pushed = forge.emissions.environ
    without = Emissions(cwd=forge.folder, environ={key: pushed[key] for key in pushed if key != "GITHUB_TOKEN"})
    ran = without("run", "--name", "train", "--", "true")

    assert finding(ran)["outcome"] == "not-judged"
    assert "is asked by the step that has the token" in ran.err
    assert len(forge.kept()) == 1


def test_what_the_branch_cannot_hold_is_said_once(forge: Forge) -> None:
    forge.rules("300 g/pull-request", "{max: 200 g, per: pull-request, jobs: train}", "20 kg/month")

    ran = forge.pull_request(20)

    assert [row["outcome"] for row in ran.footprint["verdict"]["findings"]] == ["not-judged", "not-judged", "pass"]
    assert ran.err.count("has no runs of pull requests") == 1
    assert finding(ran)["why"] == "no history: set `history` to `artifact` or `file:PATH`"


@pytest.mark.parametrize("rule", ["+10%", "20 kg/month", "300 g/pull-request"])
def test_a_rule_on_history_without_history_is_found_before_anything_runs(forge: Forge, rule: str) -> None:
    forge.rules(rule, history="off")

    ran = forge.pull_request(20)

    assert ran.status == 2
    assert f"Budget `{rule}` needs history, which is off (emissions.yml, line 3)" in ran.err
    assert not (forge.folder / "metrics.json").exists()


def test_a_base_that_is_named_wins_over_history(forge: Forge) -> None:
    forge.rules("{max-increase: 10%, min-runs: 1}")
    for _ in range(3):
        forge.push(20)
    (forge.folder / "emissions-report").rename(forge.folder / "by-hand")

    named = forge.pull_request(26, "--against", "by-hand")
    published = forge.emissions("publish", "emissions-report", "--dry-run")

    assert named.footprint["baseline"]["runs"] == 1
    assert named.footprint["baseline"]["is_given"] is True
    assert re.search(r"\+(2[5-9]|3[0-5]) % energy against main", plain(published.text)), "who publishes leaves it"
    assert "history" not in published.err


def test_the_comment_tells_difference_trend_and_what_is_left_of_the_month(forge: Forge) -> None:
    forge.rules("+100%", "15 J", "20 mg/month")
    for earlier_j in (10, 10.1, 9.9):
        forge.push(earlier_j)
    forge.pull_request(12)

    text = plain(forge.emissions("publish", "emissions-report", "--dry-run").text)

    assert "| Job | Energy | vs main | CO₂e | Budget used | Basis |" in text
    assert re.search(r"\(\+(1[5-9]|2[0-5]) %\)", text)
    assert "**Trend:**" in text
    assert re.search(r"\*\*This month:\*\* 5\.\d+ of 20 mg CO₂e \(2\d %\), 4 runs\.", text)
    assert re.search(r"\| train \| [\d.]+ J \| [^|]* \| [^|]* \| (7\d|8\d) % \|", text), "of its own budgets"
    assert text.index("**This month:**") < text.index("<details>")
