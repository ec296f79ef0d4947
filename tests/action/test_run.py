"""Mode `run` of the real action under act: statuses, comment, summary, outputs, gate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fixtures_action import job, use
from tests.fixtures_metering import standin_environment

pytestmark = pytest.mark.act

ROOT = Path(__file__).parent.parent.parent
PULL_REQUEST = {
    "number": 7,
    "pull_request": {
        "number": 7,
        "head": {"sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821", "ref": "changes"},
        "base": {"ref": "main"},
    },
}
TINY = "0.000001 g"
"""A budget that every job exceeds."""
WORK = "sleep 0.3"


@pytest.fixture
def pull_request(act, github):
    """Runs a workflow for pull request 7 of the fake forge."""

    def run(workflow, **options):
        return act(
            workflow,
            event=options.pop("event", "pull_request"),
            payload=options.pop("payload", PULL_REQUEST),
            api_url=github.url,
            env={"GITHUB_REPOSITORY": github.repository, **options.pop("env", {})},
            **options,
        )

    return run


def test_a_command_that_succeeds_is_reported_everywhere(pull_request, github):
    run = pull_request(job(use(f"run: |\n  {WORK}\nbudget: 50 g\nregion: FR")))

    assert run.green
    assert run.outputs()["verdict"] == "pass"
    assert run.outputs()["exit-status"] == "0"
    assert float(run.outputs()["energy-kwh"]) > 0
    assert "e" not in run.outputs()["energy-kwh"] + run.outputs()["emissions-gco2e"]
    assert run.outputs()["quality"] in "ABCD"
    footprint = run.footprint()
    assert footprint["job"]["name"] == "train"
    assert footprint["job"]["pull_request"] == 7
    assert footprint["intensity"]["region"] == "FR"
    assert run.outputs()["report"].endswith("/emissions-report/report.md")
    assert "CO" in run.text("outputs/report.md")
    assert len(github.comments) == 1
    assert run.outputs()["comment-url"].endswith(str(github.comments[0].id))
    assert len(run.summaries()) == 1


@pytest.mark.parametrize("status", [3, 137])
def test_the_commands_own_status_fails_the_job_after_the_comment(pull_request, github, status):
    run = pull_request(job(use(f"run: {WORK}; exit {status}\nbudget: {TINY}")))

    assert not run.green
    assert set(run.exit_statuses()) == {status}
    assert run.outputs()["exit-status"] == str(status)
    assert "The command" in github.comments[0].body
    assert run.outcome() == "failure"


def test_an_exceeded_budget_fails_the_job_with_status_1_after_the_comment(pull_request, github):
    run = pull_request(job(use(f"run: {WORK}\nbudget: |\n  {TINY}\n  1 kWh")))

    assert not run.green
    assert set(run.exit_statuses()) == {1}
    assert run.outputs()["verdict"] == "fail"
    assert run.outputs()["exit-status"] == "0"
    assert len(github.comments) == 1
    assert len(run.summaries()) == 1
    assert len(run.commands("error")) == 1


def test_without_the_gate_an_exceeded_budget_is_green(pull_request, github):
    run = pull_request(job(use(f"run: {WORK}\nbudget: {TINY}\ngate: false")))

    assert run.green
    assert run.outputs()["verdict"] == "fail"
    assert len(github.comments) == 1


def test_a_second_attempt_edits_the_comment(pull_request, github):
    pull_request(job(use(f"run: {WORK}")))
    run = pull_request(job(use(f"run: {WORK}\nbudget: 50 g")), env={"GITHUB_RUN_ATTEMPT": "2"})

    assert run.green
    assert len(github.comments) == 1
    assert "attempt=2" in github.comments[0].body
    assert "50 g" in github.comments[0].body.replace("\u202f", " ")


def test_without_a_token_all_but_the_comment_is_there(pull_request, github):
    run = pull_request(job(use(f'run: {WORK}\ntoken: ""')))

    assert run.green
    assert github.requests == []
    assert run.outputs()["verdict"] == "none"
    assert len(run.summaries()) == 1


def test_a_token_that_may_not_comment_leaves_the_job_green_and_tells_the_permissions(pull_request, github):
    github.permission = "none"
    run = pull_request(job(use(f"run: {WORK}")))

    assert run.green
    assert github.comments == []
    assert "pull-requests: write" in run.log
    assert "contents: read" in run.log
    assert float(run.outputs()["energy-kwh"]) > 0


def test_a_forge_that_is_down_leaves_the_job_green(act):
    run = act(job(use(f"run: {WORK}\non-error: fail")), event="pull_request", payload=PULL_REQUEST)

    assert run.green
    assert float(run.outputs()["energy-kwh"]) > 0


def test_a_wrong_setting_fails_with_status_2_before_the_command_starts(pull_request, github):
    inputs = "run: touch $RESULTS/started\nregion: Atlantis\nbudget: fifty\nhistory: brnch\nidle-baseline: -5"
    run = pull_request(job(use(inputs)))

    assert not run.green
    assert set(run.exit_statuses()) == {2}
    assert not (run.results / "started").exists()
    assert all(f"action input `{name}`" in run.log for name in ("region", "budget", "history", "idle-baseline"))
    assert github.requests == []


def test_the_actions_own_inputs_are_checked_together_with_the_settings(act):
    run = act(job(use("run: touch $RESULTS/started\nmode: begin\nshell: fish\npue: 0.5\nworking-directory: nowhere")))

    assert set(run.exit_statuses()) == {2}
    assert not (run.results / "started").exists()
    assert all(f"action input `{name}`" in run.log for name in ("mode", "shell", "working-directory", "pue"))


def test_an_earlier_footprint_is_not_taken_for_that_of_a_refused_run(act):
    run = act(job(use(f"run: {WORK}", step="one", name="one") + use("run: 'true'\npue: 0.5", step="two", name="two")))

    assert run.outputs("one")["verdict"] == "none"
    assert run.outputs("two")["energy-kwh"] == ""
    assert run.outputs("two")["verdict"] == "unknown"


def test_a_push_without_a_pull_request_is_green_with_a_notice(act):
    run = act(job(use(f"run: {WORK}")))

    assert run.green
    assert "pull request" in " ".join(run.commands("notice"))
    assert len(run.summaries()) == 1


def test_a_comment_on_a_pull_request_can_start_the_job(pull_request, github):
    payload = json.loads((ROOT / "tests/data/events/issue_comment_on_pull_request.json").read_text())
    number = payload["issue"]["number"]
    github.pull_requests.add(number)
    run = pull_request(job(use(f"run: {WORK}")), event="issue_comment", payload=payload)

    assert run.green
    assert [comment.pull_request for comment in github.comments] == [number]


def test_the_metered_command_gets_neither_the_token_nor_our_inputs(pull_request):
    head = "env: {PYTHONPATH: /mine, EMISSIONS_REGION: Atlantis}"
    run = pull_request(job(use("run: env > $RESULTS/env\nbudget: 50 g"), head=head))
    seen = run.text("env")

    assert run.green, "EMISSIONS_REGION of the job is no input of the action"
    assert "fake-token" not in seen
    assert "EMISSIONS_INPUT" not in seen
    assert "PYTHONPATH=/mine" in seen


def test_hostile_inputs_are_text(pull_request, github):
    nasty = """'"$(touch $RESULTS/owned)`touch $RESULTS/owned`;${{ '{{' }}x | @everyone"""
    name = json.dumps(nasty.replace("${{ '{{' }}", "") + "\n::error::owned\n")
    run = pull_request(job(use(f"run: {WORK}\nname: {name}\ncomment-id: {name}")))

    assert run.green
    assert not (run.results / "owned").exists()
    assert not [text for text in run.commands("error") if "owned" in text]
    assert "@everyone" not in github.comments[0].body
    assert run.footprint()["job"]["name"].startswith("'\"$(touch")


def test_the_shell_and_the_working_directory_are_the_inputs(act):
    script = ("import os, sys", "print(os.getcwd(), file=open(os.environ['RESULTS'] + '/cwd', 'w'))", "sys.exit(5)")
    inputs = "run: |\n" + "".join(f"  {line}\n" for line in script)
    steps = "\n      - run: mkdir -p 'a b'" + use(inputs + "shell: python\nworking-directory: a b\nout: reports/one")
    run = act(job(steps))

    assert set(run.exit_statuses()) == {5}
    assert run.text("cwd").strip().endswith("/a b")
    assert run.outputs()["footprint"].endswith("/reports/one/footprint.json")


def test_the_config_file_of_the_repository_is_found(act):
    config = "version: 1\nbudgets:\n  - {metric: emissions, max: 0.000001 g}\n"
    steps = "\n      - uses: actions/checkout@v4" + use(f"run: {WORK}")
    run = act(job(steps), files={".github/emissions.yml": config})

    assert set(run.exit_statuses()) == {1}
    assert run.outputs()["verdict"] == "fail"


@pytest.mark.parametrize("on_error", ["warn", "fail"])
def test_without_a_python_the_command_runs_unmetered(act, tmp_path, on_error):
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "bash", "env", "git", "cat", "cksum", "tr", "mkdir", "mktemp", "rm", "sed", "sleep", "touch"):
        for folder in ("/bin", "/usr/bin", "/usr/local/bin"):
            if (Path(folder) / name).exists():
                (tools / name).symlink_to(Path(folder) / name)
                break
    run = act(job(use(f"run: touch $RESULTS/ran\non-error: {on_error}")), path=str(tools))

    assert (run.results / "ran").exists()
    assert run.outputs()["verdict"] == "unknown"
    assert run.outputs()["exit-status"] == "0"
    assert len(run.commands("warning")) == 1
    assert run.exit_statuses()[:1] == (() if on_error == "warn" else (3,))


def test_a_job_that_deletes_the_reporter_keeps_its_own_status(act):
    run = act(job(use('run: rm -rf "$RUNNER_TEMP/emissions-reporter"; exit 0')))

    assert run.green
    assert run.outputs()["exit-status"] == "0"


def test_a_meter_that_is_killed_is_reported_from_its_recording(pull_request, github):
    run = pull_request(job(use("run: sleep 0.5; kill -9 $PPID; sleep 0.2\nregion: FR")))

    assert not run.green
    assert float(run.outputs()["energy-kwh"]) > 0
    assert run.outputs()["exit-status"] == ""
    assert len(github.comments) == 1


def test_after_a_cancel_the_report_is_still_written(pull_request, github, tmp_path):
    going = tmp_path / "results/going"
    # act, unlike GitHub, ends a composite as a whole unless the step that uses it would run after a cancel too.
    steps = use("run: sleep 0.5; touch $RESULTS/going; sleep 60\nbudget: 50 g", condition="always()")
    run = pull_request(job(steps), interrupt_when=going)

    assert not run.green
    assert len(github.comments) == 1
    assert run.outputs()["verdict"] == "unknown", "act kills the meter, so the end of the job was not seen"
    assert run.outputs()["exit-status"] == ""


def test_a_gpu_is_measured(act, nvml_standin, tmp_path):
    scenario = standin_environment(nvml_standin, tmp_path, gpus=1, names=["NVIDIA H200"])
    scenario.pop("EMISSIONS_NVML_LIBRARY")
    run = act(job(use("run: sleep 1")), environment={**scenario, "LD_LIBRARY_PATH": str(nvml_standin.parent)})
    footprint = run.footprint()

    assert [gpu["name"] for gpu in footprint["hardware"]["gpus"]] == ["NVIDIA H200"]
    assert float(run.outputs()["measured-ratio"]) > 0.5


def test_two_uses_in_one_job_keep_apart(act):
    inputs = f"run: {WORK}; exit 0\nbudget: 50 g\nout: first"
    run = act(job(use(inputs, step="one", name="one") + use(f"run: {WORK}\nout: second", step="two", name="two")))

    assert run.green
    assert run.outputs("one")["verdict"] == "pass"
    assert run.outputs("two")["verdict"] == "none"
    assert run.outputs("one")["footprint"] != run.outputs("two")["footprint"]


def test_a_job_is_ended_at_its_budget_and_fails_though_it_ended_by_itself(pull_request, github):
    """Its command saves a checkpoint and says 0: the meter step is green, the gate is not."""
    script = "trap 'touch \"$RESULTS/checkpoint\"; exit 0' TERM; while :; do sleep 0.1; done"
    inputs = "budget: 3 mg\nregion: FR\nintensity: 1000 g/kWh\nstop-at-budget: true\nstop-grace: 20\npredict: true"

    run = pull_request(job(use(f"run: |\n  {script}\n{inputs}")))

    assert not run.green
    assert (run.results / "checkpoint").exists()
    assert run.outputs()["verdict"] == "fail"
    assert run.outputs()["exit-status"] == "0"
    assert set(run.exit_statuses()) == {1}
    assert any(flag.startswith("stopped-at-budget:3 mg") for flag in run.footprint()["flags"])
    assert "did not come to an end" in github.comments[0].body


def test_a_session_has_no_command_that_a_budget_could_end(act):
    run = act(job(use("mode: start\nstop-at-budget: true\nbudget: 50 g")))

    assert not run.green
    assert set(run.exit_statuses()) == {2}
    assert "has no command that a budget could end" in run.log
