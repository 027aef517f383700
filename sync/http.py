"""The one way out: how every client of a provider asks, and what may come back.

Time-outs, also for the whole; a bound on the size, unpacked too; JSON or nothing; no redirect to another
host; few retries. Whatever goes wrong is one of `sync.errors`, noted on the connection and in the log of
calls, where no key ever stands. In demo mode nothing leaves: `demo_answer` of the client answers.
"""

import json
import random
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import unquote_plus, urlencode, urljoin, urlsplit

import requests
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from digiweb.numbers import whole_number
from sync.deadline import Deadline, WatchedAdapter
from sync.errors import Down, NoKey, ProviderError, Quota, Unknown, WrongKey
from sync.models import Call, Connection
from sync.services.connection import note_answer, note_trouble

CHUNK = 64 * 1024
REDIRECTS = 2
# A provider that is down is left alone for a moment: pages must not wait for it one after the other.
REST = timedelta(seconds=30)
# The longest wait that is still part of the same call; a longer Retry-After is a quota.
PATIENCE = 2.0
QUOTA_WITHOUT_DATE = timedelta(minutes=15)
LONGEST_QUOTA = timedelta(days=31)
PASSING = {500, 502, 503, 504}
METERED = {402, 429}
# Whatever the network, the packing or a header may do to us; ours are no OSErrors.
TROUBLES = (requests.RequestException, HTTPError, OSError, zlib.error, ValueError, KeyError)


@dataclass(frozen=True)
class Limits:
    """How long one waits (seconds) and how much one takes (bytes)."""

    connect: float = 3
    read: float = 6
    total: float = 8
    tries: int = 2
    size: int = 2 * 1024 * 1024


# While somebody types, late is useless.
WHILE_TYPING = Limits(connect=2, read=3, total=4, tries=1)


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Upload:
    """A file sent as a form (multipart/form-data), with fields beside it."""

    name: str
    content: bytes
    mime: str
    fields: Mapping[str, str]


