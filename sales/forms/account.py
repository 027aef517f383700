"""Forms of the chart of accounts."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from digiweb.forms import AmountField, RecordForm
from sales.models import Account, BookTerms


class AccountForm(RecordForm):
    """An account, and what entries are written to it."""

    vat_rate = AmountField(
        label=_("VAT rate (%)"),
        required=False,
        max_digits=4,
        max_value=99,
        help_text=_("Empty: for all rates that have no account of their own."),
    )

    layout = (("", ["agency", "number", "label", "role", "vat_rate", "category"]),)

    class Meta:
        model = Account
        fields = ["agency", "number", "label", "role", "vat_rate", "category"]
        help_texts = {
            "number": _("The first three digits are those of the « plan comptable général »."),
            "category": _("Of sales only. Empty: for all offers."),
        }

    def clean_number(self) -> Any:
        return self.cleaned_data["number"].strip().upper()


class BookTermsForm(RecordForm):
    """The journals of an agency, and when VAT on services is told to fall due."""

    layout = (
        ("", ["vat_pending"]),
        (
            _("Journals"),
            [
                "sales_code", "sales_label", "bank_code", "bank_label", "misc_code", "misc_label",
                "opening_code", "opening_label",
            ],
        ),
    )  # fmt: skip

    class Meta:
        model = BookTerms
        fields = [
            "vat_pending", "sales_code", "sales_label", "bank_code", "bank_label", "misc_code", "misc_label",
            "opening_code", "opening_label",
        ]  # fmt: skip
