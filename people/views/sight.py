"""What a person may see and do, as a table: the grants of their role, in words."""

from typing import Any

from digiweb.permissions import ACTION_LABELS, ACTIONS, MODULES, SCOPE_LABELS
from people.models import User


def sight_of(person: User) -> dict[str, Any]:
    """`groups` of modules with the reach of each action ('' : not allowed), for a member's page."""
    groups: dict[str, dict[str, Any]] = {}
    for key, module in MODULES.items():
        cells = []
        for action in ACTIONS:
            scope = person.scope(key, action) if action in module.actions else None
            cells.append({"scope": scope or "", "label": SCOPE_LABELS[scope] if scope else ""})
        row = {"label": module.label, "cells": cells}
        groups.setdefault(str(module.group), {"label": module.group, "rows": []})["rows"].append(row)
    return {
        "actions": [ACTION_LABELS[action] for action in ACTIONS],
        "groups": list(groups.values()),
        "team": person.team_ids[1:],
        "active": person.is_active,
    }
