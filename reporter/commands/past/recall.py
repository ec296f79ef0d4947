"""What earlier runs tell of a report's jobs: their base, and what is spent of budgets over time. And keeping the jobs.

Nothing of it changes the fate of a job: a history that cannot be read makes the rules on it unknown.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from reporter.commands.account.assessment import Assessed, judged_again
from reporter.commands.delivery.folder import DEFAULT, FOOTPRINT
from reporter.commands.output import warn
from reporter.commands.past.store import store_of
from reporter.commands.settings import Settings
from reporter.domain.baseline import Baseline, baseline_of
from reporter.domain.budget import PULL_REQUEST, Budget, Kind
from reporter.domain.claim import is_claim
from reporter.domain.footprint import HISTORY_UNREADABLE, Footprint
from reporter.domain.period import moment_of
from reporter.domain.run_record import RunRecord, record_of
from reporter.domain.spent import Spent, ledger, reach
from reporter.errors import HistoryDenied, HistoryError, ReporterError
from reporter.export import json
from reporter.history import STORES, PullRequest, split
from reporter.history.ledger import History

LAST_RUNS = 20
"""Comparable runs of the base that a job is held against, the newest."""
PATIENCE_S = 30.0
"""How long a forge may take for all its answers, or git for one: the report must not wait for ever."""
ARTIFACT, BRANCH, FILE = "artifact", "branch", "file"
EARLIER = "earlier runs"
"""What the base is called where no branch is known."""
MOST_TROUBLES = 3


def recalled(assessed: Assessed, settings: Settings) -> Assessed:
    """The jobs with what history knows of them, judged again; as they are where there is none to ask.

    A base that was given by hand, or was run beside the job, stays.
    """
    spec = spec_of(assessed, settings)
    if spec is None:
        return assessed
    if _has_no_token(spec, settings):
        told = f"History `{spec}` is asked by the step that has the token in GITHUB_TOKEN."
        return assessed._replace(notices=(*assessed.notices, told))
    pull_request = _pull_request(assessed, settings)
    try:
        history = store_of(settings, spec=spec, pull_request=pull_request, patience_s=PATIENCE_S).load()
    except HistoryError as error:
        return _lost(assessed, error, settings)
    rows = _based(assessed.footprints, history, settings)
    spent, told = _spent(assessed, history, spec, pull_request)
    rows = tuple(replace(row, ledger=spent or row.ledger, flags=_other_flags(row)) for row in rows)
    notices = [told] if told else []
    notices += [f"{words}." for words in history.trouble[:MOST_TROUBLES]]
    if len(history.trouble) > MOST_TROUBLES:
        notices.append(f"Of the history {len(history.trouble) - MOST_TROUBLES} more could not be read.")
    return judged_again(assessed, rows)._replace(notices=(*assessed.notices, *notices))


def spec_of(assessed: Assessed, settings: Settings) -> str | None:
    """The store to ask; None: none, or nothing would come of it.

    `auto` asks for artifacts where a rule needs them and there is a token.
    """
    config, rules = settings.config, _rules(assessed)
    lacks_base = any(not _stays(row, settings) for row in assessed.footprints)
    if config.history == "auto":
        is_pull_request = any(row.job.pull_request is not None for row in assessed.footprints)
        needed = any(
            (lacks_base and rule.kind is Kind.INCREASE) or (is_pull_request and rule.per == PULL_REQUEST)
            for rule in rules
        )
        known = settings.environ.get("GITHUB_TOKEN") and settings.ci.repository
        return ARTIFACT if needed and known else None
    if config.history == "off" or not (lacks_base or any(rule.kind is Kind.SUM for rule in rules)):
        return None
    return config.history


def remember(assessed: Assessed, settings: Settings) -> str | None:
    """Keep the jobs for later ones; what went wrong, in a sentence.

    Only runs of the default branch are what others are held against, so only they are written to a branch;
    a file, which nobody else reads, gets them all but estimates, and figures that nobody vouches for.
    """
    spec = settings.config.history
    name = spec if spec in ("auto", "off") else split(spec)[0]
    if name not in STORES or not STORES[name].writes or _has_no_token(spec, settings):
        return None
    if name != FILE and not settings.ci.keeps_history:
        return None
    measured = [row for row in assessed.footprints if row.method != "estimate" and not is_claim(row)]
    records = tuple(in_public(_entry(row, settings), settings, store=name) for row in measured)
    try:
        store_of(settings, patience_s=PATIENCE_S).append(records)
    except HistoryError as error:
        return f"The run is not part of the history. {error.sentences}"
    return None


def in_public(record: RunRecord, settings: Settings, *, store: str) -> RunRecord:
    """A run as that store is to keep it: on a branch, which anybody may read, without the runner's name.

    That is often a host's. A rule on `runners` needs it, and names them itself.
    """
    if store != BRANCH or any(rule.runners for rule in settings.config.budgets):
        return record
    return replace(record, runner=None)


def handed_over(assessed: Assessed, settings: Settings) -> Assessed | None:
    """The jobs with what the output folder says of them, for which history was asked a moment ago.

    None where some rule's answer is not there.
    """
    file = Path(settings.config.out or DEFAULT) / FOOTPRINT
    try:
        found = json.loads(file.read_text(encoding="utf-8"), origin=str(file))
    except (OSError, UnicodeDecodeError, ReporterError):
        return None
    known = {_identity(row): row for row in found}
    rows = []
    for row in assessed.footprints:
        same = known.get(_identity(row))
        if same is None:
            return None
        flags = (*_other_flags(row), *(flag for flag in same.flags if _is_lost(flag)))
        rows.append(replace(row, baseline=same.baseline or row.baseline, ledger=same.ledger, flags=flags))
    if not all(_is_answered(rule, row, settings) for rule in _rules(assessed) for row in rows):
        return None
    return judged_again(assessed, tuple(rows))


def _is_answered(rule: Budget, row: Footprint, settings: Settings) -> bool:
    if any(map(_is_lost, row.flags)) or rule.kind not in (Kind.INCREASE, Kind.SUM):
        return True
    if rule.kind is Kind.INCREASE:
        return row.baseline is not None
    name = settings.config.history.partition(":")[0]
    held = {spent.per for spent in row.ledger}
    return rule.per in held or not _holds(ARTIFACT if name == "auto" else name, rule.per or "", row.job.pull_request)


def _has_no_token(spec: str, settings: Settings) -> bool:
    """Whether the step that has the token, which is the action's next one, is the one to ask."""
    environ = settings.environ
    return environ.get("GITHUB_ACTIONS") == "true" and split(spec)[0] != FILE and not environ.get("GITHUB_TOKEN")


