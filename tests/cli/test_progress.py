"""Progress as users see it: on a real terminal, and in logs."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.cli.command import METER, Emissions

DRAWN = re.compile(r"\x1b7\x1b\[(\d+)G\x1b\[K\x1b\[(\d+)G(.*?)\x1b8", re.DOTALL)
CLEARED = re.compile(r"\x1b7\x1b\[\d+G\x1b\[K\x1b8")
ESCAPES = re.compile(r"\x1b(?:[78]|\[[0-9;]*[A-Za-z])")
CLOCK = re.compile(r"0:00:0\d · ")


class Terminal:
    """Runs `emissions` on a pseudo-terminal of its own and keeps all that appears there."""

    def __init__(self, emissions: Emissions, *argv: str, columns: int = 100, **environ: str) -> None:
        settings = {**emissions.environ, "TERM": "xterm", **environ}
        self.pid, self.descriptor = pty.fork()
        if not self.pid:
            try:
                time.sleep(0.1)  # until the size is set
                os.chdir(emissions.cwd)
                os.execvpe(METER[0], [*METER, *argv], settings)
            finally:
                os._exit(99)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        shown = b""
        while True:
            try:
                data = os.read(self.descriptor, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.descriptor)
        self.shown = shown.decode()


def test_a_terminal_has_a_live_line_that_is_gone_before_the_summary(emissions: Emissions) -> None:
    terminal = Terminal(emissions, "run", "--region", "FR", "--budget", "50 g", "--", "sh", "-c", "sleep 2.5; exit 3")

    drawn = DRAWN.findall(terminal.shown)
    assert terminal.status == 3
    assert len(drawn) == 2
    for erased, at, text in drawn:
        plain = ESCAPES.sub("", text)
        assert re.fullmatch(
            r"0:00:0[12] · [\d.]+ W · ~[\d.]+ (?:J|Wh) · ~[\d.]+ [µm]?g CO2e · <?[\d.]+ % of 50 g", plain
        )
        assert int(erased) <= int(at) == 100 - len(plain)
    cleared = CLEARED.search(terminal.shown)
    summary = terminal.shown.index("CO₂e")
    assert cleared is not None
    assert max(match.end() for match in DRAWN.finditer(terminal.shown)) <= cleared.start() < summary


def test_what_the_command_writes_arrives_as_it_was_written(emissions: Emissions) -> None:
    script = "printf 'Continue? [y/N] '; sleep 1.6; printf 'y\\nepoch 1\\n'; sleep 1; printf 'epoch 2\\n' >&2"

    terminal = Terminal(emissions, "run", "--region", "FR", "--", "sh", "-c", script)

    assert len(DRAWN.findall(terminal.shown)) == 2
    drawings_taken_out = CLEARED.sub("", DRAWN.sub("", terminal.shown))
    assert drawings_taken_out.startswith("Continue? [y/N] y\r\nepoch 1\r\nepoch 2\r\n")


@pytest.mark.parametrize(
    ("options", "environ"),
    [
        (("--quiet",), {}),
        (("--progress", "never"), {}),
        ((), {"TERM": "dumb"}),
        ((), {"EMISSIONS_PROGRESS": "never"}),
        ((), {"CI": "true"}),
    ],
)
def test_a_terminal_is_left_alone_where_it_is_asked_for(
    emissions: Emissions, options: tuple[str, ...], environ: dict[str, str]
) -> None:
    terminal = Terminal(emissions, "run", "--region", "FR", *options, "--", "sleep", "1.3", **environ)

    assert terminal.status == 0
    assert "\x1b7" not in terminal.shown
    assert CLOCK.search(terminal.shown) is None


def test_no_color_is_heeded(emissions: Emissions) -> None:
    terminal = Terminal(emissions, "run", "--region", "FR", "--", "sleep", "1.3", NO_COLOR="1")

    assert DRAWN.search(terminal.shown)
    assert "\x1b[2m" not in terminal.shown


def test_a_program_that_takes_the_terminal_over_is_not_drawn_upon(emissions: Emissions) -> None:
    script = "import tty, time; tty.setcbreak(0); print('mine', flush=True); time.sleep(1.8)"

    terminal = Terminal(emissions, "run", "--region", "FR", "--", sys.executable, "-c", script)

    assert "mine" in terminal.shown
    assert DRAWN.search(terminal.shown) is None


def test_a_narrow_terminal_never_wraps(emissions: Emissions) -> None:
    terminal = Terminal(emissions, "run", "--region", "FR", "--", "sleep", "1.3", columns=24)

    ((_, at, text),) = DRAWN.findall(terminal.shown)
    assert int(at) + len(ESCAPES.sub("", text)) == 24


@pytest.mark.parametrize("environ", [{}, {"CI": "true", "GITHUB_ACTIONS": "true"}])
def test_a_short_job_has_nothing_but_its_summary_in_a_log(emissions: Emissions, environ: dict[str, str]) -> None:
    ran = emissions("run", "--region", "FR", "--", "sleep", "1.2", **environ)

    assert ran.status == 0
    assert "::group::" not in ran.err
    assert CLOCK.search(ran.err) is None
    assert "\x1b" not in ran.err


def test_progress_that_fails_costs_neither_status_nor_report(emissions: Emissions, tmp_path: Path) -> None:
    """The module that draws is broken: nothing is told, everything else is as always."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'reporter.commands.beside.progress_words': raise RuntimeError('broken')\n"
        "sys.meta_path.insert(0, Blocker())\n"
    )
    path = f"{broken}:{emissions.environ['PYTHONPATH']}"

    terminal = Terminal(emissions, "run", "--region", "FR", "--", "sh", "-c", "sleep 1.3; exit 5", PYTHONPATH=path)

    assert terminal.status == 5
    assert "Traceback" not in terminal.shown
    assert "CO₂e" in terminal.shown
    assert DRAWN.search(terminal.shown) is None


def test_nothing_of_progress_delays_the_command(emissions: Emissions) -> None:
    observed = emissions.observed()

    ran = observed("run", "--region", "FR", "--progress", "always", "--", "true")

    assert ran.status == 0, ran.err
    before = observed.notes[: observed.notes.index("started")]
    assert not [note for note in before if note.endswith(("progress_words", "domain.running", "report.format"))]


def test_a_job_ends_at_once_though_the_next_line_is_an_hour_away(emissions: Emissions) -> None:
    began = time.monotonic()
    ran = emissions("run", "--region", "FR", "--progress", "always", "--", "sleep", "1")

    assert ran.status == 0
    assert time.monotonic() - began < 8
