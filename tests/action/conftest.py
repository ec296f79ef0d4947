"""Fixtures of the action's tests: act, the fake forge, the NVML stand-in."""

from __future__ import annotations

from tests.fixtures_action import act, act_binary, action_tree, quick_uv
from tests.fixtures_github import github, github_description
from tests.fixtures_metering import nvml_standin

__all__ = ["act", "act_binary", "action_tree", "github", "github_description", "nvml_standin", "quick_uv"]
