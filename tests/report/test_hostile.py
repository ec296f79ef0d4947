"""Whatever stands in a footprint, no face of the report says more than words: every text field, every face."""

from __future__ import annotations

import csv
import dataclasses
import inspect
import io
import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reporter.domain.footprint import Footprint
from reporter.domain.recomputed import Recomputed
from reporter.export import csv as table
from reporter.export import json as codec
from reporter.factors import country_of
from reporter.publish.workflow import AnnotationKind, annotation
from reporter.report import badge, statement
from reporter.report import latex as tex
from reporter.report.model_card import model_card
from reporter.report.page import ReportView
from reporter.report.render import Face, render
from reporter.report.soundness import fault
from reporter.report.view import ReportContext, report_view
from tests.browser.picture import github_html, missing_tools
from tests.report.conftest import carbon, job_with_figures_beside
from tests.report.hostile import MARKS, TEXTS, free_texts, gaps, hostile, whole
from tests.report.injection import COMMAND, COMMIT, LINK, LIVE, TAGS, Page, as_github_reads_it, invisible

cmarkgfm = pytest.importorskip("cmarkgfm", reason="Markdown is read as GitHub reads it by cmarkgfm")

LONG = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
MANY = st.lists(TEXTS, min_size=1, max_size=12)


def sample() -> Footprint:
    """A job in which everything is filled that can be."""
    job = job_with_figures_beside(budgets=(carbon(400),), unread=("GPU-8f6a1c2e-1111-2222-3333-444455556666",))
    before = Recomputed(
        pue=job.pue, intensity=job.intensity, facility_j=1.0, emissions=job.emissions, tool=job.tool, first=None
    )
    finding = dataclasses.replace(job.verdict.findings[0], unit="g/sample")
    verdict = dataclasses.replace(job.verdict, findings=(*job.verdict.findings, finding))
    return whole(dataclasses.replace(job, recomputed=before, verdict=verdict))


def view_of(texts: list[str], *, jobs: int = 1) -> ReportView:
    """A view in which every text that comes from outside is one of these."""
    context = ReportContext(
        **{
            field: texts[index % len(texts)]
            for index, field in enumerate(ReportContext._fields)
            if ReportContext.__annotations__[field] in ("str", "str | None")
        },
        missing=tuple(texts),
        notices=tuple(texts),
    )
    return report_view([hostile(sample(), texts[index:] + texts[:index]) for index in range(jobs)], context)


def texts_seen(value: Any) -> str:
    """Every text of a view, or of a part of it."""
    if isinstance(value, str):
        return value
    return "\n".join(map(texts_seen, value)) if isinstance(value, tuple) else ""


def test_the_sample_leaves_no_text_out() -> None:
    footprint = sample()
    places = {".".join("*" if isinstance(key, int) else key for key in path) for path, _ in free_texts(footprint)}

    # What stays empty takes a few words only.
    assert {path[-1] for path, hint in gaps(footprint) if "str" in str(hint)} <= {"per"}
    for place in ("job.name", "job.command.*", "phases.*.label", "meters.*.label", "meters.*.excluded_because"):
        assert place in places
    for place in ("unavailable.*.reason", "unavailable.*.remedy", "intensity.label", "verdict.findings.*.rule"):
        assert place in places
    for place in ("verdict.findings.*.origin", "verdict.findings.*.unit", "flags.*", "origins.text", "per_unit.*.unit"):
        assert place in places


@pytest.mark.parametrize("face", [Face.COMMENT, Face.SUMMARY])
@LONG
@given(texts=MANY, jobs=st.integers(1, 2))
@example(texts=list(MARKS), jobs=2)
def test_markdown_holds_only_what_we_put_there(face: Face, texts: list[str], jobs: int) -> None:
    body = render(view_of(texts, jobs=jobs), face)

    page = as_github_reads_it(body)

    assert {tag for tag, *_ in page.tags} <= TAGS
    assert all(LINK.match(link) for link in page.links)
    assert LIVE.findall(page.text) + COMMIT.findall(page.linkable) == []
    assert COMMAND.findall(body) == []
    assert invisible(page.text) == []
    assert fault(body) is None
    benign = as_github_reads_it(render(view_of(["text"], jobs=jobs), face))
    assert page.charts == benign.charts


