"""What every resource shares. A resource is a viewset of a few attributes and three verbs."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.utils import translation
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import PermissionDenied, UnsupportedMediaType, ValidationError
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from digiweb.api.errors import ProblemError
from digiweb.api.filters import SORT, FilterBackend, bound_filterset
from digiweb.api.idempotency import idempotent
from digiweb.api.parsers import JSONParser
from digiweb.api.permissions import GrantPermission, ReadOnlyToken
from digiweb.api.serializers import RecordSerializer, plan_of
from digiweb.filters import FilterSet
from digiweb.models import Record, StaleVersion
from digiweb.paging import Sort

METHODS = ["get", "head", "post", "patch", "delete"]
BODY_METHODS = ("POST", "PATCH")


class APIMixin:
    """Every answer of the API: in the caller's language, counted, not kept by caches."""

    http_method_names: Any = METHODS
    metadata_class: Any = None
    # Actions that read nothing of what is sent.
    bodiless_actions: Sequence[str] = ()

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """DRF's order with two changes: what is forbidden counts too, and a body that nobody
        reads is refused rather than taken for an empty one.
        """
        view: Any = self
        view.format_kwarg = view.get_format_suffix(**kwargs)
        request.accepted_renderer, request.accepted_media_type = view.perform_content_negotiation(request)
        request.version, request.versioning_scheme = None, None
        view.perform_authentication(request)
        speak_for(request)
        view.check_throttles(request)
        view.check_permissions(request)
        if "Transfer-Encoding" in request.headers and not has_body(request):
            # Django reads none of it: a change would be taken for an empty one.
            raise ProblemError(411, _("Say how long the body is (Content-Length)."))
        reads = request.method in BODY_METHODS and getattr(view, "action", None) not in self.bodiless_actions
        if reads and has_body(request):
            self.require_parser(request)

    def require_parser(self, request: Any) -> None:
        if request.negotiator.select_parser(request, request.parsers) is None:
            raise UnsupportedMediaType(request.content_type or "")

    def finalize_response(self, request: Any, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        parent: Any = super()
        response = parent.finalize_response(request, response, *args, **kwargs)
        for name, value in getattr(request, "rate", {}).items():
            response[name] = value
        response["Cache-Control"] = "private, no-store"
        return response


class ListViewSet(APIMixin, GenericViewSet):
    """Rows of one model, listed as far as the matrix of roles goes; resources add their verbs.

    A row out of sight answers 404, one in sight on which the action is not allowed 403. What is
    declared is what the page declares.
    """

    # For the system check (digiweb/checks.py): the rights below are asked by GrantPermission.
    rights_of_api = True
    module = ""
    rights: Mapping[str, str] = {"list": "view", "retrieve": "view"}
    # Actions on what is one's own: whoever is signed in may.
    signed_in_actions: Sequence[str] = ()
    model: type[Any]
    serializer_class: type[RecordSerializer]
    filterset_class: type[FilterSet] | None = None
    sorts: Sequence[Sort] = ()
    # Linked records that the representation names, with the columns that their names are made of.
    labels: Mapping[str, Sequence[str]] = {}
    prefetch: Sequence[str] = ()
    # Columns that properties of the representation are made of.
    reads: Sequence[str] = ()
    # What the resource is, for the documentation.
    title: Any = ""
    about: Any = ""

    permission_classes = [GrantPermission, ReadOnlyToken]
    parser_classes = [JSONParser]
    filter_backends = [FilterBackend]
    lookup_value_regex = "[0-9]{1,18}"

    # --- Rows

    @property
    def right(self) -> str:
        return self.rights.get(self.action or "", "")

    def rows(self, action: str = "view") -> QuerySet:
        """The rows on which the person may do `action` of the matrix."""
        rows: QuerySet = self.model.objects.visible_to(self.request.user, action)
        return rows

    def branches(self) -> list[QuerySet]:
        """The rows that may be seen, as branches that a page merges (digiweb/scopes.py)."""
        return list(self.model.objects.scope_branches(self.request.user))

    def get_queryset(self) -> QuerySet:
        """What the person may see, with just what the representation reads."""
        return self.shown(self.rows())

    def shown(self, queryset: QuerySet) -> QuerySet:
        columns = [f"{link}__{name}" for link, names in self.labels.items() for name in names]
        return (
            queryset.select_related(*self.labels)
            .prefetch_related(*self.prefetch)
            .only(*plan_of(self.serializer_class).columns, *self.reads, *self.labels, *columns)
        )

    @cached_property
    def sort(self) -> Sort:
        wanted = self.request.query_params.get(SORT, "")
        found = next((sort for sort in self.sorts if sort.name == wanted), None)
        if wanted and found is None:
            names = ", ".join(sort.name for sort in self.sorts)
            raise ValidationError({SORT: [_("This list is sorted by: %(names)s.") % {"names": names}]})
        return found or self.sorts[0]

    def filtered_branches(self) -> list[QuerySet]:
        """The rows of a list, narrowed by what the address asks for."""
        branches = self.branches()
        return branches if self.filterset is None else self.filterset.filter_branches(branches, self.rows())

    @cached_property
    def filterset(self) -> FilterSet | None:
        """The list's filters as asked for, valid; None when nothing is filtered."""
        return bound_filterset(self, self.request)

    def in_order(self, branches: Sequence[QuerySet]) -> Sort:
        """The sort as the page is read (digiweb/filters.py)."""
        return self.filterset.in_order(self.sort, branches) if self.filterset else self.sort

    def get_object(self) -> Any:
        """The record of the address, on which the action is allowed."""
        user: Any = self.request.user
        pk = int(self.kwargs["pk"])
        if self.right == "view":
            record = self.get_queryset().filter(pk=pk).first()
        else:
            record = self.rows().select_related(*self.labels).filter(pk=pk).first()
        if record is None:
            raise Http404
        # Where both actions reach as far, what is seen may be changed.
        alike = user.scope(self.module, self.right) == user.scope(self.module, "view")
        if not alike and not self.rows(self.right).filter(pk=pk).exists():
            raise PermissionDenied
        return record

    # --- Actions

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        paginator: Any = self.paginator
        page = paginator.paginate_queryset(self.get_queryset(), request, view=self)
        self.prepare(page)
        represent = self.serializer_class.represent
        answer: Response = paginator.get_paginated_response([represent(record) for record in page])
        return answer

    # --- Parts of them

    def fresh(self, record: Any) -> Any:
        """The record as it is now in the database, with what the representation names."""
        return self.shown(self.rows(self.right)).get(pk=record.pk)

    def prepare(self, records: Sequence[Any]) -> None:
        """Fit the records to this person's sight before they are written out; entities override it."""

    def answer(self, record: Any, **kwargs: Any) -> Response:
        self.prepare([record])
        response = Response(self.serializer_class.represent(record), **kwargs)
        if self.versioned():
            response["ETag"] = etag(record)
        return response

    @classmethod
    def versioned(cls) -> bool:
        """Whether its rows count their changes: entries of logs do not change."""
        return issubclass(cls.model, Record)

    def expected_version(self, record: Any) -> int | None:
        """The version that If-Match asks for; None without the header."""
        wanted = self.request.headers.get("If-Match", "").strip()
        if not wanted or wanted == "*" or not self.versioned():
            return None
        if etag(record) not in parse_etags(wanted):
            raise self.stale(record, by_header=True)
        return int(record.version)

    def stale(self, current: Any, *, by_header: bool) -> ProblemError:
        """409, or 412 for a caller who asked by If-Match; with the record as it is now."""
        code = status.HTTP_412_PRECONDITION_FAILED if by_header else status.HTTP_409_CONFLICT
        self.prepare([current])
        now = self.serializer_class.represent(current)
        text = _("Somebody saved the record since you read it.")
        return ProblemError(code, text, {"ETag": etag(current)}, current=now)


class ReadViewSet(ListViewSet):
    """Rows of one model that are listed and read."""

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())


