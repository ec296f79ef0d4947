"""`--stop-at-budget` and `--predict` on real commands, with a GPU of 100 W and with models alone."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.cli.command import OUT, PYTHON, Emissions, Ran
from tests.fixtures_metering import standin_environment

TRAIN = """
import json, os, signal, sys, time
def save(*_):
    open("checkpoint", "a").write("x")
    sys.exit(0)
if "saves" in sys.argv: signal.signal(signal.SIGTERM, save)
if "ignores" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
for step in range(61):
    with open("part", "w") as part: json.dump({"progress": step / 60}, part)
    os.replace("part", "metrics.json")
    time.sleep(0.5 if "slow" in sys.argv else 0.15 if "steady" in sys.argv else 0.05)
open("finished", "w").close()
"""
SITE = ("--intensity", "1000 g/kWh", "--pue", "1", "--region", "FR", "--metrics", "metrics.json")
"""100 W are 27.8 mg a second."""


@pytest.fixture
def gpu(emissions: Emissions, nvml_standin: Path) -> Emissions:
    """A machine with one GPU of 100 W, and this machine's processes."""
    folder = emissions.cwd / "standin"
    folder.mkdir()
    (emissions.cwd / "train.py").write_text(TRAIN)
    shown = standin_environment(nvml_standin, folder, trace=[(0, 0, 100)], gpus=1)
    machine = {"EMISSIONS_SYSFS_ROOT": "/", "EMISSIONS_SOURCES": "nvml"}
    return Emissions(cwd=emissions.cwd, environ={**emissions.environ, **shown, **machine})


def run(gpu: Emissions, *options: str, job: tuple[str, ...] = ("saves", "slow")) -> Ran:
    return gpu("run", *SITE, *options, "--", PYTHON, "train.py", *job)


def test_a_budget_that_is_spent_ends_the_command_which_saves_its_checkpoint(gpu: Emissions) -> None:
    ran = run(gpu, "--budget", "50 mg", "--stop-at-budget")

    assert ran.status == 0, ran.err
    assert (gpu.cwd / "checkpoint").read_text() == "x"
    assert not (gpu.cwd / "finished").exists()
    assert "The budget of 50 mg is spent. The command is sent SIGTERM and has 1 min for a checkpoint" in ran.err
    assert "it ended by itself" in ran.err
    assert ran.footprint["verdict"]["outcome"] == "fail"
    assert ran.footprint["job"]["exit_status"] == 0
    assert "stopped-at-budget:50 mg: spent" in ran.footprint["flags"]


def test_one_that_is_certain_to_be_exceeded_ends_it_and_fails_though_it_was_not_reached(gpu: Emissions) -> None:
    ran = run(gpu, "--budget", "400 mg", "--stop-at-budget", "--predict", "--gate")

    assert ran.status == 1, ran.err
    assert (gpu.cwd / "checkpoint").read_text() == "x"
    assert "emissions: At this pace: " in ran.err
    assert "of the 400 mg budget, done in about" in ran.err
    assert "saved about" in ran.err
    (finding,) = ran.footprint["verdict"]["findings"]
    assert finding["outcome"] == "fail"
    assert finding["observed"] < 400
    assert finding["why"].startswith("stopped: projected ")
    (flag,) = [flag for flag in ran.footprint["flags"] if flag.startswith("stopped-at-budget")]
    assert 700 < float(flag.split("projected ")[1].removesuffix(" mg")) < 1000  # 61 × 0.5 s × 27.8 mg/s = 847 mg

    again = gpu.quick("report", OUT, "--json").json
    gate = gpu.quick("gate", OUT)
    higher = gpu.quick("gate", OUT, "--budget", "2 g", "--on-unknown", "fail")
    assert again["verdict"]["outcome"] == "fail"
    assert gate.status == 1
    assert higher.status == 1
    assert "stopped at its budget of 400 mg" in higher.text
    report = (ran.folder / "report.md").read_text()
    assert "Stopped at" in report
    assert "did not come to an end" in report
    assert "Not noise" not in report
    assert "−" not in report.splitlines()[0]


def test_a_recording_alone_gives_the_same_verdict(gpu: Emissions) -> None:
    run(gpu, "--budget", "400 mg", "--stop-at-budget", "--quiet")
    (gpu.cwd / OUT / "footprint.json").unlink()

    assert gpu.quick("report", OUT, "--json").json["verdict"]["outcome"] == "fail"


def test_a_command_that_does_not_heed_it_is_killed_when_its_time_is_up(gpu: Emissions) -> None:
    ran = run(gpu, "--budget", "20 mg", "--stop-at-budget", "--stop-grace", "1", "--gate", job=("ignores", "slow"))

    assert ran.status == 137
    assert "SIGTERM was not heeded, killed after 1.0 s" in ran.err
    assert "stop-not-heeded:1 s" in ran.footprint["flags"]


