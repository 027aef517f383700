import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.digiweb.tabular import english, opened, refusal, table, written  # noqa: F401


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
