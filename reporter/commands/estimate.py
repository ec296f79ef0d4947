"""`emissions estimate`: the footprint of work that was not measured, from hardware or watts, hours and place."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from reporter.cloud import region_by_metadata
from reporter.commands import Invocation
from reporter.commands.account.accounting import beside
from reporter.commands.account.assessment import Assessed, tool
from reporter.commands.account.declared import declared
from reporter.commands.account.site import resolve_site
from reporter.commands.delivery.faces import faces_of
from reporter.commands.delivery.files import write_files
from reporter.commands.delivery.finish import is_over_budget
from reporter.commands.delivery.folder import RECORDING
from reporter.commands.delivery.form import format_of, rendered, training_type_of
from reporter.commands.output import put
from reporter.commands.settings import Settings, load
from reporter.commands.trust.overrides import ruled
from reporter.commands.trust.rules import organised
from reporter.domain.besides import Accounting
from reporter.domain.estimate import Work, estimate
from reporter.domain.readings import Job
from reporter.domain.total import total
from reporter.errors import ConfigError, ExitCode, Problem

T = TypeVar("T")
NAME = "estimate"
"""Of the job, where nobody gives one: the name of the CI job is that of what is metered there."""


def run(invocation: Invocation) -> int:
    """Print the footprint in the format asked for; with `--out`, write the files; with `--gate`, judge."""
    problems: list[Problem] = []
    form = _tried(lambda: format_of(invocation), problems)
    training_type = _tried(lambda: training_type_of(invocation), problems)
    settings = _tried(lambda: load(invocation), problems)
    work, wrong = declared(invocation.options)
    problems.extend(wrong)
    if form is None or settings is None or problems:
        raise ConfigError(*problems)
    settings = organised(settings, invocation)
    assessed = ruled(assess_work(work, settings), settings)
    faces = faces_of(assessed, settings)
    if "out" in settings.config.origins:
        _check_unmeasured(settings)
        write_files(faces, settings)
    text = rendered(faces, form, settings, training_type=training_type)
    put(text, machine=form != "text")
    failed = "gate" in invocation.switches and is_over_budget(assessed, settings)
    return ExitCode.OVER_BUDGET if failed else ExitCode.DONE


def assess_work(work: Work, settings: Settings) -> Assessed:
    """Declared work at the site that the settings name. It bears no date: the same options give the same bytes."""
    config = settings.config
    ask = region_by_metadata if config.region == "auto" else lambda: None
    site = resolve_site(config, settings.ci, ask_metadata=ask)
    footprint = estimate(work, Job(name=config.name or NAME), site, config.budgets, tool())
    footprint = beside(footprint, config.accounting or Accounting())
    return Assessed(footprints=(footprint,), total=total((footprint,)))


def _check_unmeasured(settings: Settings) -> None:
    """An estimate never takes the place of what was measured: a folder with a recording is refused."""
    out = settings.config.out or ""
    if os.path.lexists(Path(out) / RECORDING):
        message, advice = f"Output folder `{out}` holds a measured job", "Name another folder; nothing was overwritten."
        raise ConfigError(Problem(message, origin=settings.config.origins["out"], suggestion=advice))


def _tried(step: Callable[[], T], problems: list[Problem]) -> T | None:
    """What a step gives; None where it finds problems, which are kept, so that all are told at once."""
    try:
        return step()
    except ConfigError as error:
        problems.extend(error.problems)
        return None
