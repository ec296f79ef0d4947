"""Hours in which a reading of every source fails each minute: what is lost is what failed, and no counted joule."""

from __future__ import annotations

import pytest

from tests.faults.soak import WATTS, soak

HOUR_S = 3600.0
TICK_J = 0.2 * WATTS["counter"]
"""By how much a GPU's counter may lag at the ends of a job."""


@pytest.mark.parametrize("hours", [1 / 6, 1.0, 24.0])
def test_a_reading_that_fails_every_minute_costs_itself_alone(hours: float) -> None:
    lasting_s = hours * HOUR_S

    found = soak(lasting_s)

    assert found.failed >= 3 * (hours * 60 - 2)
    assert 0 < found.lost <= found.failed
    assert found.energies_j == pytest.approx({name: watts * lasting_s for name, watts in WATTS.items()}, abs=TICK_J)
    assert (found.coverage_ratio < 0.9) == any(flag.startswith("low-coverage") for flag in found.flags)


def test_what_has_no_counter_stays_covered_as_long_as_it_is_read_often() -> None:
    """A reading a second at first; after a day, when it is one in 43 s, every second one fails, and that is told."""
    assert soak(6 * HOUR_S).coverage_ratio > 0.95
    assert soak(24 * HOUR_S).coverage_ratio > 0.75
