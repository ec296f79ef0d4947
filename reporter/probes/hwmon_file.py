"""Files of hwmon devices: what a chip is called, one number from a file, and an open one that is read again and again.

Power is in microwatts, energy in microjoules: https://docs.kernel.org/hwmon/sysfs-interface.html
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from reporter.domain.readings import Column, Meter, Quantity, Unavailable

SOURCE = "hwmon"
FOLDER = "sys/class/hwmon"
VALUE_BYTES = 64
UW_PER_MW = 1000
_GONE = frozenset({errno.ENODEV, errno.ENOENT})


@dataclass(slots=True)
class Gauge:
    """A file that is being read: power, where 0 is a missed reading, or an energy counter."""

    meter: Meter
    quantity: Quantity
    path: Path
    file: int
    reason: str | None = None

    @property
    def column(self) -> Column:
        """What `read` gives."""
        return Column(meter_id=self.meter.meter_id, quantity=self.quantity)

    def read(self) -> int | None:
        """Milliwatts or microjoules; None, with the reason kept, where it cannot be read."""
        try:
            value = self._value()
        except (OSError, ValueError) as error:
            self.reason = f"it cannot be read: {words(error, self.path.parent)}"
            return None
        if self.quantity is Quantity.POWER_MW:
            value = round(value / UW_PER_MW)
            if value == 0:
                self.reason = "its power read 0"
                return None
        self.reason = None
        return value

    def _value(self) -> int:
        try:
            return read_open(self.file)
        except OSError as error:
            if error.errno not in _GONE:
                raise
            # A device that was taken away leaves a dead file behind: it may have come back under the same path.
            dead, self.file = self.file, os.open(self.path, os.O_RDONLY)
            os.close(dead)
            return read_open(self.file)


def open_gauge(meter: Meter, quantity: Quantity, path: Path) -> Gauge | Unavailable:
    """The file, opened and read once; a GPU that sleeps just now counts as opened."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError as error:
        return _refused(meter, path, error)
    gauge = Gauge(meter=meter, quantity=quantity, path=path, file=file)
    try:
        read_open(file)
    except (OSError, ValueError) as error:
        if not _asleep(error, path.parent):
            os.close(file)
            return _refused(meter, path, error)
    return gauge


def text_of(path: Path) -> str:
    """A file's first words; empty where there are none."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def number_of(path: Path) -> int | None:
    """A file's number; None where it is none."""
    try:
        return int(path.read_bytes())
    except (OSError, ValueError):
        return None


def read_open(file: int) -> int:
    """The number in an open file; OSError or ValueError where it is none, or negative."""
    value = int(os.pread(file, VALUE_BYTES, 0))
    if value < 0:
        raise ValueError(f"{value} is negative")
    return value


def words(error: OSError | ValueError, folder: Path) -> str:
    """Why a file could not be read."""
    if _asleep(error, folder):
        return "the GPU sleeps (`echo on`, as root, into its device/power/control keeps it awake)"
    return error.strerror or "no reason given" if isinstance(error, OSError) else "it is not a number"


def _asleep(error: OSError | ValueError, folder: Path) -> bool:
    """Whether a GPU that refuses to be read was switched off by the kernel, to be woken on its next use."""
    return isinstance(error, OSError) and text_of(folder / "device/power/runtime_status") == "suspended"


def _refused(meter: Meter, path: Path, error: OSError | ValueError) -> Unavailable:
    denied = isinstance(error, OSError) and error.errno == errno.EACCES
    reason = "no permission to read it" if denied else f"it cannot be read: {words(error, path.parent)}"
    return Unavailable(
        source=meter.meter_id,
        reason=f"{meter.label}: {reason}",
        remedy=_permission_remedy(path) if denied else None,
        expected=not meter.selected,
        component=meter.component,
    )


def _permission_remedy(path: Path) -> str:
    inside = path.parts[path.parts.index("hwmon") + 1 :]
    chip = next(folder for folder in path.parents if folder.name == inside[0])
    name = text_of(chip / "name") or text_of(chip / "device/name")
    shown, kept = "/".join((f"/{FOLDER}", *inside)), "/".join(("/sys%p", *inside[1:]))
    return (
        "Let the runner's group read it, as root: "
        f"`groupadd -f hwmon && usermod -aG hwmon RUNNER_USER && chgrp hwmon {shown} && chmod g+r {shown}`; "
        "to keep it over a reboot, in /etc/udev/rules.d/70-hwmon.rules: "
        f'`SUBSYSTEM=="hwmon", ATTR{{name}}=="{name}", ACTION=="add", '
        f"RUN+=\"/bin/sh -c 'chgrp hwmon {kept}; chmod g+r {kept}'\"`. "
        "Not a+r: any program could then spy on others through it."
    )
