"""Widgets drawn without templates are those of Django's templates."""

import re
from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from digiweb.renderer import LeanRenderer

TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)
WIDGETS: list[Any] = [
    forms.TextInput,
    forms.NumberInput,
    forms.EmailInput,
    forms.URLInput,
    forms.PasswordInput,
    forms.HiddenInput,
    forms.DateInput,
    forms.DateTimeInput,
    forms.TimeInput,
    forms.CheckboxInput,
    forms.Textarea,
]


def plain(text: str) -> str:
    """Blanks between tags say nothing."""
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", text)).replace("> ", ">").replace(" <", "<").strip()


def alike(widget: forms.Widget, name: str, value: Any, attrs: dict[str, Any]) -> None:
    lean = widget.render(name, value, attrs, renderer=LeanRenderer())
    assert plain(lean) == plain(widget.render(name, value, attrs, renderer=TemplatesSetting()))


@pytest.mark.parametrize("widget", WIDGETS)
@given(value=st.none() | TEXTS | st.integers(), attr=TEXTS, flag=st.booleans())
def test_inputs(widget: Any, value: Any, attr: str, flag: bool) -> None:
    with override("fr"):
        alike(widget(), "field", value, {"id": "x", "title": attr, "required": flag})


@given(labels=st.lists(TEXTS, max_size=4), chosen=TEXTS, grouped=st.booleans())
def test_choices(labels: list[str], chosen: str, grouped: bool) -> None:
    choices: Any = [(label, label) for label in labels] + [(3, "three"), ("", "–")]
    if grouped:
        choices = [("A « group »", choices), ("z", "last")]
    for widget in (forms.Select, forms.SelectMultiple):
        alike(widget(choices=choices), "field", [chosen, "3"], {"class": "form-select"})
    alike(forms.Select(choices=choices), "field", None, {"required": True})


def test_others_go_through_their_templates() -> None:
    radio = forms.RadioSelect(choices=[("a", "A")])
    assert 'type="radio"' in radio.render("field", "a", renderer=LeanRenderer())
