"""The sampler on a clock of its own: when it reads, what it writes down, how it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from reporter.domain.readings import Column, Component, Description, Meter, Method, Quantity
from reporter.metering.sampler import Sampler
from reporter.metering.schedule import Schedule
from reporter.metering.sources import Source

S = 1_000_000_000
MS = 1_000_000
Values = tuple[int | None, ...]


class FakeClock:
    """Time passes only by waiting, and by readings that say how long they take."""

    def __init__(self, end_ns: int) -> None:
        self.ns = 1_000 * S
        self.end_ns = self.ns + end_ns
        self.ended = False
        self.wall_offset_ns = 0
        self.boot_offset_ns = 0
        self.at: list[tuple[int, Callable[[], None]]] = []
        self.finish: Callable[[], None] = lambda: None

    def now_ns(self) -> int:
        return self.ns

    def wall_ns(self) -> int:
        return self.ns + self.wall_offset_ns + self.boot_offset_ns

    def boot_ns(self) -> int:
        return self.ns + self.boot_offset_ns

    def wait(self, event: threading.Event, seconds: float) -> bool:
        target = self.ns + round(seconds * S)
        if self.end_ns <= target and not self.ended:
            self.ended = True
            self.ns = max(self.ns, self.end_ns)
            self.finish()
            return event.is_set()
        self.ns = target
        for moment, action in [entry for entry in self.at if entry[0] <= self.ns]:
            self.at.remove((moment, action))
            action()
        return event.is_set()


class FakeProbe:
    def __init__(self, clock: FakeClock, answer: Callable[[int], Values], cost_ns: int = 0) -> None:
        self.clock = clock
        self.answer = answer
        self.cost_ns = cost_ns
        self.why: tuple[tuple[str, str], ...] = ()

    def describe(self) -> Description:
        return Description()

    def read(self) -> Values:
        self.clock.ns += self.cost_ns
        return self.answer(self.clock.ns)

    def reasons(self) -> tuple[tuple[str, str], ...]:
        return self.why

    def close(self) -> None:
        pass


class Sink:
    def __init__(self) -> None:
        self.samples: list[tuple[int, int, Values]] = []
        self.misses: list[tuple[str, int, str]] = []
        self.flags: list[str] = []

    def sample(self, source: int, t_ns: int, values: Values) -> None:
        self.samples.append((source, t_ns, values))

    def missed(self, meter_id: str, t_ns: int, reason: str) -> None:
        self.misses.append((meter_id, t_ns, reason))

    def flag(self, flag: str, t_ns: int) -> None:
        self.flags.append(flag)


def description(
    component: Component = Component.CPU, wraps_at_uj: int | None = None, quantity: Quantity = Quantity.ENERGY_UJ
) -> Description:
    meter = Meter(
        meter_id="m",
        label="",
        component=component,
        method=Method.COUNTER,
        source="x",
        wraps_at_uj=wraps_at_uj,
    )
    return Description(meters=(meter,), columns=(Column(meter_id="m", quantity=quantity),))


def play(
    clock: FakeClock,
    probe: FakeProbe,
    described: Description | None = None,
    *,
    interval_s: float | None = None,
    own: Callable[[], frozenset[int]] | None = None,
    near: Callable[[], list[str]] = list,
) -> Sink:
    """Run a sampler for the clock's span and return what it wrote."""
    sink = Sink()
    source = Source(name="x", probe=probe, description=described or description())
    sampler = Sampler((source,), sink, clock=clock, interval_s=interval_s, own=own, near=near)
    stopped = threading.Event()

    def finish() -> None:
        sampler._ended_ns = clock.ns
        sampler._stop.set()
        stopped.set()

    clock.finish = finish
    sampler.start(10)
    assert stopped.wait(20)
    assert sampler.stop(clock.end_ns, 20) is None
    return sink


