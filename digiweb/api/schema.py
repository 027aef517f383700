"""OpenAPI 3.1 of the API: what drf-spectacular cannot know (problems, keys, versions, examples)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from digiweb.api.errors import TITLES
from digiweb.api.idempotency import HEADER as KEY_HEADER
from digiweb.views.errors import PROBLEM_TYPE

SUMMARIES = {
    "list": gettext_lazy("List"),
    "retrieve": gettext_lazy("Read one"),
    "create": gettext_lazy("Create"),
    "partial_update": gettext_lazy("Change"),
    "destroy": gettext_lazy("Delete"),
}
DESCRIPTIONS = {
    "list": gettext_lazy("A page of what you may see, narrowed by the same filters as the page of the list."),
    "retrieve": gettext_lazy("One record. What you may not see answers 404."),
    "create": gettext_lazy("A new record. With an Idempotency-Key it may be sent again without harm."),
    "partial_update": gettext_lazy(
        "Only the fields that are sent change. Send the version that you read (`version`, or If-Match) "
        "to be refused when somebody else saved meanwhile."
    ),
    "destroy": gettext_lazy("Moves the record to the bin, where it stays for 30 days."),
}
ALWAYS = ("401", "403", "429")
ETAGGED = ("retrieve", "create", "partial_update")


def either(result: Any, generator: Any, request: Any, public: bool) -> Any:
    """« An e-mail address or an empty text » is anyOf: by JSON Schema a format refuses nothing, so that an
    empty text is both, which oneOf forbids.
    """
    if isinstance(result, list):
        return [either(one, generator, request, public) for one in result]
    if not isinstance(result, dict):
        return result
    named = {"anyOf" if name == "oneOf" else name: value for name, value in result.items()}
    return {name: either(value, generator, request, public) for name, value in named.items()}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The bearer token in the security schemes."""

    target_class = "digiweb.api.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        text = _("A token of your profile (Settings → API tokens): `Authorization: Bearer dw_…`.")
        return {"type": "http", "scheme": "bearer", "bearerFormat": "dw_…", "description": text}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of the pages in the security schemes."""

    target_class = "digiweb.api.auth.SessionAuthentication"
    name = "session"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        text = _("The session of a signed-in person; changes need the header X-CSRFToken.")
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": text}


class FieldProblemSerializer(serializers.Serializer):
    """What is wrong with one field; an empty `field` means the whole."""

    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """Every refusal (RFC 9457)."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    request_id = serializers.CharField(
        required=False, help_text=gettext_lazy("Name it when you ask for help.")
    )
    errors = FieldProblemSerializer(many=True, required=False)  # type: ignore[assignment]
    current = serializers.DictField(
        required=False, help_text=gettext_lazy("The record as it is now (409 and 412).")
    )


class Schema(AutoSchema):
    """One operation."""

    @property
    def action(self) -> str:
        return str(getattr(self.view, "action", "") or "")

    @property
    def versioned(self) -> bool:
        """Whether rows of the resource count their changes."""
        return bool(getattr(self.view, "versioned", lambda: True)())

    def get_tags(self) -> list[str]:
        """The resource, whose path may have two parts (`sync/runs`)."""
        basename = getattr(self.view, "basename", None)
        return [basename] if basename else list(super().get_tags())

    def get_summary(self) -> str | None:
        return str(self.view_words("summaries") or SUMMARIES.get(self.action) or "") or super().get_summary()

    def get_description(self) -> str:  # type: ignore[override]
        own = self.view_words("descriptions") or DESCRIPTIONS.get(self.action)
        return str(own or super().get_description())

    def view_words(self, name: str) -> Any:
        """What a resource, or what it is made of, says of its actions: `{"start": _("Start")}`."""
        told: list[Mapping[str, Any]] = [vars(cls).get(name, {}) for cls in type(self.view).__mro__]
        return next((words[self.action] for words in told if self.action in words), None)

    def get_override_parameters(self) -> list[Any]:
        given = list(super().get_override_parameters())
        if self.method == "POST" and self.action:
            text = _(
                "1 to 200 characters of your own: the same request sent again is done once within 24 hours."
            )
            given.append(OpenApiParameter(KEY_HEADER, str, OpenApiParameter.HEADER, description=text))
        if self.action in ("partial_update", "destroy") and self.versioned:
            text = _('The ETag that you read, such as "3": refused (412) when the record has changed since.')
            given.append(OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description=text))
        if self.action in ETAGGED and self.versioned:
            text = _("The version of the record, to send back as If-Match.")
            given.append(
                OpenApiParameter(
                    "ETag", str, OpenApiParameter.HEADER, description=text, response=["200", "201"]
                )
            )
        return given

    def get_examples(self) -> list[OpenApiExample]:
        meta = getattr(getattr(self.view, "serializer_class", None), "Meta", None)
        sent = getattr(meta, "example", {})
        # A list's example is wrapped by the paginator.
        read = {**getattr(meta, "example_read", {}), **sent}
        if not read or self.action not in SUMMARIES:
            return list(super().get_examples())
        fields = getattr(meta, "fields", read)
        answer = OpenApiExample(
            _("Answer"),
            {name: read[name] for name in fields},
            response_only=True,
            status_codes=["200", "201"],
        )
        if not sent:
            return [answer]
        if self.method == "PATCH":
            first = next(iter(sent))
            sent = {first: sent[first], **({"version": read["version"]} if "version" in read else {})}
        return [answer, OpenApiExample(_("Request"), sent, request_only=True)]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if direction != "response":
            return bodies
        if "204" in bodies:
            bodies["204"] = {"description": _("Done.")}
        for body in bodies.values():
            body["description"] = body.get("description") or _("Done.")
        for code in self.refusals():
            bodies.setdefault(code, self.problem(code))
        return dict(sorted(bodies.items()))

    def refusals(self) -> list[str]:
        codes = [*ALWAYS]
        if "{" in self.path:
            codes.append("404")
        if self.method in ("POST", "PATCH"):
            codes += ["400", "409", "413", "415", "422"]
        if self.action == "list":
            codes += ["400", "422"]
        if self.action in ("partial_update", "destroy") and self.versioned:
            codes.append("412")
        return codes

    def problem(self, code: str) -> dict[str, Any]:
        component = self.resolve_serializer(ProblemSerializer, "response")
        title = str(TITLES[int(code)])
        example: dict[str, Any] = {"type": "about:blank", "title": title, "status": int(code)}
        if code == "422":
            example["errors"] = [{"field": "email", "message": _("Enter a valid email address.")}]
        content = {PROBLEM_TYPE: {"schema": component.ref, "example": example}}
        return {"description": title, "content": content}
