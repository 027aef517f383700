"""A time-out that nobody talks their way around.

The time-outs of `requests` are per read: a server that drips one byte a second keeps a thread for
hours, be it in the middle of a header. Here a timer shuts the sockets themselves.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_current: ContextVar["Deadline | None"] = ContextVar("deadline", default=None)


class Deadline:
    """`with Deadline(10) as deadline:` after ten seconds what was opened inside is cut; `passed` says so."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._lines: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        self.start()
        return self

    def __exit__(self, *error: Any) -> None:
        _current.reset(self._token)
        self.stop()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """What is opened inside is cut later on: for generators, which leave no mark on their caller."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            for line in self._lines:
                line.close()
            self._lines.clear()

    def watch(self, line: socket.socket) -> None:
        # A copy of the handle: TLS takes the socket away from the object that was opened first.
        with self._lock:
            if not self.passed:
                self._lines.append(socket.socket(fileno=os.dup(line.fileno())))
                return
        line.close()

    def _cut(self) -> None:
        with self._lock:
            self.passed = True
            for line in self._lines:
                try:
                    line.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it has ended by itself


def _watched(line: socket.socket) -> socket.socket:
    deadline = _current.get()
    if deadline is not None:
        deadline.watch(line)
    return line


class _Line(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _watched(super()._new_conn())


class _SecureLine(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _watched(super()._new_conn())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Line


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureLine


class WatchedAdapter(HTTPAdapter):
    """Of `requests`: lines that the running deadline may cut."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager
