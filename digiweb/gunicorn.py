"""Gunicorn's settings: `gunicorn -c digiweb/gunicorn.py digiweb.wsgi:application`.

Variables: PORT or WEB_BIND (`unix:/run/digiweb/web.sock`), WEB_WORKERS, WEB_THREADS, METRICS_DIR.
"""

import gc
import os
from pathlib import Path
from typing import Any

bind = os.environ.get("WEB_BIND") or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
# The code is loaded once and its memory shared by the workers. Nothing may open a connection at import.
preload_app = True
timeout = 60
graceful_timeout = 20
keepalive = 5
# Leaks, if any, stay small; the jitter keeps the workers from restarting together.
max_requests = 5000
max_requests_jitter = 500
# A heartbeat on a slow disk would make the master kill healthy workers.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - gunicorn's own choice of name
control_socket_disable = True
proc_name = "digiweb-web"
# The application logs each request itself, as JSON and without personal data (digiweb/logs.py).
accesslog = None
errorlog = "-"
loglevel = "warning"
# nginx on the same machine; the application decides on its own whom it believes (BEHIND_PROXY).
forwarded_allow_ips = "127.0.0.1,::1"
limit_request_line = 8190


def when_ready(server: Any) -> None:
    """The code is loaded and no worker forked yet: what is there now stays shared.

    A collection in a worker would write into every object's header, and so copy its page
    (docs.python.org/3/library/gc.html#gc.freeze).
    """
    gc.collect()
    gc.freeze()


# --- Metrics of several processes (django-prometheus): one folder, emptied at each start. Only the web
# server's processes may see the variable: whoever does writes there.

metrics = Path(os.environ.get("METRICS_DIR") or ".run/metrics").resolve()
metrics.mkdir(parents=True, exist_ok=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
if os.environ.get("DIGIWEB_METRICS_OF") != str(os.getpid()):  # not when SIGHUP reads this file again
    os.environ["DIGIWEB_METRICS_OF"] = str(os.getpid())
    for left_over in metrics.glob("*.db"):
        left_over.unlink(missing_ok=True)


def child_exit(server: Any, worker: Any) -> None:
    """A dead worker's gauges must not count on."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
