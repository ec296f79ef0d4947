"""The real command line for tests: in a process of its own, or in ours where only speed differs."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable
METER = (PYTHON, "-m", "reporter")
OUT = "emissions-report"

# Seen by the meter alone, not by the metered command: what it imports and whom it calls, and when the command starts.
OBSERVER = """
import os, sys
blocked = os.environ.get("BLOCKED", "").split()
if blocked:
    class Blocker:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in blocked:
                raise ImportError(f"{name} is blocked")
    sys.meta_path.insert(0, Blocker())
log = os.environ.get("OBSERVED")
if log and "reporter" in sys.orig_argv:
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    def hook(event, args):
        if event == "import":
            os.write(file, f"import {args[0]}\\n".encode())
        elif event == "subprocess.Popen":
            os.write(file, b"started\\n")
        elif event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
            os.write(file, f"{event} {args[1:]}\\n".encode())
            if event == "socket.connect":
                raise OSError("no test leaves this machine")
    sys.addaudithook(hook)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command line ended."""

    status: int
    out: bytes
    err: str
    cwd: Path

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def folder(self) -> Path:
        return self.cwd / OUT

    @property
    def footprint(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "footprint.json").read_text())
        return found

    @property
    def is_clean(self) -> bool:
        """No bug of ours: neither its status nor its traceback."""
        return self.status != 70 and "Traceback" not in self.err and "This is a bug" not in self.err


@dataclass(frozen=True, slots=True, kw_only=True)
class Emissions:
    """`emissions` in one folder, with an environment that holds nothing of the machine's."""

    cwd: Path
    environ: Mapping[str, str]

    def __call__(self, *argv: str, stdin: bytes = b"", **environ: str) -> Ran:
        """In a process of its own, as users run it."""
        done = subprocess.run(
            [*METER, *argv],
            cwd=self.cwd,
            env={**self.environ, **environ},
            input=stdin,
            capture_output=True,
            timeout=60,
        )
        return Ran(status=done.returncode, out=done.stdout, err=done.stderr.decode(), cwd=self.cwd)

    def shell(self, script: str, **environ: str) -> Ran:
        """In a shell, where `emissions` is a function: for redirections and pipes."""
        words = f'emissions() {{ "{PYTHON}" -m reporter "$@"; }}\n{script}'
        done = subprocess.run(
            ["bash", "-c", words], cwd=self.cwd, env={**self.environ, **environ}, capture_output=True, timeout=60
        )
        return Ran(status=done.returncode, out=done.stdout, err=done.stderr.decode(), cwd=self.cwd)

    def start(self, *argv: str, **environ: str) -> subprocess.Popen[bytes]:
        """In the background, in a group of its own."""
        return subprocess.Popen(
            [*METER, *argv],
            cwd=self.cwd,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def quick(self, *argv: str, **environ: str) -> Ran:
        """In this process: for verbs that start no command, and for runs that are refused before they start one."""
        from reporter.cli import main

        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        before = Path.cwd()
        os.chdir(self.cwd)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                status = main(argv, environ={**self.environ, **environ})
        finally:
            os.chdir(before)
        out.flush()
        err.flush()
        return Ran(
            status=status,
            out=out.buffer.getvalue(),  # type: ignore[attr-defined]
            err=err.buffer.getvalue().decode(),  # type: ignore[attr-defined]
            cwd=self.cwd,
        )

    def in_(self, cwd: Path) -> Emissions:
        """The same elsewhere."""
        cwd.mkdir(parents=True, exist_ok=True)
        return replace(self, cwd=cwd)

    def observed(self) -> Emissions:
        """The same with the observer, whose notes are lines of `observed` in the folder."""
        (self.cwd / "observer").mkdir(exist_ok=True)
        (self.cwd / "observer" / "sitecustomize.py").write_text(OBSERVER)
        path = f"{self.cwd / 'observer'}:{ROOT}"
        return replace(self, environ={**self.environ, "PYTHONPATH": path, "OBSERVED": str(self.cwd / "observed")})

    @property
    def notes(self) -> list[str]:
        return (self.cwd / "observed").read_text().splitlines()


def config(folder: Path, text: str, name: str = "emissions.yml") -> Path:
    """Write a config file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
