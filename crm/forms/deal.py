"""Forms of deals."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.forms.custom_value import CustomRecordForm
from crm.models import Company, Contact, Deal
from digiweb.forms import AmountField, LookupField, RecordForm
from people.models import User


class DealForm(CustomRecordForm):
    """A deal, whole."""

    company = LookupField(
        Company.objects.none(),
        label=gettext_lazy("Company"),
        required=False,
        lookup_url="crm:company_lookup",
        create_url="crm:company_new",
    )
    contact = LookupField(
        Contact.objects.none(),
        label=gettext_lazy("Contact"),
        required=False,
        lookup_url="crm:contact_lookup",
        create_url="crm:contact_new",
        help_text=gettext_lazy("Their company is taken over when none is given."),
    )

    amount = AmountField(label=gettext_lazy("Amount (€)"), required=False)

    layout = (
        (gettext_lazy("Deal"), ["title", "company", "contact", "amount", "expected_on"]),
        (
            gettext_lazy("Stage"),
            ["stage", "lost_reason", "lost_comment", "closed_on", "own_probability"],
        ),
        (gettext_lazy("Follow-up"), ["owner", "source", "tags"]),
    )

    class Meta:
        model = Deal
        fields = [
            "title",
            "company",
            "contact",
            "amount",
            "expected_on",
            "stage",
            "lost_reason",
            "lost_comment",
            "closed_on",
            "own_probability",
            "owner",
            "source",
            "tags",
        ]
        labels = {"own_probability": gettext_lazy("Probability (%)")}
        help_texts = {
            "own_probability": gettext_lazy(
                "Left empty, it follows the stage: 10, 25, 50, 75 from Discovery to Negotiation."
            ),
            "closed_on": gettext_lazy("Left empty: today."),
            "source": gettext_lazy("Left empty on a new deal, it is that of the contact."),
        }
        widgets = {
            "title": forms.TextInput(attrs={"autocomplete": "off"}),
            "own_probability": forms.NumberInput(attrs={"inputmode": "numeric", "min": 0, "max": 100}),
            "expected_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "closed_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "lost_comment": forms.Textarea(attrs={"rows": 2}),
            "tags": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            self.fields["owner"].empty_label = None  # type: ignore[attr-defined]
            if not self.instance.pk:
                self.fields["owner"].required = False
                if not self.initial.get("owner"):
                    self.initial["owner"] = self.user.pk
        if "amount" in self.fields and not self.instance.pk and not self.initial.get("amount"):
            self.initial["amount"] = None  # an empty box, not a nought to overwrite

    def choices_of(self, name: str, model: Any) -> Any:
        if name != "owner":
            return super().choices_of(name, model)
        if not self.instance.pk:
            return User.objects.within_reach(self.user, "crm.deal", "create")
        if self.user.is_admin:
            return User.objects.within_reach(self.user, "crm.deal", "change")
        # Only administrators give a deal to somebody else.
        return User.objects.none()  # the present owner stays on offer (with_chosen)

    def clean_amount(self) -> Any:
        amount = self.cleaned_data.get("amount")
        return 0 if amount is None else amount

    def clean_owner(self) -> Any:
        """Left out on creation: one's own."""
        return self.cleaned_data.get("owner") or self.user

    def clean_closed_on(self) -> Any:
        day = self.cleaned_data.get("closed_on")
        if day and day > timezone.localdate():
            raise ValidationError(_("A deal cannot have been closed in the future."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        contact = cleaned.get("contact")
        if contact is not None and "company" in self.fields and cleaned.get("company") is None:
            cleaned["company"] = contact.company if self._may_see(contact.company) else None
        asked = "lost_reason" in self.fields and "lost_reason" not in self.errors
        if asked and cleaned.get("stage") == Deal.Stage.LOST and not cleaned.get("lost_reason"):
            self.add_error("lost_reason", _("Say why the deal was lost."))
        return cleaned

    def _may_see(self, company: Any) -> bool:
        return company is not None and Company.objects.visible_to(self.user).filter(pk=company.pk).exists()


class DealLostForm(RecordForm):
    """Why a deal is lost: asked when it is put there."""

    class Meta:
        model = Deal
        fields = ["lost_reason", "lost_comment"]
        widgets = {
            "lost_reason": forms.RadioSelect,
            "lost_comment": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason: Any = self.fields["lost_reason"]
        reason.required = True
        reason.choices = Deal.LostReason.choices

    def _post_clean(self) -> None:
        """The deal is still open here: its own rules are asked by the service."""


class QuickDealForm(forms.Form):
    """A deal in two words, in a column of the board."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    amount = AmountField(label=gettext_lazy("Amount (€)"), required=False)
    stage = forms.ChoiceField(choices=[(stage.value, stage.label) for stage in Deal.OPEN])


class DealStageForm(forms.Form):
    """Which stage many deals get."""

    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=Deal.Stage.choices)
    lost_reason = forms.ChoiceField(
        label=gettext_lazy("Reason of the loss"),
        choices=[("", "–"), *Deal.LostReason.choices],
        required=False,
    )
    lost_comment = forms.CharField(
        label=gettext_lazy("What happened"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("stage") == Deal.Stage.LOST and not cleaned.get("lost_reason"):
            self.add_error("lost_reason", _("Say why the deals were lost."))
        return cleaned


class DealAssignForm(forms.Form):
    """To whom many deals go: for administrators."""

    owner = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Assigned salesperson"), empty_label=None
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = (
            User.objects.within_reach(user, "crm.deal", "change") if user.is_admin else User.objects.none()
        )
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
