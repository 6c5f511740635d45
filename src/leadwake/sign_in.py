"""The settings of signing in: their names, which ways in they open, and what is wrong with a value."""

from __future__ import annotations

import re
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

SECRETS: Final = ("GOOGLE_CLIENT_SECRET", "MICROSOFT_CLIENT_SECRET", "OIDC_CLIENT_SECRET")
NAMES: Final = (
    "SIGN_IN", "SIGN_IN_DOMAIN", "GOOGLE_CLIENT_ID", "MICROSOFT_CLIENT_ID", "MICROSOFT_TENANT", "OIDC_ISSUER",
    "OIDC_CLIENT_ID", "OIDC_NAME", *SECRETS,
)  # fmt: skip

#: Microsoft's endpoints for more tenants than one; any other tenant is the team's own
MANY_TENANTS: Final = frozenset({"common", "organizations", "consumers"})
_TENANT: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
_DOMAIN: Final = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
#: anybody may have an address there
_FREE: Final = frozenset({
    "aol.com", "gmail.com", "gmx.com", "gmx.net", "googlemail.com", "hotmail.com", "icloud.com", "live.com", "mac.com",
    "mail.com", "me.com", "msn.com", "outlook.com", "proton.me", "protonmail.com", "yahoo.com", "ymail.com",
})  # fmt: skip


class Ways(StrEnum):
    """Which ways in are open."""

    ALL = "all"
    PROVIDERS = "providers"
    PASSWORD = "password"  # noqa: S105 - a way in, no password


def domains(text: str) -> tuple[str, ...]:
    """The domains of SIGN_IN_DOMAIN, lower-case."""
    return tuple(text.lower().replace(",", " ").split())


def problem(name: str, value: str) -> str | None:
    """What is wrong with a value that is not blank, for whoever entered it; None when it is fit."""
    match name:
        case "SIGN_IN" if value not in set(Ways):
            return "must be all, providers or password"
        case "MICROSOFT_TENANT" if value not in MANY_TENANTS and not _TENANT.fullmatch(value):
            return "write your directory's tenant id or its domain, or: common"
        case "OIDC_ISSUER" if not _is_issuer(value):
            return "write the provider's issuer, as https://login.example.com"
        case "SIGN_IN_DOMAIN":
            return _domain_problem(value)
    return None


def _domain_problem(value: str) -> str | None:
    for name in domains(value):
        if not _DOMAIN.fullmatch(name):
            return "write domains of yours, as example.com"
        if name in _FREE:
            return f"anybody can have an address at {name}; invite people one by one"
    return None


def _is_issuer(value: str) -> bool:
    """OpenID Connect Discovery 1.0, 3: https, no query, no fragment; without TLS on this machine only."""
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        return False
    is_plain = bool(host) and not (parts.query or parts.fragment or parts.username)
    return is_plain and (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host)))


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
