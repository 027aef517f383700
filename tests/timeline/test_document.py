"""Pages of documents: the contract, and what is special about files."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Contact
from people.models import User
from tests.base import client_of, make_activity, make_cast, make_company, make_contact, make_deal, make_role
from tests.contracts.pages import PageContract
from tests.timeline.documents import CSV, EXE, HTML, PDF, SVG, bomb, make_document, picture, uploaded
from timeline.models import BinEntry, BinFile, Document, Event

pytestmark = pytest.mark.django_db
GRANTS = ("view", "create", "change", "delete", "export")


def document_role(slug: str, scope: str, *actions: str) -> Any:
    """A role with these actions on documents, which reach as far as those on contacts do."""
    on_contacts = {"view"} | {"export" if action == "export" else "change" for action in actions} - {"view"}
    contacts = set(actions) & {"view", "export"} | (
        {"change"} if set(actions) - {"view", "export"} else set()
    )
    return make_role(
        slug, timeline_document=("all", actions), crm_contact=(scope, sorted(contacts or on_contacts))
    )


class TestDocumentPages(PageContract):
    model = Document
    urls = "document"
    make = staticmethod(make_document)
    form: dict[str, Any] = {}
    change = {"name": "Annexe.pdf"}
    bulk = ("delete",)
    list_queries = 12

    def role_with(self, scope: str, *actions: str) -> Any:
        return document_role(f"role-{scope}-{'-'.join(actions)}", scope, *actions)

    def other_value(self, name: str, value: Any) -> Any:
        return "Annexe bis.pdf"

    def test_a_record_is_created_with_its_event(self, cast: dict[str, User]) -> None:
        contact = make_contact(cast["sales"], owner=cast["sales"])
        address = f"{reverse('document_new')}?subject=crm.contact:{contact.pk}"
        response = client_of(cast["sales"]).post(address, {"file": [uploaded(), uploaded("prix.csv", CSV)]})
        assert response.status_code == 302
        assert response["Location"] == contact.get_absolute_url()
        assert [one.name for one in Document.objects.order_by("pk")] == ["Cahier des charges.pdf", "prix.csv"]
        events = Event.objects.filter(action="document_added", subject_id=contact.pk)
        assert {event.data["added"][0] for event in events} == {"Cahier des charges.pdf", "prix.csv"}
        assert {event.actor_id for event in events} == {cast["sales"].pk}


class Endless:
    """A body that never ends."""

    read_in_all = largest = 0

    def read(self, size: int = -1) -> bytes:
        self.read_in_all += size
        self.largest = max(self.largest, size)
        return b"x" * size

    readline = read


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def contact(cast: dict[str, User]) -> Contact:
    return make_contact(cast["sales"], owner=cast["sales"])


@pytest.fixture
def hugo(cast: dict[str, User]) -> Client:
    return client_of(cast["sales"])


def upload_to(client: Client, record: Any, *files: Any, **headers: str) -> Any:
    address = f"{reverse('document_new')}?subject={record._meta.label_lower}:{record.pk}"
    return client.post(address, {"file": list(files)}, headers=headers)


class TestUpload:
    def test_every_kind_of_record_takes_documents(self, cast: dict[str, User], hugo: Client) -> None:
        user = cast["sales"]
        for record in (
            make_contact(user, owner=user),
            make_company(user, owner=user),
            make_deal(user),
            make_activity(user),
        ):
            assert upload_to(hugo, record, uploaded()).status_code == 302
            page = hugo.get(
                reverse("panels", args=[record._meta.label_lower, record.pk]), headers={"HX-Request": "true"}
            )
            assert "Cahier des charges.pdf" in page.content.decode()
            assert "Cahier des charges.pdf" in hugo.get(record.get_absolute_url()).content.decode()

    @pytest.mark.parametrize(
        ("name", "content", "told"),
        [
            ("vide.pdf", b"", "empty"),
            ("photo.png", PDF, "PNG"),
            ("devis.pdf", picture(), "PDF"),
            ("page.html", HTML, "HTML"),
            ("logo.svg", SVG, "SVG"),
            ("logo.png", SVG, "SVG"),
            ("note.txt", HTML, "HTML"),
            ("outil.pdf", EXE, "program"),
            ("bombe.png", bomb(), "pixels"),
            ("texte.xyz", b"bonjour", ".xyz"),
            ("rien.pdf", b"\x01\x02\x03" * 99, "not known"),
        ],
    )
    def test_what_is_not_what_it_says_is_refused_beside_the_field(
        self, hugo: Client, cast: dict[str, User], contact: Contact, name: str, content: bytes, told: str
    ) -> None:
        cast["sales"].language = "en"
        cast["sales"].save()
        response = upload_to(hugo, contact, uploaded(name, content))
        assert response.status_code == 422
        (error,) = response.context["form"].errors["file"]
        assert name in error
        assert told in error
        assert not Document.objects.exists()

    def test_good_files_are_kept_and_bad_ones_told(self, hugo: Client, contact: Contact) -> None:
        response = upload_to(hugo, contact, uploaded(), uploaded("vide.txt", b""), uploaded("prix.csv", CSV))
        assert response.status_code == 422
        assert Document.objects.count() == 2

    def test_a_script_is_answered_file_by_file(self, hugo: Client, contact: Contact) -> None:
        good = upload_to(hugo, contact, uploaded(), **{"X-Upload": "1"})
        assert (good.status_code, good.json()["warnings"]) == (201, [])
        again = upload_to(hugo, contact, uploaded("Le même.pdf"), **{"X-Upload": "1"})
        assert "Cahier des charges.pdf" in again.json()["warnings"][0]
        bad = upload_to(hugo, contact, uploaded("vide.txt", b""), **{"X-Upload": "1"})
        assert (bad.status_code, len(bad.json()["errors"])) == (422, 1)

    def test_a_file_beyond_the_limit_is_thrown_away_as_it_arrives(
        self, hugo: Client, contact: Contact, settings: Any
    ) -> None:
        settings.DOCUMENT_MAX_BYTES = 1000
        response = upload_to(hugo, contact, uploaded("grand.pdf", PDF + b"x" * 2000), uploaded())
        assert response.status_code == 422
        assert "grand.pdf" in response.context["form"].errors["file"][0]
        assert [one.name for one in Document.objects.all()] == ["Cahier des charges.pdf"]

    def test_two_gigabytes_are_refused_unread(self, hugo: Client, contact: Contact) -> None:
        address = f"{reverse('document_new')}?subject=crm.contact:{contact.pk}"
        body = Endless()
        response = hugo.generic(
            "POST",
            address,
            content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(2 << 30),
            **{"wsgi.input": body},
        )
        assert response.status_code == 413
        assert body.read_in_all <= 256 << 20  # read to be polite, a megabyte at a time, and thrown away
        assert body.largest <= 1 << 20

    def test_nobody_adds_to_a_record_that_they_may_not_change(
        self, cast: dict[str, User], contact: Contact
    ) -> None:
        assert upload_to(client_of(cast["stranger"]), contact, uploaded()).status_code == 404
        assert upload_to(client_of(cast["marketing"]), contact, uploaded()).status_code == 403
        role = make_role("reads", timeline_document=("all", GRANTS), crm_contact=("all", ["view"]))
        cast["am"].role = role
        cast["am"].save()
        reader = client_of(cast["am"])
        assert upload_to(reader, contact, uploaded()).status_code == 403
        document = make_document(cast["sales"], on=contact)
        assert reader.get(document.get_absolute_url()).status_code == 200
        assert reader.post(reverse("document_delete", args=[document.pk])).status_code == 403
        assert reader.post(reverse("document_edit", args=[document.pk]), {"name": "x"}).status_code == 403
        bulk = {"action": "delete", "pk": [document.pk], "confirm": "1"}
        reader.post(reverse("document_bulk"), bulk)
        assert Document.objects.filter(pk=document.pk).exists()

    @pytest.mark.parametrize("record", ["", "crm.contact:999999999", "people.user:1", "x", "crm.contact:-1"])
    def test_a_record_that_is_none_is_not_an_error_of_the_server(self, hugo: Client, record: str) -> None:
        address = f"{reverse('document_new')}?subject={record}"
        assert hugo.post(address, {"file": uploaded()}).status_code == (404 if record else 422)
        assert hugo.get(reverse("document_list"), {"subject": record, "all": 1}).status_code in (
            200,
            404,
            422,
        )
        assert not Document.objects.exists()


class TestSending:
    def test_it_leaves_as_a_download_under_its_name_and_never_as_a_page(
        self, hugo: Client, cast: dict[str, User], contact: Contact
    ) -> None:
        document = make_document(cast["sales"], on=contact, name="Été 2026 “final”.pdf")
        response = hugo.get(reverse("document_file", args=[document.pk]))
        assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]
        assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%C3%89t%C3%A9%202026")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert document.name not in str(document.file.name)
        again = hugo.get(
            reverse("document_file", args=[document.pk]), headers={"If-None-Match": response["ETag"]}
        )
        assert again.status_code == 304

    @pytest.mark.parametrize(
        ("asked", "status", "sent"),
        [
            ("bytes=0-3", 206, PDF[:4]),
            ("bytes=5-", 206, PDF[5:]),
            ("bytes=-4", 206, PDF[-4:]),
            ("bytes=0-99999", 206, PDF),
            ("bytes=99999-", 416, b""),
            ("bytes=-0", 416, b""),
            ("bytes=4-2", 200, PDF),
            ("bytes=0-1,4-5", 200, PDF),
            ("pages=1", 200, PDF),
            ("bytes=" + "9" * 60, 200, PDF),
        ],
    )
    def test_parts_of_it_are_sent_on_demand(
        self, hugo: Client, cast: dict[str, User], contact: Contact, asked: str, status: int, sent: bytes
    ) -> None:
        document = make_document(cast["sales"], on=contact)
        response = hugo.get(reverse("document_view", args=[document.pk]), headers={"Range": asked})
        assert response.status_code == status
        body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
        assert body == sent

    def test_nginx_sends_it_where_that_is_set(
        self, hugo: Client, cast: dict[str, User], contact: Contact, settings: Any
    ) -> None:
        document = make_document(cast["sales"], on=contact)
        settings.ACCEL_LOCATION = "/protected/"
        response = hugo.get(reverse("document_file", args=[document.pk]))
        assert response["X-Accel-Redirect"] == f"/protected/{document.file.name}"
        assert response.content == b""
        assert "attachment" in response["Content-Disposition"]

    def test_only_pdf_and_pictures_are_shown_by_the_browser(
        self, hugo: Client, cast: dict[str, User], contact: Contact
    ) -> None:
        shown = make_document(cast["sales"], on=contact, name="a.png", content=picture())
        response = hugo.get(reverse("document_view", args=[shown.pk]))
        assert response["Content-Disposition"].startswith("inline")
        assert response["Content-Type"] == "image/png"
        table = make_document(cast["sales"], on=contact, name="a.csv", content=CSV)
        assert hugo.get(reverse("document_view", args=[table.pk])).status_code == 404

    def test_a_file_that_was_lost_is_a_404(
        self, hugo: Client, cast: dict[str, User], contact: Contact
    ) -> None:
        document = make_document(cast["sales"], on=contact)
        document.file.storage.delete(document.file.name)
        for name in ("document_file", "document_view", "document_preview"):
            assert hugo.get(reverse(name, args=[document.pk])).status_code == 404
        assert hugo.get(document.get_absolute_url()).status_code == 200

    def test_nothing_else_serves_the_folder(
        self, hugo: Client, cast: dict[str, User], contact: Contact
    ) -> None:
        document = make_document(cast["sales"], on=contact)
        for prefix in ("/files/", "/media/", "/static/", "/protected/", "/files/photos/../"):
            assert hugo.get(f"{prefix}{document.file.name}").status_code == 404


def test_its_own_page_tells_who_added_it(hugo: Client, cast: dict[str, User], contact: Contact) -> None:
    document = make_document(cast["sales"], on=contact)
    events = hugo.get(document.get_absolute_url()).context["timeline"]["entries"]
    assert [event["actor"] for event in events] == [str(cast["sales"])]


class TestList:
    def test_it_is_narrowed_by_record_type_person_and_words(
        self, hugo: Client, cast: dict[str, User], contact: Contact
    ) -> None:
        pdf = make_document(cast["sales"], on=contact)
        deal = make_deal(cast["sales"])
        table = make_document(cast["sales"], on=deal, name="Tarifs 2026.csv", content=CSV)
        rows = {
            f"subject=crm.contact:{contact.pk}": {pdf.pk},
            "kind=crm.deal": {table.pk},
            "type=pdf": {pdf.pk},
            "type=table": {table.pk},
            "by=me": {pdf.pk, table.pk},
            f"by={cast['sales2'].pk}": set(),
            "added_after=2020-01-01": {pdf.pk, table.pk},
            "scan=clean": set(),
        }
        for query, found in rows.items():
            shown = hugo.get(f"{reverse('document_list')}?{query}").context["list"]["rows"]
            assert {row["pk"] for row in shown} == found, query

    def test_the_export_names_the_records(
        self, hugo: Client, cast: dict[str, User], contact: Contact
    ) -> None:
        make_document(cast["sales"], on=contact)
        response = hugo.get(f"{reverse('document_list')}?export=csv")
        text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        assert "Cahier des charges.pdf" in text
        assert "Émilie Durand" in text

    @pytest.mark.django_db(transaction=True)
    def test_the_search_box_finds_it_by_a_word_of_its_name(
        self, hugo: Client, cast: dict[str, User], contact: Contact
    ) -> None:
        make_document(cast["sales"], on=contact, name="cahier_des_charges.pdf")
        page = hugo.get(reverse("search"), {"q": "charg"}).content.decode()
        assert "cahier_des_charges.pdf" in page
        assert (
            "cahier_des_charges.pdf"
            not in client_of(cast["stranger"]).get(reverse("search"), {"q": "charg"}).content.decode()
        )
        listed = hugo.get(reverse("document_list"), {"q": "cahier"}).context["list"]
        assert listed["count"] == 1


class TestNames:
    @pytest.mark.parametrize(
        ("given", "status", "kept"),
        [
            ("Annexe", 302, "Annexe.pdf"),
            ("../../etc/Annexe.pdf", 302, "Annexe.pdf"),
            ("Annexe.v2", 302, "Annexe.v2.pdf"),
            ("photo.png", 422, "Cahier des charges.pdf"),
            ("\u202efdp.exe", 302, "fdp.exe.pdf"),
            ("  ", 422, "Cahier des charges.pdf"),
        ],
    )
    def test_a_new_name_keeps_the_ending_of_the_content(
        self, hugo: Client, cast: dict[str, User], contact: Contact, given: str, status: int, kept: str
    ) -> None:
        document = make_document(cast["sales"], on=contact)
        values = {"name": given, "version": 1}
        assert hugo.post(reverse("document_edit", args=[document.pk]), values).status_code == status
        document.refresh_from_db()
        assert document.name == kept
        event = Event.objects.filter(action="changed", subject_id=document.pk).first()
        assert (event is not None) == (status == 302)


def test_deleting_tells_the_record_and_keeps_the_file_for_the_bin(
    hugo: Client, cast: dict[str, User], contact: Contact
) -> None:
    document = make_document(cast["sales"], on=contact)
    hugo.post(reverse("document_delete", args=[document.pk]))
    assert "Cahier des charges.pdf" in hugo.get(contact.get_absolute_url()).content.decode()
    assert Event.objects.filter(action="document_removed", subject_id=contact.pk).count() == 1
    entry = BinEntry.objects.get(subject_type="timeline.document")
    assert BinFile.objects.get(entry=entry).name == document.file.name
    assert document.file.storage.exists(document.file.name)
    hugo.post(reverse("bin_restore", args=[entry.batch]))
    assert not BinFile.objects.exists()
    assert hugo.get(reverse("document_file", args=[document.pk])).status_code == 200
