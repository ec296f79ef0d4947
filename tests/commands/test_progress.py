"""What is said while a command runs: when, how, and that a log or a terminal takes no harm of it."""

from __future__ import annotations

import itertools
import os
import pty
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reporter.commands import Invocation
from reporter.commands.beside.manner import Manner, manner_of, moments_s
from reporter.commands.beside.progress import Progress
from reporter.commands.beside.progress_words import Screen, Told, drawer, fitting, text_of
from reporter.commands.settings import Settings, load
from reporter.domain.carbon import Intensity, Level, Pue, Site
from reporter.domain.readings import Column, Description, Hardware, Quantity
from reporter.domain.running import MeterSoFar, SoFar
from reporter.metering.sources import Source, Sources
from tests.factories import meter_of

S = 1_000_000_000
SITE = Site(
    intensity=Intensity(
        gco2e_per_kwh=100.0, region="X", label="X", kind="average", origin="table", scope="lifecycle", source="s",
        year=2024, resolved="annual", uncertainty_ratio=0.1,
    ),
    pue=Pue(ratio=1.5, source="s", year=2024, level=Level.GIVEN, uncertainty_ratio=0.0),
)  # fmt: skip
SO_FAR = SoFar(
    it_j=360_000.0,
    power_w=312.0,
    meters=(MeterSoFar("H100", 300_000.0, 290.0), MeterSoFar("A100", None, None)),
)


def settings_of(*budgets: str, progress: str = "auto", **environ: str) -> Settings:
    return load(Invocation(verb="run", options={"progress": progress}, budgets=budgets, environ=environ))


