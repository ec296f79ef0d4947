"""Where a report goes: files, step outputs, summary, comment and check."""
