"""`emissions publish`: summary, outputs, annotations, and last the pull-request comment.

The verdict comes first: for a pull request it takes the base branch's rules, and who accepted what is exceeded.
Then everything that needs no network, so that a forge that is down costs the comment alone.
"""

from __future__ import annotations

from pathlib import Path

from reporter.commands import Invocation
from reporter.commands.account.edition import edition_of
from reporter.commands.account.what_if import elsewhere_in_brief
from reporter.commands.delivery.comment import comment_id, post_comment
from reporter.commands.delivery.faces import Faces, faces_of
from reporter.commands.delivery.files import write_files
from reporter.commands.delivery.finish import add_to_history, held_against
from reporter.commands.delivery.folder import DEFAULT, FOOTPRINT
from reporter.commands.delivery.form import document
from reporter.commands.delivery.run_page import RunPage
from reporter.commands.delivery.step_outputs import hand_on, numbers
from reporter.commands.delivery.template import of_workspace
from reporter.commands.output import put, warn
from reporter.commands.settings import Settings, load
from reporter.commands.trust.from_run import NothingToPost, assessed_at, identified
from reporter.commands.trust.overrides import ruled
from reporter.commands.trust.rules import as_on_base, organised
from reporter.domain.budget import Outcome
from reporter.domain.claim import is_claim
from reporter.errors import ExitCode, NotPermitted, PublishError, ReporterError
from reporter.export import json
from reporter.publish.workflow import AnnotationKind

_KINDS = {
    Outcome.FAIL: AnnotationKind.ERROR,
    Outcome.WARN: AnnotationKind.WARNING,
    Outcome.UNKNOWN: AnnotationKind.WARNING,
}


def run(invocation: Invocation) -> int:
    """Publish what the paths hold. 3 where the comment was asked for and could not be posted.

    In the action being unable to comment is a warning, never a failure.
    """
    is_live = "dry-run" not in invocation.switches
    with edition_of(invocation):
        settings = load(invocation)
        try:
            settings = as_on_base(identified(settings), invocation) if is_live else organised(settings, invocation)
            assessed = assessed_at(invocation, settings)
        except NothingToPost as none:
            RunPage(settings).notice(f"Nothing is posted: {none.message}.")
            return ExitCode.DONE
        assessed = held_against(assessed, settings, keeps_base=bool(invocation.inputs))
        assessed = ruled(assessed, settings, live=is_live)
        cases = elsewhere_in_brief(assessed.footprints)
    faces = faces_of(assessed, settings, what_if=cases)
    if not is_live:
        _show(faces.by(of_workspace(settings.config.template, Path())))
        return ExitCode.DONE
    page = RunPage(settings)
    _renew(faces, settings)
    hand_on(numbers(assessed), invocation.environ)
    page.summarise(faces.summaries())
    kind = _KINDS.get(assessed.total.verdict.outcome)
    if kind is not None and page.takes_annotations:
        page.tell(kind, faces.headline)
    status = _post(faces, settings, invocation, page)
    if not any(map(is_claim, assessed.footprints)):
        add_to_history(assessed, settings, tell=page.warning)
    return status


def _show(faces: Faces) -> None:
    """Print the comment instead of posting it."""
    for notice in faces.trouble:
        warn(notice)
    put(next(iter(faces.comments())), machine=True)


def _renew(faces: Faces, settings: Settings) -> None:
    """Let the output folder's files say what is published: by the base's rules, and with what somebody accepted."""
    if "out" not in settings.config.origins:
        return
    file = Path(settings.config.out or DEFAULT) / FOOTPRINT
    try:
        if settings.ci.is_second_stage or (
            file.exists() and file.read_text(encoding="utf-8") != json.dumps(document(faces.assessed))
        ):
            write_files(faces, settings)
    except (OSError, UnicodeDecodeError, ReporterError) as error:
        warn(f"The files in `{file.parent}` are left as the job wrote them: {error}")


def _post(faces: Faces, settings: Settings, invocation: Invocation, page: RunPage) -> int:
    """The comment and the check run: what cannot be posted is a warning, and one where the token may do neither."""
    url: str | None = None
    failed: dict[str, PublishError] = {}
    try:
        url = post_comment(faces, settings, invocation, page)
    except PublishError as error:
        failed["comment"] = error
    hand_on({"comment-url": url or ""}, invocation.environ)
    try:
        _post_check(faces, settings, invocation, page)
    except PublishError as error:
        failed["check"] = error
    if len(failed) > 1 and all(isinstance(error, NotPermitted) for error in failed.values()):
        page.warning(_not_posted("comment and no check", failed["comment"], settings))
    else:
        for what, failure in failed.items():
            page.warning(_not_posted(what, failure, settings))
    # Being unable to post a check is a warning, whoever asks: the verdict stands without it.
    return ExitCode.FAILED if "comment" in failed and not invocation.inputs else ExitCode.DONE


def _post_check(faces: Faces, settings: Settings, invocation: Invocation, page: RunPage) -> None:
    """The check run, where one is wanted. Raises PublishError."""
    if settings.config.check == "off":
        return
    from reporter.commands.delivery.check import post_check  # noqa: PLC0415  (only where it is wanted)

    notice = post_check(faces, settings, external_id=comment_id(settings, invocation))
    if notice is not None:
        page.notice(notice)


def _not_posted(what: str, error: PublishError, settings: Settings) -> str:
    """What was not posted, and what to do; where a stranger's run may not write, that nothing is wrong."""
    lines = [f"No {what}. {error.message}"]
    ci = settings.ci
    if isinstance(error, NotPermitted) and ci.may_only_read:
        lines.append(f"Nothing is wrong: this is a run for a pull request of {ci.stranger}, which may only read.")
    return "\n".join((*lines, error.hint or "")).strip()
