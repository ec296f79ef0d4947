"""The CI job around us, from the runner's environment and its event: pure, no request is made.

Variables as GitHub documents them: docs.github.com/actions/reference/variables-reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeGuard

from reporter import bounded

DEPENDABOT = "dependabot[bot]"
LEGS = "EMISSIONS_LEGS"
"""How many legs of the matrix may end together; action.yml sets it, for the runner alone knows."""


class Upstream(NamedTuple):
    """A run of another workflow, whose artifacts are reported on here."""

    workflow: str | None
    """The workflow's file name."""
    keeps_history: bool
    """Whether it is one of the default branch itself, by GitHub's word."""
    event: str | None = None
    """What started it: `pull_request`, `push`."""
    run_id: int | None = None
    run_number: int | None = None
    run_attempt: int | None = None
    head_sha: str | None = None
    head_branch: str | None = None
    head_repository: str | None = None
    """`owner/name` of the repository that the commit is in: of a fork, its own."""
    created_at: str | None = None
    """When GitHub made it, which is after its commit was pushed; UTC."""
    has_ended: bool = False
    """Whether all that it uploads is there."""
    pull_requests: tuple[int, ...] = ()
    """Numbers; always empty for a fork."""
    is_privileged: bool = False
    """Whether it ran code of people who may write to this repository: no fork's, and not Dependabot's."""

    @property
    def of_pull_request(self) -> bool:
        """Whether a pull request started it, so that its figures are those of one."""
        return (self.event or "").startswith("pull_request") and self.event != "pull_request_target"


class CiContext(NamedTuple):
    """What is known of the job; None where it does not run in CI, or the event does not tell."""

    hosted: bool = False
    """A runner that GitHub operates, so its region is not known."""
    cloud: str | None = None
    """The cloud that GitHub documents for its runners: Linux and Windows run in Azure."""
    server_url: str = "https://github.com"
    api_url: str = "https://api.github.com"
    repository: str | None = None
    sha: str | None = None
    """The pull request's head, not the merge commit; else the commit of the run."""
    head_sha: str | None = None
    """The pull request's head as the event knew it: what was measured."""
    head_repository: str | None = None
    """`owner/name` that has that head: of a fork, its own; None where it is gone."""
    base_sha: str | None = None
    """The commit of the branch that the pull request goes to, as the event knew it."""
    base_ref: str | None = None
    """The branch that the pull request goes to, else the default branch."""
    run_id: int | None = None
    run_number: int | None = None
    run_attempt: int | None = None
    workflow: str | None = None
    """The workflow's file name."""
    job: str | None = None
    event: str | None = None
    pull_request: int | None = None
    branch: str | None = None
    """The branch that is built: of a pull request its own."""
    runner: str | None = None
    """The runner's name."""
    default_branch: str | None = None
    actor: str | None = None
    """Who started the run: GitHub keeps to it when somebody else runs it again."""
    author: str | None = None
    """Who opened the pull request: whoever reviews or reopens it starts a run that is not of their code."""
    upstream: Upstream | None = None
    """Of a `workflow_run` event, the run that it is about."""

    @property
    def keeps_history(self) -> bool:
        """Whether its runs are those that others are held against: of the default branch, not of a pull request."""
        if self.pull_request is not None or self.branch is None:
            return False
        if self.upstream is not None:
            return self.upstream.keeps_history
        if self.event == "schedule":
            return True  # GitHub starts nothing else by the clock
        return self.event in ("push", "workflow_dispatch") and self.branch == self.default_branch

    @property
    def is_second_stage(self) -> bool:
        """Whether a pull request's run is what this job reports on, rather than on anything of its own."""
        return self.upstream is not None and self.upstream.of_pull_request

    @property
    def stranger(self) -> str | None:
        """Whose code a pull request's own run ran, where it is nobody's who may write: `a fork`, `Dependabot`."""
        if self.upstream is not None or self.head_sha is None:
            return None
        if (self.head_repository or "").casefold() != (self.repository or "").casefold():
            return "a fork"
        return "Dependabot" if DEPENDABOT in (self.author, self.actor) else None

    @property
    def is_of_stranger(self) -> bool:
        """Whether a pull request's own run ran code of nobody who may write, whatever its token may do."""
        return self.stranger is not None

    @property
    def may_only_read(self) -> bool:
        """Whether GitHub gives a pull request's own run a token that reads: by who started it, not whose code it is."""
        if self.stranger is None or self.event == "pull_request_target":
            return False
        return self.stranger == "a fork" or self.actor == DEPENDABOT

    @property
    def run_url(self) -> str | None:
        """The page of this run."""
        if self.repository is None or self.run_id is None:
            return None
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"


