"""How jobs are held against budgets: alone, together, against their base, with what was spent before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from reporter.domain.budget import (
    GRADES,
    PULL_REQUEST,
    Budget,
    Finding,
    Kind,
    Metric,
    Outcome,
    Verdict,
    terms,
    verdict_of,
)
from reporter.domain.coverage import Scopes, covers
from reporter.domain.observation import NOTHING, Bounded, Observation, added, together
from reporter.domain.period import S_PER_DAY, moment_of, period_of, seconds_of
from reporter.domain.spent import Spent, key_of
from reporter.domain.stopped import WHY
from reporter.domain.units import scale_of

LEAST_ELAPSED_RATIO = 0.05
"""Of a period must be over before its pace says anything."""
ROUNDING = 1e-9
WITHIN = "all that a repeat would give is within the limit"
OVER = "all that a repeat would give is over the limit"
CLOSE = "too close to call: a repeat may fall on either side of the limit"
NOISE = "too close to call: within the noise"
NO_HISTORY = "no history: set `history`"
LOST = "the history could not be read"
_DURING = {"day": "today", "week": "this week", "month": "this month", "year": "this year"}


class Told(NamedTuple):
    """What is found of one rule, in its unit."""

    outcome: Outcome
    why: str
    observed: Bounded = NOTHING
    more: dict[str, Any] = {}  # noqa: RUF012  (never changed)
    """The finding's other fields."""


def judge(budgets: Iterable[Budget], *jobs: Observation, ledger: Sequence[Spent] = ()) -> Verdict:
    """Hold jobs, taken together, against every budget that is about any of them; the worst finding is the verdict.

    A rule fails when all of the repeatability interval is over the limit, passes when none of it is,
    and is too close to call in between. What was not read makes it unknown, unless what was read is over already.
    `ledger` is what was spent before these jobs.
    """
    court = _Court(jobs, ledger)
    return verdict_of(finding for budget in budgets if (finding := court.finding(budget)) is not None)


class _Court:
    """Adds up the jobs that a rule is about, once for all rules about the same ones."""

    def __init__(self, jobs: Sequence[Observation], ledger: Sequence[Spent]) -> None:
        self._jobs = jobs
        self._spent = {spent.key: spent for spent in ledger}
        self._covered: dict[Scopes, tuple[list[Observation], str]] = {}
        self._sums: dict[tuple[object, ...], Observation] = {}

    def finding(self, budget: Budget) -> Finding | None:
        """None for a rule that is about none of the jobs."""
        covered, unsure = self._about(budget.scopes)
        if not covered and not unsure:
            return None
        told = Told(Outcome.NOT_JUDGED, unsure) if unsure else self._told(budget, covered)
        told = _cut_short(budget, covered, told)
        if budget.level == "warn" and told.outcome is Outcome.FAIL:
            told = told._replace(outcome=Outcome.WARN, why=f"{told.why}; this rule only warns")
        unit = f"{budget.unit}/{budget.per_unit}" if budget.per_unit else budget.unit
        seen = {"observed": told.observed.value, "low": told.observed.low, "high": told.observed.high, **told.more}
        return Finding(**{**terms(budget), "unit": unit, **seen}, outcome=told.outcome, why=told.why)

    def _about(self, scopes: Scopes) -> tuple[list[Observation], str]:
        if scopes not in self._covered:
            belongs = [(job, covers(scopes, job.job, job.branch, job.runner)) for job in self._jobs]
            unsure = next((_unnamed(scopes, job) for job, is_one in belongs if is_one is None), "")
            self._covered[scopes] = [job for job, is_one in belongs if is_one], unsure
        return self._covered[scopes]

    def _told(self, budget: Budget, covered: list[Observation]) -> Told:
        if budget.kind is Kind.SUM:
            return self._sum(budget, covered)
        seen = self._together(covered, budget.scopes)
        if budget.kind is Kind.INCREASE:
            return _increase(budget, seen)
        if budget.kind is Kind.QUALITY:
            return _quality(budget, seen)
        return _measured(budget, seen) if budget.kind is Kind.MEASURED else _limit(budget, seen)

    def _together(self, jobs: Sequence[Observation], *key: object) -> Observation:
        if key not in self._sums:
            self._sums[key] = together(jobs)
        return self._sums[key]

    def _sum(self, budget: Budget, covered: list[Observation]) -> Told:
        spent = self._spent.get(key_of(budget))
        if budget.per == PULL_REQUEST and spent is None and all(job.pull_request is None for job in covered):
            return Told(Outcome.NOT_JUDGED, "this is no pull request")
        since, until = (spent.since, spent.until) if spent else _period(budget, covered)
        now = [job for job in covered if since is None or until is None or since <= (job.started_at or since) < until]
        seen = self._together(now, budget.scopes, since, until)
        if spent is None:
            alone = _limit(budget, seen)
            if alone.outcome is Outcome.FAIL:
                return alone
            if seen.history_lost:
                return Told(Outcome.UNKNOWN, f"{LOST}: {seen.history_lost}")
            store = "artifact" if budget.per == PULL_REQUEST else "branch"
            return Told(Outcome.NOT_JUDGED, f"{NO_HISTORY} to `{store}` or `file:PATH`")
        return _with_spent(budget, seen, spent, len(now))


