"""`make fixtures`: fixtures/ anew, one file a module in loading order (`manage.py make_fixtures`)."""

import os
import sys

from scripts import setup
from scripts.processes import Stopped, run_foreground, stop_on_signals


def main() -> int:
    stop_on_signals()
    try:
        setup.ready("run")
        env = {**os.environ, "DEMO_MODE": "1", "ENV_FILE": os.devnull}
        return run_foreground([setup.PYTHON, "manage.py", "make_fixtures"], env)
    except Stopped:
        return 130


if __name__ == "__main__":
    sys.exit(main())
