import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.digiweb.tabular import english, opened, refusal, table, written  # noqa: F401

CARDS = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Dupr=C3=A9;=C3=89lodie;;;
TEL;CELL;VOICE:06 12 34 56 78
TEL;WORK:01 23 45 67 89
TEL;HOME:01 23 45 67 80
EMAIL;INTERNET:elodie@exemple.fr
ADR;WORK;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;12 rue des =C3=89cluses=
, b=C3=A2t. B;Lille;;59000;France
PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/
 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA

END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Jean Martin
N:Martin;Jean;;M.;
ORG:Agence Exemple;Ventes
TITLE:Directeur
EMAIL:autre@exemple.fr
item1.EMAIL;type=INTERNET;type=pref:jean@exemple.fr
TEL;TYPE=CELL,VOICE:+33612345679
TEL;TYPE=FAX:+33123456789
CATEGORIES:Client,VIP
NOTE:Un texte
  plié\\, sur \\ndeux lignes
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Société X
TEL;VALUE=uri;TYPE="voice,cell":tel:+33-6-12-34-56-70
END:VCARD
BEGIN:VCARD
garbage
END:VCARD
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_cards_of_each_version_become_rows(encoding):
    source = opened(CARDS.replace("\n", "\r\n"), encoding=encoding, name="x.csv")
    assert source.kind == "vcard"
    assert source.total_hint == 4
    rows = list(source.rows())
    first, second, third = (dict(zip(source.header, row.values, strict=True)) for row in rows[:3])
    assert (first["First name"], first["Last name"]) == ("Élodie", "Dupré")
    assert (first["Mobile"], first["Phone"]) == ("06 12 34 56 78", "01 23 45 67 89 ::: 01 23 45 67 80")
    assert first["Address"] == "12 rue des Écluses, bât. B"
    assert (first["Postcode"], first["City"], first["Country"]) == ("59000", "Lille", "France")
    assert (second["Company"], second["Job title"], second["Tags"]) == (
        "Agence Exemple",
        "Directeur",
        "Client,VIP",
    )
    assert second["Email"] == "jean@exemple.fr"
    assert (second["Mobile"], second["Phone"]) == ("+33612345679", "")
    assert second["Note"] == "Un texte plié, sur \ndeux lignes"
    assert (third["Full name"], third["Mobile"]) == ("Société X", "+33-6-12-34-56-70")
    assert (rows[3].number, bool(rows[3].error)) == (4, True)
    assert [row.number for row in source.rows(start=3)] == [4]


def test_a_card_without_end_does_not_fill_the_memory():
    rows = list(opened(b"BEGIN:VCARD\n" + b"NOTE:" + b"x" * 60 + b"\n" * 1 + b"NOTE:y\n" * 300_000).rows())
    assert rows[0].error == "This card is too long."


@pytest.mark.parametrize("piece", ["A;", "A=", "A,", '"', "A;B=C,", 'A;B="', "=\n", " \n", "N;=:"])
def test_a_card_made_to_keep_a_parser_busy_is_read_at_once(piece):
    content = "BEGIN:VCARD\nVERSION:3.0\nFN:Jean\n{}" + piece * 50_000 + "\nTITLE:x\nEND:VCARD\n"
    for head in ("", "N:", "TEL;", "NOTE;ENCODING=QUOTED-PRINTABLE:"):
        assert len(list(opened(content.format(head)).rows())) == 1


def test_a_photo_of_several_megabytes_is_not_read():
    photo = "PHOTO;ENCODING=b:" + "A" * 60 + ("\n " + "A" * 74) * 40_000
    source = opened(f"BEGIN:VCARD\nN:Martin;Jean\n{photo}\nEND:VCARD\n")
    assert [(row.values[:2], row.error) for row in source.rows()] == [(["Jean", "Martin"], "")]


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('NTEL;:=,\\"\n \tCQUOTED-PRINTABLEé'), max_size=200))
def test_any_card_is_a_row(text):
    try:
        rows = list(opened("BEGIN:VCARD\n" + text + "\nEND:VCARD\n").rows())
    except ValidationError:
        return
    assert len(rows) >= 1
