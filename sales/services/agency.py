"""Verbs of agencies and mentions. What left in a quote or an invoice keeps what it bore."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from digiweb.changes import change_record, create_record
from sales.models import Agency, Invoice, Mention, Quote
from sales.services.chart import ensure_books
from sales.services.closing import closed_until
from timeline.services.bin import move_to_bin


@transaction.atomic
def create_agency(*, user: Any, agency: Agency) -> Agency:
    """Save a new agency, with the usual chart of accounts."""
    made = create_record(user=user, obj=agency)
    ensure_books(made)
    return made


@transaction.atomic
def change_agency(
    *, user: Any, agency: Agency, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change an agency, for the documents to come. Raises StaleVersion, and ValidationError for another
    code once a document bears it (it stands in the numbers of the series) and for another fiscal year once
    books were closed by it.
    """
    before = Agency.objects.only("code", "logo", "fiscal_month").get(pk=agency.pk)
    values = dict(values)
    if values.get("code", before.code) != before.code and _has_documents([agency.pk]):
        raise ValidationError({"code": _("Documents bear this code: it stays.")})
    if values.get("fiscal_month", before.fiscal_month) != before.fiscal_month and closed_until(before):
        raise ValidationError({"fiscal_month": _("Books were closed by this fiscal year: it stays.")})
    if "logo" in values:
        values["logo"] = values["logo"] or ""
    changes = change_record(user=user, obj=agency, values=values, version=version)
    if "logo" in changes and before.logo:
        transaction.on_commit(partial(default_storage.delete, str(before.logo.name)))
    return changes


@transaction.atomic
def delete_agencies(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move agencies to the bin as one batch; raises ValidationError for one that has documents."""
    agencies = list(Agency.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    if _has_documents([agency.pk for agency in agencies]):
        raise ValidationError(_("An agency that has quotes or invoices stays: put it out of use instead."))
    return move_to_bin(user=user, objs=agencies, batch=batch)


def _has_documents(pks: Sequence[int]) -> bool:
    documents = (Quote.objects.filter(agency__in=pks), Invoice.objects.filter(agency__in=pks))
    return any(each.exists() for each in documents)


@transaction.atomic
def create_mention(*, user: Any, mention: Mention) -> Mention:
    """Save a new text of a mention. Raises ValidationError where one begins that day already."""
    mention.clean()
    return create_record(user=user, obj=mention)


@transaction.atomic
def change_mention(
    *, user: Any, mention: Mention, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change a text, for the documents to come. Raises StaleVersion, ValidationError as `create_mention`."""
    for name, value in values.items():
        setattr(mention, name, value)
    mention.clean()
    return change_record(user=user, obj=mention, values=values, version=version)


@transaction.atomic
def delete_mentions(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move texts to the bin as one batch."""
    mentions = list(Mention.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    return move_to_bin(user=user, objs=mentions, batch=batch)


def mentions_on(agency: Agency, day: date, language: str = "fr") -> dict[str, str]:
    """{code: text} of what `agency` prints on `day`; French where there is no text in `language`."""
    found: dict[str, str] = {}
    for each in (language, "fr"):
        for mention in Mention.objects.at(agency, day, each):
            found.setdefault(mention.code, mention.text)
    return found


def agencies_in_use() -> QuerySet[Agency]:
    """The agencies in whose names whoever makes documents may make them: all that are in use."""
    return Agency.objects.filter(is_active=True).order_by("sort_name", "pk")


def default_agency() -> Agency | None:
    """In whose name documents are made where nobody says: the first of those in use."""
    return agencies_in_use().order_by("pk").first()
