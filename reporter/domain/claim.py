"""Figures that nobody vouches for: a job that ran a stranger's code can say anything, so its word lets nothing pass.

Values in, outcome out. What exceeds a budget by its own account is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reporter.domain.budget import Outcome, Verdict
from reporter.domain.footprint import NO_VERDICT, Footprint
from reporter.domain.override import Label, refused, with_findings
from reporter.domain.period import seconds_of
from reporter.domain.readings import Job

UNPRIVILEGED = "unprivileged"
"""The figures were reported by a run that had no rights, because its code is not the repository's own."""
WHY = "reported by an unprivileged run, whose word alone lets nothing pass"
TRUSTED_LABEL = "emissions-trusted"
"""The label by which somebody who may write takes a commit's figures for measured."""


def claims(footprints: Sequence[Footprint], about: Job) -> tuple[Footprint, ...]:
    """Footprints of an unprivileged run: what they say of their run is replaced by what is known of it.

    `about` has repository, sha, run, pull request and branch. Their own verdict, base and ledger are dropped.
    """
    return tuple(
        replace(
            row,
            job=replace(
                row.job,
                repository=about.repository,
                sha=about.sha,
                run_id=about.run_id,
                run_attempt=min(max(row.job.run_attempt or 1, 1), about.run_attempt or 1),
                pull_request=about.pull_request,
                branch=about.branch,
                runner=None,
            ),
            verdict=NO_VERDICT,
            baseline=None,
            ledger=(),
            recomputed=None,
            flags=tuple(dict.fromkeys((*row.flags, UNPRIVILEGED))),
        )
        for row in footprints
    )


def is_claim(footprint: Footprint) -> bool:
    """Whether its figures are of an unprivileged run."""
    return UNPRIVILEGED in footprint.flags


def capped(verdict: Verdict) -> Verdict:
    """The verdict of claims where there are budgets: at most unknown. A rule that does not apply could be evaded."""
    findings = tuple(
        replace(finding, outcome=Outcome.UNKNOWN, why=WHY) if finding.outcome is Outcome.PASS else finding
        for finding in verdict.findings
    )
    return with_findings(replace(verdict, why=verdict.why or f"The figures are {WHY}"), findings)


def distrusted(label: Label, *, since: str | None, pushed_over: Sequence[str]) -> str | None:
    """Why the label does not make a commit's figures trusted; None where it does.

    `since`: when the run of this commit was made; `pushed_over`: when another history was pushed.
    A label of the same second may have been set before the push, a history of the same second is what was measured.
    """
    if (why := refused(label)) is not None:
        return why
    set_s, made_s = seconds_of(label.since), seconds_of(since)
    if set_s is None or made_s is None:
        return "it is not known whether it was set for this commit"
    if set_s <= made_s:
        return "it was set before this commit was pushed; take it off, look at the commit, and set it again"
    pushed_s = [seconds_of(when) for when in pushed_over]
    if any(when_s is None or when_s > made_s for when_s in pushed_s):
        return "the branch was pushed over since this run began"
    return None
