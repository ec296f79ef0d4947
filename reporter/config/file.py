"""The config file and the machine file: YAML to a layer, every problem with its line, all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import yaml

from reporter.config.accounting import KEYS as ACCOUNTING_KEYS
from reporter.config.accounting import accounting_of
from reporter.config.layer import Layer, Setting
from reporter.config.organisation import LOCKS
from reporter.config.override_entry import ENTRY_KEYS, entry_of
from reporter.config.override_entry import PATTERNS as ENTRY_PATTERNS
from reporter.config.rule import budget_of
from reporter.config.rule_entry import PATTERNS, RULE_KEYS, budget_of_entry
from reporter.domain.besides import Accounting
from reporter.domain.budget import Budget
from reporter.domain.override import Entry
from reporter.errors import Problem, did_you_mean

VERSION = 1
MOST_CHARACTERS = 65_536
KEYS = {
    "": (
        "version", "site", "runners", "intensity", "budgets", "accounting", "history", "on-unknown", "on-borderline",
        "comment", "check", "override", "overrides", "extends", "locked", "stop-at-budget", "stop-grace", "confirm",
        "baseline", "rounds",
    ),
    "site": ("region", "pue", "runners"),
    "runners.*": ("region", "pue"),
    "intensity": ("provider", "value", "strict"),
    "comment": ("mode", "template", "section"),
    "override": ("label",),
    "overrides": ENTRY_KEYS,
    "machine": ("region", "pue", "owner"),
    **ACCOUNTING_KEYS,
}  # fmt: skip
"""The keys of each mapping in the two files."""
SETTINGS = {
    "site.region": "region", "site.pue": "pue", "intensity": "intensity", "intensity.provider": "intensity",
    "intensity.value": "intensity", "intensity.strict": "strict-intensity", "on-unknown": "on-unknown",
    "on-borderline": "on-borderline", "history": "history", "comment.mode": "comment", "comment.template": "template",
    "comment.section": "comment-section", "stop-at-budget": "stop-at-budget", "stop-grace": "stop-grace",
    "confirm": "confirm", "baseline": "baseline", "rounds": "rounds", "check": "check",
    "override.label": "override-label", "extends": "extends",
}  # fmt: skip


def file_layer(text: str, *, name: str, runner: str | None = None) -> Layer:
    """The config file as a layer; `runner` is this runner's name, for `runners:`."""
    reader = _Reader(name)
    root = reader.parse(text)
    if root is None:
        return Layer(problems=tuple(reader.problems))
    settings: dict[str, Setting] = {}
    budgets: tuple[Budget, ...] | None = None
    accounting: Accounting | None = None
    overrides: tuple[Entry, ...] | None = None
    for key, node in reader.pairs(root, KEYS[""], ""):
        if key == "version":
            reader.version(node)
        elif key == "budgets":
            budgets = reader.budgets(node)
        elif key == "accounting":
            accounting = reader.accounting(node)
        elif key == "overrides":
            overrides = reader.overrides(node)
        elif key == "locked":
            settings["locked"] = reader.locked(node)
        elif key == "runners":
            settings.update(reader.runner(node, runner))
        else:
            for name_, setting in reader.settings(key, node, runner).items():
                settings.setdefault(name_, setting)
    problems = tuple(reader.problems)
    return Layer(_set(settings), budgets, accounting, overrides, problems)


def machine_layer(text: str, *, name: str) -> Layer:
    """The machine file as a layer: `region`, `pue` and `owner`, written by whoever runs the runner."""
    reader = _Reader(name)
    root = reader.parse(text)
    pairs = () if root is None else reader.pairs(root, KEYS["machine"], "")
    settings = {key: reader.scalar(node, key) for key, node in pairs if key != "owner"}
    return Layer(settings=_set(settings), problems=tuple(reader.problems))


