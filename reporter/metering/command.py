"""The metered command: started with everything passed through, waited for, its exit status returned.

It gets argv, standard streams, inherited files and signal dispositions as the meter got them.
Signals sent to the meter are forwarded to it; after an interrupt that it does not heed, the meter leaves in time for
the CI runner not to kill it: SIGINT at 0, SIGTERM at 6 s, the result at 7 s (GitHub kills at 7.5 s + 2.5 s).
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from threading import Thread
from typing import NamedTuple

from reporter.metering.clock import NS_PER_S, Clock
from reporter.metering.inbox import ENDING, EXITED, ON_WINDOWS, STOP, Inbox, collected
from reporter.metering.stopping import Stopping, send

NOT_EXECUTABLE, NOT_FOUND = 126, 127
_SCARCE = frozenset({errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""With these a process cannot be made beside us; for the command to take our place nothing new is needed."""

_FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGTSTP")
_TERMINAL = frozenset({"SIGINT", "SIGQUIT", "SIGTSTP"})
"""Those that a terminal sends to the whole group: the command has them already."""


class Patience(NamedTuple):
    """How long a command may take to heed a signal, seconds since the first one."""

    terminate_s: float = 6.0
    leave_s: float = 7.0


class CommandResult(NamedTuple):
    """How the command went. `start_ns` and `end_ns` bound its life, or the meter's stay with it."""

    exit_status: int
    start_ns: int
    end_ns: int
    signal: int | None = None
    """The last one that the meter was sent."""
    left_running: bool = False
    """It heeded no signal in time, and was left behind."""
    failure: str | None = None
    """Why it was not started; the status is then 126 or 127."""


def run_command(  # noqa: PLR0913 - the command, what it is given, and who listens
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    clock: Clock,
    on_started: Callable[[int, int], None] | None = None,
    patience: Patience | None = None,
    stopping: Stopping | None = None,
    warn: Callable[[str], None] | None = None,
) -> CommandResult:
    """Run the command to its end, or until `stopping` ends it; call this from the main thread.

    The status is the command's own, 128 + n if signal n ended it, 127 if it was not found, 126 if it could not be run.
    `on_started` is given the time and the process id as soon as it runs.
    Where no process can be made for want of processes, files or memory, the command takes the meter's place.
    """
    stopping = stopping or Stopping()
    on_terminal = ON_WINDOWS or _stdin_is_terminal()
    forwarded = (name for name in _FORWARDED if not (on_terminal and name == "SIGTSTP"))
    with ExitStack() as stack:
        start_ns = clock.now_ns()
        try:
            inbox = stack.enter_context(collected(forwarded))
            process = _spawn(argv, env, own_group=not on_terminal)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in _SCARCE:
                _become(argv, env, error, warn)
            status, failure = _failure(argv, error)
            return CommandResult(exit_status=status, start_ns=start_ns, end_ns=clock.now_ns(), failure=failure)
        if on_started is not None:
            with suppress(Exception):
                on_started(start_ns, process.pid)
        ended: list[int] = []
        waiter = Thread(target=_wait, args=(process, clock, ended, inbox), name="emissions-wait", daemon=True)
        received: list[int] = []
        left = False
        try:
            waiter.start()
        except RuntimeError:  # no more threads may be made: wait here, without passing signals on
            process.wait()
            ended.append(clock.now_ns())
        else:
            stopping.listen(inbox)
            try:
                received, left = _follow(
                    process, inbox, clock, patience or Patience(), stopping, on_terminal=on_terminal
                )
            finally:
                stopping.listen(None)
    end_ns = ended[0] if ended and not stopping.outlived else clock.now_ns()
    status = 128 + next(number for number in received if _name(number) in ENDING) if left else _status(process.wait())
    return CommandResult(
        exit_status=status,
        start_ns=start_ns,
        end_ns=end_ns,
        signal=received[-1] if received else None,
        left_running=left,
    )


@contextmanager
def interruptible() -> Iterator[None]:
    """After the command's end: a request to end raises KeyboardInterrupt in the meter instead of ending it at once.

    The meter then cuts its own work short and leaves with the command's status, not with the signal's.
    """
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    previous = {getattr(signal, name): signal.getsignal(getattr(signal, name)) for name in names}
    taken = [number for number, handler in previous.items() if handler is signal.SIG_DFL]
    try:
        for number in taken:
            signal.signal(number, signal.default_int_handler)
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _follow(  # noqa: PLR0913 - the command, and all that may end it
    process: subprocess.Popen[bytes],
    inbox: Inbox,
    clock: Clock,
    patience: Patience,
    stopping: Stopping,
    *,
    on_terminal: bool,
) -> tuple[list[int], bool]:
    """Pass signals on until the command ends: those received, and whether it was left running."""
    received: list[int] = []
    ending_since_ns: int | None = None
    terminated = exited = False
    while True:
        now_ns = clock.now_ns()
        patience_s = patience.leave_s if terminated else patience.terminate_s
        until_ns = None if ending_since_ns is None else ending_since_ns + round(patience_s * NS_PER_S)
        due_ns = stopping.due_ns(now_ns, exited=exited)
        soonest_ns = min((moment for moment in (until_ns, due_ns) if moment is not None), default=None)
        number = inbox.get(None if soonest_ns is None else max(0, soonest_ns - now_ns) / NS_PER_S)
        if number is None and soonest_ns == until_ns:
            if terminated:
                return received, not exited
            terminated = True
            send(process.pid, signal.SIGTERM, to_group=True)
            send(process.pid, signal.SIGCONT, to_group=True)
        elif number == STOP and not exited:
            stopping.begin(process.pid, clock.now_ns(), to_group=not on_terminal)
        elif number == EXITED:
            exited = True
        elif number not in (None, STOP):
            received.append(number)
            _forward(process, number, on_terminal=on_terminal)
            # At a terminal somebody is watching, and decides for themselves how long to wait.
            if _name(number) in ENDING and not on_terminal and ending_since_ns is None:
                ending_since_ns = clock.now_ns()
        if stopping.go_on(clock.now_ns(), exited=exited):
            return received, False


def _name(number: int) -> str:
    return signal.Signals(number).name


def _forward(process: subprocess.Popen[bytes], number: int, *, on_terminal: bool) -> None:
    if on_terminal:
        if _name(number) not in _TERMINAL:
            send(process.pid, number, to_group=False)
        return
    stops = _name(number) == "SIGTSTP"
    # Before Python 3.11 the command has a session of its own, where SIGTSTP is thrown away (POSIX: orphaned groups).
    send(process.pid, signal.SIGSTOP if stops and sys.version_info < (3, 11) else number, to_group=True)
    if stops:
        # Stop together with the command, and go on together.
        os.kill(os.getpid(), signal.SIGSTOP)
        send(process.pid, signal.SIGCONT, to_group=True)


def _spawn(argv: Sequence[str], env: Mapping[str, str], *, own_group: bool) -> subprocess.Popen[bytes]:
    group: dict[str, object] = {}
    if own_group:
        group = {"process_group": 0} if sys.version_info >= (3, 11) else {"start_new_session": True}

    def start(words: Sequence[str]) -> subprocess.Popen[bytes]:
        # close_fds=False: files that the meter inherited are the command's (`cmd <(…)`, job servers).
        return subprocess.Popen(words, env=env, close_fds=False, **group)  # type: ignore[call-overload, no-any-return] # noqa: S603  (the user's)

    if not argv or not argv[0]:
        raise FileNotFoundError(errno.ENOENT, "No command")
    try:
        return start(argv)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        # A script without a first line that names its interpreter: a shell runs it, as execvp does.
        import shutil  # noqa: PLC0415 - slow, and hardly ever needed

        path = shutil.which(argv[0], path=env.get("PATH")) or argv[0]
        return start(["/bin/sh", path, *argv[1:]])


def _become(argv: Sequence[str], env: Mapping[str, str], error: OSError, warn: Callable[[str], None] | None) -> None:
    """Let the command take our place, unmetered; returns only where that fails too."""
    if ON_WINDOWS:  # there it would be a process of its own
        return
    if warn is not None:
        with suppress(Exception):
            warn(f"the command runs unmetered: {error.strerror}.")
    # Python ignores these for itself; subprocess puts them right likewise.
    ours = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGPIPE, signal.SIGXFSZ)}
    with suppress(OSError, ValueError):
        os.execvpe(argv[0], list(argv), dict(env))  # noqa: S606  (the user's) # nosec B606
    for number, handler in ours.items():
        signal.signal(number, handler)


def _wait(process: subprocess.Popen[bytes], clock: Clock, ended: list[int], inbox: Inbox) -> None:
    """Block until the command ends; on Linux without reaping it, so that its id stays valid for signals."""
    if hasattr(os, "waitid"):
        with suppress(OSError):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    else:
        process.wait()
    ended.append(clock.now_ns())
    inbox.put(EXITED)


def _status(returncode: int) -> int:
    return 128 - returncode if returncode < 0 else returncode


def _failure(argv: Sequence[str], error: OSError | ValueError) -> tuple[int, str]:
    name = argv[0] if argv else ""
    if isinstance(error, FileNotFoundError):
        return NOT_FOUND, f"`{name}` was not found"
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return NOT_EXECUTABLE, f"`{name}` could not be run: {reason}"


def _stdin_is_terminal() -> bool:
    try:
        return os.isatty(0)
    except OSError:
        return False
