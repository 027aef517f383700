"""Forms of tags."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.models import Tag
from crm.models.tag import tag_key
from digiweb.forms import RecordForm


class TagForm(RecordForm):
    """A tag."""

    class Meta:
        model = Tag
        fields = ["name", "colour"]

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        taken = Tag.objects.visible_to(self.user).filter(key=tag_key(name)).exclude(pk=self.instance.pk)
        if taken.exists():
            raise ValidationError(_("A tag of this name exists already."))
        return name

    def values(self, *without: str) -> dict[str, Any]:
        values = super().values(*without)
        return {**values, "key": tag_key(values["name"])} if "name" in values else values
