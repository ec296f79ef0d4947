"""What earlier runs took: which of them count, in which period, and what is not known of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.budget import PULL_REQUEST, Budget, Metric
from reporter.domain.footprint import METER_KILLED
from reporter.domain.period import seconds_of
from reporter.domain.readings import Component, Job, Unavailable
from reporter.domain.run_record import RunRecord, record_of
from reporter.domain.spent import FAILED, Cost, Spent, before, ledger, reach
from reporter.domain.units import J_PER_KWH
from reporter.history.ledger import History
from reporter.history.shard import additions, dumps, parse
from tests.factories_footprint import footprint

NOW = "2026-11-19T12:00:00Z"
JOB = Job(
    name="train", started_at="2026-11-19T11:00:00Z", duration_s=3600.0, repository="o/r", run_id=50, run_attempt=2,
    pull_request=7,
)  # fmt: skip


def month(**changes: Any) -> Budget:
    usual = {"rule": "20 kg/month", "metric": Metric.EMISSIONS, "unit": "kg", "limit": 20.0, "per": "month"}
    return Budget(**{**usual, "scope": "total", **changes})


def ran(started_at: str | None = "2026-11-10T00:00:00Z", **changes: Any) -> Cost:
    """1.5 kWh with the building's share, 400 g/kWh: 600 g."""
    usual = Cost(
        job="train", branch="main", runner="gpu-1", repository="o/r", ended=None, began_s=seconds_of(started_at),
        run_id=None, run_attempt=None, pull_request=None, facility_j=1.5 * J_PER_KWH, gco2e=600.0,
    )  # fmt: skip
    return usual._replace(**changes)


def read(*records: RunRecord) -> Collection[Cost]:
    """As history has them."""
    return History([parse(dumps(additions(records, ())), "x")]).costs(since="1970-01-01", pull_request=None)


def one(costs: Collection[Cost], rule: Budget, *jobs: Job) -> Spent:
    (found,) = ledger(costs, (rule,), jobs or (JOB,), now=NOW)
    return found


def test_a_month_is_the_sum_of_its_runs_with_their_own_factors() -> None:
    runs = [
        ran("2026-10-31T23:59:59Z"), ran("2026-11-01T00:00:00Z"), ran("2026-11-19T10:00:00Z", gco2e=150.0),
        ran("2026-11-19T12:00:01Z"), ran("2025-11-10T00:00:00Z"),
    ]  # fmt: skip

    found = one(runs, month())

    assert (found.runs, found.energy_j, found.gco2e) == (2, 3.0 * J_PER_KWH, pytest.approx(600.0 + 150.0))
    assert (found.since, found.until, found.at) == ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", NOW)


def test_the_period_is_that_in_which_the_last_job_began_whatever_the_clock_says() -> None:
    job = replace(JOB, started_at="2026-10-31T23:30:00Z")

    found = one([ran("2026-10-05T00:00:00Z"), ran("2026-11-01T00:10:00Z")], month(), job)

    assert (found.since, found.at, found.runs) == ("2026-10-01T00:00:00Z", "2026-11-01T00:30:00Z", 1)


def test_jobs_without_a_date_are_of_now() -> None:
    assert one([ran()], month(), replace(JOB, started_at=None)).since == "2026-11-01T00:00:00Z"


def test_the_jobs_of_the_report_are_not_counted_again() -> None:
    own = ran(JOB.started_at, run_id=50, run_attempt=2)

    assert one([own, ran()], month()).runs == 1


def test_a_record_that_arrives_twice_counts_once() -> None:
    twice = ran(run_id=9, run_attempt=1)

    assert one([twice, twice], month()).runs == 1


def test_earlier_attempts_count_unless_only_the_last_is_wanted() -> None:
    runs = [ran(run_id=50, run_attempt=1), ran(run_id=9, run_attempt=1), ran(run_id=9, run_attempt=2), ran()]

    every, last = one(runs, month()), one(runs, month(attempts="last"))

    assert (every.runs, every.retries, every.gco2e) == (4, 2, pytest.approx(2400.0))
    assert (last.runs, last.retries, last.gco2e) == (2, 0, pytest.approx(1200.0))


def test_failed_runs_count_and_are_told() -> None:
    found = one([ran(ended=FAILED), ran()], month())

    assert (found.runs, found.failed, found.unknown, found.gco2e) == (2, 1, 0, pytest.approx(1200.0))


@pytest.mark.parametrize(
    "changes", [{"facility_j": None, "gco2e": None}, {"ended": "the meter was killed"}, {"began_s": None}]
)
def test_a_run_of_which_something_is_not_known_makes_the_sum_a_lower_bound(changes: dict[str, Any]) -> None:
    assert one([ran(**changes), ran()], month()).unknown == 1


