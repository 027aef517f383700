"""Pipeline and sales tracking in the API: the figures of the pages, each with the list of its rows."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from crm.models import Deal
from digiweb.api.examples import answered
from digiweb.api.parsers import JSONParser
from digiweb.api.permissions import GrantPermission, ReadOnlyToken
from digiweb.api.views import APIMixin
from digiweb.periods import PERIODS, Period
from digiweb.sheets import Sheet
from sales.pipeline_figures import Sums, pipeline_of
from sales.selection import Selection
from sales.tracking_figures import figures_of, sheets_of

ABOUT_ROWS = gettext_lazy("The page with the rows; the list of the API takes the same parameters.")


class PeriodSerializer(serializers.Serializer):
    """Whole months."""

    start = serializers.DateField()
    end = serializers.DateField()


class SumsSerializer(serializers.Serializer):
    """Deals: how many, what they are worth, what that is by probability."""

    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    weighted = serializers.DecimalField(max_digits=18, decimal_places=2)
    rows = serializers.CharField(help_text=ABOUT_ROWS)


@extend_schema_serializer(many=False)
class PipelineSerializer(serializers.Serializer):
    """Deals in progress now; the funnel and what ended are those of the period."""

    period = PeriodSerializer()
    total = SumsSerializer()
    stages = SumsSerializer(many=True)
    funnel = SumsSerializer(many=True)
    months = SumsSerializer(many=True)
    put_off = SumsSerializer(many=True)
    won = serializers.IntegerField()
    lost = serializers.IntegerField()
    won_amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    target = serializers.DecimalField(max_digits=18, decimal_places=2)
    stale = serializers.IntegerField(help_text=gettext_lazy("Counted as far as 10,000 a stage."))


class TrackingRowSerializer(serializers.Serializer):
    """A row of a table; what is not known is null."""

    label = serializers.CharField()  # type: ignore[assignment]
    values = serializers.ListField(child=serializers.CharField(allow_null=True))


class TrackingTableSerializer(serializers.Serializer):
    """A table: the first name of `head` is that of the labels."""

    title = serializers.CharField()
    head = serializers.ListField(child=serializers.CharField())
    rows = TrackingRowSerializer(many=True)


@extend_schema_serializer(many=False)
class TrackingSerializer(serializers.Serializer):
    """The tables of the page."""

    period = PeriodSerializer()
    tables = TrackingTableSerializer(many=True)


SUMS = {
    "label": "Proposition", "count": 12, "amount": "96500.00", "weighted": "48250.00",
    "rows": "/crm/deals/?mode=list&stage=proposal",
}  # fmt: skip
PERIOD = {"start": "2026-01-01", "end": "2026-12-31"}
WHO = OpenApiParameter(
    "who",
    str,
    description=gettext_lazy("“me”, the id of a person, or “team-” and the id of a manager."),  # type: ignore[arg-type]
)
WHEN = OpenApiParameter(
    "period",
    str,
    enum=[name for name, _label in PERIODS],
    description=gettext_lazy("Whole months; this page’s usual period unless said."),  # type: ignore[arg-type]
)
SOURCE = OpenApiParameter("source", str, description=gettext_lazy("Where the deals came from."))  # type: ignore[arg-type]


class FiguresViewSet(APIMixin, GenericViewSet):
    """Figures that a page shows, out of roll-ups, within sight."""

    rights_of_api = True
    rights = {"list": "view"}
    signed_in_actions: tuple[str, ...] = ()
    permission_classes = [GrantPermission, ReadOnlyToken]
    parser_classes = [JSONParser]
    filter_backends: list[Any] = []
    pagination_class = None
    parameters: tuple[str, ...] = ("period", "who")
    usual = "12m"

    def selection(self, request: Any) -> Selection:
        """What was asked for; raises ValidationError for a parameter or a value that there is not."""
        given = request.query_params
        unknown = [name for name in given if name not in (*self.parameters, "format")]
        if unknown:
            told = {name[:60]: [_("This list has no such parameter.")] for name in unknown[:20]}
            raise serializers.ValidationError(told)
        selection = Selection(request.user, given, usual=self.usual, by_source="source" in self.parameters)
        refused = {
            "period": given.get("period") and given["period"] not in dict(PERIODS),
            "who": given.get("who") and not selection.chosen[0],
            "source": given.get("source") and not selection.source,
        }
        wrong = {name: [_("Choose one of those there are.")] for name, bad in refused.items() if bad}
        if wrong:
            raise serializers.ValidationError(wrong)
        return selection


class PipelineViewSet(FiguresViewSet):
    """The pipeline in figures."""

    module = Deal.module
    serializer_class = PipelineSerializer
    parameters = ("period", "who", "source")
    title = gettext_lazy("Pipeline")
    about = gettext_lazy(
        "Deals in progress by stage and expected month, the funnel, what was won and lost, against targets."
    )

    @extend_schema(
        parameters=[WHEN, WHO, SOURCE],
        responses=PipelineSerializer,
        examples=[
            answered(
                {
                    "period": PERIOD, "total": SUMS, "stages": [SUMS], "funnel": [SUMS], "months": [SUMS],
                    "put_off": [SUMS], "won": 40, "lost": 45, "won_amount": "184000.00",
                    "target": "210000.00", "stale": 7,
                }
            )
        ],
    )  # fmt: skip
    def list(self, request: Any) -> Response:
        selection = self.selection(request)
        found = pipeline_of(selection)
        closed = found["closed"]["sums"]
        return Response(
            {
                "period": period_of(selection.period),
                "total": sums_of(found["total"]),
                **{
                    name: [sums_of(one) for one in found[name]]
                    for name in ("stages", "funnel", "months", "put_off")
                },
                "won": closed.won,
                "lost": closed.lost,
                "won_amount": f"{closed.amount:.2f}",
                "target": f"{found['goal'].revenue:.2f}",
                "stale": found["stale"]["count"],
            }
        )


class TrackingViewSet(FiguresViewSet):
    """The tables of the tracking of sales."""

    module = "sales.tracking"
    serializer_class = TrackingSerializer
    usual = "quarter"
    title = gettext_lazy("Sales tracking")
    about = gettext_lazy(
        "Revenue by month, by salesperson and by offer, activities by salesperson: the tables of the page."
    )

    @extend_schema(
        parameters=[WHEN, WHO],
        responses=TrackingSerializer,
        examples=[
            answered(
                {
                    "period": PERIOD,
                    "tables": [
                        {
                            "title": "Chiffre d’affaires par mois",
                            "head": ["Mois", "Deals gagnés", "un an avant", "Objectif"],
                            "rows": [
                                {"label": "novembre 2026", "values": ["47300.00", "0", "52000.00"]},
                            ],
                        }
                    ],
                }
            )
        ],
    )
    def list(self, request: Any) -> Response:
        selection = self.selection(request)
        tables = [table_of(sheet) for sheet in sheets_of(figures_of(selection))]
        return Response({"period": period_of(selection.period), "tables": tables})


def period_of(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def sums_of(sums: Sums) -> dict[str, Any]:
    return {
        "label": str(sums.label),
        "count": sums.count,
        "amount": f"{sums.amount:.2f}",
        "weighted": f"{sums.weighted:.2f}",
        "rows": sums.url,
    }


def table_of(sheet: Sheet) -> dict[str, Any]:
    return {
        "title": sheet.title,
        "head": list(map(str, sheet.head)),
        "rows": [
            {"label": label, "values": [None if cell.value is None else str(cell.value) for cell in cells]}
            for label, cells in sheet.rows
        ],
    }
