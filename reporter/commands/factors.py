"""`emissions factors`: the shipped tables, each row with source, year and licence."""

from __future__ import annotations

import json
import sys

from reporter.commands import Invocation
from reporter.errors import ConfigError, ExitCode, Problem, UnknownRegion
from reporter.factors import FactorRow, pack, rows, sources


def run(invocation: Invocation) -> int:
    """Print rows that match; `show` takes one region, `list` an optional text, `sources` none."""
    words = invocation.arguments or ("list",)
    verb, rest = words[0], words[1:]
    if verb not in ("list", "show", "sources") or (verb == "show" and len(rest) != 1):
        raise ConfigError(
            Problem(
                f"`factors {' '.join(words)}` is not known",
                suggestion="Write `factors list [TEXT]`, `factors show REGION` or `factors sources`.",
            )
        )
    as_json = "json" in invocation.switches
    if verb == "sources":
        sys.stdout.write(_dump([{"source": source} for source in sources()]) if as_json else "\n".join(sources()) + "\n")
        return ExitCode.DONE
    found = _shown(rest[0]) if verb == "show" else _matching(" ".join(rest))
    sys.stdout.write(_dump([row.as_dict() for row in found]) if as_json else _table(found))
    return ExitCode.DONE


def _shown(region: str) -> tuple[FactorRow, ...]:
    found = tuple(row for row in rows() if row.key.lower() == region.strip().lower())
    if not found:
        from reporter.factors import intensity_of  # noqa: PLC0415

        intensity_of(region)  # raises with the nearest names
        raise UnknownRegion(region, ())
    return found


def _matching(text: str) -> tuple[FactorRow, ...]:
    return tuple(row for row in rows() if text.lower() in f"{row.key} {row.label}".lower())


def _table(found: tuple[FactorRow, ...]) -> str:
    shipped = pack()
    head = ("region", "gCO2e/kWh", "year", "scope", "PUE", "place", "source (licence)")
    body = [
        (
            row.key,
            f"{row.gco2e_per_kwh:.1f}",
            str(row.year),
            row.scope,
            "-" if row.pue is None else f"{row.pue:.2f} ({row.pue_year})",
            row.label,
            f"{row.source} ({row.licence})",
        )
        for row in found
    ]
    widths = [max(len(line[column]) for line in (head, *body)) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in (head, *body)]
    return "\n".join((*lines, f"{len(found)} rows; factor pack {shipped.version}, sha256 {shipped.sha256}")) + "\n"


def _dump(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
