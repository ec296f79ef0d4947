"""Writes gpu.jsonl: two minutes of a training on four GPUs, as the meter would have recorded them.

    python examples/recordings/make.py

The watts are made up: a climb to full load, a checkpoint every 30 s. No clock and no chance: every run writes the same.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from reporter.domain.readings import (  # noqa: E402
    Column,
    Component,
    Description,
    Gpu,
    Hardware,
    Job,
    Meter,
    Method,
    PowerCurve,
    Quantity,
)
from reporter.metering.recording import RecordingWriter  # noqa: E402
from reporter.metering.sources import Source, Sources  # noqa: E402
from reporter.probes.replay import ReplayProbe  # noqa: E402

NS_PER_S = 1_000_000_000
DURATION_S = 120
CPUS = 16
GPUS = tuple(Gpu(uuid=f"GPU-e0000000-0000-4000-8000-00000000000{index}", name="Example GPU 80GB") for index in range(4))
IDLE_W, FULL_W = 70.0, 600.0
CHECKPOINT_S, CHECKPOINT_EVERY_S = 3, 30
DRAM = PowerCurve(points=((0.0, 97.3),), cpus=1, source="0.38 W/GB × 256 GB", year=2021)
CPU = PowerCurve(points=((0.0, 16.6), (1.0, 66.6)), cpus=CPUS, source="made up for this example", year=None)


def power_w(gpu: int, at_s: float) -> float:
    """One GPU's power: a climb of 4 s, full load with a little difference between the four, dips at checkpoints."""
    if at_s < 1 or (at_s > CHECKPOINT_EVERY_S and at_s % CHECKPOINT_EVERY_S < CHECKPOINT_S):
        return IDLE_W + gpu
    return min(IDLE_W + (at_s - 1) / 4 * FULL_W, FULL_W - 7 * gpu)


def tenths() -> list[int]:
    """When the meter reads, in tenths of a second: each of them for 5 s, then every tenth."""
    return [*range(50), *range(50, 10 * DURATION_S + 1, 10)]


def meters() -> tuple[tuple[Meter, ...], tuple[Meter, ...]]:
    """Those of the GPUs, and the models of the rest."""
    gpus = tuple(
        Meter(
            meter_id=f"nvml:{gpu.uuid}",
            label=gpu.name,
            component=Component.GPU,
            method=Method.COUNTER,
            source="nvml",
            tick_s=0.1,
            peak_power_w=700.0,
            gain_low_ratio=0.95,
            gain_high_ratio=1.05,
        )
        for gpu in GPUS
    )
    cpu = Meter(
        meter_id="model:cpu", label="Example CPU", component=Component.CPU, method=Method.MODELLED, source="cpu_model",
        tick_s=0.01, gain_low_ratio=0.7, gain_high_ratio=1.6, model=CPU,
    )  # fmt: skip
    dram = Meter(
        meter_id="model:dram", label="Memory, 256 GB", component=Component.DRAM, method=Method.MODELLED,
        source="dram_model", gain_low_ratio=0.5, gain_high_ratio=1.5, model=DRAM,
    )  # fmt: skip
    return gpus, (cpu, dram)


def main(path: Path) -> None:
    """Write the recording."""
    gpus, models = meters()
    cpu, dram = models
    probe = ReplayProbe(None)  # stands in for the real ones: it is never read
    power = (Quantity.ENERGY_UJ, Quantity.POWER_MW)
    columns = tuple(Column(meter_id=gpu.meter_id, quantity=quantity) for gpu in gpus for quantity in power)
    busy = (Column(meter_id=cpu.meter_id, quantity=Quantity.BUSY_NS),)
    sources = Sources(
        sources=(
            Source(name="nvml", probe=probe, description=Description(meters=gpus, columns=columns, gpus=GPUS)),
            Source(name="cpu_model", probe=probe, description=Description(meters=(cpu,), columns=busy)),
            Source(name="dram_model", probe=probe, description=Description(meters=(dram,))),
        )
    )
    machine = Hardware(gpus=GPUS, cpu="Example CPU", cpu_count=CPUS, memory_gb=256.0)
    path.unlink(missing_ok=True)
    writer = RecordingWriter(path, warn=print)
    job = Job(name="train", command=("python", "train.py"), started_at="2026-01-01T00:00:00Z")
    start_ns = NS_PER_S
    writer.start(t_ns=start_ns, job=job, hardware=machine, sources=sources, extra={})
    writer.command(start_ns)
    energy_uj = [1_000_000_000 * (gpu + 1) for gpu in range(len(GPUS))]
    before = 0
    for now in tenths():
        powers_w = [round(power_w(gpu, now / 10)) for gpu in range(len(GPUS))]
        passed_us = (now - before) * 100_000
        energy_uj = [energy + watts * passed_us for energy, watts in zip(energy_uj, powers_w, strict=True)]
        t_ns = start_ns + now * NS_PER_S // 10
        readings = zip(energy_uj, powers_w, strict=True)
        writer.sample(0, t_ns, [value for energy, watts in readings for value in (energy, watts * 1000)])
        writer.sample(1, t_ns, [now * 4 * NS_PER_S // 10])
        before = now
    writer.end(t_ns=start_ns + DURATION_S * NS_PER_S, exit_status=0, signal=None, self_cpu_s=0.1)
    writer.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("gpu.jsonl"))
