"""Limits from history: above what runs usually take, below what would hide an increase."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporter.domain.budget import Budget, Metric, Outcome
from reporter.domain.footprint import judged
from reporter.domain.suggestion import lowered, percentile, rounded_up, suggested
from tests.factories_footprint import footprint
from tests.factories_history import by_job, run_record

KWH = 3_600_000.0


def runs(*kilowatt_hours, **changes):
    """Energies at the facility: PUE 1."""
    return [
        run_record(number, it_j=KWH * energy, pue_ratio=1.0, gco2e_per_kwh=100.0, **{"repeat_ratio": 0.0, **changes})
        for number, energy in enumerate(kilowatt_hours)
    ]


def limits(found):
    return {(one.metric.value, one.per_unit): (one.limit, one.unit) for one in found}


def test_the_95th_percentile_is_rounded_up_in_a_unit_that_people_read():
    # 1.00, 1.01 … 1.20: the 95th percentile of 21 values is the 20th, 1.19.
    found = suggested(by_job(runs(*(1 + number / 100 for number in range(21)))))

    assert limits(found)["energy", None] == (1.2, "kWh")
    assert limits(found)["emissions", None] == (120.0, "g")
    # 1.19 kWh over 50,000 samples: 85.68 J.
    assert limits(found)["energy", "sample"] == (86.0, "J")


def test_what_a_repeat_may_take_more_comes_on_top():
    found = suggested(by_job(runs(*[1.0] * 5, repeat_ratio=0.05)))

    assert limits(found)["energy", None] == (1.1, "kWh")


def test_a_run_at_the_percentile_passes_the_suggested_limit():
    made = footprint()
    energy = made.energy.facility_j
    found = suggested(by_job([run_record(number, repeat_ratio=0.005) for number in range(20)]))
    one = next(each for each in found if each.metric is Metric.ENERGY and each.per_unit is None)
    budget = Budget(rule="", metric=Metric.ENERGY, unit=one.unit, limit=one.limit)

    assert energy == pytest.approx(KWH * 1.12)
    assert judged(made, (budget,)).verdict.outcome is Outcome.PASS


def test_few_runs_say_nothing():
    (one,) = suggested(by_job(runs(1.0, 1.0, 1.0, 1.0)))

    assert (one.limit, one.runs) == (None, 4)


def test_failed_and_different_runs_do_not_count():
    good = runs(*[1.0] * 6)
    odd = [
        replace(good[0], run_id=90, it_j=KWH * 9, ended="the command failed"),
        replace(good[0], run_id=91, it_j=KWH * 9, gpus="8 × NVIDIA H200"),
        replace(good[0], run_id=92, it_j=None),
    ]

    assert limits(suggested(by_job([*odd, *good])))["energy", None] == (1.0, "kWh")


def test_each_job_has_its_own_limits():
    found = suggested(by_job([*runs(*[1.0] * 5), *runs(*[2.0] * 5, job="eval")]))

    assert {one.job for one in found} == {"train", "eval"}


def test_a_unit_that_a_run_did_not_count_is_left_out_of_it():
    some = runs(*[1.0] * 6)
    some[0] = replace(some[0], units=())

    assert next(one.runs for one in suggested(by_job(some)) if one.per_unit == "sample") == 5


def limit(value, unit="kWh", **changes):
    return Budget(rule=f"{value:g} {unit}", metric=Metric.ENERGY, unit=unit, limit=value, **changes)


@pytest.mark.parametrize(("limit_kwh", "lower"), [(2.0, 1.1), (1.4, 1.1), (1.3, None), (1.0, None), (0.5, None)])
def test_a_limit_that_all_runs_stay_well_below_is_lowered_and_none_is_raised(limit_kwh, lower):
    found = lowered(by_job(runs(*[1.05] * 10)), (limit(limit_kwh),))

    assert [one.limit for one in found] == ([] if lower is None else [lower])


def test_a_lower_limit_keeps_the_unit_and_names_what_it_replaces():
    (one,) = lowered(by_job(runs(*[1.0] * 10)), (limit(2000.0, "Wh"),))

    assert (one.limit, one.unit, one.instead_of.rule) == (1000.0, "Wh", "2000 Wh")


def test_a_limit_for_several_jobs_follows_the_one_that_takes_most():
    both = [*runs(*[1.0] * 10), *runs(*[1.5] * 10, job="eval")]

    assert [one.limit for one in lowered(by_job(both), (limit(2.0),))] == [1.5]
    assert lowered(by_job(both), (limit(1.6),)) == ()
    assert [one.limit for one in lowered(by_job(both), (limit(2.0, jobs=("train",)),))] == [1.0]


def test_a_limit_is_left_where_one_of_its_jobs_has_too_few_runs():
    both = [*runs(*[1.0] * 10), *runs(*[1.0] * 2, job="eval")]

    assert lowered(by_job(both), (limit(2.0),)) == ()


def test_other_kinds_of_rules_are_left():
    rules = (limit(20.0, per="month"), Budget(rule="+10%", metric=Metric.ENERGY, unit="%", limit=10.0))

    assert lowered(by_job(runs(*[1.0] * 10)), rules) == ()


@pytest.mark.parametrize(
    ("values", "share", "found"), [([7.0], 95, 7.0), ([0.0, 10.0], 95, 9.5), ([3.0, 1.0, 2.0], 50, 2.0)]
)
def test_percentiles_are_linear_between_ranks(values, share, found):
    assert percentile(values, share) == pytest.approx(found)


@pytest.mark.parametrize(
    ("value", "up"), [(1.0, 1.0), (1.01, 1.1), (99.1, 100.0), (123.0, 130.0), (0.0012, 0.0012), (0.0, 0.0)]
)
def test_a_limit_is_never_rounded_below_its_value(value, up):
    assert rounded_up(value) == pytest.approx(up)
