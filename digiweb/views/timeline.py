"""The time line of a record: events and notes, newest first, paged by key."""

import re
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.html import escape, format_html, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from digiweb.addresses import record_address
from digiweb.composer import additions_to
from digiweb.forms import style_fields
from digiweb.paging import Sort, fetch_in_order, keyset_page
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from timeline.models import Document, Event, Note
from timeline.services.event import in_sight
from timeline.services.note import add_note, change_note, delete_note, mentionable, not_told
from timeline.services.sitting import folded, may_go_on
from timeline.services.subject import circle_of, numbers_of, subject_in_sight
from timeline.words import ACTIONS, KINDS, change_lines, details_of, words_of_action

NEWEST_FIRST = Sort("newest", _("Newest first"), ("id",), descending=True)
SIZE = 25
# A sitting of a form that saves itself (timeline/services/sitting.py) is read to its beginning.
MOST_PAGES = 8


class NoteForm(forms.Form):
    """The composer of a time line."""

    body = forms.CharField(
        label=_("Note"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("Write a note…")}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        style_fields(self)


def timeline_of(
    request: HttpRequest, obj: Model, *, base_url: str, form: NoteForm | None = None
) -> dict[str, Any]:
    """What `components/timeline.html` draws; the caller has checked that `obj` may be seen."""
    user: Any = request.user
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    branches = Event.objects.all().branches_about(circle_of(obj))
    if kind:
        actions = [name for name, words in ACTIONS.items() if words.kind == kind]
        branches = [branch.filter(action__in=actions) for branch in branches]
    here = set(numbers_of(obj))
    after, rows = request.GET.get("events_after", ""), []
    for _turn in range(MOST_PAGES):
        page = keyset_page(branches, NEWEST_FIRST, after=after, size=SIZE)
        rows += in_sight(user, fetch_in_order(Event.objects.all(), page.ids), page_of=here)
        after = page.after
        if not after or not may_go_on(rows):
            break
    events = folded(rows)
    notes = Note.objects.select_related("author").in_bulk(
        [event.data["note"] for event in events if event.action == "noted" and "note" in event.data]
    )
    added = {event.data.get("document", 0) for event in events if event.action == "document_added"}
    documents: set[int] = set()
    if added:
        documents.update(Document.objects.visible_to(user).filter(pk__in=added).values_list("pk", flat=True))
    writes = user.may("change", obj)
    kind_query = f"kind={kind}&" if kind else ""
    return {
        "entries": [
            {**_entry(event, notes, here, user, writes=writes), "details_url": _file_url(event, documents)}
            for event in events
        ],
        "next_url": f"{base_url}?{kind_query}events_after={after}" if after else "",
        "kinds": [
            {"name": name, "label": label, "url": f"{base_url}?kind={name}", "active": name == kind}
            for name, label in KINDS.items()
        ],
        "composer": (form or NoteForm()) if writes else None,
        "composer_url": f"/timeline/{obj._meta.label_lower}/{obj.pk}/notes/",
        "additions": additions_to(user, obj),
        "mention_url": f"/timeline/{obj._meta.label_lower}/{obj.pk}/mentions/",
        "url": base_url,
    }


def _entry(
    event: Event, notes: dict[int, Note], here: set[tuple[str, int]], user: Any, *, writes: bool
) -> dict[str, Any]:
    words = words_of_action(event.action, event.subject_type)
    note = notes.get(event.data.get("note", 0)) if event.action == "noted" else None
    elsewhere = (event.subject_type, event.subject_id) not in here
    text = (
        format_html("{}{} {}", words.sentence, pgettext("punctuation", ":"), event.subject_label)
        if elsewhere
        else words.sentence
    )
    if event.action == "noted" and note is None:
        text = _("wrote a note, deleted since")
    return {
        "id": event.pk,
        "at": event.at,
        "icon": words.icon,
        "colour": words.colour,
        "actor": event.actor_name or _("The system"),
        "text_html": text,
        "changes": change_lines(event.subject_type, event.changes),
        "details": details_of(event.data),
        "note_html": note_html(note) if note else "",
        "note_edit_url": f"/timeline/notes/{note.pk}/edit/"
        if note and writes and note.author_id == user.pk
        else "",
        "note_delete_url": f"/timeline/notes/{note.pk}/delete/"
        if note and writes and (note.author_id == user.pk or user.is_admin)
        else "",
    }


def _file_url(event: Event, documents: set[int]) -> str:
    """Where the document is that the event added; "" once it is gone."""
    pk = event.data.get("document", 0) if event.action == "document_added" else 0
    return record_address("document_detail", pk) if pk in documents else ""


def note_html(note: Note) -> SafeString:
    """The text with its links; whom it names and told stands out."""
    text = str(urlize(note.body, nofollow=True, autoescape=True))
    for _pk, name in note.mentions or ():
        named = escape(name)
        marked = f'<span class="dw-mention">@{named}</span>'.replace("\\", r"\\")
        text = re.sub(re.escape(f"@{named}"), marked, text, flags=re.IGNORECASE)
    return mark_safe(text)  # urlize escaped the text, names are escaped above


class SubjectView(GuardedView):
    """A view on a record of any kind, named in the address; its own module decides."""

    signed_in = True

    def find_subject(self, label: str, pk: int) -> Any:
        record = subject_in_sight(self.request.user, label, pk)
        if record is None:
            raise Http404
        user: Any = self.request.user
        if not user.can(record.module, "change", record):
            raise PermissionDenied
        return record


class NoteCreateView(SubjectView):
    """Write a note on a record that one may change."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        record = self.find_subject(kind, pk)
        form = NoteForm(request.POST)
        if form.is_valid():
            note = add_note(user=request.user, obj=record, body=form.cleaned_data["body"])
            tell_who_was_not_told(request, note, record)
            form = NoteForm()
            status = 200
        else:
            status = 422
        if not request.htmx:  # type: ignore[attr-defined]
            if status == 422:
                toast(request, " ".join(map(str, form.errors["body"])), level="error")
            return HttpResponseRedirect(record.get_absolute_url())
        timeline = timeline_of(request, record, base_url=record.get_absolute_url(), form=form)
        return render(
            request, "components/timeline.html", {"timeline": timeline, "object": record}, status=status
        )


def tell_who_was_not_told(request: HttpRequest, note: Note, record: Any) -> None:
    people = not_told(note)
    if people:
        text = ngettext(
            "%(names)s cannot see this record and was not told.",
            "%(names)s cannot see this record and were not told.",
            len(people),
        )
        names = ", ".join(person.full_name for person in people)
        toast(request, text % {"names": names}, level="warning")


class NoteEditView(SubjectView):
    """Write one's own note anew."""

    def find_note(self, pk: int) -> tuple[Note, Any]:
        note = Note.objects.filter(pk=pk).first()
        if note is None:
            raise Http404
        record = self.find_subject(note.subject_type, note.subject_id)
        if note.author_id != self.request.user.pk:
            raise PermissionDenied
        return note, record

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        note, record = self.find_note(pk)
        return self.answer(record, NoteForm(initial={"body": note.body}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        note, record = self.find_note(pk)
        form = NoteForm(request.POST)
        if not form.is_valid():
            return self.answer(record, form, status=422)
        change_note(user=request.user, note=note, obj=record, body=form.cleaned_data["body"])
        tell_who_was_not_told(request, note, record)
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Trigger": "dw:saved"})
        return HttpResponseRedirect(record.get_absolute_url())

    def answer(self, record: Any, form: NoteForm, *, status: int = 200) -> HttpResponse:
        form.fields["body"].widget.attrs["rows"] = 6
        context = {
            "form": form,
            "page_title": _("Edit the note"),
            "action_url": self.request.path,
            "cancel_url": record.get_absolute_url(),
        }
        template = "components/drawer.html" if self.request.htmx else "generic/edit.html"  # type: ignore[attr-defined]
        return render(self.request, template, context, status=status)


class MentionView(SubjectView):
    """Colleagues to name in a note, while one types after an « @ »."""

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        record = self.find_subject(kind, pk)
        found = mentionable(request.user, record, request.GET.get("q", "")[:60])
        return JsonResponse({"people": [person.full_name for person in found]})


class NoteDeleteView(SubjectView):
    """Delete one's own note (administrators: any)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        note = Note.objects.filter(pk=pk).first()
        if note is None:
            raise Http404
        record = self.find_subject(note.subject_type, note.subject_id)
        user: Any = request.user
        if note.author_id != user.pk and not user.is_admin:
            raise PermissionDenied
        delete_note(user=user, note=note, obj=record)
        if not request.htmx:  # type: ignore[attr-defined]
            return HttpResponseRedirect(record.get_absolute_url())
        timeline = timeline_of(request, record, base_url=record.get_absolute_url())
        return render(request, "components/timeline.html", {"timeline": timeline, "object": record})
