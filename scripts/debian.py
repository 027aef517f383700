"""Debian packages: found by what they give (a program, a library), so that other systems pass too."""

import contextlib
import ctypes.util
import os
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.processes import RUN_DIR, give_up, say, tail
from scripts.services import find

POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# DigiWeb ERP set-up: installed servers do not start. Removed at once.\nexit 101\n"
LOG = RUN_DIR / "logs" / "apt.log"


@dataclass(frozen=True)
class Need:
    packages: str
    present: Callable[[], bool]
    what_for: str


def _program(*names: str) -> Callable[[], bool]:
    return lambda: find(*names) is not None


def _library(name: str) -> Callable[[], bool]:
    return lambda: (
        ctypes.util.find_library(name) is not None or bool(list(Path("/usr/lib").glob(f"*/lib{name}.so*")))
    )


def _fonts() -> bool:
    return any(next(Path(root, "share/fonts").glob("**/*.[to]tf"), None) for root in ("/usr", "/usr/local"))


def _mysql_headers() -> bool:
    return find("mariadb_config", "mysql_config") is not None


def _python_headers() -> bool:
    return Path(sysconfig.get_paths()["include"], "Python.h").exists()


# `make run` starts without these; only PDF documents need them.
FOR_RUN = [
    Need("libpango-1.0-0 libpangoft2-1.0-0", _library("pangoft2-1.0"), "PDF documents"),
    Need("fonts-dejavu-core", _fonts, "PDF documents"),
]
FOR_TEST = [
    Need("mariadb-server", _program("mariadbd"), "the tests' database"),
    Need("redis-server", _program("redis-server"), "the tests' queue"),
    Need("chromium", _program("chromium"), "browser tests"),
    Need("gettext", _program("xgettext"), "the check of translations"),
]
TO_COMPILE = [
    Need("default-libmysqlclient-dev", _mysql_headers, "mysqlclient"),
    Need("pkg-config", _program("pkg-config", "pkgconf"), "mysqlclient"),
    Need("gcc", _program("gcc", "cc"), "mysqlclient"),
    Need("python3-dev", _python_headers, "mysqlclient"),
]


def install_missing(kind: str, python: Path) -> None:
    """Install what lacks where we may; otherwise say what to install.

    Lacking for `make run`, it goes on without; lacking for the tests, it ends there.
    """
    needs = list(FOR_RUN)
    if kind == "test":
        needs += FOR_TEST
        if not list(python.parent.parent.glob("lib/python3*/site-packages/MySQLdb/_mysql*.so")):
            needs += TO_COMPILE
    missing = [need for need in needs if not need.present()]
    if not missing:
        return
    names = " ".join(need.packages for need in missing)
    problem = _install(names.split())
    missing = [need for need in needs if not need.present()]
    if not missing:
        return
    lines = "\n".join(f"    {need.packages}  ({need.what_for})" for need in missing)
    command = f"apt-get install -y --no-install-recommends {' '.join(need.packages for need in missing)}"
    text = f"  {problem} These Debian packages lack:\n{lines}\n  As root: {command}"
    if kind == "test":
        give_up(text)
    say(f"{text}\n  Going on without them.")


def _install(packages: list[str]) -> str:
    """Why it was not done, or an empty text."""
    apt = find("apt-get")
    if not apt:
        return "This system has no apt-get: install their counterparts."
    if os.geteuid() != 0:
        return "Only root may install them, and this is another user."
    say(f"  Installing Debian packages: {' '.join(packages)} …")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_text("")
    wait = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=2"]
    install = [apt, *wait, "install", "-y", "--no-install-recommends", *packages]
    steps = [[apt, *wait, "update"], install]
    with _no_service_starts():
        for step in steps:
            code = _run(step)
        if code and "dpkg --configure -a" in tail(LOG, 200):  # an earlier installation was interrupted
            _run(["dpkg", "--configure", "-a"])
            code = _run(install)
    return f"apt-get failed; the end of {LOG}:\n{tail(LOG, 5)}\n " if code else ""


def _run(argv: list[str]) -> int:
    with LOG.open("a") as log:
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            argv, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=env, check=False
        )
    return done.returncode


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """A package's server must not start: ours are private. A policy that stood there stays."""
    mine = not POLICY.exists() or POLICY.read_text() == POLICY_TEXT
    if mine:
        POLICY.write_text(POLICY_TEXT)
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if mine:
            with contextlib.suppress(FileNotFoundError):
                POLICY.unlink()
