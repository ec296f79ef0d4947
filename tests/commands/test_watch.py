"""The watch over a budget: what ends a command, what is only told, and what is never believed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from reporter.commands import Invocation
from reporter.commands.beside.metrics import Report, Reports
from reporter.commands.beside.watch import CERTAIN_LOOKS, UNREAD_LOOKS, Watch, check_stop
from reporter.commands.beside.watch_words import epilogue
from reporter.commands.settings import load
from reporter.domain.readings import Component, Job, Unavailable
from reporter.domain.running import SoFar
from reporter.errors import ConfigError
from reporter.metering.command import CommandResult
from reporter.metering.inbox import STOP
from reporter.metering.sources import Sources
from tests.commands.test_progress import SITE, sources_of

S = 1_000_000_000
EACH_J = 24_000.0
"""1 g at the site: × 1.5 for the building × 100 g/kWh."""


class Inbox:
    """Takes the order."""

    def __init__(self) -> None:
        self.put_in: list[int] = []

    def put(self, number: int) -> None:
        self.put_in.append(number)


class Watched:
    """A job of 300 W whose metrics file says what a test wants."""

    def __init__(self, folder: Path, *budgets: str, name: str = "train", **options: str) -> None:
        self.file = folder / "metrics.json"
        given: dict[str, Any] = {"metrics": str(self.file), "stop-at-budget": "true", **options}
        settings = load(Invocation(verb="run", options=given, budgets=budgets, environ={}))
        self.said: list[str] = []
        self.watch = Watch(settings, Job(name=name), quiet=False, say=self.said.append)
        self.inbox: Any = Inbox()
        self.watch.stopping.listen(self.inbox)
        self.at_s = 0.0

    def write(self, text: object) -> None:
        part = self.file.with_suffix(".part")
        part.write_text(text if isinstance(text, str) else json.dumps(text))
        part.replace(self.file)

    def look(self, grams: float | None, *, low: float | None = None) -> None:
        self.at_s += 1
        it_j = None if grams is None else grams * EACH_J
        low_j = it_j if low is None else low * EACH_J
        self.watch.look(SoFar(it_j=it_j, power_w=300.0, meters=(), low_j=low_j), self.at_s, SITE)

    def steps(self, first: int, last: int, each: float = 1.0) -> None:
        """Reports of so many per cent, each of which takes so many grams."""
        for step in range(first, last + 1):
            self.write({"progress": step / 100})
            self.look(step * each)

    @property
    def is_ended(self) -> bool:
        return self.inbox.put_in == [STOP]


def test_a_budget_is_spent_when_all_that_a_repeat_would_give_is_over_it(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "50 g")

    watched.look(50.4, low=49.9)
    assert not watched.is_ended
    watched.look(50.6, low=50.1)
    assert watched.is_ended
    assert watched.watch.stopping.flag == "stopped-at-budget:50 g: spent"
    assert watched.said == [
        "The budget of 50 g is spent. The command is sent SIGTERM and has 1 min for a checkpoint; then SIGKILL."
    ]


def test_a_budget_that_is_certain_to_be_exceeded_ends_it_after_the_first_tenth_and_three_reports(
    tmp_path: Path,
) -> None:
    watched = Watched(tmp_path, "50 g")

    watched.steps(0, 9 + CERTAIN_LOOKS - 1)
    assert not watched.is_ended
    watched.steps(9 + CERTAIN_LOOKS, 9 + CERTAIN_LOOKS)
    assert watched.is_ended
    assert watched.watch.stopping.flag == "stopped-at-budget:50 g: projected 100 g"
    assert "projected" not in watched.said[0]
    assert watched.said[0].startswith("The budget of 50 g will be exceeded: 100 g (")


def test_looks_without_a_new_report_are_no_evidence(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "50 g")
    watched.steps(0, 10)

    for _ in range(20):
        watched.look(10.0)

    assert not watched.is_ended


@pytest.mark.parametrize("each", [0.3, 0.49])
def test_a_job_that_will_stay_within_its_budget_runs_on(tmp_path: Path, each: float) -> None:
    watched = Watched(tmp_path, "50 g")

    watched.steps(0, 100, each)

    assert not watched.is_ended
    assert watched.said == []


def test_one_that_may_stay_within_it_runs_on_until_it_cannot(tmp_path: Path) -> None:
    """It takes 50.2 g of 50: only the last few per cent can tell."""
    watched = Watched(tmp_path, "50 g")

    watched.steps(0, 92, 0.502)
    assert not watched.is_ended
    watched.steps(93, 100, 0.502)
    assert watched.is_ended


@pytest.mark.parametrize(
    "garbage",
    [
        "", "{", '{"progress": 0.', "[]", "null", '{"progress": NaN}', '{"progress": "0.5"}', '{"progress": true}',
        '{"progress": -1}', '{"progress": 42}', '{"progress": null}', '{"progress": 1e999}', '{"epochs": 3}',
        "\xff\xfe",
        '{"epochs": 3, "epochs_total": 0}', '{"epochs": "3", "epochs_total": 100}', "[" * 100_000, '{"progress": [1]}',
        '{"progress": 1' + "0" * 400 + "}",
    ],
    ids=lambda text: text[:20] or "empty",
)  # fmt: skip
def test_garbage_in_the_metrics_file_ends_nothing(tmp_path: Path, garbage: str) -> None:
    watched = Watched(tmp_path, "50 g")

    for step in range(30):
        watched.write(garbage + " " * step)
        watched.look(float(step))

    assert not watched.is_ended
    assert not [words for words in watched.said if "not watched any more" in words]


def test_progress_that_jumps_goes_back_or_ends_early_ends_nothing(tmp_path: Path) -> None:
    for place, story in enumerate(
        ([0.1, 0.9, 0.2, 0.3, 0.4, 0.5, 0.6], [0.0, 1.0, 1.0, 1.0], [0.9, 0.05, 0.1, 0.15, 0.2])
    ):
        (tmp_path / str(place)).mkdir()
        watched = Watched(tmp_path / str(place), "50 g")
        for step, progress in enumerate(story):
            watched.write({"progress": progress})
            watched.look(1.0 + 5.0 * step)
        assert not watched.is_ended, story


def test_that_progress_went_back_is_told_once(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "50 g")
    for progress in (0.5, 0.1, 0.2, 0.1, 0.3):
        watched.write({"progress": progress})
        watched.look(1.0)

    assert watched.said == ["Progress went back in the metrics file: nothing is projected from it any more."]


def test_a_share_that_is_written_in_per_cent_is_told(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "50 g")
    watched.write({"progress": 42})
    watched.look(1.0)

    assert watched.said == ["Progress is a number from 0 to 1: 42 in the metrics file is left out."]


def test_epochs_of_all_epochs_are_progress(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "50 g", predict="true")
    for epoch in range(4):
        watched.write({"epochs": epoch, "epochs_total": 100})
        watched.look(float(epoch) / 4)

    assert watched.said == ["At this pace: 25 g (23.8–26.2) of the 50 g budget, done in about 1 min 37 s"]


def test_the_prediction_comes_again_whenever_progress_has_doubled(tmp_path: Path) -> None:
    watched = Watched(tmp_path, **{"stop-at-budget": "false", "predict": "true"})

    watched.steps(0, 100)

    assert [words.partition(" (")[0] for words in watched.said] == ["At this pace: 100 g"] * 4
    assert [words.rpartition("about ")[2] for words in watched.said] == ["1 min 30 s", "1 min 20 s", "1 min", "20 s"]


def test_a_time_limit_stands_in_for_progress_until_there_is_some(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "50 g", **{"time-limit": "100 s"})
    for second in range(1, 14):
        watched.look(float(second))

    assert watched.is_ended
    assert watched.watch.stopping.flag == "stopped-at-budget:50 g: projected 100 g"


@pytest.mark.parametrize(
    "budget", ["130 J/sample", "+10%", "20 kg/month", "300 g/pull-request", "quality B", "measured 90%"]
)
def test_rules_on_work_history_and_quality_end_nothing(budget: str) -> None:
    settings = load(Invocation(verb="run", options={"stop-at-budget": "true"}, budgets=(budget,), environ={}))

    with pytest.raises(ConfigError, match="None of the budgets can end a command"):
        check_stop(settings.config)


def test_the_tightest_of_several_budgets_ends_it(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "50 g", "300 Wh", "1 kWh", "1 J/sample")  # 300 Wh × 100 g/kWh = 30 g
    watched.look(30.1)

    assert watched.is_ended
    assert watched.watch.stopping.flag == "stopped-at-budget:300 Wh: spent"


def test_without_a_reading_nothing_is_ended_and_that_is_told(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "50 g")
    watched.watch.begin(Sources())
    for step in range(2 * UNREAD_LOOKS):
        watched.write({"progress": step / 100})
        watched.look(None)

    assert not watched.is_ended
    assert watched.said == [
        "Nothing can be stopped by a budget: there is no reading.",
        "Nothing can be stopped by a budget so far: there is no reading.",
    ]


def test_a_gpu_that_is_not_read_is_told_and_ends_nothing(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "50 g")
    gone = Unavailable(source="nvml:GPU-1", reason="it was lost", component=Component.GPU)
    watched.watch.begin(sources_of()._replace(unavailable=(gone,)))
    watched.look(1.0)

    assert not watched.is_ended
    assert watched.said == ["nvml:GPU-1 is not read (it was lost): the command is stopped by what is read alone."]


def test_an_exception_is_a_warning_and_the_job_runs_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(tmp_path, "50 g")

    def broken(*_: object) -> None:
        raise RuntimeError("boo")

    monkeypatch.setattr("reporter.commands.beside.watch.ceiling", broken)
    watched.look(60.0)
    watched.look(70.0)

    assert not watched.is_ended
    assert watched.said == ["The budget is not watched any more (RuntimeError: boo): nothing stops the command."]


def test_a_metrics_file_of_an_earlier_run_is_not_this_ones(tmp_path: Path) -> None:
    file = tmp_path / "m.json"
    file.write_text('{"progress": 0.9}')
    reports = Reports(file)

    assert reports.news() is None
    file.write_text('{"progress": 0.10}')
    os.utime(file, ns=(1, 1))
    assert reports.news() == Report(progress_ratio=0.1)
    assert reports.news() is None


def test_a_torn_file_is_read_again_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "m.json"
    reports = Reports(file)
    file.write_text('{"progress": 0.')

    assert reports.news() is None
    file.write_text('{"progress": 0.25}')
    assert reports.news() == Report(progress_ratio=0.25)


def test_a_pipe_in_place_of_the_file_blocks_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.json")

    assert Reports(tmp_path / "m.json").news() is None


def test_the_last_word_says_what_was_taken_and_saved(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "50 g")
    watched.steps(0, 12, 0.81)
    assert watched.is_ended
    stopping = watched.watch.stopping
    stopping.ordered_ns = 717 * S

    watched.watch.epilogue(CommandResult(exit_status=0, start_ns=0, end_ns=720 * S), 48.9 * EACH_J)

    assert watched.said[-1] == (
        "Stopped at 48.9 g of 50 g after 12 min (projected 81 g): it ended by itself 3.0 s after SIGTERM; "
        "saved about 32 g."
    )
    stopping.killed = True
    assert "SIGTERM was not heeded, killed after 3.0 s" in epilogue(
        watched.watch._ended,
        stopping,
        CommandResult(exit_status=137, start_ns=0, end_ns=720 * S),
        None,  # type: ignore[arg-type]
    )


def test_a_command_that_ended_first_was_not_stopped(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "50 g")
    watched.watch.stopping.listen(None)
    watched.look(60.0)
    watched.watch.epilogue(CommandResult(exit_status=0, start_ns=0, end_ns=S), 60.0 * EACH_J)

    assert watched.said == []
    assert watched.watch.stopping.flags == ()
