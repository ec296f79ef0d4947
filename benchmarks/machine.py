"""The machine that the figures are of."""

from __future__ import annotations

import os
import platform
import time

from reporter import __version__
from reporter.probes.machine import cpu_name, memory_gb


def facts() -> str:
    """One sentence: processor, system, Python, version, day, and how busy the machine was with other work."""
    memory = memory_gb("/")
    niceness = os.nice(0)
    priority = f", run at niceness {niceness}" if niceness else ""
    return (
        f"{cpu_name('/') or platform.machine()}, {os.cpu_count()} cores, {0 if memory is None else memory:.0f} GB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"emissions-reporter {__version__}, {time.strftime('%Y-%m-%d', time.gmtime())}, "
        f"load average {os.getloadavg()[0]:.1f} before the first run{priority}."
    )
