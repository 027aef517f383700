"""Companies in the API."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.response import Response

from crm.api.company_data import TakeOverSerializer
from crm.api.company_map import CompanyMapSerializer, map_of
from crm.api.custom_value import CustomValuesField
from crm.api.merge import MERGE_COMPANIES, MergeActionViewSet, merging
from crm.filters.company import CompanyFilterSet
from crm.filters.place import NOWHERE
from crm.forms.company import CompanyForm
from crm.models import Company
from crm.services.company import change_company, count_visible_contacts, create_company, delete_companies
from crm.services.company_data import find_firm, take_over
from crm.services.company_map import count_by
from crm.views.company import CompanyListView
from crm.views.company_data import LOOKS_A_MINUTE
from digiweb.api.filters import bound_filterset
from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.identifiers import clean_siren
from digiweb.models import StaleVersion
from digiweb.pace import within_pace


class CompanySerializer(RecordSerializer):
    """A firm."""

    owner_name = LabelField(source="owner")
    custom = CustomValuesField()

    class Meta:
        model = Company
        form = CompanyForm
        fields = [
            "id", "version", "name", "status", "industry", "headcount", "turnover", "siren", "siret",
            "vat_number", "naf_code", "legal_form", "legal_manager", "email", "phone", "website",
            "owner", "owner_name", "tags", "contact_count", "address", "postcode", "city", "country",
            "department", "place",
            "custom", "created_at", "updated_at",
        ]  # fmt: skip
        example = {
            "name": "Boulangerie Martin",
            "status": "client",
            "industry": "commerce",
            "headcount": 12,
            "turnover": "640000.00",
            "siren": "732829320",
            "siret": "73282932000074",
            "vat_number": "FR44732829320",
            "naf_code": "10.71C",
            "legal_form": "SARL",
            "legal_manager": "Luc Martin",
            "email": "bonjour@example.com",
            "phone": "+33478000000",
            "website": "https://example.com",
            "owner": 3,
            "tags": [1],
            "address": "3 place Bellecour",
            "postcode": "69002",
            "city": "Lyon",
            "country": "FR",
            "custom": {"hebergeur": "ovhcloud", "site-audite-le": "2026-11-02"},
        }
        example_read = {
            "id": 12, "version": 1, "owner_name": "Hugo Lefèvre", "contact_count": 2,
            "department": "69", "place": "69382",
            "created_at": "2026-11-02T08:30:00Z", "updated_at": "2026-11-02T08:30:00Z",
        }  # fmt: skip


MAP_EXAMPLE = {
    "by": "place",
    "total": 27,
    "not_located": 1,
    "results": [
        {
            "code": "69383", "name": "Lyon 3e", "region": "84",
            "count": 26, "latitude": 45.761, "longitude": 4.852,
        },
    ],
}  # fmt: skip


@merging(CompanySerializer, MERGE_COMPANIES, "MergedCompany")
class CompanyViewSet(MergeActionViewSet):
    """Companies, within one's sight."""

    module = "crm.company"
    model = Company
    serializer_class = CompanySerializer
    merge_serializer = MERGE_COMPANIES
    filterset_class = CompanyFilterSet
    sorts = CompanyListView.sorts
    labels = {"owner": ("first_name", "last_name", "email")}
    prefetch = ("tags",)
    rights = {**MergeActionViewSet.rights, "fill": "change", "map_counts": "view"}
    summaries = {
        **MergeActionViewSet.summaries,
        "fill": _("Take over legal data"),
        "map_counts": _("Count by place"),
    }
    descriptions = {
        **MergeActionViewSet.descriptions,
        "fill": _(
            "Looks the firm up by its SIREN and writes the fields that are named, or those that are empty; "
            "the history says whose data they are."
        ),
        "map_counts": _(
            "The figures of the map: how many of the companies that you may see lie in which department, or, "
            "with `department`, in which of its towns. Narrowed by the filters of the list."
        ),
    }
    title = _("Companies")
    about = _(
        "Firms. SIREN, SIRET and VAT numbers are checked and kept without blanks; the turnover is in euros. "
        "Deleting a company leaves its contacts, without a company."
    )

    @extend_schema(
        responses=CompanyMapSerializer,
        filters=True,
        examples=[OpenApiExample("Lyon", MAP_EXAMPLE, response_only=True)],
    )
    @action(detail=False, url_path="map")
    def map_counts(self, request: Any) -> Response:
        filterset = bound_filterset(self, request)
        portions: list[Any] = list(Company.objects.scope_portions(request.user))
        column = "department"
        if filterset is not None:
            portions = filterset.filter_branches(portions, Company.objects.visible_to(request.user))
            if filterset.form.cleaned_data.get("department") not in ("", None, NOWHERE):
                column = "place"
        return Response(map_of(count_by(portions, column), column))

    def prepare(self, records: Any) -> None:
        count_visible_contacts(records, self.request.user)

    def create_record(self, form: Any) -> Company:
        return create_company(user=self.request.user, company=form.instance, tags=form.cleaned_data["tags"])

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_company(
            user=self.request.user,
            company=record,
            values=form.values(),
            version=version,
            tags=form.cleaned_data.get("tags"),
        )

    def delete_record(self, record: Any) -> None:
        delete_companies(user=self.request.user, pks=[record.pk])

    @extend_schema(
        request=TakeOverSerializer,
        responses=CompanySerializer,
        examples=[
            OpenApiExample(
                "Request",
                {"fields": ["siret", "city"], "siren": "732829320", "version": 3},
                request_only=True,
            )
        ],
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def fill(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        record = self.get_object()
        expected = self.expected_version(record)
        sent = TakeOverSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        wanted = sent.validated_data
        siren = clean_siren(wanted.get("siren") or record.siren or "")
        if not within_pace(request.user, "company-data", LOOKS_A_MINUTE):
            raise Throttled(wait=60)
        search = find_firm(user=request.user, siren=siren)
        if search.answer is None:
            raise ValidationError({"siren": search.notices})
        version = expected if expected is not None else wanted.get("version")
        try:
            with transaction.atomic():
                take_over(
                    user=request.user,
                    company=record,
                    firm=search.answer.firm,
                    names=wanted.get("fields"),
                    version=version,
                )
        except StaleVersion as stale:
            raise self.stale(stale.current, by_header=expected is not None) from None
        return self.answer(self.fresh(record))
