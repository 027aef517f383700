"""Two administrators edit one role: the second one's page gets what the first one changed."""

import json
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from digiweb.permissions import ACTION_LABELS, MODULES, SCOPE_LABELS
from digiweb.views.edit import shown
from people.forms.role import RoleForm
from people.models import Role
from timeline.models import Event


def merge_role(current: Role, mine: RoleForm, data: QueryDict) -> tuple[QueryDict, dict[str, Any]]:
    """What to show on top of `current`: the form data merged, and {who, when, taken, kept}.

    Compared is what both began with (the form's hidden `base`): what I left alone becomes theirs
    (`taken`), what both changed stays mine (`kept`). Boxes never clash: both can only flip them.
    """
    merged = data.copy()
    taken: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    base, theirs, fresh = _base_of(data), mine.state_of(current), RoleForm(instance=current, user=mine.user)
    for name, now in theirs.items():
        before, typed = base.get(name, now), _typed(data, name)
        if now in (before, typed):
            continue
        line = {
            "label": _label(fresh, name),
            "theirs": _words(fresh, name, now),
            "mine": _words(fresh, name, typed),
        }
        if typed == before:
            taken.append(line)
            _put(merged, name, now)
        else:
            kept.append(line)
    merged["version"] = str(current.version)
    merged["base"] = json.dumps(theirs)
    last = Event.objects.filter(
        subject_type="people.role", subject_id=current.pk, action__in=("changed", "grants_changed")
    ).order_by("-id")
    event = last.first()
    who = event.actor_name if event else _("Somebody")
    return merged, {
        "who": who,
        "when": event.at if event else current.updated_at,
        "taken": taken,
        "kept": kept,
    }


def _base_of(data: QueryDict) -> dict[str, str]:
    try:
        base = json.loads(data.get("base", ""))
    except ValueError:
        return {}
    return base if isinstance(base, dict) else {}


def _typed(data: QueryDict, name: str) -> str:
    """A value of the page in the form in which `RoleForm.state_of` has it."""
    if name.startswith("cell:"):
        _cell, key, action = name.split(":")
        return "on" if action in data.getlist(f"actions:{key}") else ""
    if name == "mfa_required":
        return "on" if data.get(name) else ""
    return data.get(name, "").strip()


def _put(data: QueryDict, name: str, value: str) -> None:
    if not name.startswith("cell:"):
        if value:
            data[name] = value
        else:
            data.pop(name, None)
        return
    _cell, key, action = name.split(":")
    ticked = [one for one in data.getlist(f"actions:{key}") if one != action]
    data.setlist(f"actions:{key}", [*ticked, action] if value else ticked)


def _label(form: RoleForm, name: str) -> str:
    if name.startswith("cell:"):
        _cell, key, action = name.split(":")
        return f"{MODULES[key].label} · {ACTION_LABELS[action]}"
    return str(form.fields[name].label)


def _words(form: RoleForm, name: str, value: str) -> str:
    if name.startswith("cell:") or name == "mfa_required":
        return str(_("Yes") if value else _("No"))
    if name.startswith("scope:"):
        return str(SCOPE_LABELS.get(value, value))
    return str(shown(form.fields[name], value))
