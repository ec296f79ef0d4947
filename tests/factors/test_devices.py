"""Accelerators and processors by name, what they draw and what it took to make them; constants and equivalents."""

from __future__ import annotations

import pytest

from reporter.errors import ExitCode, UnknownHardware
from reporter.factors import (
    accelerator_of,
    constant,
    embodied_of,
    equivalent,
    equivalents,
    processor_of,
    read_table,
)


@pytest.mark.parametrize(
    ("name", "model", "rated_w", "memory_gb"),
    [
        ("NVIDIA H100 80GB HBM3", "NVIDIA H100 SXM", 700, 80),
        ("NVIDIA H100 PCIe", "NVIDIA H100 PCIe", 350, 80),
        ("NVIDIA H100 NVL", "NVIDIA H100 NVL", 400, 94),
        ("H100 SXM", "NVIDIA H100 SXM", 700, 80),
        ("NVIDIA H200", "NVIDIA H200 SXM", 700, 141),
        ("NVIDIA H200 NVL", "NVIDIA H200 NVL", 600, 141),
        ("NVIDIA B200", "NVIDIA B200", 1000, 180),
        ("NVIDIA GB200", "NVIDIA GB200", 1200, None),
        ("A100-SXM4-40GB", "NVIDIA A100 SXM4 40GB", 400, 40),
        ("NVIDIA A100-SXM4-80GB", "NVIDIA A100 SXM4 80GB", 400, 80),
        ("NVIDIA A100-PCIE-40GB", "NVIDIA A100 PCIe 40GB", 250, 40),
        ("NVIDIA A100 80GB PCIe", "NVIDIA A100 PCIe 80GB", 300, 80),
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "NVIDIA A100 SXM4 40GB", 400, 40),
        ("nvidia-tesla-a100", "NVIDIA A100 SXM4 80GB", 400, 80),
        ("a100", "NVIDIA A100 SXM4 80GB", 400, 80),
        ("NVIDIA A10G", "NVIDIA A10G", 150, 24),
        ("NVIDIA A10", "NVIDIA A10", 150, 24),
        ("NVIDIA A30", "NVIDIA A30", 165, 24),
        ("NVIDIA A40", "NVIDIA A40", 300, 48),
        ("NVIDIA L40S", "NVIDIA L40S", 350, 48),
        ("NVIDIA L4", "NVIDIA L4", 72, 24),
        ("Tesla T4", "NVIDIA T4", 70, 16),
        ("nvidia-tesla-t4", "NVIDIA T4", 70, 16),
        ("t4", "NVIDIA T4", 70, 16),
        ("Tesla V100-SXM2-16GB", "NVIDIA V100 SXM2 16GB", 300, 16),
        ("Tesla V100-SXM2-32GB", "NVIDIA V100 SXM2 32GB", 300, 32),
        ("Tesla V100-PCIE-16GB", "NVIDIA V100 PCIe", 250, None),
        ("Tesla V100S-PCIE-32GB", "NVIDIA V100S PCIe 32GB", 250, 32),
        ("Tesla P100-PCIE-16GB", "NVIDIA P100 PCIe", 250, 16),
        ("Tesla P100-SXM2-16GB", "NVIDIA P100 SXM2", 300, 16),
        ("Tesla P4", "NVIDIA P4", 75, 8),
        ("Tesla P40", "NVIDIA P40", 250, 24),
        ("Tesla K80", "NVIDIA K80", 300, 24),
        ("NVIDIA GeForce RTX 4090", "NVIDIA RTX 4090", 450, 24),
        ("NVIDIA RTX A6000", "NVIDIA RTX A6000", 300, 48),
        ("Quadro RTX 8000", "NVIDIA Quadro RTX 8000", 260, 48),
        ("NVIDIA TITAN RTX", "NVIDIA Titan RTX", 280, 24),
        ("AMD Instinct MI300X", "AMD Instinct MI300X", 750, 192),
        ("tpu-v3", "Google TPU v3", 450, 32),
    ],
)
def test_an_accelerator_is_found_by_what_drivers_and_clouds_call_it(name, model, rated_w, memory_gb):
    found = accelerator_of(name)

    assert (found.name, found.rated_w, found.memory_gb) == (model, rated_w, memory_gb)


@pytest.mark.parametrize(
    ("name", "idle_w", "max_w"),
    [
        ("T4", 8, 71),
        ("A10G", 18, 153),
        ("V100-SXM2-16GB", 35, 306),
        ("P100-SXM2", 36, 306),
        ("A100-SXM4-40GB", 46, 407),
        ("A100 PCIe", 46, None),
        ("H100", None, None),
    ],
)
def test_measured_power_is_given_where_it_is_published_for_that_form(name, idle_w, max_w):
    found = accelerator_of(name)

    assert (found.idle_w, found.max_w) == (idle_w, max_w)


@pytest.mark.parametrize(
    ("name", "kgco2e", "low", "high", "source"),
    [
        ("H100", 164, 54.67, 492, "NVIDIA, by secondary sources"),
        ("B200", 284.25, 94.75, 852.75, "NVIDIA, by secondary sources"),
        ("A100", 150, 50, 450, "BLOOM"),
        ("T4", 150, 50, 450, "Cloud Carbon Footprint"),
        ("H100 PCIe", 150, 50, 450, "Cloud Carbon Footprint"),
    ],
)
def test_making_an_accelerator_has_a_wide_interval(name, kgco2e, low, high, source):
    embodied = accelerator_of(name).embodied

    assert (embodied.kgco2e, embodied.low_kgco2e, embodied.high_kgco2e) == (kgco2e, low, high)
    assert (embodied.source, embodied.per) == (source, "GPU")


