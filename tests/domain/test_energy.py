"""The account: every joule once, with its bounds; what was not measured stays unknown."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.carbon import EnergyAccount, MeterEnergy
from reporter.domain.energy import account
from reporter.domain.readings import Component, Hardware, Job, Mark, Meter, Method, Missed, Quantity, Recording, Series
from tests.factories import marks_of, meter_of, model_of, recording_of

ABSURD = (2**32 - 1) / 1000
WATTS = st.lists(st.integers(1, 390), min_size=3, max_size=25)


def line(result: EnergyAccount, meter_id: str) -> MeterEnergy:
    return next(meter for meter in result.meters if meter.meter_id == meter_id)


def counter_rows(watts: list[int], meter_id: str = "gpu", origin: int = 1000) -> list[list[object]]:
    """A counter (J) and a gauge (W) read every second of these powers, each of which lasts a second."""
    levels = [origin]
    for power in watts:
        levels.append(levels[-1] + power)
    return [
        ["t", f"{meter_id}/J", f"{meter_id}/W"],
        *([second, level, [*watts, watts[-1]][second]] for second, level in enumerate(levels)),
    ]


def beside(*tables: list[list[object]]) -> list[list[object]]:
    """Tables over the same times as one."""
    return [[rows[0][0], *(cell for row in rows for cell in row[1:])] for rows in zip(*tables, strict=True)]


def test_a_job_is_the_sum_of_its_parts() -> None:
    recording = recording_of(
        """
        t    gpu/J   cpu/J   busy/s
        0    1000    50      0
        10   2000    150     20
        """,
        model_of("busy", (0, 2), (1, 10), component=Component.DRAM),
    )

    result = account(recording)

    assert result.it_j == 1000 + 100 + 60
    assert result.duration_s == 10
    assert result.measured_ratio == pytest.approx(1100 / 1160)
    assert [meter.method for meter in result.meters] == [Method.MODELLED, Method.COUNTER, Method.COUNTER]
    assert [meter.coverage_ratio for meter in result.meters] == [1, 1, 1]
    assert result.flags == ()


def test_power_is_integrated_where_there_is_no_counter() -> None:
    result = account(recording_of([["t", "gpu/W"], [0, 100], [1, 100], [2, 300]]))

    assert result.it_j == 100 + 200
    assert line(result, "gpu").method is Method.INTEGRATED
    assert result.measured_ratio == 1


def test_nothing_metered_is_unknown_not_zero() -> None:
    result = account(recording_of([["t", "cpu/J"], [0, "."], [5, "."]]))

    assert (result.it_j, result.low_j, result.high_j) == (None, None, None)
    assert (result.repeat_low_j, result.repeat_high_j, result.measured_ratio) == (None, None, None)
    assert line(result, "cpu") == replace(
        line(result, "cpu"), energy_j=None, coverage_ratio=None, uncertainty_ratio=None, low_j=None, repeat_high_j=None
    )
    assert result.timeline == ()
    assert result.flags == ("counter-not-read:cpu",)


def test_a_job_without_meters_or_time_is_unknown() -> None:
    assert account(recording_of([["t"]])).it_j is None

    empty = account(recording_of([["t", "gpu/J"], [0, 5], [1, 9]], model_of("dram", (0, 6)), start_s=1, end_s=0.5))

    assert empty.it_j is None
    assert empty.duration_s == 0
    assert empty.timeline == ()


def test_a_model_that_cannot_be_had_is_unknown() -> None:
    recording = recording_of(
        [["t", "cpu/s"], [0, "."], [5, "."]], model_of("cpu"), meter_of("dram", method=Method.MODELLED)
    )

    result = account(recording)

    assert [meter.energy_j for meter in result.meters] == [None, None]
    assert result.flags == ()


def test_a_gpu_that_was_not_read_is_flagged_unless_it_was_not_given() -> None:
    recording = recording_of(
        [["t", "gpu0/W", "gpu1/W", "module/W"], [0, ".", ".", "."], [5, 0, ABSURD, "."]],
        meter_of("gpu1", method=Method.INTEGRATED, selected=False),
    )

    result = account(recording)

    assert result.flags == ("gpu-not-read:gpu0", "gpu-not-read:module")
    assert line(result, "gpu0").included
    assert line(result, "gpu1").excluded_because == "not given to this job"


def test_why_a_meter_was_not_read_is_told_where_that_lost_something() -> None:
    table = [
        ["t", "gpu0/J", "gpu1/W", "cpu/J"],
        [0, 0, ".", 0],
        [5, 500, ".", "."],
        [9, ".", ".", 90],
        [10, ".", ".", 100],
    ]
    missed = (
        Missed(meter_id="gpu0", t_ns=1, reason="timeout"),
        Missed(meter_id="gpu0", t_ns=6 * 10**9, reason="the GPU is lost"),
        Missed(meter_id="gpu1", t_ns=0, reason="x" * 1000),
        Missed(meter_id="cpu", t_ns=5 * 10**9, reason="busy"),
    )

    flags = account(recording_of(table, missed=missed)).flags

    assert [flag for flag in flags if flag.startswith("reading-failed")] == [
        "reading-failed:gpu0: the GPU is lost",
        f"reading-failed:gpu1: {'x' * 200}",
    ]


def test_a_reset_is_flagged_and_lowers_the_coverage() -> None:
    result = account(recording_of([["t", "gpu/J"], [0, 9000], [4, 9400], [6, 3], [10, 403]]))

    assert result.it_j == 800
    assert line(result, "gpu").coverage_ratio == 0.8
    assert result.flags == ("counter-reset:gpu", "low-coverage:gpu")


def test_a_gap_can_only_have_held_more() -> None:
    gpu = line(account(recording_of([["t", "gpu/J"], [0, 9000], [4, 9400], [6, 3], [10, 403]])), "gpu")

    assert gpu.repeat_low_j == 800
    assert gpu.repeat_high_j == pytest.approx(1000)


def test_a_jump_is_rejected_and_flagged() -> None:
    recording = recording_of(
        [["t", "gpu/J"], [0, 1000], [4, 1400], [5, 10**12], [6, 10**12 + 100], [10, 10**12 + 500]],
        meter_of("gpu", peak_power_w=300.0),
    )

    result = account(recording)

    assert result.it_j == 900
    assert result.flags == ("counter-jump:gpu",)


def test_a_frozen_counter_gives_way_to_power() -> None:
    recording = recording_of(
        """
        t    gpu/J   gpu/W
        0    1000    200
        1    1200    200
        2    1200    200
        3    1200    200
        4    1200    200
        """,
        meter_of("gpu", tick_s=0.1),
    )

    result = account(recording)

    assert result.it_j == 800
    assert line(result, "gpu").method is Method.INTEGRATED
    assert result.flags == ("counter-frozen:gpu",)


@pytest.mark.parametrize(
    ("component", "power", "energy_j", "flags"),
    [
        ("gpu", 0, 0.0, ()),
        ("gpu", ".", None, ("counter-frozen:gpu", "gpu-not-read:gpu")),
        ("cpu", 0, None, ("counter-frozen:cpu",)),
    ],
)
def test_a_counter_that_never_moved_is_zero_only_for_a_gpu_that_is_off(
    component: str, power: object, energy_j: float | None, flags: tuple[str, ...]
) -> None:
    header = ["t", f"{component}/J", f"{component}/W"]

    result = account(recording_of([header, [0, 77, power], [10, 77, power]]))

    assert line(result, component).energy_j == energy_j
    assert line(result, component).uncertainty_ratio is None
    assert result.measured_ratio is None
    assert result.flags == flags


def test_a_moment_without_a_tick_is_power_times_duration() -> None:
    recording = recording_of(
        [["t", "gpu/J", "gpu/W"], [0, 77, 120], [0.05, 77, 120]],
        meter_of("gpu", tick_s=0.1, peak_power_w=300.0),
    )

    result = account(recording)

    gpu = line(result, "gpu")
    assert gpu.energy_j == pytest.approx(6)
    assert gpu.method is Method.INTEGRATED
    assert (gpu.repeat_low_j, gpu.repeat_high_j) == (0, pytest.approx(18))
    assert result.flags == ("short-window:gpu",)


def test_a_moment_without_tick_or_power_is_unknown() -> None:
    result = account(recording_of([["t", "gpu/J"], [0, 77], [0.05, 77]]))

    assert result.it_j is None
    assert result.flags == ("short-window:gpu", "gpu-not-read:gpu")


def test_a_counter_that_was_never_read_gives_way_to_power() -> None:
    result = account(recording_of([["t", "gpu/J", "gpu/W"], [0, ".", 100], [1, 5, 100]]))

    assert result.it_j == 100
    assert result.flags == ("counter-not-read:gpu",)


def test_a_counter_lost_for_the_whole_job_gives_way_to_power() -> None:
    rows = [["t", "gpu/J", "gpu/W"], [0, 9000, 100], [10, 5, 100]]

    result = account(recording_of(rows))

    assert result.it_j == 1000
    assert result.flags == ("counter-reset:gpu", "counter-not-read:gpu")


def test_poor_coverage_is_flagged_for_meters_that_count() -> None:
    recording = recording_of([["t", "gpu/J", "node/J", "cpu/J"], [0, 0, 0, 0], [5, 500, 500, 50], [10, ".", ".", 100]])

    result = account(recording)

    assert line(result, "node").coverage_ratio == 0.5
    assert result.flags == ("low-coverage:gpu",)


def test_what_is_left_out_is_shown_with_why_and_not_summed() -> None:
    recording = recording_of(
        [["t", "cpu/J", "cpu-core/J", "gpu0/J", "gpu1/J"], [0, 0, 0, 0, 0], [10, 100, 60, 400, 700]],
        meter_of("cpu-core", parent_id="cpu"),
        meter_of("gpu1", selected=False),
    )

    result = account(recording)

    assert result.it_j == 500
    assert line(result, "cpu-core").energy_j == 60
    assert line(result, "cpu-core").excluded_because == "part of CPU"
    assert line(result, "gpu1").excluded_because == "not given to this job"


def test_a_board_s_gain_widens_the_whole_interval_only() -> None:
    recording = recording_of(
        [["t", "gpu/J"], [0, 0], [10, 1000]], meter_of("gpu", gain_low_ratio=0.9, gain_high_ratio=1.05)
    )

    result = account(recording)

    assert (result.low_j, result.high_j) == (pytest.approx(900), pytest.approx(1050))
    assert (result.repeat_low_j, result.repeat_high_j) == (1000, 1000)
    assert line(result, "gpu").uncertainty_ratio == pytest.approx(0.1)


def test_late_readings_miss_the_power_at_the_end_and_have_that_from_before_too_much() -> None:
    recording = recording_of(
        [["t", "gpu/J", "gpu/W"], [-1, 960, 40], [0, 1000, 300], [10, 4000, 200]],
        meter_of("gpu", tick_s=0.1, peak_power_w=400.0),
    )

    gpu = line(account(recording), "gpu")

    assert gpu.energy_j == 3000
    assert gpu.repeat_low_j == 3000 - 0.1 * 300
    assert gpu.repeat_high_j == 3000 + 0.1 * 200


def test_without_a_gauge_the_mean_power_stands_for_that_at_the_ends() -> None:
    cpu = line(account(recording_of([["t", "cpu/J"], [0, 0], [10, 500]], meter_of("cpu", tick_s=0.1))), "cpu")

    assert (cpu.repeat_low_j, cpu.repeat_high_j) == (495, 505)


def test_the_end_effect_is_never_more_than_the_part_can_draw() -> None:
    recording = recording_of(
        [["t", "gpu/J", "gpu/W"], [0, 0, 400], [0.1, 50, 400]], meter_of("gpu", tick_s=0.5, peak_power_w=400.0)
    )

    gpu = line(account(recording), "gpu")

    assert (gpu.repeat_low_j, gpu.repeat_high_j) == (0, pytest.approx(1.5 * 400 * 0.1))


def test_bridged_power_may_be_wrong_by_what_was_bridged() -> None:
    rows = [["t", "gpu/W"], *([second, "." if second in {3, 4, 5} else 100] for second in range(11))]

    gpu = line(account(recording_of(rows)), "gpu")

    assert gpu.coverage_ratio == pytest.approx(0.6)
    assert (gpu.repeat_low_j, gpu.repeat_high_j) == (pytest.approx(600), pytest.approx(1400))


def test_a_model_of_the_load_is_as_coarse_as_busy_time_and_a_constant_is_not() -> None:
    recording = recording_of(
        [["t", "cpu/s"], [0, 0], [10, 20]],
        model_of("cpu", (0, 2), (1, 10), tick_s=0.01, gain_low_ratio=0.7, gain_high_ratio=1.6),
        model_of("dram", (0, 6), gain_low_ratio=0.5, gain_high_ratio=1.5),
    )

    result = account(recording)

    cpu, dram = result.meters
    assert (cpu.repeat_low_j, cpu.repeat_high_j) == (pytest.approx(60 - 0.08), pytest.approx(60 + 0.08))
    assert (cpu.low_j, cpu.high_j) == (pytest.approx(42, rel=1e-4), pytest.approx(96, rel=1e-4))
    assert (dram.repeat_low_j, dram.repeat_high_j, dram.low_j, dram.high_j) == (60, 60, 30, 90)
    assert result.measured_ratio == 0


def test_like_meters_share_their_error_and_unlike_ones_do_not() -> None:
    gain = {"gain_low_ratio": 0.9, "gain_high_ratio": 1.1}
    rows = [["t", "cpu0/J", "cpu1/J", "gpu/J"], [0, 0, 0, 0], [10, 100, 200, 400]]

    result = account(recording_of(rows, *(meter_of(name, **gain) for name in ("cpu0", "cpu1", "gpu"))))

    assert result.high_j == pytest.approx(700 + (30**2 + 40**2) ** 0.5)
    assert result.low_j == pytest.approx(700 - (30**2 + 40**2) ** 0.5)


def test_the_course_of_power_adds_up_to_the_energy() -> None:
    recording = recording_of(
        [["t", "gpu/J"], *([second, 100 * second + (second > 5) * 300] for second in range(11))],
        model_of("dram", (0, 6)),
    )

    result = account(recording)

    assert len(result.timeline) == 10
    assert sum(point.power_w * (point.end_s - point.start_s) for point in result.timeline) == pytest.approx(result.it_j)
    assert max(point.power_w for point in result.timeline) == 406


def test_a_constant_alone_is_drawn_as_one_step() -> None:
    result = account(recording_of([["t"]], model_of("dram", (0, 6)), end_s=20))

    assert [point.power_w for point in result.timeline] == [6]


def test_a_killed_meter_still_accounts_to_its_last_reading() -> None:
    result = account(recording_of([["t", "gpu/J"], [0, 0], [3, 300]], complete=False))

    assert result.it_j == 300


@pytest.mark.parametrize("job_s", [1, 5, 30])
def test_ends_matter_as_much_as_the_reference_says(job_s: int) -> None:
    # Relative error ≤ T × Pmax ÷ (t × Pavg), with T = 100 ms and Pmax/Pavg = 2:
    # 20 % of a 1 s job, 4 % of 5 s, 0.7 % of 30 s.
    rows = [["t", "gpu/J", "gpu/W"], [0, 0, 200], [job_s, 100 * job_s, 200]]

    gpu = line(account(recording_of(rows, meter_of("gpu", tick_s=0.1))), "gpu")

    assert gpu.uncertainty_ratio == pytest.approx({1: 0.2, 5: 0.04, 30: 0.007}[job_s], rel=0.06)


def inside(result: EnergyAccount | MeterEnergy, energy_j: float | None) -> bool:
    """Whether the bounds are in order: 0 ≤ low ≤ repeat low ≤ energy ≤ repeat high ≤ high."""
    bounds = (0, result.low_j, result.repeat_low_j, energy_j, result.repeat_high_j, result.high_j)
    known = [bound for bound in bounds if bound is not None]
    return len(known) == len(bounds) and all(low <= high + 1e-9 for low, high in pairwise(known))


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    """Counters, gauges and models with every kind of bad reading."""
    seconds = draw(st.integers(2, 12))
    gain = {"gain_low_ratio": draw(st.floats(0.3, 1)), "gain_high_ratio": draw(st.floats(1, 2))}
    wild = st.one_of(st.just("."), st.just(0), st.just(10**9), st.just(ABSURD), st.integers(0, 2000))
    columns = [draw(st.lists(wild, min_size=seconds, max_size=seconds)) for _ in range(4)]
    columns.append(draw(st.lists(st.sampled_from([".", 0, 0, 50, 100, 255]), min_size=seconds, max_size=seconds)))
    rows = [[draw(st.just(second)) if second else 0, *cells] for second, cells in enumerate(zip(*columns, strict=True))]
    meters = (
        meter_of(
            "gpu", tick_s=draw(st.sampled_from([0, 0.1, 3])), peak_power_w=draw(st.sampled_from([None, 400])), **gain
        ),
        meter_of("cpu", wraps_at_uj=draw(st.sampled_from([None, 262_143_328_850])), **gain),
        model_of("busy", tick_s=0.01, component=Component.CPU, **gain),
        model_of("dram", (0, 6), **gain),
    )
    return recording_of(
        [["t", "gpu/J", "gpu/W", "cpu/J", "busy/s", "gpu/%"], *rows],
        *meters,
        marks=marks_of(*draw(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 15)), max_size=5))),
        idle_ns=draw(st.sampled_from([None, (0, 2_000_000_000), (5, 4), (10**9, 10**10)])),
        self_cpu_s=draw(st.sampled_from([None, 0.5])),
        start_s=draw(st.floats(-2, 3)),
        end_s=draw(st.floats(3, 14)),
    )


@given(recording=recordings())
def test_whatever_was_read_energy_is_not_negative_and_its_bounds_are_in_order(recording: Recording) -> None:
    result = account(recording)

    assert result.it_j is None or inside(result, result.it_j)
    for meter in result.meters:
        assert meter.energy_j is None or inside(meter, meter.energy_j)
        assert meter.coverage_ratio is None or 0 <= meter.coverage_ratio <= 1
    assert len(result.timeline) <= 100
    assert all(point.power_w >= 0 for point in result.timeline)
    gpu = result.meters[0]
    for part, whole in ((gpu.idle_j, gpu.energy_j), (result.idle_j, result.it_j), (result.net_j, result.it_j)):
        assert part is None or (whole is not None and -1e-9 <= part <= whole * (1 + 1e-9))
    assert all(0 <= ratio <= 1 for ratio in (gpu.idle_ratio, gpu.utilisation_ratio) if ratio is not None)
    for phase in result.phases:
        assert phase.idle_j is None or phase.energy_j is None or phase.idle_j <= phase.energy_j * (1 + 1e-9) + 1e-9


@given(recording=recordings(), data=st.data())
def test_the_order_of_meters_changes_nothing(recording: Recording, data: st.DataObject) -> None:
    meters = tuple(data.draw(st.permutations(recording.meters)))

    result, shuffled = account(recording), account(replace(recording, meters=meters))

    assert replace(shuffled, meters=(), flags=()) == replace(result, meters=(), flags=())
    assert set(shuffled.meters) == set(result.meters)
    assert set(shuffled.flags) == set(result.flags)


@given(watts=WATTS)
def test_a_counter_gives_the_closed_form(watts: list[int]) -> None:
    assert account(recording_of(counter_rows(watts))).it_j == sum(watts)


@given(watts=WATTS, inner=st.lists(st.integers(0, 390), min_size=25, max_size=25))
def test_adding_a_contained_meter_changes_nothing(watts: list[int], inner: list[int]) -> None:
    alone = recording_of(counter_rows(watts))
    both = recording_of(
        beside(counter_rows(watts), counter_rows(inner[: len(watts)], "gpu-memory")),
        meter_of("gpu-memory", parent_id="gpu"),
    )

    assert replace(account(both), meters=(), flags=()) == replace(account(alone), meters=(), flags=())


@given(watts=WATTS)
def test_a_gpu_without_power_changes_nothing(watts: list[int]) -> None:
    alone = recording_of(counter_rows(watts))
    both = recording_of(beside(counter_rows(watts), counter_rows([0] * len(watts), "gpu1")))

    assert replace(account(both), meters=()) == replace(account(alone), meters=())


@given(watts=WATTS, missed=st.sets(st.integers(1, 24)))
def test_readings_missed_in_the_middle_of_a_counter_change_nothing(watts: list[int], missed: set[int]) -> None:
    rows = counter_rows(watts)
    holed = [[*row] for row in rows]
    for second in missed:
        if second < len(watts):
            holed[second + 1][1] = "."

    assert account(recording_of(holed)).it_j == account(recording_of(rows)).it_j


@given(watts=WATTS, wraps=st.booleans(), cut=st.floats(0.01, 0.99))
def test_splitting_the_time_changes_nothing(watts: list[int], cut: float, *, wraps: bool) -> None:
    limit = 5_000_000_000
    rows = counter_rows(watts, "cpu", origin=4900)
    meter: Meter = meter_of("cpu")
    if wraps:
        meter = meter_of("cpu", wraps_at_uj=limit - 1)
        rows = [rows[0], *([row[0], int(str(row[1])) % 5000, row[2]] for row in rows[1:])]
    middle_s = cut * len(watts)

    whole = account(recording_of(rows, meter)).it_j
    parts = [
        account(recording_of(rows, meter, start_s=start_s, end_s=end_s)).it_j
        for start_s, end_s in ((0, middle_s), (middle_s, len(watts)))
    ]

    assert whole == sum(watts)
    assert sum(part for part in parts if part is not None) == pytest.approx(whole)


def test_a_counter_lost_on_the_way_gives_way_to_a_power_gauge_that_goes_on() -> None:
    gpu = meter_of("gpu", component=Component.GPU, method=Method.COUNTER, tick_s=0.1, peak_power_w=700.0)
    times = [0.1 * step for step in range(51)]
    joules = [30.0 * min(t, 1.0) if t <= 1.0 else None for t in times]
    watts = [30.0 if t <= 1.0 else 300.0 for t in times]
    recording = Recording(
        job=Job(name="job"),
        hardware=Hardware(),
        start_ns=0,
        end_ns=5_000_000_000,
        complete=True,
        meters=(gpu,),
        series=(
            Series(
                meter_id="gpu",
                quantity=Quantity.ENERGY_UJ,
                t_ns=tuple(round(t * 1e9) for t in times),
                values=tuple(None if j is None else round((j + 5) * 1e6) for j in joules),
            ),
            Series(
                meter_id="gpu",
                quantity=Quantity.POWER_MW,
                t_ns=tuple(round(t * 1e9) for t in times),
                values=tuple(round(w * 1e3) for w in watts),
            ),
        ),
    )

    (metered,) = account(recording).meters

    assert metered.method is Method.INTEGRATED
    assert metered.energy_j == pytest.approx(30 * 1 + 300 * 4, rel=0.03)
    assert "counter-not-read:gpu" in account(recording).flags


CUMULATIVE = (Quantity.ENERGY_UJ, Quantity.BUSY_NS, Quantity.HOST_BUSY_NS)


def moved(recording: Recording, by_ns: int, by: int) -> Recording:
    """The same job so much later by the clock, with counters that had counted so much more."""
    return replace(
        recording,
        start_ns=recording.start_ns + by_ns,
        end_ns=recording.end_ns + by_ns,
        idle_ns=recording.idle_ns and (recording.idle_ns[0] + by_ns, recording.idle_ns[1] + by_ns),
        marks=tuple(Mark(label=mark.label, t_ns=mark.t_ns + by_ns) for mark in recording.marks),
        series=tuple(
            replace(
                series,
                t_ns=tuple(t + by_ns for t in series.t_ns),
                values=tuple(
                    value if value is None or series.quantity not in CUMULATIVE else value + by
                    for value in series.values
                ),
            )
            for series in recording.series
        ),
    )


@given(WATTS, st.integers(1, 10**17), st.integers(0, 10**15))
def test_neither_the_clock_s_origin_nor_that_of_a_counter_matters(watts: list[int], by_ns: int, by: int) -> None:
    """With all that may come together: phases, utilisation, an idle time before, a part of the machine."""
    rows = beside(counter_rows(watts), counter_rows(watts[::-1], "cpu"))
    other = [["t", "gpu/%", "gpu2/W", "model:cpu/s", "model:cpu/S"]]
    other += [[second, 50 * (second % 4 > 1), 90, second, 4 * second] for second in range(len(rows) - 1)]
    job = recording_of(
        beside(rows, other), model_of("model:cpu", component=Component.CPU),
        start_s=1.5, idle_ns=(0, 10**9), self_cpu_s=0.1,
        marks=marks_of(("load", 1), ("train", 2.25)),
        hardware=Hardware(cpu_count=4, host_cpu_count=16),
    )  # fmt: skip

    here, there = account(job), account(moved(job, by_ns, by))

    assert [meter.energy_j for meter in there.meters] == pytest.approx([meter.energy_j for meter in here.meters])
    assert (there.low_j, there.high_j) == pytest.approx((here.low_j, here.high_j))
    assert [meter.idle_j for meter in there.meters] == pytest.approx([meter.idle_j for meter in here.meters])
    assert there.baseline_w == pytest.approx(here.baseline_w)
    for phase, same in zip(there.phases, here.phases, strict=True):
        assert (phase.start_s, phase.end_s) == (same.start_s, same.end_s)
        assert (phase.energy_j, phase.idle_j) == pytest.approx((same.energy_j, same.idle_j))
    assert [point.power_w for point in there.timeline] == pytest.approx([point.power_w for point in here.timeline])
    assert (there.flags, len(there.phases)) == (here.flags, 2)
