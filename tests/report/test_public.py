"""What anybody can read names no machine: no address, no host, no whole id of a device, on any face."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from reporter.commands.account.assessment import Assessed
from reporter.commands.delivery.faces import Faces
from reporter.commands.delivery.section import composer, section_of
from reporter.domain.footprint import Footprint
from reporter.domain.readings import Gpu, Unavailable
from reporter.domain.total import total
from reporter.publish.marker import Run
from reporter.report import badge, statement
from reporter.report.latex import latex
from reporter.report.model_card import model_card
from reporter.report.page import ReportView
from reporter.report.render import Face, render
from reporter.report.view import report_view
from tests.report.conftest import CONTEXT, carbon, gpu_job

UUID = "GPU-8f6a1c2e-1111-2222-3333-444455556666"
PARTITION = "MIG-8f6a1c2e-1111-2222-3333-444455556666"
IPV4, IPV6 = "10.12.13.14", "fd00:dead:beef:1:2:3:4:5"
HOST = "build-box-17.corp.internal"
TOLD = f"could not reach {IPV4} or [{IPV6}]: {UUID}, {PARTITION}"
RUN = Run(run_id=19_000_000_000, number=345, attempt=1, head_sha="a" * 40)


@pytest.fixture
def job() -> Footprint:
    """A job that knows its machine, and whose sources talk of it."""
    known = gpu_job(budgets=(carbon(400),), unread=(UUID,))
    meters = tuple(replace(meter, meter_id=f"nvml:{UUID}") for meter in known.meters)
    return replace(
        known,
        job=replace(known.job, runner=HOST),
        hardware=replace(known.hardware, gpus=(Gpu(uuid=UUID, name="NVIDIA H200"), Gpu(uuid=PARTITION, name="MIG"))),
        meters=meters,
        unavailable=(*known.unavailable, Unavailable(source=f"nvml:{UUID}", reason=TOLD, remedy=TOLD, expected=False)),
        flags=(*known.flags, f"reading-failed:{TOLD}", f"history-unreadable:{TOLD}", f"gpu-not-read:{UUID}", TOLD),
    )


def _view(job: Footprint) -> ReportView:
    return report_view([job], CONTEXT._replace(notices=(TOLD,)))


def _faces(job: Footprint) -> Faces:
    return Faces(Assessed((job,), total([job])), CONTEXT, _view(job), columns=100)


def _legs(job: Footprint) -> str:
    faces = _faces(job)
    section = section_of(job.job.name, faces, RUN)
    return composer(faces)([section, replace(section, key="other", name="other")], RUN, 59_800)


FACES: dict[str, Callable[[Footprint], str]] = {
    "comment": lambda job: render(_view(job), Face.COMMENT),
    "summary and check": lambda job: render(_view(job), Face.SUMMARY),
    "title of the check": lambda job: _faces(job).headline,
    "page": lambda job: render(_view(job), Face.HTML),
    "log": lambda job: render(_view(job), Face.TEXT),
    "legs": _legs,
    "badge": lambda job: badge.svg(_view(job)) + badge.endpoint(_view(job)),
    "statement": lambda job: statement.markdown([job]),
    "LaTeX": lambda job: latex([job]),
    "model card": lambda job: model_card([job]),
}


@pytest.mark.parametrize("face", FACES)
def test_nobody_learns_which_machine_it_was(job: Footprint, face: str) -> None:
    text = FACES[face](job)

    read = re.sub("[\u200b\u00ad\n]", "", html.unescape(text))
    assert [secret for secret in (UUID, PARTITION, IPV4, IPV6, HOST) if secret in read] == []


def test_what_is_kept_back_is_there_to_be_kept_back(job: Footprint) -> None:
    """The test above would be empty if no face told of sources and flags at all."""
    text = html.unescape(render(_view(job), Face.SUMMARY)).replace("\u200b", "")

    assert text.count("could not reach") >= 2
    assert "GPU-8f6a1c2e…" in text
