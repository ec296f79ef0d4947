"""`emissions run`: meter a command, assess it, print a summary, write the output folder.

Settings are checked before the command starts; from then on nothing of ours changes the command's fate.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from reporter.ci import CiContext, job_name
from reporter.commands import Invocation
from reporter.commands.folder import DEFAULT, FOOTPRINT, RECORDING, prepare, write
from reporter.commands.output import report_bug, warn
from reporter.commands.redaction import PROVIDER_SECRETS, commands_environment, recorded
from reporter.commands.settings import Settings, load
from reporter.commands.site import resolve_site
from reporter.domain.carbon import Site
from reporter.domain.readings import Job
from reporter.errors import ExitCode, ReporterError
from reporter.export.policy import encode_budgets, encode_site
from reporter.metering.clock import SystemClock
from reporter.metering.command import run_command
from reporter.metering.recording import RecordingWriter
from reporter.metering.run import MeteredResult, meter_command
from reporter.metering.sources import open_sources
from reporter.probes import ProbeContext
from reporter.probes.machine import hardware

if TYPE_CHECKING:
    from reporter.commands.assessment import Assessed

METADATA_LIMIT_S = 1.5
"""A second for the metadata services, and some to start the thread; then the site is taken as unknown."""


def run(invocation: Invocation) -> int:
    """Meter the command and return its own status, or 1 where `--gate` is given and a budget is exceeded."""
    settings = load(invocation)
    with _folder(settings) as folder:
        return _run(folder, settings, invocation)


def _run(folder: Path | None, settings: Settings, invocation: Invocation) -> int:
    command = invocation.arguments
    given = invocation.environ if invocation.command_environ is None else invocation.command_environ
    environ = commands_environment(given)
    root = invocation.environ.get("EMISSIONS_SYSFS_ROOT") or "/"
    context = ProbeContext(environment=dict(invocation.environ), root=root, gpus=settings.config.gpus)
    try:
        sources = open_sources(context, settings.config.sources)
        writer = RecordingWriter(None if folder is None else folder / RECORDING, warn=warn)
        site = _SiteLater(settings, writer)
        job = _job(command, settings, invocation)
        machine = hardware(root, sources.gpus)
    except Exception:  # noqa: BLE001  (a bug of ours is no reason not to run)
        report_bug()
        return run_command(command, env=environ, clock=SystemClock()).exit_status
    result = meter_command(
        command,
        env=environ,
        sources=sources,
        writer=writer,
        job=job,
        hardware=machine,
        extra={"budgets": encode_budgets(settings.config.budgets), **site.extra},
        warn=warn,
        interval_s=settings.config.interval_s,
        while_running=site.prepare,
    )
    assessed: Assessed | None = None
    with _harmless():
        notices = _count_units(writer, settings)
        assessed = _assess(result, site, settings)
        _present(assessed, notices, folder, settings, invocation)
    return result.exit_status if assessed is None else _status(result, assessed, settings, invocation)


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


class _SiteLater:
    """The site of the job: known at once, or asked for while the command runs."""

    def __init__(self, settings: Settings, writer: RecordingWriter) -> None:
        self._settings = settings
        self._writer = writer
        self._lock = Lock()
        self._known = Event()
        self._asking = False
        self.site: Site | None = None
        if settings.config.region != "auto":
            self.site = self._resolved(asks=False)

    @property
    def extra(self) -> dict[str, Any]:
        """What the recording's first line says of it."""
        return {} if self.site is None else {"site": encode_site(self.site)}

    def prepare(self) -> None:
        """Runs beside the command: ask for the region where that is wanted, and load what rendering needs."""
        if self.site is None:
            self._asking = True
            self._settle(self._resolved(asks=True))
        import reporter.commands.assessment  # noqa: PLC0415
        import reporter.commands.face  # noqa: F401, PLC0415
        from reporter.report.render import preload  # noqa: PLC0415

        preload()

    def wait(self) -> Site:
        """The site, at the latest a moment after the command has ended."""
        if self._asking:
            self._known.wait(METADATA_LIMIT_S)
        return self.site or self._settle(self._resolved(asks=False))

    def _settle(self, site: Site) -> Site:
        """The first answer counts, and is in the recording before anybody goes on with it."""
        with self._lock:
            if self.site is None:
                self._writer.add({"site": encode_site(site)})
                self.site = site
            self._known.set()
            return self.site

    def _resolved(self, *, asks: bool) -> Site:
        from reporter.cloud import region_by_metadata  # noqa: PLC0415

        return resolve_site(
            self._settings.config, self._settings.ci, ask_metadata=region_by_metadata if asks else lambda: None
        )


