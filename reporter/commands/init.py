"""`emissions init`: a workflow and a config file for this repository, both to be read and edited.

It looks at names of files, runs nothing, asks nobody, and never writes over what is there unless told to.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

from reporter.commands import Invocation
from reporter.commands.output import put
from reporter.commands.settings import CONFIG_FILES, region_problem
from reporter.commands.setup.repository import Repository, repository_at, root_above
from reporter.config.layer import Setting
from reporter.config.rule import budgets_of
from reporter.config.rule_set import settled
from reporter.domain.budget import PULL_REQUEST, Budget, Kind
from reporter.errors import ConfigError, ExitCode, Problem, ReporterError, did_you_mean
from reporter.report.render import template_root

WORKFLOW = ".github/workflows/emissions.yml"
COMMENT = ".github/workflows/emissions-comment.yml"
"""The second stage, for pull requests whose own run may not comment."""
CONFIG = CONFIG_FILES[0]
RIVALS = {
    WORKFLOW: ".github/workflows/emissions.yaml",
    COMMENT: ".github/workflows/emissions-comment.yaml",
    CONFIG: CONFIG_FILES[1],
}
"""What would do the same under another name."""
HISTORIES = ("off", "branch", "artifact")
HOSTED = ("ubuntu-", "windows-", "macos-")
"""How labels of GitHub's own runners begin."""
PLACEHOLDER = "echo 'Write your command here.'\nsleep 10"
PLAIN = re.compile(r"[A-Za-z][\w./-]*")
"""Text that is the same text in YAML without quotes, unless it is one of WORDS."""
WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
MATRIX = re.compile(r"([A-Za-z_][\w-]*)\s*=\s*([\w.+-]+(?:\s*,\s*[\w.+-]+)*)")
"""`model=small,large`: the values become part of an artifact's name, which may not hold everything."""
SETUP_PYTHON = """\
- uses: actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0
  with:
    python-version: "3.x"
- run: {install}"""
SECOND = f"Wrote {COMMENT}: the comment on pull requests of forks, from the default branch on."
NOT_HERE = "Forks run nothing on %s: docs/forks.md of emissions-reporter says how to measure their pull requests again."
OWN_RUNNER = """\
# A pull request from a fork would run the fork's code on your machine: it is left out.
if: github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository"""
PUSH = "push: # the runs that pull requests are held against\n  branches: [%s]"
AWAITED = " # emissions-comment.yml waits for a run of this name"
AGAIN = """\
inputs:
  pull-request:
    description: The pull request that is measured again here, by its number
    type: string"""
SITE = "site: {region: %s}"
NO_SITE = "# site: {region: FR, pue: 1.2}"
BUDGETS = """\
# The worst of them is the verdict. How to go on from here: docs/budgets.md of emissions-reporter.
budgets:
"""
NO_BUDGETS = """\
# Without budgets it only reports. Look at some runs, then take the `#` off what fits.
# From here to an enforced monthly budget in five steps: docs/budgets.md of emissions-reporter.
# budgets:
#   - {max: 50 g, level: warn}            # one job; says so, and stays green
#   - {max: 50 g, warn-at: 80%}           # one job; red above it
#   - {max: 130 J, unit: sample}          # per unit of work, by the counts in the metrics file
#   - {max-increase: 10%}                 # more energy than the default branch's runs
#   - {max: 20 kg, per: month}            # all runs of the repository"""


class Wishes(NamedTuple):
    """What was asked for, checked."""

    command: str | None
    runner: tuple[str, ...]
    matrix: tuple[str, tuple[str, ...]] | None
    """The name of the matrix's value, and the values."""
    region: str | None
    budgets: tuple[str, ...]
    history: str | None
    fork_safe: bool = False


def run(invocation: Invocation) -> int:
    """Write the files, or print them. Status 2 where something is in the way or wrong: nothing is written then."""
    wishes = _wishes(invocation)
    repository = repository_at(_root(invocation.options.get("dir")))
    kept = _kept(wishes, repository.root)
    second = {COMMENT: _filled("comment.yml", {"history": _history(wishes)})} if wishes.fork_safe else {}
    texts = {WORKFLOW: _workflow(wishes, repository), **second} | ({} if kept else {CONFIG: _config(wishes)})
    if "dry-run" in invocation.switches:
        put("\n".join(f"# {name}\n{text}" for name, text in texts.items()))
        return ExitCode.DONE
    if "force" not in invocation.switches:
        _check_free(repository.root, texts)
    for name, text in texts.items():
        _write(repository.root / name, text)
    put(_said(wishes, repository, kept))
    return ExitCode.DONE


