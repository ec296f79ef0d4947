"""History in one file: read as a whole, appended to under a lock, in one write that is all there or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from reporter.domain.run_record import RunRecord
from reporter.errors import HistoryError
from reporter.history import Added, Pruned, Surroundings
from reporter.history.ledger import History
from reporter.history.retention import kept_rows
from reporter.history.shard import MOST_LINES, MOST_VALUES, Shard, additions, dumps, parse

MOST_BYTES = 32 * 1024 * 1024
"""Some 170,000 runs with every figure: what 256 MB of memory can hold."""
_MODE = 0o644


class FileStore:
    """One file at `path`, made by the first run that is kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.label = f"file {path}"

    def load(self) -> History:
        """All runs; none where there is no file yet."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except FileNotFoundError:
            return History()
        except OSError as error:
            raise self._failed("be read", error) from None
        try:
            return History([self._parsed(descriptor)])
        finally:
            os.close(descriptor)

    def append(self, records: Sequence[RunRecord]) -> Added:
        """Add them at the end. The last line may be torn: it is left, and ended first."""
        with self._held() as descriptor:
            shard = self._parsed(descriptor)
            new = additions(records, [shard])
            if new:
                size = os.fstat(descriptor).st_size
                text = dumps(new, after=shard if size else None)
                lines = len(shard.rows) + len(shard.families) + 2 * len(new)
                values = shard.values + text.count(b",")
                if size + len(text) >= MOST_BYTES or lines >= MOST_LINES or values > MOST_VALUES:
                    raise self._full()
                self._write(descriptor, size, (b"\n" if size and not self._ends(descriptor, size) else b"") + text)
        return Added(added=len(new), known=len(records) - len(new))

    def prune(self, *, keep: int | None = None, before: str | None = None, dry_run: bool = False) -> Pruned:
        """Write the file anew beside itself and put it in its place; one that cannot be read in full is left."""
        if not self.path.exists():
            return Pruned(removed=0, kept=0)
        with self._held() as descriptor:
            shard = self._parsed(descriptor)
            history = History([shard])
            rows = kept_rows(history.rows, keep=keep, before=before)
            gone = len(history) - len(rows)
            if gone and not dry_run:
                if not shard.exact:
                    said = "; ".join(shard.trouble) or "it holds what a later version added, or a line that was cut off"
                    raise HistoryError(f"Nothing was pruned: {said}", hint="Remove or mend these lines by hand first.")
                self._replace(dumps((row, shard.families[row[0]]) for row in rows))
        return Pruned(removed=gone, kept=len(rows))

    @contextmanager
    def _held(self) -> Iterator[int]:
        """The open file, which nobody else writes to as long."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NONBLOCK", 0)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            while True:
                descriptor = os.open(self.path, flags, _MODE)
                _lock(descriptor)
                with suppress(FileNotFoundError):
                    if os.path.samestat(os.fstat(descriptor), self.path.stat()):
                        break
                os.close(descriptor)  # somebody has put another file in its place
        except OSError as error:
            raise self._failed("be written", error) from None
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _parsed(self, descriptor: int) -> Shard:
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise self._refused("is no file")
            if status.st_size > MOST_BYTES:
                raise self._refused(f"is longer than {MOST_BYTES // 1024**2} MB")
            data = _read(descriptor, status.st_size)
        except OSError as error:
            raise self._failed("be read", error) from None
        shard = parse(data, str(self.path))
        if not shard.ours:
            raise self._refused("is no history of emissions, and is left as it is")
        return shard

    def _write(self, descriptor: int, size: int, data: bytes) -> None:
        """All of it, or nothing: what a full disk let through is taken back."""
        try:
            _put(descriptor, data)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            raise self._failed("be written; nothing was added", error) from None

    def _replace(self, data: bytes) -> None:
        target = self.path.resolve()
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
            try:
                _put(descriptor, data)
            finally:
                os.close(descriptor)
            beside.replace(target)
        except OSError as error:
            with suppress(OSError):
                beside.unlink()
            raise self._failed("be written anew; it is as it was", error) from None

    def _ends(self, descriptor: int, size: int) -> bool:
        os.lseek(descriptor, size - 1, os.SEEK_SET)
        return os.read(descriptor, 1) == b"\n"

    def _failed(self, what: str, error: OSError) -> HistoryError:
        reason = error.strerror or str(error)
        return HistoryError(f"History `{self.path}` cannot {what}: {reason}", hint="Check the path and its disk.")

    def _full(self) -> HistoryError:
        most = f"{MOST_BYTES // 1024**2} MB, {MOST_LINES:,} lines, {MOST_VALUES:,} values"
        message = f"`{self.path}` is full ({most}): nothing was added"
        return HistoryError(message, hint="Let the oldest runs go: `emissions history prune --keep 50000`.")

    def _refused(self, why: str) -> HistoryError:
        return HistoryError(f"`{self.path}` {why}", hint="Name another file: `--history file:PATH`.")


def opened(argument: str, surroundings: Surroundings) -> FileStore:
    """The store of `file:PATH`, from the work tree on."""
    return FileStore(Path(surroundings.folder) / argument)


def _read(descriptor: int, size: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts = []
    while size > 0 and (part := os.read(descriptor, min(size, 1 << 30))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _put(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def _lock(descriptor: int) -> None:
    """Wait for the lock. Where there are none (Windows, some network file systems) a short append is whole anyhow."""
    try:
        import fcntl  # noqa: PLC0415  (not on Windows)
    except ImportError:
        return
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
