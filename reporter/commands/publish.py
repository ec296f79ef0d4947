"""`emissions publish`: summary, outputs, annotations, and last the pull-request comment.

Everything that needs no network comes first, so that a forge that is down costs the comment alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from reporter.ci import CiContext, job_name
from reporter.commands import Invocation
from reporter.commands.assessment import Assessed, assess_paths
from reporter.commands.edition import edition_of
from reporter.commands.face import Face, face_of
from reporter.commands.output import put, warn
from reporter.commands.settings import Settings, load
from reporter.domain.budget import Outcome
from reporter.domain.footprint import add
from reporter.domain.units import J_PER_KWH
from reporter.errors import ExitCode, PublishError
from reporter.publish import workflow
from reporter.publish.workflow import AnnotationKind

SKIPPED_WITHOUT_PULL_REQUEST = (
    "No comment: this event carries no pull request. `pull-request` names one; summary and outputs are written."
)

_KINDS = {
    Outcome.FAIL: AnnotationKind.ERROR,
    Outcome.WARN: AnnotationKind.WARNING,
    Outcome.UNKNOWN: AnnotationKind.WARNING,
}


def run(invocation: Invocation) -> int:
    """Publish what the paths hold. 3 where the comment was asked for and could not be posted.

    In the action being unable to comment is a warning, never a failure.
    """
    with edition_of(invocation):
        settings = load(invocation)
        assessed = assess_paths(invocation.arguments, settings)
    face = face_of(assessed, settings)
    if "dry-run" in invocation.switches:
        put(next(iter(face.comments())), machine=True)
        return ExitCode.DONE
    _write_files(assessed, face, settings, invocation.environ)
    url: str | None = None
    status = ExitCode.DONE
    try:
        url = _comment(face, assessed, settings, invocation)
    except PublishError as error:
        _tell(AnnotationKind.WARNING, f"No comment. {error.message}\n{error.hint or ''}".strip(), settings)
        status = ExitCode.DONE if invocation.inputs else ExitCode.FAILED
    _write_outputs(invocation.environ, {"comment-url": url or ""})
    return status


def _write_files(assessed: Assessed, face: Face, settings: Settings, environ: Mapping[str, str]) -> None:
    _write_outputs(environ, _numbers(assessed))
    summary = environ.get("GITHUB_STEP_SUMMARY")
    if summary and settings.config.summary:
        try:
            workflow.write_summary(summary, face.summaries())
        except PublishError as error:
            warn(f"{error.message}. {error.hint or ''}".rstrip())
    if settings.config.annotations and environ.get("GITHUB_ACTIONS") == "true":
        kind = _KINDS.get(assessed.total.verdict.outcome)
        if kind is not None:
            _tell(kind, face.headline, settings)


def _write_outputs(environ: Mapping[str, str], values: Mapping[str, str]) -> None:
    path = environ.get("GITHUB_OUTPUT")
    if path:
        workflow.write_outputs(path, values)


def _numbers(assessed: Assessed) -> dict[str, str]:
    """The step's outputs: plain decimals, empty where not measured."""
    total = assessed.total
    facility_j = total.energy.facility_j
    durations = [footprint.job.duration_s for footprint in assessed.footprints]
    return {
        "energy-kwh": _decimal(None if facility_j is None else facility_j / J_PER_KWH),
        "emissions-gco2e": _decimal(total.emissions.gco2e),
        "emissions-low-gco2e": _decimal(total.emissions.low_gco2e),
        "emissions-high-gco2e": _decimal(total.emissions.high_gco2e),
        "duration-s": _decimal(add(durations)),
        "measured-ratio": _decimal(total.energy.measured_ratio),
        "quality": "" if total.energy.it_j is None else total.quality,
        "verdict": total.verdict.outcome.value,
        "exit-status": "" if total.exit_status is None else str(total.exit_status),
    }


def _decimal(value: float | None) -> str:
    """No exponent: shells and expressions read `0.0000123`, not `1.23e-05`."""
    if value is None:
        return ""
    return f"{value:.12f}".rstrip("0").rstrip(".") or "0"


def _comment(face: Face, assessed: Assessed, settings: Settings, invocation: Invocation) -> str | None:
    """Post or update the one comment; its address, or None where there is none to post."""
    config, ci = settings.config, settings.ci
    number = config.pull_request or ci.pull_request
    token = invocation.environ.get("GITHUB_TOKEN")
    if config.comment == "off":
        return None
    if number is None or ci.repository is None:
        _tell(AnnotationKind.NOTICE, SKIPPED_WITHOUT_PULL_REQUEST, settings)
        return None
    if not token:
        _tell(AnnotationKind.NOTICE, "No comment: there is no token in GITHUB_TOKEN.", settings)
        return None
    from reporter.http import Client  # noqa: PLC0415  (requests is imported only to comment)
    from reporter.publish.github import GitHub  # noqa: PLC0415
    from reporter.publish.marker import Run  # noqa: PLC0415
    from reporter.publish.sticky import CommentMode, publish_comment  # noqa: PLC0415

    graphql_url = invocation.environ.get("GITHUB_GRAPHQL_URL")
    forge = GitHub(Client(ci.api_url, token), ci.repository, graphql_url=graphql_url)
    verdict = assessed.total.verdict.outcome
    run = Run(
        run_id=ci.run_id or 0,
        number=ci.run_number or 0,
        attempt=ci.run_attempt or 1,
        # The event knows the head of its own pull request only.
        head_sha=ci.head_sha if number == ci.pull_request else None,
    )
    outcome = publish_comment(
        forge,
        pull_request=number,
        comment_id=config.comment_id or comment_id(ci, invocation),
        run=run,
        bodies=face.comments(),
        mode=CommentMode(config.comment),
        over_budget=verdict is Outcome.FAIL,
        changed=verdict not in (Outcome.PASS, Outcome.NONE),
    )
    if outcome.reason:
        _tell(AnnotationKind.NOTICE, f"No comment: {outcome.reason}", settings)
    return outcome.url


def _tell(kind: AnnotationKind, message: str, settings: Settings) -> None:
    """Tell the run's page; outside Actions, and where annotations are off, stderr."""
    if settings.environ.get("GITHUB_ACTIONS") == "true" and settings.config.annotations:
        put(workflow.annotation(kind, "Emissions Reporter", message) + "\n", machine=True)
    else:
        warn(message)


def comment_id(ci: CiContext, invocation: Invocation) -> str:
    """What separates this comment from others on the same pull request: workflow file, job and matrix values."""
    parts = (ci.workflow, job_name(ci.job, invocation.matrix))
    return " / ".join(part for part in parts if part) or "emissions"
