"""How events read: the words, icon and colour of each action, the labels of changed fields."""

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from digiweb.countries import country_name
from digiweb.permissions import ACTION_LABELS, MODULES, SCOPE_LABELS
from digiweb.phones import format_phone
from digiweb.templatetags.digiweb import number
from timeline.action_words import ActionWords
from timeline.sales_words import SALES

ACTIONS: dict[str, ActionWords] = {
    "created": ActionWords(pgettext_lazy("event", "Created"), _("created the record"), "plus", "green"),
    "changed": ActionWords(_("Changed"), _("changed the record"), "pencil", "blue"),
    "deleted": ActionWords(_("Deleted"), _("deleted the record"), "trash", "red"),
    "restored": ActionWords(_("Restored"), _("took the record out of the bin"), "arrow-back-up", "green"),
    "forgotten": ActionWords(
        _("Deleted for good"), _("deleted the record for good"), "trash-x", "red", kind="system"
    ),
    "tagged": ActionWords(_("Tagged"), _("changed the tags"), "tag", "purple"),
    "noted": ActionWords(_("Note"), _("wrote a note"), "note", "amber", kind="note"),
    "note_changed": ActionWords(_("Note changed"), _("changed a note"), "note", "amber", kind="note"),
    "note_deleted": ActionWords(_("Note deleted"), _("deleted a note"), "note-off", "red", kind="note"),
    "document_added": ActionWords(
        _("Document added"), _("added a document"), "paperclip", "blue", kind="document"
    ),
    "document_removed": ActionWords(
        _("Document removed"), _("removed a document"), "trash", "red", kind="document"
    ),
    "document_infected": ActionWords(
        _("Virus found"), _("found a virus in a document"), "virus", "red", kind="document"
    ),
    "merged": ActionWords(_("Merged"), _("merged another record into this one"), "git-merge", "purple"),
    "parted": ActionWords(_("Merge undone"), _("undid a merge"), "arrows-split-2", "amber"),
    "moved": ActionWords(_("Stage changed"), _("changed the stage"), "arrow-right", "blue"),
    "won": ActionWords(pgettext_lazy("event", "Won"), _("won the deal"), "trophy", "green"),
    "lost": ActionWords(pgettext_lazy("event", "Lost"), _("lost the deal"), "circle-x", "red"),
    "reopened": ActionWords(_("Reopened"), _("opened the deal again"), "refresh", "amber"),
    "postponed": ActionWords(_("Put off"), _("put the closing date off"), "calendar-repeat", "amber"),
    "move_undone": ActionWords(_("Move undone"), _("took a move back"), "arrow-back-up", "amber"),
    "signed": ActionWords(
        pgettext_lazy("event", "Signed"), _("marked the contract as signed"), "signature", "blue"
    ),
    "validated": ActionWords(
        pgettext_lazy("event", "Validated"), _("validated the contract"), "circle-check", "green"
    ),
    "terminated": ActionWords(
        pgettext_lazy("event", "Terminated"), _("terminated the contract"), "file-off", "red"
    ),
    "ended": ActionWords(pgettext_lazy("event", "Ended"), _("ended it"), "calendar-off", "slate"),
    "paused": ActionWords(
        pgettext_lazy("event", "Paused"), _("paused the subscription"), "player-pause", "amber"
    ),
    "resumed": ActionWords(
        pgettext_lazy("event", "Taken up again"), _("took the subscription up again"), "player-play", "green"
    ),
    "done": ActionWords(_("Done"), _("marked as done"), "check", "green", kind="activity"),
    "replanned": ActionWords(
        _("Planned again"), _("planned the activity again"), "arrow-back-up", "amber", kind="activity"
    ),
    "cancelled": ActionWords(
        pgettext_lazy("event", "Cancelled"), _("cancelled the activity"), "ban", kind="activity"
    ),
    "imported": ActionWords(_("Imported"), _("imported the record"), "file-import", "green"),
    "import_replayed": ActionWords(_("Replayed"), _("replayed a piece of the import"), "rotate-clockwise"),
    "import_started": ActionWords(_("Import started"), _("started the import"), "file-import"),
    "import_undone": ActionWords(_("Import undone"), _("undid the import"), "arrow-back-up", "amber"),
    "filled": ActionWords(_("Filled from legal data"), _("took over legal data"), "building-bank", "blue"),
    "solvency_asked": ActionWords(
        _("Solvency asked for"), _("asked for a score of solvency"), "scale", "purple"
    ),
    "solvency_scored": ActionWords(
        _("Solvency scored"), _("received the score of solvency"), "scale", "purple"
    ),
    "account_asked_again": ActionWords(
        _("Asked for again"), _("asked for the bank account again"), "building-bank", "amber"
    ),
    "account_approved": ActionWords(
        pgettext_lazy("event", "Approved"), _("approved the bank account"), "shield-check", "green"
    ),
    "account_refused": ActionWords(
        pgettext_lazy("event", "Refused"), _("refused the bank account"), "shield-x", "red"
    ),
    "account_replaced": ActionWords(
        pgettext_lazy("event", "Replaced"), _("replaced the bank account"), "replace", "slate"
    ),
    "account_warned": ActionWords(
        _("Client warned"), _("warned the client of the change of bank details"), "mail-exclamation"
    ),
    "received_approved": ActionWords(
        pgettext_lazy("event", "Approved"), _("approved the invoice"), "circle-check", "green"
    ),
    "received_refused": ActionWords(
        pgettext_lazy("event", "Refused"), _("refused the invoice"), "circle-x", "red"
    ),
    "received_paid": ActionWords(
        pgettext_lazy("event", "Paid"), _("marked the invoice as paid"), "coin-euro", "green"
    ),
    "received_reopened": ActionWords(_("Decision taken back"), _("took a decision back"), "refresh", "amber"),
    "received_checked": ActionWords(
        pgettext_lazy("event", "Checked"), _("asked the rules of the reform again"), "shield-check", "blue"
    ),
    "number_revealed": ActionWords(
        _("Number read"), _("read the whole bank number"), "eye", "amber", kind="system"
    ),
    "key_saved": ActionWords(_("Key saved"), _("saved a key"), "key", kind="system"),
    "disconnected": ActionWords(
        _("Disconnected"), _("disconnected the service"), "plug-connected-x", "red", kind="system"
    ),
    "replayed": ActionWords(_("Replayed"), _("had the delivery worked off again"), "refresh", kind="system"),
    "exported": ActionWords(_("Exported"), _("exported a list"), "file-export", kind="system"),
    "signed_in": ActionWords(_("Signed in"), _("signed in"), "login", kind="system"),
    "signed_out": ActionWords(_("Signed out"), _("signed out"), "logout", kind="system"),
    "sign_in_refused": ActionWords(_("Sign-in refused"), _("was refused"), "lock", "red", kind="system"),
    "password_changed": ActionWords(_("Password changed"), _("changed the password"), "key", kind="system"),
    "second_factor_added": ActionWords(
        _("Second factor added"), _("added a second factor"), "shield-check", "green", kind="system"
    ),
    "second_factor_removed": ActionWords(
        _("Second factor removed"), _("removed a second factor"), "shield-off", "red", kind="system"
    ),
    "session_ended": ActionWords(_("Session ended"), _("ended a session"), "logout", kind="system"),
    "invited": ActionWords(
        pgettext_lazy("event", "Invited"), _("invited the person"), "mail", "blue", kind="system"
    ),
    "invitation_revoked": ActionWords(
        _("Invitation revoked"), _("revoked the invitation"), "mail-off", "red", kind="system"
    ),
    "joined": ActionWords(_("Joined"), _("accepted the invitation"), "user-check", "green", kind="system"),
    "grants_changed": ActionWords(
        _("Rights changed"), _("changed what the role grants"), "shield", "amber", kind="system"
    ),
    "view_as_started": ActionWords(
        _("Viewing as started"), _("began to view as this person"), "eye", "amber", kind="system"
    ),
    "view_as_ended": ActionWords(
        _("Viewing as ended"), _("stopped viewing as this person"), "eye-off", kind="system"
    ),
    "calendar_shared": ActionWords(
        _("Calendar link made"), _("made a secret link to the calendar"), "calendar-plus", kind="system"
    ),
    "calendar_stopped": ActionWords(
        _("Calendar link stopped"), _("stopped the link to the calendar"), "calendar-off", kind="system"
    ),
    "removed": ActionWords(
        pgettext_lazy("person", "Removed"), _("removed the person"), "user-x", "red", kind="system"
    ),
    "archived": ActionWords(
        pgettext_lazy("person", "Archived"), _("archived the personal data"), "archive", kind="system"
    ),
    "targets_changed": ActionWords(_("Targets changed"), _("changed the targets"), "target", "blue"),
    "field_archived": ActionWords(_("Archived"), _("archived the custom field"), "archive", "amber"),
    "field_unarchived": ActionWords(
        _("Back in use"), _("took the custom field back into use"), "archive-off", "green"
    ),
    "fields_ordered": ActionWords(
        _("Order changed"), _("changed the order of custom fields"), "list-numbers"
    ),
    "job_started": ActionWords(_("Job started"), _("started the job"), "player-play", kind="system"),
    "job_stopped": ActionWords(_("Job stopped"), _("stopped the job"), "player-stop", "amber", kind="system"),
    "job_retried": ActionWords(
        _("Job done again"), _("had the job done again"), "rotate-clockwise", kind="system"
    ),
    "token_made": ActionWords(_("API token made"), _("made an API token"), "key", kind="system"),
    "token_revoked": ActionWords(_("API token revoked"), _("revoked an API token"), "key-off", kind="system"),
}
# Where a kind of record has a better word for it: an activity is no « record » to those who plan it.
OF_KIND: dict[tuple[str, str], ActionWords] = {
    ("crm.client", "created"): ActionWords(
        pgettext_lazy("event", "Created"), _("made the client"), "user-heart", "green"
    ),
    **SALES,
    ("crm.activity", "created"): ActionWords(
        pgettext_lazy("event", "Created"), _("added the activity"), "calendar-plus", "green"
    ),
}
UNKNOWN = ActionWords(_("Event"), _("did something"), "point", kind="system")

