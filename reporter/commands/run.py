"""`emissions run`: meter a command, assess it, print a summary, write the output folder.

Settings are checked before the command starts; from then on nothing of ours changes the command's fate.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.commands import Invocation
from reporter.commands.beside.job import job_of
from reporter.commands.beside.manner import manner_of
from reporter.commands.beside.probing import machine, probe_context
from reporter.commands.beside.progress import Progress
from reporter.commands.beside.redaction import commands_environment
from reporter.commands.beside.site_later import SiteLater
from reporter.commands.delivery.finish import (
    add_to_history,
    count_units,
    held_against,
    is_over_budget,
    is_quiet,
    output_folder,
    preload,
    present,
)
from reporter.commands.delivery.folder import RECORDING
from reporter.commands.output import report_bug, warn
from reporter.commands.settings import Settings, load
from reporter.errors import ExitCode, ReporterError
from reporter.export.policy import encode_policy
from reporter.metering.clock import SystemClock
from reporter.metering.command import interruptible, run_command
from reporter.metering.run import MeteredResult, meter_command
from reporter.metering.session import RECORDING_OF_RUN
from reporter.metering.sources import Sources, open_sources
from reporter.probes import ProbeContext

if TYPE_CHECKING:
    from reporter.commands.account.assessment import Assessed
    from reporter.commands.beside.watch import Watch
    from reporter.domain.readings import Hardware, Job


def run(invocation: Invocation) -> int:
    """Meter the command and return its own status, or 1 where `--gate` is given and a budget is exceeded."""
    settings = load(invocation)
    if settings.config.stop_at_budget:
        from reporter.commands.beside.watch import check_stop  # noqa: PLC0415  (most runs are not watched)

        check_stop(settings.config)
    context = probe_context(settings, invocation.environ)
    with output_folder(settings) as folder:
        return _run(folder, settings, context, invocation)


def _run(folder: Path | None, settings: Settings, context: ProbeContext, invocation: Invocation) -> int:
    command = invocation.arguments
    given = invocation.environ if invocation.command_environ is None else invocation.command_environ
    environ = commands_environment(given)
    if folder is not None:
        environ[RECORDING_OF_RUN] = str((folder / RECORDING).absolute())
    try:
        sources = open_sources(context, settings.config.sources)
        job = job_of(settings, invocation, command=command, otherwise=Path(command[0]).name)
        watch = _watch(settings, job, quiet=is_quiet(invocation, settings))
        progress = Progress(manner_of(settings, quiet=is_quiet(invocation, settings)), settings, watch=watch)
        writer = progress.writer(None if folder is None else folder / RECORDING, warn=warn)
        site = SiteLater(settings, writer, invocation)
        hardware = machine(context, sources.gpus)
    except Exception:  # noqa: BLE001  (a bug of ours is no reason not to run)
        report_bug()
        return run_command(command, env=environ, clock=SystemClock(), warn=warn).exit_status
    try:
        result = meter_command(
            command,
            env=environ,
            sources=sources,
            writer=writer,
            job=job,
            hardware=hardware,
            extra=encode_policy(site.policy),
            warn=warn,
            interval_s=settings.config.interval_s,
            idle_baseline_s=settings.config.idle_baseline_s,
            while_running=lambda: _prepare(site, progress, sources, hardware),
            on_ended=progress.stop,
            stopping=None if watch is None else watch.stopping,
        )
    finally:
        progress.stop()
    if result.called_off:
        return result.exit_status
    assessed: Assessed | None = None
    with interruptible(), _harmless():
        from reporter.commands.account.assessment import assess_recorded  # noqa: PLC0415
        from reporter.commands.trust.overrides import ruled  # noqa: PLC0415

        notices = count_units(writer, settings)
        recording, _ = result.recording()
        known, settings = site.over(recording)
        assessed = held_against(assess_recorded(recording, known, settings), settings)
        if result.exit_status == 0 and (settings.config.confirm or settings.config.against_commit):
            from reporter.commands.beside.confirm import Again, decided  # noqa: PLC0415  (few commands are run more than once)

            again = Again(settings, context, job=job, command=command, environ=commands_environment(given))
            assessed = decided(assessed, again, settings)
        assessed = ruled(assessed, settings)
        if watch is not None:
            watch.epilogue(result.command, assessed.footprints[0].energy.it_j)
        present(assessed, notices, folder, settings, quiet=is_quiet(invocation, settings))
        writer.save()
        writer.close()
        add_to_history(assessed, settings)
    return _status(result, assessed, settings, invocation)


@contextmanager
def _harmless() -> Iterator[None]:
    """Whatever is wrong with us, and however impatient the user is, the command's status comes through."""
    try:
        yield
    except ReporterError as error:
        warn(f"{error.message}. The command's status is passed through. {error.hint or ''}".rstrip())
    except KeyboardInterrupt:
        warn("Interrupted before the report was complete. `emissions report` makes it from the recording.")
    except Exception:  # noqa: BLE001
        report_bug()


def _prepare(site: SiteLater, progress: Progress, sources: Sources, hardware: Hardware) -> None:
    """Runs beside the command: ask for the region where that is wanted, load what rendering needs, tell how it goes."""
    try:
        site.ask()
        preload()
    finally:
        progress.run(sources, hardware, lambda: site.site)


def _watch(settings: Settings, job: Job, *, quiet: bool) -> Watch | None:
    """What looks at the budget and at the end that is to be expected; None where neither is asked for."""
    if not settings.config.stop_at_budget and not settings.config.predict:
        return None
    from reporter.commands.beside.watch import Watch  # noqa: PLC0415

    return Watch(settings, job, quiet=quiet)


def _status(result: MeteredResult, assessed: Assessed | None, settings: Settings, invocation: Invocation) -> int:
    """The command's own; without the intensity that was demanded the verdict is unknown, and `on-unknown` decides.

    Of a command that ran again the first status that is not 0.
    """
    repeats = () if assessed is None else assessed.footprints[0].repeats
    status = result.exit_status or next((row.exit_status for row in repeats if row.exit_status), 0)
    if "gate" not in invocation.switches or status != 0:
        return status
    if assessed is None:
        fails = settings.config.strict_intensity and settings.config.on_unknown == "fail"
    else:
        fails = is_over_budget(assessed, settings)
    return ExitCode.OVER_BUDGET if fails else status
