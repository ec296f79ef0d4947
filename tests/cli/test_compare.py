"""`--against` and `emissions compare`: runs of a base, read from files, and each job held against its own."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reporter.domain.footprint import Footprint
from reporter.domain.readings import Gpu, Hardware
from reporter.export import json as codec
from tests.cli.command import Emissions, Ran
from tests.factories_footprint import footprint

KWH = 3_600_000.0
SPIN = "sum(range(3_000_000))"


def save(folder: Path, job: Footprint) -> Path:
    """A run's folder with its footprint."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "footprint.json").write_text(codec.dumps(codec.encode(job)))
    return folder


def base_of(emissions: Emissions, *energies: float, **job: Any) -> Path:
    """Runs of the base in a folder `base`, oldest first, each an hour after the one before."""
    for hour, it_j in enumerate(energies):
        began = {"started_at": f"2026-01-01T{hour:02}:00:00Z", "run_id": hour + 1, "duration_s": it_j / KWH * 100}
        save(emissions.cwd / "base" / str(hour), footprint(it_j, **{**began, **job}))
    return emissions.cwd / "base"


def head_of(emissions: Emissions, it_j: float = 2 * KWH, **job: Any) -> Path:
    """The job itself in a folder `head`."""
    given = {"started_at": "2026-02-01T00:00:00Z", "run_id": 99, "duration_s": it_j / KWH * 100, **job}
    return save(emissions.cwd / "head", footprint(it_j, **given))


def reported(ran: Ran) -> dict[str, Any]:
    assert ran.status == 0, ran.err
    found: dict[str, Any] = ran.json
    return found


def test_a_run_carries_its_base_into_its_footprint_and_its_report(emissions: Emissions, finished: Ran) -> None:
    shutil.copytree(finished.folder, emissions.cwd / "base" / "one")

    ran = emissions("run", "--region", "FR", "--name", "train", "--against", "base", "--", "python3", "-c", SPIN)

    then = finished.footprint
    assert ran.status == 0, ran.err
    baseline = ran.footprint["baseline"]
    assert (baseline["label"], baseline["runs"], baseline["why_not"]) == ("base", 1, None)
    assert baseline["it_j"] == then["energy"]["it_j"]
    assert baseline["units"] == {"sample": 50000, "epoch": 3}
    assert "vs base" in (ran.folder / "report.md").read_text()
    assert "vs base" in (ran.folder / "report.html").read_text()
    assert "Against base" in ran.err or "Why:" in ran.err


def test_a_base_that_is_not_there_is_told_before_the_command_starts(emissions: Emissions) -> None:
    ran = emissions("run", "--against", "nowhere", "--region", "XX", "--", "touch", "started")

    assert ran.status == 2
    assert "There is no base at `nowhere` (`--against`)" in ran.err
    assert "Region `XX`" in ran.err, "all problems are told at once"
    assert not (emissions.cwd / "started").exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"schema": 99}', b"\xff\xfe"])
def test_a_base_that_cannot_be_read_changes_nothing_but_the_report(emissions: Emissions, content: bytes) -> None:
    (emissions.cwd / "base").mkdir()
    (emissions.cwd / "base/footprint.json").write_bytes(content)

    ran = emissions("run", "--against", "base", "--name", "x", "--", "sh", "-c", "exit 3")

    assert ran.status == 3
    assert "1 of 1 files in `base` cannot be read" in ran.err
    assert "cannot be read" in (ran.folder / "report.md").read_text()
    assert ran.footprint["baseline"]["why_not"] == "no run of this job in the base"
    assert ran.is_clean


def test_a_base_is_read_only_after_the_command(emissions: Emissions) -> None:
    base_of(emissions, KWH)
    watched = emissions.observed()

    ran = watched("run", "--against", "base", "--", "true")

    assert ran.status == 0, ran.err
    started = watched.notes.index("started")
    before, after = watched.notes[:started], watched.notes[started:]
    late = {f"import reporter.{name}" for name in ("commands.account.against", "domain.baseline", "export.json")}
    assert not late & {*before}
    assert late <= {*after}
    assert not {"import statistics", "import glob"} & {*before}


def test_a_base_that_goes_away_while_the_command_runs_is_a_reason(emissions: Emissions) -> None:
    base_of(emissions, KWH)

    ran = emissions("run", "--against", "base", "--", "rm", "-r", "base")

    assert ran.status == 0
    assert ran.footprint["baseline"]["why_not"] == "the base cannot be read: `base` does not exist"


