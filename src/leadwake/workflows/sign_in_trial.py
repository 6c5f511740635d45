"""What can be seen of an identity provider before anybody signs in there."""

from __future__ import annotations

from dataclasses import dataclass

from leadwake.errors import Unavailable
from leadwake.providers.guarded import Reach
from leadwake.providers.oidc import NotProven, Provider, Spec, algorithms


@dataclass(frozen=True, slots=True)
class Trial:
    """ok: it may be signed in there. lines: what was seen, or what to do."""

    ok: bool
    lines: tuple[str, ...]


async def look(spec: Spec, reach: Reach) -> Trial:
    """What the provider says of itself now, and whether its keys can be read."""
    provider = Provider(spec, reach)
    try:
        metadata = await provider.metadata()
        keys = await provider.keys()
    except (Unavailable, NotProven) as error:
        return Trial(False, (str(error),))
    seen = [
        f"It answers as {metadata['issuer']}.",
        f"It signs with {', '.join(algorithms(metadata))}; {len(keys.keys)} of its keys can be read.",
    ]
    proofs = metadata.get("code_challenge_methods_supported")
    if isinstance(proofs, list) and "S256" not in proofs:
        return Trial(False, (*seen, "It does not know PKCE with S256; switch it on there."))
    return Trial(True, (*seen, "Whether it takes our client id and secret shows when you log in with it."))
