"""What the tests of reading files share: a file made, read, refused."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from digiweb.tabular import sniff


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
