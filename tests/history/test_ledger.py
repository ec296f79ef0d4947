"""Questions to the history: which runs, and what they took together."""

from __future__ import annotations

import random
from dataclasses import replace
from math import fsum

import pytest

from reporter.history.codec import text_of
from reporter.history.ledger import History
from reporter.history.shard import additions, dumps, parse
from reporter.history.totals import Sums
from tests.factories_history import FIRST_S, many, run_record


def history(*shards):
    return History(parse(dumps(additions(runs, ())), f"{number}") for number, runs in enumerate(shards))


def numbers(runs):
    return [run.run_id for run in runs]


def test_runs_of_all_shards_come_oldest_first_and_once():
    both = history([run_record(3), run_record(1)], [run_record(2), replace(run_record(1), it_j=9.0)])

    assert numbers(both.runs()) == [2, 3, 4]
    assert len(both) == 3


def test_an_empty_history_has_no_runs_and_no_sums():
    assert History().runs() == ()
    assert History().sums() == Sums()
    assert History().jobs == ()


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


def test_before_leaves_out_that_moment_and_since_takes_it_in():
    held = history([run_record(number) for number in range(5)])

    assert numbers(held.runs(before=run_record(3).started_at)) == [1, 2, 3]
    assert numbers(held.runs(since=run_record(3).started_at)) == [4, 5]
    assert numbers(held.runs(since="2026-01-01", before="2026-01-01T01:00:00Z")) == [1]


def test_a_run_without_a_date_is_in_no_span_of_time_unless_asked_for():
    held = history([run_record(0, started_at=None), run_record(1)])

    assert numbers(held.runs()) == [1, 2]
    assert numbers(held.runs(since="2000-01-01")) == [2]
    assert numbers(held.runs(since="2000-01-01", undated=True)) == [1, 2]


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

    assert numbers(held.runs(like=run_record(9), last=5)) == [1, 3]


def test_machines_of_one_kind_may_tell_slightly_different_memory():
    held = history([run_record(0, memory_gb=15.6), run_record(1, memory_gb=15.8)])

    assert numbers(held.runs(like=run_record(memory_gb=16.0))) == [1, 2]


def test_runs_of_a_pull_request():
    held = history([run_record(0, pull_request=7), run_record(1), run_record(2, pull_request=8)])

    assert numbers(held.runs(pull_request=7)) == [1]


def test_sums_are_those_of_the_records():
    records = many(300, jobs=7)
    held = history(records[:100], records[100:])
    read = held.runs()

    sums = held.sums()

    assert (sums.runs, sums.unmeasured) == (300, 0)
    assert sums.it_j == pytest.approx(fsum(run.it_j for run in read), rel=1e-12)
    assert sums.facility_j == pytest.approx(fsum(run.facility_j for run in read), rel=1e-12)
    assert sums.gco2e == pytest.approx(fsum(run.gco2e for run in read), rel=1e-12)
    assert sums.duration_s == pytest.approx(fsum(run.duration_s for run in read), rel=1e-12)


def test_sums_over_any_scope_and_time_are_those_of_the_runs_meant():
    chance = random.Random(4)
    held = history(many(400, jobs=5))
    for _ in range(50):
        first, last = sorted(FIRST_S + chance.randrange(300 * 400) for _ in range(2))
        job = chance.choice(["train (a100, 1)", "train*", "other"])
        meant = held.runs(job=job, since=text_of(first), before=text_of(last))

        sums = held.sums(job=job, since=text_of(first), until=text_of(last))

        assert sums.runs == len(meant)
        assert sums.gco2e == pytest.approx(fsum(run.gco2e for run in meant), rel=1e-9)


def test_a_sum_says_how_many_runs_it_does_not_hold():
    held = history([run_record(0), run_record(1, it_j=None)])

    sums = held.sums()

    assert (sums.runs, sums.unmeasured) == (2, 1)
    assert sums.it_j == 3_600_000.0


def test_attempts_count_all_or_only_the_last():
    first, second = run_record(0, ended="the command failed"), run_record(1, run_id=1, run_attempt=2)
    held = history([first, second, run_record(2, run_id=None, run_attempt=None)])

    assert held.sums().runs == 3
    assert held.sums(attempts="last").runs == 2
    assert held.sums(ended="well").runs == 2


def test_sums_of_a_pull_request_hold_every_attempt_of_it():
    held = history([run_record(0, pull_request=7), run_record(1, pull_request=7, run_attempt=2), run_record(2)])

    assert held.sums(pull_request=7).runs == 2
    assert held.sums(pull_request=8) == Sums()


def test_runs_without_a_date_are_summed_only_where_no_time_is_asked_for():
    held = history([run_record(0, started_at=None), run_record(1)])

    assert held.sums().runs == 2
    assert held.sums(until="2030-01-01").runs == 1
    assert held.sums(since="1970-01-01").runs == 1


def test_a_date_that_is_none_is_an_error_and_not_everything():
    with pytest.raises(ValueError, match="`last week` is no date"):
        History().runs(since="last week")
