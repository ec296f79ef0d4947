"""Memory where no meter covers it: a constant power by the size that the job was given."""

from __future__ import annotations

from collections.abc import Callable

from reporter.domain.readings import Component, Description, Meter, Method, PowerCurve, Unavailable
from reporter.errors import ReporterError
from reporter.probes import ProbeContext
from reporter.probes.machine import memory_gb

SOURCE = "dram_model"
METER = "model:dram"
GAIN_LOW_RATIO, GAIN_HIGH_RATIO = 0.5, 1.5

Curve = Callable[[float], PowerCurve]


class DramModelProbe:
    """It has no readings: the model needs time alone."""

    def __init__(self, context: ProbeContext, curve: Curve | None = None) -> None:
        self._root = context.root
        self._curve = curve

    def describe(self) -> Description:
        """Find out how much memory there is."""
        size_gb = memory_gb(self._root)
        if size_gb is None:
            return _missing("the size of memory is not known")
        curve = self._curve
        if curve is None:
            from reporter.factors import dram_curve  # noqa: PLC0415 - not read where a meter covers memory

            curve = dram_curve
        try:
            model = curve(size_gb)
        except ReporterError as error:
            return _missing(f"there is no power model for memory: {error.message}", error.hint)
        meter = Meter(
            meter_id=METER,
            label=f"Memory, {size_gb:.3g} GB",
            component=Component.DRAM,
            method=Method.MODELLED,
            source=SOURCE,
            gain_low_ratio=GAIN_LOW_RATIO,
            gain_high_ratio=GAIN_HIGH_RATIO,
            model=model,
        )
        return Description(meters=(meter,))

    def read(self) -> tuple[int | None, ...]:
        """Nothing to read."""
        return ()

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """Nothing can fail."""
        return ()

    def close(self) -> None:
        """Nothing to let go of."""


def open_probe(context: ProbeContext) -> DramModelProbe:
    """Memory's model, not yet asked."""
    return DramModelProbe(context)


def _missing(reason: str, remedy: str | None = None) -> Description:
    row = Unavailable(source=SOURCE, reason=reason, remedy=remedy, component=Component.DRAM)
    return Description(unavailable=(row,))