def _lost(assessed: Assessed, error: HistoryError, settings: Settings) -> Assessed:
    """History could not be read, so that nothing on it passes. `auto` only asks where it may."""
    told = error.sentences
    flags = [f"{HISTORY_UNREADABLE}:{error.message}"]
    if isinstance(error, HistoryDenied):
        warn(told)  # with the permissions to paste
        told = f"{error.message}. The log says what permissions to give."
        if settings.config.history == "auto":
            told, flags = f"History was not asked: {told}", []
    rows = tuple(
        replace(
            row,
            baseline=row.baseline if _stays(row, settings) else None,
            ledger=(),
            flags=(*_other_flags(row), *flags),
        )
        for row in assessed.footprints
    )
    return judged_again(assessed, rows)._replace(notices=(*assessed.notices, told))


def _stays(row: Footprint, settings: Settings) -> bool:
    """Whether a job has a base that history does not replace."""
    base = row.baseline
    return base is not None and (base.is_given or base.is_paired or settings.config.against_commit is not None)


def _rules(assessed: Assessed) -> tuple[Budget, ...]:
    return tuple(finding.budget for finding in assessed.total.verdict.findings)


def _based(footprints: tuple[Footprint, ...], history: History, settings: Settings) -> tuple[Footprint, ...]:
    branch = settings.ci.base_ref or settings.ci.branch
    return tuple(
        row if _stays(row, settings) else replace(row, baseline=_base(_record(row, settings), history, branch))
        for row in footprints
    )


