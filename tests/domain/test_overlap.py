"""No joule is counted twice, none is dropped because of a meter that reads nothing, and each row says why."""

from __future__ import annotations

import pytest

from reporter.domain.overlap import APART, left_out
from reporter.domain.readings import Component, Meter, Method
from tests.factories import meter_of, model_of

PACKAGE = meter_of("cpu0")
GPU = meter_of("gpu0")
MODULE = meter_of("module0")
NODE = meter_of("node0")
DRAM = meter_of("dram0")
GRACE = meter_of("cpu1", holds=(Component.DRAM,))
SUPERCHIP = meter_of("module1", holds=(Component.GPU,))
INNER = meter_of("cpu0", parent_id="module1")
CPU_MODEL = model_of("cpu-model")
DRAM_MODEL = model_of("dram-model", (0, 6))


def why(*meters: Meter, unread: tuple[str, ...] = ()) -> dict[str, str]:
    return left_out(meters, {meter.meter_id: meter.method for meter in meters if meter.meter_id not in unread})


@pytest.mark.parametrize(
    ("meters", "expected"),
    [
        ((PACKAGE, DRAM, GPU), {}),
        ((PACKAGE, meter_of("cpu-core", parent_id="cpu0")), {"cpu-core": "part of CPU0"}),
        (
            (PACKAGE, meter_of("cpu-core", parent_id="cpu0"), meter_of("cpu-alu", parent_id="cpu-core")),
            {"cpu-core": "part of CPU0", "cpu-alu": "part of CPU-CORE"},
        ),
        ((meter_of("cpu-core", parent_id="elsewhere"),), {}),
        ((meter_of("gpu0", selected=False), GPU), {"gpu0": "not given to this job"}),
        (
            (meter_of("gpu0", selected=False), meter_of("gpu0-memory", parent_id="gpu0")),
            {"gpu0": "not given to this job"},
        ),
        ((NODE, PACKAGE), {"node0": "around all parts: shown beside them, never summed"}),
        ((NODE, CPU_MODEL), {"node0": "around all parts: shown beside them, never summed"}),
        ((NODE, MODULE), {"node0": "around all parts: shown beside them, never summed"}),
        ((NODE, meter_of("cpu0", parent_id="node0")), {"node0": "around all parts: shown beside them, never summed"}),
        ((NODE, GPU), {}),
        ((NODE, meter_of("module0", selected=False)), {"module0": "not given to this job"}),
        ((NODE, DRAM_MODEL), {"dram-model": "part of NODE0"}),
        (
            (MODULE, PACKAGE, CPU_MODEL, DRAM, DRAM_MODEL),
            dict.fromkeys(("cpu0", "cpu-model", "dram0", "dram-model"), "part of MODULE0"),
        ),
        ((MODULE, meter_of("gpu0", parent_id="module0")), {"gpu0": "part of MODULE0"}),
        ((MODULE, GPU), {}),
        ((meter_of("module0", selected=False), PACKAGE), {"module0": "not given to this job"}),
        ((PACKAGE, CPU_MODEL, DRAM_MODEL), {"cpu-model": "the CPU is measured"}),
        (
            (PACKAGE, DRAM, CPU_MODEL, DRAM_MODEL),
            {"cpu-model": "the CPU is measured", "dram-model": "memory is measured"},
        ),
        ((GPU, model_of("gpu1", (0, 50))), {}),
        ((GRACE, DRAM_MODEL), {"dram-model": "part of CPU1"}),
        ((SUPERCHIP, INNER, DRAM_MODEL), {"cpu0": "part of MODULE1", "dram-model": "part of MODULE1"}),
        ((GPU, SUPERCHIP, INNER), {"module1": APART}),
        ((GPU, SUPERCHIP), {"gpu0": "part of MODULE1"}),
        ((MODULE, SUPERCHIP, INNER), {"module1": APART, "cpu0": "part of MODULE0"}),
        ((MODULE, SUPERCHIP), {"module1": APART}),
        (
            (meter_of("gpu0", selected=False), SUPERCHIP, INNER),
            {"gpu0": "not given to this job", "cpu0": "part of MODULE1"},
        ),
    ],
)
def test_what_another_meter_holds_is_left_out(meters: tuple[Meter, ...], expected: dict[str, str]) -> None:
    assert why(*meters) == expected


@pytest.mark.parametrize(
    ("meters", "unread"),
    [
        ((PACKAGE, meter_of("cpu-core", parent_id="cpu0")), ("cpu0",)),
        ((NODE, PACKAGE), ("cpu0",)),
        ((MODULE, PACKAGE, DRAM), ("module0",)),
        ((PACKAGE, CPU_MODEL), ("cpu0",)),
        ((meter_of("cpu0", parent_id="cpu1"), meter_of("cpu1", parent_id="cpu0")), ("cpu0", "cpu1")),
        ((meter_of("cpu0", parent_id="cpu0"),), ()),
        ((GPU, SUPERCHIP), ("module1",)),
        ((GPU, SUPERCHIP), ("gpu0",)),
    ],
)
def test_a_meter_that_reads_nothing_stands_in_for_none(meters: tuple[Meter, ...], unread: tuple[str, ...]) -> None:
    assert why(*meters, unread=unread) == {}


def test_a_counter_whose_energy_had_to_be_modelled_is_not_a_measurement() -> None:
    methods = {"cpu0": Method.MODELLED, "cpu-model": Method.MODELLED}

    assert left_out((PACKAGE, CPU_MODEL), methods) == {}
