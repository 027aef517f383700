"""Files of every kind and origin, and those that cannot be read."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from crm.models import Contact, ContactImport
from people.models import User
from tests.base import client_of, make_cast
from tests.crm.imports import HEADER, NEW, run_through, setup_page, table, upload

pytestmark = pytest.mark.django_db
ROW = "Camille,Roy,camille.roy@exemple.fr,06 12 34 56 78,Boulangerie Roy,Gérante,Nantes,France,Prospect,Salon"


@pytest.fixture
def me() -> User:
    return make_cast()["sales"]


def xlsx(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


GOOGLE = (
    "First Name,Last Name,Organization Name,Organization Title,E-mail 1 - Label,E-mail 1 - Value,"
    "Phone 1 - Label,Phone 1 - Value,Address 1 - City,Labels,Notes\n"
    "Camille,Roy,Boulangerie Roy,Gérante,Work,camille.roy@exemple.fr,Mobile,0612345678 ::: 0240123456,Nantes,"
    "* myContacts ::: VIP,Appeler\n"
)
GOOGLE_OLD = (
    "Name,Given Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,"
    "Phone 1 - Type,Phone 1 - Value,Organization 1 - Name,Organization 1 - Title\n"
    "Camille Roy,Camille,Roy,* myContacts,Work,camille.roy@exemple.fr,"
    "Mobile,06 12 34 56 78,Boulangerie Roy,Gérante\n"
)
OUTLOOK = (
    "First Name,Last Name,Company,Job Title,Business City,Mobile Phone,E-mail Address,Categories\n"
    "Camille,Roy,Boulangerie Roy,Gérante,Nantes,+33612345678,camille.roy@exemple.fr,VIP\n"
)
OUTLOOK_FR = (
    '"Prénom","Nom","Société","Titre1","Ville (bureau)","Tél. mobile","Adresse de messagerie"\r\n'
    '"Camille","Roy","Boulangerie Roy","Gérante","Nantes","06.12.34.56.78","camille.roy@exemple.fr"\r\n'
)
LINKEDIN = (
    'Notes:\n"When exporting your connection data, you may notice that some emails are missing."\n\n'
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
    "Camille,Roy,https://www.linkedin.com/in/x,camille.roy@exemple.fr,Boulangerie Roy,Gérante,12 Jan 2026\n"
)
HUBSPOT = (
    "Record ID,First Name,Last Name,Email,Phone Number,Company Name,Job Title,City,Lifecycle Stage\n"
    "51,Camille,Roy,camille.roy@exemple.fr,612345678,Boulangerie Roy,Gérante,Nantes,Opportunity\n"
)
VCARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Roy;Camille;;;\r\nFN:Camille Roy\r\nORG:Boulangerie Roy;\r\n"
    "TITLE:Gérante\r\n"
    "TEL;TYPE=CELL:06 12 34 56 78\r\nEMAIL;TYPE=WORK:camille.roy@exemple.fr\r\n"
    "ADR;TYPE=WORK:;;1 rue X;Nantes;;44000;France\r\nEND:VCARD\r\n"
)
FRENCH = table(ROW)
FILES: list[tuple[str, bytes, str]] = [
    ("contacts.csv", FRENCH.encode(), "french"),
    ("bom.csv", b"\xef\xbb\xbf" + FRENCH.encode(), "french"),
    ("excel.csv", FRENCH.replace(",", ";").encode("cp1252"), "french"),
    ("tabs.txt", FRENCH.replace(",", "\t").encode("utf-16"), "french"),
    ("google.csv", GOOGLE.encode(), "google"),
    ("google-old.csv", GOOGLE_OLD.encode(), "google_old"),
    ("outlook.csv", OUTLOOK.encode(), "outlook"),
    ("outlook-fr.csv", OUTLOOK_FR.encode("cp1252"), "outlook_fr"),
    ("linkedin.csv", LINKEDIN.encode(), "linkedin"),
    ("hubspot.csv", HUBSPOT.encode(), "hubspot"),
    ("contacts.xlsx", xlsx([HEADER.split(","), ROW.split(",")]), "french"),
    ("contacts.vcf", VCARD.encode(), ""),
]


class TestFormats:
    @pytest.mark.parametrize(("name", "content", "preset"), FILES, ids=[one[0] for one in FILES])
    def test_each_kind_of_file_arrives_by_accepting_what_is_proposed(
        self, me: User, name: str, content: bytes, preset: str
    ) -> None:
        run = run_through(client_of(me), content, name)
        assert (run.state, run.created, run.refused, run.preset) == ("done", 1, 0, preset)
        contact = Contact.objects.get()
        assert (contact.full_name, contact.email) == ("Camille Roy", "camille.roy@exemple.fr")
        assert contact.company is not None
        assert (contact.company.name, contact.job_title) == ("Boulangerie Roy", "Gérante")
        assert preset == "linkedin" or "+33612345678" in (contact.phone, contact.mobile)

    def test_what_a_card_holds_is_named_in_the_language_of_the_person(self, me: User) -> None:
        page = setup_page(client_of(me), VCARD.encode(), "contacts.vcf")
        labels = [str(field.label) for field in page.context["form"].column_fields]
        assert labels[:2] == ["Prénom", "Nom"]

    def test_line_breaks_and_quotes_inside_cells_arrive(self, me: User) -> None:
        content = 'prenom,nom,email,note\nCam,"Roy ""R""",a@b.fr,"two\nlines"\nLéa,Petit,c@d.fr,\n'
        run = run_through(client_of(me), content)
        assert run.created == 2
        assert Contact.objects.get(email="a@b.fr").last_name == 'Roy "R"'


