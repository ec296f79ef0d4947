"""Where a job ran, back from JSON: its site, with PUE and intensity."""

from __future__ import annotations

from reporter.domain.carbon import Intensity, IntensityPoint, Level, Pue, Site
from reporter.export.document import Document, required, span


def site(row: Document) -> Site:
    """A site as a recording keeps it."""
    return Site(
        intensity=intensity(row.child("intensity")),
        pue=pue(row.child("pue")),
        origins=row.pairs("origins"),
        flags=row.texts("flags"),
        marginal=intensity(row.child("marginal")) if row.has("marginal") else None,
    )


def pue(row: Document) -> Pue:
    """A PUE with its provenance."""
    return Pue(
        ratio=required(row, "ratio", row.number("ratio", least=1.0)),
        source=row.text("source") or "unknown",
        year=row.integer("year"),
        level=Level(row.choice("level", tuple(level.value for level in Level))),
        uncertainty_ratio=row.number("uncertainty_ratio") or 0.0,
    )


def intensity(row: Document) -> Intensity:
    """A carbon intensity with its provenance."""
    return Intensity(
        gco2e_per_kwh=required(row, "gco2e_per_kwh", row.number("gco2e_per_kwh")),
        region=row.text("region"),
        label=row.text("label"),
        kind=row.choice("kind", ("average", "marginal")),
        origin=row.choice("origin", ("table", "api", "given")),
        scope=row.choice("scope", ("lifecycle", "direct", "unknown")),
        source=row.text("source") or "unknown",
        year=row.integer("year"),
        resolved=row.text("resolved"),
        uncertainty_ratio=row.number("uncertainty_ratio") or 0.0,
        low_gco2e_per_kwh=row.number("low_gco2e_per_kwh"),
        high_gco2e_per_kwh=row.number("high_gco2e_per_kwh"),
        known=row.flag("known", default=True),
        series=tuple(_point(point) for point in row.items("series")),
        hosts=row.texts("hosts"),
        time_uncertainty_ratio=row.number("time_uncertainty_ratio"),
        method_uncertainty_ratio=row.number("method_uncertainty_ratio"),
    )


def _point(row: Document) -> IntensityPoint:
    start_s, end_s = span(row)
    return IntensityPoint(
        start_s=start_s,
        end_s=end_s,
        gco2e_per_kwh=required(row, "gco2e_per_kwh", row.number("gco2e_per_kwh")),
        it_j=row.number("it_j"),
    )
