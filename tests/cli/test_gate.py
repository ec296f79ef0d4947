"""`emissions gate`: the exit status is the verdict; what cannot be read is told once and left as it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reporter.domain.budget import Budget
from reporter.domain.footprint import Footprint, judged
from reporter.domain.readings import Component, Unavailable
from reporter.export import json as codec
from tests.cli.command import Emissions, config
from tests.factories_footprint import footprint, grams

UNREAD = Unavailable(source="nvml:GPU-2", reason="the GPU is lost", remedy="Reboot.", component=Component.GPU)
READ = footprint()
"""46.4 g; a repeat would give 46.2 to 46.6 g."""
BLIND = replace(READ, unavailable=(*READ.unavailable, UNREAD))
EMPTY = footprint(None)


def save(emissions: Emissions, job: Footprint, *budgets: Budget) -> None:
    (emissions.cwd / "f.json").write_text(codec.dumps(codec.encode(judged(job, budgets))))


@pytest.mark.parametrize(
    ("job", "words", "status", "outcome"),
    [
        (READ, (), 0, "none"),
        (READ, ("--budget", "50 g"), 0, "pass"),
        (READ, ("--budget", "46.4 g"), 0, "warn"),
        (READ, ("--budget", "46.4 g", "--on-borderline", "fail"), 1, "warn"),
        (READ, ("--budget", "46.4 g", "--on-borderline", "pass"), 0, "warn"),
        (READ, ("--budget", "40 g"), 1, "fail"),
        (READ, ("--budget", "40 g", "--on-unknown", "pass", "--on-borderline", "pass"), 1, "fail"),
        (READ, ("--budget", "1.2 kWh"), 0, "pass"),
        (READ, ("--budget", "1.1 kWh"), 1, "fail"),
        (READ, ("--budget", "82 J/sample"), 0, "pass"),
        (READ, ("--budget", "80 J/sample"), 1, "fail"),
        (READ, ("--budget", "1 J/epoch"), 0, "unknown"),
        (READ, ("--budget", "50 g", "--budget", "40 g"), 1, "fail"),
        (BLIND, ("--budget", "50 g"), 0, "unknown"),
        (BLIND, ("--budget", "50 g", "--on-unknown", "fail"), 1, "unknown"),
        (BLIND, ("--budget", "40 g"), 1, "fail"),
        (EMPTY, ("--budget", "50 g"), 0, "unknown"),
        (EMPTY, ("--budget", "50 g", "--on-unknown", "fail"), 1, "unknown"),
        (EMPTY, (), 0, "none"),
        (READ, ("--budget", "+10%", "--on-unknown", "fail"), 0, "none"),
        (READ, ("--budget", "+10%", "--budget", "50 g"), 0, "pass"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_the_status_is_the_verdict(
    emissions: Emissions, job: Footprint, words: tuple[str, ...], status: int, outcome: str
) -> None:
    save(emissions, job)

    text = emissions.quick("gate", "f.json", *words)
    document = emissions.quick("gate", "f.json", *words, "--json")

    assert (text.status, document.status) == (status, status)
    assert document.json["verdict"]["outcome"] == outcome
    assert text.text.startswith(f"verdict: {outcome}")
    assert text.err == ""


def test_a_job_is_held_to_the_budgets_that_it_ran_with(emissions: Emissions) -> None:
    save(emissions, READ, grams(40))

    assert emissions.quick("gate", "f.json").status == 1
    assert emissions.quick("gate", "f.json", "--budget", "50 g").status == 0


def test_the_config_file_decides_what_the_flags_leave_open(emissions: Emissions) -> None:
    save(emissions, BLIND)
    config(emissions.cwd, "version: 1\nbudgets: [50 g]\non-unknown: fail\n", ".github/emissions.yml")

    assert emissions.quick("gate", "f.json").status == 1
    assert emissions.quick("gate", "f.json", "--on-unknown", "warn").status == 0
    assert "(.github/emissions.yml, line 2)" in emissions.quick("gate", "f.json").text


def test_a_finding_says_what_was_observed_of_which_limit_and_why(emissions: Emissions) -> None:
    save(emissions, READ)

    line = emissions.quick("gate", "f.json", "--budget", "46.4 g").text.splitlines()[1]

    assert "46.41 g (46.18 to 46.64) of 46.4 g (`--budget`): too close to call" in line


def test_the_real_command_ends_with_the_verdict(emissions: Emissions) -> None:
    save(emissions, READ)

    assert [emissions("gate", "f.json", "--budget", budget).status for budget in ("50 g", "40 g")] == [0, 1]


RECORDING = '{"schema":1,"kind":"start","t":0}\n'
UNREADABLE = {
    "empty.json": (b"", "not valid JSON"),
    "torn.json": (b'{"schema": 1, "tool": {"na', "not valid JSON"),
    "binary.json": (b"\xff\xfe\x00", "not UTF-8"),
    "list.json": (b"[]", "is not an object"),
    "number.json": (b"1", "is not an object"),
    "stranger.json": (b'{"name": "x"}', "`schema` is missing"),
    "newer.json": (b'{"schema": 2}', "newer than this version reads"),
    "bare.json": (b'{"schema": 1}', "`method`"),
    "nan.json": (b'{"schema": 1, "method": NaN}', "NaN is not a number"),
    "deep.json": (b"[" * 100_000, "not valid JSON"),
    "long.json": (b'{"schema": ' + b"9" * 10_000 + b"}", "long.json"),
    "jobs.json": (b'{"schema": 1, "jobs": []}', "holds no job"),
    "empty.jsonl": (b"", "is not a recording"),
    "text.jsonl": (b"hello\n", "is not a recording"),
    "newer.jsonl": (b'{"schema":2,"kind":"start"}\n', "schema 2"),
    "torn.jsonl": (b'{"schema":1,"kind":"sta', "is not a recording"),
    "bare.jsonl": (RECORDING.encode(), "is not valid"),
}


@pytest.mark.parametrize("verb", ["gate", "report", "publish"])
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_one_message_and_stays(emissions: Emissions, name: str, verb: str) -> None:
    data, message = UNREADABLE[name]
    (emissions.cwd / name).write_bytes(data)

    ran = emissions.quick(verb, name, "--out", "out")

    assert (ran.status, ran.out) == (3, b"")
    assert message in ran.err
    assert name in ran.err
    assert len(ran.err.splitlines()) <= 2
    assert ran.is_clean
    assert (emissions.cwd / name).read_bytes() == data
    assert [path.name for path in emissions.cwd.iterdir()] == [name]


@pytest.mark.parametrize("value", ["1e308", "-1", "1e999", "true", '"5"', "NaN"])
def test_energy_that_no_job_can_have_is_refused_by_its_place(emissions: Emissions, value: str) -> None:
    save(emissions, READ)
    path = emissions.cwd / "f.json"
    path.write_text(path.read_text().replace('"it_j": 3600000.0', f'"it_j": {value}'))

    for words in (("gate", "f.json"), ("report", "f.json", "--json")):
        ran = emissions.quick(*words)
        assert (ran.status, ran.out) == (3, b"")
        assert "`energy.it_j`" in ran.err or value in ran.err
        assert ran.is_clean


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (("missing.json",), "`missing.json` does not exist"),
        (("missing",), "`missing` does not exist"),
        (("a*.json",), "`a*.json` does not exist"),
        (("folder",), "No footprint.json or recording.jsonl in folder"),
        (("f.json", "missing"), "`missing` does not exist"),
        (("x" * 5000,), "File name too long"),
        (("loop",), "loop"),
        (("folder/dir.json",), "Is a directory"),
    ],
    ids=lambda value: value[0][:20] if isinstance(value, tuple) else None,
)
def test_a_path_with_nothing_in_it_is_one_message(emissions: Emissions, paths: tuple[str, ...], message: str) -> None:
    save(emissions, READ)
    (emissions.cwd / "folder").mkdir()
    (emissions.cwd / "loop").symlink_to("loop")
    if message == "Is a directory":
        (emissions.cwd / "folder" / "footprint.json").mkdir()
        paths = ("folder",)

    ran = emissions.quick("gate", *paths)

    assert (ran.status, ran.out) == (3, b"")
    assert message in ran.err
    assert ran.is_clean


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 1\nbudget: 50 g\n", "Did you mean `budgets`?"),
        ("version: 2\n", "newer"),
        ("version: 1\nbudgets: 50 g\n", "is not a list"),
        ("version: 1\nbudgets: [{max: 50}]\n", "has no unit"),
        ("version: 1\nsite: FR\n", "is not a mapping"),
        ("a: [", "Not valid YAML"),
        ("- a\n", "not a mapping"),
        ("version: 1\nversion: 1\n", "stands twice"),
        ("version: 1\non-unknown: maybe\n", "cannot be `maybe`"),
        ("version: 1\nsite: &a {region: *a}\n", "emissions.yml"),
        ("version: 1\nsite: !!python/object/apply:os.system [id]\n", "emissions.yml"),
    ],
)
def test_a_wrong_config_file_is_a_usage_error_with_its_line(emissions: Emissions, text: str, message: str) -> None:
    save(emissions, READ)
    config(emissions.cwd, text)

    ran = emissions.quick("gate", "f.json")

    assert (ran.status, ran.out) == (2, b"")
    assert message in ran.err
    assert "emissions.yml" in ran.err
    assert ran.is_clean


def test_one_job_over_its_limit_fails_them_all(emissions: Emissions) -> None:
    for name, it_j in (("a", 3_600_000.0), ("b", 7_200_000.0)):
        (emissions.cwd / f"{name}.json").write_text(codec.dumps(codec.encode(footprint(it_j, name=name))))

    ran = emissions.quick("gate", "a.json", "b.json", "--budget", "50 g", "--json")

    assert ran.status == 1
    assert [finding["outcome"] for finding in ran.json["verdict"]["findings"]] == ["pass", "fail"]


def test_a_rule_for_the_total_is_held_against_the_sum(emissions: Emissions) -> None:
    for name in ("a", "b"):
        (emissions.cwd / f"{name}.json").write_text(codec.dumps(codec.encode(footprint(name=name))))
    config(emissions.cwd, "version: 1\nbudgets:\n  - {max: 80 g, scope: total}\n")

    alone = emissions.quick("gate", "a.json")
    both = emissions.quick("gate", "a.json", "b.json", "--json")

    assert alone.status == 0
    assert both.status == 1
    (finding,) = both.json["verdict"]["findings"]
    assert finding["observed"] == pytest.approx(2 * 46.4128)


def test_the_file_judged_is_not_changed(emissions: Emissions) -> None:
    save(emissions, READ)
    path: Path = emissions.cwd / "f.json"
    before = path.read_bytes()

    emissions.quick("gate", "f.json", "--budget", "40 g", "--region", "PL")

    assert path.read_bytes() == before
    assert json.loads(before)["verdict"]["outcome"] == "none"


def test_two_measurements_of_one_attempt_are_both_held_to_their_budget(emissions: Emissions) -> None:
    for folder, limit in (("a", 40), ("b", 50)):
        job = replace(READ, job=replace(READ.job, started_at=f"2026-01-01T00:00:0{limit % 7}Z"))
        (emissions.cwd / folder).mkdir()
        (emissions.cwd / folder / "footprint.json").write_text(codec.dumps(codec.encode(judged(job, (grams(limit),)))))

    assert emissions.quick("gate", "a", "b").status == 1
    assert emissions.quick("gate", "b", "a").status == 1
    assert len(emissions.quick("report", "a", "b", "--json").json["jobs"]) == 2


def test_a_copy_of_a_footprint_counts_once(emissions: Emissions) -> None:
    for folder in ("a", "b"):
        (emissions.cwd / folder).mkdir()
        (emissions.cwd / folder / "footprint.json").write_text(codec.dumps(codec.encode(READ)))

    assert "jobs" not in emissions.quick("report", "a", "b", "--json").json


def test_a_rule_for_the_total_outlives_the_merge(emissions: Emissions) -> None:
    for name in ("a", "b"):
        job = judged(replace(READ, job=replace(READ.job, name=name)), (grams(60, scope="total"),))
        (emissions.cwd / name).mkdir()
        (emissions.cwd / name / "footprint.json").write_text(codec.dumps(codec.encode(job)))

    assert emissions.quick("gate", "a", "b").status == 1
    assert emissions.quick("report", "a", "b", "--out", "merged").status == 0
    assert emissions.quick("gate", "merged").status == 1


def test_a_reader_that_leaves_does_not_turn_the_gate_green(emissions: Emissions) -> None:
    save(emissions, READ, grams(40))

    piped = emissions.shell("emissions gate f.json | true; exit ${PIPESTATUS[0]}")

    assert piped.status == 1


def test_text_of_a_footprint_starts_no_line_of_its_own(emissions: Emissions) -> None:
    save(emissions, READ, grams(40, origin="x\n::error::planted\x1b[2J"))

    shown = emissions.quick("gate", "f.json").text

    assert "\n::error" not in shown
    assert "\x1b" not in shown


def test_one_name_for_several_jobs_is_refused(emissions: Emissions) -> None:
    for name in ("a", "b"):
        (emissions.cwd / name).mkdir()
        text = codec.dumps(codec.encode(replace(READ, job=replace(READ.job, name=name))))
        (emissions.cwd / name / "footprint.json").write_text(text)

    refused = emissions.quick("report", "a", "b", "--name", "both")

    assert refused.status == 2
    assert "`--name`" in refused.err


@pytest.mark.parametrize(("start_s", "end_s"), [(1.0, 1.0), (2.0, 1.0), (0.0, 1e300), (0.0, 5e-324)])
def test_a_timeline_that_cannot_be_is_refused(emissions: Emissions, start_s: float, end_s: float) -> None:
    document = codec.encode(READ)
    document["timeline"] = [{"start_s": start_s, "end_s": end_s, "power_w": 1.0}]
    (emissions.cwd / "f.json").write_text(json.dumps(document))

    refused = emissions.quick("report", "f.json", "--format", "html")

    assert refused.status == 3
    assert "`timeline[0].end_s`" in refused.err
