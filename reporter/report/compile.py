"""Writes the compiled templates again, after a template, a script or the locked jinja2 has changed.

Run it as `python -m reporter.report.compile`.
"""

from __future__ import annotations

from pathlib import Path

from reporter.report.render import compiled_name, template_root
from reporter.report.sandbox import compiled_source
from reporter.report.scripts import digest

COMPILED = Path(__file__).parent / "compiled"


def main() -> None:
    """Write one module for each built-in template, and one for the scripts."""
    for template in sorted(template_root().glob("*.j2")):
        target = COMPILED / f"{compiled_name(template.name)}.py"
        target.write_text(compiled_source(template.name), encoding="utf-8")
    (COMPILED / "digests.py").write_text(digests_source(), encoding="utf-8")


def digests_source() -> str:
    """The Python module that knows by which digests the page's policy lets our scripts run."""
    digests = {file.name: digest(file.read_text(encoding="utf-8")) for file in sorted(template_root().glob("*.js"))}
    rows = "".join(f'    "{name}": "{known}",\n' for name, known in digests.items())
    note = "Generated from templates/*.js by `python -m reporter.report.compile`."
    return f'"""{note}"""\nDIGESTS: dict[str, str] = {{\n{rows}}}\n'


if __name__ == "__main__":
    main()
