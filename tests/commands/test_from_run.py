"""The second stage against the fake forge: whose pull request it is, what is believed, what goes green."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reporter.cli import main
from reporter.commands.trust import from_run
from reporter.domain.baseline import Baseline
from reporter.domain.budget import Outcome, verdict_of
from reporter.domain.claim import TRUSTED_LABEL
from reporter.domain.spent import Spent
from reporter.export import json as codec
from reporter.export.json import MOST_BYTES
from reporter.history import archive as archives
from reporter.publish import answer
from tests.factories_footprint import footprint, grams
from tests.github.fake import EXAMPLES, FakeGitHub

EVENTS = Path(__file__).parents[1] / "data/events"
FORK, RUN_ID, MADE_AT = "Octofriend/Hello-World", 289782451, "2020-10-05T16:33:24Z"
"""Of the payload `workflow_run_fork`."""
CONFIG = ".github/emissions.yml"
AFTER, BEFORE = "2020-10-05T17:00:00Z", "2020-10-05T16:00:00Z"
"""That run was made."""


def archive(*texts: str | bytes, name: str = "footprint.json", how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as file:
        for place, text in enumerate(texts):
            file.writestr(f"{place}/{name}", text)
    return out.getvalue()


def text(**job: Any) -> str:
    """46.4 g, with a verdict of its own that says pass."""
    return codec.dumps(codec.encode(footprint(budgets=(grams(1000, origin="`--budget`"),), **job)))


@pytest.fixture
def environ(tmp_path: Path, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The runner's variables after a fork's run of pull request 7; the base branch allows 60 g; a check is wanted."""
    monkeypatch.chdir(tmp_path)
    event(tmp_path)
    github.head_label = "Octofriend:changes"
    github.pulls = {7: {"fork": FORK}}
    base(github, "budgets: [60 g]\n")
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "workflow_run",
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": github.repository,
        "GITHUB_WORKSPACE": str(tmp_path),
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_TOKEN": "fake-token",
        "GITHUB_SHA": "d" * 40,
        "GITHUB_REF_NAME": "main",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_RUN_ID": "99",
        "GITHUB_RUN_NUMBER": "1",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }


def event(folder: Path, **changes: Any) -> None:
    """The real payload, with what a test changes of its run."""
    payload = json.loads((EVENTS / "workflow_run_fork.json").read_text())
    payload["workflow_run"].update(changes)
    (folder / "event.json").write_text(json.dumps(payload))


def base(github: FakeGitHub, content: str, ref: str = "master") -> None:
    """The config file as the base branch has it; the payload's pull request goes to `master`."""
    github.files[ref, CONFIG] = content.encode()


def uploaded(github: FakeGitHub, *texts: str | bytes, name: str = "emissions-train-1", **changes: Any) -> None:
    github.add_artifact(RUN_ID, name, archive(*texts), **changes)


def publish(environ: dict[str, str], *words: str, **inputs: str) -> int:
    return main(["publish", *words], environ=environ, inputs={"check": "auto", **inputs})


def comment(github: FakeGitHub) -> str:
    """Ours, as it is read."""
    (body,) = github.own_bodies()
    return re.sub(r"</?(?:code|strong)>", "`", html.unescape(body).replace("\u200b", "").replace("\u202f", " "))


def check(github: FakeGitHub) -> dict[str, Any]:
    (found,) = github.checks
    return found


def nothing_was_posted(github: FakeGitHub) -> bool:
    return not github.comments and not github.checks and {request.method for request in github.requests} <= {"GET"}


# What a fork reports


