"""How GitHub runs a step's `run:`: the words of each `shell:`, and the script file it is given."""

from __future__ import annotations

from collections.abc import Mapping

from reporter.errors import ConfigError, Problem

SHELLS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "bash": (("bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"), ".sh"),
    "sh": (("sh", "-e", "{0}"), ".sh"),
    "python": (("python", "{0}"), ".py"),
    "pwsh": (("pwsh", "-command", ". '{0}'"), ".ps1"),
    "powershell": (("powershell", "-command", ". '{0}'"), ".ps1"),
}
"""Shell → its words, {0} for the script's path, and the script's suffix."""

_STOP_AT_ERRORS = "$ErrorActionPreference = 'stop'\n"
_LAST_STATUS = "\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }\n"


def shell_words(shell: str) -> tuple[tuple[str, ...], str]:
    """The words that run a script, and the script's suffix. Raises ConfigError for a shell unknown to GitHub too."""
    import shlex  # noqa: PLC0415  (only templates need it)

    if shell in SHELLS:
        return SHELLS[shell]
    try:
        words = tuple(shlex.split(shell))
    except ValueError:
        words = ()
    if not any("{0}" in word for word in words[1:]):
        raise ConfigError(
            Problem(
                f"Shell `{shell}` is not known",
                origin="action input `shell`",
                suggestion=f"Write {', '.join(SHELLS)}, or a template such as `perl {{0}}`.",
            )
        )
    return words, ""


def as_script(run: str, suffix: str) -> str:
    """The script's text as GitHub writes it: PowerShell stops at errors and ends with the last status."""
    if suffix == ".ps1":
        return _STOP_AT_ERRORS + run + _LAST_STATUS
    return run if run.endswith("\n") else run + "\n"
