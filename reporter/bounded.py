"""JSON from outside, within bounds: of how many values it is made, and how deep. Pure.

A text of 8 MB can hold millions of empty objects, which take a hundred times the room of a report's numbers.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple, NoReturn

MOST_OBJECTS = 250_000
"""Objects and lists of one document; a report of a hundred jobs has a tenth of that."""
MOST_VALUES = 1_000_000
MOST_TEXTS = 500_000
MOST_DEPTH = 60
"""Of objects and lists in each other; GitHub's events have eight."""


def parse(text: str | bytes, *, most_objects: int = MOST_OBJECTS, most_values: int = MOST_VALUES) -> Any:  # noqa: ANN401
    """The document, any JSON. Raises ValueError with what is wrong: no JSON, NaN, too many values, nested too deep."""
    check(text, most_objects=most_objects, most_values=most_values)
    try:
        document = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if not _is_shallow(document):
        raise ValueError(_TOO_DEEP)
    return document


def check(text: str | bytes, *, most_objects: int = MOST_OBJECTS, most_values: int = MOST_VALUES) -> None:
    """Raises ValueError where parsing would make too many values."""
    found = _counted(text)
    if found.objects > most_objects or found.values > most_values:
        # Texts may hold any number of brackets and commas; a hundred comments on a pull request often do.
        found = _counted(_without_texts(text))
    if found.objects > most_objects:
        raise ValueError(f"more than {most_objects:,} objects and lists")
    if found.values > most_values:
        raise ValueError(f"more than {most_values:,} values")


class _Count(NamedTuple):
    objects: int
    values: int


def _counted(text: str | bytes) -> _Count:
    """Objects and lists, and values, at most: signs within texts count as well."""
    if isinstance(text, str):
        objects, commas = text.count("[") + text.count("{"), text.count(",")
    else:
        objects, commas = text.count(b"[") + text.count(b"{"), text.count(b",")
    return _Count(objects=objects, values=objects + commas)


def _without_texts(text: str | bytes) -> str:
    """What stands outside of quotes. Raises ValueError where there are too many texts."""
    bare = (text if isinstance(text, str) else text.decode("latin-1")).replace("\\\\", "").replace('\\"', "")
    if bare.count('"') > 2 * MOST_TEXTS:
        raise ValueError(f"more than {MOST_TEXTS:,} texts")
    return "".join(bare.split('"')[::2])


def _is_shallow(document: object) -> bool:
    level = [document]
    for _ in range(MOST_DEPTH + 1):
        inside = (item.values() if isinstance(item, dict) else item for item in level if isinstance(item, (dict, list)))
        level = [value for values in inside for value in values if isinstance(value, (dict, list))]
        if not level:
            return True
    return False


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


_TOO_DEEP = f"nested more than {MOST_DEPTH} deep"
