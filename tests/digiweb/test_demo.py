"""Demo data: a coherent company, the same every time; fixtures that load; many rows that are right."""

import json
from collections import Counter
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count

from crm.models import (
    Activity,
    Client,
    Company,
    CompanyAccess,
    CompanyTag,
    Contact,
    ContactTag,
    ContactTally,
    CustomField,
    Deal,
    DealMonth,
    DealTag,
    DealTotal,
    Tag,
)
from crm.services.company import refresh_companies
from crm.services.custom_value import rebuild_values
from crm.services.tally import tally_of
from digiweb.demo.towns import TOWNS
from digiweb.identifiers import vat_of_siren
from people.models import Department, SavedView, User
from sales.models import (
    Agency,
    BankAccount,
    CommissionLine,
    CommissionRate,
    CommissionStatement,
    Contract,
    ContractClientTotal,
    ContractTotal,
    LeaseTerms,
    MoneyTotal,
    Offer,
    PaymentRecord,
    Quote,
    QuoteLine,
    ReceivedInvoice,
    Series,
    Subscription,
)
from sync.models import Caller, CompanyLookup, PhoneCall, Solvency
from tests.base import client_of
from timeline.models import Document, Event, JobRun, Note

DAY = "2026-11-01"
SIGN_IN = {"login": "sales@digiweb.test", "password": "digiweb-demo"}


@pytest.fixture
def demo_mode(settings: Any) -> None:
    settings.DEMO_MODE = True


@pytest.fixture(autouse=True)
def few_papers(request: pytest.FixtureRequest) -> None:
    """One test makes the invoices too, which are really issued: eighty PDFs, proven and sealed."""
    if request.node.name != "test_makes_the_agency_of_the_brief":
        request.getfixturevalue("without_invoices")


def seed(**options: Any) -> str:
    out = StringIO()
    call_command("seed_demo", today=date.fromisoformat(DAY), stdout=out, **options)
    return out.getvalue()


def empty() -> None:
    """Take everything away again, so that it can be made anew."""
    for model in (
        CommissionLine,
        CommissionStatement,
        CommissionRate,
        MoneyTotal,
        QuoteLine,
        Quote,
        LeaseTerms,
        Series,
        Agency,
        JobRun,
        Document,
        Solvency,
        CompanyLookup,
        PhoneCall,
        CompanyLookup,
        Solvency,
        Caller,
        Activity,
        DealTag,
        Deal,
        DealTotal,
        DealMonth,
        Event,
        Note,
        ContactTag,
        PaymentRecord,
        ReceivedInvoice,
        BankAccount,
        Contract,
        ContractTotal,
        ContractClientTotal,
        Subscription,
        Offer,
        Client,
        Contact,
        CompanyTag,
        Company,
        CustomField,
        Tag,
        CustomField,
        ContactTally,
        SavedView,
    ):
        model.objects.all().delete()
    User.objects.update(manager=None)
    User.objects.all().delete()
    Department.objects.all().delete()


