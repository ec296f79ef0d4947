"""The command line: arguments to a use case, failures to one clear message and a status."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

from reporter import __version__
from reporter.ci import matrix_of
from reporter.commands import Invocation
from reporter.commands.output import complain, prepare_streams, put, report_bug, settle_streams
from reporter.errors import ConfigError, ExitCode, Problem, ReporterError, did_you_mean

GC_THRESHOLD = 50_000
"""New objects between two looks for garbage: at start-up nearly all stay, and looking costs 5 % of a short run."""
VERBS = {
    "run": "meter a command, assess it, print a summary, write the output folder",
    "start": "meter everything from here to `emissions stop`, in the background",
    "mark": "begin a named phase of the session, or of the run that this is called in",
    "stop": "end the session, then assess, print a summary, write the output folder",
    "report": "recompute and render from recordings or footprints",
    "publish": "write the pull-request comment, job summary, step outputs and annotations",
    "gate": "judge the budgets; the exit status is the verdict",
    "factors": "the shipped tables with source, year and licence",
    "doctor": "what can be measured here and why not, and what would be assumed",
}
"""Every verb, in the order of a job; its module in `reporter.commands` has the same name."""

_SITE = (
    ("config", "FILE", "config file; default: .github/emissions.yml, else emissions.yml"),
    ("region", "R", "FR, US-VA, aws:us-east-1, azure:eastus2, gcp:europe-west4, or auto"),
    ("intensity", "V", "a number with a unit (230 g/kWh, 412.5 lb/MWh), or a provider: static"),
    ("pue", "X", "power usage effectiveness, at least 1"),
)
_ASSESS = (
    ("out", "DIR", "output folder"),
    ("name", "NAME", "the job's name in reports"),
    *_SITE,
)
_SOURCES = ("sources", "LIST", "names, comma-separated; `emissions doctor` lists them; default: all that are here")
_METER = (
    ("interval", "SECONDS", "read every so often, and less after 5,000 readings; default: adaptive"),
    _SOURCES,
    ("gpus", "LIST", "auto, all, or indices and UUIDs"),
    ("idle-baseline", "SECONDS", "seconds of idle power to measure before the command"),
)
_METRICS = ("metrics", "FILE", 'JSON that the job writes: {"units": {"sample": 50000}}')
_FORMAT = (("format", "F", "text, markdown, html, json or csv"),)
_JUDGE = (
    ("on-unknown", "LEVEL", "what an unknown verdict does to the exit status: pass, warn or fail"),
    ("on-borderline", "LEVEL", "what a verdict too close to call does to the exit status"),
)
_OPTIONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "run": (
        *_ASSESS, *_JUDGE, *_METER,
        ("progress", "WHEN", "auto (on a terminal, in CI), always or never"),
        ("record-command", "HOW", "full, program or off"),
        _METRICS,
    ),
    "start": (
        *_ASSESS, *_METER,
        ("longest", "HOURS", "a session that nobody stops ends after them; default: 6 on GitHub's runners, else 120"),
    ),
    "mark": (),
    "stop": (*_ASSESS, *_JUDGE, _METRICS),
    "report": (*_ASSESS, *_FORMAT, *_JUDGE),
    "publish": (
        *_ASSESS, *_JUDGE,
        ("comment", "MODE", "always, changes, over-budget or off"),
        ("comment-id", "ID", "separates several comments on one pull request"),
        ("pull-request", "N", "for events that carry none"),
    ),
    "gate": (*_ASSESS, *_JUDGE),
    "factors": (),
    "doctor": (*_SITE, _SOURCES, ("gpus", "LIST", "auto, all, or indices and UUIDs")),
}  # fmt: skip
_SWITCHES: dict[str, tuple[tuple[str, str], ...]] = {
    "run": (
        ("gate", "exit 1 when the command succeeded and a budget is exceeded"),
        ("quiet", "no progress and no summary on stderr"),
        ("stop-at-budget", "not built yet"),
    ),
    "start": (("quiet", "say nothing unless something is wrong"),),
    "mark": (),
    "stop": (
        ("gate", "exit 1 when a budget is exceeded"),
        ("quiet", "no summary on stderr"),
    ),
    "report": (("json", "short for --format json"),),
    "publish": (("dry-run", "print instead of posting"),),
    "gate": (("json", "print the verdict as JSON"),),
    "factors": (("json", "print JSON"),),
    "doctor": (("json", "print JSON"),),
}
_ARGUMENTS = {
    "mark": ("LABEL", "*", "the name of the phase that begins; it ends with the next mark, or with the session"),
    "report": ("PATH", "+", "footprints, recordings, or folders searched recursively"),
    "publish": ("PATH", "+", "footprints, recordings, or folders searched recursively"),
    "gate": ("PATH", "+", "footprints, recordings, or folders searched recursively"),
    "factors": ("WORD", "*", "list [TABLE] [TEXT], show REGION or MODEL, or sources"),
}


def program(run: Callable[[], int] | None = None) -> int:
    """The status of a whole process: `main`, or another entry point.

    Nothing is looked through for garbage at its end: the process is about to go, and looking takes 10 ms.
    """
    try:
        return (run or main)()
    finally:
        gc.freeze()


def main(
    argv: Sequence[str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    command_environ: Mapping[str, str] | None = None,
    inputs: Mapping[str, str] | None = None,
    matrix: Mapping[str, Any] | None = None,
) -> int:
    """Run one verb and return the exit status of INTERFACE section 1.3; nothing is raised."""
    gc.set_threshold(GC_THRESHOLD)
    prepare_streams()
    try:
        invocation = parse(
            list(sys.argv[1:] if argv is None else argv),
            environ=os.environ if environ is None else environ,
            inputs=inputs or {},
            matrix=matrix,
        )
        if command_environ is not None:
            invocation = invocation._replace(command_environ=command_environ)
        return int(import_module(f"reporter.commands.{invocation.verb}").run(invocation))
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else ExitCode.USAGE
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return ExitCode.DONE  # whoever read our output has enough
    except ReporterError as error:
        complain(error, on_run_page=bool(inputs))
        return error.exit_code
    except Exception:  # noqa: BLE001  (the boundary: everything else is a bug, told as one)
        report_bug()
        return ExitCode.BUG
    finally:
        settle_streams()


def parse(
    argv: list[str], *, environ: Mapping[str, str], inputs: Mapping[str, str], matrix: Mapping[str, Any] | None
) -> Invocation:
    """The invocation that the arguments describe. Raises SystemExit for --help and --version, ConfigError otherwise.

    Everything after `--` belongs to the command, untouched, whatever it looks like.
    """
    own, command = argv, None
    if "--" in argv:
        cut = argv.index("--")
        own, command = argv[:cut], tuple(argv[cut + 1 :])
    namespace, unknown = _parser(own).parse_known_args(own)
    parsed = vars(namespace)
    verb = parsed.pop("verb")
    if verb is None and not unknown:
        _parser(own).print_help(sys.stderr)
        raise SystemExit(ExitCode.USAGE)
    if unknown:
        raise ConfigError(_unknown(unknown, verb, has_command=command is not None))
    if command and verb != "run" and verb not in _ARGUMENTS:
        raise ConfigError(_unknown(list(command), verb, has_command=True))
    arguments = _command(command) if verb == "run" else (*parsed.pop("arguments", ()), *(command or ()))
    switches = {name for name, _ in _SWITCHES[verb] if parsed.pop(name.replace("-", "_"))}
    budgets = tuple(parsed.pop("budget", None) or ())
    options = {name.replace("_", "-"): value for name, value in parsed.items()}
    for later in switches & {"stop-at-budget"}:
        options[later] = "true"
    if matrix is None:
        matrix = matrix_of(environ.get("EMISSIONS_MATRIX"))  # set by the `emissions` that mode `setup` puts on the path
    return Invocation(
        verb=verb,
        options=options,
        budgets=budgets,
        switches=frozenset(switches),
        arguments=arguments,
        environ=environ,
        inputs=inputs,
        matrix=matrix,
    )


def _command(command: tuple[str, ...] | None) -> tuple[str, ...]:
    if not command:
        message = "There is no command to meter" if command is None else "There is no command after `--`"
        raise ConfigError(Problem(message, suggestion="Write `emissions run [options] -- COMMAND [ARG…]`."))
    return command


def _unknown(words: list[str], verb: str | None, *, has_command: bool) -> Problem:
    """What is wrong with words that no option takes: an option misspelt, or a command without its `--`."""
    first = words[0].partition("=")[0]
    if first.startswith("-"):
        options = (*_OPTIONS.get(verb or "", ()), *_SWITCHES.get(verb or "", ()), ("budget",), ("help",))
        usage = f"`emissions {verb} --help` lists them." if verb else "`emissions --help` lists them."
        advice = did_you_mean(first, (f"--{option[0]}" for option in options), otherwise=usage, cutoff=0.6)
        return Problem(f"Option `{first}` is not known", suggestion=advice)
    if verb == "run" and not has_command:
        command = " ".join(words) if len(words) < 6 else f"{' '.join(words[:5])} …"  # noqa: PLR2004
        return Problem(
            "There is no `--` before the command", suggestion=f"Write `emissions run [options] -- {command}`."
        )
    return Problem(f"`{first}` is not expected here", suggestion=f"`emissions {verb or ''} --help` says what is.")


class _Parser(argparse.ArgumentParser):
    """Complains as the rest of the tool does, with a suggestion."""

    def error(self, message: str) -> NoReturn:
        usage = f"`{self.prog} --help` lists what there is."
        word = message.partition("invalid choice: ")[2].split(" ")[0].strip("'")
        if word:
            advice = did_you_mean(word, VERBS, otherwise=usage, cutoff=0.6)
            raise ConfigError(Problem(f"Verb `{word}` is not known", suggestion=advice))
        raise ConfigError(Problem(f"Usage: {message}", suggestion=usage))

    def _print_message(self, message: str, file: Any = None) -> None:  # noqa: ANN401  (as argparse has it)
        """Help and version go out like every answer."""
        if message and file is not sys.stderr:
            put(message)
        else:
            super()._print_message(message, file)


def _parser(argv: list[str]) -> argparse.ArgumentParser:
    """The verb that is called, with its options; all of them where none is: the others would only cost time."""
    parser = _Parser(
        prog="emissions",
        description="Meter a job, turn its energy into CO2e, report it on the pull request, hold it to a budget.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"emissions-reporter {__version__}")
    # Without `prog` argparse formats a usage line to find it out.
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser, prog="emissions")
    called = VERBS.keys() & argv[:1] or VERBS
    for verb, text in VERBS.items():
        if verb in called:
            own = verbs.add_parser(verb, help=text, description=text, allow_abbrev=False, usage=_usage(verb))
            _add_options(own, verb)
    return parser


def _add_options(parser: argparse.ArgumentParser, verb: str) -> None:
    if verb in _ARGUMENTS:
        metavar, count, text = _ARGUMENTS[verb]
        parser.add_argument("arguments", metavar=metavar, nargs=count, help=text)
    for name, metavar, text in _OPTIONS[verb]:
        parser.add_argument(f"--{name}", metavar=metavar, help=text)
    for name, text in _SWITCHES[verb]:
        parser.add_argument(f"--{name}", action="store_true", help=text)
    if any(option[0] == "out" for option in _OPTIONS[verb]):
        parser.add_argument("--budget", action="append", metavar="B", help="50 g, 0.2 kWh, 130 J/sample; repeatable")


def _usage(verb: str) -> str | None:
    return "emissions run [options] -- COMMAND [ARG...]" if verb == "run" else None
