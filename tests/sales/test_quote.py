"""Pages and verbs of quotes while they are drafts."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from people.models import User
from sales.models import Agency, Quote
from sales.services.quote import change_quote, delete_quotes, duplicate_quote, make_version
from sales.services.quote_difference import compare_lines, difference_of
from sales.services.quote_sums import as_values, quote_sums
from tests.base import client_of, make_company, make_deal
from tests.contracts.pages import PageContract
from tests.sales.agencies import make_agency
from tests.sales.quotes import LINE, MONTHLY, OPTION, make_quote, make_sent, the_agency
from tests.sales.records import make_client, make_offer
from timeline.models import BinEntry, Event

pytestmark = pytest.mark.django_db


def typed(*lines: dict[str, Any]) -> dict[str, list[str]]:
    """Lines as a browser sends them."""
    return {
        f"lines_{name}": ["1" if line[name] is True else str(line[name] or "") for line in lines]
        for name in LINE
    }


def plain_text(answer: Any) -> str:
    """What was answered, with plain blanks."""
    return str(answer.content.decode()).replace("\u202f", " ").replace("\u00a0", " ")


class TestQuotePages(PageContract):
    """The contract of every module, on quotes."""

    model = Quote
    urls = "sales:quote"
    make = staticmethod(make_quote)
    form = {"subject": "Refonte"}
    change = {"order_reference": "BC-12"}
    shown = "subject"
    bulk = ("assign", "delete")
    list_queries = 11

    @pytest.fixture(autouse=True)
    def _with_company(self, cast: dict[str, User]) -> None:
        company = make_company(cast["admin"], name="Fleuriste", owner=None)
        self.form = {**type(self).form, "company": company.pk, "agency": the_agency().pk}


def test_a_quote_begins_with_a_deal_and_the_rest_follows(cast: dict[str, User]) -> None:
    agency = make_agency(quote_days=45, deposit_percent=Decimal(40))
    company = make_company(cast["sales"], owner=cast["sales"], country="BE")
    deal = make_deal(cast["sales"], company=company, title="Boutique en ligne")
    answer = client_of(cast["sales"]).post(reverse("sales:quote_new"), {"deal": deal.pk, "agency": agency.pk})
    quote = Quote.objects.get()
    assert answer["Location"] == f"/sales/quotes/{quote.pk}/edit/"
    year = timezone.localdate().year
    assert (quote.number, quote.root, quote.revision) == (f"DE-DF-{year}-00001", f"DE-DF-{year}-00001", 1)
    assert (quote.company, quote.subject, quote.owner) == (company, "Boutique en ligne", cast["sales"])
    assert (quote.treatment, quote.language) == ("intra", "fr")
    assert (quote.valid_until - quote.quoted_on).days == 45
    assert quote.deposit_percent == 40


@pytest.mark.parametrize(
    ("regime", "country", "expected"),
    [
        ("normal", "FR", "standard"),
        ("franchise", "BE", "franchise"),
        ("normal", "DE", "intra"),
        ("normal", "CH", "export"),
        ("normal", "MC", "standard"),
    ],
)
def test_vat_is_proposed_by_seller_and_country(
    cast: dict[str, User], regime: str, country: str, expected: str
) -> None:
    company = make_company(cast["sales"], owner=cast["sales"], country=country)
    quote = make_quote(cast["sales"], agency=make_agency(vat_regime=regime), company=company, treatment="")
    assert quote.treatment == expected


def test_the_editor_takes_lines_of_every_kind_and_the_sums_are_the_servers(cast: dict[str, User]) -> None:
    quote = make_quote(cast["sales"])
    section = {**LINE, "kind": "section", "label": "Création"}
    text = {**LINE, "kind": "text", "label": "", "description": "Deux allers-retours compris."}
    discounted = {
        **LINE,
        "label": "Pages",
        "quantity": "8,5",
        "unit_price": "99,99",
        "discount_percent": "10",
    }
    low = {**LINE, "label": "Livre", "unit_price": "0,1", "vat_rate": "5,5", "quantity": "3"}
    data = {
        "subject": "Site", "agency": quote.agency_id, "company": quote.company_id, "owner": cast["sales"].pk,
        "valid_until": quote.valid_until, "treatment": "standard", "language": "fr", "version": quote.version,
        "discount_percent": "5", "discount_amount": "0", "deposit_percent": "30",
        **typed(section, text, discounted, low, MONTHLY, OPTION),
    }  # fmt: skip
    answer = client_of(cast["sales"]).post(reverse("sales:quote_edit", args=[quote.pk]), data)
    assert answer.status_code == 302, answer.context["form"].errors
    quote.refresh_from_db()
    kinds = [line.kind for line in quote.lines.order_by("position")]
    assert kinds == ["section", "text", "item", "item", "item", "item"]
    # 8,5 × 99,99 = 849,92 − 84,99 = 764,93; + 0,30; − 5 % of 765,23 = 38,26
    assert quote.net == Decimal("726.97")
    assert quote.vat == Decimal("145.34") + Decimal("0.02")
    assert quote.monthly_net == Decimal("46.55")


def test_without_javascript_the_buttons_add_move_and_take_away_rows(cast: dict[str, User]) -> None:
    quote = make_quote(cast["sales"], lines=[LINE])
    offer = make_offer(name="Pack SEO", price=Decimal(500), monthly_price=Decimal(90))
    client, url = client_of(cast["sales"]), reverse("sales:quote_edit", args=[quote.pk])

    def rows(**data: Any) -> list[str]:
        page = client.post(url, {**typed(LINE, MONTHLY), **data})
        assert page.status_code == 200
        shown = page.context["form"]["lines"].value()
        return [f"{line['kind']} {line['label']} {line['period']}" for line in shown]

    one, two = "item Site vitrine once", "item Maintenance month"
    assert rows(lines_do="add-section") == [one, two, "section  once"]
    assert rows(lines_do="down-0") == [two, one]
    assert rows(lines_do="up-1") == [two, one]
    assert rows(lines_do="drop-0") == [two]
    assert rows(lines_do="drop-x") == [one, two]
    added = rows(lines_do="offer", lines_offer_choice=offer.pk)
    assert added[2:] == ["item Pack SEO once", "item Pack SEO month"]
    assert quote.lines.count() == 1


def test_the_draft_saves_itself_and_the_second_editor_is_told(cast: dict[str, User]) -> None:
    quote = make_quote(cast["sales"], lines=[LINE])
    client, url = client_of(cast["sales"]), reverse("sales:quote_edit", args=[quote.pk])
    data = {
        "subject": "Site neuf", "agency": quote.agency_id, "company": quote.company_id,
        "owner": cast["sales"].pk, "valid_until": quote.valid_until, "treatment": "standard",
        "language": "fr", "version": quote.version, **typed(LINE, MONTHLY),
    }  # fmt: skip
    saved = client.post(url, data, headers={"X-Autosave": "1"})
    assert saved.status_code == 200
    quote.refresh_from_db()
    assert (quote.subject, saved.json()["version"], quote.lines.count()) == ("Site neuf", quote.version, 2)
    stale = client_of(cast["manager"]).post(url, {**data, "subject": "Autre"}, headers={"X-Autosave": "1"})
    assert stale.status_code == 409
    assert stale.json()["who"] == "Hugo Lefèvre"
    page = client_of(cast["manager"]).post(url, {**data, "subject": "Autre", **typed(OPTION)})
    assert page.status_code == 409
    assert b"keep_lines" in page.content
    kept = {**data, "subject": "Autre", **typed(OPTION), "keep_lines": "theirs", "version": quote.version}
    assert client_of(cast["manager"]).post(url, kept).status_code == 302
    quote.refresh_from_db()
    assert (quote.subject, [line.label for line in quote.lines.all()]) == (
        "Autre",
        ["Site vitrine", "Maintenance"],
    )
    bad = client.post(
        url, {**data, "version": quote.version, "discount_percent": "120"}, headers={"X-Autosave": "1"}
    )
    assert (bad.status_code, bad.json()) == (422, {"problems": 1})


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"label": ""}, "Dites de quoi il s’agit"),
        ({"quantity": "-1"}, "quantité"),
        ({"unit_price": "douze"}, "prix unitaire"),
        ({"vat_rate": "120"}, "Taux de TVA"),
        ({"quantity": "1,23456"}, "quantité"),
        ({"offer": "999999"}, "Cette offre"),
        ({"unit_price": "9999999999", "quantity": "99999999"}, "trop grand"),
    ],
)
def test_a_bad_line_is_told_and_nothing_is_saved(
    cast: dict[str, User], line: dict[str, str], told: str
) -> None:
    quote = make_quote(cast["sales"], lines=[MONTHLY])
    client, url = client_of(cast["sales"]), reverse("sales:quote_edit", args=[quote.pk])
    data = {
        "subject": "Site", "agency": quote.agency_id, "company": quote.company_id, "owner": cast["sales"].pk,
        "valid_until": quote.valid_until, "treatment": "standard", "language": "fr", "version": quote.version,
        **typed({**LINE, **line}),
    }  # fmt: skip
    answer = client.post(url, data)
    assert answer.status_code == 422
    assert told in str(answer.context["form"].errors)
    assert [one.label for one in quote.lines.all()] == ["Maintenance"]


def test_a_discount_above_the_lines_is_refused(cast: dict[str, User]) -> None:
    quote = make_quote(cast["sales"], lines=[LINE])
    with pytest.raises(ValidationError) as error:
        change_quote(user=cast["sales"], quote=quote, values={"discount_amount": Decimal(1001)})
    assert "discount_amount" in error.value.message_dict


def test_the_totals_follow_while_one_types(cast: dict[str, User]) -> None:
    client, url = client_of(cast["sales"]), reverse("sales:quote_totals")
    page = client.post(url, {**typed(LINE, MONTHLY, OPTION), "discount_amount": "100"})
    assert "1 080,00 €" in plain_text(page)
    assert "1 option non comptée" in plain_text(page)
    assert client.post(url, {**typed(LINE), "discount_amount": "5000"}).status_code == 200
    assert client.post(url, {"lines": "[[]]", "discount_percent": "x"}).status_code == 200
    without = plain_text(client.post(url, {**typed(LINE), "treatment": "intra"}))
    assert "TVA 0 %" in without


def test_a_copy_has_a_number_of_its_own_and_a_version_the_same_root(cast: dict[str, User]) -> None:
    quote = make_sent(cast["sales"])
    copy = duplicate_quote(user=cast["sales"], quote=quote)
    assert copy.root != quote.root
    assert (copy.status, copy.lines.count(), copy.replaces) == ("draft", 3, None)
    client = client_of(cast["sales"])
    answer = client.post(reverse("sales:quote_version", args=[quote.pk]))
    second = Quote.objects.get(replaces=quote)
    assert answer["Location"] == f"/sales/quotes/{second.pk}/edit/"
    assert (second.number, second.revision, second.root) == (f"{quote.number}-v2", 2, quote.root)
    quote.refresh_from_db()
    assert quote.status == "replaced"
    with pytest.raises(ValidationError):
        make_version(user=cast["sales"], quote=quote)


def test_a_version_that_is_thrown_away_gives_its_place_back(cast: dict[str, User]) -> None:
    quote = make_sent(cast["sales"])
    second = make_version(user=cast["sales"], quote=quote)
    delete_quotes(user=cast["sales"], pks=[second.pk])
    quote.refresh_from_db()
    assert quote.status == "sent"
    entry = BinEntry.objects.get()
    client_of(cast["sales"]).post(reverse("bin_restore", args=[entry.batch]))
    quote.refresh_from_db()
    assert quote.status == "replaced"
    assert Quote.objects.filter(number=f"{quote.number}-v2").exists()


def test_what_was_sent_is_neither_changed_nor_deleted(cast: dict[str, User]) -> None:
    quote = make_sent(cast["sales"])
    with pytest.raises(ValidationError, match="ne change plus"):
        change_quote(user=cast["sales"], quote=quote, values={"subject": "X"})
    with pytest.raises(ValidationError, match="ne peut plus être supprimé"):
        delete_quotes(user=cast["sales"], pks=[quote.pk])
    client = client_of(cast["sales"])
    assert client.get(reverse("sales:quote_edit", args=[quote.pk])).status_code == 302
    assert client.post(reverse("sales:quote_edit", args=[quote.pk]), {"subject": "X"}).status_code == 422


def test_two_versions_are_compared_line_by_line(cast: dict[str, User]) -> None:
    quote = make_sent(cast["sales"], lines=[LINE, MONTHLY])
    second = make_version(user=cast["sales"], quote=quote)
    lines = as_values(second.lines.order_by("position"))
    lines[0] |= {"unit_price": Decimal(1200)}
    change_quote(user=cast["sales"], quote=second, values={}, lines=[OPTION, lines[0]])
    found = difference_of(quote, second)
    assert [(line.kind, line.label) for line in found.lines] == [
        ("added", "Logo"), ("changed", "Site vitrine"), ("removed", "Maintenance"),
    ]  # fmt: skip
    page = client_of(cast["sales"]).get(reverse("sales:quote_compare", args=[second.pk]))
    assert page.status_code == 200
    assert "+ 200,00 €" in plain_text(page)
    assert client_of(cast["sales"]).get(reverse("sales:quote_compare", args=[quote.pk])).status_code == 200
    alone = make_quote(cast["sales"])
    assert client_of(cast["sales"]).get(reverse("sales:quote_compare", args=[alone.pk])).status_code == 404
    assert [line.kind for line in compare_lines([LINE, LINE], [LINE])] == ["same", "removed"]


def test_sums_by_period_with_options_and_without_vat() -> None:
    sums = quote_sums([LINE, MONTHLY, {**OPTION, "is_chosen": True}, OPTION], discount_percent=Decimal(10))
    assert (sums.once.net, sums.month.net, sums.options, sums.option_count) == (
        Decimal(1260), Decimal("44.10"), Decimal(400), 1,
    )  # fmt: skip
    assert quote_sums([LINE], treatment="franchise").once.vat == 0


def test_a_client_of_ours_is_found_by_the_company(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"])
    quote = make_quote(cast["sales"], company=client.company)
    assert quote.client == client
    tab = client_of(cast["sales"]).get(f"/sales/quotes/?client={client.pk}&within=client")
    assert quote.number in tab.content.decode()
    event = Event.objects.get(action="created", subject_type="sales.quote")
    links = {(link.subject_type, link.subject_id) for link in event.links.all()}
    assert {("crm.client", client.pk), ("crm.company", client.company_id)} <= links


def test_an_agency_out_of_use_makes_no_new_quotes(cast: dict[str, User]) -> None:
    agency = make_agency(is_active=False)
    company = make_company(cast["sales"], owner=cast["sales"])
    data = {"company": company.pk, "subject": "X", "agency": agency.pk}
    assert client_of(cast["sales"]).post(reverse("sales:quote_new"), data).status_code == 422
    answer = client_of(cast["sales"]).post(reverse("sales:quote_new"), {**data, "agency": ""})
    assert answer.status_code == 422
    assert "pas encore d’agence" in answer.content.decode()
    assert Agency.objects.count() == 1


@pytest.fixture
def cast() -> dict[str, User]:
    from tests.base import make_cast

    return make_cast()
