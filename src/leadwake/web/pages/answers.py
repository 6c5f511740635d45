"""What a form's button is answered with: back to where it stood, with a line on what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from leadwake.web.pages import notice, view
from leadwake.web.pages.route import is_scripts_own, safe_next, see


def answer(request: Request, given: Mapping[str, str], said: str, place: str = "/", **about: UUID | None) -> Response:
    """Back to where the form says it stood, else to the place; for a script, the notice alone. about: of a notice."""
    back = safe_next(given.get("next") or place)
    if is_scripts_own(request):
        told = notice.notice(request.app.state.office, said, **about)
        return view.fragment(request, "notice.html", notice=told, back=back)
    return see(notice.address(back, said, **about))
