"""What goes on beside the metered command: it is told from other jobs, watched, and read for its counts."""
