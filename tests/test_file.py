"""Files that somebody else has made: what is handed over as an open pipe is read, what only bears a name is not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reporter.file import opened

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc and /dev/shm")


@pytest.fixture
def handed() -> Iterator[int]:
    """A pipe that holds a word, as a shell hands it over."""
    reading, writing = os.pipe()
    os.write(writing, b"word")
    os.close(writing)
    yield reading
    os.close(reading)


@pytest.mark.parametrize("folder", ["/dev/fd", "/proc/self/fd"], ids=["bash", "zsh"])
def test_what_a_shell_hands_over_is_read(handed: int, folder: str) -> None:
    with opened(Path(folder, str(handed))) as file:
        assert file.read() == b"word"


def test_standard_input_is_read(handed: int) -> None:
    before = os.dup(0)
    os.dup2(handed, 0)
    try:
        with opened(Path("/dev/stdin")) as file:
            assert file.read() == b"word"
    finally:
        os.dup2(before, 0)
        os.close(before)


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="no memory to write in")
def test_a_pipe_in_a_folder_of_memory_is_not_waited_for() -> None:
    with TemporaryDirectory(dir="/dev/shm") as folder:
        os.mkfifo(pipe := Path(folder, "footprint.json"))

        # Nobody would come: a reader that is there already keeps a mistake from waiting.
        keeper = os.open(pipe, os.O_RDWR)
        with pytest.raises(OSError, match="a pipe or a device"):
            opened(pipe)
        os.close(keeper)


def test_a_device_is_no_file_but_nothing_is_an_empty_one() -> None:
    with pytest.raises(OSError, match="a pipe or a device"):
        opened(Path("/dev/zero"))
    with opened(Path("/dev/null")) as file:
        assert file.read() == b""