def test_how_runs_end_is_read_as_history_writes_it() -> None:
    gpu = Unavailable(source="nvml:1", reason="gone", remedy=None, expected=False, component=Component.GPU)
    date = "2026-11-10T00:00:00Z"
    failed = record_of(footprint(exit_status=1, started_at=date))
    killed = record_of(replace(footprint(started_at=date), flags=(METER_KILLED,)))
    blind = record_of(replace(footprint(started_at=date), unavailable=(gpu,)))

    found = [one(read(replace(row, run_id=None)), month()) for row in (failed, killed, blind)]

    assert [(row.failed, row.unknown) for row in found] == [(1, 0), (1, 1), (1, 1)]


def test_patterns_choose_jobs_branches_and_runners() -> None:
    runs = [ran(), ran(job="train (a100)"), ran(job="lint"), ran(branch="x"), ran(runner="cpu-1")]

    assert one(runs, month(jobs=("train*",))).runs == 4
    assert one(runs, month(jobs=("lint", "train"))).runs == 4
    assert one(runs, month(branches=("main",), runners=("gpu-?",))).runs == 3


def test_a_run_of_an_unknown_branch_may_be_one_of_those_wanted() -> None:
    found = one([ran(branch=None), ran(branch="x"), ran()], month(branches=("main",)))

    assert (found.runs, found.unknown, found.gco2e) == (2, 1, pytest.approx(600.0))


def test_a_pull_request_has_all_its_runs_of_any_month_and_no_others() -> None:
    runs = [ran("2026-09-01T00:00:00Z", pull_request=7), ran(None, pull_request=7), ran(pull_request=8), ran()]

    found = one(runs, month(per=PULL_REQUEST))

    assert (found.runs, found.unknown, found.since) == (2, 0, None)


def test_outside_a_pull_request_there_is_no_sum_of_one() -> None:
    assert ledger([ran()], (month(per=PULL_REQUEST),), (replace(JOB, pull_request=None),), now=NOW) == ()


def test_runs_of_other_repositories_do_not_count() -> None:
    assert one([ran(repository="o/other"), ran(repository=None), ran()], month()).runs == 2


def test_rules_that_need_no_sum_get_none_and_equal_ones_share_one() -> None:
    rules = (month(), month(limit=5.0), Budget(rule="50 g", metric=Metric.EMISSIONS, unit="g", limit=50.0))

    assert len(ledger([ran()], rules, (JOB,), now=NOW)) == 1


def test_a_period_can_be_summed_without_any_job() -> None:
    (found,) = ledger([ran()], (month(),), (), now=NOW)

    assert found.runs == 1


@pytest.mark.parametrize(
    ("pers", "reached"),
    [
        (("day", "month"), ("2026-11-01T00:00:00Z", None)),
        (("week", PULL_REQUEST), ("2026-11-16T00:00:00Z", 7)),
        ((PULL_REQUEST,), (None, 7)),
        ((), (None, None)),
    ],
)
def test_no_more_of_history_is_needed_than_the_longest_period(
    pers: tuple[str, ...], reached: tuple[str | None, int | None]
) -> None:
    assert reach([month(per=per) for per in pers], (JOB,), now=NOW) == reached


def test_of_several_ledgers_the_one_from_before_all_jobs_counts() -> None:
    first, later = one([], month()), replace(one([ran()], month()), at="2026-11-19T13:00:00Z")
    next_month = replace(first, since="2026-12-01T00:00:00Z", until="2027-01-01T00:00:00Z", at="2026-12-01T01:00:00Z")

    assert before(((later,), (first,))) == (first,)
    assert before(((later,), (next_month,), (first,))) == (next_month,)


@given(st.lists(st.tuples(st.sampled_from(["train", "eval"]), st.integers(1, 3), st.integers(0, 59)), max_size=20))
def test_sums_of_jobs_add_up_to_the_sum_of_all(drawn: list[tuple[str, int, int]]) -> None:
    runs = [ran(f"2026-11-10T00:{minute:02}:00Z", job=job, run_id=minute, run_attempt=n) for job, n, minute in drawn]

    whole, train, others = one(runs, month()), one(runs, month(jobs=("train",))), one(runs, month(jobs=("eval",)))

    assert train.runs + others.runs == whole.runs
    assert train.gco2e + others.gco2e == pytest.approx(whole.gco2e)
    assert one(runs[::-1], month()) == replace(
        whole, energy_j=pytest.approx(whole.energy_j), gco2e=pytest.approx(whole.gco2e)
    )
