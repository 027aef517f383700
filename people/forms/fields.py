"""Form fields of people: a department by its name, amounts as one writes them."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _

from people.models import Department

BLANKS = str.maketrans("", "", " \u00a0\u202f€")


class SuggestInput(forms.TextInput):
    """A text box that offers what exists already; anything else may be typed."""

    template_name = "people/user/suggest_input.html"

    def __init__(self, suggestions: Any, attrs: Any = None) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["suggestions"] = list(self.suggestions())
        return context


class DepartmentField(forms.CharField):
    """A department by its name; a name that is new makes an unsaved one, which the service saves."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 80)
        kwargs.setdefault(
            "widget", SuggestInput(lambda: Department.objects.order_by("name").values_list("name", flat=True))
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        name = " ".join(str(super().clean(value)).split())
        if not name:
            return None
        return Department.objects.named(name) or Department(name=name)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return getattr(Department.objects.filter(pk=value).first(), "name", "")
        return value


class AmountField(forms.DecimalField):
    """Euros as people write them: `12 345,60`; at most two decimals."""

    def __init__(self, **kwargs: Any) -> None:
        validators = [MinValueValidator(0), MaxValueValidator(Decimal("9999999999.99"))]
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_digits=12, decimal_places=2, widget=widget, validators=validators, **kwargs)

    def to_python(self, value: Any) -> Decimal:  # type: ignore[override]
        if value in self.empty_values:
            return Decimal(0)
        text = str(value).translate(BLANKS).replace(",", ".")
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise ValidationError(_("Enter an amount, such as 12 500 or 980,50.")) from None
        if not amount.is_finite():
            raise ValidationError(_("Enter an amount, such as 12 500 or 980,50."))
        return amount

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):  # typed
            return value
        return f"{Decimal(value).normalize():f}".replace(".", ",") if value else ""
