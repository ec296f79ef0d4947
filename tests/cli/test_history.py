"""`emissions history` and `emissions budget suggest`: the real command on files and on a real branch."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest

from reporter.commands.settings import region_problem
from reporter.config import resolve
from reporter.config.file import file_layer
from reporter.history.file import FileStore
from tests.cli.command import Emissions, config
from tests.factories_history import run_record

STORE = ("--history", "file:history.jsonl")
PUSH = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch"}


def keep(emissions: Emissions, *runs) -> None:
    FileStore(emissions.cwd / "history.jsonl").append(runs)


def event(emissions: Emissions, **payload) -> dict[str, str]:
    path = emissions.cwd / "event.json"
    path.write_text(json.dumps({"repository": {"default_branch": "main"}, **payload}))
    return {"GITHUB_EVENT_PATH": str(path)}


def test_a_run_that_was_added_is_shown_and_counts_once(emissions: Emissions, ran: Path) -> None:
    added = emissions("history", "add", "ran", *STORE, "--branch", "main")
    again = emissions("history", "add", "ran/footprint.json", "ran", *STORE)
    shown = emissions("history", "show", *STORE)

    assert (added.status, added.text) == (0, "1 run added to file history.jsonl\n")
    assert again.text.startswith("0 runs added")
    assert shown.status == 0
    assert shown.text.startswith("file history.jsonl: 1 run of 1 job\n\ntrain: 1 run")
    assert "  main  " in shown.text


def test_show_is_what_history_does_without_a_word(emissions: Emissions) -> None:
    keep(emissions, run_record())

    assert emissions.quick("history", *STORE).out == emissions.quick("history", "show", *STORE).out


def test_the_store_of_the_config_file_is_the_default(emissions: Emissions) -> None:
    keep(emissions, run_record())
    config(emissions.cwd, "history: file:history.jsonl\n")

    assert "1 run of 1 job" in emissions.quick("history").text


def test_the_trend_is_of_comparable_runs(emissions: Emissions) -> None:
    before = [run_record(number, it_j=3.6e6) for number in range(5)]
    after = [run_record(number, it_j=4.5e6) for number in range(5, 10)]
    keep(emissions, *before, *after, run_record(10, ended="the command failed", started_at="2025-01-01T00:00:00Z"))

    text = emissions.quick("history", *STORE).text

    assert (
        "train: 11 runs, median of 10 comparable ones 1.26 kWh, the last 5 +25 % against the 5 before"
        in text.replace("\u202f", " ")
    )
    assert "\n  ▇▇▇▇▇█████\n" in text
    assert text.count("2026-01-01") == 10


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ((), [1, 2, 3, 4]),
        (("--last", "2"), [3, 4]),
        (("--job", "eval*"), [2]),
        (("--branch", "dev"), [3]),
        (("--since", "2026-01-01T02:00:00Z"), [3, 4]),
        (("--since", "2026-01-02"), []),
    ],
)
def test_filters_say_which_runs(emissions: Emissions, words: tuple[str, ...], ids: list[int]) -> None:
    keep(emissions, run_record(0), run_record(1, job="eval 1"), run_record(2, branch="dev"), run_record(3))

    shown = emissions.quick("history", "show", "--json", *STORE, *words).json

    assert [run["run_id"] for run in shown["runs"]] == ids
    assert shown["schema"] == 1


def test_the_csv_has_a_row_a_run_and_no_formula(emissions: Emissions) -> None:
    keep(emissions, run_record(0), run_record(1, job="=1+1", it_j=None))

    rows = list(csv.DictReader(io.StringIO(emissions.quick("history", "export", *STORE).text)))

    assert [row["job"] for row in rows] == ["train", "'=1+1"]
    assert float(rows[0]["facility_energy_kwh"]) == pytest.approx(1.12)
    assert float(rows[0]["emissions_gco2e"]) == pytest.approx(1.12 * 41.44)
    assert (rows[1]["it_energy_j"], rows[1]["emissions_gco2e"]) == ("", "")
    assert json.loads(rows[0]["phases"]) == {"train": [900, 10]}


def test_an_export_to_a_file_says_so(emissions: Emissions) -> None:
    keep(emissions, run_record())

    ran = emissions.quick("history", "export", "--format", "json", "--to", "runs.json", *STORE)

    assert ran.text == "1 run written to runs.json\n"
    assert json.loads((emissions.cwd / "runs.json").read_text())["runs"][0]["job"] == "train"


def test_parquet_without_pyarrow_is_a_message(emissions: Emissions) -> None:
    keep(emissions, run_record())

    ran = emissions.observed()(
        "history", "export", "--format", "parquet", "--to", "runs.parquet", *STORE, BLOCKED="pyarrow"
    )

    assert ran.status == 3
    assert "pip install 'emissions-reporter[parquet]'" in ran.err
    assert not (emissions.cwd / "runs.parquet").exists()


def test_parquet_holds_the_same_columns(emissions: Emissions) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    keep(emissions, run_record(0), run_record(1, it_j=None, phases=(), units=()))

    ran = emissions("history", "export", "--format", "parquet", "--to", "runs.parquet", *STORE)

    assert ran.status == 0, ran.err
    table = parquet.read_table(emissions.cwd / "runs.parquet").to_pylist()
    assert [row["run_id"] for row in table] == [1, 2]
    assert table[0]["it_energy_j"] == 3_600_000.0
    assert table[1]["emissions_gco2e"] is None


def test_pruning_says_what_it_does(emissions: Emissions) -> None:
    keep(emissions, *(run_record(number) for number in range(5)))

    rehearsed = emissions.quick("history", "prune", "--keep", "2", "--dry-run", *STORE)
    done = emissions.quick("history", "prune", "--keep", "2", *STORE)

    assert rehearsed.text == "3 runs would go, 2 would stay: file history.jsonl\n"
    assert done.text == "3 runs removed, 2 kept: file history.jsonl\n"
    assert emissions.quick("history", "prune", "--before", "2027-01-01", *STORE).text.startswith("2 runs removed")


@pytest.mark.parametrize(
    ("variables", "payload", "added"),
    [
        (PUSH, {}, True),
        ({**PUSH, "GITHUB_EVENT_NAME": "workflow_dispatch"}, {}, True),
        ({**PUSH, "GITHUB_EVENT_NAME": "schedule"}, {"repository": None}, True),
        ({**PUSH, "GITHUB_REF_NAME": "dev"}, {}, False),
        ({**PUSH, "GITHUB_REF_TYPE": "tag"}, {}, False),
        (
            {**PUSH, "GITHUB_EVENT_NAME": "pull_request"},
            {"pull_request": {"number": 7, "head": {"ref": "main"}}},
            False,
        ),
        ({**PUSH, "GITHUB_EVENT_NAME": "pull_request_target"}, {"pull_request": {"number": 7}}, False),
        ({**PUSH, "GITHUB_EVENT_NAME": "merge_group"}, {}, False),
    ],
)
def test_in_ci_only_the_default_branch_keeps_history(
    emissions: Emissions, ran: Path, variables: dict[str, str], payload: dict, added: bool
) -> None:
    surroundings = {**variables, **event(emissions, **payload)}

    done = emissions.quick("history", "add", "ran", *STORE, **surroundings)
    forced = emissions.quick("history", "add", "ran", "--force", *STORE, **surroundings)

    assert done.status == forced.status == 0
    assert done.text.startswith("1 run added") == added
    assert ("only runs of the default branch" in done.err) != added
    assert forced.text.startswith("0 runs" if added else "1 run added")


def test_a_run_in_ci_has_its_branch(emissions: Emissions, ran: Path) -> None:
    emissions.quick("history", "add", "ran", *STORE, **PUSH, **event(emissions), RUNNER_NAME="gpu-1")

    (run,) = emissions.quick("history", "--json", *STORE).json["runs"]
    assert (run["branch"], run["runner"]) == ("main", "gpu-1")


def test_what_an_unprivileged_run_reported_is_never_added(emissions: Emissions, ran: Path) -> None:
    footprint = json.loads((ran / "footprint.json").read_text())
    (ran / "footprint.json").write_text(json.dumps({**footprint, "flags": ["unprivileged"]}))

    added = emissions.quick("history", "add", "ran", "--force", *STORE)

    assert (added.status, added.text) == (0, "")
    assert "1 run left out: nobody vouches for what an unprivileged run reports." in added.err
    assert not (emissions.cwd / "history.jsonl").exists()


def test_what_cannot_be_read_is_a_warning_and_the_rest_is_shown(emissions: Emissions) -> None:
    keep(emissions, run_record())
    with (emissions.cwd / "history.jsonl").open("a") as file:
        file.write("nonsense \x1b[31m\n")

    ran = emissions.quick("history", *STORE)

    assert ran.status == 0
    assert "`history.jsonl`, line 4: no run that this version can read; left there" in ran.err
    assert "1 run of 1 job" in ran.text


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("shw",), 2, "Did you mean `show`?"),
        (("add",), 2, "names no footprint"),
        (("show", "more"), 2, "`history show more` is not known"),
        (("prune",), 2, "What to prune is not said"),
        (("prune", "--keep", "1", "--before", "2026-01-01"), 2, "exclude each other"),
        (("prune", "--keep", "-1"), 2, "keep"),
        (("show", "--last", "0"), 2, "`0` is no such number (`--last`)"),
        (("show", "--last", "many"), 2, "`--last`"),
        (("show", "--since", "last week"), 2, "`last week` is no date (`--since`)"),
        (("show", "--format", "csv"), 2, "text, json"),
        (("export", "--format", "text"), 2, "csv, json, parquet"),
        (("export", "--format", "parquet"), 2, "--to runs.parquet"),
        (("add", "nowhere"), 3, "`nowhere` does not exist"),
        (("show", "--history", "file:."), 3, "is no file"),
        (("show", "--history", "file:notes.txt"), 3, "is no history of emissions"),
        (("add", "ran", "--history", "file:notes.txt"), 3, "left as it is"),
        (("show", "--history", "file:newer.jsonl"), 3, "schema 7"),
        (("show", "--history", "branch"), 3, "is no git repository"),
        (("show", "--history", "artifact"), 3, "needs GitHub's API and a token"),
        (("show", "--history", "file"), 2, "`file:PATH`"),
        (("show", "--history", "brnch"), 2, "Did you mean `branch`?"),
        (("show", "--history", "off"), 2, "No history is named"),
        (("export", "--to", "no/such/runs.csv"), 3, "cannot be written"),
    ],
)
def test_bad_input_is_one_clear_message(
    emissions: Emissions, ran: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    (emissions.cwd / "notes.txt").write_text("notes\n")
    (emissions.cwd / "newer.jsonl").write_text('{"emissions-history":7}\n')
    store = () if "--history" in words else STORE

    done = emissions.quick("history", *words, *store)

    assert done.status == status, done.err
    assert said in done.err
    assert done.is_clean
    assert (emissions.cwd / "notes.txt").read_text() == "notes\n"


def test_a_history_that_is_not_there_yet_is_empty(emissions: Emissions) -> None:
    assert emissions.quick("history", *STORE).text == "file history.jsonl: 0 runs\n"
    assert emissions.quick("history", "export", *STORE).text.count("\n") == 1


def test_names_cannot_move_the_cursor_or_command_the_runner(emissions: Emissions) -> None:
    keep(emissions, run_record(job="\x1b[2J::error::x", branch="##[error]", ended="a\nb", sha="\x1b[31m"))

    text = emissions.quick("history", *STORE).text

    assert "\x1b" not in text
    assert not any(line.startswith(("::", "##[")) for line in text.splitlines())


@pytest.fixture
def work_tree(emissions: Emissions, tmp_path: Path) -> Path:
    """The folder is a work tree with a bare repository as its origin."""
    remote = tmp_path / "remote.git"
    for words in (
        ("init", "--quiet", "--bare", str(remote)),
        ("init", "--quiet", str(emissions.cwd)),
        ("-C", str(emissions.cwd), "remote", "add", "origin", str(remote)),
    ):
        subprocess.run(["git", *words], check=True)
    return remote


def test_the_branch_of_a_real_repository_keeps_history(emissions: Emissions, ran: Path, work_tree: Path) -> None:
    added = emissions("history", "add", "ran", "--history", "branch", "--branch", "main")
    shown = emissions("history", "--history", "branch", "--branch", "main")
    pruned = emissions("history", "prune", "--keep", "0", "--history", "branch")

    assert added.text == f"1 run added to branch emissions-history of {work_tree}\n"
    assert "train: 1 run" in shown.text
    assert pruned.text.startswith("1 run removed, 0 kept")
    assert emissions("history", "--history", "branch").text.endswith(": 0 runs\n")
    assert [*emissions.cwd.glob(".git/refs/**/*history*")] == []


@pytest.mark.parametrize(
    ("rules", "named"), [("", False), ("budgets: [{max: 9 kg, per: month, runners: host-*}]\nhistory: branch\n", True)]
)
def test_the_branch_that_anybody_may_read_names_no_host_unless_a_rule_does(
    emissions: Emissions, ran: Path, work_tree: Path, rules: str, named: bool
) -> None:
    config(emissions.cwd, rules)

    emissions.quick("history", "add", "ran", "--history", "branch", RUNNER_NAME="host-7.example")

    objects = subprocess.run(
        ["git", "-C", str(work_tree), "grep", "-c", "host-7.example", "emissions-history"], capture_output=True
    )
    assert (objects.returncode == 0) is named
    shown = emissions.quick("history", "--json", "--history", "branch").json["runs"]
    assert [run["runner"] for run in shown] == ["host-7.example" if named else None]


@pytest.mark.slow
def test_commands_that_add_at_the_same_time_lose_nothing(emissions: Emissions, ran: Path, work_tree: Path) -> None:
    text = (ran / "footprint.json").read_text()
    for number in range(6):
        footprint = json.loads(text)
        footprint["job"].update(run_id=number + 1, name=f"train {number}")
        (emissions.cwd / f"{number}").mkdir()
        (emissions.cwd / f"{number}" / "footprint.json").write_text(json.dumps(footprint))

    started = [emissions.start("history", "add", f"{number}", "--history", "branch") for number in range(6)]

    said = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 6, said
    assert "6 runs of 6 jobs" in emissions("history", "--history", "branch").text


def test_limits_are_suggested_as_a_config_file_that_is_valid(emissions: Emissions) -> None:
    odd = 'train "x": [a], # 3'
    keep(
        emissions,
        *(run_record(number, job=job) for number in range(6) for job in ("train", odd)),
        run_record(9, job="x"),
    )

    ran = emissions.quick("budget", "suggest", *STORE)

    assert ran.status == 0
    layer = file_layer(ran.text, name="emissions.yml")
    assert layer.problems == ()
    assert [(budget.rule, budget.jobs) for budget in layer.budgets] == [
        (rule, (job,)) for job in ("train", odd) for rule in ("1.2 kWh", "47 g", "82 J/sample")
    ]
    assert "# x: not enough comparable runs (1 of 5)" in ran.text
    assert "95 % of 6 runs stayed within 1.12 kWh, and 0.50 % that a repeat may take more" in ran.text


def test_a_suggested_limit_fits_the_run_that_it_comes_from(emissions: Emissions, ran: Path) -> None:
    text = (ran / "footprint.json").read_text()
    for number in range(5):
        footprint = json.loads(text)
        footprint["job"]["run_id"] = number + 1
        (emissions.cwd / f"{number}.json").write_text(json.dumps(footprint))
        emissions.quick("history", "add", f"{number}.json", *STORE)
    (emissions.cwd / "emissions.yml").write_bytes(emissions.quick("budget", "suggest", *STORE).out)

    judged = emissions.quick("gate", "ran")

    assert judged.status == 0
    assert "verdict: pass" in judged.text


def test_the_ratchet_lowers_what_is_well_above(emissions: Emissions) -> None:
    keep(emissions, *(run_record(number) for number in range(12)))
    config(emissions.cwd, "budgets:\n  - {metric: energy, max: 3 kWh, jobs: train}\n  - 48 g\n  - +10%\n")

    ran = emissions.quick("budget", "suggest", "--ratchet", *STORE)

    layer = file_layer(ran.text, name="emissions.yml")
    assert [budget.rule for budget in layer.budgets] == ["1.2 kWh"]
    assert "instead of 3 kWh (emissions.yml, line 2); train: 95 % of 10 runs" in ran.text


def test_without_anything_to_lower_that_is_said(emissions: Emissions) -> None:
    keep(emissions, *(run_record(number) for number in range(12)))

    assert "has no budget that could be lowered" in emissions.quick("budget", "suggest", "--ratchet", *STORE).text
    config(emissions.cwd, "budgets: [1.2 kWh]\n")
    text = emissions.quick("budget", "suggest", "--ratchet", *STORE).text
    assert "No limit can be lowered" in text
    assert file_layer(text, name="x").problems == ()


@pytest.mark.parametrize(("words", "status"), [((), 2), (("propose",), 2), (("suggest", "more"), 2), (("suggest",), 3)])
def test_other_words_and_no_runs_are_messages(emissions: Emissions, words: tuple[str, ...], status: int) -> None:
    ran = emissions.quick("budget", *words, *STORE)

    assert ran.status == status
    assert ran.is_clean


def test_the_key_takes_every_store_and_nothing_else() -> None:
    for text in ("auto", "off", "branch", "artifact", "file:a b.jsonl"):
        layer = file_layer(f"history: {text}\n", name="emissions.yml")
        assert resolve((layer,), check_region=region_problem, sources=()).history == text


def test_nothing_heavy_is_loaded_for_a_file(emissions: Emissions) -> None:
    keep(emissions, run_record())
    ran = emissions.observed()("history", *STORE)

    assert ran.status == 0
    assert not {f"import {name}" for name in ("requests", "jinja2", "pyarrow", "subprocess")} & set(emissions.notes)


@pytest.mark.parametrize("words", [("show",), ("export",), ("prune", "--keep", "3")])
def test_a_file_that_is_not_there_is_empty_and_said_not_to_be_there(emissions: Emissions, words) -> None:
    ran = emissions.quick("history", *words, "--history", "file:typo")

    assert ran.status == 0
    assert "There is no file `typo`: its name is another one" in ran.err
    assert not (emissions.cwd / "typo").exists()


@pytest.mark.parametrize(("word", "meant"), [("forget", "prune"), ("list", "show"), ("exprt", "export")])
def test_what_others_call_it_is_understood_as_what_it_does(emissions: Emissions, word: str, meant: str) -> None:
    assert f"Did you mean `{meant}`?" in emissions.quick("history", word).err
