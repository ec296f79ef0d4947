"""Claims: what an unprivileged run says of itself is replaced, and lets nothing pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporter.domain.baseline import Baseline
from reporter.domain.budget import Outcome, Verdict, verdict_of
from reporter.domain.claim import UNPRIVILEGED, capped, claims, distrusted, is_claim
from reporter.domain.override import Label
from reporter.domain.readings import Job
from reporter.domain.recomputed import was
from reporter.domain.spent import Spent
from tests.factories_footprint import footprint, grams

KNOWN = Job(name="", repository="o/r", sha="a" * 40, run_id=9, run_attempt=2, pull_request=3, branch="changes")
LABEL = Label(label="emissions-trusted", by="anna", permission="write", since="2026-01-02T00:00:00Z")


@pytest.mark.parametrize(("said", "kept"), [(None, 1), (0, 1), (1, 1), (2, 2), (99, 2)])
def test_the_run_is_the_one_that_is_known_and_no_attempt_is_beyond_it(said: int | None, kept: int) -> None:
    (row,) = claims((footprint(run_attempt=said, run_id=1, pull_request=1, runner="gpu-1"),), KNOWN)

    own = footprint().job
    measured = {name: getattr(own, name) for name in ("name", "command", "exit_status", "started_at", "duration_s")}
    assert row.job == replace(KNOWN, run_attempt=kept, **measured)


def test_what_it_was_judged_by_is_dropped_and_the_flag_is_there_once() -> None:
    told = replace(
        footprint(budgets=(grams(1000),)),
        flags=("mig", UNPRIVILEGED),
        baseline=Baseline(label="main", is_given=True),
        ledger=(Spent(per="month", energy_j=0.0, gco2e=0.0, at="2026-01-01T00:00:00Z"),),
        recomputed=was(footprint()),
    )
    (row,) = claims((told,), KNOWN)

    assert row.verdict.outcome is Outcome.NONE
    assert (row.baseline, row.ledger, row.recomputed) == (None, (), None)
    assert row.flags == ("mig", UNPRIVILEGED)
    assert is_claim(row)


@pytest.mark.parametrize(
    ("limits", "outcome"),
    [((60,), "unknown"), ((40,), "fail"), ((40, 60), "fail"), ((46.4,), "unknown"), ((), "unknown")],
)
def test_no_verdict_of_claims_is_better_than_unknown(limits: tuple[float, ...], outcome: str) -> None:
    verdict = footprint(budgets=tuple(map(grams, limits))).verdict

    found = capped(verdict)

    assert found.outcome == outcome
    assert Outcome.PASS not in {finding.outcome for finding in found.findings}
    assert capped(found) == found


def test_a_warning_stays_one_under_a_verdict_that_is_not_known() -> None:
    warned = verdict_of(footprint(budgets=(grams(40, level="warn"),)).verdict.findings)

    found = capped(warned)

    assert (found.outcome, found.findings[0].outcome) == (Outcome.UNKNOWN, Outcome.WARN)


def test_why_the_rules_are_not_known_is_not_lost() -> None:
    assert capped(Verdict(outcome=Outcome.UNKNOWN, why="no answer")).why == "no answer"


@pytest.mark.parametrize(
    ("label", "made", "over", "why"),
    [
        (LABEL, "2026-01-01T00:00:00Z", (), None),
        (LABEL, "2026-01-01T23:59:59Z", (), None),
        (LABEL, "2026-01-02T00:00:00Z", (), "before this commit"),
        (LABEL, "2026-01-02T00:00:01Z", (), "before this commit"),
        (LABEL, "2026-01-01T00:00:00Z", ("2025-12-31T00:00:00Z", "2026-01-01T00:00:00Z"), None),
        (LABEL, "2026-01-01T00:00:00Z", ("2026-01-01T00:00:01Z", "2025-12-31T00:00:00Z"), "pushed over"),
        (LABEL, "2026-01-01T00:00:00Z", ("None",), "pushed over"),
        (LABEL, None, (), "not known"),
        (LABEL, "2026-01-01", (), "not known"),
        (replace(LABEL, since=None), "2026-01-01T00:00:00Z", (), "not known"),
        (replace(LABEL, permission="triage"), "2026-01-01T00:00:00Z", (), "may not write"),
        (replace(LABEL, is_bot=True), "2026-01-01T00:00:00Z", (), "is a bot"),
        (replace(LABEL, app="helper"), "2026-01-01T00:00:00Z", (), "the app helper set it"),
        (replace(LABEL, by=None), "2026-01-01T00:00:00Z", (), "does not say who"),
    ],
)
def test_a_label_counts_for_the_commit_that_it_was_set_on(
    label: Label,
    made: str | None,
    over: tuple[str, ...],
    why: str | None,
) -> None:
    found = distrusted(label, since=made, pushed_over=over)

    assert found is None if why is None else why in str(found)