@pytest.mark.django_db
@pytest.mark.sqlite
@pytest.mark.usefixtures("demo_mode")
class TestSeedDemo:
    def test_makes_the_agency_of_the_brief(self) -> None:
        assert "401" in seed()
        assert User.objects.count() == 12
        assert set(User.objects.values_list("role__slug", flat=True)) == {"admin", "sales", "marketing", "am"}
        assert Company.objects.count() == 401, "400 of the year, and the leasing company"
        assert Contact.objects.count() == 900
        for key in ("admin", "manager", "sales", "sales2", "marketing", "am"):
            assert User.objects.get(email=f"{key}@digiweb.test").check_password("digiweb-demo")
        head = User.objects.get(email="marc.delattre@digiweb.test")
        assert len(head.team_ids) == 7, "two teams of two under their managers"

    def test_every_record_passes_its_own_validation(self) -> None:
        seed()
        for model in (User, Company, Contact, Tag, SavedView):
            for record in model.objects.all():
                record.full_clean()

    def test_identifiers_towns_and_phones_fit_together(self) -> None:
        seed()
        places = {(town.name, town.postcode): town.area for town in TOWNS}
        sirens = Counter(Company.objects.exclude(siren="").values_list("siren", flat=True))
        assert max(sirens.values()) == 1
        for company in Company.objects.all():
            assert company.siret[:9] in ("", company.siren)
            assert company.vat_number in ("", vat_of_siren(company.siren) if company.siren else "")
            area = places[company.city, company.postcode]
            if company.phone:
                assert company.phone.startswith(f"+33{area[1]}")
                assert phonenumbers.is_valid_number(phonenumbers.parse(company.phone))
            assert company.website == "" or company.website.endswith(".example")
            assert company.email == "" or company.email.endswith(".example")

    def test_no_number_can_ring_anybody(self) -> None:
        seed()
        fiction = ("+3319900", "+3326191", "+3335301", "+3346571", "+3353649", "+3363998")
        for model, field in ((User, "phone"), (Company, "phone"), (Contact, "phone"), (Contact, "mobile")):
            numbers = model.objects.exclude(**{field: ""}).values_list(field, flat=True)
            assert all(number.startswith(fiction) for number in numbers)

    def test_numbers_follow_time_and_nothing_is_yet_to_happen(self) -> None:
        seed()
        for model, moment in (
            (Company, "created_at"),
            (Contact, "created_at"),
            (Event, "at"),
            (Note, "created_at"),
        ):
            moments = list(model.objects.order_by("pk").values_list(moment, flat=True))
            assert moments == sorted(moments)
            assert f"{moments[-1]:%Y-%m-%d}" < DAY
        for contact in Contact.objects.filter(company__isnull=False).select_related("company"):
            assert contact.company is not None
            assert contact.created_at >= contact.company.created_at

    def test_august_and_the_end_of_december_are_quiet(self) -> None:
        seed()
        months = Counter(f"{moment:%m}" for moment in Contact.objects.values_list("created_at", flat=True))
        assert months["08"] < months["07"]
        assert months["08"] < months["09"]
        quiet = Contact.objects.filter(
            created_at__gte="2025-12-21T00:00Z", created_at__lt="2026-01-03T00:00Z"
        )
        assert quiet.count() <= 8

    def test_counts_are_those_that_the_services_keep(self) -> None:
        seed()
        counted = {(t.owner_id, t.status, t.day.isoformat()): t.count for t in ContactTally.objects.all()}
        assert counted == dict(tally_of(Contact.objects.all()))
        before = set(CompanyAccess.objects.values_list("person_id", "company_id", *CompanyAccess.carries))
        with transaction.atomic():
            refresh_companies(Company.objects.values_list("pk", flat=True))
        assert (
            set(CompanyAccess.objects.values_list("person_id", "company_id", *CompanyAccess.carries))
            == before
        )
        for company in Company.objects.annotate(real=Count("contacts")):
            assert company.contact_count == company.real
            assert company.real <= 6

    def test_history_leads_to_what_is(self) -> None:
        """Each contact's events, told from the first to the last, end with its values and version."""
        seed()
        told: dict[int, dict[str, Any]] = {}
        changes = Counter()  # type: ignore[var-annotated]
        for event in Event.objects.filter(
            subject_type="crm.contact", action__in=["created", "changed"]
        ).order_by("pk"):
            told.setdefault(event.subject_id or 0, {}).update(
                {name: pair[1] for name, pair in event.changes.items()}
            )
            changes[event.subject_id] += event.action == "changed"
        for contact in Contact.objects.all():
            assert told[contact.pk]["status"] == contact.status
            assert (told[contact.pk].get("owner") or {}).get("id") == contact.owner_id
            assert contact.version == 1 + changes[contact.pk]
        for event in Event.objects.filter(action="noted"):
            note = Note.objects.get(pk=event.data["note"])
            assert (note.subject_type, note.subject_id) == (event.subject_type, event.subject_id)

    def test_the_same_seed_and_day_give_the_same_rows(self) -> None:
        def told() -> list[Any]:
            contacts = Contact.objects.order_by("pk").values_list(
                "email", "created_at", "status", "search_text"
            )
            companies = Company.objects.order_by("pk").values_list(
                "siret", "created_at", "turnover", "owner__email", "custom"
            )
            events = Event.objects.order_by("pk").values_list("at", "actor_name", "action", "subject_label")
            return [list(contacts), list(companies), list(events)]

        seed()
        first = told()
        empty()
        seed()
        assert told() == first
        empty()
        seed(seed=7)
        assert told() != first
        assert Contact.objects.count() == 900

    def test_custom_fields_are_filled_in_on_a_part_and_found(self) -> None:
        seed()
        for model in (Contact, Company, Deal):
            share = model.objects.exclude(custom=None).count() / model.objects.count()
            assert 0.15 < share < 0.9
            assert rebuild_values(model) == 0
        assert not Company.objects.filter(website="", custom__has_key="hebergeur").exists()

    def test_if_empty_leaves_a_used_database_alone(self) -> None:
        seed()
        assert seed(if_empty=True) == ""
        with pytest.raises(CommandError, match="12 people"):
            seed()
        assert Contact.objects.count() == 900

    def test_the_logins_open_the_product(self) -> None:
        seed()
        client = client_of(None)
        assert client.post("/accounts/login/", SIGN_IN).status_code == 302
        assert client.get("/crm/contacts/?sort=name").status_code == 200