def test_what_a_fork_uploaded_is_the_comment_on_its_pull_request_and_bears_its_label(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    uploaded(github, text())

    assert publish(environ) == 0

    assert github.comments[0].pull_request == 7
    said = comment(github)
    remark = next(line for line in said.splitlines() if "unprivileged run:" in line)
    assert remark.startswith("**Reported by an unprivileged run:** the figures are the word of the pull request's own")
    assert TRUSTED_LABEL in remark
    assert "measured, reported by an unprivileged run" in said
    assert "**Why:**" not in said, "title and remark have said it"
    assert f"/actions/runs/{RUN_ID}" in said, "the run that measured, not the one that comments"


@pytest.mark.parametrize("gate", ["true", "false"])
def test_a_forged_footprint_turns_no_check_green(environ: dict[str, str], github: FakeGitHub, gate: str) -> None:
    uploaded(github, text())

    publish(environ, gate=gate)

    assert (check(github)["conclusion"], check(github)["head_sha"]) == ("action_required", github.head_sha)
    assert "✅" not in comment(github)
    assert "\nunknown\n" in Path("output").read_text()


@pytest.mark.parametrize(
    ("config", "job"),
    [
        ("budgets: [{max: 60 g, jobs: train*}]\n", {"name": "no-such-rule"}),
        ("budgets: [{max: 60 g, level: warn}]\n", {}),
        ("budgets: [+10%]\n", {}),
        ("budgets: [60 g]\non-unknown: pass\n", {}),
        ("budgets: [{max: 60 g, per: month}]\nhistory: branch\n", {}),
    ],
)
def test_no_rule_can_be_evaded_by_what_a_footprint_says_of_itself(
    environ: dict[str, str], github: FakeGitHub, config: str, job: dict[str, Any]
) -> None:
    base(github, config)
    uploaded(github, text(**job))

    publish(environ, history="off" if "%" not in config and "month" not in config else "artifact")

    assert check(github)["conclusion"] == "action_required"
    assert "\nunknown\n" in Path("output").read_text()


@pytest.mark.parametrize("gate", ["true", "false"])
def test_what_exceeds_a_budget_by_its_own_account_still_fails(
    environ: dict[str, str], github: FakeGitHub, gate: str
) -> None:
    """`gate` speaks of the second stage's own job alone."""
    base(github, "budgets: [40 g]\n")
    uploaded(github, text())

    publish(environ, gate=gate)

    assert check(github)["conclusion"] == "failure"
    assert "over the carbon budget" in comment(github)


@pytest.mark.parametrize("config", ["site: {region: FR}\n", None], ids=["a file without budgets", "no file"])
def test_without_any_budget_there_is_no_check_that_another_base_could_take_for_green(
    environ: dict[str, str], github: FakeGitHub, capsys: Any, config: str | None
) -> None:
    """A check is the commit's: pointed at another branch, the pull request takes it along."""
    github.files.clear()
    if config is not None:
        base(github, config)
    uploaded(github, text())

    assert publish(environ) == 0

    assert github.checks == []
    assert "No check: " in capsys.readouterr().out
    assert "\nnone\n" in Path("output").read_text()
    assert len(github.comments) == 1


def test_rules_that_cannot_be_read_let_nothing_pass(environ: dict[str, str], github: FakeGitHub) -> None:
    github.fail(path=f"/contents/{CONFIG}", status=500, times=9)
    uploaded(github, text())

    publish(environ)

    assert check(github)["conclusion"] == "action_required"
    assert "The rules of the base branch could not be read" in comment(github)


def test_rules_comment_mode_and_template_are_the_base_branchs_alone(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path
) -> None:
    base(github, "budgets: [40 g]\ncomment: {template: mine.j2}\n")
    ours = '{% extends "comment.md.j2" %}{% block footer %}OURS{% endblock %}'
    github.files[github.base_sha, "mine.j2"] = ours.encode()
    (tmp_path / "mine.j2").write_text(ours.replace("OURS", "THEIRS"))
    (tmp_path / ".github").mkdir()
    (tmp_path / CONFIG).write_text("budgets: [1 kg]\nnot: a setting\n")
    uploaded(github, text())

    assert publish(environ) == 0

    assert check(github)["conclusion"] == "failure"
    assert "OURS" in comment(github)
    assert "THEIRS" not in comment(github)


def test_the_files_that_are_left_say_what_was_published(environ: dict[str, str], github: FakeGitHub) -> None:
    uploaded(github, text(sha="a" * 40, pull_request=1, run_id=5, repository="octo-org/other", run_attempt=99))

    publish(environ, out="out")

    document = json.loads(Path("out/footprint.json").read_text())
    job = document["job"]
    assert (job["repository"], job["sha"], job["run_id"]) == (github.repository, github.head_sha, RUN_ID)
    assert (job["pull_request"], job["run_attempt"]) == (7, 1)
    assert "unprivileged" in document["flags"]
    assert document["verdict"]["outcome"] == "unknown"


def test_dependabots_runs_are_as_little_vouched_for_as_a_forks(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path
) -> None:
    repository = {"full_name": github.repository, "owner": {"login": "octo-org"}}
    event(tmp_path, head_repository=repository, actor={"login": "dependabot[bot]"}, pull_requests=[{"number": 7}])
    github.head_label, github.pulls = "octo-org:changes", {}
    uploaded(github, text())

    publish(environ)

    assert check(github)["conclusion"] == "action_required"


@pytest.mark.parametrize("trigger", ["pull_request", "pull_request_review"])
def test_whoever_begins_a_run_of_dependabots_pull_request_it_is_dependabots(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path, trigger: str
) -> None:
    """Anybody may review it, and somebody may close and open it again: that run is theirs by name alone."""
    repository = {"full_name": github.repository, "owner": {"login": "octo-org"}}
    event(tmp_path, event=trigger, head_repository=repository, pull_requests=[{"number": 7}])
    github.head_label, github.pulls = "octo-org:changes", {7: {"author": "dependabot[bot]"}}
    uploaded(github, text())

    publish(environ)

    assert check(github)["conclusion"] == "action_required"
    assert "reported by an unprivileged run" in comment(github)


def test_a_run_of_the_repositorys_own_is_taken_at_its_word(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path
) -> None:
    event(tmp_path, head_repository={"full_name": github.repository, "owner": {"login": "octo-org"}})
    github.head_label, github.pulls = "octo-org:changes", {}
    uploaded(github, codec.dumps(codec.encode(footprint())))

    publish(environ)

    assert check(github)["conclusion"] == "success"
    assert "unprivileged" not in comment(github)


def test_of_several_attempts_the_last_counts_and_a_copy_once(environ: dict[str, str], github: FakeGitHub) -> None:
    event(Path(), run_attempt=2)
    heavy = replace(footprint(7_200_000.0), job=replace(footprint().job, run_attempt=2))
    uploaded(github, text(run_attempt=1), name="emissions-train-1")
    uploaded(github, codec.dumps(codec.encode(heavy)), codec.dumps(codec.encode(heavy)), name="emissions-train-2")

    publish(environ)

    assert "92.8 g" in comment(github)
    assert "2 jobs" not in comment(github)


def test_nothing_of_it_becomes_history(environ: dict[str, str], github: FakeGitHub) -> None:
    uploaded(github, text())

    publish(environ, history="file:history.jsonl")

    assert not Path("history.jsonl").exists()


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
@pytest.mark.parametrize(
    ("config", "inputs", "conclusions"),
    [
        ("budgets: [60 g]\n", {}, ["action_required"]),
        ("budgets: [60 g]\n", {"gate": "false"}, ["action_required"]),
        ("budgets: [40 g]\n", {}, ["failure"]),
        ("budgets: [40 g]\n", {"gate": "false"}, ["action_required"]),
        ("site: {region: FR}\n", {}, []),
    ],
)
def test_a_forks_own_run_turns_no_check_green_even_where_its_token_may_write(
    environ: dict[str, str], github: FakeGitHub, name: str, config: str, inputs: dict[str, str], conclusions: list[str]
) -> None:
    """As with a private repository's forks that are sent tokens, and under `pull_request_target`."""
    payload = json.loads((EVENTS / "pull_request_fork.json").read_text())
    Path("event.json").write_text(json.dumps(payload))
    github.pull_requests = {payload["number"]}
    github.files[payload["pull_request"]["base"]["ref"], CONFIG] = config.encode()
    Path("footprint.json").write_text(codec.dumps(codec.encode(footprint())))
    own = {"GITHUB_EVENT_NAME": name, "GITHUB_REPOSITORY": payload["repository"]["full_name"]}
    github.repository = own["GITHUB_REPOSITORY"]

    publish({**environ, **own}, "footprint.json", **inputs)

    assert [each["conclusion"] for each in github.checks] == conclusions


# Whose pull request it is


def test_the_number_in_a_footprint_names_no_pull_request(environ: dict[str, str], github: FakeGitHub) -> None:
    github.pull_requests = {1, 7}
    github.pulls[1] = {"sha": "b" * 40, "label": "octo-org:other"}
    uploaded(github, text(pull_request=1))

    publish(environ)

    assert [each.pull_request for each in github.comments] == [7]


@pytest.mark.parametrize(
    ("pulls", "why"),
    [
        ({7: {"fork": FORK, "state": "closed"}}, "no open pull request has commit ec26c3e"),
        ({7: {"fork": FORK, "sha": "b" * 40}}, "no open pull request has commit ec26c3e"),
        ({7: {"fork": "Octofriend/another"}}, "no open pull request"),
        ({7: {"fork": None}}, "no open pull request"),
        ({7: {"fork": FORK, "base": "Octofriend/Hello-World"}}, "no open pull request"),
        ({7: {"fork": FORK}, 8: {"fork": FORK}}, "2 open pull requests (#7, #8)"),
    ],
    ids=["closed", "head moved on", "another repository of that owner", "fork deleted", "another base", "two"],
)
def test_without_exactly_one_match_nothing_is_posted_and_that_is_said(
    environ: dict[str, str], github: FakeGitHub, capsys: Any, pulls: dict[int, Any], why: str
) -> None:
    github.pulls, github.pull_requests = pulls, set(pulls)
    uploaded(github, text())

    assert publish(environ) == 0

    assert nothing_was_posted(github)
    assert f"::notice title=Emissions Reporter::Nothing is posted: {why}" in capsys.readouterr().out
    if pulls[7].get("fork", "") is None:
        github.violations.clear()  # GitHub sends null there, whatever its description says


def test_a_server_that_lists_closed_ones_as_well_is_not_believed(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    github.pulls[7]["state"] = "closed"
    github.fail(path="/pulls", status=200, body=[github._pull_json(7)])
    uploaded(github, text())

    assert publish(environ) == 0
    assert nothing_was_posted(github)
    assert "no open pull request" in capsys.readouterr().out


@pytest.mark.parametrize(("listed", "posted"), [([8], [8]), ([7, 8], []), ([1], []), (["x"], [])])
def test_of_those_that_match_the_event_chooses_and_adds_none(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path, listed: list[Any], posted: list[int]
) -> None:
    event(tmp_path, pull_requests=[{"number": number} for number in listed])
    github.pull_requests = {1, 7, 8}
    github.pulls = {1: {"fork": FORK, "sha": "b" * 40}, 7: {"fork": FORK}, 8: {"fork": FORK}}
    uploaded(github, text())

    publish(environ)

    assert [each.pull_request for each in github.comments] == posted


def test_another_forks_branch_of_the_same_name_is_nobody(environ: dict[str, str], github: FakeGitHub) -> None:
    github.pull_requests = {7, 8}
    github.pulls[8] = {"fork": "Mallory/Hello-World", "label": "Mallory:changes"}
    uploaded(github, text())

    publish(environ)

    assert [each.pull_request for each in github.comments] == [7]


@pytest.mark.parametrize(("number", "posted"), [("8", [8]), ("9", [])])
def test_a_number_that_is_given_chooses_among_the_matches_and_is_no_way_around_them(
    environ: dict[str, str], github: FakeGitHub, number: str, posted: list[int]
) -> None:
    github.pull_requests = {7, 8, 9}
    github.pulls = {7: {"fork": FORK}, 8: {"fork": FORK}, 9: {"fork": FORK, "sha": "b" * 40}}
    uploaded(github, text())

    publish(environ, **{"pull-request": number})

    assert [each.pull_request for each in github.comments] == posted


@pytest.mark.parametrize("sha", ["main", "", None, "A" * 40, "a" * 41])
def test_an_event_without_a_commit_posts_nothing(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path, sha: str | None
) -> None:
    event(tmp_path, head_sha=sha)

    assert publish(environ) == 0
    assert github.requests == []


@pytest.mark.parametrize("status", ["requested", "in_progress", "queued", None])
def test_a_run_that_has_not_ended_has_not_said_everything(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path, capsys: Any, status: str | None
) -> None:
    event(tmp_path, status=status)
    uploaded(github, text())

    assert publish(environ) == 0

    assert github.requests == []
    assert "Nothing is posted: the run has not ended" in capsys.readouterr().out


@pytest.mark.parametrize("repository", [None, {}, {"full_name": None}], ids=["deleted", "empty", "nameless"])
def test_a_run_of_a_repository_that_is_gone_is_of_nobody(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path, repository: dict[str, Any] | None
) -> None:
    event(tmp_path, head_repository=repository)
    uploaded(github, text())

    assert publish(environ) == 0
    assert nothing_was_posted(github)


def test_a_fork_that_was_renamed_since_is_another_repository(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    github.pulls[7]["fork"] = "Octofriend/renamed"
    uploaded(github, text())

    assert publish(environ) == 0
    assert nothing_was_posted(github)
    assert "no open pull request" in capsys.readouterr().out


@pytest.mark.parametrize("branch", ["a&state=closed", "a:b#c", "é/ü", "x?head=o:main"])
def test_a_branch_may_bear_any_name(environ: dict[str, str], github: FakeGitHub, tmp_path: Path, branch: str) -> None:
    event(tmp_path, head_branch=branch)
    github.head_label = f"Octofriend:{branch}"
    uploaded(github, text())

    publish(environ)

    assert github.sent("GET", "/pulls")[0].query == {
        "head": f"Octofriend:{branch}", "state": "open", "per_page": "100",
    }  # fmt: skip
    assert len(github.comments) == 1


def test_a_head_that_moves_on_meanwhile_keeps_the_comment_away(environ: dict[str, str], github: FakeGitHub) -> None:
    def move() -> None:
        github.pulls[7]["sha"] = "b" * 40

    uploaded(github, text())
    github.fail(path="/zip", then=move)

    publish(environ)

    assert github.comments == []


# What an artifact may hold


def crowded() -> bytes:
    """Many members in few bytes, beside one that is right: a list of them takes far more memory than the archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for number in range(10_000):
            file.writestr(f"{number}", b"")
        file.writestr("footprint.json", text())
    return out.getvalue()


def nested(levels: int) -> str:
    return '{"schema": 1, "job": ' + '{"a": ' * levels + "1" + "}" * (levels + 1)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no archive", "it is no archive that can be read"),
        (archive(b" " * (MOST_BYTES + 1)), "too long, or too many"),
        (archive(nested(100_000)), "is not valid JSON"),
        (archive("[]"), "the document` is not an object".replace("`", "")),
        (archive(b"\xff\xfe"), "it is no archive that can be read"),
        (archive('{"schema": 2}'), "has schema 2, newer than this version reads"),
        (archive(text().replace('"energy_j": 3600000.0', '"energy_j": -1')), "a number of at least 0"),
        (archive(text().replace('"energy_j": 3600000.0', '"energy_j": NaN')), "is not valid JSON"),
        (archive(text().replace('"method": "measured"', '"method": "trust me"', 1)), "`method` is not one of"),
        (archive(text(), how=zipfile.ZIP_LZMA), "packed in a way that is not read"),
        (crowded(), "more than 10000 members"),
    ],
    ids=[
        "no zip",
        "a long one",
        "nested",
        "list",
        "no text",
        "newer",
        "negative",
        "nan",
        "method",
        "packing",
        "crowded",
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_posted(
    environ: dict[str, str], github: FakeGitHub, capsys: Any, data: bytes, why: str
) -> None:
    github.add_artifact(RUN_ID, "emissions-train-1", data)

    assert publish(environ) == 0

    assert nothing_was_posted(github)
    assert why in capsys.readouterr().out


def test_a_few_kilobytes_that_unpack_to_gigabytes_are_read_to_a_limit(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    uploaded(github, *(text(name=f"leg {number}") + " " * 4_000_000 for number in range(40)))

    publish(environ)

    assert "8 jobs" in comment(github)
    assert "too long, or too many of them" in comment(github)


@pytest.mark.parametrize(
    ("where", "named"),
    [("artifact", "artifact `emissions-2`, 0/footprint.json"), ("folder", "`legs/2/footprint.json`")],
)
def test_many_archives_are_read_to_a_limit_in_all(
    environ: dict[str, str], github: FakeGitHub, monkeypatch: pytest.MonkeyPatch, where: str, named: str
) -> None:
    monkeypatch.setattr(from_run, "MOST_BYTES", 5 * len(text(name="leg 0")) // 2)
    for number in range(3):
        words = text(name=f"leg {number}")
        uploaded(github, words, name=f"emissions-{number}")
        Path(f"legs/{number}").mkdir(parents=True)
        Path(f"legs/{number}/footprint.json").write_text(words)

    publish(environ, *(["legs"] if where == "folder" else []))

    said = comment(github)
    assert "2 jobs" in said
    assert f"{named} and what follows: more than" in said


def test_an_archive_that_is_longer_than_github_said_is_not_opened(
    environ: dict[str, str], github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_ARCHIVE_BYTES", len(archive(text())))
    uploaded(github, text())
    uploaded(github, text(name="heavy") + " ", text(name="heavier"), name="emissions-long", size=1)

    publish(environ)

    assert "Left out: artifact `emissions-long`: it is too large to be read." in comment(github)
    assert "heav" not in comment(github)


@pytest.mark.parametrize("where", ["artifact", "folder"])
def test_many_thousand_jobs_in_one_footprint_are_reported_to_a_limit(
    environ: dict[str, str], github: FakeGitHub, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(from_run, "MOST_JOBS", 5)
    job = json.loads(text())
    jobs = [{**job, "job": {**job["job"], "name": f"leg {number}"}} for number in range(4)]
    texts = [json.dumps({"schema": 1, "jobs": jobs[:3], "total": {}}), json.dumps({"schema": 1, "jobs": jobs})]
    for place, words in enumerate(texts):
        Path(f"legs/{place}").mkdir(parents=True)
        Path(f"legs/{place}/footprint.json").write_text(words)
        uploaded(github, words, name=f"emissions-{place}")

    publish(environ, *(["legs"] if where == "folder" else []))

    said = comment(github)
    assert "3 jobs" in said
    assert "and what follows: more than 5 jobs" in said
    assert check(github)["conclusion"] == "action_required"


def test_what_can_be_read_beside_it_is_posted_with_what_was_left_out(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    github.add_artifact(RUN_ID, "emissions-bad-1", b"no archive")
    github.add_artifact(RUN_ID, "emissions-large-1", b"", size=10**9)
    uploaded(github, text())

    publish(environ)

    assert "Left out: artifact `emissions-bad-1`: it is no archive that can be read." in comment(github)
    assert "Left out: artifact `emissions-large-1`: it is too large to be read." in comment(github)


def test_other_artifacts_and_other_members_are_not_even_fetched(environ: dict[str, str], github: FakeGitHub) -> None:
    github.add_artifact(RUN_ID, "coverage", archive(text()))
    github.add_artifact(RUN_ID, "emissions-1", archive("<script>", name="report.md"))

    assert publish(environ) == 0

    assert nothing_was_posted(github)
    assert len(github.sent("GET", "/zip")) == 1


MARKUP = (
    "<img src=x onerror=alert(1)> @octocat `x` | [x](javascript:y) \n# h ![i](//evil/p) <!-- emissions-reporter -->"
)


def test_names_are_text_wherever_they_appear(environ: dict[str, str], github: FakeGitHub) -> None:
    job = footprint(name=MARKUP, branch=MARKUP, runner=MARKUP, command=(MARKUP,))
    hostile = replace(job, flags=(MARKUP,), not_counted=(MARKUP,), meters=(replace(job.meters[0], label=MARKUP),))
    uploaded(github, codec.dumps(codec.encode(hostile)), name=f"emissions-{MARKUP}")
    uploaded(github, "[]", name=f"emissions-{MARKUP}")

    publish(environ)

    (body,) = github.own_bodies()
    assert "<img" not in body
    assert "@octocat" not in body
    assert "](javascript" not in body
    assert body.count("<!-- emissions-reporter") == 1, "the marker is ours"
    assert "octocat" not in check(github)["output"]["title"] or "@octocat" not in check(github)["output"]["title"]


def test_a_verdict_that_came_along_is_not_believed(environ: dict[str, str], github: FakeGitHub) -> None:
    base(github, "budgets: [40 g]\n")
    said = footprint(budgets=(grams(40),))
    forged = replace(said, verdict=verdict_of(replace(row, outcome=Outcome.PASS) for row in said.verdict.findings))
    uploaded(github, codec.dumps(codec.encode(forged)))

    publish(environ)

    assert check(github)["conclusion"] == "failure"


def test_a_run_that_uploaded_nothing_is_a_notice(environ: dict[str, str], github: FakeGitHub, capsys: Any) -> None:
    assert publish(environ) == 0

    assert nothing_was_posted(github)
    assert (
        "Nothing is posted: its run uploaded no artifact whose name begins with `emissions`." in capsys.readouterr().out
    )


def test_artifacts_that_may_not_be_read_name_the_permission(environ: dict[str, str], github: FakeGitHub) -> None:
    github.fail(path="/artifacts", status=403)

    assert publish(environ) == 3
    assert nothing_was_posted(github)


def test_a_downloaded_folder_does_instead_and_recordings_and_links_in_it_do_not(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path
) -> None:
    (tmp_path / "legs/a").mkdir(parents=True)
    (tmp_path / "legs/b").mkdir()
    (tmp_path / "legs/a/footprint.json").write_text(text())
    (tmp_path / "elsewhere.json").write_text(text(name="secret"))
    (tmp_path / "legs/b/footprint.json").symlink_to(tmp_path / "elsewhere.json")
    (tmp_path / "legs/recording.jsonl").write_text("{}")

    assert publish(environ, "legs") == 0

    assert github.sent("GET", "/artifacts") == []
    assert "secret" not in comment(github)
    assert "recording.jsonl" not in comment(github), "not even tried"
    assert check(github)["conclusion"] == "action_required"


def test_a_report_of_a_downloaded_folder_is_labelled_without_asking_anybody(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path, capsys: Any
) -> None:
    (tmp_path / "footprint.json").write_text(text())

    assert main(["report", "footprint.json", "--budget", "60 g", "--json"], environ=environ) == 0

    document = json.loads(capsys.readouterr().out)
    assert "unprivileged" in document["flags"]
    assert document["verdict"]["outcome"] == "unknown"
    assert github.requests == []


@pytest.mark.parametrize("verb", ["publish", "gate"])
def test_elsewhere_a_path_has_to_be_named(environ: dict[str, str], verb: str, capsys: Any) -> None:
    assert main([verb], environ={**environ, "GITHUB_EVENT_PATH": ""}) == 2
    assert f"There is nothing to {verb}" in capsys.readouterr().err


@pytest.mark.parametrize(("level", "status"), [("warn", 0), ("fail", 1)])
def test_the_gate_knows_no_more_than_the_comment(
    environ: dict[str, str], github: FakeGitHub, capsys: Any, level: str, status: int
) -> None:
    uploaded(github, text())

    assert main(["gate", "--on-unknown", level], environ=environ) == status
    assert "verdict: unknown. The figures are reported by an unprivileged run" in capsys.readouterr().out


# Who vouches for it


def trusted(github: FakeGitHub, *, by: str = "anna", may: str = "write", at: str = AFTER, app: str = "") -> None:
    github.may[by] = may
    github.set_label(TRUSTED_LABEL, by=by, at=at)
    if app:
        github.events[-1]["performed_via_github_app"] = EXAMPLES["check-run"]["app"] | {"slug": app}


def test_somebody_who_may_write_takes_a_commits_figures_and_is_named(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    uploaded(github, text())
    trusted(github)
    github.add_comment(f"{TRUSTED_LABEL}: looked at the run", author="anna")

    publish(environ)

    assert check(github)["conclusion"] == "success"
    said = comment(github)
    assert "Trusted by anna on 2020-10-05 for commit `ec26c3e`" in said
    assert "Reason: looked at the run" in said
    assert "measured, reported by an unprivileged run" in said, "it stays what it is"


def test_trust_accepts_no_exceeded_budget(environ: dict[str, str], github: FakeGitHub) -> None:
    base(github, "budgets: [40 g]\n")
    uploaded(github, text())
    trusted(github)

    publish(environ)

    assert check(github)["conclusion"] == "failure"


@pytest.mark.parametrize(
    ("label", "why"),
    [
        ({"at": BEFORE}, "it was set before this commit was pushed"),
        ({"may": "read"}, "anna, who set it, may not write to the repository"),
        ({"by": "labeler[bot]"}, "is a bot"),
        ({"at": "yesterday"}, "it is not known whether it was set for this commit"),
        ({"at": MADE_AT}, "it was set before this commit was pushed"),
        ({"app": "helper"}, "the app helper set it in anna's name"),
    ],
)
def test_the_label_of_another_commit_or_of_anybody_does_not_count(
    environ: dict[str, str], github: FakeGitHub, label: dict[str, str], why: str
) -> None:
    uploaded(github, text())
    trusted(github, **label)

    publish(environ)

    assert check(github)["conclusion"] == "action_required"
    assert f"The label `{TRUSTED_LABEL}` is ignored:" in comment(github)
    assert why in comment(github)


@pytest.mark.parametrize("how", ["head_ref_force_pushed", "head_ref_deleted", "head_ref_restored"])
@pytest.mark.parametrize("at", ["2020-10-05T16:40:00Z", "2020-10-05T18:00:00Z", "soon"])
def test_a_branch_that_is_pushed_over_after_the_run_began_takes_the_label_with_it(
    environ: dict[str, str], github: FakeGitHub, how: str, at: str
) -> None:
    """The commit of this run was the head before, and is it again: somebody may have looked at another."""
    uploaded(github, text())
    github.push_over(at=at)
    github.events[-1]["event"] = how
    trusted(github)

    publish(environ)

    assert check(github)["conclusion"] == "action_required"
    assert "the branch was pushed over since this run began" in comment(github)


def test_more_events_than_can_be_read_hide_no_push_over(
    environ: dict[str, str], github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The author can close, open and rename without end, and then push over."""
    monkeypatch.setattr(answer, "MAX_PAGES", 2)
    uploaded(github, text())
    trusted(github)
    github.note("renamed", 199)
    publish(environ)
    assert check(github)["conclusion"] == "success"

    github.push_over(at="2020-10-05T18:00:00Z")
    publish(environ)

    assert check(github)["conclusion"] == "action_required"
    assert "Whether somebody trusts these figures is not known: there are more of them than are read" in comment(github)


def test_a_label_that_is_taken_off_and_set_again_is_whose_who_set_it_last(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    uploaded(github, text())
    trusted(github)
    github.take_label(TRUSTED_LABEL, by="anna", at="2020-10-05T17:10:00Z")
    trusted(github, by="mallory", may="triage", at="2020-10-05T17:20:00Z")

    publish(environ)

    assert check(github)["conclusion"] == "action_required"
    assert "mallory, who set it, may not write" in comment(github)


def test_what_somebody_else_writes_is_no_reason_and_sets_no_label(environ: dict[str, str], github: FakeGitHub) -> None:
    uploaded(github, text())
    github.add_comment(f"{TRUSTED_LABEL}: all is well", author="mallory")
    publish(environ)
    assert check(github)["conclusion"] == "action_required"

    trusted(github)
    github.add_comment(f"> {TRUSTED_LABEL}: quoted", author="anna")
    publish(environ)

    assert check(github)["conclusion"] == "success"
    assert "Reason:" not in comment(github)


def test_a_base_and_a_ledger_that_came_along_are_not_believed_even_where_the_figures_are(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    """Who vouches for what the job took does not vouch for what others took before."""
    base(github, "budgets: [+10%, 50 g/pull-request]\n")
    forged = Baseline(label="main", it_j=36_000_000.0, runs=9, is_given=True)
    spent = Spent(per="pull-request", energy_j=0.0, gco2e=0.0, runs=1, at=MADE_AT)
    job = replace(footprint(), baseline=forged, ledger=(spent,))
    assert '"baseline": {' in codec.dumps(codec.encode(job))
    uploaded(github, codec.dumps(codec.encode(job)))
    trusted(github)

    publish(environ, history="artifact", out="out")

    document = json.loads(Path("out/footprint.json").read_text())
    assert [row["outcome"] for row in document["verdict"]["findings"]] == ["not-judged", "pass"]
    assert document["baseline"] is None or document["baseline"]["runs"] == 0
    assert [row["runs"] for row in document["ledger"]] == [0]


def test_trust_is_of_the_figures_and_a_check_that_was_green_goes_when_the_label_goes(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    uploaded(github, text())
    trusted(github)
    publish(environ)
    assert check(github)["conclusion"] == "success"

    github.take_label(TRUSTED_LABEL, by="anna", at="2020-10-05T19:00:00Z")
    publish(environ)

    assert check(github)["conclusion"] == "action_required"


def test_a_push_over_before_the_run_is_the_push_that_it_measured(environ: dict[str, str], github: FakeGitHub) -> None:
    uploaded(github, text())
    github.push_over(at=MADE_AT)
    trusted(github)

    publish(environ)

    assert check(github)["conclusion"] == "success"


def test_a_forge_that_does_not_tell_of_the_label_is_no_trust(environ: dict[str, str], github: FakeGitHub) -> None:
    uploaded(github, text())
    trusted(github)
    github.fail(path="/labels", status=403)

    publish(environ)

    assert check(github)["conclusion"] == "action_required"
    assert "Whether somebody trusts these figures is not known" in comment(github)


def test_a_measurement_in_this_repository_of_the_same_commit_turns_the_check_green(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path
) -> None:
    base(github, "budgets: [60 g]\n", ref=github.base_sha)
    uploaded(github, text())
    publish(environ, **{"comment-id": "emissions"})
    before = check(github)["conclusion"]

    (tmp_path / "footprint.json").write_text(codec.dumps(codec.encode(footprint())))
    dispatched = {
        **environ, "GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_EVENT_PATH": "",
        "GITHUB_SHA": github.head_sha, "GITHUB_RUN_NUMBER": "164", "GITHUB_RUN_ID": str(RUN_ID + 1),
    }  # fmt: skip
    again = {"comment-id": "emissions", "pull-request": "7", "check": "auto"}
    main(["publish", "footprint.json"], environ=dispatched, inputs=again)

    assert (before, check(github)["conclusion"]) == ("action_required", "success")
    assert len(github.comments) == 1
    assert "unprivileged" not in comment(github)
