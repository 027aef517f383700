"""`make fixtures`: fixtures/ anew, one file a module in loading order, from the demo generator.

`manage.py make_fixtures` does it, on a temporary SQLite database; this sets up what it needs.
"""

import os
import subprocess
import sys

from scripts import setup
from scripts.processes import ROOT, Stopped, stop_on_signals


def main() -> int:
    setup.ready("run")
    # No setting of the machine's matters: the command's own database is empty and thrown away.
    env = {**os.environ, "ENV_FILE": os.devnull, "DEMO_MODE": "1"}
    return subprocess.run(
        [setup.PYTHON, "manage.py", "make_fixtures"], cwd=ROOT, env=env, check=False
    ).returncode


if __name__ == "__main__":
    stop_on_signals()
    try:
        sys.exit(main())
    except Stopped:
        sys.exit(130)
