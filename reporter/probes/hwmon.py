"""AMD and Intel GPUs and NVIDIA Grace, as the kernel shows them in /sys/class/hwmon. No library is needed.

Jetson's rails are left out: what they cover differs from board to board.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.domain.readings import Component, Description, Gpu, Quantity, Unavailable
from reporter.probes import ProbeContext
from reporter.probes.hwmon_file import FOLDER, SOURCE, Gauge, open_gauge, text_of

if TYPE_CHECKING:
    from reporter.probes.hwmon_gpu import Found

CHIPS = frozenset({"amdgpu", "i915", "xe", "power_meter"})
ABSENT = "this machine shows no power of AMD or Intel GPUs, nor of NVIDIA Grace"
LIST_REMEDY = "`emissions doctor` lists them."
NO_METER = "its driver shows neither energy nor power, as in a virtual machine"
SECOND_DIE = "it is the second die of its card: the first one's meter holds both"
LONE_DIE = "it is the second die of its card and has no meter; the first die, which has it, is not here"

_NUMBER = re.compile(r"hwmon(\d+)\Z")


class HwmonProbe:
    """GPUs by what their driver calls them; those that the command cannot use are read but not counted."""

    def __init__(self, context: ProbeContext) -> None:
        self._context = context
        self._gauges: list[Gauge] = []

    def describe(self) -> Description:
        """Look through the chips, and open what belongs to GPUs and to Grace."""
        chips = _chips(Path(self._context.root) / FOLDER)
        unavailable: list[Unavailable] = []
        gpus: tuple[Gpu, ...] = ()
        flags: tuple[str, ...] = ()
        if chips:
            gpus, flags = self._open_gpus(chips, unavailable)
            self._open_grace(chips, unavailable)
        if not self._gauges and not unavailable:
            unavailable.append(Unavailable(source=SOURCE, reason=ABSENT, expected=True, component=Component.GPU))
        return Description(
            meters=tuple(gauge.meter for gauge in self._gauges),
            columns=tuple(gauge.column for gauge in self._gauges),
            unavailable=tuple(unavailable),
            gpus=gpus,
            flags=flags,
        )

    def read(self) -> tuple[int | None, ...]:
        """Power, milliwatts, or energy, microjoules."""
        return tuple(gauge.read() for gauge in self._gauges)

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """The parts that gave no reading last time."""
        return tuple((gauge.meter.meter_id, gauge.reason) for gauge in self._gauges if gauge.reason)

    def close(self) -> None:
        """Let go of the files."""
        gauges, self._gauges = self._gauges, []
        for gauge in gauges:
            with suppress(OSError):
                os.close(gauge.file)

    def _open_gpus(self, chips: list[Path], unavailable: list[Unavailable]) -> tuple[tuple[Gpu, ...], tuple[str, ...]]:
        from reporter.probes.hwmon_gpu import find_gpus  # noqa: PLC0415 - most machines have none
        from reporter.probes.hwmon_selection import choose  # noqa: PLC0415

        root = Path(self._context.root)
        found = find_gpus(root, chips)
        choice = choose(
            [gpu.card for gpu in found],
            option=self._context.gpus,
            environment=self._context.environment,
            nvidia=(root / "proc/driver/nvidia/version").exists(),
        )
        for entry in choice.unknown if found else ():
            reason = f"`--gpus` names `{entry}`, which is none of the {len(found)} GPUs here"
            source = f"{SOURCE}:{entry}"
            unavailable.append(
                Unavailable(source=source, reason=reason, remedy=LIST_REMEDY, expected=False, component=Component.GPU)
            )
        chosen = [gpu for gpu in found if gpu.given and gpu.card.identity in choice.identities]
        dies = _dies(found)
        for gpu in found:
            row = self._open_gpu(gpu, dies, chosen)
            if row is not None:
                unavailable.append(row)
        gpus = tuple(Gpu(uuid=gpu.card.identity, name=gpu.name) for gpu in chosen if not gpu.card.integrated)
        return gpus, ("gpu-mask-unclear",) if choice.unclear else ()

    def _open_gpu(self, gpu: Found, dies: dict[str, list[Found]], chosen: list[Found]) -> Unavailable | None:
        """Its meter is opened; or why it has none is returned. A GPU inside a processor may lack one in silence."""
        selected = gpu.card.integrated or gpu in chosen
        source, together = gpu.meter.meter_id, dies.get(gpu.card.identity, [gpu])
        missing = Unavailable(
            source=source, reason=f"{gpu.name}: {NO_METER}", expected=not selected, component=Component.GPU
        )
        if gpu.path is None:
            return None if gpu.card.integrated else missing
        if gpu.silent:
            paired = any(gpu in pair for pair in dies.values())
            reason = f"{gpu.name}: {SECOND_DIE if paired else LONE_DIE}"
            return replace(missing, reason=reason, expected=paired or not selected)
        used = [die in chosen for die in together]
        meter = replace(gpu.meter, selected=selected or any(used), shared=any(used) and not all(used))
        gauge = open_gauge(meter, gpu.quantity, gpu.path)
        if isinstance(gauge, Unavailable):
            return gauge
        self._gauges.append(gauge)
        return None

    def _open_grace(self, chips: list[Path], unavailable: list[Unavailable]) -> None:
        from reporter.probes.hwmon_grace import find_rails  # noqa: PLC0415 - most machines have none

        for rail in find_rails(chips):
            gauge = open_gauge(rail.meter, Quantity.POWER_MW, rail.path)
            if isinstance(gauge, Unavailable):
                # NVML tells of the GPU of a module: a verdict does not depend on this one.
                unavailable.append(replace(gauge, component=Component.CPU))
            else:
                self._gauges.append(gauge)


def has_gpus(root: str) -> bool:
    """Whether there are AMD or Intel GPUs here; which of them `--gpus` names is then told by this source."""
    from reporter.probes.hwmon_gpu import find_gpus  # noqa: PLC0415 - most machines have none

    folder = Path(root)
    return bool(find_gpus(folder, _chips(folder / FOLDER)))


def open_probe(context: ProbeContext) -> HwmonProbe:
    """hwmon, not yet asked."""
    return HwmonProbe(context)


def _chips(folder: Path) -> list[Path]:
    """The folders of the chips that are looked at, in the order of their numbers."""
    try:
        numbered = [(int(match[1]), path) for path in folder.iterdir() if (match := _NUMBER.match(path.name))]
    except OSError:
        return []
    return [path for _, path in sorted(numbered) if {text_of(path / "name"), text_of(path / "device/name")} & CHIPS]


def _dies(found: list[Found]) -> dict[str, list[Found]]:
    """The dies that a meter covers, by the identity of the one that has it: itself and the silent ones that follow."""
    dies: dict[str, list[Found]] = {}
    first: Found | None = None
    for gpu in found:
        if not gpu.silent:
            first = gpu
            dies[gpu.card.identity] = [gpu]
        elif first is not None and first.pci_id == gpu.pci_id:
            dies[first.card.identity].append(gpu)
    return dies
