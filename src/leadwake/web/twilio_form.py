"""What Twilio posts, believed only when it is signed with our token."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import Request

from leadwake.errors import AnomalousPayload, BadSignature
from leadwake.providers import twilio
from leadwake.web.bodies import read_body
from leadwake.workflows.key_rotation import any_fits
from leadwake.workflows.office import Office


async def twilio_form(request: Request) -> dict[str, str]:
    """The posted parameters, the signature checked. Raises BadSignature, AnomalousPayload."""
    return (await signed(request))[0]


async def signed(request: Request) -> tuple[dict[str, str], bytes]:
    """The same, and the body as it came."""
    office: Office = request.app.state.office
    body = await read_body(request)
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=500)
    except ValueError as error:
        raise AnomalousPayload("more parameters than any webhook has") from error
    token = office.settings.credential("twilio", "TWILIO_AUTH_TOKEN")
    signature, urls = request.headers.get("x-twilio-signature", ""), _urls(request, office)

    def fits(one: str) -> bool:
        return any(twilio.verify_signature(one, url, pairs, signature) for url in urls)

    if not any_fits(office, token, "TWILIO_AUTH_TOKEN", fits):
        raise BadSignature("The signature does not fit; check LEADWAKE_TWILIO_AUTH_TOKEN and LEADWAKE_PUBLIC_URL.")
    return dict(pairs), body


def _urls(request: Request, office: Office) -> list[str]:
    """How the vendor may have called us: by the public URL, or as the request itself says."""
    path = request.scope.get("raw_path", b"").decode("latin-1") or request.url.path
    query = request.scope.get("query_string", b"").decode("latin-1")
    tail = f"{path}?{query}" if query else path
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return [base + tail for base in dict.fromkeys([office.settings.links_base, own]) if base]
