"""`make fixtures`: fixtures/ anew, one file a module in loading order, from the demo generator.

It seeds an empty SQLite database and writes what is in it, so that `manage.py loaddata fixtures/*.json`
gives the same agency.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import setup
from scripts.processes import ROOT, RUN_DIR, Stopped, give_up, say, stop_on_signals
from scripts.services import ServiceFailed, Services

# The floors of the house from the ground up: a file only points at those before it.
MODULES = ("people", "timeline", "crm")
FOLDER = ROOT / "fixtures"


def main() -> None:
    setup.ready("run")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RUN_DIR) as name, Services(database=False) as services:
        folder = Path(name)
        env = {
            **os.environ,
            **services,
            "DEMO_MODE": "1",
            "ENV_FILE": os.devnull,
            "DATABASE_URL": f"sqlite:///{folder / 'fixtures.sqlite3'}",
            "MEDIA_ROOT": str(folder / "media"),
        }
        _manage(env, "migrate", "-v", "0")
        _manage(env, "seed_demo")
        for number, module in enumerate(MODULES, 1):
            path = FOLDER / f"{number:02}_{module}.json"
            _manage(env, "dumpdata", module, "--natural-foreign", "--indent", "1", "-o", str(path))
            say(f"  {path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")


def _manage(env: dict[str, str], *words: str) -> None:
    done = subprocess.run(
        [setup.PYTHON, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        give_up(f"`manage.py {' '.join(words)}` failed:\n{done.stderr[-3000:]}")


if __name__ == "__main__":
    stop_on_signals()
    try:
        main()
    except ServiceFailed as error:
        give_up(str(error))
    except Stopped:
        sys.exit(130)