class _Reader:
    """Walks YAML nodes, so that every value knows its line; nothing is constructed but text."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []

    def parse(self, text: str) -> yaml.MappingNode | None:
        if len(text) > MOST_CHARACTERS:
            self._say(None, f"The file is longer than {MOST_CHARACTERS} characters", "Is it the right file?")
            return None
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            line = None if mark is None else mark.line + 1
            what = getattr(error, "problem", None) or "it cannot be parsed"
            self._say(line, f"Not valid YAML: {what}", "Correct the file; nothing was run.")
            return None
        if root is None:
            return None
        if not isinstance(root, yaml.MappingNode):
            self.wrong(root, "The file is not a mapping", "Write keys such as `version: 1`.")
            return None
        return root

    def pairs(self, node: yaml.Node, known: Sequence[str], prefix: str) -> Iterator[tuple[str, yaml.Node]]:
        """The known keys of a mapping; unknown and repeated ones become problems."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"`{prefix.rstrip('.')}` is not a mapping", f"Its keys are {', '.join(known)}.")
            return
        seen: set[str] = set()
        for key_node, value in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            if key in seen:
                self.wrong(key_node, f"Key `{prefix}{key}` stands twice", "Keep one of them.")
            elif key in known:
                yield key, value
            else:
                advice = did_you_mean(key, known, otherwise=f"Known keys: {', '.join(known)}.")
                self.wrong(key_node, f"Key `{prefix}{key}` is not known", advice)
            seen.add(key)

    def scalar(self, node: yaml.Node, key: str) -> Setting:
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, f"`{key}` is not a single value", f"Write `{key.rpartition('.')[2]}: …` on one line.")
            return Setting(text="", origin="")
        text = "" if node.tag.endswith(":null") else str(node.value)
        return Setting(text=text.strip(), origin=f"{self.name}, line {node.start_mark.line + 1}")

    def settings(self, key: str, node: yaml.Node, runner: str | None) -> dict[str, Setting]:
        """One top-level key: a mapping such as `site`, or a single value such as `on-unknown`."""
        found: dict[str, Setting] = {}
        if isinstance(node, yaml.MappingNode) and key in KEYS:
            for inner, value in self.pairs(node, KEYS[key], f"{key}."):
                if inner == "runners":
                    found.update(self.runner(value, runner))
                elif inner == "value" and not self.empty(value):
                    found[SETTINGS[f"{key}.{inner}"]] = self.scalar(value, f"{key}.{inner}")
                else:
                    found.setdefault(SETTINGS[f"{key}.{inner}"], self.scalar(value, f"{key}.{inner}"))
        elif key in SETTINGS:
            found[key] = self.scalar(node, key)
        elif not self.empty(node):
            self.wrong(node, f"`{key}` is not a mapping", f"Write `{key}: {{{KEYS[key][0]}: …}}`.")
        return found

    def budgets(self, node: yaml.Node) -> tuple[Budget, ...] | None:
        if self.empty(node):
            return None
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, "`budgets` is not a list", "Write each budget on a line that starts with `- `.")
            return None
        return tuple(budget for item in node.value if (budget := self.budget(item)) is not None)

    def budget(self, node: yaml.Node) -> Budget | None:
        """One entry: what a flag would say, or a mapping."""
        if isinstance(node, yaml.ScalarNode):
            budget = budget_of(*self.scalar(node, "budgets"))
            if not isinstance(budget, Problem):
                return budget
            self.problems.append(budget)
            return None
        read = {key: self.words if key in PATTERNS else self.scalar for key in RULE_KEYS}
        entry = {key: read[key](value, f"budgets.{key}") for key, value in self.pairs(node, RULE_KEYS, "budgets.")}
        found, problems = budget_of_entry(entry, origin=f"{self.name}, line {node.start_mark.line + 1}")
        self.problems.extend(problems)
        return found

    def overrides(self, node: yaml.Node) -> tuple[Entry, ...] | None:
        if self.empty(node):
            return None
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, "`overrides` is not a list", "Write each override on a line that starts with `- `.")
            return None
        found = []
        for item in node.value:
            read = {key: self.words if key in ENTRY_PATTERNS else self.scalar for key in ENTRY_KEYS}
            pairs = self.pairs(item, ENTRY_KEYS, "overrides.")
            entry = {key: read[key](value, f"overrides.{key}") for key, value in pairs}
            override, problems = entry_of(entry, origin=f"{self.name}, line {item.start_mark.line + 1}")
            self.problems.extend(problems)
            found += [override] if override else []
        return tuple(found)

    def locked(self, node: yaml.Node) -> Setting:
        setting = self.words(node, "locked")
        for word in setting.text.split("\n"):
            if word and word not in LOCKS:
                advice = did_you_mean(word, LOCKS, otherwise=f"Write some of {', '.join(LOCKS)}.")
                self.wrong(node, f"`{word}` cannot be locked", advice)
        return setting

    def words(self, node: yaml.Node, key: str) -> Setting:
        """One text or a list of them, one a line."""
        if not isinstance(node, yaml.SequenceNode):
            return self.scalar(node, key)
        texts = [self.scalar(item, key).text for item in node.value]
        return Setting(text="\n".join(filter(None, texts)), origin=f"{self.name}, line {node.start_mark.line + 1}")

    def accounting(self, node: yaml.Node) -> Accounting | None:
        """What is declared for the figures beside the headline."""
        if self.empty(node):
            return None
        entry = {key: setting for key, setting in self.flat(node, "accounting") if setting.text}
        accounting, problems = accounting_of(entry, origin=f"{self.name}, line {node.start_mark.line + 1}")
        self.problems.extend(problems)
        return accounting

    def flat(self, node: yaml.Node, where: str) -> Iterator[tuple[str, Setting]]:
        """A mapping that may hold mappings, by dotted names without the outermost one."""
        for key, value in self.pairs(node, KEYS[where], f"{where}."):
            inner = f"{where}.{key}"
            if inner in KEYS and isinstance(value, yaml.MappingNode):
                yield from self.flat(value, inner)
            elif not self.empty(value):
                yield inner.partition(".")[2], self.scalar(value, inner)

    def runner(self, node: yaml.Node, runner: str | None) -> dict[str, Setting]:
        """The entry for this runner; the others are checked too."""
        mine: dict[str, Setting] = {}
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, "`runners` is not a mapping", "Write `runners: {gpu-a100: {region: FR}}`.")
            return mine
        for key_node, value in node.value:
            settings = {
                key: self.scalar(inner, f"runners.{key_node.value}.{key}")
                for key, inner in self.pairs(value, KEYS["runners.*"], f"runners.{key_node.value}.")
            }
            if key_node.value == runner:
                mine = settings
        return mine

    def version(self, node: yaml.Node) -> None:
        text = self.scalar(node, "version").text
        if text.isdecimal() and int(text[:9]) > VERSION:
            self.wrong(node, f"Version {text} is newer than this tool reads ({VERSION})", "Update emissions-reporter.")
        elif text != str(VERSION):
            self.wrong(node, f"Version `{text}` is not known", f"Write `version: {VERSION}`.")

    def wrong(self, node: yaml.Node, message: str, advice: str) -> None:
        self._say(node.start_mark.line + 1, message, advice)

    def empty(self, node: yaml.Node) -> bool:
        return isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")

    def _say(self, line: int | None, message: str, advice: str) -> None:
        origin = self.name if line is None else f"{self.name}, line {line}"
        self.problems.append(Problem(message, origin=origin, suggestion=advice))


def _set(settings: dict[str, Setting]) -> dict[str, Setting]:
    return {key: setting for key, setting in settings.items() if setting.text}
