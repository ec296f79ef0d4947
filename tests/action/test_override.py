"""Overrides, the base branch's budgets, and the check run by the real action under act."""

from __future__ import annotations

import pytest

from tests.action.test_run import TINY, WORK, pull_request  # noqa: F401  (a fixture)
from tests.fixtures_action import job, use

pytestmark = pytest.mark.act
LABEL = "emissions-accepted"


def test_a_label_of_a_maintainer_turns_the_job_green_and_leaves_a_trace(pull_request, github):  # noqa: F811
    github.may["anna"] = "maintain"
    github.set_label(LABEL, by="anna")
    github.add_comment(f"{LABEL}: one large run", author="anna")

    run = pull_request(job(use(f"run: {WORK}\nbudget: {TINY}\ncheck: auto")))

    assert run.green
    assert run.outputs()["verdict"] == "warn"
    (finding,) = run.footprint()["verdict"]["findings"]
    assert (finding["override"]["by"], finding["override"]["reason"]) == ("anna", "one large run")
    assert "**Accepted** by anna" in run.text("outputs/report.md")
    (body,) = github.own_bodies()
    assert "**Accepted** by anna" in body
    (check,) = github.checks
    assert (check["name"], check["conclusion"]) == ("emissions", "neutral")


def test_the_same_label_of_anybody_else_does_not(pull_request, github):  # noqa: F811
    github.set_label(LABEL, by="mallory")

    run = pull_request(job(use(f"run: {WORK}\nbudget: {TINY}\ncheck: auto")))

    assert set(run.exit_statuses()) == {1}
    (check,) = github.checks
    assert check["conclusion"] == "failure"
    assert "the carbon budget" in check["output"]["title"]
    assert "is ignored" in github.own_bodies()[0]


def test_a_pull_request_cannot_raise_its_own_budget(pull_request, github):  # noqa: F811
    github.files["main", ".github/emissions.yml"] = f"budgets: [{TINY}]\n".encode()

    run = pull_request(job(use(f"run: {WORK}")), files={".github/emissions.yml": "budgets: [1 kWh]\n"})

    assert set(run.exit_statuses()) == {1}
    assert run.outputs()["verdict"] == "fail"
    assert "This pull request changes its budgets" in github.own_bodies()[0]


def test_a_check_that_may_not_be_posted_is_one_warning(pull_request, github):  # noqa: F811
    github.may_check = False

    run = pull_request(job(use(f"run: {WORK}\nbudget: 1 kWh\ncheck: auto")))

    assert run.green
    assert sum("checks: write" in warning for warning in run.commands("warning")) == 1
