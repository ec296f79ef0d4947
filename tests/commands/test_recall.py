"""What history tells of a report's jobs: which runs are their base, which sums are whole, and what is not known."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reporter.ci import CiContext, Upstream
from reporter.commands.account.assessment import Assessed
from reporter.commands.past.recall import EARLIER, LAST_RUNS, handed_over, recalled, remember, spec_of
from reporter.commands.past.store import store_of
from reporter.commands.settings import Settings
from reporter.config import Config
from reporter.config.rule import budget_of
from reporter.domain.baseline import Baseline
from reporter.domain.budget import Budget, Outcome
from reporter.domain.claim import UNPRIVILEGED
from reporter.domain.footprint import HISTORY_UNREADABLE, Footprint, judged
from reporter.domain.run_record import RunRecord, record_of
from reporter.domain.total import total
from reporter.errors import HistoryError
from reporter.export import json
from reporter.history.file import FileStore
from tests.factories_footprint import footprint
from tests.github.fake import FakeGitHub

KWH_J = 3_600_000.0
PULL_REQUEST = CiContext(
    event="pull_request", pull_request=7, branch="changes", base_ref="main", default_branch="main", repository="o/r"
)
MAIN = CiContext(event="push", branch="main", base_ref="main", default_branch="main", repository="o/r")


def rule(text: str, **changes: Any) -> Budget:
    made = budget_of(text, origin="emissions.yml")
    assert isinstance(made, Budget)
    return replace(made, **changes)


def job(it_j: float = KWH_J, *rules: str, **changes: Any) -> Footprint:
    """A job of pull request 7, begun on 20 January."""
    known = {"run_id": 99, "branch": "changes", "started_at": "2026-01-20T12:00:00Z", **changes}
    return judged(footprint(it_j, **known), tuple(map(rule, rules)))


def assessed(*jobs: Footprint) -> Assessed:
    shared = {finding.budget for row in jobs for finding in row.verdict.findings if finding.scope == "total"}
    return Assessed(jobs, total(jobs, tuple(shared) if len(jobs) > 1 else ()))


def run_of_main(number: int, it_j: float = KWH_J, **changes: Any) -> RunRecord:
    made = footprint(it_j, run_id=number, started_at=f"2026-01-{number:02}T00:00:00Z", pull_request=None)
    return replace(record_of(made, branch="main"), **changes)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "runs.jsonl")


def settings(store: FileStore | None = None, ci: CiContext = PULL_REQUEST, **config: Any) -> Settings:
    history = {"history": f"file:{store.path}"} if store else {}
    return Settings(Config(**{**history, **config}), ci, None, {})


def test_a_job_has_the_last_runs_of_main_as_its_base(store: FileStore) -> None:
    store.append([run_of_main(number, KWH_J * number) for number in range(1, 10)])

    (row,) = recalled(assessed(job(KWH_J * 5, "+10%")), settings(store)).footprints

    assert row.baseline is not None
    assert (row.baseline.label, row.baseline.runs, row.baseline.it_j) == ("main", 9, KWH_J * 5)
    assert row.verdict.outcome is Outcome.PASS


@pytest.mark.parametrize(
    "changes",
    [
        {"branch": "other"},
        {"pull_request": 8},
        {"ended": "the command failed"},
        {"it_j": None},
        {"repository": "o/another"},
        {"job": "train (large)"},
        {"gpus": "8 × NVIDIA H200"},
        {"started_at": "2026-01-20T12:00:01Z"},
        {"started_at": None},
        {"run_id": 99},
    ],
    ids="".join,
)
def test_a_run_that_is_not_alike_is_no_base(store: FileStore, changes: dict[str, Any]) -> None:
    store.append([replace(run_of_main(1), **changes)])

    (row,) = recalled(assessed(job(KWH_J, "+10%")), settings(store)).footprints

    assert row.baseline is not None
    assert row.baseline.why_not is not None
    assert row.verdict.outcome is Outcome.NOT_JUDGED


def test_a_job_whose_name_is_a_pattern_is_held_against_its_own_runs(store: FileStore) -> None:
    store.append([run_of_main(1, 9 * KWH_J), run_of_main(2, job="tr*")])

    (row,) = recalled(assessed(job(KWH_J, "+10%", name="tr*")), settings(store)).footprints

    assert row.baseline is not None
    assert row.baseline.recent_it_j == (KWH_J,)


def test_runs_of_pull_requests_on_a_branch_called_main_hide_none_of_its_own(store: FileStore) -> None:
    of_forks = [run_of_main(10, pull_request=8, run_id=100 + number) for number in range(3 * LAST_RUNS)]
    store.append([run_of_main(1), run_of_main(2), *of_forks])

    (row,) = recalled(assessed(job(KWH_J, "+10%")), settings(store)).footprints

    assert row.baseline is not None
    assert row.baseline.runs == 2


def test_of_a_runs_attempts_the_last_that_ended_well_is_a_base(store: FileStore) -> None:
    attempts = [(1, KWH_J, None), (2, 3 * KWH_J, None), (3, 5 * KWH_J, "the command failed")]
    store.append(
        [
            run_of_main(1, energy_j, run_attempt=attempt, ended=ended, started_at=f"2026-01-01T0{attempt}:00:00Z")
            for attempt, energy_j, ended in attempts
        ]
    )

    (row,) = recalled(assessed(job(KWH_J, "+10%")), settings(store)).footprints

    assert row.baseline is not None
    assert row.baseline.recent_it_j == (3 * KWH_J,)


def test_outside_ci_every_earlier_run_is_the_base_and_a_run_never_its_own(store: FileStore) -> None:
    here = CiContext()
    head = job(KWH_J, "+10%", run_id=None, run_attempt=None, pull_request=None, branch=None, repository=None)
    own = record_of(head)
    store.append([own, run_of_main(1, run_id=None, branch="a"), run_of_main(2, run_id=None, branch="b")])

    (row,) = recalled(assessed(head), settings(store, ci=here)).footprints

    assert row.baseline is not None
    assert (row.baseline.label, row.baseline.runs) == (EARLIER, 2)


def test_where_no_branch_is_known_the_one_that_all_runs_share_is_named(store: FileStore) -> None:
    store.append([run_of_main(1), run_of_main(2)])

    (row,) = recalled(assessed(job(KWH_J)), settings(store, ci=CiContext())).footprints

    assert row.baseline is not None
    assert row.baseline.label == "main"


@pytest.mark.parametrize("mark", ["is_given", "is_paired"])
def test_a_base_that_was_named_or_run_beside_the_job_stays(store: FileStore, mark: str) -> None:
    store.append([run_of_main(1)])
    own = Baseline(label="by hand", runs=1, it_j=KWH_J, **{mark: True})  # type: ignore[arg-type]

    (row,) = recalled(assessed(replace(job(KWH_J, "1 kg/month"), baseline=own)), settings(store)).footprints

    assert row.baseline == own
    assert row.ledger, "sums are asked for all the same"


def test_a_period_adds_up_each_run_once_and_never_the_job_itself(store: FileStore) -> None:
    """By hand: two runs of 1.12 kWh in January beside the job's own, one of December, all at 41.44 g/kWh."""
    head = job(KWH_J, "1 kg/month")
    others = [run_of_main(1), run_of_main(2, pull_request=7), run_of_main(3, started_at="2025-12-31T23:59:59Z")]
    store.append([record_of(head, branch="changes"), *others])

    found = recalled(assessed(head), settings(store))

    (finding,) = found.total.verdict.findings
    assert finding.runs == 3
    assert finding.observed == pytest.approx(3 * 1.12 * 41.44 / 1000)


