"""Pages of offers: the catalogue as cards or as a list."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.tables import Column
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView
from sales.filters.offer import OfferFilterSet
from sales.forms.offer import OfferForm
from sales.models import Contract, Offer
from sales.services.offer import change_offer, create_offer, delete_offers
from sales.tables import offer as columns
from sales.tables.offer import CATEGORY_COLOURS, OfferTable, price_text

MODULE = "sales.offer"
CRUMB = (gettext_lazy("Offers"), "/sales/offers/")


class OfferListView(ListView):
    """What the agency sells: cards by category, or a list."""

    module = MODULE
    model = Offer
    urls = "sales:offer"
    title = gettext_lazy("Offers")
    filterset_class = OfferFilterSet
    table = OfferTable
    sorts = (
        Sort("name", gettext_lazy("Name, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Name, Z to A"), ("sort_name", "id"), descending=True),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    modes = ("cards", "list")
    card_template = "sales/offer/card.html"
    create_label = gettext_lazy("Create an offer")
    drawing = "empty-generic"
    empty_text = gettext_lazy("No offer yet: create the first one.")

    def describe(self) -> dict[str, Any]:
        described = super().describe()
        groups = [
            {
                "label": label,
                "rows": [row for row in described["rows"] if row["record"].category == value],
            }
            for value, label in Offer.Category.choices
        ]
        return {**described, "groups": [group for group in groups if group["rows"]]}

    def describe_row(self, record: Any) -> dict[str, Any]:
        return {**super().describe_row(record), "price": price_text(record)}


class OfferDetailView(DetailView):
    """One offer."""

    module = MODULE
    model = Offer
    urls = "sales:offer"
    breadcrumbs = (CRUMB,)
    facts = (
        (
            gettext_lazy("Offer"),
            (
                columns.CATEGORY,
                columns.DESCRIPTION,
                Column("features", gettext_lazy("Features"), cell=columns.features_cell),
            ),
        ),
        (gettext_lazy("Price"), (columns.PRICE, columns.MONTHLY, columns.VAT)),
        (gettext_lazy("Catalogue"), (columns.POPULAR, columns.ACTIVE)),
    )
    editable = (
        "category",
        "description",
        "features",
        "price",
        "monthly_price",
        "vat_rate",
        "is_popular",
        "is_active",
    )

    def subtitle(self, record: Any) -> Any:
        return price_text(record)

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.get_category_display(), "colour": CATEGORY_COLOURS[record.category]}

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        lines = []
        if user.can(Contract.module, "view"):
            url = f"{reverse('sales:contract_list')}?offer={record.pk}"
            lines.append({"label": _("Contracts of this offer"), "url": url, "icon": "file-certificate"})
        return [*lines, *super().menu(record)]


class OfferFormView(FormView):
    """What creating and editing an offer share."""

    module = MODULE
    model: type[Record] = Offer
    form_class = OfferForm
    urls = "sales:offer"
    breadcrumbs = (CRUMB,)


class OfferCreateView(OfferFormView, CreateView):
    """A new offer."""

    title = gettext_lazy("New offer")
    submit_label = gettext_lazy("Create the offer")

    def save(self, form: Any) -> Offer:
        return create_offer(user=self.request.user, offer=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("sales:offer_list")


class OfferEditView(OfferFormView, EditView):
    """An offer changed: whole, or one field in place."""

    submit_label = gettext_lazy("Save the offer")

    def save(self, form: Any) -> Offer:
        offer: Offer = self.get_instance()
        version = form.cleaned_data["version"]
        change_offer(user=self.request.user, offer=offer, values=form.values(), version=version)
        return offer

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return OfferDetailView.fact_named(record, name)


class OfferDeleteView(DeleteView):
    """An offer moved to the bin; refused while it stands on a contract."""

    module = MODULE
    model = Offer
    list_url_name = "sales:offer_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_offers(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        return [
            _("It stays in the bin for 30 days."),
            _("An offer on contracts or subscriptions cannot be deleted: take it off the catalogue instead."),
        ]
