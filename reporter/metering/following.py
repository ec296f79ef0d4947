"""A recording whose readings can be looked at while it is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from reporter.metering.recording import RecordingWriter, Warn

MOST_NEW = 20_000
"""Readings kept for somebody who does not look; a counter loses nothing by those that are dropped."""

Sample = tuple[int, int, tuple[int | None, ...]]


class FollowedWriter(RecordingWriter):
    """Writes as every recording is written, and keeps what is new since the last look."""

    def __init__(self, path: Path | None, *, warn: Warn) -> None:
        super().__init__(path, warn=warn)
        self._new: deque[Sample] = deque(maxlen=MOST_NEW)
        self.start_ns: int | None = None
        """When the command started."""

    def command(self, t_ns: int, pid: int | None = None) -> None:
        """The command was started."""
        self.start_ns = t_ns
        super().command(t_ns, pid)

    def sample(self, source: int, t_ns: int, values: Sequence[int | None]) -> None:
        """One reading of one source."""
        super().sample(source, t_ns, values)
        self._new.append((source, t_ns, tuple(values)))

    def news(self) -> Iterator[Sample]:
        """The readings since the last look, each once: source, time, values."""
        while self._new:
            yield self._new.popleft()
