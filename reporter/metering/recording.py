"""The recording as JSON lines: what is written while a job runs, and how it is read back.

The first line is the start record; then come samples (absolute counters, monotonic nanoseconds), events, and the end
record. Every line is one write to a file opened for appending, so that a killed meter loses at most one line.
Kinds and keys that a reader does not know are ignored; a newer schema is refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from reporter import __version__
from reporter.file import opened
from reporter.metering.document import mark_document, start_document

if TYPE_CHECKING:
    from reporter.domain.readings import Hardware, Job, Recording
    from reporter.metering.sources import Sources

FIRST_FREE_FD = 3

Warn = Callable[[str], None]


class RecordingWriter:
    """Appends one job's lines to a file; where the file fails, it goes on in memory and says so once.

    No method raises. Safe to use from several threads.
    """

    def __init__(self, path: Path | None, *, warn: Warn, contents: bytes = b"") -> None:
        """Begin a new file; `contents` are lines that are there already."""
        self._path = path
        self._warn = warn
        self._lock = Lock()
        self._memory: list[bytes] | None = None
        self._file: int | None = None
        if path is None:
            self._memory = []
        else:
            try:
                self._file = _open(path)
            except OSError as error:
                self._give_up(error, written=[])
        if contents:
            self._append(contents)

    def start(self, *, t_ns: int, job: Job, hardware: Hardware, sources: Sources, extra: Mapping[str, Any]) -> None:
        """The first line: everything that is known before the command runs; `extra` is the caller's JSON object."""
        self._line(
            start_document(t_ns=t_ns, job=job, hardware=hardware, sources=sources, extra=extra, tool=__version__)
        )

    def command(self, t_ns: int, pid: int | None = None) -> None:
        """The command was started."""
        self._line({"kind": "command", "t": t_ns, "pid": pid})

    def sample(self, source: int, t_ns: int, values: Sequence[int | None]) -> None:
        """One reading of one source: a value for each of its columns."""
        body = ",".join("null" if value is None else str(value) for value in values)
        self._append(f'{{"s":{source},"t":{t_ns},"v":[{body}]}}\n'.encode())

    def missed(self, meter_id: str, t_ns: int, reason: str) -> None:
        """From now on this meter gives no readings, for this reason."""
        self._line({"kind": "missed", "meter": meter_id, "t": t_ns, "reason": reason})

    def flag(self, flag: str, t_ns: int) -> None:
        """Something about the whole job, as a kebab-case code with detail after a colon."""
        self._line({"kind": "flag", "t": t_ns, "flag": flag})

    def mark(self, label: str, t_ns: int) -> None:
        """A phase begins."""
        self._line(mark_document(label, t_ns))

    def idle(self, from_ns: int, to_ns: int | None = None) -> None:
        """Between these times, before the command, the machine was measured idle; None: it begins to be."""
        self._line({"kind": "idle", "from": from_ns, "to": to_ns})

    def units(self, units: Mapping[str, float]) -> None:
        """Work done, from the job's metrics file; may follow the end record."""
        self._line({"kind": "units", "units": dict(units)})

    def add(self, extra: Mapping[str, Any]) -> None:
        """More of the caller's JSON object, known only later; a key replaces one of the same name."""
        self._line({"kind": "extra", "extra": dict(extra)})

    def end(self, *, t_ns: int, exit_status: int | None, signal: int | None, self_cpu_s: float | None) -> None:
        """The command has ended; `signal` is the last one that the meter was sent."""
        self._line({"kind": "end", "t": t_ns, "exit_status": exit_status, "signal": signal, "self_cpu_s": self_cpu_s})

    def contents(self) -> bytes:
        """All lines so far, from wherever they are; empty if the file has since become unreadable."""
        with self._lock:
            if self._memory is not None:
                return b"".join(self._memory)
            try:
                if self._file is not None:  # also where the command has deleted the file
                    return self._read_held()
                return self._path.read_bytes() if self._path else b""
            except (OSError, AttributeError):
                return self._path.read_bytes() if self._path and self._path.is_file() else b""

    def save(self) -> bool:
        """Where the file failed or was taken away, write it once more; whether all lines are in it now.

        Lines that other processes added to it meanwhile are kept.
        """
        with self._lock:
            if self._path is None or self._is_in_place():
                return self._path is not None
            part = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            try:
                known = b"".join(self._memory) if self._memory is not None else self._read_held()
                others = b"".join(line for line in self._read_back()[0].splitlines(keepends=True) if line not in known)
                part.write_bytes(known + others)
                part.replace(self._path)
            except OSError:
                with suppress(OSError):
                    part.unlink()
                return False
            return True

    def close(self) -> None:
        """Write no more; may be called twice."""
        with self._lock:
            file, self._file = self._file, None
            if file is not None:
                os.close(file)

    def _line(self, document: Mapping[str, Any]) -> None:
        try:
            text = json.dumps(document, separators=(",", ":"), allow_nan=False)
        except (TypeError, ValueError) as error:
            self._warn(f"a line of the recording is lost: {error}")
            return
        self._append(text.encode() + b"\n")

    def _append(self, line: bytes) -> None:
        with self._lock:
            if self._memory is not None:
                self._memory.append(line)
            elif self._file is not None:
                try:
                    written = os.write(self._file, line)
                except OSError as error:
                    self._give_up(error, written=[*self._read_back(), line])
                else:
                    if written < len(line):
                        self._give_up(OSError("no space left on device"), written=[*self._read_back(), line])

    def _read_held(self) -> bytes:
        return b"" if self._file is None else os.pread(self._file, os.fstat(self._file).st_size, 0)

    def _is_in_place(self) -> bool:
        """Whether the lines went to the file that is there now; one that is closed is not looked for."""
        if self._memory is not None or self._path is None:
            return False
        try:
            return self._file is None or os.path.samestat(os.fstat(self._file), os.stat(self._path))  # noqa: PTH116
        except OSError:
            return False

    def _read_back(self) -> list[bytes]:
        """The whole lines that are in the file."""
        try:
            text = self._path.read_bytes() if self._path and self._path.is_file() else b""
        except OSError:
            text = b""
        return [text[: text.rfind(b"\n") + 1]]

    def _give_up(self, error: OSError, *, written: list[bytes]) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
        self._memory = written
        self._warn(
            f"The recording cannot be written to {self._path}: {error.strerror or error}. "
            "The job goes on and is reported from memory; if the meter is killed, its readings are lost."
        )


def read_recording(path: Path) -> tuple[Recording, dict[str, Any]]:
    """The recording in a file, and the caller's `extra`; RecordingError if it is none, damaged, or too new."""
    from reporter.errors import RecordingError  # noqa: PLC0415 - reading is not on the way to the command
    from reporter.metering.parsing import MAX_BYTES, parse_recording  # noqa: PLC0415

    try:
        with opened(path) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RecordingError(f"The recording `{path}` cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise RecordingError(f"`{path}` is larger than {MAX_BYTES >> 20} MB: no recording is")
    return parse_recording(data, name=str(path))


def _open(path: Path) -> int:
    """A new file for appending. Never one of the standard streams' numbers, which may be closed in a CI job."""
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC, 0o644)
    if file >= FIRST_FREE_FD:
        return file
    import fcntl  # noqa: PLC0415 - not everywhere, and hardly ever needed

    try:
        return fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE_FD)
    finally:
        os.close(file)
