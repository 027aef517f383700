"""The map of companies: departments shaded by how many are there, and the towns of one department.

It is another face of the list of companies: the same filters in the same addresses, of which `region` and
`department` zoom. Its table has the same figures.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from crm.filters.place import NOWHERE
from crm.models import Company
from crm.services.company_map import Tally, count_by
from crm.views.company import CompanyListView
from digiweb.audit import record
from digiweb.exports import check_own_name
from digiweb.geo.chart import Chart, Disc, Mark, Shade, discs, level_of, steps_of
from digiweb.geo.departments import DEPARTMENTS, OVERSEAS, REGIONS, department_name
from digiweb.geo.drawing import Caption, as_file, on_page
from digiweb.geo.picture import as_png
from digiweb.geo.places import place_named
from digiweb.geo.sheets import Sheet, france, zoom
from digiweb.templatetags.digiweb import number
from digiweb.views.list_state import chips_of, saved_views_of

# In the list beside the picture; the table has them all.
BESIDE = 18
# Towns with one company that are called by its name.
NAMED = 300
SOURCES = "Natural Earth · GeoNames (CC BY 4.0) · INSEE, La Poste (Licence Ouverte)"
TYPES = {"svg": "image/svg+xml", "png": "image/png"}


class CompanyMapView(CompanyListView):
    """`?department=69&status=client`: one department, the clients in it."""

    urls = "crm:map"
    title = gettext_lazy("Map of companies")
    modes = ("map", "table")
    MODE_LABELS = {"map": (gettext_lazy("Map"), "map-2"), "table": (gettext_lazy("Table"), "table")}
    template_name = "crm/company_map/map.html"
    fragment_name = "crm/company_map/body.html"
    bulk_actions: Any = ()
    create_label: Any = ""

    # --- Where we are

    @cached_property
    def department(self) -> str:
        return self._chosen("department", DEPARTMENTS)

    @cached_property
    def region(self) -> str:
        """The chosen region, or that of the chosen department."""
        known = DEPARTMENTS.get(self.department)
        return known.region if known else self._chosen("region", REGIONS)

    def _chosen(self, name: str, among: Mapping[str, Any]) -> str:
        value = str(self.filterset.form.cleaned_data.get(name, "")) if self.filterset.is_valid() else ""
        return value if value in among else ""

    @property
    def column(self) -> str:
        return "place" if self.department else "department"

    @cached_property
    def sheet(self) -> Sheet:
        if self.department:
            return zoom((self.department,))
        return zoom(REGIONS[self.region].departments) if self.region else france()

    # --- Figures

    @cached_property
    def tallies(self) -> dict[str, Tally]:
        return count_by(self.portions(), self.column)

    def portions(self) -> list[Any]:
        """What is counted: what the person sees, or, for a file, may take away."""
        if not self.filterset.is_valid():
            return []
        user, action = self.request.user, "export" if "export" in self.request.GET else "view"
        portions = Company.objects.scope_portions(user, action)
        return self.filterset.filter_branches(portions, Company.objects.visible_to(user, action))

    @cached_property
    def total(self) -> int:
        return sum(tally.total for tally in self.tallies.values())

    @property
    def is_broad(self) -> bool:
        """Whether only some of the rows were counted."""
        return self.filterset.words is not None and self.filterset.words.broad

    @cached_property
    def only_names(self) -> dict[int, str]:
        """Of the companies that are alone in their town."""
        alone = [tally.only for code, tally in self.tallies.items() if tally.only and code][:NAMED]
        if not self.department or not alone:
            return {}
        found = Company.objects.visible_to(self.request.user).filter(pk__in=alone).order_by()
        return dict(found.values_list("pk", "name"))

    # --- Addresses

    def list_url(self, **changes: str) -> str:
        """The list of companies with these filters and further ones."""
        query = self.state_query(["mode", "sort", "after", "before"], **changes)
        return f"{reverse('crm:company_list')}?{query or 'all=1'}"

    def zoom_url(self, *, region: str = "", department: str = "") -> str:
        return self.url(["place", "after", "before"], region=region, department=department)

    # --- The picture

    def chart(self) -> Chart:
        """The sheet with its figures."""
        inside = {} if self.department else self.tallies
        counts = {code: tally.total for code, tally in inside.items() if code in DEPARTMENTS}
        steps = steps_of(counts.values())
        shades = {}
        for area in self.sheet.areas:
            code = area.code
            if code == self.department:
                shades[code] = Shade(self.total, 1, "", _said(area.name, self.total))
            elif self._is_shown(code):
                count = counts.get(code, 0)
                url = self.zoom_url(department=code)
                shades[code] = Shade(count, level_of(count, steps), url, _said(area.name, count))
            else:
                shades[code] = Shade(0, -1, self.zoom_url(department=code), area.name)
        return Chart(self.sheet, self.heading(), shades, self.marks(), steps)

    def _is_shown(self, code: str) -> bool:
        return not self.department and (not self.region or DEPARTMENTS[code].region == self.region)

    def marks(self) -> list[Mark]:
        """The towns of the department."""
        if not self.department:
            return []
        found = ((place_named(code), tally.total) for code, tally in self.tallies.items() if code)
        return [self._mark(disc) for disc in discs(self.sheet, [(p, n) for p, n in found if p is not None])]

    def _mark(self, disc: Disc) -> Mark:
        only = self.tallies[disc.places[0]].only if disc.total == 1 else 0
        if only:
            parts = [_said(disc.name, 1), self.only_names.get(only, "")]
            title = " – ".join(part for part in parts if part)
            return Mark(disc, Company(pk=only).get_absolute_url(), title)
        others = len(disc.places) - 1
        where = disc.name
        if others:
            text = ngettext("%(town)s and %(count)s other town", "%(town)s and %(count)s other towns", others)
            where = text % {"town": disc.name, "count": others}
        return Mark(disc, self.list_url(place=",".join(disc.places)), _said(where, disc.total))

    def heading(self) -> str:
        if self.department:
            return _("Companies in %(place)s") % {"place": department_name(self.department)}
        if self.region:
            return _("Companies in %(place)s") % {"place": REGIONS[self.region].name}
        return _("Companies in France")

    # --- Its table

    def lines(self) -> list[dict[str, Any]]:
        """Every figure with its link, the largest first; what is nowhere last."""
        lines = []
        for code, tally in self.tallies.items():
            if not code:
                continue
            if self.department:
                place = place_named(code)
                name, above, into = place.name if place else code, "", ""
                if tally.only in self.only_names:
                    name = f"{name} – {self.only_names[tally.only]}"
                url = self.list_url(place=code)
                if tally.only in self.only_names:
                    url = Company(pk=tally.only).get_absolute_url()
            else:
                known = DEPARTMENTS.get(code)
                name, above = department_name(code), REGIONS[known.region].name if known else _("Overseas")
                url = self.list_url(department=code)
                into = self.zoom_url(department=code) if known else ""
            lines.append(
                {"code": code, "name": name, "above": above, "count": tally.total, "url": url, "zoom": into}
            )
        return sorted(lines, key=lambda line: (-line["count"], line["name"]))

    def regions(self) -> list[dict[str, Any]]:
        """The regions with their figures, by which one zooms."""
        found = []
        for region in REGIONS.values():
            count = sum(self.tallies.get(code, Tally(0)).total for code in region.departments)
            found.append(
                {
                    "name": region.name,
                    "count": count,
                    "url": self.list_url(region=region.code),
                    "zoom": self.zoom_url(region=region.code),
                }
            )
        return sorted(found, key=lambda one: (-one["count"], one["name"]))

    def path(self) -> list[dict[str, str]]:
        """France, region, department: the way back out."""
        steps = [{"name": _("France"), "url": self.zoom_url()}]
        if self.region:
            steps.append({"name": REGIONS[self.region].name, "url": self.zoom_url(region=self.region)})
        if self.department:
            steps.append({"name": department_name(self.department), "url": ""})
        steps[-1]["url"] = ""
        return steps

    def legend(self, chart: Chart) -> list[tuple[int, str]]:
        """(shade, words) of the departments."""
        if self.department:
            return []
        words = [(0, _("none"))] if any(not shade.total for shade in chart.shades.values()) else []
        for step in chart.steps:
            low, high = number(step.low), number(step.high)
            text = low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}
            words.append((step.level, text))
        return words

    # --- What the templates draw

    def describe(self) -> dict[str, Any]:
        chart = self.chart()
        lines = self.lines()
        nowhere = self.tallies.get("", Tally(0)).total
        user: Any = self.request.user
        described: dict[str, Any] = {
            "key": self.list_key,
            "title": self.title,
            "count_text": f"{number(self.total)}+" if self.is_broad else number(self.total),
            "url": self.request.path,
            "query": self.state_query(["after", "before"]),
            "mode": self.mode if self.sheet.areas else "table",
            "modes": [
                {
                    "name": mode,
                    "label": self.MODE_LABELS[mode][0],
                    "icon": self.MODE_LABELS[mode][1],
                    "url": self.url(mode=mode if mode != self.modes[0] else ""),
                    "active": mode == self.mode,
                }
                for mode in self.modes
            ],
            "saved_views": saved_views_of(self.request, self.list_key),
            "all_url": f"{self.request.path}?all=1",
            "is_all": not self.state_query(["after", "before"]),
            "save_view_url": reverse("people:saved_view_new"),
            "q": self.request.GET.get("q", ""),
            "filter_form": self.filterset.form,
            "chips": chips_of(self.filterset, self.url),
            "clear_url": self.url([*self.filterset.form.fields, "after", "before"]),
            "notice": self.notice(),
            "extra_actions": [
                {"label": _("See the list"), "url": self.list_url(), "icon": "list"},
            ],
            "who": [
                {
                    "label": label,
                    "url": self.url(status=status),
                    "active": self.request.GET.get("status", "") == status,
                }
                for status, label in (("", _("All companies")), ("client", _("Clients")))
            ],
            "heading": chart.title,
            "picture": mark_safe(on_page(chart)),  # it escapes every word
            "legend": self.legend(chart),
            "path": self.path(),
            "by": _("Town") if self.department else pgettext("geography", "Department"),
            "lines": [{**line, "share": _share(line["count"], self.total)} for line in lines],
            "beside": lines[:BESIDE] if self.region else self.regions(),
            "more": max(0, len(lines) - BESIDE) if self.region else 0,
            "table_url": self.url(mode="table"),
            "total": self.total,
            "nowhere": nowhere,
            "nowhere_url": self.list_url(**{self.column: NOWHERE}),
            "overseas": sum(self.tallies.get(code, Tally(0)).total for code in OVERSEAS),
            "downloads": self._downloads() if user.can(self.module, "export") and self.sheet.areas else [],
            "sources": SOURCES,
        }
        described["empty"] = self._empty({**described, "create_url": "", "create_label": ""})
        return described

    def _downloads(self) -> list[dict[str, str]]:
        query = self.state_query(["mode", "after", "before"])
        start = f"{self.request.path}?{query}{'&' if query else ''}"
        return [{"label": kind.upper(), "url": f"{start}export={kind}"} for kind in TYPES]

    # --- The file

    def export(self) -> HttpResponseBase:
        user: Any = self.request.user
        if not user.can(self.module, "export"):
            raise PermissionDenied
        check_own_name(self.request)
        kind = self.request.GET["export"]
        if kind not in TYPES:
            raise BadRequest(_("The map is an SVG or PNG file."))
        if not self.filterset.is_valid():
            return HttpResponse(status=422)
        chart = self.chart()
        caption = self.caption(chart)
        drawn: bytes | str = as_png(chart, caption) if kind == "png" else as_file(chart, caption)
        record(user=user, action="exported", data={"list": self.list_key, "format": kind})
        response = HttpResponse(drawn, content_type=TYPES[kind])
        name = f"{slugify(chart.title)}-{timezone.localdate():%Y-%m-%d}.{kind}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def caption(self, chart: Chart) -> Caption:
        about = [f"{chip['label']} {chip['value']}" for chip in chips_of(self.filterset, self.url)]
        if q := self.request.GET.get("q", ""):
            about.append(_("Search “%(words)s”") % {"words": q})
        companies = ngettext("%(count)s company", "%(count)s companies", self.total)
        parts = [companies % {"count": number(self.total)}, date_format(timezone.localdate()), *about]
        subtitle = " · ".join(parts)
        notes = [SOURCES]
        if nowhere := self.tallies.get("", Tally(0)).total:
            text = ngettext(
                "%(count)s company is not located.", "%(count)s companies are not located.", nowhere
            )
            notes.insert(0, text % {"count": number(nowhere)})
        return Caption(chart.title, subtitle[:130], self.legend(chart), notes)


def _said(where: str, count: int) -> str:
    text = ngettext("%(place)s: %(count)s company", "%(place)s: %(count)s companies", count)
    return text % {"place": where, "count": number(count)}


def _share(count: int, total: int) -> str:
    percent = 100 * count / total if total else 0
    text = number(percent, 1) if percent < 10 else number(percent, 0)
    return _("%(percent)s %%") % {"percent": text}
