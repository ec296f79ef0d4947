"""Which regressions are found, and how often one is seen where there is none: ours beside other tests, simulated.

A rule of +5 %: whoever calls a regression must see the mean of the job's runs so far above the base's middle,
and beyond the test's own boundary. The simulated runs are the same for all tests; `SEED` makes them the same each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from math import comb, sqrt
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from benchmarks import curves
from benchmarks.figure import Figure, table
from benchmarks.installation import ROOT
from reporter.domain.noise import FALSE_ALARM_RATIO, SMALL_RATIO, band, runs_of, student

SIMULATIONS, SEED = 40_000, 6
LIMIT_RATIO = 0.05
INCREASES = (0.0, 0.05, 0.10, 0.15, 0.20, 0.30)
NOISES = (0.01, 0.02, 0.05, 0.10)
BASE_RUNS, HEAD_RUNS = (3, 5, 10), (1, 3, 5)
OUTLIERS_RATIO, OUTLIER_FACTOR = 0.05, 3.0
"""Of heavy tails: so many runs spread so much more (Tukey 1960)."""
THRESHOLD_RATIO = 0.10
CHECKED = 20
"""Of each cell, so many simulations are judged by the program's own function too."""
OURS = "ours"
_Z = NormalDist().inv_cdf(1 - FALSE_ALARM_RATIO)
_IQR, _DELTA_IQR = 1.349, 1.176
"""Of normal runs: the range between their quartiles; and that of the changes from one to the next: deviations."""
Runs = Any
"""An array: one row a simulation, one column a run."""


class Cell(NamedTuple):
    """What is simulated; ratios are of the base's energy."""

    shape: str
    noise_ratio: float
    base_runs: int
    head_runs: int
    increase_ratio: float


def _normal(mean: float, noise_ratio: float, deviates: Runs) -> Runs:
    """Noise of the machine: as large for a larger job."""
    return np.maximum(mean + noise_ratio * deviates, 0.01)


def _log_normal(mean: float, noise_ratio: float, deviates: Runs) -> Runs:
    """Noise that grows with the job, and leans upwards."""
    return mean * np.exp(noise_ratio * deviates)


SHAPES: dict[str, tuple[Callable[[float, float, Runs], Runs], bool]] = {
    "normal": (_normal, False),
    "log-normal": (_log_normal, False),
    "heavy-tailed": (_normal, True),
}
"""How runs come from deviates, and whether some of these are outliers."""
EVEN = ("normal", "log-normal")
LEAST_RATE = FALSE_ALARM_RATIO + 3 * sqrt(FALSE_ALARM_RATIO * (1 - FALSE_ALARM_RATIO) / SIMULATIONS)
"""What a test of exactly 1 % may come out as."""


def ours(base: Runs, head: Runs) -> Runs:
    """What `reporter.domain.noise` does, for all rows at once."""
    n, m = base.shape[1], head.shape[1]
    half = _pooled(base, head) * student(n + m - 2) / base.mean(1)
    lean = (n - m) / (n + m - 2)
    leaning = np.expm1(lean * half) / lean if lean else half
    return base.mean(1) * (1 + np.where(half <= SMALL_RATIO, half, leaning))


def _pooled(base: Runs, head: Runs) -> Runs:
    """One standard error of the difference of means, both sides with one spread."""
    n, m = base.shape[1], head.shape[1]
    squares = base.var(1) * n + head.var(1) * m
    return np.sqrt(squares / (n + m - 2) * (1 / n + 1 / m))


def _t(base: Runs, head: Runs) -> Runs:
    return base.mean(1) + _pooled(base, head) * student(base.shape[1] + head.shape[1] - 2)


def _t_of_logarithms(base: Runs, head: Runs) -> Runs:
    """Compares geometric means, so the boundary is moved to where the arithmetic one is."""
    return np.exp(_t(np.log(base), np.log(head))) * head.mean(1) / np.exp(np.log(head).mean(1))


def _z(base: Runs, head: Runs) -> Runs:
    return base.mean(1) + _Z * base.std(1, ddof=1) * sqrt(1 / base.shape[1] + 1 / head.shape[1])


def _median_and_deviation(base: Runs, head: Runs) -> Runs:
    middle = np.median(base, axis=1)
    spread = 1.4826 * np.median(np.abs(base - middle[:, None]), axis=1)
    return middle + _Z * spread * sqrt(1 / base.shape[1] + 1 / head.shape[1])


def _fence(base: Runs, head: Runs) -> Runs:  # noqa: ARG001
    low, high = np.quantile(base, (0.25, 0.75), axis=1)
    return high + 1.5 * (high - low)


def _ranks(base: Runs, head: Runs) -> Runs:
    """Mann–Whitney, exact: infinite where even the clearest order is more likely than one in a hundred by chance."""
    n, m = base.shape[1], head.shape[1]
    most = _most_inversions(n, m)
    if most is None:
        return np.full(len(base), np.inf)
    inversions = (head[:, :, None] <= base[:, None, :]).sum((1, 2))
    return np.where(inversions <= most, 0.0, np.inf)


