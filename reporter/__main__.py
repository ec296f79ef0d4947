"""`python -m reporter` is the same as `emissions`."""

import sys

from reporter.cli import program

sys.exit(program())
