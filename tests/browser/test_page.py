"""The report as a page, driven in a browser: by pointing, by keyboard and on paper, with and without its charts."""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import devtools, picture
from factories import marks_of, model_of, recording_of
from factories_footprint import IN_FRANCE

from reporter.domain.carbon import Tool
from reporter.domain.energy import account
from reporter.domain.footprint import Footprint, assess
from reporter.domain.readings import Recording
from reporter.domain.traces import traces
from reporter.report import library
from reporter.report.interactive import with_timelines
from reporter.report.render import Face, render
from reporter.report.view import ReportContext, report_view

AXE = picture.MODULES / "axe-core" / "axe.min.js"
HOSTILE = "</script><img src=x onerror=alert(1)><!--<script>"
TROUBLE = picture.missing_tools()
NO_LIBRARY = "the extra `html` is not installed" if not library.installed() else None

pytestmark = [pytest.mark.browser, pytest.mark.skipif(TROUBLE is not None, reason=str(TROUBLE))]
needs_library = pytest.mark.skipif(NO_LIBRARY is not None, reason=str(NO_LIBRARY))


def job(name: str = "train", label: str = "train") -> Recording:
    """Two GPUs of 100 and 200 W, from second 50 on 300 and 400 W, and a processor modelled at 50 W; a mark at 50 s."""
    rows: list[tuple[object, ...]] = [("t", "gpu0/J", "gpu1/J"), (0, 1, 1)]
    one, other = 1, 1
    for second in range(1, 101):
        one, other = one + (100 if second <= 50 else 300), other + (200 if second <= 50 else 400)
        rows.append((second, one, other))
    recording = recording_of(rows, model_of("cpu", (0, 50)), marks=marks_of(("load", 0), (label, 50)))
    return replace(recording, job=replace(recording.job, name=name, exit_status=0))


def footprint_of(recording: Recording) -> Footprint:
    tool = Tool(name="emissions-reporter", version="0.1.0", factors_version="2026.11", factors_sha256="0" * 64)
    found = assess(recording, account(recording), IN_FRANCE, (), tool)
    return replace(found, job=replace(found.job, duration_s=100.0))


def page_of(*recordings: Recording, detailed: bool = True) -> str:
    """The page, with what its charts draw unless that is not wanted."""
    made = {footprint_of(recording): recording for recording in recordings}
    view = report_view(tuple(made), ReportContext())
    if detailed:
        view = with_timelines(view, tuple(made), lambda footprint, most: traces(made[footprint], most))
    return render(view, Face.HTML)


@pytest.fixture(scope="module")
def browser() -> Iterator[devtools.Tab]:
    with devtools.tab() as page:
        yield page


@pytest.fixture
def tab(browser: devtools.Tab) -> Iterator[devtools.Tab]:
    """A page that complains of nothing and asks for nothing but itself."""
    browser.complaints.clear()
    browser.show()
    yield browser
    assert browser.complaints == []
    assert [address for address in browser.requests if not address.startswith(("file:", "data:"))] == []
    assert len([address for address in browser.requests if address.startswith("file:")]) == 1


def opened(tab: devtools.Tab, page: str, folder: Path, **screen: Any) -> None:
    tab.show(**screen)
    source = folder / "report.html"
    source.write_text(page, encoding="utf-8")
    tab.open(source)
    if 'class="chart"' in page:
        tab.wait("[...document.querySelectorAll('.chart')].every(e => e.closest('details') || e.matches('.drawn'))")


def words(tab: devtools.Tab, selector: str) -> list[str]:
    found = tab.run(f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.textContent)")
    return [text.replace("\u202f", " ") for text in found]


def powers(tab: devtools.Tab) -> dict[str, str]:
    return dict(zip(words(tab, ".meters .name"), words(tab, ".meters .value"), strict=True))


def point_at(tab: devtools.Tab, second: float) -> None:
    x, y = place_of(tab, second)
    tab.point(x, y)


