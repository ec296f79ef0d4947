"""The import statements keep to the dependency rules: arrows point to the domain, the edge stays at the edge."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "reporter"
IMPURE = {"os", "sys", "io", "time", "pathlib", "subprocess", "socket", "logging", "random", "datetime", "threading"}

ALLOWED: dict[str, set[str]] = {
    "domain": {"domain"},
    "errors": set(),
    "bounded": set(),
    "file": set(),
    "forge": {"errors"},
    "http": {"bounded", "errors", "rate_limit", ""},
    "rate_limit": set(),
    "cloud": set(),
    "ci": {"bounded", "domain", "errors"},
    "factors": {"factors", "domain", "errors"},
    "probes": {"probes", "domain", "errors", "factors"},
    "intensity": {"intensity", "domain", "errors"},
    "metering": {"bounded", "file", "metering", "probes", "domain", "errors", ""},
    "report": {"report", "domain", "errors"},
    "export": {"bounded", "export", "domain", "errors"},
    "publish": {"publish", "errors", "forge"},
    "history": {"bounded", "forge", "history", "domain", "errors"},
    "config": {"config", "domain", "errors"},
    "commands": {
        "bounded", "commands", "ci", "cloud", "config", "domain", "errors", "export", "factors", "file", "forge",
        "history", "http",
        "intensity", "metering", "probes", "publish", "report", "",
    },
    "cli": {"ci", "commands", "errors", ""},
    "action": {"action", "ci", "cli", "commands", "errors", "file", "publish"},
    "__main__": {"cli"},
    "": set(),
}  # fmt: skip
"""Package or module → the ones of ours that it may import; "" is the version in `reporter` itself."""
SOLE_IMPORTERS = {
    "pynvml": "probes/nvml.py",
    "requests": "http.py",
    "jinja2": "report/sandbox.py",
    "yaml": "config/file.py",
    "pyarrow": "export/parquet.py",
}
"""Third-party module → the only file that may import it."""
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent.name != "compiled")


def is_module(name: str) -> bool:
    return (PACKAGE / name).exists() or (PACKAGE / f"{name}.py").exists()


def imports_of(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            names += [node.module or ""]
            if node.module == "reporter":
                names[-1:] = [f"reporter.{alias.name}" if is_module(alias.name) else "reporter" for alias in node.names]
    return names


def part_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    name = relative.parts[0].removesuffix(".py")
    return "" if name == "__init__" else name


VERBS = sorted(path.stem for path in (PACKAGE / "commands").glob("*.py") if "\ndef run(" in path.read_text("utf-8"))


@pytest.mark.parametrize("path", sorted((PACKAGE / "commands").rglob("*.py")), ids=lambda path: path.stem)
def test_no_verb_is_built_on_another(path: Path) -> None:
    """What two of them need lies in a folder beside them."""
    assert {name for name in imports_of(path) if name.removeprefix("reporter.commands.") in VERBS} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_place_allows(path: Path) -> None:
    part = part_of(path)

    for name in imports_of(path):
        top, _, rest = name.partition(".")
        if top == "reporter":
            assert rest.partition(".")[0] in ALLOWED[part], f"{path.name} imports {name}"
        else:
            assert top in sys.stdlib_module_names or top in {*SOLE_IMPORTERS, "markupsafe"}, f"{path.name}: {name}"
            sole = SOLE_IMPORTERS.get(top)
            assert sole is None or path == PACKAGE / sole, f"{path.name} imports {name}"
            assert part != "domain" or top not in IMPURE, f"{path.name} imports {name}"


def test_every_package_is_in_the_table() -> None:
    assert {part_of(path) for path in MODULES} <= set(ALLOWED)


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("reporter.cli", {"requests", "jinja2", "yaml", "pynvml", "urllib.request", "asyncio", "logging"}),
        (
            "reporter.commands.run",
            {
                "requests", "jinja2", "yaml", "pynvml", "urllib.request", "asyncio", "logging", "statistics",
                "reporter.domain.carbon", "reporter.domain.budget", "reporter.factors.grid",
            },
        ),
        (
            "reporter.commands.delivery.faces",
            {
                "requests", "jinja2", "yaml", "pickle", "random", "shutil", "tempfile", "hashlib", "base64",
                "reporter.domain.die", "reporter.domain.noise", "reporter.domain.traces",
            },
        ),
        ("reporter.domain.footprint", {"requests", "jinja2", "yaml"}),
    ],
)  # fmt: skip
def test_nothing_heavy_is_imported_early(module: str, absent: set[str]) -> None:
    code = f"import sys, {module}; print(*[name for name in {sorted(absent)!r} if name in sys.modules])"
    assert all(map(importlib.util.find_spec, absent)), "a name that has moved is never imported"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.split() == []
