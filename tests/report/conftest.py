"""Footprints to report on, built in one call: `job(...)` with what the test is about, the rest is usual."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import pytest

from reporter.commands.account.accounting import beside
from reporter.domain.baseline import baseline_of
from reporter.domain.besides import Accounting, Market, Price
from reporter.domain.budget import GRADES, Budget, Metric
from reporter.domain.carbon import (
    Emissions,
    Energy,
    Intensity,
    Level,
    MeterEnergy,
    PerUnit,
    PowerPoint,
    Pue,
    Tool,
)
from reporter.domain.footprint import Footprint, judged
from reporter.domain.readings import Component, Gpu, Hardware, Job, Method, Phase, Unavailable
from reporter.domain.run_record import record_of
from reporter.domain.spent import Spent
from reporter.domain.total import total
from reporter.report.view import ReportContext

if TYPE_CHECKING:
    from collections.abc import Callable

KWH_J = 3.6e6
VIRGINIA = Intensity(
    gco2e_per_kwh=244.8, region="aws:us-east-1", label="Virginia", kind="average", origin="table", scope="direct",
    source="US EPA eGRID", year=2023, resolved="annual", uncertainty_ratio=0.2,
)  # fmt: skip
UNITED_STATES = dataclasses.replace(
    VIRGINIA, gco2e_per_kwh=384.4, region=None, label="United States (assumed)", scope="lifecycle",
    source="Ember", year=2025, low_gco2e_per_kwh=23.7, high_gco2e_per_kwh=893.1, known=False,
)  # fmt: skip
US_EAST_1 = Pue(ratio=1.15, source="Amazon", year=2024, level=Level.REGION, uncertainty_ratio=0.03)
WORLD_PUE = Pue(ratio=1.54, source="Uptime Institute", year=2025, level=Level.AVERAGE, uncertainty_ratio=0.25)
TOOL = Tool(name="emissions-reporter", version="0.1.0", factors_version="2026.11", factors_sha256="0" * 64)


def power_curve(duration_s: float, mean_w: float, points: int = 60) -> tuple[PowerPoint, ...]:
    """A warm-up, a plateau with ripples, a tail."""
    step = duration_s / points
    shape = [0.35 if i < 4 else 0.5 if i > points - 6 else 1.05 + 0.12 * math.sin(i * 1.7) for i in range(points)]
    level = mean_w * points / sum(shape)
    return tuple(
        PowerPoint(start_s=i * step, end_s=(i + 1) * step, power_w=level * part) for i, part in enumerate(shape)
    )


def gpu_job(
    name: str = "finetune (8×H100)",
    *,
    it_kwh: float = 1.59,
    gpus: int = 8,
    duration_s: float = 1650.0,
    budgets: tuple[Budget, ...] = (),
    exit_status: int | None = 0,
    unread: tuple[str, ...] = (),
    **changes: Any,
) -> Footprint:
    """A job on measured GPUs and CPU with modelled memory; repeatable to about one per cent."""
    it_j = it_kwh * KWH_J
    shares = (*((Component.GPU, Method.COUNTER, 0.905 / gpus),) * gpus, (Component.CPU, Method.COUNTER, 0.07))
    meters = [
        meter(
            component, method, share * it_j, "NVIDIA H100 80GB HBM3" if component is Component.GPU else "CPU package 0"
        )
        for component, method, share in shares
    ]
    meters.append(meter(Component.DRAM, Method.MODELLED, 0.025 * it_j, "memory model", ratio=0.5))
    footprint = Footprint(
        tool=TOOL,
        method="partly-measured",
        quality="B",
        job=Job(
            name=name, exit_status=exit_status, started_at="2026-01-01T00:00:00Z", duration_s=duration_s, run_id=42
        ),
        hardware=Hardware(
            gpus=tuple(Gpu(uuid=f"GPU-{i}", name="NVIDIA H100 80GB HBM3") for i in range(gpus)), cpu="AMD EPYC 9654"
        ),
        meters=tuple(meters),
        unavailable=tuple(
            Unavailable(
                source=f"nvml:{gpu}",
                reason="the driver denied access (NVML_ERROR_NO_PERMISSION)",
                remedy="Run the job as a user of the group `video`.",
                component=Component.GPU,
            )
            for gpu in unread
        ),
        energy=Energy(
            it_j=it_j,
            facility_j=it_j * US_EAST_1.ratio,
            measured_ratio=0.975,
            low_j=0.94 * it_j,
            high_j=1.06 * it_j,
            repeat_low_j=0.992 * it_j,
            repeat_high_j=1.008 * it_j,
        ),
        pue=US_EAST_1,
        intensity=VIRGINIA,
        emissions=grams(it_kwh * US_EAST_1.ratio * 244.8, 0.76, 1.27),
        phases=(
            Phase(label="load", start_s=0, end_s=duration_s * 0.08, energy_j=it_j * 0.03),
            Phase(label="train", start_s=duration_s * 0.08, end_s=duration_s * 0.7, energy_j=it_j * 0.72),
            Phase(label="eval", start_s=duration_s * 0.7, end_s=duration_s, energy_j=it_j * 0.25),
        ),
        timeline=power_curve(duration_s, it_j / duration_s),
        self_cpu_s=2.4,
    )
    return judged(dataclasses.replace(footprint, **changes), budgets)


def idle_gpus_job(**changes: Any) -> Footprint:
    """Two GPUs that wait for data, named phases that come again, a shared host, idle power measured before."""
    job = gpu_job("finetune (2×H100)", it_kwh=0.5, gpus=2, duration_s=1500.0)
    it_j = job.energy.it_j or 0.0
    phases = [Phase(label="load", start_s=0, end_s=300, energy_j=0.1 * it_j, idle_j=0.08 * it_j)]
    for epoch in range(3):
        start_s = 300.0 + epoch * 400
        phases += [
            Phase(label="train", start_s=start_s, end_s=start_s + 320, energy_j=0.26 * it_j, idle_j=0.01 * it_j),
            Phase(label="eval", start_s=start_s + 320, end_s=start_s + 400, energy_j=0.04 * it_j, idle_j=0.0),
        ]
    used = [0.0 if step < 12 else 0.35 if step % 16 > 12 else 0.93 for step in range(60)]
    timeline = tuple(
        dataclasses.replace(point, utilisation_ratio=ratio)
        for point, ratio in zip(power_curve(1500.0, it_j / 1500), used, strict=True)
    )
    meters = tuple(
        dataclasses.replace(row, utilisation_ratio=0.66, idle_ratio=0.21, idle_j=0.055 * it_j, baseline_w=70.0)
        if row.component is Component.GPU
        else dataclasses.replace(row, share_ratio=0.125 if row.component is Component.CPU else None, baseline_w=9.0)
        for row in job.meters
    )
    energy = dataclasses.replace(
        job.energy, idle_j=0.11 * it_j, baseline_w=158.0, net_j=it_j - 158.0 * 1500, self_j=3.1
    )
    return dataclasses.replace(job, energy=energy, phases=tuple(phases), timeline=timeline, meters=meters, **changes)


BESIDE = Accounting(
    market=Market(matched_ratio=0.7, contract_gco2e_per_kwh=0.0, residual_gco2e_per_kwh=500.0),
    machine_gco2e=1200e3,
    share_ratio=0.5,
    price=Price(amount=0.21, currency="EUR", per="kWh"),
    equivalent="car-km-eu",
    origin=".github/emissions.yml, line 9",
)


def job_with_figures_beside(**changes: Any) -> Footprint:
    """A measured job for which everything that can be told beside the headline is declared."""
    job = gpu_job(per_unit=(PerUnit(unit="sample", count=50_000, energy_j=None, gco2e=None),), **changes)
    marginal = dataclasses.replace(
        VIRGINIA, gco2e_per_kwh=557.17, kind="marginal", origin="api", source="WattTime PJM_DC", resolved="5min"
    )
    return beside(dataclasses.replace(job, marginal=marginal), BESIDE)


def hosted_job(name: str = "unit-bench (4 vCPU)", *, budgets: tuple[Budget, ...] = (), **changes: Any) -> Footprint:
    """A job on a runner without any meter: energy by model, region unknown."""
    it_j, duration_s = 8_850.0, 400.0
    footprint = Footprint(
        tool=TOOL,
        method="modelled",
        quality="D",
        job=Job(name=name, exit_status=0, duration_s=duration_s),
        hardware=Hardware(cpu="AMD EPYC 7763 64-Core Processor", cpu_count=4, memory_gb=16),
        meters=(
            meter(Component.CPU, Method.MODELLED, 0.83 * it_j, "CPU model: AMD EPYC 7763", ratio=0.6),
            meter(Component.DRAM, Method.MODELLED, 0.17 * it_j, "memory model: 16 GB", ratio=0.5),
        ),
        unavailable=(
            Unavailable(
                source="rapl",
                reason="no powercap interface",
                expected=True,
                remedy="Use a self-hosted runner with RAPL, or one with an NVIDIA GPU.",
            ),
            Unavailable(source="nvml", reason="no NVIDIA driver", expected=True, component=Component.GPU),
        ),
        energy=Energy(
            it_j=it_j,
            facility_j=it_j * WORLD_PUE.ratio,
            measured_ratio=0.0,
            low_j=0.7 * it_j,
            high_j=1.6 * it_j,
            repeat_low_j=0.98 * it_j,
            repeat_high_j=1.02 * it_j,
        ),
        pue=WORLD_PUE,
        intensity=UNITED_STATES,
        emissions=Emissions(gco2e=1.455, low_gco2e=0.062, high_gco2e=5.6),
        timeline=power_curve(duration_s, it_j / duration_s, 40),
        flags=("region-unknown",),
        self_cpu_s=0.31,
    )
    return judged(dataclasses.replace(footprint, **changes), budgets)


def meter(component: Component, method: Method, energy_j: float | None, label: str, ratio: float = 0.05) -> MeterEnergy:
    """A fully covered meter."""
    return MeterEnergy(
        meter_id=f"{component.value}:{label}", label=label, component=component, method=method, energy_j=energy_j,
        coverage_ratio=1.0, included=True, excluded_because=None, uncertainty_ratio=ratio,
    )  # fmt: skip


def grams(gco2e: float, low: float, high: float) -> Emissions:
    """Emissions between two factors of the value."""
    return Emissions(gco2e=gco2e, low_gco2e=gco2e * low, high_gco2e=gco2e * high)


def carbon(limit_g: float, **changes: Any) -> Budget:
    """A budget such as `600 g`."""
    named = {"rule": f"{limit_g:g} g", "metric": Metric.EMISSIONS, "unit": "g", "limit": limit_g}
    return Budget(**{**named, **changes})


def energy(limit_kwh: float, **changes: Any) -> Budget:
    """A budget such as `2.5 kWh`."""
    return Budget(rule=f"{limit_kwh:g} kWh", metric=Metric.ENERGY, unit="kWh", limit=limit_kwh, **changes)


def increase(limit_percent: float, **changes: Any) -> Budget:
    """A budget such as `+10%`."""
    rule = f"+{limit_percent:g}%"
    return Budget(rule=rule, metric=Metric.ENERGY, unit="%", limit=limit_percent, **changes)


def quality(letter: str) -> Budget:
    """A budget such as `quality B`."""
    return Budget(rule=f"quality {letter}", metric=Metric.QUALITY, unit="grade", limit=GRADES.index(letter) + 1.0)


def measured(limit_percent: float) -> Budget:
    """A budget such as `measured 90%`."""
    return Budget(rule=f"measured {limit_percent:g}%", metric=Metric.MEASURED, unit="%", limit=limit_percent)


IN_NOVEMBER = Job(
    name="finetune (8×H100)", exit_status=0, started_at="2026-11-19T12:00:00Z", duration_s=1650.0, run_id=42,
    run_attempt=3, pull_request=7,
)  # fmt: skip


def spent(per: str, grams: float, **changes: Any) -> Spent:
    """What was spent in November 2026, or for a pull request, before IN_NOVEMBER."""
    bounds = {"since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"} if per == "month" else {}
    return Spent(per=per, energy_j=grams * 1e4, gco2e=grams, at="2026-11-19T12:27:30Z", **bounds, **changes)


SAMPLES = (PerUnit(unit="sample", count=50_000, energy_j=None, gco2e=None),)


def base_run(**changes: Any) -> Footprint:
    """The job as it was on the base branch, with a short evaluation, where the grid was dirtier."""
    job = gpu_job(duration_s=1241, per_unit=SAMPLES, **changes)
    it_j = job.energy.it_j or 0.0
    phases = (
        Phase(label="load", start_s=0, end_s=132, energy_j=it_j * 0.04),
        Phase(label="train", start_s=132, end_s=1171, energy_j=it_j * 0.91),
        Phase(label="eval", start_s=1171, end_s=1241, energy_j=it_j * 0.05),
    )
    return dataclasses.replace(
        job, phases=phases, intensity=dataclasses.replace(VIRGINIA, gco2e_per_kwh=289.5, year=2022)
    )


def against_base(job: Footprint, runs: list[Footprint], label: str = "main") -> Footprint:
    """The job held against these runs of `main`."""
    return dataclasses.replace(job, baseline=baseline_of([record_of(run) for run in runs], record_of(job), label=label))


CONTEXT = ReportContext(
    repository="octo-org/models",
    head_sha="a1b2c3d4e5f60718293a4b5c6d7e8f9001122334",
    run_url="https://github.com/octo-org/models/actions/runs/42",
    full_report="artifact `emissions`",
    config_hint=".github/emissions.yml line 7",
)


class Samples:
    """One situation a method: the footprints and the context that a report is made of."""

    def within_budget(self) -> tuple[list[Footprint], ReportContext]:
        return [gpu_job(budgets=(carbon(600),))], CONTEXT

    def over_budget(self) -> tuple[list[Footprint], ReportContext]:
        return [gpu_job(it_kwh=2.263, duration_s=1653, budgets=(carbon(600),))], CONTEXT

    def too_close_to_call(self) -> tuple[list[Footprint], ReportContext]:
        return [gpu_job(it_kwh=2.13, budgets=(carbon(600), energy(3)))], CONTEXT

    def gpu_not_read(self) -> tuple[list[Footprint], ReportContext]:
        unread = ("GPU-8f6a1c2e-1111-2222-3333-444455556666",)
        return [gpu_job(gpus=7, unread=unread, budgets=(carbon(600),))], CONTEXT

    def modelled_without_budget(self) -> tuple[list[Footprint], ReportContext]:
        return [hosted_job()], CONTEXT._replace(hosted=True, config_hint=None)

    def gpus_that_wait(self) -> tuple[list[Footprint], ReportContext]:
        return [judged(idle_gpus_job(), (carbon(130),))], CONTEXT

    def figures_beside(self) -> tuple[list[Footprint], ReportContext]:
        return [job_with_figures_beside(budgets=(carbon(600),))], CONTEXT

    def three_jobs_one_failed(self) -> tuple[list[Footprint], ReportContext]:
        jobs = [
            gpu_job("train (a100, 3.12)", it_kwh=0.9, gpus=4, budgets=(carbon(300),)),
            gpu_job("train (h100, 3.12)", it_kwh=1.3, gpus=4, duration_s=1100, budgets=(carbon(300),)),
            gpu_job("train (h100, 3.13)", it_kwh=0.12, gpus=4, duration_s=95, exit_status=1, budgets=(carbon(300),)),
        ]
        return jobs, CONTEXT._replace(missing=("train (a100, 3.13)",))

    def worse_than_its_base(self) -> tuple[list[Footprint], ReportContext]:
        """The evaluation takes seven times as long; main had a dirtier grid factor."""
        job = gpu_job(it_kwh=2.263, duration_s=1653, budgets=(carbon(600),), per_unit=SAMPLES)
        runs = [base_run(it_kwh=it_kwh) for it_kwh in (1.655, 1.662, 1.649, 1.658, 1.66)]
        return [against_base(job, runs)], CONTEXT

    def better_than_its_base(self) -> tuple[list[Footprint], ReportContext]:
        job = gpu_job(it_kwh=1.59, duration_s=1622, budgets=(carbon(600),))
        runs = [gpu_job(it_kwh=it_kwh, duration_s=1650) for it_kwh in (1.655, 1.662, 1.649, 1.658, 1.66)]
        return [against_base(job, runs)], CONTEXT

    def not_comparable_to_its_base(self) -> tuple[list[Footprint], ReportContext]:
        return [against_base(gpu_job(budgets=(carbon(600),)), [gpu_job(gpus=4)])], CONTEXT

    def more_than_its_base_allows(self) -> tuple[list[Footprint], ReportContext]:
        """The evaluation takes seven times as long; a tenth more would have passed."""
        job, context = self.worse_than_its_base()
        return [judged(job[0], (increase(10), carbon(700)))], context

    def budget_of_a_month(self) -> tuple[list[Footprint], ReportContext]:
        """14.2 of 20 kg on 19 November."""
        month = carbon(20_000, rule="20 kg/month", unit="kg", limit=20.0, per="month", scope="total")
        rules = (month, carbon(700))
        return [judged(gpu_job(job=IN_NOVEMBER, ledger=(spent("month", 13_752, runs=49),)), rules)], CONTEXT

    def budget_of_a_pull_request(self) -> tuple[list[Footprint], ReportContext]:
        """Two jobs of the third attempt bring it over its limit."""
        rule = carbon(1000, rule="1 kg/pull-request", unit="kg", limit=1.0, per="pull-request", scope="total")
        ledger = (spent("pull-request", 600, runs=4, retries=3, failed=1),)
        named = [dataclasses.replace(IN_NOVEMBER, name=label) for label in ("train", "eval")]
        jobs = [gpu_job(job=job, it_kwh=1.0, ledger=ledger, budgets=(carbon(400),)) for job in named]
        return jobs, CONTEXT._replace(verdict=total(jobs, (rule,)).verdict)

    def quality_and_metering(self) -> tuple[list[Footprint], ReportContext]:
        """A runner without any meter, where quality C and metering of nine tenths are asked for."""
        return [hosted_job(budgets=(quality("C"), measured(90)))], CONTEXT._replace(hosted=True)

    def rules_without_history(self) -> tuple[list[Footprint], ReportContext]:
        month = carbon(20_000, rule="20 kg/month", unit="kg", limit=20.0, per="month", scope="total")
        return [gpu_job(budgets=(increase(10), month))], CONTEXT

    def twelve_jobs_against_their_base(self) -> tuple[list[Footprint], ReportContext]:
        """One is over budget, one is much better, one is new, the rest is as it was."""
        now = {2: 2.4, 5: 0.7}
        jobs = []
        for index in range(12):
            name = f"train (seed {index})"
            job = gpu_job(name, it_kwh=now.get(index, 1.0 + index / 1000), gpus=2, budgets=(carbon(500),))
            base = [] if index == 8 else [gpu_job(name, it_kwh=it_kwh, gpus=2) for it_kwh in (1.0, 1.01, 0.995)]
            jobs.append(against_base(job, base))
        return jobs, CONTEXT

    def three_hundred_jobs(self) -> tuple[list[Footprint], ReportContext]:
        names = [f"{index:03d} {'@everyone_|`<b>' * 20}"[:200] for index in range(300)]
        return [
            gpu_job(label, it_kwh=0.5 + index / 100, gpus=2, budgets=(carbon(600),))
            for index, label in enumerate(names)
        ], CONTEXT


@pytest.fixture(scope="session")
def samples() -> Samples:
    return Samples()


@pytest.fixture(scope="session")
def make_job() -> Callable[..., Footprint]:
    return gpu_job


@pytest.fixture(scope="session")
def make_idle_job() -> Callable[..., Footprint]:
    return idle_gpus_job


@pytest.fixture(scope="session")
def make_job_with_figures_beside() -> Callable[..., Footprint]:
    return job_with_figures_beside


@pytest.fixture(scope="session")
def make_hosted_job() -> Callable[..., Footprint]:
    return hosted_job


__all__ = ["CONTEXT", "PerUnit", "Samples"]
