"""The check run of a report: its own name and title, so that a red budget is not taken for a red test."""

from __future__ import annotations

from reporter.commands.account.assessment import Assessed
from reporter.commands.delivery.faces import Faces
from reporter.commands.delivery.finish import is_over_budget
from reporter.commands.settings import Settings
from reporter.commands.trust.rights import rights_hint
from reporter.commands.trust.rules import client_of
from reporter.domain.budget import Outcome
from reporter.domain.claim import WHY, is_claim
from reporter.publish.check import CheckRun, Checks, Conclusion

NAME = "emissions"
WITHOUT_BUDGET = (
    "No check: there is no budget, and what an unprivileged run reports is to turn no other branch's check green."
)
"""GitHub takes neutral for green, and a pull request that is pointed at another branch takes its checks along."""
WITHOUT_COMMIT = "No check: there is no commit, no repository or no token to post it with."


def post_check(faces: Faces, settings: Settings, *, external_id: str) -> str | None:
    """Post the check run; a sentence where it cannot be tried. Raises PublishError."""
    assessed, config, ci = faces.assessed, settings.config, settings.ci
    if ci.repository is None or ci.sha is None or not settings.environ.get("GITHUB_TOKEN"):
        return WITHOUT_COMMIT
    vouched_for = not ci.is_of_stranger and not any(map(is_claim, assessed.footprints))
    if assessed.total.verdict.outcome is Outcome.NONE and not vouched_for:
        return WITHOUT_BUDGET
    held_back = _held_back(assessed, settings)
    check = CheckRun(
        name=f"{NAME} / {config.comment_id}" if config.comment_id else NAME,
        head_sha=ci.sha,
        external_id=external_id,
        conclusion=held_back or _conclusion(assessed, settings),
        title=f"Not judged: {WHY}" if held_back and ci.is_of_stranger else faces.headline,
        summaries=faces.summaries(),
        details_url=ci.run_url,
    )
    hint = rights_hint(settings, assessed.total.verdict.findings)
    Checks(client_of(settings), ci.repository, hint=hint).post(check)
    return None


def _held_back(assessed: Assessed, settings: Settings) -> Conclusion | None:
    """What figures that nobody vouches for come to: a required check takes neutral for green."""
    verdict = assessed.total.verdict
    if verdict.outcome is Outcome.FAIL and _judges(settings):
        return None
    # A stranger's token may write all the same: a private fork's, or that of `pull_request_target`.
    is_open = verdict.why is not None and any(map(is_claim, assessed.footprints))
    return Conclusion.ACTION_REQUIRED if is_open or settings.ci.is_of_stranger else None


def _conclusion(assessed: Assessed, settings: Settings) -> Conclusion:
    """Failure only where a budget is to fail something; success is a pass, all else is neither."""
    if _judges(settings) and is_over_budget(assessed, settings):
        return Conclusion.FAILURE
    return Conclusion.SUCCESS if assessed.total.verdict.outcome is Outcome.PASS else Conclusion.NEUTRAL


def _judges(settings: Settings) -> bool:
    """Whether an exceeded budget is red: in a second stage `gate` speaks of that stage's own job alone."""
    return settings.config.gate or settings.ci.is_second_stage
