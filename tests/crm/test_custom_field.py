"""Custom fields: their settings pages, and records that have them."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.jobs import forget_custom_field
from crm.models import Company, Contact, ContactValue, CustomField, Deal
from crm.services.custom_field import change_field, delete_field, order_fields
from crm.services.custom_value import rebuild_values
from people.models import SavedView, User
from tests.base import client_of, make_cast, make_company, make_contact, make_deal
from tests.crm.customs import assert_found_by_what_they_hold, make_choice, make_field
from tests.crm.imports import NoProgress
from timeline.models import Event, JobRun

LIST = "/crm/custom-fields/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def admin(cast: dict[str, User]) -> Client:
    return client_of(cast["admin"])


@pytest.fixture
def hugo(cast: dict[str, User]) -> Client:
    return client_of(cast["sales"])


class TestDefining:
    FORM = {
        "subject": "crm.company", "label": "  CMS   actuel ", "kind": "choice", "help_text": "",
        "choices_key": ["", "", ""], "choices_label": ["WordPress", "Wix", ""],
    }  # fmt: skip

    def test_a_field_gets_a_key_a_place_and_its_choices(self, admin: Client) -> None:
        assert admin.post(f"{LIST}new/", self.FORM).status_code == 302
        field = CustomField.objects.get()
        assert (field.label, field.key, field.position) == ("CMS actuel", "cms-actuel", 1)
        assert [one["key"] for one in field.choices] == ["wordpress", "wix"]
        assert "CMS actuel" in admin.get(LIST).content.decode()
        admin.post(f"{LIST}new/", self.FORM)
        assert set(CustomField.objects.values_list("key", flat=True)) == {"cms-actuel", "cms-actuel-2"}

    @pytest.mark.parametrize(
        "wrong",
        [{"label": " "}, {"label": "x" * 61}, {"subject": "people.user"}, {"kind": "colour"},
         {"choices_label": ["", ""]}, {"choices_label": ["Été", "ETE"]}, {"choices_label": ["x" * 81]},
         {"choices_label": [f"c{n}" for n in range(500)]}],
    )  # fmt: skip
    def test_a_bad_definition_is_refused(self, admin: Client, wrong: dict[str, Any]) -> None:
        assert admin.post(f"{LIST}new/", {**self.FORM, **wrong}).status_code == 422
        assert not CustomField.objects.exists()

    def test_html_and_right_to_left_texts_are_shown_as_they_are(
        self, cast: dict[str, User], admin: Client
    ) -> None:
        label = "<b>שלום</b>"
        make_field(cast["admin"], label=label)
        contact = make_contact(cast["sales"], owner=cast["sales"])
        for url in (LIST, f"/crm/contacts/{contact.pk}/", f"/crm/contacts/{contact.pk}/edit/"):
            page = admin.get(url).content.decode()
            assert label not in page
            assert "&lt;b&gt;שלום" in page

    def test_renaming_and_removing_choices(self, cast: dict[str, User], admin: Client) -> None:
        field = make_choice(cast["admin"], "Canal", "Téléphone", "Fax", "Télex")
        make_contact(cast["sales"], owner=cast["sales"], custom={"canal": "fax"})
        form = {
            "label": "Canal", "version": 1, "help_text": "",
            "choices_key": ["telephone", ""], "choices_label": ["Appel", "Courrier"],
        }  # fmt: skip
        assert admin.post(f"{LIST}{field.pk}/edit/", form).status_code == 302
        field.refresh_from_db()
        assert field.choices == [
            {"key": "telephone", "label": "Appel"},
            {"key": "courrier", "label": "Courrier"},
            {"key": "fax", "label": "Fax", "gone": True},  # a record has it; nobody has the télex
        ]
        assert field.kind == "choice"

    def test_no_more_than_fifty_for_one_kind_of_record(self, cast: dict[str, User], admin: Client) -> None:
        CustomField.objects.bulk_create(
            CustomField(subject="crm.company", key=f"k{n}", label=str(n)) for n in range(50)
        )
        assert admin.post(f"{LIST}new/", self.FORM).status_code == 422
        make_field(cast["admin"], subject="crm.deal")

    def test_the_order_is_what_one_drags(self, cast: dict[str, User], admin: Client) -> None:
        one, two, three = (make_field(cast["admin"], label=name) for name in ("Un", "Deux", "Trois"))
        sent = {"subject": "crm.contact", "field": [three.pk, one.pk, two.pk], "up": two.pk}
        assert admin.post(f"{LIST}order/", sent).status_code == 302
        order = list(CustomField.objects.order_by("position").values_list("pk", flat=True))
        assert order == [three.pk, two.pk, one.pk]
        events = Event.objects.filter(action="fields_ordered").count()
        order_fields(user=cast["admin"], subject="crm.contact", pks=order)
        assert Event.objects.filter(action="fields_ordered").count() == events == 1
        for bad in (
            {},
            {"subject": "x", "field": ["1"]},
            {"subject": "crm.contact", "field": ["a", "9" * 30]},
        ):
            assert admin.post(f"{LIST}order/", bad).status_code == 302


class TestArchivingAndDeleting:
    def test_an_archived_field_is_out_of_forms_and_lists_and_its_filters_work_on(
        self, cast: dict[str, User], admin: Client, hugo: Client
    ) -> None:
        field = make_field(cast["admin"], label="Surnom", in_list=True)
        contact = make_contact(cast["sales"], owner=cast["sales"], custom={"surnom": "Mimi"})
        assert "Mimi" in hugo.get("/crm/contacts/?all=1").content.decode()
        assert admin.post(f"{LIST}{field.pk}/archive/").status_code == 302
        assert "Mimi" not in hugo.get("/crm/contacts/?all=1").content.decode()
        assert "Surnom" not in hugo.get(f"/crm/contacts/{contact.pk}/edit/").content.decode()
        page = hugo.get("/crm/contacts/?custom_surnom=mimi&all=1").content.decode()
        assert "Durand" in page
        assert hugo.get("/crm/contacts/?custom_surnom=lulu&all=1").content.decode().count("Durand") == 0
        admin.post(f"{LIST}{field.pk}/archive/")
        field.refresh_from_db()
        assert field.is_active
        contact.refresh_from_db()
        assert contact.custom == {"surnom": "Mimi"}

    def test_deleting_asks_for_the_label_and_takes_the_values_off(
        self, cast: dict[str, User], admin: Client, hugo: Client
    ) -> None:
        field = make_field(cast["admin"], label="Surnom")
        other = make_field(cast["admin"], label="Taille", kind="number")
        contact = make_contact(cast["sales"], owner=cast["sales"], custom={"surnom": "Mimi", "taille": "2"})
        url = f"{LIST}{field.pk}/delete/"
        assert "1" in admin.get(url).content.decode()
        assert admin.post(url, {"confirm": "Surnon"}).status_code == 422
        assert admin.post(url, {"confirm": " SURNOM "}).status_code == 302
        page = hugo.get(f"/crm/contacts/{contact.pk}/").content.decode()
        assert "fact-custom_taille" in page
        assert "fact-custom_surnom" not in page
        again = make_field(cast["admin"], label="Surnom")
        assert again.key == "surnom-2", "the values of the old one are still there"
        assert JobRun.objects.filter(key=f"custom-field-{field.pk}").exists()
        for _ in range(2):  # a worker may be killed and begin again
            forget_custom_field(field_id=field.pk, progress=NoProgress())  # type: ignore[arg-type]
        contact.refresh_from_db()
        assert contact.custom == {"taille": "2"}
        assert not CustomField.objects.filter(pk=field.pk).exists()
        assert_found_by_what_they_hold()
        assert ContactValue.objects.get().field_id == other.pk

    def test_a_saved_view_by_a_field_that_is_gone_is_told(self, cast: dict[str, User], hugo: Client) -> None:
        field = make_field(cast["admin"], label="Surnom")
        query = "custom_surnom=mimi"
        SavedView.objects.create(owner=cast["sales"], list_key="crm:contact", name="Mimi", query=query)
        make_contact(cast["sales"], owner=cast["sales"])
        delete_field(user=cast["admin"], field=field)
        answer = hugo.get(f"/crm/contacts/?{query}")
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "surnom" in page
        assert "Durand" not in page, "nothing is guessed"
        assert hugo.get(f"/crm/contacts/?{query}&export=csv").status_code in (403, 422)

    def test_the_nightly_check_puts_right_what_was_written_past_the_services(
        self, cast: dict[str, User]
    ) -> None:
        field = make_field(cast["admin"], label="Surnom")
        contact = make_contact(cast["sales"], owner=cast["sales"], custom={"surnom": "Mimi"})
        wrong = {"surnom": "Lulu", "rien": 3}
        Contact.objects.filter(pk=contact.pk).update(custom=wrong)
        lost = make_contact(cast["sales"], owner=cast["sales"])
        ContactValue.objects.create(contact=lost, field_id=field.pk, word="x")
        assert rebuild_values(Contact) == 3
        assert rebuild_values(Contact) == 0
        contact.refresh_from_db()
        assert contact.custom == {"surnom": "Lulu"}
        assert_found_by_what_they_hold()


class TestOnRecords:
    @pytest.fixture(autouse=True)
    def fields(self, cast: dict[str, User]) -> None:
        for subject in ("crm.contact", "crm.company", "crm.deal"):
            options = {"subject": subject}
            make_field(cast["admin"], label="Surnom", **options)
            make_field(cast["admin"], label="Taille", kind="number", **options)
            make_field(cast["admin"], label="Anniversaire", kind="date", **options)
            make_field(cast["admin"], label="Abonné", kind="yes_no", **options)
            make_choice(cast["admin"], "Canal", "Téléphone", "E-mail", **options)

    TYPED = {
        "custom_surnom": " Mimi ", "custom_taille": "12 345,6", "custom_anniversaire": "28/02/1990",
        "custom_abonne": "false", "custom_canal": "e-mail",
    }  # fmt: skip
    KEPT = {
        "abonne": False, "anniversaire": "1990-02-28", "canal": "e-mail", "surnom": "Mimi",
        "taille": "12345.6",
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("model", "path", "form", "make"),
        [
            (Contact, "contacts", {"last_name": "Durand", "status": "lead", "country": "FR"}, make_contact),
            (Company, "companies", {"name": "Martin", "status": "prospect", "country": "FR"}, make_company),
            (Deal, "deals", {"title": "Refonte", "stage": "discovery", "amount": "0"}, make_deal),
        ],
    )
    def test_a_record_is_made_and_changed_with_them(
        self, cast: dict[str, User], hugo: Client, model: Any, path: str, form: dict[str, Any], make: Any
    ) -> None:
        form = {**form, "owner": cast["sales"].pk}
        answer = hugo.post(f"/crm/{path}/new/", {**form, **self.TYPED})
        assert answer.status_code == 302, answer.content.decode()[-3000:]
        record = model.objects.get()
        assert record.custom == self.KEPT
        url = f"/crm/{path}/{record.pk}/"
        page = hugo.get(url).content.decode()
        assert all(shown in page for shown in ("Mimi", "28/02/1990", "E-mail", "Canal"))
        changed = {**form, **self.TYPED, "custom_canal": "", "custom_surnom": "Lulu", "version": 1}
        assert hugo.post(f"{url}edit/", changed).status_code == 302
        record.refresh_from_db()
        assert record.custom == {key: v for key, v in self.KEPT.items() if key != "canal"} | {
            "surnom": "Lulu"
        }
        event = Event.objects.filter(subject_type=model._meta.label_lower, action="changed").latest("id")
        assert set(event.changes) == {"custom_canal", "custom_surnom"}
        assert_found_by_what_they_hold()

    FORM = {"last_name": "Durand", "status": "lead", "country": "FR", "version": 1}

    def test_one_field_is_edited_in_place(self, cast: dict[str, User], hugo: Client) -> None:
        contact = make_contact(cast["sales"], owner=cast["sales"], custom={"surnom": "Mimi"})
        url = f"/crm/contacts/{contact.pk}/edit/?field=custom_taille"
        htmx = {"headers": {"HX-Request": "true"}}
        assert 'inputmode="decimal"' in hugo.get(url, **htmx).content.decode()
        bad = hugo.post(url, {"custom_taille": "grand", "version": 1}, **htmx)
        assert bad.status_code == 422
        done = hugo.post(url, {"custom_taille": "1,5", "version": 1}, **htmx)
        assert done.status_code == 200, done.content
        contact.refresh_from_db()
        assert contact.custom == {"surnom": "Mimi", "taille": "1.5"}
        assert hugo.get(f"{url}&shown=1", **htmx).status_code == 200
        assert hugo.get(url.replace("taille", "rien"), **htmx).status_code == 404

    def test_two_editors_settle_field_by_field(self, cast: dict[str, User], hugo: Client) -> None:
        contact = make_contact(cast["sales"], owner=cast["sales"], custom={"surnom": "Mimi", "taille": "1"})
        url = f"/crm/contacts/{contact.pk}/edit/"
        form = {**self.FORM, "owner": cast["sales"].pk}
        mine = {**form, "custom_surnom": "Lulu", "custom_taille": "1"}
        theirs = {**form, "custom_surnom": "Zaza", "custom_taille": "2"}
        assert client_of(cast["manager"]).post(url, theirs).status_code == 302
        conflict = hugo.post(url, mine)
        assert conflict.status_code == 409
        page = conflict.content.decode()
        assert all(shown in page for shown in ("Surnom", "Zaza", "Lulu", "keep_custom_surnom"))
        settled = {**mine, "version": 2, "keep_custom_surnom": "mine", "keep_custom_taille": "theirs"}
        assert hugo.post(url, settled).status_code == 302
        contact.refresh_from_db()
        assert contact.custom == {"surnom": "Lulu", "taille": "2"}

    def test_a_choice_that_was_removed_stays_where_it_is_and_is_no_longer_taken(
        self, cast: dict[str, User], hugo: Client
    ) -> None:
        field = CustomField.objects.get(subject="crm.contact", key="canal")
        contact = make_contact(cast["sales"], owner=cast["sales"], custom={"canal": "e-mail"})
        other = make_contact(cast["sales"], owner=cast["sales"])
        values = {"choices": [{"key": "telephone", "label": "Téléphone"}]}
        change_field(user=cast["admin"], field=field, values=values)
        form = {**self.FORM, "owner": cast["sales"].pk}
        taken = {**form, "custom_canal": "e-mail", "city": "Lyon"}
        assert hugo.post(f"/crm/contacts/{contact.pk}/edit/", taken).status_code == 302
        assert hugo.post(f"/crm/contacts/{other.pk}/edit/", taken).status_code == 422
        assert "E-mail" in hugo.get(f"/crm/contacts/{contact.pk}/").content.decode()

    def test_lists_show_export_and_filter_them(self, cast: dict[str, User], admin: Client) -> None:
        make_contact(cast["sales"], owner=cast["sales"], last_name="Mitterrand", custom=dict(self.KEPT))
        make_contact(cast["sales"], owner=cast["sales"], last_name="Pompidou")
        columns = ["name", "custom_canal", "custom_taille", "custom_abonne", "custom_anniversaire"]
        admin.post(reverse("people:list_preference"), {"list_key": "crm:contact", "columns": columns})
        answer = admin.get("/crm/contacts/?custom_taille_min=12 000&custom_canal=e-mail&all=1")
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "Mitterrand" in page
        assert "Pompidou" not in page
        assert all(shown in page for shown in ("12\u202f345,6", "28/02/1990", "Canal"))
        export = admin.get("/crm/contacts/?custom_abonne=no&export=csv&all=1")
        lines = b"".join(export.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
        assert lines[0].split(";")[1:] == ["Canal", "Taille", "Abonné", "Anniversaire"]
        assert lines[1].split(";")[1:] == ["E-mail", "12345,6", "Non", "28/02/1990"]
        assert len(lines) == 2
        assert admin.get("/crm/contacts/?export=xlsx&all=1").status_code == 200

    def test_a_list_asks_once_for_the_fields(self, cast: dict[str, User], hugo: Client) -> None:
        for name in ("Un", "Deux", "Trois"):
            make_contact(cast["sales"], owner=cast["sales"], last_name=name, custom=dict(self.KEPT))
        hugo.get("/crm/contacts/?all=1")
        for url in ("/crm/contacts/?all=1", f"/crm/contacts/{Contact.objects.latest('pk').pk}/"):
            with CaptureQueriesContext(connection) as queries:
                assert hugo.get(url).status_code == 200
            asked = [query for query in queries if "crm_customfield" in query["sql"]]
            assert len(asked) == 1, url
