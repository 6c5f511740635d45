"""/embed/*.js: the scripts that the team's websites load, and what each website is to load."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from leadwake.web.cross_site import CrossSiteRoute, website_of
from leadwake.web.pages.assets import Asset
from leadwake.workflows import websites

router = APIRouter(include_in_schema=False)
site_router = APIRouter(include_in_schema=False, route_class=CrossSiteRoute)

#: a website's pages have a changed script within minutes, and ask nothing of us on the way from page to page
_BRIEFLY = "public, max-age=300, stale-while-revalidate=86400"


@cache
def scripts() -> dict[str, Asset]:
    """Every script for websites by its name, such as leadwake.js."""
    found = {}
    for file in files("leadwake.web").joinpath("embed").iterdir():
        if file.name.endswith(".js"):
            plain = file.read_bytes()
            digest = hashlib.sha256(plain).hexdigest()[:20]
            found[file.name] = Asset(plain, gzip.compress(plain, mtime=0), "text/javascript; charset=utf-8", digest)
    return found


@router.get("/embed/{name}.js")
async def script(request: Request, name: str) -> Response:
    """The script; any page may load it, and what it asks for is answered to known websites only."""
    asset = scripts().get(f"{name}.js")
    if asset is None:
        raise HTTPException(404)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "Cache-Control": _BRIEFLY, "ETag": f'W/"{asset.digest}"', "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    if asset.digest in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(asset.packed if packed else asset.plain, headers=headers, media_type=asset.media_type)


@site_router.api_route("/embed/site", methods=["GET", "OPTIONS"])
async def site(request: Request) -> Response:
    """What the loader is to load on this website."""
    website = website_of(request)
    await websites.note_seen(request.app.state.office, website)
    return JSONResponse({"parts": website.parts}, headers={"Cache-Control": "private, max-age=60"})
