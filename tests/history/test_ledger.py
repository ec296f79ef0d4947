"""Questions to the history: which runs, and what they took together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.domain.budget import PULL_REQUEST, Budget, Metric
from reporter.domain.coverage import covers
from reporter.domain.period import moment_of, period_of, seconds_of
from reporter.domain.readings import Job
from reporter.domain.spent import FAILED, key_of, ledger, reach
from reporter.history.ledger import History
from reporter.history.shard import additions, dumps, parse
from tests.factories_history import run_record

NOW = "2026-11-19T12:00:00Z"


def history(*shards):
    return History(parse(dumps(additions(runs, ())), f"{number}") for number, runs in enumerate(shards))


def numbers(runs):
    return [run.run_id for run in runs]


def test_runs_of_all_shards_come_oldest_first_and_once():
    both = history([run_record(3), run_record(1)], [run_record(2), replace(run_record(1), it_j=9.0)])

    assert numbers(both.runs()) == [2, 3, 4]
    assert len(both) == 3


def test_an_empty_history_has_no_runs():
    assert History().runs() == ()
    assert [*History().costs(since="1970-01-01", pull_request=7)] == []


def test_the_last_runs_are_the_newest():
    assert numbers(history([run_record(number) for number in range(9)]).runs(last=2)) == [8, 9]


def test_a_name_may_have_wildcards_and_is_else_meant_as_it_is():
    runs = [run_record(0, job="train (a, 1)"), run_record(1, job="train (b, 1)"), run_record(2, job="train [x]")]
    held = history(runs)

    assert numbers(held.runs(job="train (*")) == [1, 2]
    assert numbers(held.runs(job="train [x]")) == [3]
    assert held.runs(job="train") == ()


def test_a_branch_that_is_not_known_is_not_the_one_asked_for():
    held = history([run_record(0), run_record(1, branch="dev"), run_record(2, branch=None)])

    assert numbers(held.runs(branch="main")) == [1]
    assert numbers(held.runs()) == [1, 2, 3]


def test_since_takes_that_moment_in():
    held = history([run_record(number) for number in range(5)])

    assert numbers(held.runs(since=run_record(3).started_at)) == [4, 5]
    assert numbers(held.runs(since="2026-01-01")) == [1, 2, 3, 4, 5]


def test_a_run_without_a_date_is_in_no_span_of_time():
    held = history([run_record(0, started_at=None), run_record(1)])

    assert numbers(held.runs()) == [1, 2]
    assert numbers(held.runs(since="1970-01-01")) == [2]


@pytest.mark.parametrize(
    "changes",
    [
        {"gpus": "8 × NVIDIA H200"},
        {"metering": "GPU modelled"},
        {"processor": "EPYC"},
        {"processors": "4 processors"},
        {"kind": "an estimate"},
        {"memory_gb": 128.0},
        {"ended": "the command failed"},
        {"it_j": None},
    ],
)
def test_only_comparable_runs_are_like_one(changes):
    held = history([run_record(0), run_record(1, **changes), run_record(2)])

    assert numbers(held.base(run_record(9), branch="main", last=5)) == [1, 3]


def test_machines_of_one_kind_may_tell_slightly_different_memory():
    held = history([run_record(0, memory_gb=15.6), run_record(1, memory_gb=15.8)])

    assert numbers(held.base(run_record(9, memory_gb=16.0), branch="main", last=5)) == [1, 2]


def test_a_sum_is_asked_of_a_span_and_of_earlier_runs_of_a_pull_request():
    held = history([run_record(0, pull_request=7), run_record(1), run_record(2, pull_request=7, started_at=None)])

    assert numbers(held.costs(since=None, pull_request=7)) == [3, 1]
    assert numbers(held.costs(since=run_record(1).started_at, pull_request=7)) == [3, 2, 1]
    assert numbers(held.costs(since=run_record(1).started_at, pull_request=None)) == [3, 2]
    assert numbers(held.costs(since=None, pull_request=None)) == []


moments = st.sampled_from(
    ["2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z", "2026-11-16T00:00:00Z", "2026-11-19T12:00:00Z", None]
)
earlier_runs = st.builds(
    run_record, job=st.sampled_from(["train", "eval"]), started_at=moments, it_j=st.none() | st.integers(0, 9),
    pue_ratio=st.sampled_from([1.0, 1.5]), gco2e_per_kwh=st.integers(0, 9), run_id=st.none() | st.integers(1, 2),
    run_attempt=st.none() | st.integers(1, 2), pull_request=st.none() | st.integers(7, 8),
    ended=st.sampled_from([None, None, FAILED, "the meter was killed"]), branch=st.sampled_from([None, "main", "x"]),
    runner=st.sampled_from([None, "gpu-1"]), repository=st.sampled_from([None, "o/r", "o/r", "o/other"]),
)  # fmt: skip
now_running = st.builds(
    Job, name=st.sampled_from(["train", "eval"]), started_at=moments, duration_s=st.none() | st.floats(0, 9e4),
    repository=st.sampled_from([None, "o/r"]), run_id=st.none() | st.integers(1, 3),
    run_attempt=st.none() | st.integers(1, 3), pull_request=st.sampled_from([None, 7]),
)  # fmt: skip
sums = st.builds(
    Budget, rule=st.just("1 kWh"), metric=st.just(Metric.ENERGY), unit=st.just("kWh"), limit=st.just(1.0),
    per=st.sampled_from(["day", "week", "month", "year", PULL_REQUEST]), attempts=st.sampled_from(["all", "last"]),
    jobs=st.sampled_from([(), ("train",), ("?????", "eval")]), branches=st.sampled_from([(), ("main",)]),
    runners=st.sampled_from([(), ("gpu-*",), ("cpu-*",)]),
)  # fmt: skip


@settings(max_examples=300)
@given(
    records=st.lists(earlier_runs, min_size=5, max_size=12),
    rules=st.lists(sums, min_size=3, max_size=6),
    jobs=st.lists(now_running, max_size=2),
)
def test_what_many_rules_are_told_is_what_each_would_count_by_itself(records, rules, jobs):
    held = history(records)
    since, number = reach(rules, jobs, now=NOW)

    told = {row.key: row for row in ledger(held.costs(since=since, pull_request=number), rules, jobs, now=NOW)}

    for rule in rules:
        row = told.get(key_of(rule))
        runs, retries, failed, unknown, energy_j, gco2e = by_hand(held, rule, jobs, since)
        if row is None:
            assert rule.per == PULL_REQUEST
            assert number is None
        else:
            assert (row.runs, row.retries, row.failed, row.unknown) == (runs, retries, failed, unknown)
            assert (row.energy_j, row.gco2e) == (pytest.approx(energy_j), pytest.approx(gco2e))


def by_hand(held, rule, jobs, since):
    """A sum as it is defined, of whole records: runs, retries, failed, unknown, joules and grams."""
    place = next((job.repository for job in jobs if job.repository), None)
    number = next((job.pull_request for job in jobs if job.pull_request), None)
    dated = [job for job in jobs if job.started_at]
    begun = max((job.started_at for job in dated), default=NOW)
    at = max((moment_of(seconds_of(job.started_at) + (job.duration_s or 0)) for job in dated), default=NOW)
    first, end = (None, None) if rule.per == PULL_REQUEST else period_of(rule.per, begun)
    here = [run for run in held.runs() if place is None or run.repository in (place, None)]
    in_time = [run for run in here if since is not None and (run.started_at or since) >= since]
    of_it = [run for run in here if run.pull_request is not None and run.pull_request == number]
    here = in_time + [run for run in of_it if run not in in_time]
    own, met, found = {alike(job.name, job) for job in jobs}, set(), []
    for run in here:
        if alike(run.job, run) in own or (run.run_id is not None and alike(run.job, run) in met):
            continue
        met.add(alike(run.job, run))
        in_period = run in of_it if first is None else first <= (run.started_at or first) < end
        if in_period and (run.started_at or at) <= at:
            found.append(run)
    runs = retries = failed = unknown = energy_j = gco2e = 0
    for run in found:
        attempts = [other.run_attempt or 1 for other in here if (other.job, other.run_id) == (run.job, run.run_id)]
        attempts += [job.run_attempt or 1 for job in jobs if (job.name, job.run_id) == (run.job, run.run_id)]
        is_replaced = run.run_id is not None and (run.run_attempt or 1) < max(attempts)
        is_meant = covers(rule.scopes, run.job, run.branch, run.runner)
        if is_meant is False or (is_replaced and rule.attempts == "last"):
            continue
        runs, retries, failed = runs + 1, retries + is_replaced, failed + (run.ended is not None)
        if run.it_j is None or is_meant is None or (run.started_at is None and first is not None):
            unknown += 1
        else:
            unknown += run.ended not in (None, FAILED)
            energy_j, gco2e = energy_j + run.facility_j, gco2e + run.gco2e
    return runs, retries, failed, unknown, energy_j, gco2e


def alike(name, run):
    return (name, run.run_id, run.run_attempt or 1) if run.run_id is not None else (name, run.started_at)


def test_a_date_that_is_none_is_an_error_and_not_everything():
    with pytest.raises(ValueError, match="`last week` is no date"):
        History().runs(since="last week")
