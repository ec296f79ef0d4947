"""What every test gets: the shared fixtures, and tripwires on the world outside."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from typing import Any

import pytest

pytest_plugins = ["tests.fixtures_metering", "tests.fixtures_github", "tests.fixtures_action"]

# A suite started in the background of a script is started with these ignored, and so would be every job in it.
for _name in ("SIGHUP", "SIGINT", "SIGQUIT"):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        with suppress(ValueError):
            signal.signal(_number, signal.default_int_handler if _name == "SIGINT" else signal.SIG_DFL)

LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection beyond the loopback interface fails the test that makes it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            pytest.fail(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test says itself which CI job, settings and GPUs there are."""
    import os

    for name in [*os.environ]:
        if name.startswith(("GITHUB_", "RUNNER_", "EMISSIONS_", "CUDA_", "NVIDIA_", "ACTIONS_")):
            monkeypatch.delenv(name)
