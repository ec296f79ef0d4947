"""Meter a job, turn its energy into CO2e, report it on the pull request, hold it to a budget."""

__version__ = "0.1.0"
