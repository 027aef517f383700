"""Tracking of sales: revenue, people, offers and activities of a period against those before (SPEC S10)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from digiweb.exports import check_own_name
from digiweb.sheets import sheets_response
from sales.selection import Selection
from sales.tracking_figures import figures_of, sheets_of
from sales.views.pipeline import SteeringView

MODULE = "sales.tracking"


class TrackingView(SteeringView):
    """Figures within the sight of each kind of record; `?export=csv` and `xlsx` are its tables."""

    module = MODULE
    action = "view"
    template = "sales/tracking"
    path_name = "sales:tracking"
    by_source = False
    usual = "quarter"

    @property
    def title(self) -> Any:  # type: ignore[override]
        return _("Sales tracking")

    def get(self, request: HttpRequest) -> HttpResponse:
        kind = request.GET.get("export", "")
        if not kind:
            return super().get(request)
        user: Any = request.user
        if not user.can(MODULE, "export"):
            raise PermissionDenied
        check_own_name(request)
        selection = self.selection()
        about = " · ".join(part for part in (selection.period.text, selection.who_text) if part)
        return sheets_response(  # type: ignore[return-value]
            user=user,
            kind=kind,
            sheets=sheets_of(figures_of(selection)),
            name=str(self.title),
            key=MODULE,
            about=about,
        )

    def figures(self, selection: Selection) -> dict[str, Any]:
        user: Any = self.request.user
        exports = [
            {"label": label, "url": f"?{selection.query(export=kind)}"}
            for kind, label in (("csv", "CSV"), ("xlsx", "XLSX"))
            if user.can(MODULE, "export")
        ]
        return {**figures_of(selection), "exports": exports}
