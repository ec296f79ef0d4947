"""What every test gets: the shared fixtures, and tripwires on the world outside."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