def test_a_run_in_the_period_and_of_the_pull_request_counts_once_for_each(store: FileStore) -> None:
    store.append([run_of_main(1, pull_request=7), run_of_main(2, pull_request=7, started_at="2025-12-01T00:00:00Z")])

    month, pull = recalled(
        assessed(job(KWH_J, "1 kg/month", "1 kg/pull-request")), settings(store)
    ).total.verdict.findings

    assert (month.runs, pull.runs) == (2, 3)


def test_what_cannot_be_read_makes_a_sum_a_lower_bound(store: FileStore) -> None:
    store.append([run_of_main(1)])
    with store.path.open("a") as file:
        file.write('["?"]\n["complete"]\n')

    found = recalled(assessed(job(KWH_J, "1 kg/month", "100 g/month", "50 g/month")), settings(store))

    by_rule = {finding.rule: finding for finding in found.total.verdict.findings}
    assert by_rule["1 kg/month"].outcome is Outcome.UNKNOWN
    assert by_rule["50 g/month"].outcome is Outcome.FAIL, "it is over whatever is missing"
    assert "not read: the whole of 1 earlier run" in by_rule["1 kg/month"].why
    assert any("no run that this version can read" in notice for notice in found.notices)


def lost(row: Footprint) -> list[str]:
    return [flag for flag in row.flags if flag.startswith(HISTORY_UNREADABLE)]


