"""`make bench`: measures the pages and jobs of DESIGN §12 on a private MariaDB and Redis.

`tests/bench` (`python -m tests.bench`) loads ROWS contacts, measures and prints; this gives it
servers, production-like settings and a quiet end. ROWS defaults to 1 000 000.
"""

import os
import sys
import time

from scripts import catalogue, setup
from scripts.check import PRODUCTION
from scripts.processes import (
    RUN_DIR,
    Stopped,
    adopt_orphans,
    descendants,
    end_all,
    give_up,
    run_foreground,
    say,
    stop_on_signals,
)
from scripts.services import ServiceFailed, Services


def main(arguments: list[str]) -> int:
    rows = (os.environ.get("ROWS") or "1000000").replace("_", "").replace(" ", "")
    if not rows.isdigit() or int(rows) < 1:
        give_up(f"ROWS must be a number of contacts, not {rows!r}. For example: make bench ROWS=100000")
    stop_on_signals()
    adopt_orphans()
    try:
        setup.ready("test")
        catalogue.compile_all()
        started = time.monotonic()
        with Services(pool="2G", measuring=True) as services:
            say(f"== {int(rows):,} contacts on MariaDB (started in {time.monotonic() - started:.1f} s)")
            own = {
                "HTTPS": "0",
                "BEHIND_PROXY": "0",
                "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
                "SITE_URL": "http://127.0.0.1",
                "EMAIL_URL": "dummymail://",
                "ENV_FILE": os.devnull,
                "MEDIA_ROOT": str(RUN_DIR / "bench" / "media"),
                "STATIC_ROOT": str(RUN_DIR / "static"),
                "DJANGO_SETTINGS_MODULE": "digiweb.settings",
            }
            env = {**os.environ, **PRODUCTION, **own, **services}
            return run_foreground([setup.PYTHON, "-m", "tests.bench", "--rows", rows, *arguments], env)
    except ServiceFailed as error:
        give_up(str(error))
    except Stopped:
        return 130
    finally:
        end_all(descendants())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
