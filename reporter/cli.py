"""The command line: arguments to a use case, failures to one clear message and a status."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, NoReturn

from reporter import __version__
from reporter.ci import matrix_of
from reporter.commands import Invocation
from reporter.commands.options import ARGUMENTS, OPTIONS, SWITCHES, VERBS
from reporter.commands.output import complain, prepare_streams, put, report_bug, settle_streams
from reporter.errors import ConfigError, ExitCode, Problem, ReporterError, did_you_mean

GC_THRESHOLD = 50_000
"""New objects between two looks for garbage: at start-up nearly all stay, and looking costs 5 % of a short run."""


def program(run: Callable[[], int] | None = None) -> int:
    """The status of a whole process: `main`, or another entry point.

    Of children it learns how they ended, also where whoever started it ignored that: ignored signals are inherited.
    Nothing is looked through for garbage at its end: the process is about to go, and looking takes 10 ms.
    """
    if hasattr(signal, "SIGCHLD"):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
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
    if (bare := next((word for word in own if word.startswith("--") and word.endswith("=--")), None)) is not None:
        # argparse takes this `--` for the end of the options, and puts an empty list in its place.
        raise ConfigError(Problem(f"Option `{bare.partition('=')[0]}` cannot be `--`", suggestion="Give it a value."))
    namespace, unknown = _parser(own).parse_known_args(own)
    parsed = vars(namespace)
    verb = parsed.pop("verb")
    if verb is None and not unknown:
        _parser(own).print_help(sys.stderr)
        raise SystemExit(ExitCode.USAGE)
    if unknown:
        known = {name: parsed.get(name.replace("-", "_")) for name, *_ in OPTIONS.get(verb or "", ())}
        asked = Invocation(
            verb=verb or "", options=known, budgets=tuple(parsed.get("budget") or ()), environ=environ, inputs=inputs
        )
        alone = [[word] for word in unknown if word.startswith("-")] if unknown[0].startswith("-") else [unknown]
        problems = [_unknown(words, verb, has_command=command is not None) for words in alone]
        raise ConfigError(*problems, *_wrong_besides(asked))
    if command and verb != "run" and verb not in ARGUMENTS:
        raise ConfigError(_unknown(list(command), verb, has_command=True))
    arguments = _command(command) if verb == "run" else (*parsed.pop("arguments", ()), *(command or ()))
    most = ARGUMENTS[verb][1] if verb in ARGUMENTS else "*"
    if isinstance(most, int) and len(arguments) > most:
        usage = f"`emissions {verb} --help` says what is."
        raise ConfigError(Problem(f"`{arguments[most]}` is not expected here", suggestion=usage))
    switches = {name for name, _ in SWITCHES[verb] if parsed.pop(name.replace("-", "_"))}
    budgets = tuple(parsed.pop("budget", None) or ())
    options = {name.replace("_", "-"): value for name, value in parsed.items()}
    for later in switches & {"stop-at-budget", "predict", "strict-intensity"}:
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


_NEEDED = {
    "report": "Name footprints, recordings, or folders: `emissions report emissions-report`.",
    "compare": "Name two footprints, recordings, or folders: `emissions compare BASE HEAD`.",
}
"""What a verb cannot do without."""


def _unknown(words: list[str], verb: str | None, *, has_command: bool) -> Problem:
    """What is wrong with words that no option takes: an option misspelt, or a command without its `--`."""
    first = words[0].partition("=")[0]
    if first.startswith("-"):
        options = (*OPTIONS.get(verb or "", ()), *SWITCHES.get(verb or "", ()), ("help",))
        options = (*options, ("budget",)) if verb and _judges(verb) else options
        usage = f"`emissions {verb} --help` lists them." if verb else "`emissions --help` lists them."
        if verb and (other := _verb_with(first.removeprefix("--"))):
            message = f"`emissions {verb}` has no option `{first}`"
            return Problem(message, suggestion=f"`emissions {other}` has one. {usage}")
        advice = did_you_mean(first, (f"--{option[0]}" for option in options), otherwise=usage, cutoff=0.7)
        return Problem(f"Option `{first}` is not known", suggestion=advice)
    if verb == "run" and not has_command:
        command = " ".join(words) if len(words) < 6 else f"{' '.join(words[:5])} …"  # noqa: PLR2004
        return Problem(
            "There is no `--` before the command", suggestion=f"Write `emissions run [options] -- {command}`."
        )
    return Problem(f"`{first}` is not expected here", suggestion=f"`emissions {verb or ''} --help` says what is.")


def _wrong_besides(invocation: Invocation) -> tuple[Problem, ...]:
    """What is wrong with the settings too: all is told at once."""
    if "region" not in invocation.options:
        return ()
    from reporter.commands.settings import load  # noqa: PLC0415  (only where something is wrong)

    try:
        load(invocation)
    except ConfigError as error:
        return error.problems
    except ReporterError:
        pass
    return ()


def _verb_with(option: str) -> str | None:
    """The first verb that has this option."""
    if option == "budget":
        return "run"
    return next((verb for verb in VERBS for row in (*OPTIONS[verb], *SWITCHES[verb]) if row[0] == option), None)


class _Formatter(argparse.HelpFormatter):
    """As wide as the terminal. argparse asks for one at every option, and would load half of a file manager for it."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_help_columns())


