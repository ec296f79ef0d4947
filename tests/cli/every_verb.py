"""Every verb once, as users call it, and a watcher that sees whom its processes call and with which arguments."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from tests.cli.command import ROOT, Emissions, Ran

# In every Python process, children of ours included; a process that parts with its files opens the notes anew.
WATCHER = """
import os, sys
CALLS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg")
STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system")
def note(text):
    file = os.open(os.environ["WATCHED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, text.encode("utf-8", "replace") + b"\\n")
    os.close(file)
def hook(event, args):
    if event in CALLS:
        note(f"contact {event} {args[-1]!r}")
    elif event in STARTS:
        note(f"started {args[:2]!r}")
if "WATCHED" in os.environ:
    sys.addaudithook(hook)
"""
JOB = "import json; json.dump({'units': {'sample': 9}}, open('metrics.json', 'w'))"
RUN = ("run", "--region", "FR", "--budget", "50 g", "--metrics", "metrics.json", "--", "python3", "-c", JOB)
FORMATS = (
    "text", "markdown", "html", "json", "csv", "statement", "latex", "model-card", "badge", "badge-svg",
)  # fmt: skip
STORE = ("--history", "file:h.jsonl")
CALLS: tuple[tuple[str, ...], ...] = (
    RUN,
    ("start", "--region", "FR"),
    ("mark", "a"),
    ("stop", "--budget", "50 g", "--out", "session"),
    *(("report", "emissions-report", "--format", form) for form in FORMATS),
    ("report", "emissions-report", "--out", "again", "--what-if", "--pue", "1.3"),
    ("publish", "emissions-report", "--dry-run"),
    ("publish", "emissions-report"),
    ("gate", "emissions-report", "--json"),
    ("compare", "emissions-report", "again"),
    ("estimate", "--power", "100", "--hours", "1", "--region", "FR"),
    ("factors", "list"),
    ("factors", "show", "FR"),
    ("history", "add", "emissions-report", *STORE),
    ("history", "show", *STORE),
    ("history", "export", "--format", "csv", *STORE),
    ("history", "prune", "--keep", "5", *STORE),
    ("budget", "suggest", *STORE),
    ("doctor",),
    ("doctor", "--json"),
    ("init", "--dir", ".", "--command", "make train"),
)


def watched(emissions: Emissions) -> Emissions:
    """The same with the watcher, in a job of Actions that has no token; its notes are the file `watched`."""
    folder = emissions.cwd.parent / "watcher"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WATCHER)
    temp = emissions.cwd.parent / "temp"
    temp.mkdir()
    return replace(
        emissions,
        environ={
            **emissions.environ,
            "PYTHONPATH": f"{folder}:{ROOT}",
            "WATCHED": str(folder / "notes"),
            "RUNNER_TEMP": str(temp),
            "GITHUB_ACTIONS": "true",
            "GITHUB_RUN_ID": "7",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_JOB": "train",
            "GITHUB_REPOSITORY": "octo-org/octo-repo",
            "GITHUB_STEP_SUMMARY": str(temp / "summary.md"),
            "GITHUB_OUTPUT": str(temp / "output"),
        },
    )


def notes_of(emissions: Emissions, kind: str) -> list[str]:
    """What the watcher saw."""
    path = Path(emissions.environ["WATCHED"])
    lines = path.read_text().splitlines() if path.exists() else []
    return [line for line in lines if line.startswith(kind)]


def called(emissions: Emissions, calls: tuple[tuple[str, ...], ...] = CALLS, **environ: str) -> list[Ran]:
    """How each call ended."""
    return [emissions(*call, **environ) for call in calls]


def hostile_footprint(text: str) -> str:
    """The document of a job that is called so."""
    document = json.loads((ROOT / "examples/footprints/train.json").read_text())
    document["job"].update(name=text, runner=text, branch=text, command=[text])
    return json.dumps(document)
