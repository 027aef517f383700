"""The fields that a file of contacts may fill, and how each of its texts becomes a value.

Pure: no database. `clean_row` runs for every row of every import, so the common case of each cleaner is a few
string operations.
"""

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.importing.names import split_name
from crm.importing.words import normalise_words
from digiweb.countries import country_code
from digiweb.identifiers import clean_siret
from digiweb.phones import normalise_phone

TAG_LENGTH = 40
NOTE_LENGTH = 10_000

# Control characters, bidirectional overrides and isolates, zero-width characters that join nothing, soft
# hyphens, lone surrogates, non-characters. Letters of right-to-left scripts, their marks and the joiners of
# emoji stay.
_UNWANTED = re.compile(
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]+"
)
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_EMAIL = re.compile(  # the ordinary ones; Django's validator judges the others
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
).fullmatch
_EMAIL_AROUND = re.compile(r"[^<>]*<\s*([^<>\s]+)\s*>\s*").fullmatch
# Google Contacts joins the values of a cell with « ::: ».
_EMAILS_APART = re.compile(r"\s*(?:[;,/|\s]|:::)\s*")
_PHONES_APART = re.compile(
    r"\s*(?::::|[;|\n]|,(?=\s*\+?\d{2})|\s/\s|/(?=\s*(?:\+|0\d))|\s(?:ou|or|et|and)\s)\s*"
)
_TAGS_APART = re.compile(r":::|[,;|\n]")
_GOOGLE_GROUPS = {"mycontacts", "starred", "my contacts", "mes contacts", "chat", "imported"}

_STATUSES = {
    # HubSpot's stages, which are more than ours, are among them.
    "lead": "lead leads piste pistes suspect nouveau new subscriber abonne other autre "
    "marketingqualifiedlead mql leadqualifiemarketing",
    "prospect": "prospect prospects prospecte opportunity opportunite salesqualifiedlead sql "
    "leadqualifiecommercial qualified qualifie",
    "client": "client clients cliente customer customers evangelist ambassadeur",
}
_STATUS_OF = {label: status for status, labels in _STATUSES.items() for label in labels.split()}


def clean_text(text: str) -> str:
    """One line: white space of any kind is one space, what nobody can see or print is gone."""
    if "\0" in text:
        raise ValidationError(_("This value holds a NUL byte."), code="nul")
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join(_UNWANTED.sub("", _LINE_ENDS.sub("\n", text)).split())


def clean_lines(text: str) -> str:
    """Several lines: as `clean_text`, with the line breaks kept."""
    if "\0" in text:
        raise ValidationError(_("This value holds a NUL byte."), code="nul")
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text)).strip()


def clean_email(text: str) -> str:
    """The first address of a cell, in lower case."""
    email = text.strip().lower()
    if _EMAIL(email) and len(email) <= 254:
        return email
    email = clean_text(email).removeprefix("mailto:").strip()
    if not email:
        return ""
    around = _EMAIL_AROUND(email)
    if around:
        email = around[1]
    email = next(filter(None, _EMAILS_APART.split(email)), email)
    try:
        if len(email) > 254:
            raise ValidationError("")
        validate_email(email)
    except ValidationError:
        raise ValidationError(
            _("“%(value)s” isn't an e-mail address."), code="email", params={"value": clean_text(text)[:60]}
        )
    return email


def clean_phone(text: str) -> str:
    phones = clean_phones(text)
    return phones[0] if phones else ""


def clean_phones(text: str) -> list[str]:
    """Every number of a cell. A text that is one number stays one, whatever separates its digits."""
    text = text.strip()
    if not text:
        return []
    try:
        return [normalise_phone(text)]
    except ValidationError as problem:
        parts = [part for part in _PHONES_APART.split(text) if part] if len(text) <= 500 else []
        if len(parts) < 2 or problem.code == "exponent":
            if not clean_text(text):
                return []
            raise problem
    return list(dict.fromkeys(normalise_phone(part) for part in parts))


def clean_status(text: str) -> str:
    label = normalise_words(text).replace(" ", "")
    if not label:
        return ""
    status = _STATUS_OF.get(label)
    if status is None:
        raise ValidationError(
            _("“%(value)s” isn't a status: use Lead, Prospect or Client."),
            code="status",
            params={"value": clean_text(text)[:60]},
        )
    return status


def clean_country(text: str) -> str:
    text = clean_text(text)
    return country_code(text) if text else ""


def clean_company_siret(text: str) -> str:
    text = clean_text(text)
    return clean_siret(text) if text else ""


def clean_tags(text: str) -> list[str]:
    """Tags of one cell, each once whatever its capitals, without the groups that Google makes by itself."""
    tags: dict[str, str] = {}
    for part in _TAGS_APART.split(text):
        tag = clean_text(part).removeprefix("* ").strip()
        if not tag or tag.lower() in _GOOGLE_GROUPS:
            continue
        if len(tag) > TAG_LENGTH:
            raise _too_long(tag, TAG_LENGTH)
        tags.setdefault(tag.casefold(), tag)
    return list(tags.values())


@dataclass(frozen=True)
class Field:
    name: str
    label: str | Promise
    max_length: int
    cleaner: Callable[[str], Any] = clean_text

    def clean(self, text: str) -> Any:
        value = self.cleaner(text)
        if len(value) > self.max_length and isinstance(value, str):
            raise _too_long(value, self.max_length)
        return value


