"""Targets that say where a job ran and what its grid emitted: live providers, and a cloud's metadata service."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from reporter.cloud import region_by_metadata
from reporter.intensity import Question
from reporter.intensity.course import ask
from tests.fuzz.case import Case, Finding, Pieces, whole
from tests.fuzz.material import ROOT, bombs, broken, dumps, footprints, mutants
from tests.fuzz.oracle import harmless
from tests.fuzz.replies import HEADERS, Canned, _expect_errors, replies_of
from tests.fuzz.words import LINES, STARTS, answering

ASKED: dict[str, tuple[str, str, float, tuple[str, ...]]] = {
    "electricitymaps": ("DE", "2025-01-01T00:30:00+00:00", 3600.0, ("electricitymaps_v3_history_200",)),
    "watttime": (
        "CAISO_NORTH",
        "2026-04-01T00:02:00+00:00",
        360.0,
        ("watttime_login_200", "watttime_v3_historical_200"),
    ),
    "uk-grid": ("GB", "2018-01-20T12:05:00+00:00", 1200.0, ("uk_ci_intensity_200",)),
    "energy-charts": ("de", "2021-07-16T10:40:00+00:00", 2400.0, ("energy_charts_co2eq_200",)),
}
"""A provider's zone, when the job began and how long it took, and what was recorded of its answers, in their order."""


@cache
def recorded(name: str) -> Any:
    """The body of a real answer."""
    return json.loads((ROOT / f"tests/data/intensity/{name}.json").read_text(encoding="utf-8"))["body"]


@st.composite
def grid(draw: st.DrawFn) -> Case:
    """Answers of one provider, one of them not as it was, and now and then one too many."""
    name = draw(st.sampled_from(tuple(ASKED)))
    *_, documents = ASKED[name]
    odd = draw(st.integers(0, len(documents) - 1))
    files = {}
    for index, document in enumerate(documents):
        status = draw(st.sampled_from((200,) * 9 + (204, 401, 429, 503)))
        head = json.dumps([status, draw(st.sampled_from(HEADERS)) if draw(st.integers(0, 5)) == 0 else {}])
        body = _body(draw, recorded(document)) if index == odd else dumps(recorded(document))
        files[str(index)] = [*whole(head + "\n"), *body]
    return Case("grid", files, ((name,),))


def _body(draw: st.DrawFn, document: Any) -> Pieces:
    how = draw(st.sampled_from(("value", "value", "value", "bytes", "bomb")))
    if how == "bomb":
        return draw(bombs())
    return dumps(draw(mutants(document))) if how == "value" else whole(draw(broken(json.dumps(document).encode())))


def course(case: Case, _folder: Path) -> None:
    """The intensity of a job, or words; it stands in a footprint that can be read again, and in a comment."""
    from datetime import datetime

    from reporter.export import json as codec
    from reporter.report.render import Face, render
    from reporter.report.view import ReportContext, report_view

    (name,) = case.calls[0]
    zone, began, duration_s, _ = ASKED[name]
    start_s = datetime.fromisoformat(began).timestamp()
    question = Question(
        zone=zone,
        start_s=start_s,
        duration_s=duration_s,
        now_s=start_s + duration_s + 1,
        secrets=("user-s3", "word-s3"),
    )
    client = Canned(replies_of(case))

    def asked() -> None:
        found, flags = ask(name, question, lambda *_, **__: client)
        (ours,) = codec.loads(json.dumps(footprints()[0]), origin="ours")
        told = replace(ours, intensity=found, flags=(*ours.flags, *flags))
        (read,) = codec.loads(codec.dumps(codec.encode(told)), origin="what we wrote")
        if read.intensity != found:
            raise Finding("what we wrote reads otherwise")
        harmless(render(report_view([told], ReportContext()), Face.COMMENT), "markdown")

    _expect_errors(asked)


REGIONS = (
    b"eu-central-1", b"eastus2", b"projects/1/zones/europe-west4-b", b"a" * 5000, b"\xff\xfe", b"", b"us\r\neast", b"x" * 99,
    b"<script>", "é₂".encode(), b"::error::x", b"../../x", b"-" * 40,
)  # fmt: skip
REGION = re.compile(r"(?:aws|azure|gcp):[a-z0-9-]{3,40}")


@st.composite
def cloud(draw: st.DrawFn) -> Case:
    """The same bytes for every question of three clouds."""
    start = draw(st.sampled_from((STARTS[0], STARTS[0], *STARTS)))
    head = start + b"".join(draw(st.lists(st.sampled_from(LINES), max_size=2)))
    body = draw(st.one_of(st.sampled_from(REGIONS), st.binary(max_size=50)))
    head += b"Content-Length: %d\r\n" % len(body) if draw(st.booleans()) else b""
    return Case("cloud", {"answer": whole(head + b"\r\n" + body)})


def region(case: Case, _folder: Path) -> None:
    """A region's name, or none."""
    with answering(case.data("answer")) as port:
        found = region_by_metadata(f"127.0.0.1:{port}", limit_s=0.3)
    if found is not None and REGION.fullmatch(found) is None:
        raise Finding(f"a region of {found[:60]!r}")
