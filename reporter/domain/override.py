"""Exceeded budgets that people have accepted: by whom, why, until when. What fails becomes a warning, never a pass.

A label on the pull request, or an entry of the config file. Values in, outcome out: asking a forge is done elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import NamedTuple

from reporter.domain.budget import Finding, Outcome, Override, Verdict, fails, worst
from reporter.domain.period import S_PER_DAY, seconds_of

EVERY_RULE = "*"
NO_REASON = "no reason given"
LONGEST_DAYS = 366
"""How far ahead an entry may end: what nobody looks at for a year is no exception any more."""
MAY_ACCEPT = ("write", "maintain", "admin")
"""Who may write to the repository may accept what goes into it."""
MOST_REASON = 300
"""Characters that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An override of the config file: for rules and jobs of these patterns, until the end of the day `until` (UTC)."""

    rule: str
    """As the budget is written, `50 g`, or a pattern; `*`: all of them."""
    reason: str
    until: str
    """`2026-12-31`."""
    jobs: tuple[str, ...] = ()
    """Patterns such as `train*`; empty: all jobs, and their sum."""
    by: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The label as a pull request has it now: who set it, when, what that person may do, which reason was written."""

    label: str
    by: str | None
    """None: the forge does not say."""
    is_bot: bool = False
    app: str | None = None
    """The app that set it in that person's name; None: they did it themselves."""
    permission: str | None = None
    """`admin`, `maintain`, `write`, `triage`, `read` or `none`; None: the forge does not say."""
    since: str | None = None
    reason: str | None = None


class Granted(NamedTuple):
    """An override that counts, and the entry that says what it is about; without one it is about everything."""

    override: Override
    entry: Entry | None = None


def why_not(entry: Entry, now: str) -> str | None:
    """Why an entry does not count at a moment; None where it does."""
    now_s, end_s = seconds_of(now), seconds_of(f"{entry.until}T00:00:00Z")
    if now_s is None or end_s is None:
        return "its end is no date"
    if end_s + S_PER_DAY <= now_s:
        return f"it expired on {entry.until}"
    if end_s - now_s > LONGEST_DAYS * S_PER_DAY:
        return f"its end, {entry.until}, is more than a year ahead"
    return None


def refused(label: Label) -> str | None:
    """Why a label does not count; None where it does."""
    if label.by is None:
        return "the forge does not say who set it"
    if label.is_bot:
        return f"{label.by}, who set it, is a bot"
    if label.app is not None:
        return f"the app {label.app} set it in {label.by}'s name"
    if label.permission is None:
        return f"the forge does not say what {label.by}, who set it, may do"
    if label.permission not in MAY_ACCEPT:
        return f"{label.by}, who set it, may not write to the repository (permission: {label.permission})"
    return None


def by_label(label: Label) -> Override:
    """The override that a label is, as long as it is on the pull request."""
    reason = " ".join((label.reason or "").split())[:MOST_REASON]
    return Override(
        by=label.by, reason=reason or NO_REASON, since=label.since, until=None, origin=f"label `{label.label}`"
    )


def by_entry(entry: Entry) -> Override:
    """The override that an entry is."""
    reason = " ".join(entry.reason.split())[:MOST_REASON]
    return Override(by=entry.by, reason=reason, since=None, until=entry.until, origin=entry.origin)


def covers(entry: Entry, finding: Finding, job: str | None) -> bool:
    """Whether an entry is about this finding of a job; None is the sum of all jobs."""
    rule = " ".join(entry.rule.split())
    if finding.rule != rule and not fnmatchcase(finding.rule, rule):
        return False
    return not entry.jobs or (job is not None and any(fnmatchcase(job, pattern) for pattern in entry.jobs))


def overridden(
    verdict: Verdict,
    job: str | None,
    granted: Sequence[Granted],
    *,
    on_unknown: str = "warn",
    on_borderline: str = "warn",
) -> Verdict:
    """The verdict with what would fail the build turned into a warning where an override is about it.

    The first that covers a finding counts. Findings that fail nothing stay as they are.
    """
    findings = tuple(
        _overridden(finding, job, granted)
        if fails(finding, on_unknown=on_unknown, on_borderline=on_borderline)
        else finding
        for finding in verdict.findings
    )
    return verdict if findings == verdict.findings else with_findings(verdict, findings)


def lifted(verdict: Verdict) -> Verdict:
    """The verdict as it was before any override: whether one holds is decided anew each time."""
    if all(finding.override is None for finding in verdict.findings):
        return verdict
    return with_findings(verdict, tuple(_lifted(finding) for finding in verdict.findings))


def with_findings(verdict: Verdict, findings: tuple[Finding, ...]) -> Verdict:
    """The verdict with these findings, and the outcome that follows from them."""
    outcomes = (*(finding.outcome for finding in findings), *((Outcome.UNKNOWN,) if verdict.why else ()))
    return replace(verdict, outcome=worst(outcomes), findings=findings)


def _overridden(finding: Finding, job: str | None, granted: Sequence[Granted]) -> Finding:
    for override, entry in granted:
        if entry is None or covers(entry, finding, job):
            outcome = Outcome.WARN if finding.outcome is Outcome.FAIL else finding.outcome
            return replace(finding, outcome=outcome, override=replace(override, instead_of=finding.outcome))
    return finding


def _lifted(finding: Finding) -> Finding:
    before = finding.override
    return finding if before is None else replace(finding, outcome=before.instead_of, override=None)
