"""Modes `start` and `stop` of the real action under act: several steps of a job as one session with phases."""

from __future__ import annotations

import json

import pytest

from tests.action.test_run import PULL_REQUEST, TINY
from tests.fixtures_action import ACTION, job, use

pytestmark = pytest.mark.act

START = """
      - id: begin
        uses: {action}
        with:
          mode: start
          region: FR
{more}
      - run: date +%s.%N > "$RESULTS/after-start"
"""
WORK = """
      - run: |
          cp "$RUNNER_TEMP"/emissions-reporter/*/session/session.json "$RESULTS"
          tr '\\0' '\\n' < "/proc/$(grep -o '[0-9]*' "$RESULTS/session.json" | head -n 1)/environ" > "$RESULTS/environ"
          emissions mark 'load data'
          sleep 0.3
      - run: cd / && emissions mark train && sleep 0.3
"""


def start(more: str = "") -> str:
    return START.format(action=ACTION, more="\n".join(f"          {line}" for line in more.splitlines()))


def stop(more: str = "") -> str:
    return use(f"mode: stop\n{more}", condition="always()")


@pytest.fixture
def pull_request(act, github):
    def run(workflow, **options):
        return act(
            workflow,
            event="pull_request",
            payload=PULL_REQUEST,
            api_url=github.url,
            env={"GITHUB_REPOSITORY": github.repository},
            **options,
        )

    return run


def test_steps_between_start_and_stop_are_one_report_with_their_phases(pull_request, github):
    run = pull_request(job(start("budget: 50 g") + WORK + stop()))

    assert run.green, run.log
    footprint = run.footprint()
    assert footprint["job"]["name"] == "train"
    assert footprint["job"]["exit_status"] is None
    assert footprint["job"]["pull_request"] == 7
    assert footprint["intensity"]["region"] == "FR", "the default of `region` at stop does not replace it"
    assert footprint["verdict"]["outcome"] == run.outputs()["verdict"] == "pass"
    assert [phase["label"] for phase in footprint["phases"]][-2:] == ["load data", "train"]
    assert not [flag for flag in footprint["flags"] if flag.startswith(("meter-killed", "session-"))]
    assert run.outputs()["exit-status"] == ""
    assert float(run.outputs()["duration-s"]) > 0.6
    assert len(github.comments) == 1
    assert len(run.summaries()) == 1
    assert not run.commands("warning")
    assert "RUNNER_TEMP=" in run.text("environ")
    assert "fake-token" not in run.text("environ"), "the token never reaches the background process"
    assert "fake-token" not in run.text("outputs/recording.jsonl")


def test_a_step_that_fails_is_reported_and_fails_the_job_itself(pull_request, github):
    run = pull_request(job(start() + "\n      - run: sleep 0.2; exit 5" + stop("budget: 50 g")))

    assert set(run.exit_statuses()) == {5}
    assert run.outputs()["verdict"] == "pass"
    assert len(github.comments) == 1
    assert "cut off" not in github.comments[0].body


def test_stop_holds_the_session_to_its_budget(pull_request, github):
    run = pull_request(job(start("budget: 50 g") + WORK + stop(f"budget: {TINY}")))

    assert set(run.exit_statuses()) == {1}
    assert run.outputs()["verdict"] == "fail"
    assert len(github.comments) == 1


def test_a_wrong_setting_of_start_fails_with_status_2_and_nothing_is_metered(act):
    run = act(job(start("budget: fifty") + stop()))

    assert set(run.exit_statuses()) == {2}
    assert not (run.results / "after-start").exists()
    assert run.outputs()["verdict"] == "unknown"


@pytest.mark.parametrize(("on_error", "statuses"), [("warn", set()), ("fail", {3})])
def test_stop_without_a_session_is_a_warning(act, on_error, statuses):
    run = act(job(use(f"mode: stop\non-error: {on_error}")))

    assert set(run.exit_statuses()) == statuses
    assert run.outputs()["verdict"] == "unknown"
    assert run.outputs()["exit-status"] == ""
    assert "There is no session to stop" in run.log
    assert len(run.commands("warning")) + len(run.commands("error")) >= 1


def test_a_session_that_was_killed_is_reported_as_far_as_it_went(act):
    kill = """
      - run: |
          sleep 0.5
          kill -9 "$(grep -o '[0-9]*' "$RUNNER_TEMP"/emissions-reporter/*/session/session.json | head -n 1)"
          emissions mark late
"""
    run = act(job(start() + kill + stop()))

    assert run.green, run.log
    assert "meter-killed" in run.footprint()["flags"]
    assert run.footprint()["energy"]["it_j"] > 0


def test_where_the_reporter_cannot_be_set_up_the_steps_go_on(act, tmp_path):
    (tmp_path / "no-python").mkdir()
    steps = (
        f"\n      - uses: {ACTION}\n        with: {{mode: start, python: no-such-python}}"
        '\n      - run: emissions mark train; emissions stop; echo "$?" > "$RESULTS/mark"'
        + use("mode: stop\npython: no-such-python", condition="always()")
    )
    run = act(job(steps))

    assert run.green, run.log
    assert run.text("mark") == "0\n"
    assert run.outputs()["verdict"] == "unknown"
    assert run.commands("warning")


def test_every_leg_has_a_session_of_its_own(act):
    legs = f"""
on: push
jobs:
  train:
    runs-on: ubuntu-latest
    strategy:
      matrix: {{leg: [one, two]}}
    steps:
      - uses: {ACTION}
        with: {{mode: start, name: "${{{{ matrix.leg }}}}", region: FR}}
      - run: emissions mark "${{{{ matrix.leg }}}}"; sleep 0.5
      - if: always()
        uses: {ACTION}
        with: {{mode: stop, out: "${{{{ env.RESULTS }}}}/${{{{ matrix.leg }}}}"}}
"""
    run = act(legs)

    assert run.green, run.log
    for leg in ("one", "two"):
        footprint = json.loads((run.results / leg / "footprint.json").read_text())
        assert footprint["job"]["name"] == leg
        assert footprint["phases"][-1]["label"] == leg
