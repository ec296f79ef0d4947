"""AMD and Intel GPUs and NVIDIA Grace on fake hwmon trees, each with one oddity."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reporter.domain.overlap import left_out
from reporter.domain.readings import Component, Description, Gpu, Meter, Method, Quantity, Unavailable
from reporter.probes import PROBES, ProbeContext, open_probe
from reporter.probes.hwmon import HwmonProbe
from tests.factories import meter_of, model_of
from tests.fixtures_metering import PROC, card, chip, grace

Tree = Callable[[dict[str, str]], Path]
MI300X = {"power1_average": 250_000_000, "power1_cap": 750_000_000, "device__product_name": "AMD Instinct MI300X OAM"}
ARC = {"energy1_input": 5_000_000, "power1_max": 190_000_000, "power1_rated_max": 0}


def opened(root: Path, gpus: str = "auto", **environment: str) -> tuple[HwmonProbe, Description]:
    probe = HwmonProbe(ProbeContext(environment=environment, root=str(root), gpus=gpus))
    return probe, probe.describe()


def selected(description: Description) -> list[str]:
    return [meter.meter_id for meter in description.meters if meter.selected]


def only(description: Description) -> Unavailable:
    (row,) = description.unavailable
    return row


# Not there


@pytest.mark.parametrize("files", [{}, chip(0, "acpitz", temp1_input=41000), chip(1, "i915_gt0", energy1_input=5)])
def test_a_machine_without_such_parts_is_the_normal_case(tree: Tree, files: dict[str, str]) -> None:
    _, description = opened(tree(PROC | files))

    assert not description.meters
    assert (only(description).source, only(description).expected) == ("hwmon", True)
    assert only(description).component is Component.GPU


def test_the_source_is_one_line_of_the_table_after_rapl() -> None:
    names = list(PROBES)

    assert names.index("hwmon") == names.index("rapl") + 1
    assert isinstance(open_probe("hwmon", ProbeContext(environment={})), HwmonProbe)


# AMD


def test_an_amd_gpu_is_a_power_gauge_by_its_own_identity(tree: Tree) -> None:
    probe, description = opened(tree(card(3, "amdgpu", 5, device__unique_id="9246d0a1b2c3d4e5", **MI300X)))

    (meter,) = description.meters
    assert meter.meter_id == "hwmon:GPU-9246d0a1b2c3d4e5"
    assert (meter.label, meter.component, meter.method) == (
        "AMD Instinct MI300X OAM",
        Component.GPU,
        Method.INTEGRATED,
    )
    assert (meter.peak_power_w, meter.selected, meter.parent_id) == (750.0, True, None)
    assert [column.quantity for column in description.columns] == [Quantity.POWER_MW]
    assert probe.read() == (250_000,)
    assert description.gpus == (Gpu(uuid="GPU-9246d0a1b2c3d4e5", name="AMD Instinct MI300X OAM"),)
    probe.close()
    probe.close()


@pytest.mark.parametrize("unique_id", [{}, {"device__unique_id": "0"}])
def test_without_an_identity_of_its_own_the_pci_address_is_taken(tree: Tree, unique_id: dict[str, object]) -> None:
    _, description = opened(tree(card(3, "amdgpu", 5, **MI300X, **unique_id)))

    assert description.meters[0].meter_id == "hwmon:0000:05:00.0"


def test_instantaneous_power_is_taken_where_there_is_no_average(tree: Tree) -> None:
    probe, description = opened(tree(card(0, "amdgpu", 3, power1_input=98_000_000)))

    assert probe.read() == (98_000,)
    assert description.meters[0].tick_s == 0.1
    assert description.meters[0].peak_power_w is None
    assert description.meters[0].label == "AMD GPU 1002:74A1"


def test_power_of_zero_is_a_missed_reading_not_zero(tree: Tree) -> None:
    files = card(0, "amdgpu", 3, **MI300X)
    probe, _ = opened(tree(files))

    tree({"sys/class/hwmon/hwmon0/power1_average": "0\n"})
    during, reasons = probe.read(), dict(probe.reasons())
    tree(files)

    assert during == (None,)
    assert "read 0" in reasons["hwmon:0000:03:00.0"]
    assert (probe.read(), probe.reasons()) == ((250_000,), ())


def dies(**second: object) -> dict[str, str]:
    """An MI250: two dies, of which only the first tells its power."""
    first = {"power1_average": 300_000_000, "power1_cap": 560_000_000, "device__product_name": "AMD Instinct MI250"}
    silent = {"power1_average": 0, "power1_cap": 0}
    return card(0, "amdgpu", 1, "1002:740C", **first) | card(1, "amdgpu", 6, "1002:740C", **(silent | second))


def test_the_second_die_of_a_card_has_no_meter_and_is_no_gap(tree: Tree) -> None:
    _, description = opened(tree(dies()))

    assert selected(description) == ["hwmon:0000:01:00.0"]
    assert "second die" in only(description).reason
    assert only(description).expected
    assert [gpu.uuid for gpu in description.gpus] == ["0000:01:00.0", "0000:06:00.0"]
    assert not description.meters[0].shared


def test_a_job_on_the_second_die_is_metered_by_the_first_and_shares_it(tree: Tree) -> None:
    _, description = opened(tree(dies()), ROCR_VISIBLE_DEVICES="1")

    assert selected(description) == ["hwmon:0000:01:00.0"]
    assert description.meters[0].shared
    assert [gpu.uuid for gpu in description.gpus] == ["0000:06:00.0"]


def test_a_second_die_without_its_first_is_not_read(tree: Tree) -> None:
    lone = {name: text for name, text in dies().items() if "hwmon0" not in name}

    _, description = opened(tree(lone))

    assert not description.meters
    assert not only(description).expected
    assert only(description).component is Component.GPU


def test_dies_with_one_identity_are_told_apart_by_address(tree: Tree) -> None:
    twins = [card(number, "amdgpu", number, device__unique_id="ab", **MI300X) for number in (1, 2)]

    _, description = opened(tree(twins[0] | twins[1]))

    assert [meter.meter_id for meter in description.meters] == ["hwmon:0000:01:00.0", "hwmon:0000:02:00.0"]


def test_a_gpu_of_a_virtual_machine_without_power_is_there_but_not_read(tree: Tree) -> None:
    _, description = opened(tree(card(0, "amdgpu", 3)))

    row = only(description)
    assert (row.source, row.expected, row.component) == ("hwmon:0000:03:00.0", False, Component.GPU)
    assert "virtual machine" in row.reason
    assert len(description.gpus) == 1


def test_an_apus_power_is_its_processors_and_lies_inside_rapl(tree: Tree) -> None:
    _, description = opened(tree(card(0, "amdgpu", 3, "1002:1638", power1_input=20_000_000, in1_label="vddnb")))

    (apu,) = description.meters
    rapl = meter_of("rapl:package-0", component=Component.CPU)
    model = model_of("cpu-model")
    assert (apu.component, description.gpus) == (Component.CPU, ())
    assert sorted(without(apu, rapl, model)) == ["cpu-model", apu.meter_id]
    assert sorted(without(apu, model)) == ["cpu-model"]


def test_an_apu_without_power_is_no_gap(tree: Tree) -> None:
    _, description = opened(tree(card(0, "amdgpu", 3, "1002:15D8", in1_label="vddnb")))

    assert not description.meters
    assert only(description).expected


def test_an_mi300a_is_a_module_that_holds_processor_and_memory(tree: Tree) -> None:
    _, description = opened(tree(card(0, "amdgpu", 3, "1002:74A0", **MI300X)))

    (module,) = description.meters
    assert module.component is Component.MODULE
    assert sorted(without(module, meter_of("cpu0"), model_of("dram-model", (0, 6)))) == ["cpu0", "dram-model"]


def without(*meters: Meter) -> dict[str, str]:
    return left_out(meters, {meter.meter_id: meter.method for meter in meters})


# Intel


def test_an_intel_gpu_is_a_counter_that_does_not_wrap(tree: Tree) -> None:
    probe, description = opened(tree(card(2, "i915", 3, "8086:56A0", **ARC)))

    (meter,) = description.meters
    assert (meter.method, meter.wraps_at_uj, meter.peak_power_w) == (Method.COUNTER, None, 190.0)
    assert meter.label == "Intel GPU 8086:56A0"
    assert [column.quantity for column in description.columns] == [Quantity.ENERGY_UJ]
    assert probe.read() == (5_000_000,)


@pytest.mark.parametrize(
    ("files", "value", "peak_w"),
    [
        ({"energy1_label": "card", "energy2_label": "pkg"}, 11, 300.0),
        ({"energy1_label": "pkg", "energy2_label": "card"}, 22, 200.0),
        ({"energy1_label": "gpu", "energy2_label": "pkg"}, 22, 200.0),
        ({"energy1_label": "", "energy2_label": ""}, 11, 300.0),
    ],
)
def test_the_cards_counter_holds_the_packages_and_is_the_only_one(
    tree: Tree, files: dict[str, object], value: int, peak_w: float
) -> None:
    counters = {"energy1_input": 11, "energy2_input": 22, "power1_max": 300_000_000, "power2_cap": 200_000_000}

    probe, description = opened(tree(card(0, "xe", 3, "8086:E20B", **counters, **files)))

    assert probe.read() == (value,)
    assert description.meters[0].peak_power_w == peak_w


def test_a_card_with_its_packages_counter_alone_is_read_by_it(tree: Tree) -> None:
    probe, _ = opened(tree(card(0, "xe", 3, "8086:56A0", energy2_input=7, energy2_label="pkg")))

    assert probe.read() == (7,)


# Which ones count


def four(driver: str = "amdgpu", **files: object) -> dict[str, str]:
    """Four cards; the kernel numbers their chips the other way round than their addresses."""
    counted = MI300X if driver == "amdgpu" else ARC
    cards = [card(9 - bus, driver, bus, **(counted | files)) for bus in (1, 2, 3, 4)]
    return {name: text for files in cards for name, text in files.items()}


@pytest.mark.parametrize(
    ("environment", "buses"),
    [
        ({}, [1, 2, 3, 4]),
        ({"ROCR_VISIBLE_DEVICES": "0,2"}, [1, 3]),
        ({"ROCR_VISIBLE_DEVICES": ""}, []),
        ({"ROCR_VISIBLE_DEVICES": "1,9,2"}, [2]),
        ({"HIP_VISIBLE_DEVICES": "3"}, [4]),
        ({"HIP_VISIBLE_DEVICES": ""}, [1, 2, 3, 4]),
        ({"HIP_VISIBLE_DEVICES": "-1"}, []),
        ({"CUDA_VISIBLE_DEVICES": "1"}, [2]),
        ({"CUDA_VISIBLE_DEVICES": "1", "HIP_VISIBLE_DEVICES": "0"}, [1]),
        ({"ROCR_VISIBLE_DEVICES": "2,3", "HIP_VISIBLE_DEVICES": "1"}, [4]),
        ({"ROCR_VISIBLE_DEVICES": " 1, 2"}, [2, 3]),
        ({"ZE_AFFINITY_MASK": "0"}, [1, 2, 3, 4]),
    ],
)
def test_rocms_variables_name_the_subset_that_counts(tree: Tree, environment: dict[str, str], buses: list[int]) -> None:
    _, description = opened(tree(four()), **environment)

    assert selected(description) == [f"hwmon:0000:{bus:02x}:00.0" for bus in buses]
    assert len(description.meters) == 4
    assert [gpu.uuid for gpu in description.gpus] == [f"0000:{bus:02x}:00.0" for bus in buses]


def test_a_gpu_is_named_by_its_identity_too(tree: Tree) -> None:
    files = card(0, "amdgpu", 1, device__unique_id="aa01", **MI300X) | card(
        1, "amdgpu", 2, device__unique_id="bb02", **MI300X
    )

    _, description = opened(tree(files), ROCR_VISIBLE_DEVICES="GPU-BB02")

    assert selected(description) == ["hwmon:GPU-bb02"]


def test_rocm_numbers_gpus_by_its_own_list(tree: Tree) -> None:
    nodes = {0: 0, 1: 128 + 4, 2: 128 + 3, 10: 128 + 1, 11: 128 + 2}
    kfd = {
        f"sys/class/kfd/kfd/topology/nodes/{node}/properties": f"cpu_cores_count 0\nsimd_count {bool(minor) * 304}\n"
        f"drm_render_minor {minor}\n"
        for node, minor in nodes.items()
    }

    _, description = opened(tree(four() | kfd), ROCR_VISIBLE_DEVICES="0,2")

    assert selected(description) == ["hwmon:0000:01:00.0", "hwmon:0000:04:00.0"]


def test_beside_an_nvidia_driver_its_variable_is_about_its_own_gpus(tree: Tree) -> None:
    root = tree(four() | {"proc/driver/nvidia/version": "NVRM version\n"})

    assert len(selected(opened(root, CUDA_VISIBLE_DEVICES="")[1])) == 4
    assert selected(opened(root, CUDA_VISIBLE_DEVICES="1")[1]) == selected(opened(root)[1])
    assert selected(opened(root, gpus="1")[1]) == []


@pytest.mark.parametrize(
    ("environment", "files", "buses", "flags"),
    [
        ({"ZE_AFFINITY_MASK": "1"}, {}, [2], ()),
        ({"ZE_AFFINITY_MASK": "0,1.0"}, {}, [1, 2], ()),
        ({"ZE_AFFINITY_MASK": ""}, {}, [1, 2, 3, 4], ()),
        ({"ZE_AFFINITY_MASK": "7"}, {}, [1, 2, 3, 4], ("gpu-mask-unclear",)),
        ({"ZE_AFFINITY_MASK": "first"}, {}, [1, 2, 3, 4], ("gpu-mask-unclear",)),
        (
            {"ZE_AFFINITY_MASK": "1"},
            {"device__tile0__x": 1, "device__tile1__x": 1},
            [1, 2, 3, 4],
            ("gpu-mask-unclear",),
        ),
        (
            {"ZE_AFFINITY_MASK": "1", "ZE_FLAT_DEVICE_HIERARCHY": "COMPOSITE"},
            {"device__tile0__x": 1, "device__tile1__x": 1},
            [2],
            (),
        ),
        ({"ROCR_VISIBLE_DEVICES": ""}, {}, [1, 2, 3, 4], ()),
    ],
)
def test_level_zeros_mask_names_the_subset_that_counts(
    tree: Tree, environment: dict[str, str], files: dict[str, object], buses: list[int], flags: tuple[str, ...]
) -> None:
    _, description = opened(tree(four("xe", **files)), **environment)

    assert selected(description) == [f"hwmon:0000:{bus:02x}:00.0" for bus in buses]
    assert description.flags == flags


@pytest.mark.parametrize(
    ("gpus", "buses"),
    [("all", [1, 2, 3, 4]), ("0", [1]), ("3,1", [2, 4]), ("0000:03", [3]), ("GPU-nvidia", []), ("7", [])],
)
def test_the_option_outranks_the_variables(tree: Tree, gpus: str, buses: list[int]) -> None:
    _, description = opened(tree(four()), gpus, ROCR_VISIBLE_DEVICES="0")

    assert selected(description) == [f"hwmon:0000:{bus:02x}:00.0" for bus in buses]


@pytest.mark.parametrize("entry", ["7", "GPU-ffff", "AUTO"])
def test_an_entry_of_the_option_that_names_no_gpu_is_told(tree: Tree, entry: str) -> None:
    _, description = opened(tree(four()), f"0,{entry}")

    row = only(description)
    assert (row.source, row.expected, row.component) == (f"hwmon:{entry}", False, Component.GPU)
    assert entry in row.reason
    assert selected(description) == ["hwmon:0000:01:00.0"]


def test_beside_an_nvidia_driver_entries_may_name_its_gpus(tree: Tree) -> None:
    root = tree(four() | {"proc/driver/nvidia/version": "NVRM\n"})

    assert opened(root, "0,GPU-nvidia")[1].unavailable == ()


def test_a_container_counts_only_the_gpus_that_it_was_given(tree: Tree) -> None:
    """It sees all GPUs of its host in sysfs, as Docker mounts it."""
    root = tree(four())
    for bus in (1, 2, 4):
        (root / f"dev/dri/renderD{128 + bus}").unlink()

    _, description = opened(root)

    assert selected(description) == ["hwmon:0000:03:00.0"]
    assert [gpu.uuid for gpu in description.gpus] == ["0000:03:00.0"]


# Grace

SUPERCHIP = {
    **grace(1, "Module Power Socket 0", 600_000_000),
    **grace(2, "Grace Power Socket 0", 150_000_000, interval_ms=1000),
    **grace(3, "CPU Power Socket 0", 110_000_000),
    **grace(4, "SysIO Power Socket 0", 9_000_000),
}
MODULE, GRACE, CORES = "hwmon:module-0", "hwmon:grace-0", "hwmon:cpu-0"
MODELS = (model_of("cpu-model"), model_of("dram-model", (0, 6)))


def test_graces_meters_lie_inside_each_other_and_the_io_rail_is_left_out(tree: Tree) -> None:
    probe, description = opened(tree(SUPERCHIP))

    meters = {meter.meter_id: meter for meter in description.meters}
    assert {name: meter.parent_id for name, meter in meters.items()} == {CORES: GRACE, GRACE: MODULE, MODULE: None}
    assert (meters[MODULE].component, meters[GRACE].component) == (Component.MODULE, Component.CPU)
    assert (meters[MODULE].window_s, meters[GRACE].window_s, meters[GRACE].tick_s) == (0.05, 1.0, 1.0)
    assert dict(zip((column.meter_id for column in description.columns), probe.read(), strict=True)) == {
        CORES: 110_000,
        GRACE: 150_000,
        MODULE: 600_000,
    }
    assert not description.gpus
    assert not description.unavailable


def test_newer_kernels_keep_graces_files_with_the_chip(tree: Tree) -> None:
    files = chip(0, "power_meter", power1_oem_info="Grace Power Socket 12", power1_average=1_000_000)

    probe, description = opened(tree(files))

    assert (description.meters[0].meter_id, description.meters[0].parent_id) == ("hwmon:grace-12", None)
    assert probe.read() == (1000,)


@pytest.mark.parametrize("what", ["", "PSU 1", "Power Socket 0", "Grace Power Socket", "SysIO Power Socket 0"])
def test_other_acpi_power_meters_are_not_added(tree: Tree, what: str) -> None:
    _, description = opened(tree(grace(0, what, 300_000_000)))

    assert not description.meters
    assert only(description).expected


def counted(*meters: Meter, unread: tuple[str, ...] = ()) -> list[str]:
    """What is added up of these meters."""
    methods = {meter.meter_id: meter.method for meter in meters if meter.meter_id not in unread}
    why = left_out(meters, methods)
    return sorted(meter.meter_id for meter in meters if meter.meter_id not in why and meter.meter_id in methods)


def test_no_part_of_a_superchip_is_counted_twice(tree: Tree) -> None:
    firmware = opened(tree(SUPERCHIP))[1].meters
    driver = meter_of("nvml:GPU-1", component=Component.MODULE)
    gpu = meter_of("nvml:GPU-1")
    no_grace = tuple(meter for meter in firmware if meter.meter_id == MODULE)

    assert counted(driver, *firmware, *MODELS) == ["nvml:GPU-1"]
    assert counted(gpu, *firmware, *MODELS) == [GRACE, "nvml:GPU-1"]
    assert counted(*firmware, *MODELS) == [MODULE]
    assert counted(gpu, *no_grace, *MODELS) == [MODULE]
    assert counted(driver, *firmware, *MODELS, unread=("nvml:GPU-1",)) == [MODULE]
    assert counted(gpu, *firmware, *MODELS, unread=(MODULE,)) == [GRACE, "nvml:GPU-1"]
    assert counted(gpu, *firmware, *MODELS, unread=(MODULE, GRACE)) == sorted([CORES, "dram-model", "nvml:GPU-1"])


# Failures


@pytest.mark.parametrize("text", ["", "later\n", "-5\n"])
def test_a_failed_read_is_none_with_its_reason_and_comes_back(tree: Tree, text: str) -> None:
    files = card(0, "xe", 3, **ARC)
    probe, _ = opened(tree(files))

    tree({"sys/class/hwmon/hwmon0/energy1_input": text})
    during, reasons = probe.read(), dict(probe.reasons())
    tree(files)

    assert during == (None,)
    assert "cannot be read" in reasons["hwmon:0000:03:00.0"]
    assert (probe.read(), probe.reasons()) == ((5_000_000,), ())


def test_text_that_is_no_number_at_the_start_is_unavailable_and_the_rest_is_read(tree: Tree) -> None:
    files = card(0, "amdgpu", 3, power1_average="busy") | card(1, "amdgpu", 4, **MI300X)

    probe, description = opened(tree(files))

    row = only(description)
    assert (row.source, row.expected, row.component) == ("hwmon:0000:03:00.0", False, Component.GPU)
    assert probe.read() == (250_000,)


def test_a_gpu_that_was_not_given_may_fail(tree: Tree) -> None:
    _, description = opened(tree(card(0, "amdgpu", 3, power1_average="busy")), ROCR_VISIBLE_DEVICES="")

    assert only(description).expected


@pytest.mark.parametrize("files", [card(7, "xe", 3, **ARC), grace(7, "Grace Power Socket 0", 5)])
def test_without_permission_the_remedy_is_exact_and_safe(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]
) -> None:
    root = tree(files)
    real_open = os.open

    def refuse(path: object, flags: int, *arguments: int) -> int:
        if str(path).endswith(("energy1_input", "power1_average")):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real_open(str(path), flags, *arguments)

    monkeypatch.setattr(os, "open", refuse)

    row = only(opened(root)[1])

    remedy = row.remedy or ""
    inside = "energy1_input" if row.component is Component.GPU else "device/power1_average"
    assert "no permission" in row.reason
    assert f"chgrp hwmon /sys/class/hwmon/hwmon7/{inside} && chmod g+r /sys/class/hwmon/hwmon7/{inside}" in remedy
    assert f"/sys%p/{inside}" in remedy
    assert ("xe" if row.component is Component.GPU else "power_meter") in remedy
    assert "Not a+r" in remedy


def test_a_sleeping_gpu_is_kept_and_read_once_it_wakes(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    state = "device__power__runtime_status"
    root = tree(card(0, "amdgpu", 3, **MI300X, **{state: "suspended"}))
    real_pread = os.pread
    asleep = True

    def pread(file: int, size: int, offset: int) -> bytes:
        if asleep:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        return real_pread(file, size, offset)

    monkeypatch.setattr(os, "pread", pread)
    probe, description = opened(root)
    during, reasons = probe.read(), probe.reasons()
    asleep = False

    assert not description.unavailable
    assert during == (None,)
    assert "sleeps" in reasons[0][1]
    assert probe.read() == (250_000,)


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_device_that_went_away_is_opened_again_and_missed_if_gone(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    root = tree(card(0, "amdgpu", 3, **MI300X))
    probe, _ = opened(root)
    dead = probe._gauges[0].file
    real_pread = os.pread

    def pread(file: int, size: int, offset: int) -> bytes:
        if file == dead:
            raise OSError(errno.ENODEV, "No such device")
        return real_pread(file, size, offset)

    monkeypatch.setattr(os, "pread", pread)
    if not comes_back:
        (root / "sys/class/hwmon/hwmon0/power1_average").unlink()

    assert probe.read() == (250_000 if comes_back else None,)
    assert bool(probe.reasons()) is not comes_back
