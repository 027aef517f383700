"""/api/v1/docs/: the OpenAPI document as a page of the product."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.api.document import schema_in
from digiweb.api.idempotency import HEADER as KEY_HEADER
from digiweb.views.base import PageView

JSON_TYPE, FORM_TYPE = "application/json", "multipart/form-data"
SHOWN_ENUM = 12
FORMATS = ("date", "date-time", "email", "uri", "decimal")
GOOD = ("200", "201")
METHODS = ("get", "post", "patch", "delete")


class DocsView(PageView):
    """For people who write programs: resources, operations, fields, examples to copy."""

    signed_in = True
    template_name = "api/docs.html"
    breadcrumbs = ((gettext_lazy("API"), ""),)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        base = self.request.build_absolute_uri("/").rstrip("/")
        return super().get_context_data(
            **kwargs,
            page_title=_("API"),
            resources=resources_in(translation.get_language() or "en", base),
            base=base,
            calls=user.role.api_calls_per_hour if user.role else None,
            schema_url=reverse("api:schema"),
        )


@lru_cache(maxsize=8)
def resources_in(language: str, base: str) -> list[dict[str, Any]]:
    """What the page shows, out of the document in that language."""
    document = schema_in(language)
    with translation.override(language):
        reader = _Reader(document, base)
        return [
            {
                "name": tag["name"],
                "label": tag["x-displayName"],
                "about": rich(tag["description"]),
                "operations": list(reader.operations(tag["name"])),
                "fields": reader.record_fields(tag["name"]),
            }
            for tag in document["tags"]
        ]


class _Reader:
    """Reads one OpenAPI document."""

    def __init__(self, document: Mapping[str, Any], base: str) -> None:
        self.document = document
        self.base = base

    def operations(self, tag: str) -> Iterator[dict[str, Any]]:
        for path, methods in self.document["paths"].items():
            for method in METHODS:
                operation = methods.get(method)
                if operation and tag in operation.get("tags", ()):
                    yield self.operation(path, method, operation)

    def operation(self, path: str, method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
        kind, body = self.body(operation)
        answers = operation["responses"]
        return {
            "id": operation["operationId"],
            "method": method.upper(),
            "path": path,
            "summary": operation.get("summary", ""),
            "description": rich(operation.get("description", "")),
            "parameters": [self.parameter(one) for one in operation.get("parameters", ())],
            "fields": self.fields(body.get("schema", {})),
            "curl": self.curl(path, method, kind, body),
            "answers": [{"code": code, "text": answer["description"]} for code, answer in answers.items()],
            "answer": next((text for code in GOOD if (text := example_of(answers.get(code, {})))), ""),
        }

    def parameter(self, one: Mapping[str, Any]) -> dict[str, Any]:
        places = {"query": "", "path": _("in the address"), "header": _("header")}
        schema = one.get("schema", {})
        text = joined(self.meaning(one), self.choices(schema))
        return {
            "name": one["name"],
            "place": places.get(one["in"], one["in"]),
            "type": self.type_of(schema),
            "required": one.get("required", False),
            "text": text,
        }

    def body(self, operation: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        content = operation.get("requestBody", {}).get("content", {})
        return next(iter(content.items()), ("", {}))

    def fields(self, schema: Mapping[str, Any]) -> list[dict[str, Any]]:
        schema = self.resolved(schema)
        required = schema.get("required", ())
        return [
            {
                "name": name,
                "type": self.type_of(one),
                "required": name in required,
                "read_only": one.get("readOnly", False),
                "text": joined(one.get("title"), self.meaning(one), self.choices(one)),
            }
            for name, one in schema.get("properties", {}).items()
        ]

    def record_fields(self, tag: str) -> list[dict[str, Any]]:
        """The fields of a record as reading one answers it."""
        for path, methods in self.document["paths"].items():
            operation = methods.get("get")
            if operation and tag in operation["tags"] and path.endswith("{id}/"):
                answer = operation["responses"]["200"]["content"][JSON_TYPE]
                return self.fields(answer["schema"])
        return []

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def type_of(self, schema: Mapping[str, Any]) -> str:
        schema = self.resolved(schema)
        if "anyOf" in schema:  # such as an address or an empty text: the first tells more
            return self.type_of(schema["anyOf"][0])
        kind = schema.get("type", "")
        nullable = isinstance(kind, list) and "null" in kind
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), "")
        if kind == "array":
            kind = _("list of %(type)s") % {"type": self.type_of(schema.get("items", {}))}
        text = (
            schema.get("format")
            if schema.get("format") in ("date", "date-time", "email", "uri", "decimal")
            else kind
        )
        if length := schema.get("maxLength"):
            text = f"{text} ≤ {length}"
        return _("%(type)s or null") % {"type": text} if nullable else str(text or "")

    def meaning(self, one: Mapping[str, Any]) -> str:
        """The description without the list of choices that drf-spectacular puts below it."""
        lines = str(one.get("description", "")).splitlines()
        return " ".join(line for line in lines if line and not line.startswith("* `"))

    def choices(self, schema: Mapping[str, Any]) -> str:
        values = [str(value) for value in self.resolved(schema).get("enum", ()) if value not in ("", None)]
        if not values:
            return ""
        more = " …" if len(values) > SHOWN_ENUM else ""
        shown = ", ".join(f"`{value}`" for value in values[:SHOWN_ENUM])
        return _("One of: %(values)s.") % {"values": shown + more}

    def curl(self, path: str, method: str, kind: str, body: Mapping[str, Any]) -> str:
        """A line to copy into a terminal; `TOKEN` holds one's token."""
        address = f"{self.base}{path}".replace("{id}", "1042")
        option = "" if method == "get" else f"-X {method.upper()} "
        lines = [f"curl {option}{address}", '-H "Authorization: Bearer $TOKEN"']
        if method == "post":
            lines.append(f'-H "{KEY_HEADER}: $(uuidgen)"')
        sent = example_in(body)
        if kind == FORM_TYPE:
            lines += [f"-F {name}={value}" for name, value in (sent or {"file": "@contacts.csv"}).items()]
        elif sent is not None:
            text = json.dumps(sent, ensure_ascii=False).replace("'", "'\\''")
            lines += ['-H "Content-Type: application/json"', f"-d '{text}'"]
        return " \\\n  ".join(lines)


def joined(*parts: str | None) -> SafeString:
    return rich(" ".join(part for part in parts if part))


def rich(text: str) -> SafeString:
    """`code` between back quotes becomes code."""
    pieces = enumerate(text.split("`"))
    parts = (format_html("<code>{}</code>", piece) if at % 2 else piece for at, piece in pieces)
    return format_html_join("", "{}", ((part,) for part in parts))


def example_in(media: Mapping[str, Any]) -> Any:
    return next((one.get("value") for one in media.get("examples", {}).values()), None)


def example_of(answer: Mapping[str, Any]) -> str:
    """The JSON of an answer's example, as a person reads it."""
    value = example_in(answer.get("content", {}).get(JSON_TYPE, {}))
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)
