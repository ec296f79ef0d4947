"""Opening sources: by preference, models beside the meters, failures as values."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from reporter.domain.readings import Component, Description, Gpu, Meter, Method, Unavailable
from reporter.metering.sources import open_sources
from reporter.probes import PROBES, Probe, ProbeContext

CONTEXT = ProbeContext(environment={})
NAMES = [name for name, entry in PROBES.items() if entry.argument is None]


class FakeProbe:
    def __init__(self, description: Description | Exception) -> None:
        self.description = description
        self.closed = 0

    def describe(self) -> Description:
        if isinstance(self.description, Exception):
            raise self.description
        return self.description

    def read(self) -> tuple[int | None, ...]:
        return ()

    def reasons(self) -> tuple[tuple[str, str], ...]:
        return ()

    def close(self) -> None:
        self.closed += 1
        raise RuntimeError("closing fails")


def meters(*components: Component, selected: bool = True) -> Description:
    return Description(
        meters=tuple(
            Meter(
                meter_id=f"{component.value}{index}",
                label="",
                component=component,
                method=Method.COUNTER,
                source="x",
                selected=selected,
            )
            for index, component in enumerate(components)
        )
    )


def opener(**descriptions: Description | Exception) -> Callable[[str, ProbeContext], Probe]:
    def open_one(name: str, context: ProbeContext) -> Probe:
        return FakeProbe(descriptions.get(name, meters(PROBES[name].component)))

    return open_one


def test_models_are_opened_beside_meters_too() -> None:
    sources = open_sources(CONTEXT, opener=opener(rapl=meters(Component.CPU, Component.DRAM)))

    assert [source.name for source in sources.sources] == NAMES


def test_named_sources_are_opened_in_the_order_of_preference() -> None:
    sources = open_sources(CONTEXT, ["dram_model", "nvml"], opener=opener())

    assert [source.name for source in sources.sources] == ["nvml", "dram_model"]


def test_what_probes_say_is_put_together() -> None:
    row = Unavailable(source="rapl", reason="masked", expected=True)
    nvml = Description(gpus=(Gpu(uuid="GPU-1", name="T4"),), flags=("shared-gpu:GPU-1",))

    sources = open_sources(CONTEXT, opener=opener(nvml=nvml, rapl=Description(unavailable=(row,))))

    assert sources.unavailable == (replace(row, component=Component.CPU),)
    assert sources.flags == ("shared-gpu:GPU-1",)
    assert [gpu.uuid for gpu in sources.gpus] == ["GPU-1"]
    assert [meter.component for meter in sources.meters] == [PROBES[name].component for name in NAMES[2:]]


def test_a_probe_that_raises_is_unavailable_and_the_others_are_opened() -> None:
    sources = open_sources(CONTEXT, opener=opener(nvml=ValueError("odd driver")))

    (row,) = sources.unavailable
    assert (row.source, row.expected) == ("nvml", False)
    assert "odd driver" in row.reason
    assert [source.name for source in sources.sources] == NAMES[1:]


def test_a_driver_that_hangs_does_not_hold_up_the_job() -> None:
    release = threading.Event()
    answer = opener()

    def open_one(name: str, context: ProbeContext) -> Probe:
        if name == "nvml":
            release.wait(20)
        return answer(name, context)

    began = time.monotonic()
    sources = open_sources(CONTEXT, opener=open_one, limit_s=0.05)
    took_s = time.monotonic() - began
    release.set()

    assert took_s < 5
    assert [row.source for row in sources.unavailable] == ["nvml"]
    assert "did not answer" in sources.unavailable[0].reason


def test_all_are_closed_though_closing_fails() -> None:
    sources = open_sources(CONTEXT, opener=opener())

    sources.close()

    assert [source.probe.closed for source in sources.sources] == [1] * len(NAMES)  # type: ignore[attr-defined]


def test_a_virtual_machine_is_modelled(virtual_machine: Path) -> None:
    environment = {"EMISSIONS_NVML_LIBRARY": "/nonexistent.so"}

    sources = open_sources(ProbeContext(environment=environment, root=str(virtual_machine)))

    assert [meter.meter_id for meter in sources.meters] == ["model:cpu", "model:dram"]
    assert [row.source for row in sources.unavailable] == ["nvml", "rapl", "hwmon"]
    sources.close()


def test_a_server_is_measured(server: Path) -> None:
    sources = open_sources(ProbeContext(environment={}, root=str(server)), ["rapl", "cpu_model", "dram_model"])

    assert {meter.source for meter in sources.meters} == {"rapl", "cpu_model", "dram_model"}
    sources.close()
