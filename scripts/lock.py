"""Lock files: `make lock` makes them from pyproject.toml, `--check` says whether they still agree.

Versions stay as they are unless pyproject.toml asks for others; `--upgrade` takes the newest. The
files name no registry: addresses are left out and every download is proven by its hash.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence

from scripts.processes import ROOT, give_up, say

# Lock file → the extras of pyproject.toml that it adds to the dependencies.
EXTRAS = {
    "requirements.txt": (),
    "requirements/production.txt": ("mysql",),
    "requirements/redis.txt": ("redis",),
    "requirements/node.txt": ("node",),
    "requirements/test.txt": ("mysql", "test"),
}
FLAGS = ["--python-version=3.11", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links",
         "--no-header", "--no-annotate", "--quiet"]  # fmt: skip


def make(upgrade: bool) -> None:
    uv = shutil.which("uv")
    if not uv:
        give_up("`make lock` needs uv: python3 -m pip install uv")
    for path, extras in EXTRAS.items():
        say(f"  {path}")
        argv = [uv, "pip", "compile", *FLAGS, *(f"--extra={name}" for name in extras)]
        argv += ["pyproject.toml", "-o", path, *(["--upgrade"] if upgrade else [])]
        if path != "requirements.txt":  # the same versions everywhere
            argv += ["--constraint", "requirements.txt"]
        if subprocess.run(argv, cwd=ROOT, env=os.environ, check=False).returncode:
            give_up(f"uv could not make {path}.")


def pins(path: str) -> dict[str, str]:
    """Package → version."""
    text = (ROOT / path).read_text()
    found = re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)
    return {_plain(name): version for name, version in found}


def problems() -> list[str]:
    """Where pyproject.toml and the lock files disagree. Needs no network; runs in the environment."""
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    base = pins("requirements.txt")
    found = []
    for path, extras in EXTRAS.items():
        locked = pins(path)
        wanted = [*project["dependencies"]]
        for extra in extras:
            wanted += project["optional-dependencies"][extra]
        for text in wanted:
            requirement = Requirement(text)
            version = locked.get(_plain(requirement.name))
            if version is None:
                found.append(f"{path}: {requirement.name} is missing")
            elif not requirement.specifier.contains(version, prereleases=True):
                found.append(f"{path}: {requirement.name} {version} is not {requirement.specifier}")
        found += [
            f"{path}: {name} {locked.get(name, 'missing')}, but {version} in requirements.txt"
            for name, version in base.items()
            if locked.get(name) != version
        ]
        unhashed = [block.split("==")[0] for block in _blocks(path) if "--hash=" not in block]
        found += [f"{path}: {name} has no hash" for name in unhashed]
    return found


def _blocks(path: str) -> list[str]:
    """One text for each package: its line and its hashes."""
    return re.findall(r"^[\w.-]+==.*(?:\n[ \t].*)*", (ROOT / path).read_text(), re.MULTILINE)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m scripts.lock", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare; exit code 1 when they disagree")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions allowed")
    options = parser.parse_args(argv)
    if not options.check:
        make(options.upgrade)
        return 0
    found = problems()
    say("\n".join(found))
    if found:
        say("`make lock` makes them anew.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
