"""What a forge must offer for one sticky comment. To add one: a module here that meets `Forge`.

Policy (when to write, over what) is in `sticky`; a forge only reads, writes and names what went wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from reporter.errors import ForgeUnreachable, PublishError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment by ourselves, as the forge holds it now."""

    comment_id: int
    body: str
    url: str


class Conversation(NamedTuple):
    """What one look at a pull request tells."""

    own: tuple[Comment, ...]
    head_sha: str | None
    """Commit that it points at just now; None where the forge does not say it in the same breath."""


class CommentGone(PublishError):
    """The comment was deleted since it was read."""


class ForgeBusy(ForgeUnreachable):
    """The forge asks to be left alone for so many seconds; nothing was written."""

    def __init__(self, message: str, *, pause_s: float) -> None:
        super().__init__(message)
        self.pause_s = pause_s


class CommentRefused(PublishError):
    """The forge does not take this text: too long, most likely."""


class Forge(Protocol):
    """Comments of one repository. Every method raises `PublishError` and its subclasses only."""

    def own_comments(self, pull_request: int) -> tuple[Comment, ...]:
        """Comments that our token wrote and nobody has hidden, over all pages."""
        ...

    def conversation(self, pull_request: int) -> Conversation:
        """The same, and the head where that costs no further request."""
        ...

    def create(self, pull_request: int, body: str, *, patient: bool = True) -> Comment:
        """A new comment. `ForgeUnreachable`: it may exist all the same. Not patient: as for `update`."""
        ...

    def comment(self, comment_id: int) -> Comment:
        """One comment as it is now. `CommentGone` if it was deleted."""
        ...

    def update(self, comment_id: int, body: str, *, patient: bool = True) -> Comment:
        """New text for a comment. `CommentGone` if it was deleted, `NotPermitted` if it is not ours to edit.

        Not patient: sent once, for a text that is made of what was just read; `ForgeBusy` says when to come again.
        """
        ...

    def delete(self, comment_id: int) -> None:
        """Remove a comment; one that is gone already is no error."""
        ...

    def head_sha(self, pull_request: int) -> str:
        """Commit that the pull request points at just now."""
        ...


class Reply(Protocol):
    """A complete answer, as `reporter.http` gives it."""

    @property
    def status(self) -> int: ...  # noqa: D102

    @property
    def headers(self) -> Mapping[str, str]: ...  # noqa: D102

    @property
    def body(self) -> bytes: ...  # noqa: D102

    @property
    def pause_s(self) -> float | None: ...  # noqa: D102

    def json(self) -> object: ...  # noqa: D102


class HttpClient(Protocol):
    """What a forge needs of `reporter.http.Client`."""

    def send(  # noqa: D102, PLR0913 - as the client has it
        self,
        verb: str,
        url: str,
        *,
        payload: object = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        patient: bool = True,
    ) -> Reply: ...

    def redact(self, text: str) -> str: ...  # noqa: D102
