"""The opened sources of one job: asked one after the other, by preference, each given a time limit.

Models are opened too where a meter covers their part: should its counter stand still, as in many virtual machines,
the account has something to stand in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread
from typing import NamedTuple

from reporter.domain.readings import Description, Gpu, Meter, Unavailable
from reporter.probes import PROBES, Probe, ProbeContext, open_probe

OPEN_LIMIT_S = 10.0
"""NVML without persistence mode takes up to 1.5 s; a driver that hangs must not hold up the job."""

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

    def close(self) -> None:
        """Close every probe, whatever the others do."""
        for source in self.sources:
            with suppress(Exception):
                source.probe.close()


def open_sources(
    context: ProbeContext,
    names: Sequence[str] | None = None,
    *,
    opener: Open = open_probe,
    limit_s: float = OPEN_LIMIT_S,
) -> Sources:
    """Open these sources (all when None) in the order of PROBES. Never raises: what fails is `unavailable`."""
    opened: list[Source] = []
    unavailable: list[Unavailable] = []
    for name in (name for name in PROBES if names is None or name in names):
        source = _open(name, context, opener, limit_s)
        if isinstance(source, Unavailable):
            unavailable.append(source)
        else:
            opened.append(source)
            unavailable.extend(source.description.unavailable)
    flags = [flag for source in opened for flag in source.description.flags]
    return Sources(sources=tuple(opened), unavailable=tuple(unavailable), flags=tuple(flags))


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


def _failed(name: str, reason: str) -> Unavailable:
    return Unavailable(source=name, reason=reason, component=PROBES[name].component)
