"""One target of `make fuzz`, with atheris choosing what comes next by which lines the last case reached.

    python -m tests.fuzz.guided footprint -max_total_time=300

The options after the target are libFuzzer's. What is found ends it, and stays in a file `crash-…`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import atheris
from hypothesis import HealthCheck, given, settings

with atheris.instrument_imports(include=["reporter"]):
    from tests.fuzz.__main__ import TARGETS, one
    from tests.fuzz.case import Case


def main(arguments: Sequence[str]) -> None:
    """Until something is found, or the time is over."""
    target, *options = arguments
    folder = Path(tempfile.mkdtemp(prefix="fuzz-")) / "case"

    @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(TARGETS[target][0]())
    def attempt(case: Case) -> None:
        one(case, folder)

    atheris.Setup([sys.argv[0], "-len_control=0", "-max_len=8192", *options], attempt.hypothesis.fuzz_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
