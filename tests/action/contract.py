"""The contract's tables of inputs and outputs, as data: what action.yml and the README are held to."""

from __future__ import annotations

INPUTS: dict[str, str | None] = {
    "run": None,
    "mode": None,
    "name": None,
    "region": "auto",
    "pue": None,
    "intensity": None,
    "strict-intensity": None,
    "budget": None,
    "config": None,
    "out": None,
    "metrics": None,
    "gpus": None,
    "sources": None,
    "idle-baseline": None,
    "stop-at-budget": None,
    "on-unknown": None,
    "on-borderline": None,
    "path": None,
    "shell": "bash",
    "working-directory": None,
    "comment": "always",
    "comment-id": None,
    "pull-request": None,
    "summary": "true",
    "annotations": "true",
    "history": "auto",
    "on-error": "warn",
    "gate": "true",
    "token": "${{ github.token }}",
    "python": None,
}
"""Name → default; None: not set."""

OUTPUTS = (
    "energy-kwh",
    "emissions-gco2e",
    "emissions-low-gco2e",
    "emissions-high-gco2e",
    "duration-s",
    "measured-ratio",
    "quality",
    "verdict",
    "exit-status",
    "footprint",
    "report",
    "comment-url",
)
