import csv
import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from digiweb.tabular import Limits, sniff


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def opened(content, name="contacts.csv", encoding="utf-8", limits=None):
    data = content.encode(encoding) if isinstance(content, str) else content
    return sniff(io.BytesIO(data), name, limits)


def table(content, **options):
    source = opened(content, **options)
    return source.header, [row.values for row in source.rows()]


def refusal(content, **options):
    with pytest.raises(ValidationError) as raised:
        list(opened(content, **options).rows())
    assert raised.value.messages[0]
    return raised.value


def written(rows, delimiter=",", encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


# --- CSV: dialects ---


@pytest.mark.parametrize(
    ("encoding", "label"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8-BOM"), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_by_content_whatever_the_name_says(encoding, label, delimiter):
    rows = [["prénom", "nom", "ville"], ["Élodie", "O’Neill", "Lille; Nord, France"]]
    source = opened(written(rows, delimiter, encoding), name="photo.png")
    assert (source.kind, source.encoding, source.delimiter) == ("csv", label, delimiter)
    assert source.header == rows[0]
    assert [row.values for row in source.rows()] == rows[1:]


def test_windows_accents_far_into_a_large_file_are_still_found():
    rows = [["nom", "ville"], *([["Dupont", "Lille"]] * 100_000), ["Éléonore", "Orléans"]]
    assert opened(written(rows, ";", "cp1252")).encoding == "Windows-1252"


ALPHABETS = {
    "utf-8": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    "utf-8-sig": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    "utf-16": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    # Bytes that are also good UTF-8 can't be told apart, so: letters from À on.
    "cp1252": st.text(st.sampled_from("abc éèçÀÊÿ,;|\t\"\n'"), max_size=12),
}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_table_is_read_back_as_it_was_written(data):
    encoding = data.draw(st.sampled_from(sorted(ALPHABETS)))
    delimiter = data.draw(st.sampled_from(",;\t|"))
    width = data.draw(st.integers(2, 5))
    rows = data.draw(
        st.lists(st.lists(ALPHABETS[encoding], min_size=width, max_size=width), min_size=1, max_size=8)
    )
    rows = [row for row in rows if "".join(row).strip()]
    assume(rows)
    header = [f"column {index}" for index in range(width)]
    content = written([header, *rows], delimiter, encoding)
    texts = "".join("".join(row) for row in rows)
    controls = sum(char not in "\t\r\n" and (char < " " or char == "\x7f") for char in texts)
    assume(controls * 40 < len(content))
    source = opened(content)
    read = list(source.rows())
    assert [row.error for row in read] == [""] * len(rows)
    assert [row.values for row in read] == rows
    assert source.header == header
    start = data.draw(st.integers(0, len(rows)))
    assert list(source.rows(start=start)) == read[start:]


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.tuples(
            st.sampled_from(
                [
                    b"PK\x03\x04",
                    b"\xff\xfe",
                    b"\xef\xbb\xbf",
                    b"BEGIN:VCARD\n",
                    b"a,b\n",
                    b'"',
                    b"sep=;\n",
                    b"Notes:\n",
                ]
            ),
            st.one_of(
                st.binary(max_size=200),
                st.text(st.sampled_from('ab,;"\n\r\té:=')).map(lambda text: text.encode()),
            ),
        ).map(b"".join),
    )
)
def test_any_bytes_are_read_or_refused_with_a_message(content):
    try:
        source = opened(content)
        rows = list(source.rows())
    except ValidationError:
        return
    assert rows
    for row in rows:
        assert row.error or len(row.values) == len(source.header)
        "".join(row.values).encode()


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('ab,"\n'), max_size=60))
def test_the_line_after_a_bad_quote_is_a_row_of_its_own(text):
    try:
        rows = list(opened("h1,h2\n" + text).rows())
    except ValidationError:
        return
    lines = ["", "h1,h2", *text.split("\n")]
    starts = [row.number for row in rows]
    assert starts == sorted(set(starts))
    for row in rows:
        following = row.number + 1
        if "quote" in row.error and following < len(lines) and set(lines[following]) & {"a", "b"}:
            assert following in starts


def test_sep_line_and_a_title_above_the_table_are_not_the_header():
    assert table("sep=;\nnom;ville\nDupont;Lille\n") == (["nom", "ville"], [["Dupont", "Lille"]])
    content = "Export du 12/03\n\nnom;ville;pays\nDupont;Lille;France\nMartin;Lyon;France\n"
    assert table(content)[0] == ["nom", "ville", "pays"]


def test_linkedin_notes_are_skipped_and_lines_are_numbered_as_in_the_file():
    source = opened(
        'Notes:\n"When exporting your connection data, you may notice that some emails are missing."\n\n'
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
        "Jeanne,Exemple,https://example.com/in/j,,Agence,Gérante,15 Jan 2024\n"
    )
    assert source.header[0] == "First Name"
    assert [(row.number, row.values[0]) for row in source.rows()] == [(5, "Jeanne")]


