import io

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from digiweb.tabular import Limits, sniff
from tests.digiweb.tabular import english, opened, refusal, table, written  # noqa: F401

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


def test_limits_are_the_callers():
    limits = Limits(max_columns=2, max_cell=5)
    assert refusal("a,b,c\n1,2,3\n", limits=limits).code == "columns"
    assert next(opened("a,b\n123456,x\n", limits=limits).rows()).error
