"""A JSON document from outside, read key by key: every wrong value is named by its path inside the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from reporter.errors import FootprintError

MOST_ITEMS = 10_000
MOST_TEXT = 4_000
MOST_NUMBER = 1e30
LEAST_SPAN_S, MOST_SPAN_S = 1e-6, 1e9
"""The width of a point of time: a microsecond to thirty years."""

T = TypeVar("T")


class Document:
    """One object of a parsed JSON document. Absent and null are the same: None.

    Raises FootprintError where a value has the wrong type or range.
    """

    __slots__ = ("_data", "_origin", "_path")

    def __init__(self, data: object, *, origin: str, path: str = "") -> None:
        if not isinstance(data, dict):
            where = f"`{path}`" if path else "the document"
            raise FootprintError(f"{origin}: {where} is not an object", hint="This is not a valid footprint.")
        self._data = data
        self._origin = origin
        self._path = path

    def text(self, key: str) -> str | None:
        """A string of at most 4,000 characters."""
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > MOST_TEXT:
            raise self.wrong(key, f"text of at most {MOST_TEXT} characters")
        return value

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """One of these words; required."""
        value = self._data.get(key)
        if value not in allowed or not isinstance(value, str):
            raise self.wrong(key, "one of " + ", ".join(allowed))
        return value

    def number(self, key: str, *, least: float | None = 0.0) -> float | None:
        """A number of at least `least`, and small enough that products of three stay finite."""
        value = self._data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST_NUMBER:
            raise self.wrong(key, "a number that a job can have")
        if least is not None and value < least:
            raise self.wrong(key, f"a number of at least {least:g}")
        return float(value)

    def numbers(self, key: str) -> tuple[float, ...]:
        """The numbers of a list, none negative; absent is none."""
        rows = [Document({"": value}, origin=self._origin, path=self._at(key)) for value in self._list(key)]
        return tuple(required(row, "", row.number("")) for row in rows)

    def numbers_by_name(self, key: str) -> tuple[tuple[str, float], ...]:
        """The numbers of an object, none negative, with their names; absent is none."""
        row = self.child(key)
        return tuple((name, required(row, name, row.number(name))) for name in row.keys(MOST_ITEMS))

    def integer(self, key: str) -> int | None:
        """A whole number of at most 18 digits, not negative."""
        value = self._data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not -1 < value < 10**18:
            raise self.wrong(key, "a whole number")
        return value

    def status(self, key: str) -> int | None:
        """An exit status: 0 to 255, on Windows up to 32 bits."""
        value = self.integer(key)
        if value is not None and value >= 1 << 32:
            raise self.wrong(key, "an exit status")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._data.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def child(self, key: str) -> Document:
        """A nested object; absent is an empty one."""
        value = self._data.get(key)
        return Document({} if value is None else value, origin=self._origin, path=self._at(key))

    def items(self, key: str) -> Iterator[Document]:
        """The objects of a list; absent is an empty one."""
        for index, item in enumerate(self._list(key)):
            yield Document(item, origin=self._origin, path=f"{self._at(key)}[{index}]")

    def texts(self, key: str) -> tuple[str, ...]:
        """The strings of a list; absent is an empty one."""
        values = self._list(key)
        if not all(isinstance(value, str) and len(value) <= MOST_TEXT for value in values):
            raise self.wrong(key, "a list of text")
        return tuple(str(value) for value in values)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Pairs of strings, from an object or a list of them; absent is none."""
        value = self._data.get(key)
        pairs = list(value.items()) if isinstance(value, dict) else [tuple(_both(pair)) for pair in self._list(key)]
        if not all(len(pair) == 2 and all(map(_is_text, pair)) for pair in pairs):  # noqa: PLR2004
            raise self.wrong(key, "pairs of text")
        return tuple((str(name), str(text)) for name, text in pairs)

    def keys(self, most: int) -> tuple[str, ...]:
        """The names in this object, of which there may be so many."""
        if len(self._data) > most or not all(map(_is_text, self._data)):
            raise FootprintError(f"{self._origin}: `{self._path}` has too many names, or too long ones")
        return tuple(self._data)

    def has(self, key: str) -> bool:
        """Whether there is a value other than null."""
        return self._data.get(key) is not None

    def require(self, key: str) -> FootprintError:
        """The error for a missing value."""
        return FootprintError(f"{self._origin}: `{self._at(key)}` is missing", hint="This is not a valid footprint.")

    def _list(self, key: str) -> list[object]:
        value = self._data.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            raise self.wrong(key, f"a list of at most {MOST_ITEMS} items")
        return value

    def _at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def wrong(self, key: str, wanted: str) -> FootprintError:
        """The error for a value of the wrong type or range."""
        return FootprintError(
            f"{self._origin}: `{self._at(key)}` is not {wanted}",
            hint="This is not a valid footprint; run the job again.",
        )


def _both(pair: object) -> list[object]:
    return pair if isinstance(pair, list) else []


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT


def required(row: Document, key: str, value: T | None) -> T:
    """A value that has to be there. Raises FootprintError where it is not."""
    if value is None:
        raise row.require(key)
    return value


def span(row: Document) -> tuple[float, float]:
    """Start and end, seconds: a time that has a length."""
    start_s = required(row, "start_s", row.number("start_s"))
    end_s = required(row, "end_s", row.number("end_s"))
    if not LEAST_SPAN_S <= end_s - start_s <= MOST_SPAN_S or end_s > MOST_SPAN_S:
        raise row.wrong("end_s", "a time after `start_s`")
    return start_s, end_s
