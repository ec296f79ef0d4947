"""One file of history, read as a whole: what can be read of it, and what cannot, by line. Pure.

A hundred thousand runs are checked column by column; only where that finds something is each line looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
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

MOST_LINES = 250_000
MOST_VALUES = 4_000_000
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
    values: int = 0
    """As they are counted against the limit."""


def parse(data: bytes, name: str) -> Shard:
    """What a file called `name` holds; a last line that was cut off is no trouble.

    Raises HistoryError where it was written by a newer version, or has too many lines or values.
    """
    if not data:
        return Shard()
    if data.count(b"\n") > MOST_LINES:
        raise _too_much(name, f"{MOST_LINES:,} lines")
    header, _, _ = data[:BATCH_CHARACTERS].partition(b"\n")
    if not _is_history(header, name):
        return Shard(trouble=(f"`{name}` is no history of emissions; left as it is",), exact=False, ours=False)
    values = data.count(b",")
    if values > MOST_VALUES:
        raise _too_much(name, f"{MOST_VALUES:,} values")
    torn = len(data) > len(header) and not data.endswith(b"\n")
    shard = _shard(_batches(data, len(header) + 1, torn=torn), name)
    return shard._replace(exact=shard.exact and not torn, values=values)


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


def _too_much(name: str, what: str) -> HistoryError:
    message = f"`{name}` has more than {what}, and is not read"
    return HistoryError(message, hint="Nothing of it is changed. Is it a history of emissions?")


def _is_history(header: bytes, name: str) -> bool:
    found = _alone(header)
    schema = found.get(MARK) if isinstance(found, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise HistoryError(
            f"History `{name}` has schema {schema}, and this version reads up to {SCHEMA}: nothing of it is used",
            hint="Update emissions-reporter. The history is left as it is.",
        )
    return schema == SCHEMA


def _shard(batches: Iterable[Sequence[Any]], name: str) -> Shard:
    """What the lines below the header say. A run takes a third less as a tuple, its family's name once for all."""
    families: dict[str, Family] = {}
    names: dict[str, str] = {}
    items: list[Any] = []
    exact = True
    for batch in batches:
        is_sound = _typed([item for item in batch if type(item) is list])
        for item in batch:
            if type(item) is list:
                if is_sound or _typed([item]):
                    item[0] = names.setdefault(item[0], item[0])
                    items.append(tuple(item))
                else:
                    items.append(_BROKEN)
                continue
            try:
                key, family = decode_family(item)
            except (ValueError, RecursionError):
                items.append(_BROKEN)
            else:
                families[key] = family
                items.append(None)
                exact = exact and item.keys() <= KEYS
    lengths = {key: places(family) for key, family in families.items()}
    rows = [item for item in items if type(item) is tuple]
    if not _placed(rows, lengths):
        items = [_BROKEN if type(item) is tuple and not _placed([item], lengths) else item for item in items]
        rows = [item for item in items if type(item) is tuple]
    bad = [index for index, item in enumerate(items) if item is _BROKEN]
    exact = exact and not bad and all(len(row) == lengths[row[0]] for row in rows)
    return Shard(families=families, rows=rows, trouble=(_named(bad, name),) if bad else (), exact=exact)


def _typed(rows: Sequence[Row]) -> bool:
    """Whether every place of these runs has its type and range."""
    if not rows:
        return True
    if min(map(len, rows)) < FIXED:
        return False
    columns = [*islice(zip(*rows, strict=False), FIXED)]
    if not all(types.issuperset(map(type, column)) for column, types in zip(columns, _TYPES, strict=True)):
        return False
    starts = [*filter(None, columns[1])]
    if starts and not 0 <= min(starts) <= max(starts) <= LATEST_S:
        return False
    rest = [*chain.from_iterable(map(itemgetter(slice(FIXED, None)), rows))]
    return _FIGURE.issuperset(map(type, rest)) and all(map(_in_range, (*(columns[at] for at in _FIGURES), rest)))


def _placed(rows: Sequence[Row], lengths: Mapping[str, int]) -> bool:
    """Whether every run has a family and its places."""
    names = [*map(itemgetter(0), rows)]
    return lengths.keys() >= set(names) and all(map(ge, map(len, rows), map(lengths.__getitem__, names)))


def _in_range(values: Iterable[float | None]) -> bool:
    """Whether all are at least 0 and their mean is a possible number: a sum takes a third of a maximum's time."""
    known = [*filter(None, values)]
    try:
        return not known or (min(known) >= 0 and sum(known) / len(known) <= MOST_NUMBER)
    except OverflowError:  # a whole number that no float holds
        return False


def _batches(data: bytes, start: int, *, torn: bool) -> Iterator[Sequence[Any]]:
    """The lines from a place on, parsed: many at once, which is several times as fast as one by one."""
    end = len(data) - data.endswith(b"\n")
    while start < end:
        cut = data.find(b"\n", start + BATCH_CHARACTERS, end)
        cut = end if cut < 0 else cut
        part = data[start:cut]
        found = _together(part)
        if found is None:
            found = [*map(_alone, part.split(b"\n"))]
            if torn and cut == end and found[-1] is _BROKEN:
                found.pop()
        yield found
        start = cut + 1


def _together(part: bytes) -> list[Any] | None:
    """Whole lines; None where one of them is broken."""
    count = part.count(b"\n") + 1
    if len(part) > 2 * BATCH_CHARACTERS:
        return None
    try:
        # A run is one list, a family an object with two: more is what nobody wrote for us.
        bounded.check(part, most_objects=3 * count, most_values=MOST_VALUES_OF_LINE + 200 * count)
        text = part.decode("utf-8").replace(_NEWLINE, ",")
        found: list[Any] = json.loads(f"[{text}]", parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return found if len(found) == count else None


def _alone(line: bytes) -> Any:  # noqa: ANN401 - any JSON
    if len(line) > BATCH_CHARACTERS:
        return _BROKEN
    try:
        return bounded.parse(line.decode("utf-8"), most_objects=MOST_OBJECTS_OF_LINE, most_values=MOST_VALUES_OF_LINE)
    except ValueError:
        return _BROKEN


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _named(bad: Sequence[int], name: str) -> str:
    shown = ", ".join(str(index + 2) for index in bad[:MOST_NAMED])
    more = f" and {len(bad) - MOST_NAMED} more" if len(bad) > MOST_NAMED else ""
    return f"`{name}`, line{'' if len(bad) == 1 else 's'} {shown}{more}: no run that this version can read; left there"
