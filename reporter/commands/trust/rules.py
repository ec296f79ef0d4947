"""Whose rules decide: the base branch's rather than the pull request's own, and an organisation's above both.

Nothing is asked of a forge here but by `organised` and `as_on_base`; what cannot be had is said, and never passes.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reporter.commands import Invocation
from reporter.commands.settings import Settings, config_places, settled
from reporter.config.layer import Layer
from reporter.config.organisation import (
    NO_RULES,
    Reference,
    Rules,
    Stack,
    as_organisation,
    reference_of,
)
from reporter.errors import ConfigError, Problem, PublishError

if TYPE_CHECKING:
    from reporter.http import Client
    from reporter.publish.github import GitHub

DEADLINE_S = 15.0
"""For all that is read before the verdict: a forge that is down costs no more."""
TRIES = 2
MOST_BYTES = 2 * 1024 * 1024
NO_TOKEN = "there is no token in GITHUB_TOKEN"  # noqa: S105  (words)
_NOT_FETCHED = "it was not fetched in time"


def extended(stack: Stack, read: Callable[[str], Layer]) -> tuple[Stack, Rules]:
    """The layers with the organisation's file where it lies in this repository; `read` takes its path.

    One that lies elsewhere is left to `organised`.
    """
    file = stack.file or Layer()
    problems = list(file.problems)
    if (locked := file.settings.get("locked")) is not None:
        advice = "It belongs into the file that `extends` names."
        problems.append(Problem("`locked` has no effect here", origin=locked.origin, suggestion=advice))
    reference = reference_of(file.settings["extends"]) if "extends" in file.settings else None
    if isinstance(reference, Problem):
        problems.append(reference)
        reference = None
    stack = stack._replace(file=file._replace(problems=tuple(problems)))
    if reference is None:
        return stack, NO_RULES
    if reference.repository is not None:
        return stack, Rules(reference=reference, unknown=_NOT_FETCHED)
    return stack._replace(organisation=as_organisation(read(reference.path))), Rules(reference=reference)


def organised(settings: Settings, invocation: Invocation) -> Settings:
    """The settings with the rules of another repository's file, where one is named: one request.

    Without an answer, or where the file is wrong, they stay as they are, and `rules.unknown` says why.
    """
    reference = settings.rules.reference
    if reference is None or reference.repository is None or settings.stack.organisation is not None:
        return settings
    try:
        layer = as_organisation(_remote(reference, settings))
        found = settled(settings._replace(stack=settings.stack._replace(organisation=layer)), invocation)
    except (PublishError, ConfigError) as error:
        why = str(error.problems[0]) if isinstance(error, ConfigError) else error.message
        return settings._replace(rules=settings.rules._replace(unknown=why.rstrip(".")))
    host = urlsplit(settings.ci.api_url).hostname or "?"
    notice = f"The rules of `{reference.name}` are in force (host contacted: {host})."
    return found._replace(rules=found.rules._replace(unknown=None, notices=(*found.rules.notices, notice)))


def as_on_base(settings: Settings, invocation: Invocation) -> Settings:
    """The settings with what decides the verdict as the base branch has it now, where this is for a pull request.

    Then the organisation's rules, by the base branch's `extends`. Without an answer the pull request's own stay.
    Raises ConfigError where what is set here does not go with the base branch's budgets.
    """
    number = settings.config.pull_request or settings.ci.pull_request
    if number is None:
        return organised(settings, invocation)
    branch = settings.ci.base_ref if settings.ci.head_sha and number == settings.ci.pull_request else None
    try:
        if not settings.environ.get("GITHUB_TOKEN"):
            return organised(_unread(settings, NO_TOKEN), invocation)
        from reporter.publish.github import GitHub  # noqa: PLC0415

        forge = GitHub(client_of(settings), settings.ci.repository or "")
        found = _on_base(settings, invocation, forge, branch or forge.base_sha(number), branch or "the base branch")
    except PublishError as error:
        found = _unread(settings, error.message.rstrip("."))
    return organised(found, invocation)


def client_of(settings: Settings) -> Client:
    """What asks the forge before the verdict, with the token where there is one."""
    from reporter.http import Client  # noqa: PLC0415  (only where a forge is asked)

    token = settings.environ.get("GITHUB_TOKEN")
    return Client(settings.ci.api_url, token, deadline_s=DEADLINE_S, tries=TRIES, max_reply_bytes=MOST_BYTES)


def _on_base(settings: Settings, invocation: Invocation, forge: GitHub, ref: str, branch: str) -> Settings:
    runner = settings.environ.get("RUNNER_NAME")
    own = settings.stack.file or Layer()
    for place in config_places(invocation):
        content = forge.file_at(place, ref)
        if content is not None:
            break
    else:
        return _without_base(settings, own, branch)
    from reporter.config.base_rules import with_base  # noqa: PLC0415

    base = _layer(content, f"{place} on {branch}", runner)
    try:
        settled(settings._replace(stack=Stack(said=(), file=base)), invocation)
    except ConfigError as error:  # whoever corrects it is not to be held up by it
        raise PublishError(str(error.problems[0]).rstrip(".")) from None

    def read(path: str) -> Layer:
        where = posixpath.normpath(posixpath.join(posixpath.dirname(place), path))
        found = None if where.startswith("..") else forge.file_at(where, ref)
        if found is None:
            raise PublishError(f"`{where}` is not in {branch}")
        return _layer(found, f"{path} on {branch}", runner)

    file, notices = (base, ()) if settings.ci.is_second_stage else with_base(own, base, branch)
    stack, rules = extended(settings.stack._replace(file=file, organisation=None), read)
    rules = rules._replace(of_base=True, notices=(*settings.rules.notices, *notices))
    return settled(settings._replace(stack=stack, rules=rules), invocation)


def _without_base(settings: Settings, own: Layer, branch: str) -> Settings:
    """Nothing there: the pull request's own budgets count, but it accepts nothing itself."""
    from reporter.config.base_rules import new_rules  # noqa: PLC0415

    notices = (new_rules(own, branch),) if own.budgets else ()
    rules = settings.rules._replace(of_base=True, notices=(*settings.rules.notices, *notices))
    return settings._replace(rules=rules, config=settings.config._replace(overrides=()))


def _unread(settings: Settings, why: str) -> Settings:
    """The pull request's own rules; worth saying where it has any, and somebody could have been asked."""
    if settings.ci.is_second_stage:
        said = f"The rules of the base branch could not be read, so nothing is judged by them: {why}."
        return settings._replace(rules=settings.rules._replace(unread=why, notices=(*settings.rules.notices, said)))
    told = settings.stack.file is not None and why != NO_TOKEN
    notices = (f"The rules of the base branch could not be read, so those here count: {why}.",) if told else ()
    return settings._replace(rules=settings.rules._replace(unread=why, notices=(*settings.rules.notices, *notices)))


def _remote(reference: Reference, settings: Settings) -> Layer:
    from reporter.publish.github import GitHub  # noqa: PLC0415

    content = GitHub(client_of(settings), reference.repository or "").file_at(reference.path, reference.ref or "")
    if content is None:
        raise PublishError("there is no such file, or the token may not see it")
    return _layer(content, reference.name, settings.environ.get("RUNNER_NAME"))


def _layer(content: bytes, name: str, runner: str | None) -> Layer:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise PublishError(f"`{name}` is not UTF-8 text") from None
    from reporter.config.file import file_layer  # noqa: PLC0415  (yaml is imported only where there is a file)

    return file_layer(text, name=name, runner=runner)
