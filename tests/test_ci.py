"""The job around us, from variables and event alone."""

from __future__ import annotations

from typing import Any

import pytest

from reporter.ci import ci_context, job_name

RUNNER = {
    "GITHUB_REPOSITORY": "o/r",
    "GITHUB_SHA": "mergecommit",
    "GITHUB_RUN_ID": "42",
    "GITHUB_RUN_NUMBER": "7",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_JOB": "train",
    "GITHUB_WORKFLOW_REF": "o/r/.github/workflows/pr.yml@refs/pull/3/merge",
    "GITHUB_EVENT_NAME": "pull_request",
}


def test_the_sha_is_the_pull_requests_head_not_the_merge_commit() -> None:
    event = {"pull_request": {"number": 3, "head": {"sha": "headsha"}, "base": {"ref": "main"}}}

    context = ci_context(RUNNER, event)

    assert (context.sha, context.pull_request, context.base_ref) == ("headsha", 3, "main")
    assert (context.run_id, context.run_number, context.run_attempt) == (42, 7, 2)
    assert context.workflow == "pr.yml"
    assert context.run_url == "https://github.com/o/r/actions/runs/42"


@pytest.mark.parametrize(
    ("event", "number"),
    [
        ({}, None),
        ({"pull_request": {"number": 3}}, 3),
        ({"pull_request": {}, "number": 5}, None),
        ({"pull_request": {"head": {}}, "number": 5}, 5),
        ({"issue": {"number": 9, "pull_request": {"url": "x"}}}, 9),
        ({"issue": {"number": 9}}, None),
        ({"pull_request": "nonsense"}, None),
        ({"pull_request": {"number": "3; rm -rf"}}, None),
        ({"pull_request": {"number": True}}, None),
        ({"pull_request": {"number": -1}}, None),
    ],
)
def test_the_pull_request_is_taken_from_the_event(event: dict[str, Any], number: int | None) -> None:
    assert ci_context({}, event).pull_request == number


def test_a_laptop_is_no_ci() -> None:
    context = ci_context({}, {})

    assert context.repository is None
    assert context.run_url is None
    assert not context.hosted
    assert context.api_url == "https://api.github.com"


@pytest.mark.parametrize(
    ("environ", "hosted", "cloud"),
    [
        ({"RUNNER_ENVIRONMENT": "github-hosted", "RUNNER_OS": "Linux"}, True, "azure"),
        ({"RUNNER_ENVIRONMENT": "github-hosted", "RUNNER_OS": "macOS"}, True, None),
        ({"RUNNER_ENVIRONMENT": "self-hosted", "RUNNER_OS": "Linux"}, False, None),
    ],
)
def test_only_githubs_own_linux_and_windows_runners_are_known_to_run_in_azure(
    environ: dict[str, str], hosted: bool, cloud: str | None
) -> None:
    context = ci_context(environ, {})

    assert (context.hosted, context.cloud) == (hosted, cloud)


@pytest.mark.parametrize(
    ("job", "matrix", "name"),
    [
        ("train", None, "train"),
        ("train", {}, "train"),
        ("train", {"gpu": "a100", "python": 3.12}, "train (a100, 3.12)"),
        ("train", {"deep": {"a": 1, "b": [True, "x"]}}, "train (1, true, x)"),
        (None, {"gpu": "a100"}, None),
    ],
)
def test_a_job_is_named_as_github_shows_it(job: str | None, matrix: dict[str, Any] | None, name: str | None) -> None:
    assert job_name(job, matrix) == name


@pytest.mark.parametrize(
    ("run", "keeps"),
    [
        ({"event": "push", "head_branch": "main", "head_repository": {"full_name": "o/r"}}, True),
        ({"event": "push", "head_branch": "main", "head_repository": {"full_name": "fork/r"}}, False),
        ({"event": "pull_request", "head_branch": "main", "head_repository": {"full_name": "o/r"}}, False),
        ({"event": "push", "head_branch": "dev", "head_repository": {"full_name": "o/r"}}, False),
        ({"event": "push", "head_branch": "main"}, False),
    ],
)
def test_a_report_on_another_run_keeps_it_only_where_that_is_the_default_branchs_own(run, keeps):
    payload = {"repository": {"full_name": "o/r", "default_branch": "main"}, "workflow_run": run}
    environ = {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch"}

    assert ci_context(environ, payload).keeps_history is keeps


OWN = {"event": "pull_request", "head_repository": {"full_name": "o/r"}, "actor": {"login": "anna"}}


@pytest.mark.parametrize(
    ("changes", "second_stage", "privileged"),
    [
        ({}, True, True),
        ({"head_repository": {"full_name": "mallory/r"}}, True, False),
        ({"head_repository": None}, True, False),
        ({"actor": {"login": "dependabot[bot]"}}, True, False),
        ({"actor": None}, True, False),
        ({"event": "pull_request_review"}, True, True),
        ({"event": "pull_request_target"}, False, True),
        ({"event": "push"}, False, True),
        ({"event": ["pull_request"]}, False, True),
    ],
)
def test_a_run_is_privileged_only_where_the_event_says_that_it_is_the_repositorys_own(
    changes: dict[str, Any], *, second_stage: bool, privileged: bool
) -> None:
    payload = {"repository": {"full_name": "o/r", "default_branch": "main"}, "workflow_run": {**OWN, **changes}}
    context = ci_context({"GITHUB_EVENT_NAME": "workflow_run"}, payload)

    assert context.upstream is not None
    assert (context.is_second_stage, context.upstream.is_privileged) == (second_stage, privileged)


def test_an_event_without_a_repository_makes_nobody_privileged() -> None:
    context = ci_context({}, {"workflow_run": {**OWN, "pull_requests": [{"number": "x"}, 3, {"number": 4}]}})

    assert context.upstream is not None
    assert not context.upstream.is_privileged
    assert context.upstream.pull_requests == (4,)
