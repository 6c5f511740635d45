"""Style, script and icons: read once, named by their content, so that browsers keep them for good."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

router = APIRouter(include_in_schema=False)

_TYPES = {
    "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json", "png": "image/png",
}  # fmt: skip
_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of `static`, plain and packed. digest: of its content."""

    plain: bytes
    packed: bytes
    media_type: str
    digest: str


@cache
def assets() -> dict[str, Asset]:
    """Every file of `static` by its name."""
    found = {}
    for file in files("leadwake.web").joinpath("static").iterdir():
        media_type = _TYPES.get(file.name.rpartition(".")[2])
        if media_type and file.is_file():
            plain = file.read_bytes()
            found[file.name] = Asset(
                plain, gzip.compress(plain, mtime=0), media_type, hashlib.sha256(plain).hexdigest()[:12]
            )
    return found


def url(name: str) -> str:
    """Where the asset is, as it is today."""
    return f"/static/{assets()[name].digest}/{name}"


@router.get("/static/{digest}/{name}")
async def static(request: Request, digest: str, name: str) -> Response:
    """The asset; kept for good when asked for by its content's name."""
    asset = assets().get(name)
    if asset is None:
        raise HTTPException(404)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "Cache-Control": _FOR_GOOD if digest == asset.digest else "no-cache", "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff", **({"Content-Encoding": "gzip"} if packed else {}),
    }  # fmt: skip
    return Response(asset.packed if packed else asset.plain, headers=headers, media_type=asset.media_type)
