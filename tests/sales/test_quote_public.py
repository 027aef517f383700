"""Quotes that leave the house, and what the client does on their page."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from people.models import User
from sales.models import Contract, Quote, QuoteMessage, Subscription
from sales.services.quote_accepted import accept_quote
from sales.services.quote_link import link_of, quote_by_token, renew_link, token_of
from sales.services.quote_sending import deliver_message, expire_quotes, send_quote, send_waiting
from tests.base import client_of, make_cast, make_company, make_contact, make_deal
from tests.sales.agencies import make_agency
from tests.sales.quotes import LINE, MONTHLY, make_quote, make_sent
from timeline.models import Event, Notification

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def quote(cast: dict[str, User]) -> Quote:
    company = make_company(cast["sales"], owner=cast["sales"])
    contact = make_contact(cast["sales"], owner=cast["sales"], company=company, email="emilie@example.org")
    deal = make_deal(cast["sales"], company=company, contact=contact)
    return make_sent(cast["sales"], deal=deal, company=company, contact=contact, deposit_percent=Decimal(30))


def public(quote: Quote, name: str = "") -> str:
    quote.refresh_from_db()
    return reverse(f"quote_public{name}", args=[token_of(quote)])


def yes(quote: Quote, **more: Any) -> dict[str, Any]:
    return {
        "name": "Émilie Durand",
        "email": "emilie@example.org",
        "consent": "on",
        "sha256": quote.pdf_sha256,
        **more,
    }


# --- Leaving


def test_sending_freezes_words_and_bytes(cast: dict[str, User], quote: Quote) -> None:
    quote.refresh_from_db()
    assert quote.status == "sent"
    assert quote.facts["buyer"]["name"] == "Boulangerie Martin"
    assert quote.facts["mentions"]["quote"].startswith("Devis gratuit")
    before = client_of(cast["sales"]).get(reverse("sales:quote_pdf", args=[quote.pk]))
    first = b"".join(before.streaming_content)
    assert first.startswith(b"%PDF")
    quote.company.name = "Autre nom"
    quote.company.save()
    quote.agency.name = "Autre agence"
    quote.agency.save()
    again = client_of(cast["sales"]).get(reverse("sales:quote_pdf", args=[quote.pk]))
    assert b"".join(again.streaming_content) == first
    assert "Boulangerie Martin" in client_of(None).get(public(quote)).content.decode()


def test_the_page_sends_by_a_job_over_smtp(cast: dict[str, User], smtp: Any, quote: Quote) -> None:
    draft = make_quote(cast["sales"], lines=[LINE])
    url = reverse("sales:quote_send", args=[draft.pk])
    page = client_of(cast["sales"]).get(url)
    assert page.status_code == 200
    data = {
        "to": "a@example.org, b@example.org",
        "mail_subject": "Votre devis",
        "body": "Bonjour,\n\nvoici.",
        "version": draft.version,
    }
    assert client_of(cast["sales"]).post(url, {**data, "to": "nobody"}).status_code == 422
    assert client_of(cast["sales"]).post(url, data).status_code == 302
    messages = list(QuoteMessage.objects.filter(quote=draft))
    assert [message.to for message in messages] == ["a@example.org", "b@example.org"]
    for message in messages:
        deliver_message(message.pk)
        deliver_message(message.pk)
    assert [message["To"] for message in smtp.messages] == ["a@example.org", "b@example.org"]
    sent = smtp.messages[0]
    draft.refresh_from_db()
    assert sent["Reply-To"] == cast["sales"].email
    parts = {part.get_content_type(): part for part in sent.walk()}
    text = parts["text/plain"].get_payload(decode=True).decode()
    assert link_of(draft) in text
    assert parts["application/pdf"].get_payload(decode=True).startswith(b"%PDF")
    assert Event.objects.filter(
        action="sent", subject_id=draft.pk, data__added=["a@example.org", "b@example.org"]
    )


def test_a_refused_address_is_told_and_a_silent_server_is_asked_again(
    cast: dict[str, User], smtp: Any, settings: Any, quote: Quote
) -> None:
    from digiweb.jobs import JobError, TryAgain

    message = QuoteMessage.objects.get(quote=quote)
    port = settings.EMAIL_PORT
    settings.EMAIL_PORT = 1
    with pytest.raises(TryAgain):
        deliver_message(message.pk)
    message.refresh_from_db()
    assert message.state == "waiting"
    settings.EMAIL_PORT = port
    QuoteMessage.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert send_waiting() == 1
    smtp.refuse("client@example.org")
    with pytest.raises(JobError):
        deliver_message(message.pk)
    message.refresh_from_db()
    assert message.state == "refused"
    assert Event.objects.filter(action="message_refused").exists()
    assert send_waiting() == 0


@pytest.mark.parametrize("lack", ["lines", "agency", "validity"])
def test_what_lacks_is_said_before_anything_leaves(cast: dict[str, User], lack: str) -> None:
    agency = make_agency(**({"siren": "", "vat_number": ""} if lack == "agency" else {}))
    draft = make_quote(cast["sales"], agency=agency, lines=[] if lack == "lines" else [LINE])
    if lack == "validity":
        yesterday = timezone.localdate() - timedelta(days=1)
        Quote.objects.update(valid_until=yesterday, quoted_on=yesterday)
    with pytest.raises(ValidationError):
        send_quote(user=cast["sales"], quote=draft, to=["a@example.org"], subject="x", body="y")
    draft.refresh_from_db()
    assert (draft.status, draft.pdf.name, QuoteMessage.objects.count()) == ("draft", "", 0)


def test_a_new_link_closes_the_old_one(cast: dict[str, User], quote: Quote) -> None:
    old = public(quote)
    renew_link(user=cast["sales"], quote=quote)
    assert client_of(None).get(old).status_code == 404
    assert client_of(None).get(public(quote)).status_code == 200
    assert quote_by_token("x" * 43) is None
    assert client_of(None).get("/q/nothing/").status_code == 404


def test_a_house_with_another_secret_makes_its_links_anew(
    cast: dict[str, User], quote: Quote, settings: Any
) -> None:
    settings.SECRET_KEY = "another-one-of-more-than-fifty-characters-for-this-very-test"
    quote.refresh_from_db()
    assert (token_of(quote), link_of(quote)) == ("", "")
    renew_link(user=cast["sales"], quote=quote)
    quote.refresh_from_db()
    assert quote_by_token(token_of(quote)) == quote


# --- Reading


def test_reading_changes_nothing_and_an_opening_is_noted_once(cast: dict[str, User], quote: Quote) -> None:
    client = client_of(None)
    assert client.get(public(quote)).status_code == 200
    assert client.head(public(quote)).status_code == 200
    assert client.get(public(quote, "_pdf")).status_code == 200
    assert b"--brand" in client.get(public(quote, "_brand")).content
    assert client.get(public(quote, "_logo")).status_code == 404
    quote.refresh_from_db()
    assert quote.opened_at is None
    client_of(cast["sales"]).post(public(quote, "_opened"))
    client.post(public(quote, "_opened"), headers={"Sec-Purpose": "prefetch"})
    quote.refresh_from_db()
    assert quote.opened_at is None
    for _time in range(2):
        assert client.post(public(quote, "_opened")).status_code == 204
    quote.refresh_from_db()
    assert quote.opened_at is not None
    assert Event.objects.filter(action="opened").count() == 1
    assert Notification.objects.filter(kind="quote.opened", user=cast["sales"]).count() == 1


def test_a_form_from_elsewhere_is_refused(quote: Quote) -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert strict.post(public(quote, "_accept"), yes(quote)).status_code == 403
    assert client_of(None).get(public(quote, "_accept")).status_code == 405
    quote.refresh_from_db()
    assert quote.status == "sent"


def test_answers_are_counted(quote: Quote, monkeypatch: pytest.MonkeyPatch) -> None:
    from sales.views.quote_public import QuotePublicAcceptView

    monkeypatch.setattr(QuotePublicAcceptView, "paced", ("quote-test", 2))
    answers = [client_of(None).post(public(quote, "_accept"), {}).status_code for _time in range(3)]
    assert answers == [422, 422, 429]


# --- Yes


def test_a_yes_wins_the_deal_and_makes_client_contract_and_subscription(
    cast: dict[str, User], quote: Quote, smtp: Any
) -> None:
    quote.refresh_from_db()
    option = quote.lines.get(is_optional=True)
    answer = client_of(None).post(public(quote, "_accept"), yes(quote, chosen=[option.pk]))
    assert answer.status_code == 302
    quote.refresh_from_db()
    assert (quote.status, quote.answer_name, quote.answer_email) == (
        "accepted", "Émilie Durand", "emilie@example.org",
    )  # fmt: skip
    assert quote.answer_ip
    assert quote.opened_at
    assert quote.net == 1400
    contract = Contract.objects.get()
    assert quote.contract == contract
    assert contract.client.company == quote.company
    assert quote.client == contract.client
    assert (contract.status, contract.signed_on) == ("signed", timezone.localdate())
    assert [(line.label, line.unit_amount, line.period) for line in contract.lines.order_by("position")] == [
        ("Site vitrine", Decimal(1000), "once"), ("Maintenance", Decimal(49), "month"),
        ("Logo", Decimal(400), "once"),
    ]  # fmt: skip
    assert Subscription.objects.get().monthly_amount == 49
    quote.deal.refresh_from_db()
    assert (quote.deal.stage, quote.deal.amount) == ("won", contract.amount)
    assert Notification.objects.filter(kind="quote.accepted", user=cast["sales"]).count() == 1
    confirmation = QuoteMessage.objects.get(kind="confirmation")
    deliver_message(confirmation.pk)
    assert quote.pdf_sha256 in confirmation.body
    assert smtp.messages[0]["To"] == "emilie@example.org"
    page = client_of(None).get(public(quote))
    assert "Accepté par Émilie Durand" in page.content.decode()


def test_a_yes_said_twice_counts_once_and_a_no_comes_too_late(quote: Quote) -> None:
    quote.refresh_from_db()
    for _time in range(2):
        assert client_of(None).post(public(quote, "_accept"), yes(quote)).status_code == 302
    assert client_of(None).post(public(quote, "_refuse"), {"reason": "non"}).status_code == 302
    quote.refresh_from_db()
    assert quote.status == "accepted"
    assert Contract.objects.count() == 1
    assert Event.objects.filter(action="accepted").count() == 1


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"email": "x"}, {"consent": ""}, {"chosen": ["999999"]}, {"chosen": ["x"]}]
)
def test_a_yes_that_lacks_something_is_none(quote: Quote, wrong: dict[str, Any]) -> None:
    quote.refresh_from_db()
    answer = client_of(None).post(public(quote, "_accept"), yes(quote, **wrong))
    assert answer.status_code == 422
    quote.refresh_from_db()
    assert (quote.status, Contract.objects.count()) == ("sent", 0)


def test_a_yes_to_another_document_is_none(quote: Quote) -> None:
    quote.refresh_from_db()
    answer = client_of(None).post(public(quote, "_accept"), yes(quote, sha256="0" * 64))
    assert answer.status_code == 409
    quote.refresh_from_db()
    assert quote.status == "sent"


def test_a_no_is_told_with_its_reason(cast: dict[str, User], quote: Quote) -> None:
    assert client_of(None).post(public(quote, "_refuse"), {"reason": "Trop cher"}).status_code == 302
    quote.refresh_from_db()
    assert (quote.status, quote.refusal_reason) == ("refused", "Trop cher")
    assert "Trop cher" in Notification.objects.get(kind="quote.refused").text
    assert client_of(None).get(public(quote, "_pdf")).status_code == 404
    quote.deal.refresh_from_db()
    assert quote.deal.stage != "lost"


def test_a_signature_on_paper_is_noted_by_hand(cast: dict[str, User], quote: Quote) -> None:
    url = reverse("sales:quote_accept", args=[quote.pk])
    day = timezone.localdate() - timedelta(days=2)
    assert client_of(cast["sales"]).get(url).status_code == 200
    assert client_of(cast["am"]).get(url).status_code == 403
    late = timezone.localdate() + timedelta(days=1)
    assert (
        client_of(cast["sales"]).post(url, {"name": "Paul", "on": late, "version": quote.version}).status_code
        == 422
    )
    answer = client_of(cast["sales"]).post(url, {"name": "Paul Martin", "on": day, "version": quote.version})
    assert answer.status_code == 302
    quote.refresh_from_db()
    assert (quote.status, quote.contract.signed_on, quote.answer_ip) == ("accepted", day, None)
    assert Event.objects.get(action="accepted").actor_name == "Hugo Lefèvre"


def test_discounts_are_spread_over_the_contract_to_the_cent(cast: dict[str, User]) -> None:
    lines = [
        {**LINE, "quantity": Decimal("3.3333"), "unit_price": Decimal("33.3333")},
        {**LINE, "label": "B", "unit_price": Decimal("10.01"), "discount_percent": Decimal("12.5")},
        {**MONTHLY, "unit_price": Decimal("19.99"), "quantity": Decimal(3)},
    ]
    quote = make_sent(
        cast["sales"], lines=lines, discount_percent=Decimal("7.5"), discount_amount=Decimal("1.11")
    )
    accept_quote(user=None, quote=quote, name="Paul")
    contract = quote.contract
    once = sum(line.amount for line in contract.lines.filter(period="once"))
    month = sum(line.amount for line in contract.lines.filter(period="month"))
    assert (once, month) == (quote.net, quote.monthly_net)


def test_a_failure_half_way_leaves_nothing(quote: Quote, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_given: Any) -> None:
        raise ValidationError("no")

    monkeypatch.setattr("sales.services.quote_accepted.change_deal", fails)
    with pytest.raises(ValidationError):
        accept_quote(user=None, quote=quote, name="Paul")
    quote.refresh_from_db()
    assert (quote.status, Contract.objects.count(), Subscription.objects.count()) == ("sent", 0, 0)


# --- The end


def test_an_expired_quote_says_so_at_once_and_by_night_in_its_column(
    cast: dict[str, User], quote: Quote
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Quote.objects.update(valid_until=yesterday, quoted_on=yesterday)
    page = client_of(None).get(public(quote))
    assert "valable jusqu’au" in page.content.decode()
    assert "accept-form" not in page.content.decode()
    assert client_of(None).post(public(quote, "_accept"), yes(quote)).status_code == 302
    quote.refresh_from_db()
    assert (quote.status, str(quote.status_label)) == ("sent", "Expiré")
    assert (expire_quotes(), expire_quotes()) == (1, 0)
    quote.refresh_from_db()
    assert quote.status == "expired"
    with pytest.raises(ValidationError):
        accept_quote(user=cast["sales"], quote=quote, name="Paul")


def test_the_page_of_a_replaced_quote_leads_to_the_version_that_holds(
    cast: dict[str, User], quote: Quote
) -> None:
    from sales.services.quote import make_version

    second = make_version(user=cast["sales"], quote=quote)
    assert "Vous allez la recevoir" in client_of(None).get(public(quote)).content.decode()
    send_quote(user=cast["sales"], quote=second, to=["a@example.org"], subject="x", body="y")
    assert public(second) in client_of(None).get(public(quote)).content.decode()


def test_options_change_the_sums_of_the_page_and_nothing_else(quote: Quote) -> None:
    option = quote.lines.get(is_optional=True)
    page = client_of(None).post(public(quote, "_totals"), {"chosen": [option.pk]})
    text = page.content.decode().replace("\u202f", " ").replace("\xa0", " ")
    assert "1 400,00 €" in text
    # The deposit follows what is ticked: 30 % with tax.
    assert "acompte de 30 % (504,00 € TTC)" in text
    assert "acompte de 30" in client_of(None).get(public(quote)).content.decode()
    option.refresh_from_db()
    assert not option.is_chosen


def test_nobody_accepts_or_sends_a_quote_out_of_sight(cast: dict[str, User], quote: Quote) -> None:
    for name in ("send", "accept", "refuse", "pdf", "compare"):
        assert (
            client_of(cast["stranger"]).get(reverse(f"sales:quote_{name}", args=[quote.pk])).status_code
            == 404
        )
    for name in ("link", "version", "duplicate", "hand_over"):
        url = reverse(f"sales:quote_{name}", args=[quote.pk])
        assert client_of(cast["stranger"]).post(url).status_code == 404
        assert client_of(cast["am"]).post(url).status_code == 403
