"""Unknown calls in the API: list, read, say who it is, ignore."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from crm.models import Contact
from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import MAX_ID, AskedSerializer, LabelField, RecordSerializer
from digiweb.api.views import ReadViewSet
from sync.filters.caller import CallerFilterSet
from sync.models import Caller
from sync.services.identify import heed_numbers, ignore_numbers, say_who
from sync.views.caller import CallerListView


class CallerSerializer(RecordSerializer):
    """A number with what waits of it."""

    last_person_name = LabelField(source="last_person")

    class Meta:
        model = Caller
        fields = [
            "id", "version", "number", "state", "waiting", "last_call_at", "last_person",
            "last_person_name", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
        example: dict[str, Any] = {}
        example_read = {
            "id": 12, "version": 1, "number": "+33612345678", "state": "unknown", "waiting": 3,
            "last_call_at": "2026-11-21T08:30:00Z", "last_person": 3, "last_person_name": "Hugo Lefèvre",
            "created_at": "2026-11-20T16:05:12Z", "updated_at": "2026-11-21T08:32:00Z",
        }  # fmt: skip


class IdentifySerializer(AskedSerializer):
    """Whose number it is."""

    contact = serializers.IntegerField(min_value=1, max_value=MAX_ID)


class CallerViewSet(ReadViewSet):
    """Numbers of unknown calls, within one's sight."""

    module = "sync.phonecall"
    model = Caller
    http_method_names = ["get", "head", "post"]
    serializer_class = CallerSerializer
    filterset_class = CallerFilterSet
    sorts = CallerListView.sorts
    labels = {"last_person": ("first_name", "last_name", "email")}
    rights = {**ReadViewSet.rights, "identify": "change", "ignore": "change", "heed": "change"}
    bodiless_actions = ("ignore", "heed")
    title = _("Unknown calls")
    about = _(
        "Numbers that called or were called and that no contact bears. Once it is said whose a number is, "
        "its calls are activities of that contact."
    )
    summaries = {
        "identify": _("Attach to a contact"),
        "ignore": _("Ignore the number"),
        "heed": _("List the number again"),
    }
    descriptions = {
        "identify": _("The calls of this number, and those to come, are this contact’s."),
        "ignore": _("The number is listed no more."),
        "heed": _("The number is listed again."),
    }

    @extend_schema(request=IdentifySerializer, responses=CallerSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def identify(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        caller = self.get_object()
        given = IdentifySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        contacts = Contact.objects.visible_to(request.user)
        contact = contacts.filter(pk=given.validated_data["contact"]).first()
        if contact is None:
            raise ValidationError({"contact": [_("There is no such contact.")]})
        say_who(user=request.user, caller=caller, contact=contact)
        return self.answer(self.fresh(caller))

    @extend_schema(request=None, responses=CallerSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def ignore(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return self.mark(ignore_numbers)

    @extend_schema(request=None, responses=CallerSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def heed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return self.mark(heed_numbers)

    def mark(self, verb: Any) -> Response:
        caller = self.get_object()
        verb(user=self.request.user, pks=[caller.pk])
        return self.answer(self.fresh(caller))
