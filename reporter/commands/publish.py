"""`emissions publish`: summary, outputs, annotations, and last the pull-request comment.

The verdict comes first: for a pull request it takes the base branch's rules, and who accepted what is exceeded.
Then everything that needs no network, so that a forge that is down costs the comment alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.ci import CiContext, job_name
from reporter.commands import Invocation
from reporter.commands.account.assessment import Assessed
from reporter.commands.account.edition import edition_of
from reporter.commands.account.what_if import elsewhere_in_brief
from reporter.commands.delivery.face import Face, face_of
from reporter.commands.delivery.files import write_files
from reporter.commands.delivery.finish import held_against, kept
from reporter.commands.delivery.folder import DEFAULT, FOOTPRINT
from reporter.commands.delivery.form import document
from reporter.commands.delivery.step_outputs import numbers
from reporter.commands.delivery.template import Template, of_base, of_workspace
from reporter.commands.output import put, warn
from reporter.commands.settings import Settings, load
from reporter.commands.trust.from_run import NothingToPost, assessed_at, identified
from reporter.commands.trust.overrides import ruled
from reporter.commands.trust.rights import rights_hint
from reporter.commands.trust.rules import as_on_base, organised
from reporter.domain.budget import Outcome
from reporter.domain.claim import is_claim
from reporter.errors import ExitCode, NotPermitted, PublishError, ReporterError
from reporter.export import json
from reporter.publish import workflow
from reporter.publish.workflow import AnnotationKind

if TYPE_CHECKING:
    from reporter.publish.github import GitHub
    from reporter.publish.pace import Pace
    from reporter.publish.sticky import PostOutcome
    from reporter.report.page import Counterfactual

SHARED_MORE_S = 50.0
"""For the requests of a comment that several jobs write, besides its pauses."""
LEGS = "EMISSIONS_LEGS"
"""How many jobs the matrix has; action.yml alone can know."""
SKIPPED_WITHOUT_PULL_REQUEST = (
    "No comment: this event carries no pull request. `pull-request` names one; summary and outputs are written."
)
SKIPPED_OUTSIDE_CI = (
    "No comment: no pull request is named. Write `--pull-request N`, with GITHUB_REPOSITORY and GITHUB_TOKEN set; "
    "`--dry-run` prints it instead."
)

MOST_ANNOTATIONS = 2
"""GitHub hides those of others where one step has many."""
_annotated: list[str] = []
"""What the run's page was told so far."""

_KINDS = {
    Outcome.FAIL: AnnotationKind.ERROR,
    Outcome.WARN: AnnotationKind.WARNING,
    Outcome.UNKNOWN: AnnotationKind.WARNING,
}


def run(invocation: Invocation) -> int:
    """Publish what the paths hold. 3 where the comment was asked for and could not be posted.

    In the action being unable to comment is a warning, never a failure.
    """
    _annotated.clear()
    is_live = "dry-run" not in invocation.switches
    with edition_of(invocation):
        settings = load(invocation)
        try:
            settings = as_on_base(identified(settings), invocation) if is_live else organised(settings, invocation)
            assessed = assessed_at(invocation, settings)
        except NothingToPost as none:
            _tell(AnnotationKind.NOTICE, f"Nothing is posted: {none.message}.", settings)
            return ExitCode.DONE
        assessed = held_against(assessed, settings, keeps_base=bool(invocation.inputs))
        assessed = ruled(assessed, settings, live=is_live)
        cases = elsewhere_in_brief(assessed.footprints)
    if not is_live:
        face = face_of(assessed, settings, what_if=cases, template=of_workspace(settings.config.template, Path()))
        for notice in face.trouble:
            warn(notice)
        put(next(iter(face.comments())), machine=True)
        return ExitCode.DONE
    face = face_of(assessed, settings, what_if=cases)
    _renew(assessed, face, settings)
    _write_files(assessed, face, settings, invocation.environ)
    status = _post_all(assessed, face, cases, settings, invocation)
    if not any(map(is_claim, assessed.footprints)):
        kept(assessed, settings, tell=lambda words: _tell(AnnotationKind.WARNING, words, settings))
    return status


