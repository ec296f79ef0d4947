"""`--against-commit REF`: the base's command runs here too, in turns with the job's, so that the machine is the same.

The base is checked out in a temporary work tree of its own, and removed on every way out.
The user's work tree and index are not touched, and what the base's runs write is thrown away.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from reporter.commands.account.assessment import Assessed, judged_again, tool
from reporter.commands.beside.confirm import Again, repeat_of
from reporter.commands.output import report_bug, warn
from reporter.commands.settings import Settings
from reporter.config.again import AUTO
from reporter.domain.baseline import Baseline, baseline_of
from reporter.domain.energy import account
from reporter.domain.footprint import Footprint, assess, site_of
from reporter.domain.noise import runs_of
from reporter.domain.repeat import Repeat
from reporter.domain.run_record import RunRecord, record_of
from reporter.errors import ReporterError
from reporter.history.git import Failed, call, surroundings
from reporter.metering.run import MeteredResult

_SHORT = 7


class Base(NamedTuple):
    """The base commit checked out: what it is called, its hash, and the folder to run in."""

    label: str
    sha: str
    folder: Path


class Unavailable(ReporterError):
    """The base commit cannot be had."""


def measured_against(assessed: Assessed, again: Again, settings: Settings) -> Assessed:
    """The job with its base's runs, made in turns; where that fails the baseline says why."""
    footprint = assessed.footprints[0]
    try:
        with _checked_out(settings) as base:
            footprint = _in_turns(footprint, base, again, settings)
    except ReporterError as error:
        baseline = Baseline(label=settings.config.against_commit or AUTO, why_not=error.message)
        footprint = replace(footprint, baseline=baseline)
        warn(error.sentences)
    except Exception:  # noqa: BLE001  (what was measured is reported whatever happens now)
        report_bug()
    return judged_again(assessed, (footprint,))


def _in_turns(footprint: Footprint, base: Base, again: Again, settings: Settings) -> Footprint:
    """Rounds of both, the job first in every other one: what warms up, or wears off, favours neither.

    The job's first run is the one that the footprint is of.
    """
    records: list[RunRecord] = []
    repeats: list[Repeat] = []
    rounds = settings.config.rounds
    turns = [(number, of_base) for number in range(1, rounds + 1) for of_base in (number % 2 == 0, number % 2 == 1)]
    for number, of_base in turns[1:]:
        if of_base:
            warn(f"Run {number} of {rounds} of {base.label}, whose output is not shown.")
            result = _base_run(footprint, base, again)
            if result.command.signal is not None:
                break
            if result.exit_status:
                why = f"the command ended with status {result.exit_status} at {base.label}"
                return replace(
                    footprint,
                    repeats=tuple(repeats),
                    baseline=Baseline(label=base.label, sha=base.sha, why_not=why),
                )
            recording, _ = result.recording()
            records.append(record_of(assess(recording, account(recording), site_of(footprint), (), tool())))
            continue
        warn(f"Run {number} of {rounds} of the job itself.")
        repeat = repeat_of(again.metered(footprint.job))
        if repeat is not None:
            repeats.append(repeat)
        if repeat is None or repeat.exit_status:
            break
    baseline = baseline_of(records, record_of(footprint), label=base.label)
    if baseline.why_not is None and baseline.recent_it_j:
        # Both sides by their means, so that what is found is the mean of the differences.
        baseline = replace(baseline, is_paired=True, it_j=runs_of(baseline.recent_it_j).mean_j)
    return replace(footprint, repeats=tuple(repeats), baseline=replace(baseline, sha=base.sha))


def _base_run(footprint: Footprint, base: Base, again: Again) -> MeteredResult:
    with _elsewhere(base.folder):
        return again.metered(replace(footprint.job, sha=base.sha))


@contextmanager
def _checked_out(settings: Settings) -> Iterator[Base]:
    """The base in a work tree of its own, at the place in it where the command was started."""
    environ = surroundings(settings.environ)

    def git(*words: str) -> str:
        try:
            return call(words, Path.cwd(), environ).decode("utf-8", "replace").strip()
        except Failed as failed:
            raise Unavailable(
                f"The base commit cannot be had: {failed.said}",
                hint="Fetch it before: `fetch-depth: 0` for actions/checkout.",
            ) from None

    prefix = git("rev-parse", "--show-prefix")
    asked = settings.config.against_commit or AUTO
    name = settings.ci.base_ref or "base" if asked == AUTO else asked
    if asked != AUTO:
        sha = git("rev-parse", "--verify", "--end-of-options", f"{asked}^{{commit}}")
    else:
        left = settings.ci.base_sha or (f"origin/{settings.ci.base_ref}" if settings.ci.base_ref else "origin/HEAD")
        sha = git("merge-base", left, "HEAD")
    folder = Path(tempfile.mkdtemp(prefix="emissions-base-"))
    tree = folder / "tree"
    try:
        git("worktree", "add", "--detach", "--quiet", str(tree), sha)
        place = tree / prefix
        if not place.is_dir():
            raise Unavailable(f"The base commit has no folder `{prefix}`")
        yield Base(label=f"{name}@{sha[:_SHORT]}", sha=sha, folder=place)
    finally:
        with suppress(ReporterError):
            git("worktree", "remove", "--force", str(tree))
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(ReporterError):
            git("worktree", "prune")


@contextmanager
def _elsewhere(folder: Path) -> Iterator[None]:
    """In this folder, with what is written to stdout and stderr thrown away."""
    before = Path.cwd()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    kept = [os.dup(number) for number in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.chdir(folder)
        for number in (1, 2):
            os.dup2(nowhere, number)
        yield
    finally:
        os.chdir(before)
        for number, file in zip((1, 2), kept, strict=True):
            os.dup2(file, number)
            os.close(file)
        os.close(nowhere)
