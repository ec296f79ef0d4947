"""A target that is what stands in comments already: marker and sections, ours once, and anybody's by now."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import strategies as st

from reporter.publish.github import GitHub
from reporter.publish.marker import Run, key_of, mark, parse
from reporter.publish.sections import (
    CLOSING,
    Section,
    merged,
    newest_run,
    opening,
    packed,
    read_sections,
    section_body,
    section_key,
)
from reporter.publish.shared import publish_section
from reporter.report.leg import leg_from
from tests.fuzz.case import Case, Finding, Pieces, whole
from tests.fuzz.material import MARKS, broken, dumps
from tests.fuzz.oracle import harmless
from tests.fuzz.replies import COMMENT, SHA, Canned, _expect_errors, replies_of
from tests.report.hostile import TEXTS

RUN = Run(run_id=2, number=2, head_sha=SHA)
FACTS = "pass~5.382e6~46.4~40~50~0.5~~3~m~1.2× of main"
KEY = "x"


@st.composite
def bodies(draw: st.DrawFn) -> Case:
    """Comments with our marker, whose sections are whole, forged with their check right, or broken."""
    comments = [
        {**COMMENT, "id": 7 + index, "body": _body(draw).encode("utf-8", "surrogatepass").decode("utf-8", "replace")}
        for index in range(draw(st.integers(1, 3)))
    ]
    answers = ({"login": COMMENT["user"]["login"]}, {"head": {"sha": SHA}}, comments, comments[0])  # type: ignore[index]
    files: dict[str, Pieces] = {
        str(index): [*whole("[200, {}]\n"), *dumps(answer)] for index, answer in enumerate(answers)
    }
    return Case("sections", files)


def _body(draw: st.DrawFn) -> str:
    run = Run(
        run_id=draw(st.integers(0, 9)),
        number=draw(st.integers(0, 9)),
        head_sha=draw(st.sampled_from((SHA, "ab", None))),
    )
    lines: list[str] = []
    words = st.one_of(TEXTS, st.sampled_from(MARKS), st.text(max_size=12), st.just("leg")).map(
        lambda text: text.encode("utf-8", "replace").decode()
    )
    for _ in range(draw(st.sampled_from((0, 1, 2, 5, 60)))):
        name = draw(words)
        section = Section(
            key=section_key(name) if draw(st.booleans()) else draw(st.sampled_from(("0" * 10, "f" * 10))),
            name=name,
            run=draw(st.sampled_from((run, RUN))),
            facts=draw(st.one_of(st.just(FACTS), words, _facts())),
            body=section_body(draw(words)) if draw(st.booleans()) else "",
            revision=draw(st.integers(0, 9999)),
            readable=draw(st.integers(0, 5)) > 0,
        )
        lines += [opening(section, run), *((section.body, CLOSING) if section.body else ())]
    if draw(st.integers(0, 3)) == 0:
        lines = list(packed([line.encode("ascii", "replace").decode() for line in lines if line.startswith("<!--")]))
    text = "\n".join(lines)
    if draw(st.booleans()):
        text = draw(broken(text.encode("utf-8", "replace"))).decode("utf-8", "replace")
    return mark(text, key=draw(st.sampled_from((key_of(KEY), key_of(KEY), "y"))), run=run)


@st.composite
def _facts(draw: st.DrawFn) -> str:
    """Figures that are no figures."""
    fields = FACTS.split("~")
    odd = st.sampled_from(
        ("", "1e999", "1e-999", "9" * 12, "0", "-1", "nan", "1e308", "٣", "fail", "g9999s256c", "<b>")
    )
    fields[draw(st.integers(0, len(fields) - 1))] = draw(odd)
    return "~".join(fields)


def shared(case: Case, _folder: Path) -> None:
    """What is read is bounded and merges in any order; what is written of it only speaks, and is read as it was."""
    from reporter.commands.delivery.section import composer

    for comment in json.loads(case.data("2").partition(b"\n")[2]):
        found = parse(comment["body"])
        if found is None:
            continue
        sections = read_sections(comment["body"], found.run)
        if merged(reversed(sections)) != sections or merged(sections) != sections:
            raise Finding("sections merge otherwise in another order")
        for section in sections:
            leg_from(section.facts)
        text = composer(_face())([*(section for section in sections if not section.body)], RUN, 60_000)
        harmless(text, "markdown")
        newest = newest_run(sections) or RUN
        bare = [section for section in sections if not section.body and not section.body_lost and section.readable]
        if bare and {section.key for section in read_sections(composer(_face())(bare, newest, 60_000), newest)} != {
            section.key for section in merged(bare)
        }:
            raise Finding("a section that was written is not read")
    client = Canned(replies_of(case))
    forge = GitHub(client, "o/r", sleep=client._pass, clock=lambda: client._now_s)
    mine = Section(key=section_key("mine"), name="mine", run=RUN, facts=FACTS, body="b")
    _expect_errors(
        lambda: publish_section(
            forge,
            pull_request=1,
            comment_id=KEY,
            section=mine,
            compose=composer(_face()),
            pause=client._pass,
            clock=lambda: client._now_s,
        )
    )


def _face() -> object:
    from types import SimpleNamespace

    from tests.fuzz.words import view

    return SimpleNamespace(view=view())