def ci_context(environ: Mapping[str, str], event: Mapping[str, Any]) -> CiContext:
    """Read the runner's variables and the event's payload; what is odd or missing becomes None."""
    pull = _pull(event)
    hosted = environ.get("RUNNER_ENVIRONMENT") == "github-hosted"
    return CiContext(
        hosted=hosted,
        cloud="azure" if hosted and environ.get("RUNNER_OS") in ("Linux", "Windows") else None,
        server_url=environ.get("GITHUB_SERVER_URL") or "https://github.com",
        api_url=environ.get("GITHUB_API_URL") or "https://api.github.com",
        repository=environ.get("GITHUB_REPOSITORY") or None,
        sha=_text(_at(pull, "head", "sha")) or environ.get("GITHUB_SHA") or None,
        head_sha=_text(_at(pull, "head", "sha")),
        head_repository=_head_repository(pull, environ),
        base_sha=_text(_at(pull, "base", "sha")),
        base_ref=_text(_at(pull, "base", "ref")) or _text(_at(event, "repository", "default_branch")),
        run_id=_whole(environ.get("GITHUB_RUN_ID")),
        run_number=_whole(environ.get("GITHUB_RUN_NUMBER")),
        run_attempt=_whole(environ.get("GITHUB_RUN_ATTEMPT")),
        workflow=_workflow_file(environ.get("GITHUB_WORKFLOW_REF")) or environ.get("GITHUB_WORKFLOW") or None,
        job=environ.get("GITHUB_JOB") or None,
        event=environ.get("GITHUB_EVENT_NAME") or None,
        pull_request=_number(event, pull),
        branch=_text(_at(pull, "head", "ref")) or environ.get("GITHUB_HEAD_REF") or _branch(environ),
        runner=environ.get("RUNNER_NAME") or None,
        default_branch=_text(_at(event, "repository", "default_branch")),
        actor=environ.get("GITHUB_ACTOR") or None,
        author=_text(_at(pull, "user", "login")),
        upstream=_upstream(event),
    )


def job_name(job: str | None, matrix: Mapping[str, Any] | None) -> str | None:
    """The job with its matrix values, as GitHub shows it: `train (a100, 3.12)`."""
    if not job:
        return None
    values = [_shown(value) for value in (matrix or {}).values()]
    return f"{job} ({', '.join(values)})" if values else job


def matrix_of(text: str | None) -> Mapping[str, Any] | None:
    """The matrix values from the JSON that action.yml hands over; None where there is no matrix."""
    try:
        matrix = bounded.parse(text or "null")
    except ValueError:
        return None
    return matrix if isinstance(matrix, dict) else None


def _pull(event: Mapping[str, Any]) -> Mapping[str, Any]:
    pull = event.get("pull_request")
    return pull if isinstance(pull, Mapping) else {}


def _number(event: Mapping[str, Any], pull: Mapping[str, Any]) -> int | None:
    """The pull request of a `pull_request*` event, or of an `issue_comment` on one."""
    if pull:
        return _whole(pull.get("number")) or _whole(event.get("number"))
    issue = event.get("issue")
    if isinstance(issue, Mapping) and isinstance(issue.get("pull_request"), Mapping):
        return _whole(issue.get("number"))
    return None


def _head_repository(pull: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    """GitHub always says it, with null for a fork that is gone; where nothing is said, it is this repository."""
    head = pull.get("head")
    if isinstance(head, Mapping) and "repo" in head:
        return _text(_at(head, "repo", "full_name"))
    return environ.get("GITHUB_REPOSITORY") or None


def _upstream(event: Mapping[str, Any]) -> Upstream | None:
    if not isinstance(run := event.get("workflow_run"), Mapping):
        return None
    default, own = _at(event, "repository", "default_branch"), _at(event, "repository", "full_name")
    is_own = own is not None and _at(run, "head_repository", "full_name") == own
    on_default = is_own and default is not None and run.get("head_branch") == default
    pulls = run.get("pull_requests")
    numbers = [_whole(pull.get("number")) for pull in pulls if isinstance(pull, Mapping)] if _is_list(pulls) else []
    return Upstream(
        workflow=_workflow_file(_text(run.get("path"))),
        keeps_history=on_default and run.get("event") in ("push", "schedule", "workflow_dispatch"),
        event=_text(run.get("event")),
        run_id=_whole(run.get("id")),
        run_number=_whole(run.get("run_number")),
        run_attempt=_whole(run.get("run_attempt")),
        head_sha=_text(run.get("head_sha")),
        head_branch=_text(run.get("head_branch")),
        head_repository=_text(_at(run, "head_repository", "full_name")),
        created_at=_text(run.get("created_at")),
        has_ended=run.get("status") == "completed",
        pull_requests=tuple(number for number in numbers if number is not None),
        is_privileged=is_own and _text(_at(run, "actor", "login")) not in (None, DEPENDABOT),
    )


def _branch(environ: Mapping[str, str]) -> str | None:
    """None where a tag is built."""
    return environ.get("GITHUB_REF_NAME") or None if environ.get("GITHUB_REF_TYPE") == "branch" else None


def _workflow_file(ref: str | None) -> str | None:
    """`pr.yml` from `o/r/.github/workflows/pr.yml@refs/heads/main`."""
    return ref.partition("@")[0].rpartition("/")[2] or None if ref else None


def _at(data: Mapping[str, Any], *keys: str) -> object:
    value: object = data
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value > 0 else None
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 19 else None  # noqa: PLR2004


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(_shown(part) for part in value.values())
    if isinstance(value, list):
        return ", ".join(_shown(part) for part in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
