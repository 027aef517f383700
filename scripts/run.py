"""`make run`: the product with demo data at one address, and nothing to configure.

Sets up what lacks, then starts Redis, the web server, one worker and the scheduler. Ctrl-C ends
them all. What it keeps (database, secrets, files, logs) is in `.run/`.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TextIO

from scripts import catalogue, setup
from scripts.processes import (
    ROOT,
    RUN_DIR,
    Child,
    Stopped,
    adopt_orphans,
    descendants,
    end_all,
    free_port,
    give_up,
    port_is_free,
    port_owner,
    say,
    stop_on_signals,
    tail,
    wait_for,
)
from scripts.services import Redis, ServiceFailed

LOGS = RUN_DIR / "logs"
DATABASE = RUN_DIR / "digiweb.sqlite3"
# There from the first moment of an empty database until its demo data is complete.
UNFINISHED = RUN_DIR / "first-run"
STATIC = RUN_DIR / "static"
STATIC_STAMP = RUN_DIR / "static.stamp"
SECRETS = RUN_DIR / "secrets.env"
# The whole environment of the demo: `ENV_FILE=.run/demo.env .venv/bin/python manage.py shell`
DEMO_ENV = RUN_DIR / "demo.env"
# The demo's colleague, from whose list clients are imported; how often it was asked.
COLLEAGUE_PORT = 8765
COLLEAGUE_CALLS = RUN_DIR / "colleague-calls.json"
LOGINS = ("admin", "manager", "sales", "sales2", "marketing", "am")
PASSWORD = "digiweb-demo"


def chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        give_up(f"PORT must be a number from 1 to 65535, not {text!r}. For example: make run PORT=8001")
    port = int(text)
    if not port_is_free(port):
        if port < 1024 and os.geteuid() != 0:
            give_up(f"Only root may listen on port {port}. Choose another: make run PORT=8000")
        other = next((each for each in range(port + 1, port + 50) if port_is_free(each)), free_port())
        give_up(f"Port {port} is in use by {port_owner(port)}.\nChoose another: make run PORT={other}")
    return port


def colleague_port(taken: int) -> int:
    """The usual one, or where somebody listens there any other: nobody has to know it."""
    text = os.environ.get("COLLEAGUE_PORT") or str(COLLEAGUE_PORT)
    port = int(text) if text.isdigit() and 0 < int(text) < 65536 else COLLEAGUE_PORT
    return port if port != taken and port_is_free(port) else free_port()


def only_one() -> TextIO:
    """The lock that says that this folder's demo runs; the kernel frees it however we end."""
    RUN_DIR.mkdir(exist_ok=True)
    lock = (RUN_DIR / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        give_up(f"It runs already: {lock.read().strip() or 'another `make run` is starting in this folder'}.")
    return lock


def environment(port: int, colleague: int) -> dict[str, str]:
    """No setting of the machine's reaches it: a production database must never get demo data."""
    if not SECRETS.exists():
        made = _manage("make_secrets", {**os.environ, "ENV_FILE": os.devnull, "MAKING_SECRETS": "1"})
        unfinished = SECRETS.with_suffix(".part")
        unfinished.touch(0o600)
        unfinished.write_text(made)
        os.replace(unfinished, SECRETS)
    settings = {
        "DEMO_MODE": "1",
        "DEBUG": "0",
        "DATABASE_URL": f"sqlite:///{DATABASE}",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "HTTPS": "0",
        "STATIC_ROOT": str(STATIC),
        "MEDIA_ROOT": str(RUN_DIR / "media"),
        "NODE_MODULES": str(ROOT / "node_modules"),
        "METRICS_DIR": str(RUN_DIR / "metrics"),
        "WEB_WORKERS": os.environ.get("WEB_WORKERS", "2"),
        "PORT": str(port),
        "EXTERNAL_API_URL": f"http://127.0.0.1:{colleague}/prospects",
        "EXTERNAL_API_TOKEN": "Bearer demo-colleague",
        **dict(line.split("=", 1) for line in SECRETS.read_text().splitlines()),
    }
    kept = {name: value for name, value in os.environ.items() if name not in _settings_variables()}
    return {**kept, **settings, "ENV_FILE": os.devnull, "PYTHONUNBUFFERED": "1"}


def _settings_variables() -> set[str]:
    """The names that `.env.example` explains."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return {line.lstrip("# ").split("=", 1)[0] for line in lines if "=" in line}


def _manage(command: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        [setup.PYTHON, "manage.py", command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        give_up(f"`manage.py {command}` failed:\n{done.stderr[-2000:]}")
    return done.stdout


def repair() -> None:
    """A first run that was interrupted left half the demo data: begin again with an empty database."""
    if UNFINISHED.exists():
        say("  The first run was interrupted: starting its database again.")
        for path in RUN_DIR.glob(f"{DATABASE.name}*"):
            path.unlink()
        shutil.rmtree(RUN_DIR / "media", ignore_errors=True)
        COLLEAGUE_CALLS.unlink(missing_ok=True)
    if not DATABASE.exists():
        UNFINISHED.touch()


def prepare(env: dict[str, str]) -> None:
    """Migrations and demo data; beside them, on the second core, the static files when a source changed."""
    if UNFINISHED.exists():
        say("  Preparing the database and its demo data …")
    steps = {"prepare": ["-m", "scripts.prepare"]}
    static = _static_fingerprint()
    if not STATIC_STAMP.exists() or STATIC_STAMP.read_text() != static or not STATIC.is_dir():
        STATIC_STAMP.unlink(missing_ok=True)
        steps["static"] = ["manage.py", "collectstatic", "--noinput", "--clear", "--verbosity=0"]
    children = []
    for name, words in steps.items():
        log = LOGS / f"{name}.log"
        log.unlink(missing_ok=True)
        children.append(Child(name, [setup.PYTHON, *words], env, log).start())
    try:
        for child in children:
            while child.alive:
                time.sleep(0.05)
            if child.returncode:
                what = " ".join(child.argv[1:3])
                give_up(f"`{what}` failed. The end of .run/logs/{child.name}.log:\n{child.tail(12)}")
    finally:
        for child in children:
            child.stop(3)
    STATIC_STAMP.write_text(static)
    UNFINISHED.unlink(missing_ok=True)


def _static_fingerprint() -> str:
    """Collecting compresses every file and takes seconds: this says whether a source changed since."""
    names = ("requirements.txt", "package-lock.json", "digiweb/settings.py", "digiweb/assets.py")
    sources = [ROOT / name for name in names]
    sources += sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    total = hashlib.sha256()
    for path in sources:
        about = path.stat()
        total.update(f"{path.relative_to(ROOT)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return total.hexdigest()


class Demo:
    """The processes, and what to do when one dies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.colleague_port = colleague_port(port)
        self.children: list[Child] = []
        self.redis = Redis(RUN_DIR / "redis", LOGS / "redis.log", durable=True)

    def start(self) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        for name in ("web", "worker", "scheduler", "colleague", "redis"):
            log = LOGS / f"{name}.log"
            if log.exists():
                log.replace(log.with_suffix(".log.1"))
        env = environment(self.port, self.colleague_port)
        env["REDIS_URL"] = self.redis.start().url
        DEMO_ENV.touch(0o600)
        shown = {name: value for name, value in env.items() if name in _settings_variables()}
        DEMO_ENV.write_text("".join(f"{name}={value}\n" for name, value in sorted(shown.items())))
        catalogue.compile_all()
        repair()
        prepare(env)
        python = setup.PYTHON
        commands: dict[str, list[str]] = {
            "web": ["-m", "gunicorn", "-c", "digiweb/gunicorn.py", "digiweb.wsgi:application"],
            "worker": ["manage.py", "rqworker", "default"],
            "scheduler": ["manage.py", "run_schedule"],
            "colleague": [
                "manage.py",
                "serve_colleague_demo",
                f"--port={self.colleague_port}",
                f"--state={COLLEAGUE_CALLS}",
            ],
        }
        for name, words in commands.items():
            self.children.append(Child(name, [python, *words], env, LOGS / f"{name}.log").start())
        if not wait_for(self._answers, self.children[0], 60):
            give_up(f"The web server did not start. The end of .run/logs/web.log:\n{self.children[0].tail()}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz/live", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def watch(self, seconds: float | None = None) -> None:
        """Until stopped: report errors from the logs, and start again what died."""
        followers = [Follower(child) for child in self.children]
        started = {child.name: time.monotonic() for child in self.children}
        pauses = dict.fromkeys(started, 1.0)
        due: dict[str, float] = {}
        until = time.monotonic() + seconds if seconds else float("inf")
        while time.monotonic() < until:
            for follower in followers:
                follower.report()
            if self.redis.child and not self.redis.child.alive:
                give_up(f"Redis ended. The end of .run/logs/redis.log:\n{self.redis.child.tail()}")
            for child in self.children:
                now = time.monotonic()
                if child.alive:
                    if now - started[child.name] > 60:
                        pauses[child.name] = 1.0
                elif child.name not in due:
                    pause = pauses[child.name]
                    say(f"  ! {child.name} ended (exit code {child.returncode}); again in {pause:.0f} s.")
                    say("    " + tail(child.log, 3).replace("\n", "\n    "))
                    due[child.name], pauses[child.name] = now + pause, min(pause * 2, 60)
                elif now >= due[child.name]:
                    del due[child.name]
                    child.stop(0)  # what is left of its group
                    child.start()
                    started[child.name] = now
            time.sleep(0.25)

    def stop(self) -> None:
        """Those who hand out work first, the queue last."""
        for child in self.children:
            if child.alive and child.process:
                child.process.terminate()
        for child in reversed(self.children):
            child.stop(10)
        self.redis.stop()
        end_all(descendants())


class Follower:
    """Shows the errors that a child writes to its log, one short line each."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.at = 0

    def report(self, show: Callable[[str], None] = say) -> None:
        try:
            with self.child.log.open("rb") as file:
                file.seek(self.at)
                new = file.read()
        except OSError:
            return
        whole = new[: new.rfind(b"\n") + 1]
        self.at += len(whole)
        for line in whole.decode(errors="replace").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict) and record.get("level") in ("error", "critical"):
                name = self.child.name
                show(f"  ! {name}: {str(record.get('event'))[:110]} (see .run/logs/{name}.log)")


def banner(port: int, colleague: int, seconds: float) -> None:
    say(f"\n  DigiWeb ERP  →  http://127.0.0.1:{port}/   (demo data, ready in {seconds:.1f} s)\n")
    say("  Sign in as " + ", ".join(f"{name}@" for name in LOGINS) + "digiweb.test")
    say(f"  Password   {PASSWORD}\n")
    say(f"  The colleague’s system of the demo: http://127.0.0.1:{colleague}/prospects")
    if colleague != COLLEAGUE_PORT:
        say(f"  (port {COLLEAGUE_PORT} is in use)")
    say("  Logs in .run/logs/. Ctrl-C ends everything; `rm -r .run` forgets the demo data.")


def main() -> int:
    started = time.monotonic()
    stop_on_signals()
    adopt_orphans()
    demo: Demo | None = None
    try:
        lock = only_one()
        port = chosen_port()
        lock.truncate(0)
        lock.write(f"http://127.0.0.1:{port}/ (process {os.getpid()})")
        lock.flush()
        setup.ready("run")
        demo = Demo(port)
        demo.start()
        banner(port, demo.colleague_port, time.monotonic() - started)
        demo.watch()
    except ServiceFailed as error:
        give_up(str(error))
    except Stopped:
        say("\n  Stopping …")
    finally:
        if demo:
            demo.stop()
        end_all(descendants())
    say("  Everything has ended.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