FIELDS = {
    entry.name: entry
    for entry in (
        Field("first_name", gettext_lazy("First name"), 80),
        Field("last_name", gettext_lazy("Last name"), 120),
        Field("full_name", gettext_lazy("Full name"), 201),
        Field("email", gettext_lazy("E-mail"), 254, clean_email),
        Field("phone", gettext_lazy("Phone"), 16, clean_phone),
        Field("mobile", gettext_lazy("Mobile"), 16, clean_phone),
        Field("company", gettext_lazy("Company"), 200),
        Field("siret", gettext_lazy("Company's SIRET"), 14, clean_company_siret),
        Field("job_title", gettext_lazy("Job title"), 120),
        Field("address", gettext_lazy("Address"), 255),
        Field("postcode", gettext_lazy("Postcode"), 12),
        Field("city", gettext_lazy("Town"), 120),
        Field("country", gettext_lazy("Country"), 2, clean_country),
        Field("status", gettext_lazy("Status"), 20, clean_status),
        Field("source", pgettext_lazy("where a contact comes from", "Source"), 60),
        Field("tags", gettext_lazy("Tags"), 10_000, clean_tags),
        Field("note", gettext_lazy("Note"), NOTE_LENGTH, clean_lines),
    )
}


@dataclass(frozen=True)
class Mapping:
    """Which column fills which field.

    Several columns may fill one: the first that isn't empty does. A second phone fills `mobile`; tags, notes
    and addresses add up.
    """

    preset: str  # the program that wrote the file, where we know it
    columns: dict[int, str]
    # The custom fields among them by name; each has `label`, `parse` and `logged`.
    customs: dict[str, Any] = field(default_factory=dict)


@dataclass
class CleanRow:
    """`data` holds only what the row says, so that an update leaves the rest alone."""

    data: dict[str, str] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)  # (field or "", message)
    tags: list[str] = field(default_factory=list)
    note: str = ""


def clean_row(values: Sequence[str], mapping: Mapping, defaults: MappingType[str, str]) -> CleanRow:
    """One row of a file as values for a contact; `defaults`, already clean, fill what it leaves empty."""
    row = CleanRow()
    data, errors = row.data, row.errors
    phones: list[str] = []
    customs = mapping.customs
    for column, name in mapping.columns.items():
        text = values[column] if column < len(values) else ""
        if not text:
            continue
        try:
            if name in data and name not in _ADDING:
                continue  # an earlier column filled it
            if name in _PHONES:
                _add_phones(data, name, text, phones)
                continue
            if customs and name in customs:
                _add_custom(row, customs[name], text)
                continue
            value = FIELDS[name].clean(text)
        except ValidationError as problem:
            errors.append((name, problem.messages[0]))
            continue
        if not value:
            continue
        if name == "tags":
            row.tags.extend(value)
        elif name == "note":
            row.note = f"{row.note}\n{value}" if row.note else value
        elif name == "address" and name in data:
            data[name] = f"{data[name]}, {value}"
        else:
            data[name] = value
    _spare_phone(data, phones)
    _finish(row, defaults)
    return row


_PHONES = ("phone", "mobile")
_ADDING = ("phone", "mobile", "address", "tags", "note")


def _add_phones(data: dict[str, str], name: str, text: str, spare: list[str]) -> None:
    for phone in clean_phones(text):
        if name not in data:
            data[name] = phone
        else:
            spare.append(phone)


def _add_custom(row: CleanRow, custom: Any, text: str) -> None:
    """What a cell says of a custom field; "no" is a value too."""
    try:
        value = custom.parse(text)
    except ValidationError as problem:
        about = {"field": custom.label, "problem": problem.messages[0]}
        row.errors.append(("", _("%(field)s: %(problem)s") % about))
        return
    if value is not None:
        row.data[custom.name] = value


def _spare_phone(data: dict[str, str], spare: list[str]) -> None:
    """A second number of one kind fills the other kind when it is empty."""
    for phone in spare:
        empty = "mobile" if "mobile" not in data else "phone" if "phone" not in data else ""
        if empty and phone not in data.values():
            data[empty] = phone


def _finish(row: CleanRow, defaults: MappingType[str, str]) -> None:
    data, errors = row.data, row.errors
    full = data.pop("full_name", "")
    if full and "first_name" not in data and "last_name" not in data:
        for name, part in zip(("first_name", "last_name"), split_name(full), strict=True):
            if len(part) > FIELDS[name].max_length:
                errors.append((name, _too_long(part, FIELDS[name].max_length).messages[0]))
            elif part:
                data[name] = part
    for name, value in defaults.items():
        if value and name not in data:
            data[name] = value
    postcode = data.get("postcode", "")
    if len(postcode) == 4 and data.get("country") == "FR" and postcode.isdigit():
        data["postcode"] = "0" + postcode  # a spreadsheet took 01000 for a number
    if len(data.get("address", "")) > FIELDS["address"].max_length:
        errors.append(("address", _too_long(data["address"], FIELDS["address"].max_length).messages[0]))
    if len(row.note) > NOTE_LENGTH:
        errors.append(("note", _too_long(row.note, NOTE_LENGTH).messages[0]))
    if len(row.tags) > 1:
        row.tags = list({tag.casefold(): tag for tag in reversed(row.tags)}.values())[::-1]
    if not errors and not any(
        name in data for name in ("last_name", "first_name", "email", "phone", "mobile")
    ):
        errors.append(("", _("This row has no name, no e-mail and no phone.")))


def _too_long(value: str, allowed: int) -> ValidationError:
    return ValidationError(
        _("At most %(allowed)s characters: %(given)s were given."),
        code="max_length",
        params={"allowed": allowed, "given": len(value)},
    )