KINDS = {
    "": _("All"),
    "note": _("Notes"),
    "activity": _("Activities"),
    "document": _("Documents"),
    "change": _("Changes"),
}


def words_of_action(action: str, subject_type: str = "") -> ActionWords:
    """The words of an action; unknown ones get neutral words, never an error."""
    return OF_KIND.get((subject_type, action)) or ACTIONS.get(action, UNKNOWN)


def field_label(subject_type: str, name: str) -> str:
    """What the interface calls a column of a kind of record."""
    module, _dot, last = name.rpartition(".")
    if module in MODULES and last in ACTION_LABELS:  # a cell of the matrix of roles
        return f"{MODULES[module].label} · {ACTION_LABELS[last]}"
    if module[:4].isdigit():  # a month's target
        return f"{module} · {field_label('people.target', last)}"
    try:
        column: Any = apps.get_model(subject_type)._meta.get_field(name)
        # What hangs on the record is told by what its rows are called: lines of a contract.
        rows = column.one_to_many and column.related_model._meta.verbose_name_plural
        label = str(rows or column.verbose_name)
    except (LookupError, FieldDoesNotExist, AttributeError, ValueError):
        label = name.replace("_", " ")
    return label[:1].upper() + label[1:]


def value_text(subject_type: str, name: str, value: Any) -> str:
    """A logged value as a person reads it: the label of a choice, of a linked record, a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, dict):
        return _custom_text(value) if "kind" in value else str(value.get("label", ""))
    if subject_type == "people.role" and "." in name:
        return str(SCOPE_LABELS.get(value, value))
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    try:
        column: Any = apps.get_model(subject_type)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist, ValueError):
        return str(value)
    if isinstance(column, models.DateField):
        return _day_text(str(value))
    if name in ("phone", "mobile"):
        return format_phone(str(value))
    if name == "country":
        return country_name(str(value))
    if isinstance(column, models.ImageField):  # its name is a random one of ours
        return str(_("a picture"))
    if isinstance(column, models.DecimalField):
        return number(value)
    return str(dict(getattr(column, "flatchoices", ())).get(value, value))


def _custom_text(value: dict[str, Any]) -> str:
    """A custom field's value, logged with what it takes to read it (digiweb/custom.py)."""
    shown = value.get("label", "")
    if isinstance(shown, bool):
        return str(_("Yes") if shown else _("No"))
    if value["kind"] == "date":
        return _day_text(str(shown))
    return number(shown) if value["kind"] == "number" else str(shown)


def _custom_label(pair: list[Any]) -> str:
    """The label that a custom field had when it was logged."""
    return next((str(value["field"]) for value in pair if isinstance(value, dict) and "field" in value), "")


def _day_text(text: str) -> str:
    """A logged day or moment as one writes it; what is neither stays as it is."""
    try:
        moment = parse_datetime(text) if "T" in text else None
        day = timezone.localtime(moment) if moment else parse_date(text)
    except ValueError:
        return text
    form = "SHORT_DATETIME_FORMAT" if moment else "SHORT_DATE_FORMAT"
    return date_format(day, form) if day else text


def change_lines(subject_type: str, changes: dict[str, Any]) -> list[dict[str, str]]:
    """The changed fields of an event: [{label, before, after}]."""
    return [
        {
            "label": _custom_label(pair) or field_label(subject_type, name),
            "before": value_text(subject_type, name, pair[0]),
            "after": value_text(subject_type, name, pair[1]),
        }
        for name, pair in changes.items()
        if isinstance(pair, list) and len(pair) == 2
    ]


def details_of(data: Any) -> str:
    """What an event tells besides its changes: tags that came and went, whose data they are."""
    parts = [*data.get("added", []), *(f"− {tag}" for tag in data.get("removed", []))]
    if data.get("proof"):  # one of a few sentences, kept as their source has them
        parts.append(gettext(str(data["proof"])))
    if data.get("called"):
        called_at = parse_datetime(str(data.get("called_at", "")))
        parts.append(f"{data['called']} ({format_phone(str(data.get('called_number', '')))})")
        if called_at is not None:
            parts.append(date_format(timezone.localtime(called_at), "SHORT_DATETIME_FORMAT"))
    if data.get("remark"):
        parts.append(str(data["remark"]))
    if data.get("source"):  # the name of a service, or a word of ours
        parts.append(gettext(str(data["source"])))
        day = parse_date(str(data.get("on", "")))
        if day:
            parts.append(date_format(day, "d/m/Y"))
    return ", ".join(parts)
