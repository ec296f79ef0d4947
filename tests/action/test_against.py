"""Input `against` of the real action under act: a job, a session and a fan-in held against runs of the base."""

from __future__ import annotations

import pytest

from reporter.export import json as codec
from tests.action.test_run import PULL_REQUEST
from tests.factories_footprint import footprint
from tests.fixtures_action import ACTION, job, use

pytestmark = pytest.mark.act


@pytest.fixture
def based(act, github, tmp_path):
    """Runs a workflow for pull request 7; `files` lie in $RESULTS, as artifacts that were downloaded would."""

    def run(workflow, **files):
        for name, one in files.items():
            folder = tmp_path / "results" / name.replace("_", "/")
            folder.mkdir(parents=True)
            (folder / "footprint.json").write_text(codec.dumps(codec.encode(one)))
        return act(
            workflow,
            event="pull_request",
            payload=PULL_REQUEST,
            api_url=github.url,
            env={"GITHUB_REPOSITORY": github.repository},
        )

    return run


def test_a_job_is_held_against_the_base_branch(based, github):
    """The first run is the base of the second one."""
    steps = f"""
      - uses: {ACTION}
        with:
          run: sleep 0.3
          out: base/first
          comment: "off"
"""
    run = based(job(steps + use("run: sleep 0.6\nagainst: base\nregion: FR")))

    assert run.green
    baseline = run.footprint()["baseline"]
    assert (baseline["label"], baseline["runs"], baseline["why_not"]) == ("main", 1, None)
    (comment,) = github.comments
    assert "vs main" in comment.body.replace("`", "")
    assert "longer" in comment.body


def test_a_base_that_does_not_compare_is_told_in_the_comment(based, github):
    run = based(job(use("run: sleep 0.3\nagainst: ${{ env.RESULTS }}/base")), base_1=footprint())

    assert run.green
    assert "not comparable" in github.comments[0].body
    assert run.footprint()["baseline"]["why_not"].startswith("not comparable: ")


def test_without_a_base_nothing_runs(based):
    run = based(job(use("run: touch $RESULTS/ran\nagainst: base")))

    assert set(run.exit_statuses()) == {2}
    assert not (run.results / "ran").exists()


def test_an_empty_folder_is_a_base_without_runs(based, github):
    run = based(job("\n      - run: mkdir base" + use("run: sleep 0.3\nagainst: base")))

    assert run.green
    assert run.footprint()["baseline"]["why_not"] == "no run of this job in the base"
    assert "new" in github.comments[0].body


def test_a_session_is_held_against_the_base(based, github):
    steps = f"""
      - uses: {ACTION}
        with:
          mode: start
      - run: sleep 0.3
"""
    run = based(
        job(steps + use("mode: stop\nagainst: ${{ env.RESULTS }}/base", condition="always()")), base_1=footprint()
    )

    assert run.green
    assert run.footprint()["baseline"]["label"] == "main"
    assert "not comparable" in github.comments[0].body


def test_a_session_without_its_base_is_reported_all_the_same(based, github):
    steps = f"""
      - uses: {ACTION}
        with:
          mode: start
"""
    run = based(job(steps + use("mode: stop\nagainst: nowhere", condition="always()")))

    assert run.green
    assert run.footprint()["baseline"]["why_not"].startswith("the base cannot be read: ")
    assert len(github.comments) == 1


LEGS = "mode: report\npath: ${{ env.RESULTS }}/legs\nout: merged\n"


def test_a_fan_in_is_held_against_the_base_job_by_job(based, github):
    run = based(
        job(use(f"{LEGS}against: ${{{{ env.RESULTS }}}}/base")),
        base_1=footprint(),
        legs_train=footprint(7_200_000.0, run_id=42, duration_s=24.6),
        legs_eval=footprint(3_600_000.0, run_id=42, name="eval"),
    )

    assert run.green
    whys = {row["job"]["name"]: row["baseline"]["why_not"] for row in run.footprint()["jobs"]}
    assert whys == {"train": None, "eval": "no run of this job in the base"}
    assert "+100" in github.comments[0].body
    assert "new" in github.comments[0].body


def test_a_fan_in_whose_base_is_missing_is_reported_all_the_same(based, github):
    run = based(job(use(f"{LEGS}against: nowhere")), legs_train=footprint(run_id=42))

    assert run.green
    assert run.footprint()["baseline"]["why_not"].startswith("the base cannot be read: ")
    assert len(github.comments) == 1
