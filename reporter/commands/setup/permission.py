"""What `emissions doctor` says of files and rights: the config file, workflows, history, and what the token may do.

Files are only read. GitHub, or a history that is not a file, is asked only with `--online`, and nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from reporter.commands.past.store import store_of
from reporter.commands.settings import CONFIG_FILES, Settings
from reporter.commands.setup.diagnosis import Check
from reporter.commands.setup.repository import root_above
from reporter.commands.trust.rights import rights_hint
from reporter.config import Config
from reporter.domain.budget import PULL_REQUEST, Kind
from reporter.errors import PublishError, ReporterError
from reporter.forge import permissions_block
from reporter.report.format import counted

ACTION = "emissions-reporter/emissions-reporter@"
MOST_CHARACTERS = 1_000_000
NEEDS = {"branch": "contents: write", "artifact": "actions: read"}
"""What a history needs of the token, besides what a comment does."""
_SILENT = re.compile(r"^\s*(?:comment:\s*[\"']?off|mode:\s*[\"']?(?:setup|start))\b", re.MULTILINE)
"""Of a use of the action that writes no comment."""
INIT = "`emissions init` writes one."


def rights(settings: Settings, *, online: bool) -> Iterator[Check]:
    """Every check of this module, in the order in which a job meets them."""
    yield _config_file(settings)
    yield from _workflows(settings)
    yield _history(settings, online=online)
    yield _token(settings, online=online)


def _config_file(settings: Settings) -> Check:
    name = settings.config_file
    if name is None:
        return Check(status="info", subject="config file", finding="there is none", fix=INIT)
    folder = Path(settings.environ.get("GITHUB_WORKSPACE") or ".")
    if name == CONFIG_FILES[0] and (folder / CONFIG_FILES[1]).is_file():
        finding = f"{name} is read, and {CONFIG_FILES[1]} beside it is not"
        return Check(status="problem", subject="config file", finding=finding, fix="Delete one of the two.")
    return Check(status="ok", subject="config file", finding=f"{name} is read")


def _workflows(settings: Settings) -> Iterator[Check]:
    """Workflows that use the action, by their text: what they do not grant, and what they had better not do."""
    given = settings.environ.get("GITHUB_WORKSPACE")
    root = Path(given) if given else root_above(Path.cwd())
    if root is None:
        return
    found = False
    for path in sorted((root / ".github" / "workflows").glob("*.y*ml")):
        text = _code(path)
        if ACTION in text:
            found = True
            yield _workflow(path.name, text, settings.config)
    if not found:
        finding = "none here uses the action"
        yield Check(status="info", subject="workflow", finding=finding, fix=INIT)


def _workflow(name: str, text: str, config: Config) -> Check:
    subject = f"workflow {name}"
    named = re.search(r"^\s*history:\s*[\"']?(branch|artifact)\b", text, re.MULTILINE)
    store = named[1] if named else config.history
    checks = config.check == "auto" or re.search(r"^\s*check:\s*[\"']?auto\b", text, re.MULTILINE) is not None
    comments = text.count(ACTION) > len(_SILENT.findall(text))
    needed = ("pull-requests: write" if comments else None, NEEDS.get(store), "checks: write" if checks else None)
    wanted = [right for right in needed if right and not _grants(text, right)]
    if re.search(r"\bpull_request_target\b", text):
        finding = "runs on `pull_request_target`: code of a fork would get a token that may write"
        fix = "Write `on: pull_request`. A fork's report is then in the job summary and the artifact."
        return Check(status="problem", subject=subject, finding=finding, fix=fix)
    if wanted:
        finding = f"does not grant {' and '.join(f'`{right}`' for right in wanted)}"
        fix = f"Give the job that comments these permissions:\n\n{permissions_block(store, check=checks)}"
        return Check(status="problem", subject=subject, finding=finding, fix=fix)
    if "actions/upload-artifact@" not in text:
        fix = "Add a step with `actions/upload-artifact` and `if: always()`: `emissions init --dry-run` shows it."
        return Check(status="info", subject=subject, finding="keeps no report: it has no upload step", fix=fix)
    return Check(status="ok", subject=subject, finding="uses the action, and grants what its comment needs")


def _grants(text: str, right: str) -> bool:
    name, _, level = right.partition(": ")
    levels = "write" if level == "write" else "(?:read|write)"
    every = "write-all" if level == "write" else "(?:read-all|write-all)"
    pattern = rf"\b{name}:\s*[\"']?{levels}\b|^\s*permissions:\s*{every}\b"
    return re.search(pattern, text, re.MULTILINE) is not None


def _code(path: Path) -> str:
    """A workflow without its comments; empty where it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return re.sub(r"(?m)(?:^|\s)#.*$", "", file.read(MOST_CHARACTERS))
    except OSError:
        return ""