class RecordViewSet(ReadViewSet):
    """Records of one model: list, read, create, change, delete; the verbs call the services of the page."""

    rights: Mapping[str, str] = {
        **ReadViewSet.rights,
        "create": "create",
        "partial_update": "change",
        "destroy": "delete",
    }

    # --- Verbs; a resource overrides those that it offers

    def create_record(self, form: Any) -> Any:
        """Call the service with a valid form; returns the record."""
        raise NotImplementedError

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        """Call the service; `form.values()` are the columns that were sent."""
        raise NotImplementedError

    def delete_record(self, record: Any) -> None:
        """Call the service."""
        raise NotImplementedError

    # --- Actions

    @idempotent
    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        form = self.valid_form()
        with transaction.atomic():
            record = self.create_record(form)
            self.check_still_in_sight(record)
        url = reverse(f"api:{self.basename}-detail", args=[record.pk], request=request)
        return self.answer(self.fresh(record), status=status.HTTP_201_CREATED, headers={"Location": url})

    def partial_update(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        record = self.get_object()
        expected = self.expected_version(record)
        form = self.valid_form(record)
        version = expected if expected is not None else self.sent_version
        try:
            with transaction.atomic():
                self.change_record(record, form, version)
                self.check_still_in_sight(record)
        except StaleVersion as stale:
            raise self.stale(stale.current, by_header=expected is not None) from None
        return self.answer(self.fresh(record))

    def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        record = self.get_object()
        expected = self.expected_version(record)
        with transaction.atomic():
            if expected is not None:
                locked = self.rows(self.right).select_for_update()
                current = locked.filter(pk=record.pk).first()
                if current is None:
                    raise Http404
                if current.version != expected:
                    raise self.stale(current, by_header=True)
            self.delete_record(record)
        return Response(status=status.HTTP_204_NO_CONTENT)

    # --- Parts of them

    def valid_form(self, record: Any = None) -> Any:
        """The entity's form, valid, with what was sent; raises ValidationError with all that is wrong."""
        serializer: Any = self.get_serializer(record, data=self.request.data, partial=record is not None)
        serializer.is_valid(raise_exception=True)
        self.sent_version: int | None = serializer.validated_data.get("version")
        return serializer.form

    def check_still_in_sight(self, record: Any) -> None:
        """A record may not be moved out of, or made outside, what the person may do (DESIGN §2)."""
        user: Any = self.request.user
        if not user.can(self.module, self.right, record):
            raise ValidationError({"": [_("You may not give this record to somebody outside your team.")]})


def speak_for(request: Any) -> None:
    """Answer in the language that the call asks for, or else in the person's own."""
    if "Accept-Language" in request.headers:
        translation.activate(translation.get_language_from_request(request._request))
    elif request.user.is_authenticated:
        translation.activate(request.user.language)


def etag(record: Any) -> str:
    return f'"{record.version}"'


def has_body(request: Any) -> bool:
    return request.META.get("CONTENT_LENGTH") not in (None, "", "0")
