"""Whose processes compute on the GPUs: what can be told from process ids, and what cannot.

The rule. `own` holds the command's process ids, and is empty before and after it.
- Without `own`, any process is somebody else's.
- With it, the driver's ids must first prove to be of our own process namespace, because in containers it may give
  the host's: at least one of them, on whichever GPU, is in `own` or in our /proc. Else nothing is said.
- A process that is not in `own`, on a GPU that is counted, makes the GPU shared.
- A process that is in `own`, on a GPU that is not counted, makes the selection wrong.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from reporter.domain.readings import Meter
from reporter.probes.nvml_call import SOURCE


def tenant_flags(seen: Sequence[tuple[Meter, frozenset[int]]], own: frozenset[int], *, root: str) -> tuple[str, ...]:
    """Flags `shared-gpu` and `gpu-outside-selection` for the process ids on each GPU; `root` holds proc/."""
    listed = frozenset(pid for _, pids in seen for pid in pids)
    if own and not any(pid in own or _exists(pid, root) for pid in listed):
        return ()
    flags: list[str] = []
    for meter, pids in seen:
        uuid = meter.meter_id.removeprefix(f"{SOURCE}:")
        if meter.selected and pids - own:
            flags.append(f"shared-gpu:{uuid}")
        elif not meter.selected and pids & own:
            flags.append(f"gpu-outside-selection:{uuid}")
    return tuple(flags)


def _exists(pid: int, root: str) -> bool:
    return os.path.isdir(os.path.join(root, "proc", str(pid)))  # noqa: PTH112, PTH118 - light
