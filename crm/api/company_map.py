"""Where companies are, in the API: the figures of the map."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.services.company_map import Tally
from digiweb.geo.departments import DEPARTMENTS, department_name
from digiweb.geo.places import place_named


class PlaceCountSerializer(serializers.Serializer):
    """A department or a town with its companies."""

    code = serializers.CharField(help_text=_("INSEE code; P and a postcode where the town is not known."))
    name = serializers.CharField()
    region = serializers.CharField(help_text=_("INSEE code of the region; empty overseas."))
    count = serializers.IntegerField()
    latitude = serializers.FloatField(allow_null=True, help_text=_("Of a town, about."))
    longitude = serializers.FloatField(allow_null=True)


class CompanyMapSerializer(serializers.Serializer):
    """How many companies lie where; by town when `department` is given."""

    by = serializers.ChoiceField(choices=["department", "place"])
    total = serializers.IntegerField()
    not_located = serializers.IntegerField()
    results = PlaceCountSerializer(many=True)


def map_of(tallies: dict[str, Tally], column: str) -> dict[str, Any]:
    """The answer, the largest first."""
    nowhere = tallies.get("", Tally(0)).total
    results = list(_by_place(tallies) if column == "place" else _by_department(tallies))
    results.sort(key=lambda one: (-one["count"], one["code"]))
    total = sum(one["count"] for one in results) + nowhere
    return {"by": column, "total": total, "not_located": nowhere, "results": results}


def _by_department(tallies: dict[str, Tally]) -> Iterator[dict[str, Any]]:
    for code, tally in tallies.items():
        if code:
            known = DEPARTMENTS.get(code)
            yield {
                "code": code, "name": department_name(code), "region": known.region if known else "",
                "count": tally.total, "latitude": None, "longitude": None,
            }  # fmt: skip


def _by_place(tallies: dict[str, Tally]) -> Iterator[dict[str, Any]]:
    for code, tally in tallies.items():
        if code:
            place = place_named(code)
            known = DEPARTMENTS.get(place.department) if place else None
            yield {
                "code": code, "name": place.name if place else code, "region": known.region if known else "",
                "count": tally.total, "latitude": place.lat if place else None,
                "longitude": place.lng if place else None,
            }  # fmt: skip
