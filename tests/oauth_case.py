"""What the tests of connecting vendors share: an admin's browser, what is pressed at the vendor, what it has seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from leadwake.storage import grants
from leadwake.storage.grants import Standing
from office_case import LIMIT_S, House

TOKEN_PATHS = {
    "hubspot": "/oauth/v3/token", "gohighlevel": "/oauth/token", "calendly": "/oauth/token",
    "slack": "/api/oauth.v2.access",
}  # fmt: skip


async def press(url: str, what: str = "allow") -> str:
    """Somebody at the vendor's page presses Allow, or deny; where their browser is sent back to."""
    async with httpx.AsyncClient(timeout=LIMIT_S, trust_env=False, verify=False) as there:
        asked = await there.get(url)
        assert asked.status_code == 303, asked.text
        page = await there.get(str(httpx.URL(url).join(asked.headers["location"])))
        assert page.status_code == 200
        mark = parse_qs(urlsplit(asked.headers["location"]).query)["asked"][0]
        link = f"/_{what}?asked={mark}"
        assert link in page.text.replace("&amp;", "&")
        vendor = httpx.URL(url).path.split("/")[1]
        back = await there.get(str(httpx.URL(url).join(f"/{vendor}{link}")))
    return str(back.headers["location"])


async def sent_away(client: httpx.AsyncClient, vendor: str) -> str:
    """The admin presses Connect; the vendor's page."""
    answer = await client.get(f"/setup/vendors/{vendor}/authorize")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def connect(client: httpx.AsyncClient, vendor: str) -> httpx.Response:
    """The whole way, with Allow pressed; the answer to the callback."""
    return await client.get(await press(await sent_away(client, vendor)))


async def order(house: House, vendor: str, **orders: object) -> dict[str, Any]:
    """The stand-in's OAuth behaves like this from now on; what it has seen."""
    answer = await house.sandbox.put(f"/{vendor}/_oauth", json=orders)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def carried(house: House, vendor: str) -> dict[str, int]:
    """Token → how many requests carried it."""
    return (await order(house, vendor))["carried"]  # type: ignore[no-any-return]


async def spent(house: House, vendor: str) -> dict[str, int]:
    """Refresh token → how often it was used."""
    return (await order(house, vendor))["spent"]  # type: ignore[no-any-return]


async def standing(house: House, vendor: str) -> Standing:
    return (await grants.standing(house.office.db))[vendor]


async def time_passes(house: House, vendor: str, seconds: float) -> None:
    """Everything that waits for real time in the vendor's grant is so much nearer."""
    await house.rows(
        "update vendor_grant set expires_at = expires_at - make_interval(secs => %s), "
        "renew_at = renew_at - make_interval(secs => %s), lease_until = lease_until - make_interval(secs => %s), "
        "retry_at = retry_at - make_interval(secs => %s) where vendor = %s",
        seconds, seconds, seconds, seconds, vendor,
    )  # fmt: skip


async def at_the_stand_in(house: House, vendor: str, **more: str) -> None:
    """The vendor is live at the sandbox once it has credentials, as it would be at the vendor; no practice."""
    name, base = vendor.upper(), f"{house.office.settings.sandbox_url}/{vendor}"
    values = {f"{name}_URL": base, f"{name}_CLIENT_ID": "app", f"{name}_CLIENT_SECRET": "secret", **more}
    old = house.office.base_settings
    sources = dict.fromkeys(values, "environment")
    house.office.base_settings = replace(
        old, values={**old.values, **values}, sources={**old.sources, **sources}, sandbox_url=None
    )
    await house.office.refresh()
