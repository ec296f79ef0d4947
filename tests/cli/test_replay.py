"""A recording played back as a source: what a stranger without a GPU tries first."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from reporter.metering.recording import read_recording
from tests.cli.command import ROOT, Emissions, Ran
from tests.cli.test_footprint import check

EXAMPLES = ROOT / "examples" / "recordings"
EXAMPLE = EXAMPLES / "gpu.jsonl"
REPLAY = ("--sources", f"replay:{EXAMPLE}")


@pytest.fixture(scope="module")
def played(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The example played back beside a command of three seconds."""
    emissions = Emissions(cwd=tmp_path_factory.mktemp("played"), environ=environ)
    options = ("--region", "FR", "--budget", "1 mg", "--gate")
    ran = emissions("run", *REPLAY, *options, "--", "sleep", "3")
    assert ran.is_clean
    return ran


def gpus(footprint: dict[str, Any]) -> list[dict[str, Any]]:
    return [meter for meter in footprint["meters"] if meter["component"] == "gpu"]


def test_the_example_is_what_its_script_makes(tmp_path: Path) -> None:
    made = tmp_path / "gpu.jsonl"
    subprocess.run([sys.executable, EXAMPLES / "make.py", made], check=True)

    assert read_recording(made) == read_recording(EXAMPLE)
    assert EXAMPLE.stat().st_size < 30_000


def test_the_command_gets_the_energy_of_the_recordings_first_seconds(played: Ran) -> None:
    """By hand: 70 W for 1 s, then a climb of 150 W a second, sampled every 0.1 s: 0, 15, 30 … 285 W above 70 W."""
    duration_s = played.footprint["job"]["duration_s"]
    until_3_s = 70 * 3 + sum(15 * tenth * 0.1 for tenth in range(1, 21))
    (first, *rest) = gpus(played.footprint)

    lags_j = 370 * 0.2  # a reading is late by up to 0.1 s, and the sleep and ours add theirs
    assert first["energy_j"] == pytest.approx(until_3_s + 370 * (duration_s - 3), abs=lags_j)
    assert len(rest) == 3
    check(played.footprint)


def test_a_budget_is_judged_on_it(played: Ran) -> None:
    assert played.status == 1
    assert played.footprint["verdict"]["outcome"] == "fail"


def test_nobody_takes_it_for_a_measurement_of_this_machine(played: Ran) -> None:
    sentence = "Played back from gpu.jsonl: nothing was measured on this machine."
    report = (played.folder / "report.md").read_text()

    assert "replayed:gpu.jsonl" in played.footprint["flags"]
    assert sentence in played.err
    assert sentence in report
    assert report.index(sentence) < report.index("Example CPU")
    assert "A recording was played back" in report
    assert {meter["id"].partition(":")[0] for meter in played.footprint["meters"]} == {"replay"}


def test_the_hardware_is_the_recordings(played: Ran) -> None:
    hardware = played.footprint["hardware"]

    assert [gpu["name"] for gpu in hardware["gpus"]] == ["Example GPU 80GB"] * 4
    assert (hardware["cpu"], hardware["cpu_count"], hardware["memory_gb"]) == ("Example CPU", 16, 256)


def test_what_was_played_back_can_be_played_back_again(played: Ran, emissions: Emissions) -> None:
    ran = emissions("run", "--sources", f"replay:{played.folder}", "--region", "FR", "--", "sleep", "1.2")

    assert ran.status == 0, ran.err
    assert len(gpus(ran.footprint)) == 4
    assert ran.footprint["energy"]["it_j"] > 4 * 70 * 1.2 * 0.8


def test_a_command_that_takes_longer_is_told_so(emissions: Emissions) -> None:
    lines = EXAMPLE.read_text().splitlines(keepends=True)
    half_a_second = [line for line in lines if "kind" in line or json.loads(line)["t"] <= 1_500_000_000]
    (emissions.cwd / "short.jsonl").write_text("".join(half_a_second))

    ran = emissions("run", "--sources", "replay:short.jsonl", "--region", "FR", "--", "sleep", "1")

    assert ran.status == 0, ran.err
    assert "replay-ended:short.jsonl" in ran.footprint["flags"]
    assert "took longer than the recording" in (ran.folder / "report.md").read_text()


