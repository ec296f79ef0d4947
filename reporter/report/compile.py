"""Writes the compiled templates again, after a template or the locked jinja2 has changed.

Run it as `python -m reporter.report.compile`.
"""

from __future__ import annotations

from pathlib import Path

from reporter.report.render import compiled_name, template_root
from reporter.report.sandbox import compiled_source


def main() -> None:
    """Write one module for each built-in template."""
    for template in sorted(template_root().glob("*.j2")):
        target = Path(__file__).parent / "compiled" / f"{compiled_name(template.name)}.py"
        target.write_text(compiled_source(template.name), encoding="utf-8")


if __name__ == "__main__":
    main()
