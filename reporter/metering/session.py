"""A session's state: a folder of its own for each job, where its recording is written and `mark` and `stop` find it.

In a job of GitHub Actions it lies under RUNNER_TEMP by run, attempt and job, so it is found from any directory.
Elsewhere it lies in a folder of the user's by the directory that the session was started in.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from reporter.errors import MeterError
from reporter.metering.lock import HELD, hold, is_held
from reporter.metering.process import Process

SESSION = "EMISSIONS_SESSION"
"""Names the state folder outright."""
RECORDING_OF_RUN = "EMISSIONS_RECORDING"
"""Tells the command of `emissions run` where its recording is, for `emissions mark`."""
OURS = "emissions-reporter"
LONGEST_NAME = 200
MOST_SAID_BYTES = 64 * 1024
MOST_PID, MOST_TICKS = 1 << 31, 1 << 63
"""Less than 1 would mean many processes."""
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class Notes(NamedTuple):
    """What `stop` must know of the session; None where it has not been written."""

    meter: Process | None = None
    """The background process."""
    out: str | None = None
    """The output folder, absolute."""
    directory: str | None = None
    """Where it was started."""


class Session(NamedTuple):
    """One session by its state folder."""

    folder: Path

    @property
    def recording(self) -> Path:
        """What is read and marked."""
        return self.folder / "recording.jsonl"

    @property
    def log(self) -> Path:
        """What the background process has to say."""
        return self.folder / "log"

    @property
    def _notes(self) -> Path:
        return self.folder / "session.json"

    @property
    def _stopped(self) -> Path:
        return self.folder / "stopped"

    @property
    def is_running(self) -> bool:
        """Whether its background process lives."""
        try:
            return bool(is_held(self.folder))
        except OSError:
            return False

    def hold(self) -> int | None:
        """Take the folder for this process: its lock, or None while another has it. Raises MeterError without locks."""
        try:
            lock = hold(self.folder)
            if lock == HELD:
                return None
            if lock is not None and not self.is_held_by(lock):
                os.close(lock)  # another `stop` has just removed it
                return None
        except FileNotFoundError:
            return None
        if lock is None:
            raise MeterError(
                f"The file system of {self.folder} has no locks", hint=f"Name a folder on another one: {SESSION}=PATH."
            )
        return lock

    def is_held_by(self, lock: int) -> bool:
        """Whether the folder is still there, and the one that this lock is of."""
        try:
            return os.path.samestat(os.fstat(lock), os.stat(self.folder))  # noqa: PTH116
        except OSError:
            return False

    def note(self, notes: Notes) -> None:
        """Leave word for `stop`. Raises OSError."""
        meter = notes.meter
        document = {**notes._asdict(), "meter": None if meter is None else list(meter)}
        part = self._notes.with_suffix(".part")
        part.write_text(json.dumps(document), encoding="utf-8")
        part.replace(self._notes)

    def notes(self) -> Notes:
        """What was left; what is odd or missing is None."""
        try:
            document = json.loads(_start_of(self._notes))
        except (OSError, ValueError, RecursionError):
            return Notes()
        if not isinstance(document, dict):
            return Notes()
        meter = None
        match document.get("meter"):
            case [int() as pid, int() as started] if 0 < pid < MOST_PID and 0 <= started < MOST_TICKS:
                meter = Process(pid=pid, started=started)
        return Notes(meter=meter, out=_text(document.get("out")), directory=_text(document.get("directory")))

    def note_stop(self, t_ns: int) -> None:
        """The moment (monotonic) at which the session was asked to stop. Raises OSError."""
        self._stopped.write_text(str(t_ns), encoding="ascii")

    def stopped_ns(self) -> int | None:
        """That moment; None where nobody asked."""
        try:
            return int(_start_of(self._stopped))
        except (OSError, ValueError):
            return None

    def said(self) -> str:
        """What the background process has said since this was last asked."""
        try:
            with self.log.open("r+b") as log:
                text = log.read(MOST_SAID_BYTES).decode(errors="replace")
                log.truncate(0)
        except OSError:
            return ""
        return text

    def set_aside(self) -> Path | None:
        """Make room for a new session: the recording of one that nobody reported is kept under another name.

        Raises OSError.
        """
        kept = None
        if self.recording.exists() and self.recording.stat().st_size > 0:
            names = (self.folder / f"recording-{number}.jsonl" for number in count(1))
            kept = self.recording.rename(next(name for name in names if not name.exists()))
        self._clear()
        return kept

    def remove(self) -> None:
        """The session was reported. A recording that was set aside stays, and so does the folder then."""
        with suppress(OSError):
            self._clear()
            self.folder.rmdir()

    def _clear(self) -> None:
        for file in (self.recording, self.log, self._notes, self._stopped):
            file.unlink(missing_ok=True)


def here(environ: Mapping[str, str]) -> Path:
    """The directory that sessions are looked for from. Raises MeterError where it was deleted and would be needed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        if _is_chosen(environ):
            return Path("/")
        message = "This directory has been deleted: sessions cannot be looked for from here"
        raise MeterError(message, hint="Change to the directory that the session belongs to.") from None


