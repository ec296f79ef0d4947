"""`emissions report`: recompute and render from recordings or footprints; the inputs are never written to."""

from __future__ import annotations

from reporter.commands import Invocation
from reporter.commands.account.edition import edition_of
from reporter.commands.account.gather import input_files
from reporter.commands.account.what_if import asked_of, counterfactuals, what_if
from reporter.commands.delivery.faces import faces_of
from reporter.commands.delivery.files import write_files
from reporter.commands.delivery.finish import held_against
from reporter.commands.delivery.form import format_of, rendered, training_type_of
from reporter.commands.output import put
from reporter.commands.settings import load
from reporter.commands.trust.from_run import assessed_at
from reporter.commands.trust.overrides import ruled
from reporter.commands.trust.rules import organised
from reporter.errors import ExitCode


def run(invocation: Invocation) -> int:
    """Print the report in the format asked for; with `--out`, write the files."""
    form, training_type = format_of(invocation), training_type_of(invocation)
    with edition_of(invocation):
        settings, asked = organised(load(invocation), invocation), asked_of(invocation)
        assessed = assessed_at(invocation, settings)
        # In the action `publish` follows, and asks history.
        assessed = ruled(held_against(assessed, settings, asks=not invocation.inputs), settings)
        cases = what_if(asked, assessed.footprints)
        faces = faces_of(assessed, settings, what_if=counterfactuals(cases))
        text = rendered(faces, form, settings, cases=cases, training_type=training_type)
        if "out" in settings.config.origins:
            write_files(faces, settings, inputs=input_files(invocation.arguments))
    put(text, machine=form != "text")
    return ExitCode.DONE
