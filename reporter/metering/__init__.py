"""Metering a command: sources are opened and sampled, the command is run, what was read is recorded."""
