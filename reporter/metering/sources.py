"""The opened sources of one job: asked one after the other, by preference, each given a time limit.

Models are opened too where a meter covers their part: should its counter stand still, as in many virtual machines,
the account has something to stand in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import NamedTuple

from reporter.domain.readings import Description, Gpu, Meter, Unavailable
from reporter.probes import PROBES, Probe, ProbeContext, open_probe

OPEN_LIMIT_S = 10.0
"""NVML without persistence mode takes up to 1.5 s; a driver that hangs must not hold up the job."""
CLOSE_LIMIT_S = 0.5
"""A driver that hangs while it is let go must not hold up the command's status."""

Open = Callable[[str, ProbeContext], Probe]


class Source(NamedTuple):
    """One opened probe and what it said it has."""

    name: str
    probe: Probe
    description: Description


class Sources(NamedTuple):
    """Every source that a job is metered with, and those that are not there."""

    sources: tuple[Source, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def meters(self) -> tuple[Meter, ...]:
        """All meters, in the order of the sources."""
        return tuple(meter for source in self.sources for meter in source.description.meters)

    @property
    def gpus(self) -> tuple[Gpu, ...]:
        """The GPUs that the command can use."""
        return tuple(gpu for source in self.sources for gpu in source.description.gpus)

    def begin(self, start_ns: int) -> None:
        """Tell those that want to know it when the command started (monotonic)."""
        for source in self.sources:
            with suppress(Exception):
                begin = getattr(source.probe, "begin", None)
                if begin is not None:
                    begin(start_ns)

    def close(self, limit_s: float = CLOSE_LIMIT_S) -> None:
        """Close every probe, whatever the others do; one that hangs is left behind."""
        for source in self.sources:
            closing = Thread(target=_quietly, args=(source.probe.close,), name="emissions-close", daemon=True)
            with suppress(RuntimeError):
                closing.start()
                closing.join(limit_s)


def open_sources(
    context: ProbeContext,
    names: Sequence[str] | None = None,
    *,
    opener: Open = open_probe,
    limit_s: float = OPEN_LIMIT_S,
) -> Sources:
    """Open these sources in the order of PROBES; when None, all that need no argument.

    A name may carry its argument (`replay:PATH`). Never raises: what fails is `unavailable`.
    """
    opened: list[Source] = []
    unavailable: list[Unavailable] = []
    for name in _wanted(names):
        source = _open(name, context, opener, limit_s)
        if isinstance(source, Unavailable):
            unavailable.append(source)
        else:
            opened.append(source)
            # A part that cannot be read counts for what its source covers, unless the probe knows better.
            component = PROBES[name].component
            rows = source.description.unavailable
            unavailable.extend(row if row.component else replace(row, component=component) for row in rows)
    flags = [flag for source in opened for flag in source.description.flags]
    return Sources(sources=tuple(opened), unavailable=tuple(unavailable), flags=tuple(flags))


def _wanted(names: Sequence[str] | None) -> list[str]:
    if names is None:
        return [name for name, entry in PROBES.items() if entry.argument is None]
    asked = {name.partition(":")[0] for name in names}
    return [name for name in PROBES if name in asked]


def _open(name: str, context: ProbeContext, opener: Open, limit_s: float) -> Source | Unavailable:
    """One source, opened in a thread of its own, since a call into a driver cannot be broken off."""
    answers: list[Source | Unavailable] = []

    def ask() -> None:
        try:
            probe = opener(name, context)
            answers.append(Source(name=name, probe=probe, description=probe.describe()))
        except Exception as error:  # noqa: BLE001 - a probe is somebody else's code
            reason = f"it failed while being opened: {type(error).__name__}: {error}"
            answers.append(_failed(name, reason))

    thread = Thread(target=ask, name=f"emissions-open-{name}", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        return _failed(name, f"it could not be opened: {error}")
    thread.join(limit_s)
    if answers:
        return answers[0]
    return _failed(name, f"it did not answer within {limit_s:g} s")


def _quietly(close: Callable[[], None]) -> None:
    with suppress(Exception):
        close()


def _failed(name: str, reason: str) -> Unavailable:
    return Unavailable(source=name, reason=reason, component=PROBES[name].component)