def test_an_empty_folder_is_a_base_without_runs(emissions: Emissions) -> None:
    (emissions.cwd / "base").mkdir()

    ran = emissions("run", "--against", "base", "--", "true")

    assert ran.status == 0
    assert ran.footprint["baseline"]["why_not"] == "no run of this job in the base"
    assert "new" in ran.err


def test_all_runs_of_the_job_count_and_other_jobs_do_not(emissions: Emissions) -> None:
    base_of(emissions, 90.0, 100.0, 110.0)
    save(emissions.cwd / "base/attempt", footprint(120.0, run_id=3, run_attempt=2, started_at="2026-01-01T09:00:00Z"))
    shutil.copytree(emissions.cwd / "base/0", emissions.cwd / "base/copy")
    save(emissions.cwd / "base/other", footprint(1e9, name="eval"))
    head_of(emissions)

    baseline = reported(emissions.quick("report", "head", "--against", "base", "--json"))["baseline"]

    assert baseline["runs"] == 4
    assert baseline["recent_it_j"] == [90, 100, 110, 120]
    assert baseline["it_j"] == 105


def test_a_job_is_never_its_own_base(emissions: Emissions) -> None:
    base_of(emissions, 100.0)
    shutil.copytree(head_of(emissions), emissions.cwd / "base/this")

    assert reported(emissions.quick("report", "head", "--against", "base", "--json"))["baseline"]["it_j"] == 100
    alone = reported(emissions.quick("report", "head", "--against", "head", "--json"))["baseline"]
    assert alone["why_not"] == "no run of this job in the base"


def test_a_base_keeps_its_own_factors_whatever_the_options_say(emissions: Emissions) -> None:
    base_of(emissions, KWH)
    head_of(emissions)

    found = reported(emissions.quick("report", "head", "--against", "base", "--region", "PL", "--json"))

    assert found["intensity"]["region"] == "PL"
    assert found["baseline"]["gco2e_per_kwh"] == 41.44


def test_a_recording_is_a_base_too(emissions: Emissions, ran: Path) -> None:
    energy = json.loads((ran / "footprint.json").read_text())["energy"]["it_j"]
    (ran / "footprint.json").unlink()
    head_of(emissions, name="train")

    base = reported(emissions.quick("report", "head", "--against", "ran/recording.jsonl", "--json"))["baseline"]

    assert base["it_j"] == pytest.approx(energy)
    assert base["gco2e_per_kwh"] == 41.44


def test_a_recording_without_its_place_is_a_base_all_the_same(emissions: Emissions, placeless: Path) -> None:
    head_of(emissions)

    base = reported(emissions.quick("report", "head", "--against", str(placeless), "--json"))["baseline"]

    assert base["it_j"] > 0


def test_a_footprint_keeps_its_base_until_another_one_is_named(emissions: Emissions) -> None:
    base_of(emissions, KWH)
    head_of(emissions)
    once = reported(emissions.quick("report", "head", "--against", "base", "--json", "--out", "once"))
    save(emissions.cwd / "other", footprint(5 * KWH))

    kept = reported(emissions.quick("report", "once", "--json"))
    moved = reported(emissions.quick("report", "once", "--against", "other", "--json"))

    assert kept["baseline"] == once["baseline"]
    assert moved["baseline"]["it_j"] == 5 * KWH


def test_in_ci_the_base_bears_the_name_of_the_branch(emissions: Emissions) -> None:
    base_of(emissions, KWH)
    head_of(emissions)
    event = emissions.cwd / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "base": {"ref": "release"}}}))

    ran = emissions.quick("report", "head", "--against", "base", "--format", "markdown", GITHUB_EVENT_PATH=str(event))

    assert "vs `release`" in ran.text or "vs release" in ran.text


def test_several_jobs_are_held_against_their_own(emissions: Emissions) -> None:
    base_of(emissions, KWH)
    save(emissions.cwd / "base/eval", footprint(10.0, name="eval"))
    jobs = emissions.cwd / "jobs"
    save(jobs / "train", footprint(2 * KWH, run_id=9))
    save(jobs / "eval", footprint(20.0, name="eval", run_id=9))
    save(jobs / "new", footprint(30.0, name="new", run_id=9))

    found = reported(emissions.quick("report", "jobs", "--against", "base", "--json"))["jobs"]

    bases = {row["job"]["name"]: (row["baseline"]["it_j"], row["baseline"]["why_not"]) for row in found}
    assert bases == {"train": (KWH, None), "eval": (10.0, None), "new": (None, "no run of this job in the base")}


