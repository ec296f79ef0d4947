"""Why a remote did not take a push, from what git says of it; and what to do."""

from __future__ import annotations

from enum import Enum

from reporter.errors import HistoryDenied, HistoryError
from reporter.forge import permissions_block

MOST_QUOTED = 300
_FASTER = (
    "stale info", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref", "incorrect old value",
    "reference already exists", "but expected", ".lock'", "remote ref updated since",
)  # fmt: skip
_NO_REWRITE = ("cannot force-push", "denying non-fast-forward", "deny non-fast-forward", "force push")
_PROTECTED = ("protected branch", "gh006", "gh013", "rule violations", "pre-receive hook declined", "hook declined")
_NOT_ALLOWED = (
    "error: 403", "error: 401", "permission to", "permission denied", "insufficient permission", "not granted",
    "authentication failed", "could not read username", "terminal prompts disabled", "access denied", "read-only",
    "temporary object directory",
)  # fmt: skip
_FULL = ("no space left", "disk quota exceeded", "file too large")


class Refusal(Enum):
    """Why the remote did not take it."""

    OTHERS_WERE_FASTER = "others"
    NO_REWRITE = "no rewrite"
    PROTECTED = "protected"
    NOT_ALLOWED = "not allowed"
    FULL = "full"
    OTHER = "other"

    def error(self, said: str, label: str) -> HistoryError:
        """One message: what happened, what it means, what to do."""
        kept, said = "nothing was added", short(said)
        match self:
            case Refusal.PROTECTED:
                message = f"A rule of the repository keeps the {label} from being written: {kept}. It said: {said}"
                return HistoryError(message, hint="Let this workflow's token past the rule for `emissions-history`.")
            case Refusal.NOT_ALLOWED:
                return HistoryDenied(f"The token may not write the {label}: {kept}. It said: {said}", hint=advice())
            case Refusal.FULL:
                return HistoryError(f"A disk is full: {kept}. It said: {said}", hint="Make room, and try again.")
            case _:
                return HistoryError(f"The {label} did not take the runs: {kept}. It said: {said}")


def refusal_of(said: str) -> Refusal:
    """The reason, from git's own words and those of the servers."""
    text = said.lower()
    for refusal, phrases in (
        (Refusal.FULL, _FULL),
        (Refusal.NO_REWRITE, _NO_REWRITE),
        (Refusal.PROTECTED, _PROTECTED),
        (Refusal.NOT_ALLOWED, _NOT_ALLOWED),
        (Refusal.OTHERS_WERE_FASTER, _FASTER),
    ):
        if any(phrase in text for phrase in phrases):
            return refusal
    return Refusal.OTHER


def unreachable(said: str, label: str) -> HistoryError:
    """The branch could not be fetched."""
    match refusal_of(said):
        case Refusal.NOT_ALLOWED:
            return HistoryDenied(f"The token may not read the {label}. It said: {short(said)}", hint=advice())
        case Refusal.FULL:
            return HistoryError(f"A disk is full. git said: {short(said)}", hint="Make room, and try again.")
        case _:
            hint = "Check the address of the remote, and the network."
            return HistoryError(f"The {label} cannot be fetched. It said: {short(said)}", hint=hint)


def short(said: str) -> str:
    """Short enough to quote."""
    return said if len(said) <= MOST_QUOTED else said[: MOST_QUOTED - 1] + "…"


def advice() -> str:
    """The permissions to paste, and where pasting does not help."""
    return (
        f"Give the job these permissions:\n\n{permissions_block('branch')}\n"
        "In a reusable workflow, grant them in the caller. Runs for pull requests from forks get a read-only token:\n"
        "only runs of the default branch keep history."
    )
