"""Eight people at once: requests a second of one gunicorn, over real sockets."""

import http.client
import os
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from scripts.processes import Child, free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
_lock = threading.Lock()
CLIENTS, SECONDS, WARM = 8, 8.0, 2.0


class Server:
    """The product's gunicorn on a free port, with two workers, as in production."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self.port = free_port()
        own = {"PORT": str(self.port), "WEB_WORKERS": "2", "METRICS_DIR": str(folder / "metrics")}
        argv = [sys.executable, "-m", "gunicorn", "-c", "digiweb/gunicorn.py", "digiweb.wsgi:application"]
        self.child = Child("web", argv, {**env, **own}, folder / "web.log")

    def __enter__(self) -> "Server":
        self.child.start()
        if not wait_for(self._answers, self.child, 60):
            raise RuntimeError(f"gunicorn does not answer:\n{self.child.tail()}")
        return self

    def __exit__(self, *error: object) -> None:
        self.child.stop(10)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz/live", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def requests_per_second(env: dict[str, str], folder: Path, path: str, cookie: str) -> dict[str, Any]:
    """How many pages `CLIENTS` people get who ask without a pause; the client's own work is included."""
    with Server(env, folder) as server:
        done: list[float] = []
        failed: list[int] = []
        until = time.monotonic() + WARM + SECONDS
        people = [
            threading.Thread(target=_ask, args=(server.port, path, cookie, until, done, failed))
            for _ in range(CLIENTS)
        ]
        for person in people:
            person.start()
        for person in people:
            person.join()
    counted = sorted(took for at, took in zip(done[::2], done[1::2], strict=True) if at >= until - SECONDS)
    return {
        "per_second": len(counted) / SECONDS,
        "median_ms": counted[len(counted) // 2] * 1000 if counted else 0,
        "p95_ms": counted[int(len(counted) * 0.95)] * 1000 if counted else 0,
        "failed": len(failed),
    }


def _ask(port: int, path: str, cookie: str, until: float, done: list[float], failed: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": f"sessionid={cookie}", "Accept-Language": "fr"}
    while time.monotonic() < until:
        started = time.monotonic()
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            failed.append(1)
            continue
        if answer.status != 200:
            failed.append(answer.status)
        ended = time.monotonic()
        with _lock:
            done.extend((ended, ended - started))


def collect_static(env: dict[str, str]) -> None:
    """Pages name static files by their hashes: they must have been collected."""
    if not (Path(env.get("STATIC_ROOT", ROOT / ".run" / "static")) / "staticfiles.json").exists():
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
            cwd=ROOT,
            env={**os.environ, **env},
            check=True,
        )