def test_a_newer_history_is_unknown_and_what_was_known_before_does_not_count(store: FileStore) -> None:
    store.append([run_of_main(number) for number in (1, 2, 3)])
    rules = settings(store)
    before = recalled(assessed(job(KWH_J, "+10%", "1 kg/month")), rules)
    store.path.write_text('{"emissions-history":9}\n')

    found = recalled(before, rules)
    again = recalled(found, rules)

    assert before.total.verdict.outcome is Outcome.PASS
    assert {finding.outcome for finding in found.total.verdict.findings} == {Outcome.UNKNOWN}
    assert len(lost(again.footprints[0])) == 1
    assert remember(found, rules) is not None
    assert store.path.read_text() == '{"emissions-history":9}\n'


def test_a_history_that_can_be_read_again_leaves_no_flag(store: FileStore) -> None:
    store.path.write_text('{"emissions-history":9}\n')
    before = recalled(assessed(job(KWH_J, "+10%")), settings(store))
    store.path.unlink()

    (row,) = recalled(before, settings(store)).footprints

    assert lost(row) == []
    assert row.verdict.outcome is Outcome.NOT_JUDGED


@pytest.mark.parametrize(
    ("rules", "ci", "token", "spec"),
    [
        (("+10%",), PULL_REQUEST, "t", "artifact"),
        (("300 g/pull-request",), PULL_REQUEST, "t", "artifact"),
        (("+10%",), PULL_REQUEST, "", None),
        (("+10%",), PULL_REQUEST._replace(repository=None), "t", None),
        (("20 kg/month", "50 g"), PULL_REQUEST, "t", None),
        ((), PULL_REQUEST, "t", None),
    ],
)
def test_auto_asks_for_artifacts_only_where_a_rule_needs_them(
    rules: tuple[str, ...], ci: CiContext, token: str, spec: str | None
) -> None:
    known = Settings(Config(), ci, None, {"GITHUB_TOKEN": token})

    assert spec_of(assessed(job(KWH_J, *rules)), known) == spec


def test_a_base_by_hand_and_no_sum_leave_nothing_to_ask() -> None:
    base = Baseline(label="base", runs=1, it_j=KWH_J, is_given=True)
    row = replace(job(KWH_J, "+10%"), baseline=base)

    assert spec_of(assessed(row), settings(history="branch")) is None
    assert spec_of(assessed(replace(job(KWH_J, "20 kg/month"), baseline=base)), settings(history="branch")) == "branch"


def test_a_file_gets_every_run_but_no_estimate_and_no_strangers_claim(store: FileStore) -> None:
    plan = replace(job(KWH_J, name="plan"), method="estimate")
    claim = replace(job(KWH_J, name="claim"), flags=(UNPRIVILEGED,))
    jobs = (job(KWH_J), job(KWH_J, name="eval", exit_status=1), plan, claim)

    assert remember(assessed(*jobs), settings(store)) is None
    assert remember(assessed(*jobs), settings(store)) is None

    kept = store.load().runs()
    assert [(run.job, run.ended, run.pull_request, run.branch) for run in kept] == [
        ("train", None, 7, "changes"),
        ("eval", "the command failed", 7, "changes"),
    ]


def test_whose_runs_others_have_uploaded_only_the_event_tells(store: FileStore) -> None:
    """A fork's footprint may say that it is of main."""
    claims = job(KWH_J, branch="main", pull_request=None)
    told = Upstream(workflow="test.yml", keeps_history=False)
    ci = MAIN._replace(event="workflow_run", upstream=told)

    remember(assessed(claims), settings(store, ci=ci))
    remember(assessed(replace(claims, job=replace(claims.job, run_id=100))), settings(store, ci=ci, pull_request=8))
    of_main = ci._replace(upstream=told._replace(keeps_history=True))
    remember(assessed(replace(claims, job=replace(claims.job, run_id=101))), settings(store, ci=of_main))

    assert [(run.run_id, run.branch, run.pull_request) for run in store.load().runs()] == [
        (99, None, None),
        (100, None, 8),
        (101, "main", None),
    ]


def test_only_runs_of_the_default_branch_are_written_to_the_branch() -> None:
    """There is no git here: whoever tried would say so."""
    for ci in (PULL_REQUEST, MAIN._replace(branch="dev"), MAIN._replace(event="release"), CiContext()):
        assert remember(assessed(job(KWH_J)), settings(ci=ci, history="branch")) is None
    assert remember(assessed(job(KWH_J)), settings(ci=MAIN, history="artifact")) is None


def test_what_the_report_step_has_found_is_taken_as_it_is(store: FileStore, tmp_path: Path) -> None:
    store.append([run_of_main(number) for number in (1, 2, 3)])
    rules = settings(store, out=str(tmp_path / "out"))
    asked = recalled(assessed(job(KWH_J, "+10%", "1 kg/month")), rules)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/footprint.json").write_text(json.dumps(json.encode(asked.footprints[0])))
    store.path.unlink()

    found = handed_over(assessed(job(KWH_J, "+10%", "1 kg/month")), rules)

    assert found is not None
    assert found.total.verdict == asked.total.verdict
    assert handed_over(assessed(job(KWH_J, "+10%", "1 kg/month", run_attempt=2)), rules) is None
    assert handed_over(assessed(job(KWH_J, "1 kg/week")), rules) is None, "nobody has asked for that"


def test_nothing_is_taken_from_a_folder_without_a_footprint(tmp_path: Path) -> None:
    rules = settings(history="branch", out=str(tmp_path))
    bare = assessed(job(KWH_J, "+10%"))

    assert handed_over(bare, rules) is None
    (tmp_path / "footprint.json").write_text("{}")
    assert handed_over(bare, rules) is None
    (tmp_path / "footprint.json").write_text(json.dumps(json.encode(bare.footprints[0])))
    assert handed_over(bare, rules) is None


def asking(github: FakeGitHub, history: str, **ci: Any) -> Settings:
    known = PULL_REQUEST._replace(repository=github.repository, api_url=github.url, **ci)
    return Settings(Config(history=history), known, None, {"GITHUB_TOKEN": "ghs_secret"})


@pytest.mark.parametrize(("history", "outcome"), [("auto", Outcome.NOT_JUDGED), ("artifact", Outcome.UNKNOWN)])
def test_a_token_that_may_not_read_runs_is_no_loss_where_nobody_named_them(
    github: FakeGitHub, capsys: pytest.CaptureFixture[str], history: str, outcome: Outcome
) -> None:
    github.permission = "none"

    found = recalled(assessed(job(KWH_J, "+10%")), asking(github, history))

    assert found.total.verdict.outcome is outcome
    assert "The log says what permissions to give." in found.notices[0]
    said = capsys.readouterr().err
    assert all(right in said for right in ("actions: read", "contents: read", "pull-requests: write"))


def test_a_forge_that_does_not_answer_is_given_up(github: FakeGitHub) -> None:
    github.fail(path="/runs", delay_s=2.0, times=9)
    store = store_of(asking(github, "artifact"), patience_s=0.2)
    began_s = time.monotonic()

    with pytest.raises(HistoryError, match="No usable answer"):
        store.load()

    assert time.monotonic() - began_s < 1.5


@pytest.mark.parametrize(
    ("where", "runs"), [("octo-org/octo-repo", 2), ("mallory/octo-repo", 2), ("anna/octo-repo", 1), (None, None)]
)
def test_a_sum_over_a_pull_request_is_of_its_own_repositorys_branch(
    github: FakeGitHub, where: str | None, runs: int | None
) -> None:
    """Another fork's branch bears the same name, and its footprint the same number."""
    for number, repository in ((1, github.repository), (2, "mallory/octo-repo")):
        run = github.add_run("changes", event="pull_request", from_repository=repository)
        github.add_artifact(run, "emissions-1", _zipped(job(KWH_J, run_id=number, repository=github.repository)))
    ci = asking(github, "artifact", head_sha="a" * 40, head_repository=where)
    now = job(KWH_J, "1 kg/pull-request", repository=github.repository)

    (finding,) = recalled(assessed(now), ci).total.verdict.findings

    assert finding.runs == runs
    assert (finding.outcome is Outcome.PASS) is (runs is not None)


def _zipped(footprint: Footprint) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("footprint.json", json.dumps(json.encode(footprint)))
    return out.getvalue()


def test_rules_that_a_store_cannot_answer_are_told_once(github: FakeGitHub) -> None:
    found = recalled(assessed(job(KWH_J, "1 kg/month", "2 kg/month", "1 kg/week")), asking(github, "artifact"))

    assert {finding.outcome for finding in found.total.verdict.findings} == {Outcome.NOT_JUDGED}
    assert found.notices == (
        "History `artifact` has the last runs alone: rules per month need `branch` or `file:PATH`.",
    )


def test_without_the_pull_requests_branch_its_runs_are_not_taken_for_none(github: FakeGitHub) -> None:
    found = recalled(assessed(job(KWH_J, "1 kg/pull-request", branch=None)), asking(github, "artifact"))

    assert found.total.verdict.outcome is Outcome.NOT_JUDGED
    assert "The pull request's branch is not known" in found.notices[0]
