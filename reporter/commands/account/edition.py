"""Which edition of the factor tables a verb reads: the shipped one, or that of `--factors`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from reporter.commands import Invocation
from reporter.errors import ConfigError, Problem
from reporter.factors.table import use


@contextmanager
def edition_of(invocation: Invocation) -> Iterator[None]:
    """Every look-up while this lasts is in the folder that `--factors` names.

    Raises ConfigError where there is no such folder, FactorError with all that is wrong with its tables.
    """
    folder = invocation.options.get("factors")
    if not folder:
        yield
        return
    if not os.path.isdir(folder):  # noqa: PTH112
        advice = "Name a folder with the tables and their pack.json, as `reporter/factors/data` has them."
        raise ConfigError(Problem(f"`{folder}` is not a folder", origin="`--factors`", suggestion=advice))
    from reporter.factors.edition import open_edition  # noqa: PLC0415  (checking takes longer than reading)

    with use(open_edition(folder).folder):
        yield
