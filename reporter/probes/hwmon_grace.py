"""NVIDIA Grace through its firmware's ACPI power meters, told apart by `power1_oem_info`.

`Module Power Socket 0` holds the whole superchip, its GPU too; `Grace Power Socket 0` the processor, its memory and the
regulators' losses; `CPU Power Socket 0` and `SysIO Power Socket 0` are rails inside of it.
https://docs.nvidia.com/grace-perf-tuning-guide/power-thermals.html#power-telemetry,
https://docs.kernel.org/hwmon/acpi_power_meter.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from reporter.domain.readings import Component, Meter, Method
from reporter.probes.hwmon_file import SOURCE, number_of, text_of

GAIN_RATIO = 0.10
"""The firmware's own figure for its accuracy is not backed by a published comparison."""
HOLDS = {"Module": (Component.GPU,), "Grace": (Component.DRAM,)}
LONGEST_INTERVAL_S = 1.0
"""Grace's meters average over 50 ms or over a second."""

_OEM_INFO = re.compile(r"(Module|Grace|CPU) Power Socket (\d{1,3})")


class Rail(NamedTuple):
    """One meter and the file that it is read from."""

    meter: Meter
    path: Path


def find_rails(chips: list[Path]) -> list[Rail]:
    """The meters of every socket: the module's, inside of it the processor's, inside of that its cores'."""
    places = {place: path for chip in chips if (named := _named(chip)) for place, path in (named,)}
    return [Rail(meter=_meter(kind, socket, places), path=places[kind, socket]) for kind, socket in sorted(places)]


def _named(chip: Path) -> tuple[tuple[str, int], Path] | None:
    """Which part of which socket a meter covers, and its power. Older kernels keep the files with the device."""
    for folder in (chip, chip / "device"):
        match = _OEM_INFO.fullmatch(text_of(folder / "power1_oem_info"))
        path = next(_present(folder / "power1_average", folder / "power1_input"), None)
        if match and path:
            return (match[1], int(match[2])), path
    return None


def _present(*paths: Path) -> Iterator[Path]:
    return (path for path in paths if path.exists())


def _meter(kind: str, socket: int, places: dict[tuple[str, int], Path]) -> Meter:
    inside = {"Module": (), "Grace": ("Module",), "CPU": ("Grace", "Module")}[kind]
    parent = next((outer for outer in inside if (outer, socket) in places), None)
    path = places[kind, socket]
    interval_ms = number_of(path.with_name("power1_average_interval"))
    window_s = interval_ms / 1000 if interval_ms and path.name == "power1_average" else 0.0
    return Meter(
        meter_id=meter_id(kind, socket),
        label=f"{kind} socket {socket}",
        component=Component.MODULE if kind == "Module" else Component.CPU,
        method=Method.INTEGRATED,
        source=SOURCE,
        parent_id=parent and meter_id(parent, socket),
        window_s=window_s,
        tick_s=window_s or LONGEST_INTERVAL_S,
        gain_low_ratio=1 - GAIN_RATIO,
        gain_high_ratio=1 + GAIN_RATIO,
        holds=HOLDS.get(kind, ()),
    )


def meter_id(kind: str, socket: int) -> str:
    """Such as `hwmon:grace-0`."""
    return f"{SOURCE}:{kind.lower()}-{socket}"
