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
from reporter.domain.budget import Outcome, verdict_of
from reporter.domain.claim import TRUSTED_LABEL
from reporter.export import json as codec
from reporter.export.json import MOST_BYTES
from tests.factories_footprint import footprint, grams
from tests.github.fake import FakeGitHub

EVENTS = Path(__file__).parents[1] / "data/events"
FORK, RUN_ID, MADE_AT = "Octofriend/Hello-World", 289782451, "2020-10-05T16:33:24Z"
"""Of the payload `workflow_run_fork`."""
CONFIG = ".github/emissions.yml"
AFTER, BEFORE = "2020-10-05T17:00:00Z", "2020-10-05T16:00:00Z"
"""That run was made."""


def archive(*texts: str | bytes, name: str = "footprint.json") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
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
    assert f"/actions/runs/{RUN_ID}" in said, "the run that measured, not the one that comments"


def test_a_forged_footprint_turns_no_check_green(environ: dict[str, str], github: FakeGitHub) -> None:
    uploaded(github, text())

    publish(environ)

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


def test_what_exceeds_a_budget_by_its_own_account_still_fails(environ: dict[str, str], github: FakeGitHub) -> None:
    base(github, "budgets: [40 g]\n")
    uploaded(github, text())

    publish(environ)

    assert check(github)["conclusion"] == "failure"
    assert "over the carbon budget" in comment(github)


def test_without_any_budget_there_is_nothing_to_pass(environ: dict[str, str], github: FakeGitHub) -> None:
    base(github, "site: {region: FR}\n")
    uploaded(github, text())

    publish(environ)

    assert check(github)["conclusion"] == "neutral"
    assert "\nnone\n" in Path("output").read_text()


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
    ],
    ids=["no zip", "a long one", "nested", "list", "no text", "newer", "negative", "nan", "method"],
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
    assert "Nothing is posted: its run uploaded no footprint." in capsys.readouterr().out


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


def trusted(github: FakeGitHub, *, by: str = "anna", may: str = "write", at: str = AFTER) -> None:
    github.may[by] = may
    github.set_label(TRUSTED_LABEL, by=by, at=at)


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


def test_a_branch_that_is_pushed_over_after_the_run_began_takes_the_label_with_it(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    uploaded(github, text())
    github.push_over(at="2020-10-05T16:40:00Z")
    trusted(github)

    publish(environ)

    assert check(github)["conclusion"] == "action_required"
    assert "the branch was pushed over since this run began" in comment(github)


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
