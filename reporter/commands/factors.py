"""`emissions factors`: the shipped tables, each row with source, year and licence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reporter.commands import Invocation
from reporter.commands.output import put
from reporter.errors import ConfigError, ExitCode, Problem, UnknownHardware, UnknownRegion, did_you_mean
from reporter.export.plain import logged
from reporter.factors import (
    accelerator_of,
    node_of,
    pack,
    processor_of,
    read_table,
    region_of,
    regions,
    sources,
    tables,
)

USAGE = "Write `factors list [TABLE] [TEXT]`, `factors show REGION`, `factors show MODEL` or `factors sources`."
_HEAD = ("region", "gCO2e/kWh", "year", "scope", "PUE", "WUE", "place", "source (licence)")
_TABLES = f"The tables are {', '.join(tables())}."
_HIDDEN = frozenset(("also", "licence", "pattern"))
"""Columns that the text leaves out: the licence stands beside the source."""


def run(invocation: Invocation) -> int:
    """Print rows that match: `list` a table or every place, `show` one of them, `sources` where they are from."""
    verb, *rest = invocation.arguments or ("list",)
    if verb == "sources" and not rest:
        found, text = _sources()
    elif verb == "show" and rest:
        found, text = _shown(" ".join(rest))
    elif verb == "list" and rest and rest[0].lower() in tables():
        found, text = _listed(rest[0].lower(), " ".join(rest[1:]))
    elif verb == "list":
        found, text = _places(" ".join(rest))
    elif verb == "show":
        raise ConfigError(Problem("There is nothing to show", suggestion=USAGE))
    else:
        usage = did_you_mean(verb, ("list", "show", "sources"), otherwise="")
        message = f"`factors {' '.join(invocation.arguments)}` is not known"
        raise ConfigError(Problem(message, suggestion=f"{usage} {USAGE}".strip()))
    machine = "json" in invocation.switches
    if machine:
        text = logged(json.dumps(found, indent=2, ensure_ascii=False))
    put(text + "\n", machine=machine)
    return ExitCode.DONE


def _sources() -> tuple[list[dict[str, Any]], str]:
    found = [_fields(source) for source in sources()]
    lines = [f"{row['source']}: {row['title']}. {row['attribution']} ({row['licence']}) {row['url']}" for row in found]
    return found, "\n".join(lines)


def _places(wanted: str) -> tuple[list[dict[str, Any]], str]:
    found = [
        _fields(region)
        for region in regions()
        if wanted.lower() in f"{region.key} {region.label} {region.zone}".lower()
    ]
    if wanted and not found:
        near = _places_like(wanted)
        advice = f"Did you mean {near}?" if near else did_you_mean(wanted, tables(), otherwise=_TABLES)
        raise ConfigError(Problem(f"No place or table has `{wanted}` in its name", suggestion=advice))
    return found, _with_pack(_aligned(_HEAD, [_place(row) for row in found]), found)


def _places_like(name: str) -> str:
    try:
        return f"`{region_of(name).key}`"
    except UnknownRegion as unknown:
        return " or ".join(f"`{key}`" for key in unknown.nearest)


def _listed(name: str, wanted: str) -> tuple[list[dict[str, Any]], str]:
    found = [dict(row) for row in read_table(name) if wanted.lower() in " ".join(map(str, row.values())).lower()]
    columns = [column for column in read_table(name)[0] if column not in _HIDDEN]
    body = [[_cell(row, column) for column in columns] for row in found]
    return found, _with_pack(_aligned(columns, body), found)


def _shown(name: str) -> tuple[list[dict[str, Any]], str]:
    """A region, else an accelerator, else a processor, else a node of fabs. Raises the errors of all as one."""
    nearest: list[str] = []
    try:
        region = _fields(region_of(name))
        return [region], "\n".join((_with_pack(_aligned(_HEAD, [_place(region)]), [region]), *_remarks(region)))
    except UnknownRegion as unknown:
        nearest += unknown.nearest
    for look_up in (accelerator_of, processor_of, node_of):
        try:
            device = _fields(look_up(name))
        except UnknownHardware as unknown:
            nearest += unknown.nearest
            continue
        lines = (f"{key}: {value}" for key, value in _flat(device).items() if value not in (None, ""))
        return [device], _with_pack(tuple(lines), [device])
    near = " or ".join(f"`{key}`" for key in nearest[:3])
    hint = f"Did you mean {near}?" if near else "`emissions factors list` names every region."
    raise ConfigError(Problem(f"`{name}` is no region, accelerator, processor or node of the tables", suggestion=hint))


def _place(row: Mapping[str, Any]) -> tuple[str, ...]:
    old = f"factor-stale:{row['zone']} {row['year']}" in row["flags"]
    pue = f"{row['pue_year']}{' design' if row['pue_kind'] == 'design' else ''}"
    return (
        row["key"],
        f"{row['gco2e_per_kwh']:.1f}",
        f"{row['year']}{' (old)' if old else ''}",
        row["scope"] if row["gas"] == "CO2e" else f"{row['scope']}, {row['gas']} only",
        "-" if row["pue"] is None else f"{row['pue']:.2f} ({pue})",
        "-" if row["wue_l_per_kwh"] is None else f"{row['wue_l_per_kwh']:g} ({row['wue_year']} {row['wue_kind']})",
        row["label"],
        f"{row['source']} ({row['licence']})",
    )


def _remarks(region: Mapping[str, Any]) -> list[str]:
    """What the columns of one place do not say: kind, source and licence of everything that is used for it."""
    taken = f"{region['kind']}, {region['basis']}-based, taken from {region['zone']}"
    lines = [f"intensity: {taken}; {region['source']} {region['year']} ({region['licence']})"]
    if region["note"]:
        lines.append(f"note: {region['note']}")
    for name, key in (("PUE", "pue"), ("water", "wue")):
        if region[f"{key}_source"] is not None:
            of = "of the provider's fleet, " if region[f"{key}_kind"] == "fleet" else f"{region[f'{key}_kind']}, "
            lines.append(f"{name}: {of}{region[f'{key}_source']} {region[f'{key}_year']} ({region[f'{key}_licence']})")
    if region["listed_source"] is not None:
        lines.append(f"region: named by {region['listed_source']} {region['listed_year']}")
    lines += [f"warning: {flag}: three or more years before this edition" for flag in region["flags"]]
    return lines


def _with_pack(lines: Sequence[str], found: Sequence[Mapping[str, Any]]) -> str:
    shipped = pack()
    return "\n".join(
        (
            *lines,
            f"{len(found)} row{'' if len(found) == 1 else 's'}; factor pack {shipped.version}, sha256 {shipped.sha256}",
        )
    )


def _aligned(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(line[column]) for line in (head, *body)) for column in range(len(head))]
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in (head, *body)]


def _cell(row: Mapping[str, Any], column: str) -> str:
    value = row[column]
    if value is None or value == "":
        return "-"
    if column == "source" and "licence" in row:
        return f"{value} ({row['licence']})"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _fields(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a dataclass or a named tuple
    if isinstance(row, tuple):
        fields: dict[str, Any] = row._asdict()  # type: ignore[attr-defined]
        return {name: _fields(value) if hasattr(value, "_asdict") else value for name, value in fields.items()}
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def _flat(device: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a device, those of its embodied emissions among them as `embodied low_kgco2e`."""
    flat: dict[str, Any] = {}
    for name, value in device.items():
        if isinstance(value, dict):
            flat |= {f"{name} {part}": number for part, number in value.items()}
        else:
            flat[name] = value
    return flat
