"""`make messages`: texts of code and templates into locale/fr; `--check` says what is missing or stale."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts import catalogue, setup
from scripts.processes import ROOT, RUN_DIR, give_up, say
from scripts.services import find

LANGUAGE = "fr"
CATALOGUE = Path("locale") / LANGUAGE / "LC_MESSAGES" / "django.po"
# No line numbers and no wrapping: a diff shows the texts that changed and nothing else.
FLAGS = ["--no-location", "--no-wrap", "--no-color", "--verbosity=0"]
SOURCES = ("*.py", "*.html", "*.txt", "*.mjml")


def gather(folder: Path, *more: str) -> None:
    """Django's makemessages, which calls gettext."""
    if not find("xgettext"):
        give_up("Gathering texts needs Debian's package gettext.")
    (folder / CATALOGUE.parent).mkdir(parents=True, exist_ok=True)
    argv = [
        str(setup.PYTHON),
        "-m",
        "django",
        "makemessages",
        "-l",
        LANGUAGE,
        "-e",
        "py,html,txt",
        *FLAGS,
        *more,
    ]
    argv += ["--ignore=tests", "--ignore=scripts", "--ignore=node_modules", "--ignore=.*", "--ignore=docs"]
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        give_up(f"makemessages failed:\n{done.stderr[-2000:]}")


def problems() -> list[str]:
    """Gathers into a copy and compares, so that nothing here changes."""
    RUN_DIR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RUN_DIR) as name:
        copy = Path(name)
        tracked = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "--", *SOURCES, "locale"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
        for path in tracked:
            if path.startswith(("tests/", "scripts/", "docs/")) or not (ROOT / path).is_file():
                continue
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, copy / path)
        before = {entry.key for entry in _live(ROOT / CATALOGUE)} if (ROOT / CATALOGUE).exists() else set()
        gather(copy)
        if not (copy / CATALOGUE).exists():
            return []
        entries = catalogue.read(copy / CATALOGUE)
    found = []
    for entry in entries:
        if not entry.msgid:
            continue
        text = f"{entry.msgid[:70]!r}" + (f" (context {entry.context!r})" if entry.context else "")
        if entry.obsolete:
            found.append(f"stale: {text}")
        elif entry.fuzzy:
            found.append(f"{'fuzzy' if entry.key in before else 'not translated'}: {text}")
        elif not entry.translated:
            found.append(f"not translated: {text}")
    if find("msgfmt") and (ROOT / CATALOGUE).exists():  # placeholders that differ between the languages
        done = subprocess.run(
            [find("msgfmt") or "", "--check-format", "-o", os.devnull, ROOT / CATALOGUE],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            found += [line.replace(f"{ROOT}/", "") for line in done.stderr.splitlines()]
    return found


def _live(path: Path) -> list[catalogue.Entry]:
    return [entry for entry in catalogue.read(path) if not entry.obsolete and not entry.fuzzy]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m scripts.messages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare; exit code 1 when something lacks")
    options = parser.parse_args(argv)
    if options.check:
        found = problems()
        say("\n".join(found[:40]))
        if found:
            say(f"{len(found)} in {CATALOGUE}. `make messages` gathers new texts and drops stale ones.")
        return 1 if found else 0
    setup.ready("test")
    gather(ROOT, "--no-obsolete")
    entries = [entry for entry in catalogue.read(ROOT / CATALOGUE) if entry.msgid]
    lacking = [entry for entry in entries if not entry.obsolete and (entry.fuzzy or not entry.translated)]
    catalogue.compile_all()
    say(f"  {CATALOGUE}: {len(entries)} texts, {len(lacking)} to translate or to confirm.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
