"""`emissions history`: keep runs, look at them, take them elsewhere, let the oldest go."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from reporter.commands import Invocation
from reporter.commands.delivery.form import format_of
from reporter.commands.output import put, warn
from reporter.commands.past.choice import date_of, existing, opened, whole
from reporter.commands.past.store import store_of
from reporter.commands.settings import Settings, load
from reporter.domain.claim import is_claim
from reporter.domain.run_record import RunRecord, record_of
from reporter.errors import ConfigError, ExitCode, Problem, ReporterError, did_you_mean
from reporter.export import runs as runs_export
from reporter.history.ledger import Chosen, History
from reporter.report.console import visible
from reporter.report.format import counted
from reporter.report.trend import trend

WORDS = ("add", "show", "export", "prune")
OTHERS = {"forget": "prune", "remove": "prune", "delete": "prune", "clear": "prune", "list": "show", "import": "add"}
"""What others call it."""
USAGE = "Write `history add PATH…`, `history show`, `history export` or `history prune`."
FORMATS = {"show": ("text", "json"), "export": ("csv", "json", "parquet")}
MOST_SHOWN = 10
"""Rows of a job, where `--last` asks for no other number."""


def run(invocation: Invocation) -> int:
    """What the first word says; `show` without one."""
    word, *rest = invocation.arguments or ("show",)
    if word not in WORDS or (word != "add" and rest) or (word == "add" and not rest):
        message = f"`history {' '.join(invocation.arguments)}` is not known"
        if word == "add":
            message = "`history add` names no footprint"
        meant = OTHERS.get(word, word)
        advice = "" if word in WORDS else did_you_mean(meant, WORDS, otherwise="", cutoff=0.6)
        raise ConfigError(Problem(message, suggestion=f"{advice} {USAGE}".strip()))
    settings = load(invocation)
    return {"add": _add, "show": _show, "export": _export, "prune": _prune}[word](invocation, settings)


def _add(invocation: Invocation, settings: Settings) -> int:
    """Keep the runs under the paths. In CI only those of the default branch, unless it is asked for by hand."""
    from reporter.commands.account.against import runs_at  # noqa: PLC0415  (only here footprints are read)
    from reporter.commands.past.recall import in_public  # noqa: PLC0415

    ci = settings.ci
    if ci.event is not None and not ci.keeps_history and "force" not in invocation.switches:
        message = "Nothing was added: only runs of the default branch (push, schedule, workflow_dispatch) keep history."
        warn(f"{message} `--force` adds this one too.")
        return ExitCode.DONE
    branch = invocation.options.get("branch") or ci.branch
    name, claimed = settings.config.history.partition(":")[0], 0
    records: list[RunRecord] = []
    for path in invocation.arguments[1:]:
        found = runs_at(path, settings)
        if found.unread:
            raise found.unread[0]
        claimed += sum(map(is_claim, found.footprints))
        kept = [row for row in found.footprints if not is_claim(row)]
        records += [in_public(record_of(row, branch=branch, runner=ci.runner), settings, store=name) for row in kept]
    if claimed:
        warn(f"{counted(claimed, 'run')} left out: nobody vouches for what an unprivileged run reports.")
    if claimed and not records:
        return ExitCode.DONE
    if not records:
        raise ReporterError(
            f"No footprint.json or recording.jsonl in {', '.join(invocation.arguments[1:])}: nothing was added",
            hint="`emissions run -- COMMAND` writes them to emissions-report/.",
        )
    store = store_of(settings)
    added = store.append(records)
    there = f"; {counted(added.known, 'run')} {'was' if added.known == 1 else 'were'} there already"
    put(visible(f"{counted(added.added, 'run')} added to {store.label}{there if added.known else ''}") + "\n")
    return ExitCode.DONE


def _show(invocation: Invocation, settings: Settings) -> int:
    form = format_of(invocation, FORMATS["show"])
    history, records, label = _asked(invocation, settings, phases=form == "json")
    if form == "json":
        for part in runs_export.json_of(records):
            put(part, machine=True)
    else:
        most = len(records) if invocation.options.get("last") else MOST_SHOWN
        put(trend(records.by_job(), label=label, held=len(history), most=most))
    return ExitCode.DONE


def _export(invocation: Invocation, settings: Settings) -> int:
    """The runs to stdout, or to the file of `--to`; Parquet only to a file."""
    form = format_of(invocation, FORMATS["export"])
    path = invocation.options.get("to")
    if form == "parquet" and not path:
        message = "Parquet is no text, and goes to a file"
        raise ConfigError(Problem(message, origin="`--format`", suggestion="Write `--to runs.parquet` too."))
    if form == "parquet":
        from reporter.export import parquet  # noqa: PLC0415  (pyarrow is an extra)

        parquet.check()
    _, records, _ = _asked(invocation, settings)
    if form == "parquet":
        parts: Iterable[bytes] = (parquet.dumps(records),)
    else:
        texts = (runs_export.csv_of if form == "csv" else runs_export.json_of)(records)
        parts = (text.encode("utf-8", "replace") for text in texts)
    if path is None:
        for part in parts:
            put(part.decode("utf-8"), machine=True)
        return ExitCode.DONE
    try:
        with Path(path).open("wb") as file:
            file.writelines(parts)
    except OSError as error:
        raise ReporterError(
            f"`{path}` cannot be written: {error.strerror}", hint="Check the path and its disk."
        ) from None
    put(f"{counted(len(records), 'run')} written to {visible(path)}\n")
    return ExitCode.DONE


def _prune(invocation: Invocation, settings: Settings) -> int:
    """Say what goes, and let it go unless this is a rehearsal."""
    keep = whole(invocation, "keep", least=0)
    before = date_of(invocation, "before")
    if (keep is None) == (before is None):
        message = "What to prune is not said" if keep is None else "`--keep` and `--before` exclude each other"
        raise ConfigError(Problem(message, suggestion="Write `--keep 1000` or `--before 2026-01-01`."))
    rehearsed = "dry-run" in invocation.switches
    store = existing(store_of(settings))
    result = store.prune(keep=keep, before=before, dry_run=rehearsed)
    verb = "would go" if rehearsed else "removed"
    stays = "would stay" if rehearsed else "kept"
    put(visible(f"{counted(result.removed, 'run')} {verb}, {result.kept:,} {stays}: {store.label}") + "\n")
    return ExitCode.DONE


def _asked(invocation: Invocation, settings: Settings, *, phases: bool = True) -> tuple[History, Chosen, str]:
    """The history, and the runs of it that the options ask for. What cannot be read is a warning."""
    last = whole(invocation, "last", least=1)
    since = date_of(invocation, "since")
    history, label = opened(invocation, settings)
    job, branch = invocation.options.get("job"), invocation.options.get("branch")
    return history, history.runs(job=job, branch=branch, since=since, last=last, phases=phases), label
