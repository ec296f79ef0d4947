"""`emissions publish` in one process against the fake forge: files first, then the comment, each failure by itself."""

from __future__ import annotations

import html
import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import reporter.publish.github
import reporter.publish.shared
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

    assert github.comments == []
    assert {request.method for request in github.requests} == {"GET"}, "the verdict is the base branch's all the same"
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


OURS = '{% extends "comment.md.j2" %}{% block footer %}OURS{% endblock %}'


@pytest.fixture
def templated(environ: dict[str, str], github: FakeGitHub) -> dict[str, str]:
    """A workspace whose config names a template, that the workspace and the base branch both have."""
    Path("emissions.yml").write_text("comment: {template: mine.j2}\n")
    Path("mine.j2").write_text(OURS)
    github.files = {(github.base_sha, "mine.j2"): OURS.encode()}
    event = json.loads(Path("event.json").read_text())
    event["pull_request"]["base"]["sha"] = github.base_sha
    Path("event.json").write_text(json.dumps(event))
    return environ


def text(github: FakeGitHub) -> str:
    """The comment as it is read."""
    return html.unescape(github.comments[0].body).replace("\u200b", "")


def test_a_template_of_the_base_branch_is_used(
    templated: dict[str, str], github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(templated) == 0

    assert "OURS" in text(github)
    assert "Template" not in text(github)
    assert "Template" not in capsys.readouterr().out
    assert [request.query for request in github.sent("GET", "/contents/mine.j2")] == [{"ref": github.base_sha}]


def test_what_a_pull_request_changes_in_the_template_waits_for_the_merge(
    templated: dict[str, str], github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mine.j2").write_text(OURS.replace("OURS", "THEIRS"))

    assert publish(templated) == 0

    assert "OURS" in text(github)
    assert "THEIRS" not in text(github)
    said = "Template `mine.j2` differs from the base branch's, which is used until this pull request is merged."
    assert said.replace("`", "<code>", 1).replace("`", "</code>") in text(github)
    assert f"::warning title=Emissions Reporter::{said}" in capsys.readouterr().out


def test_line_ends_of_a_checkout_are_no_difference(templated: dict[str, str], github: FakeGitHub) -> None:
    github.files = {(github.base_sha, "mine.j2"): b"a\nb\n"}
    Path("mine.j2").write_bytes(b"a\r\nb\r\n")

    publish(templated)

    assert "differs" not in text(github)


@pytest.mark.parametrize("has_file", [True, False])
def test_a_template_that_the_base_branch_lacks_is_not_used(
    templated: dict[str, str], github: FakeGitHub, *, has_file: bool
) -> None:
    github.files = {}
    if not has_file:
        Path("mine.j2").unlink()

    publish(templated)

    assert "OURS" not in text(github)
    assert ("new in this pull request: it takes effect once it is merged" in text(github)) is has_file
    assert ("is not in the base branch" in text(github)) is not has_file
    assert "The built-in one is used." in text(github)


def test_a_wrong_template_becomes_a_notice_and_a_warning(
    templated: dict[str, str], github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    github.files = {(github.base_sha, "mine.j2"): b"a\n{{ report.titel }}"}

    assert publish(templated) == 0

    said = "line 2: `ReportView` has no field `titel`; the nearest is `title`. The built-in template is used."
    assert re.sub("</?code>", "`", text(github)).count(said) == 1
    told = capsys.readouterr()
    assert f"Template `mine.j2`, {said}" in told.err
    assert told.out.count("::error") + told.out.count("::warning") == 2, "at most two annotations"
    assert "over the carbon budget" in text(github)


@pytest.mark.parametrize("content", ["symlink", "dir", b"x" * 300_000, b"x" * 2_000_000, b"\xff"])
def test_what_is_no_template_costs_the_template_alone(
    templated: dict[str, str], github: FakeGitHub, content: bytes | str
) -> None:
    github.files = {(github.base_sha, "mine.j2"): content}

    assert publish(templated) == 0

    assert "The built-in one is used." in text(github)
    assert "over the carbon budget" in text(github)


@pytest.mark.parametrize("path", ["../mine.j2", "/etc/passwd", "a/../../mine.j2", "C:/mine.j2", "a\\\\mine.j2", "."])
def test_a_path_outside_the_repository_is_neither_read_nor_asked_for(
    templated: dict[str, str], github: FakeGitHub, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("emissions.yml").write_text(f'comment: {{template: "{path}"}}\n')

    assert publish(templated) == 0
    assert publish(templated, "--dry-run") == 0

    assert "is not a path inside the repository" in text(github)
    assert "built-in" in text(github)
    assert "root:" not in capsys.readouterr().out
    assert {request.path.rpartition("/")[2] for request in github.sent("GET", "/contents/")} == {"emissions.yml"}


def test_the_base_of_another_pull_request_than_the_events_is_asked_for(
    templated: dict[str, str], github: FakeGitHub
) -> None:
    github.pull_requests = {7, 8}
    github.base_sha = "1" * 40
    github.files = {("1" * 40, "mine.j2"): OURS.replace("OURS", "OTHER").encode()}

    publish(templated, "--pull-request", "8")

    assert "OTHER" in text(github)


def test_a_forge_that_gives_no_files_costs_the_template_alone(templated: dict[str, str], github: FakeGitHub) -> None:
    github.fail(path="/contents/mine.j2", status=403)

    assert publish(templated) == 0

    assert "cannot be read from the base branch: the token may not read the repository's files" in text(github)


def test_a_dry_run_uses_the_workspaces_template_and_warns_on_stderr(
    templated: dict[str, str], github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mine.j2").write_text(OURS.replace("OURS", "THEIRS"))
    publish(templated, "--dry-run")
    theirs = capsys.readouterr().out
    Path("mine.j2").write_text("{{ report.titel }}")
    publish(templated, "--dry-run")
    wrong = capsys.readouterr()

    assert "THEIRS" in theirs
    assert "emissions: Template `mine.j2`, line 1: `ReportView` has no field `titel`" in wrong.err
    assert "titel" in wrong.out
    assert github.requests == []


@pytest.mark.parametrize("linked", ["file", "folder"])
def test_a_link_is_not_followed(
    templated: dict[str, str], tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str], linked: str
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret").write_text("SECRET")
    Path("mine.j2").unlink()
    name = "mine.j2" if linked == "file" else "folder/secret"
    Path(name.partition("/")[0]).symlink_to(outside / "secret" if linked == "file" else outside)
    Path("emissions.yml").write_text(f"comment: {{template: {name}}}\n")

    publish(templated, "--dry-run")

    said = capsys.readouterr()
    assert "SECRET" not in said.out
    assert "is a link, or lies behind one" in said.err


@pytest.fixture
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sections are settled at once: no other leg writes here, and the server is ours."""
    monkeypatch.setattr(reporter.publish.github, "WRITE_GAP_S", 0.0)
    settle = reporter.publish.shared.publish_section
    monkeypatch.setattr(reporter.publish.shared, "publish_section", partial(settle, pause=lambda _: None))


@pytest.mark.usefixtures("without_pauses")
def test_legs_with_a_section_each_share_the_comment_of_the_workflow(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    environ |= {"GITHUB_JOB": "train", "GITHUB_WORKFLOW_REF": "o/r/.github/workflows/pr.yml@refs/pull/7/merge"}
    for gpu in ("a100", "h100"):
        inputs = {"comment-section": "auto"}
        assert main(["publish", "footprint.json"], environ=environ, inputs=inputs, matrix={"gpu": gpu}) == 0
    assert publish(environ, **{"comment-section": "by hand"}) == 0

    (comment,) = github.comments
    assert "id=pr.yml " in comment.body
    assert "3 of 3 jobs over budget" not in comment.body  # all of them are: that is said without a count of some
    assert all(f"| ❌ {name} |" in comment.body for name in ("train (a100)", "train (h100)", "by hand"))
    assert comment.body.count("over the carbon budget") == 3
    assert "::warning" not in capsys.readouterr().out


@pytest.mark.usefixtures("without_pauses")
def test_a_section_that_cannot_be_written_is_a_warning_in_the_action(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    assert publish(environ, **{"comment-section": "a"}) == 0
    github.fail(method="PATCH", status=500, times=99)

    assert publish(environ, **{"comment-section": "b"}) == 0

    assert "::warning title=Emissions Reporter::No comment." in capsys.readouterr().out
    assert Path("summary").read_text()


@pytest.mark.usefixtures("without_pauses")
def test_the_config_file_can_ask_for_sections(environ: dict[str, str], github: FakeGitHub) -> None:
    Path("emissions.yml").write_text("comment: {section: mine}\n")

    assert publish(environ) == 0

    assert "| ❌ mine |" in github.comments[0].body


@pytest.mark.usefixtures("without_pauses")
def test_a_leg_of_a_large_matrix_takes_its_time(
    environ: dict[str, str], github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    paces: list[Any] = []
    settle = reporter.publish.shared.publish_section
    monkeypatch.setattr(
        reporter.publish.shared,
        "publish_section",
        lambda *given, pace, **more: (paces.append(pace), settle(*given, pace=pace, **more))[1],
    )

    assert publish(environ | {"EMISSIONS_LEGS": "200"}, **{"comment-section": "a"}) == 0
    assert publish(environ | {"EMISSIONS_LEGS": "many"}, **{"comment-section": "b"}) == 0

    assert [pace.legs for pace in paces] == [200, 1]
    assert "| ❌ b |" in github.comments[0].body