class TestUpload:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("empty.csv", b""),
            ("blank.csv", b"\n\n  \n"),
            ("header.csv", HEADER.encode()),
            ("photo.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 100),
            ("nul.csv", b"nom,email\nA\0B,a@b.fr\n"),
            ("wide.csv", (",".join(f"c{n}" for n in range(10_000)) + "\n" + "x," * 10_000).encode()),
            ("quote.csv", b'nom,email\n"A,a@b.fr\n' + b"B,b@b.fr\n" * 3000),
            ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600),
            ("page.csv", b"<!doctype html><html><table></table></html>"),
            ("not.xlsx", b"PK\x03\x04 broken"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_file_that_cannot_be_read_says_so_beside_the_field_and_nothing_is_kept(
        self, me: User, name: str, content: bytes, media: Any
    ) -> None:
        response = upload(client_of(me), content, name)
        assert response.status_code == 422
        assert response.context["form"].errors["file"]
        assert 'class="dw-field-error"' in response.content.decode()
        assert not ContactImport.objects.exists()
        assert not [path for path in media.rglob("*") if path.is_file()] if media.exists() else True

    def test_a_zip_bomb_is_refused(self, me: User) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", "<workbook/>")
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
        response = upload(client_of(me), file.getvalue(), "bomb.xlsx")
        assert response.status_code == 422
        assert not ContactImport.objects.exists()

    def test_a_file_beyond_the_limit_is_refused_without_being_kept(self, me: User, settings: Any) -> None:
        settings.IMPORT_MAX_BYTES = 40 * 1024 * 1024
        response = upload(client_of(me), b"nom,email\n" + b"A,a@b.fr\n" * (100 * 1024 * 1024 // 9))
        assert response.status_code == 422
        assert "40" in str(response.context["form"].errors["file"])
        assert not ContactImport.objects.exists()

    def test_without_a_file_it_asks_for_one(self, me: User) -> None:
        response = client_of(me).post(NEW, {})
        assert response.status_code == 422
        assert len(response.context["form"].errors["file"]) == 1

    def test_the_sample_file_is_imported_as_it_is(self, me: User) -> None:
        client = client_of(me)
        sample = client.get(reverse("crm:contact_import_template"))
        assert sample.content.decode("utf-8-sig").splitlines()[0] == HEADER
        assert run_through(client, sample.content).created == 1

    def test_the_drawer_is_left_for_the_page(self, me: User) -> None:
        response = client_of(me, HX_Request="true", HX_Target="drawer-body").get(NEW)
        assert response["HX-Redirect"] == NEW
