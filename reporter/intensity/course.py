"""What a provider said, as the intensity of a job: without gaps from its start to its end, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reporter.domain.carbon import Intensity, IntensityPoint
from reporter.domain.series import mean
from reporter.domain.uncertainty import METHOD_RATIO
from reporter.errors import IntensityError
from reporter.intensity import PROVIDERS, Answer, Connect, Question, Value, provider
from reporter.intensity.body import stamp

RESOLUTIONS = {3600: "hourly", 1800: "30min", 900: "15min", 300: "5min"}
MOST_POINTS = 10_000
MOST_WARNING = 120
TOUCH_S = 1e-3
"""Values that end and begin so near to one another leave no gap."""


def ask(name: str, question: Question, connect: Connect) -> tuple[Intensity, tuple[str, ...]]:
    """The intensity of a job by this provider, and its flags. Raises IntensityError with the reason in a few words.

    Flags: intensity-estimated, intensity-forecast, intensity-warned; the provider and how many values follow.
    """
    return course(name, provider(name).lookup(question, connect), question)


def course(name: str, answer: Answer, question: Question) -> tuple[Intensity, tuple[str, ...]]:
    """The answer of a provider as the intensity of a job, with its flags. Raises IntensityError where it has gaps."""
    entry = PROVIDERS[name]
    values = _without_gaps(answer.values, question)
    points = tuple(_points(values, question))
    if len(points) > MOST_POINTS:
        raise IntensityError(f"{len(points)} values are more than the {MOST_POINTS} that a footprint holds")
    intensity = Intensity(
        gco2e_per_kwh=mean(points),
        region=None,
        label=None,
        kind=entry.kind,
        origin="api",
        scope=answer.scope,
        source=f"{entry.label} (zone {answer.zone})",
        year=int(stamp(question.start_s, "%Y")),
        resolved=_resolved(answer.values),
        uncertainty_ratio=METHOD_RATIO,
        method_uncertainty_ratio=METHOD_RATIO,
        series=points,
        hosts=(entry.host,),
    )
    return intensity, tuple(_flags(name, values, answer))


def _without_gaps(values: tuple[Value, ...], question: Question) -> list[Value]:
    """Those that the job's time needs, in order. Raises IntensityError where a part of it has none."""
    needed: list[Value] = []
    reached_s = question.start_s
    for value in sorted(values, key=lambda value: value[:2]):
        if value.end_s <= reached_s:
            continue
        if value.start_s > reached_s + TOUCH_S or reached_s >= question.end_s:
            break
        needed.append(value)
        reached_s = value.end_s
    if not needed or reached_s < question.end_s - TOUCH_S:
        raise IntensityError(f"no value for {stamp(reached_s, '%Y-%m-%d %H:%M')} UTC")
    return needed


def _points(values: list[Value], question: Question) -> Iterator[IntensityPoint]:
    """The values as times since the job's start."""
    begin_s, duration_s = 0.0, question.duration_s
    for value in values:
        end_s = min(round(value.end_s - question.start_s, 6), duration_s)
        if value is values[-1]:
            end_s = duration_s
        yield IntensityPoint(start_s=begin_s, end_s=end_s, gco2e_per_kwh=value.gco2e_per_kwh)
        begin_s = end_s


def _resolved(values: tuple[Value, ...]) -> str:
    """The usual width of a value, in words."""
    ((width_s, _),) = Counter(round(value.end_s - value.start_s) for value in values).most_common(1)
    if width_s not in RESOLUTIONS:
        raise IntensityError(f"values of {width_s} s")
    return RESOLUTIONS[width_s]


def _flags(name: str, values: list[Value], answer: Answer) -> Iterator[str]:
    notes = Counter(value.note for value in values if value.note)
    for note, count in sorted(notes.items()):
        yield f"intensity-{note}:{name} {count} of {len(values)} values"
    for warning in answer.warnings[:1]:
        yield f"intensity-warned:{name} {warning[:MOST_WARNING]}"
