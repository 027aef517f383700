"""The form that removes a member: how, and who takes over what."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import style_fields
from people.hand_over import Owned
from people.models import User
from people.services.hand_over import check_successor

DEACTIVATE, FOR_GOOD = "deactivate", "for_good"


class RemovalForm(forms.Form):
    """One successor for everything, or another one for a kind of record."""

    way = forms.ChoiceField(
        label=gettext_lazy("What becomes of the account"),
        choices=[
            (DEACTIVATE, gettext_lazy("Deactivate it (recommended): it can be activated again")),
            (FOR_GOOD, gettext_lazy("Remove it for good: personal data goes to the archive")),
        ],
        widget=forms.RadioSelect,
        initial=DEACTIVATE,
    )

    def __init__(
        self, *args: Any, user: Any, person: User, left: list[tuple[Owned, int]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.left = person, left
        if left:
            colleagues = User.objects.visible_to(user).active().exclude(pk=person.pk)
            heirs = colleagues.order_by("sort_name", "id")
            fit = {kind.module: list(heirs.granted(kind.module, "view")) for kind, _count in left}
            able = {one.pk for some in fit.values() for one in some}
            self.fields["to"] = self.heir_field(
                heirs,
                [one for one in heirs if one.pk in able],
                label=gettext_lazy("Everything goes to"),
                help_text=_("Compulsory: nothing stays without somebody to look after it."),
            )
            for kind, count in left:
                self.fields[self.name_of(kind)] = self.heir_field(
                    heirs,
                    fit[kind.module],
                    required=False,
                    label=_("%(records)s: to") % {"records": kind.counted(count)},
                    empty_label=_("the person chosen above"),
                )
        self.fields["name"] = forms.CharField(
            required=False,
            label=_("To remove for good, type the name: %(name)s") % {"name": person.full_name},
            help_text=_("This cannot be undone."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        style_fields(self)

    @staticmethod
    def heir_field(heirs: Any, offered: list[User], **kwargs: Any) -> forms.ModelChoiceField:
        """Offers those who can take the records over; who names another is told why not (`clean`)."""
        field = forms.ModelChoiceField(heirs, **kwargs)
        field.choices = [("", field.empty_label), *((one.pk, str(one)) for one in offered)]  # type: ignore[assignment]
        return field

    @staticmethod
    def name_of(kind: Owned) -> str:
        return "to_" + kind.model.replace(".", "_")

    @property
    def for_good(self) -> bool:
        return bool(self.cleaned_data["way"] == FOR_GOOD)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for kind, _count in self.left:
            heir = data.get(self.name_of(kind)) or data.get("to")
            if heir:
                try:
                    check_successor(kind, self.person, heir)
                except ValidationError as error:
                    self.add_error(self.name_of(kind), error)
        typed = " ".join(data.get("name", "").split()).casefold()
        if data.get("way") == FOR_GOOD and typed != self.person.full_name.casefold():
            self.add_error("name", _("Type the full name to confirm."))
        return data

    def successors(self) -> dict[str, User]:
        """Who takes over each kind: {"crm.contact": person}."""
        data = self.cleaned_data
        return {kind.model: data.get(self.name_of(kind)) or data["to"] for kind, _count in self.left}
