"""`--confirm K`: a verdict that is too close to call is decided on more runs of the command.

A failed increase is confirmed too, by all K: one run that is an outlier fails nobody, and the rate of false alarms is
that of one test on all runs. What a limit alone decides is decided as soon as it is clear.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from reporter.commands.account.assessment import Assessed, judged_again
from reporter.commands.beside.probing import machine
from reporter.commands.output import report_bug, warn
from reporter.commands.settings import Settings
from reporter.domain.budget import Finding, Kind, Outcome, too_close
from reporter.domain.energy import account
from reporter.domain.readings import Job
from reporter.domain.repeat import Repeat
from reporter.metering.recording import RecordingWriter
from reporter.metering.run import MeteredResult, meter_command
from reporter.metering.sources import open_sources
from reporter.probes import ProbeContext

_CONFIRMED = frozenset({Kind.LIMIT, Kind.INCREASE})


class Again:
    """Runs the command once more, metered as before. What it reads is kept in memory: the first run is the job."""

    def __init__(
        self, settings: Settings, context: ProbeContext, *, job: Job, command: Sequence[str], environ: Mapping[str, str]
    ) -> None:
        self._settings, self._context = settings, context
        self._job, self._command, self._environ = job, command, environ
        self._runs = 1

    def __call__(self) -> Repeat | None:
        """One more run, which may fail; None where somebody asked it to end, and it did."""
        self._runs += 1
        most = 1 + self._settings.config.confirm
        warn(f"Too close to call, or over a limit on an increase: run {self._runs} of at most {most}.")
        return repeat_of(self.metered(self._job))

    def metered(self, job: Job) -> MeteredResult:
        """One more run under this name."""
        sources = open_sources(self._context, self._settings.config.sources)
        writer = RecordingWriter(None, warn=warn)
        result = meter_command(
            self._command,
            env=self._environ,
            sources=sources,
            writer=writer,
            job=job,
            hardware=machine(self._context, sources.gpus),
            extra={},
            warn=warn,
            interval_s=self._settings.config.interval_s,
        )
        writer.close()
        return result


def repeat_of(result: MeteredResult) -> Repeat | None:
    """What a further run came to; None where somebody asked it to end, and it did."""
    if result.command.signal is not None and not result.exit_status:
        return None
    recording, _ = result.recording()
    return Repeat(it_j=account(recording).it_j, duration_s=recording.job.duration_s, exit_status=result.exit_status)


def decided(assessed: Assessed, again: Again, settings: Settings) -> Assessed:
    """The job held against the base commit itself where that is asked for, else judged on more runs of its own."""
    config = settings.config
    if config.against_commit is None:
        return confirmed(assessed, again, most=config.confirm)
    from reporter.commands.beside.base_commit import measured_against  # noqa: PLC0415  (few jobs have their base run beside)

    return measured_against(assessed, again, settings)


def confirmed(assessed: Assessed, again: Callable[[], Repeat | None], *, most: int) -> Assessed:
    """The job judged on up to so many more runs; `again` runs the command, None where no more is to be run.

    A run that fails is the last.
    """
    for _ in range(most):
        if not any(_is_open(finding) for finding in assessed.total.verdict.findings):
            break
        try:
            repeat = again()
        except Exception:  # noqa: BLE001  (what was measured is reported whatever happens now)
            report_bug()
            break
        if repeat is None:
            break
        footprint = assessed.footprints[0]
        assessed = judged_again(assessed, (replace(footprint, repeats=(*footprint.repeats, repeat)),))
        if repeat.exit_status:
            break
    return assessed


def _is_open(finding: Finding) -> bool:
    if finding.kind not in _CONFIRMED:
        return False
    return too_close(finding) or (finding.kind is Kind.INCREASE and finding.outcome is Outcome.FAIL)
