"""`report.html`: meter by meter from the recording that is at hand, else in sum; quiet about what is not installed."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from reporter.report import library
from tests.cli.command import Emissions, Ran

DATA = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)
needs_library = pytest.mark.skipif(not library.installed(), reason="the extra `html` is not installed")


@pytest.fixture(scope="module")
def metered(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of a second and a half."""
    emissions = Emissions(cwd=tmp_path_factory.mktemp("metered"), environ=environ)
    ran = emissions("run", "--region", "FR", "--", sys.executable, "-c", "import time; time.sleep(1.5)")
    assert ran.status == 0, ran.err
    return ran


@pytest.fixture
def folder(metered: Ran, emissions: Emissions) -> Path:
    return shutil.copytree(metered.folder, emissions.cwd / "in")


def labels(page: str) -> list[list[str]]:
    told: list[dict[str, Any]] = [json.loads(text) for text in DATA.findall(page)]
    return [[course["label"] for course in chart["courses"]] for chart in told]


def page_of(emissions: Emissions, *words: str) -> str:
    ran = emissions.quick("report", *words, "--format", "html")
    assert ran.status == 0, ran.err
    return ran.text


@needs_library
def test_a_run_draws_its_meters(metered: Ran) -> None:
    page = (metered.folder / "report.html").read_text(encoding="utf-8")

    (drawn,) = labels(page)
    assert drawn[0] == "All that is counted"
    assert len(drawn) == 3


@needs_library
def test_a_report_of_its_folder_draws_the_same(metered: Ran, emissions: Emissions, folder: Path) -> None:
    page = (metered.folder / "report.html").read_text(encoding="utf-8")

    assert DATA.findall(page_of(emissions, str(folder))) == DATA.findall(page)
    assert DATA.findall(page_of(emissions, str(folder / "recording.jsonl"), "--region", "PL")) == DATA.findall(page)


@needs_library
@pytest.mark.parametrize("beside", ["none", "broken", "another job's"])
def test_a_footprint_without_its_recording_is_drawn_in_sum(emissions: Emissions, folder: Path, beside: str) -> None:
    recording = folder / "recording.jsonl"
    text = recording.read_text(encoding="utf-8")
    if beside == "none":
        recording.unlink()
    else:
        started = re.sub(r'("started_at": ?)"[^"]*"', r'\1"2020-01-01T00:00:00Z"', text)
        assert started != text
        recording.write_text("{" if beside == "broken" else started, encoding="utf-8")

    assert labels(page_of(emissions, str(folder))) == [["All that is counted"]]


@pytest.mark.parametrize("form", ["json", "csv", "text", "markdown"])
def test_no_other_format_looks_at_the_recording(emissions: Emissions, folder: Path, form: str) -> None:
    whole = emissions.quick("report", str(folder), "--format", form)
    (folder / "recording.jsonl").write_bytes(b"\xff")

    assert emissions.quick("report", str(folder), "--format", form).out == whole.out


def test_without_the_extra_the_page_is_still_and_says_nothing(emissions: Emissions, folder: Path) -> None:
    hidden = emissions.cwd / "hidden" / library.NAME
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("")
    search = f"{hidden.parent}:{emissions.environ['PYTHONPATH']}"

    page = emissions("report", str(folder), "--format", "html", PYTHONPATH=search).text

    assert labels(page) == []
    assert "<svg" in page
    assert library.NAME not in page.casefold()
