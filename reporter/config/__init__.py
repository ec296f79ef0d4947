"""Settings from flags, action inputs, environment and files to one frozen Config; every value remembers its origin.

Resolution is pure: it is given texts and mappings. Only `reporter.config.file` imports yaml,
and only a run that has a config file imports that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from reporter.config.layer import Layer, Setting
from reporter.domain.units import UnitError, parse_intensity, parse_number, parse_pue
from reporter.errors import ConfigError, Problem, did_you_mean

if TYPE_CHECKING:
    from reporter.domain.besides import Accounting
    from reporter.domain.budget import Budget

LEVELS = ("warn", "pass", "fail")
STATIC = "static"
PROVIDERS = (STATIC, "electricitymaps", "watttime", "uk-grid", "energy-charts")
HISTORIES = ("auto", "off", "branch", "artifact")
CHOICES = {
    "on-unknown": LEVELS,
    "on-borderline": LEVELS,
    "on-error": ("warn", "fail"),
    "comment": ("always", "changes", "over-budget", "off"),
    "record-command": ("full", "program", "off"),
    "progress": ("auto", "always", "never"),
    "summary": ("true", "false"),
    "annotations": ("true", "false"),
    "gate": ("true", "false"),
    "quiet": ("false", "true"),
    "strict-intensity": ("false", "true"),
}
"""Settings with a fixed set of values."""
S_PER_HOUR = 3600.0


class Config(NamedTuple):
    """Everything that a run is told; the defaults stand here and nowhere else."""

    region: str | None = None
    """A key of the tables, `auto`, or None: not known."""
    pue: float | None = None
    intensity_gco2e_per_kwh: float | None = None
    """Given by hand; None takes the table's value."""
    provider: str | None = None
    """Who is asked for the intensity at the time of a job; None: nobody."""
    zone: str | None = None
    """The provider's zone; None: that of the region."""
    strict_intensity: bool = False
    """Whether it is an error when the provider has no answer, rather than that the table's value stands in."""
    factors: str | None = None
    """The folder of another edition of the tables; None: the shipped one."""
    budgets: tuple[Budget, ...] = ()
    accounting: Accounting | None = None
    """What is declared for the figures beside the headline; None: nothing is."""
    name: str | None = None
    out: str | None = None
    interval_s: float | None = None
    sources: tuple[str, ...] | None = None
    """Names of sources; None: all that are here."""
    gpus: str = "auto"
    metrics: str | None = None
    idle_baseline_s: float | None = None
    """How long the machine's idle power is measured before the command."""
    longest_s: float | None = None
    """After how long a session that nobody stops ends by itself; None: by the kind of runner."""
    progress: str = "auto"
    quiet: bool = False
    record_command: str = "full"
    on_unknown: str = "warn"
    on_borderline: str = "warn"
    comment: str = "always"
    comment_id: str | None = None
    template: str | None = None
    pull_request: int | None = None
    summary: bool = True
    annotations: bool = True
    origins: Mapping[str, str] = {}
    """Setting → where it was set; a default has none."""


def resolve(
    layers: Sequence[Layer],
    *,
    check_region: Callable[[str], Problem | None],
    sources: Sequence[str],
    check_provider: Callable[[str, str | None, Mapping[str, Setting]], Sequence[Problem]] = lambda *_: (),
) -> Config:
    """The first layer that sets a value wins; `sources` are those that there are, `replay:PATH` with an argument.

    `check_provider` is given a provider of intensities, its zone, and all settings.

    Raises ConfigError with every problem of every layer.
    """
    problems = [problem for layer in layers for problem in layer.problems]
    chosen: dict[str, Setting] = {}
    for layer in reversed(layers):
        chosen.update(layer.settings)
    values: dict[str, object] = {}
    for key, setting in chosen.items():
        parse = _PARSERS.get(key)
        if parse is None and key not in CHOICES:
            continue
        try:
            value = parse(setting.text) if parse else _choice(key, setting.text)
            if isinstance(value, tuple):
                _check_sources(value, sources)
            values[_FIELDS.get(key, key.replace("-", "_"))] = value
        except UnitError as error:
            problems.append(Problem(error.message, origin=setting.origin, suggestion=error.suggestion))
    region = chosen.get("region")
    if region is not None and region.text != "auto":
        problem = check_region(region.text)
        if problem is not None:
            problems.append(Problem(problem.message, origin=region.origin, suggestion=problem.suggestion))
    provider, zone = _provider(chosen.get("intensity"))
    if provider is not None:
        problems.extend(check_provider(provider, zone, chosen))
    budgets, wrong = _budgets(layers)
    problems.extend(wrong)
    if problems:
        raise ConfigError(*problems)
    origins = {key: setting.origin for key, setting in chosen.items()}
    values |= {"provider": provider, "zone": zone}
    known = {name: value for name, value in values.items() if name in Config._fields}
    accounting = next((layer.accounting for layer in layers if layer.accounting is not None), None)
    return Config(**known, budgets=budgets, accounting=accounting, origins=origins)  # type: ignore[arg-type]  # parsers return their field's type


