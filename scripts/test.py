"""`make test`: the whole suite on a private MariaDB and Redis, then a part of it again on SQLite.

Arguments go to pytest: `make test ARGS="tests/crm -x"`. WORKERS says how many processes share the
work. Exit code 0 only when everything passed and no process is left behind.
"""

import os
import sys
import time
import uuid

from scripts import catalogue, setup
from scripts.processes import (
    MARK,
    RUN_DIR,
    Stopped,
    adopt_orphans,
    carrying,
    command_line,
    descendants,
    end_all,
    give_up,
    run_foreground,
    say,
    stop_on_signals,
)
from scripts.services import ServiceFailed, Services

NO_TESTS = 5  # pytest's exit code when nothing was selected


def environment() -> dict[str, str]:
    """The developer's own `.env` does not reach the tests."""
    return {**os.environ, "ENV_FILE": os.devnull, "PYTHONUNBUFFERED": "1"}


def main(arguments: list[str]) -> int:
    started = time.monotonic()
    stop_on_signals()
    adopt_orphans()
    os.environ[MARK] = mark = uuid.uuid4().hex
    code = 1
    try:
        setup.ready("test")
        catalogue.compile_all()
        workers = os.environ.get("WORKERS") or str(min(4, os.cpu_count() or 1))
        with Services(pool="512M") as services:
            env = {**environment(), **services}
            say(f"== On MariaDB (servers started in {time.monotonic() - started:.1f} s)")
            code = _pytest(["-n", workers, "--dist", "worksteal", *arguments], env)
            say("== The part marked `sqlite`, on SQLite")
            env["KEEP_ARTEFACTS"] = "1"  # those of the first part
            env["DATABASE_URL"] = f"sqlite:///{RUN_DIR / 'test.sqlite3'}"
            again = _pytest(["-n", workers, "-m", "sqlite", *_without_marks(arguments)], env)
            # A choice of tests may have none of these; the whole suite must have some.
            if not (again == NO_TESTS and arguments):
                code = code or again
    except ServiceFailed as error:
        give_up(str(error))
    except Stopped:
        say("\nStopped.")
        code = 130
    finally:
        left = sorted({*descendants(), *carrying(mark)})
        names = [f"  {pid}  {command_line(pid)}" for pid in left]
        end_all(left)
    if left:
        say("These processes were left behind (ended now); the tests that started them must end them:")
        say("\n".join(names))
        code = code or 1
    else:
        say(f"== No process left behind. {time.monotonic() - started:.0f} s in all.")
    if code and (RUN_DIR / "artefacts").exists():
        say("== Screenshots and pages of failed browser tests: .run/artefacts/")
    return code


def _pytest(arguments: list[str], env: dict[str, str]) -> int:
    return run_foreground([setup.PYTHON, "-m", "pytest", *arguments], env)


def _without_marks(arguments: list[str]) -> list[str]:
    """pytest obeys only the last `-m`: ours."""
    kept = []
    skip = False
    for word in arguments:
        if skip or word == "-m":
            skip = word == "-m"
            continue
        kept.append(word)
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
