"""What the meter touches: no network by default, and nothing slow before the command has started."""

from __future__ import annotations

import sys

import pytest

from tests.cli.command import Emissions, config

SLOW = ("requests", "jinja2", "yaml", "pynvml", "urllib3", "logging", "asyncio", "http.client", "email")


@pytest.fixture
def watched(emissions: Emissions) -> Emissions:
    return emissions.observed()


def imported(notes: list[str]) -> set[str]:
    return {line.removeprefix("import ").partition(".")[0] for line in notes if line.startswith("import ")} | {
        line.removeprefix("import ") for line in notes if line.startswith("import ")
    }


def contacts(notes: list[str]) -> list[str]:
    return [line for line in notes if line.startswith("socket.")]


def test_nothing_slow_is_imported_before_the_command_starts_and_nobody_is_called(watched: Emissions) -> None:
    ran = watched("run", "--budget", "50 g", "--", sys.executable, "-c", "import yaml, json; print('job')")

    before, after = (watched.notes[: watched.notes.index("started")], watched.notes[watched.notes.index("started") :])
    assert ran.status == 0, ran.err
    assert watched.notes.count("started") == 1
    assert not imported(before) & set(SLOW)
    assert "reporter.commands.run" not in imported(after)
    assert "reporter.commands.delivery.faces" in imported(after)
    assert not imported(watched.notes) & {"requests", "yaml", "pynvml"}
    assert contacts(watched.notes) == []


def test_yaml_is_imported_only_for_a_config_file(watched: Emissions) -> None:
    config(watched.cwd, "version: 1\nbudgets: [50 g]\n")

    ran = watched("run", "--", "true")

    assert ran.status == 0
    assert "yaml" in imported(watched.notes[: watched.notes.index("started")])


@pytest.mark.parametrize(
    "words",
    ["report ran", "report ran --format html --out o", "gate ran", "doctor", "factors list", "publish ran --dry-run",
     "publish ran", "report ran --region US-VA --intensity static"],
)  # fmt: skip
def test_no_verb_calls_anybody_by_default(watched: Emissions, ran: object, words: str) -> None:
    ended = watched(*words.split())

    assert ended.status == 0, ended.err
    assert contacts(watched.notes) == []
    assert "requests" not in imported(watched.notes)


def test_the_observer_would_see_a_call(watched: Emissions) -> None:
    ended = watched("run", "--region", "auto", "--", "sleep", "0.2")

    assert ended.status == 0
    assert contacts(watched.notes)
    assert all("169.254.169.254" in line for line in contacts(watched.notes) if line.startswith("socket.connect"))


def test_a_run_needs_no_package_that_is_optional_to_pass_the_command_through(watched: Emissions) -> None:
    ran = watched("run", "--", "sh", "-c", "echo hi; exit 5", BLOCKED="requests yaml pynvml jinja2 markupsafe")

    assert (ran.status, ran.out) == (5, b"hi\n")
    assert (ran.folder / "recording.jsonl").exists()