def new_session(environ: Mapping[str, str], directory: Path) -> Session:
    """The session that is started in this directory, its folder made. Raises MeterError where it cannot be ours."""
    folder = next(_folders(environ, directory))
    try:
        if not _is_chosen(environ):
            _make(folder.parent)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _make(folder)
    except OSError as error:
        raise MeterError(
            f"The session's state folder {folder} cannot be made: {error.strerror}",
            hint=f"Name another one: {SESSION}=PATH.",
        ) from None
    return Session(folder)


def find_session(environ: Mapping[str, str], directory: Path) -> Session | None:
    """The job's session, outside CI that of this directory or the nearest one above it.

    Raises MeterError where the folder is somebody else's.
    """
    for folder in _folders(environ, directory):
        session = Session(folder)
        if session.recording.exists() or session.is_running:
            if not _is_chosen(environ):
                check_ours(folder.parent)
            check_ours(folder)
            return session
    return None


def check_ours(folder: Path) -> None:
    """Raises MeterError unless the folder is this user's alone to write to. A link is nobody's."""
    found = folder.lstat()
    uid = os.geteuid() if hasattr(os, "geteuid") else found.st_uid
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & WRITABLE_BY_OTHERS:
        raise MeterError(
            f"The session's state folder {folder} is not yours alone: it was left as it is",
            hint=f"Remove it, or name another one: {SESSION}=PATH.",
        )


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    check_ours(folder)


def _folders(environ: Mapping[str, str], directory: Path) -> Iterator[Path]:
    """Where a session of this directory has its state, then those of the directories above."""
    given, temporary = environ.get(SESSION), environ.get("RUNNER_TEMP")
    if given:
        yield directory / given
    elif temporary and _is_chosen(environ):
        names = (environ.get(f"GITHUB_{name}") or "0" for name in ("RUN_ID", "RUN_ATTEMPT", "JOB"))
        yield directory / temporary / OURS / "-".join(names).replace("/", "_") / "session"
    else:
        own = _own_folder(environ)
        for above in (directory, *directory.parents):
            yield own / _name(above)


def _is_chosen(environ: Mapping[str, str]) -> bool:
    """Whether the folder's parents are the runner's or the user's choice, not ours."""
    return bool(environ.get(SESSION) or (environ.get("RUNNER_TEMP") and environ.get("GITHUB_RUN_ID")))


def _own_folder(environ: Mapping[str, str]) -> Path:
    """The user's, for as long as the machine is up: the login session's (XDG base directories), else by user id."""
    given = environ.get("XDG_RUNTIME_DIR") or ""
    if given.startswith("/") and os.access(given, os.W_OK):
        return Path(given) / OURS
    user = os.geteuid() if hasattr(os, "geteuid") else "user"
    return Path(environ.get("TMPDIR") or "/tmp") / f"{OURS}-{user}"  # noqa: S108  (checked to be ours) # nosec B108


def _name(directory: Path) -> str:
    """A directory's path as one file name; no two have the same."""
    name = str(directory).replace("%", "%25").replace("/", "%2F")
    if len(os.fsencode(name)) <= LONGEST_NAME:
        return name
    from hashlib import sha256  # noqa: PLC0415

    return sha256(os.fsencode(name)).hexdigest()


def _start_of(path: Path) -> bytes:
    """A small file; of a large one too little to be read. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MOST_SAID_BYTES)


def _text(value: Any) -> str | None:  # noqa: ANN401  (out of a file)
    return value if isinstance(value, str) and value else None
