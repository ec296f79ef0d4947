"""Plain git, in a bare repository of our own that lives as long as one question: nobody's work tree, config or hooks.

Settings and secrets go through the environment (GIT_CONFIG_COUNT, git 2.31 on), never through arguments or files.
"""

from __future__ import annotations

import re
import subprocess
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from reporter.errors import HistoryError

TIMEOUT_S = 120.0
"""For one answer, where nobody is less patient."""
OLDEST = (2, 31)
"""The first git that takes settings from the environment."""
MOST_SAID = 4_000
_KEPT = (
    "PATH", "HOME", "TMPDIR", "LANG", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSH",
    "GIT_SSH_COMMAND", "http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
    "SYSTEMROOT", "SystemRoot", "TEMP", "TMP", "USERPROFILE",
)  # fmt: skip
"""What of our surroundings git is given; nothing else of its own settings counts."""
_WHO = "Emissions Reporter"


class Remote(NamedTuple):
    """A repository elsewhere, and what lets us in."""

    url: str
    """Without a name or password in it."""
    header: str | None = None

    @property
    def shown(self) -> str:
        """As people may see it."""
        return _printable(self.url)


class Failed(Exception):
    """Git ended with an error; `said` is what it wrote, without secrets."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class Git:
    """Calls of git in the repository at `folder`."""

    def __init__(
        self, folder: Path, remote: Remote, environ: Mapping[str, str], *, timeout_s: float = TIMEOUT_S
    ) -> None:
        self.folder = folder
        self.remote = remote
        self._environ = surroundings(environ, remote)
        self._timeout_s = timeout_s

    def begin(self) -> None:
        """Make the repository. Raises HistoryError without a git that is new enough."""
        version = call(["--version"], self.folder, self._environ).decode("utf-8", "replace")
        found = re.search(r"(\d+)\.(\d+)", version)
        if found and (int(found[1]), int(found[2])) < OLDEST:
            needed = ".".join(map(str, OLDEST))
            raise HistoryError(f"git {found[0]} is too old for history on a branch", hint=f"Install git {needed}.")
        call(["init", "--quiet", "--bare", "--template=", str(self.folder)], self.folder, self._environ)

    def __call__(self, *words: str, given: bytes = b"") -> bytes:
        """What git writes. Raises Failed where it fails, HistoryError where it cannot be called."""
        words = ("--git-dir", str(self.folder), *words)
        return call(words, self.folder, self._environ, given=given, timeout_s=self._timeout_s)


def remote_of(url: str, token: str | None) -> Remote:
    """A remote with the header that lets us in; a name and password in the address become that header."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (raises where it is no number)
    except ValueError:
        raise HistoryError("The address of the remote cannot be read", hint="See `git remote --verbose`.") from None
    if parts.scheme not in ("http", "https"):
        return Remote(url=url)
    user, password = parts.username or "", parts.password or ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    bare = SplitResult(parts.scheme, f"{host}:{parts.port}" if parts.port else host, parts.path, "", "")
    secret = (
        f"x-access-token:{token}" if token else f"{unquote(user)}:{unquote(password)}" if user or password else None
    )
    header = None if secret is None else f"Authorization: Basic {b64encode(secret.encode()).decode()}"
    return Remote(url=urlunsplit(bare), header=header)


def origin_of(folder: str, environ: Mapping[str, str]) -> str:
    """The address of a work tree's `origin`. Raises HistoryError where there is no git, no repository or no remote."""
    try:
        said = call(["config", "--local", "--get", "remote.origin.url"], Path(folder), surroundings(environ))
    except Failed as failed:
        inside = "not a git" not in failed.said and "only be used inside a git" not in failed.said
        why = "has no remote `origin`" if inside else "is no git repository"
        hint = "Add the remote, set GITHUB_REPOSITORY, or use `--history file:PATH`."
        raise HistoryError(f"This folder {why}, so there is no branch to keep history on", hint=hint) from None
    return said.decode("utf-8", "replace").strip()


def surroundings(environ: Mapping[str, str], remote: Remote | None = None) -> dict[str, str]:
    """The environment of git: no settings of the machine or the user, no questions, no hooks."""
    settings = {
        "core.hooksPath": "/dev/null",
        "credential.helper": "",
        "gc.auto": "0",
        "maintenance.auto": "false",
        "fetch.fsckObjects": "true",
        "user.useConfigOnly": "false",
        "commit.gpgSign": "false",
        "push.gpgSign": "false",
        "safe.directory": "*",
    }
    if remote is not None:
        settings["remote.origin.url"] = remote.url
        if remote.header is not None:
            scheme, host, *_ = urlsplit(remote.url)
            settings[f"http.{scheme}://{host}/.extraHeader"] = remote.header
    pairs = enumerate(settings.items())
    numbered = [text for index, pair in pairs for text in zip((f"KEY_{index}", f"VALUE_{index}"), pair, strict=True)]
    return {
        **{name: environ[name] for name in _KEPT if name in environ},
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_COUNT": str(len(settings)),
        **{f"GIT_CONFIG_{name}": value for name, value in numbered},
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        "GIT_AUTHOR_NAME": _WHO,
        "GIT_AUTHOR_EMAIL": "emissions-reporter@users.noreply.github.com",
        "GIT_COMMITTER_NAME": _WHO,
        "GIT_COMMITTER_EMAIL": "emissions-reporter@users.noreply.github.com",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


def call(
    words: Sequence[str],
    folder: Path,
    environ: Mapping[str, str],
    *,
    given: bytes = b"",
    timeout_s: float = TIMEOUT_S,
) -> bytes:
    """What one call of git writes. Raises Failed, or HistoryError where there is none or it takes too long."""
    try:
        done = subprocess.run(  # noqa: S603  (no shell)
            ["git", *words],  # noqa: S607  (the user's git)
            cwd=folder,
            env=dict(environ),
            input=given,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except FileNotFoundError:
        if not folder.is_dir():
            raise HistoryError(f"There is no folder `{folder}`") from None
        raise HistoryError("There is no git here", hint="Install git, or use `--history file:PATH`.") from None
    except OSError as error:
        raise HistoryError(f"git cannot be called: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        hint = "Nothing of history was changed. Try again later."
        raise HistoryError(f"git had no answer within {timeout_s:g} s", hint=hint) from None
    if done.returncode:
        raise Failed(_printable((done.stderr + b"\n" + done.stdout).decode("utf-8", "replace").strip()))
    return done.stdout


def _printable(text: str) -> str:
    """Without what could be a secret in an address, or move the cursor."""
    text = re.sub(r"(\w+://)[^/@\s]+@", r"\1", text)
    text = "".join(character if character.isprintable() else " " for character in text)
    return text[:MOST_SAID]
