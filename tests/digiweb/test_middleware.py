"""What comes in is well formed or refused; toasts reach fragments; errors have pages of their own."""

import json
import re
from io import BytesIO
from typing import Any

import MySQLdb
import pytest
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.test import Client
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from crm.models import Tag
from digiweb.middleware import add_triggers, client_ip
from digiweb.request_context import current_origin
from digiweb.toasts import toast
from digiweb.views import errors

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.digiweb.test_middleware")]
REFERENCE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@csrf_exempt
def echo(request: HttpRequest, rest: str = "") -> HttpResponse:
    origin = current_origin()
    return JsonResponse(
        {
            "get": request.GET.dict(),
            "post": request.POST.dict(),
            "files": {name: file.size for name, file in request.FILES.items()},
            "too_large": getattr(request, "upload_too_large", False),
            "channel": origin.channel,
            "ip": origin.ip,
            "request_id": origin.request_id,
        }
    )


def tell(request: HttpRequest) -> HttpResponse:
    toast(request, "Élodie est supprimée", undo_url="/bin/1/restore/")
    toast(request, "Attention", level="warning")
    if "away" in request.GET:
        return HttpResponseRedirect("/tell/")
    if "redirect" in request.GET:
        return HttpResponse(status=204, headers={"HX-Redirect": "/tell/"})
    if "shown" in request.GET:
        return HttpResponse(
            "|".join(f"{m.level_tag}:{m.message}:{m.undo_url}" for m in messages.get_messages(request))
        )
    return HttpResponse(status=204, headers={"HX-Trigger": "dw:saved"})


def trouble(request: HttpRequest, kind: str) -> HttpResponse:
    if kind == "429":
        return errors.too_many(request, retry_after=30)
    if kind == "database":
        with connection.wrap_database_errors:
            MySQLdb.connect(host="127.0.0.1", port=9)  # where nobody listens
    if kind == "busy":
        raise OperationalError(1213, "Deadlock found when trying to get lock; try restarting transaction")
    if kind == "gone":
        raise Tag.DoesNotExist
    raise {"403": PermissionDenied, "404": Http404, "500": ZeroDivisionError}[kind]


urlpatterns = [
    path("echo/<path:rest>", echo),
    path("echo/", echo),
    path("api/v1/echo/", echo),
    path("admin/echo/", echo),
    path("tell/", tell),
    path("trouble/<str:kind>/", trouble),
    path("api/trouble/<str:kind>/", trouble),
    path("closed/", lambda request: HttpResponse("in")),
    path("", include("digiweb.urls")),
]
handler400, handler403 = errors.bad_request, errors.permission_denied
handler404, handler500 = errors.not_found, errors.server_error


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


class Multipart:
    """A body of one file with a free head."""

    def __init__(self, body: bytes, head: str = 'name="file"; filename="a.csv"') -> None:
        self.type = "multipart/form-data; boundary=XX"
        self.body = (
            f"--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + body + b"\r\n--XX--\r\n"
        )


