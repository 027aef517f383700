"""Contacts in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.filters.contact import ContactFilterSet
from crm.forms.contact import ContactForm
from crm.models import Contact
from crm.services.contact import change_contact, create_contact, delete_contacts
from crm.views.contact import ContactListView
from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet


class ContactSerializer(RecordSerializer):
    """A person the company talks to."""

    company_name = LabelField(source="company")
    owner_name = LabelField(source="owner")

    class Meta:
        model = Contact
        form = ContactForm
        fields = [
            "id", "version", "first_name", "last_name", "email", "phone", "mobile", "job_title",
            "company", "company_name", "status", "source", "score", "rating", "last_contact_at",
            "owner", "owner_name", "tags",
            "address", "postcode", "city", "country", "created_at", "updated_at",
        ]  # fmt: skip
        example = {
            "first_name": "Émilie",
            "last_name": "Durand",
            "email": "emilie.durand@example.com",
            "phone": "+33140205050",
            "mobile": "+33612345678",
            "job_title": "Gérante",
            "company": 12,
            "status": "prospect",
            "source": "Salon",
            "rating": 4,
            "owner": 3,
            "tags": [1, 4],
            "address": "12 rue des Lilas",
            "postcode": "69003",
            "city": "Lyon",
            "country": "FR",
        }
        example_read = {
            "id": 1042, "version": 3, "company_name": "Boulangerie Martin", "owner_name": "Hugo Lefèvre",
            "score": 71,
            "last_contact_at": "2026-11-19T10:00:00Z",
            "created_at": "2026-11-02T08:30:00Z", "updated_at": "2026-11-20T16:05:12.345678Z",
        }  # fmt: skip


class ContactViewSet(RecordViewSet):
    """Contacts, within one's sight."""

    module = "crm.contact"
    model = Contact
    serializer_class = ContactSerializer
    filterset_class = ContactFilterSet
    sorts = ContactListView.sorts
    labels = {"company": ("name",), "owner": ("first_name", "last_name", "email")}
    prefetch = ("tags",)
    title = _("Contacts")
    about = _(
        "The people the company talks to. Left out on creation, the owner is you; null makes it "
        "everybody's to take. Phone numbers are taken in any writing and given as E.164."
    )

    def create_record(self, form: Any) -> Contact:
        return create_contact(user=self.request.user, contact=form.instance, tags=form.cleaned_data["tags"])

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_contact(
            user=self.request.user,
            contact=record,
            values=form.values(),
            version=version,
            tags=form.cleaned_data.get("tags"),
        )

    def delete_record(self, record: Any) -> None:
        delete_contacts(user=self.request.user, pks=[record.pk])