def _limit(budget: Budget, seen: Observation) -> Told:
    work = dict(seen.work).get(budget.per_unit) if budget.per_unit else None
    if budget.per_unit and not work:
        return Told(Outcome.UNKNOWN, f"the job reported no count of `{budget.per_unit}` in its metrics file")
    observed = _of(seen, budget.metric).scaled(1 / scale_of(budget.unit) / (work or 1))
    return Told(*_outcome(budget, observed, seen.unread), observed)


def _cut_short(budget: Budget, jobs: Sequence[Observation], told: Told) -> Told:
    """A job that a budget has ended is within no limit of whole jobs: nobody saw what it would have taken."""
    stopped = next((job.stopped for job in jobs if job.stopped), None)
    if stopped is None or budget.per_unit or budget.kind not in (Kind.LIMIT, Kind.INCREASE):
        return told
    if told.outcome is Outcome.FAIL:
        return told
    if budget.rule == stopped.rule:
        return told._replace(outcome=Outcome.FAIL, why=f"{WHY}{stopped.why}")
    return told._replace(outcome=Outcome.UNKNOWN, why=f"stopped at its budget of {stopped.rule}: {stopped.why}")


def _with_spent(budget: Budget, seen: Observation, spent: Spent, jobs: int) -> Told:
    """What these jobs took on top of what was spent before: only theirs may come out otherwise."""
    unit = scale_of(budget.unit)
    earlier = (spent.energy_j if budget.metric is Metric.ENERGY else spent.gco2e) / unit
    own = _of(seen, budget.metric).scaled(1 / unit) if jobs else Bounded(value=0.0, low=0.0, high=0.0)
    partly = f"the whole of {spent.unknown} earlier run{'' if spent.unknown == 1 else 's'}"
    unread = (*seen.unread, *((partly,) if spent.unknown else ()))
    if own.value is None and earlier > budget.limit:
        own = Bounded(value=0.0, low=0.0, high=0.0)
    observed = added([Bounded(value=earlier, low=earlier, high=earlier), own])
    outcome, why = _outcome(budget, observed, unread)
    more: dict[str, Any] = {"runs": spent.runs + jobs, "retries": spent.retries, "failed": spent.failed}
    more |= _pace(budget, observed.value, spent)
    return Told(outcome, f"{why}; {_story(more, spent)}", observed, more)


def _story(more: dict[str, Any], spent: Spent) -> str:
    runs = more["runs"]
    words = [f"{runs} run{'' if runs == 1 else 's'} {_DURING.get(spent.per, 'for this pull request')}"]
    if more["retries"]:
        words.append(f"{more['retries']} of them tried again")
    if more["failed"]:
        words.append(f"{more['failed']} of them did not end well")
    if more.get("spent_at"):
        words.append(f"spent by {more['spent_at'][:10]} at this pace")
    return ", ".join(words)


def _pace(budget: Budget, observed: float | None, spent: Spent) -> dict[str, Any]:
    """What a day took so far, and when the limit is reached if it goes on like this."""
    at_s, since_s, until_s = (seconds_of(moment) for moment in (spent.at, spent.since, spent.until))
    if at_s is None or since_s is None or until_s is None or not observed:
        return {}
    elapsed_s = min(at_s, until_s) - since_s
    if elapsed_s < LEAST_ELAPSED_RATIO * (until_s - since_s):
        return {}
    reached_s = since_s + elapsed_s * budget.limit / observed
    is_ahead = observed <= budget.limit and reached_s < until_s
    return {"daily": observed / elapsed_s * S_PER_DAY, "spent_at": moment_of(reached_s) if is_ahead else None}


