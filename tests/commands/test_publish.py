"""`emissions publish` in one process against the fake forge: files first, then the comment, each failure by itself."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest

from reporter.cli import main
from reporter.export import json as codec
from tests.factories_footprint import footprint, grams
from tests.github.fake import FakeGitHub

EVENT = {"pull_request": {"number": 7, "head": {"sha": "0" * 40}, "base": {"ref": "main"}}}


@pytest.fixture
def environ(tmp_path: Path, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The runner's variables for pull request 7, in a folder with one footprint over its budget."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "footprint.json").write_text(codec.dumps(codec.encode(footprint(budgets=(grams(40),)))))
    event = json.loads(json.dumps(EVENT))
    event["pull_request"]["head"]["sha"] = github.head_sha
    (tmp_path / "event.json").write_text(json.dumps(event))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": github.repository,
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_TOKEN": "fake-token",
        "GITHUB_RUN_ID": "42",
        "GITHUB_RUN_NUMBER": "1",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }


def publish(environ: dict[str, str], *words: str, **inputs: str) -> int:
    return main(["publish", "footprint.json", *words], environ=environ, inputs=inputs)


def test_summary_outputs_annotation_and_comment_are_written(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    status = publish(environ)

    assert status == 0
    assert len(github.comments) == 1
    assert "over the carbon budget" in Path("summary").read_text()
    assert "\nfail\n" in Path("output").read_text()
    out = capsys.readouterr().out
    assert out.count("::error") == 1
    assert "fake-token" not in out


@pytest.mark.parametrize(("inputs", "status"), [({}, 3), ({"comment": "always"}, 0)])
def test_a_missing_permission_is_a_warning_in_the_action(
    environ: dict[str, str], github: FakeGitHub, capsys: Any, inputs: dict[str, str], status: int
) -> None:
    github.permission = "read"

    assert publish(environ, **inputs) == status
    said = capsys.readouterr().out
    assert "pull-requests: write" in said
    assert "contents: read" in said
    assert Path("summary").read_text()


def test_a_summary_that_cannot_be_written_costs_the_summary_alone(
    environ: dict[str, str], github: FakeGitHub, tmp_path: Path
) -> None:
    environ["GITHUB_STEP_SUMMARY"] = str(tmp_path / "nowhere" / "summary")

    assert publish(environ) == 0
    assert len(github.comments) == 1
    assert Path("output").read_text()


def test_switched_off_is_off(environ: dict[str, str], github: FakeGitHub, capsys: Any) -> None:
    assert publish(environ, comment="off", summary="false", annotations="false") == 0

    assert github.requests == []
    assert not Path("summary").exists()
    assert "::" not in capsys.readouterr().out


def test_without_a_pull_request_or_a_token_there_is_a_notice_and_no_comment(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    assert publish({**environ, "GITHUB_TOKEN": ""}) == 0
    assert publish({**environ, "GITHUB_EVENT_PATH": ""}) == 0

    assert github.requests == []
    assert capsys.readouterr().out.count("::notice") == 2


def test_a_dry_run_prints_the_comment_and_writes_nothing(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    assert publish(environ, "--dry-run") == 0

    assert "over the carbon budget" in capsys.readouterr().out
    assert github.requests == []
    assert not Path("output").exists()


def test_a_template_of_ones_own_is_used_and_a_wrong_one_becomes_a_notice(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    template = '{% extends "comment.md.j2" %}{% block footer %}OURS{% endblock %}'
    Path("emissions.yml").write_text("comment: {template: mine.j2}\n")
    Path("mine.j2").write_text(template)
    publish(environ)
    ours = github.comments[0].body
    Path("mine.j2").write_text("{{ report.nothing_such }}")
    publish({**environ, "GITHUB_RUN_ID": "43"})
    wrong = github.comments[0].body
    Path("mine.j2").unlink()
    publish({**environ, "GITHUB_RUN_ID": "44"})

    assert "OURS" in ours
    assert "nothing_such" in html.unescape(wrong)
    assert "built-in template" in wrong
    assert "cannot be read" in github.comments[0].body
