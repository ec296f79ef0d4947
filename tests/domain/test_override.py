"""Exceeded budgets that people accept: fail becomes warn, never pass; who may, until when, what about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporter.domain.budget import Budget, Finding, Metric, Outcome, Override, Verdict, fails_build, terms, verdict_of
from reporter.domain.override import (
    NO_REASON,
    Entry,
    Granted,
    Label,
    by_entry,
    by_label,
    covers,
    lifted,
    overridden,
    refused,
    why_not,
    with_findings,
)

NOW = "2026-06-15T12:00:00Z"
ENTRY = Entry(rule="50 g", reason="one large run", until="2026-12-31", origin="emissions.yml, line 7")
LABEL = Label(
    label="emissions-accepted", by="anna", permission="write", since="2026-06-14T00:00:00Z", reason="larger data"
)


def finding(
    outcome: Outcome = Outcome.FAIL, *, rule: str = "50 g", observed: float = 61.0, level: str = "fail"
) -> Finding:
    budget = Budget(rule=rule, metric=Metric.EMISSIONS, unit="g", limit=50.0, level=level)
    return Finding(**terms(budget), observed=observed, low=observed - 1, high=observed + 1, outcome=outcome, why="x")


def judged(*outcomes: Outcome, job: str | None = "train", granted: Granted | None = None, **options: str) -> Verdict:
    granted = granted or Granted(by_label(LABEL))
    return overridden(verdict_of(map(finding, outcomes)), job, (granted,), **options)


def test_what_fails_warns_and_keeps_its_figures_and_who_accepted_it() -> None:
    verdict = judged(Outcome.FAIL)

    (found,) = verdict.findings
    assert verdict.outcome is found.outcome is Outcome.WARN
    assert (found.observed, found.limit) == (61.0, 50.0)
    assert found.override == Override(
        by="anna",
        reason="larger data",
        since="2026-06-14T00:00:00Z",
        until=None,
        origin="label `emissions-accepted`",
        instead_of=Outcome.FAIL,
    )
    assert not fails_build(verdict, on_unknown="fail", on_borderline="fail")


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.WARN, Outcome.UNKNOWN, Outcome.NOT_JUDGED])
def test_what_does_not_fail_is_left_as_it_is(outcome: Outcome) -> None:
    verdict = judged(outcome)

    assert verdict == verdict_of([finding(outcome)])


def test_an_unknown_verdict_that_would_fail_stays_unknown_and_fails_no_more() -> None:
    verdict = judged(Outcome.UNKNOWN, on_unknown="fail")

    assert verdict.outcome is Outcome.UNKNOWN
    assert fails_build(verdict_of([finding(Outcome.UNKNOWN)]), on_unknown="fail")
    assert not fails_build(verdict, on_unknown="fail")


def test_what_is_too_close_to_call_fails_no_more_where_that_would_fail() -> None:
    close = finding(Outcome.WARN, observed=50.0)
    verdict = overridden(verdict_of([close]), "train", (Granted(by_label(LABEL)),), on_borderline="fail")

    assert fails_build(verdict_of([close]), on_borderline="fail")
    assert not fails_build(verdict, on_borderline="fail")


def test_an_entry_is_for_its_rule_and_its_jobs_alone() -> None:
    entry = replace(ENTRY, jobs=("train*",))
    granted = Granted(by_entry(entry), entry)

    assert judged(Outcome.FAIL, job="train (a100)", granted=granted).outcome is Outcome.WARN
    assert judged(Outcome.FAIL, job="eval", granted=granted).outcome is Outcome.FAIL
    assert judged(Outcome.FAIL, job=None, granted=granted).outcome is Outcome.FAIL, "the sum is no job"
    assert not covers(entry, finding(rule="60 g"), "train")


@pytest.mark.parametrize(
    ("rule", "written", "is_about"),
    [("*", "20 kg/month", True), ("50  g", "50 g", True), ("* kg/month", "20 kg/month", True), ("5 g", "50 g", False)],
)
def test_rules_are_named_as_they_are_written_or_by_a_pattern(rule: str, written: str, *, is_about: bool) -> None:
    assert covers(replace(ENTRY, rule=rule), finding(rule=written), None) is is_about


def test_the_worst_that_nobody_accepted_still_decides() -> None:
    verdict = overridden(verdict_of([finding(), finding(rule="60 g")]), "train", (Granted(by_entry(ENTRY), ENTRY),))

    assert verdict.outcome is Outcome.FAIL
    assert [row.outcome for row in verdict.findings] == [Outcome.WARN, Outcome.FAIL]


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.UNKNOWN])
def test_lifting_gives_back_what_was_there_before(outcome: Outcome) -> None:
    before = verdict_of([finding(outcome), finding(Outcome.PASS)])

    assert lifted(overridden(before, "train", (Granted(by_label(LABEL)),), on_unknown="fail")) == before


def test_a_verdict_by_unknown_rules_is_never_less_than_unknown() -> None:
    verdict = with_findings(Verdict(outcome=Outcome.NONE, why="no answer"), (finding(Outcome.PASS),))

    assert verdict.outcome is Outcome.UNKNOWN
    assert not fails_build(verdict)
    assert fails_build(verdict, on_unknown="fail")
    assert with_findings(verdict, (finding(),)).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("until", "now", "why"),
    [
        ("2026-06-15", "2026-06-15T23:59:59Z", None),
        ("2026-06-15", "2026-06-16T00:00:00Z", "it expired on 2026-06-15"),
        ("2027-06-16", NOW, None),
        ("2027-06-17", NOW, "its end, 2027-06-17, is more than a year ahead"),
        ("2026-02-30", NOW, "its end is no date"),
    ],
)
def test_an_entry_counts_to_the_end_of_its_last_day_and_a_year_at_most(until: str, now: str, why: str | None) -> None:
    assert why_not(replace(ENTRY, until=until), now) == why


@pytest.mark.parametrize(
    ("label", "why"),
    [
        (LABEL, None),
        (replace(LABEL, permission="admin"), None),
        (replace(LABEL, permission="maintain"), None),
        (replace(LABEL, permission="read"), "may not write to the repository (permission: read)"),
        (replace(LABEL, permission="triage"), "may not write to the repository"),
        (replace(LABEL, permission="none"), "may not write to the repository"),
        (replace(LABEL, permission=None), "does not say what anna, who set it, may do"),
        (replace(LABEL, is_bot=True, permission="admin"), "is a bot"),
        (replace(LABEL, by=None), "does not say who set it"),
    ],
)
def test_who_may_not_write_accepts_nothing(label: Label, why: str | None) -> None:
    found = refused(label)

    assert found is None if why is None else found is not None and why in found


def test_without_a_reason_that_is_said_and_a_long_one_is_cut() -> None:
    assert by_label(replace(LABEL, reason=" ")).reason == NO_REASON
    assert len(by_label(replace(LABEL, reason="x" * 999)).reason) == 300