class Api:
    """A client's base; subclasses name their `provider`, say how they sign in, and answer in demo mode."""

    provider: ClassVar[str] = ""
    # Of settings.PROVIDER_URLS; "" : the provider's name.
    address: ClassVar[str] = ""
    limits = Limits()

    def __init__(self, connection: Connection, *, user: Any = None, limits: Limits | None = None) -> None:
        self.connection = connection
        user = user or connection.asking
        self.user = user if getattr(user, "pk", None) else None
        self.limits = limits or type(self).limits

    # --- What subclasses say

    def headers(self) -> dict[str, str]:
        """How it signs in."""
        return {}

    def demo_answer(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        """What the provider would have answered, in its own shape; may raise one of sync.errors."""
        raise NotImplementedError

    # --- What they call

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON of an answer; raises one of sync.errors."""
        return self.ask("GET", path, params=params)

    def post(self, path: str, body: Any) -> Any:
        """The same for a POST, which is never sent twice."""
        return self.ask("POST", path, body=body)

    def upload(self, path: str, upload: Upload) -> Any:
        """The same for a POST with a file."""
        return self.ask("POST", path, body=upload)

    def download(self, path: str, params: Mapping[str, Any] | None = None) -> bytes:
        """The bytes of an answer, whatever they are, up to the limit of size."""
        content: bytes = self.ask("GET", path, params=params, raw=True)
        return content

    def ask(self, method: str, path: str, *, params: Any = None, body: Any = None, raw: bool = False) -> Any:
        if settings.DEMO_MODE:
            self._note(method, path, params, Call.Outcome.HELD, None, 0.0, "")
            told = {} if isinstance(body, Upload) else body
            return self.demo_answer(method, path, params or told or {})
        self.check_ready()
        self.headers()  # raises NoKey before anything is written down
        started = time.monotonic()
        status: list[int] = []
        try:
            value = self._ask(method, path, params, body, status, raw=raw)
        except ProviderError as error:
            outcome = error.state or Call.Outcome.UNKNOWN
            note_trouble(self.connection, error)
            self._note(method, path, params, outcome, status, time.monotonic() - started, error.detail)
            raise
        note_answer(self.connection)
        self._note(method, path, params, Call.Outcome.OK, status, time.monotonic() - started, "")
        return value

    def check_ready(self) -> None:
        """Raise what is already known, without asking again: a quota that runs, a service that is down."""
        connection, now = self.connection, timezone.now()
        if connection.pk and not connection.active:
            raise NoKey("switched off")
        if connection.state == Connection.State.QUOTA and connection.retry_at and connection.retry_at > now:
            raise Quota("still running", retry_at=connection.retry_at)
        resting = connection.checked_at and now - connection.checked_at < REST
        if connection.state == Connection.State.DOWN and resting:
            raise Down("left alone for a moment")

    # --- How it is done

    def _ask(
        self, method: str, path: str, params: Any, body: Any, status: list[int], *, raw: bool = False
    ) -> Any:
        url = f"{self._base()}{path}"
        tries = self.limits.tries if method == "GET" else 1
        with Deadline(self.limits.total) as deadline, new_session() as session:
            for number in range(1, tries + 1):
                try:
                    answer = self._send(session, deadline, method, url, params, body)
                    status[:] = [answer.status]
                    return self._read(answer, raw=raw)
                except (Down, Quota) as error:
                    wait = _wait_before(number, error)
                    if number == tries or deadline.passed or wait is None or getattr(error, "final", False):
                        raise
                    time.sleep(wait)
        raise Down("no try was left")

    def _base(self) -> str:
        base: str = settings.PROVIDER_URLS[self.address or self.provider].rstrip("/")
        if not base.startswith("https://") and not settings.PROVIDERS_PLAIN_HTTP:
            raise ImproperlyConfigured(f"The address of {self.provider} must begin with https://")
        return base

    def _send(
        self, session: requests.Session, deadline: Deadline, method: str, url: str, params: Any, body: Any
    ) -> _Answer:
        """One request, redirects within the same host included; raises Down for what is no answer."""
        if isinstance(body, Upload):
            content: Any = {
                "files": {"file": (body.name, body.content, body.mime)},
                "data": dict(body.fields),
            }
        else:
            content = {"json": body}
        try:
            for _turn in range(REDIRECTS + 1):
                with session.request(
                    method,
                    url,
                    params=params,
                    **content,
                    headers=self.headers(),
                    timeout=(self.limits.connect, self.limits.read),
                    allow_redirects=False,
                    stream=True,
                    proxies=get_environ_proxies(url),
                    verify=settings.PROVIDERS_CA_FILE or True,
                ) as response:
                    if response.is_redirect:
                        url, params = self._followed(method, url, response.headers["Location"]), None
                        continue
                    received = b"".join(self._portions(response, deadline))
                if deadline.passed:
                    raise Down(f"no answer within {deadline.seconds:g} s")
                return _Answer(response.status_code, response.headers, received)
        except TROUBLES as error:
            raise Down(self._trouble(deadline, error))
        raise _final(Down("redirected again and again"))

    def _followed(self, method: str, url: str, location: str) -> str:
        """Where a redirect leads: to the same host, or nowhere, since our key goes with it."""
        target = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(target)
        if method != "GET" or (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise _final(Down("redirected to another address"))
        return target

    def _portions(self, response: requests.Response, deadline: Deadline) -> Iterator[bytes]:
        """The body, unpacked here so that a bomb is noticed while it unfolds."""
        announced = whole_number(response.headers.get("Content-Length", ""))
        if announced is not None:
            self._check_size(announced)
        packed = response.headers.get("Content-Encoding", "identity").lower()
        if packed not in ("identity", "", "gzip"):
            raise _final(Down("answered in an unknown packing"))
        unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if packed == "gzip" else None
        taken = 0
        for chunk in response.raw.stream(CHUNK, decode_content=False):
            portion = unpack.decompress(chunk, self.limits.size + 1) if unpack else chunk
            taken += len(portion)
            self._check_size(taken)
            if deadline.passed:
                return
            yield portion

    def _check_size(self, size: int) -> None:
        if size > self.limits.size:
            raise _final(Down(f"answered more than {self.limits.size // 1024} KB"))

    def _trouble(self, deadline: Deadline, error: Exception) -> str:
        """Of an exception only its kind: its text may hold the address with a key in it."""
        return f"no answer within {deadline.seconds:g} s" if deadline.passed else type(error).__name__

    def _read(self, answer: _Answer, *, raw: bool = False) -> Any:
        status = answer.status
        if status in (401, 403):
            raise WrongKey(f"answered {status}")
        if status == 404:
            raise Unknown("answered 404")
        if status in METERED:
            raise Quota(f"answered {status}", retry_at=retry_moment(answer.headers.get("Retry-After", "")))
        if status in PASSING:
            raise Down(f"answered {status}")
        if not 200 <= status < 300:
            raise _final(Down(f"answered {status}"))
        if raw:
            return answer.body
        try:
            return json.loads(answer.body, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise _final(Down(f"answered no JSON ({type(error).__name__})"))

    def _note(
        self, method: str, path: str, params: Any, outcome: str, status: Any, seconds: float, detail: str
    ) -> None:
        # Keys travel in headers and bodies: neither is written down.
        asked = f"?{unquote_plus(urlencode(params))}" if params else ""
        Call.objects.create(
            provider=self.provider,
            user=self.user,
            what=f"{method} {path}{asked}"[:200],
            outcome=outcome,
            status=status[0] if status else None,
            milliseconds=round(seconds * 1000),
            detail=detail[:200],
        )


def retry_moment(header: str) -> datetime:
    """When it may be asked again, by a Retry-After in seconds or as a date; a month at the latest."""
    now = timezone.now()
    moment = now + QUOTA_WITHOUT_DATE
    seconds = whole_number(header.strip()[:9])
    if seconds is not None:
        moment = now + timedelta(seconds=min(seconds, LONGEST_QUOTA.total_seconds()))
    elif header:
        try:
            dated = parsedate_to_datetime(header)
            moment = dated if dated.tzinfo else dated.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError):
            pass  # no date: as if none were given
    return min(max(moment, now), now + LONGEST_QUOTA)


def _wait_before(number: int, error: ProviderError) -> float | None:
    """Seconds until the next try; None where waiting is not worth it."""
    if isinstance(error, Quota):
        seconds = (error.retry_at - timezone.now()).total_seconds() if error.retry_at else PATIENCE + 1
        return max(seconds, 0) if seconds <= PATIENCE else None
    return 0.2 * float(2**number) * random.uniform(0.75, 1.25)  # noqa: S311 (spreads retries, no secret)


def _final(error: Down) -> Down:
    """Asking again would bring the same."""
    error.final = True
    return error


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def new_session() -> requests.Session:
    """One that sends nothing of the machine's own, and whose lines the running deadline may cut."""
    session = requests.Session()
    # No .netrc: it would put a stranger's password into our headers. Proxies are read by ourselves.
    session.trust_env = False
    session.headers.update(
        {
            "User-Agent": f"DigiWeb-ERP (+{settings.SITE_URL})",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
        }
    )
    adapter = WatchedAdapter(max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
