"""Meters a command with Zeus: zeus_window.py RESULT COMMAND …; run by the interpreter that has Zeus.

Zeus has no command line for this: a measurement window around the command, as its documentation has it around code.
"""

import json
import subprocess
import sys
from pathlib import Path

from zeus.monitor import ZeusMonitor  # type: ignore[import-not-found]

result, *command = sys.argv[1:]
monitor = ZeusMonitor()
# Nothing to synchronise: there is no deep-learning framework in this process.
monitor.begin_window("job", sync_execution=False)
status = subprocess.call(command)
found = monitor.end_window("job", sync_execution=False)
Path(result).write_text(json.dumps({"gpu_j": sum(found.gpu_energy.values())}))
sys.exit(status)
