"""A recording played back: its values at their moments, its end, and what it says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporter.domain.energy import account
from reporter.domain.readings import (
    Column,
    Component,
    Gpu,
    Hardware,
    Missed,
    Quantity,
    Recording,
    Series,
    Unavailable,
)
from reporter.probes import Replay
from reporter.probes.replay import ENDED, UNREAD, ReplayProbe
from tests.factories import meter_of, model_of, recording_of

S = 1_000_000_000
OURS = 5000 * S
"""When our command starts, by our clock."""

RECORDING = recording_of(
    """
    t      gpu0/J   gpu0/W   cpu/s
    -1     100      50       0
    0      110      60       1
    1      200      .        2
    3      500      70       4
    """,
    meter_of("gpu0", label="H100", tick_s=0.1),
    model_of("cpu"),
    model_of("dram", (0.0, 6.0)),
    start_s=0.5,
    end_s=3,
    hardware=Hardware(gpus=(Gpu(uuid="GPU-1", name="H100"),)),
    missed=(Missed(meter_id="gpu0", t_ns=1 * S, reason="the GPU was busy"),),
)


class Player:
    def __init__(self, recording: Recording = RECORDING) -> None:
        self.now_ns = OURS - S
        self.probe = ReplayProbe(Replay(name="h100.jsonl", recording=recording), lambda: self.now_ns)
        self.description = self.probe.describe()

    def at(self, seconds: float) -> tuple[int | None, ...]:
        """The values so long after our command's start."""
        self.now_ns = OURS + round(seconds * S)
        return self.probe.read()


def test_until_the_command_starts_the_recording_stands_at_the_start_of_its_own() -> None:
    player = Player()

    assert player.at(-0.5) == player.at(100) == (110_000_000, 60_000, 1 * S)


@pytest.mark.parametrize(
    ("after_s", "joules", "watts", "busy_s"),
    [(0, 110, 60, 1), (0.4, 110, 60, 1), (0.6, 200, None, 2), (2.4, 200, None, 2), (2.5, 500, 70, 4)],
)
def test_each_value_is_the_last_that_was_delivered_then(
    after_s: float, joules: int, watts: int | None, busy_s: int
) -> None:
    player = Player()
    player.probe.begin(OURS)

    assert player.at(after_s) == (joules * 1_000_000, watts and watts * 1000, busy_s * S)


def test_a_reading_that_was_missed_then_is_missed_now_with_its_reason() -> None:
    player = Player()
    player.probe.begin(OURS)

    player.at(0.6)
    assert dict(player.probe.reasons()) == {"replay:gpu0": "the GPU was busy"}
    player.at(2.6)
    assert player.probe.inspect(frozenset()) == ("replay-ended:h100.jsonl",)


def test_one_that_has_no_reason_says_so() -> None:
    player = Player(replace(RECORDING, missed=()))
    player.probe.begin(OURS)

    player.at(0.6)

    assert dict(player.probe.reasons()) == {"replay:gpu0": UNREAD}


def test_after_its_end_counters_stand_and_power_is_missing() -> None:
    player = Player()
    player.probe.begin(OURS)

    assert player.at(1000) == (500_000_000, None, 4 * S)
    assert dict(player.probe.reasons()) == {"replay:gpu0": ENDED, "replay:cpu": ENDED}


def test_before_its_first_reading_there_is_none() -> None:
    player = Player(replace(RECORDING, start_ns=-5 * S))
    player.probe.begin(OURS)

    assert player.at(0) == (None, None, None)
    assert dict(player.probe.reasons()) == {"replay:gpu0": UNREAD, "replay:cpu": UNREAD}


def test_meters_keep_what_they_are_under_ids_of_their_own() -> None:
    core = meter_of("cpu-core", parent_id="gpu0")
    series = Series(meter_id="cpu-core", quantity=Quantity.ENERGY_UJ, t_ns=(0,), values=(1,))
    recording = replace(RECORDING, meters=(*RECORDING.meters, core), series=(*RECORDING.series, series))

    found = Player(recording).description

    assert [meter.meter_id for meter in found.meters] == ["replay:gpu0", "replay:cpu", "replay:dram", "replay:cpu-core"]
    assert found.meters[3].parent_id == "replay:gpu0"
    assert (found.meters[0].label, found.meters[0].source) == ("H100", "nvml")
    assert found.columns[1] == Column(meter_id="replay:gpu0", quantity=Quantity.POWER_MW)
    assert found.gpus == (Gpu(uuid="GPU-1", name="H100"),)


def test_a_value_lags_by_up_to_the_time_between_two_readings() -> None:
    assert Player().description.meters[0].tick_s == 2


def test_it_says_that_nothing_is_measured_and_keeps_what_is_odd_about_the_devices() -> None:
    flags = ("mig:GPU-1", "shared-gpu:GPU-1", "clock-step:+3600 s", "meter-killed", "low-coverage:gpu0")

    found = Player(replace(RECORDING, flags=flags)).description

    assert found.flags == ("replayed:h100.jsonl", "mig:GPU-1", "shared-gpu:GPU-1", "low-coverage:gpu0")


def test_a_gpu_that_was_not_read_then_makes_it_as_unknown_now() -> None:
    missing = Unavailable(source="nvml:GPU-2", reason="it was lost")
    silent = meter_of("gpu1", label="A100")
    recording = replace(RECORDING, meters=(*RECORDING.meters, silent), unavailable=(missing,))

    carried, unread = Player(recording).description.unavailable

    assert carried == replace(missing, component=Component.GPU)
    assert (unread.source, unread.component, unread.expected) == ("replay:gpu1", Component.GPU, False)
    assert "A100" in unread.reason


def test_without_a_recording_it_says_how_to_name_one() -> None:
    probe = ReplayProbe(None)

    (row,) = probe.describe().unavailable

    assert row.expected
    assert "--sources replay:" in (row.remedy or "")
    assert probe.read() == ()


def test_a_recording_played_back_at_its_own_times_comes_to_the_same_energy() -> None:
    """Read just when each value was delivered, the copy is the recording."""
    rows = [(float(t), 100 * t + (t % 3), 100 + t % 5) for t in range(61)]
    original = recording_of([("t", "gpu0/J", "gpu0/W"), *rows], start_s=0, end_s=60)
    player = Player(original)
    player.probe.begin(OURS)
    taken = [player.at(float(t)) for t in range(61)]
    t_ns = tuple(OURS + t * S for t in range(61))
    copy = replace(
        original,
        start_ns=OURS,
        end_ns=OURS + 60 * S,
        meters=tuple(replace(meter, tick_s=0.0) for meter in player.description.meters),
        series=tuple(
            Series(meter_id=column.meter_id, quantity=column.quantity, t_ns=t_ns, values=values)
            for column, values in zip(player.description.columns, zip(*taken, strict=True), strict=True)
        ),
    )

    assert account(copy).it_j == pytest.approx(account(original).it_j)
