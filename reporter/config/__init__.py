"""Settings from flags, action inputs, environment and files to one frozen Config; every value remembers its origin.

Resolution is pure: it is given texts and mappings. Only `reporter.config.file` imports yaml,
and only a run that has a config file imports that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from reporter.config import again, times
from reporter.config.layer import Layer, Setting
from reporter.domain.units import UnitError, parse_intensity, parse_pue
from reporter.errors import ConfigError, Problem, did_you_mean

if TYPE_CHECKING:
    from reporter.domain.besides import Accounting
    from reporter.domain.budget import Budget
    from reporter.domain.override import Entry

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
    "check": ("off", "auto"),
    "quiet": ("false", "true"),
    "strict-intensity": ("false", "true"),
    "stop-at-budget": ("false", "true"),
    "predict": ("false", "true"),
}
"""Settings with a fixed set of values."""


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
    overrides: tuple[Entry, ...] = ()
    """Budgets that may be exceeded for a time, by the config file."""
    override_label: str | None = "emissions-accepted"
    """The label on a pull request that accepts exceeded budgets; None: no label does."""
    against: str | None = None
    """Where the base's runs are, that jobs are held against; None: nowhere."""
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
    stop_at_budget: bool = False
    """Whether the command is ended when a budget is spent, or certain to be."""
    stop_grace_s: float = 60.0
    """How long it may take for a checkpoint before it is killed."""
    time_limit_s: float | None = None
    """How long it will run; None: it says itself how far it has come, or nobody knows."""
    predict: bool = False
    progress: str = "auto"
    quiet: bool = False
    record_command: str = "full"
    history: str = "auto"
    """Where earlier runs are kept: `off`, `branch`, `artifact` or `file:PATH`; `auto` is for whoever asks to decide."""
    against_commit: str | None = None
    """The commit whose runs the job is held against, made here in turns with its own; `auto`: where it branched off."""
    rounds: int = 3
    """How many runs of either."""
    confirm: int = 0
    """How often the command may be run again where a verdict is too close to call."""
    on_unknown: str = "warn"
    on_borderline: str = "warn"
    comment: str = "always"
    comment_id: str | None = None
    comment_section: str | None = None
    """The name of this job's part of a comment that several jobs write, or `auto`; None: the comment is its own."""
    template: str | None = None
    pull_request: int | None = None
    check: str = "off"
    """Whether a check run is posted: off or auto."""
    gate: bool = True
    """Whether an exceeded budget fails the job."""
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
    budgets, wrong = _budgets(layers, chosen)
    problems.extend(wrong)
    if problems:
        raise ConfigError(*problems)
    origins = {key: setting.origin for key, setting in chosen.items()}
    values |= {"provider": provider, "zone": zone}
    known = {name: value for name, value in values.items() if name in Config._fields}
    accounting = next((layer.accounting for layer in layers if layer.accounting is not None), None)
    overrides = next((layer.overrides for layer in layers if layer.overrides is not None), ())
    known |= {"budgets": budgets, "overrides": overrides, "accounting": accounting, "origins": origins}
    return Config(**known)  # type: ignore[arg-type]  # parsers return their field's type


def _budgets(layers: Sequence[Layer], chosen: Mapping[str, Setting]) -> tuple[tuple[Budget, ...], tuple[Problem, ...]]:
    """The first layer that has any budget decides them all."""
    for layer in layers:
        setting = layer.settings.get("budget")
        if setting is None and not layer.budgets:
            continue
        from reporter.config.rule import budgets_of  # noqa: PLC0415  (most runs have none)
        from reporter.config.rule_set import settled  # noqa: PLC0415

        budgets, wrong = budgets_of(setting) if setting is not None else (layer.budgets or (), ())
        in_turns = "against-commit" in chosen or "baseline" in chosen
        budgets, problems = settled(
            budgets, history=chosen.get("history"), against=chosen.get("against"), in_turns=in_turns
        )
        return budgets, (*wrong, *problems)
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


def _label(text: str) -> str | None:
    return None if text in ("off", "false") else text


def _pull_request(text: str) -> int:
    if not text.isdecimal() or not 0 < len(text) < 12 or int(text) == 0:  # noqa: PLR2004
        raise UnitError(f"Pull request `{text}` is not a number", "Write the number alone, such as `7`.")
    return int(text)


def _history(text: str) -> str:
    name, _, path = text.partition(":")
    if text in HISTORIES or (name == "file" and path.strip()):
        return text
    otherwise = f"Write one of {', '.join(HISTORIES)}, `file:PATH`."
    advice = "Write `file:PATH`." if name == "file" else did_you_mean(text.lower(), HISTORIES, otherwise=otherwise)
    raise UnitError(f"`history` cannot be `{text}`", advice)


_FIELDS = {
    "intensity": "intensity_gco2e_per_kwh",
    "interval": "interval_s",
    "idle-baseline": "idle_baseline_s",
    "longest": "longest_s",
    "stop-grace": "stop_grace_s",
    "time-limit": "time_limit_s",
    "baseline": "against_commit",
}
_PARSERS: dict[str, Callable[[str], object]] = {
    "region": str,
    "factors": str,
    "pue": parse_pue,
    "intensity": _intensity,
    "name": str,
    "against": str,
    "out": str,
    "interval": times.interval,
    "sources": _sources,
    "gpus": str,
    "metrics": str,
    "comment-id": str,
    "comment-section": str,
    "template": str,
    "pull-request": _pull_request,
    "override-label": _label,
    "history": _history,
    "idle-baseline": times.idle_baseline,
    "longest": times.longest,
    "stop-grace": times.stop_grace,
    "time-limit": times.time_limit,
    "baseline": again.baseline,
    "against-commit": str,
    "rounds": again.rounds,
    "confirm": again.confirm,
}