def test_a_session_plays_it_from_its_own_start(emissions: Emissions) -> None:
    emissions("start", *REPLAY, "--region", "FR")
    time.sleep(1)
    ran = emissions("stop", "--quiet")

    assert ran.status == 0, ran.err
    lasted_s = ran.footprint["job"]["duration_s"]
    first = gpus(ran.footprint)[0]
    assert first["method"] == "counter", "it moves"
    assert first["energy_j"] >= 70 * lasted_s * 0.8


def test_real_sources_may_stand_beside_it(emissions: Emissions) -> None:
    ran = emissions("run", "--sources", f"replay:{EXAMPLE},dram_model", "--region", "FR", "--", "sleep", "0.2")

    ids = [meter["id"] for meter in ran.footprint["meters"]]
    assert ran.status == 0, ran.err
    assert "model:dram" in ids
    assert "replay:model:dram" in ids


def test_it_is_opened_only_where_it_is_asked_for(emissions: Emissions) -> None:
    ran = emissions("run", "--region", "FR", "--", "true", EMISSIONS_SOURCES="")

    assert not [row for row in ran.footprint["unavailable"] if row["source"] == "replay"]


@pytest.mark.parametrize(
    ("text", "message", "advice"),
    [
        ("replay:nowhere.jsonl", "`nowhere.jsonl` cannot be read: No such file", ""),
        ("replay:text.txt", "`text.txt` is not a recording", "recording.jsonl"),
        ("replay:.", "cannot be read", ""),
        ("replay", "`replay` needs its argument", "`replay:PATH`"),
        ("replay:", "`replay` needs its argument", "`replay:PATH`"),
        ("nvml:x", "`nvml` takes no argument", "`nvml`"),
        ("replay:a,replay:b", "named twice", ""),
        ("rePlay:a", "`rePlay` is not known", "`replay`"),
    ],
)
def test_a_recording_that_cannot_be_used_is_found_before_the_command_starts(
    emissions: Emissions, text: str, message: str, advice: str
) -> None:
    (emissions.cwd / "text.txt").write_text("hello\n")

    for options, environ, origin in (
        (("--sources", text), {}, "`--sources`"),
        ((), {"EMISSIONS_SOURCES": text}, "EMISSIONS_SOURCES"),
    ):
        ran = emissions.quick("run", *options, "--", "touch", "ran", **environ)

        assert ran.status == 2
        assert message in ran.err
        assert advice in ran.err
        assert origin in ran.err
    assert not (emissions.cwd / "ran").exists()
    assert not ran.folder.exists()


def test_a_recording_is_never_overwritten_by_the_run_that_plays_it_back(emissions: Emissions) -> None:
    folder = emissions.cwd / "emissions-report"
    folder.mkdir()
    shutil.copy(EXAMPLE, folder / "recording.jsonl")

    ran = emissions.quick("run", "--sources", "replay:emissions-report", "--", "touch", "ran")

    assert ran.status == 2
    assert "--out" in ran.err
    assert (folder / "recording.jsonl").read_bytes() == EXAMPLE.read_bytes()
    assert not (emissions.cwd / "ran").exists()


def test_the_example_is_judged_without_running_anything(emissions: Emissions) -> None:
    """By hand: 120 s of 70 W and more; in France within 5 g, in Germany not."""
    here = emissions.quick("report", str(EXAMPLE), "--region", "FR", "--budget", "5 g", "--json")
    there = emissions.quick("gate", str(EXAMPLE), "--region", "DE", "--budget", "5 g")

    assert here.status == 0, here.err
    assert here.json["verdict"]["outcome"] == "pass"
    assert 3 < here.json["emissions"]["gco2e"] < 5
    assert there.status == 1


def test_nothing_of_it_is_loaded_where_nothing_is_played_back(emissions: Emissions) -> None:
    observed = emissions.observed()
    ran = observed("run", "--region", "FR", "--", "true")

    assert ran.status == 0, ran.err
    before = observed.notes[: observed.notes.index("started")]
    assert not [note for note in before if "replay" in note or note.endswith("parsing")]