@lru_cache
def _most_inversions(n: int, m: int) -> int | None:
    """How many pairs may be the wrong way round."""
    ways = np.zeros((n + 1, m + 1, n * m + 1))
    ways[:, 0, 0] = ways[0, :, 0] = 1
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            ways[i, j] = ways[i - 1, j]
            ways[i, j, i:] += ways[i, j - 1, : n * m + 1 - i]
    chances = np.cumsum(ways[n, m]) / comb(n + m, m)
    return (
        int(np.searchsorted(chances, FALSE_ALARM_RATIO, side="right")) - 1 if chances[0] <= FALSE_ALARM_RATIO else None
    )


def _bencher_percentage(base: Runs, head: Runs) -> Runs:  # noqa: ARG001
    return base.mean(1) * (1 + THRESHOLD_RATIO)


def _bencher_z(base: Runs, head: Runs) -> Runs:  # noqa: ARG001
    return base.mean(1) + _Z * base.std(1)


def _bencher_t(base: Runs, head: Runs) -> Runs:  # noqa: ARG001
    return base.mean(1) + student(base.shape[1] - 1) * base.std(1)


def _bencher_log_normal(base: Runs, head: Runs) -> Runs:  # noqa: ARG001
    logarithms = np.log(base)
    return np.exp(logarithms.mean(1) + _Z * logarithms.std(1))


def _bencher_iqr(base: Runs, head: Runs) -> Runs:  # noqa: ARG001
    low, middle, high = np.quantile(base, (0.25, 0.5, 0.75), axis=1)
    return middle + _Z / _IQR * (high - low)


def _bencher_delta_iqr(base: Runs, head: Runs) -> Runs:  # noqa: ARG001
    low, high = np.quantile(np.abs(np.diff(base, axis=1) / base[:, :-1]), (0.25, 0.75), axis=1)
    return np.median(base, axis=1) * (1 + _Z / _DELTA_IQR * (high - low))


TESTS: dict[str, Callable[[Runs, Runs], Runs]] = {
    OURS: ours,
    "t-test": _t,
    "t-test of logarithms": _t_of_logarithms,
    "z-test": _z,
    "Mann–Whitney": _ranks,
    "median and MAD": _median_and_deviation,
    "percentiles: Q3 + 1.5 IQR": _fence,
    "threshold of 10 %, Bencher's `percentage`": _bencher_percentage,
    "Bencher's `z_score`": _bencher_z,
    "Bencher's `t_test`": _bencher_t,
    "Bencher's `log_normal`": _bencher_log_normal,
    "Bencher's `iqr`": _bencher_iqr,
    "Bencher's `delta_iqr`": _bencher_delta_iqr,
}
"""Each one's boundary for the mean of the job's runs."""
DRAWN = {
    "ours": OURS,
    "t-test of logarithms": "t-test of logarithms",
    "z-test": "z-test",
    "percentiles": "percentiles: Q3 + 1.5 IQR",
    "threshold of 10 %": "threshold of 10 %, Bencher's `percentage`",
    "Bencher's t_test": "Bencher's `t_test`",
    "Bencher's iqr": "Bencher's `iqr`",
}


@lru_cache
def simulated() -> dict[str, dict[Cell, float]]:
    """Of each test, the share of the simulations of each cell in which it calls a regression."""
    found: dict[str, dict[Cell, float]] = {name: {} for name in TESTS}
    for place, (shape, (made, heavy)) in enumerate(SHAPES.items()):
        for n in BASE_RUNS:
            for m in HEAD_RUNS:
                random = np.random.default_rng((SEED, place, n, m))
                base_deviates, head_deviates = (_deviates(random, runs, heavy=heavy) for runs in (n, m))
                for noise in NOISES:
                    base = made(1.0, noise, base_deviates)
                    for increase in INCREASES:
                        head = made(1 + increase, noise, head_deviates)
                        cell = Cell(shape, noise, n, m, increase)
                        for name, boundary in TESTS.items():
                            found[name][cell] = float(called(boundary, base, head).mean())
                        _check(base, head)
    return found


def called(boundary: Callable[[Runs, Runs], Runs], base: Runs, head: Runs) -> Runs:
    """Whether a regression is seen, of each simulation."""
    least = np.median(base, axis=1) * (1 + LIMIT_RATIO)
    return head.mean(1) > np.maximum(least, boundary(base, head))


def _deviates(random: np.random.Generator, runs: int, *, heavy: bool) -> Runs:
    deviates = random.standard_normal((SIMULATIONS, runs))
    outliers = random.random(deviates.shape) < OUTLIERS_RATIO
    return np.where(outliers, OUTLIER_FACTOR * deviates, deviates) if heavy else deviates


def _check(base: Runs, head: Runs) -> None:
    """The arrays' formula is the program's."""
    for row, boundary in zip(range(CHECKED), ours(base, head), strict=False):
        told = band(runs_of(base[row].tolist()), runs_of(head[row].tolist()))
        assert told is not None
        assert abs(told.high_j - boundary) <= 1e-9 * boundary


