"""The colleague's endpoint: one JSON list of prospects, read as it comes in, page by page where it has pages.

The list never is in memory as a whole. What fails before a page gave anything is tried again, with patience;
a line that is cut later is told with how many prospects came whole. The token goes to this one host only, by
TLS; in demo mode nobody but this machine is asked.
"""

import random
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from django.utils import timezone
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, ReadTimeoutError

from digiweb.numbers import whole_number
from sync.colleague.limits import Limits, is_local, limits_set
from sync.colleague.stream import elements
from sync.colleague.troubles import (
    BadAddress,
    Cut,
    EmptyBody,
    Failing,
    NoAddress,
    NoToken,
    NotReached,
    OnlyHere,
    Redirected,
    Refusing,
    SamePage,
    TokenRefused,
    TooLarge,
    TooSlow,
    UnknownPacking,
)
from sync.deadline import Deadline
from sync.errors import Down, NoKey, ProviderError, Quota
from sync.http import CHUNK, METERED, PASSING, REDIRECTS, TROUBLES, new_session, retry_moment
from sync.models import Call, Connection
from sync.services.connection import connection_of, note_answer, note_trouble

NAME = "colleague"
MOST_PAGES = 100_000
# Seconds, for whoever waits in front of a page.
PAGE_READ, PAGE_TOTAL = 10, 15


