"""Power models: which processor gets which coefficients, and what they come to."""

from __future__ import annotations

import pytest

from reporter.factors import cpu_curve, dram_curve

EPYC_7763 = "AMD EPYC 7763 64-Core Processor"


def watts(curve, load):
    """The curve at a load that lies on one of its points."""
    return dict(curve.points)[load]


@pytest.mark.parametrize(("load", "expected_w"), [(0.0, 1.76), (0.1, 3.62), (0.5, 5.16), (0.95, 8.18), (1.0, 8.18)])
def test_githubs_runner_has_a_curve_of_its_own(load, expected_w):
    curve = cpu_curve(EPYC_7763, 4)

    assert watts(curve, load) == pytest.approx(expected_w, abs=0.005)
    assert (curve.cpus, curve.source, curve.year) == (4, "Eco-CI, EPYC 7763 with 4 vCPU", 2024)


def test_the_same_processor_in_another_size_goes_by_its_microarchitecture():
    curve = cpu_curve(EPYC_7763, 2)

    assert curve.source == "Cloud Carbon Footprint, EPYC 3rd Gen"
    assert curve.points == ((0.0, pytest.approx(2 * 0.44539)), (1.0, pytest.approx(2 * 2.019328)))


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("AMD EPYC 7551 32-Core Processor", "EPYC 1st Gen"),
        ("AMD EPYC 7571", "EPYC 1st Gen"),
        ("AMD EPYC 7452 32-Core Processor", "EPYC 2nd Gen"),
        ("AMD EPYC 7V12 64-Core Processor", "EPYC 2nd Gen"),
        ("AMD EPYC 7R32", "EPYC 2nd Gen"),
        ("AMD EPYC 7B12", "EPYC 2nd Gen"),
        ("AMD EPYC-Rome Processor", "EPYC 2nd Gen"),
        ("AMD EPYC 7763 64-Core Processor", "EPYC 3rd Gen"),
        ("AMD EPYC 7V13 64-Core Processor", "EPYC 3rd Gen"),
        ("AMD EPYC 7R13 Processor", "EPYC 3rd Gen"),
        ("AMD EPYC 7V73X 64-Core Processor", "EPYC 3rd Gen"),
        ("AMD EPYC-Milan Processor", "EPYC 3rd Gen"),
        ("AMD EPYC 9V74 80-Core Processor", "EPYC 4th Gen"),
        ("AMD EPYC 9654 96-Core Processor", "EPYC 4th Gen"),
        ("AMD EPYC 9R14", "EPYC 4th Gen"),
        ("AMD EPYC 9V33X 96-Core Processor", "EPYC 4th Gen"),
        ("AMD EPYC 8534P 64-Core Processor", "EPYC 4th Gen"),
        ("AMD EPYC 9965 192-Core Processor", "EPYC 4th Gen"),
        ("AMD EPYC 9V45 96-Core Processor", "EPYC 4th Gen"),
        ("Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz", "Sandy Bridge"),
        ("Intel(R) Xeon(R) CPU E5-2670 v2 @ 2.50GHz", "Ivy Bridge"),
        ("Intel(R) Xeon(R) CPU E5-2673 v3 @ 2.40GHz", "Haswell"),
        ("Intel(R) Xeon(R) CPU E5-2673 v4 @ 2.30GHz", "Broadwell"),
        ("Intel(R) Xeon(R) Platinum 8171M CPU @ 2.60GHz", "Skylake"),
        ("Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz", "Skylake"),
        ("Intel(R) Xeon(R) Platinum 8272CL CPU @ 2.60GHz", "Cascade Lake"),
        ("Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz", "Cascade Lake"),
        ("Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", "Ice Lake"),
        ("Intel(R) Xeon(R) Platinum 8480C", "Sapphire Rapids"),
        ("Intel(R) Xeon(R) Platinum 8488C", "Sapphire Rapids"),
        ("Intel(R) Xeon(R) Platinum 8573C CPU @ 2.30GHz", "Emerald Rapids"),
        ("INTEL(R) XEON(R) PLATINUM 8568Y+", "Emerald Rapids"),
        ("Intel(R) Xeon(R) 6972P", "Granite Rapids"),
        ("Intel(R) Xeon(R) 6985P-C", "Granite Rapids"),
        ("Intel Xeon Processor (Skylake, IBRS)", "Skylake"),
        ("Intel Xeon Processor (Cascadelake)", "Cascade Lake"),
        ("Intel Xeon Processor (SapphireRapids)", "Sapphire Rapids"),
        ("Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz", "Coffee Lake"),
        ("Neoverse-N1", "Graviton2"),
        ("Neoverse-N2", "Graviton3"),
        ("AWS Graviton3", "Graviton3"),
        ("Neoverse-V2", "Graviton4"),
    ],
)
def test_a_models_name_tells_its_microarchitecture(name, architecture):
    assert cpu_curve(name, 1).source == f"Cloud Carbon Footprint, {architecture}"


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "AMD EPYC",
        "Intel(R) Xeon(R) CPU @ 2.20GHz",
        "AMD Ryzen 7 3700X 8-Core Processor",
        "Intel(R) Core(TM) i7-1165G7 @ 2.80GHz",
        "13th Gen Intel(R) Core(TM) i9-13900K",
    ],
)
def test_an_unknown_processor_gets_a_stated_mean(name):
    curve = cpu_curve(name, 2)

    assert curve.source == "Cloud Carbon Footprint, mean over 15 microarchitectures"
    assert curve.points == ((0.0, pytest.approx(1.95136)), (1.0, pytest.approx(8.125908)))


@pytest.mark.parametrize(
    ("name", "low_w", "high_w"),
    [
        ("AMD EPYC 7452", 0.474, 1.693),
        ("AMD EPYC 7713", 0.445, 2.019),
        ("AMD EPYC 9654", 0.739, 2.282),
        ("Intel Xeon Platinum 8171M", 0.645, 4.193),
        ("Intel Xeon Platinum 8272CL", 0.639, 3.967),
        ("Intel Xeon Platinum 8370C", 0.767, 3.758),
        ("Intel Xeon Platinum 8480C", 1.036, 4.160),
    ],
)
def test_the_published_coefficients_are_used(name, low_w, high_w):
    (_, least), (_, most) = cpu_curve(name, 1).points

    assert (round(least, 3), round(most, 3)) == (low_w, high_w)


def test_power_grows_with_load_and_with_processors():
    for name in (None, EPYC_7763, "Neoverse-N1"):
        for cpus in (1, 2, 4, 64):
            curve = cpu_curve(name, cpus)
            powers = [power for _, power in curve.points]
            assert powers == sorted(powers)
            assert [load for load, _ in curve.points][:: len(curve.points) - 1] == [0.0, 1.0]
        assert watts(cpu_curve(name, 64), 1.0) == pytest.approx(32 * watts(cpu_curve(name, 2), 1.0))


def test_memory_draws_a_constant_power_by_its_size():
    curve = dram_curve(16.0)

    assert curve.points == ((0.0, pytest.approx(6.08)),)
    assert "Cloud Carbon Footprint" in curve.source
    assert "Green Algorithms" in curve.source