@contextmanager
def _folder(settings: Settings) -> Iterator[Path | None]:
    """The output folder, or None where it cannot be made: the run is then reported on stderr alone."""
    config = settings.config
    out = config.out or DEFAULT
    folder, lock = None, None
    try:
        folder, lock = prepare(out, origin=config.origins.get("out"))
    except OSError as error:
        warn(f"Output folder `{out}` cannot be used: {error.strerror}. The command runs; no files are written.")
    try:
        yield folder
    finally:
        if lock is not None:
            os.close(lock)


def _job(command: tuple[str, ...], settings: Settings, invocation: Invocation) -> Job:
    ci: CiContext = settings.ci
    name = settings.config.name or job_name(ci.job, invocation.matrix) or Path(command[0]).name
    return Job(
        name=name,
        command=recorded(command, settings.config.record_command, _secrets(invocation.environ)),
        started_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        repository=ci.repository,
        sha=ci.sha,
        run_id=ci.run_id,
        run_attempt=ci.run_attempt,
        pull_request=settings.config.pull_request or ci.pull_request,
    )


def _secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with our own secrets under names that say so."""
    return {(f"{name}_SECRET" if name in PROVIDER_SECRETS else name): value for name, value in environ.items()}


def _assess(result: MeteredResult, site: _SiteLater, settings: Settings) -> Assessed:
    from reporter.commands.assessment import assess_recorded  # noqa: PLC0415

    known = site.wait()
    recording, _ = result.recording()
    result.writer.close()
    return assess_recorded(recording, known, settings)


def _present(
    assessed: Assessed, notices: tuple[str, ...], folder: Path | None, settings: Settings, invocation: Invocation
) -> None:
    """Write the folder and print the summary; a disk that is full costs the files alone."""
    from reporter.commands.face import colour_wanted, face_of  # noqa: PLC0415
    from reporter.export import json  # noqa: PLC0415

    face = face_of(assessed, settings, notices=notices)
    if folder is not None:
        try:
            write(folder / FOOTPRINT, json.dumps(json.encode(assessed.footprints[0])))
            write(folder / "report.md", face.markdown())
            write(folder / "report.html", face.html())
        except ReporterError as error:
            warn(f"{error.message}. {error.hint or ''}".rstrip())
    if "quiet" not in invocation.switches and not settings.config.quiet:
        _print(face.text(colour=colour_wanted(settings.environ, on_terminal=_is_terminal(sys.stderr))))


def _count_units(writer: RecordingWriter, settings: Settings) -> tuple[str, ...]:
    """Put the job's own counts into the recording; a file that cannot be used becomes a notice."""
    if settings.config.metrics is None:
        return ()
    from reporter.commands.metrics import MetricsError, read_units  # noqa: PLC0415

    try:
        writer.units(dict(read_units(Path(settings.config.metrics))))
    except MetricsError as error:
        warn(f"{error}. Budgets per unit of work are not judged.")
        return (f"{error}. Budgets per unit of work are not judged.",)
    return ()


def _status(result: MeteredResult, assessed: Assessed, settings: Settings, invocation: Invocation) -> int:
    from reporter.domain.budget import fails_build  # noqa: PLC0415

    if "gate" not in invocation.switches or result.exit_status != 0:
        return result.exit_status
    config = settings.config
    failed = fails_build(assessed.total.verdict, on_unknown=config.on_unknown, on_borderline=config.on_borderline)
    return ExitCode.OVER_BUDGET if failed else result.exit_status


def _is_terminal(stream: Any) -> bool:  # noqa: ANN401  (stderr may have been closed or replaced)
    try:
        return bool(stream.isatty())
    except (AttributeError, OSError, ValueError):
        return False


def _print(text: str) -> None:
    try:
        sys.stderr.write(text if text.endswith("\n") else text + "\n")
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        pass
