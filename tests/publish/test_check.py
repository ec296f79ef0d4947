"""The check run: one for a name, commit and use; the same one on a re-run; what may not be is said with the cure."""

from __future__ import annotations

import pytest
import yaml

from reporter.errors import ForgeUnreachable, NotPermitted, PublishError
from reporter.http import Client
from reporter.publish.check import MAX_SUMMARY_BYTES, MAX_TITLE, CheckRun, Checks, Conclusion
from tests.github.fake import HEAD_SHA, FakeGitHub

RUN = CheckRun(
    name="emissions",
    head_sha=HEAD_SHA,
    external_id="w.yml / train",
    conclusion=Conclusion.FAILURE,
    title="22% over the carbon budget: 61 g of 50 g",
    summaries=("whole",),
    details_url="https://github.com/octo-org/octo-repo/actions/runs/1",
)


def post(github: FakeGitHub, check: CheckRun = RUN) -> None:
    Checks(Client(github.url, "fake-token", sleep=lambda _: None), github.repository).post(check)


def test_a_check_is_created_with_its_verdict_and_title(github: FakeGitHub) -> None:
    post(github)

    (check,) = github.checks
    assert (check["name"], check["head_sha"], check["status"]) == ("emissions", HEAD_SHA, "completed")
    assert check["conclusion"] == "failure"
    assert (check["output"]["title"], check["output"]["summary"]) == (RUN.title, "whole")
    assert check["details_url"] == RUN.details_url


def test_a_re_run_brings_the_same_check_up_to_date(github: FakeGitHub) -> None:
    post(github)
    post(github, RUN._replace(conclusion=Conclusion.SUCCESS, title="within"))

    (check,) = github.checks
    assert (check["conclusion"], check["output"]["title"]) == ("success", "within")


@pytest.mark.parametrize(
    "other", [{"external_id": "w.yml / eval"}, {"head_sha": "a" * 40}, {"name": "emissions / eval"}]
)
def test_another_use_commit_or_name_has_a_check_of_its_own(github: FakeGitHub, other: dict[str, str]) -> None:
    post(github)
    post(github, RUN._replace(**other))  # type: ignore[arg-type]

    assert len(github.checks) == 2


def test_a_check_of_another_app_is_left_and_ours_created(github: FakeGitHub) -> None:
    post(github)
    github.checks[0]["app_slug"] = "another"

    post(github, RUN._replace(title="ours"))

    assert [check["output"]["title"] for check in github.checks] == [RUN.title, "ours"]


def test_the_longest_summary_that_fits_is_sent_and_a_title_is_cut(github: FakeGitHub) -> None:
    post(github, RUN._replace(summaries=("é" * MAX_SUMMARY_BYTES, "short", "shorter"), title="t" * 400))

    output = github.checks[0]["output"]
    assert output["summary"] == "short"
    assert len(output["title"]) == MAX_TITLE


def test_a_token_without_the_right_is_told_the_whole_block(github: FakeGitHub) -> None:
    github.may_check = False

    with pytest.raises(NotPermitted) as caught:
        post(github)

    assert github.sent("POST") == []
    assert caught.value.hint is not None
    block = caught.value.hint.split("\n\n")[1]
    assert yaml.safe_load(block) == {"permissions": {"checks": "write", "contents": "read", "pull-requests": "write"}}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 422, "method": "POST"}, ForgeUnreachable),
        ({"status": 500, "times": 9}, ForgeUnreachable),
        ({"reset": "before", "times": 9}, ForgeUnreachable),
        ({"garbage": "[]", "method": "GET"}, ForgeUnreachable),
    ],
)
def test_every_failure_is_one_of_ours(github: FakeGitHub, fault: dict[str, object], error: type[PublishError]) -> None:
    github.fail(**fault)

    with pytest.raises(error):
        post(github)
