"""Forms of imports: the file, and how it is read."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.importing.fields import FIELDS
from crm.importing.plan import NAMING, Settings, twice
from crm.models import Contact, ContactImport
from digiweb.forms import style_fields
from people.models import User

ACCEPTED = ".csv,.tsv,.txt,.xlsx,.vcf,text/csv,text/vcard"
ENCODINGS = ("UTF-8", "Windows-1252")
DELIMITERS = (
    (",", gettext_lazy("Comma")),
    (";", gettext_lazy("Semicolon")),
    ("\t", gettext_lazy("Tab")),
    ("|", gettext_lazy("Vertical bar")),
)
_APART = re.compile(r"[\s,;]+")
_DIGITS = re.compile(r"[0-9A-Za-z]{1,10}")
TAG_LENGTH, MOST_TAGS = 40, 20


class UploadForm(forms.Form):
    """The file; what it is and whether it can be read is found in its content."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        style_fields(self)


class ReadAsForm(forms.Form):
    """How a text file is read, where its content misleads."""

    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), required=False)
    delimiter = forms.ChoiceField(
        label=gettext_lazy("Columns are separated by"), required=False, choices=DELIMITERS
    )

    def __init__(self, *args: Any, run: ContactImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [run.encoding] if run.encoding and run.encoding not in ENCODINGS else []
        self.fields["encoding"].choices = [(name, name) for name in (*known, *ENCODINGS)]  # type: ignore[attr-defined]
        if run.kind != "csv":
            del self.fields["delimiter"]
        if run.kind == "xlsx":
            del self.fields["encoding"]
        style_fields(self)


class SetupForm(forms.Form):
    """What each column is, and what to do with duplicates, owners and empty cells."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    encoding = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    delimiter = forms.CharField(required=False, max_length=1, strip=False, widget=forms.HiddenInput)
    match_on = forms.ChoiceField(
        label=gettext_lazy("A contact is the same when it has the same"),
        choices=ContactImport.MatchOn.choices,
    )
    on_duplicate = forms.ChoiceField(
        label=gettext_lazy("When the contact exists already"),
        choices=ContactImport.OnDuplicate.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("An update fills in what the file says and leaves the rest as it is."),
    )
    assign = forms.ChoiceField(
        label=gettext_lazy("Assign the new contacts to"),
        choices=ContactImport.Assign.choices,
        widget=forms.RadioSelect,
    )
    person = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Person"), required=False)
    people = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=gettext_lazy("People in turn"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status, where the file gives none"), choices=Contact.Status.choices
    )
    source = forms.CharField(
        label=gettext_lazy("Source, where the file gives none"), required=False, max_length=60
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags to add"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("Separated by commas. They are created where they don't exist yet."),
    )

    def __init__(
        self,
        *args: Any,
        user: Any,
        header: list[str],
        detected: Mapping[int, str],
        customs: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.header, self.detected = header, detected
        self.reach = list(User.objects.within_reach(user, "crm.contact", "create"))
        for name in ("person", "people"):
            self.fields[name].queryset = User.objects.within_reach(user, "crm.contact", "create")  # type: ignore[attr-defined]
        if not user.can("crm.contact", "change"):
            kept = [choice for choice in ContactImport.OnDuplicate.choices if choice[0] != "update"]
            self.fields["on_duplicate"].choices = kept  # type: ignore[attr-defined]
        choices: list[Any] = [("", _("Leave out"))]
        choices += [(name, entry.label) for name, entry in FIELDS.items()]
        if customs:
            choices.append((_("Custom fields"), [(name, custom.label) for name, custom in customs.items()]))
        for at, title in enumerate(header):
            label = title or _("Column %(number)s") % {"number": at + 1}
            self.fields[f"column_{at}"] = forms.ChoiceField(label=label, required=False, choices=choices)
        for person in self.reach:
            self.fields[f"rule_{person.pk}"] = forms.CharField(
                label=person.full_name,
                required=False,
                max_length=400,
                widget=forms.TextInput(attrs={"placeholder": "75, 92, 93", "inputmode": "numeric"}),
            )
        style_fields(self)

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column_{at}"] for at in range(len(self.header))]

    @property
    def rule_fields(self) -> list[forms.BoundField]:
        return [self[f"rule_{person.pk}"] for person in self.reach]

    @staticmethod
    def initial_of(run: ContactImport, columns: Mapping[int, str]) -> dict[str, Any]:
        """What the form shows first: the columns as detected, the settings as kept."""
        choices = Settings.of(run.settings)
        initial: dict[str, Any] = {**choices.as_json(), "version": run.version}
        initial["tags"] = ", ".join(choices.tags)
        initial["status"] = choices.status or Contact.Status.LEAD.value
        initial["person"] = choices.people[0] if choices.people else None
        initial |= {f"column_{at}": name for at, name in columns.items()}
        prefixes: dict[int, list[str]] = {}
        for digits, person in choices.rules.items():
            prefixes.setdefault(person, []).append(digits)
        return initial | {f"rule_{pk}": ", ".join(digits) for pk, digits in prefixes.items()}

    def clean_tags(self) -> list[str]:
        tags = list(
            dict.fromkeys(
                " ".join(tag.split()) for tag in self.cleaned_data["tags"].split(",") if tag.strip()
            )
        )
        if any(len(tag) > TAG_LENGTH for tag in tags):
            raise ValidationError(_("A tag has at most %(most)s characters.") % {"most": TAG_LENGTH})
        if len(tags) > MOST_TAGS:
            raise ValidationError(_("At most %(most)s tags.") % {"most": MOST_TAGS})
        return tags

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_columns()
        assign = cleaned.get("assign")
        if assign == "person" and not cleaned.get("person") and "person" not in self.errors:
            self.add_error("person", _("Choose the person."))
        if assign == "round_robin" and not cleaned.get("people") and "people" not in self.errors:
            self.add_error("people", _("Choose at least one person."))
        self.rules = self._read_rules() if assign == "rule" else {}
        if assign == "rule" and not self.rules and not self.errors:
            self.add_error("assign", _("Say who gets which departments."))
        return cleaned

    @property
    def columns(self) -> dict[int, str]:
        """{column: field} as chosen."""
        chosen = {at: self.cleaned_data.get(f"column_{at}", "") for at in range(len(self.header))}
        return {at: name for at, name in chosen.items() if name}

    def _check_columns(self) -> None:
        columns = self.columns
        for at in twice(columns, self.detected):
            self.add_error(
                f"column_{at}", _("Another column fills this field already: leave one of them out.")
            )
        if not set(columns.values()) & set(NAMING):
            raise ValidationError(
                _("Choose the column of the name, of the e-mail or of the phone."), code="naming"
            )

    def _read_rules(self) -> dict[str, int]:
        rules: dict[str, int] = {}
        for person in self.reach:
            name = f"rule_{person.pk}"
            for digits in filter(None, _APART.split(self.cleaned_data.get(name, ""))):
                if not _DIGITS.fullmatch(digits):
                    text = _("“%(value)s” isn't the beginning of a postcode.")
                    self.add_error(name, text % {"value": digits[:20]})
                elif rules.setdefault(digits.upper(), person.pk) != person.pk:
                    self.add_error(name, _("“%(value)s” is given to two people.") % {"value": digits})
        return rules

    def choices(self) -> Settings:
        """The settings as chosen; of the valid fields only, so that a preview shows what it can."""
        cleaned = self.cleaned_data
        people: list[int] = []
        if cleaned.get("assign") == "person" and cleaned.get("person"):
            people = [cleaned["person"].pk]
        if cleaned.get("assign") == "round_robin":
            people = [person.pk for person in cleaned.get("people") or ()]
        return Settings(
            on_duplicate=cleaned.get("on_duplicate") or "skip",
            match_on=cleaned.get("match_on") or "both",
            assign=cleaned.get("assign") or "me",
            people=people,
            rules=getattr(self, "rules", {}),
            tags=cleaned.get("tags") or [],
            status=cleaned.get("status") or "",
            source=cleaned.get("source") or "",
        )