def test_one_damaged_file_of_several_is_left_out_and_told(emissions: Emissions) -> None:
    base_of(emissions, 100.0, 200.0)
    (emissions.cwd / "base/1/footprint.json").write_text("{")
    head_of(emissions)

    ran = emissions.quick("report", "head", "--against", "base")

    assert ran.status == 0
    assert "1 of 2 files in `base` cannot be read and are not part of the base" in ran.err
    assert "1 of 2 files in base cannot be read" in ran.text.replace("`", "").replace("\n  ", "")


@pytest.mark.parametrize("verb", ["report", "publish", "gate"])
def test_every_verb_that_judges_knows_the_base(emissions: Emissions, verb: str) -> None:
    base_of(emissions, KWH)
    head_of(emissions)
    words = ("--dry-run",) if verb == "publish" else ()

    ran = emissions.quick(verb, "head", "--against", "base", *words)
    missing = emissions.quick(verb, "head", "--against", "nowhere", *words)

    assert ran.status == 0, ran.err
    assert verb == "gate" or "vs base" in ran.text.replace("`", "")
    assert missing.status == 2
    assert "There is no base at `nowhere`" in missing.err


@pytest.mark.parametrize("pattern", ["base/*", "base/**/footprint.json", "base/0/footprint.json"])
def test_files_and_patterns_are_a_base(emissions: Emissions, pattern: str) -> None:
    base_of(emissions, KWH)
    head_of(emissions)

    assert reported(emissions.quick("report", "head", "--against", pattern, "--json"))["baseline"]["runs"] == 1


def test_a_session_is_held_against_the_base_when_it_ends(emissions: Emissions, finished: Ran) -> None:
    shutil.copytree(finished.folder, emissions.cwd / "base")
    assert emissions("start", "--region", "FR", "--name", "train").status == 0

    ran = emissions("stop", "--against", "base")

    assert ran.status == 0, ran.err
    assert ran.footprint["baseline"]["runs"] == 1


def test_a_session_whose_base_is_missing_is_reported_all_the_same(emissions: Emissions) -> None:
    assert emissions("start", "--name", "train").status == 0

    ran = emissions("stop", "--against", "nowhere")

    assert ran.status == 0, ran.err
    assert ran.footprint["baseline"]["why_not"] == "the base cannot be read: `nowhere` does not exist"


# compare


def test_two_real_runs_side_by_side(emissions: Emissions, finished: Ran) -> None:
    shutil.copytree(finished.folder, emissions.cwd / "then")
    done = emissions("run", "--region", "PL", "--name", "other", "--out", "now", "--", "python3", "-c", SPIN)
    assert done.status == 0, done.err

    text = emissions("compare", "then", "now")
    found = emissions("compare", "then/recording.jsonl", "now", "--json").json

    assert text.status == 0, text.err
    assert "Energy" in text.text
    assert "base" in text.text
    (row,) = found["comparisons"]
    assert (row["job"], row["comparable"]) == ("other", True), "one against one are a pair whatever their names"
    assert row["base"]["it_j"] == pytest.approx(finished.footprint["energy"]["it_j"])
    assert row["head"]["it_j"] - row["base"]["it_j"] == pytest.approx(row["difference"]["it_j"])
    assert sum(cause["it_j"] for cause in row["causes"]) == pytest.approx(row["difference"]["it_j"])
    whole = row["head"]["gco2e"] - row["base"]["gco2e"]
    assert row["difference"]["gco2e"] + sum(row["factors"].values()) == pytest.approx(whole)


def test_the_same_run_twice_does_not_differ(emissions: Emissions, ran: Path) -> None:
    (row,) = emissions.quick("compare", "ran", "ran", "--json").json["comparisons"]

    assert (row["difference"]["it_j"], row["difference"]["clear"], row["causes"]) == (0, False, [])
    assert "±0" in emissions.quick("compare", str(ran), "ran").text


def test_jobs_are_matched_by_name_and_those_of_one_side_are_named(emissions: Emissions) -> None:
    base_of(emissions, KWH)
    save(emissions.cwd / "base/gone", footprint(name="gone"))
    save(emissions.cwd / "two/a", footprint(2 * KWH, run_id=9))
    save(emissions.cwd / "two/b", footprint(name="fresh", run_id=9))

    found = emissions.quick("compare", "base", "two", "--json").json
    text = emissions.quick("compare", "base", "two").text

    assert [row["job"] for row in found["comparisons"]] == ["train"]
    assert (found["only_in_base"], found["only_in_head"]) == (["gone"], ["fresh"])
    assert "Only in the base: gone" in text.replace("`", "")
    assert "new" in text


