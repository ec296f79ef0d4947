"""Which job is metered: its name, its place in CI, its command without secrets."""

from __future__ import annotations

import time
from collections.abc import Mapping

from reporter.ci import CiContext, job_name
from reporter.commands import Invocation
from reporter.commands.beside.redaction import PROVIDER_SECRETS, recorded
from reporter.commands.settings import Settings
from reporter.domain.readings import Job


def job_of(settings: Settings, invocation: Invocation, *, command: tuple[str, ...] | None, otherwise: str) -> Job:
    """The job that starts now; `otherwise` is its name where nobody gives one. A session has no command."""
    ci: CiContext = settings.ci
    kept = None
    if command is not None:
        kept = recorded(command, settings.config.record_command, _secrets(invocation.environ))
    return Job(
        name=settings.config.name or job_name(ci.job, invocation.matrix) or otherwise,
        command=kept,
        started_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        repository=ci.repository,
        sha=ci.sha,
        run_id=ci.run_id,
        run_attempt=ci.run_attempt,
        pull_request=settings.config.pull_request or ci.pull_request,
        branch=ci.branch,
        runner=ci.runner,
    )


def _secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with our own secrets under names that say so."""
    return {(f"{name}_SECRET" if name in PROVIDER_SECRETS else name): value for name, value in environ.items()}