def steady(watts: int) -> Callable[[int], Values]:
    return lambda now_ns: (watts * now_ns // 1000,)


def test_readings_come_often_at_first_and_then_each_second() -> None:
    clock = FakeClock(8 * S + 50 * MS)

    sink = play(clock, FakeProbe(clock, steady(1)))

    seconds = [(t_ns - 1_000 * S) / S for _, t_ns, _ in sink.samples]
    assert seconds[:4] == [0, 0.1, 0.2, 0.3]
    assert seconds[49:] == pytest.approx([4.9, 5.0, 6.0, 7.0, 8.0, 8.05])


def test_a_fixed_interval_stays() -> None:
    clock = FakeClock(12 * S + 1)

    sink = play(clock, FakeProbe(clock, steady(1)), interval_s=2)

    assert [(t_ns - 1_000 * S) // S for _, t_ns, _ in sink.samples] == [0, 2, 4, 6, 8, 10, 12, 12]


def test_three_days_stay_small_and_wraps_are_followed() -> None:
    clock = FakeClock(3 * 24 * 3600 * S)
    gauge = play(clock, FakeProbe(clock, steady(1)))
    clock = FakeClock(3 * 24 * 3600 * S)
    reads: list[int] = []
    counter = FakeProbe(clock, lambda now_ns: (reads.append(now_ns), steady(1)(now_ns))[1])  # type: ignore[func-returns-value]
    wrapping = play(clock, counter, description(wraps_at_uj=65_541_000_000))

    assert len(gauge.samples) < 15_000
    assert len(wrapping.samples) < 15_000
    assert max(after - before for before, after in pairwise(reads)) <= 10.001 * S


def test_a_reading_is_stamped_in_the_middle() -> None:
    clock = FakeClock(S)

    sink = play(clock, FakeProbe(clock, steady(1), cost_ns=10 * MS))

    assert sink.samples[0][1] == 1_000 * S + 5 * MS


def test_costly_readings_become_rare() -> None:
    clock = FakeClock(60 * S)

    sink = play(clock, FakeProbe(clock, steady(1), cost_ns=200 * MS))

    assert len(sink.samples) < 20


@pytest.mark.parametrize(
    ("tick_s", "window_s", "expected_s"), [(0.1, 0.0, 0.05), (0.02, 0.0, 0.05), (0.25, 1.0, 1.0), (0.2, 0.2, 0.2)]
)
def test_power_alone_is_read_as_often_as_it_is_renewed(tick_s: float, window_s: float, expected_s: float) -> None:
    meter = Meter(
        meter_id="m", label="", component=Component.GPU, method=Method.INTEGRATED, source="x", tick_s=tick_s,
        window_s=window_s,
    )  # fmt: skip
    schedule = Schedule(Description(meters=(meter,)))

    schedule.advance(0, elapsed_ns=6 * S, cost_ns=0, failing=False)

    assert schedule.interval_ns == expected_s * S


@pytest.mark.parametrize(("interval_s", "most"), [(0.1, 45_000), (1.0, 30_000), (10.0, 27_000)])
def test_a_fixed_interval_widens_so_that_three_days_stay_small(interval_s: float, most: int) -> None:
    schedule = Schedule(description(), interval_s)
    schedule.begin(0)
    first_ns = schedule.interval_ns

    readings = 0
    while schedule.due_ns < 3 * 86_400 * S:
        schedule.advance(schedule.due_ns, elapsed_ns=schedule.due_ns, cost_ns=0, failing=False)
        readings += 1

    assert first_ns == interval_s * S
    assert 5_000 < readings < most


def test_one_slow_reading_on_a_busy_machine_is_forgotten() -> None:
    schedule = Schedule(description())
    schedule.begin(0)
    schedule.advance(0, elapsed_ns=10 * S, cost_ns=500 * MS, failing=False)
    schedule.advance(0, elapsed_ns=10 * S, cost_ns=500 * MS, failing=False)
    slowed_ns = schedule.interval_ns

    for _ in range(5):
        schedule.advance(0, elapsed_ns=10 * S, cost_ns=1, failing=False)

    assert slowed_ns > S
    assert schedule.interval_ns == S


def test_a_failing_source_is_asked_less_often_and_at_the_end_again() -> None:
    clock = FakeClock(30 * S)
    probe = FakeProbe(clock, lambda now_ns: (None,) if now_ns < 1_030 * S else (7,))
    probe.why = (("m", "timeout"),)

    sink = play(clock, probe)

    gaps = [(after[1] - before[1]) / S for before, after in pairwise(sink.samples)]
    assert max(gaps) == 5.0
    assert len(sink.samples) < 15
    assert sink.samples[-1][2] == (7,)


def test_a_reason_is_written_once_until_it_changes() -> None:
    clock = FakeClock(3 * S)
    probe = FakeProbe(clock, steady(1))
    answers: Iterator[tuple[tuple[str, str], ...]] = iter([(), (("m", "a"),), (("m", "a"),), (("m", "b"),), ()])
    probe.reasons = lambda: next(answers, ())  # type: ignore[method-assign]

    sink = play(clock, probe)

    assert [reason for _, _, reason in sink.misses] == ["a", "b"]


@pytest.mark.parametrize("answer", [lambda _: (1, 2), lambda _: (), lambda _: 1 / 0])
def test_a_probe_that_breaks_its_contract_gives_missed_readings(answer: Callable[[int], Values]) -> None:
    clock = FakeClock(S)

    sink = play(clock, FakeProbe(clock, answer))

    assert {values for _, _, values in sink.samples} == {(None,)}
    assert len(sink.misses) == 1


def test_a_reading_that_took_seconds_is_missed() -> None:
    clock = FakeClock(10 * S)
    probe = FakeProbe(clock, steady(1))
    clock.at.append((1_002 * S, lambda: setattr(probe, "cost_ns", 3 * S)))
    clock.at.append((1_006 * S, lambda: setattr(probe, "cost_ns", 0)))

    sink = play(clock, probe)

    assert (None,) in [values for _, _, values in sink.samples]
    assert "took 3.0 s" in sink.misses[0][2]
    assert sink.samples[-1][2] != (None,)


def test_a_starved_sampler_does_not_catch_up() -> None:
    clock = FakeClock(20 * S + 500 * MS)
    probe = FakeProbe(clock, steady(1))
    clock.at.append((1_010 * S, lambda: setattr(clock, "ns", clock.ns + 3 * S + 250 * MS)))

    sink = play(clock, probe)

    late = [(t_ns - 1_000 * S) / S for _, t_ns, _ in sink.samples if t_ns >= 1_009 * S]
    assert late[0] == pytest.approx(9.0)
    assert late[1] == pytest.approx(13.25)
    assert all(after - before >= 0.2 for before, after in pairwise(late))
    assert len(late) < 12


def ticking(clock: FakeClock, watts: int) -> Callable[[int], Values]:
    return lambda now_ns: (watts * (now_ns // (100 * MS)) * 100 * MS // 1000,)


def ticks_after(sink: Sink, from_ns: int) -> list[float]:
    """When a counter was first seen to have moved after a time, milliseconds since the start."""
    pairs = pairwise(sink.samples)
    return [(after[1] - 1_000 * S) / MS for before, after in pairs if after[1] > from_ns and after[2] != before[2]]


def test_a_short_jobs_ends_are_put_where_the_gpus_counter_ticks() -> None:
    clock = FakeClock(250 * MS)

    sink = play(clock, FakeProbe(clock, ticking(clock, 300)), description(Component.GPU))

    assert ticks_after(sink, 1_000 * S)[0] == pytest.approx(100, abs=5)
    assert ticks_after(sink, clock.end_ns)[0] == pytest.approx(300, abs=5)
    assert sink.samples[-1][2] != sink.samples[-2][2]


def test_a_counter_that_does_not_tick_is_waited_for_shortly() -> None:
    clock = FakeClock(250 * MS)

    sink = play(clock, FakeProbe(clock, lambda _: (5,)), description(Component.GPU))

    assert sink.samples[-1][1] - clock.end_ns <= 2 * 125 * MS


@pytest.mark.parametrize(
    ("span_ns", "described"),
    [(61 * S, description(Component.GPU)), (250 * MS, description(Component.CPU))],
)
def test_long_jobs_and_machines_without_gpu_wait_for_nothing(span_ns: int, described: Description) -> None:
    clock = FakeClock(span_ns)

    sink = play(clock, FakeProbe(clock, ticking(clock, 300)), described)

    assert sink.samples[-1][1] == clock.end_ns


def test_a_job_of_fifty_milliseconds_is_read_at_both_ends_and_to_the_next_tick() -> None:
    clock = FakeClock(50 * MS)

    sink = play(clock, FakeProbe(clock, ticking(clock, 300)), description(Component.GPU))

    times_ns = [t_ns for _, t_ns, _ in sink.samples]
    assert times_ns[0] == 1_000 * S
    assert clock.end_ns in times_ns
    assert ticks_after(sink, clock.end_ns)[0] == pytest.approx(100, abs=5)
    assert times_ns[-1] - clock.end_ns <= 120 * MS


def test_of_several_gpus_each_is_waited_for_until_it_ticks() -> None:
    clock = FakeClock(250 * MS)
    meters = tuple(
        Meter(meter_id=name, label="", component=Component.GPU, method=Method.COUNTER, source="x") for name in "ab"
    )
    columns = tuple(Column(meter_id=meter.meter_id, quantity=Quantity.ENERGY_UJ) for meter in meters)

    sink = play(
        clock,
        FakeProbe(clock, lambda now_ns: (now_ns // (20 * MS), (now_ns + 30 * MS) // (100 * MS))),
        Description(meters=meters, columns=columns),
    )

    # The second ticks at 270 ms, when the first has ticked already.
    slow = [(t_ns - 1_000 * S, values[1]) for _, t_ns, values in sink.samples]
    moved = [after_ns for (_, before), (after_ns, after) in pairwise(slow) if before != after and after_ns > 250 * MS]
    assert moved[0] == pytest.approx(270 * MS, abs=5 * MS)


def test_a_reading_slower_than_its_interval_makes_the_interval_longer_and_none_overlaps() -> None:
    clock = FakeClock(60 * S)

    sink = play(clock, FakeProbe(clock, steady(1), cost_ns=300 * MS), interval_s=0.1)

    gaps = [after[1] - before[1] for before, after in pairwise(sink.samples)]
    assert min(gaps) >= 300 * MS
    assert max(gaps[10:-1]) == pytest.approx(5 * S, rel=0.1)
    assert sink.misses == []


def test_a_counter_that_wraps_and_is_slow_to_read_is_still_read_before_half_of_its_range() -> None:
    clock = FakeClock(3600 * S)
    range_uj = 65_541_000_000

    def answer(now_ns: int) -> Values:
        return (280 * now_ns // 1000 % (range_uj + 1),)

    sink = play(clock, FakeProbe(clock, answer, cost_ns=900 * MS), description(wraps_at_uj=range_uj))

    gaps = [(after[1] - before[1]) / S for before, after in pairwise(sink.samples)]
    assert max(gaps) < range_uj / 280e6 / 2
    rises = [(after[2][0] - before[2][0]) % (range_uj + 1) for before, after in pairwise(sink.samples)]  # type: ignore[operator]
    assert sum(rises) == pytest.approx(280e6 * (sink.samples[-1][1] - sink.samples[0][1]) / S, rel=1e-3)


class Shared(FakeProbe):
    """A device that others may use."""

    def __init__(self, clock: FakeClock, flags: tuple[str, ...] = (), cost_ns: int = 0) -> None:
        super().__init__(clock, steady(1))
        self.flags = flags
        self.inspect_cost_ns = cost_ns
        self.asked: list[tuple[float, frozenset[int]]] = []

    def inspect(self, own: frozenset[int]) -> tuple[str, ...]:
        self.asked.append(((self.clock.ns - 1_000 * S) / S, own))
        self.clock.ns += self.inspect_cost_ns
        return self.flags


OURS = frozenset({42})


def test_who_else_uses_the_devices_is_asked_ever_more_rarely_and_at_the_end() -> None:
    clock = FakeClock(3600 * S)
    probe = Shared(clock)

    play(clock, probe, own=lambda: OURS)

    assert [at_s for at_s, _ in probe.asked] == pytest.approx(
        [30, 60, 120, 240, 480, 960, 1560, 2160, 2760, 3360, 3600], abs=11
    )
    assert {own for _, own in probe.asked} == {OURS}


def test_what_is_found_is_told_once() -> None:
    clock = FakeClock(100 * S)
    probe = Shared(clock, ("shared-gpu:a",))

    sink = play(clock, probe, own=lambda: OURS)

    assert len(probe.asked) == 3
    assert sink.flags == ["shared-gpu:a"]


def test_without_knowing_the_commands_processes_only_the_end_is_asked_and_without_a_command_nothing() -> None:
    unknown, failing, none = (Shared(FakeClock(100 * S)) for _ in range(3))

    play(unknown.clock, unknown, own=frozenset)
    play(failing.clock, failing, own=lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    play(none.clock, none)

    assert unknown.asked == [(100, frozenset())]
    assert failing.asked == [(100, frozenset())]
    assert none.asked == []


def test_asking_that_fails_or_takes_long_costs_no_reading() -> None:
    broken, slow = (Shared(FakeClock(100 * S), cost_ns=cost_ns) for cost_ns in (0, 400 * MS))
    broken.inspect = lambda own: 1 / 0  # type: ignore[method-assign,assign,return-value]

    for probe in (broken, slow):
        sink = play(probe.clock, probe, own=lambda: OURS)
        assert len(sink.samples) == 50 + 95 + 1
        assert (sink.flags, sink.misses) == ([], [])


def test_a_clock_step_and_a_suspend_are_noted() -> None:
    clock = FakeClock(200 * S)
    clock.at.append((1_030 * S, lambda: setattr(clock, "wall_offset_ns", 3600 * S)))
    clock.at.append((1_100 * S, lambda: setattr(clock, "boot_offset_ns", 50 * S)))

    sink = play(clock, FakeProbe(clock, steady(1)))

    assert sink.flags == ["clock-step:+3600 s", "suspended:50 s"]


def test_who_else_uses_the_machine_is_asked_at_the_start_every_minute_and_at_the_end() -> None:
    clock = FakeClock(150 * S)
    asked_s: list[int] = []

    def near() -> list[str]:
        asked_s.append(round((clock.now_ns() - 1_000 * S) / S))
        return ["shared-machine"] if len(asked_s) == 2 else []

    sink = play(clock, FakeProbe(clock, steady(1)), near=near)

    assert asked_s == [0, 60, 120, 150]
    assert sink.flags == ["shared-machine"]


def test_a_look_at_the_machine_that_fails_costs_no_reading() -> None:
    clock = FakeClock(5 * S)

    sink = play(clock, FakeProbe(clock, steady(1)), near=lambda: [str(1 / 0)])

    assert sink.flags == []
    assert len(sink.samples) > 40


def test_without_anything_to_read_it_still_starts_and_stops() -> None:
    clock = FakeClock(S)
    sampler = Sampler((), Sink(), clock=clock)

    assert sampler.start(5)
    assert sampler.stop(clock.now_ns(), 5) is None


class HangingProbe(FakeProbe):
    """A driver that answers once, and then not until it is released."""

    def __init__(self, clock: FakeClock, answers: int) -> None:
        super().__init__(clock, steady(1))
        self.answers = answers
        self.release = threading.Event()
        self.hanging = threading.Event()

    def read(self) -> Values:
        if self.answers == 0:
            self.hanging.set()
            self.release.wait(20)
        self.answers -= 1
        return super().read()


@pytest.mark.parametrize("answers", [0, 3])
def test_a_hanging_driver_holds_up_neither_start_nor_end(answers: int) -> None:
    clock = FakeClock(1_000 * S)
    probe = HangingProbe(clock, answers)
    sink = Sink()
    source = Source(name="nvml", probe=probe, description=description())
    sampler = Sampler((source,), sink, clock=clock)

    began = time.monotonic()
    started = sampler.start(0.1)
    assert probe.hanging.wait(10)
    stuck = sampler.stop(clock.ns, 0.1)
    took_s = time.monotonic() - began
    probe.release.set()

    assert started == (answers > 0)
    assert stuck == "nvml"
    assert took_s < 5
    assert len(sink.samples) == answers


def test_a_driver_that_hangs_while_it_lists_processes_is_named() -> None:
    clock = FakeClock(100 * S)
    probe = Shared(clock)
    hanging, release = threading.Event(), threading.Event()

    def inspect(own: frozenset[int]) -> tuple[str, ...]:
        hanging.set()
        release.wait(20)
        return ()

    probe.inspect = inspect  # type: ignore[method-assign]
    source = Source(name="nvml", probe=probe, description=description())
    sampler = Sampler((source,), Sink(), clock=clock, own=lambda: OURS)

    assert sampler.start(5)
    assert hanging.wait(10)
    stuck = sampler.stop(clock.ns, 0.1)
    release.set()

    assert stuck == "nvml"


def test_a_sink_that_fails_ends_the_sampler_quietly() -> None:
    clock = FakeClock(S)
    sink = Sink()
    sink.sample = lambda *_: 1 / 0  # type: ignore[method-assign,assign]
    source = Source(name="x", probe=FakeProbe(clock, steady(1)), description=description())
    sampler = Sampler((source,), sink, clock=clock)

    assert sampler.start(5)
    assert sampler.stop(clock.ns, 5) is None
    assert sink.flags == ["sampler-failed:ZeroDivisionError"]
