"""The last word on a verdict: rules that are not known, and exceeded budgets that somebody has accepted.

Who accepted is asked of the forge only where something fails, and only for a pull request.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from reporter.commands.account.assessment import Assessed
from reporter.commands.settings import MACHINE_FILE, Settings
from reporter.commands.trust.rules import NO_TOKEN, client_of
from reporter.config.organisation import LOCKED_OVERRIDE, LOCKS, attempts, locks_of
from reporter.domain.budget import Finding, Outcome, Verdict, fails, worst
from reporter.domain.claim import is_claim
from reporter.domain.footprint import Footprint
from reporter.domain.override import (
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
from reporter.domain.period import moment_of
from reporter.errors import PublishError

Failing = tuple[tuple[Finding, str | None], ...]
"""Findings that fail the build, each with its job; None is the sum of all jobs."""


def ruled(assessed: Assessed, settings: Settings, *, live: bool = False) -> Assessed:
    """The jobs under the rules that hold, with what somebody accepted.

    Live: overrides that were recorded are decided anew, by the config file and the label as they are now.
    """
    rules = settings.rules
    told = list(rules.notices)
    tried = attempts(settings.stack)
    if tried and rules.reference is not None:
        flags = tuple(f"{LOCKED_OVERRIDE}{lock}" for lock in tried)
        rows = (replace(row, flags=tuple(dict.fromkeys((*row.flags, *flags)))) for row in assessed.footprints)
        assessed = assessed._replace(footprints=tuple(rows))
        named = ", ".join(f"`{lock}`" for lock in tried)
        told.append(f"`{rules.reference.name}` locks {named}: what was set here instead does not count.")
    if rules.reference is not None:
        assessed = each(assessed, lambda verdict, row: _known(verdict, row, settings))
        if rules.unknown is not None:
            told.append(f"{_unknown(settings)}.")
    if live:
        assessed = each(assessed, lambda verdict, _: lifted(verdict))
    granted, said = _granted(_failing(assessed, settings), settings, live=live)
    if granted:
        assessed = each(assessed, lambda verdict, row: _overridden(verdict, row, granted, settings))
    assessed = assessed._replace(notices=(*told, *said, *assessed.notices))
    if not any(map(is_claim, assessed.footprints)):
        return assessed
    from reporter.commands.trust.vouch import vouched  # noqa: PLC0415  (only for what a fork reports)

    return vouched(assessed, settings, live=live)


def each(assessed: Assessed, change: Callable[[Verdict, Footprint | None], Verdict]) -> Assessed:
    """Every verdict changed: of each job, and of their sum (None), which then is the worst of them again."""
    alone = {finding for row in assessed.footprints for finding in row.verdict.findings}
    shared = tuple(finding for finding in assessed.total.verdict.findings if finding not in alone)
    own = change(with_findings(Verdict(outcome=Outcome.NONE), shared), None)
    rows = tuple(replace(row, verdict=change(row.verdict, row)) for row in assessed.footprints)
    verdict = Verdict(
        outcome=worst((*(row.verdict.outcome for row in rows), own.outcome)),
        findings=(*(finding for row in rows for finding in row.verdict.findings), *own.findings),
        why=next((row.verdict.why for row in rows if row.verdict.why), None),
    )
    return assessed._replace(footprints=rows, total=replace(assessed.total, verdict=verdict))


def _known(verdict: Verdict, row: Footprint | None, settings: Settings) -> Verdict:
    """The verdict with why it is not known, if it is not."""
    if row is None:
        return verdict
    why = _unknown(settings) if settings.rules.unknown is not None else _elsewhere(row, settings)
    return with_findings(replace(verdict, why=why), verdict.findings)


def _unknown(settings: Settings) -> str:
    reference, why = settings.rules.reference, settings.rules.unknown or ""
    name = reference.name if reference else ""
    return f"The rules of `{name}` are not known, so nothing passes: {why}"


def _elsewhere(row: Footprint, settings: Settings) -> str | None:
    """Why a job's site is not the one that is locked: it was resolved before the rules were known."""
    above, reference = settings.stack.organisation, settings.rules.reference
    if above is None or reference is None:
        return None
    origins = dict(row.origins)
    for lock in set(locks_of(above)) & {"site", "intensity"}:
        for key in set(LOCKS[lock]) & {"region", "pue", "intensity"} & above.settings.keys():
            if not origins.get(key, "").startswith((reference.name, f"/{MACHINE_FILE}")):
                return f"`{key}` is locked by `{reference.name}`, and was resolved without it"
    return None


def _overridden(verdict: Verdict, row: Footprint | None, granted: tuple[Granted, ...], settings: Settings) -> Verdict:
    config = settings.config
    job = None if row is None else row.job.name
    return overridden(verdict, job, granted, on_unknown=config.on_unknown, on_borderline=config.on_borderline)


def _failing(assessed: Assessed, settings: Settings) -> Failing:
    config = settings.config
    jobs = {finding: row.job.name for row in assessed.footprints for finding in row.verdict.findings}
    return tuple(
        (finding, jobs.get(finding))
        for finding in assessed.total.verdict.findings
        if fails(finding, on_unknown=config.on_unknown, on_borderline=config.on_borderline)
    )


def _granted(failing: Failing, settings: Settings, *, live: bool) -> tuple[tuple[Granted, ...], tuple[str, ...]]:
    """The overrides that count, and what there is to say of those that do not, a sentence each."""
    if not failing:
        return (), ()
    number = settings.config.pull_request or settings.ci.pull_request
    told: list[str] = []
    granted: list[Granted] = []
    for entry in settings.config.overrides:
        if not any(covers(entry, finding, job) for finding, job in failing):
            continue
        why = why_not(entry, moment_of(time.time()))
        if number is not None and not settings.rules.of_base:
            why = f"it counts as it stands on the base branch, which was not read: {settings.rules.unread}"
            if not live:
                continue  # who publishes or gates asks for it
        if why is None:
            granted.append(Granted(by_entry(entry), entry))
        else:
            told.append(f"The override of `{entry.rule}` ({entry.origin}) is ignored: {why}.")
    left = any(not any(item.entry and covers(item.entry, finding, job) for item in granted) for finding, job in failing)
    if live and left and number is not None and settings.config.override_label is not None:
        for found in _by_label(settings.config.override_label, number, settings):
            if isinstance(found, str):
                told.append(found)
            else:
                granted.append(found)
    return tuple(granted), tuple(told)


def _by_label(label: str, number: int, settings: Settings) -> Iterator[Granted | str]:
    """The override that the label is, or why there is none where that is worth saying."""
    if not settings.environ.get("GITHUB_TOKEN"):
        yield f"Whether somebody accepted this was not asked: {NO_TOKEN}."
        return
    from reporter.publish.labels import Labels  # noqa: PLC0415  (only where something fails)

    try:
        found = Labels(client_of(settings), settings.ci.repository or "").on(number, label)
    except PublishError as error:
        yield f"Whether somebody accepted this is not known: {error.message}."
        return
    if found is None:
        return
    is_set = Label(label=label, **found._asdict())
    why = refused(is_set)
    yield Granted(by_label(is_set)) if why is None else f"The label `{label}` is ignored: {why}."
