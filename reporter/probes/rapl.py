"""CPU packages and memory through RAPL: the energy counters in /sys/class/powercap.

Zones are told apart by their names, never by their numbers: a number is not the socket, and names repeat.
https://www.kernel.org/doc/html/latest/power/powercap/powercap.html
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from reporter.domain.readings import Column, Component, Description, Meter, Method, Quantity, Unavailable
from reporter.probes import ProbeContext

SOURCE = "rapl"
FOLDER = "sys/class/powercap"
VALUE_BYTES = 64
ABSENT = "this machine shows no RAPL counters"
TICK_S = 0.001
"""The counters move about every millisecond."""
GAIN_RATIO = {Component.CPU: 0.05, Component.DRAM: 0.20, Component.NODE: 0.05}

_ZONE = re.compile(r"(intel-rapl(?:-mmio)?):(\d+)(?::(\d+))?\Z")
_GONE = frozenset({errno.ENODEV, errno.ENOENT})

MASKED_REMEDY = (
    "Unmask it for jobs that you trust: `container: {options: --security-opt systempaths=unconfined}`. "
    "That shows the job all of the host's masked system paths."
)
PERMISSION_REMEDY = (
    "Let the runner's group read the counters, as root: "
    "`groupadd -f rapl && usermod -aG rapl RUNNER_USER && chgrp rapl /sys/class/powercap/intel-rapl:*/energy_uj && "
    "chmod 0440 /sys/class/powercap/intel-rapl:*/energy_uj`; "
    "to keep it over a reboot, in /etc/udev/rules.d/70-rapl.rules: "
    '`SUBSYSTEM=="powercap", KERNEL=="intel-rapl:*", ACTION=="add", '
    "RUN+=\"/bin/sh -c 'chgrp rapl /sys%p/energy_uj; chmod 0440 /sys%p/energy_uj'\"`. "
    "Not a+r: any program could then spy on others through the counters (CVE-2020-8694)."
)


class Zone(NamedTuple):
    """One domain as the kernel shows it; `parent` is the number of the zone that holds it."""

    path: Path
    kind: str
    number: int
    child: int | None
    name: str


@dataclass(slots=True)
class Counter:
    """An open counter."""

    meter_id: str
    path: Path
    file: int
    reason: str | None = None


class RaplProbe:
    """Packages and their memory are counted; cores lie inside a package; psys is told apart."""

    def __init__(self, context: ProbeContext) -> None:
        self._folder = Path(context.root) / FOLDER
        self._counters: list[Counter] = []

    def describe(self) -> Description:
        """Open every counter there is."""
        try:
            zones, masked = _zones(self._folder)
        except OSError as error:
            absent = error.errno in _GONE
            reason = ABSENT if absent else f"RAPL cannot be listed: {error.strerror}"
            return Description(unavailable=(_missing(reason, expected=absent),))
        found = _meters(zones)
        if not found:
            hidden = masked and not zones
            reason = "RAPL is masked, as in a container" if hidden else ABSENT
            remedy = MASKED_REMEDY if hidden else None
            return Description(unavailable=(_missing(reason, remedy, expected=True),))
        meters: list[Meter] = []
        refused: list[tuple[Meter, OSError | ValueError]] = []
        for zone, meter in found:
            try:
                file = os.open(zone.path / "energy_uj", os.O_RDONLY)
            except OSError as error:
                refused.append((meter, error))
                continue
            try:
                _value(file)
            except (OSError, ValueError) as error:
                os.close(file)
                refused.append((meter, error))
                continue
            meters.append(meter)
            self._counters.append(Counter(meter_id=meter.meter_id, path=zone.path / "energy_uj", file=file))
        return Description(
            meters=tuple(meters),
            columns=tuple(Column(meter_id=meter.meter_id, quantity=Quantity.ENERGY_UJ) for meter in meters),
            unavailable=_refusals(refused, any_read=bool(meters)),
        )

    def read(self) -> tuple[int | None, ...]:
        """Each counter, microjoules."""
        return tuple(_read(counter) for counter in self._counters)

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """The counters that gave no reading last time."""
        return tuple((counter.meter_id, counter.reason) for counter in self._counters if counter.reason)

    def close(self) -> None:
        """Let go of the files."""
        counters, self._counters = self._counters, []
        for counter in counters:
            with suppress(OSError):
                os.close(counter.file)


def open_probe(context: ProbeContext) -> RaplProbe:
    """RAPL, not yet asked."""
    return RaplProbe(context)


def _zones(folder: Path) -> tuple[list[Zone], bool]:
    """The zones with a readable name, and whether others are there without (masked in a container)."""
    entries = _zone_folders(folder)
    for path in tuple(entries.values()):
        with suppress(OSError):
            # A kernel lists children flat as well; a copied tree may hold them only inside.
            entries = _zone_folders(path) | entries
    zones: list[Zone] = []
    for (kind, number, child), path in sorted(entries.items(), key=_order):
        with suppress(OSError):
            label = (path / "name").read_text(errors="replace").strip()
            zones.append(Zone(path=path, kind=kind, number=number, child=child, name=label))
    # The same counters again through memory-mapped registers: only where the first are not there.
    first = {zone.name for zone in zones if zone.kind == "intel-rapl" and zone.child is None}
    twins = {zone.number for zone in zones if zone.kind != "intel-rapl" and zone.child is None and zone.name in first}
    kept = [zone for zone in zones if zone.kind == "intel-rapl" or zone.number not in twins]
    return kept, bool(entries)


def _zone_folders(folder: Path) -> dict[tuple[str, int, int | None], Path]:
    """The folders in this one that are zones, by kind, number, and number within their parent."""
    matches = ((_ZONE.match(path.name), path) for path in folder.iterdir())
    return {(m[1], int(m[2]), int(m[3]) if m[3] else None): path for m, path in matches if m}


def _order(entry: tuple[tuple[str, int, int | None], Path]) -> tuple[str, int, int]:
    """A zone before its children."""
    (kind, number, child), _ = entry
    return kind, number, -1 if child is None else child


def _meters(zones: list[Zone]) -> list[tuple[Zone, Meter]]:
    """The meters of these zones. core and uncore get their package as parent; dram lies outside of it."""
    tops = {(zone.kind, zone.number): f"{SOURCE}:{zone.name}" for zone in zones if zone.child is None}
    names = [zone.name for zone in zones if zone.child is None]
    for zone in zones:
        if zone.child is None and names.count(zone.name) > 1:
            tops[zone.kind, zone.number] += f"@{zone.number}"
    found: list[tuple[Zone, Meter]] = []
    for zone in zones:
        top = tops.get((zone.kind, zone.number))
        component = _component(zone, has_parent=top is not None)
        if component is None:
            continue
        nested = zone.child is not None and top is not None
        gain_ratio = GAIN_RATIO[component]
        meter = Meter(
            meter_id=f"{top}/{zone.name}" if nested else top or f"{SOURCE}:{zone.path.name}",
            label=f"{(top or SOURCE).removeprefix(SOURCE + ':')} {zone.name}" if nested else zone.name,
            component=component,
            method=Method.COUNTER,
            source=SOURCE,
            parent_id=top if nested and zone.name != "dram" else None,
            wraps_at_uj=_range_uj(zone.path),
            tick_s=TICK_S,
            gain_low_ratio=1 - gain_ratio,
            gain_high_ratio=1 + gain_ratio,
        )
        found.append((zone, meter))
    return found


def _component(zone: Zone, *, has_parent: bool) -> Component | None:
    """What a zone covers; None for a name that is not known and so must not be added."""
    if zone.name == "psys":
        return Component.NODE
    if zone.name == "dram":
        return Component.DRAM
    if zone.child is None:
        return Component.CPU if zone.name.startswith("package") else None
    return Component.CPU if has_parent else None


def _range_uj(path: Path) -> int | None:
    try:
        return int((path / "max_energy_range_uj").read_text()) or None
    except (OSError, ValueError):
        return None


def _value(file: int) -> int:
    text = os.pread(file, VALUE_BYTES, 0)
    value = int(text)
    if value < 0:
        raise ValueError(f"{value} is negative")
    return value


def _read(counter: Counter) -> int | None:
    """The counter, or None with the reason kept: never 0 for a failure."""
    try:
        try:
            value = _value(counter.file)
        except OSError as error:
            if error.errno not in _GONE:
                raise
            # A zone that was unplugged leaves a dead file behind: it may have come back under the same path.
            dead, counter.file = counter.file, os.open(counter.path, os.O_RDONLY)
            os.close(dead)
            value = _value(counter.file)
    except (OSError, ValueError) as error:
        counter.reason = f"the counter cannot be read: {_words(error)}"
        return None
    counter.reason = None
    return value


def _words(error: OSError | ValueError) -> str:
    return error.strerror or "no reason given" if isinstance(error, OSError) else "it is not a number"


def _missing(reason: str, remedy: str | None = None, *, expected: bool = False) -> Unavailable:
    return Unavailable(source=SOURCE, reason=reason, remedy=remedy, expected=expected, component=Component.CPU)


def _refusals(refused: list[tuple[Meter, OSError | ValueError]], *, any_read: bool) -> tuple[Unavailable, ...]:
    """One line for all that lack permission, one for each other failure."""
    denied = [meter.label for meter, error in refused if isinstance(error, PermissionError)]
    rows = [
        Unavailable(
            source=f"{SOURCE}:{meter.label}",
            reason=f"the counter cannot be read: {_words(error)}",
            component=meter.component,
        )
        for meter, error in refused
        if not isinstance(error, PermissionError)
    ]
    if denied:
        what = f"RAPL counters ({', '.join(denied)})" if any_read else "the RAPL counters"
        rows.append(_missing(f"no permission to read {what}", PERMISSION_REMEDY))
    return tuple(rows)
