"""Templates: the built-in ones, the user's, and what happens when one is wrong."""

from __future__ import annotations

import itertools
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.report import confined
from reporter.report.length import shortened
from reporter.report.render import (
    Face,
    comment_bodies,
    preload,
    render,
    render_comment,
    summary_bodies,
    template_root,
)
from reporter.report.view import ReportContext, report_view

COMMENT_LIMIT = 60_000
SUMMARY_LIMIT = 900 * 1024
NASTY = (
    "@all",
    "|",
    "`",
    "```",
    "\n",
    "</details>",
    "<script>",
    "</script>",
    "#1",
    "::error::",
    "[a](b)",
    "{{ 1 }}",
    "x",
)
NAMES = st.lists(st.sampled_from(NASTY), min_size=1, max_size=40).map("".join)


def balanced(body: str) -> bool:
    opened = [line for line in body.splitlines() if line.startswith("```")]
    return body.count("<details>") == body.count("</details>") and len(opened) % 2 == 0


def rows_of(body: str) -> list[str]:
    return [line for line in body.splitlines() if line.startswith("|")]


def test_every_face_loads_ahead() -> None:
    preload()

    assert (template_root() / "comment.md.j2").is_file()


@pytest.mark.parametrize("block", ["title", "verdict", "headline", "breakdown", "baseline", "provenance", "footer"])
def test_a_user_replaces_one_block_and_keeps_the_rest(samples: Any, block: str) -> None:
    view = report_view(*samples.over_budget())
    source = '{% extends "comment.md.j2" %}{% block ' + block + " %}\nOurs: {{ report.title }}\n\n{% endblock %}"

    body, notice = render_comment(view, (".github/comment.md.j2", source))

    assert notice is None
    assert "\nOurs: 6" in f"\n{body}"
    assert balanced(body)
    assert (
        sum(word in body for word in ("### ❌", "**To go green", "| Job |", "Parts, phases", "How sure", "<sub>")) >= 4
    )


def test_a_user_can_use_our_pieces(samples: Any) -> None:
    view = report_view(*samples.over_budget())
    source = (
        '{% extends "comment.md.j2" %}{% from "_macros.md.j2" import job_table %}'
        "{% block headline %}{{ job_table(report.jobs) }}{% endblock %}"
    )

    body, notice = render_comment(view, ("mine.md.j2", source))

    assert notice is None
    assert "| finetune (8×H100) |" in body


