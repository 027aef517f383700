"""Contacts in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.custom_value import CustomValuesField
from crm.api.merge import MERGE_CONTACTS, MergeActionViewSet, merging
from crm.filters.contact import ContactFilterSet
from crm.forms.contact import ContactForm
from crm.models import Contact, ScoreRule
from crm.models.score_rule import rules_now
from crm.services.contact import change_contact, create_contact, delete_contacts
from crm.views.contact import ContactListView
from crm.views.contact_score import score_lines
from digiweb.api.serializers import LabelField, RecordSerializer


class ContactSerializer(RecordSerializer):
    """A person the company talks to."""

    company_name = LabelField(source="company")
    owner_name = LabelField(source="owner")
    custom = CustomValuesField()

    class Meta:
        model = Contact
        form = ContactForm
        fields = [
            "id", "version", "first_name", "last_name", "email", "phone", "mobile", "job_title",
            "company", "company_name", "status", "source", "score", "rating", "last_contact_at",
            "owner", "owner_name", "tags",
            "address", "postcode", "city", "country", "custom", "created_at", "updated_at",
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
            "custom": {"canal-prefere": "telephone"},
        }
        example_read = {
            "id": 1042, "version": 3, "company_name": "Boulangerie Martin", "owner_name": "Hugo Lefèvre",
            "score": 71,
            "last_contact_at": "2026-11-19T10:00:00Z",
            "created_at": "2026-11-02T08:30:00Z", "updated_at": "2026-11-20T16:05:12.345678Z",
        }  # fmt: skip


class ScoreLineSerializer(serializers.Serializer):
    """Points of a score, and what they are for. Who may not see the record behind it reads null."""

    rule = serializers.ChoiceField(ScoreRule.Subject.choices, allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]
    group = serializers.ChoiceField(ScoreRule.Group.choices)
    points = serializers.IntegerField()
    on = serializers.DateField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    source_type = serializers.CharField(allow_null=True)
    source_id = serializers.IntegerField(allow_null=True)


class ScoreSerializer(serializers.Serializer):
    """A score, the lines that add up to it, and what holds it within 0 and 100."""

    score = serializers.IntegerField()
    held = serializers.IntegerField()
    lines = ScoreLineSerializer(many=True)


@merging(ContactSerializer, MERGE_CONTACTS, "MergedContact")
class ContactViewSet(MergeActionViewSet):
    """Contacts, within one's sight."""

    module = "crm.contact"
    model = Contact
    serializer_class = ContactSerializer
    merge_serializer = MERGE_CONTACTS
    filterset_class = ContactFilterSet
    sorts = ContactListView.sorts
    rights = {**MergeActionViewSet.rights, "score": "view"}
    labels = {"company": ("name",), "owner": ("first_name", "last_name", "email")}
    prefetch = ("tags",)
    title = _("Contacts")
    about = _(
        "The people the company talks to. Left out on creation, the owner is you; null makes it "
        "everybody's to take. Phone numbers are taken in any writing and given as E.164."
    )
    summaries = {**MergeActionViewSet.summaries, "score": _("Score, line by line")}
    descriptions = {
        **MergeActionViewSet.descriptions,
        "score": _("What the score is made of: the points of the lines and `held` add up to it, always."),
    }

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

    @extend_schema(responses=ScoreSerializer)
    @action(detail=True)
    def score(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        contact = Contact.objects.visible_to(request.user).get(pk=self.get_object().pk)
        lines = score_lines(request.user, contact, rules_now())
        answer = {
            "score": contact.score,
            "held": contact.score - sum(line["points"] for line in lines),
            "lines": [described(line) for line in lines],
        }
        return Response(answer)


def described(line: dict[str, Any]) -> dict[str, Any]:
    """A line as the API says it."""
    source = line["source"]
    return {
        **{name: line[name] for name in ("rule", "label", "group", "points", "on", "expires_on")},
        "source_type": source._meta.label_lower if source else None,
        "source_id": source.pk if source else None,
    }
