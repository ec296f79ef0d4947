"""What a job is held against: medians of the runs that compare, or why none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.baseline import MOST_RECENT
from reporter.domain.carbon import PerUnit
from reporter.domain.footprint import METER_KILLED, SESSION_ORPHANED, Footprint, at_site
from reporter.domain.readings import Component, Gpu, Hardware, Method, Phase, Unavailable
from reporter.domain.run_record import RecordedPhase, record_of, unlike
from tests.factories_footprint import IN_FRANCE, POLAND, footprint, meter
from tests.factories_footprint import held_against as baseline_of

KWH = 3_600_000.0
HOST = Hardware(cpu="EPYC", cpu_count=4, memory_gb=16.0)


def run(it_j: float | None = KWH, *, phases: tuple[Phase, ...] = (), **changes: Any) -> Footprint:
    """A run of the job; hardware, meters, method, flags and energy's fields can be changed, the rest is the job's."""
    own = {
        name: changes.pop(name) for name in ("hardware", "meters", "method", "flags", "unavailable") if name in changes
    }
    made = footprint(
        it_j, **{name: value for name, value in changes.items() if name in ("exit_status", "duration_s", "sha")}
    )
    energy = replace(made.energy, **{name: value for name, value in changes.items() if name.endswith("_j")})
    return replace(made, phases=phases, energy=energy, per_unit=(), **own)


def on_cpu(it_j: float = KWH, *, hardware: Hardware = HOST, method: Method = Method.MODELLED) -> Footprint:
    """A run on processors and memory alone."""
    meters = tuple(
        meter(f"{part.value}", it_j / 2, component=part, method=method) for part in (Component.CPU, Component.DRAM)
    )
    return run(it_j, hardware=hardware, meters=meters, method="modelled")


def test_one_run_is_the_base_as_it_is() -> None:
    base = baseline_of([run(duration_s=10.0, sha="abc", idle_j=5.0)], run(), label="main")

    assert (base.label, base.runs, base.why_not, base.sha) == ("main", 1, None, "abc")
    assert (base.it_j, base.duration_s, base.idle_j) == (KWH, 10.0, 5.0)
    assert (base.pue_ratio, base.gco2e_per_kwh) == (1.12, 41.44)
    assert base.facility_j == pytest.approx(1.12 * KWH)
    assert base.gco2e == pytest.approx(1.12 * 41.44)
    assert base.recent_it_j == (KWH,)


def test_several_runs_are_their_medians_with_the_newest_one_s_factors_and_commit() -> None:
    elsewhere = replace(IN_FRANCE, intensity=POLAND)
    runs = [
        run(100.0, duration_s=9.0),
        run(300.0, duration_s=1.0),
        at_site(run(110.0, duration_s=3.0, sha="new"), elsewhere),
    ]

    base = baseline_of(runs, run(), label="main")

    assert (base.runs, base.it_j, base.duration_s, base.sha) == (3, 110.0, 3.0, "new")
    assert base.gco2e_per_kwh == POLAND.gco2e_per_kwh
    assert base.recent_it_j == (100.0, 300.0, 110.0)


def test_an_even_number_of_runs_has_its_median_between_the_middle_ones() -> None:
    assert baseline_of([run(each) for each in (1.0, 100.0, 3.0, 5.0)], run(), label="main").it_j == 4.0


def test_a_trend_keeps_the_most_recent_runs() -> None:
    base = baseline_of([run(float(each)) for each in range(1, 61)], run(), label="main")

    assert base.runs == 60
    assert base.recent_it_j == tuple(float(each) for each in range(61 - MOST_RECENT, 61))


@pytest.mark.parametrize(
    ("energies", "ratio"),
    [
        # (−10, 0, 10): s = √(200 ÷ 2) = 10, of a median of 100.
        ((90.0, 100.0, 110.0), 0.1),
        # Mean 103, deviations −3, −1, 4: s = √(26 ÷ 2), of a median of 102.
        ((100.0, 102.0, 107.0), 13**0.5 / 102),
        ((100.0, 100.0, 100.0), 0.0),
        ((90.0, 110.0), None),
        ((100.0,), None),
        ((0.0, 0.0, 0.0), None),
    ],
)
def test_the_spread_is_the_standard_deviation_of_three_runs_or_more(
    energies: Sequence[float], ratio: float | None
) -> None:
    base = baseline_of([run(each) for each in energies], run(), label="main")

    assert base.spread_ratio == (None if ratio is None else pytest.approx(ratio))


def test_repeatability_is_the_newest_run_s() -> None:
    narrow = run(100.0, repeat_low_j=99.0, repeat_high_j=101.0)
    wide = run(200.0, repeat_low_j=180.0, repeat_high_j=220.0)

    assert baseline_of([wide, narrow], run(), label="main").repeat_ratio == pytest.approx(0.01)
    assert baseline_of([narrow, wide], run(), label="main").repeat_ratio == pytest.approx(0.1)


def test_where_repeatability_is_not_known_the_whole_interval_stands_in_and_without_it_nothing() -> None:
    whole = run(100.0, low_j=80.0, high_j=120.0, repeat_low_j=None, repeat_high_j=None)
    none = run(100.0, low_j=None, high_j=None, repeat_low_j=None, repeat_high_j=None)

    assert baseline_of([whole], run(), label="main").repeat_ratio == pytest.approx(0.2)
    assert baseline_of([none], run(), label="main").repeat_ratio is None
    assert baseline_of([run(0.0)], run(), label="main").repeat_ratio is None


def test_what_one_run_does_not_know_the_base_does_not() -> None:
    knows, does_not = run(idle_j=5.0, duration_s=10.0), run(duration_s=None)

    base = baseline_of([knows, does_not], run(), label="main")

    assert (base.idle_j, base.duration_s) == (None, None)


def test_work_that_every_run_counted_is_the_base_s_in_the_newest_one_s_order() -> None:
    def worked(**counts: float) -> Footprint:
        rows = tuple(PerUnit(unit=unit, count=count, energy_j=None, gco2e=None) for unit, count in counts.items())
        return replace(run(), per_unit=rows)

    runs = [worked(epoch=3.0, sample=100.0), worked(sample=300.0), worked(sample=120.0, epoch=4.0, token=9.0)]

    assert baseline_of(runs, run(), label="main").units == (("sample", 120.0),)
    assert baseline_of(runs[2:], run(), label="main").units == (("sample", 120.0), ("epoch", 4.0), ("token", 9.0))


def test_phases_are_the_newest_run_s_with_medians_over_those_that_have_them() -> None:
    def phased(*rows: tuple[str, float, float | None]) -> Footprint:
        return run(phases=tuple(Phase(label=label, start_s=0.0, end_s=end_s, energy_j=j) for label, end_s, j in rows))

    base = baseline_of(
        [phased(("train", 1.0, 10.0), ("old", 1.0, 1.0)), phased(("train", 3.0, 30.0)),
         phased(("train", 2.0, 50.0), ("eval", 4.0, None))],
        run(), label="main",
    )  # fmt: skip

    assert base.phases == (
        RecordedPhase(label="train", energy_j=30.0, duration_s=2.0),
        RecordedPhase(label="eval", energy_j=None, duration_s=4.0),
    )


def test_a_base_without_runs_says_so() -> None:
    base = baseline_of([], run(), label="main")

    assert (base.runs, base.why_not, base.it_j) == (0, "no run of this job in the base", None)
    assert (base.facility_j, base.gco2e) == (None, None)


def test_only_the_runs_that_compare_count() -> None:
    failed, other_gpu = run(50.0, exit_status=1), run(70.0, hardware=Hardware(gpus=(Gpu(uuid="", name="NVIDIA T4"),)))

    base = baseline_of([run(100.0), failed, run(120.0), other_gpu], run(), label="main")

    assert (base.runs, base.it_j, base.why_not, base.recent_it_j) == (2, 110.0, None, (100.0, 120.0))


def test_where_none_compares_the_newest_run_says_why_and_gives_its_figures_to_look_at() -> None:
    base = baseline_of([run(100.0, exit_status=1), run(70.0, exit_status=2, duration_s=7.0)], run(), label="main")

    assert base.why_not == "not comparable: the command failed in the base"
    assert (base.runs, base.it_j, base.duration_s) == (0, 70.0, 7.0)
    assert (base.recent_it_j, base.spread_ratio) == ((), None)


LOST = Unavailable(source="nvml:GPU-2", reason="the GPU is lost", component=Component.GPU)
TWO = Hardware(gpus=(Gpu(uuid="1", name="A100"), Gpu(uuid="2", name="A100")))
MIXED = Hardware(gpus=(Gpu(uuid="1", name="T4"), Gpu(uuid="2", name="A100"), Gpu(uuid="3", name="T4")))


@pytest.mark.parametrize(
    ("base", "head", "why"),
    [
        (run(), run(None), "nothing was metered in this job"),
        (run(None), run(), "nothing was metered in the base"),
        (run(exit_status=3), run(), "the command failed in the base"),
        (run(), run(exit_status=3), "the command failed in this job"),
        (run(flags=(METER_KILLED,)), run(), "the meter was killed in the base"),
        (run(), run(flags=(f"{SESSION_ORPHANED}:6 h",)),
         "the session ended by itself in this job"),
        (run(), run(unavailable=(LOST,)), "a GPU could not be read in this job"),
        (run(meters=(meter(coverage_ratio=0.5),)), run(),
         "a GPU could not be read in the base"),
        (run(), run(method="estimate"), "an estimate now, a measurement in the base"),
        (run(method="estimate"), run(), "a measurement now, an estimate in the base"),
        (run(), run(hardware=TWO), "2 × A100 now, 1 × NVIDIA H200 in the base"),
        (run(hardware=MIXED), run(hardware=TWO), "2 × A100 now, 1 × A100 and 2 × T4 in the base"),
        (run(), run(hardware=HOST), "no GPU now, 1 × NVIDIA H200 in the base"),
        (run(), run(meters=(meter(), meter("cpu", 1.0, component=Component.CPU, method=Method.MODELLED))),
         "CPU modelled and GPU metered now, GPU metered in the base"),
        (on_cpu(method=Method.COUNTER), on_cpu(),
         "CPU modelled and memory modelled now, CPU metered and memory metered in the base"),
        (run(flags=("mig:GPU-1",)), run(), "1 × NVIDIA H200 now, 1 × NVIDIA H200, shared with others in the base"),
        (run(meters=()), run(), "GPU metered now, nothing metered in the base"),
        (on_cpu(), on_cpu(hardware=replace(HOST, cpu="Xeon")), "Xeon now, EPYC in the base"),
        (on_cpu(), on_cpu(hardware=replace(HOST, cpu=None)), "an unknown processor now, EPYC in the base"),
        (on_cpu(), on_cpu(hardware=replace(HOST, cpu_count=8)), "8 processors now, 4 processors in the base"),
        (on_cpu(hardware=replace(HOST, cpu_count=None)), on_cpu(),
         "4 processors now, an unknown number of processors in the base"),
        (on_cpu(), on_cpu(hardware=replace(HOST, host_cpu_count=64)),
         "4 of 64 processors now, 4 processors in the base"),
        (on_cpu(hardware=replace(HOST, host_cpu_count=64, cpu_share_ratio=1.5 / 64)),
         on_cpu(hardware=replace(HOST, host_cpu_count=64, cpu_share_ratio=2.5 / 64)),
         "2.5 of 64 processors now, 1.5 of 64 processors in the base"),
        (on_cpu(), replace(on_cpu(), flags=("shared-machine",)),
         "4 processors, shared with other jobs now, 4 processors in the base"),
        (on_cpu(), on_cpu(hardware=replace(HOST, memory_gb=32.0)), "32 GB of memory now, 16 GB in the base"),
    ],
)  # fmt: skip
def test_what_does_not_compare_says_why(base: Footprint, head: Footprint, why: str) -> None:
    assert unlike(record_of(base), record_of(head)) == f"not comparable: {why}"


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (run(), run()),
        (run(exit_status=None), run()),
        (run(meters=(meter(method=Method.INTEGRATED),)), run()),
        (run(hardware=replace(TWO, gpus=TWO.gpus[::-1])), run(hardware=TWO)),
        (run(method="partly-measured"), run()),
        (run(method="estimate"), run(method="estimate")),
        # The processors' energy is no part of these.
        (run(), run(hardware=replace(run().hardware, cpu="Xeon", cpu_count=96, memory_gb=999.0))),
        (on_cpu(), on_cpu(hardware=replace(HOST, memory_gb=15.6))),
        (on_cpu(hardware=replace(HOST, cpu=None)), on_cpu(hardware=replace(HOST, cpu=None))),
        (run(flags=("mig:GPU-1",)), run(flags=("shared-gpu:GPU-1", "mig:GPU-1"))),
        (replace(on_cpu(), flags=("shared-machine",)), replace(on_cpu(), flags=("shared-machine",))),
        # A part of the processors was given, and it alone is counted; or their energy is no part of these.
        (replace(on_cpu(), flags=("shared-machine", "cpu-share:12 %")), on_cpu()),
        (run(flags=("shared-machine",)), run()),
        (run(meters=(meter(), meter("cpu", 9.0, component=Component.CPU, included=False))), run()),
        (run(meters=(meter(), meter("cpu", None, component=Component.CPU))), run()),
    ],
)  # fmt: skip
def test_what_is_alike_compares(base: Footprint, head: Footprint) -> None:
    assert unlike(record_of(base), record_of(head)) is None
    assert unlike(record_of(head), record_of(base)) is None


@given(st.lists(st.floats(min_value=1e-3, max_value=1e12), min_size=1, max_size=12), st.floats(0.01, 100.0))
def test_a_base_scales_with_its_runs(energies: list[float], factor: float) -> None:
    once = baseline_of([run(each) for each in energies], run(), label="main")
    scaled = baseline_of([run(each * factor) for each in energies], run(), label="main")

    assert scaled.it_j == pytest.approx((once.it_j or 0.0) * factor)
    assert scaled.spread_ratio == (
        None if once.spread_ratio is None else pytest.approx(once.spread_ratio, rel=1e-6, abs=1e-9)
    )
    assert min(energies) <= (once.it_j or 0.0) <= max(energies)
