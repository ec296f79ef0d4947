"""What the figures of a row rest on, in words."""

from __future__ import annotations

import pytest

from reporter.report.basis import Basis, basis_words


@pytest.mark.parametrize(
    ("measured_ratio", "words"),
    [(0.62, "partly measured (62 %)"), (0.989, "partly measured (99 %)"), (0.996, "measured (99.6 %)")],
)
def test_a_modelled_rest_below_a_hundredth_is_told_by_its_share_alone(measured_ratio: float, words: str) -> None:
    basis = Basis(method="partly-measured", measured_ratio=measured_ratio)

    assert basis_words(basis).replace("\u202f", " ") == words
