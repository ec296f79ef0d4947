"""`emissions report`: several jobs and attempts, factors kept or recomputed, every format, no input overwritten."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reporter.domain.carbon import Site
from reporter.domain.footprint import Footprint
from reporter.export import json as codec
from tests.cli.command import Emissions, Ran
from tests.factories_footprint import FRANCE, POLAND, PUE, footprint, grams

IN_POLAND = Site(intensity=POLAND, pue=PUE)
KWH = 3_600_000.0


def save(folder: Path, name: str, job: Footprint) -> Path:
    path = folder / name / "footprint.json"
    path.parent.mkdir(parents=True)
    path.write_text(codec.dumps(codec.encode(job)))
    return path


def as_json(emissions: Emissions, *words: str) -> Any:
    ran = emissions.quick("report", *words, "--json")
    assert ran.status == 0, ran.err
    return ran.json


@pytest.fixture
def two(emissions: Emissions) -> Emissions:
    """1 kWh in France that exits with 0, 2 kWh in Poland that exits with 3."""
    save(emissions.cwd, "in/a", footprint(KWH, name="a"))
    save(emissions.cwd, "in/b", footprint(2 * KWH, site=IN_POLAND, name="b", exit_status=3))
    return emissions


def test_several_jobs_are_listed_with_their_sum(two: Emissions) -> None:
    merged = as_json(two, "in")

    assert set(merged) == {"schema", "jobs", "total"}
    assert merged["schema"] == 1
    assert [job["job"]["name"] for job in merged["jobs"]] == ["a", "b"]
    assert [job["intensity"]["region"] for job in merged["jobs"]] == ["FR", "PL"]
    total = merged["total"]
    a, b = merged["jobs"]
    for key in ("it_j", "facility_j", "low_j", "high_j", "repeat_low_j", "repeat_high_j", "facility_kwh"):
        assert total["energy"][key] == pytest.approx(a["energy"][key] + b["energy"][key], rel=1e-12), key
    assert total["emissions"]["gco2e"] == pytest.approx(1.12 * 41.44 + 2 * 1.12 * 588.6)
    assert total["emissions"]["low_gco2e"] == a["emissions"]["low_gco2e"] + b["emissions"]["low_gco2e"]
    assert total["exit_status"] == 3


def test_the_worst_quality_and_verdict_are_the_sums(emissions: Emissions) -> None:
    save(emissions.cwd, "in/a", replace(footprint(name="a", budgets=(grams(50),)), quality="B"))
    save(emissions.cwd, "in/b", replace(footprint(name="b", budgets=(grams(40),)), quality="D"))

    total = as_json(emissions, "in")["total"]

    assert (total["quality"], total["verdict"]["outcome"]) == ("D", "fail")


def test_a_folder_with_both_kinds_and_a_path_named_twice_count_once(emissions: Emissions, ran: Path) -> None:
    found = as_json(emissions, "ran", str(ran), "ran/footprint.json", "ran/../ran", "r*n/footprint.json")

    assert found["job"]["name"] == "train"


@pytest.mark.parametrize(
    "words", [("ran/recording.jsonl", "ran/footprint.json"), ("r*n/*",), ("**",), ("ran", "ran/recording.jsonl")]
)
def test_a_recording_beside_its_footprint_counts_once_however_they_are_named(
    emissions: Emissions, ran: Path, words: tuple[str, ...]
) -> None:
    found = as_json(emissions, *words)

    assert found["job"]["name"] == "train"


def test_of_several_attempts_the_last_is_judged(emissions: Emissions) -> None:
    for attempt, it_j in ((2, KWH), (10, 3 * KWH), (1, 2 * KWH)):
        save(emissions.cwd, f"in/{attempt}", footprint(it_j, run_attempt=attempt))
    save(emissions.cwd, "in/other", footprint(KWH, name="other"))

    jobs = as_json(emissions, "in")["jobs"]

    assert sorted((job["job"]["name"], job["job"]["run_attempt"]) for job in jobs) == [("other", 1), ("train", 10)]


def test_jobs_outside_ci_are_never_taken_for_attempts(emissions: Emissions) -> None:
    for name in ("a", "b"):
        save(emissions.cwd, f"in/{name}", footprint(run_id=None, run_attempt=None))

    assert len(as_json(emissions, "in")["jobs"]) == 2


def test_a_footprint_keeps_its_factors_whatever_is_set_here(two: Emissions) -> None:
    (two.cwd / "emissions.yml").write_text("version: 1\nsite: {region: US-VA, pue: 2}\nintensity: {value: 1 g/kWh}\n")

    merged = two.quick(
        "report", "in", "--json", EMISSIONS_REGION="SE", EMISSIONS_PUE="3", RUNNER_ENVIRONMENT="github-hosted"
    )

    assert [job["intensity"]["gco2e_per_kwh"] for job in merged.json["jobs"]] == [41.44, 588.6]
    assert [job["pue"]["ratio"] for job in merged.json["jobs"]] == [1.12, 1.12]


def test_a_merged_document_is_read_again_as_its_jobs(two: Emissions) -> None:
    merged = two.quick("report", "in", "--json")
    (two.cwd / "merged.json").write_bytes(merged.out)

    assert two.quick("report", "merged.json", "--json").out == merged.out


@pytest.mark.parametrize(
    ("words", "gco2e_per_kwh", "pue"),
    [
        (("--region", "PL"), 588.6, 1.54),
        (("--intensity", "100 g/kWh"), 100, 1.12),
        (("--pue", "1.5"), 41.44, 1.5),
        (("--region", "PL", "--pue", "1.5"), 588.6, 1.5),
        (("--region", "PL", "--intensity", "100 g/kWh", "--pue", "1"), 100, 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_factors_on_the_command_line_recompute(
    emissions: Emissions, words: tuple[str, ...], gco2e_per_kwh: float, pue: float
) -> None:
    path = save(emissions.cwd, "in", footprint(KWH, budgets=(grams(50),)))

    found = as_json(emissions, str(path), *words)

    assert (found["intensity"]["gco2e_per_kwh"], found["pue"]["ratio"]) == (pytest.approx(gco2e_per_kwh, abs=5), pue)
    assert found["energy"]["it_j"] == KWH
    assert found["emissions"]["gco2e"] == found["energy"]["facility_kwh"] * found["intensity"]["gco2e_per_kwh"]
    observed = found["verdict"]["findings"][0]["observed"]
    assert observed == pytest.approx(found["emissions"]["gco2e"], rel=1e-12)


def test_a_name_given_here_is_the_jobs(emissions: Emissions, ran: Path) -> None:
    assert as_json(emissions, "ran", "--name", "nightly")["job"]["name"] == "nightly"
    assert "nightly" in emissions.quick("report", "ran", "--name", "nightly").text


def test_csv_has_a_row_per_job_and_no_formula(two: Emissions) -> None:
    save(two.cwd, "in/c", footprint(None, name="=cmd()"))
    save(two.cwd, "in/d", footprint(None, name="\uff1dcmd()"))

    rows = list(csv.DictReader(io.StringIO(two.quick("report", "in", "--format", "csv").text)))

    assert [row["job"] for row in rows] == ["a", "b", "'=cmd()", "'\uff1dcmd()"]
    assert [row["facility_energy_kwh"] for row in rows] == ["1.12", "2.24", "", ""]
    assert rows[0]["emissions_gco2e"] == str(1.12 * 41.44)


def test_every_format_names_the_job_and_says_how_much(emissions: Emissions, ran: Path) -> None:
    for form in ("text", "markdown", "html"):
        shown = emissions.quick("report", "ran", "--format", form)
        assert shown.status == 0, shown.err
        assert "train" in shown.text
        assert "CO₂e" in shown.text or "CO<sub>2</sub>e" in shown.text
        assert ("<html" in shown.text) == (form == "html")
        assert "\x1b[" not in shown.text


def test_json_is_short_for_its_format(emissions: Emissions, ran: Path) -> None:
    assert emissions.quick("report", "ran", "--json").out == emissions.quick("report", "ran", "--format", "json").out


def test_a_report_writes_no_file_unless_asked(emissions: Emissions, ran: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in emissions.cwd.rglob("*")}

    emissions.quick("report", "ran")
    emissions.quick("report", "ran", EMISSIONS_CONFIG="")

    assert {path: path.stat().st_mtime_ns for path in emissions.cwd.rglob("*")} == before


def test_a_report_with_a_folder_writes_three_files_there(emissions: Emissions, ran: Path) -> None:
    ended = emissions.quick("report", "ran", "--out", "new/folder")

    assert ended.status == 0
    assert sorted(path.name for path in (emissions.cwd / "new/folder").iterdir()) == [
        "footprint.json", "report.html", "report.md",
    ]  # fmt: skip
    assert (emissions.cwd / "new/folder/footprint.json").read_bytes() == (ran / "footprint.json").read_bytes()


@pytest.mark.parametrize("named", ["ran", "ran/footprint.json", "r?n/footprint.json", "link"])
def test_an_input_is_never_written_over(emissions: Emissions, ran: Path, named: str) -> None:
    (emissions.cwd / "link").symlink_to(ran / "footprint.json")
    before = (ran / "footprint.json").read_bytes()

    ended = emissions.quick("report", named, "--out", "ran", "--pue", "2")

    assert ended.status == 3
    assert "is an input" in ended.err
    assert (ran / "footprint.json").read_bytes() == before


def test_a_strangers_report_is_never_written_over(emissions: Emissions, ran: Path) -> None:
    (emissions.cwd / "docs").mkdir()
    (emissions.cwd / "docs/report.md").write_text("a stranger's")

    ended = emissions.quick("report", "ran", "--out", "docs")

    assert ended.status == 2
    assert (emissions.cwd / "docs/report.md").read_text() == "a stranger's"


@pytest.mark.parametrize("out", ["ran/footprint.json/x", "/proc/x", "/dev/full"])
def test_a_folder_that_cannot_be_written_is_one_message(emissions: Emissions, ran: Path, out: str) -> None:
    ended = emissions.quick("report", "ran", "--out", out)

    assert ended.status in (2, 3)
    assert out.removesuffix("/x") in ended.err
    assert ended.is_clean


def test_a_fixed_date_makes_the_same_bytes(emissions: Emissions, ran: Path) -> None:
    for form in ("markdown", "html"):
        first, second = (
            emissions("report", "ran", "--format", form, SOURCE_DATE_EPOCH="1700000000", TZ=zone)
            for zone in ("UTC", "Asia/Tokyo")
        )
        assert first.out == second.out
    assert "2023-11-14" in first.text


def test_a_footprint_may_come_through_a_pipe(emissions: Emissions, ran: Path) -> None:
    piped = emissions.shell("emissions report <(cat ran/footprint.json) --json")

    assert piped.out == (ran / "footprint.json").read_bytes()


def test_a_torn_last_line_is_tolerated(emissions: Emissions, ran: Path) -> None:
    (ran / "footprint.json").unlink()
    path = ran / "recording.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b'{"kind":"end"') + 9])

    found = as_json(emissions, "ran")

    assert found["job"]["exit_status"] is None
    assert "meter-killed" in found["flags"]
    assert found["job"]["name"] == "train"


def test_publish_can_be_tried_without_a_forge(emissions: Emissions, finished: Ran, ran: Path) -> None:
    dry = emissions.quick("publish", "ran", "--dry-run")
    summary, outputs = emissions.cwd / "summary", emissions.cwd / "outputs"
    wet = emissions.quick("publish", "ran", GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(outputs))

    assert dry.status == 0
    assert "train" in dry.text
    assert wet.status == 0, wet.err
    assert "CO₂e" in summary.read_text()
    written = dict(re.findall(r"(?m)^([a-z0-9-]+)<<(?:.*)\n(.*)$", outputs.read_text()))
    assert set(written) == {
        "energy-kwh", "emissions-gco2e", "emissions-low-gco2e", "emissions-high-gco2e", "duration-s", "measured-ratio",
        "quality", "verdict", "exit-status", "comment-url",
    }  # fmt: skip
    assert float(written["emissions-gco2e"]) == pytest.approx(finished.footprint["emissions"]["gco2e"], rel=1e-6)
    assert "e-" not in "".join(written.values())


def test_only_a_copy_is_needed_to_report_elsewhere(emissions: Emissions, finished: Ran) -> None:
    elsewhere = emissions.in_(emissions.cwd / "elsewhere")
    shutil.copy(finished.folder / "recording.jsonl", elsewhere.cwd / "x.jsonl")

    found = as_json(elsewhere, "x.jsonl")

    assert found == json.loads((finished.folder / "footprint.json").read_text())
    assert found["intensity"]["gco2e_per_kwh"] == FRANCE.gco2e_per_kwh