class ColleagueApi:
    """Asks `EXTERNAL_API_URL`; `came`, `size` (bytes, unpacked) and `pages` say how far it got.

        api = ColleagueApi(user=user)
        for raw in api.prospects():
            reading = read_prospect(raw)

    `url` asks another address instead, with its own `headers`, and without a note in the log of calls.
    """

    def __init__(
        self,
        connection: Connection | None = None,
        *,
        user: Any = None,
        limits: Limits | None = None,
        url: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.url = url or settings.EXTERNAL_API_URL
        self._given_headers = headers or {}
        self.own = not url
        self.connection = connection or (connection_of(NAME) if self.own else Connection(provider=NAME))
        user = user or self.connection.asking
        self.user = user if getattr(user, "pk", None) else None
        self.limits = limits or limits_set()
        self.came = self.size = self.pages = 0
        self._status: int | None = None
        self._next = ""
        self._until = 0.0

    def prospects(self) -> Iterator[Any]:
        """Every element of the list, in order, as JSON gives it (decimals as Decimal): for `read_prospect`.

        Raises one of sync.errors (see sync.colleague.troubles), whose `came` says how many were given out.
        Take it to the end or close it; do not hold a transaction open while it waits for the line.
        """
        started = time.monotonic()
        self._until = started + self.limits.total
        self.came = self.size = self.pages = 0
        self._check_ready()
        try:
            for element in self._all_pages():
                self.came += 1
                yield element
        except ProviderError as error:
            error.came = self.came
            self._note(started, error)
            raise
        self._note(started, None)

    def test(self) -> int:
        """How many prospects the first portion holds, a few at the most; raises as `prospects` does.

        A person waits for it: one try, and no longer than a page may take.
        """
        usual = self.limits
        self.limits = replace(
            usual, tries=1, read=min(usual.read, PAGE_READ), total=min(usual.total, PAGE_TOTAL)
        )
        started = time.monotonic()
        self._until = started + self.limits.total
        self._check_ready()
        try:
            found = self._page(self.url, self._params(1))
            count = sum(1 for _element, _number in zip(found, range(3), strict=False))
            found.close()  # type: ignore[attr-defined]
        except ProviderError as error:
            self._note(started, error)
            raise
        self._note(started, None)
        return count

    # --- Before asking

    def _check_ready(self) -> None:
        """Raise what is known without asking: nothing of it is noted, as nobody was asked."""
        connection = self.connection
        check_address(self.url, own=self.own)
        if connection.pk and not connection.active:
            raise NoKey("switched off")
        held = connection.state == Connection.State.QUOTA and connection.retry_at
        if held and held > timezone.now():
            raise Quota("still running", retry_at=connection.retry_at)

    def _headers(self) -> dict[str, str]:
        if not self.own:
            return self._given_headers
        token = self.connection.secret("token") or settings.EXTERNAL_API_TOKEN
        if not token:
            return {}
        if not (token.isascii() and token.isprintable()):
            raise TokenRefused("holds characters that no header takes")
        return {settings.EXTERNAL_API_TOKEN_HEADER: token}

    # --- Pages

    def _params(self, number: int) -> dict[str, int] | None:
        size = settings.EXTERNAL_API_PAGE_SIZE
        return {"page": number, "limit": size} if size and self.own else None

    def _all_pages(self) -> Iterator[Any]:
        """`Link: <…>; rel="next"` leads on where the source sends it; else a page that came full does."""
        url, params, number, last_first = self.url, self._params(1), 1, ""
        while True:
            count = 0
            for element in self._page(url, params):
                if not count:
                    # An endpoint that does not know pages gives its whole list each time.
                    first = repr(element)[:5000]
                    if number > 1 and first == last_first:
                        raise SamePage("gave the same page twice")
                    last_first = first
                count += 1
                yield element
            self.pages = number
            if self._next:
                url, params = self._same_host(url, self._next), None
            elif params and count == params["limit"]:
                params = self._params(number + 1)
            else:
                return
            number += 1
            if number > MOST_PAGES:
                raise SamePage("has no last page")

    def _page(self, url: str, params: Any) -> Iterator[Any]:
        for attempt in range(1, self.limits.tries + 1):
            given = 0
            try:
                with self._portions(url, params) as portions:
                    for element in elements(portions, limit=self.limits.prospect):
                        given += 1
                        yield element
                return
            except (Down, Quota) as error:
                wait = self._wait(attempt, error)
                if given or wait is None:
                    raise
            time.sleep(wait)

    def _wait(self, attempt: int, error: ProviderError) -> float | None:
        """Seconds until the next try; None where there is none."""
        if attempt >= self.limits.tries or getattr(error, "final", False):
            return None
        wait = self.limits.pause * 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311
        if isinstance(error, Quota):
            due = (error.retry_at - timezone.now()).total_seconds() if error.retry_at else wait
            wait = max(due, 0)
            if wait > self.limits.patience:
                return None
        return wait if time.monotonic() + wait < self._until else None

    # --- One request

    @contextmanager
    def _portions(self, url: str, params: Any) -> Iterator[Iterator[bytes]]:
        """The body of an answer, unpacked; network and packing fail as one of our troubles."""
        headers = self._headers()
        deadline = Deadline(max(self._until - time.monotonic(), 0.001))
        try:
            deadline.start()
            with new_session() as session:
                response = self._opened(session, deadline, url, params, headers)
                with response:
                    yield self._unpacked(response, deadline)
        finally:
            deadline.stop()

    def _opened(
        self, session: requests.Session, deadline: Deadline, url: str, params: Any, headers: dict[str, str]
    ) -> requests.Response:
        self._next, self._status = "", None
        for _turn in range(REDIRECTS + 1):
            local = is_local(urlsplit(url).hostname or "")
            try:
                with deadline.watching():
                    response = session.get(
                        url,
                        params=params,
                        headers=headers,
                        timeout=(self.limits.connect, self.limits.read),
                        allow_redirects=False,
                        stream=True,
                        proxies={} if local else get_environ_proxies(url),
                        verify=settings.PROVIDERS_CA_FILE or True,
                    )
            except TROUBLES as error:
                raise self._trouble(deadline, error, NotReached)
            self._status = response.status_code
            if response.is_redirect:
                url, params = self._same_host(url, response.headers["Location"]), None
                response.close()
                continue
            try:
                self._check_status(response)
            except ProviderError:
                response.close()
                raise
            self._next = response.links.get("next", {}).get("url", "")
            return response
        raise Redirected("redirected again and again")

    def _check_status(self, response: requests.Response) -> None:
        status = response.status_code
        if status in (401, 403):
            raise TokenRefused(f"answered {status}") if self._headers() else NoToken(f"answered {status}")
        if status in METERED:
            named = response.headers.get("Retry-After", "")
            raise Quota(f"answered {status}", retry_at=retry_moment(named) if named else None)
        if status in PASSING:
            raise Failing(f"answered {status}")
        if status == 204:
            raise EmptyBody("answered 204")
        if not 200 <= status < 300:
            raise Refusing(f"answered {status}")

    def _same_host(self, url: str, location: str) -> str:
        """Where a redirect or a next page leads: to the same host, or nowhere: our token goes with it."""
        target = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(target)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise Redirected("led to another address")
        return target

    def _unpacked(self, response: requests.Response, deadline: Deadline) -> Iterator[bytes]:
        announced = whole_number(response.headers.get("Content-Length", ""))
        if announced is not None and self.size + announced > self.limits.size:
            raise TooLarge(f"announced more than {self.limits.size // 2**20} MB")
        packing = response.headers.get("Content-Encoding", "identity").lower()
        if packing not in ("identity", "", "gzip", "x-gzip"):
            raise UnknownPacking("is packed in another way")
        try:
            chunks = _arriving(response)
            for portion in _gunzipped(chunks) if "gzip" in packing else chunks:
                self.size += len(portion)
                if self.size > self.limits.size:
                    raise TooLarge(f"is larger than {self.limits.size // 2**20} MB")
                yield portion
        except TROUBLES as error:
            raise self._trouble(deadline, error, Cut)
        if deadline.passed:
            raise TooSlow(f"not whole within {self.limits.total:g} s")

    def _trouble(self, deadline: Deadline, error: Exception, usual: type[Down]) -> Down:
        """Of an exception only its kind: its text may hold the address with a key in it."""
        if deadline.passed:
            return TooSlow(f"not whole within {self.limits.total:g} s")
        if isinstance(error, (requests.Timeout, ReadTimeoutError, TimeoutError)):
            return TooSlow(type(error).__name__)
        return usual(type(error).__name__)

    def _note(self, started: float, error: ProviderError | None) -> None:
        if not self.own:
            return
        if error is None:
            note_answer(self.connection)
        else:
            note_trouble(self.connection, error)
        # Of the address only the path: its query may hold a key.
        Call.objects.create(
            provider=NAME,
            user=self.user,
            what=f"GET {urlsplit(self.url).path or '/'}"[:200],
            outcome=(error.state or Call.Outcome.UNKNOWN) if error else Call.Outcome.OK,
            status=self._status,
            milliseconds=round((time.monotonic() - started) * 1000),
            detail=error.detail[:200] if error else "",
        )


def check_address(url: str, *, own: bool = True) -> None:
    """Raise what keeps an address from being asked; with our token (`own`) by TLS or on this machine only."""
    if not url:
        raise NoAddress("no address")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise BadAddress("no address of the web")
    if parts.scheme not in ("http", "https") or not host:
        raise BadAddress("no address of the web")
    if settings.DEMO_MODE and not is_local(host):
        raise OnlyHere("held back in demo mode")
    if own and parts.scheme == "http" and not (is_local(host) or settings.PROVIDERS_PLAIN_HTTP):
        raise BadAddress("without TLS")


def _arriving(response: requests.Response) -> Iterator[bytes]:
    """What has come so far, not waiting for a portion to be full: what came before a cut counts."""
    if response.raw.chunked:
        yield from response.raw.read_chunked(CHUNK, decode_content=False)
        return
    while portion := response.raw.read1(CHUNK, decode_content=False):
        yield portion


def _gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpacked in portions, so that a bomb is counted while it unfolds; raises HTTPError when it is cut."""
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
    begun = False
    for chunk in chunks:
        while chunk:
            if unpack.eof:  # several packings one after the other are one
                unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
            begun = True
            portion = unpack.decompress(chunk, CHUNK)
            if portion:
                yield portion
            chunk = unpack.unconsumed_tail or unpack.unused_data
    if begun and not unpack.eof:
        raise HTTPError("the packing is cut")
