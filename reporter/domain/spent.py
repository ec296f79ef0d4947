"""What earlier runs took of a budget for a calendar period, or for a pull request. Each run is looked at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from reporter.domain.budget import EVERY, LAST, PERIODS, PULL_REQUEST, Kind, Terms
from reporter.domain.coverage import Scopes, covers
from reporter.domain.period import moment_of, period_of, seconds_of

if TYPE_CHECKING:
    from reporter.domain.readings import Job
    from reporter.domain.run_record import RunRecord

FAILED = "the command failed"
"""How a run ended of which all the same everything was read."""
_MOMENT_LENGTH = 20
Key = tuple[str, Scopes, str]
"""The period, the runs that are counted, and which attempts of them."""


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


def ledger(records: Iterable[RunRecord], rules: Iterable[Terms], jobs: Sequence[Job], *, now: str) -> tuple[Spent, ...]:
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
    groups = _grouped(records, jobs, windows, number, at=at)
    bounds_of: dict[str, tuple[str | None, str | None]] = {per: (since, until) for per, since, until in windows}
    if number is not None:
        bounds_of[PULL_REQUEST] = (None, None)
    return tuple(
        _summed(key, groups, at=at, since=bounds_of[key[0]][0], until=bounds_of[key[0]][1])
        for key in wanted
        if key[0] in bounds_of
    )


def spent(records: Iterable[RunRecord], rule: Terms, *, now: str) -> Spent | None:
    """What a rule's period has taken so far; None where it is no rule on one."""
    return next(iter(ledger(records, (rule,), (), now=now)), None)


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
    """Runs that no rule tells apart."""

    per: str
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

    def add(self, record: RunRecord, *, dated: bool) -> None:
        facility_j, gco2e = record.facility_j, record.gco2e
        self.runs += 1
        self.failed += record.ended is not None
        if facility_j is None or gco2e is None or not dated:
            self.unknown += 1
            return
        self.energy_j += facility_j
        self.gco2e += gco2e
        self.unknown += record.ended is not None and record.ended != FAILED


def _time_of(jobs: Sequence[Job], now: str) -> tuple[str, str]:
    """When the last of the jobs began, and when all had ended."""
    dated = [(job.started_at, begun_s, job.duration_s) for job in jobs if (begun_s := seconds_of(job.started_at))]
    if not dated:
        return now, now
    ended_s = max(begun_s + (duration_s or 0.0) for _, begun_s, duration_s in dated)
    return max(started_at or "" for started_at, _, _ in dated), moment_of(ended_s)


def _grouped(
    records: Iterable[RunRecord],
    jobs: Sequence[Job],
    windows: Sequence[tuple[str, str, str]],
    number: int | None,
    *,
    at: str,
) -> dict[_Group, _Sum]:
    """Sums for each period, job, branch and runner: far fewer than runs, and than rules."""
    place = next((job.repository for job in jobs if job.repository), None)
    counted = {_identity(job.name, job) for job in jobs}
    last: dict[tuple[str, int], int] = {}
    here = [record for record in records if place is None or record.repository in (place, None)]
    named: list[tuple[str, Job | RunRecord]] = [(job.name, job) for job in jobs]
    for name, run in (*named, *((record.job, record) for record in here)):
        if run.run_id is not None:
            last[name, run.run_id] = max(last.get((name, run.run_id), 0), run.run_attempt or 1)
    groups: dict[_Group, _Sum] = {}
    for record in here:
        identity = _identity(record.job, record)
        if identity in counted:
            continue
        if record.run_id is not None:
            counted.add(identity)
        began = record.started_at or ""
        dated = len(began) == _MOMENT_LENGTH and began[-1] == "Z"
        if dated and began > at:
            continue
        pers = [per for per, since, until in windows if not dated or since <= began < until]
        if number is not None and record.pull_request == number:
            pers.append(PULL_REQUEST)
        replaced = record.run_id is not None and (record.run_attempt or 1) < last[record.job, record.run_id]
        for per in pers:
            group = _Group(per, record.job, record.branch, record.runner, replaced)
            if group not in groups:
                groups[group] = _Sum()
            groups[group].add(record, dated=dated or per == PULL_REQUEST)
    return groups


def _identity(name: str, run: Job | RunRecord) -> tuple[object, ...]:
    """What tells a run of a job from others, also outside CI."""
    return (name, run.run_id, run.run_attempt or 1) if run.run_id is not None else (name, run.started_at)


def _summed(key: Key, groups: dict[_Group, _Sum], *, at: str, since: str | None, until: str | None) -> Spent:
    per, scopes, attempts = key
    whole, retries = _Sum(), 0
    for group, part in groups.items():
        if group.per != per or (group.replaced and attempts == LAST):
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
