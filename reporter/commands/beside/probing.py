"""What the probes are given: where to look, which GPUs, and the recording to play back where one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reporter.commands.delivery.folder import DEFAULT, FILES, RECORDING
from reporter.commands.settings import Settings
from reporter.domain.readings import Gpu, Hardware
from reporter.errors import ConfigError, Problem, ReporterError
from reporter.probes import ProbeContext, Replay
from reporter.probes.machine import hardware

REPLAY = "replay:"
MOST_NAME = 80


def probe_context(settings: Settings, environ: Mapping[str, str], *, writes: bool = True) -> ProbeContext:
    """The context of this invocation; `writes` says whether its output folder will be written.

    Raises ConfigError where the recording to play back cannot be used, or would be overwritten.
    """
    named = [text.removeprefix(REPLAY) for text in settings.config.sources or () if text.startswith(REPLAY)]
    return ProbeContext(
        environment=dict(environ),
        root=environ.get("EMISSIONS_SYSFS_ROOT") or "/",
        gpus=settings.config.gpus,
        replay=_replay(named[0], settings, writes=writes) if named else None,
    )


def machine(context: ProbeContext, gpus: tuple[Gpu, ...]) -> Hardware:
    """What the job runs on: where a recording is played back, what that ran on."""
    return hardware(context.root, gpus) if context.replay is None else context.replay.recording.hardware


def _replay(named: str, settings: Settings, *, writes: bool) -> Replay:
    from reporter.metering.recording import read_recording  # noqa: PLC0415  (hardly any run plays one back)

    origin = settings.config.origins.get("sources")
    path = Path(named)
    if path.is_dir():
        path /= RECORDING
    folder = Path(settings.config.out or DEFAULT)
    if writes and path.resolve() in {(folder / name).resolve() for name in FILES}:
        advice = "Name another folder with `--out`; nothing was overwritten."
        raise ConfigError(
            Problem(f"The run would overwrite `{path}`, which it plays back", origin=origin, suggestion=advice)
        )
    try:
        recording, _ = read_recording(path)
    except ReporterError as error:
        raise ConfigError(Problem(error.message, origin=origin, suggestion=error.hint or "Check the path.")) from None
    name = "".join(letter if letter.isprintable() else "?" for letter in path.name)[:MOST_NAME]
    return Replay(name=name, recording=recording)
