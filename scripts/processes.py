"""Processes that we start: none outlives us, whatever way we end.

A child gets SIGTERM from the kernel when we die (PR_SET_PDEATHSIG), even by kill -9. A grandchild
whose parent died becomes ours (PR_SET_CHILD_SUBREAPER), so that we can end it too. Everything is
ended by its own pid, never by a name.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
RUN_DIR = ROOT / ".run"
PROC = Path("/proc")
LINUX = sys.platform == "linux"
# Every process of one run carries this variable, so that what is left over can be found.
MARK = "DIGIWEB_RUN_ID"

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


class Stopped(BaseException):
    """Somebody asked us to end (Ctrl-C, SIGTERM, a closed terminal)."""


def say(text: str = "") -> None:
    print(text, flush=True)


def give_up(text: str) -> NoReturn:
    """End with a message that says what to do: a person reads it, no stack trace."""
    sys.stdout.flush()
    sys.exit(f"\n{text.rstrip()}")


def stop_on_signals() -> None:
    """Ctrl-C, SIGTERM and a closed terminal become `Stopped`; a second one does not disturb the ending."""

    def stop(number: int, frame: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # `nohup make run` asked for hang-ups to be ignored: leave that so.
        if signal.getsignal(each) is not signal.SIG_IGN or each != signal.SIGHUP:
            signal.signal(each, stop)


def adopt_orphans() -> None:
    if _libc:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def ends_with_us() -> Callable[[], None]:
    """What a child does between fork and exec. Only for the main thread: the kernel watches the thread."""
    parent = os.getpid()

    def prepare() -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_DFL)
        if _libc:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

    return prepare


class Child:
    """A long-lived process with its log file."""

    def __init__(self, name: str, argv: Sequence[str | Path], env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.argv = [str(word) for word in argv]
        self.env = dict(env)
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, stdin: str = "") -> "Child":
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us only: we end the children in order
                preexec_fn=ends_with_us(),
            )
        if stdin and self.process.stdin:
            self.process.stdin.write(stdin.encode())
            self.process.stdin.close()
        return self

    @property
    def returncode(self) -> int | None:
        return self.process.poll() if self.process else None

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds: float = 10) -> None:
        """SIGTERM, then SIGKILL for it and for whatever is left of its process group."""
        if self.process is None:
            return
        if self.alive:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        if self.process.poll() is None:
            self.process.wait(5)

    def tail(self, lines: int = 15) -> str:
        return tail(self.log, lines)


def run_foreground(argv: Sequence[str | Path], env: Mapping[str, str], seconds_to_end: float = 30) -> int:
    """Run a command that writes to our terminal; a stop gives it time to sum up, then ends it."""
    process = subprocess.Popen(
        [str(word) for word in argv], cwd=ROOT, env=dict(env), preexec_fn=ends_with_us()
    )
    try:
        return process.wait()
    except Stopped:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds_to_end)
        raise
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(5)


def tail(path: Path, lines: int = 15) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 20_000))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


# --- What is left


def _stat(pid: int) -> tuple[str, int] | None:
    """State and parent of a process; None when it is gone."""
    try:
        state, parent = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return state, int(parent)


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        words = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return words.strip()[:120] or "?"
    return "?"


def descendants(of: int | None = None) -> list[int]:
    """Every living process below one (ours when none is named), children before grandchildren."""
    if not LINUX:
        return []
    children: dict[int, list[int]] = {}
    for pid in _pids():
        stat = _stat(pid)
        if stat and stat[0] not in "ZX":
            children.setdefault(stat[1], []).append(pid)
    found: list[int] = []
    queue = [os.getpid() if of is None else of]
    while queue:
        for pid in children.get(queue.pop(0), []):
            found.append(pid)
            queue.append(pid)
    return found


def carrying(mark: str) -> list[int]:
    """Processes, wherever they hang in the tree, that were started with this mark in their environment."""
    found = []
    for pid in _pids() if LINUX else ():
        if pid == os.getpid():
            continue
        with contextlib.suppress(OSError):
            stat = _stat(pid)
            variables = (PROC / str(pid) / "environ").read_bytes().split(b"\0")
            if stat and stat[0] not in "ZX" and f"{MARK}={mark}".encode() in variables:
                found.append(pid)
    return found


def end_all(pids: Sequence[int], seconds: float = 5) -> None:
    """SIGTERM each by pid, wait, SIGKILL what is still there; reaps those that became ours."""
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 2.0)):
        left = [pid for pid in pids if (stat := _stat(pid)) and stat[0] not in "ZX"]
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        until = time.monotonic() + patience
        while left and time.monotonic() < until:
            for pid in left:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
            left = [pid for pid in left if (stat := _stat(pid)) and stat[0] not in "ZX"]
            time.sleep(0.02)


# --- Ports


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Like the server will: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def port_owner(port: int) -> str:
    """Who listens on a port, as far as this user may see."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{words[9]}]")
    for pid in _pids() if LINUX else ():
        with contextlib.suppress(OSError):
            for handle in (PROC / str(pid) / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if os.readlink(handle) in inodes:
                        return f"process {pid} ({command_line(pid)})"
    return "a process of another user"


def wait_for(ready: Callable[[], bool], child: Child, seconds: float, pause: float = 0.05) -> bool:
    """Whether it became ready before the time was up and while its process lived."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return True
        if not child.alive:
            return False
        time.sleep(pause)
    return False
