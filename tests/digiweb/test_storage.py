"""A disk that takes no more: words instead of an error, and nothing left by half."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from crm.models import ContactImport
from digiweb.storage import MediaStorage
from people.models import User
from tests.base import client_of, make_cast, make_contact
from tests.contracts.api import assert_problem, caller
from tests.timeline.documents import uploaded
from timeline.models import Document, Event


class Broken(ContentFile):
    """A file after whose first bytes the disk is full."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[Any]:
        yield b"half of it"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_uploads_are_kept_by_it() -> None:
    assert type(default_storage._wrapped) is MediaStorage or isinstance(default_storage, MediaStorage)


def test_half_a_file_does_not_stay(tmp_path: Path) -> None:
    storage = MediaStorage(location=tmp_path)
    storage.save("kept/a.txt", ContentFile(b"whole"))
    with pytest.raises(ValidationError):
        storage.save("kept/b.txt", Broken(b""))
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["a.txt"]


@pytest.mark.django_db
def test_whoever_uploads_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **kwargs: Any) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    cast: dict[str, User] = make_cast()
    contact = make_contact(cast["sales"], owner=cast["sales"])
    client = caller(cast["sales"])
    sent = {"subject": f"crm.contact:{contact.pk}", "file": uploaded()}
    (error,) = assert_problem(client.post("/api/v1/documents/", sent), 422)["errors"]
    assert error["field"] == "file"
    table = {"file": ContentFile(b"prenom,nom,email\nA,B,a@b.fr\n", name="a.csv")}
    assert_problem(client.post("/api/v1/contact-imports/", table), 422)
    table["file"].seek(0)
    page = client_of(cast["sales"]).post("/crm/contacts/import/", table)
    assert page.status_code == 422
    assert "disque" in page.content.decode() or "disk" in page.content.decode()
    assert not Document.objects.exists()
    assert not ContactImport.objects.exists()
    assert not Event.objects.filter(action="document_added").exists()
