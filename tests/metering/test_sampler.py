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
        if self.ns < self.end_ns <= target:
            self.ns = self.end_ns
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
    start_ns: int = 1_000 * S,
) -> Sink:
    """Run a sampler for the clock's span and return what it wrote."""
    sink = Sink()
    source = Source(name="x", probe=probe, description=described or description())
    sampler = Sampler((source,), sink, clock=clock, interval_s=interval_s)
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


def test_three_days_stay_below_forty_thousand_lines_and_wraps_are_followed() -> None:
    clock = FakeClock(3 * 24 * 3600 * S)
    gauge = play(clock, FakeProbe(clock, steady(1)))
    clock = FakeClock(3 * 24 * 3600 * S)
    wrapping = play(clock, FakeProbe(clock, steady(1)), description(wraps_at_uj=65_541_000_000))

    gaps = [(after[1] - before[1]) / S for before, after in pairwise(wrapping.samples)]
    assert len(gauge.samples) < 15_000
    assert len(wrapping.samples) < 40_000
    assert max(gaps) <= 10.001


def test_a_reading_is_stamped_in_the_middle() -> None:
    clock = FakeClock(S)

    sink = play(clock, FakeProbe(clock, steady(1), cost_ns=10 * MS))

    assert sink.samples[0][1] == 1_000 * S + 5 * MS


def test_costly_readings_become_rare() -> None:
    clock = FakeClock(60 * S)

    sink = play(clock, FakeProbe(clock, steady(1), cost_ns=200 * MS))

    assert len(sink.samples) < 20


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


def test_a_short_job_is_read_on_until_the_gpus_counter_ticks() -> None:
    clock = FakeClock(250 * MS)

    sink = play(clock, FakeProbe(clock, ticking(clock, 300)), description(Component.GPU))

    assert sink.samples[-1][1] - 1_000 * S == pytest.approx(300 * MS, abs=5 * MS)
    assert sink.samples[-1][2] != sink.samples[-2][2]
    assert len(sink.samples) > 10


def test_a_counter_that_does_not_tick_is_waited_for_shortly() -> None:
    clock = FakeClock(250 * MS)

    sink = play(clock, FakeProbe(clock, lambda _: (5,)), description(Component.GPU))

    assert sink.samples[-1][1] - clock.end_ns <= 125 * MS


@pytest.mark.parametrize(
    ("span_ns", "described"),
    [(11 * S, description(Component.GPU)), (250 * MS, description(Component.CPU))],
)
def test_long_jobs_and_machines_without_gpu_wait_for_nothing(span_ns: int, described: Description) -> None:
    clock = FakeClock(span_ns)

    sink = play(clock, FakeProbe(clock, ticking(clock, 300)), described)

    assert sink.samples[-1][1] == clock.end_ns


def test_a_clock_step_and_a_suspend_are_noted() -> None:
    clock = FakeClock(200 * S)
    clock.at.append((1_030 * S, lambda: setattr(clock, "wall_offset_ns", 3600 * S)))
    clock.at.append((1_100 * S, lambda: setattr(clock, "boot_offset_ns", 50 * S)))

    sink = play(clock, FakeProbe(clock, steady(1)))

    assert sink.flags == ["clock-step:+3600 s", "suspended:50 s"]


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


def test_a_sink_that_fails_ends_the_sampler_quietly() -> None:
    clock = FakeClock(S)
    sink = Sink()
    sink.sample = lambda *_: 1 / 0  # type: ignore[method-assign,assign]
    source = Source(name="x", probe=FakeProbe(clock, steady(1)), description=description())
    sampler = Sampler((source,), sink, clock=clock)

    assert sampler.start(5)
    assert sampler.stop(clock.ns, 5) is None
    assert sink.flags == ["sampler-failed:ZeroDivisionError"]
