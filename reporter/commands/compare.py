"""`emissions compare BASE HEAD`: two sides, job by job: energy first, then emissions, and what caused the change."""

from __future__ import annotations

from collections.abc import Sequence

from reporter.commands import Invocation
from reporter.commands.account.against import BASE, based, runs_at
from reporter.commands.account.assessment import Assessed, assess_paths
from reporter.commands.delivery.faces import faces_of
from reporter.commands.delivery.form import format_of, rendered
from reporter.commands.output import put
from reporter.commands.settings import Settings, load
from reporter.domain.footprint import Footprint
from reporter.errors import ExitCode, ReporterError
from reporter.export import comparison, json

FORMATS = ("text", "markdown", "html", "json", "csv")


def run(invocation: Invocation) -> int:
    """Print the comparison in the format asked for. Whatever it says, the status is 0: judging is for `gate`."""
    form = format_of(invocation, FORMATS)
    settings = load(invocation)
    base_path, head_path = invocation.arguments
    runs = runs_at(base_path, settings)
    if runs.unread:
        raise runs.unread[0]
    if not runs.footprints:
        raise ReporterError(
            f"No footprint.json or recording.jsonl in {base_path}",
            hint="`emissions run -- COMMAND` writes them to emissions-report/.",
        )
    assessed = assess_paths((head_path,), settings)
    assessed = assessed._replace(footprints=based(assessed.footprints, runs.footprints, label=BASE, lone=True))
    only_in_base = _only_in_base(runs.footprints, assessed.footprints)
    put(_rendered(assessed, only_in_base, form, settings), machine=form != "text")
    return ExitCode.DONE


def _only_in_base(runs: Sequence[Footprint], jobs: Sequence[Footprint]) -> tuple[str, ...]:
    """Jobs that nothing was held against, by name."""
    names, taken = list(dict.fromkeys(run.job.name for run in runs)), {job.job.name for job in jobs}
    if len(names) == 1 and len(taken) == 1:
        return ()
    return tuple(name for name in names if name not in taken)


def _rendered(assessed: Assessed, only_in_base: tuple[str, ...], form: str, settings: Settings) -> str:
    if form == "json":
        return json.dumps(comparison.document(assessed.footprints, only_in_base))
    if form == "csv":
        return comparison.table(assessed.footprints, only_in_base)
    names = ", ".join(f"`{name}`" for name in only_in_base)
    faces = faces_of(assessed, settings, notices=(f"Only in the base: {names}.",) if names else ())
    return rendered(faces, form, settings)