def _post_all(
    assessed: Assessed, face: Face, cases: tuple[Counterfactual, ...], settings: Settings, invocation: Invocation
) -> int:
    """The comment and the check run: what cannot be posted is a warning, and one where the token may do neither."""
    url: str | None = None
    failed: dict[str, PublishError] = {}
    try:
        url = _comment(assessed, cases, settings, invocation)
    except PublishError as error:
        failed["comment"] = error
    _write_outputs(invocation.environ, {"comment-url": url or ""})
    try:
        _check(assessed, face, settings, invocation)
    except PublishError as error:
        failed["check"] = error
    if len(failed) > 1 and all(isinstance(error, NotPermitted) for error in failed.values()):
        _warn_of("comment and no check", failed["comment"], settings)
    else:
        for what, failure in failed.items():
            _warn_of(what, failure, settings)
    # Being unable to post a check is a warning, whoever asks: the verdict stands without it.
    return ExitCode.FAILED if "comment" in failed and not invocation.inputs else ExitCode.DONE


def _warn_of(what: str, error: PublishError, settings: Settings) -> None:
    """What was not posted, and what to do; where a stranger's run may not write, that nothing is wrong."""
    lines = [f"No {what}. {error.message}"]
    whose = settings.ci.stranger
    if isinstance(error, NotPermitted) and whose is not None and settings.ci.event != "pull_request_target":
        lines.append(f"Nothing is wrong: this is a run for a pull request of {whose}, which may only read.")
    _tell(AnnotationKind.WARNING, "\n".join((*lines, error.hint or "")).strip(), settings)


def _renew(assessed: Assessed, face: Face, settings: Settings) -> None:
    """Let the output folder's files say what is published: by the base's rules, and with what somebody accepted."""
    if "out" not in settings.config.origins:
        return
    file = Path(settings.config.out or DEFAULT) / FOOTPRINT
    try:
        if settings.ci.is_second_stage or (
            file.exists() and file.read_text(encoding="utf-8") != json.dumps(document(assessed))
        ):
            write_files(settings, assessed, face)
    except (OSError, UnicodeDecodeError, ReporterError) as error:
        warn(f"The files in `{file.parent}` are left as the job wrote them: {error}")


def _write_files(assessed: Assessed, face: Face, settings: Settings, environ: Mapping[str, str]) -> None:
    _write_outputs(environ, numbers(assessed))
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
        try:
            workflow.write_outputs(path, values)
        except PublishError as error:
            warn(f"{error.message}. {error.hint or ''}".rstrip())


def _comment(
    assessed: Assessed, cases: tuple[Counterfactual, ...], settings: Settings, invocation: Invocation
) -> str | None:
    """Post or update the one comment; its address, or None where there is none to post."""
    config, ci = settings.config, settings.ci
    number = config.pull_request or ci.pull_request
    token = invocation.environ.get("GITHUB_TOKEN")
    if config.comment == "off":
        return None
    if number is None or ci.repository is None:
        skipped = SKIPPED_WITHOUT_PULL_REQUEST if invocation.environ.get("GITHUB_OUTPUT") else SKIPPED_OUTSIDE_CI
        _tell(AnnotationKind.NOTICE, skipped, settings)
        return None
    if not token:
        _tell(AnnotationKind.NOTICE, "No comment: there is no token in GITHUB_TOKEN.", settings)
        return None
    from reporter.http import DEADLINE_S, Client  # noqa: PLC0415  (requests is imported only to comment)
    from reporter.publish.github import GitHub  # noqa: PLC0415

    graphql_url = invocation.environ.get("GITHUB_GRAPHQL_URL")
    hint = rights_hint(settings, assessed.total.verdict.findings)
    deadline_s = _pace(invocation).deadline_s + SHARED_MORE_S if config.comment_section else DEADLINE_S
    client = Client(ci.api_url, token, deadline_s=deadline_s)
    forge = GitHub(client, ci.repository, graphql_url=graphql_url, hint=hint)
    face = face_of(assessed, settings, what_if=cases, template=_template(forge, number, settings))
    for notice in face.trouble:
        _tell(AnnotationKind.WARNING, notice, settings)
    outcome = _post(forge, number, face, assessed, settings, invocation)
    if outcome.reason:
        _tell(AnnotationKind.NOTICE, f"No comment: {outcome.reason}", settings)
    return outcome.url


