"""A look, now and then, at who else uses the devices: too slow for every reading, and rarer as the job goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reporter.metering.clock import NS_PER_S
from reporter.metering.sources import Source

FIRST_NS = 30 * NS_PER_S
RAREST_NS = 600 * NS_PER_S

Own = Callable[[], frozenset[int]]


class Inspection:
    """Asks the sources that offer it: after 30 s, 60 s, 120 s …, then every 10 minutes, and at the end.

    `own` gives the process ids of the command that run now. Without it nobody is asked, since nobody could be told
    from the command.
    """

    def __init__(self, sources: Sequence[Source], own: Own | None) -> None:
        self._own = own or frozenset
        offered = [(source.name, getattr(source.probe, "inspect", None)) for source in sources if own is not None]
        self._asked = [(name, inspect) for name, inspect in offered if inspect is not None]
        self._told: set[str] = set()
        self._due_ns = FIRST_NS
        self.asking: str | None = None
        """The source that is being asked just now."""

    def is_due(self, elapsed_ns: int) -> bool:
        """Whether it is time, so long after the start."""
        return elapsed_ns >= self._due_ns and bool(self._asked)

    def midway(self, elapsed_ns: int) -> list[str]:
        """New flags while the command runs. Nothing is asked where the command's processes cannot be found."""
        self._due_ns = elapsed_ns + min(elapsed_ns, RAREST_NS)
        own = self._alive()
        return self._flags(own) if own else []

    def at_end(self) -> list[str]:
        """New flags after the command's end; its descendants may have been left running."""
        return self._flags(self._alive()) if self._asked else []

    def _alive(self) -> frozenset[int]:
        try:
            return self._own()
        except Exception:  # noqa: BLE001 - the reading goes on
            return frozenset()

    def _flags(self, own: frozenset[int]) -> list[str]:
        new: list[str] = []
        for name, inspect in self._asked:
            self.asking = name
            try:
                new += [flag for flag in inspect(own) if flag not in self._told]
            except Exception:  # noqa: BLE001, S112 - a probe is somebody else's code # nosec B112
                continue
            finally:
                self.asking = None
        self._told.update(new)
        return new
