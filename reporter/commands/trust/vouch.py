"""Whether somebody vouches for the figures of an unprivileged run; where nobody does, they let nothing pass."""

from __future__ import annotations

from reporter.commands.account.assessment import Assessed
from reporter.commands.settings import Settings
from reporter.commands.trust.overrides import each
from reporter.commands.trust.rules import NO_TOKEN, client_of
from reporter.domain.claim import TRUSTED_LABEL, capped, distrusted
from reporter.domain.override import Label
from reporter.errors import PublishError


def vouched(assessed: Assessed, settings: Settings, *, live: bool) -> Assessed:
    """The jobs as they are where somebody who may write took them for this commit, else unknown at best.

    Live: the label is asked for. Without any budget there is nothing that could pass.
    """
    rules = settings.rules
    if not (settings.config.budgets or assessed.total.verdict.findings or rules.unread or rules.unknown):
        return assessed
    told, is_trusted = _asked(settings) if live else ((), False)
    if not is_trusted:
        assessed = each(assessed, lambda verdict, _: capped(verdict))
    return assessed._replace(notices=(*told, *assessed.notices))


def _asked(settings: Settings) -> tuple[tuple[str, ...], bool]:
    """What there is to say of the label, a sentence each, and whether it counts."""
    ci = settings.ci
    number, run = settings.config.pull_request or ci.pull_request, ci.upstream
    if number is None or run is None or run.head_sha is None or ci.repository is None:
        return (), False
    if not settings.environ.get("GITHUB_TOKEN"):
        return (f"Whether somebody trusts these figures was not asked: {NO_TOKEN}.",), False
    from reporter.publish.labels import Labels  # noqa: PLC0415  (only where somebody is to be asked)

    labels = Labels(client_of(settings), ci.repository)
    try:
        found = labels.on(number, TRUSTED_LABEL)
        if found is None:
            return (), False
        pushed = labels.pushed_over(number)
    except PublishError as error:
        return (f"Whether somebody trusts these figures is not known: {error.message}.",), False
    label = Label(label=TRUSTED_LABEL, **found._asdict())
    if (why := distrusted(label, since=run.created_at, pushed_over=pushed)) is not None:
        return (f"The label `{TRUSTED_LABEL}` is ignored: {why}.",), False
    reason = f" Reason: {' '.join(label.reason.split())}" if label.reason else ""
    said = f"Trusted by {label.by} on {(label.since or '')[:10]} for commit `{run.head_sha[:7]}`"
    return (f"{said} (label `{TRUSTED_LABEL}`): the figures count as measured.{reason}",), True