@pytest.mark.django_db
def test_without_demo_mode_it_refuses_and_says_why(settings: Any) -> None:
    settings.DEMO_MODE = settings.DEBUG = False
    with pytest.raises(CommandError, match="DEMO_MODE=1") as refusal:
        seed()
    assert refusal.value.returncode == 2
    assert not User.objects.exists()


# --- Fixtures

FIXTURES = sorted((django_settings.BASE_DIR / "fixtures").glob("*.json"))


@pytest.mark.django_db
@pytest.mark.sqlite
def test_fixtures_load_into_an_empty_database(settings: Any) -> None:
    settings.DEMO_MODE = True
    call_command("loaddata", *map(str, FIXTURES), verbosity=0)
    assert User.objects.count() == 12
    assert Contact.objects.count() == 900
    assert User.objects.get(email="sales@digiweb.test").role.slug == "sales"  # type: ignore[union-attr]
    assert not any(user.has_usable_password() for user in User.objects.all()), "known to everybody otherwise"
    call_command("seed_demo", "--logins", stdout=StringIO())
    assert client_of(None).post("/accounts/login/", SIGN_IN).status_code == 302
    new = Contact.objects.create(last_name="Suivant")
    assert new.pk > 900


def test_fixtures_are_small_and_one_an_app() -> None:
    assert [path.stem for path in FIXTURES][:3] == ["01_people", "02_timeline", "03_crm"]
    assert sum(path.stat().st_size for path in FIXTURES) < 7_000_000
    for path in FIXTURES:
        apps = {row["model"].split(".")[0] for row in json.loads(path.read_text())}
        assert apps == {path.stem.split("_", 1)[1]}


def test_fixtures_are_what_the_generator_makes_today(tmp_path: Path) -> None:
    """Byte by byte: who changes a model or the generator runs `make fixtures`."""
    call_command("make_fixtures", folder=tmp_path, stdout=StringIO())
    for path in FIXTURES:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), f"{path.name}: run `make fixtures`"


# --- Many rows


@pytest.mark.django_db(transaction=True)
class TestSeedScale:
    def test_rows_are_those_that_models_and_services_would_make(self) -> None:
        call_command("seed_scale", contacts=1200, verbosity=0, stdout=StringIO())
        assert Contact.objects.count() == 1200
        for model, names in (
            (Contact, ("sort_name", "search_text", "score")),
            (Company, ("sort_name", "search_text")),
        ):
            for record in model.objects.all():
                for name in names:
                    assert getattr(record, name) == getattr(record, f"derive_{name}")(), (record.pk, name)
        for company in Company.objects.all()[:50]:
            company.full_clean()
        counted = {(t.owner_id, t.status, t.day.isoformat()): t.count for t in ContactTally.objects.all()}
        assert counted == dict(tally_of(Contact.objects.all()))
        before = set(CompanyAccess.objects.values_list("person_id", "company_id", *CompanyAccess.carries))
        with transaction.atomic():
            refresh_companies(Company.objects.values_list("pk", flat=True))
        assert (
            set(CompanyAccess.objects.values_list("person_id", "company_id", *CompanyAccess.carries))
            == before
        )
        assert all(c.contact_count == c.real for c in Company.objects.annotate(real=Count("contacts")))
        few = User.objects.get(email="bench-few@digiweb.test")
        assert Contact.objects.filter(owner=few).count() == 200
        assert User.objects.filter(email__startswith="bench-").count() == 44
        assert max(Counter(Event.objects.values_list("subject_id", flat=True)).values()) == 1200

    def test_words_are_found_afterwards(self) -> None:
        call_command("seed_scale", contacts=1200, verbosity=0, stdout=StringIO())
        assert Contact.objects.filter(search_text__words="quilliveré").count() == 60

    def test_a_database_in_use_is_left_alone_unless_told(self) -> None:
        User.objects.create_user("somebody@digiweb.test", "x", first_name="Jo", last_name="Test")
        with pytest.raises(CommandError, match="--yes"):
            call_command("seed_scale", contacts=10, verbosity=0)
        assert not Contact.objects.exists()
        call_command("seed_scale", "--yes", contacts=100, verbosity=0, stdout=StringIO())
        assert Contact.objects.count() == 100
