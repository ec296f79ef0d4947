"""The processors where no meter covers them: busy time is read, power follows from a published curve."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reporter.domain.readings import (
    Column,
    Component,
    Description,
    Meter,
    Method,
    PowerCurve,
    Quantity,
    Unavailable,
)
from reporter.errors import ReporterError
from reporter.probes import ProbeContext
from reporter.probes.machine import cpu_count, cpu_name, processors

SOURCE = "cpu_model"
METER = "model:cpu"
GAIN_LOW_RATIO, GAIN_HIGH_RATIO = 0.70, 1.60
BUSY_TICK_S = 0.01
LINE_BYTES = 512

_STAT = re.compile(rb"cpu +(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)")
_USAGE = re.compile(rb"usage_usec (\d+)")

Curve = Callable[[str | None, int], PowerCurve]


class CpuModelProbe:
    """Busy time of the machine, or of the control group where it limits the processors, and then of both.

    The two tell how much of what a meter of the whole machine reads is this job's: `domain/share.py`.
    """

    def __init__(self, context: ProbeContext, curve: Curve | None = None) -> None:
        self._root = context.root
        self._curve = curve
        self._clocks: list[Clock] = []
        self._reason: str | None = None

    def describe(self) -> Description:
        """Find a clock of busy time, and the curve for this processor."""
        name = cpu_name(self._root)
        cpus = cpu_count(self._root) or 1
        curve = self._curve
        if curve is None:
            from reporter.factors import cpu_curve  # noqa: PLC0415 - not read where a meter covers the processors

            curve = cpu_curve
        try:
            model = curve(name, cpus)
        except ReporterError as error:
            reason = f"there is no power model for this processor: {error.message}"
            missing = Unavailable(source=SOURCE, reason=reason, remedy=error.hint, component=Component.CPU)
            return Description(unavailable=(missing,))
        self._clocks = _clocks(self._root)
        meter = Meter(
            meter_id=METER,
            label=name or "CPU",
            component=Component.CPU,
            method=Method.MODELLED,
            source=SOURCE,
            tick_s=BUSY_TICK_S,
            gain_low_ratio=GAIN_LOW_RATIO,
            gain_high_ratio=GAIN_HIGH_RATIO,
            model=model,
        )
        quantities = (Quantity.BUSY_NS, Quantity.HOST_BUSY_NS)[: max(1, len(self._clocks))]
        columns = tuple(Column(meter_id=METER, quantity=quantity) for quantity in quantities)
        return Description(meters=(meter,), columns=columns)

    def read(self) -> tuple[int | None, ...]:
        """Busy time so far: the group's before the whole machine's, so that it never seems the greater."""
        if not self._clocks:
            try:
                return (_children_ns(),)
            except OSError:
                return (None,)
        return tuple(clock.read() for clock in self._clocks)

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """Why the last reading was missed."""
        return tuple((METER, clock.reason) for clock in self._clocks[:1] if clock.reason)

    def close(self) -> None:
        """Let go of the files."""
        clocks, self._clocks = self._clocks, []
        for clock in clocks:
            os.close(clock.file)


@dataclass(slots=True)
class Clock:
    """An open file that counts busy time."""

    file: int
    parse: Callable[[bytes], int]
    reason: str | None = None

    def read(self) -> int | None:
        """Nanoseconds so far; None, with the reason kept, where it cannot be read."""
        try:
            value = self.parse(os.pread(self.file, LINE_BYTES, 0))
        except (OSError, ValueError) as error:
            self.reason = f"busy time cannot be read: {error}"
            return None
        self.reason = None
        return value


def _clocks(root: str) -> list[Clock]:
    """In a container procfs shows the whole host: the limited group's own clock comes first there."""
    _, limit = processors(root)
    group = limit.usage if limit else None
    parse = group_busy_ns if group and group.name == "cpu.stat" else accounted_ns
    found = [] if group is None else [_open(group, parse)]
    return [clock for clock in (*found, _open(Path(root) / "proc/stat", machine_busy_ns)) if clock is not None]


def _open(path: Path, parse: Callable[[bytes], int]) -> Clock | None:
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    clock = Clock(file=file, parse=parse)
    if clock.read() is None:
        os.close(file)
        return None
    return clock


def open_probe(context: ProbeContext) -> CpuModelProbe:
    """The processors' model, not yet asked."""
    return CpuModelProbe(context)


def machine_busy_ns(text: bytes) -> int:
    """Busy time of all processors from /proc/stat; ValueError if it is not that.

    user, nice, system, irq, softirq. Guests are in user already; idle, iowait and steal are nobody's work here.
    """
    match = _STAT.match(text)
    if match is None:
        raise ValueError("not /proc/stat")
    user, nice, system, _idle, _iowait, irq, softirq = (int(word) for word in match.groups())
    return (user + nice + system + irq + softirq) * (1_000_000_000 // _ticks_hz())


def group_busy_ns(text: bytes) -> int:
    """Busy time of a control group from cpu.stat; ValueError if it is not that."""
    match = _USAGE.match(text)
    if match is None:
        raise ValueError("not cpu.stat")
    return int(match[1]) * 1000


def accounted_ns(text: bytes) -> int:
    """Busy time of a control group of version 1 from cpuacct.usage; ValueError if it is not that."""
    return int(text)


def _ticks_hz() -> int:
    return os.sysconf("SC_CLK_TCK")


def _children_ns() -> int:
    """On Windows the machine's busy time; elsewhere that of children that have ended, known only after the command."""
    if sys.platform == "win32":
        return _windows_busy_ns()
    times = os.times()
    return int((times.children_user + times.children_system) * 1e9)


def _windows_busy_ns() -> int:
    """GetSystemTimes (kernel32): kernel time holds idle time; all in units of 100 ns."""
    import ctypes  # noqa: PLC0415

    idle, kernel, user = (ctypes.c_uint64() for _ in range(3))
    kernel32 = getattr(ctypes, "windll").kernel32  # noqa: B009  (there is none elsewhere)
    if not kernel32.GetSystemTimes(ctypes.byref(idle), ctypes.byref(kernel), ctypes.byref(user)):
        raise OSError("GetSystemTimes failed")
    return (kernel.value + user.value - idle.value) * 100
