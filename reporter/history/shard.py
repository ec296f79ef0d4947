"""One file of history, read as a whole: what can be read of it, and what cannot, by line. Pure.

A hundred thousand runs are checked column by column; only where that finds something is each line looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from operator import ge, itemgetter
from typing import Any, NamedTuple, NoReturn

from reporter import bounded
from reporter.domain.run_record import RunRecord
from reporter.errors import HistoryError
from reporter.history.codec import (
    FIXED,
    HEADER,
    KEYS,
    LATEST_S,
    MARK,
    MOST_NUMBER,
    SCHEMA,
    Family,
    decode_family,
    encode_family,
    encode_row,
    encode_run,
    family_of,
    identity,
    places,
)

MOST_LINES = 500_000
BATCH_CHARACTERS = 1 << 20
"""Parsed at once; a line is no longer."""
MOST_OBJECTS_OF_LINE, MOST_VALUES_OF_LINE = 100, 20_000
MOST_NAMED = 3
"""Unreadable lines that are named; the rest is counted."""
_FIGURE = frozenset((int, float, type(None)))
_WHOLE = frozenset((int, type(None)))
_TYPES = (
    frozenset((str,)), _WHOLE, _FIGURE, _FIGURE, frozenset((int, float)), frozenset((str, type(None))),
    _WHOLE, _WHOLE, _WHOLE, _FIGURE, _FIGURE,
)  # fmt: skip
"""What each column may hold."""
_FIGURES = (2, 3, 4, 9, 10)
_BROKEN = object()
_NEWLINE = "\n"

Row = Sequence[Any]
"""A run as `codec` has it."""


class Shard(NamedTuple):
    """What one file holds."""

    families: Mapping[str, Family] = {}
    rows: Sequence[Row] = ()
    trouble: tuple[str, ...] = ()
    """What could not be read, in words."""
    exact: bool = True
    """Whether writing it anew would lose nothing: no line that cannot be read, nothing that a later version added."""
    ours: bool = True
    """Whether it is history at all."""


def parse(data: bytes, name: str) -> Shard:
    """What a file called `name` holds; a last line that was cut off is no trouble.

    Raises HistoryError where it was written by a newer version, or has too many lines.
    """
    if not data:
        return Shard()
    try:
        text, whole = data.decode("utf-8"), True
    except UnicodeDecodeError:
        text, whole = data.decode("utf-8", "replace"), False
    header, _, text = text.partition("\n")  # and let go of the whole
    if text.count("\n") > MOST_LINES:
        message = f"`{name}` has more than {MOST_LINES:,} lines, and is not read"
        raise HistoryError(message, hint="Nothing of it is changed. Is it a history of emissions?")
    if not _is_history(header, name):
        return Shard(trouble=(f"`{name}` is no history of emissions; left as it is",), exact=False, ours=False)
    torn = bool(text) and not text.endswith("\n")
    items = _together(text) if whole else None
    if items is None:
        lines = text.removesuffix("\n").split("\n")
        items = [_BROKEN if "\ufffd" in line else _alone(line) for line in lines]
        if torn and items[-1] is _BROKEN:
            items.pop()
    shard = _shard(items, name)
    return shard._replace(exact=shard.exact and not torn)


def additions(records: Iterable[RunRecord], known: Iterable[Shard]) -> list[tuple[Row, Family]]:
    """What these runs add to what is known: each once, and none that is there already."""
    have = {identity(row, shard.families[row[0]]) for shard in known for row in shard.rows}
    added: list[tuple[Row, Family]] = []
    for record in records:
        family = family_of(record)
        row = encode_run(record, encode_family(family)[0])
        key = identity(row, family)
        if key not in have:
            have.add(key)
            added.append((row, family))
    return added


def dumps(runs: Iterable[tuple[Row, Family]], *, after: Shard | None = None) -> bytes:
    """The lines of these runs, each family before its first run: a whole file, or what comes `after` another's lines.

    Nothing for no runs.
    """
    named = set(after.families) if after else set()
    lines = [] if after else [HEADER]
    found = False
    for row, family in runs:
        found = True
        if row[0] not in named:
            named.add(row[0])
            lines.append(encode_family(family)[1])
        lines.append(encode_row(row))
    return "\n".join((*lines, "")).encode("ascii") if found else b""


def start_of(row: Row) -> float:
    """When a run began, seconds since 1970; one that does not say comes before all others."""
    start_s: float | None = row[1]
    return -1.0 if start_s is None else start_s


def _is_history(header: str, name: str) -> bool:
    found = _alone(header)
    schema = found.get(MARK) if isinstance(found, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise HistoryError(
            f"History `{name}` has schema {schema}, and this version reads up to {SCHEMA}: nothing of it is used",
            hint="Update emissions-reporter. The history is left as it is.",
        )
    return schema == SCHEMA


def _shard(items: Sequence[Any], name: str) -> Shard:
    """What the lines below the header say."""
    families: dict[str, Family] = {}
    bad: list[int] = []
    exact = True
    for index, item in enumerate(items):
        if type(item) is list:
            continue
        try:
            key, family = decode_family(item)
        except (ValueError, RecursionError):
            bad.append(index)
        else:
            families[key] = family
            exact = exact and item.keys() <= KEYS
    rows = [item for item in items if type(item) is list]
    lengths = {key: places(family) for key, family in families.items()}
    if not _valid(rows, lengths):
        rows = []
        for index, item in enumerate(items):
            if type(item) is list:
                if _valid([item], lengths):
                    rows.append(item)
                else:
                    bad.append(index)
    exact = exact and not bad and [*map(len, rows)] == [lengths[row[0]] for row in rows]
    return Shard(families=families, rows=rows, trouble=(_named(sorted(bad), name),) if bad else (), exact=exact)


def _valid(rows: Sequence[Row], lengths: Mapping[str, int]) -> bool:
    """Whether every run has a family and its places, and every place its type and range."""
    sizes = [*map(len, rows)]
    if min(sizes, default=0) < FIXED:
        return not rows
    columns = [*islice(zip(*rows, strict=False), FIXED)]
    if not all(types.issuperset(map(type, column)) for column, types in zip(columns, _TYPES, strict=True)):
        return False
    names = columns[0]
    if not lengths.keys() >= set(names) or not all(map(ge, sizes, map(lengths.__getitem__, names))):
        return False
    starts = [*filter(None, columns[1])]
    if starts and not 0 <= min(starts) <= max(starts) <= LATEST_S:
        return False
    rest = [*chain.from_iterable(map(itemgetter(slice(FIXED, None)), rows))]
    return _FIGURE.issuperset(map(type, rest)) and all(map(_in_range, (*(columns[at] for at in _FIGURES), rest)))


def _in_range(values: Iterable[float | None]) -> bool:
    """Whether all are at least 0 and their mean is a possible number: a sum takes a third of a maximum's time."""
    known = [*filter(None, values)]
    try:
        return not known or (min(known) >= 0 and sum(known) / len(known) <= MOST_NUMBER)
    except OverflowError:  # a whole number that no float holds
        return False