def _increase(budget: Budget, seen: Observation) -> Told:
    """Over the limit whatever measuring again would change, and further above the base than noise explains."""
    found, fewest = seen.increase, budget.min_runs or 1
    if (found is None or found.why_not) and seen.history_lost:
        return Told(Outcome.UNKNOWN, f"{LOST}: {seen.history_lost}")
    if found is None:
        return Told(Outcome.NOT_JUDGED, f"{NO_HISTORY}, or name a base with `--against`")
    more: dict[str, Any] = {"runs": found.runs}
    if seen.unread:
        return Told(Outcome.UNKNOWN, "not read: " + ", ".join(seen.unread), more=more)
    why = found.why_not
    if why is None and found.runs < fewest:
        why = f"not enough history ({found.runs} of {fewest})"
    if why is None and found.base_j <= 0:
        why = f"not comparable: {found.label} took no energy"
    if why is not None:
        return Told(Outcome.NOT_JUDGED, why, more=more)
    from reporter.domain.comparison import LEAST_EFFECT_RATIO  # noqa: PLC0415  (few rules are on a base)

    joules = found.now_j - found.base_j, found.meters_j, found.noise_j
    observed, half, noise = (part_j / found.base_j * 100 for part_j in joules)
    bounds, more = Bounded(value=observed, low=observed - half, high=observed + half), {**more, "noise": noise}
    least = 100 * LEAST_EFFECT_RATIO
    if observed < least:
        # Nothing so small is called an increase, whatever the limit.
        budget = replace(budget, limit=max(budget.limit, least))
    outcome, why = _outcome(budget, bounds, ())
    if outcome is Outcome.FAIL and observed <= noise:
        outcome, why = Outcome.WARN, f"over the limit, but {NOISE} of {found.runs} run{'' if found.runs == 1 else 's'}"
    return Told(outcome, why, bounds, more)


def _quality(budget: Budget, seen: Observation) -> Told:
    if seen.quality is None:
        return Told(Outcome.UNKNOWN, "the quality is not known")
    observed = GRADES.index(seen.quality) + 1.0
    outcome = Outcome.PASS if observed <= budget.limit else Outcome.FAIL
    why = f"quality {seen.quality}, at least {GRADES[round(budget.limit) - 1]} is asked for"
    return Told(outcome, why, Bounded(value=observed, low=None, high=None))


def _measured(budget: Budget, seen: Observation) -> Told:
    """What was not read was not metered either, so that what is too little stays too little."""
    if seen.metered_j is None or not seen.it_j:
        return Told(Outcome.UNKNOWN, "nothing could be measured or modelled")
    observed = 100 * seen.metered_j / seen.it_j
    bounds = Bounded(value=observed, low=None, high=None)
    why = f"{observed:.3g} % of the energy was metered, at least {budget.limit:g} % is asked for"
    if observed < budget.limit * (1 - ROUNDING):
        return Told(Outcome.FAIL, why, bounds)
    if seen.unread:
        return Told(Outcome.UNKNOWN, "not read: " + ", ".join(seen.unread), bounds)
    return Told(Outcome.PASS, why, bounds)


def _outcome(budget: Budget, observed: Bounded, unread: tuple[str, ...]) -> tuple[Outcome, str]:
    if observed.value is None:
        return Outcome.UNKNOWN, "nothing could be measured or modelled"
    low = observed.value if observed.low is None else observed.low
    high = observed.value if observed.high is None else observed.high
    if low > budget.limit:
        return Outcome.FAIL, OVER
    if unread:
        return Outcome.UNKNOWN, "not read: " + ", ".join(unread)
    if high > budget.limit:
        return Outcome.WARN, CLOSE
    if budget.warn_at_ratio is not None and observed.value >= budget.warn_at_ratio * budget.limit:
        return Outcome.WARN, f"from {budget.warn_at_ratio:.0%} of the limit on a warning is asked for"
    return Outcome.PASS, WITHIN


def _of(seen: Observation, metric: Metric) -> Bounded:
    return seen.energy if metric is Metric.ENERGY else seen.emissions


def _period(budget: Budget, jobs: Sequence[Observation]) -> tuple[str | None, str | None]:
    """Of the last of the jobs to begin."""
    last = max((job.started_at or "" for job in jobs), default="")
    bounds = None if budget.per in (None, PULL_REQUEST) else period_of(budget.per, last)
    return bounds or (None, None)


def _unnamed(scopes: Scopes, job: Observation) -> str:
    """Which name of a job is not known that a rule asks for."""
    names = zip(scopes, (("job", job.job), ("branch", job.branch), ("runner", job.runner)), strict=True)
    return next((f"the {what} is not known" for patterns, (what, name) in names if patterns and name is None), "")
