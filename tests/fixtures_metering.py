"""Fixtures of the metering tests: the NVML stand-in, built on the spot, and scenarios for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent / "nvml" / "nvml_standin.c"
FOREVER = 1e9

Scenario = Callable[..., dict[str, str]]


@pytest.fixture(scope="session")
def nvml_standin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of the stand-in library; in a folder of its own, so that LD_LIBRARY_PATH can name it."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        pytest.skip("no C compiler for the NVML stand-in")
    library = tmp_path_factory.mktemp("nvml") / "libnvidia-ml.so.1"
    flags = ("-O1", "-shared", "-fPIC", "-Wl,-soname,libnvidia-ml.so.1")
    subprocess.run([compiler, *flags, "-o", library, SOURCE, "-lm"], check=True)
    return library


@pytest.fixture
def standin(nvml_standin: Path, tmp_path: Path) -> Scenario:
    """Writes a scenario's files and returns the environment to use: `standin(gpus=2, trace=[(0, 0, 250)])`.

    The keywords are those of `standin_environment`.
    """
    folder = tmp_path / "standin"
    folder.mkdir()

    def scenario(**keywords: object) -> dict[str, str]:
        return standin_environment(nvml_standin, folder, **keywords)  # type: ignore[arg-type]

    return scenario


def standin_environment(
    library: Path,
    folder: Path,
    *,
    trace: Sequence[tuple[float, int, float]] = (),
    faults: Sequence[tuple[object, ...]] = (),
    resets: Sequence[tuple[float, int]] = (),
    slices: Sequence[tuple[int, str]] = (),
    pids: Sequence[tuple[int, int]] = (),
    utilisation: Sequence[tuple[float, int, int]] = (),
    now: float | None = None,
    names: Sequence[str] = (),
    uuids: Sequence[str] = (),
    **settings: float,
) -> dict[str, str]:
    """The variables of one scenario, EMISSIONS_NVML_LIBRARY among them.

    trace: (t_s, gpu, watts) steps; without one every GPU takes 100 W.
    utilisation: (t_s, gpu, percent) steps; without one 100 above `idle_w`, else 0.
    faults: (function, gpu, code[, from_s, to_s, delay_ms, value]); gpu -1 is any, a value replaces the answer.
    now: write a clock file; `folder/clock` may be rewritten later. settings: gpus, tick_ms, start_mj, limit_w, idle_w,
    module, architecture (9, Hopper), window_ms (of nvmlDeviceGetPowerUsage).
    """
    environment = {"EMISSIONS_NVML_LIBRARY": str(library), "EMISSIONS_STANDIN_LOG": str(folder / "calls")}
    padding = (0, FOREVER, 0)
    tables = {
        "TRACE": trace,
        "FAULTS": [(*fault, *padding[len(fault) - 3 :]) if len(fault) < 6 else fault for fault in faults],
        "RESETS": resets,
        "MIG": slices,
        "PIDS": pids,
        "UTILISATION": utilisation,
    }
    for name, rows in tables.items():
        if rows:
            path = folder / name.lower()
            path.write_text("".join(" ".join(map(str, row)) + "\n" for row in rows))
            environment[f"EMISSIONS_STANDIN_{name}"] = str(path)
    if now is not None:
        (folder / "clock").write_text(str(now))
        environment["EMISSIONS_STANDIN_CLOCK"] = str(folder / "clock")
    for name, words in (("NAMES", names), ("UUIDS", uuids)):
        if words:
            environment[f"EMISSIONS_STANDIN_{name}"] = "|".join(words)
    for name, value in settings.items():
        environment[f"EMISSIONS_STANDIN_{name.upper()}"] = str(value)
    return environment


PROC = {
    "proc/stat": "cpu  1000 0 500 90000 300 10 20 7 5 0\ncpu0 500 0 250 45000 150 5 10 3 2 0\n"
    "cpu1 500 0 250 45000 150 5 10 4 3 0\nintr 12345\n",
    "proc/meminfo": "MemTotal:       16777216 kB\nMemFree:        1000 kB\n",
    "proc/cpuinfo": "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC 7763 64-Core Processor\n",
    "proc/self/cgroup": "0::/\n",
}
"""A machine of two processors and 16 GB, without RAPL."""

RANGE_UJ = 262_143_328_850


def zone(name: str, energy_uj: object, range_uj: object = RANGE_UJ) -> dict[str, str]:
    """The files of one powercap zone; a value of None leaves its file out."""
    files = {"name": name, "energy_uj": energy_uj, "max_energy_range_uj": range_uj}
    return {file: f"{value}\n" for file, value in files.items() if value is not None}


def powercap(zones: dict[str, dict[str, str]]) -> dict[str, str]:
    """The files of these zones, by the kernel's names, as `sys/class/powercap/…`."""
    return {
        f"sys/class/powercap/{kernel_name}/{file}": text
        for kernel_name, files in zones.items()
        for file, text in files.items()
    }


SERVER = PROC | powercap(
    {
        "intel-rapl:0": zone("package-0", 1_000_000),
        "intel-rapl:0:0": zone("core", 400_000),
        "intel-rapl:0:1": zone("dram", 300_000, 65_712_999_613),
        "intel-rapl:1": zone("package-1-die-0", 2_000_000),
        "intel-rapl:1:0": zone("dram", 500_000, 65_712_999_613),
        "intel-rapl:10": zone("psys", 9_000_000),
        "intel-rapl-mmio:0": zone("package-0", 1_000_000),
    }
)
"""Two sockets with memory, cores, the platform's counter, and a twin of the first socket."""


def chip(number: int, name: str, /, **files: object) -> dict[str, str]:
    """The files of one hwmon chip; `device__uevent` is `device/uevent`."""
    folder = f"sys/class/hwmon/hwmon{number}"
    texts = {f"{folder}/{file.replace('__', '/')}": f"{value}\n" for file, value in files.items()}
    return {f"{folder}/name": f"{name}\n", **texts}


def card(number: int, driver: str, bus: int, pci_id: str = "1002:74A1", /, **files: object) -> dict[str, str]:
    """One GPU in hwmon and in /dev, on this PCI bus; its render node has the bus's number."""
    node = f"renderD{128 + bus}"
    uevent = f"DRIVER={driver}\nPCI_CLASS=38000\nPCI_ID={pci_id}\nPCI_SLOT_NAME=0000:{bus:02x}:00.0"
    shown = {"device__uevent": uevent, f"device__drm__{node}__dev": "226:128", **files}
    return chip(number, driver, **shown) | {f"dev/dri/{node}": ""}


def grace(number: int, what: str, power_uw: object, interval_ms: int = 50) -> dict[str, str]:
    """One ACPI power meter of an NVIDIA Grace, whose files older kernels keep with the device."""
    return chip(
        number,
        "power_meter",
        device__power1_oem_info=what,
        device__power1_average=power_uw,
        device__power1_average_interval=interval_ms,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes a tree of files under a root, or changes some of them: `tree(SERVER)`. The root is for `ProbeContext`."""
    root = tmp_path / "root"

    def write(files: dict[str, str]) -> Path:
        root.mkdir(exist_ok=True)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return root

    return write


@pytest.fixture
def server(tree: Callable[[dict[str, str]], Path]) -> Path:
    """The root of a machine with two sockets and RAPL."""
    return tree(SERVER)


@pytest.fixture
def virtual_machine(tree: Callable[[dict[str, str]], Path]) -> Path:
    """The root of a machine without RAPL: an empty powercap folder, two processors, 16 GB."""
    root = tree(PROC)
    (root / "sys/class/powercap").mkdir(parents=True)
    return root
