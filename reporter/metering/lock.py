"""A folder held by one process, as long as it lives: process ids are given to others later, a lock is not."""

from __future__ import annotations

import os
from pathlib import Path

HELD = -1


def hold(folder: Path) -> int | None:
    """Hold the folder until the number is closed here and in every child; HELD where somebody else does.

    None where there are no locks: on Windows, on some network file systems. Raises OSError without a folder.
    """
    return _take(folder, exclusive=True)


def is_held(folder: Path) -> bool | None:
    """Whether some process holds the folder; None where there are no locks. Raises OSError without a folder."""
    lock = _take(folder, exclusive=False)
    if lock is None or lock == HELD:
        return None if lock is None else True
    os.close(lock)
    return False


def _take(folder: Path, *, exclusive: bool) -> int | None:
    try:
        import fcntl  # noqa: PLC0415  (not on Windows)
    except ImportError:
        return None
    # A pipe of that name, planted by somebody else, would be waited for.
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return HELD
    except OSError:  # a file system without locks
        os.close(lock)
        return None
    return lock
