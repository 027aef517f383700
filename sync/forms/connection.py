"""The form of a connection: what its provider asks for; a saved key is never shown again."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import style_fields
from sync.models import Connection
from sync.providers import Provider, Setting

LONGEST = 500


class ConnectionForm(forms.Form):
    """Fields of the provider, in its order, and whether it is used at all."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, provider: Provider, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.provider, self.connection = provider, connection
        kept = connection.secrets()
        for setting in provider.fields:
            self.fields[setting.name] = self.field_of(setting, saved=setting.name in kept)
        self.fields["active"] = forms.BooleanField(
            label=gettext_lazy("Use this service"), required=False, initial=connection.active
        )
        self.fields["version"].initial = connection.version if connection.pk else None
        style_fields(self)

    def field_of(self, setting: Setting, *, saved: bool) -> forms.Field:
        required = setting.required and not saved
        if setting.choices:
            return forms.ChoiceField(
                label=setting.label,
                choices=setting.choices,
                required=required,
                help_text=setting.help,
                initial=self.connection.setting(setting.name),
            )
        if not setting.secret:
            widget: Any = forms.TextInput(attrs={"autocomplete": "off"})
            initial = self.connection.setting(setting.name)
            return forms.CharField(
                label=setting.label,
                max_length=LONGEST,
                required=required,
                help_text=setting.help,
                initial=initial,
                widget=widget,
                validators=[setting.check] if setting.check else (),
            )
        hint = setting.help
        if saved and self.connection.sealed_at:
            day = date_format(timezone.localdate(self.connection.sealed_at), "d/m/Y")
            hint = _("Saved on %(day)s and never shown again. Leave it empty to keep it.") % {"day": day}
        # « new-password »: browsers must not fill in the person's own one.
        widget = forms.PasswordInput(
            attrs={"autocomplete": "new-password", "placeholder": "••••••••" if saved else ""}
        )
        return forms.CharField(
            label=setting.label,
            max_length=LONGEST,
            required=required,
            help_text=hint,
            widget=widget,
            validators=[setting.check] if setting.check else (),
        )

    def values(self, names: tuple[str, ...]) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "").strip() for name in names}
