"""The second stage of a pull request whose job had no rights: what its run uploaded, and whose pull request it is.

Begun by a `workflow_run` event, beside a token. All that is known of the run is from that event and from GitHub; what
the run itself left is read as data, checked, and labelled where nobody vouches for it. Nothing of it is executed, and
no file of the workspace counts: rules and templates are the base branch's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from reporter.ci import DEPENDABOT
from reporter.commands import Invocation
from reporter.commands.account.assessment import Assessed, assess_footprints, assess_paths
from reporter.commands.account.gather import MOST_FILES, footprints_in, input_files, last_attempts, some_path
from reporter.commands.past.store import surroundings
from reporter.commands.settings import Settings
from reporter.commands.trust.rights import rights_hint
from reporter.commands.trust.rules import NO_TOKEN, client_of
from reporter.domain.claim import claims
from reporter.domain.footprint import Footprint
from reporter.domain.readings import Job
from reporter.errors import FootprintError, HistoryDenied, HistoryError, PublishError, ReporterError
from reporter.export import json
from reporter.forge import whole

MOST_BYTES = 32 * 1024 * 1024
"""Of all footprints of one run."""
MOST_JOBS = 1_000
"""Of one run."""
MOST_TROUBLES = 5
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)


class NothingToPost(ReporterError):
    """There is no pull request to post to, or nothing to post: no failure."""


class _Read(NamedTuple):
    """What could be read, and a sentence for each file or artifact that could not."""

    footprints: tuple[Footprint, ...]
    trouble: tuple[str, ...]


def assessed_at(invocation: Invocation, settings: Settings) -> Assessed:
    """The jobs under the paths that were named; in a second stage, those of the run that it is about.

    Raises NothingToPost where such a run has none, ConfigError where nothing is named and there is no such run.
    """
    if settings.ci.is_second_stage:
        return assess_run(invocation.arguments, settings)
    return assess_paths(some_path(invocation), settings)


def identified(settings: Settings) -> Settings:
    """The settings with the pull request that a second stage's run is of, by the event and GitHub alone.

    Its head must be the run's commit in the run's repository, its base this repository; it must be open, and alone.
    Raises NothingToPost where that is nobody's, PublishError where GitHub cannot be asked.
    """
    ci, run = settings.ci, settings.ci.upstream
    if not ci.is_second_stage:
        return settings
    if run is None or ci.repository is None or not run.head_sha or not run.head_branch or not run.head_repository:
        raise NothingToPost("the event does not say which commit its run was of")
    if _SHA.fullmatch(run.head_sha) is None:
        raise NothingToPost("the event's commit is no commit")
    if not run.has_ended:
        raise NothingToPost("the run has not ended: `types: [completed]` waits for it")
    if not settings.environ.get("GITHUB_TOKEN"):
        raise NothingToPost(NO_TOKEN)
    from reporter.publish.pulls import Pulls  # noqa: PLC0415

    owner = run.head_repository.partition("/")[0]
    pulls = Pulls(client_of(settings), ci.repository, hint=rights_hint(settings))
    found = [
        pull
        for pull in pulls.by_head(owner, run.head_branch)
        if pull.is_open
        and pull.head_sha == run.head_sha
        and pull.head_repository.casefold() == run.head_repository.casefold()
        and pull.base_repository.casefold() == ci.repository.casefold()
    ]
    if run.pull_requests:
        found = [pull for pull in found if pull.number in run.pull_requests]
    if settings.config.pull_request is not None:
        found = [pull for pull in found if pull.number == settings.config.pull_request]
    if len(found) != 1:
        raise NothingToPost(_why_none([pull.number for pull in found], f"{owner}:{run.head_branch}", run.head_sha))
    (pull,) = found
    known = ci._replace(
        pull_request=pull.number,
        sha=run.head_sha,
        head_sha=run.head_sha,
        base_sha=pull.base_sha,
        base_ref=pull.base_ref,
        run_id=run.run_id,
        run_number=run.run_number,
        run_attempt=run.run_attempt,
        workflow=run.workflow or ci.workflow,
        job=None,
        branch=run.head_branch,
        head_repository=run.head_repository,
        # Whoever reviews or reopens it begins a run in a name that is not its code's.
        upstream=run._replace(is_privileged=run.is_privileged and pull.author != DEPENDABOT),
    )
    return settings._replace(ci=known)


def assess_run(paths: Sequence[str], settings: Settings) -> Assessed:
    """The footprints under these paths, or, where none is named, those that the run uploaded.

    What cannot be read is named in the report and left out. Raises NothingToPost where nothing is left,
    HistoryError where the artifacts may not be read.
    """
    read = _downloaded(paths) if paths else _uploaded(settings)
    trouble = read.trouble[:MOST_TROUBLES]
    if not read.footprints:
        raise NothingToPost("; ".join(trouble) or "what its run uploaded holds no footprint.json")
    run, footprints = settings.ci.upstream, read.footprints
    if run is None or not run.is_privileged:
        footprints = claims(footprints, _about(settings))
    assessed = assess_footprints(last_attempts(footprints), settings)
    return assessed._replace(notices=(*(f"Left out: {words}." for words in trouble), *assessed.notices))


def _about(settings: Settings) -> Job:
    ci, run = settings.ci, settings.ci.upstream
    return Job(
        name="",
        repository=ci.repository,
        sha=run and run.head_sha,
        run_id=run and run.run_id,
        run_attempt=run and run.run_attempt,
        pull_request=ci.pull_request,
        branch=run and run.head_branch,
    )


def _why_none(numbers: Sequence[int], head: str, sha: str) -> str:
    if numbers:
        named = ", ".join(f"#{number}" for number in numbers)
        return f"{len(numbers)} open pull requests ({named}) have commit {sha[:7]} of {head}; `pull-request` names one"
    return f"no open pull request has commit {sha[:7]} as the head of {head}"


def _downloaded(paths: Sequence[str]) -> _Read:
    """Footprints alone; a link could lead out of the folder."""
    files = [file for file in input_files(paths) if file.suffix != ".jsonl" and not file.is_symlink()]
    if len(files) > MOST_FILES:
        raise FootprintError(f"{len(files)} files are more than the {MOST_FILES} that one report takes")
    read: list[Footprint] = []
    trouble: list[str] = []
    left_bytes = MOST_BYTES
    for file in files:
        try:
            left_bytes -= file.stat().st_size
            if left_bytes < 0:
                trouble.append(f"`{file}` and what follows: more than {MOST_BYTES // 1024**2} MiB in all")
                break
            found = footprints_in(file, _no_recording)
        except OSError as error:
            trouble.append(f"`{file}`: {error.strerror}")
        except ReporterError as error:
            trouble.append(error.message)
        else:
            if not _fits(found, read, f"`{file}`", trouble):
                break
    return _Read(tuple(read), tuple(trouble))


def _fits(found: Sequence[Footprint], read: list[Footprint], label: str, trouble: list[str]) -> bool:
    """Whether there is room for these jobs, which then are among those read; one document may hold thousands."""
    if len(read) + len(found) > MOST_JOBS:
        trouble.append(f"{label} and what follows: more than {MOST_JOBS} jobs in all")
        return False
    read += found
    return True


def _no_recording(path: Path) -> Footprint:
    raise FootprintError(f"{path} is no footprint")


def _uploaded(settings: Settings) -> _Read:
    read: list[Footprint] = []
    trouble: list[str] = []
    left_bytes = MOST_BYTES
    for label, text in _texts(settings, trouble):
        left_bytes -= len(text)
        if left_bytes < 0:
            trouble.append(f"{label} and what follows: more than {MOST_BYTES // 1024**2} MiB in all")
            break
        try:
            found = json.loads(text, origin=label)
        except ReporterError as error:
            trouble.append(error.message)
        else:
            if not _fits(found, read, label, trouble):
                break
    return _Read(tuple(read), tuple(trouble))


def _texts(settings: Settings, trouble: list[str]) -> Iterator[tuple[str, str]]:
    """Name and text of each footprint that the run uploaded, one archive at a time."""
    from reporter.history.archive import (  # noqa: PLC0415
        MOST_ARCHIVE_BYTES,
        PREFIX,
        Archives,
        Unreadable,
        members,
    )

    run, known = settings.ci.upstream, surroundings(settings, "artifact")
    if run is None or run.run_id is None or known.api is None or known.connect is None or known.repository is None:
        raise PublishError("The run's artifacts cannot be asked for", hint="Set GITHUB_TOKEN and GITHUB_REPOSITORY.")
    archives = Archives(known.api, known.connect, known.repository)
    try:
        found, why_not_all = archives.of_run(run.run_id)
    except HistoryDenied as error:
        raise HistoryDenied(error.message, hint=rights_hint(settings)) from None
    if why_not_all is not None:
        trouble.append(f"what else its run uploaded: {why_not_all}")
    elif not found:
        raise NothingToPost(f"its run uploaded no artifact whose name begins with `{PREFIX}`")
    for item in found:
        label, size = f"artifact `{item.get('name')}`", item.get("size_in_bytes")
        if not isinstance(size, int) or size > MOST_ARCHIVE_BYTES:
            trouble.append(f"{label}: it is too large to be read")
            continue
        try:
            for name, text in members(archives.fetch(whole(item.get("id")))):
                yield f"{label}, {name}", text
        except (Unreadable, HistoryError) as error:
            trouble.append(f"{label}: {error}")
