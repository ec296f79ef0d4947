"""The comment of a pull request: one report's own, or its section of one that several jobs share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reporter.ci import LEGS, job_name
from reporter.commands import Invocation
from reporter.commands.delivery.faces import Faces
from reporter.commands.delivery.run_page import RunPage
from reporter.commands.delivery.template import Template, of_base
from reporter.commands.settings import Settings
from reporter.commands.trust.rights import rights_hint
from reporter.domain.budget import Outcome

if TYPE_CHECKING:
    from reporter.publish.github import GitHub
    from reporter.publish.pace import Pace
    from reporter.publish.sticky import PostOutcome

SHARED_MORE_S = 50.0
"""For the requests of a comment that several jobs write, besides its pauses."""
SKIPPED_WITHOUT_PULL_REQUEST = (
    "No comment: this event carries no pull request. `pull-request` names one; summary and outputs are written."
)
SKIPPED_OUTSIDE_CI = (
    "No comment: no pull request is named. Write `--pull-request N`, with GITHUB_REPOSITORY and GITHUB_TOKEN set; "
    "`--dry-run` prints it instead."
)
WITHOUT_TOKEN = "No comment: there is no token in GITHUB_TOKEN."  # noqa: S105  (words)


def post_comment(faces: Faces, settings: Settings, invocation: Invocation, page: RunPage) -> str | None:
    """Post or update it; its address, or None where there is none to post. Raises PublishError."""
    config, ci = settings.config, settings.ci
    number = config.pull_request or ci.pull_request
    token = invocation.environ.get("GITHUB_TOKEN")
    if config.comment == "off":
        return None
    if number is None or ci.repository is None:
        page.notice(SKIPPED_WITHOUT_PULL_REQUEST if invocation.environ.get("GITHUB_OUTPUT") else SKIPPED_OUTSIDE_CI)
        return None
    if not token:
        page.notice(WITHOUT_TOKEN)
        return None
    from reporter.http import DEADLINE_S, Client  # noqa: PLC0415  (requests is imported only to comment)
    from reporter.publish.github import GitHub  # noqa: PLC0415

    graphql_url = invocation.environ.get("GITHUB_GRAPHQL_URL")
    hint = rights_hint(settings, faces.assessed.total.verdict.findings)
    deadline_s = _pace(invocation).deadline_s + SHARED_MORE_S if config.comment_section else DEADLINE_S
    client = Client(ci.api_url, token, deadline_s=deadline_s)
    forge = GitHub(client, ci.repository, graphql_url=graphql_url, hint=hint)
    faces = faces.by(_template(forge, number, settings))
    for notice in faces.trouble:
        page.warning(notice)
    outcome = _post(forge, number, faces, settings, invocation)
    if outcome.reason:
        page.notice(f"No comment: {outcome.reason}")
    return outcome.url


def comment_id(settings: Settings, invocation: Invocation) -> str:
    """What separates this comment from others on the same pull request: workflow file, job and matrix values."""
    parts = (settings.ci.workflow, job_name(settings.ci.job, invocation.matrix))
    return settings.config.comment_id or " / ".join(part for part in parts if part) or "emissions"


def _post(forge: GitHub, number: int, faces: Faces, settings: Settings, invocation: Invocation) -> PostOutcome:
    """Post the comment, or this job's section of one that several share."""
    from reporter.publish.marker import Run  # noqa: PLC0415
    from reporter.publish.sticky import CommentMode, publish_comment  # noqa: PLC0415

    config, ci, verdict = settings.config, settings.ci, faces.assessed.total.verdict
    run = Run(
        run_id=ci.run_id or 0,
        number=ci.run_number or 0,
        attempt=ci.run_attempt or 1,
        # The event knows the head of its own pull request only.
        head_sha=ci.head_sha if number == ci.pull_request else None,
    )
    mode = CommentMode(config.comment)
    over_budget = verdict.outcome is Outcome.FAIL or any(finding.override for finding in verdict.findings)
    changed = verdict.outcome not in (Outcome.PASS, Outcome.NONE)
    if not config.comment_section:
        return publish_comment(
            forge,
            pull_request=number,
            comment_id=comment_id(settings, invocation),
            run=run,
            bodies=faces.comments(),
            mode=mode,
            over_budget=over_budget,
            changed=changed,
            crowded=bool(config.comment_id and invocation.matrix),
        )
    from reporter.commands.delivery.section import composer, section_name, section_of  # noqa: PLC0415
    from reporter.publish.shared import publish_section  # noqa: PLC0415

    label = section_name(config.comment_section, faces.assessed, settings, invocation)
    return publish_section(
        forge,
        pull_request=number,
        comment_id=config.comment_id or ci.workflow or "emissions",
        section=section_of(label, faces, run),
        compose=composer(faces),
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