def _history(settings: Settings, *, online: bool) -> Check:
    config = settings.config
    name = config.history.partition(":")[0]
    if name in ("auto", "off"):
        return _no_history(config)
    if name in NEEDS and not online:
        finding = f"{name}, which is not asked without `--online`; it needs `{NEEDS[name]}`"
        return Check(status="info", subject="history", finding=finding, fix=permissions_block(name))
    try:
        store = store_of(settings)
        runs = store.load()
    except ReporterError as error:
        return Check(status="problem", subject="history", finding=error.message, fix=error.hint)
    trouble = "; ".join(runs.trouble)
    return Check(
        status="problem" if trouble else "ok",
        subject="history",
        finding=f"{counted(len(runs), 'run')} in {store.label}{f'; {trouble}' if trouble else ''}",
    )


def _no_history(config: Config) -> Check:
    """No place is named: enough for rules about one run, and for an increase where artifacts may be read."""
    periods = [rule.rule for rule in config.budgets if rule.kind is Kind.SUM and rule.per != PULL_REQUEST]
    increases = [rule.rule for rule in config.budgets if rule.kind is Kind.INCREASE and config.against is None]
    others = [*increases, *(rule.rule for rule in config.budgets if rule.per == PULL_REQUEST)]
    if periods:
        finding = f"no place is named for it, and `{periods[0]}` adds up earlier runs"
        fix = f"Write `history: branch` in the config file, and give the job:\n\n{permissions_block('branch')}"
        return Check(status="problem", subject="history", finding=finding, fix=fix)
    if others:
        finding = f"for `{others[0]}` the artifacts of earlier runs are read, where the token may"
        return Check(status="info", subject="history", finding=finding, fix=permissions_block("artifact"))
    return Check(status="info", subject="history", finding="none is kept, and no budget needs it")


def _token(settings: Settings, *, online: bool) -> Check:
    """What the token may do for a comment. Whether it may write is not tried: that would write."""
    ci, environ = settings.ci, settings.environ
    token = environ.get("GITHUB_TOKEN")
    if not token or ci.repository is None:
        missing = "GITHUB_REPOSITORY" if token else "GITHUB_TOKEN"
        fix = None if ci.event else "In a job the action hands it over; here nothing is posted."
        return Check(status="info", subject="comment", finding=f"not checked: {missing} is not set", fix=fix)
    if ci.stranger is not None:
        by_bot = ci.stranger == "Dependabot"
        always = " where `permissions:` says no more" if by_bot else ", whatever `permissions:` says"
        finding = f"the token may only read{always}: the pull request is {'by' if by_bot else 'from'} {ci.stranger}"
        fix = "Nothing is wrong: the report is in the job summary and in the artifact."
        return Check(status="info", subject="comment", finding=finding, fix=fix)
    if ci.pull_request is None:
        fix = "`pull-request: NUMBER` of the action, or `--pull-request` of `emissions publish`, names one."
        finding = "this event carries no pull request to comment on"
        return Check(status="info", subject="comment", finding=finding, fix=fix)
    if not online:
        return Check(status="info", subject="comment", finding="not checked: GitHub is asked only with `--online`")
    from reporter.http import Client  # noqa: PLC0415  (requests is imported only to ask)
    from reporter.publish.github import GitHub  # noqa: PLC0415

    try:
        own = GitHub(Client(ci.api_url, token), ci.repository).own_comments(ci.pull_request)
    except PublishError as error:
        return Check(status="problem", subject="comment", finding=error.message, fix=error.hint)
    finding = f"the token reads pull request {ci.pull_request} ({counted(len(own), 'own comment')})"
    return Check(
        status="ok",
        subject="comment",
        finding=f"{finding}; whether it may write is not tried",
        fix=rights_hint(settings),
    )