@pytest.mark.parametrize(
    ("form", "begins"),
    [("text", "ℹ"), ("markdown", "###"), ("html", "<!doctype html>"), ("json", "{"), ("csv", "job,")],
)
def test_every_face_shows_the_comparison(emissions: Emissions, form: str, begins: str) -> None:
    base_of(emissions, KWH)
    head_of(emissions)

    ran = emissions.quick("compare", "base", "head", "--format", form)

    assert ran.status == 0, ran.err
    assert ran.text.lower().startswith(begins)
    assert "100" in ran.text or "1.0" in ran.text


def test_the_table_is_one_row_a_job(emissions: Emissions) -> None:
    base_of(emissions, KWH)
    head_of(emissions)

    (row,) = csv.DictReader(emissions.quick("compare", "base", "head", "--format", "csv").text.splitlines())

    assert (row["job"], row["comparable"], row["difference_it_j"]) == ("train", "True", str(KWH))
    assert float(row["difference_facility_kwh"]) == pytest.approx(1.12)


def test_other_hardware_is_shown_beside_and_not_subtracted(emissions: Emissions) -> None:
    base_of(emissions, KWH)
    save(emissions.cwd / "head", replace(footprint(), hardware=Hardware(gpus=(Gpu(uuid="", name="NVIDIA T4"),))))

    ran = emissions.quick("compare", "base", "head")
    (row,) = emissions.quick("compare", "base", "head", "--json").json["comparisons"]

    why = "not comparable: 1 × NVIDIA T4 now, 1 × NVIDIA H200 in the base"
    assert (row["comparable"], row["why_not"], row["base"]["it_j"]) == (False, why, KWH)
    assert ran.status == 0
    assert "NVIDIA T4 now" in " ".join(ran.text.split())


def test_a_verdict_does_not_change_the_status(emissions: Emissions) -> None:
    base_of(emissions, KWH)
    head_of(emissions)

    assert emissions.quick("compare", "base", "head", EMISSIONS_BUDGET="1 g").status == 0


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        ((), 2, "`emissions compare BASE HEAD`"),
        (("base",), 2, "`emissions compare BASE HEAD`"),
        (("base", "head", "more"), 2, "`more` is not expected here"),
        (("base", "head", "--format", "latex"), 2, "Format `latex` is not known (`--format`). Write one of text,"),
        (("base", "head", "--formt", "text"), 2, "Did you mean `--format`?"),
        (("nowhere", "head"), 3, "`nowhere` does not exist"),
        (("base", "nowhere"), 3, "`nowhere` does not exist"),
        (("empty", "head"), 3, "No footprint.json or recording.jsonl in empty"),
        (("base", "empty"), 3, "No footprint.json or recording.jsonl in empty"),
        (("torn", "head"), 3, "not valid JSON"),
        (("base", "torn"), 3, "not valid JSON"),
    ],
)
def test_what_is_wrong_is_one_message(emissions: Emissions, words: tuple[str, ...], status: int, message: str) -> None:
    base_of(emissions, KWH)
    head_of(emissions)
    (emissions.cwd / "empty").mkdir()
    (emissions.cwd / "torn").mkdir()
    (emissions.cwd / "torn/footprint.json").write_text("{")

    ran = emissions.quick("compare", *words)

    assert (ran.status, ran.out) == (status, b"")
    assert message in ran.err
    assert ran.is_clean


WILD = {"label": "\x1b[31m`<script>|@user", "runs": 10**17, "it_j": 5e-324, "spread_ratio": 1e30, "repeat_ratio": 1e30,
        "duration_s": 1e-300, "idle_j": 1e30, "pue_ratio": 1e30, "gco2e_per_kwh": 1e30, "units": {"sample": 1e-300},
        "phases": [{"label": "a", "energy_j": 1e30, "duration_s": 1e30}], "recent_it_j": [0, 1e30, 5e-324]}  # fmt: skip


@pytest.mark.parametrize("changes", [{}, {"it_j": 1e30}, {"it_j": 0, "runs": 0}, {"why_not": "not comparable: \n# x"}])
@pytest.mark.parametrize("form", ["text", "markdown", "html", "json", "csv"])
def test_a_base_from_anybody_breaks_no_report(emissions: Emissions, changes: dict[str, Any], form: str) -> None:
    written = {**codec.encode(footprint()), "baseline": {**WILD, **changes}}
    (emissions.cwd / "f.json").write_text(json.dumps(written))

    ran = emissions.quick("report", "f.json", "--format", form)

    assert ran.status == 0, ran.err
    assert ran.is_clean
    assert "\x1b[31m" not in ran.text
    assert form not in {"markdown", "html"} or "<script>|" not in ran.text
