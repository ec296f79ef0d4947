"""Every verb of the command line with its options, switches and arguments: what `--help` lists."""

from __future__ import annotations

VERBS = {
    "run": "meter a command, assess it, print a summary, write the output folder",
    "start": "meter everything from here to `emissions stop`, in the background",
    "mark": "begin a named phase of the session, or of the run that this is called in",
    "stop": "end the session, then assess, print a summary, write the output folder",
    "report": "recompute and render from recordings or footprints",
    "publish": "write the pull-request comment, job summary, step outputs and annotations",
    "gate": "judge the budgets; the exit status is the verdict",
    "compare": "two footprints side by side: energy first, then emissions, with what caused the change",
    "estimate": "no measurement: from hardware or watts, hours and place",
    "factors": "the shipped tables with source, year and licence",
    "history": "the ledger of runs: add, show, export, prune",
    "budget": "suggest limits from the runs that history holds",
    "doctor": "what can be measured here and why not, and what would be assumed",
    "init": "write a workflow and a config file for this repository",
}
"""Every verb, in the order of a job; its module in `reporter.commands` has the same name."""

_LIVE = ("intensity", "V", "230 g/kWh, 412.5 lb/MWh, static, electricitymaps, watttime, uk-grid or energy-charts")
_STATIC = ("intensity", "V", "230 g/kWh, 412.5 lb/MWh or static: what is estimated has no time of its own")
_SITE = (
    ("config", "FILE", "config file; default: .github/emissions.yml, else emissions.yml"),
    ("region", "R", "FR, US-VA, aws:us-east-1, azure:eastus2, gcp:europe-west4, or auto"),
    _LIVE,
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
_METRICS = ("metrics", "FILE", 'JSON that the job writes: {"units": {"sample": 50000}, "progress": 0.42}')
_FORMAT = (
    ("format", "F", "text, markdown, html, json, csv, statement, latex, model-card, badge or badge-svg"),
    ("training-type", "TYPE", "for the model card: pre-training or fine-tuning"),
)
_AGAINST = (("against", "PATH", "hold it against the base: footprints, recordings, or a folder of any number of runs"),)
_RECOMPUTE = (("factors", "FOLDER", "another edition of the tables, to recompute with: CSV files and their pack.json"),)
_REPORT = (
    *_FORMAT,
    ("elsewhere", "LIST", "what if it had run in these regions, comma-separated: FR,aws:eu-north-1; or all"),
    ("series", "FILE", "what if it had started later: times and g/kWh, as CSV or JSON"),
    ("within", "HOURS", "how much later it may start with --series; default: 24"),
)
_JUDGE = (
    ("on-unknown", "LEVEL", "what an unknown verdict does to the exit status: pass, warn or fail"),
    ("on-borderline", "LEVEL", "what a verdict too close to call does to the exit status"),
)
_HISTORY = (
    ("config", "FILE", "config file; default: .github/emissions.yml, else emissions.yml"),
    ("history", "STORE", "where runs are kept: file:PATH, branch or artifact; default: the config file's"),
    ("job", "NAME", "only this job; * and ? are wildcards"),
    ("branch", "NAME", "only runs of this branch; add: the branch that was built"),
    ("last", "N", "only the newest so many runs"),
    ("since", "DATE", "only runs from then on: 2026-01-01, or 2026-01-01T12:00:00Z"),
)
_ESTIMATE = (
    ("power", "WATTS", "mean power of the whole machine"),
    ("gpu", "NAME", "accelerators of this model (A100, H100 PCIe, T4): `emissions factors list accelerators`"),
    ("count", "N", "how many of them; default: 1"),
    ("utilisation", "U", "their mean utilisation, 0-1; default: 1"),
    ("tdp", "W", "rated power of each, instead of the table's"),
    ("cpu", "NAME", "processor model (Xeon Gold 6142): `emissions factors list processors`"),
    ("cores", "N", "cores in use; default: the model's"),
    ("cpu-utilisation", "U", "their mean utilisation, 0-1; default: 1"),
    ("cpu-watts", "WATTS", "mean power of all processors"),
    ("dram-watts", "WATTS", "mean power of all memory"),
    ("memory-gb", "GB", "memory that was allocated, used or not"),
    ("hours", "H", "how long it took, or will take"),
    ("repeats", "N", "how often; default: once"),
    ("queries", "N", "queries answered"),
    ("energy-per-query", "E", "energy of one at the machine, such as `0.3 Wh`"),
    ("epochs", "N", "epochs trained"),
    ("energy-per-epoch", "E", "energy of one at the machine, or of several with commas: their mean counts"),
)
_STRICT = ("strict-intensity", "an error where the provider of --intensity has no answer, not the tables' value")
OPTIONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "run": (
        *_ASSESS, *_AGAINST, *_JUDGE, *_METER,
        ("progress", "WHEN", "auto (on a terminal, in CI), always or never"),
        ("record-command", "HOW", "full, program or off"),
        ("against-commit", "REF", "run REF's command in turns with this one, and hold it against that; auto: the base"),
        ("rounds", "N", "how often each of the two runs; default: 3"),
        ("confirm", "K", "run the command again, up to K times, where a verdict is too close to call"),
        ("stop-grace", "SECONDS", "time for a checkpoint between SIGTERM and SIGKILL of --stop-at-budget; default: 60"),
        ("time-limit", "TIME", "how long the command will run, such as `90 min`, where it reports no progress"),
        _METRICS,
    ),
    "start": (
        *_ASSESS, *_METER,
        ("longest", "HOURS", "a session that nobody stops ends after them; default: 6 on GitHub's runners, else 120"),
    ),
    "mark": (),
    "stop": (*_ASSESS, *_AGAINST, *_JUDGE, _METRICS),
    "report": (*_ASSESS, *_AGAINST, *_RECOMPUTE, *_REPORT),
    "publish": (
        *_ASSESS, *_AGAINST, *_RECOMPUTE, *_JUDGE,
        ("comment", "MODE", "always, changes, over-budget or off"),
        ("comment-id", "ID", "separates several comments on one pull request"),
        ("comment-section", "NAME", "only this part of a comment that several jobs write; auto: the job's name"),
        ("pull-request", "N", "for events that carry none"),
        ("check", "WHEN", "off, or auto: a check run with the verdict beside the comment"),
    ),
    "gate": (*_ASSESS, *_AGAINST, *_RECOMPUTE, *_JUDGE),
    "compare": (
        ("config", "FILE", "config file; default: .github/emissions.yml, else emissions.yml"),
        ("format", "F", "text, markdown, html, json or csv"),
    ),
    "estimate": (*_ESTIMATE, *(_STATIC if option is _LIVE else option for option in _ASSESS), *_FORMAT, *_JUDGE),
    "factors": (),
    "history": (
        *_HISTORY,
        ("format", "F", "show: text or json; export: csv, json or parquet"),
        ("to", "FILE", "export: the file to write; default: stdout"),
        ("keep", "N", "prune: all but the newest so many runs"),
        ("before", "DATE", "prune: runs that began before"),
    ),
    "budget": _HISTORY,
    "doctor": (*_SITE, _SOURCES, ("gpus", "LIST", "auto, all, or indices and UUIDs")),
    "init": (
        ("command", "TEXT", "the command to meter; default: what the repository's files suggest"),
        ("runner", "LABEL", "the runner's label, several with commas; default: ubuntu-latest"),
        ("matrix", "NAME=A,B", "a job for each value, merged by one at the end: model=small,large"),
        ("region", "R", "FR, US-VA, aws:us-east-1, azure:eastus2, gcp:europe-west4"),
        ("history", "WHERE", "keep the default branch's runs to compare with: off, branch or artifact"),
        ("dir", "FOLDER", "the repository's folder; default: that of the git repository around this one"),
    ),
}  # fmt: skip
SWITCHES: dict[str, tuple[tuple[str, str], ...]] = {
    "run": (
        ("gate", "exit 1 when the command succeeded and a budget is exceeded"),
        ("quiet", "no progress and no summary on stderr"),
        ("stop-at-budget", "end the command when an absolute budget is spent, or certain to be: SIGTERM, then SIGKILL"),
        ("predict", "say on stderr what the whole job will take, once enough of it is done"),
        _STRICT,
    ),
    "start": (("quiet", "say nothing unless something is wrong"), _STRICT),
    "mark": (),
    "stop": (
        ("gate", "exit 1 when a budget is exceeded"),
        ("quiet", "no summary on stderr"),
        _STRICT,
    ),
    "report": (
        ("json", "short for --format json"),
        ("what-if", "what if it had run in other regions like its own: of its cloud, its country, or countries"),
        _STRICT,
    ),
    "publish": (("dry-run", "print instead of posting"), _STRICT),
    "gate": (("json", "print the verdict as JSON"), _STRICT),
    "compare": (("json", "short for --format json"),),
    "estimate": (
        ("gate", "exit 1 when a budget is exceeded"),
        ("json", "short for --format json"),
    ),
    "factors": (("json", "print JSON"),),
    "history": (
        ("json", "short for --format json"),
        ("dry-run", "prune: say what would go, and let nothing go"),
        ("force", "add: also where CI runs no push to the default branch"),
    ),
    "budget": (("ratchet", "lower limits that the last runs stay well below"),),
    "doctor": (
        ("online", "ask GitHub, and a history that is not a file, what may be read; nothing is written"),
        ("json", "print JSON"),
    ),
    "init": (
        ("dry-run", "print instead of writing"),
        ("force", "write over what is there"),
        ("fork-safe", "a second workflow besides, which comments on pull requests of forks without running their code"),
    ),
}
ARGUMENTS: dict[str, tuple[str, str | int, str]] = {
    "mark": ("LABEL", "*", "the name of the phase that begins; it ends with the next mark, or with the session"),
    "report": ("PATH", "+", "footprints, recordings, or folders searched recursively"),
    "publish": ("PATH", "*", "footprints, recordings, or folders; of a `workflow_run` event by default its run's"),
    "gate": ("PATH", "*", "footprints, recordings, or folders; of a `workflow_run` event by default its run's"),
    "compare": ("PATH", 2, "BASE and HEAD: footprints, recordings, or folders searched recursively"),
    "history": ("WORD", "*", "add PATH..., show, export or prune"),
    "budget": ("WORD", "*", "suggest"),
    "factors": ("WORD", "*", "list [TABLE] [TEXT], show REGION or MODEL, or sources"),
}
