"""Pages of tags."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.filters.tag import TagFilterSet
from crm.forms.tag import TagForm
from crm.models import Tag
from crm.services.tag import change_tag, create_tag, delete_tag
from crm.tables.tag import TagTable
from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView

MODULE = "crm.tag"
CRUMB = (_("Tags"), "/crm/tags/")


class TagListView(ListView):
    """All tags."""

    module = MODULE
    model = Tag
    urls = "crm:tag"
    title = _("Tags")
    filterset_class = TagFilterSet
    table = TagTable
    sorts = (
        Sort("name", _("Name, A to Z"), ("key", "id")),
        Sort("-name", _("Name, Z to A"), ("key", "id"), descending=True),
        Sort("newest", _("Newest first"), ("id",), descending=True),
        Sort("oldest", _("Oldest first"), ("id",)),
    )
    create_label = _("Create a tag")
    empty_text = _("No tag yet: create the first one to sort contacts and companies.")


class TagFormView(FormView):
    """What creating and editing a tag share."""

    module = MODULE
    model: type[Record] = Tag
    form_class = TagForm
    breadcrumbs = (CRUMB,)

    def get_success_url(self, record: Any) -> str:
        return reverse("crm:tag_list")

    def get_cancel_url(self) -> str:
        return reverse("crm:tag_list")


class TagCreateView(TagFormView, CreateView):
    """A new tag."""

    title = _("New tag")
    submit_label = _("Create the tag")

    def save(self, form: Any) -> Tag:
        return create_tag(user=self.request.user, tag=form.instance)


class TagEditView(TagFormView, EditView):
    """A tag changed."""

    submit_label = _("Save the tag")

    def save(self, form: Any) -> Tag:
        tag: Tag = self.get_instance()
        change_tag(
            user=self.request.user, tag=tag, values=form.values(), version=form.cleaned_data["version"]
        )
        return tag


class TagDeleteView(DeleteView):
    """A tag moved to the bin, off every record that bore it."""

    module = MODULE
    model = Tag
    list_url_name = "crm:tag_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_tag(user=self.request.user, tag=record)
