"""The workflows to paste from README and docs/comment.md, run under act as they stand there."""

from __future__ import annotations

import re

import pytest

from tests.action.test_init import stand_ins
from tests.action.test_run import PULL_REQUEST
from tests.cli.command import ROOT

pytestmark = pytest.mark.act


def workflows(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    return [block for block in re.findall(r"(?ms)^```yaml\n(.*?)^```", text) if re.search(r"(?m)^jobs:", block)]


@pytest.fixture
def pasted(act, github, tmp_path):
    """Runs a workflow on pull request 7 of a repository that has a `train.py` of half a second."""

    def run(workflow):
        local = stand_ins(workflow, tmp_path)
        return act(
            workflow,
            files={"train.py": "import time\ntime.sleep(0.5)\nprint('trained')\n"},
            event="pull_request",
            payload=PULL_REQUEST,
            api_url=github.url,
            env={"GITHUB_REPOSITORY": github.repository},
            options=[word for name in local for word in ("--local-repository", name)],
        )

    return run


def test_the_workflow_of_the_readme_comments_uploads_and_is_green(pasted, github):
    run = pasted(workflows("README.md")[0])

    assert run.green
    (comment,) = github.comments
    assert "of the 50\u202fg budget" in comment.body
    (folder,) = (run.results / "artifacts").iterdir()
    assert folder.name == "emissions-train-1"
    assert {"footprint.json", "recording.jsonl", "report.html", "report.md"} <= {file.name for file in folder.iterdir()}


def test_the_matrix_with_a_fan_in_job_has_one_comment_with_a_row_for_each_leg(pasted, github):
    run = pasted(workflows("docs/comment.md")[0])

    assert run.green
    (comment,) = github.comments
    assert "| **Total of 2 jobs** |" in comment.body
    assert {leg.name for leg in (run.results / "artifacts").iterdir()} == {"emissions-small-1", "emissions-large-1"}
