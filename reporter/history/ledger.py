"""All runs that a store holds, and questions to them: pure.

Runs are kept as the arrays that they were read as; a RunRecord is made of one only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from reporter.domain.run_record import RunRecord, unlike
from reporter.history.codec import Family, decode_run, identity, seconds
from reporter.history.shard import Row, Shard, start_of
from reporter.history.totals import Ended, Sums, Totals

_RUN, _START, _KEY = itemgetter(6), itemgetter(1), itemgetter(6, 7, 1)
"""Run, start; run, attempt and start."""


class Scope(NamedTuple):
    """Which runs are meant; None: all. Names may have wildcards (`train*`), dates are `2026-01-01` or with a time."""

    job: str | None = None
    branch: str | None = None
    runner: str | None = None
    repository: str | None = None

    def takes(self, family: Family) -> bool:
        """Whether the runs of a family are meant."""
        pairs = (
            (self.job, family.job),
            (self.branch, family.branch),
            (self.runner, family.runner),
            (self.repository, family.repository),
        )
        return all(wanted is None or named(wanted, name) for wanted, name in pairs)


class History:
    """What is known of earlier runs, each once, oldest first. `trouble` says what could not be read, and where."""

    def __init__(self, shards: Iterable[Shard] = ()) -> None:
        held = list(shards)
        self.families: dict[str, Family] = {}
        for shard in held:
            self.families.update(shard.families)
        rows = list(held[0].rows) if len(held) == 1 else [row for shard in held for row in shard.rows]
        self.trouble: tuple[str, ...] = tuple(sentence for shard in held for sentence in shard.trouble)
        rows.sort(key=itemgetter(1) if None not in map(itemgetter(1), rows) else start_of)
        self.rows: Sequence[Row] = self._once(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def runs(  # noqa: PLR0913 - what a question may name, all by name
        self,
        *,
        job: str | None = None,
        branch: str | None = None,
        like: RunRecord | None = None,
        before: str | None = None,
        since: str | None = None,
        pull_request: int | None = None,
        undated: bool = False,
        last: int | None = None,
        whole: bool = True,
    ) -> tuple[RunRecord, ...]:
        """The runs that are meant, oldest first.

        Those comparable with `like`, begun `before` a date and not earlier than `since`, and of these the `last`.
        A run that does not say when it began comes first, and is in no span of time unless `undated`.
        Not `whole`: without work and phases, which a sum has no use for.
        """
        scope = Scope(job=job, branch=branch)
        wanted = {name for name, family in self.families.items() if scope.takes(family)}
        if like is not None:
            wanted = {name for name in wanted if self._like(name, like)}
        least_s, limit_s = instant(since), instant(before)
        families = self.families
        if not whole:
            families = {name: families[name]._replace(units=(), phases=()) for name in wanted}
        found: list[RunRecord] = []
        for row in reversed(self.rows):
            if last is not None and len(found) >= last:
                break
            start_s = row[1]
            if start_s is None:
                if not undated and (least_s is not None or limit_s is not None):
                    continue
            elif (limit_s is not None and start_s >= limit_s) or (least_s is not None and start_s < least_s):
                continue
            if pull_request is not None and row[8] != pull_request:
                continue
            if row[0] in wanted and (like is None or row[2] is not None):
                found.append(decode_run(row, families[row[0]]))
        return tuple(reversed(found))

    def base(self, head: RunRecord, *, branch: str | None, last: int, alike: bool = True) -> tuple[RunRecord, ...]:
        """Runs that a job may be held against, oldest first, the `last` of them: of its name and repository, before it.

        One of the same second is taken for the job itself only where neither has a number.
        None of a pull request, nor of the job's own run; of the attempts of a run the last.
        Only those that compare, unless not `alike`.
        """
        wanted = {
            name
            for name, family in self.families.items()
            if family.job == head.job
            and branch in (None, family.branch)
            and (head.repository is None or family.repository in (head.repository, None))
            and (not alike or self._like(name, head))
        }
        limit_s = seconds(head.started_at)
        found: list[RunRecord] = []
        runs = {head.run_id} - {None}
        for row in reversed(self._of_job.get(head.job, ())):
            if len(found) >= last:
                break
            start_s, run_id = row[1], row[6]
            if start_s is None or (limit_s is not None and start_s > limit_s - (run_id is None)):
                continue
            if row[0] not in wanted or row[8] is not None or run_id in runs or (alike and row[2] is None):
                continue
            if run_id is not None:
                runs.add(run_id)
            found.append(decode_run(row, self.families[row[0]]))
        return tuple(reversed(found))

    def sums(  # noqa: PLR0913
        self,
        *,
        job: str | None = None,
        branch: str | None = None,
        runner: str | None = None,
        repository: str | None = None,
        pull_request: int | None = None,
        since: str | None = None,
        until: str | None = None,
        ended: Ended = "any",
        attempts: str = "all",
    ) -> Sums:
        """What the runs that are meant took together, from `since` on and before `until`.

        `ended` well leaves out failed runs and those cut off; `attempts` last counts the last one of a run's job alone.
        A run that could not be metered is counted in `unmeasured`, and adds nothing to the sums.
        """
        scope = Scope(job=job, branch=branch, runner=runner, repository=repository)
        return self._totals(ended, attempts).sums(
            scope.takes, since_s=instant(since), until_s=instant(until), pull_request=pull_request
        )

    @cached_property
    def jobs(self) -> tuple[str, ...]:
        """Names of all jobs that have a run, sorted."""
        return tuple(sorted({self.families[name].job for name in {row[0] for row in self.rows}}))

    def _totals(self, ended: Ended, attempts: str) -> Totals:
        """The sums, made once for each choice of runs."""
        known = self._indices
        if (ended, attempts) not in known:
            rows: Iterable[Row] = self.rows
            if ended == "well":
                well = {name for name, family in self.families.items() if family.ended is None}
                rows = [row for row in rows if row[0] in well]
            if attempts == "last":
                rows = self._last_attempts(rows)
            known[ended, attempts] = Totals(rows, self.families)
        return known[ended, attempts]

    @cached_property
    def _of_job(self) -> dict[str, list[Row]]:
        """The runs of each job: a report of many jobs looks at each run once."""
        jobs = {name: family.job for name, family in self.families.items()}
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(jobs[row[0]], []).append(row)
        return found

    @cached_property
    def _indices(self) -> dict[tuple[str, str], Totals]:
        return {}

    def _last_attempts(self, rows: Iterable[Row]) -> list[Row]:
        """Of each job of a run those of its highest attempt; runs outside CI are all kept."""
        kept = list(rows)
        latest: dict[object, int] = {}
        keys = [(self.families[row[0]].repository, self.families[row[0]].job, row[6]) for row in kept]
        for row, key in zip(kept, keys, strict=True):
            latest[key] = max(row[7] or 0, latest.get(key, 0))
        return [row for row, key in zip(kept, keys, strict=True) if row[6] is None or (row[7] or 0) == latest[key]]

    def _like(self, name: str, like: RunRecord) -> bool:
        """Whether the runs of a family compare; their energy is looked at later."""
        sample: Row = (name, None, 1.0, None, 0.0, *(None,) * 64)
        return unlike(decode_run(sample, self.families[name]), like) is None

    def _once(self, rows: list[Row]) -> list[Row]:
        """Without a run that two shards hold: the first counts."""
        if len(set(zip(map(_RUN, rows), map(_START, rows), strict=True))) == len(rows):
            return rows
        numbers: dict[object, int] = {}
        jobs = {
            name: numbers.setdefault((family.repository, family.job), len(numbers))
            for name, family in self.families.items()
        }
        keys = zip(map(jobs.__getitem__, map(itemgetter(0), rows)), map(_KEY, rows), strict=True)
        if len(set(keys)) == len(rows):
            return rows
        seen: set[object] = set()
        kept = []
        for row in rows:
            key = identity(row, self.families[row[0]])
            if key not in seen:
                seen.add(key)
                kept.append(row)
        return kept


def named(wanted: str, name: str | None) -> bool:
    """Whether a name is the wanted one, or fits its wildcards."""
    return name is not None and (name == wanted or fnmatchcase(name, wanted))


def instant(date: str | None) -> int | None:
    """Seconds since 1970 of a date as `seconds` reads it, or of a day, which begins at midnight UTC.

    Raises ValueError where it is neither.
    """
    if date is None:
        return None
    since_s = seconds(f"{date}T00:00:00Z" if len(date) == 10 else date)  # noqa: PLR2004  (2026-01-01)
    if since_s is None:
        raise ValueError(f"`{date}` is no date")
    return since_s
