"""Headers that tell browsers what an answer of ours may never be used for; on every answer, whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: of every answer that says nothing else: it loads nothing, is framed by nobody, and is kept by no cache
SAFE: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers older than frame-ancestors
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
#: answers that pages of the team's own websites read, or show in a frame of theirs after a form was sent
_FOR_WEBSITES: Final = ("/forms/", "/embed/")
_WEBSITES: Final[Mapping[str, str]] = {
    **{name: value for name, value in SAFE.items() if name != "X-Frame-Options"},
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def _encoded(headers: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.lower().encode(), value.encode()) for name, value in headers.items())


_OURS, _THEIRS = _encoded(SAFE), _encoded(_WEBSITES)


class SafeHeaders:
    """Puts on each answer what it does not say for itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = _THEIRS if scope["path"].startswith(_FOR_WEBSITES) else _OURS

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.setdefault("headers", [])
                said = {name.lower() for name, _ in given}
                message["headers"] = [*given, *(pair for pair in wanted if pair[0] not in said)]
            await send(message)

        await self._app(scope, receive, sending)
