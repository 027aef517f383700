"""Pages of mentions: what the law asks documents to say, from which day on."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView
from sales.filters.mention import MentionFilterSet
from sales.forms.mention import MentionForm
from sales.models import Mention
from sales.services.agency import change_mention, create_mention, delete_mentions
from sales.tables import mention as columns
from sales.tables.mention import MentionTable, agency_text

MODULE = "sales.agency"
CRUMB = (gettext_lazy("Mentions"), "/settings/mentions/")


class MentionListView(ListView):
    """The texts that the law asks of documents; dated, since the law changes."""

    module = MODULE
    model = Mention
    urls = "agencies:mention"
    title = gettext_lazy("Mentions on documents")
    filterset_class = MentionFilterSet
    table = MentionTable
    sorts = (
        Sort("code", gettext_lazy("By mention"), ("code", "id")),
        Sort("-since", gettext_lazy("Latest first"), ("valid_from", "id"), descending=True),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
    )
    create_label = gettext_lazy("Create a mention")
    empty_text = gettext_lazy("No mention: no invoice can be issued without those of the law.")


class MentionDetailView(DetailView):
    """One text."""

    module = MODULE
    model = Mention
    urls = "agencies:mention"
    breadcrumbs = (CRUMB,)
    facts = (
        (
            gettext_lazy("Mention"),
            (columns.WHOLE_TEXT, columns.AGENCY, columns.LANGUAGE, columns.SINCE, columns.SOURCE),
        ),
    )
    editable = ("text", "valid_from", "source")

    def subtitle(self, record: Any) -> Any:
        return agency_text(record)


class MentionFormView(FormView):
    """What creating and editing a mention share."""

    module = MODULE
    model: type[Record] = Mention
    form_class = MentionForm
    urls = "agencies:mention"
    breadcrumbs = (CRUMB,)


class MentionCreateView(MentionFormView, CreateView):
    """A new text, from a day on."""

    title = gettext_lazy("New mention")
    submit_label = gettext_lazy("Create the mention")

    def save(self, form: Any) -> Mention:
        return create_mention(user=self.request.user, mention=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("agencies:mention_list")


class MentionEditView(MentionFormView, EditView):
    """A text changed, for the documents to come."""

    submit_label = gettext_lazy("Save the mention")

    def save(self, form: Any) -> Mention:
        mention: Mention = self.get_instance()
        version = form.cleaned_data["version"]
        change_mention(user=self.request.user, mention=mention, values=form.values(), version=version)
        return mention

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return MentionDetailView.fact_named(record, name)


class MentionDeleteView(DeleteView):
    """A text moved to the bin; documents that bear it keep it."""

    module = MODULE
    model = Mention
    list_url_name = "agencies:mention_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_mentions(user=self.request.user, pks=[record.pk])
