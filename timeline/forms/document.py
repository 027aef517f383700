"""Forms of documents."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.filetypes import TYPES
from digiweb.forms import RecordForm, style_fields
from timeline.models import Document
from timeline.services.document import fitting_name
from timeline.services.document_files import too_large

# What the browser's own window proposes; the content decides.
ACCEPTED = ",".join(ending for each in TYPES.values() for ending in each.endings)
MOST_FILES = 20


class FilesInput(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """All files that were sent under one name; each is judged by the service."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [each for each in (data if isinstance(data, list | tuple) else [data]) if each]
        if len(files) > MOST_FILES:
            raise ValidationError(_("At most %(count)s files at once.") % {"count": MOST_FILES})
        return [super(FilesField, self).clean(each, initial) for each in files or [None]]


class UploadForm(forms.Form):
    """Files to be put on a record."""

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
        for name in self.dropped:
            self.add_error("file", too_large(name))


class DocumentForm(RecordForm):
    """What can be changed of a document: its name."""

    class Meta:
        model = Document
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})}

    def clean_name(self) -> str:
        return fitting_name(self.instance, self.cleaned_data["name"])