def test_one_column_is_a_table_too():
    assert table("email\na@exemple.fr\nb@exemple.fr\n") == (["email"], [["a@exemple.fr"], ["b@exemple.fr"]])


def test_rows_are_numbered_by_the_line_where_they_begin_and_blank_ones_count():
    source = opened('nom,note\nA,"deux\nlignes"\n\n,\n  ,\nB,x\n')
    assert [(row.number, row.values) for row in source.rows()] == [
        (2, ["A", "deux\nlignes"]),
        (7, ["B", "x"]),
    ]
    assert source.total_hint == 6


def test_a_short_row_is_filled_up_and_a_long_one_is_an_error_only_if_something_is_there():
    rows = list(opened("a,b,c\n1\n1,2,3,,\n1,2,3,,4\n").rows())
    assert rows[0].values == ["1", "", ""]
    assert rows[1].values == ["1", "2", "3"]
    assert not rows[1].error
    assert rows[2].error == "This row has 5 columns, the header has 3."


def test_old_mac_line_ends_are_read():
    assert table("nom,ville\rDupont,Lille\r") == (["nom", "ville"], [["Dupont", "Lille"]])


def test_a_file_may_be_read_twice_at_once_and_stays_open():
    file = io.BytesIO(b"n,m\n" + b"".join(b"%d,x\n" % i for i in range(100_000)))
    source = sniff(file, "x.csv")
    pairs = zip(source.rows(), source.rows(start=50_000), strict=False)
    assert all(int(late.values[0]) == int(early.values[0]) + 50_000 for early, late in pairs)
    assert not file.closed


# --- CSV: bad input ---


def test_a_quote_that_never_closes_is_refused_with_its_line():
    problem = refusal('nom,ville\nA,Lille\nB,"Lyon\nC,Nice\n' + "D,Metz\n" * 100_000)
    assert problem.code == "quote"
    assert problem.messages == ["The quote that opens on line 3 never closes."]


def test_the_line_named_is_where_the_quote_opens_not_where_its_row_begins():
    assert "line 5" in refusal('nom,ville\nA,x\nB,"un\ndeux"\nC,"Lyon\nD,Nice\n').messages[0]


def test_two_quotes_that_do_not_match_cost_only_their_own_rows():
    rows = list(opened('nom,ville\nA,"Lyon\nB,Nice\nC,"Metz\nD,Lens\n').rows())
    assert [row.number for row in rows] == [2, 3, 4, 5]
    assert [bool(row.error) for row in rows] == [True, False, True, False]
    assert "line 2" in rows[0].error
    assert rows[1].values == ["B", "Nice"]


def test_a_quote_open_in_the_header_is_refused():
    assert refusal('nom,"ville\nA,Lille\nB,Lyon\n').code == "quote"


def test_a_file_made_to_be_read_again_and_again_is_read_in_reasonable_time():
    content = "a,b\n" + 'x","\n' * 200_000 + 'y,"z"w\n'
    source = opened(content)
    assert sum(1 for _row in source.rows()) > 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b" \n\n;;\n", "empty"),
        (b"nom,ville\n", "no_rows"),
        (b"nom,ville\n,\n\n", "no_rows"),
        (b"nom,ville\nA,\0\n", "nul"),
        (b"nom,ville\n" + b"x" * 3_000_000, "line"),
        ((",".join(f"c{i}" for i in range(10_000)) + "\n1,2\n").encode(), "columns"),
        (b"\xff\xfea\0,\0b\0\n\0x", "encoding"),
        (b"%PDF-1.7\n%\xe2\xe3", "kind"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "kind"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "kind"),
        (b"<!DOCTYPE html><html><table>", "kind"),
        (b"\x01\x02\x03\x04,\x05\n" * 20, "not_text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "xls"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
    ],
)
def test_files_that_are_no_table_are_refused(content, code):
    assert refusal(content).code == code


def test_a_file_larger_than_the_limit_is_refused_before_it_is_read():
    class Huge(io.BytesIO):
        def seek(self, offset, whence=0):
            return super().seek(offset, whence)

        def tell(self):
            return 100 * 1024 * 1024

        def read(self, size=-1):
            raise AssertionError("read")

    with pytest.raises(ValidationError) as raised:
        sniff(Huge(), "x.csv")
    assert raised.value.code == "size"


def test_a_cell_too_long_is_an_error_of_its_row():
    for length in (10_001, 200_000):
        rows = list(opened(f"a,b\n1,{'x' * length}\n2,3\n").rows())
        assert "10000" in rows[0].error
        assert rows[1].values == ["2", "3"]
    assert not next(opened(f"a,b\n1,{'x' * 10_000}\n").rows()).error


def test_damaged_characters_are_an_error_of_their_row_not_mojibake_everywhere():
    rows = list(opened("prénom,ville\nÉlodie,Orléans\n".encode() + b"Ren\xe9,Lille\n").rows())
    assert rows[0].values == ["Élodie", "Orléans"]
    assert "UTF-8" in rows[1].error


