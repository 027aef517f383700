"""Forms of contacts."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.forms.custom_value import CustomRecordForm
from crm.models import Company, Contact, Tag
from digiweb.countries import country_choices
from digiweb.forms import LookupField, PhoneField, RecordForm
from people.models import User


class ContactForm(CustomRecordForm):
    """A contact, whole."""

    phone = PhoneField(label=gettext_lazy("Phone"), required=False)
    mobile = PhoneField(label=gettext_lazy("Mobile"), required=False)
    company = LookupField(
        Company.objects.none(),
        label=gettext_lazy("Company"),
        required=False,
        lookup_url="crm:company_lookup",
        create_url="crm:company_new",
    )

    layout = (
        (gettext_lazy("Identity"), ["first_name", "last_name", "job_title", "company"]),
        (gettext_lazy("How to reach them"), ["email", "phone", "mobile"]),
        (gettext_lazy("Follow-up"), ["status", "owner", "rating", "source", "tags"]),
        (gettext_lazy("Address"), ["address", "postcode", "city", "country"]),
    )

    class Meta:
        model = Contact
        fields = [
            "first_name",
            "last_name",
            "job_title",
            "company",
            "email",
            "phone",
            "mobile",
            "status",
            "owner",
            "rating",
            "source",
            "tags",
            "address",
            "postcode",
            "city",
            "country",
        ]
        widgets = {
            "email": forms.EmailInput(attrs={"inputmode": "email", "autocomplete": "off"}),
            "postcode": forms.TextInput(attrs={"inputmode": "numeric"}),
            "tags": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "country" in self.fields:
            self.fields["country"] = forms.ChoiceField(
                label=self.fields["country"].label, choices=country_choices(), initial="FR"
            )
            self.fields["country"].widget.attrs["class"] = "form-select"
        propose_owner(self)

    def choices_of(self, name: str, model: Any) -> Any:
        if name == "owner":
            action = "change" if self.instance.pk else "create"
            return User.objects.within_reach(self.user, "crm.contact", action)
        return super().choices_of(name, model)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        named = [
            name for name in ("first_name", "last_name", "email", "phone", "mobile") if name in self.fields
        ]
        if len(named) == 5 and not any(cleaned.get(name) or name in self.errors for name in named):
            raise ValidationError(_("Give at least a name, an e-mail address or a phone number."))
        return cleaned


def propose_owner(form: RecordForm) -> None:
    """A new record is proposed to who makes it; "nobody" is a choice, with its name."""
    if "owner" in form.fields:
        form.fields["owner"].empty_label = _("Nobody")  # type: ignore[attr-defined]
        if not form.instance.pk and not form.initial.get("owner"):
            form.initial["owner"] = form.user.pk


class AssignForm(forms.Form):
    """To whom many contacts go."""

    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Assigned salesperson"),
        required=False,
        empty_label=gettext_lazy("Nobody"),
    )

    def __init__(self, *args: Any, user: Any, module: str = "crm.contact", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.within_reach(user, module, "change")  # type: ignore[attr-defined]


class StatusForm(forms.Form):
    """Which status many contacts get."""

    status = forms.ChoiceField(label=gettext_lazy("Status"), choices=Contact.Status.choices)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class RatingForm(forms.Form):
    """How many stars many contacts get; none takes them away."""

    rating = forms.TypedChoiceField(
        label=gettext_lazy("Rating"),
        choices=[("", gettext_lazy("Not rated")), *Contact.Rating.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class TagsForm(forms.Form):
    """Which tags many records get and lose."""

    add = forms.ModelMultipleChoiceField(
        Tag.objects.none(),
        label=gettext_lazy("Tags to add"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    remove = forms.ModelMultipleChoiceField(
        Tag.objects.none(),
        label=gettext_lazy("Tags to remove"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("add", "remove"):
            self.fields[name].queryset = Tag.objects.visible_to(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("add") and not cleaned.get("remove"):
            raise ValidationError(_("Choose at least one tag to add or to remove."))
        return cleaned
