"""CUDA_VISIBLE_DEVICES, row by row, and `--gpus`."""

from __future__ import annotations

import pytest

from reporter.probes.gpu_selection import Device, Selection, select_gpus, visible_gpus

UUIDS = ("GPU-aaaa1", "GPU-aaaa2", "GPU-bbbb", "GPU-cccc")
FULL = tuple(f"{uuid}-0000-0000-0000-000000000000" for uuid in UUIDS)
PLAIN = tuple(Device(uuid=uuid, name="NVIDIA A100") for uuid in FULL)
SLICED = (*PLAIN[:3], PLAIN[3]._replace(slices=("MIG-1111", "MIG-2222")))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, (0, 1, 2, 3)),
        ("", ()),
        ("0", (0,)),
        ("2,1", (2, 1)),
        (" 1, 2", (1, 2)),
        ("1x", (1,)),
        ("-1", ()),
        ("-1,0", ()),
        ("9", ()),
        ("abc", ()),
        ("0,2,-1,1", (0, 2)),
        ("0,9,1", (0,)),
        ("0,,1", (0,)),
        ("0,0", ()),
        (FULL[2], (2,)),
        ("GPU-bb", (2,)),
        ("GPU-aaaa", ()),
        ("GPU-ffff", ()),
        ("GPU-cccc,GPU-bbbb", (3, 2)),
        ("0,GPU-bbbb", (0,)),
        ("GPU-bbbb,0", (2,)),
        ("NoDevFiles", ()),
        ("MIG-1111", ()),
        ("MIG-GPU-cccc/1/0", ()),
    ],
)
def test_cuda_visible_devices_selects_as_cuda_does(value: str | None, expected: tuple[int, ...]) -> None:
    selection = visible_gpus(PLAIN, visible=value, order="PCI_BUS_ID")

    assert selection == Selection(indices=expected)


@pytest.mark.parametrize(
    "value", ["MIG-1111", "MIG-GPU-cccc/1/0", "MIG-1111,MIG-2222", "3", None, "0,3", "GPU-cccc", "MIG-2"]
)
def test_a_slice_is_metered_by_its_parent_once(value: str | None) -> None:
    selection = visible_gpus(SLICED, visible=value, order="PCI_BUS_ID")

    assert selection == Selection(indices=(3,), shared=frozenset({3}))


@pytest.mark.parametrize("value", ["MIG-ffff", "MIG-", "MIG-GPU-bbbb/1/0", "MIG-GPU-ffff/1/0"])
def test_an_unknown_slice_selects_nothing(value: str) -> None:
    assert visible_gpus(SLICED, visible=value, order="PCI_BUS_ID").indices == ()


def test_a_plain_gpu_beside_an_unused_mig_gpu_stays() -> None:
    assert visible_gpus(SLICED, visible="0,1", order="PCI_BUS_ID") == Selection(indices=(0, 1))


@pytest.mark.parametrize(
    ("value", "order", "expected"),
    [
        ("1", None, Selection(indices=(0, 1), order_unknown=True)),
        ("1", "FASTEST_FIRST", Selection(indices=(0, 1), order_unknown=True)),
        ("1", "PCI_BUS_ID", Selection(indices=(1,))),
        ("GPU-b", None, Selection(indices=(1,))),
        ("-1", None, Selection(indices=())),
        (None, None, Selection(indices=(0, 1))),
    ],
)
def test_numbers_among_mixed_models_select_all_unless_the_order_is_pci(
    value: str | None, order: str | None, expected: Selection
) -> None:
    devices = (Device(uuid="GPU-a", name="NVIDIA T4"), Device(uuid="GPU-b", name="NVIDIA A100"))

    assert visible_gpus(devices, visible=value, order=order) == expected


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("auto", Selection(indices=(1,))),
        ("all", Selection(indices=(0, 1, 2, 3))),
        ("0, GPU-bb", Selection(indices=(0, 2))),
        ("3,3", Selection(indices=(3,))),
        ("7,0,GPU-x", Selection(indices=(0,), unknown=("7", "GPU-x"))),
        ("²", Selection(indices=(), unknown=("²",))),
    ],
)
def test_the_option_overrides_the_variable(option: str, expected: Selection) -> None:
    assert select_gpus(PLAIN, option=option, visible="1", order=None) == expected
