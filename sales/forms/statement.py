"""Forms of bank statements: the file, its columns, a line that is recorded by hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import RecordForm, style_fields
from sales.forms.payment import PaymentForm, propose
from sales.models import BankStatement
from sales.services.agency import agencies_in_use, default_agency
from sales.services.statement import MAX_BYTES
from sales.statement_reading import PARTS, Table

LABELS = {
    "date": gettext_lazy("Day"),
    "label": gettext_lazy("Label"),
    "amount": gettext_lazy("Amount, with its sign"),
    "debit": gettext_lazy("Debit"),
    "credit": gettext_lazy("Credit"),
}


class StatementForm(RecordForm):
    """The file, and whose account it is of."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
        help_text=gettext_lazy("As the bank exports it in CSV. The same lines again add nothing."),
    )

    class Meta:
        model = BankStatement
        fields = ["agency"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        propose(self, agency=self.usual_agency())

    def usual_agency(self) -> int | None:
        """That of the last statement: another account is chosen by hand, not by mistake."""
        last = (
            BankStatement.objects.visible_to(self.user)
            .order_by("-pk")
            .values_list("agency", flat=True)
            .first()
        )
        return last or getattr(default_agency(), "pk", None)

    def choices_of(self, name: str, model: Any) -> Any:
        return agencies_in_use()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 4 MB."))
        return file


class ColumnsForm(forms.Form):
    """Which column is what."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [
            table.header[at]
            if at < len(table.header) and table.header[at]
            else _("Column %(n)s") % {"n": at + 1}
            for at in range(table.width)
        ]
        choices = [("", "–"), *((str(at), name[:60]) for at, name in enumerate(names))]
        for part in PARTS:
            self.fields[part] = forms.ChoiceField(label=LABELS[part], choices=choices, required=False)
        style_fields(self)

    def columns(self) -> dict[str, int]:
        return {part: int(self.cleaned_data[part]) for part in PARTS if self.cleaned_data.get(part)}


class LineForm(PaymentForm):
    """A credit of the bank, recorded by hand: day, amount and agency are the bank's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("agency", "received_on", "amount"):
            self.fields[name].disabled = True
            self.fields[name].required = False

    def chosen(self, name: str) -> Any:
        if name == "agency":
            return agencies_in_use().filter(pk=self.initial.get("agency") or 0).first()
        return super().chosen(name)
