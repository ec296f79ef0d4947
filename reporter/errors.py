"""The failures that a user can meet, and the exit statuses they end with.

A message says what happened and what it means; the hint says what to do.
Errors raised here are shown without a traceback; everything else is a bug (status 70).

    ReporterError
      ConfigError          usage or configuration: status 2
      MeterError
        RecordingError     unreadable, or of a newer schema
      FactorError
        UnknownRegion      carries the nearest names
        UnknownHardware    likewise
      IntensityError
        ProviderUnreachable
      FootprintError       invalid, or of a newer schema
      HistoryError
        HistoryDenied      the token may not read or write it
      RenderError          template, line, undefined name
      PublishError
        NotPermitted       a read-only token; not worth retrying
        ForgeUnreachable   worth retrying later
          UnlikeGitHub     a HistoryError too
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """Statuses of the command line; `run` passes the command's own through instead."""

    DONE = 0
    OVER_BUDGET = 1
    USAGE = 2
    FAILED = 3
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


class ReporterError(Exception):
    """An expected failure; `hint` is the advice printed on a line of its own."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def sentences(self) -> str:
        """Message and hint on one line."""
        return f"{self.message}. {self.hint or ''}".rstrip()


class ConfigError(ReporterError):
    """One or more wrong settings, each with where it was set; nothing has run yet."""

    exit_code = ExitCode.USAGE

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Problem:
    """One wrong setting: what is wrong, where it was set, what to write instead."""

    __slots__ = ("message", "origin", "suggestion")

    def __init__(self, message: str, *, origin: str | None = None, suggestion: str | None = None) -> None:
        self.message = message
        self.origin = origin
        self.suggestion = suggestion

    def __str__(self) -> str:
        where = f" ({self.origin})" if self.origin else ""
        advice = f" {self.suggestion}" if self.suggestion else ""
        return f"{self.message}{where}.{advice}"

    def __repr__(self) -> str:
        return f"Problem({str(self)!r})"


class MeterError(ReporterError):
    """A source of readings failed as a whole."""


class RecordingError(MeterError):
    """A recording cannot be read, or was written by a newer version."""


class FactorError(ReporterError):
    """A shipped table has no answer."""


class UnknownRegion(FactorError):
    """No table has this region; `nearest` holds the most similar names, best first."""

    exit_code = ExitCode.USAGE

    def __init__(self, region: str, nearest: tuple[str, ...]) -> None:
        self.region = region
        self.nearest = nearest
        near = " or ".join(f"`{name}`" for name in nearest)
        hint = f"Did you mean {near}?" if nearest else "`emissions factors list` names every region."
        super().__init__(f"Region `{region}` is not in the table", hint=hint)


class UnknownHardware(FactorError):
    """No table has this accelerator or processor; `nearest` holds the most similar names, best first."""

    exit_code = ExitCode.USAGE

    def __init__(self, what: str, name: str, nearest: tuple[str, ...], *, table: str) -> None:
        self.name = name
        self.nearest = nearest
        near = " or ".join(f"`{model}`" for model in nearest)
        hint = f"Did you mean {near}?" if nearest else f"`emissions factors list {table}` names every one."
        super().__init__(f"{what} `{name}` is not in the table", hint=hint)


class IntensityError(ReporterError):
    """No grid carbon intensity could be had from a provider."""


class ProviderUnreachable(IntensityError):
    """The provider did not answer; the static table stands in."""


class FootprintError(ReporterError):
    """A footprint cannot be read, is invalid, or was written by a newer version."""


class HistoryError(ReporterError):
    """The ledger of runs cannot be read or written."""


class HistoryDenied(HistoryError):
    """The token may not read or write it; the hint has the permissions to give."""


class RenderError(ReporterError):
    """A template is wrong: file, line, name."""


class PublishError(ReporterError):
    """The report was made, but posting it failed."""


class NotPermitted(PublishError):
    """The token may not do this; no retry will help."""


class ForgeUnreachable(PublishError):
    """The forge did not answer as it should; worth a retry later."""


class UnlikeGitHub(ForgeUnreachable, HistoryError):
    """An answer is not what the API describes: nothing can be posted, and no history be read."""


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str, cutoff: float = 0.5) -> str:
    """Advice for a misspelt word: the most similar known one, or else the sentence given."""
    from difflib import get_close_matches  # noqa: PLC0415  (slow, and only mistakes need it)

    close = get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f"Did you mean `{close[0]}`?" if close else otherwise
