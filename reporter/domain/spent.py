"""What earlier runs took of a budget for a calendar period, or for a pull request: of many rules each run once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from reporter.domain.budget import EVERY, LAST, PERIODS, PULL_REQUEST, Kind, Terms
from reporter.domain.coverage import Scopes, covers
from reporter.domain.period import moment_of, period_of, seconds_of

if TYPE_CHECKING:
    from reporter.domain.readings import Job

FAILED = "the command failed"
"""How a run ended of which all the same everything was read."""
Key = tuple[str, Scopes, str]
"""The period, the runs that are counted, and which attempts of them."""


class Cost(NamedTuple):
    """What a sum needs of an earlier run; None is not known."""

    job: str
    branch: str | None
    runner: str | None
    repository: str | None
    ended: str | None
    """Why it did not end well; None where it did."""
    began_s: float | None
    """Seconds since 1970."""
    run_id: int | None
    run_attempt: int | None
    pull_request: int | None
    facility_j: float | None
    """With the building's share as it was then."""
    gco2e: float | None
    """With the factors as they were then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the runs before a report took, of those that its rules count.

    Energy is the facility's, both at the factors of the time. Where `unknown` is not zero they are lower bounds.
    """

    per: str
    """day, week, month, year or pull-request."""
    energy_j: float
    gco2e: float
    runs: int = 0
    retries: int = 0
    """Of these, attempts that a later one replaced."""
    failed: int = 0
    """Of these, runs that did not end well."""
    unknown: int = 0
    """Runs of which the energy, the date, or whether they count is not known, wholly or in part."""
    at: str
    """Up to when: UTC, `2026-01-01T00:00:00Z`."""
    since: str | None = None
    """The period's begin; None for a pull request."""
    until: str | None = None
    """The period's end, which is not part of it."""
    jobs: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    runners: tuple[str, ...] = ()
    attempts: str = EVERY

    @property
    def key(self) -> Key:
        """Which rules it is for."""
        return self.per, (self.jobs, self.branches, self.runners), self.attempts


def key_of(rule: Terms) -> Key:
    """Which sum a rule needs."""
    return rule.per or "", rule.scopes, rule.attempts


def ledger(costs: Collection[Cost], rules: Iterable[Terms], jobs: Sequence[Job], *, now: str) -> tuple[Spent, ...]:
    """The sums that these rules need beside the jobs of a report; nothing for rules that need none.

    A run belongs to the period in which it began, and the period is that of the last of the jobs to begin, or of `now`
    where they have no date. The jobs themselves do not count, nor runs of other repositories, nor later ones.
    """
    wanted = dict.fromkeys(key_of(rule) for rule in rules if rule.kind is Kind.SUM)
    if not wanted:
        return ()
    begun, at = _time_of(jobs, now)
    pers = {per for per, _, _ in wanted}
    windows = [(per, *bounds) for per in PERIODS if per in pers and (bounds := period_of(per, begun))]
    number = next((job.pull_request for job in jobs if job.pull_request is not None), None)
    groups = _grouped(costs, jobs, windows, number, at=at)
    bounds_of: dict[str, tuple[str | None, str | None]] = {per: (since, until) for per, since, until in windows}
    if number is not None:
        bounds_of[PULL_REQUEST] = (None, None)
    return tuple(
        _summed(key, groups.get(key[0], {}), at=at, since=bounds_of[key[0]][0], until=bounds_of[key[0]][1])
        for key in wanted
        if key[0] in bounds_of
    )


def reach(rules: Iterable[Terms], jobs: Sequence[Job], *, now: str) -> tuple[str | None, int | None]:
    """Which earlier runs `ledger` needs: those from this moment on, and those of this pull request; None is none."""
    pers = {rule.per for rule in rules if rule.kind is Kind.SUM}
    begun, _ = _time_of(jobs, now)
    begins = [bounds[0] for per in PERIODS if per in pers and (bounds := period_of(per, begun))]
    numbers = (job.pull_request for job in jobs if PULL_REQUEST in pers and job.pull_request is not None)
    return min(begins, default=None), next(numbers, None)


def before(ledgers: Iterable[tuple[Spent, ...]]) -> tuple[Spent, ...]:
    """One ledger from those of several jobs: of each sum that of the latest period, and there the earliest.

    That one was made before any of the jobs could be part of it.
    """
    found: dict[Key, Spent] = {}
    for row in (row for rows in ledgers for row in rows):
        best = found.setdefault(row.key, row)
        if (row.since or "") > (best.since or "") or (row.since == best.since and row.at < best.at):
            found[row.key] = row
    return tuple(found.values())


class _Group(NamedTuple):
    """Runs of a period that no rule tells apart."""

    job: str
    branch: str | None
    runner: str | None
    replaced: bool
    """Whether a later attempt came."""