def _base(head: RunRecord, history: History, branch: str | None) -> Baseline:
    """Comparable runs of the base branch; where none compares, its newest run says why."""
    runs = history.base(head, branch=branch, last=LAST_RUNS) or history.base(head, branch=branch, last=1, alike=False)
    branches = {run.branch for run in runs}
    label = branch or (branches.pop() if len(branches) == 1 else None)
    return baseline_of(runs, head, label=label or EARLIER)


def _pull_request(assessed: Assessed, settings: Settings) -> PullRequest | None:
    """The pull request that a sum is asked for, and its own branch; None where there is none, or it is not known."""
    if all(rule.per != PULL_REQUEST for rule in _rules(assessed)):
        return None
    ci = settings.ci
    for job in (row.job for row in assessed.footprints):
        if job.pull_request is not None and job.branch:
            # The event knows the head of its own pull request; a number that was given goes with a branch of ours.
            where = ci.head_repository if job.pull_request == ci.pull_request and ci.head_sha else ci.repository
            return PullRequest(job.pull_request, job.branch, where) if where else None
    return None


def _spent(
    assessed: Assessed, history: History, spec: str, pull_request: PullRequest | None
) -> tuple[tuple[Spent, ...], str]:
    """What was spent before, of the sums that this store holds whole; and why others are not judged.

    Of a history that could not be read wholly a sum is at least what it comes to.
    """
    rules, jobs = _rules(assessed), [row.job for row in assessed.footprints]
    now = moment_of(time.time())
    since, number = reach(rules, jobs, now=now)
    if since is None and number is None:
        return (), ""
    name, known = split(spec)[0], None if pull_request is None else pull_request.number
    sums = ledger(history.costs(since=since, pull_request=number), rules, jobs, now=now)
    whole = tuple(
        replace(row, unknown=row.unknown + len(history.trouble)) for row in sums if _holds(name, row.per, known)
    )
    lacking = next((_lacking(name, row.per) for row in sums if not _holds(name, row.per, known)), "")
    return whole, lacking


def _holds(name: str, per: str, pull_request: int | None) -> bool:
    """Whether a store has every run of such a sum."""
    if per == PULL_REQUEST:
        return name == FILE or (name == ARTIFACT and pull_request is not None)
    return name in (FILE, BRANCH)


def _lacking(name: str, per: str) -> str:
    if per != PULL_REQUEST:
        return f"History `{name}` has the last runs alone: rules per {per} need `branch` or `file:PATH`."
    if name == ARTIFACT:
        return "The pull request's branch is not known, and so are its runs: rules per pull request are not judged."
    return f"History `{name}` has no runs of pull requests: rules per pull request need `artifact` or `file:PATH`."


def _record(row: Footprint, settings: Settings) -> RunRecord:
    job, ci = row.job, settings.ci
    return record_of(row, branch=job.branch or ci.branch, runner=job.runner)


def _entry(row: Footprint, settings: Settings) -> RunRecord:
    """A job as the history keeps it. Where others' runs are reported on, only the event tells whose they are."""
    record, ci = _record(row, settings), settings.ci
    if record.pull_request is None:
        record = replace(record, pull_request=settings.config.pull_request or ci.pull_request)
    return replace(record, branch=None) if ci.upstream is not None and not ci.keeps_history else record


def _identity(row: Footprint) -> tuple[object, ...]:
    job = row.job
    return job.name, job.run_id, job.run_attempt, job.started_at


def _is_lost(flag: str) -> bool:
    return flag.partition(":")[0] == HISTORY_UNREADABLE


def _other_flags(row: Footprint) -> tuple[str, ...]:
    return tuple(flag for flag in row.flags if not _is_lost(flag))