@pytest.mark.parametrize(
    ("progress", "environ", "terminal", "expected"),
    [
        ("auto", {}, False, None),
        ("auto", {"TERM": "xterm"}, True, Manner.LIVE),
        ("auto", {"TERM": "dumb"}, True, None),
        ("auto", {}, True, None),
        ("auto", {"CI": "true"}, False, Manner.LINES),
        ("auto", {"CI": "false"}, False, None),
        ("auto", {"CI": "true", "GITHUB_ACTIONS": "true"}, False, Manner.GROUPS),
        ("auto", {"CI": "true", "TERM": "xterm"}, True, Manner.LINES),
        ("always", {}, False, Manner.LINES),
        ("always", {"TERM": "xterm"}, True, Manner.LIVE),
        ("always", {"TERM": "xterm", "CI": "true"}, True, Manner.LIVE),
        ("always", {"GITHUB_ACTIONS": "true"}, False, Manner.GROUPS),
        ("never", {"TERM": "xterm", "CI": "true"}, True, None),
    ],
)
def test_how_it_is_told(
    progress: str, environ: dict[str, str], terminal: bool, expected: Manner | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stream:
        def isatty(self) -> bool:
            return terminal

    settings = settings_of(progress=progress, **environ)
    monkeypatch.setattr("sys.stderr", Stream())

    assert manner_of(settings, quiet=False) is expected
    assert manner_of(settings, quiet=True) is None


def test_a_log_has_a_line_after_a_minute_and_then_ever_more_rarely() -> None:
    assert [*itertools.islice(moments_s(Manner.GROUPS), 7)] == [60, 180, 420, 900, 1500, 2100, 2700]
    assert [*itertools.islice(moments_s(Manner.LIVE), 3)] == [1, 2, 3]


def test_a_line_has_time_power_energy_emissions_and_the_budget_that_is_used_most() -> None:
    told = text_of(SO_FAR, 36_061.9, SITE, settings_of("50 g", "1 kWh", "3 J/sample").config)

    # 100 Wh × 1.5 = 150 Wh; × 100 g/kWh = 15 g: 30 % of 50 g, 15 % of 1 kWh
    assert told.line == "10:01:01 · 312 W · ~150 Wh · ~15.0 g CO2e · 30 % of 50 g"
    assert told.meters == ("H100: 290 W, ~83.3 Wh", "A100: –, ~–")


def test_meters_of_one_name_are_told_apart() -> None:
    so_far = SO_FAR._replace(meters=tuple(MeterSoFar(label, 36.0, 1.0) for label in ("H100", "CPU", "H100")))

    told = text_of(so_far, 5, SITE, settings_of().config)

    assert [row.partition(":")[0] for row in told.meters] == ["H100 #1", "CPU", "H100 #2"]


def test_where_the_site_is_not_known_yet_there_are_no_emissions_and_no_share() -> None:
    told = text_of(SO_FAR, 5, None, settings_of("50 g", "1 kWh").config)

    assert told.line == "0:00:05 · 312 W · ~100 Wh"


def test_what_is_not_measured_is_left_out_and_never_0() -> None:
    nothing = SoFar(it_j=None, power_w=None, meters=())

    assert text_of(nothing, 61, SITE, settings_of("50 g").config).line == "0:01:01"


def test_a_group_is_safe_from_what_a_meter_is_called() -> None:
    labels = ("::error::boo", "a\n::set-output name=x::y\r", "##[error]boo", "x" * 500, "100%")
    so_far = SO_FAR._replace(meters=tuple(MeterSoFar(label, 1.0, 1.0) for label in labels))
    draw, clear = drawer(Manner.GROUPS, {})

    lines = draw(text_of(so_far, 600, SITE, settings_of("50 g").config)).splitlines()

    assert lines[0] == "::group::emissions 0:10:00 · 312 W · ~150 Wh · ~15.0 g CO2e · 30 %25 of 50 g"
    assert lines[-1] == "::endgroup::"
    assert len(lines) == 2 + len(labels)
    for line in lines[1:-1]:
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert len(line) < 100
    assert clear() == ""


def test_a_stderr_of_plain_letters_gets_plain_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", type("Ascii", (), {"encoding": "ascii"})())

    draw, _ = drawer(Manner.LINES, {})

    assert draw(text_of(SO_FAR, 5, None, settings_of().config)) == "emissions: 0:00:05 | 312 W | ~100 Wh\n"


def test_a_line_is_cut_between_its_parts_never_inside_a_number() -> None:
    parts = ("0:00:05", "312 W", "~150 Wh")

    assert fitting(parts, 25) == "0:00:05 · 312 W · ~150 Wh"
    assert fitting(parts, 24) == "0:00:05 · 312 W"
    assert fitting(parts, 7) == "0:00:05"
    assert fitting(parts, 6) == ""


class FakeClock:
    """Waiting passes time; after so many waits the job ends."""

    def __init__(self, waits: int, late_s: float = 0.0) -> None:
        self.now = 7 * S
        self.waits = waits
        self.late_s = late_s
        self.stop: Callable[[], None] = lambda: None

    def now_ns(self) -> int:
        return self.now

    def wall_ns(self) -> int:
        return self.now

    def boot_ns(self) -> int | None:
        return None

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.waits -= 1
        if self.waits < 0:
            self.stop()
        self.now += round((seconds + self.late_s) * S)
        return event.is_set()


def sources_of() -> Sources:
    meter = meter_of("gpu0", label="H100")
    columns = (Column(meter_id="gpu0", quantity=Quantity.ENERGY_UJ),)
    probe: Any = None
    return Sources(sources=(Source("nvml", probe, Description(meters=(meter,), columns=columns)),))


def told_of(how: Manner, clock: FakeClock, site: Callable[[], Site | None] = lambda: SITE) -> list[str]:
    said: list[str] = []
    progress = Progress(how, settings_of("50 g"), say=said.append, clock=clock)
    writer = progress.writer(None, warn=said.append)
    writer.command(clock.now, 1)
    for second in range(4000):
        writer.sample(0, clock.now + second * S, (1_000_000 * 300 * second,))
    clock.stop = progress.stop
    progress.run(sources_of(), Hardware(), site)
    progress.stop()
    return [text for text in said if text]


def test_lines_come_at_their_moments() -> None:
    said = told_of(Manner.LINES, FakeClock(waits=3))

    assert [line.split(" · ")[0] for line in said] == ["emissions: 0:01:00", "emissions: 0:03:00", "emissions: 0:07:00"]
    assert all(line.endswith("of 50 g\n") and " · 300 W · " in line for line in said)


def test_moments_that_were_slept_through_are_left_out() -> None:
    said = told_of(Manner.LINES, FakeClock(waits=2, late_s=1000))

    assert [line.split(" · ")[0] for line in said] == ["emissions: 0:17:40", "emissions: 0:41:40"]


def test_each_group_is_written_at_once() -> None:
    for text in told_of(Manner.GROUPS, FakeClock(waits=2)):
        assert text.startswith("::group::emissions ")
        assert text.endswith("::endgroup::\n")
        assert "\n- H100: 300 W, ~" in text


def test_after_the_end_nothing_is_said() -> None:
    said: list[str] = []
    progress = Progress(Manner.LINES, settings_of(), say=said.append, clock=FakeClock(waits=10**6))
    progress.writer(None, warn=said.append).command(0, 1)

    progress.stop()
    progress.stop()
    progress.run(sources_of(), Hardware(), lambda: SITE)

    assert [text for text in said if text] == []


def test_a_command_that_was_not_started_has_no_progress() -> None:
    said: list[str] = []
    progress = Progress(Manner.LINES, settings_of(), say=said.append)
    progress.writer(None, warn=said.append)

    progress.run(sources_of(), Hardware(), lambda: SITE)

    assert said == []


def test_without_progress_the_recording_is_not_followed(tmp_path: Path) -> None:
    progress = Progress(None, settings_of())
    writer = progress.writer(tmp_path / "r", warn=print)
    progress.run(sources_of(), Hardware(), lambda: SITE)
    progress.stop()
    writer.close()

    assert not hasattr(writer, "news")


@pytest.fixture
def terminal() -> Any:
    """A terminal of its own: the number of our end, and a function that sets its columns."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()

    def resize(columns: int) -> None:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    yield theirs, resize
    os.close(ours)
    os.close(theirs)


TOLD = Told(parts=("0:00:05", "312 W", "~150 Wh"), meters=())
LINE = "0:00:05 · 312 W · ~150 Wh"


def test_on_a_terminal_the_cursor_goes_back_to_where_it_was(terminal: Any) -> None:
    descriptor, resize = terminal
    resize(80)
    screen = Screen(colour=False, descriptor=descriptor)

    assert screen.draw(TOLD) == f"\x1b7\x1b[55G\x1b[K\x1b[55G{LINE}\x1b8"
    assert screen.clear() == "\x1b7\x1b[55G\x1b[K\x1b8"
    assert screen.clear() == ""


def test_a_shorter_line_leaves_nothing_of_a_longer_one(terminal: Any) -> None:
    descriptor, resize = terminal
    resize(80)
    screen = Screen(colour=False, descriptor=descriptor)
    screen.draw(TOLD)

    assert screen.draw(Told(parts=("0:00:06",), meters=())) == "\x1b7\x1b[55G\x1b[K\x1b[73G0:00:06\x1b8"


def test_a_terminal_that_is_made_narrower_gets_fewer_parts_and_none_at_last(terminal: Any) -> None:
    descriptor, resize = terminal
    screen = Screen(colour=False, descriptor=descriptor)
    resize(20)

    assert screen.draw(TOLD) == "\x1b7\x1b[5G\x1b[K\x1b[5G0:00:05 · 312 W\x1b8"
    resize(5)
    assert screen.draw(TOLD) == "\x1b7\x1b[5G\x1b[K\x1b8"
    assert screen.draw(TOLD) == ""


def test_colour_is_used_only_where_it_is_wanted(terminal: Any) -> None:
    descriptor, _ = terminal

    assert "\x1b[2m" in Screen(colour=True, descriptor=descriptor).draw(TOLD)
    assert "m" not in Screen(colour=False, descriptor=descriptor).draw(TOLD).replace(LINE, "")


def test_a_program_that_reads_single_keys_has_the_terminal_to_itself(terminal: Any) -> None:
    import tty

    descriptor, _ = terminal
    screen = Screen(colour=False, descriptor=descriptor)
    tty.setcbreak(descriptor)

    assert screen.draw(TOLD) == ""


def test_what_is_no_terminal_is_not_drawn_on(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        assert Screen(colour=False, descriptor=file.fileno()).draw(TOLD) == ""
