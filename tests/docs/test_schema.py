"""The published schema of the config file takes what the reader takes, and refuses what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from reporter.commands.settings import region_problem
from reporter.config import CHOICES, PROVIDERS, Config, resolve
from reporter.config.accounting import EQUIVALENTS
from reporter.config.die import NODES
from reporter.config.file import KEYS, file_layer
from reporter.config.organisation import LOCKS
from reporter.config.rule_entry import CHOICES as RULE_CHOICES
from reporter.config.rule_entry import RULE_KEYS
from reporter.errors import ConfigError
from tests.config.test_accounting import FILE as ACCOUNTING
from tests.config.test_config import FILE
from tests.config.test_rules import FILE as RULES

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "emissions.schema.json").read_text(encoding="utf-8"))
TOP = SCHEMA["properties"]
SECTION = TOP["accounting"]["properties"]
RULE = next(form for form in TOP["budgets"]["items"]["anyOf"] if "properties" in form)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def keys_of(schema):
    """The keys of a mapping, also where it may be a single value instead."""
    return set(next(form for form in (schema, *schema.get("anyOf", ())) if "properties" in form)["properties"])


def named(schema, path=""):
    """Every key of the file with what the schema says of it, by its dotted name."""
    for key, inner in schema.get("properties", {}).items():
        referred = SCHEMA["definitions"][inner["$ref"].rpartition("/")[2]] if "$ref" in inner else {}
        whole = {**referred, **inner}
        yield f"{path}{key}", whole
        yield from named(whole, f"{path}{key}.")
    for form in (*schema.get("anyOf", ()), schema.get("items", {}), schema.get("additionalProperties", {})):
        if form and isinstance(form, dict):
            yield from named(form, path)


EVERY_KEY = [*named(SCHEMA)]


def is_read(text):
    try:
        resolve((file_layer(text, name="emissions.yml"),), check_region=region_problem, sources=())
    except ConfigError:
        return False
    return True


def test_it_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(("key", "schema"), EVERY_KEY, ids=[key for key, _ in EVERY_KEY])
def test_an_editor_can_say_what_a_key_is_for_and_offers_only_what_is_valid(key, schema):
    offered = [*schema.get("examples", ()), *([schema["default"]] if "default" in schema else [])]

    assert schema["description"].strip()
    for value in offered:
        validator = jsonschema.Draft7Validator({**schema, "definitions": SCHEMA["definitions"]})
        assert list(validator.iter_errors(value)) == [], value


def test_defaults_are_those_of_the_configuration():
    defaults = {key: schema["default"] for key, schema in EVERY_KEY if "default" in schema}
    config = Config()

    assert (defaults["on-unknown"], defaults["on-borderline"]) == (config.on_unknown, config.on_borderline)
    assert (defaults["comment.mode"], defaults["history"]) == (config.comment, config.history)


@pytest.mark.parametrize("example", dict(EVERY_KEY)["budgets.max"]["examples"])
def test_budgets_that_an_editor_offers_are_read(example):
    assert is_read(f"budgets: [{{max: {example}}}]\n")
    assert is_read(f"budgets: [{example}]\n")


@pytest.mark.parametrize(
    ("schema", "keys"),
    [
        (SCHEMA, KEYS[""]),
        (TOP["site"], KEYS["site"]),
        (SCHEMA["definitions"]["runners"]["additionalProperties"], KEYS["runners.*"]),
        (TOP["intensity"], KEYS["intensity"]),
        (TOP["comment"], KEYS["comment"]),
        (TOP["budgets"]["items"], RULE_KEYS),
        (TOP["override"], KEYS["override"]),
        (TOP["overrides"]["items"], KEYS["overrides"]),
        (TOP["accounting"], KEYS["accounting"]),
        (SECTION["market"], KEYS["accounting.market"]),
        (SECTION["embodied"], KEYS["accounting.embodied"]),
        (SCHEMA["definitions"]["die"], KEYS["accounting.embodied.accelerator-die"]),
        (SCHEMA["definitions"]["die"], KEYS["accounting.embodied.machine-die"]),
    ],
)
def test_it_has_every_key_that_is_read_and_no_other(schema, keys):
    assert keys_of(schema) == set(keys)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (SCHEMA["definitions"]["provider"], PROVIDERS),
        (SCHEMA["definitions"]["level"], CHOICES["on-unknown"]),
        (SCHEMA["definitions"]["level"], CHOICES["on-borderline"]),
        (SCHEMA["definitions"]["mode"], CHOICES["comment"]),
        (SCHEMA["definitions"]["lock"], LOCKS),
        (TOP["check"], CHOICES["check"]),
        (SECTION["equivalents"], ("off", *EQUIVALENTS)),
        *((RULE["properties"][key], words) for key, words in RULE_CHOICES.items()),
        (SCHEMA["definitions"]["die"]["properties"]["node"], NODES),
    ],
)
def test_it_has_every_word_that_is_read(schema, words):
    assert {word for word in schema["enum"] if isinstance(word, str)} == set(words)


@pytest.mark.parametrize(
    "text",
    [
        FILE,
        ACCOUNTING,
        "",
        "site:\nbudgets:\naccounting:\n",
        "intensity: 230 g/kWh\n",
        "budgets: [50 g]\n",
        RULES,
        "accounting: {market: 30 g/kWh, embodied: false, water: off, machine-price: 3.50 USD/h, equivalents: off}\n",
        "accounting: {embodied: {share: 25%, in-use: 0.85}}\n",
        "accounting: {embodied: {accelerator-die: {node: 7 nm, area: 826 mm2, fab-intensity: 6 g/kWh, yield: 80%}}}\n",
        "accounting: {embodied: {machine-kg: 800, accelerator-die:}}\n",
        "check: auto\noverride: {label: fine}\nextends: acme/policy:a/o.yml@refs/tags/v1\nlocked: [site, budgets]\n",
        "overrides: [{rule: 50 g, jobs: [a, b*], reason: planned, until: '2026-12-31', by: anna}]\n",
        "check: off\noverride: {label: off}\noverrides:\nextends: ./org.yml\nlocked: budgets\n",
    ],
)
def test_what_is_read_is_valid(text):
    assert is_read(text)
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "colour: red\n",
        "version: 2\n",
        "site: FR\n",
        "site: {pue: 0.9}\n",
        "intensity: 230\n",
        "intensity: {provider: oracle}\n",
        "on-unknown: maybe\n",
        "budgets: [-5 g]\n",
        "budgets: [50]\n",
        "budgets: [10%]\n",
        "budgets: [quality E]\n",
        "budgets: [{max: 50 g, max-increase: 10%}]\n",
        "budgets: [{level: warn}]\n",
        "budgets: [{max: 50}]\n",
        "budgets: [{max: 50 g, per: fortnight}]\n",
        "budgets: [{max: 50 g, level: error}]\n",
        "budgets: [{max: 50 g, min-runs: 3}]\n",
        "budgets: [{max-increase: 10%, min-runs: 0}]\n",
        "budgets: [{max-increase: 10}]\n",
        "budgets: [{max-increase: 10%, per: month}]\n",
        "budgets: [{min-quality: good}]\n",
        "budgets: [{min-quality: B, warn-at: 80%}]\n",
        "budgets: [{min-measured-ratio: 90}]\n",
        "budgets: [{max: 50 g, unit: sample, per: month}]\n",
        "budgets: [{max: 50 g, attempts: last}]\n",
        "budgets: [{max: 50 g, jobs: {name: train}}]\n",
        "accounting: {market: 30}\n",
        "check: maybe\n",
        "override: accepted\n",
        "overrides: [{rule: 50 g, until: '2026-12-31'}]\n",
        "overrides: [{reason: planned, until: next week}]\n",
        "locked: [comment]\n",
        "accounting: {marked: 30 g/kWh}\n",
        "accounting: {market: {matched: 0.7}}\n",
        "accounting: {embodied: sometimes}\n",
        "accounting: {embodied: {machine-kg: heavy}}\n",
        "accounting: {embodied: {share: 1.5}}\n",
        "accounting: {embodied: {machine-die: 7 nm}}\n",
        "accounting: {embodied: {machine-die: {node: 7 nm, area: 8 cm2}}}\n",
        "accounting: {embodied: {machine-die: {node: 4 nm, area: 8 cm2, fab-intensity: 600 g/kWh}}}\n",
        "accounting: {embodied: {machine-die: {node: 7 nm, area: 8, fab-intensity: 600 g/kWh}}}\n",
        "accounting: {embodied: {machine-kg: 9, machine-die: {node: 7 nm, area: 8 cm2, fab-intensity: 6 g/kWh}}}\n",
        "accounting: {water: 0.3}\n",
        "accounting: {electricity-price: 0.21}\n",
        "accounting: {electricity-price: 0.2 EUR/kWh, machine-price: 3 EUR/h}\n",
        "accounting: {functional-unit: 5 samples}\n",
        "accounting: {equivalents: car}\n",
    ],
)
def test_what_is_refused_is_not_valid(text):
    assert not is_read(text)
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text))) != []
