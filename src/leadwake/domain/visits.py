"""Pages that somebody looked at, made into visits: one after the other on one website, with no long pause. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

#: who comes back after a longer pause is there for another visit
PAUSE: Final = timedelta(minutes=30)
#: pages of a visit that are kept by name; the others are counted
MOST_PAGES: Final = 50
MAX_PATH_CHARS: Final = 200
_MAX_QUERY_CHARS: Final = 200
_ADDRESS: Final = re.compile(r"[^/\s]*(?:@|%40)[^/\s]*", re.IGNORECASE)

_CAMPAIGN: Final = re.compile(r"utm_[a-z_]{1,20}")


@dataclass(frozen=True, slots=True)
class Beat:
    """What a page's script tells: seconds: in sight since it told last; is_new: it was opened just now."""

    website_id: UUID
    path: str
    at: datetime
    seconds: int
    is_new: bool


#: what a page is about, by the words of its path; English and Spanish
_ABOUT: Final = (
    ("pricing", r"pric(?:e|es|ing)|rates?|cost|fees|quotes?|precios?|tarifas?|cotiza(?:r|cion)"),
    ("listing", r"listings?|propert(?:y|ies)|homes|for-(?:sale|rent)|mls|houses?|condos?|propiedad(?:es)?|casas?"),
    ("contact", r"contact(?:-us)?|book(?:ing)?|schedule|appointments?|tours?|showings?|contacto|citas?|agendar"),
)  # fmt: skip
_PAGES: Final = tuple((kind, re.compile(rf"(?:^|[/_.-])(?:{words})(?=$|[/_.-])")) for kind, words in _ABOUT)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a visit."""

    path: str
    at: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Visit:
    """id: None for one that begins here. views: pages opened, also those no longer among `pages`."""

    id: UUID | None
    website_id: UUID
    started_at: datetime
    last_at: datetime
    seconds: int
    views: int
    pages: Sequence[Page]


def read_path(text: str) -> str | None:
    """
    The path of a page as it may be kept, with what its campaign says of itself (utm_…); None when it is none.

    An e-mail address in it is left out: some websites put their visitors' own there.
    """
    path, _, query = _printable(text).partition("#")[0].partition("?")
    if not path.startswith("/"):
        return None
    campaign = [f"{name}={_plain(value)}" for name, value in _pairs(query) if _CAMPAIGN.fullmatch(name)]
    said = "&".join(campaign)[:_MAX_QUERY_CHARS]
    return _ADDRESS.sub("…", path)[:MAX_PATH_CHARS] + (f"?{said}" if said else "")


def fold(known: Mapping[UUID, Visit], beats: Iterable[Beat]) -> list[Visit]:
    """
    The visits that the beats begin or go on with, oldest first. known: the newest visit of each website.

    A beat of a page that nobody saw opened is a visit, too: the one before may have been lost.
    """
    going_on, done = dict(known), []
    touched: set[UUID] = set()
    for beat in sorted(beats, key=lambda beat: beat.at):
        visit = going_on.get(beat.website_id)
        if visit is None or not visit.started_at - PAUSE <= beat.at <= visit.last_at + PAUSE + _lasted(beat):
            if visit is not None and beat.website_id in touched:
                done.append(visit)
            started_at = beat.at - _lasted(beat)
            visit = Visit(None, beat.website_id, started_at, started_at, 0, 0, ())
        going_on[beat.website_id] = _with(visit, beat)
        touched.add(beat.website_id)
    return sorted([*done, *(going_on[site] for site in touched)], key=lambda visit: visit.started_at)


def news_of(visit: Visit, before: Visit | None, *, is_return: bool) -> list[str]:
    """
    What the kinds of pages say that are new in the visit: "returned_pricing", "looked"; each once, in their order.

    before: the same visit as it was, None for one that begins. is_return: they had been there for another one.
    """
    told = {_said(page, is_return) for page in (before.pages if before else ())}
    return [code for code in dict.fromkeys(_said(page, is_return) for page in visit.pages) if code not in told]


def _said(page: Page, is_return: bool) -> str:
    place = page.path.partition("?")[0].lower()
    kind = next((kind for kind, pattern in _PAGES if pattern.search(place)), "")
    return ("returned" if is_return else "looked") + (f"_{kind}" if kind else "")


def _with(visit: Visit, beat: Beat) -> Visit:
    pages = list(visit.pages)
    place = next((n for n in range(len(pages) - 1, -1, -1) if pages[n].path == beat.path), None)
    is_opened = beat.is_new or place is None
    if not is_opened and place is not None:
        pages[place] = replace(pages[place], seconds=pages[place].seconds + beat.seconds)
    elif len(pages) < MOST_PAGES:
        pages.append(Page(beat.path, beat.at, beat.seconds))
    return replace(
        visit, started_at=min(visit.started_at, beat.at), last_at=max(visit.last_at, beat.at), pages=pages,
        seconds=visit.seconds + beat.seconds, views=visit.views + is_opened,
    )  # fmt: skip


def _plain(value: str) -> str:
    return _ADDRESS.sub("…", _printable(value).replace("&", " "))


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())


def _lasted(beat: Beat) -> timedelta:
    return timedelta(seconds=beat.seconds)


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query[:2_000], max_num_fields=50, errors="replace")
    except ValueError:
        return []