class _Parser(argparse.ArgumentParser):
    """Complains as the rest of the tool does, with a suggestion."""

    def error(self, message: str) -> NoReturn:
        usage = f"`{self.prog} --help` lists what there is."
        word = message.partition("invalid choice: ")[2].split(" ")[0].strip("'")
        if word:
            advice = did_you_mean(word, VERBS, otherwise=usage, cutoff=0.6)
            raise ConfigError(Problem(f"Verb `{word}` is not known", suggestion=advice))
        if "are required: " in message:
            verb = self.prog.rpartition(" ")[2]
            usage = f"{_NEEDED.get(verb, '')} {usage}".strip()
            raise ConfigError(Problem(f"There is nothing to {verb}", suggestion=usage))
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
        formatter_class=_Formatter,
    )
    parser.add_argument("--version", action="version", version=f"emissions-reporter {__version__}")
    # Without `prog` argparse formats a usage line to find it out.
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser, prog="emissions")
    called = VERBS.keys() & argv[:1] or VERBS
    for verb, text in VERBS.items():
        if verb in called:
            own = verbs.add_parser(
                verb, help=text, description=text, allow_abbrev=False, usage=_usage(verb), formatter_class=_Formatter
            )
            _add_options(own, verb)
    return parser


@cache
def _help_columns() -> int:
    """Two less than COLUMNS says or the terminal is wide, as argparse has it."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and 0 < len(given) < 6:  # noqa: PLR2004
        return max(int(given) - 2, 11)
    try:
        return (os.get_terminal_size(1).columns or 80) - 2
    except OSError:
        return 78


def _add_options(parser: argparse.ArgumentParser, verb: str) -> None:
    if verb in ARGUMENTS:
        metavar, count, text = ARGUMENTS[verb]
        parser.add_argument("arguments", metavar=metavar, nargs=count, help=text)
    for name, metavar, text in OPTIONS[verb]:
        parser.add_argument(f"--{name}", metavar=metavar, help=text)
    for name, text in SWITCHES[verb]:
        parser.add_argument(f"--{name}", action="store_true", help=text)
    if _judges(verb):
        parser.add_argument("--budget", action="append", metavar="B", help="50 g, 0.2 kWh, 130 J/sample; repeatable")


def _judges(verb: str) -> bool:
    """Whether it takes `--budget`, which may be given more than once."""
    return verb == "init" or any(option[0] == "out" for option in OPTIONS[verb])


def _usage(verb: str) -> str | None:
    return {
        "run": "emissions run [options] -- COMMAND [ARG...]",
        "mark": "emissions mark LABEL",
        "compare": "emissions compare [options] BASE HEAD",
    }.get(verb)