def _budgets(layers: Sequence[Layer]) -> tuple[tuple[Budget, ...], tuple[Problem, ...]]:
    """The first layer that has any budget decides them all."""
    for layer in layers:
        setting = layer.settings.get("budget")
        if setting is not None:
            from reporter.config.rule import budgets_of  # noqa: PLC0415  (most runs have none)

            return budgets_of(setting)
        if layer.budgets:
            return layer.budgets, ()
    return (), ()


def _choice(key: str, text: str) -> object:
    allowed = CHOICES[key]
    if text not in allowed:
        every = ", ".join(f"`{word}`" for word in allowed)
        advice = did_you_mean(text.lower(), allowed, otherwise=f"Write one of {every}.")
        raise UnitError(f"`{key}` cannot be `{text}`", advice)
    return text == "true" if set(allowed) == {"true", "false"} else text


def _intensity(text: str) -> float | None:
    if text == STATIC or text.partition(":")[0] in PROVIDERS[1:]:
        return None
    if text[:1].isalpha():
        otherwise = "Write a number such as `230 g/kWh`, or `static`."
        advice = did_you_mean(text.lower(), PROVIDERS, otherwise=otherwise)
        raise UnitError(f"Intensity `{text}` is neither a number nor a provider", advice)
    return parse_intensity(text)


def _provider(setting: Setting | None) -> tuple[str | None, str | None]:
    """Provider and zone from `electricitymaps:DE`; the tables are none."""
    name, _, zone = (setting.text if setting else "").partition(":")
    return (name, zone.strip() or None) if name in PROVIDERS and name != STATIC else (None, None)


def _sources(text: str) -> tuple[str, ...]:
    words = (word.strip().partition(":") for word in text.split(",") if word.strip())
    return tuple(f"{name.strip().replace('-', '_')}{colon}{argument.strip()}" for name, colon, argument in words)


def _check_sources(texts: tuple[str, ...], known: Sequence[str]) -> None:
    arguments = {name: argument for name, _, argument in (text.partition(":") for text in known)}
    names = [text.partition(":")[0] for text in texts]
    for text, name in zip(texts, names, strict=True):
        argument = text[len(name) + 1 :]
        if name not in arguments:
            otherwise = f"Known sources: {', '.join(known)}."
            advice = did_you_mean(name, arguments, otherwise=otherwise, cutoff=0.4)
            raise UnitError(f"Source `{name}` is not known", advice)
        if bool(argument) != bool(arguments[name]):
            message = f"Source `{name}` takes no argument" if argument else f"Source `{name}` needs its argument"
            raise UnitError(message, f"Write `{name}{':' if arguments[name] else ''}{arguments[name]}`.")
        if names.count(name) > 1 and argument:
            raise UnitError(f"Source `{name}` is named twice", "Name it once.")


def _interval(text: str) -> float:
    return parse_number(text, "Interval", least=0.01, most=60.0)


def _idle_baseline(text: str) -> float | None:
    return parse_number(text, "Idle baseline", least=0.0, most=60.0) or None


def _longest(text: str) -> float:
    return parse_number(text, "Longest duration", least=0.001, most=720.0) * S_PER_HOUR


def _pull_request(text: str) -> int:
    if not text.isdecimal() or not 0 < len(text) < 12 or int(text) == 0:  # noqa: PLR2004
        raise UnitError(f"Pull request `{text}` is not a number", "Write the number alone, such as `7`.")
    return int(text)


def _history(text: str) -> None:
    if text in ("auto", "off"):
        return
    if text in HISTORIES or text.startswith("file:"):
        raise UnitError(f"History `{text}` is not built yet", "Use `auto` or `off`.")
    raise UnitError(f"`history` cannot be `{text}`", "Write `auto` or `off`.")


def _not_built(key: str) -> Callable[[str], object]:
    def parse(text: str) -> object:
        if text.lower() in ("false", "0", "off"):
            return None
        raise UnitError(f"`{key}` is not built yet", "Leave it out; it comes with a later version.")

    return parse


_FIELDS = {
    "intensity": "intensity_gco2e_per_kwh",
    "interval": "interval_s",
    "idle-baseline": "idle_baseline_s",
    "longest": "longest_s",
}
_PARSERS: dict[str, Callable[[str], object]] = {
    "region": str,
    "factors": str,
    "pue": parse_pue,
    "intensity": _intensity,
    "name": str,
    "out": str,
    "interval": _interval,
    "sources": _sources,
    "gpus": str,
    "metrics": str,
    "comment-id": str,
    "template": str,
    "pull-request": _pull_request,
    "history": _history,
    "idle-baseline": _idle_baseline,
    "longest": _longest,
    "stop-at-budget": _not_built("stop-at-budget"),
}