def _together(body: str) -> list[Any] | None:
    """Many lines at once, several times as fast as one by one; None where one of them is broken."""
    items: list[Any] = []
    start, end = 0, len(body) - body.endswith("\n")
    while start < end:
        cut = body.find("\n", start + BATCH_CHARACTERS, end)
        cut = end if cut < 0 else cut
        part = body[start:cut]
        count = part.count("\n") + 1
        if len(part) > 2 * BATCH_CHARACTERS:
            return None
        try:
            # A run is one list, a family an object with two: more is what nobody wrote for us.
            bounded.check(part, most_objects=3 * count, most_values=MOST_VALUES_OF_LINE + 200 * count)
            found = json.loads(f"[{part.replace(_NEWLINE, ',')}]", parse_constant=_refuse)
        except (ValueError, RecursionError):
            return None
        if len(found) != count:
            return None
        items += found
        start = cut + 1
    return items


def _alone(line: str) -> Any:  # noqa: ANN401 - any JSON
    if len(line) > BATCH_CHARACTERS:
        return _BROKEN
    try:
        return bounded.parse(line, most_objects=MOST_OBJECTS_OF_LINE, most_values=MOST_VALUES_OF_LINE)
    except ValueError:
        return _BROKEN


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _named(bad: Sequence[int], name: str) -> str:
    shown = ", ".join(str(index + 2) for index in bad[:MOST_NAMED])
    more = f" and {len(bad) - MOST_NAMED} more" if len(bad) > MOST_NAMED else ""
    return f"`{name}`, line{'' if len(bad) == 1 else 's'} {shown}{more}: no run that this version can read; left there"