def test_a_share_of_a_baseboard_is_an_eighth_of_it():
    assert embodied_of("h100").kgco2e == 1312 / 8
    assert embodied_of("b200").kgco2e == 2274 / 8
    assert embodied_of("server").kgco2e == 1000


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("NVIDIA L40", ("NVIDIA L40S", "NVIDIA L4")),
        ("H10O", ("NVIDIA H100 SXM", "NVIDIA H100 NVL", "NVIDIA H100 PCIe")),
        ("NVIDIA RTX 4090 Laptop GPU", ("NVIDIA RTX 4090",)),
        ("RTX 4080", ("NVIDIA RTX 4090", "NVIDIA RTX 3080")),
        ("abacus", ()),
        ("", ()),
    ],
)
def test_an_unknown_accelerator_is_answered_with_the_nearest(name, nearest):
    with pytest.raises(UnknownHardware) as caught:
        accelerator_of(name)

    assert caught.value.nearest[: len(nearest)] == nearest
    assert bool(caught.value.nearest) == bool(nearest)
    assert caught.value.exit_code == ExitCode.USAGE
    assert "Did you mean" in caught.value.hint or "factors list accelerators" in caught.value.hint


def test_every_accelerators_own_name_finds_it():
    for row in read_table("accelerators"):
        assert accelerator_of(row["name"]).name == row["name"]


def test_power_lies_in_its_order():
    for row in read_table("accelerators"):
        assert (row["idle_w"] or 0) < row["rated_w"]
        assert row["max_w"] is None or row["rated_w"] <= row["max_w"] < 1.05 * row["rated_w"]


@pytest.mark.parametrize(
    ("name", "model", "w_per_core", "cores"),
    [
        ("Intel(R) Xeon(R) Gold 6142 CPU @ 2.60GHz", "Xeon Gold 6142", 9.4, 16),
        ("Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz", "Xeon E5-2670", 14.4, 8),
        ("Intel(R) Xeon(R) CPU E5-2670 v2 @ 2.50GHz", "Xeon E5-2670 v2", 11.5, 10),
        ("Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz", "Core i7-8700K", 15.8, 6),
        ("AMD EPYC 7763 64-Core Processor", "AMD EPYC 7763", 4.4, 64),
        ("AMD EPYC 7552 48-Core Processor", "AMD EPYC 7552", 4.2, 48),
        ("AMD Ryzen 7 3700X 8-Core Processor", "Ryzen 7 3700X", 8.1, 8),
        ("epyc 7513", "AMD EPYC 7513", 6.3, 32),
    ],
)
def test_a_processor_is_found_by_what_the_kernel_calls_it(name, model, w_per_core, cores):
    found = processor_of(name)

    assert (found.name, found.w_per_core, found.cores) == (model, w_per_core, cores)
    assert (found.source, found.licence, found.year) == ("Green Algorithms", "CC BY 4.0", 2025)


def test_power_per_core_is_the_rated_power_over_the_cores():
    rows = read_table("processors")

    assert len(rows) == 94
    for row in rows:
        assert row["w_per_core"] == pytest.approx(row["rated_w"] / row["cores"], abs=0.0501), row["model"]
        assert processor_of(row["model"]).name == row["model"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("AMD EPYC 7764 64-Core Processor", "AMD EPYC 7763"), ("Xeon Gold 6143", "Xeon Gold 6148"), ("m1", None)],
)
def test_an_unknown_processor_is_answered_with_the_nearest(name, nearest):
    with pytest.raises(UnknownHardware) as caught:
        processor_of(name)

    assert (nearest in caught.value.nearest) if nearest else not caught.value.nearest


@pytest.mark.parametrize(
    ("key", "value", "unit"),
    [
        ("memory-power", 0.3725, "W/GB"),
        ("core-power", 12, "W"),
        ("gpu-power", 200, "W"),
        ("pue-green-algorithms-v1", 1.67, "ratio"),
        ("pue-green-algorithms-v3", 1.56, "ratio"),
        ("lifetime", 4 * 8760, "h"),
        ("lifetime-bloom", 6 * 8760 * 0.85, "h"),
        ("embodied-spread", 3, "ratio"),
    ],
)
def test_a_methods_constants_have_a_unit_and_a_source(key, value, unit):
    found = constant(key)

    assert (found.value, found.unit) == (pytest.approx(value), unit)
    assert found.source
    assert found.note


@pytest.mark.parametrize(
    ("key", "gco2e", "unit", "year"),
    [
        ("car-mile-us", 393, "mile", 2026),
        ("car-km-us", 244.2, "km", 2026),
        ("car-mile-us-2021", 398, "mile", 2021),
        ("phone-charge", 12.4, "charge", 2026),
        ("phone-charge-2021", 8.22, "charge", 2021),
        ("petrol-gallon-us", 8887, "gallon", 2021),
        ("tree-10-years", 60_000, "10 years", 2026),
        ("car-km-eu", 106.8, "km", 2024),
        ("car-km-eu-2018", 120.4, "km", 2018),
    ],
)
def test_an_equivalent_has_a_vintage(key, gco2e, unit, year):
    found = equivalent(key)

    assert (found.gco2e, found.unit, found.year) == (gco2e, unit, year)
    assert found in equivalents()


def test_a_kilometre_is_derived_from_the_mile():
    assert equivalent("car-mile-us").gco2e / 1.609344 == pytest.approx(equivalent("car-km-us").gco2e, abs=0.05)