WRONG = (
    # what it says, line and name
    ("{{ report.titel }}", "line 1: `ReportView` has no field `titel`; the nearest is `title`"),
    ("{{ report.jobs.row }}", "line 1: `JobTable` has no field `row`; the nearest is `rows`"),
    ("a\n\n{{ reprot.title }}", "line 3: `reprot` is not defined; the nearest is `report`"),
    ("{{ footprint }}", "line 1: `footprint` is not defined."),
    ("{{ report.title.spans }}", "line 1: a text has no field `spans`"),
    ("{{ report.details.name }}", "line 1: a list has no field `name`"),
    ("{{ report.jobs.rows[9].name }}", "line 1: a list has no element 9"),
    # syntax
    ("a\n{% if %}", "line 2: Expected an expression, got 'end of statement block'"),
    ("{% block x %}", "line 1: Unexpected end of template"),
    ("{{ report | nosuch }}", "No filter named 'nosuch'"),
    ("{{ report.title | tojson }}", "No filter named 'tojson'"),
    ("{{ " + "(" * 5000 + " }}", "recursion"),
    # types
    ("{{ 1 / 0 }}", "line 1: division by zero"),
    ("{{ report.jobs.rows + 1 }}", "line 1: can only concatenate tuple"),
    ("{% for x in report.several %}{% endfor %}", "line 1: 'bool' object is not iterable"),
    # the sandbox
    ('{% extends "nothing.md.j2" %}', "line 1: there is no built-in template `nothing.md.j2`"),
    ('{% include "../pyproject.toml" %}', "there is no built-in template `../pyproject.toml`"),
    ("{{ report.__class__.__mro__ }}", "line 1: access to attribute '__class__'"),
    ("{{ ''.__class__ }}", "line 1: access to attribute '__class__'"),
    ("{{ '{0.__class__}'.format(report) }}", "access to attribute '__class__'"),
    # more than there is
    ("{{ range(999999999) | list }}", "line 1: Range too big"),
    ("{{ 'x' | center(10 ** 10) }}", "memory"),
    ("{{ 'x' * 3 * 10 ** 8 }}", "memory"),
    ("{% for i in range(99) %}{{ 'x' * 99999 }}{% endfor %}", "more than 1,048,576 characters"),
    ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "line 1: maximum recursion depth exceeded"),
    ("{% block a %}{{ self.a() }}{% endblock %}", "line 1: maximum recursion depth exceeded"),
    # what comes out
    ("| a | b |\n|--|--|\n| 1 | 2 | 3 |", "a table's row has 3 cells, its head 2"),
    ("| a | b |\n|--|\n| 1 | 2 |", "a table's head has 2 cells, the line below it 1"),
    ("<details><summary>x</summary>\n\ny", "<details> is not closed"),
    ("x </details>", "</details> closes nothing"),
    ("```mermaid\nx", "a code block is not closed"),
)  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), WRONG, ids=[source[:40] for source, _ in WRONG])
def test_a_wrong_template_is_named_and_ours_is_used(samples: Any, source: str, expected: str) -> None:
    view = report_view(*samples.over_budget())

    body, notice = render_comment(view, ("mine.md.j2", source))

    assert body == render(view, Face.COMMENT)
    assert notice is not None
    assert notice.startswith("Template `mine.md.j2`")
    assert expected in notice
    assert notice.endswith("The built-in template is used.")
    assert str(template_root()) not in notice


def test_a_template_without_end_is_ended(samples: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "MOST_WALL_S", 1.0)
    source = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    view = report_view(*samples.over_budget())

    body, notice = render_comment(view, ("mine.md.j2", source))

    assert body == render(view, Face.COMMENT)
    assert notice == "Template `mine.md.j2`: not done after 1 s. The built-in template is used."


def test_no_secret_of_ours_is_in_the_process_that_runs_a_template(
    samples: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_secret")
    spy = tmp_path / "python"
    spy.write_text(
        f"#!/bin/sh\ntr '\\0' '\\n' < /proc/self/environ > {tmp_path}/environ\nexec {sys.executable} \"$@\"\n"
    )
    spy.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(spy))

    _, notice = render_comment(report_view(*samples.over_budget()), ("mine.md.j2", "{{ report.title }}"))

    assert notice is None
    assert "ghs_secret" not in (tmp_path / "environ").read_text()


ESCAPES = (
    "{{ NAME }}", "{{ NAME | e }}", "{{ '' ~ NAME }}", "{{ report.icon ~ NAME }}", "{{ [report.icon, NAME] | join }}",
    "{{ NAME | safe }}", "{{ NAME | striptags }}", "{{ NAME | upper }}", "{{ '%s' | format(NAME) }}",
    "{{ '{}'.format(NAME) }}", "{{ NAME | title }}", "{{ NAME | truncate(9, True) }}", "{{ NAME | pprint }}",
    "{% set x %}{{ NAME }}{% endset %}{{ x }}", "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(NAME) ~ NAME }}",
    "{{ report.jobs }}", "{{ NAME | replace('x', 'y') }}", "{{ NAME | list | join }}", "{{ NAME.unescape() }}",
    "{% autoescape false %}{{ NAME }}{% endautoescape %}",
)  # fmt: skip


@pytest.mark.parametrize("expression", ESCAPES)
def test_no_filter_and_no_joining_lets_a_name_through(make_job: Any, expression: str) -> None:
    view = report_view([make_job("x @octocat|<b>#12 https://e.example", exit_status=1)], ReportContext())
    source = expression.replace("NAME", "report.jobs.rows[0].name")

    body, notice = render_comment(view, ("mine.md.j2", source))

    assert notice is None
    assert not re.search(r"@octocat|<b>|(?<!&)#12|https://e", body, re.IGNORECASE)


