"""`emissions run`: the command is passed through, the folder is written, and nothing of ours changes its fate."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import METER, PYTHON, Emissions, Ran

BINARY = bytes(range(256)) * 300
CAT = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()); sys.stderr.buffer.write(b'\\xff'); sys.exit(3)"


def test_streams_and_status_are_the_commands_to_the_byte(emissions: Emissions) -> None:
    done = subprocess.run(
        [*METER, "run", "--quiet", "--", PYTHON, "-c", CAT],
        cwd=emissions.cwd, env=dict(emissions.environ), input=BINARY, capture_output=True, timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (3, BINARY, b"\xff")


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 0", 0), ("exit 1", 1), ("exit 2", 2), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -KILL $$", 137)],
)
def test_the_status_is_the_commands(emissions: Emissions, script: str, status: int) -> None:
    ran = emissions("run", "--quiet", "--gate", "--budget", "1e-9 g", "--", "sh", "-c", script)

    assert ran.status == (1 if status == 0 else status)
    assert ran.footprint["job"]["exit_status"] == status
    assert ran.footprint["verdict"]["outcome"] == "fail"


def test_a_command_that_is_not_there_is_127_and_one_that_cannot_run_126(emissions: Emissions) -> None:
    (emissions.cwd / "plain").write_text("not executable")

    absent = emissions("run", "--", "no-such-command-at-all")
    plain = emissions.in_(emissions.cwd)("run", "--", "./plain")

    assert absent.status == 127
    assert "`no-such-command-at-all` was not found" in absent.err
    assert plain.status == 126
    assert "`./plain` could not be run: Permission denied" in plain.err
    assert absent.is_clean
    assert plain.is_clean


def test_the_summary_goes_to_stderr_alone(finished: Ran) -> None:
    assert finished.out == b"done\n"
    assert "CO₂e" in finished.err
    assert finished.is_clean


def test_quiet_says_nothing(emissions: Emissions) -> None:
    flag = emissions("run", "--quiet", "--", "true")
    variable = emissions("run", "--", "true", EMISSIONS_QUIET="true")

    assert (flag.status, flag.out, flag.err) == (0, b"", "")
    assert (variable.status, variable.out, variable.err) == (0, b"", "")


def test_the_folder_holds_four_files_and_the_page_needs_no_network(finished: Ran) -> None:
    assert sorted(path.name for path in finished.folder.iterdir()) == [
        "footprint.json", "recording.jsonl", "report.html", "report.md",
    ]  # fmt: skip
    page = (finished.folder / "report.html").read_text()
    assert not any(word in page for word in ("<script src", "<link ", "@import", '<img src="http', "url(http"))


def test_an_earlier_run_is_replaced_and_a_strangers_neighbour_kept(emissions: Emissions) -> None:
    emissions("run", "--quiet", "--", "sh", "-c", "exit 4")
    (emissions.cwd / "emissions-report" / "notes.txt").write_text("mine")

    ran = emissions("run", "--quiet", "--", "sh", "-c", "exit 5")

    assert ran.status == 5
    assert ran.footprint["job"]["exit_status"] == 5
    assert (ran.folder / "recording.jsonl").read_text().count('"kind":"start"') == 1
    assert (ran.folder / "notes.txt").read_text() == "mine"


def test_a_run_in_progress_is_left_alone(emissions: Emissions) -> None:
    inside = f"{PYTHON} -m reporter run --quiet -- touch ran; echo $?"

    ran = emissions("run", "--quiet", "--name", "outer", "--", "sh", "-c", inside)
    beside = emissions(
        "run", "--quiet", "--name", "outer", "--", "sh", "-c", inside.replace("run", "run --out other", 1)
    )

    assert (ran.status, ran.text) == (0, "2\n")
    assert "`emissions-report` is in use by another run" in ran.err
    assert ran.footprint["job"]["name"] == "outer"
    assert (beside.status, beside.text) == (0, "0\n")


@pytest.mark.parametrize("name", ["footprint.json", "recording.jsonl", "report.md", "report.html"])
def test_a_strangers_file_is_never_overwritten_and_nothing_runs(emissions: Emissions, name: str) -> None:
    folder = emissions.cwd / "docs"
    folder.mkdir()
    (folder / name).write_text("a stranger's")

    ran = emissions.quick("run", "--out", "docs", "--", "touch", "ran")

    assert ran.status == 2
    assert "docs" in ran.err
    assert name in ran.err
    assert (folder / name).read_text() == "a stranger's"
    assert not (emissions.cwd / "ran").exists()


def test_what_a_run_on_a_full_disk_left_does_not_stop_the_next(emissions: Emissions) -> None:
    (emissions.cwd / "emissions-report").mkdir()
    (emissions.cwd / "emissions-report" / "recording.jsonl").touch()

    assert emissions("run", "--quiet", "--", "sh", "-c", "exit 6").status == 6


@pytest.mark.parametrize("out", ["/proc/nowhere", "/dev/null/x", "file/below"])
def test_a_folder_that_cannot_be_made_costs_the_files_alone(emissions: Emissions, out: str) -> None:
    (emissions.cwd / "file").write_text("")

    ran = emissions("run", "--out", out, "--", "sh", "-c", "echo hi; exit 5")

    assert (ran.status, ran.out) == (5, b"hi\n")
    assert f"`{out}` cannot be used" in ran.err
    assert "CO₂e" in ran.err
    assert ran.is_clean


def test_a_full_disk_costs_the_files_alone(emissions: Emissions) -> None:
    done = subprocess.run(
        [*METER, "run", "--gate", "--budget", "1e-9 g", "--", "true"],
        cwd=emissions.cwd, env=dict(emissions.environ), capture_output=True, text=True, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)),
    )  # fmt: skip

    assert done.returncode == 1, done.stderr
    assert "File too large" in done.stderr
    assert "CO₂e" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("redirection", ["2>&-", "<&-", "2>&- <&-", "2>/dev/full"])
def test_closed_and_full_streams_change_nothing(emissions: Emissions, redirection: str) -> None:
    script = f"emissions run --out /dev/null/x -- sh -c 'echo hi; exit 9' {redirection}; exit $?"

    ran = emissions.shell(script)

    assert (ran.status, ran.out) == (9, b"hi\n")
    assert ran.is_clean


def test_with_all_streams_closed_the_folder_is_still_written(emissions: Emissions) -> None:
    ran = emissions.shell("emissions run -- sh -c 'echo lost; exit 9' <&- >&- 2>&-")

    assert ran.status == 9
    assert ran.footprint["job"]["exit_status"] == 9
    assert (ran.folder / "recording.jsonl").read_text().startswith('{"schema":1,"kind":"start"')
    assert (ran.folder / "report.html").stat().st_size > 1000


def test_no_home_and_an_odd_locale_change_nothing(emissions: Emissions) -> None:
    bare = {name: value for name, value in emissions.environ.items() if name != "HOME"}
    done = subprocess.run(
        [*METER, "run", "--", "sh", "-c", "echo ₂; exit 4"], cwd=emissions.cwd, capture_output=True, timeout=60,
        env={**bare, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (4, "₂\n".encode())
    assert b"Traceback" not in done.stderr
    assert b"CO" in done.stderr
    assert "₂" in (emissions.cwd / "emissions-report" / "report.md").read_text(encoding="utf-8")


def test_the_environment_reaches_the_command_whole(emissions: Emissions) -> None:
    show = "import json, os; print(json.dumps(dict(os.environ)))"
    secrets = {
        "EMISSIONS_ELECTRICITYMAPS_TOKEN": "emaps-secret", "EMISSIONS_WATTTIME_USER": "watt-user",
        "EMISSIONS_WATTTIME_PASSWORD": "watt-secret",
    }  # fmt: skip

    ran = emissions("run", "--", PYTHON, "-c", show, GITHUB_TOKEN="ghs_123456", MINE="ü\n", **secrets)

    theirs = ran.json
    assert theirs["MINE"] == "ü\n"
    assert theirs["GITHUB_TOKEN"] == "ghs_123456"
    assert not set(secrets) & set(theirs)
    assert set(emissions.environ) <= set(theirs)
    everything = ran.err + "".join(path.read_text() for path in ran.folder.iterdir())
    assert not any(secret in everything for secret in (*secrets.values(), "ghs_123456"))


@pytest.mark.parametrize(
    ("how", "kept"),
    [("full", ["sh", "-c", "true", "--api-key", "***", "--token=***", "***"]), ("program", ["sh"]), ("off", None)],
)
def test_what_is_kept_of_the_command_is_asked(emissions: Emissions, how: str, kept: list[str] | None) -> None:
    words = ("sh", "-c", "true", "--api-key", "k3y-value", "--token=t0ken-value", "hf_0123456789")

    ran = emissions("run", "--quiet", "--record-command", how, "--", *words, HF_TOKEN="hf_0123456789")

    assert ran.footprint["job"]["command"] == kept
    everything = "".join(path.read_text() for path in ran.folder.iterdir())
    assert not any(secret in everything for secret in ("k3y-value", "t0ken-value", "hf_0123456789"))


@pytest.mark.parametrize(
    ("metrics", "complaint"),
    [
        (None, "cannot be read"),
        ("{", "is not valid JSON"),
        ("[]", "is not of the form"),
        ('{"units": {"sample": 0}}', "the count of `sample` is not a number above 0"),
        ('{"units": {"sample": NaN}}', "is not valid JSON: NaN is not a number"),
        ('{"units": {"sample": 5e-324}}', "the count of `sample` is not a number above 0"),
        ('{"units": {"sample": 1e400}}', "the count of `sample` is not a number above 0"),
        ('{"epochs": "many"}', "the count of `epoch`"),
    ],
)
def test_counts_that_cannot_be_used_are_a_warning_and_make_the_rule_unknown(
    emissions: Emissions, metrics: str | None, complaint: str
) -> None:
    if metrics is not None:
        (emissions.cwd / "m.json").write_text(metrics)

    ran = emissions.quick("run", "--metrics", "m.json", "--budget", "130 J/sample", "--gate", "--", "true")

    assert ran.status == 0
    assert complaint in ran.err
    assert ran.footprint["per_unit"] == []
    assert ran.footprint["verdict"]["outcome"] == "unknown"
    assert ran.is_clean


def test_a_budget_per_unit_of_work_is_judged_on_the_jobs_own_count(finished: Ran) -> None:
    footprint = finished.footprint
    rows = {row["unit"]: row for row in footprint["per_unit"]}
    per_sample = footprint["verdict"]["findings"][1]

    assert {unit: row["count"] for unit, row in rows.items()} == {"sample": 50_000, "epoch": 3}
    assert rows["sample"]["gco2e"] * 50_000 == pytest.approx(footprint["emissions"]["gco2e"], rel=1e-12)
    assert (per_sample["rule"], per_sample["unit"], per_sample["outcome"]) == ("130 J/sample", "J/sample", "pass")
    assert per_sample["observed"] == pytest.approx(footprint["energy"]["facility_j"] / 50_000, rel=1e-12)


def test_a_job_in_ci_is_told_by_its_event(emissions: Emissions) -> None:
    event = {"number": 7, "pull_request": {"number": 7, "head": {"sha": "headsha"}, "base": {"ref": "main"}}}
    (emissions.cwd / "event.json").write_text(json.dumps(event))

    ran = emissions(
        "run", "--quiet", "--", "true",
        GITHUB_REPOSITORY="o/r", GITHUB_RUN_ID="42", GITHUB_RUN_ATTEMPT="2", GITHUB_SHA="mergesha", GITHUB_JOB="train",
        GITHUB_EVENT_PATH="event.json",
    )  # fmt: skip

    job = ran.footprint["job"]
    assert [job[key] for key in ("name", "repository", "sha", "run_id", "run_attempt", "pull_request")] == [
        "train", "o/r", "headsha", 42, 2, 7,
    ]  # fmt: skip


@pytest.mark.parametrize("event", ["", "[", "[]", "null", '{"pull_request": 7, "issue": []}', "[" * 100_000, "endless"])
def test_an_event_that_makes_no_sense_is_no_pull_request(emissions: Emissions, event: str) -> None:
    path = Path("/dev/zero") if event == "endless" else emissions.cwd / "event.json"
    if event != "endless":
        path.write_text(event)

    ran = emissions.quick("run", "--quiet", "--", "true", GITHUB_EVENT_PATH=str(path))

    assert (ran.status, ran.err) == (0, "")
    assert ran.footprint["job"]["pull_request"] is None


def test_a_bug_in_assessing_leaves_the_commands_status(emissions: Emissions, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("reporter.commands.account.assessment.assess_recorded", broken)

    ran = emissions.quick("run", "--gate", "--budget", "1e-9 g", "--", "sh", "-c", "exit 6")

    assert ran.status == 6
    assert "ZeroDivisionError" in ran.err
    assert (ran.folder / "recording.jsonl").exists()


def test_a_bug_in_rendering_leaves_the_verdict(emissions: Emissions, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("reporter.commands.delivery.faces.faces_of", broken)

    ran = emissions.quick("run", "--gate", "--budget", "1e-9 g", "--", "true")

    assert ran.status == 1
    assert "ZeroDivisionError" in ran.err


def test_an_impatient_interrupt_after_the_command_leaves_its_status(
    emissions: Emissions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("reporter.commands.account.assessment.assess_recorded", interrupted)

    ran = emissions.quick("run", "--", "sh", "-c", "exit 6")

    assert ran.status == 6
    assert ran.is_clean


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--budget", "1e-9 g"), 1),
        (("--budget", "1 t"), 0),
        ((), 0),
        (("--budget", "1 J/sample"), 0),
        (("--budget", "1 J/sample", "--on-unknown", "fail"), 1),
        (("--budget", "1 J/sample", "--on-unknown", "pass"), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_gate_adds_a_status_to_a_command_that_succeeded(
    emissions: Emissions, words: tuple[str, ...], status: int
) -> None:
    ran = emissions.quick("run", "--quiet", "--gate", *words, "--", "true")

    assert ran.status == status


def test_without_gate_an_exceeded_budget_does_not_change_the_status(emissions: Emissions) -> None:
    ran = emissions.quick("run", "--budget", "1e-9 g", "--", "true")

    assert ran.status == 0
    assert ran.footprint["verdict"]["outcome"] == "fail"


def test_files_that_the_meter_inherited_are_the_commands(emissions: Emissions) -> None:
    ran = emissions.shell("emissions run --quiet -- cat <(echo inherited)")

    assert (ran.status, ran.text) == (0, "inherited\n")


def test_the_working_folder_and_umask_are_the_commands(emissions: Emissions) -> None:
    ran = emissions.shell("umask 077; emissions run --quiet -- sh -c 'pwd; umask'")

    assert ran.text.split() == [os.path.realpath(emissions.cwd), "0077"]


def test_a_command_in_the_folder_is_named_after_its_file(emissions: Emissions) -> None:
    script = Path(emissions.cwd) / "train.sh"
    script.write_text("echo no first line")
    script.chmod(0o755)

    ran = emissions("run", "--quiet", "--", "./train.sh")

    assert (ran.status, ran.text) == (0, "no first line\n")
    assert ran.footprint["job"]["name"] == "train.sh"


def test_a_command_that_cleans_its_folder_is_reported_all_the_same(emissions: Emissions) -> None:
    ran = emissions("run", "--region", "FR", "--", "rm", "-rf", "emissions-report")

    assert ran.status == 0
    assert ran.footprint["energy"]["it_j"] > 0


def test_a_counted_job_and_one_without_numbers_are_at_least_their_sum(emissions: Emissions) -> None:
    from reporter.export import json as codec
    from tests.factories_footprint import footprint

    for name, energy_j in (("a", 3.6e6), ("b", None)):
        (emissions.cwd / name).mkdir()
        (emissions.cwd / name / "footprint.json").write_text(codec.dumps(codec.encode(footprint(energy_j, name=name))))

    assert "At least" in emissions.quick("report", "a", "b").text


def test_a_copy_in_a_merged_report_counts_once(emissions: Emissions) -> None:
    from reporter.export import json as codec
    from tests.factories_footprint import footprint, grams

    for name in ("x/a", "x/b"):
        (emissions.cwd / name).mkdir(parents=True)
        job = footprint(name=name[-1], budgets=(grams(60, scope="total"),))
        (emissions.cwd / name / "footprint.json").write_text(codec.dumps(codec.encode(job)))

    assert emissions.quick("report", "x", "--out", "x/merged").status == 0
    assert len(emissions.quick("report", "x", "--json").json["jobs"]) == 2
