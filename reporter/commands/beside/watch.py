"""What a running job will have taken at its end, and the order to end it where a budget says so.

It looks on beside the command, in the thread that tells how it goes: whatever fails here is a warning, and nothing is
ended by what was not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.commands.beside.metrics import Report, Reports
from reporter.commands.beside.watch_words import Ended, ending, epilogue, prediction
from reporter.commands.output import warn
from reporter.commands.settings import Settings
from reporter.config import Config
from reporter.domain.ceiling import Ceiling, about, ceiling, holds
from reporter.domain.projection import Pace, Projection, is_early
from reporter.domain.readings import Component, Job
from reporter.domain.stopped import Stopped, stopped_flag
from reporter.errors import ConfigError, Problem
from reporter.metering.stopping import Stopping

if TYPE_CHECKING:
    from reporter.domain.carbon import Site
    from reporter.domain.running import SoFar
    from reporter.metering.command import CommandResult
    from reporter.metering.sources import Sources

FIRST_LOOK_S, RAREST_LOOK_S = 1.0, 10.0
LOOK_RATIO = 0.005
"""A look after so much of the time that has passed: the stop comes no later than that, and no look costs anything."""
CERTAIN_LOOKS = 3
"""So many reports of progress in a row must say that the budget will be exceeded: one may be off by chance."""
PREDICTED_AGAIN_RATIO = 2.0
"""The prediction is repeated whenever progress has doubled."""
UNREAD_LOOKS = 10
"""After so many looks without any energy nothing will come."""


def check_stop(config: Config) -> None:
    """Raises ConfigError where the command is to be ended by a budget, and none of them could."""
    live = config.provider is not None
    if not config.stop_at_budget or any(holds(budget, live=live) for budget in config.budgets):
        return
    rules = ", ".join(f"`{budget.rule}`" for budget in config.budgets)
    message = f"None of the budgets can end a command: {rules}" if rules else "There is no budget to stop at"
    advice = "Add a limit for the job as a whole, such as `--budget '50 g'`."
    if live and any(holds(budget, live=False) for budget in config.budgets):
        advice = f"What `{config.provider}` says of the job's time is known only at its end: add a limit in kWh."
    raise ConfigError(Problem(message, origin=config.origins.get("stop-at-budget"), suggestion=advice))


class Watch:
    """Watches one job; `job` is what its budgets are about, `stopping` what ends it."""

    def __init__(self, settings: Settings, job: Job, *, quiet: bool, say: Callable[[str], None] = warn) -> None:
        config = settings.config
        self.stopping = Stopping(config.stop_grace_s)
        self._say = say
        self._predicts = config.predict and not quiet
        self._stops = config.stop_at_budget
        self._budgets = tuple(
            budget for budget in about(config.budgets, job) if holds(budget, live=config.provider is not None)
        )
        self._reports = Reports(None if config.metrics is None else Path(config.metrics))
        self._time_limit_s = config.time_limit_s
        self._pace = Pace()
        self._certain = self._looks = 0
        self._told_at_ratio = 0.0
        self._ended: Ended | None = None
        self._failed = False
        self._said: set[str] = set()

    def moments_s(self) -> Iterator[float]:
        """When to look, seconds since the command's start."""
        at_s = 0.0
        while True:
            at_s += min(max(FIRST_LOOK_S, LOOK_RATIO * at_s), RAREST_LOOK_S)
            yield at_s

    def begin(self, sources: Sources) -> None:
        """Say what cannot work; call this once the command runs."""
        if not self._stops:
            return
        if not sources.meters:
            self._once("Nothing can be stopped by a budget: there is no reading.")
        elif not self._budgets:
            self._once("No budget is about this job as a whole: nothing stops it.")
        for row in sources.unavailable:
            if row.component in (Component.GPU, Component.MODULE) and not row.expected:
                self._once(f"{row.source} is not read ({row.reason}): the command is stopped by what is read alone.")

    def look(self, so_far: SoFar, elapsed_s: float, site: Site | None) -> None:
        """Look once; never raises."""
        if self._failed or self._ended is not None:
            return
        try:
            self._look(so_far, elapsed_s, site)
        except Exception as error:  # noqa: BLE001  (the command runs on, whatever is wrong with us)
            self._failed = True
            self._once(
                f"The budget is not watched any more ({type(error).__name__}: {error}): nothing stops the command."
            )

    def epilogue(self, command: CommandResult, it_j: float | None) -> None:
        """Say how the stop went, if there was one; `it_j` is what the job took, joules at the machine."""
        if self._ended is not None and self.stopping.ordered_ns is not None:
            self._say(epilogue(self._ended, self.stopping, command, it_j))

    def _look(self, so_far: SoFar, elapsed_s: float, site: Site | None) -> None:
        self._looks += 1
        report = self._report(elapsed_s)
        if so_far.it_j is None or so_far.low_j is None:
            if self._stops and self._looks == UNREAD_LOOKS:
                self._once("Nothing can be stopped by a budget so far: there is no reading.")
            return
        is_news = report is not None and self._pace.add(elapsed_s, report.progress_ratio, so_far.it_j)
        if self._pace.is_void:
            self._once("Progress went back in the metrics file: nothing is projected from it any more.")
        found = self._pace.projection() if is_news else None
        if report is None or is_early(report.progress_ratio, report.epochs):
            found = None
        limit = ceiling(self._budgets, site) if site is not None else None
        if limit is not None and site is not None and self._stops:
            self._hold(limit, so_far, found, site, is_news=is_news)
        if found is not None and self._ended is None:
            self._predict(found, site, limit)

    def _report(self, elapsed_s: float) -> Report | None:
        """What the job says of its progress; where it says nothing, how much of its time has passed."""
        report = self._reports.news()
        if self._reports.trouble:
            self._once(self._reports.trouble)
        if report is None and self._time_limit_s and not self._reports.known:
            report = Report(progress_ratio=min(1.0, elapsed_s / self._time_limit_s))
        return report

    def _hold(self, limit: Ceiling, so_far: SoFar, found: Projection | None, site: Site, *, is_news: bool) -> None:
        """End the command where all that a repeat would give is over the limit, now or at the end."""
        low_j, it_j = so_far.low_j or 0.0, so_far.it_j or 0.0
        if is_news:
            doubt_j = it_j - low_j
            is_certain = found is not None and found.low_j - doubt_j > limit.it_j
            self._certain = self._certain + 1 if is_certain else 0
        spent = low_j > limit.it_j
        if not spent and self._certain < CERTAIN_LOOKS:
            return
        ended = Ended(limit, site, it_j, None if spent else found)
        flag = stopped_flag(Stopped(rule=limit.budget.rule, why=ended.why))
        self._ended = ended
        if self.stopping.order(flag):
            self._say(ending(ended, self.stopping.grace_s))

    def _predict(self, found: Projection, site: Site | None, limit: Ceiling | None) -> None:
        if self._predicts and found.progress_ratio >= PREDICTED_AGAIN_RATIO * self._told_at_ratio:
            self._told_at_ratio = found.progress_ratio
            self._say(prediction(found, site, limit))

    def _once(self, words: str) -> None:
        if words not in self._said:
            self._said.add(words)
            self._say(words)
