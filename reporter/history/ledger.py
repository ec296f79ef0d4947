"""All runs that a store holds, and questions to them: pure.

Runs are kept as the arrays that they were read as; a RunRecord is made of one only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from operator import itemgetter
from typing import overload

from reporter.domain.run_record import RunRecord, unlike
from reporter.domain.spent import Cost
from reporter.domain.units import J_PER_KWH
from reporter.history.codec import Family, decode_run, identity, seconds
from reporter.history.shard import Row, Shard, start_of

_RUN, _START, _KEY = itemgetter(6), itemgetter(1), itemgetter(6, 7, 1)
"""Run, start; run, attempt and start."""


class Chosen(Sequence[RunRecord]):
    """Some runs, oldest first, each made whenever it is looked at: a hundred thousand of them would take much room."""

    def __init__(self, rows: Sequence[Row], families: Mapping[str, Family]) -> None:
        self._rows, self._families = rows, families

    def by_job(self) -> dict[str, Chosen]:
        """The runs of each job, in their order; none is made yet."""
        found: dict[str, list[Row]] = {}
        for row in self._rows:
            found.setdefault(self._families[row[0]].job, []).append(row)
        return {job: Chosen(rows, self._families) for job, rows in found.items()}

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, place: int) -> RunRecord: ...

    @overload
    def __getitem__(self, place: slice) -> Chosen: ...

    def __getitem__(self, place: int | slice) -> RunRecord | Chosen:
        if isinstance(place, slice):
            return Chosen(self._rows[place], self._families)
        row = self._rows[place]
        return decode_run(row, self._families[row[0]])


class Costs(Collection[Cost]):
    """What some runs took: of each only what a sum needs is read, whenever it is looked at."""

    def __init__(self, rows: Sequence[Row], families: Mapping[str, Family]) -> None:
        self._rows = rows
        self._traits = {
            name: ((family.job, family.branch, family.runner, family.repository, family.ended), family.pue_ratio)
            for name, family in families.items()
        }

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, cost: object) -> bool:
        return any(cost == each for each in self)

    def __iter__(self) -> Iterator[Cost]:
        for name, start_s, it_j, _, gco2e_per_kwh, _, run_id, attempt, pull_request, *_ in self._rows:
            traits, pue_ratio = self._traits[name]
            facility_j = None if it_j is None else it_j * pue_ratio
            gco2e = None if facility_j is None else facility_j / J_PER_KWH * gco2e_per_kwh
            yield Cost(*traits, start_s, run_id, attempt, pull_request, facility_j, gco2e)


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

    def runs(
        self,
        *,
        job: str | None = None,
        branch: str | None = None,
        since: str | None = None,
        last: int | None = None,
        phases: bool = True,
    ) -> Chosen:
        """The runs that are meant, oldest first: begun not earlier than `since`, and of these the `last`.

        Names may have wildcards (`train*`). A run that does not say when it began comes first, and is in no span of
        time. What is not needed takes no room: `phases`.
        """
        wanted = {
            name
            for name, family in self.families.items()
            if (job is None or named(job, family.job)) and (branch is None or named(branch, family.branch))
        }
        least_s = instant(since)
        found: list[Row] = []
        for row in reversed(self.rows):
            if last is not None and len(found) >= last:
                break
            if row[0] in wanted and (least_s is None or start_of(row) >= least_s):
                found.append(row)
        found.reverse()
        families = self.families
        if not phases:
            families = {name: families[name]._replace(phases=()) for name in wanted}
        return Chosen(found, families)

    def costs(self, *, since: str | None, pull_request: int | None) -> Costs:
        """What sums need of the runs from `since` on, and of undated ones; then of a pull request's earlier ones.

        None is none of them.
        """
        least_s = instant(since)
        rows = [] if least_s is None else [row for row in self.rows if row[1] is None or row[1] >= least_s]
        if pull_request is not None:
            rows += [
                row
                for row in self.rows
                if row[8] == pull_request and (least_s is None or (row[1] is not None and row[1] < least_s))
            ]
        return Costs(rows, self.families)

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

    @cached_property
    def _of_job(self) -> dict[str, list[Row]]:
        """The runs of each job: a report of many jobs looks at each run once."""
        jobs = {name: family.job for name, family in self.families.items()}
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(jobs[row[0]], []).append(row)
        return found

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
