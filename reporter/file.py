"""Files that somebody else has made, opened without waiting for anybody."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

_MEANT = ("/dev/fd/", "/proc/self/fd/", "/dev/stdin", "/dev/null")
"""What a shell hands over, as bash and zsh name it (`emissions report <(…)`), and what is empty on purpose."""


def opened(path: Path) -> BinaryIO:
    """The file, to be read. Raises OSError where there is none, or a pipe or a device bears its name.

    A job can leave a pipe that nobody ever writes to. One that the shell has opened is meant.
    """
    return open(path, "rb", opener=_at_once)


def _at_once(path: str, flags: int) -> int:
    if path.startswith(_MEANT):
        return os.open(path, flags)
    file = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    kind = os.fstat(file).st_mode
    if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
        return file
    os.close(file)
    raise OSError(errno.EINVAL, "It is no file, but a pipe or a device", path)