def figures() -> Iterator[Figure]:
    """What is asked of a regression test."""
    found = simulated()
    quiet = {cell: share for cell, share in found[OURS].items() if cell.increase_ratio == 0}
    even = [share for cell, share in quiet.items() if cell.shape in EVEN]
    mean = sum(even) / len(even)
    yield Figure(
        what=f"false alarms where nothing changed, {len(even)} cases of normal and log-normal noise",
        value=f"**{mean:.2%}** on average, {max(even):.2%} in the worst case",
        goal="≤ 1 %",
        reached=max(even) <= LEAST_RATE,
    )
    for runs in HEAD_RUNS[:2]:
        heavy = [share for cell, share in quiet.items() if cell.shape == "heavy-tailed" and cell.head_runs == runs]
        yield Figure(
            what=f"the same with heavy tails, the job run {'once' if runs == 1 else f'{runs} times'}",
            value=f"{sum(heavy) / len(heavy):.2%} on average, {max(heavy):.2%} in the worst case",
        )
    shares = {shape: found[OURS][Cell(shape, 0.02, 10, 1, 0.10)] for shape in SHAPES}
    yield Figure(
        what="found of increases by 10 % at 2 % noise, ten runs of the base, one of the job",
        value=f"**{shares['normal']:.1%}**; log-normal {shares['log-normal']:.1%}; "
        f"heavy tails {shares['heavy-tailed']:.1%}",
        goal="≥ 95 %",
        reached=shares["normal"] >= 0.95,
    )
    yield _beside_the_best(found)


def page() -> str:
    """What docs/performance.md shows: the figures, and each test's errors beside what it finds."""
    columns = {
        "false alarms: normal": None,
        "log-normal": None,
        "heavy-tailed": None,
        "+10 % at 2 %, 10 and 1 runs": Cell("normal", 0.02, 10, 1, 0.10),
        "+10 % at 2 %, 3 and 1": Cell("normal", 0.02, 3, 1, 0.10),
        "+20 % at 5 %, 10 and 1": Cell("normal", 0.05, 10, 1, 0.20),
        "+20 % at 5 %, 3 and 3": Cell("normal", 0.05, 3, 3, 0.20),
        "+30 % at 10 %, 5 and 5": Cell("normal", 0.10, 5, 5, 0.30),
    }
    rows = [f"| | {' | '.join(columns)} |", "| :-- |" + " --: |" * len(columns)]
    for name, found in simulated().items():
        worst = [
            max(share for cell, share in found.items() if _quiet(cell) and cell.shape == shape) for shape in SHAPES
        ]
        shares = [*worst, *(found[cell] for cell in columns.values() if cell is not None)]
        told = [f"{share:.1%}" for share in shares]
        told[: len(worst)] = [
            text if share <= LEAST_RATE else f"**{text}**" for share, text in zip(worst, told, strict=False)
        ]
        rows.append(f"| {name} | {' | '.join(told)} |")
    return f"{table(figures())}\n\n" + "\n".join(rows)


def draw() -> None:
    """The curves, light and dark."""
    found = simulated()
    panels = [
        curves.Panel(
            title=f"{noise:.0%} noise, {n} and {m} run{'s' if m > 1 else ''}",
            lines={
                name: [(100 * rise, 100 * found[test][Cell("normal", noise, n, m, rise)]) for rise in INCREASES]
                for name, test in DRAWN.items()
            },
        )
        for n, m in ((3, 1), (10, 1), (3, 5), (10, 5))
        for noise in NOISES
    ]
    for scheme in ("light", "dark"):
        text = curves.picture(panels, columns=len(NOISES), scheme=scheme)
        (ROOT / "docs" / "pictures" / f"detection-{scheme}.svg").write_text(text, encoding="utf-8")


def _quiet(cell: Cell) -> bool:
    return cell.increase_ratio == 0


def _beside_the_best(found: dict[str, dict[Cell, float]]) -> Figure:
    """In each case with an increase, the best of the other tests that keep the rate whatever the noise.

    Nobody knows the noise's shape or size beforehand: both rates are the worst of both even shapes and all sizes.
    """
    worst, where = 0.0, None
    for cell, share in found[OURS].items():
        if cell.increase_ratio < THRESHOLD_RATIO:
            continue
        allowed = max(LEAST_RATE, _rate(found[OURS], cell))
        kept = [found[name][cell] for name in TESTS if name != OURS and _rate(found[name], cell) <= allowed]
        behind = max(kept, default=0.0) - share
        if behind > worst:
            worst, where = behind, cell
    told = "nowhere behind" if where is None else f"at most {100 * worst:.1f} points behind: {_told(where)}"
    return Figure(what="beside the best of the other tests that keep to 1 %, increases from 10 % on", value=told)


def _rate(found: dict[Cell, float], cell: Cell) -> float:
    """The most false alarms with so many runs."""
    unchanged = cell._replace(increase_ratio=0.0)
    return max(found[unchanged._replace(shape=shape, noise_ratio=noise)] for shape in EVEN for noise in NOISES)


def _told(cell: Cell) -> str:
    return (
        f"{cell.shape} noise of {cell.noise_ratio:.0%}, {cell.base_runs} and {cell.head_runs} runs, "
        f"an increase of {cell.increase_ratio:.0%}"
    )
