"""Pages of imports: upload, set-up, report, refused rows, undo; who may do what."""

import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from crm.models import Contact, ContactImport, ContactImportRow
from digiweb.jobs import run_job
from people.models import User
from tests.base import client_of, make_cast, make_contact, make_role, make_user
from tests.crm.imports import (
    HEADER,
    NEW,
    form_data,
    imported,
    run_through,
    setup_page,
    table,
    undone,
    upload,
    uploaded,
)
from timeline.models import Event, JobRun

pytestmark = pytest.mark.django_db
ROW = "Camille,Roy,camille.roy@exemple.fr,06 12 34 56 78,Boulangerie Roy,Gérante,Nantes,France,Prospect,Salon"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def me(cast: dict[str, User]) -> User:
    return cast["sales"]


class TestSetup:
    def test_the_page_proposes_the_columns_and_shows_the_first_rows(self, me: User) -> None:
        make_contact(me, email="b@x.fr", owner=me)
        rows = [ROW, "A,B,b@x.fr,,,,,,,", "C,D,wrong,,,,,,,"]
        page = setup_page(client_of(me), table(*rows))
        assert [field.value() for field in page.context["form"].column_fields][:4] == [
            "first_name",
            "last_name",
            "email",
            "phone",
        ]
        preview = page.context["preview"]
        assert (preview.created, preview.skipped, preview.refused, preview.complete) == (1, 1, 1, True)
        assert [row.outcome for row in preview.rows] == ["created", "skipped", "refused"]
        assert "06 12 34 56 78" in page.content.decode()
        wrong = next(cell for cell in preview.rows[2].cells if cell["error"])
        assert wrong["text"] == "wrong"
        assert not Contact.objects.filter(email="camille.roy@exemple.fr").exists()

    def test_the_preview_shows_ten_rows_and_counts_two_thousand(self, me: User) -> None:
        page = setup_page(client_of(me), table(*(f"A,B,a{n}@x.fr,,,,,,," for n in range(2100))))
        preview = page.context["preview"]
        assert (len(preview.rows), preview.counted, preview.complete) == (10, 2000, False)

    def test_the_button_counts_rows_not_lines_and_a_second_number_is_shown(self, me: User) -> None:
        row = 'Lucie,"Seen\nat\nthe fair",06 11 22 33 44 ::: 01 40 20 30 40'
        page = setup_page(client_of(me), f"First Name,Notes,Phone 1 - Value\n{row}\n")
        assert page.context["rows_to_import"] == 1
        assert [column["name"] for column in page.context["preview"].columns] == [
            "first_name",
            "phone",
            "mobile",
            "note",
        ]
        assert "01 40 20 30 40" in page.content.decode()

    def test_columns_changed_by_hand_count(self, me: User) -> None:
        client = client_of(me)
        page = setup_page(client, "x,y\nCamille,camille.roy@exemple.fr\n")
        data = form_data(page, column_0="first_name", column_1="email", start="1")
        assert client.post(page.request["PATH_INFO"], data).status_code == 302
        run_job(JobRun.objects.latest("id").pk)
        assert Contact.objects.get().first_name == "Camille"

    @pytest.mark.parametrize(
        "changes",
        [
            {"column_1": "first_name"},  # a field twice
            {"column_0": "", "column_1": "", "column_2": "", "column_3": ""},  # nobody would have a name
            {"column_0": "owner"},  # not a field
            {"on_duplicate": "overwrite"},
            {"assign": "person"},
            {"assign": "round_robin"},
            {"assign": "rule"},
            {"status": "king"},
            {"source": "x" * 61},
            {"tags": "x" * 41},
        ],
    )
    def test_a_wrong_choice_comes_back_with_its_error(self, me: User, changes: dict[str, str]) -> None:
        client = client_of(me)
        page = setup_page(client, table(ROW))
        response = client.post(page.request["PATH_INFO"], form_data(page, start="1", **changes))
        assert response.status_code == 422
        assert response.context["form"].errors
        assert ContactImport.objects.get().state == "uploaded"
        assert not JobRun.objects.exists()

    def test_a_stranger_cannot_be_given_contacts(self, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        page = setup_page(client, table(ROW))
        for changes in (
            {"assign": "person", "person": cast["stranger"].pk},
            {"assign": "round_robin", "people": [cast["stranger"].pk]},
        ):
            response = client.post(page.request["PATH_INFO"], form_data(page, start="1", **changes))
            assert response.status_code == 422

    def test_departments_are_shared_out_by_hand(self, cast: dict[str, User]) -> None:
        client = client_of(cast["manager"])
        rules = {f"rule_{cast['sales'].pk}": "44, 49", f"rule_{cast['sales2'].pk}": "75"}
        content = "nom,email,code postal\nA,a@x.fr,44000\nB,b@x.fr,75001\nC,c@x.fr,13001\n"
        run_through(client, content, assign="rule", **rules)
        owners = list(Contact.objects.order_by("pk").values_list("owner_id", flat=True))
        assert owners == [cast["sales"].pk, cast["sales2"].pk, None]

    def test_one_department_cannot_go_to_two_people(self, cast: dict[str, User]) -> None:
        client = client_of(cast["manager"])
        page = setup_page(client, table(ROW))
        rules = {f"rule_{cast['sales'].pk}": "44", f"rule_{cast['sales2'].pk}": "44"}
        response = client.post(page.request["PATH_INFO"], form_data(page, start="1", assign="rule", **rules))
        assert response.status_code == 422

    def test_encoding_and_delimiter_can_be_said_by_hand(self, me: User) -> None:
        client = client_of(me)
        page = setup_page(client, "nom;ville,pays\nZoé;Nîmes,France\n".encode("cp1252"))
        address = page.request["PATH_INFO"]
        assert page.context["form"].header == ["nom;ville", "pays"]
        other = client.get(address, {"encoding": "Windows-1252", "delimiter": ";"})
        assert other.context["form"].header == ["nom", "ville,pays"]
        assert other.context["preview"].rows[0].cells[-1]["text"] == "Zoé"
        wrong = client.get(address, {"encoding": "UTF-8", "delimiter": ";"})
        assert wrong.status_code == 200
        assert wrong.context["preview"].refused == 1
        unknown = client.get(address, {"encoding": "EBCDIC", "delimiter": "§"})
        assert unknown.context["form"].header == ["nom;ville", "pays"]

    def test_trying_out_stores_nothing(self, me: User) -> None:
        client = client_of(me)
        page = setup_page(client, table(ROW))
        before = ContactImport.objects.values().get()
        response = client.post(page.request["PATH_INFO"], form_data(page, on_duplicate="update", tags="VIP"))
        assert response.status_code == 200
        assert ContactImport.objects.values().get() == before

    def test_another_file_may_be_chosen_instead(self, me: User, media: Any) -> None:
        client = client_of(me)
        page = setup_page(client, table(ROW))
        assert client.post(page.request["PATH_INFO"], {"discard": "1"})["Location"] == NEW
        assert not ContactImport.objects.exists()
        assert not [path for path in media.rglob("*") if path.is_file()]

    def test_two_windows_do_not_start_it_twice(self, me: User) -> None:
        client = client_of(me)
        page = setup_page(client, table(ROW))
        address, data = page.request["PATH_INFO"], form_data(page, start="1")
        assert client.post(address, data).status_code == 302
        assert client.post(address, data)["Location"].endswith(
            f"/crm/imports/{ContactImport.objects.get().pk}/"
        )
        assert JobRun.objects.count() == 1

    def test_settings_from_a_stale_window_are_not_taken(self, me: User) -> None:
        client = client_of(me)
        page = setup_page(client, table(ROW))
        ContactImport.objects.update(version=5)
        response = client.post(page.request["PATH_INFO"], form_data(page, start="1"))
        assert response.status_code == 409
        assert not JobRun.objects.exists()


class TestReport:
    def test_figures_open_the_contacts_that_they_count(self, me: User) -> None:
        make_contact(me, email="old@x.fr", owner=me)
        make_contact(me, email="other@x.fr", owner=me)
        run = imported(
            me, table(ROW, "A,B,old@x.fr,,,,Nantes,,,", "C,D,c@x.fr,,,,,,,"), on_duplicate="update"
        )
        client = client_of(me)
        figures = {one["name"]: one for one in client.get(run.get_absolute_url()).context["figures"]}
        assert [figures[name]["value"] for name in ("created", "updated", "skipped", "refused")] == [
            2,
            1,
            0,
            0,
        ]
        for name in ("created", "updated"):
            page = client.get(figures[name]["url"])
            assert page.context["list"]["count"] == figures[name]["value"]
        emails = {
            row["record"].email for row in client.get(figures["created"]["url"]).context["list"]["rows"]
        }
        assert emails == {"camille.roy@exemple.fr", "c@x.fr"}
        assert client.get(f"/crm/contacts/?imported={run.pk}").context["list"]["count"] == 3

    def test_somebody_elses_import_filters_nothing(self, cast: dict[str, User]) -> None:
        run = imported(cast["stranger"], table(ROW))
        client = client_of(cast["sales"])
        for value in (run.pk, "x", "1-deleted", "9" * 30):
            assert client.get(f"/crm/contacts/?imported={value}").status_code == 422

    def test_refused_rows_are_told_and_can_be_put_right_and_imported_again(self, me: User) -> None:
        run = imported(me, table(ROW, "A,B,wrong,,,,,,,", ",,,,=1+1,,,,,").replace(",", ";"))
        client = client_of(me)
        page = client.get(run.get_absolute_url())
        assert "wrong" in page.content.decode()
        response = client.get(page.context["refused_url"])
        text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        assert rows[0][:-1] == HEADER.split(",")
        assert [row[2] for row in rows[1:]] == ["wrong", ""]
        assert "wrong" in rows[1][-1]
        assert rows[2][4] == "'=1+1"
        assert Event.objects.filter(action="exported", subject_id=run.pk).exists()
        again = run_through(client, text.replace("wrong", "right@x.fr"))
        assert (again.created, again.refused) == (1, 1)

    def test_rows_are_paged(self, me: User) -> None:
        run = imported(me, table(*(f"A,B,wrong{n},,,,,,," for n in range(120))))
        client = client_of(me)
        seen: list[int] = []
        address = run.get_absolute_url()
        while address:
            page = client.get(address)
            seen += [row["number"] for row in page.context["rows"]]
            more = page.context["more_url"]
            address = run.get_absolute_url() + more if more else ""
        assert seen == list(ContactImportRow.objects.order_by("number").values_list("number", flat=True))

    def test_what_was_left_by_an_undo_is_named_with_its_link(self, me: User) -> None:
        run = imported(me, table(ROW, "A,B,a@x.fr,,,,,,,"))
        contact = Contact.objects.get(email="a@x.fr")
        Contact.objects.filter(pk=contact.pk).update(version=2)
        client = client_of(me)
        address = reverse("crm:contact_import_undo", args=[run.pk])
        asked = client.get(address)
        assert (asked.context["preview"].removed, asked.context["preview"].left) == (1, 1)
        assert contact.get_absolute_url() in asked.content.decode()
        assert client.post(address).status_code == 302
        run_job(JobRun.objects.latest("id").pk)
        page = client.get(run.get_absolute_url())
        assert page.context["rows_name"] == "left"
        assert contact.get_absolute_url() in page.content.decode()
        assert list(Contact.objects.all()) == [contact]

    def test_the_number_of_queries_does_not_grow_with_the_rows(
        self, me: User, django_assert_max_num_queries: Any
    ) -> None:
        run = imported(me, table(*(f"A,B,wrong{n},,,,,,," for n in range(300))))
        client = client_of(me)
        client.get(run.get_absolute_url())
        with django_assert_max_num_queries(15):
            client.get(run.get_absolute_url())

    def test_the_list_shows_the_imports(self, me: User) -> None:
        imported(me, table(ROW))
        page = client_of(me).get("/crm/imports/?all=1")
        assert page.context["list"]["count"] == 1
        assert "contacts.csv" in page.content.decode()

    def test_the_progress_turns_into_the_report(self, me: User) -> None:
        page = setup_page(client_of(me), table(ROW))
        client_of(me).post(page.request["PATH_INFO"], form_data(page, start="1"))
        run = ContactImport.objects.get()
        htmx = client_of(me, HX_Request="true")
        waiting = htmx.get(run.get_absolute_url())
        assert waiting.context["job"]["state"] == "queued"
        run_job(run.job_id)
        assert htmx.get(run.get_absolute_url())["HX-Refresh"] == "true"

    def test_stopping_and_going_on_from_the_page(self, me: User) -> None:
        client = client_of(me)
        page = setup_page(client, table(ROW))
        client.post(page.request["PATH_INFO"], form_data(page, start="1"))
        run = ContactImport.objects.get()
        client.post(reverse("crm:contact_import_cancel", args=[run.pk]))
        run.refresh_from_db()
        assert run.state == "cancelled"
        stopped = client.get(run.get_absolute_url())
        client.post(stopped.context["resume_url"])
        run_job(JobRun.objects.latest("id").pk)
        run.refresh_from_db()
        assert (run.state, run.created) == ("done", 1)


class TestRights:
    def addresses(self, run: ContactImport) -> list[str]:
        names = ("detail", "setup", "refused", "undo")
        return [reverse(f"crm:contact_import_{name}", args=[run.pk]) for name in names]

    def test_a_strangers_import_answers_404_by_every_door(self, cast: dict[str, User]) -> None:
        run = imported(cast["stranger"], table(ROW, "A,B,wrong,,,,,,,"))
        client = client_of(cast["sales"])
        for address in self.addresses(run):
            assert client.get(address).status_code == 404, address
        for name in ("cancel", "resume", "undo", "setup"):
            assert client.post(reverse(f"crm:contact_import_{name}", args=[run.pk])).status_code == 404, name
        assert client.get("/crm/imports/?all=1").context["list"]["count"] == 0

    def test_nobody_and_other_roles_do_not_come_in(self, cast: dict[str, User]) -> None:
        run = imported(cast["sales"], table(ROW))
        for address in [NEW, "/crm/imports/", *self.addresses(run)]:
            assert client_of(None).get(address).status_code == 302, address
            assert client_of(cast["marketing"]).get(address).status_code in (403, 404), address

    def test_an_admin_sees_and_undoes_the_imports_of_all(self, cast: dict[str, User]) -> None:
        run = imported(cast["sales"], table(ROW, "A,B,wrong,,,,,,,"))
        client = client_of(cast["admin"])
        assert client.get(run.get_absolute_url()).status_code == 200
        assert client.get(reverse("crm:contact_import_refused", args=[run.pk])).status_code == 200
        assert client.post(reverse("crm:contact_import_undo", args=[run.pk])).status_code == 302
        run_job(JobRun.objects.latest("id").pk)
        assert not Contact.objects.exists()

    def test_a_manager_with_team_scope_looks_but_does_not_undo_or_export(self, cast: dict[str, User]) -> None:
        role = make_role(
            "lead",
            crm_contact=("team", ["view", "create", "change", "delete"]),
            crm_contactimport=("team", ["view", "create", "delete"]),
        )
        lead = make_user("lead", role=role)
        person = make_user("one", role=role, manager=lead)
        run = imported(person, table(ROW, "A,B,wrong,,,,,,,"))
        client = client_of(lead)
        page = client.get(run.get_absolute_url())
        assert page.status_code == 200
        assert (page.context["refused_url"], page.context["undo_url"]) == ("", "")
        assert client.get(reverse("crm:contact_import_refused", args=[run.pk])).status_code == 403
        assert client.post(reverse("crm:contact_import_undo", args=[run.pk])).status_code == 403
        assert Contact.objects.count() == 1

    def test_who_may_not_create_contacts_cannot_import_them(self, cast: dict[str, User]) -> None:
        role = make_role("half", crm_contact=("all", ["view"]), crm_contactimport=("own", ["view", "create"]))
        client = client_of(make_user("half", role=role))
        assert client.get(NEW).status_code == 403
        assert upload(client, table(ROW)).status_code == 403
        assert "/crm/contacts/import/" not in client.get("/crm/contacts/?all=1").content.decode()

    def test_contacts_show_the_way_to_the_import(self, me: User) -> None:
        client = client_of(me)
        assert NEW in client.get("/crm/contacts/?all=1").content.decode()
        assert NEW in client.get("/").content.decode()

    def test_an_undone_import_says_so(self, me: User) -> None:
        run = undone(me, imported(me, table(ROW)))
        page = client_of(me).get(run.get_absolute_url())
        assert page.context["undo_url"] == ""
        assert page.context["undone"]["removed"] == 1

    def test_an_uploaded_import_leads_to_its_setup(self, me: User) -> None:
        run = uploaded(me, table(ROW))
        ContactImport.objects.update(state="uploaded")
        assert client_of(me).get(f"/crm/imports/{run.pk}/")["Location"].endswith("/setup/")
