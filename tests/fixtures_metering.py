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
    now: float | None = None,
    names: Sequence[str] = (),
    uuids: Sequence[str] = (),
    **settings: float,
) -> dict[str, str]:
    """The variables of one scenario, EMISSIONS_NVML_LIBRARY among them.

    trace: (t_s, gpu, watts) steps; without one every GPU takes 100 W.
    faults: (function, gpu, code[, from_s, to_s, delay_ms, value]); gpu -1 is any, a value replaces the answer.
    now: write a clock file; `folder/clock` may be rewritten later. settings: gpus, tick_ms, start_mj, limit_w, module.
    """
    environment = {"EMISSIONS_NVML_LIBRARY": str(library), "EMISSIONS_STANDIN_LOG": str(folder / "calls")}
    padding = (0, FOREVER, 0)
    tables = {
        "TRACE": trace,
        "FAULTS": [(*fault, *padding[len(fault) - 3 :]) if len(fault) < 6 else fault for fault in faults],
        "RESETS": resets,
        "MIG": slices,
        "PIDS": pids,
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
