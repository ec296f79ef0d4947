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
