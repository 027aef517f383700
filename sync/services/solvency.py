"""Scores of solvency: ordering one, which costs, and collecting what was ordered."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Company
from crm.services.company_data import set_solvency
from crm.services.holding import hold
from crm.services.score import contacts_of
from digiweb.audit import record
from digiweb.permissions import require
from sync.coface.client import CofaceApi
from sync.coface.mapping import Order, Score
from sync.errors import Down, NoKey, ProviderError, Unknown
from sync.models import Solvency
from sync.services.company_data import is_connected
from sync.services.connection import connection_of


def last_score(company: Company) -> Solvency | None:
    """The last one that came."""
    rows = Solvency.objects.filter(company=company, state=Solvency.State.SCORED)
    return rows.select_related("asked_by").order_by("-id").first()


def open_order(company: Company) -> Solvency | None:
    """What was ordered and has not come yet."""
    last = Solvency.objects.filter(company=company).select_related("asked_by").order_by("-id").first()
    return last if last is not None and last.is_pending else None


def ask_solvency(*, user: Any, company: Company, again: bool = False) -> Solvency:
    """Order a score; returns the row, scored if it came at once.

    Raises ValidationError where nothing can be ordered or it would be paid twice, ProviderError where the
    provider cannot: the row then says so and nothing of the company has changed.
    """
    require(user, Solvency.module, "create")
    if not company.siren:
        raise ValidationError(_("A score is asked for by SIREN: give the company its SIREN first."))
    if not is_connected("coface"):
        raise NoKey
    with transaction.atomic():
        # Of two who ask at once the second finds the order of the first.
        Company.objects.select_for_update().get(pk=company.pk)
        if open_order(company):
            raise ValidationError(_("A score is already in preparation."))
        last = last_score(company)
        if last is not None and last.is_fresh and last.siren == company.siren and not again:
            raise ValidationError(_("The score is younger than 90 days: nothing was asked for."))
        row = Solvency.objects.create(
            company=company, siren=company.siren, asked_by=user, demo=settings.DEMO_MODE
        )
        record(user=user, action="solvency_asked", obj=company, data={"source": "Coface"})
    client = CofaceApi(connection_of("coface"), user=user)
    try:
        order = client.order(company.siren, reference=f"DW-{row.pk}")
    except ProviderError as error:
        if isinstance(error, Down) and error.doubtful:
            # Coface may have taken the order, which costs: nobody places it again by another click.
            _change(row, trouble="doubtful")
        else:
            _fail(row, error)
        raise
    _change(row, order_number=order.number, delivery=order.delivery)
    return collect_solvency(user=user, row=row, client=client, order=order)


def collect_solvency(
    *, user: Any, row: Solvency, client: CofaceApi | None = None, order: Order | None = None
) -> Solvency:
    """Fetch what was ordered, if it is there; may be repeated. Raises ProviderError."""
    order = order or Order(row.order_number, "in-preparation", row.delivery)
    if not order.number:
        return row  # being placed this moment, or nobody knows: `is_pending` says for how long one waits
    client = client or CofaceApi(connection_of("coface"), user=user)
    try:
        scores = client.collect(order)
    except Unknown as error:
        _fail(row, error)
        raise
    if scores:
        _keep(user=user, row=row, scores=scores)
    return row


@transaction.atomic
def _keep(*, user: Any, row: Solvency, scores: list[Score]) -> None:
    hold(contacts=contacts_of([row.company_id]))
    company = Company.objects.select_for_update().get(pk=row.company_id)
    if Solvency.objects.select_for_update().get(pk=row.pk).state == Solvency.State.SCORED:
        return  # somebody else collected it meanwhile
    first, *earlier = scores
    _change(
        row,
        state=Solvency.State.SCORED,
        value=first.value,
        released_on=first.released_on,
        default_probability=first.default_probability,
        text=first.text,
        history=[[str(score.released_on), score.value] for score in earlier[:24]],
        trouble="",
    )
    set_solvency(company=company, value=first.value, on=first.released_on)
    # Without the figure: this is read by whoever sees the company, the panel asks for `sync.solvency`.
    record(user=user, action="solvency_scored", obj=company, data={"source": "Coface"})


def _fail(row: Solvency, error: ProviderError) -> None:
    """What was asked for ends without a result, unless somebody else has it by now."""
    values = {"state": Solvency.State.FAILED, "trouble": error.state or "unknown"}
    if Solvency.objects.filter(pk=row.pk, state=Solvency.State.ASKED).update(**values):
        row.state, row.trouble = values["state"], values["trouble"]


def _change(row: Solvency, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=[*values, "updated_at"])