def _check(assessed: Assessed, face: Face, settings: Settings, invocation: Invocation) -> None:
    """The check run, where one is wanted. Raises PublishError."""
    if settings.config.check == "off":
        return
    from reporter.commands.delivery.check import post_check  # noqa: PLC0415  (only where it is wanted)

    external_id = settings.config.comment_id or comment_id(settings.ci, invocation)
    notice = post_check(assessed, face, settings, external_id=external_id)
    if notice is not None:
        _tell(AnnotationKind.NOTICE, notice, settings)


def _post(  # noqa: PLR0913, PLR0917
    forge: GitHub, number: int, face: Face, assessed: Assessed, settings: Settings, invocation: Invocation
) -> PostOutcome:
    """Post the comment, or this job's section of one that several share."""
    from reporter.publish.marker import Run  # noqa: PLC0415
    from reporter.publish.sticky import CommentMode, publish_comment  # noqa: PLC0415

    config, ci = settings.config, settings.ci
    verdict = assessed.total.verdict.outcome
    run = Run(
        run_id=ci.run_id or 0,
        number=ci.run_number or 0,
        attempt=ci.run_attempt or 1,
        # The event knows the head of its own pull request only.
        head_sha=ci.head_sha if number == ci.pull_request else None,
    )
    accepted = any(finding.override for finding in assessed.total.verdict.findings)
    mode, over_budget = CommentMode(config.comment), verdict is Outcome.FAIL or accepted
    changed = verdict not in (Outcome.PASS, Outcome.NONE)
    if not config.comment_section:
        return publish_comment(
            forge,
            pull_request=number,
            comment_id=config.comment_id or comment_id(ci, invocation),
            run=run,
            bodies=face.comments(),
            mode=mode,
            over_budget=over_budget,
            changed=changed,
            crowded=bool(config.comment_id and invocation.matrix),
        )
    from reporter.commands.delivery.section import composer, section_name, section_of  # noqa: PLC0415
    from reporter.publish.shared import publish_section  # noqa: PLC0415

    label = section_name(config.comment_section, assessed, settings, invocation)
    return publish_section(
        forge,
        pull_request=number,
        comment_id=config.comment_id or ci.workflow or "emissions",
        section=section_of(label, assessed, face, run),
        compose=composer(face),
        pace=_pace(invocation),
        mode=mode,
        over_budget=over_budget,
        changed=changed,
    )


def _pace(invocation: Invocation) -> Pace:
    from reporter.publish.pace import legs_of, pace_for  # noqa: PLC0415

    return pace_for(legs_of(invocation.environ.get(LEGS)))


def _template(forge: GitHub, number: int, settings: Settings) -> Template:
    """The template that the base branch has: beside a token, nothing of the pull request's own is used."""
    known = settings.ci.base_sha if number == settings.ci.pull_request else None

    def fetch(path: str) -> bytes | None:
        return forge.file_at(path, known or forge.base_sha(number))

    return of_base(settings.config.template, Path(), fetch)


def _tell(kind: AnnotationKind, message: str, settings: Settings) -> None:
    """Tell the run's page, twice at most; then, outside Actions, and where annotations are off, stderr."""
    if settings.environ.get("GITHUB_ACTIONS") == "true" and settings.config.annotations:
        if len(_annotated) >= MOST_ANNOTATIONS:
            warn(message)
            return
        _annotated.append(message)
        put(workflow.annotation(kind, "Emissions Reporter", message) + "\n", machine=True)
    else:
        warn(message)


def comment_id(ci: CiContext, invocation: Invocation) -> str:
    """What separates this comment from others on the same pull request: workflow file, job and matrix values."""
    parts = (ci.workflow, job_name(ci.job, invocation.matrix))
    return " / ".join(part for part in parts if part) or "emissions"