class TestBadInput:
    @pytest.mark.parametrize(
        "url", ["/echo/?q=%00", "/echo/?a%00=1", "/echo/?q=%ff%fe", "/echo/a%00b", "/api/v1/echo/?q=%00"]
    )
    def test_an_address_with_nul_or_broken_encoding_is_refused(self, browser: Client, url: str) -> None:
        assert browser.get(url).status_code == 400

    def test_a_form_with_nul_is_refused(self, browser: Client) -> None:
        assert browser.post("/echo/", {"name": "a\0b"}).status_code == 400
        assert browser.post("/echo/", {"a\0": "b"}).status_code == 400

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("application/x-www-form-urlencoded; charset=base64", b"a=b"),
            ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
            ("multipart/form-data; boundary=XX; charset=rot13", Multipart(b"x").body),
            ("multipart/form-data", b"nothing"),
            ("multipart/form-data; boundary=" + "X" * 300, b"--X"),
        ],
    )
    def test_a_body_in_an_impossible_encoding_is_refused(
        self, browser: Client, kind: str, body: bytes
    ) -> None:
        assert browser.generic("POST", "/echo/", body, content_type=kind).status_code == 400

    def test_ten_thousand_fields_are_refused(self, browser: Client) -> None:
        body = "&".join(f"f{number}=1" for number in range(10_000))
        answer = browser.post("/echo/", body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 400
        assert browser.get("/echo/?" + body).status_code == 400

    def test_what_is_odd_but_sound_passes(self, browser: Client) -> None:
        values = {"name": "👩‍🚀 שלום <b>=1+1</b>", "empty": ""}
        assert browser.get("/echo/", values).json()["get"] == values
        assert browser.post("/echo/", values).json()["post"] == values
        assert browser.get("/echo/?a=100%25&b=%zz").status_code == 200

    def test_a_json_body_that_is_too_large_is_refused_as_a_problem(
        self, browser: Client, settings: Any
    ) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
        answer = browser.post("/api/v1/echo/", b"[" + b"1," * 1000 + b"1]", content_type="application/json")
        assert answer.status_code == 413
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == 413

    def test_a_file_beyond_the_limit_is_thrown_away_and_the_form_may_say_so(
        self, browser: Client, settings: Any
    ) -> None:
        settings.IMPORT_MAX_BYTES = 200_000
        small, large = BytesIO(b"x" * 150_000), BytesIO(b"x" * 300_000)
        small.name, large.name = "small.csv", "large.csv"
        assert browser.post("/echo/", {"file": small}).json()["files"] == {"file": 150_000}
        answer = browser.post("/echo/", {"file": large, "name": "kept"}).json()
        assert answer["files"] == {}
        assert answer["too_large"] is True
        assert answer["post"] == {"name": "kept"}

    def test_an_upload_far_beyond_it_is_refused_outright(self, browser: Client, settings: Any) -> None:
        settings.IMPORT_MAX_BYTES = 1000
        upload = Multipart(b"x" * 100_000)
        answer = browser.post("/echo/", upload.body, content_type=upload.type)
        assert answer.status_code == 413
        assert b"<h1" in answer.content


class TestOrigin:
    @pytest.mark.parametrize(
        ("url", "channel"), [("/echo/", "page"), ("/api/v1/echo/", "api"), ("/admin/echo/", "admin")]
    )
    def test_the_audit_log_learns_where_a_request_comes_from(
        self, browser: Client, url: str, channel: str
    ) -> None:
        told = browser.get(url, REMOTE_ADDR="192.0.2.7").json()
        assert (told["channel"], told["ip"]) == (channel, "192.0.2.7")
        assert len(told["request_id"]) == 36
        assert current_origin().channel == "system"

    @pytest.mark.parametrize("given", ["trace-1", "x" * 500])
    def test_a_callers_own_request_id_is_not_believed(self, browser: Client, given: str) -> None:
        told = browser.get("/echo/", headers={"X-Request-ID": given}).json()["request_id"]
        assert REFERENCE.fullmatch(told)

    def test_only_our_own_proxy_is_believed(self, rf: Any, settings: Any) -> None:
        request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 192.0.2.7")
        settings.SECURE_PROXY_SSL_HEADER = None
        assert client_ip(request) == "10.0.0.1"
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        assert client_ip(request) == "192.0.2.7"
        assert client_ip(rf.get("/", REMOTE_ADDR="", HTTP_X_FORWARDED_FOR="no address")) == ""


class TestToasts:
    EXPECTED = [
        {"level": "success", "text": "Élodie est supprimée", "undo_url": "/bin/1/restore/"},
        {"level": "warning", "text": "Attention", "undo_url": ""},
    ]

    def test_on_a_fragment_they_travel_in_the_header_beside_what_the_view_triggers(
        self, browser: Client
    ) -> None:
        answer = browser.get("/tell/", headers={"HX-Request": "true"})
        assert json.loads(answer["HX-Trigger"]) == {"dw:saved": None, "dw:toast": self.EXPECTED}

    def test_they_are_shown_once(self, browser: Client) -> None:
        browser.get("/tell/", headers={"HX-Request": "true"})
        again = browser.get("/tell/", headers={"HX-Request": "true"})
        assert len(json.loads(again["HX-Trigger"])["dw:toast"]) == 2

    @pytest.mark.parametrize("query", ["away=1", "redirect=1"])
    def test_when_the_browser_goes_on_they_wait_for_the_next_page(self, browser: Client, query: str) -> None:
        answer = browser.get(f"/tell/?{query}", headers={"HX-Request": "true"})
        assert "HX-Trigger" not in answer
        shown = browser.get("/tell/?shown=1").content.decode()
        assert shown.count("Élodie") == 2

    def test_a_page_reads_level_text_and_undo(self, browser: Client) -> None:
        shown = browser.get("/tell/?shown=1", headers={"HX-Request": "true"})
        assert shown.content.decode() == "success:Élodie est supprimée:/bin/1/restore/|warning:Attention:"
        assert "HX-Trigger" not in shown

    def test_without_htmx_there_is_no_header(self, browser: Client) -> None:
        assert browser.get("/tell/")["HX-Trigger"] == "dw:saved"

    def test_triggers_of_both_forms_are_kept(self) -> None:
        response = HttpResponse(headers={"HX-Trigger": '{"a": {"b": 1}, "dw:toast": [1]}'})
        add_triggers(response, {"dw:toast": [2], "c": None})
        assert json.loads(response["HX-Trigger"]) == {"a": {"b": 1}, "dw:toast": [1, 2], "c": None}

    def test_an_undo_leads_only_into_our_own_house(self, browser: Client, rf: Any) -> None:
        from django.contrib.messages.storage.base import Message

        from digiweb.toasts import undo_url_of

        assert undo_url_of(Message(20, "x", extra_tags="//evil.example/")) == ""
        assert undo_url_of(Message(20, "x", extra_tags="javascript:alert(1)")) == ""


class TestErrorPages:
    @pytest.mark.parametrize("status", [403, 404, 429, 500])
    def test_each_has_a_page_of_our_own_with_a_reference(self, browser: Client, status: int) -> None:
        answer = browser.get(f"/trouble/{status}/")
        assert answer.status_code == status
        text = answer.content.decode()
        assert "<h1" in text
        assert "dw-error-page" in text
        assert REFERENCE.search(text)
        assert "Traceback" not in text

    @pytest.mark.parametrize("status", [403, 404, 429, 500])
    def test_programs_get_a_problem(self, browser: Client, status: int) -> None:
        answer = browser.get(f"/api/trouble/{status}/")
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
        body = answer.json()
        assert (body["type"], body["status"]) == ("about:blank", status)
        assert REFERENCE.fullmatch(body["request_id"])

    def test_too_many_says_when_to_come_back(self, browser: Client) -> None:
        assert browser.get("/trouble/429/")["Retry-After"] == "30"

    def test_an_expired_form_has_its_own_page(self) -> None:
        answer = Client(enforce_csrf_checks=True).post("/closed/", {"a": "b"})
        assert answer.status_code == 403
        assert b"dw-error-page" in answer.content

    @pytest.mark.parametrize(
        ("url", "kind"),
        [("/trouble/database/", "text/html"), ("/api/trouble/database/", "application/problem+json")],
    )
    def test_without_a_database_one_is_asked_to_come_back(self, browser: Client, url: str, kind: str) -> None:
        answer = browser.get(url)
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert answer["Content-Type"].startswith(kind)

    def test_whoever_met_another_writer_is_asked_to_send_again(self, browser: Client) -> None:
        """A transaction that the database took back whole: nothing of it is written."""
        for url in ("/trouble/busy/", "/api/trouble/busy/"):
            answer = browser.post(url)
            assert (answer.status_code, answer["Retry-After"]) == (503, "1"), url

    def test_what_a_colleague_has_just_deleted_is_gone_and_no_error(self, browser: Client) -> None:
        assert browser.post("/trouble/gone/").status_code == 404

    def test_a_broken_template_still_answers(self, rf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*args: Any, **kwargs: Any) -> str:
            raise RuntimeError

        monkeypatch.setattr(errors.loader, "render_to_string", fail)
        answer = errors.server_error(rf.get("/"))
        assert answer.status_code == 500
        assert b"<h1>" in answer.content
