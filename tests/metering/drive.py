"""Meters a command as the command line does: drive.py RECORDING PATIENCE -- COMMAND. For the tests of signals."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from reporter.domain.readings import Job
from reporter.metering.command import Patience
from reporter.metering.recording import RecordingWriter
from reporter.metering.run import meter_command
from reporter.metering.sources import open_sources
from reporter.probes import ProbeContext
from reporter.probes.machine import hardware


def warn(message: str) -> None:
    sys.stderr.write(f"warning: {message}\n")


def main() -> int:
    path, patience, _, *argv = sys.argv[1:]
    terminate_s, leave_s = map(float, patience.split(","))
    sources = open_sources(ProbeContext(environment=dict(os.environ), root=os.environ.get("EMISSIONS_SYSFS_ROOT", "/")))
    result = meter_command(
        argv,
        env=os.environ,
        sources=sources,
        writer=RecordingWriter(Path(path), warn=warn),
        job=Job(name="test", command=tuple(argv)),
        hardware=hardware(gpus=sources.gpus),
        extra={},
        warn=warn,
        patience=Patience(terminate_s=terminate_s, leave_s=leave_s),
    )
    return result.exit_status


if __name__ == "__main__":
    sys.exit(main())
