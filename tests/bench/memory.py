"""What the product holds in memory while nothing happens: web with two workers, RQ worker, scheduler."""

import sys
import time
from contextlib import ExitStack
from pathlib import Path

from scripts.processes import Child
from tests.bench.load import Server
from tests.bench.report import Line

MUST_MB = 350
# Seconds until the worker has looked for runs and the scheduler has ticked.
SETTLED = 10


def measure_memory(env: dict[str, str], folder: Path) -> Line:
    """Shared pages counted once: the sum of PSS (man 5 proc_pid_smaps_rollup)."""
    commands = {"worker": ["rqworker", "default"], "scheduler": ["run_schedule"]}
    children = [
        Child(name, [sys.executable, "manage.py", *argv], env, folder / f"{name}.log")
        for name, argv in commands.items()
    ]
    with Server(env, folder) as server, ExitStack() as ending:
        for child in children:
            child.start()
            ending.callback(child.stop, 10)
        time.sleep(SETTLED)
        held = {
            child.name: held_by(child.process.pid) for child in (server.child, *children) if child.process
        }
    total = sum(held.values())
    note = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in held.items())
    return Line(f"idle: {total:.0f} MB", must=f"≤ {MUST_MB} MB", ok=total <= MUST_MB, note=note)


def held_by(pid: int) -> float:
    """Megabytes of a process and all its children."""
    pages = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    own = next(int(line.split()[1]) for line in pages if line.startswith("Pss:")) / 1024
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(held_by(int(child)) for child in children)
