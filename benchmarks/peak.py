"""Peak resident memory of a command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PARENT = """\
import os, resource, sys
status = os.waitstatus_to_exitcode(os.waitpid(os.spawnvpe(os.P_NOWAIT, sys.argv[2], sys.argv[2:], os.environ), 0)[1])
with open(sys.argv[1], "w") as file:
    print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=file)
"""
"""A process starts with the peak of the one that forked it (getrusage(2)), so a small one has to."""


def peak_mb(command: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> float:
    """Of the command and its children, the largest. Raises SystemExit where the command fails."""
    answer = cwd / "peak"
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", PARENT, str(answer), *command], env=dict(env), cwd=cwd, check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    status, size = map(int, answer.read_text(encoding="utf-8").split())
    if status:
        raise SystemExit(f"`{' '.join(command)}` ended with {status}")
    return size * (1 if sys.platform == "darwin" else 1024) / 1e6
