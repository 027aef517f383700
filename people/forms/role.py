"""Forms of roles: their columns, and what they grant as a matrix of modules and actions."""

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from digiweb.forms import RecordForm
from digiweb.permissions import ACTION_LABELS, ACTIONS, MODULES, SCOPE_LABELS
from people.models import Role
from people.services.role import matrix_of

NAMED = {"name": {"unique": _("Another role has this name already.")}}


class RoleCreateForm(RecordForm):
    """A new role, like another one to begin with."""

    copy_from = forms.ModelChoiceField(
        Role.objects.none(),
        label=_("Same rights as"),
        required=False,
        empty_label=_("No rights to begin with"),
        help_text=_("They can be changed right afterwards."),
    )

    class Meta:
        model = Role
        fields = ["name", "description", "home"]
        error_messages = NAMED


class RoleForm(RecordForm):
    """A role; fields `scope:<module>` and `actions:<module>` are the rows of its matrix."""

    # What the page began with: compared when somebody else saved meanwhile, never stored.
    base = forms.CharField(required=False, max_length=100_000, widget=forms.HiddenInput)

    layout = ((_("Role"), ["name", "description", "home", "api_calls_per_hour", "mfa_required"]),)

    class Meta:
        model = Role
        fields = ["name", "description", "home", "api_calls_per_hour", "mfa_required"]
        error_messages = NAMED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["base"].initial = json.dumps(self.state_of(self.instance))
        self.fields["mfa_required"].help_text = _("People of this role set it up at their next page.")
        matrix = matrix_of(self.instance)
        for key, module in MODULES.items():
            row = matrix[key]
            self.fields[f"scope:{key}"] = forms.ChoiceField(
                label=_("Scope of %(module)s") % {"module": module.label},
                choices=[(scope, SCOPE_LABELS[scope]) for scope in module.scopes],
                initial=row["scope"],
                required=False,
            )
            self.fields[f"actions:{key}"] = forms.MultipleChoiceField(
                label=module.label,
                choices=[(action, ACTION_LABELS[action]) for action in module.actions],
                initial=[action for action in ACTIONS if action in row["actions"]],
                required=False,
            )

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [(heading, [self[name] for name in names]) for heading, names in self.layout]

    def values(self, *without: str) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}

    @classmethod
    def state_of(cls, role: Role) -> dict[str, str]:
        """A role as the page's fields would say it: columns, `scope:<module>`, `cell:<module>:<action>`."""
        state = {
            name: str(getattr(role, name)) for name in ("name", "description", "home", "api_calls_per_hour")
        }
        state["mfa_required"] = "on" if role.mfa_required else ""
        for key, row in matrix_of(role).items():
            state[f"scope:{key}"] = row["scope"]
            for action in MODULES[key].actions:
                state[f"cell:{key}:{action}"] = "on" if action in row["actions"] else ""
        return state

    def matrix(self) -> dict[str, dict[str, Any]]:
        """What was ticked, as `set_matrix` takes it."""
        return {
            key: {
                "scope": self.cleaned_data[f"scope:{key}"] or module.scopes[0],
                "actions": set(self.cleaned_data[f"actions:{key}"]),
            }
            for key, module in MODULES.items()
        }

    def matrix_groups(self) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
        """The rows of the matrix under the headings of the menu."""
        groups: dict[str, tuple[Any, list[dict[str, Any]]]] = {}
        for key, module in MODULES.items():
            actions, scope = self[f"actions:{key}"], self[f"scope:{key}"]
            ticked = actions.value() or []
            row = {
                "key": key,
                "label": module.label,
                "scope": scope,
                "scopes": [
                    {"value": value, "label": label, "chosen": value == scope.value()}
                    for value, label in scope.field.choices  # type: ignore[attr-defined]
                ],
                "cells": [
                    {
                        "action": action,
                        "label": ACTION_LABELS[action],
                        "possible": action in module.actions,
                        "ticked": action in ticked,
                    }
                    for action in ACTIONS
                ],
                "errors": [*actions.errors, *scope.errors],
            }
            groups.setdefault(str(module.group), (module.group, []))[1].append(row)
        yield from groups.values()
