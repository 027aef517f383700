"""Forms of received invoices: files, what is ours to change, what is said with a decision."""

from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Company
from digiweb.forms import LookupField, RecordForm, style_fields
from sales.forms.contract import DAY
from sales.models import ReceivedInvoice
from timeline.forms.document import FilesField, FilesInput

ACCEPTED = ".pdf,.xml,application/pdf,text/xml,application/xml"


class ReceiveForm(forms.Form):
    """Files of suppliers; each is judged for itself."""

    file = FilesField(
        label=gettext_lazy("Files"),
        allow_empty_file=True,
        max_length=1000,
        widget=FilesInput(attrs={"multiple": True, "accept": ACCEPTED}),
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )

    def __init__(self, *args: Any, dropped: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dropped = dropped
        style_fields(self)

    def add_dropped(self) -> None:
        """What was too large to be received at all (digiweb/uploads.py) is told like any other mistake."""
        limit = filesizeformat(settings.DOCUMENT_MAX_BYTES)
        for name in self.dropped:
            text = _("“%(name)s” is larger than %(limit)s.") % {"name": name, "limit": limit}
            self.add_error("file", text)


class ReceivedInvoiceForm(RecordForm):
    """What is ours: whose company it is, a note. The rest is the supplier's and stays as it came."""

    company = LookupField(
        Company.objects.none(),
        label=gettext_lazy("Company"),
        lookup_url="crm:company_lookup",
        required=False,
        help_text=gettext_lazy("The supplier among the companies, for its page to show the invoice."),
    )

    class Meta:
        model = ReceivedInvoice
        fields = ["company", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 4})}


class RefuseInvoiceForm(forms.Form):
    """Why not; the supplier is told."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class PayInvoiceForm(forms.Form):
    """When it was paid."""

    paid_on = forms.DateField(label=gettext_lazy("Paid on"), widget=DAY, initial=timezone.localdate)

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