def _wishes(invocation: Invocation) -> Wishes:
    """The options. Raises ConfigError with everything that is wrong with them."""
    options = {name: text.strip() for name, text in invocation.options.items() if text is not None and text.strip()}
    given = Setting(text="\n".join(invocation.budgets), origin="`--budget`")
    budgets, wrong = budgets_of(given)
    history = Setting(text=options["history"], origin="`--history`") if "history" in options else None
    problems = [*_problems(options), *wrong, *settled(budgets, history=history, against=None)[1]]
    if problems:
        raise ConfigError(*problems)
    matrix = MATRIX.fullmatch(options.get("matrix", ""))
    return Wishes(
        command=dedent(invocation.options.get("command") or "").strip() or None,
        runner=_words(options.get("runner", "ubuntu-latest")),
        matrix=(matrix[1], _words(matrix[2])) if matrix else None,
        region=options.get("region"),
        budgets=tuple(rule.rule for rule in budgets),
        history=options.get("history") or _needed(budgets),
        fork_safe="fork-safe" in invocation.switches,
    )


def _needed(rules: Sequence[Budget]) -> str | None:
    """The history without which a rule is never judged: periods need a branch, all else is in artifacts."""
    if any(rule.kind is Kind.SUM and rule.per != PULL_REQUEST for rule in rules):
        return "branch"
    return "artifact" if any(rule.kind in (Kind.SUM, Kind.INCREASE) for rule in rules) else None


def _problems(options: Mapping[str, str]) -> Iterator[Problem]:
    region, history, matrix = options.get("region"), options.get("history"), options.get("matrix")
    problem = None if region in (None, "auto") else region_problem(str(region))
    if problem is not None:
        yield Problem(problem.message, origin="`--region`", suggestion=problem.suggestion)
    if history is not None and history not in HISTORIES:
        advice = did_you_mean(history, HISTORIES, otherwise=f"Write one of {', '.join(HISTORIES)}.")
        yield Problem(f"`history` cannot be `{history}`", origin="`--history`", suggestion=advice)
    if matrix is not None and MATRIX.fullmatch(matrix) is None:
        advice = "Write for example `--matrix model=small,large`."
        yield Problem(f"Matrix `{matrix}` is not a name with its values", origin="`--matrix`", suggestion=advice)
    for name in ("command", "runner"):
        if any(not (sign.isprintable() or (sign in "\n\t" and name == "command")) for sign in options.get(name, "")):
            yield Problem("It holds control characters", origin=f"`--{name}`", suggestion="Write it as plain text.")


def _root(given: str | None) -> Path:
    """The folder to write into. Raises ConfigError where there is none."""
    if given:
        if not Path(given).is_dir():
            advice = "Make it first, or name another one."
            raise ConfigError(Problem(f"`{given}` is not a folder", origin="`--dir`", suggestion=advice))
        return Path(given)
    found = root_above(Path.cwd())
    if found is None:
        advice = "Run `git init` first, or name the folder: `emissions init --dir .`"
        raise ConfigError(Problem("This folder is in no git repository, so nothing was written", suggestion=advice))
    return found


def _workflow(wishes: Wishes, repository: Repository) -> str:
    """One job; or, where there is more to write or to lose, one that runs the code and one that may write."""
    two = wishes.matrix is not None or wishes.history == "branch" or wishes.fork_safe
    hosted = wishes.runner[0].startswith(HOSTED)
    keeps = wishes.history in ("branch", "artifact")
    name, values = wishes.matrix or ("", ())
    runner = ", ".join(_yaml(label) for label in wishes.runner)
    blanks = {
        "push": PUSH % _yaml(repository.default_branch) if keeps else "",
        "own": "" if hosted else OWN_RUNNER,
        "runner": f"[{runner}]" if len(wishes.runner) > 1 else runner,
        "history-permission": "actions: read # earlier runs" if wishes.history == "artifact" else "",
        "contents": "contents: write # the branch with earlier runs"
        if wishes.history == "branch"
        else "contents: read # checkout",
        "install": SETUP_PYTHON.format(install=repository.install) if hosted and repository.install else "",
        "command": wishes.command or repository.command or PLACEHOLDER,
        "history": _history(wishes),
        "check-permission": "checks: write # the verdict, on the commit" if wishes.fork_safe else "",
        "awaited": AWAITED if wishes.fork_safe else "",
        "dispatch": AGAIN if wishes.fork_safe else "",
        "again": "pull-request: ${{ inputs.pull-request }}" if wishes.fork_safe else "",
        "check": "check: auto" if wishes.fork_safe else "",
        "matrix": _matrix(name, values) if values else "",
        "leg": f"${{{{ matrix.{name} }}}}" if values else "${{ github.job }}",
    }
    return _filled("fan_in.yml" if two else "workflow.yml", blanks)


