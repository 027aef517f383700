"""Documents and the bin: they leave and come back with their record, and their files end with them."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from crm.models import Contact
from crm.services.contact import delete_contacts
from crm.services.merge import merge_records
from digiweb.jobs import run_job
from people.models import User
from tests.base import make_cast, make_contact
from tests.crm.imports import imported, table, undone
from tests.timeline.documents import make_document
from timeline.models import BinEntry, BinFile, Document, JobRun
from timeline.services.bin import delete_for_good, purge_bin, restore_from_bin
from timeline.services.document import delete_documents
from timeline.services.document_files import preview_of, remove_orphans
from timeline.services.document_look import look_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def contact(cast: dict[str, User]) -> Contact:
    return make_contact(cast["sales"], owner=cast["sales"])


def files(media: Path) -> set[str]:
    return {path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file()}


def do_jobs() -> None:
    for run in JobRun.objects.filter(state="queued").order_by("pk"):
        run_job(run.pk, "")


def test_a_record_takes_its_documents_along_and_back(
    cast: dict[str, User], contact: Contact, media: Path
) -> None:
    document = make_document(cast["sales"], on=contact)
    before = Document.objects.filter(pk=document.pk).values().get()
    batch = delete_contacts(user=cast["sales"], pks=[contact.pk])
    assert not Document.objects.exists()
    assert BinEntry.objects.count() == 1
    assert document.file.storage.exists(document.file.name)
    restored = restore_from_bin(user=cast["sales"], batch=batch)
    assert restored.lost == []
    assert Document.objects.filter(pk=document.pk).values().get() == before
    assert not BinFile.objects.exists()


def test_files_end_when_the_bin_is_emptied(cast: dict[str, User], contact: Contact, media: Path) -> None:
    document = make_document(cast["sales"], on=contact)
    look_at(document.pk)
    kept = make_document(cast["sales"], on=make_contact(cast["sales"], owner=cast["sales"]))
    assert {document.file.name, preview_of(document.file.name)} <= files(media)
    delete_contacts(user=cast["sales"], pks=[contact.pk])
    BinEntry.objects.update(deleted_at=timezone.now() - timedelta(days=40))
    assert purge_bin() == 1
    do_jobs()
    assert document.file.name not in files(media)
    assert preview_of(document.file.name) not in files(media)
    assert kept.file.name in files(media)


def test_deleting_for_good_ends_the_file_too(cast: dict[str, User], contact: Contact, media: Path) -> None:
    document = make_document(cast["sales"], on=contact)
    delete_documents(user=cast["sales"], pks=[document.pk])
    delete_for_good(user=cast["admin"], entries=BinEntry.objects.all())
    do_jobs()
    assert document.file.name not in files(media)


def test_a_job_that_comes_late_spares_what_came_back(
    cast: dict[str, User], contact: Contact, media: Path
) -> None:
    """The file of a document that exists is never removed, whatever a job was told."""
    from timeline.jobs import remove_files

    document = make_document(cast["sales"], on=contact)
    remove_files(names=[str(document.file.name)])
    assert document.file.name in files(media)
    delete_documents(user=cast["sales"], pks=[document.pk])
    remove_files(names=[str(document.file.name)])
    assert document.file.name in files(media)


def test_left_over_files_are_removed_after_a_day_and_no_others(
    cast: dict[str, User], contact: Contact, media: Path
) -> None:
    document = make_document(cast["sales"], on=contact)
    look_at(document.pk)
    binned = make_document(cast["sales"], on=contact, name="b.pdf")
    delete_documents(user=cast["sales"], pks=[binned.pk])
    needed = files(media)
    fresh, old = media / "documents/aa/bb" / ("a" * 32), media / "documents/aa/bb" / ("b" * 32)
    fresh.parent.mkdir(parents=True)
    for path in (fresh, old):
        path.write_bytes(b"x")
    past = time.time() - 2 * 24 * 3600
    for name in (*needed, "documents/aa/bb/" + "b" * 32):
        os.utime(media / name, (past, past))
    call_command("remove_orphans")
    assert files(media) == needed | {"documents/aa/bb/" + "a" * 32}
    assert remove_orphans() == 0


def test_a_document_without_a_record_to_come_back_to_says_so(cast: dict[str, User], contact: Contact) -> None:
    document = make_document(cast["sales"], on=contact)
    batch = delete_documents(user=cast["sales"], pks=[document.pk])
    delete_contacts(user=cast["sales"], pks=[contact.pk])
    with pytest.raises(ValidationError, match="Cahier des charges"):
        restore_from_bin(user=cast["sales"], batch=batch)
    assert BinEntry.objects.get(batch=batch).restored_at is None


def test_one_whose_record_was_merged_since_comes_back_on_the_other(
    cast: dict[str, User], contact: Contact
) -> None:
    document = make_document(cast["sales"], on=contact)
    batch = delete_documents(user=cast["sales"], pks=[document.pk])
    kept = make_contact(cast["sales2"], owner=cast["sales2"])
    merge_records(user=cast["admin"], kept=kept, lost=contact, take=set())
    restore_from_bin(user=cast["sales"], batch=batch)
    document.refresh_from_db()
    assert (document.subject_id, document.owner_id) == (kept.pk, cast["sales2"].pk)


def test_many_are_deleted_and_brought_back_as_one(cast: dict[str, User], contact: Contact) -> None:
    documents = [make_document(cast["sales"], on=contact, name=f"{n}.pdf") for n in range(3)]
    batch = delete_documents(user=cast["sales"], pks=[one.pk for one in documents])
    assert BinFile.objects.count() == 3
    assert len(restore_from_bin(user=cast["sales"], batch=batch).labels) == 3
    assert Document.objects.count() == 3


def test_undoing_an_import_leaves_the_contact_on_which_somebody_put_a_document(cast: dict[str, User]) -> None:
    header = "prenom,nom,email"
    run = imported(cast["sales"], table("A,B,a@x.fr", "C,D,c@x.fr", header=header))
    document = make_document(cast["sales"], on=Contact.objects.get(email="a@x.fr"))
    undone(cast["sales"], run)
    assert [contact.email for contact in Contact.objects.all()] == ["a@x.fr"]
    assert Document.objects.get() == document


def test_nothing_is_kept_of_an_upload_that_fails_half_way(
    cast: dict[str, User], contact: Contact, media: Path, monkeypatch: Any
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("timeline.services.document.record", fail)
    with pytest.raises(RuntimeError):
        make_document(cast["sales"], on=contact)
    assert files(media) == set()
    assert not Document.objects.exists()
