"""Forms of mentions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from digiweb.forms import RecordForm
from sales.forms.contract import DAY
from sales.models import Mention


class MentionForm(RecordForm):
    """A text of a mention, and from when it holds."""

    layout = (("", ["code", "agency", "language", "text", "valid_from", "source"]),)

    class Meta:
        model = Mention
        fields = ["code", "agency", "language", "text", "valid_from", "source"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 4}),
            "valid_from": DAY,
        }
        help_texts = {
            "agency": _("Empty: for all agencies that have no text of their own."),
            "valid_from": _("Documents sent or issued from this day on bear it; earlier ones keep theirs."),
        }