def test_a_file_with_crlf_line_ends_is_a_template_too(samples: Any) -> None:
    body, notice = render_comment(report_view(*samples.over_budget()), ("mine.md.j2", "a\r\nb\r\n"))

    assert (body, notice) == ("a\nb\n", None)


def test_three_hundred_hostile_jobs_fit_into_a_comment_and_a_summary(samples: Any) -> None:
    view = report_view(*samples.three_hundred_jobs())

    comment = next(body for body in comment_bodies(view) if len(body.encode()) <= COMMENT_LIMIT)
    summary = next(body for body in summary_bodies(view) if len(body.encode()) <= SUMMARY_LIMIT)

    assert "jobs not shown here" in comment
    assert "Shortened to fit" in comment
    assert comment.count("\n| ") > 20
    assert summary.count("\n| ") > 300
    assert balanced(comment)
    assert balanced(summary)


def test_rows_are_dropped_no_sooner_than_needed(make_job: Any) -> None:
    jobs = [make_job(f"train ({index}, {'x' * 60})", gpus=1) for index in range(600)]

    comment = next(body for body in comment_bodies(report_view(jobs, ReportContext())) if len(body) <= COMMENT_LIMIT)

    assert 200 < len(rows_of(comment)) < 300


def test_bodies_grow_ever_shorter_and_end_with_the_verdict_and_a_link(samples: Any) -> None:
    view = report_view(*samples.three_hundred_jobs())

    bodies = list(comment_bodies(view))

    lengths = [len(body) for body in bodies]
    assert all(after <= before + 100 for before, after in itertools.pairwise(lengths)), (
        "but for the word that it is short"
    )
    assert len(bodies[-1]) < 2000
    assert "over budget" in bodies[-1]
    assert "actions/runs/42" in bodies[-1]
    assert all(map(balanced, bodies))


def test_what_is_over_budget_stays_longest(samples: Any) -> None:
    view = report_view(*samples.three_hundred_jobs())

    last = list(shortened(view))[-1]

    assert [row.over for row in last.jobs.rows] == [True] * 5


def test_the_location_line_is_never_dropped(samples: Any) -> None:
    view = report_view(*samples.modelled_without_budget())

    for body in (*comment_bodies(view), *summary_bodies(view)):
        assert body.startswith("> **Location unknown:**")


def test_a_wrong_template_does_not_make_a_body_too_long(samples: Any) -> None:
    view = report_view(*samples.over_budget())
    source = "{% for i in range(9999) %}{{ report.title }} and again {% endfor %}"

    bodies = list(comment_bodies(view, ("mine.md.j2", source)))

    assert len(bodies[0]) > COMMENT_LIMIT
    assert len(bodies[-1]) < COMMENT_LIMIT


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAMES, min_size=1, max_size=3), label=NAMES, phase=NAMES)
def test_no_name_breaks_any_face(make_job: Any, names: list[str], label: str, phase: str) -> None:
    import dataclasses

    jobs = []
    for name in names:
        job = make_job(name, gpus=1, exit_status=1)
        renamed = dataclasses.replace(job.meters[0], label=label, excluded_because=label)
        phases = (dataclasses.replace(job.phases[0], label=phase),)
        jobs.append(dataclasses.replace(job, meters=(renamed, *job.meters[1:]), phases=phases))
    view = report_view(jobs, ReportContext(missing=(label,), notices=(phase,)))

    for face in (Face.COMMENT, Face.SUMMARY):
        body = render(view, face)
        assert balanced(body)
        assert "@all" not in body
        assert "<script" not in body
        assert {line.count("|") for line in rows_of(body)} <= {5, 6}
    assert render(view, Face.HTML).count("<script") == 1  # ours
    assert not re.search(r"(?m)^\s*::|##\[|\x1b", render(view, Face.TEXT))
