"""Fixtures of the publishing tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # `tests` is no package: found from the root only

from tests.fixtures_github import github, github_description

__all__ = ["github", "github_description"]
