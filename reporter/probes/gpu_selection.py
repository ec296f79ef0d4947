"""Which GPUs a command can use: the rules of CUDA_VISIBLE_DEVICES, and the `--gpus` option.

It asks no driver: devices come in NVML's order (by PCI address), as values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

PLACE = re.compile(r"\d{1,9}", re.ASCII)
"""A device by its position."""
_INTEGER = re.compile(r"\s*([+-]?\d{1,18})")
_OLD_SLICE = re.compile(r"MIG-(GPU-[^/]+)/\d+/\d+\Z")


class Device(NamedTuple):
    """One GPU as the driver shows it; `slices` holds the UUIDs of its MIG devices, None when MIG is off."""

    uuid: str
    name: str
    slices: tuple[str, ...] | None = None


class Selection(NamedTuple):
    """Positions of the usable devices, in the order they were named; `shared` are used through MIG slices.

    `unknown` holds entries of `--gpus` that name no device; `order_unknown` is set where CUDA numbers the devices
    by speed and the models differ: every device is then taken.
    """

    indices: tuple[int, ...]
    shared: frozenset[int] = frozenset()
    unknown: tuple[str, ...] = ()
    order_unknown: bool = False


def select_gpus(devices: Sequence[Device], *, option: str, visible: str | None, order: str | None) -> Selection:
    """What `--gpus` says (`auto`, `all`, a list of positions and UUIDs); `auto` follows CUDA_VISIBLE_DEVICES."""
    if option == "auto":
        return visible_gpus(devices, visible=visible, order=order)
    if option == "all":
        return _selection(devices, range(len(devices)))
    chosen: list[int] = []
    unknown: list[str] = []
    for entry in filter(None, (entry.strip() for entry in option.split(","))):
        match = int(entry) if PLACE.fullmatch(entry) else _by_uuid(devices, entry)
        if match is None or match >= len(devices):
            unknown.append(entry)
        else:
            chosen.append(match)
    return _selection(devices, chosen, unknown=tuple(unknown))


def visible_gpus(devices: Sequence[Device], *, visible: str | None, order: str | None) -> Selection:
    """The devices that CUDA shows for a value of CUDA_VISIBLE_DEVICES (None: not set) and CUDA_DEVICE_ORDER.

    An invalid entry hides itself and all after it; a device named twice hides all;
    a usable MIG device hides the others. https://docs.nvidia.com/cuda/cuda-c-programming-guide/#env-vars
    """
    if visible is None:
        return _without_hidden(devices, range(len(devices)))
    entries = tuple(entry.strip() for entry in visible.split(","))
    chosen = tuple(_valid(devices, entries))
    plain = [index for index in chosen if devices[index].slices is None]
    if len(set(plain)) < len(plain):
        return Selection(indices=())
    mixed = len({device.name for device in devices}) > 1
    by_number = bool(chosen) and _INTEGER.match(entries[0]) is not None
    if mixed and by_number and order != "PCI_BUS_ID":
        everything = _selection(devices, range(len(devices)))
        return Selection(indices=everything.indices, shared=everything.shared, order_unknown=True)
    return _without_hidden(devices, chosen)


def _valid(devices: Sequence[Device], entries: Iterable[str]) -> Iterator[int]:
    """Positions named by the entries, up to the first entry that is invalid or of another kind than the first."""
    first_is_number: bool | None = None
    for entry in entries:
        number = _INTEGER.match(entry)
        is_number = number is not None
        if first_is_number is None:
            first_is_number = is_number
        index = int(number[1]) if number else _by_uuid(devices, entry)
        if is_number != first_is_number or index is None or not 0 <= index < len(devices):
            return
        yield index


def _by_uuid(devices: Sequence[Device], entry: str) -> int | None:
    """The one device whose UUID, or whose slice's UUID, starts with the entry."""
    old = _OLD_SLICE.match(entry)
    if old:
        parent = _by_uuid(devices, old[1])
        return parent if parent is not None and devices[parent].slices is not None else None
    if entry.startswith("GPU-"):
        matches = [index for index, device in enumerate(devices) if device.uuid.startswith(entry)]
    elif entry.startswith("MIG-"):
        matches = [
            index for index, device in enumerate(devices) for uuid in device.slices or () if uuid.startswith(entry)
        ]
    else:
        return None
    return matches[0] if len(matches) == 1 else None


def _without_hidden(devices: Sequence[Device], chosen: Iterable[int]) -> Selection:
    """CUDA shows one MIG device and nothing besides, where one is usable."""
    chosen = tuple(chosen)
    usable = next((index for index in chosen if devices[index].slices), None)
    return _selection(devices, chosen if usable is None else (usable,))


def _selection(devices: Sequence[Device], chosen: Iterable[int], *, unknown: tuple[str, ...] = ()) -> Selection:
    indices = tuple(dict.fromkeys(chosen))
    shared = frozenset(index for index in indices if devices[index].slices is not None)
    return Selection(indices=indices, shared=shared, unknown=unknown)