def place_of(tab: devtools.Tab, second: float) -> tuple[float, float]:
    """Where a second of the whole job is drawn."""
    tab.run("document.querySelector('.plot').scrollIntoView({block: 'center'})")
    left, top, width = tab.run("(b => [b.x, b.y, b.width])(document.querySelector('.plot').getBoundingClientRect())")
    return left + 60 + (width - 68) * second / 100, top + 100


def colour_at(path: Path, x: int, y: int) -> bytes:
    """A pixel of an unfiltered or any PNG of eight bits."""
    data, position, parts, width, depth = path.read_bytes(), 8, b"", 0, 3
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        body = data[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            width, depth = struct.unpack(">I", body[:4])[0], 4 if body[9] == 6 else 3
        parts += body if kind == b"IDAT" else b""
        position += 12 + length
    raw, size = zlib.decompress(parts), width * depth
    before = bytearray(size)
    for row in range(y + 1):
        how, line = raw[row * (size + 1)], bytearray(raw[row * (size + 1) + 1 : (row + 1) * (size + 1)])
        for at in range(size):
            left, up, corner = (line[at - depth], before[at], before[at - depth]) if at >= depth else (0, before[at], 0)
            near = min((left, up, corner), key=lambda each: abs(left + up - corner - each))
            line[at] = (line[at] + (0, left, up, (left + up) // 2, near)[how]) % 256
        before = line
    return bytes(before[x * depth : x * depth + 3])


@needs_library
def test_pointing_shows_the_time_the_phase_and_each_meters_watts(tab: devtools.Tab, tmp_path: Path) -> None:
    opened(tab, page_of(job()), tmp_path)

    point_at(tab, 25.2)

    assert words(tab, ".reading") == ["At 25 s, phase load"]
    assert powers(tab) == {"All that is counted": "350 W", "GPU0": "100 W", "GPU1": "200 W", "CPU": "≈50 W"}

    point_at(tab, 75.2)

    assert words(tab, ".reading") == ["At 1 min 15 s, phase train"]
    assert powers(tab) == {"All that is counted": "750 W", "GPU0": "300 W", "GPU1": "400 W", "CPU": "≈50 W"}


@needs_library
def test_unpointed_it_shows_means_of_what_is_seen(tab: devtools.Tab, tmp_path: Path) -> None:
    opened(tab, page_of(job()), tmp_path)

    assert words(tab, ".reading") == ["Mean of the whole job"]
    assert powers(tab)["GPU0"] == "200 W"

    x, y = place_of(tab, 60)
    tab.drag(x, place_of(tab, 90)[0], y)
    tab.wait("document.querySelector('.tools button:last-child').disabled === false")
    tab.point(2, 2)

    (reading,) = words(tab, ".reading")
    assert re.fullmatch(r"Mean from 1 min to 1 min (29|30) s", reading)
    assert powers(tab)["GPU0"] == "300 W"
    assert words(tab, ".strip span") == ["train"]

    tab.click(".tools button:last-child")

    assert words(tab, ".reading")[0].startswith(("Mean of the whole job", "At"))
    assert words(tab, ".strip span") == ["load", "train"]


@needs_library
def test_the_chart_is_read_by_keyboard_and_by_ear(tab: devtools.Tab, tmp_path: Path) -> None:
    opened(tab, page_of(job()), tmp_path)
    tab.run("document.querySelector('.live input[type=range]').focus()")

    tab.press("End")

    spoken = "document.querySelector('.live input[type=range]').ariaValueText.replaceAll('\\u202f', ' ')"
    assert tab.run(spoken) == "At 1 min 40 s, phase train; All that is counted 750 W; CPU ≈50 W; GPU0 300 W; GPU1 400 W"

    tab.press("Home")
    tab.press("ArrowRight")

    assert tab.run(spoken).startswith("At 1 s, phase load; All that is counted 350 W")


@needs_library
def test_buttons_zoom_and_move_by_keyboard(tab: devtools.Tab, tmp_path: Path) -> None:
    opened(tab, page_of(job()), tmp_path)
    tab.run("[...document.querySelectorAll('.tools button')].find(e => e.textContent === 'Zoom in').focus()")

    tab.press("Enter")
    assert words(tab, ".reading") == ["Mean from 25 s to 1 min 15 s"]

    tab.run("[...document.querySelectorAll('.tools button')].find(e => e.textContent === 'Later').focus()")
    tab.press(" ")
    assert words(tab, ".reading") == ["Mean from 50 s to 1 min 40 s"]


@needs_library
def test_a_meter_can_be_switched_off(tab: devtools.Tab, tmp_path: Path) -> None:
    opened(tab, page_of(job()), tmp_path)

    tab.click(".meters li:first-child input")

    assert tab.run("[...document.querySelectorAll('.meters input')].map(e => e.checked)") == [False, True, True, True]
    tab.run("document.querySelector('.live input[type=range]').focus()")
    assert "All that is counted" not in tab.run("document.querySelector('.live input[type=range]').ariaValueText")


@needs_library
def test_the_page_follows_a_change_of_scheme_while_it_is_open(tab: devtools.Tab, tmp_path: Path) -> None:
    opened(tab, page_of(job()), tmp_path, scheme="light")
    seen = []
    for scheme in ("light", "dark"):
        tab.show(scheme=scheme)
        x, y = place_of(tab, 75)
        # The sum's level: 750 W of an axis that ends at 800.
        tab.run("new Promise(done => requestAnimationFrame(() => setTimeout(done, 300)))")
        tab.picture(tmp_path / "seen.png", whole=False)
        level = round(y - 100 + 8 + (260 - 36) * (1 - 750 / 800))
        paper = colour_at(tmp_path / "seen.png", 4, 4)
        near = [colour_at(tmp_path / "seen.png", round(x), level + off) for off in range(-2, 3)]
        far = max(near, key=lambda colour: sum(abs(a - b) for a, b in zip(colour, paper, strict=True)))
        seen.append((sum(paper) / 3, sum(far) / 3))

    (light_paper, light_line), (dark_paper, dark_line) = seen
    assert light_paper == 255
    assert light_line < 100
    assert dark_paper < 40
    assert dark_line > 180


@needs_library
@pytest.mark.parametrize("width", [360, 700, 1100])
def test_no_page_is_wider_than_its_screen(tab: devtools.Tab, tmp_path: Path, width: int) -> None:
    opened(tab, page_of(job()), tmp_path, width=width)

    assert tab.run("document.documentElement.scrollWidth") <= width


@needs_library
def test_paper_shows_everything_and_a_still_chart(tab: devtools.Tab, tmp_path: Path) -> None:
    opened(tab, page_of(job("first"), job("second")), tmp_path, media="print")
    tab.run("dispatchEvent(new Event('beforeprint'))")

    shown = "[...document.querySelectorAll({})].filter(e => e.checkVisibility()).length"
    assert tab.run(shown.format("'svg.power'")) == 2
    assert tab.run(shown.format("'.live, .live *'")) == 0
    assert tab.run(shown.format("'details table'")) == 4
    tab.run("dispatchEvent(new Event('afterprint'))")
    assert tab.run("document.querySelectorAll('details[open]').length") == 0
    tab.pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().count(b"/Type /Page\n") >= 1


def test_paper_is_white_for_a_reader_who_likes_it_dark(tab: devtools.Tab, tmp_path: Path) -> None:
    opened(tab, page_of(job(), detailed=False), tmp_path, media="print", scheme="dark")

    style = "getComputedStyle(document.body)"
    assert tab.run(f"[{style}.backgroundColor, {style}.color]") == ["rgb(255, 255, 255)", "rgb(31, 35, 40)"]


@needs_library
def test_a_folded_job_is_drawn_once_it_is_opened(tab: devtools.Tab, tmp_path: Path) -> None:
    opened(tab, page_of(job("first"), job("second")), tmp_path)
    assert tab.run("document.querySelectorAll('.drawn').length") == 0

    tab.click("details summary")

    tab.wait("document.querySelectorAll('.drawn').length === 1")


@pytest.mark.parametrize("detailed", [False, pytest.param(True, marks=needs_library)])
def test_a_table_sorts_by_click_and_by_keyboard(tab: devtools.Tab, tmp_path: Path, detailed: bool) -> None:
    opened(tab, page_of(job(), detailed=detailed), tmp_path)
    head = "[...document.querySelectorAll('[aria-label=Parts] th')].find(e => e.textContent === 'Energy')"
    tab.run(f"{head}.querySelector('button').id = 'sorted'")
    column = "[aria-label=Parts] tbody th"
    assert words(tab, column) == ["CPU", "GPU0", "GPU1"]

    tab.click("#sorted")
    assert tab.run(f"{head}.getAttribute('aria-sort')") == "descending"
    assert words(tab, column) == ["GPU1", "GPU0", "CPU"]

    tab.run("document.querySelector('#sorted').focus()")
    tab.press("Enter")
    assert tab.run(f"{head}.getAttribute('aria-sort')") == "ascending"
    assert words(tab, column) == ["CPU", "GPU0", "GPU1"]

    tab.press(" ")
    assert tab.run(f"{head}.getAttribute('aria-sort')") == "none"
    assert words(tab, column) == ["CPU", "GPU0", "GPU1"]


def test_figures_sort_by_their_size_and_the_unknown_comes_last(tab: devtools.Tab, tmp_path: Path) -> None:
    page = page_of(job(), detailed=False)
    rows = ("900 J", "2 h 5 min", "1.44 kWh", "–", "≈0.3 Wh", "1,200 J", "−3 g", "27 min 30 s", "5 g over (10 %)")
    table = (
        '<table id="mixed"><thead><tr><th scope="col" class="n">Energy</th></tr></thead><tbody>'
        + "".join(f"<tr><td class=n>{row}</td></tr>" for row in rows)
        + '<tr class="sum"><td class="n">7 J</td></tr></tbody></table>'
    )
    opened(tab, page.replace("<footer>", table + "<footer>"), tmp_path)

    tab.click("#mixed button")

    found = words(tab, "#mixed tbody td")
    assert found == [
        "1.44 kWh", "2 h 5 min", "27 min 30 s", "1,200 J", "≈0.3 Wh", "900 J", "−3 g", "5 g over (10 %)", "–", "7 J",
    ]  # fmt: skip


@needs_library
def test_hostile_names_are_only_ever_text(tab: devtools.Tab, tmp_path: Path) -> None:
    recording = job(name=HOSTILE, label=HOSTILE)
    recording = replace(recording, meters=tuple(replace(meter, label=HOSTILE) for meter in recording.meters))

    opened(tab, page_of(recording), tmp_path)

    assert tab.run("document.querySelectorAll('img').length") == 0
    assert tab.run("document.querySelectorAll('.drawn').length") == 1
    assert HOSTILE[:20] in words(tab, ".meters .name")[1]
    point_at(tab, 75)
    assert HOSTILE[:20] in words(tab, ".reading")[0]


@needs_library
def test_a_library_that_is_another_leaves_the_still_chart(
    tab: devtools.Tab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "source", lambda: "window.Bokeh = {Models: {}};")

    page = page_of(job())
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    tab.open(tmp_path / "report.html")

    tab.wait("document.querySelector('.chart').dataset.trouble")
    assert tab.run("document.querySelectorAll('.live, .drawn').length") == 0
    assert tab.run("document.querySelector('svg.power').checkVisibility()")


@pytest.mark.parametrize("detailed", [False, pytest.param(True, marks=needs_library)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(tab: devtools.Tab, tmp_path: Path, scheme: str, detailed: bool) -> None:
    page = page_of(job("first"), job("second"), detailed=detailed)
    opened(tab, page.replace("<details>", "<details open>"), tmp_path, scheme=scheme)
    if detailed:
        tab.wait("document.querySelectorAll('.drawn').length === 2")

    tab.run(f"{AXE.read_text(encoding='utf-8')}; 0")
    found = tab.run("axe.run().then(told => told.violations.map(row => [row.id, row.nodes.map(node => node.html)]))")

    assert found == []
