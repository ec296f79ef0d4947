"""Modes `report` and `setup` of the real action under act, and jobs of several legs."""

from __future__ import annotations

import pytest

from tests.action.test_run import PULL_REQUEST, TINY
from tests.fixtures_action import ACTION, job, use

pytestmark = pytest.mark.act

LEGS = """
on: pull_request
jobs:
  train:
    runs-on: ubuntu-latest
    strategy:
      matrix: {{gpu: [a100, h100], python: ["3.12"], include: [{{gpu: none, python: "3.10"}}]}}
    steps:
      - uses: {action}
        with:
          run: sleep 0.2
          # act knows no matrix inside a composite: on GitHub these two are the defaults.
          name: train (${{{{ matrix.gpu }}}}, ${{{{ matrix.python }}}})
          comment-id: w.yml / train (${{{{ matrix.gpu }}}}, ${{{{ matrix.python }}}})
          out: ${{{{ env.RESULTS }}}}/legs/${{{{ matrix.gpu }}}}
          comment: {comment}
  report:
    needs: train
    if: ${{{{ !cancelled() }}}}
    runs-on: ubuntu-latest
    steps:{report}
"""


def test_a_fan_in_posts_one_comment_with_a_row_for_each_leg(act, github):
    report = use(f"mode: report\npath: ${{{{ env.RESULTS }}}}/legs\nout: merged\nbudget: {TINY}")
    workflow = LEGS.format(action=ACTION, comment='"off"', report=report)
    run = act(
        workflow,
        event="pull_request",
        payload=PULL_REQUEST,
        api_url=github.url,
        env={"GITHUB_REPOSITORY": github.repository},
    )

    assert len(github.comments) == 1
    assert all(f"train ({leg})" in github.comments[0].body for leg in ("a100, 3.12", "h100, 3.12", "none, 3.10"))
    assert set(run.exit_statuses()) == {1}, "the fan-in holds the legs to its budget"
    assert run.outputs()["verdict"] == "fail"
    assert run.outputs()["footprint"].endswith("/merged/footprint.json")


def test_legs_without_a_fan_in_keep_a_comment_each(act, github):
    report = "\n      - run: 'true'"
    workflow = LEGS.format(action=ACTION, comment="always", report=report)
    run = act(
        workflow,
        event="pull_request",
        payload=PULL_REQUEST,
        api_url=github.url,
        env={"GITHUB_REPOSITORY": github.repository},
    )

    assert run.green
    assert len(github.comments) == 3


SECTIONS = """
on: pull_request
jobs:
  train:
    runs-on: ubuntu-latest
    strategy:
      matrix: {{gpu: [a100, h100]}}
    steps:
      - uses: {action}
        with:
          run: sleep 0.2
          # act knows no matrix inside a composite: on GitHub `auto` alone names the legs.
          name: train (${{{{ matrix.gpu }}}})
          comment-section: {section}
          out: ${{{{ env.RESULTS }}}}/legs/${{{{ matrix.gpu }}}}
"""


@pytest.mark.parametrize("section", ["auto", "leg ${{ matrix.gpu }}"])
def test_legs_with_a_section_each_share_one_comment(act, github, section):
    run = act(
        SECTIONS.format(action=ACTION, section=section),
        event="pull_request",
        payload=PULL_REQUEST,
        api_url=github.url,
        env={"GITHUB_REPOSITORY": github.repository},
    )

    assert run.green
    assert run.commands("warning") == ()
    (comment,) = github.comments
    names = ("train (a100)", "train (h100)") if section == "auto" else ("leg a100", "leg h100")
    assert all(f"<summary>{name}</summary>" in comment.body for name in names)
    assert "2 jobs: " in comment.body
    assert "id=w.yml " in comment.body


def test_a_fan_in_over_nothing_is_a_warning(act):
    run = act(job(use("mode: report\npath: nowhere")))

    assert run.green
    assert run.outputs()["verdict"] == "unknown"
    assert run.commands("warning")


def test_a_fan_in_over_nothing_fails_where_errors_are_to_fail(act):
    run = act(job(use("mode: report\npath: nowhere\non-error: fail")))

    assert set(run.exit_statuses()) == {3}


def test_a_wrong_setting_of_a_fan_in_has_status_2(act):
    run = act(job(use("mode: report\npath: .\nbudget: fifty")))

    assert set(run.exit_statuses()) == {2}


def test_setup_puts_the_command_on_the_path_and_meters_nothing(act):
    steps = f"""
      - uses: {ACTION}
        with:
          mode: setup
      - id: mine
        run: emissions run --quiet -- sh -c 'echo "answer=42" >> "$GITHUB_OUTPUT"'
      - run: |
          echo "${{{{ steps.mine.outputs.answer }}}}" > "$RESULTS/answer"
          cp emissions-report/footprint.json "$RESULTS"
"""
    run = act(job(steps))

    assert run.green
    assert run.text("answer").strip() == "42"
    assert '"schema": 1' in run.text("footprint.json")


def test_a_reusable_workflow_can_use_the_action(act, github):
    called = job(use("run: sleep 0.2"), trigger="workflow_call")
    caller = "on: pull_request\njobs:\n  call:\n    uses: ./.github/workflows/called.yml\n    secrets: inherit\n"
    run = act(
        caller,
        files={".github/workflows/called.yml": called},
        event="pull_request",
        payload=PULL_REQUEST,
        api_url=github.url,
        env={"GITHUB_REPOSITORY": github.repository},
    )

    assert run.green
    assert len(github.comments) == 1
