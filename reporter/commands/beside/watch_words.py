"""The words of a watched job: what it will take, why it is ended, and how that went."""

from __future__ import annotations

from typing import NamedTuple

from reporter.domain.budget import Budget, Metric
from reporter.domain.carbon import Site
from reporter.domain.ceiling import Ceiling, in_unit
from reporter.domain.projection import Projection
from reporter.domain.units import scale_of
from reporter.metering.command import CommandResult
from reporter.metering.stopping import Stopping
from reporter.report.format import (
    FEWEST_DIGITS,
    NARROW,
    Scale,
    amount,
    duration,
    emission_scale,
    energy_scale,
    interval,
    unit_scale,
)

NS_PER_S = 1_000_000_000
LEAST_READABLE, MOST_READABLE = 0.1, 10_000


class Ended(NamedTuple):
    """Why a job was ended: the budget, what it had taken, and what it would have taken, joules at the machine."""

    ceiling: Ceiling
    site: Site
    it_j: float
    projection: Projection | None

    @property
    def why(self) -> str:
        """For the flag: `projected 81 g`."""
        if self.projection is None:
            return "spent"
        return f"projected {_amount(self.ceiling.budget, self.projection.energy_j, self.site)}"


def prediction(projection: Projection, site: Site | None, ceiling: Ceiling | None) -> str:
    """`At this pace: 81 g (70–95) of the 50 g budget, done in about 40 min`."""
    metrics = [ceiling.budget.metric] if ceiling else [Metric.EMISSIONS, Metric.ENERGY]
    if site is None:
        energy_j = projection.energy_j
        parts = [_plain(amount(energy_j, energy_scale([energy_j]), FEWEST_DIGITS))]
    else:
        unit = ceiling.budget.unit if ceiling else None
        parts = [_with_range(metric, projection, site, unit) for metric in metrics]
    of = f" of the {ceiling.budget.rule} budget" if ceiling else ""
    return f"At this pace: {', '.join(parts)}{of}, done in about {_plain(duration(projection.left_s))}"


def ending(ended: Ended, grace_s: float) -> str:
    """What is said when the order is given."""
    rule, grace = ended.ceiling.budget.rule, _plain(duration(grace_s))
    if ended.projection is None:
        why = f"The budget of {rule} is spent"
    else:
        budget = ended.ceiling.budget
        projected = _with_range(budget.metric, ended.projection, ended.site, budget.unit)
        why = f"The budget of {rule} will be exceeded: {projected} at this pace"
    return f"{why}. The command is sent SIGTERM and has {grace} for a checkpoint; then SIGKILL."


def epilogue(ended: Ended, stopping: Stopping, command: CommandResult, it_j: float | None) -> str:
    """What is said at the end; `it_j` is what it took with its checkpoint, None where that is not known."""
    budget = ended.ceiling.budget
    taken_j = ended.it_j if it_j is None else it_j
    after = _plain(duration((command.end_ns - command.start_ns) / NS_PER_S))
    took = _plain(duration((command.end_ns - (stopping.ordered_ns or command.end_ns)) / NS_PER_S))
    how = (
        f"SIGTERM was not heeded, killed after {took}"
        if stopping.killed
        else f"it ended by itself {took} after SIGTERM"
    )
    projected = "" if ended.projection is None else f" ({ended.why})"
    saved = ""
    if ended.projection is not None and ended.projection.energy_j > taken_j:
        saved = f"; saved about {_amount(budget, ended.projection.energy_j - taken_j, ended.site)}"
    shown = _amount(budget, taken_j, ended.site, digits=3)
    return f"Stopped at {shown} of {budget.rule} after {after}{projected}: {how}{saved}."


def _with_range(metric: Metric, projection: Projection, site: Site, unit: str | None = None) -> str:
    value, low, high = (
        in_unit(metric, each, site) for each in (projection.energy_j, projection.low_j, projection.high_j)
    )
    scale = _scale(metric, value, unit)
    return f"{_plain(amount(value, scale, FEWEST_DIGITS))} ({interval(low, high, scale, unit=False)})"


def _amount(budget: Budget, it_j: float, site: Site, digits: int = FEWEST_DIGITS) -> str:
    value = in_unit(budget.metric, it_j, site)
    return _plain(amount(value, _scale(budget.metric, value, budget.unit), digits))


def _scale(metric: Metric, value: float, unit: str | None) -> Scale:
    """The rule's own unit where the value reads well in it."""
    if unit is not None and LEAST_READABLE <= value / scale_of(unit) < MOST_READABLE:
        return unit_scale(unit)
    return (energy_scale if metric is Metric.ENERGY else emission_scale)([value])


def _plain(text: str) -> str:
    """With ordinary spaces: a log is searched for `81 g`."""
    return text.replace(NARROW, " ")
