"""The floors of the house (docs/architecture.md): imports point one way, and no file is in a loop."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("digiweb", "people", "timeline", "crm", "sales", "marketing", "service", "training", "hosting",
        "analytics", "reports", "sync")  # fmt: skip
# The ground of `digiweb`: it has no table and imports no app.
GROUND = {
    "addresses", "assets", "audit", "carriers", "changes", "clamd", "countries", "crypto", "custom",
    "demo", "durations", "fields",
    "filenames", "filetypes", "filters", "forms", "fulltext", "fulltext_upkeep", "geo", "hints",
    "identifiers",
    "inserts", "job_kinds", "job_log",
    "jobs", "leases", "logs", "mail", "mail_jobs", "models", "numbers", "paging", "pdf", "permissions",
    "phones", "phrases", "previews", "querysets", "request_context", "saving", "scopes", "settings",
    "settings_api", "settings_colleague", "settings_logs", "storage", "tabular", "templatetags",
    "toasts", "uploads",
}  # fmt: skip
# What an app may import besides itself and the ground. `apps.py`, `urls.py`, `admin.py` and `demo.py`
# compose: they register the app with higher parts, and nobody imports them.
COMPOSING = {"apps", "urls", "admin", "demo", "settings_test"}
# Of people and timeline, what lies below the upper part of digiweb.
BELOW = {
    "models", "services", "backends", "words", "action_words", "money_words", "jobs", "hand_over",
    "notification_kinds", "",
}  # fmt: skip
SIBLINGS = {"sales", "marketing", "service", "training", "hosting", "analytics"}


def modules() -> dict[str, Path]:
    """{dotted name: file} of the product's own code, without migrations."""
    found = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            relative = path.relative_to(ROOT)
            if "migrations" not in relative.parts:
                found[".".join(relative.with_suffix("").parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imports_of(name: str) -> set[str]:
    """The modules of the house that a module's import statements name, inner ones included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        found |= {target for target in names if target in MODULES and target != name}
    # `from crm.models.tag import Tag` names the file, not also the package it lies in.
    return {target for target in found if not any(other.startswith(f"{target}.") for other in found)}


def floor(name: str) -> int:
    """0 ground, 1 people, 2 timeline, 3 the upper part of digiweb, 4 crm, 5 siblings, 6 reports and sync."""
    app, _, rest = name.partition(".")
    part = rest.split(".")[0]
    if app == "digiweb":
        return 0 if part in GROUND or not part else 3
    if app in ("people", "timeline"):
        below = 1 if app == "people" else 2
        return below if part in BELOW else 4
    return {"crm": 4, "reports": 6, "sync": 6}.get(app, 5)


def composes(name: str) -> bool:
    parts = name.split(".")
    return bool(COMPOSING & set(parts[1:2])) or parts[-1] in COMPOSING or "management" in parts


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_file_imports_only_from_its_own_floor_or_below(name: str) -> None:
    if composes(name):
        return
    above = {target for target in imports_of(name) if floor(target) > floor(name)}
    assert not above, f"{name} (floor {floor(name)}) imports {sorted(above)} from above"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_siblings_talk_through_services(name: str) -> None:
    app = name.split(".")[0]
    for target in imports_of(name):
        other = target.split(".")[0]
        assert other not in {"reports", "sync"} - {app}, f"nobody imports {target}"
        if app in SIBLINGS and other in SIBLINGS - {app}:
            assert target.split(".")[1] in ("services", "models"), f"{name} imports {target}"


def test_no_file_is_in_a_loop() -> None:
    graph = {name: imports_of(name) for name in MODULES if not composes(name)}
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join([*trail[trail.index(name) :], name])
        if name in done:
            return
        for target in graph.get(name, ()):
            walk(target, (*trail, name))
        done.add(name)

    for name in graph:
        walk(name, ())


SCOPED = ("views", "tables", "api", "exports", "filters", "forms")


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES.values() if set(path.relative_to(ROOT).with_suffix("").parts) & set(SCOPED)],
)
def test_pages_start_from_what_the_person_may_see(path: Path) -> None:
    """`Model.objects` is followed by the person, or it is a table of the person's own things."""
    allowed = (
        "visible_to",
        "scope_branches",
        "scope_portions",
        "within_reach",
        "owner_in_reach",
        "offered_to",
        "none",
        "branches_about",
        "revealed_to",
    )
    own = (
        "SavedView",
        "ListPreference",
        "Event",
        "Note",
        "APIToken",
        "BinEntry",
        "JobRun",
        "Department",
        "ContactImportRow",
    )
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)):
            continue
        if node.value.attr != "objects":
            continue
        owner = node.value.value
        model = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
        if node.attr in allowed or model in own:
            continue
        pytest.fail(f"{path.relative_to(ROOT)}:{node.lineno}: {model}.objects.{node.attr}")


def test_no_file_passes_four_hundred_lines() -> None:
    long = {
        name: count for name, path in MODULES.items() if (count := len(path.read_text().splitlines())) > 400
    }
    assert not long