def _history(wishes: Wishes) -> str:
    return f"history: {_yaml(wishes.history)}" if wishes.history else ""


def _matrix(name: str, values: Sequence[str]) -> str:
    variable = name.upper().replace("-", "_")
    return f"""\
env:
  {variable}: ${{{{ matrix.{name} }}}} # for your command to read
strategy:
  fail-fast: false
  matrix:
    {name}: [{", ".join(f'"{value}"' for value in values)}]"""


def _config(wishes: Wishes) -> str:
    budgets = BUDGETS + "\n".join(f"  - {rule}" for rule in wishes.budgets)
    blanks = {
        "site": SITE % _yaml(wishes.region) if wishes.region else NO_SITE,
        "budgets": budgets if wishes.budgets else NO_BUDGETS,
    }
    return _filled("config.yml", blanks)


def _filled(template: str, blanks: Mapping[str, str]) -> str:
    """The template with its blanks filled; a line that is one blank takes any number of lines, also none."""
    lines = []
    for line in (template_root() / "init" / template).read_text(encoding="utf-8").splitlines():
        whole = re.fullmatch(r"( *)<<([\w-]+)>>", line)
        if whole:
            lines += [f"{whole[1]}{part}".rstrip() for part in blanks[whole[2]].splitlines()]
        else:
            lines.append(re.sub(r"<<([\w-]+)>>", lambda found: blanks[found[1]], line))
    return "\n".join(lines) + "\n"


def _yaml(text: str) -> str:
    """The text as a YAML scalar."""
    plain = PLAIN.fullmatch(text) and text.lower() not in WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _kept(wishes: Wishes, root: Path) -> str | None:
    """The config file that is there, where nothing is asked that would be written into it."""
    if wishes.region or wishes.budgets:
        return None
    return next((name for name in CONFIG_FILES if (root / name).exists()), None)


def _check_free(root: Path, texts: Mapping[str, str]) -> None:
    """Raises ConfigError where a file would be written over, or a second one would do the same."""
    taken = []
    for name, text in texts.items():
        if os.path.lexists(root / name) and not _holds(root / name, text):
            taken.append(name)
        if os.path.lexists(root / RIVALS[name]):
            taken.append(RIVALS[name])
    if taken:
        message = f"{' and '.join(f'`{name}`' for name in taken)} {'is' if len(taken) == 1 else 'are'} there already"
        advice = "Nothing was written. `--force` writes all the same, `--dry-run` prints what it would be."
        raise ConfigError(Problem(message, suggestion=advice))


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ReporterError(f"`{path}` cannot be written: {error.strerror}", hint="Is the folder yours?") from None


def _said(wishes: Wishes, repository: Repository, kept: str | None) -> str:
    """A line for each file that was written, and what comes next."""
    command = wishes.command or repository.command
    what = f"meters `{' '.join(command.split())}`" if command else "EDIT its `run:`, the command to meter"
    rules = ", ".join(wishes.budgets)
    config = f"Wrote {CONFIG}: {f'budget {rules}' if rules else 'no budget yet, it only reports'}."
    second = f"{SECOND}\n" if wishes.fork_safe else ""
    if wishes.fork_safe and not wishes.runner[0].startswith(HOSTED):
        second += f"{NOT_HERE % ', '.join(wishes.runner)}\n"
    return (
        f"Wrote {WORKFLOW}: {what} on {', '.join(wishes.runner)}.\n{second}"
        f"{f'Kept {kept}: it is yours.' if kept else config}\n"
        "Next: read and commit it on a branch, and open a pull request: the report is its comment.\n"
    )
