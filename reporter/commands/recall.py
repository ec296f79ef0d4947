"""What earlier runs tell of a report's jobs: their base, and what is spent of budgets over time. And keeping the jobs.

Nothing of it changes the fate of a job: a history that cannot be read makes the rules on it unknown.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from reporter.commands.assessment import Assessed, judged_again
from reporter.commands.history_store import store_of
from reporter.commands.settings import Settings
from reporter.domain.baseline import Baseline, baseline_of
from reporter.domain.budget import PULL_REQUEST, Budget, Kind
from reporter.domain.footprint import HISTORY_UNREADABLE, Footprint
from reporter.domain.period import moment_of
from reporter.domain.run_record import RunRecord, record_of
from reporter.domain.spent import Spent, ledger, reach
from reporter.errors import HistoryError, ReporterError
from reporter.history import STORES, split
from reporter.history.ledger import History

LAST_RUNS = 20
"""Comparable runs of the base that a job is held against, the newest."""
ARTIFACT, BRANCH, FILE = "artifact", "branch", "file"
ON_HISTORY = (Kind.INCREASE, Kind.SUM)
MOST_TROUBLES = 3


def recalled(assessed: Assessed, settings: Settings) -> Assessed:
    """The jobs with what history knows of them, judged again; as they are where there is no history to ask.

    A base that was given by hand stays.
    """
    spec = spec_of(assessed, settings)
    if spec is None:
        return assessed
    try:
        by_pull_request = any(rule.per == PULL_REQUEST for rule in _rules(assessed))
        history = store_of(settings, spec=spec, pull_request=by_pull_request).load()
    except HistoryError as error:
        flag = f"{HISTORY_UNREADABLE}:{error.message}"
        rows = tuple(replace(row, flags=(*row.flags, flag)) for row in assessed.footprints)
        return judged_again(assessed, rows)._replace(notices=(*assessed.notices, _sentence(error)))
    rows = _based(assessed.footprints, history, settings)
    spent, told = _spent(assessed, history, spec)
    rows = tuple(replace(row, ledger=spent or row.ledger) for row in rows)
    troubles = (f"{words}." for words in history.trouble[:MOST_TROUBLES])
    return judged_again(assessed, rows)._replace(notices=(*assessed.notices, *told, *troubles))


def remember(assessed: Assessed, settings: Settings) -> str | None:
    """Keep the jobs for later ones; what went wrong, in a sentence.

    Only runs of the default branch are what others are held against, so only they are written to a branch;
    a file, which nobody else reads, gets them all.
    """
    spec = spec_of(assessed, settings)
    name = split(spec)[0] if spec else ""
    ci = settings.ci
    if spec is None or not STORES[name].writes or not (ci.keeps_history or name == FILE):
        return None
    records = tuple(_record(row, settings) for row in assessed.footprints if row.method != "estimate")
    try:
        store_of(settings, spec=spec).append(records)
    except HistoryError as error:
        return f"The run is not part of the history. {_sentence(error)}"
    return None


def spec_of(assessed: Assessed, settings: Settings) -> str | None:
    """The store to ask; None: none. `auto` asks for artifacts where a rule needs history and they may be read."""
    config, environ = settings.config, settings.environ
    token = bool(environ.get("GITHUB_TOKEN"))
    if config.history == "auto":
        needed = any(rule.kind in ON_HISTORY for rule in _rules(assessed))
        return ARTIFACT if needed and token and settings.ci.repository else None
    if config.history == "off":
        return None
    # Within the action the step that has the token asks, which is the next one.
    within = environ.get("GITHUB_ACTIONS") == "true" and split(config.history)[0] in (BRANCH, ARTIFACT)
    return None if within and not token else config.history


def _rules(assessed: Assessed) -> tuple[Budget, ...]:
    return tuple(finding.budget for finding in assessed.total.verdict.findings)


def _based(footprints: tuple[Footprint, ...], history: History, settings: Settings) -> tuple[Footprint, ...]:
    branch = settings.ci.base_ref or settings.ci.default_branch
    return tuple(
        row if row.baseline is not None and settings.config.against is not None else replace(row, baseline=base)
        for row in footprints
        for base in [_base(_record(row, settings), history, branch)]
    )


def _base(head: RunRecord, history: History, branch: str | None) -> Baseline:
    """Comparable runs of the base branch; where none compares, its newest run says why."""
    label = branch or "earlier runs"
    for like in (head, None):
        runs = history.runs(job=head.job, branch=branch, like=like, before=head.started_at, last=2 * LAST_RUNS)
        own = [run for run in runs if run.pull_request is None and not _same(run, head)][-LAST_RUNS:]
        if own:
            return baseline_of(own, head, label=label)
    return baseline_of((), head, label=label)


def _same(run: RunRecord, head: RunRecord) -> bool:
    return run.run_id is not None and (run.run_id, run.run_attempt) == (head.run_id, head.run_attempt)


def _spent(assessed: Assessed, history: History, spec: str) -> tuple[tuple[Spent, ...], tuple[str, ...]]:
    """What was spent before, of the sums that this store holds whole, and why others are not judged."""
    rules, jobs = _rules(assessed), [row.job for row in assessed.footprints]
    now = moment_of(time.time())
    since, number = reach(rules, jobs, now=now)
    if since is None and number is None:
        return (), ()
    records = history.runs(since=since, undated=True) if since is not None else ()
    if number is not None:
        known = set(records)
        records = (*records, *(run for run in history.runs(pull_request=number) if run not in known))
    sums = ledger(records, rules, jobs, now=now)
    name = split(spec)[0]
    whole = tuple(row for row in sums if name == FILE or (row.per == PULL_REQUEST) == (name == ARTIFACT))
    return whole, tuple(_lacking(name, row.per) for row in sums if row not in whole)


def _lacking(name: str, per: str) -> str:
    if per == PULL_REQUEST:
        return f"History `{name}` has no runs of pull requests: rules per pull request need `artifact` or `file:PATH`."
    return f"History `{name}` has the last runs alone: rules per {per} need `branch` or `file:PATH`."


def _record(row: Footprint, settings: Settings) -> RunRecord:
    job, ci = row.job, settings.ci
    return record_of(row, branch=job.branch or ci.branch, runner=job.runner)


def _sentence(error: ReporterError) -> str:
    return " ".join(_parts(error))


def _parts(error: ReporterError) -> Iterator[str]:
    yield f"{error.message}."
    if error.hint:
        yield error.hint