# --- XLSX ---


def workbook(*rows, sheets=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title in sheets:
        book.create_sheet(title)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def with_part(book, name, content):
    """The workbook with one part of its archive replaced."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return data.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def sheet(rows):
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{rows}</sheetData></worksheet>"
    )


def test_cells_become_the_text_that_a_person_would_type():
    book = workbook(
        ["nom", "tél", "le", "à", "actif", "prix"],
        ["Été", 612345678.0, datetime(2024, 1, 2), datetime(2024, 1, 2, 3, 4), True, 1.5],
        [],
        ["#N/A", 33612345678, None, None, None, 12],
    )
    source = opened(book, name="contacts.csv")
    assert source.kind == "xlsx"
    assert [tuple(row) for row in source.rows()] == [
        (2, ["Été", "612345678", "2024-01-02", "2024-01-02 03:04:00", "true", "1.5"], ""),
        (4, ["", "33612345678", "", "", "", "12"], ""),
    ]
    assert [row.number for row in source.rows(start=1)] == [4]
    assert source.total_hint == 3


def test_a_formula_is_read_as_the_value_that_excel_kept():
    cells = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>nom</t></is></c></row>'
        '<row r="2"><c r="A2" t="str"><f>"Du"&amp;"pont"</f><v>Dupont</v></c></row>'
    )
    assert table(with_part(workbook(["x"]), SHEET, sheet(cells))) == (["nom"], [["Dupont"]])


def test_a_title_above_the_table_and_columns_without_a_title_are_no_trouble():
    header, rows = table(
        workbook(["Contacts 2024"], ["nom", "ville", "pays"], ["A", "Lille", "FR", "à rappeler"])
    )
    assert header == ["nom", "ville", "pays", ""]
    assert rows == [["A", "Lille", "FR", "à rappeler"]]


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c t="inlineStr"><is><t>a</t></is></c></row><row r="99999999999"><c><v>1</v></c></row>',
        '<row r="2"><c t="inlineStr"><is><t>a</t></is></c></row><row r="1"><c><v>1</v></c></row>',
        '<row r="1"><c r="ZZZ1"><v>1</v></c></row>',
        "<row>" + "<c><v>1</v></c>" * 20_000 + "</row>",
        '<row><c t="inlineStr"><is><t>' + "ab" * 200_000 + "</t></is></c></row>",
        '<row><c t="s"><v>99</v></c></row>',
        "<row><c><v>nan nan</v></c></row>",
        "<row>",
    ],
)
def test_a_hostile_sheet_is_refused_at_once(cells):
    assert refusal(with_part(workbook(["x"]), SHEET, sheet(cells))).code in (
        "unreadable",
        "zip_bomb",
        "columns",
    )


def test_entities_in_a_sheet_are_refused():
    content = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet(
        '<row><c t="inlineStr"><is><t>&a;</t></is></c></row>'
    )
    assert refusal(with_part(workbook(["x"]), SHEET, content)).code == "unreadable"


def test_zip_bombs_are_refused_by_what_the_archive_declares():
    bomb = with_part(workbook(["x"]), SHEET, b" " * 200_000_000)
    assert len(bomb) < 1_000_000
    assert refusal(bomb).code == "zip_bomb"
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        archive.writestr("xl/workbook.xml", "")
        for index in range(3_000):
            archive.writestr(f"{index}", "")
    assert refusal(many.getvalue()).code == "zip_bomb"


def test_an_archive_that_lies_about_a_size_is_not_read_beyond_it():
    book = bytearray(with_part(workbook(["x"]), SHEET, sheet("<row><c><v>1</v></c></row>" * 100_000)))
    entry = book.rfind(SHEET.encode()) - 46
    assert book[entry : entry + 4] == b"PK\x01\x02"
    book[entry + 24 : entry + 28] = (500).to_bytes(4, "little")
    assert refusal(bytes(book)).code == "unreadable"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=30))
def test_a_damaged_workbook_is_read_or_refused(position, garbage):
    book = bytearray(workbook(["nom", "ville"], ["A", "Lille"]))
    position %= len(book)
    book[position : position + len(garbage)] = garbage
    try:
        rows = list(opened(bytes(book)).rows())
    except ValidationError:
        return
    assert rows


def test_other_archives_and_empty_workbooks_are_refused():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refusal(data.getvalue()).code == "kind"
    assert refusal(workbook()).code == "empty"
    assert refusal(workbook(["nom", "ville"])).code == "no_rows"
    assert refusal(workbook([f"c{i}" for i in range(300)], ["x"])).code == "columns"


# --- vCard ---

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


def test_limits_are_the_callers():
    limits = Limits(max_columns=2, max_cell=5)
    assert refusal("a,b,c\n1,2,3\n", limits=limits).code == "columns"
    assert next(opened("a,b\n123456,x\n", limits=limits).rows()).error
