"""What all routes of the pages share: errors are pages, posts come from our own pages, logins are asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from leadwake import log
from leadwake.errors import DatabaseAway
from leadwake.web.bodies import content_type, read_body
from leadwake.web.clients import Buckets, client_ip
from leadwake.web.pages import view
from leadwake.web.problems import Problem
from leadwake.web.sessions import NeedsAdmin, NeedsLogin

_log = log.get(__name__)

MAX_FORM = 64 * 1024
MAX_FIELDS = 200

#: status → what the page says: a headline and what to do
_SAID: Mapping[int, tuple[str, str]] = {
    400: ("That could not be read", "Go back, load the page again and try once more."),
    403: ("This is not yours to open", "Ask an admin of your team; they can change what you may do."),
    404: ("There is nothing here", "The link may be old, or the lead's data was erased."),
    405: ("There is nothing here", "The link may be old."),
    413: ("That is too much at once", "Shorten it and send it again."),
    429: ("That was too often", "Wait a minute, then try again."),
    415: ("That could not be read", "Go back, load the page again and try once more."),
    500: ("Something went wrong on our side", "It was logged. Try again; if it stays, run: leadwake doctor"),
    503: ("The database is away for a moment", "Nothing is lost. This page tries again by itself."),
}


class PageRoute(APIRoute):
    """A route whose every answer is a page (or for a script's own request, a bare status)."""

    #: whether posts are taken from pages of ours only
    own_posts_only = True
    #: whether the address holds a secret that somebody may guess at
    holds_secret = False

    def error(self, request: Request, status: int) -> Response:
        """The page of an error."""
        return error_page(request, status)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler within the pages' own edge."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            request.state.news = request.app.state.live.told  # before anything is read of what the page will show
            try:
                if self.own_posts_only:
                    _refuse_other_sites(request)
                return await handle(request)
            except NeedsLogin:
                return _to_login(request)
            except NeedsAdmin:
                return self.error(request, 403)
            except HTTPException as error:
                if error.status_code == 404 and self.holds_secret and (wait_s := _guessed(request)):
                    return _later(self.error(request, 429), wait_s)
                return self.error(request, error.status_code)
            except Problem as error:
                response = self.error(request, error.status)
                response.headers.update(error.headers)
                return response
            except DatabaseAway:
                return self.error(request, 503)
            except Exception:
                _log.exception("page_failed", path=self.path)
                return self.error(request, 500)

        return handled


def error_page(request: Request, status: int) -> Response:
    """The page of an error; asks nothing of the database."""
    if is_scripts_own(request):
        return Response(status_code=status, headers=view.headers())
    headline, advice = _SAID.get(status, _SAID[500] if status >= 500 else _SAID[400])
    response = view.bare(request, "error.html", status=status, code=status, headline=headline, advice=advice)
    if status == 503:
        response.headers["Retry-After"] = "3"
    return response


def wants_page(request: Request) -> bool:
    """True when a person's browser asks, so that an error is better a page than a problem document."""
    machine = ("/v1/", "/hooks/", "/forms/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/static/", "/embed/",
               "/oauth/", "/.well-known/")  # fmt: skip
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(machine)


def is_scripts_own(request: Request) -> bool:
    """True for a fragment that the page's script asks for, and for its stream of events."""
    return "x-fragment" in request.headers or "text/event-stream" in request.headers.get("accept", "")


async def fields(request: Request, most: int = MAX_FORM) -> dict[str, str]:
    """The fields of a posted form, the last of each name. most: bytes. Raises Problem 400, 413, 415."""
    body = await read_body(request, most)
    if body and content_type(request) != "application/x-www-form-urlencoded":
        raise Problem(415, "Send the page's own form.")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace")
    except ValueError:
        raise Problem(400, "The form cannot be read.") from None
    # A browser sends CR LF in text areas; NUL is no character for PostgreSQL
    return {name: value.replace("\r\n", "\n").replace("\0", "") for name, value in pairs}


def safe_next(text: str | None) -> str:
    """The place on our own site that a login leads back to; "/" for anything else."""
    if not text or not text.startswith("/") or len(text) > 500 or not text.isascii() or not text.isprintable():
        return "/"
    return "/" if text.startswith(("//", "/\\")) or "\\" in text else text


def see(place: str) -> Response:
    """The browser goes on to this page of ours, with GET."""
    return RedirectResponse(place, 303, view.headers())


def _to_login(request: Request) -> Response:
    if is_scripts_own(request):
        return Response(status_code=401, headers=view.headers())
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = wanted if request.method == "GET" else "/"
    return see("/login" if back == "/" else f"/login?next={quote(back, safe='/')}")


def _guessed(request: Request) -> float:
    """One more link that is nobody's was tried from there; the seconds until the next may be, 0 while few were."""
    guesses: Buckets = request.app.state.limits.guesses
    return guesses.wait_s(client_ip(request, request.app.state.trusted_proxies))


def _later(response: Response, wait_s: float) -> Response:
    response.headers["Retry-After"] = str(math.ceil(wait_s))
    return response


def _refuse_other_sites(request: Request) -> None:
    """
    Posts come from our own pages: the cookie's SameSite says so, and so does what browsers say of a request's origin.

    Neither header: no browser of today, and nothing to be tricked into sending a cookie.
    """
    if request.method in {"GET", "HEAD"}:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise HTTPException(403)
        return
    origin = request.headers.get("origin")
    public = urlsplit(request.app.state.office.settings.public_url).netloc
    if origin is not None and urlsplit(origin).netloc not in {request.headers.get("host"), public or None}:
        raise HTTPException(403)