def test_what_a_shell_has_started_is_ended_too(gpu: Emissions) -> None:
    script = f"{PYTHON} train.py saves slow; echo never"

    ran = gpu("run", *SITE, "--budget", "20 mg", "--stop-at-budget", "--", "sh", "-c", script)

    assert ran.status == 143
    assert (gpu.cwd / "checkpoint").read_text() == "x"
    assert b"never" not in ran.out
    assert not [flag for flag in ran.footprint["flags"] if flag.startswith("command-left")]


def test_a_command_within_its_budget_comes_to_its_end(gpu: Emissions) -> None:
    ran = run(gpu, "--budget", "5 g", "--stop-at-budget", "--gate", job=("saves",))

    assert ran.status == 0, ran.err
    assert (gpu.cwd / "finished").exists()
    assert ran.footprint["verdict"]["outcome"] == "pass"
    assert not [flag for flag in ran.footprint["flags"] if flag.startswith("stop")]
    assert "Stopped" not in ran.err


def test_without_the_option_nothing_is_ended(gpu: Emissions) -> None:
    ran = run(gpu, "--budget", "20 mg", "--gate", job=("saves",))

    assert ran.status == 1
    assert (gpu.cwd / "finished").exists()


def test_models_alone_can_end_a_command_and_a_config_file_can_say_so(emissions: Emissions) -> None:
    (emissions.cwd / "train.py").write_text(TRAIN)
    (emissions.cwd / "emissions.yml").write_text("version: 1\nbudgets: [4 mg]\nstop-at-budget: true\nstop-grace: 5\n")

    ran = emissions("run", *SITE, "--", PYTHON, "train.py", "slow", EMISSIONS_SYSFS_ROOT="/")

    assert ran.status == 143, ran.err
    assert "has 5.0 s for a checkpoint" in ran.err
    assert ran.footprint["verdict"]["outcome"] == "fail"


def test_a_gpu_that_is_not_read_ends_nothing_and_that_is_told(gpu: Emissions, nvml_standin: Path) -> None:
    folder = gpu.cwd / "blind"
    folder.mkdir()
    blind = standin_environment(nvml_standin, folder, faults=[("nvmlInit", -1, 18)])

    ran = gpu("run", *SITE, "--budget", "1 mg", "--stop-at-budget", "--", "sh", "-c", "sleep 1.5", **blind)

    assert ran.status == 0
    assert "Nothing can be stopped by a budget: there is no reading." in ran.err
    assert ran.footprint["verdict"]["outcome"] == "unknown"


def test_garbage_in_the_metrics_file_costs_nothing(gpu: Emissions) -> None:
    texts = ("{", '{"progress": NaN}', "[1]", '{"progress": 7}', '{"progress": 0.9}', '{"progress": 0.1}')
    writes = "".join(f"printf '%s' '{text}' > metrics.json; sleep 0.6; " for text in texts)
    script = f"{writes} rm metrics.json; exit 4"

    ran = gpu("run", *SITE, "--budget", "2 g", "--stop-at-budget", "--predict", "--", "sh", "-c", script)

    assert ran.status == 4
    assert ran.is_clean
    assert ran.footprint["verdict"]["outcome"] == "pass"


def test_an_interrupt_during_the_time_for_a_checkpoint_is_passed_on(gpu: Emissions) -> None:
    job = (
        "import signal, sys, time; signal.signal(15, lambda *_: (print('saving', flush=True), time.sleep(20)));"
        "signal.signal(2, lambda *_: sys.exit(9)); time.sleep(30)"
    )
    meter = gpu.start("run", *SITE, "--budget", "20 mg", "--stop-at-budget", "--", PYTHON, "-c", job)
    assert meter.stdout is not None
    assert meter.stdout.readline() == b"saving\n"
    meter.send_signal(signal.SIGINT)
    meter.communicate(timeout=20)

    assert meter.returncode == 9


def test_a_prediction_needs_no_budget(gpu: Emissions) -> None:
    ran = run(gpu, "--predict", job=("steady",))

    assert ran.status == 0
    told = [line for line in ran.err.splitlines() if "At this pace" in line]
    assert 1 <= len(told) <= 4
    assert "budget" not in told[0]
    assert (gpu.cwd / "finished").exists()


def test_a_watch_that_is_broken_is_a_warning(gpu: Emissions, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'reporter' in sys.orig_argv:\n"
        "    import reporter.domain.projection as projection\n"
        "    def add(*_): raise RuntimeError('boo')\n"
        "    projection.Pace.add = add\n"
    )
    path = f"{broken}{os.pathsep}{gpu.environ['PYTHONPATH']}"

    ran = Emissions(cwd=gpu.cwd, environ={**gpu.environ, "PYTHONPATH": path})(
        "run", *SITE, "--budget", "1 mg", "--stop-at-budget", "--", PYTHON, "train.py"
    )

    assert ran.status == 0
    assert "The budget is not watched any more (RuntimeError: boo): nothing stops the command." in ran.err
    assert (gpu.cwd / "finished").exists()
