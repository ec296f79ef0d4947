"""AMD and Intel GPUs as their drivers show them in hwmon: who they are, and which of their meters counts.

A chip called `i915` or `xe` is always a card of its own: the drivers show none for a GPU inside a processor, nor in a
virtual machine. An AMD chip with the voltage `vddnb` is an APU, and its power is then the whole processor's.
https://docs.kernel.org/gpu/amdgpu/thermal.html,
https://docs.kernel.org/admin-guide/abi-testing.html (sysfs-driver-intel-i915-hwmon, sysfs-driver-intel-xe-hwmon)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from reporter.domain.readings import Component, Meter, Method, Quantity
from reporter.probes.hwmon_file import SOURCE, number_of, text_of
from reporter.probes.hwmon_selection import AMD, INTEL, Card

DRIVERS = {"amdgpu": AMD, "i915": INTEL, "xe": INTEL}
"""Chips by name. `i915_gt0` and its like lie inside `i915`."""
INTEL_CHANNELS = ("card", "pkg", "")
"""Labels of energy counters, the one that holds the others first; older drivers give none."""
MODULES = frozenset({"1002:74A0"})
"""MI300A: processor, GPU and memory in one package, which its power covers (and no `vddnb` tells it)."""

GAIN_RATIO = 0.10
"""No comparison with an external meter is published: as for NVIDIA's power readings."""
AVERAGE_LAG_S = 1.0
"""Over what time `power1_average` is a mean is not documented: taken as a second."""
INSTANT_LAG_S = 0.1
COUNTER_TICK_S = 0.1
W_PER_UW = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One GPU of a chip: how it is selected, and its meter with the file to read (None: its driver shows none).

    `silent` is set for the second die of an MI250: it reads 0, and the first die's meter holds both.
    """

    card: Card
    name: str
    address: str
    pci_id: str
    meter: Meter
    quantity: Quantity
    path: Path | None
    silent: bool = False
    given: bool = True


def find_gpus(root: Path, chips: list[Path]) -> list[Found]:
    """The GPUs of these hwmon folders, by PCI address. Identities are unique: the driver's, else the address."""
    gpus = [_found(root, chip) for chip in chips if text_of(chip / "name") in DRIVERS]
    gpus.sort(key=lambda gpu: gpu.address)
    identities = [gpu.card.identity for gpu in gpus]
    order = _kfd_order(root)
    named: list[Found] = []
    for position, gpu in enumerate(gpus):
        doubled = identities.count(gpu.card.identity) > 1
        identity = gpu.address if doubled else gpu.card.identity
        place = order.get(gpu.card.place, len(order) + position)
        meter = replace(gpu.meter, meter_id=f"{SOURCE}:{identity}")
        named.append(replace(gpu, meter=meter, card=gpu.card._replace(identity=identity, place=place)))
    return named


def _found(root: Path, chip: Path) -> Found:
    facts = dict(line.partition("=")[::2] for line in text_of(chip / "device/uevent").splitlines())
    address = facts.get("PCI_SLOT_NAME") or (chip / "device").resolve().name
    pci_id = facts.get("PCI_ID", "").upper()
    vendor = DRIVERS[text_of(chip / "name")]
    nodes = [path.name for path in sorted((chip / "device/drm").glob("renderD*"))]
    # A container sees every GPU of its host in sysfs, but only those that it was given in /dev.
    given = not nodes or any((root / "dev/dri" / node).exists() for node in nodes)
    integrated = vendor == AMD and text_of(chip / "in1_label") == "vddnb"
    name = (
        text_of(chip / "device/product_name") or f"{vendor.upper() if vendor == AMD else 'Intel'} GPU {pci_id}".strip()
    )
    unique = text_of(chip / "device/unique_id").removeprefix("0x")
    identity = f"GPU-{unique.lower()}" if vendor == AMD and unique.strip("0") else address
    card = Card(
        vendor=vendor,
        identity=identity,
        place=int(nodes[0].removeprefix("renderD")) if nodes else -1,
        tiles=max(1, len([*(chip / "device").glob("tile[0-9]*")])),
        integrated=integrated,
    )
    path, quantity, lag_s = _amd_file(chip) if vendor == AMD else _intel_file(chip)
    component = Component.MODULE if pci_id in MODULES else Component.CPU if integrated else Component.GPU
    peak_w = _peak_w(chip, path)
    meter = Meter(
        meter_id=identity,
        label=f"{name}, with its processor" if integrated else name,
        component=component,
        method=Method.COUNTER if quantity is Quantity.ENERGY_UJ else Method.INTEGRATED,
        source=SOURCE,
        # An APU is the only package of its machine, where RAPL tells it.
        parent_id="rapl:package-0" if integrated else None,
        tick_s=lag_s,
        peak_power_w=peak_w,
        gain_low_ratio=1 - GAIN_RATIO,
        gain_high_ratio=1 + GAIN_RATIO,
    )
    silent = vendor == AMD and path is not None and number_of(path) == 0 and number_of(chip / "power1_cap") == 0
    return Found(
        card=card,
        name=name,
        address=address,
        pci_id=pci_id,
        meter=meter,
        quantity=quantity,
        path=path,
        silent=silent,
        given=given,
    )


def _amd_file(chip: Path) -> tuple[Path | None, Quantity, float]:
    files = ((chip / "power1_average", AVERAGE_LAG_S), (chip / "power1_input", INSTANT_LAG_S))
    there = [(path, lag_s) for path, lag_s in files if path.exists()]
    read = [(path, lag_s) for path, lag_s in there if number_of(path) is not None]
    path, lag_s = (*read, *there, (None, AVERAGE_LAG_S))[0]
    return path, Quantity.POWER_MW, lag_s


def _intel_file(chip: Path) -> tuple[Path | None, Quantity, float]:
    """The card's counter, else its package's, which lies inside it: never both.

    The register has 32 bits; the driver extends it as long as it is read before it wraps, minutes at full power.
    """
    counters = sorted(chip.glob("energy[0-9]_input"))
    labels = [text_of(path.with_name(path.name.replace("input", "label"))) for path in counters]
    for wanted in INTEL_CHANNELS:
        if wanted in labels:
            return counters[labels.index(wanted)], Quantity.ENERGY_UJ, COUNTER_TICK_S
    return None, Quantity.ENERGY_UJ, COUNTER_TICK_S


def _peak_w(chip: Path, path: Path | None) -> float | None:
    """The greatest power limit of the channel that is read; a limit of 0 is switched off."""
    if path is None:
        return None
    channel = path.name.removeprefix("power").removeprefix("energy").partition("_")[0]
    limits = [number_of(chip / f"power{channel}_{kind}") or 0 for kind in ("cap", "max", "rated_max")]
    return max(limits) * W_PER_UW or None


def _kfd_order(root: Path) -> dict[int, int]:
    """Positions of GPUs in ROCm's own list, by the number of their render node; empty where it is not there."""
    minors: list[int] = []
    nodes = root / "sys/class/kfd/kfd/topology/nodes"
    try:
        folders = sorted(nodes.iterdir(), key=lambda path: (len(path.name), path.name))
    except OSError:
        return {}
    for folder in folders:
        facts = dict(line.partition(" ")[::2] for line in text_of(folder / "properties").splitlines())
        if facts.get("simd_count", "0").strip() != "0" and facts.get("drm_render_minor", "").strip().isdigit():
            minors.append(int(facts["drm_render_minor"]))
    return {minor: place for place, minor in enumerate(minors)}