class _Sum:
    __slots__ = ("energy_j", "failed", "gco2e", "runs", "unknown")

    def __init__(self) -> None:
        self.energy_j = self.gco2e = 0.0
        self.runs = self.failed = self.unknown = 0

    def add(self, cost: Cost, *, is_placed: bool) -> None:
        """Not `is_placed`: nobody knows whether it is part of the period."""
        self.runs += 1
        self.failed += cost.ended is not None
        if cost.facility_j is None or cost.gco2e is None or not is_placed:
            self.unknown += 1
            return
        self.energy_j += cost.facility_j
        self.gco2e += cost.gco2e
        self.unknown += cost.ended is not None and cost.ended != FAILED


def _time_of(jobs: Sequence[Job], now: str) -> tuple[str, str]:
    """When the last of the jobs began, and when all had ended."""
    dated = [(job.started_at, begun_s, job.duration_s) for job in jobs if (begun_s := seconds_of(job.started_at))]
    if not dated:
        return now, now
    ended_s = max(begun_s + (duration_s or 0.0) for _, begun_s, duration_s in dated)
    return max(started_at or "" for started_at, _, _ in dated), moment_of(ended_s)


def _grouped(
    costs: Collection[Cost],
    jobs: Sequence[Job],
    windows: Sequence[tuple[str, str, str]],
    number: int | None,
    *,
    at: str,
) -> dict[str, dict[_Group, _Sum]]:
    """For each period sums by job, branch and runner: far fewer than runs, and than rules."""
    place = next((job.repository for job in jobs if job.repository), None)
    counted = {_identity(job) for job in jobs}
    last = _last_attempts(costs, jobs, place)
    at_s = seconds_of(at)
    spans = [(per, seconds_of(since) or 0.0, seconds_of(until) or inf) for per, since, until in windows]
    found: dict[str, dict[_Group, _Sum]] = {}
    for cost in costs:
        if place is not None and cost.repository not in (place, None):
            continue
        job, run_id, began_s = cost.job, cost.run_id, cost.began_s
        identity = (job, began_s) if run_id is None else (job, run_id, cost.run_attempt or 1)
        if identity in counted:
            continue
        if run_id is not None:
            counted.add(identity)
        if began_s is not None and at_s is not None and began_s > at_s:
            continue
        pers = [per for per, since_s, until_s in spans if began_s is None or since_s <= began_s < until_s]
        if number is not None and cost.pull_request == number:
            pers.append(PULL_REQUEST)
        replaced = run_id is not None and (cost.run_attempt or 1) < last.get((job, run_id), 1)
        group = _Group(job, cost.branch, cost.runner, replaced)
        for per in pers:
            sums = found.setdefault(per, {})
            if group not in sums:
                sums[group] = _Sum()
            sums[group].add(cost, is_placed=began_s is not None or per == PULL_REQUEST)
    return found


def _last_attempts(costs: Iterable[Cost], jobs: Sequence[Job], place: str | None) -> dict[tuple[str, int], int]:
    """The last attempt of a job's run, of those that were tried again."""
    last = {(job.name, job.run_id): job.run_attempt or 1 for job in jobs if job.run_id is not None}
    for cost in costs:
        attempt, run_id = cost.run_attempt or 1, cost.run_id
        if attempt > 1 and run_id is not None and (place is None or cost.repository in (place, None)):
            last[cost.job, run_id] = max(last.get((cost.job, run_id), 1), attempt)
    return last


def _identity(job: Job) -> tuple[object, ...]:
    """What tells a job's run from others, also outside CI; a date that is none of ours is nobody else's."""
    if job.run_id is not None:
        return (job.name, job.run_id, job.run_attempt or 1)
    begun_s = seconds_of(job.started_at)
    return (job.name, job.started_at if begun_s is None else begun_s)


def _summed(key: Key, groups: dict[_Group, _Sum], *, at: str, since: str | None, until: str | None) -> Spent:
    per, scopes, attempts = key
    whole, retries = _Sum(), 0
    for group, part in groups.items():
        if group.replaced and attempts == LAST:
            continue
        covered = covers(scopes, group.job, group.branch, group.runner)
        if covered is False:
            continue
        whole.runs += part.runs
        whole.failed += part.failed
        retries += part.runs if group.replaced else 0
        whole.unknown += part.unknown if covered else part.runs
        whole.energy_j += part.energy_j if covered else 0.0
        whole.gco2e += part.gco2e if covered else 0.0
    return Spent(
        per=per, energy_j=whole.energy_j, gco2e=whole.gco2e, runs=whole.runs, retries=retries, failed=whole.failed,
        unknown=whole.unknown, at=at, since=since, until=until, jobs=scopes[0], branches=scopes[1], runners=scopes[2],
        attempts=attempts,
    )  # fmt: skip
