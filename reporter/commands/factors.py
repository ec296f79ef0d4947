"""`emissions factors`: the shipped tables, each row with source, year and licence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from reporter.commands import Invocation
from reporter.commands.output import put
from reporter.errors import ConfigError, ExitCode, Problem
from reporter.factors import pack, region_of, regions, sources

USAGE = "Write `factors list [TEXT]`, `factors show REGION` or `factors sources`."
_HEAD = ("region", "gCO2e/kWh", "year", "scope", "PUE", "place", "source (licence)")


def run(invocation: Invocation) -> int:
    """Print rows that match; `show` takes one region, `list` an optional text, `sources` none."""
    verb, *rest = invocation.arguments or ("list",)
    if verb == "sources" and not rest:
        found = [_fields(source) for source in sources()]
        text = "\n".join(f"{row['source']}: {row['attribution']} ({row['licence']}) {row['url']}" for row in found)
    elif verb == "show" and len(rest) == 1:
        found = [_fields(region_of(rest[0]))]
        text = _table(found)
    elif verb == "list":
        wanted = " ".join(rest).lower()
        found = [_fields(region) for region in regions() if wanted in f"{region.key} {region.label}".lower()]
        text = _table(found)
    else:
        raise ConfigError(Problem(f"`factors {' '.join(invocation.arguments)}` is not known", suggestion=USAGE))
    machine = "json" in invocation.switches
    if machine:
        text = json.dumps(found, indent=2, ensure_ascii=False)
    put(text + "\n", machine=machine)
    return ExitCode.DONE


def _table(found: Sequence[dict[str, Any]]) -> str:
    body = [
        (
            row["key"],
            f"{row['gco2e_per_kwh']:.1f}",
            str(row["year"]),
            row["scope"],
            "-" if row["pue"] is None else f"{row['pue']:.2f} ({row['pue_year']})",
            row["label"],
            f"{row['source']} ({row['licence']})",
        )
        for row in found
    ]
    widths = [max(len(line[column]) for line in (_HEAD, *body)) for column in range(len(_HEAD))]
    lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in (_HEAD, *body)]
    shipped = pack()
    return "\n".join((*lines, f"{len(found)} rows; factor pack {shipped.version}, sha256 {shipped.sha256}"))


def _fields(row: object) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}  # type: ignore[attr-defined]
