"""Which AMD and Intel GPUs a command can use: its runtimes' variables, and the `--gpus` option.

It opens no device: cards come by PCI address, as values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from reporter.probes.gpu_selection import PLACE

AMD, INTEL = "amd", "intel"

_TILE = re.compile(r"(\d{1,4})(?:\.\d{1,4})*\Z")


class Card(NamedTuple):
    """One GPU. `place` orders them as their vendor's runtime does, which may show a device for each of its `tiles`.

    A GPU inside a processor takes a number there too.
    """

    vendor: str
    identity: str
    place: int
    tiles: int = 1
    integrated: bool = False


class Choice(NamedTuple):
    """Identities of the GPUs that the command can use.

    `unclear` is set where a variable's numbers could mean cards or tiles: every card is then taken;
    `unknown` holds entries of `--gpus` that name no card.
    """

    identities: frozenset[str]
    unclear: bool = False
    unknown: tuple[str, ...] = ()


def choose(cards: Sequence[Card], *, option: str, environment: Mapping[str, str], nvidia: bool) -> Choice:
    """What `--gpus` says (`auto`, `all`, a list); `auto` follows the variables of ROCm and Level Zero.

    Where NVIDIA's driver is here too (`nvidia`), bare numbers and CUDA_VISIBLE_DEVICES are about its GPUs.
    """
    everything = frozenset(card.identity for card in cards)
    if option == "all":
        return Choice(everything)
    if option != "auto":
        return _by_option(cards, option, nvidia=nvidia)
    amd = sorted((card for card in cards if card.vendor == AMD), key=lambda card: card.place)
    intel = sorted((card for card in cards if card.vendor == INTEL), key=lambda card: card.place)
    visible = [card.identity for card in _by_rocm(amd, environment, nvidia=nvidia)]
    mask = environment.get("ZE_AFFINITY_MASK") or None
    if mask is None:
        return Choice(frozenset([*visible, *(card.identity for card in intel)]))
    masked = _by_level_zero(intel, mask, composite=environment.get("ZE_FLAT_DEVICE_HIERARCHY") == "COMPOSITE")
    chosen = intel if masked is None else masked
    return Choice(frozenset([*visible, *(card.identity for card in chosen)]), unclear=masked is None)


def _by_option(cards: Sequence[Card], option: str, *, nvidia: bool) -> Choice:
    """Positions and beginnings of identities; beside NVIDIA's driver, what names no card may name a GPU of its own."""
    numbered = [] if nvidia else [card for card in cards if not card.integrated]
    chosen: set[str] = set()
    unknown: list[str] = []
    for entry in filter(None, (entry.strip() for entry in option.split(","))):
        if PLACE.fullmatch(entry):
            named = {card.identity for card in numbered[int(entry) : int(entry) + 1]}
        else:
            named = {card.identity for card in cards if card.identity.startswith(entry)}
        chosen |= named
        unknown += [] if named or nvidia else [entry]
    return Choice(frozenset(chosen), unknown=tuple(unknown))


def _by_rocm(cards: list[Card], environment: Mapping[str, str], *, nvidia: bool) -> list[Card]:
    """ROCR_VISIBLE_DEVICES (empty: none), and of those HIP_VISIBLE_DEVICES, else CUDA_VISIBLE_DEVICES (empty: all).

    An invalid entry hides itself and all after it.
    https://rocm.docs.amd.com/en/latest/conceptual/gpu-isolation.html, and ROCclr's `Device::init`
    """
    runtime = environment.get("ROCR_VISIBLE_DEVICES")
    if runtime is not None:
        cards = list(_valid(cards, runtime))
    cuda = None if nvidia else environment.get("CUDA_VISIBLE_DEVICES")
    language = environment.get("HIP_VISIBLE_DEVICES") or cuda
    return list(_valid(cards, language)) if language else cards


def _valid(cards: Sequence[Card], value: str) -> Iterator[Card]:
    for entry in (entry.strip() for entry in value.split(",")):
        if PLACE.fullmatch(entry):
            found = cards[int(entry) : int(entry) + 1]
        else:
            found = [card for card in cards if entry and card.identity.casefold() == entry.casefold()]
        if not found:
            return
        yield found[0]


def _by_level_zero(cards: list[Card], mask: str, *, composite: bool) -> list[Card] | None:
    """ZE_AFFINITY_MASK: numbers of devices, `1.0` a tile of one; None where they cannot be told apart.

    By default each tile of a card is a device of its own, so numbers of cards with tiles need the COMPOSITE hierarchy.
    https://oneapi-src.github.io/level-zero-spec/level-zero/latest/core/PROG.html#affinity-mask
    """
    entries = [_TILE.match(entry.strip()) for entry in mask.split(",")]
    numbers = [int(entry[1]) for entry in entries if entry]
    tiled = not composite and any(card.tiles > 1 for card in cards)
    if tiled or len(numbers) < len(entries) or any(number >= len(cards) for number in numbers):
        return None
    return [cards[number] for number in dict.fromkeys(numbers)]
