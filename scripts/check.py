"""`make check`: everything that can be said about the code without running the suite.

    make check ARGS="types lint"    only these

Each check prints one line with its seconds; what failed is printed in full at the end.
"""

import base64
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from scripts import setup
from scripts.processes import ROOT, RUN_DIR, Stopped, say, stop_on_signals

MAX_LINES = 400
COUNTED = (".py", ".html", ".js", ".css", ".sh")
# Registries must not be named in tracked files: a mirror is each machine's own affair.
REGISTRIES = re.compile(
    "|".join(
        (
            "py" + r"pi\.(?:org|python)",
            "python" + r"hosted\.org",
            r"registry\.(?:npm" + "js|yarn" + "pkg)",
            r"(?:deb|security|archive)\.(?:deb" + r"ian|ubuntu)\.",
        )
    )
)
KEY = base64.b64encode(b"k" * 32).decode()
PRODUCTION = {
    "DEBUG": "0",
    "DEMO_MODE": "0",
    "SECRET_KEY": "checking-production-values-3m9Qx7Lr2Tb8Zk5Wc1Vf6Hn4Jp0Sd-uYgEaIoXqRt",
    "FIELD_KEYS": f"check:{KEY}",
    "BLIND_INDEX_KEY": KEY,
    "SEAL_KEYS": f"check:{KEY}",
    "ALLOWED_HOSTS": "erp.example.test",
    "CSRF_TRUSTED_ORIGINS": "https://erp.example.test",
    "SITE_URL": "https://erp.example.test",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.test:587",
    "BEHIND_PROXY": "1",
}


class Failed(Exception):
    """A check's findings."""


def _environment(**more: str) -> dict[str, str]:
    """The developer's own `.env` does not change what the checks say."""
    database = f"sqlite:///{RUN_DIR / 'check.sqlite3'}"
    own = {"ENV_FILE": os.devnull, "DATABASE_URL": database, "REDIS_URL": "redis://127.0.0.1:1/0"}
    return {**os.environ, **own, **more}


def _run(*argv: str | Path, **env: str) -> str:
    words = [str(word) for word in argv]
    own = _environment(**env)
    done = subprocess.run(words, cwd=ROOT, env=own, capture_output=True, text=True, check=False)
    output = (done.stdout + done.stderr).strip()
    if done.returncode:
        raise Failed(output[-6000:] or f"exit code {done.returncode}")
    return output


def _module(name: str, *words: str, **env: str) -> str:
    return _run(setup.PYTHON, "-m", name, *words, **env)


def _manage(*words: str, **env: str) -> str:
    return _run(setup.PYTHON, "manage.py", *words, **{"DEMO_MODE": "1", **env})


def tracked(*suffixes: str) -> list[Path]:
    """What git has or would take."""
    names = _run("git", "ls-files", "-co", "--exclude-standard").splitlines()
    paths = (ROOT / name for name in names)
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def lint() -> None:
    _module("ruff", "check", "--quiet", ".")


def layout() -> None:
    _module("ruff", "format", "--check", "--quiet", ".")


def types() -> None:
    _module("mypy", "--no-error-summary", DEMO_MODE="1")


def types_of_scripts() -> None:
    """Without Django's plug-in: these run before Django is there."""
    _module("mypy", "--config-file=", "--strict", "--no-error-summary", "--cache-dir=.mypy_cache/scripts",
            "-p", "scripts")  # fmt: skip


def templates() -> None:
    if any((ROOT / "templates").rglob("*.html")):
        _module("djlint", "templates", "--lint", "--quiet")


def django() -> None:
    _manage("check", "--fail-level", "WARNING")


def production() -> None:
    _manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)


def migrations() -> None:
    _manage("makemigrations", "--check", "--dry-run", "-v", "1")


def translations() -> None:
    _module("scripts.messages", "--check")


def locks() -> None:
    _module("scripts.lock", "--check")


def architecture() -> None:
    # No server and no plug-in of Django: it reads the import statements.
    without = [word for name in ("cacheprovider", "xdist", "django") for word in ("-p", f"no:{name}")]
    _module(
        "pytest", "tests/architecture", "-q", *without, "-o", "addopts=", "--confcutdir=tests/architecture"
    )


def length() -> None:
    _fail_on(
        f"{_name(path)}: {lines} lines; a file that passes {MAX_LINES} is two files"
        for path in tracked(*COUNTED)
        if "/migrations/" not in str(path)
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    )


def addresses() -> None:
    def lines() -> Iterable[str]:
        for path in tracked():
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            for number, line in enumerate(text.splitlines(), 1):
                if found := REGISTRIES.search(line):
                    yield f"{_name(path)}:{number}: names a package registry ({found[0]})"

    _fail_on(lines())


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _fail_on(findings: Iterable[str]) -> None:
    if found := list(findings):
        raise Failed("\n".join(found))


# The longest first, so that the others fill the second core meanwhile.
CHECKS: dict[str, Callable[[], None]] = {
    "types": types,
    "translations": translations,
    "django": django,
    "production": production,
    "migrations": migrations,
    "architecture": architecture,
    "templates": templates,
    "types-of-scripts": types_of_scripts,
    "lint": lint,
    "format": layout,
    "locks": locks,
    "length": length,
    "addresses": addresses,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        say(f"No check named {', '.join(unknown)}. There are: {', '.join(CHECKS)}")
        return 2
    setup.ready("test")
    started = time.monotonic()
    failures: dict[str, str] = {}
    with ThreadPoolExecutor(2) as pool:
        running = {pool.submit(_timed, CHECKS[name]): name for name in names or CHECKS}
        for future in as_completed(running):
            name = running[future]
            seconds, problem = future.result()
            say(f"  {'FAILED' if problem else 'ok':<7}{name:<18}{seconds:6.1f} s")
            if problem:
                failures[name] = problem
    for name, problem in failures.items():
        say(f"\n== {name}\n{problem}")
    total = f"{time.monotonic() - started:.0f} s"
    if failures:
        say(f"\n{len(failures)} of {len(names or CHECKS)} checks failed: {', '.join(failures)} ({total})")
        return 1
    say(f"All {len(names or CHECKS)} checks passed ({total}).")
    return 0


def _timed(check: Callable[[], None]) -> tuple[float, str]:
    started = time.monotonic()
    try:
        check()
    except Failed as failure:
        return time.monotonic() - started, str(failure)
    return time.monotonic() - started, ""


if __name__ == "__main__":
    stop_on_signals()
    try:
        sys.exit(main(sys.argv[1:]))
    except Stopped:
        sys.exit(130)
