"""The energy so far comes to what the whole recording comes to, and costs the same however long the job lasts."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from reporter.domain.energy import account
from reporter.domain.readings import Column, Hardware, Meter, Quantity, Recording
from reporter.domain.running import Running, SoFar
from tests.factories import meter_of, model_of, recording_of

S = 1_000_000_000


def running_of(*meters: Meter, columns: Sequence[tuple[Column, ...]], start_ns: int = 0) -> Running:
    return Running(start_ns=start_ns, meters=meters, columns=columns, hardware=Hardware())


def gpu_columns(*meter_ids: str) -> tuple[Column, ...]:
    quantities = (Quantity.ENERGY_UJ, Quantity.POWER_MW)
    return tuple(Column(meter_id=meter_id, quantity=quantity) for meter_id in meter_ids for quantity in quantities)


def looks(running: Running, recording: Recording, every_s: float) -> Iterator[SoFar]:
    """Play a recording of one source into it, looking every so often and at the end."""
    due_ns = round(every_s * S)
    rows = zip(recording.series[0].t_ns, *(series.values for series in recording.series), strict=True)
    for t_ns, *values in rows:
        running.add(0, t_ns, tuple(values))
        if t_ns >= due_ns:
            due_ns = t_ns + round(every_s * S)
            yield running.so_far(t_ns)
    yield running.so_far(recording.end_ns)


def drawn(seconds: int, seed: int = 1) -> list[tuple[float, float, float]]:
    """A counter in joules and its gauge in watts, that change every second."""
    chance = random.Random(seed)
    rows, energy_j = [], 1000.0
    for second in range(seconds + 1):
        watts = chance.choice([60, 300, 310, 400])
        rows.append((float(second), energy_j, watts))
        energy_j += watts
    return rows


@pytest.mark.parametrize("every_s", [1, 3, 7, 60])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_looked_at_however_often_it_comes_to_the_whole(every_s: float, seed: int) -> None:
    recording = recording_of([("t", "gpu0/J", "gpu0/W"), *drawn(200, seed)])
    running = running_of(*recording.meters, columns=[gpu_columns("gpu0")])

    *_, last = looks(running, recording, every_s)

    assert last.it_j == pytest.approx(account(recording).it_j, rel=1e-9)


def test_a_counter_that_ticks_seldom_is_not_counted_twice() -> None:
    """It moves every other second: in a second without a tick its gauge must not stand in for it."""
    rows = [(second, 500 * (second // 2), 250) for second in range(61)]
    recording = recording_of([("t", "gpu0/J", "gpu0/W"), *rows], meter_of("gpu0", tick_s=2.0))
    running = running_of(*recording.meters, columns=[gpu_columns("gpu0")])

    *_, last = looks(running, recording, 1)

    assert last.it_j == pytest.approx(250 * 60, rel=0.04)


def test_sources_of_different_paces_lose_nothing_between_their_readings() -> None:
    gpus = (meter_of("gpu0"), meter_of("gpu1"))
    running = running_of(*gpus, columns=[gpu_columns("gpu0")[:1], gpu_columns("gpu1")[:1]])
    for half in range(-5, 1200):
        if half % 10 == 5:  # every 5 s, between the others
            running.add(0, half * S // 2, (1_000_000_000 + 50_000_000 * half,))
        if half % 120 == 0:  # every minute
            running.add(1, half * S // 2, (10_000_000 * half,))
            running.so_far(half * S // 2)

    assert running.so_far(600 * S).it_j == pytest.approx((100 + 20) * 540)


def test_the_power_now_is_the_mean_of_the_last_seconds() -> None:
    rows = [(float(t), 100.0 * t if t <= 50 else 5000 + 300.0 * (t - 50), 0) for t in range(61)]
    recording = recording_of([("t", "gpu0/J", "gpu0/W"), *rows])
    running = running_of(*recording.meters, columns=[gpu_columns("gpu0")])

    powers = [so_far.power_w for so_far in looks(running, recording, 10)]

    assert powers[:5] == pytest.approx([100] * 5)
    assert powers[-1] == pytest.approx(300)


def test_a_counter_that_wraps_and_one_that_is_reset_are_not_spikes() -> None:
    header = ("t", "cpu/J", "gpu0/J")
    rows = [(t, (100 * t) % 2000, 50 * t if t < 30 else 50 * (t - 30)) for t in range(61)]
    recording = recording_of([header, *rows], meter_of("cpu", wraps_at_uj=2_000_000_000 - 1), meter_of("gpu0"))
    columns = tuple(Column(meter_id=name, quantity=Quantity.ENERGY_UJ) for name in ("cpu", "gpu0"))
    running = running_of(*recording.meters, columns=[columns])

    *_, last = looks(running, recording, 1)

    energies = {meter.label: meter.energy_j for meter in last.meters}
    assert energies["CPU"] == pytest.approx(6000)
    assert energies["GPU0"] == pytest.approx(50 * 59)


def test_a_model_gives_way_to_a_measurement_as_in_the_account() -> None:
    recording = recording_of([("t", "cpu/J"), *((t, 20 * t) for t in range(31))])
    meters: tuple[Meter, ...] = (*recording.meters, model_of("cpu-model", (0.0, 7.0)), model_of("dram", (0.0, 3.0)))
    columns = (Column(meter_id="cpu", quantity=Quantity.ENERGY_UJ),)
    running = running_of(*meters, columns=[columns, (), ()])

    *_, last = looks(running, recording, 5)

    assert last.it_j == pytest.approx((20 + 3) * 30)
    assert [meter.label for meter in last.meters] == ["CPU", "DRAM"]
    assert last.power_w == pytest.approx(23)


def test_models_that_need_time_alone_are_known_at_once() -> None:
    running = running_of(model_of("dram", (0.0, 3.0)), columns=[()], start_ns=100 * S)

    found = running.so_far(120 * S)

    assert (found.it_j, found.power_w) == pytest.approx((60, 3))


def test_a_source_that_is_behind_holds_the_sum_back_to_what_all_have_told() -> None:
    gpus = (meter_of("gpu0"), meter_of("gpu1"))
    running = running_of(*gpus, columns=[gpu_columns("gpu0")[:1], gpu_columns("gpu1")[:1]])
    for t in range(31):
        running.add(0, t * S, (100_000_000 * t,))
        if t <= 20:
            running.add(1, t * S, (50_000_000 * t,))

    assert running.so_far(30 * S).it_j == pytest.approx(150 * 20)


@pytest.mark.parametrize("columns", [[gpu_columns("gpu0")], [()]])
def test_nothing_read_yet_is_not_known_and_never_0(columns: Any) -> None:
    running = running_of(meter_of("gpu0"), columns=columns)

    found = running.so_far(5 * S)

    assert (found.it_j, found.power_w) == (None, None)
    assert [meter.energy_j for meter in found.meters] == [None]


def test_readings_from_before_the_start_do_not_count() -> None:
    rows = [(float(t), 100 * (t + 30)) for t in range(-30, 31)]
    recording = recording_of([("t", "gpu0/J"), *rows], start_s=0)
    running = running_of(*recording.meters, columns=[gpu_columns("gpu0")[:1]])

    *_, last = looks(running, recording, 4)

    assert last.it_j == pytest.approx(100 * 30)


def test_what_is_settled_is_forgotten() -> None:
    recording = recording_of([("t", "gpu0/J", "gpu0/W"), *drawn(5000)])
    running = running_of(*recording.meters, columns=[gpu_columns("gpu0")])
    most = 0
    for _ in looks(running, recording, 1):
        most = max(most, *(len(samples) for samples in running._samples))

    assert most < 30
