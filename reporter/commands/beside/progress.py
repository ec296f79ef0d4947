"""What is said while a command runs: a live line on a terminal, a line now and then in a log of CI.

It runs beside the command and must never disturb it: what fails here ends the telling, nothing else.
Nothing slow is imported before the command has started.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from reporter.commands.beside.manner import LIVE_S, Manner, moments_s
from reporter.commands.settings import Settings
from reporter.metering.clock import NS_PER_S, Clock, SystemClock
from reporter.metering.following import FollowedWriter
from reporter.metering.recording import RecordingWriter, Warn

if TYPE_CHECKING:
    from reporter.commands.beside.watch import Watch
    from reporter.domain.carbon import Site
    from reporter.domain.readings import Hardware
    from reporter.domain.running import SoFar
    from reporter.metering.sources import Sources

LAST_WORD_S = 0.5
"""Somebody may have stopped the terminal: the end does not wait for it."""


class Progress:
    """Tells how a job is going, from `run` in a thread beside it until `stop`, and has its budget watched.

    With no manner and no watch it does nothing.
    """

    def __init__(
        self,
        how: Manner | None,
        settings: Settings,
        *,
        watch: Watch | None = None,
        say: Callable[[str], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._how = how
        self._watch = watch
        self._settings = settings
        self._say = say or _say
        self._clock = clock or SystemClock()
        self._writer: FollowedWriter | None = None
        self._stopped = Event()
        self._saying = Lock()
        self._clear: Callable[[], str] = str

    def writer(self, path: Path | None, *, warn: Warn) -> RecordingWriter:
        """The writer of the recording, which this follows if there is anything to tell or to watch."""
        if self._how is None and self._watch is None:
            return RecordingWriter(path, warn=warn)
        self._writer = FollowedWriter(path, warn=warn)
        return self._writer

    def run(self, sources: Sources, hardware: Hardware, site: Callable[[], Site | None]) -> None:
        """Tell until stopped; call this once the command runs."""
        writer, watch = self._writer, self._watch
        if writer is None or writer.start_ns is None or self._stopped.is_set():
            return
        start_ns = writer.start_ns
        from reporter.domain.running import Running  # noqa: PLC0415

        running = Running(
            start_ns=start_ns,
            meters=sources.meters,
            columns=[source.description.columns for source in sources.sources],
            hardware=hardware,
        )
        tell = self._teller()
        if watch is not None:
            watch.begin(sources)
        for at_s, tells in self._moments():
            pause_s = at_s - (self._clock.now_ns() - start_ns) / NS_PER_S
            if pause_s < -LIVE_S:
                continue  # the machine was suspended, or is very busy: those moments have passed
            if self._clock.wait(self._stopped, max(0.0, pause_s)):
                return
            now_ns = self._clock.now_ns()
            for source, t_ns, values in writer.news():
                running.add(source, t_ns, values)
            elapsed_s, so_far = (now_ns - start_ns) / NS_PER_S, running.so_far(now_ns)
            if watch is not None and not tells:
                watch.look(so_far, elapsed_s, site())
            elif tells:
                tell(so_far, elapsed_s, site())

    def _moments(self) -> Iterator[tuple[float, bool]]:
        """When to look, and whether to tell then; a look that is told of comes after one that is not."""
        from heapq import merge  # noqa: PLC0415

        looks: list[Iterator[tuple[float, bool]]] = []
        if self._watch is not None:
            looks.append((at_s, False) for at_s in self._watch.moments_s())
        if self._how is not None:
            looks.append((at_s, True) for at_s in moments_s(self._how))
        return iter(merge(*looks))

    def _teller(self) -> Callable[[SoFar, float, Site | None], None]:
        """What says how the job is going."""
        if self._how is None:
            return lambda *_: None
        from reporter.commands.beside.progress_words import drawer, text_of  # noqa: PLC0415

        draw, self._clear = drawer(self._how, self._settings.environ)

        def tell(so_far: SoFar, elapsed_s: float, site: Site | None) -> None:
            told = text_of(so_far, elapsed_s, site, self._settings.config)
            with self._saying:
                if not self._stopped.is_set():
                    self._say(draw(told))

        return tell

    def stop(self) -> None:
        """Say no more, and take the live line away. May be called twice, and without `run`."""
        self._stopped.set()
        if self._saying.acquire(timeout=LAST_WORD_S):
            clear, self._clear = self._clear, str
            self._saying.release()
            self._say(clear())


def _say(text: str) -> None:
    """One write, so that no line of the command's comes between."""
    if not text:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        pass  # nobody is there to be told
