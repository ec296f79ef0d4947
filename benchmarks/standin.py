"""GPUs for the benchmarks: the tests' stand-in for the NVIDIA library, and more that other meters ask of it."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

from tests.fixtures_metering import SOURCE, standin_environment

MORE = Path(__file__).parent / "nvml_more.c"
UUID = "GPU-00000000-0000-0000-0000-{:012d}"
"""The stand-in's own names for its GPUs."""
SMI = "#!/bin/sh\nexit 0\n"
"""CodeCarbon asks whether `nvidia-smi --help` runs before it looks for GPUs."""


@cache
def library(folder: Path) -> Path | None:
    """The library, in a folder of its own beside an `nvidia-smi` that only exists; None without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    home = folder / "nvml"
    home.mkdir()
    built = home / "libnvidia-ml.so.1"
    flags = ("-O1", "-shared", "-fPIC", f"-Wl,-soname,{built.name}")
    subprocess.run([compiler, *flags, "-o", built, SOURCE, MORE, "-lm"], check=True)
    (home / "nvidia-smi").write_text(SMI)
    (home / "nvidia-smi").chmod(0o755)
    return built


def environment(folder: Path, built: Path, path: str, **scenario: object) -> dict[str, str]:
    """Variables under which any program that asks for NVIDIA GPUs finds the stand-in's: 100 W each, without end.

    `path` is the PATH to put its `nvidia-smi` before. The stand-in's own log is off: nobody else's driver writes one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = standin_environment(built, folder, **scenario)  # type: ignore[arg-type]
    for name in ("EMISSIONS_STANDIN_LOG", "EMISSIONS_NVML_LIBRARY"):
        found.pop(name, None)
    return {**found, "LD_LIBRARY_PATH": str(built.parent), "PATH": f"{built.parent}:{path}"}
