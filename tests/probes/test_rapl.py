"""RAPL on fake powercap trees, each with one oddity."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reporter.domain.overlap import left_out
from reporter.domain.readings import Component, Description, Method, Quantity
from reporter.probes import ProbeContext
from reporter.probes.rapl import RaplProbe
from tests.factories import model_of

Tree = Callable[[dict[str, str]], Path]
RANGE_UJ = 262_143_328_850


def zone(name: str, energy_uj: object, range_uj: object = RANGE_UJ) -> dict[str, str]:
    files = {"name": name, "energy_uj": energy_uj, "max_energy_range_uj": range_uj}
    return {file: f"{value}\n" for file, value in files.items() if value is not None}


def powercap(zones: dict[str, dict[str, str]]) -> dict[str, str]:
    return {f"sys/class/powercap/{name}/{file}": text for name, files in zones.items() for file, text in files.items()}


def opened(root: Path) -> tuple[RaplProbe, Description]:
    probe = RaplProbe(ProbeContext(environment={}, root=str(root)))
    return probe, probe.describe()


def test_a_server_has_packages_and_memory_counted_and_cores_inside(server: Path) -> None:
    probe, description = opened(server)

    assert [(meter.meter_id, meter.component, meter.parent_id) for meter in description.meters] == [
        ("rapl:package-0", Component.CPU, None),
        ("rapl:package-0/core", Component.CPU, "rapl:package-0"),
        ("rapl:package-0/dram", Component.DRAM, None),
        ("rapl:package-1-die-0", Component.CPU, None),
        ("rapl:package-1-die-0/dram", Component.DRAM, None),
        ("rapl:psys", Component.NODE, None),
    ]
    assert probe.read() == (1_000_000, 400_000, 300_000, 2_000_000, 500_000, 9_000_000)
    assert not description.unavailable
    probe.close()
    probe.close()


def test_a_meter_knows_its_range_its_error_and_its_unit(server: Path) -> None:
    _, description = opened(server)

    package, _, dram = description.meters[:3]
    assert (package.wraps_at_uj, dram.wraps_at_uj) == (RANGE_UJ, 65_712_999_613)
    assert (package.gain_low_ratio, package.gain_high_ratio) == (0.95, 1.05)
    assert (dram.gain_low_ratio, dram.gain_high_ratio) == (0.8, 1.2)
    assert package.method is Method.COUNTER
    assert {column.quantity for column in description.columns} == {Quantity.ENERGY_UJ}


def test_counters_are_read_anew_each_time(server: Path, tree: Tree) -> None:
    probe, _ = opened(server)
    tree({"sys/class/powercap/intel-rapl:0/energy_uj": "17\n"})

    assert probe.read()[0] == 17


def test_nested_children_are_found_where_they_are_not_flat(tree: Tree) -> None:
    root = tree(powercap({"intel-rapl:0": zone("package-0", 5), "intel-rapl:0/intel-rapl:0:0": zone("dram", 7)}))

    probe, description = opened(root)

    assert [meter.meter_id for meter in description.meters] == ["rapl:package-0", "rapl:package-0/dram"]
    assert probe.read() == (5, 7)


def test_the_index_is_not_the_socket(tree: Tree) -> None:
    zones = {
        "intel-rapl:0": zone("psys", 1),
        "intel-rapl:1": zone("package-3", 2),
        "intel-rapl:12": zone("package-10", 3),
    }

    _, description = opened(tree(powercap(zones)))

    assert [(meter.meter_id, meter.component) for meter in description.meters] == [
        ("rapl:psys", Component.NODE),
        ("rapl:package-3", Component.CPU),
        ("rapl:package-10", Component.CPU),
    ]


def test_the_twin_is_used_where_the_first_is_absent(tree: Tree) -> None:
    _, description = opened(tree(powercap({"intel-rapl-mmio:0": zone("package-0", 1)})))

    assert [meter.meter_id for meter in description.meters] == ["rapl:package-0"]


def test_the_twin_is_known_by_its_name_not_by_its_number(tree: Tree) -> None:
    zones = {
        "intel-rapl:0": zone("psys", 1),
        "intel-rapl-mmio:0": zone("package-0", 2),
        "intel-rapl-mmio:0:0": zone("dram", 3),
    }

    _, only_the_platform = opened(tree(powercap(zones)))
    _, everything = opened(tree(powercap(zones | {"intel-rapl:1": zone("package-0", 4)})))

    ids = [meter.meter_id for meter in only_the_platform.meters]
    assert ids == ["rapl:psys", "rapl:package-0", "rapl:package-0/dram"]
    assert [meter.meter_id for meter in everything.meters] == ["rapl:psys", "rapl:package-0"]


def test_an_amd_server_has_packages_and_cores_and_its_memory_is_modelled(tree: Tree) -> None:
    """AMD's zones have Intel's names, and none for memory."""
    zones = {
        "intel-rapl:0": zone("package-0", 1, 65_532_610_987),
        "intel-rapl:0:0": zone("core", 2, 65_532_610_987),
        "intel-rapl:1": zone("package-1", 3, 65_532_610_987),
        "intel-rapl:1:0": zone("core", 4, 65_532_610_987),
    }

    _, description = opened(tree(powercap(zones)))

    models = (model_of("cpu-model"), model_of("dram-model", (0, 6)))
    why = left_out((*description.meters, *models), {row.meter_id: row.method for row in (*description.meters, *models)})
    assert sorted(why) == ["cpu-model", "rapl:package-0/core", "rapl:package-1/core"]


def test_each_row_says_which_component_it_would_have_covered(tree: Tree) -> None:
    zones = {"intel-rapl:0": zone("package-0", "busy"), "intel-rapl:0:0": zone("dram", "busy")}

    _, absent = opened(tree({"proc/stat": ""}))
    _, unread = opened(tree(powercap(zones)))

    assert [row.component for row in absent.unavailable] == [Component.CPU]
    assert [row.component for row in unread.unavailable] == [Component.CPU, Component.DRAM]


def test_a_folder_that_cannot_be_listed_is_no_normal_case(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> Iterator[Path]:
        raise PermissionError(errno.EACCES, "Permission denied")

    root = tree(powercap({"intel-rapl:0": zone("package-0", 1)}))
    monkeypatch.setattr(Path, "iterdir", refuse)

    (row,) = opened(root)[1].unavailable

    assert (row.expected, row.component) == (False, Component.CPU)
    assert "Permission denied" in row.reason


def test_two_zones_of_one_name_stay_apart(tree: Tree) -> None:
    zones = {
        "intel-rapl:0": zone("package-0", 1),
        "intel-rapl:1": zone("package-0", 2),
        "intel-rapl:1:0": zone("dram", 3),
    }

    _, description = opened(tree(powercap(zones)))

    ids = [meter.meter_id for meter in description.meters]
    assert ids == ["rapl:package-0@0", "rapl:package-0@1", "rapl:package-0@1/dram"]


def test_zones_of_unknown_names_are_not_added(tree: Tree) -> None:
    _, description = opened(tree(powercap({"intel-rapl:0": zone("mystery", 1)})))

    assert not description.meters


@pytest.mark.parametrize("range_uj", [None, "soon", 0])
def test_without_a_range_no_wrap_is_assumed(tree: Tree, range_uj: object) -> None:
    _, description = opened(tree(powercap({"intel-rapl:0": zone("package-0", 1, range_uj)})))

    assert description.meters[0].wraps_at_uj is None


def test_without_powercap_its_absence_is_expected(tree: Tree) -> None:
    _, description = opened(tree({"proc/stat": ""}))

    assert [row.expected for row in description.unavailable] == [True]
    assert not description.meters


def test_an_empty_folder_is_expected(virtual_machine: Path) -> None:
    _, description = opened(virtual_machine)

    assert [(row.source, row.expected) for row in description.unavailable] == [("rapl", True)]


def test_a_dangling_link_is_a_masked_container_and_expected(tree: Tree) -> None:
    root = tree({"proc/stat": ""})
    (root / "sys/class/powercap").mkdir(parents=True)
    (root / "sys/class/powercap/intel-rapl:0").symlink_to("../../devices/virtual/powercap/intel-rapl:0")

    _, description = opened(root)

    assert [row.expected for row in description.unavailable] == [True]
    assert "masked" in description.unavailable[0].reason
    assert "systempaths=unconfined" in (description.unavailable[0].remedy or "")


def test_text_that_is_no_number_is_unavailable_and_the_rest_is_read(tree: Tree) -> None:
    zones = {"intel-rapl:0": zone("package-0", "busy"), "intel-rapl:1": zone("package-1", 2)}

    probe, description = opened(tree(powercap(zones)))

    assert [row.source for row in description.unavailable] == ["rapl:package-0"]
    assert not description.unavailable[0].expected
    assert probe.read() == (2,)


@pytest.mark.parametrize("text", ["", "later\n", "-5\n"])
def test_a_failed_read_is_none_with_its_reason_and_comes_back(server: Path, tree: Tree, text: str) -> None:
    probe, _ = opened(server)
    counter = "sys/class/powercap/intel-rapl:0/energy_uj"

    tree({counter: text})
    during, reasons = probe.read(), dict(probe.reasons())
    tree({counter: "3000000\n"})
    after = probe.read()

    assert during[:2] == (None, 400_000)
    assert "cannot be read" in reasons["rapl:package-0"]
    assert after[0] == 3_000_000
    assert probe.reasons() == ()


@pytest.mark.parametrize("comes_back", [True, False])
def test_an_unplugged_zone_is_opened_again_and_missed_if_gone(
    server: Path, monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    probe, _ = opened(server)
    dead = probe._counters[0].file
    real_pread = os.pread

    def pread(file: int, size: int, offset: int) -> bytes:
        if file == dead:
            raise OSError(errno.ENODEV, "No such device")
        return real_pread(file, size, offset)

    monkeypatch.setattr(os, "pread", pread)
    if not comes_back:
        (server / "sys/class/powercap/intel-rapl:0/energy_uj").unlink()

    values = probe.read()

    assert values[:2] == (1_000_000 if comes_back else None, 400_000)
    assert dict(probe.reasons()).keys() == (set() if comes_back else {"rapl:package-0"})


DENIED = """
import json, os, sys
from reporter.probes import ProbeContext
from reporter.probes.rapl import RaplProbe
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
probe = RaplProbe(ProbeContext(environment={}, root=sys.argv[1]))
description = probe.describe()
print(json.dumps([[row.source, row.expected, row.remedy] for row in description.unavailable]))
print(json.dumps(probe.read()))
"""


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that another user may enter, as pytest's own is not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_without_permission_the_remedy_is_safe_and_exact(open_to_all: Path) -> None:
    zones = powercap({"intel-rapl:0": zone("package-0", 1), "intel-rapl:0:0": zone("dram", 2)})
    for name, text in zones.items():
        path = open_to_all / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o400 if path.name == "energy_uj" else 0o444)
        if os.getuid() != 0 and path.name == "energy_uj":
            path.chmod(0)

    done = subprocess.run([sys.executable, "-c", DENIED, str(open_to_all)], capture_output=True, text=True, check=True)

    (rows, values) = map(json.loads, done.stdout.splitlines())
    ((source, expected, remedy),) = rows
    assert (source, expected) == ("rapl", False)
    assert "chgrp" in remedy
    assert "Not a+r" in remedy
    assert values == []


def test_a_refusal_names_the_counters_when_others_can_be_read(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree(powercap({"intel-rapl:0": zone("package-0", 1), "intel-rapl:0:0": zone("dram", 2)}))
    real_open = os.open

    def refuse(path: object, flags: int, *arguments: int) -> int:
        if str(path).endswith("intel-rapl:0/energy_uj"):
            raise PermissionError(13, "Permission denied")
        return real_open(str(path), flags, *arguments)

    monkeypatch.setattr(os, "open", refuse)

    probe, description = opened(root)

    (row,) = description.unavailable
    assert (row.source, row.expected) == ("rapl", False)
    assert "package-0" in row.reason
    assert "chgrp" in (row.remedy or "")
    assert probe.read() == (2,)
