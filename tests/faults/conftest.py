"""Fixtures of the faults: the real command on a machine without meters, and the NVML stand-in."""

from __future__ import annotations

from tests.cli.conftest import emissions, environ
from tests.fixtures_metering import nvml_standin

__all__ = ["emissions", "environ", "nvml_standin"]
