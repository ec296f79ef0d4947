"""History by the real action under act: a bare repository on disk, and the artifacts of the fake GitHub."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile

import pytest

from tests.action.test_run import PULL_REQUEST, WORK
from tests.fixtures_action import ACTION, job, use

pytestmark = pytest.mark.act

DEFAULT = {"repository": {"default_branch": "main"}}
PUSH = {**DEFAULT, "ref": "refs/heads/main"}
LONGER = "sleep 1.2"
LEGS = """
      - uses: {action}
        with:
          run: {work}
          region: FR
          name: train
          out: ${{{{ env.RESULTS }}}}/legs/train
          comment: "off"
          gate: "false"
"""


def legs(work):
    """The job that meters, and says nothing itself."""
    return LEGS.format(action=ACTION, work=work)


@pytest.fixture
def origin(github, tmp_path):
    """The bare repository that the server has."""
    path = tmp_path / "server" / github.repository
    path.parent.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", "--bare", path], check=True)
    return path


@pytest.fixture
def run(act, action_tree, github, origin, tmp_path):
    """Runs a workflow as the run of this number: on main, or for pull request 7."""
    server = f"file://{tmp_path / 'server'}"

    def of_number(workflow, number, *, for_pull_request=False, attempt=1, **options):
        shutil.rmtree(tmp_path / "results" / "outputs", ignore_errors=True)
        return act(
            workflow,
            event="pull_request" if for_pull_request else "push",
            payload={**DEFAULT, **PULL_REQUEST} if for_pull_request else PUSH,
            api_url=github.url,
            env={
                "GITHUB_REPOSITORY": github.repository,
                "GITHUB_SERVER_URL": server,
                "GITHUB_RUN_ID": str(number),
                "GITHUB_RUN_ATTEMPT": str(attempt),
            },
            options=("--local-repository", f"{server}/{ACTION}={action_tree}"),
            **options,
        )

    return of_number


def upload(github, done, run_id, name="emissions-train-1"):
    """What the upload step of a workflow does."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("footprint.json", json.dumps(done.footprint()))
    github.add_artifact(run_id, name, out.getvalue())


def tips(origin):
    listed = subprocess.run(["git", "-C", origin, "log", "--oneline", "--all"], capture_output=True, text=True)
    return listed.stdout.splitlines()


def test_a_pull_request_is_held_against_what_main_has_kept_on_the_branch(run, github, origin):
    rules = "budget: |\n  +30%\n  20 kg/month\nhistory: branch\nregion: FR"
    for number in (1, 2, 3):
        pushed = run(job(use(f"run: {WORK}\n{rules}")), number)
        assert pushed.green, pushed.log
    kept = tips(origin)

    done = run(job(use(f"run: {LONGER}\n{rules}")), 4, for_pull_request=True)

    assert len(kept) == 3
    assert set(done.exit_statuses()) == {1}
    footprint = done.footprint()
    assert (footprint["baseline"]["label"], footprint["baseline"]["runs"]) == ("main", 3)
    (month,) = footprint["ledger"]
    assert (month["per"], month["runs"]) == ("month", 3)
    outcomes = [row["outcome"] for row in footprint["verdict"]["findings"]]
    assert outcomes == ["fail", "pass"]
    (body,) = github.own_bodies()
    assert "vs main" in body
    assert "**This month:**" in body
    assert ", 4 runs" in body
    assert "vs main" in done.text("outputs/report.md")
    assert tips(origin) == kept, "a pull request writes nothing"
    assert "asked by the step" not in done.text("outputs/report.md")


def test_a_fan_in_asks_once_for_all_its_legs(run, github, origin):
    fan_in = use(
        "mode: report\npath: ${{ env.RESULTS }}/legs\nout: merged\nhistory: branch\nbudget: |\n  +30%\n  1 kg/month"
    )
    for number in (1, 2, 3):
        assert run(job(legs(WORK) + fan_in), number).green

    done = run(job(legs(LONGER) + fan_in), 4, for_pull_request=True)

    assert set(done.exit_statuses()) == {1}
    assert done.footprint()["baseline"]["runs"] == 3
    assert done.outputs()["verdict"] == "fail"
    assert "vs main" in github.own_bodies()[0]
    assert len(tips(origin)) == 3


@pytest.mark.parametrize("history", ["auto", "artifact"])
def test_a_pull_request_is_held_against_the_artifacts_of_main(run, github, history):
    rules = f"budget: +30%\nhistory: {history}\nregion: FR"
    for number in (1, 2, 3):
        upload(github, run(job(use(f"run: {WORK}\n{rules}")), number), github.add_run(path=".github/workflows/w.yml"))
    github.requests.clear()

    done = run(job(use(f"run: {LONGER}\n{rules}")), 4, for_pull_request=True)

    assert set(done.exit_statuses()) == {1}
    assert done.footprint()["baseline"]["runs"] == 3
    assert "vs main" in github.own_bodies()[0]
    assert len(github.sent("GET", "/zip")) == 3, "the gate takes what the report step has found"