@LONG
@given(texts=MANY)
@example(texts=list(MARKS))
def test_the_page_has_no_tag_and_no_attribute_of_theirs(texts: list[str]) -> None:
    source = render(view_of(texts, jobs=2), Face.HTML)

    page, benign = Page(source), Page(render(view_of(["text"], jobs=2), Face.HTML))

    ours = {*benign.tags, ("code",), ("strong",), ("a", "href"), ("text", "class", "x", "y"), ("span", "class")}
    assert set(page.tags) <= ours
    assert all(re.match(r"https?://|#", link) for link in page.links)
    assert source.count("<script") == render(view_of(["text"], jobs=2), Face.HTML).count("<script")
    assert COMMAND.findall(source) == []
    assert invisible(source) == []


@LONG
@given(texts=MANY, jobs=st.integers(1, 2))
@example(texts=list(MARKS), jobs=2)
def test_the_terminal_is_not_moved_and_the_runner_not_commanded(texts: list[str], jobs: int) -> None:
    text = render(view_of(texts, jobs=jobs), Face.TEXT)

    assert COMMAND.findall(text) == []
    assert invisible(text) == []


@LONG
@given(texts=MANY)
@example(texts=list(MARKS))
def test_a_title_stays_one_annotation_and_one_badge(texts: list[str]) -> None:
    view = view_of(texts)

    command = annotation(AnnotationKind.ERROR, "Emissions Reporter", f"{view.icon} {view.title}")
    picture = ET.fromstring(badge.svg(view))
    document = json.loads(badge.endpoint(view))

    assert command.splitlines() == [command]
    assert len(list(picture.iter())) == len(list(ET.fromstring(badge.svg(view_of(["text"]))).iter()))
    assert set(document) == {"schemaVersion", "label", "message", "color", "isError"}
    assert COMMAND.findall(badge.svg(view) + badge.endpoint(view)) == []


@LONG
@given(texts=MANY)
@example(texts=list(MARKS))
def test_a_table_keeps_its_cells_and_starts_no_formula(texts: list[str]) -> None:
    text = table.dumps([hostile(sample(), texts)] * 2, country_of=country_of)

    rows = list(csv.reader(io.StringIO(text)))

    assert [len(row) for row in rows] == [len(table.COLUMNS)] * 3
    for cell in rows[1]:
        assert not cell.startswith(table.FORMULAS) or re.fullmatch(r"-?[\d.e+-]+", cell)
    assert COMMAND.findall(text) == []
    assert [part for part in invisible(text) if part.isprintable() is False] == []


@LONG
@given(texts=MANY)
@example(texts=list(MARKS))
def test_what_is_published_holds_only_what_we_put_there(texts: list[str]) -> None:
    footprint = hostile(sample(), texts)

    source, card, page = (
        tex.latex([footprint]),
        model_card([footprint]),
        as_github_reads_it(statement.markdown([footprint])),
    )

    commands = set(re.findall(r"\\[A-Za-z]+", source.replace(r"\\", "")))
    assert commands <= set(re.findall(r"\\[A-Za-z]+", inspect.getsource(tex)))
    words = re.sub(r"(?m)^\\providecommand.*$", "", source)
    assert re.findall(r"(?<!\\)[#%$]", words) == []
    block = yaml.safe_load(card.removeprefix("---\n").removesuffix("---\n"))
    assert list(block) == ["co2_eq_emissions"]
    assert {tag for tag, *_ in page.tags} <= TAGS
    assert LIVE.findall(page.text) + COMMIT.findall(page.linkable) == []
    assert COMMAND.findall(source + card) == []
    assert invisible(source + card + page.text) == []


@LONG
@given(texts=MANY)
@example(texts=list(MARKS))
def test_a_document_starts_no_command_in_a_log(texts: list[str]) -> None:
    footprint = hostile(sample(), texts)

    text = codec.dumps(codec.encode(footprint))

    assert COMMAND.findall(text) == []
    assert codec.loads(text, origin="a test") == (footprint,)


@pytest.mark.skipif(missing_tools() is not None, reason=str(missing_tools()))
@pytest.mark.parametrize("face", [Face.COMMENT, Face.SUMMARY])
def test_githubs_sanitiser_finds_nothing_to_take_away(face: Face) -> None:
    body = render(view_of(list(MARKS), jobs=2), face)

    parsed, left = as_github_reads_it(body), Page(github_html(body))

    assert [tag for tag, *_ in left.tags] == [tag for tag, *_ in parsed.tags]
    assert "".join(left.text.split()) == "".join(parsed.text.split())
