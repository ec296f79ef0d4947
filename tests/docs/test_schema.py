"""The published schema of the config file takes what the reader takes, and refuses what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from reporter.commands.settings import region_problem
from reporter.config import CHOICES, PROVIDERS, resolve
from reporter.config.accounting import EQUIVALENTS
from reporter.config.file import KEYS, file_layer
from reporter.config.rule import RULE_KEYS
from reporter.errors import ConfigError
from tests.config.test_accounting import FILE as ACCOUNTING
from tests.config.test_config import FILE

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "emissions.schema.json").read_text(encoding="utf-8"))
TOP = SCHEMA["properties"]
SECTION = TOP["accounting"]["properties"]
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def keys_of(schema):
    """The keys of a mapping, also where it may be a single value instead."""
    return set(next(form for form in (schema, *schema.get("anyOf", ())) if "properties" in form)["properties"])


def is_read(text):
    try:
        resolve((file_layer(text, name="emissions.yml"),), check_region=region_problem, sources=())
    except ConfigError:
        return False
    return True


def test_it_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("schema", "keys"),
    [
        (SCHEMA, KEYS[""]),
        (TOP["site"], KEYS["site"]),
        (SCHEMA["definitions"]["runners"]["additionalProperties"], KEYS["runners.*"]),
        (TOP["intensity"], KEYS["intensity"]),
        (TOP["comment"], KEYS["comment"]),
        (TOP["budgets"]["items"], RULE_KEYS),
        (TOP["accounting"], KEYS["accounting"]),
        (SECTION["market"], KEYS["accounting.market"]),
        (SECTION["embodied"], KEYS["accounting.embodied"]),
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
        (SECTION["equivalents"], ("off", *EQUIVALENTS)),
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
        "accounting: {market: 30 g/kWh, embodied: false, water: off, machine-price: 3.50 USD/h, equivalents: off}\n",
        "accounting: {embodied: {share: 25%, in-use: 0.85}}\n",
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
        "accounting: {market: 30}\n",
        "accounting: {marked: 30 g/kWh}\n",
        "accounting: {market: {matched: 0.7}}\n",
        "accounting: {embodied: sometimes}\n",
        "accounting: {embodied: {machine-kg: heavy}}\n",
        "accounting: {embodied: {share: 1.5}}\n",
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