def test_a_fan_in_fetches_artifacts_once(run, github):
    fan_in = use("mode: report\npath: ${{ env.RESULTS }}/legs\nout: merged\nhistory: artifact\nbudget: +30%")
    for number in (1, 2, 3):
        done = run(job(legs(WORK) + fan_in), number)
        upload(github, done, github.add_run(path=".github/workflows/w.yml"))
    github.requests.clear()

    done = run(job(legs(LONGER) + fan_in), 4, for_pull_request=True)

    assert set(done.exit_statuses()) == {1}
    assert done.footprint()["baseline"]["runs"] == 3
    assert len(github.sent("GET", "/zip")) == 3


def test_a_pull_request_is_billed_for_all_its_runs(run, github):
    rules = "budget: 1 kg/pull-request\nhistory: artifact\nregion: FR"
    first = run(job(use(f"run: {WORK}; exit 3\n{rules}")), 1, for_pull_request=True)
    run_id = github.add_run("changes", event="pull_request", conclusion="failure", path=".github/workflows/w.yml")
    upload(github, first, run_id)

    done = run(job(use(f"run: {WORK}\n{rules}")), 2, for_pull_request=True)

    assert done.green
    (finding,) = done.footprint()["verdict"]["findings"]
    assert (finding["outcome"], finding["runs"], finding["failed"]) == ("pass", 2, 1)
    own = done.footprint()["emissions"]["gco2e"]
    assert finding["observed"] > own / 1000


def test_a_rule_on_a_base_that_is_given_asks_no_history(run, github):
    steps = f"""
      - uses: {ACTION}
        with:
          run: {WORK}
          out: base/first
          comment: "off"
"""
    done = run(
        job(steps + use(f"run: {LONGER}\nagainst: base\nbudget: +30%\nhistory: branch")), 1, for_pull_request=True
    )

    assert done.footprint()["baseline"]["is_given"] is True
    assert done.footprint()["baseline"]["runs"] == 1
    assert set(done.exit_statuses()) == {1}


def test_a_token_that_may_not_read_runs_is_told_what_to_grant(run, github):
    github.fail(path="/actions/", status=403, body={"message": "Resource not accessible by integration"}, times=9)

    done = run(job(use(f"run: {WORK}\nbudget: +30%")), 1, for_pull_request=True)

    assert done.green
    assert "actions: read" in done.log
    assert "History was not asked" in github.own_bodies()[0]
    assert done.outputs()["verdict"] != "pass"


@pytest.mark.parametrize(
    ("inputs", "right"), [("history: branch", "contents: write"), ("budget: +30%", "actions: read")]
)
def test_a_token_that_may_not_comment_is_told_what_history_needs_too(run, github, inputs, right):
    github.fail(method="POST", path="/comments", status=403, body={"message": "Resource not accessible"}, times=9)

    done = run(job(use(f"run: {WORK}\n{inputs}")), 1, for_pull_request=True)

    assert done.green
    assert "pull-requests: write" in done.log
    assert right in done.log


def test_a_run_of_main_that_may_not_be_kept_is_a_warning(run, origin):
    origin.rename(origin.with_name("gone"))

    done = run(job(use(f"run: {WORK}\nhistory: branch")), 1)

    assert done.green
    assert any("The run is not part of the history." in text for text in done.commands("warning"))


def test_a_failed_run_of_main_is_kept_and_no_base(run, github, origin):
    rules = "budget: |\n  +30%\n  20 kg/month\nhistory: branch\nregion: FR"
    failed = run(job(use(f"run: {WORK}; exit 3\n{rules}")), 1)

    done = run(job(use(f"run: {WORK}\n{rules}")), 2, for_pull_request=True)

    assert set(failed.exit_statuses()) == {3}
    assert len(tips(origin)) == 1
    increase, month = done.footprint()["verdict"]["findings"]
    assert increase["outcome"] == "not-judged"
    assert (month["runs"], month["failed"]) == (2, 1)


def test_a_file_is_meant_from_the_workspace_and_gets_every_run(run, tmp_path):
    store = tmp_path / "results" / "runs.jsonl"
    rules = "budget: 1 kg/pull-request\nhistory: file:${{ env.RESULTS }}/runs.jsonl\nworking-directory: sub"
    steps = "\n      - run: mkdir sub"
    for number in (1, 2):
        done = run(job(steps + use(f"run: {WORK}\n{rules}")), number, for_pull_request=True)

    assert sum(line.startswith("[") for line in store.read_text().splitlines()) == 2
    assert done.footprint()["verdict"]["findings"][0]["runs"] == 2
