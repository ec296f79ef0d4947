"""`emissions start`: meter everything from here to `emissions stop`, in a background process.

Settings are checked first, as for a run; then the session's state folder is taken, and the rest goes on without us.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from reporter.commands import Invocation
from reporter.commands.beside.job import job_of
from reporter.commands.beside.probing import machine, probe_context
from reporter.commands.beside.site_later import SiteLater
from reporter.commands.delivery.finish import is_quiet, relay
from reporter.commands.delivery.folder import DEFAULT, check
from reporter.commands.output import warn
from reporter.commands.settings import Settings, load
from reporter.domain.readings import Job
from reporter.errors import ConfigError, ExitCode, MeterError, Problem
from reporter.export.policy import encode_policy
from reporter.metering import background, watchdog
from reporter.metering.process import this_process
from reporter.metering.recording import RecordingWriter
from reporter.metering.session import Notes, Session, here, new_session
from reporter.metering.session_run import listen, meter_session
from reporter.metering.sources import open_sources
from reporter.probes import ProbeContext

READY_LIMIT_S = 15.0
"""For opening the sources and the first readings; an idle baseline comes on top."""
CALL_OFF_LIMIT_S = 5.0
POLL_S = 0.01
ATTEMPTS = 3
ROOT, LIBRARY = "EMISSIONS_SYSFS_ROOT", "EMISSIONS_NVML_LIBRARY"


def run(invocation: Invocation) -> int:
    """Start the session. Its status is 2 where a setting is wrong or one is running already, 3 where none can be."""
    if background.is_possible():
        background.occupy_streams()
    invocation = invocation._replace(environ=_absolute(invocation.environ))
    settings = load(invocation)
    context = probe_context(settings, invocation.environ)
    out = check(settings.config.out or DEFAULT, origin=settings.config.origins.get("out"))
    if not background.is_possible():
        message = "A session needs a process in the background, which this platform does not have"
        raise MeterError(message, hint="Use `emissions run -- COMMAND`.")
    directory = here({})
    session, lock = _taken(invocation.environ, directory)
    _make_room(session)
    plan = _Plan(
        session=session,
        lock=lock,
        notes=Notes(out=str(out.absolute()), directory=str(directory)),
        anchor=watchdog.anchor(invocation.environ),
        longest_s=settings.config.longest_s or watchdog.longest_s(invocation.environ),
        context=context,
        settings=settings,
        invocation=invocation,
        job=job_of(settings, invocation, command=None, otherwise=directory.name),
    )
    try:
        state = background.start(
            partial(_meter, plan),
            log=session.log,
            keep=(lock,),
            limit_s=READY_LIMIT_S + (settings.config.idle_baseline_s or 0.0),
        )
    except OSError as error:
        raise MeterError(f"The session could not be started: {error.strerror}") from None
    except KeyboardInterrupt:
        _call_off(session)
        raise
    relay(session)
    if state is False:
        raise MeterError("The session could not be started: its background process has ended")
    if state is None:
        warn(f"The session has not taken its first readings after {READY_LIMIT_S:g} s. The job goes on.")
    elif not is_quiet(invocation, settings):
        warn("The session has started. `emissions mark LABEL` names a phase, `emissions stop` ends it.")
    return ExitCode.DONE


class _Plan(NamedTuple):
    """What the background process is given."""

    session: Session
    lock: int
    notes: Notes
    anchor: watchdog.Anchor | None
    longest_s: float
    context: ProbeContext
    settings: Settings
    invocation: Invocation
    job: Job


def _meter(plan: _Plan, ready: background.Ready) -> None:
    """In the background process: note who we are, open the sources, meter to the end."""
    orders = listen()
    session, settings = plan.session, plan.settings
    session.note(plan.notes._replace(meter=this_process()))
    sources = open_sources(plan.context, settings.config.sources)
    writer = RecordingWriter(session.recording, warn=warn)
    site = SiteLater(settings, writer, plan.invocation)

    def on_started() -> None:
        ready()
        Thread(target=site.ask, name="emissions-site", daemon=True).start()

    def watch(start_ns: int) -> watchdog.Watchdog:
        return watchdog.Watchdog(session, plan.lock, plan.anchor, start_ns, plan.longest_s)

    meter_session(
        orders,
        watch,
        sources=sources,
        writer=writer,
        job=plan.job,
        hardware=machine(plan.context, sources.gpus),
        extra=encode_policy(site.policy),
        warn=warn,
        on_started=on_started,
        before_end=site.wait,
        interval_s=settings.config.interval_s,
        idle_baseline_s=settings.config.idle_baseline_s,
    )
    if not writer.save():
        warn("Part of the recording is lost: it could not be written to the end.")


def _taken(environ: Mapping[str, str], directory: Path) -> tuple[Session, int]:
    """The state folder, held by us. Raises ConfigError where a session is running in it."""
    for attempt in range(ATTEMPTS):
        session = new_session(environ, directory)
        lock = session.hold()
        if lock is not None:
            return session, lock
        # A `mark` looks whether it is held, or a `stop` has just removed it.
        time.sleep(0.05 * (attempt + 1))
    started = session.notes().directory
    where = f", started in {started}" if started else ""
    raise ConfigError(
        Problem(
            f"A session is already running{where}",
            suggestion="`emissions stop` ends it and reports it; it was left as it is.",
        )
    )


def _make_room(session: Session) -> None:
    """Keep what an earlier session recorded that nobody stopped. Raises MeterError where that is not possible."""
    try:
        kept = session.set_aside()
    except OSError as error:
        raise MeterError(f"The session's state folder {session.folder} cannot be written: {error.strerror}") from None
    if kept is not None:
        warn(f"An earlier session was never stopped. Its recording is kept: `emissions report {kept}`.")


def _call_off(session: Session) -> None:
    """Somebody who interrupts the start wants no session."""
    deadline_s = time.monotonic() + CALL_OFF_LIMIT_S
    asked = False
    while time.monotonic() < deadline_s:
        meter = session.notes().meter
        if asked and (meter is None or not meter.is_alive):
            session.remove()
            warn("The session was not started.")
            return
        if meter is not None and not asked:
            with suppress(OSError):
                os.kill(meter.pid, signal.SIGTERM)
            asked = True
        time.sleep(POLL_S)
    warn("The session is starting all the same: `emissions stop` ends it.")


def _absolute(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The background process leaves this directory: what is looked up later is named from the root.

    A library without a folder is looked for by the loader.
    """
    paths = {name: environ[name] for name in (ROOT, LIBRARY) if environ.get(name)}
    if "/" not in paths.get(LIBRARY, "/"):
        del paths[LIBRARY]
    return {**environ, **{name: os.path.abspath(path) for name, path in paths.items()}}  # noqa: PTH100
