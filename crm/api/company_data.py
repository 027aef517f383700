"""Legal data of firms in the API: looked for by SIREN, SIRET or name; taking over is a verb of companies."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, Throttled
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from crm.company_data import FIELDS, Firm
from crm.services.company_data import Search, look_for
from crm.views.company_data import LOOKS_A_MINUTE
from digiweb.api.parsers import JSONParser
from digiweb.api.permissions import GrantPermission, ReadOnlyToken
from digiweb.api.serializers import AskedSerializer
from digiweb.api.views import APIMixin
from digiweb.pace import within_pace


class FirmSerializer(serializers.Serializer):
    """A firm as a source tells of it; what it does not tell is left out."""

    siren = serializers.CharField()
    name = serializers.CharField(required=False)
    siret = serializers.CharField(required=False)
    vat_number = serializers.CharField(required=False)
    naf_code = serializers.CharField(required=False)
    legal_form = serializers.CharField(required=False)
    legal_manager = serializers.CharField(required=False)
    headcount = serializers.IntegerField(required=False)
    headcount_to = serializers.IntegerField(required=False)
    turnover = serializers.CharField(required=False)
    turnover_year = serializers.IntegerField(required=False)
    address = serializers.CharField(required=False)
    postcode = serializers.CharField(required=False)
    city = serializers.CharField(required=False)
    country = serializers.CharField(required=False)
    closed = serializers.BooleanField(required=False)
    closed_on = serializers.DateField(required=False)
    hidden = serializers.BooleanField(required=False)


@extend_schema_serializer(many=False)
class SearchSerializer(serializers.Serializer):
    """What came of a search, and in words what went wrong."""

    results = FirmSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    state = serializers.CharField(
        help_text=gettext_lazy("ok, or: unknown, no_source, no_key, wrong_key, quota, down, invalid.")
    )
    notices = serializers.ListField(child=serializers.CharField())
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    fetched_at = serializers.DateTimeField(allow_null=True)


class TakeOverSerializer(AskedSerializer):
    """Which fields of a company are taken over; without `fields` those that are empty there."""

    fields_ = serializers.ListField(child=serializers.ChoiceField(FIELDS), max_length=20, required=False)
    siren = serializers.CharField(
        required=False, max_length=20, help_text=gettext_lazy("The company’s own one, unless said.")
    )
    version = serializers.IntegerField(required=False, min_value=1)

    def get_fields(self) -> dict[str, Any]:
        # `fields` is a property of every serializer: the name is given here.
        fields = super().get_fields()
        fields["fields"] = fields.pop("fields_")
        return fields


EXAMPLE = {
    "results": [
        {
            "siren": "732829320",
            "name": "BOULANGERIE MARTIN",
            "siret": "73282932000074",
            "naf_code": "10.71C",
            "headcount": 10,
            "headcount_to": 19,
            "city": "Lyon",
        }
    ],
    "next": None,
    "previous": None,
    "state": "ok",
    "notices": [],
    "source": "pappers",
    "fetched_at": "2026-11-12T08:30:00Z",
}


class CompanyDataViewSet(APIMixin, GenericViewSet):
    """Firms, from the services that are connected."""

    rights_of_api = True
    module = "crm.company"
    rights = {"list": "create"}
    signed_in_actions: tuple[str, ...] = ()
    permission_classes = [GrantPermission, ReadOnlyToken]
    parser_classes = [JSONParser]
    filter_backends: list[Any] = []
    pagination_class = None
    serializer_class = SearchSerializer
    title = gettext_lazy("Company data")
    about = gettext_lazy(
        "Legal data of firms by SIREN, SIRET or name, from the services that are connected. What was asked "
        "is kept for 30 days; POST to a company’s `fill/` takes it over."
    )

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, required=True, description=gettext_lazy("SIREN, SIRET or name.")),  # type: ignore[arg-type]
            OpenApiParameter("fresh", bool, description=gettext_lazy("Ask anew.")),  # type: ignore[arg-type]
        ],
        responses=SearchSerializer,
        examples=[OpenApiExample("Answer", EXAMPLE, response_only=True)],
    )
    def list(self, request: Any) -> Response:
        unknown = [name for name in request.query_params if name not in ("q", "fresh", "format")]
        if unknown:
            told = {name[:60]: [_("This list has no such parameter.")] for name in unknown[:20]}
            raise serializers.ValidationError(told)
        text = request.query_params.get("q", "").strip()[:100]
        if not text:
            raise serializers.ValidationError({"q": [_("This field is required.")]})
        if not within_pace(request.user, "company-data", LOOKS_A_MINUTE):
            raise Throttled(wait=60)
        fresh = request.query_params.get("fresh", "") in ("1", "true")
        if fresh and getattr(request.auth, "read_only", False):
            raise PermissionDenied(_("This token is read only: it does not ask anew, which may cost."))
        return Response(answer_of(look_for(user=request.user, text=text, fresh=fresh)))


def answer_of(search: Search) -> dict[str, Any]:
    known = search.answer
    firms: list[Firm] = [known.firm] if known else list(search.firms)
    return {
        "results": [firm.as_json() for firm in firms],
        "next": None,
        "previous": None,
        "state": search.state,
        "notices": search.notices,
        "source": known.source if known else None,
        "fetched_at": known.fetched_at if known else None,
    }
